"""What is left to destroy: known structures, then the places where some might be hidden."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sc2.position import Point2

from cherrypy_bot.core.module import Context
from modules.tactics.foes import Foes
from modules.tactics.force import Body, SquadTask
from modules.tactics.squads import Mode

_REACHED_CELLS = 7.0
_EMPTY_CELLS = 13.0
_FORGET_LOOPS = 1800
_PARTIES = 4
_SEEN_NOW = 2
"""Value of the game's visibility grid where we see."""


class Search:
    """Remembers which places were found empty and sends the army on."""

    def __init__(self) -> None:
        self._empty: dict[tuple[float, float], int] = {}
        self._places: list[Point2] = []
        self._spread = False

    def goal(self, ctx: Context, foes: Foes, body: Body, ordered: Point2) -> Point2:
        """The ordered place until it was found empty, then the nearest known structure, then hiding places."""
        self._spread = False
        if len(body) and body.distance(ordered) < _REACHED_CELLS and not _anything(foes, ordered):
            self._empty[ordered[0], ordered[1]] = ctx.loop
        empty_since = self._empty.get((ordered[0], ordered[1]), -_FORGET_LOOPS)
        if ctx.loop - empty_since >= _FORGET_LOOPS or _anything(foes, ordered):
            return ordered
        known = np.flatnonzero(foes.structure)
        if len(known):
            near = known[np.argmin((foes.x[known] - body.x) ** 2 + (foes.y[known] - body.y) ** 2)]
            return Point2((float(foes.x[near]), float(foes.y[near])))
        self._spread = True
        return self._hiding_places(ctx, body)[0]

    def split(self, ctx: Context, task: SquadTask, ordered: bool) -> Iterator[tuple[tuple[int, ...], Point2]]:
        """The squad's units and where they go; several parties while nothing is known of the enemy."""
        if not (self._spread and ordered and task.mode is Mode.ATTACK and task.name == "main"):
            yield task.units, task.goal
            return
        tags = task.units
        parties = min(_PARTIES, len(tags), max(len(self._places), 1))
        for index in range(parties):
            yield tags[index::parties], self._places[index] if self._places else task.goal

    def _hiding_places(self, ctx: Context, body: Body) -> list[Point2]:
        """Expansions not in sight now and not looked at lately, the longest unseen and nearest first."""
        grid = ctx.bot.state.visibility.data_numpy
        now = ctx.loop
        places: list[Point2] = list(ctx.bot.expansion_locations_list)
        for place in places:
            if grid[int(place[1]), int(place[0])] == _SEEN_NOW:
                self._empty[place[0], place[1]] = now
        places.sort(key=lambda p: (self._empty.get((p[0], p[1]), -1) // 400, body.distance(p)))
        # Keep going where the parties are headed until they have seen it.
        kept = [p for p in self._places if grid[int(p[1]), int(p[0])] != _SEEN_NOW]
        self._places = (kept + [p for p in places if p not in kept])[: max(_PARTIES, 1)]
        return self._places or [ctx.bot.game_info.map_center]


def _anything(foes: Foes, place: Point2) -> bool:
    """Whether any enemy is believed to be around a place."""
    return bool(foes.within(place[0], place[1], _EMPTY_CELLS).any())
