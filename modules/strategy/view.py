"""What we know at a moment of a match, as a `StateView`: from the observation, the memory and the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.module import Context
from cherrypy_bot.learn import vocabulary
from cherrypy_bot.learn.view import (
    FORECAST_LOOPS,
    GRIDS,
    EnemySeen,
    FloatArray,
    MapFacts,
    StateView,
    fill_grid,
    grid_cells,
)
from modules.items import ADDONS, Catalogue, Item
from modules.keys import ENEMY_START, SCHEDULE

_RACES: Final = {Race.Terran: "terran", Race.Protoss: "protoss", Race.Zerg: "zerg"}
_EGGS: Final = frozenset(
    {
        U.EGG, U.BANELINGCOCOON, U.RAVAGERCOCOON, U.BROODLORDCOCOON, U.OVERLORDCOCOON, U.TRANSPORTOVERLORDCOCOON,
        U.LURKERMPEGG,
    }
)  # fmt: skip
_FIGHTS: Final = vocabulary.KINDS[vocabulary.ARMY]
_STANDS: Final = ~(_FIGHTS | vocabulary.KINDS[vocabulary.SUPPORT] | vocabulary.KINDS[vocabulary.WORKER])
_UNKNOWN_TIME: Final = 400


class Viewer:
    """Makes the views of one match; keeps what does not change in it."""

    def __init__(self, ctx: Context, race: str) -> None:
        self._race = race
        self._catalogue = Catalogue.from_bot(ctx.bot)

    def view(self, ctx: Context, build: str | None, build_loops: int | None) -> StateView:
        """The situation in this step.

        Args:
            build: that is being played, None for none; build_loops: for how long.
        """
        table, bot = ctx.units, ctx.bot
        own = table.own & table.ready & ~table.of_type(*_EGGS)
        kinds, numbers = np.unique(table.type_id[own], return_counts=True)
        finished = dict(zip(kinds.tolist(), numbers.tolist(), strict=True))
        coming = list(self._coming(ctx))
        pending: Counter[int] = Counter()
        for item, amount, _ in coming:
            if isinstance(item, U):
                pending[item.value] += amount
        enemy_start = _enemy_start(ctx)
        townhall = vocabulary.KINDS[vocabulary.TOWNHALL]
        return StateView(
            loop=ctx.loop,
            race=self._race,
            enemy_race=_enemy_race(ctx),
            own=finished,
            pending=pending,
            enemy=_enemy(ctx),
            minerals=float(bot.minerals),
            vespene=float(bot.vespene),
            supply_used=float(bot.supply_used),
            supply_cap=float(bot.supply_cap),
            supply_army=float(bot.supply_army),
            supply_workers=float(bot.supply_workers),
            bases=_number(table.type_id[table.own], townhall),
            enemy_bases=_number(ctx.memory.type_id, townhall),
            upgrades=frozenset(upgrade.value for upgrade in bot.state.upgrades),
            upgrades_pending=frozenset(item.value for item, _, _ in coming if not isinstance(item, U)),
            build=build,
            build_loops=build_loops,
            forecast=self._forecast(ctx, finished, coming),
            grids=_grids(ctx, enemy_start) if enemy_start is not None else None,
            map=_map(ctx, enemy_start),
        )

    def _coming(self, ctx: Context) -> Iterable[tuple[Item, int, float]]:
        """(item, how many, ready in loops) of everything that is paid for."""
        table = ctx.units
        unfinished = table.own & ~table.ready
        for row in np.flatnonzero(unfinished).tolist():
            kind = _unit_type(int(table.type_id[row]))
            if kind is not None:
                yield kind, 1, self._time(kind) * (1.0 - float(table.build_progress[row]))
        makers = table.own & table.ready & (table.structure | table.of_type(*_EGGS))
        for row in np.flatnonzero(makers).tolist():
            for order in table.protos[row].orders:
                item = self._catalogue.made_by_ability(order.ability_id)
                # Add-ons stand beside their maker, unfinished.
                if item is not None and item not in ADDONS:
                    amount = self._catalogue[item].amount
                    yield item, amount, self._time(item) * (1.0 - float(order.progress))

    def _time(self, item: Item) -> float:
        facts = self._catalogue.get(item)
        return float(facts.time_loops) if facts is not None else _UNKNOWN_TIME

    def _forecast(
        self, ctx: Context, finished: dict[int, int], coming: list[tuple[Item, int, float]]
    ) -> tuple[dict[int, float], ...]:
        """Our counts some time ahead: what is there, what is coming and what the plan begins in time."""
        later = [(item.value, amount, left) for item, amount, left in coming if isinstance(item, U)]
        for upc_id, due in ctx.board.get(SCHEDULE).items():
            upc = ctx.board.upc(upc_id)
            item = upc.what if upc is not None else None
            if isinstance(item, U) and item in self._catalogue:
                begins = max(0, due.loop - ctx.loop)
                later.append((item.value, self._catalogue[item].amount, begins + self._time(item)))
        found = []
        for horizon in FORECAST_LOOPS:
            counts: dict[int, float] = dict(finished)
            for type_id, amount, left in later:
                if left <= horizon:
                    counts[type_id] = counts.get(type_id, 0) + amount
            found.append(counts)
        return tuple(found)


def _unit_type(type_id: int) -> U | None:
    try:
        return U(type_id)
    except ValueError:
        return None


def _number(type_ids: npt.NDArray[np.int64], kind: npt.NDArray[np.bool_]) -> int:
    return int(vocabulary.counts(type_ids)[kind].sum())


def _enemy(ctx: Context) -> dict[int, EnemySeen]:
    memory = ctx.memory
    found: dict[int, EnemySeen] = {}
    kinds, place, numbers = np.unique(memory.type_id, return_inverse=True, return_counts=True)
    if not len(kinds):
        return found
    last = np.zeros(len(kinds), np.int64)
    np.maximum.at(last, place, memory.seen_loop)
    for kind, number, seen in zip(kinds.tolist(), numbers.tolist(), last.tolist(), strict=True):
        found[kind] = EnemySeen(number, max(0, ctx.loop - seen))
    return found


def _enemy_race(ctx: Context) -> str | None:
    """As announced; of a random enemy, as seen."""
    known = _RACES.get(ctx.bot.enemy_race)
    if known is not None:
        return known
    columns = vocabulary.columns(ctx.memory.type_id)
    columns = columns[columns >= 0]
    return vocabulary.TYPES[int(columns[0])].race if len(columns) else None


def _enemy_start(ctx: Context) -> Point2 | None:
    known: Point2 | None = ctx.board.get(ENEMY_START)
    if known is not None:
        return known
    starts = ctx.bot.enemy_start_locations
    return starts[0] if len(starts) == 1 else None


def _map(ctx: Context, enemy_start: Point2 | None) -> MapFacts:
    area = ctx.bot.game_info.playable_area
    return MapFacts(
        width=float(area.width),
        height=float(area.height),
        rush_cells=float(ctx.bot.start_location.distance_to(enemy_start)) if enemy_start is not None else None,
        bases=len(ctx.bot.expansion_locations_list),
    )


def _grids(ctx: Context, enemy_start: Point2) -> FloatArray | None:
    home = ctx.bot.start_location
    if home.distance_to(enemy_start) < 1.0:
        return None
    table, memory = ctx.units, ctx.memory
    own = table.own & table.ready
    sides: tuple[tuple[Any, Any, Any], ...] = (
        (table.type_id[own], table.x[own], table.y[own]),
        (memory.type_id, memory.x, memory.y),
    )
    out = np.zeros((len(GRIDS), 8, 8), np.float32)
    for side, (type_ids, x, y) in enumerate(sides):
        columns = vocabulary.columns(type_ids)
        cells = grid_cells(x, y, (home[0], home[1]), (enemy_start[0], enemy_start[1]))
        for layer, kind in ((0, _FIGHTS), (2, _STANDS)):
            chosen = (columns >= 0) & kind[columns]
            out[layer + side] = fill_grid(cells[chosen], vocabulary.PRICE[columns[chosen]])
    return out
