"""Energy: spends what townhalls and queens save up. Scans, MULEs, Chrono Boost, larva injects."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.buff_id import BuffId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.claims import Release, Work
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.upc import Command, Upc
from modules.economy.creep import tumour_spot
from modules.economy.scans import SCAN_ENERGY, SCAN_LOOPS, SCAN_RADIUS, keeps_a_scan, scan_place
from modules.items import TOWNHALLS, WORKERS
from modules.keys import ENEMY_SEEN

LOOK_LOOPS: Final = 11
MULE_ENERGY: Final = 50.0
ORBITALS: Final = (U.ORBITALCOMMAND,)
SCAN: Final = AbilityId.SCANNERSWEEP_SCAN
CHRONO_ENERGY: Final = 50.0
INJECT_ENERGY: Final = 25.0
REFUSED_LOOPS: Final = 22 * 12
"""A unit whose energy did not fall after the order tries again after so long."""
SHOWN_LOOPS: Final = 224
"""So long after an order the energy must have fallen: queens have to walk."""
MINERALS_WITHIN_CELLS: Final = 10.0
CHRONO_WORKERS: Final = 44
"""Up to so many workers Chrono Boost goes to townhalls first."""
CHRONO_SUPPLY_LEFT: Final = 4
"""With less supply left a faster Nexus runs into the supply limit before the boost is over."""
RESEARCHERS: Final = (U.CYBERNETICSCORE, U.FORGE, U.TWILIGHTCOUNCIL, U.ROBOTICSBAY, U.TEMPLARARCHIVE, U.FLEETBEACON)
PRODUCERS: Final = (U.ROBOTICSFACILITY, U.STARGATE, U.GATEWAY, U.WARPGATE)
QUEEN_PRIORITY: Final = 5.0
TUMOUR_ENERGY: Final = 25.0
MOST_SPREADS: Final = 3
"""A tumour makes one other; refused spots are tried so often."""
TUMOURS: Final = (U.CREEPTUMOR, U.CREEPTUMORBURROWED, U.CREEPTUMORQUEEN)


class QueenTask(Task):
    """One queen that injects one townhall."""

    def __init__(self, hall: int) -> None:
        super().__init__("inject", work=Work.GATHER, priority=QUEEN_PRIORITY)
        self.hall = hall

    def on_unit_lost(self, tag: int, why: Release) -> None:
        """Another queen may take the townhall."""
        if not self.finished:
            self.set(TaskStatus.FAILURE, f"the queen was lost ({why.value})")


class Energy(Module):
    """Posts CAST UPCs for Orbital Commands, Nexuses and queens; holds one queen per townhall."""

    name: ClassVar[str] = "energy"
    reads = (ENEMY_SEEN,)
    posts = (Command.CAST,)
    deferrable: ClassVar[bool] = True

    def on_start(self, ctx: Context) -> None:
        """Nothing was cast yet."""
        self._cast: dict[int, tuple[int, float]] = {}
        self._spread: dict[int, int] = {}
        self._scan: tuple[int, float, float] = (-SCAN_LOOPS, 0.0, 0.0)

    def on_step(self, ctx: Context) -> None:
        """Twice a second."""
        if not ctx.board.timers.every("energy.look", LOOK_LOOPS):
            return
        race = ctx.bot.race
        if race == Race.Terran:
            self._scans(ctx)
            self._mules(ctx)
        elif race == Race.Protoss:
            self._chrono(ctx)
        elif race == Race.Zerg:
            self._injects(ctx)
            self._spread_creep(ctx)

    def _ready(self, ctx: Context, kinds: tuple[U, ...], energy: float) -> list[int]:
        """Rows of our finished units of these kinds that may cast now."""
        table = ctx.units
        rows = np.flatnonzero(table.own & table.ready & table.of_type(*kinds) & (table.energy >= energy))
        found = []
        for row in rows.tolist():
            since, before = self._cast.get(int(table.tag[row]), (-REFUSED_LOOPS, 0.0))
            spent = table.energy[row] < before
            if spent or ctx.loop - since >= REFUSED_LOOPS:
                found.append(row)
        return found

    def _post(self, ctx: Context, row: int, ability: AbilityId, target: int, note: str) -> None:
        table = ctx.units
        tag = int(table.tag[row])
        self._cast[tag] = (ctx.loop, float(table.energy[row]))
        ctx.board.post(Upc.cast(ability, units=(tag,), target=target, note=note, priority=QUEEN_PRIORITY))

    def _scans(self, ctx: Context) -> None:
        """A scan where cloaked enemies stand next to our fighters, one at a time."""
        place = scan_place(ctx.units)
        if place is None:
            return
        since, x, y = self._scan
        if ctx.loop - since < SCAN_LOOPS and np.hypot(place[0] - x, place[1] - y) < SCAN_RADIUS:
            return
        casters = self._ready(ctx, ORBITALS, SCAN_ENERGY)
        if not casters:
            return
        row = max(casters, key=lambda row: float(ctx.units.energy[row]))
        self._scan = (ctx.loop, *place)
        tag = int(ctx.units.tag[row])
        self._cast[tag] = (ctx.loop, float(ctx.units.energy[row]))
        ctx.board.post(
            Upc.cast(SCAN, units=(tag,), position=Point2(place), note="scan the cloaked", priority=QUEEN_PRIORITY)
        )

    def _mules(self, ctx: Context) -> None:
        """A MULE on the fullest patch near a finished townhall; the energy of a scan is kept when they may hide."""
        table = ctx.units
        casters = self._ready(ctx, ORBITALS, MULE_ENERGY)
        if casters and keeps_a_scan(ctx.board.get(ENEMY_SEEN)):
            keeper = max(casters, key=lambda row: float(table.energy[row]))
            if table.energy[keeper] < MULE_ENERGY + SCAN_ENERGY:
                casters.remove(keeper)
        if not casters:
            return
        halls = np.flatnonzero(table.own & table.ready & table.of_type(*TOWNHALLS) & ~table.is_flying)
        patches = np.flatnonzero(table.neutral & (table.mineral_contents > 0) & table.visible)
        if not len(halls) or not len(patches):
            return
        _, away = table.closest_of(patches, halls)
        near = patches[away <= MINERALS_WITHIN_CELLS]
        if not len(near):
            return
        fullest = near[np.argsort(-table.mineral_contents[near], kind="stable")]
        for index, row in enumerate(casters):
            patch = int(fullest[index % len(fullest)])
            self._post(ctx, row, AbilityId.CALLDOWNMULE_CALLDOWNMULE, int(table.tag[patch]), "MULE")

    def _chrono(self, ctx: Context) -> None:
        """Chrono Boost for probes, then for research, then for fighters."""
        table = ctx.units
        casters = self._ready(ctx, (U.NEXUS,), CHRONO_ENERGY)
        if not casters:
            return
        workers = int((table.own & table.of_type(*WORKERS)).sum())
        kinds = [(U.NEXUS,), RESEARCHERS, PRODUCERS]
        if workers >= CHRONO_WORKERS:
            kinds = [RESEARCHERS, PRODUCERS, (U.NEXUS,)]
        if ctx.bot.supply_left < CHRONO_SUPPLY_LEFT:
            kinds.remove((U.NEXUS,))
        targets = []
        for group in kinds:
            rows = np.flatnonzero(table.own & table.ready & table.of_type(*group) & (table.order_ability != 0))
            boosted = BuffId.CHRONOBOOSTENERGYCOST.value
            targets += [row for row in rows.tolist() if boosted not in table.protos[row].buff_ids]
        for row, target in zip(casters, targets, strict=False):
            self._post(ctx, row, AbilityId.EFFECT_CHRONOBOOSTENERGYCOST, int(table.tag[target]), "Chrono Boost")

    def _injects(self, ctx: Context) -> None:
        """One queen per finished townhall; she stays there."""
        table = ctx.units
        halls = np.flatnonzero(table.own & table.ready & table.of_type(*TOWNHALLS))
        hall_tags = set(table.tags(halls))
        tasks: dict[int, QueenTask] = {}
        for task in ctx.board.tasks.running(owner=self.name):
            if isinstance(task, QueenTask):
                if task.hall not in hall_tags:
                    task.set(TaskStatus.FAILURE, "the townhall is gone")
                else:
                    tasks[task.hall] = task
        queens = np.flatnonzero(table.own & table.ready & table.of_type(U.QUEEN))
        free = table.rows(ctx.board.claims.free(table.tags(queens)))
        for hall in halls.tolist():
            tag = int(table.tag[hall])
            if tag in tasks or not len(free):
                continue
            queen = table.closest(float(table.x[hall]), float(table.y[hall]), free)
            task = ctx.board.add_task(QueenTask(tag))
            if ctx.board.claim(task, [int(table.tag[queen])]):
                task.set(TaskStatus.ONGOING)
                tasks[tag] = task
            else:
                task.set(TaskStatus.FAILURE, "the queen is needed elsewhere")
            free = free[free != queen]
        able = set(self._ready(ctx, (U.QUEEN,), INJECT_ENERGY))
        for hall_tag, task in tasks.items():
            row = table.row(task.units[0]) if task.units else -1
            if row in able:
                self._post(ctx, row, AbilityId.EFFECT_INJECTLARVA, hall_tag, "larvae")

    def _spread_creep(self, ctx: Context) -> None:
        """Queens without a townhall place tumours, and every tumour makes one more."""
        table = ctx.units
        held = {tag for task in ctx.board.tasks.running(owner=self.name) for tag in task.units}
        queens = [
            (row, AbilityId.BUILD_CREEPTUMOR_QUEEN)
            for row in self._ready(ctx, (U.QUEEN,), TUMOUR_ENERGY)
            if int(table.tag[row]) not in held
        ]
        spreading = np.flatnonzero(table.own & table.ready & table.of_type(U.CREEPTUMORBURROWED))
        sources = [
            (row, AbilityId.BUILD_CREEPTUMOR_TUMOR)
            for row in spreading.tolist()
            if self._spread.get(int(table.tag[row]), 0) < MOST_SPREADS
            and ctx.loop - self._cast.get(int(table.tag[row]), (-REFUSED_LOOPS, 0.0))[0] >= REFUSED_LOOPS
        ]
        if not queens and not sources:
            return
        bot: Any = ctx.bot
        creep = bot.state.creep.data_numpy != 0
        walkable = bot.game_info.pathing_grid.data_numpy != 0
        rows = np.flatnonzero(table.own & table.of_type(*TUMOURS))
        tumours = [(float(table.x[row]), float(table.y[row])) for row in rows.tolist()]
        goal = (bot.enemy_start_locations or [bot.game_info.map_center])[0]
        halls = list(bot.expansion_locations_list)
        for row, ability in queens + sources:
            tag = int(table.tag[row])
            spot = tumour_spot((float(table.x[row]), float(table.y[row])), creep, walkable, goal, tumours, halls)
            if spot is None:
                continue
            tumours.append((spot[0], spot[1]))
            self._cast[tag] = (ctx.loop, float(table.energy[row]))
            if ability is AbilityId.BUILD_CREEPTUMOR_TUMOR:
                self._spread[tag] = self._spread.get(tag, 0) + 1
            ctx.board.post(Upc.cast(ability, units=(tag,), position=spot, note="creep", priority=QUEEN_PRIORITY))
