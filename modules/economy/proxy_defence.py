"""Sends workers against what is being built at our place, and against those who build it."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.module import Context
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import IntArray
from cherrypy_bot.core.upc import Upc
from modules.economy.defence import choose
from modules.economy.proxies import WATCHED, Site, breakers
from modules.items import WORKERS
from modules.keys import OWN_BASES, THREATS
from modules.power import power_of

LOOK_LOOPS: Final = 8
UNTIL_LOOP: Final = round(22.4 * 360)
"""Later on there is an army for it; a Nydus Network's exit is met at any time."""
PLACE_CELLS: Final = 32.0
"""What the enemy builds this near to a townhall of ours, and nearer to our start than to theirs, is at our place."""
BUILDER_CELLS: Final = 7.0
SOLDIERS_POWER: Final = 120.0
"""With soldiers worth more than these beside it workers do not go there."""
HURT_BELOW: Final = 11.0
ATTACK_ORDERS: Final = (AbilityId.ATTACK.value, AbilityId.ATTACK_ATTACK.value)
DEFAULT_BUILD_LOOPS: Final = 640.0


class BreakTask(Task):
    """Workers that break one structure or chase one builder; `target` is its tag."""

    def __init__(self, target: int, what: str) -> None:
        super().__init__(f"break {what}", work=Work.DEFEND, priority=55.0)
        self.target = target


class ProxyDefence:
    """Holds one task per structure or builder that is worth it."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._look_loop = -LOOK_LOOPS

    def step(self, ctx: Context, workers: IntArray) -> set[int]:
        """Decide and order.

        Args:
            workers: rows of ours.

        Returns:
            Tags of all workers that are at it now.
        """
        tasks = {
            task.target: task for task in ctx.board.tasks.running(owner=self._owner) if isinstance(task, BreakTask)
        }
        if ctx.loop >= self._look_loop + LOOK_LOOPS:
            self._look_loop = ctx.loop
            wanted = self._wanted(ctx, workers)
            for target, task in tasks.items():
                if target not in wanted:
                    task.set(TaskStatus.SUCCESS, "done, or not worth it any more")
            for target, number in wanted.items():
                self._muster(ctx, tasks, target, number, workers)
        running = [t for t in ctx.board.tasks.running(owner=self._owner) if isinstance(t, BreakTask)]
        for task in running:
            self._fight(ctx, task)
        return {tag for task in running for tag in task.units}

    def _wanted(self, ctx: Context, workers: IntArray) -> dict[int, int]:
        """Number of workers by tag of the target."""
        table = ctx.units
        mask = table.enemy & table.visible & table.of_type(*WATCHED)
        if ctx.loop > UNTIL_LOOP:
            mask &= table.of_type(U.NYDUSCANAL)
        rows = np.flatnonzero(mask)
        bases: tuple[Point2, ...] = ctx.board.get(OWN_BASES)
        if not len(rows) or not bases or not len(workers):
            return {}
        bot: Any = ctx.bot
        rows = np.array([row for row in rows.tolist() if self._at_our_place(ctx, row, bases)], np.int64)
        rows = np.array([row for row in rows.tolist() if not self._guarded(ctx, row)], np.int64)
        if not len(rows):
            return {}
        sites = []
        for row in rows.tolist():
            x, y = float(table.x[row]), float(table.y[row])
            data = bot.game_data.units.get(int(table.type_id[row]))
            loops = float(getattr(getattr(data, "_proto", None), "build_time", 0.0) or DEFAULT_BUILD_LOOPS)
            away = table.distance_to(x, y, workers)
            near = float(np.sort(away)[: min(len(away), 5)].mean())
            sites.append(
                Site(
                    tag=int(table.tag[row]),
                    kind=U(int(table.type_id[row])),
                    x=x,
                    y=y,
                    life=float(table.health[row] + table.shield[row]),
                    life_max=float(table.health_max[row] + table.shield_max[row]),
                    progress=float(table.build_progress[row]),
                    build_loops=loops,
                    way_cells=near,
                )
            )
        wanted = breakers(sites, len(workers))
        if wanted:
            builders = np.flatnonzero(table.enemy & table.visible & is_any_of(table.type_id, _WORKER_IDS))
            chosen = [site for site in sites if site.tag in wanted]
            for row in builders.tolist():
                near_site = any(
                    math.hypot(table.x[row] - site.x, table.y[row] - site.y) <= BUILDER_CELLS for site in chosen
                )
                if near_site and len(wanted) < len(workers) // 3:
                    wanted[int(table.tag[row])] = 1
        return wanted

    def _at_our_place(self, ctx: Context, row: int, bases: tuple[Point2, ...]) -> bool:
        table = ctx.units
        place = Point2((float(table.x[row]), float(table.y[row])))
        if min(place.distance_to(base) for base in bases) > PLACE_CELLS:
            return False
        home = place.distance_to(ctx.bot.start_location)
        return all(home < place.distance_to(start) for start in ctx.bot.enemy_start_locations)

    def _guarded(self, ctx: Context, row: int) -> bool:
        """Whether soldiers stand by that would kill the workers."""
        table = ctx.units
        for threat in ctx.board.get(THREATS):
            if threat.center.distance_to((float(table.x[row]), float(table.y[row]))) > PLACE_CELLS:
                continue
            known = table.rows(threat.tags)
            soldiers = known[~table.structure[known] & ~is_any_of(table.type_id[known], _WORKER_IDS)]
            if power_of(ctx, soldiers) > SOLDIERS_POWER:
                return True
        return False

    def _muster(self, ctx: Context, tasks: dict[int, BreakTask], target: int, number: int, workers: IntArray) -> None:
        """Bring the number of workers at a target to what is needed; those there stay while the task runs."""
        table = ctx.units
        row = table.row(target)
        if row < 0:
            return
        task = tasks.get(target)
        if task is None or task.finished:
            task = ctx.board.add_task(BreakTask(target, U(int(table.type_id[row])).name.lower()))
            task.set(TaskStatus.ONGOING)
            tasks[target] = task
            ctx.log.info(f"{number} workers break {task.name.removeprefix('break ')} at our place")
        missing = number - len(task.units)
        if missing <= 0:
            return
        busy = {tag for other in tasks.values() if not other.finished for tag in other.units}
        free = ctx.board.claims.available(
            sorted(set(table.tags(workers)) - busy), owner=self._owner, work=Work.DEFEND, priority=task.priority
        )
        life = table.health + table.shield
        candidates = [
            (int(table.tag[r]), float(table.x[r]), float(table.y[r]), float(life[r])) for r in table.rows(free).tolist()
        ]
        place = (float(table.x[row]), float(table.y[row]))
        ctx.board.claim(task, sorted(choose(candidates, place, missing, HURT_BELOW)))

    def _fight(self, ctx: Context, task: BreakTask) -> None:
        table = ctx.units
        for row in table.rows(task.units).tolist():
            if int(table.order_target[row]) == task.target and int(table.order_ability[row]) in ATTACK_ORDERS:
                continue
            ctx.board.post(
                Upc.attack(units=(int(table.tag[row]),), target=task.target, priority=task.priority, note=task.name)
            )


_WORKER_IDS = [kind.value for kind in WORKERS]
