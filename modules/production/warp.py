"""Warp gates: which are ready, where their units come to life, and whether they did.

The game shows no cooldown of a warp gate, so `WarpGates` remembers what it ordered. Units come at the pylon nearest to
the fight while the army attacks (a proxy pylon, if there is one), otherwise at one near a Nexus or a gate, where the
warp-in takes 4 s instead of 16.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2

from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.module import Context
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.upc import Upc
from modules.items import TOWNHALLS, Item
from modules.keys import ATTACK, ATTACK_TARGET, RALLY, STANCE

COOLDOWN_LOOPS: Final = {
    U.ZEALOT: 448,
    U.STALKER: 512,
    U.SENTRY: 512,
    U.ADEPT: 448,
    U.HIGHTEMPLAR: 720,
    U.DARKTEMPLAR: 720,
}
"""Recharge of a gate by what it warped in (patch 5.0.14)."""
REFUSED_LOOPS: Final = 112
SHOWN_WITHIN_LOOPS: Final = 24
POWER_CELLS: Final = 6.0
FAST_CELLS: Final = 6.5
"""A pylon so near to a Nexus or gate warps in fast."""
FORWARD_SHARE: Final = 0.55
"""A pylon this much nearer to the target than our start is a forward one."""
ROOM_CELLS: Final = 1.0
BAD_SPOT_LOOPS: Final = 22 * 8
SAME_SPOT_CELLS: Final = 1.5
_GATEWAY_LIKE: Final = (U.GATEWAY, U.WARPGATE)


class WarpTask(Task):
    """A unit was ordered at a warp gate; over as soon as it is seen coming to life.

    Attributes:
        item: what. gate: tag. spot: where. since_loop: when it was ordered.
    """

    def __init__(self, item: Item, gate: int, spot: Point2, *, upc_id: int, since_loop: int) -> None:
        super().__init__(f"warp in {item.name.lower()}", upc_id=upc_id, work=Work.BUILD)
        self.item = item
        self.gate = gate
        self.spot = spot
        self.since_loop = since_loop


class WarpGates:
    """Memory of cooldowns and refused spots, over a whole match."""

    def __init__(self) -> None:
        self.ready_loop: dict[int, int] = {}
        self._bad: list[tuple[Point2, int]] = []
        self._taken: list[Point2] = []

    def new_step(self, ctx: Context) -> frozenset[int]:
        """Begin a step; tags of gates that still recharge."""
        self._taken = []
        self._bad = [(spot, until) for spot, until in self._bad if until > ctx.loop]
        self.ready_loop = {tag: until for tag, until in self.ready_loop.items() if until > ctx.loop}
        return frozenset(self.ready_loop)

    def ordered(self, tag: int, item: Item, loop: int) -> None:
        """A gate was told to warp something in."""
        self.ready_loop[tag] = loop + (COOLDOWN_LOOPS.get(item, 720) if isinstance(item, U) else 720)

    def watch(self, ctx: Context, task: WarpTask) -> None:
        """End a task when its unit appears, or does not in time."""
        table = ctx.units
        if isinstance(task.item, U):
            coming = np.flatnonzero(table.own & ~table.ready & table.of_type(task.item))
            away = table.distance_to(task.spot[0], task.spot[1], coming)
            if len(coming) and float(away.min()) < SAME_SPOT_CELLS:
                task.set(TaskStatus.SUCCESS, "warps in")
                return
        if ctx.loop - task.since_loop > SHOWN_WITHIN_LOOPS:
            self.ready_loop[task.gate] = ctx.loop + REFUSED_LOOPS
            self._bad.append((task.spot, ctx.loop + BAD_SPOT_LOOPS))
            task.set(TaskStatus.FAILURE, "the game did not take the order")

    def spot(self, ctx: Context) -> Point2 | None:
        """Where the next unit can be warped in; None when there is no room with power."""
        table = ctx.units
        pylons = np.flatnonzero(table.own & table.ready & table.of_type(U.PYLON))
        if not len(pylons):
            return None
        for row in self._ranked(ctx, pylons):
            spot = self._free_near(ctx, float(table.x[row]), float(table.y[row]))
            if spot is not None:
                self._taken.append(spot)
                return spot
        return None

    def _ranked(self, ctx: Context, pylons: np.ndarray) -> list[int]:  # type: ignore[type-arg]
        table = ctx.units
        rally = ctx.board.get(RALLY) or ctx.bot.start_location
        target = ctx.board.get(ATTACK_TARGET)
        to_rally = table.distance_to(rally[0], rally[1], pylons)
        sources = np.flatnonzero(table.own & table.ready & table.of_type(*TOWNHALLS, *_GATEWAY_LIKE))
        slow = np.ones(len(pylons))
        if len(sources):
            _, gap = table.closest_of(pylons, sources)
            slow = (gap > FAST_CELLS).astype(np.float64)
        cost = to_rally + 60.0 * slow
        if target is not None and ctx.board.get(STANCE) == ATTACK:
            to_target = table.distance_to(target[0], target[1], pylons)
            forward = to_target < FORWARD_SHARE * ctx.bot.start_location.distance_to(target)
            cost = np.where(forward, to_target - 1000.0, cost)
        return [int(row) for row in pylons[np.argsort(cost, kind="stable")]]

    def _free_near(self, ctx: Context, x: float, y: float) -> Point2 | None:
        table = ctx.units
        near = table.within(x, y, POWER_CELLS + 4.0, np.flatnonzero(~table.is_flying))
        for dx, dy in _OFFSETS:
            spot = Point2((x + dx, y + dy))
            if any(spot.distance_to(bad) < 1.0 for bad, _ in self._bad):
                continue
            if any(spot.distance_to(taken) < SAME_SPOT_CELLS for taken in self._taken):
                continue
            gap = np.hypot(table.x[near] - spot[0], table.y[near] - spot[1]) - table.radius[near]
            if len(near) and float(gap.min()) < ROOM_CELLS:
                continue
            if ctx.bot.in_map_bounds(spot) and ctx.bot.in_pathing_grid(spot):
                return spot
        return None


_OFFSETS: Final = sorted(
    (
        (float(dx), float(dy))
        for dx in range(-6, 7, 2)
        for dy in range(-6, 7, 2)
        if 2.0 <= (dx * dx + dy * dy) ** 0.5 <= POWER_CELLS
    ),
    key=lambda d: (d[0] * d[0] + d[1] * d[1], d),
)


def turn_gateways(ctx: Context) -> None:
    """Idle gateways become warp gates where the game does not do it by itself."""
    if UpgradeId.WARPGATERESEARCH not in ctx.bot.state.upgrades or not ctx.board.timers.every("production.gates", 45):
        return
    table = ctx.units
    rows = np.flatnonzero(table.own & table.ready & table.of_type(U.GATEWAY) & (table.order_ability == 0))
    for tag in table.tags(rows):
        ctx.board.post(Upc.cast(AbilityId.MORPH_WARPGATE, units=(tag,), note="warp gate"))
