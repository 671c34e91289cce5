"""Sends workers against what is being built at our place, and against those who build it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.claims import Release, Work
from cherrypy_bot.core.module import Context
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import IntArray
from cherrypy_bot.core.upc import Upc
from modules.economy.defence import choose
from modules.economy.proxies import SHOOTERS, WATCHED, Site, breakers
from modules.items import WORKERS
from modules.keys import OWN_BASES, THREATS
from modules.power import power_of

LOOK_LOOPS: Final = 8
UNTIL_LOOP: Final = round(22.4 * 360)
"""Later on there is an army for it; a Nydus Network's exit is met at any time."""
PLACE_CELLS: Final = 28.0
"""What the enemy builds this near to a base of ours or our natural, and nearer to our start than to theirs, is at our
place."""
OTHER_BASE_CELLS: Final = 5.0
BUILDER_CELLS: Final = 7.0
SOLDIERS_POWER: Final = 120.0
"""With soldiers worth more than these beside it workers do not go there."""
HURT_BELOW: Final = 11.0
ATTACK_ORDERS: Final = (AbilityId.ATTACK.value, AbilityId.ATTACK_ATTACK.value)
DEFAULT_BUILD_LOOPS: Final = 640.0
MOST_DEATHS: Final = 5
BURNT_LOOPS: Final = 22 * 60
"""So many workers that died at it within so long are a reason to leave it."""


class BreakTask(Task):
    """Workers that break one structure or chase one builder; `target` is its tag."""

    def __init__(self, target: int, what: str, died: Callable[[], None]) -> None:
        super().__init__(f"break {what}", work=Work.DEFEND, priority=55.0)
        self.target = target
        self._died = died

    def on_unit_lost(self, tag: int, why: Release) -> None:
        """Workers that die there are counted."""
        if why is Release.DIED:
            self._died()


class ProxyDefence:
    """Holds one task per structure or builder that is worth it."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._look_loop = -LOOK_LOOPS
        self._deaths: list[int] = []
        self._loop = 0

    def _note_death(self) -> None:
        self._deaths.append(self._loop)

    def step(self, ctx: Context, workers: IntArray) -> set[int]:
        """Decide and order.

        Args:
            workers: rows of ours.

        Returns:
            Tags of all workers that are at it now.
        """
        self._loop = ctx.loop
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
        self._deaths = [loop for loop in self._deaths if ctx.loop - loop < BURNT_LOOPS]
        if len(self._deaths) >= MOST_DEATHS:
            return {}
        mask = table.enemy & table.visible & table.of_type(*WATCHED)
        if ctx.loop > UNTIL_LOOP:
            mask &= table.of_type(U.NYDUSCANAL)
        rows = np.flatnonzero(mask)
        bases: tuple[Point2, ...] = ctx.board.get(OWN_BASES)
        if not len(rows) or not bases or not len(workers):
            return {}
        places = (*bases, *self._natural(ctx))
        rows = np.array([row for row in rows.tolist() if self._at_our_place(ctx, row, places)], np.int64)
        rows = np.array([row for row in rows.tolist() if not self._guarded(ctx, row)], np.int64)
        if not len(rows):
            return {}
        sites = []
        for row in rows.tolist():
            x, y = float(table.x[row]), float(table.y[row])
            loops = self._build_loops(ctx, int(table.type_id[row]))
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
        wanted = breakers([*sites, *self._guns_out_of_sight(ctx)], len(workers))
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

    def _guns_out_of_sight(self, ctx: Context) -> list[Site]:
        """Shooters that were seen, as they will be by now."""
        memory = ctx.memory
        shooters = is_any_of(memory.type_id, [kind.value for kind in SHOOTERS])
        found = []
        for row in np.flatnonzero(shooters & memory.ghosts).tolist():
            loops = self._build_loops(ctx, int(memory.type_id[row]))
            progress = min(1.0, float(memory.build_progress[row]) + (ctx.loop - int(memory.seen_loop[row])) / loops)
            life = float(memory.health_max[row] + memory.shield_max[row])
            x, y = float(memory.x[row]), float(memory.y[row])
            if progress >= 1.0:
                found.append(Site(int(memory.tag[row]), U(int(memory.type_id[row])), x, y, life, life, 1.0, loops, 0.0))
        return found

    def _build_loops(self, ctx: Context, kind: int) -> float:
        data = ctx.bot.game_data.units.get(kind)
        return float(getattr(getattr(data, "_proto", None), "build_time", 0.0) or DEFAULT_BUILD_LOOPS)

    def _natural(self, ctx: Context) -> tuple[Point2, ...]:
        """The place of our second base, taken or not."""
        start = ctx.bot.start_location
        others = [p for p in ctx.bot.expansion_locations_list if p.distance_to(start) > OTHER_BASE_CELLS]
        return (min(others, key=lambda p: (p.distance_to(start), p)),) if others else ()

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
            task = ctx.board.add_task(BreakTask(target, U(int(table.type_id[row])).name.lower(), self._note_death))
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
