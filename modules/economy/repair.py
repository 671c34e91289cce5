"""Repair: SCVs give machines and structures at our bases their life back, for a quarter of the price."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

import numpy as np
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.units import IntArray, UnitTable
from cherrypy_bot.core.upc import Command, Upc
from modules.items import TOWNHALLS
from modules.keys import THREATS

LOOK_LOOPS: Final = 11
PRIORITY: Final = 30.0
"""Below the defence by workers, above mining."""
DEFENCES: Final = (U.BUNKER, U.PLANETARYFORTRESS, U.MISSILETURRET)
"""Repaired from the first hit on, and under fire."""
MACHINES: Final = (
    U.SIEGETANK, U.SIEGETANKSIEGED, U.THOR, U.THORAP, U.BATTLECRUISER, U.BANSHEE, U.VIKINGFIGHTER, U.VIKINGASSAULT,
    U.MEDIVAC, U.LIBERATOR, U.LIBERATORAG, U.RAVEN, U.CYCLONE, U.HELLION, U.HELLIONTANK, U.WIDOWMINE,
    U.WIDOWMINEBURROWED,
)  # fmt: skip
NEAR_CELLS: Final = 16.0
"""Only what is this near to a townhall of ours."""
LEAVE_CELLS: Final = 6.0
"""Machines that go farther than this from there are left alone."""
WORKER_CELLS: Final = 22.0
MACHINE_SHARE: Final = 0.7
STRUCTURE_SHARE: Final = 0.5
"""Machines and other structures are repaired below these shares of their life."""
DONE_SHARE: Final = 0.99
LEAST_MINERALS: Final = 50
CREW: Final = {U.BUNKER: 4, U.PLANETARYFORTRESS: 6, U.BATTLECRUISER: 4, U.THOR: 4, U.SIEGETANKSIEGED: 3, U.SIEGETANK: 3}
USUAL_CREW: Final = 2
MOST_SHARE: Final = 0.25
"""Of all workers so many repair at most."""
LEAST_LIFE: Final = 20.0
"""SCVs with less life are spared."""
REPAIRS: Final = (AbilityId.EFFECT_REPAIR.value, AbilityId.EFFECT_REPAIR_SCV.value)


class RepairTask(Task):
    """SCVs that repair one unit or structure; `target` is its tag."""

    def __init__(self, target: int, what: str) -> None:
        super().__init__(f"repair {what}", work=Work.DEFEND, priority=PRIORITY)
        self.target = target


def patients(table: UnitTable, under_attack: bool) -> list[tuple[int, int]]:
    """What is worth a crew, as (row, SCVs), the most urgent first.

    Args:
        table: all units. under_attack: soldiers are at one of our bases; then only defences and machines are repaired.
    """
    halls = np.flatnonzero(table.own & table.of_type(*TOWNHALLS) & ~table.is_flying)
    if not len(halls):
        return []
    share = table.health / np.maximum(table.health_max, 1.0)
    defence, machine = table.of_type(*DEFENCES), table.of_type(*MACHINES)
    hurt = table.own & table.ready & (table.health > 0.0)
    wanted = (defence & (share < DONE_SHARE)) | (machine & (share < MACHINE_SHARE))
    if not under_attack:
        wanted |= table.structure & (share < STRUCTURE_SHARE)
    rows = np.flatnonzero(hurt & wanted)
    if not len(rows):
        return []
    _, away = table.closest_of(rows, halls)
    rows = rows[away <= NEAR_CELLS]
    urgent = np.where(defence[rows], 0.0, np.where(machine[rows], 1.0, 2.0)) + share[rows]
    order = rows[np.argsort(urgent, kind="stable")].tolist()
    return [(row, CREW.get(U(int(table.type_id[row])), USUAL_CREW)) for row in order]


class Repair(Module):
    """Holds a task per patient; posts REPAIR for its SCVs. Does nothing for other races than Terran."""

    name: ClassVar[str] = "repair"
    reads = (THREATS,)
    posts = (Command.REPAIR,)
    deferrable: ClassVar[bool] = True

    def on_step(self, ctx: Context) -> None:
        """Twice a second."""
        if ctx.bot.race != Race.Terran or not ctx.board.timers.every("repair.look", LOOK_LOOPS):
            return
        bot: Any = ctx.bot
        table = ctx.units
        tasks = {t.target: t for t in ctx.board.tasks.running(owner=self.name) if isinstance(t, RepairTask)}
        scvs = np.flatnonzero(table.own & table.ready & table.of_type(U.SCV))
        self._finish(ctx, tasks)
        if bot.minerals >= LEAST_MINERALS:
            threats = ctx.board.get(THREATS)
            left = math.floor(MOST_SHARE * len(scvs)) - sum(len(task.units) for task in tasks.values())
            for row, crew in patients(table, bool(threats)):
                if left <= 0:
                    break
                left -= self._staff(ctx, tasks, row, min(crew, left), scvs)
        self._order(ctx, tasks)

    def _finish(self, ctx: Context, tasks: dict[int, RepairTask]) -> None:
        """End the tasks whose patient is whole, gone, or that lost their SCVs."""
        table = ctx.units
        halls = np.flatnonzero(table.own & table.of_type(*TOWNHALLS))
        for target, task in list(tasks.items()):
            row = table.row(target)
            if row < 0:
                task.set(TaskStatus.FAILURE, "it is gone")
            elif (table.distances(np.array([row]), halls) > NEAR_CELLS + LEAVE_CELLS).all():
                task.set(TaskStatus.CANCELLED, "it went away")
            elif table.health[row] >= DONE_SHARE * table.health_max[row]:
                task.set(TaskStatus.SUCCESS, "it is whole")
            elif not task.units:
                task.set(TaskStatus.FAILURE, "no SCV is left")
            else:
                continue
            del tasks[target]

    def _staff(self, ctx: Context, tasks: dict[int, RepairTask], row: int, crew: int, scvs: IntArray) -> int:
        """Bring a patient's crew to its number; how many were added."""
        table = ctx.units
        target = int(table.tag[row])
        task = tasks.get(target)
        missing = crew - (len(task.units) if task is not None else 0)
        if missing <= 0:
            return 0
        fit = scvs[(table.health[scvs] >= LEAST_LIFE) & (scvs != row)]
        held = {tag for other in tasks.values() for tag in other.units}
        away = np.hypot(table.x[fit] - table.x[row], table.y[fit] - table.y[row])
        near = fit[np.argsort(away, kind="stable")][: int((away <= WORKER_CELLS).sum())]
        tags = [tag for tag in table.tags(near) if tag not in held]
        free = ctx.board.claims.available(tags, owner=self.name, work=Work.DEFEND, priority=PRIORITY)[:missing]
        if not free:
            return 0
        if task is None:
            task = ctx.board.add_task(RepairTask(target, U(int(table.type_id[row])).name.lower()))
            task.set(TaskStatus.ONGOING)
            tasks[target] = task
        return len(ctx.board.claim(task, free))

    def _order(self, ctx: Context, tasks: dict[int, RepairTask]) -> None:
        """Send those who are not at it."""
        table = ctx.units
        for task in tasks.values():
            rows = table.rows(task.units)
            at_it = np.isin(table.order_ability[rows], REPAIRS) & (table.order_target[rows] == task.target)
            for tag in table.tags(rows[~at_it]):
                ctx.board.post(
                    Upc.order(Command.REPAIR, units=(tag,), target=task.target, priority=PRIORITY, note=task.name)
                )
