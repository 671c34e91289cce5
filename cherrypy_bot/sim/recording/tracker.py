"""Watches a game and writes down what the game itself tracks: births, deaths, changes, upgrades, statistics.

    recorder = TrackerRecorder(game)      # at loop 0
    game.watcher = recorder
    game.step(5000)
    events = recorder.finish(game)

It compares the unit rows with those of the last look; between two looks Python changes nothing that it does not see.
The unit's row is the index of its tag, as the API's tags have it. Where a row is given to a new unit in the loop in
which its old one ended, the end is written first, else births come first, as the game has it for eggs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from cherrypy_bot.formats.tracker import (
    BORN,
    DIED,
    DONE,
    INIT,
    OWNER_CHANGE,
    POSITIONS,
    SETUP,
    STATS_EVENT,
    TYPE_CHANGE,
    UPGRADE,
    TrackerEvent,
)
from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.recording.statistics import Ledger, statistics
from cherrypy_bot.sim.state import NONE, PLAYERS
from cherrypy_bot.sim.world import ProductionItem, World

STATISTICS_PERIOD: Final = 160
POSITIONS_PERIOD: Final = 240
INCOME_PERIOD: Final = 80
MOST_POSITIONS: Final = 255
"""Units in one positions event, as in the game."""
HURT_LOOPS: Final = 48
"""A unit that dies of nobody known so soon after it was hurt was killed by its enemy."""
_HUMAN, _COMPUTER = 1, 2
_FIELDS: Final = 10


class _Known(NamedTuple):
    """Unit rows as of the last look; arrays of the same length."""

    alive: st.U1
    recycle: st.I4
    type_id: st.I4
    owner: st.I4
    unfinished: np.ndarray[Any, np.dtype[np.bool_]]


class _Making(NamedTuple):
    """Something that a row has just finished to make."""

    row: int
    recycle: int
    item: ProductionItem


class TrackerRecorder:
    """A `game.Watcher` that keeps tracker events. `humans`: which players are no computers."""

    def __init__(self, game: Game, humans: tuple[bool, bool] = (True, True)) -> None:
        self.events: list[TrackerEvent] = []
        self._ledger = Ledger()
        self._killers: dict[tuple[int, int], tuple[int | None, int, int, int]] = {}
        self._making: list[_Making] = []
        self._upgrades: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
        self._production: dict[int, tuple[ProductionItem, ...]] = {}
        self._sampled: dict[int, int] = {}
        self._looked = 0
        self.seat_humans(humans)
        self._known = _Known(
            np.zeros(0, np.uint8),
            np.zeros(0, np.int32),
            np.zeros(0, np.int32),
            np.zeros(0, np.int32),
            np.zeros(0, bool),
        )
        self._compare(game.world)
        self._first_statistics = True

    def seat_humans(self, humans: tuple[bool, bool]) -> None:
        """Say, or say anew, which players are no computers."""
        self.events = [event for event in self.events if event.kind != SETUP]
        for player in reversed(range(PLAYERS)):
            user = sum(humans[:player]) if humans[player] else None
            fields = [player + 1, _HUMAN if humans[player] else _COMPUTER, user, player]
            self.events.insert(0, TrackerEvent(0, SETUP, [*fields, *[None] * (_FIELDS - len(fields))]))

    def clone(self) -> TrackerRecorder:
        """An independent copy that goes on with a clone of the game."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.events, twin._ledger = list(self.events), self._ledger.clone()
        twin._killers, twin._making = dict(self._killers), list(self._making)
        twin._production, twin._sampled = dict(self._production), dict(self._sampled)
        return twin

    # -- what the game calls ---------------------------------------------------------------------------
    def settled(self, game: Game, events: Sequence[tuple[int, int, int]]) -> None:
        """Write down what has changed since the last look, and samples that are due."""
        w = game.world
        self._making = [_Making(row, int(self._recycle(row)), item) for row, item in self._finished(events)]
        self._compare(w)
        self._production = dict(w.production)
        loop = w.loop
        if loop > self._looked:
            self._looked = loop
            self._samples(w, loop)

    def died(self, game: Game, row: int, killer: int, lost: bool) -> None:
        """Keep who did it; the death itself is seen at the next look."""
        w, u = game.world, game.world.units
        key = (row, int(u.recycle[row]))
        if self._recycle(row) != key[1] or not self._known.alive[row]:
            self._compare(w)  # born since the last look
        by, index, recycle = None, NONE, 0
        owner = int(u.owner[row])
        if killer != NONE:
            by, index, recycle = int(u.owner[killer]), killer, int(u.recycle[killer])
        elif lost and owner < PLAYERS and u.hp[row] <= 0 and w.loop - int(u.last_hurt_loop[row]) <= HURT_LOOPS:
            by = 1 - owner
        if lost:
            self._ledger.count_death(w, row, by)
        player = by + 1 if by is not None and by < PLAYERS else None
        self._killers[key] = (player, index, recycle, w.loop)

    def finish(self, game: Game) -> list[TrackerEvent]:
        """All events up to now, with a last sample of both players; the recorder may go on."""
        self._compare(game.world)
        events = list(self.events)
        if self._first_statistics:
            for player in range(PLAYERS):
                events.append(self._statistics(game.world, player, 1))
        for player in range(PLAYERS):
            if game.loop > 1 and self._sampled.get(player) != game.loop:
                events.append(self._statistics(game.world, player, game.loop))
        return sorted(events, key=lambda event: event.loop)

    def type_before(self, w: World, tag: int) -> str | None:
        """What type a unit had at the last look; None where there was no such unit."""
        row, recycle = st.row_of_tag(tag)
        if row >= len(self._known.alive) or not self._known.alive[row] or self._known.recycle[row] != recycle:
            return None
        return w.rules.units[int(self._known.type_id[row])].name

    # -- looking ---------------------------------------------------------------------------------------
    def _compare(self, w: World) -> None:
        u, n = w.units, int(w.clock.rows[0])
        old, size = self._known, len(self._known.alive)
        alive = (u.alive[:n] == 1).astype(np.uint8)
        unfinished = u.build_left[:n] > 0
        if size < n:
            old = _Known(*(np.concatenate([part, np.zeros(n - size, part.dtype)]) for part in old))
        other = (u.recycle[:n] != old.recycle) & (alive > 0)
        gone = (old.alive > 0) & ((alive == 0) | other)
        born = (alive > 0) & ((old.alive == 0) | other)
        stays = (alive > 0) & (old.alive > 0) & ~other
        retyped = stays & (u.type_id[:n] != old.type_id)
        owned = stays & (u.owner[:n] != old.owner)
        done = stays & old.unfinished & ~unfinished
        if gone.any() or born.any() or retyped.any() or owned.any() or done.any():
            self._known = _Known(alive, u.recycle[:n].copy(), u.type_id[:n].copy(), u.owner[:n].copy(), unfinished)
            reused = gone & born
            for row in np.flatnonzero(reused).tolist():
                self._write_death(w, row, old)
            for row in np.flatnonzero(born).tolist():
                self._write_birth(w, row)
            for row in np.flatnonzero(retyped).tolist():
                self._add(w.loop, TYPE_CHANGE, row, int(u.recycle[row]), self._name(w, row))
            for row in np.flatnonzero(done).tolist():
                self._add(w.loop, DONE, row, int(u.recycle[row]))
            for row in np.flatnonzero(owned).tolist():
                player = self._player(int(u.owner[row]))
                self._add(w.loop, OWNER_CHANGE, row, int(u.recycle[row]), player, player)
            for row in np.flatnonzero(gone & ~reused).tolist():
                self._write_death(w, row, old)
            self._killers.clear()
        elif size < n:
            self._known = old
        if w.upgrades != self._upgrades:
            for player in range(PLAYERS):
                for upgrade in sorted(w.upgrades[player] - self._upgrades[player]):
                    self._add(w.loop, UPGRADE, player + 1, w.rules.upgrades[upgrade].name, 1)
            self._upgrades = w.upgrades

    def _write_birth(self, w: World, row: int) -> None:
        u = w.units
        player = self._player(int(u.owner[row]))
        kind = INIT if u.build_left[row] > 0 else BORN
        fields = [row, int(u.recycle[row]), self._name(w, row), player, player, int(u.x[row]), int(u.y[row])]
        if kind == BORN:
            fields += self._maker(w, row)
        self._add(int(u.created_loop[row]), kind, *fields)

    def _maker(self, w: World, row: int) -> list[Any]:
        """Creator's tag and its ability: the structure or egg that has just made one of this type."""
        u = w.units
        if w.loop == 0:
            return [None, None, None]
        for place, making in enumerate(self._making):
            item = making.item
            if item.product == u.type_id[row] and item.count > 0:
                self._making[place] = making._replace(item=item._replace(count=item.count - 1))
                return [making.row, making.recycle, w.rules.abilities[item.ability].link_name]
        home = int(u.addon[row])
        if w.rules.units[int(u.type_id[row])].name == "Larva" and home != NONE:
            return [home, int(u.recycle[home]), ""]
        return [None, None, None]

    def _write_death(self, w: World, row: int, before: _Known) -> None:
        recycle = int(before.recycle[row])
        by, index, killer_recycle, loop = self._killers.get((row, recycle), (None, NONE, 0, w.loop))
        if w.rules.units[int(before.type_id[row])].name == "Egg" and by is None:
            self._add(loop, TYPE_CHANGE, row, recycle, "Larva")
        u = w.units
        x, y = (int(u.x[row]), int(u.y[row])) if u.recycle[row] == recycle else self._last_place(row, recycle)
        unit = (index, killer_recycle) if index != NONE else (None, None)
        self._add(loop, DIED, row, recycle, by, x, y, *unit)

    def _last_place(self, row: int, recycle: int) -> tuple[int, int]:
        """Where a unit was born whose row another has taken already."""
        for event in reversed(self.events):
            if event.kind in (BORN, INIT) and event.fields[0] == row and event.fields[1] == recycle:
                return event.fields[5], event.fields[6]
        return 0, 0

    # -- samples ---------------------------------------------------------------------------------------
    def _samples(self, w: World, loop: int) -> None:
        if self._first_statistics:
            self._first_statistics = False
            for player in range(PLAYERS):
                self.events.append(self._statistics(w, player, 1))
        if loop % INCOME_PERIOD:
            return
        if loop % STATISTICS_PERIOD == 0:
            for player in range(PLAYERS):
                if self._sampled.get(player) != loop:
                    self.events.append(self._statistics(w, player, loop))
                    self._sampled[player] = loop
        self._ledger.note_income(w)
        if loop % POSITIONS_PERIOD == 0:
            self._positions(w, loop)

    def _statistics(self, w: World, player: int, loop: int) -> TrackerEvent:
        values = statistics(w, self._ledger, player)
        return TrackerEvent(loop, STATS_EVENT, [player + 1, values, *[None] * (_FIELDS - 2)])

    def _positions(self, w: World, loop: int) -> None:
        """Where units are that were hurt, or hurt others, since the last positions."""
        u, n = w.units, int(w.clock.rows[0])
        mobile = (u.alive[:n] == 1) & (u.owner[:n] < PLAYERS) & (u.hidden[:n] == 0) & (u.immobile[:n] == 0)
        fought = (u.last_hurt_loop[:n] > loop - POSITIONS_PERIOD) | (u.cooldown[:n] > 0) | (u.windup[:n] >= 0)
        rows = np.flatnonzero(mobile & fought)[:MOST_POSITIONS].tolist()
        if not rows:
            return
        items: list[int] = []
        last = rows[0]
        for row in rows:
            items += [row - last, int(u.x[row]), int(u.y[row])]
            last = row
        self._add(loop, POSITIONS, rows[0], items)

    # -- small things ----------------------------------------------------------------------------------
    def _finished(self, events: Sequence[tuple[int, int, int]]) -> list[tuple[int, ProductionItem]]:
        """What rows were making whose work the kernels report as done."""
        rows = [row for kind, row, _ in events if kind == st.EV_WORK_DONE]
        return [(row, item) for row in dict.fromkeys(rows) for item in self._production.get(row, ()) if item.product]

    def _recycle(self, row: int) -> int:
        return int(self._known.recycle[row]) if row < len(self._known.recycle) else 0

    @staticmethod
    def _player(owner: int) -> int:
        return owner + 1 if owner < PLAYERS else 0

    @staticmethod
    def _name(w: World, row: int) -> str:
        return w.rules.units[int(w.units.type_id[row])].name

    def _add(self, loop: int, kind: int, *fields: Any) -> None:
        self.events.append(TrackerEvent(loop, kind, [*fields, *[None] * (_FIELDS - len(fields))]))
