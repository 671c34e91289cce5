"""Economy: keeps every worker busy, staffs new bases, calls workers to arms and sends them back."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2
from sc2.unit import Unit

from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import IntArray
from cherrypy_bot.core.upc import Command, Upc
from modules.economy.defence import choose, overrun, targets, workers_needed
from modules.economy.mining import PER_GAS, PER_PATCH, Assignment, Source, assign, overflow, safe_sources
from modules.economy.proxy_defence import ProxyDefence
from modules.items import GAS, TOWNHALLS, WORKER_OF, WORKERS
from modules.keys import ENEMY_BASES, GAS_WORKERS, OWN_BASES, THREATS, WORKER_SATURATION, Saturation, Threat
from modules.power import army_rows, power_of

RESOURCE_CELLS = 10.0
REASSIGN_LOOPS = 16
NEW_BASE_PROGRESS = 0.97
HARVEST = (
    AbilityId.HARVEST_GATHER,
    AbilityId.HARVEST_GATHER_SCV,
    AbilityId.HARVEST_GATHER_PROBE,
    AbilityId.HARVEST_GATHER_DRONE,
    AbilityId.HARVEST_RETURN,
    AbilityId.HARVEST_RETURN_SCV,
    AbilityId.HARVEST_RETURN_PROBE,
    AbilityId.HARVEST_RETURN_DRONE,
)
GATHERING = HARVEST[:4]
PLENTY_OF_GAS = 320
"""With more gas than this, and fewer minerals than gas, most workers leave it ..."""
LITTLE_GAS = 160
"""... until there is so little."""
LEAST_ON_MINERALS = 10
HURT_BELOW = 11.0
DEFENCE_CELLS = 18.0
"""Army this near to a threat counts against it."""
PULL_WITHIN_CELLS = 14.0
"""Enemies this near to a base are met by workers."""
MEET_WORKERS_CELLS = 26.0
LEAST_CREW = 4
SPARE_FIGHTERS = 2
ATTACK_ORDERS = (AbilityId.ATTACK.value, AbilityId.ATTACK_ATTACK.value)
CALM_LOOPS = 34
UNDER_FIRE_LOOPS = 22 * 6
EVACUATE_WITHIN_CELLS = 18.0
STAY_AWAY_LOOPS = 22 * 4
"""Workers that left a base come back so long after the last soldiers."""
CROWD = 6
"""So many workers find room at a patch while others of our bases are overrun."""
LONG_WAY_CELLS = 45.0
"""Patches farther from our townhalls than this are not worth the way."""
MOST_FAR_PATCHES = 16


_PATCH_IDS = [kind.value for kind in U if "MINERALFIELD" in kind.name]


class DefendTask(Task):
    """Workers that fight; `base` is the base they defend."""

    def __init__(self, base: Point2) -> None:
        super().__init__("worker defence", work=Work.DEFEND, priority=50.0)
        self.base = base
        self.seen_loop = 0


class Economy(Module):
    """Consumes Top's GATHER, posts sharp GATHER UPCs, and ATTACK ones for workers that must fight."""

    name: ClassVar[str] = "economy"
    reads = (ENEMY_BASES, GAS_WORKERS, THREATS)
    writes = (OWN_BASES, WORKER_SATURATION)
    consumes = (Command.GATHER,)
    posts = (Command.GATHER, Command.ATTACK, Command.CAST)

    def on_start(self, ctx: Context) -> None:
        """Start with nothing assigned."""
        self._assignment = Assignment()
        self._mining: Task | None = None
        self._sources: list[Source] = []
        self._halls: list[Point2] = []
        self._unsafe: dict[Point2, int] = {}
        self._far: list[Source] = []
        self._key: tuple[Any, ...] = ()
        self._dirty = True
        self._since: dict[Point2, int] = {}
        self._root: int | None = None
        self._hit_loop = -UNDER_FIRE_LOOPS
        self._gas_cut = False
        self._proxies = ProxyDefence(self.name)
        self._breaking: set[int] = set()

    def on_unit_destroyed(self, ctx: Context, tag: int) -> None:
        """A worker, patch or base may be gone."""
        self._dirty = True

    def on_unit_took_damage(self, ctx: Context, unit: Unit, amount: float) -> None:
        """Somebody shoots at what the economy lives on."""
        if unit.is_structure or unit.type_id in WORKERS:
            self._hit_loop = ctx.loop

    def on_step(self, ctx: Context) -> None:
        """Defence first, then everybody else mines."""
        for upc in ctx.board.upcs(Command.GATHER, source="top"):
            ctx.board.consume(upc.id)
            self._root = upc.id
        if self._root is not None and ctx.board.upc(self._root) is None:
            self._root = None
        table = ctx.units
        worker_kind = WORKER_OF[ctx.bot.race]
        rows = np.flatnonzero(table.own & table.of_type(worker_kind) & table.ready)
        self._publish_bases(ctx)
        breaking = self._proxies.step(ctx, rows)
        for tag in breaking - self._breaking:
            self._assignment.of_worker.pop(tag, None)
        self._dirty |= breaking != self._breaking
        self._breaking = breaking
        self._defend(ctx, rows[~np.isin(table.tag[rows], list(breaking))])
        self._come_back(ctx)
        mining = self._task(ctx)
        free = ctx.board.claims.free(table.tags(rows))
        if free:
            ctx.board.claim(mining, free)
            self._dirty = True
        self._update_sources(ctx)
        changed: list[int] = []
        if self._dirty or ctx.board.timers.every("economy.assign", REASSIGN_LOOPS):
            self._dirty = False
            changed = self._assign(ctx, mining)
        self._give_orders(ctx, mining, set(changed))

    # -- mining --------------------------------------------------------------------------------

    def _task(self, ctx: Context) -> Task:
        if self._mining is None or self._mining.finished:
            self._mining = ctx.board.add_task(Task("mine", work=Work.GATHER))
            self._mining.set(TaskStatus.ONGOING)
        return self._mining

    def _publish_bases(self, ctx: Context) -> None:
        table = ctx.units
        halls = np.flatnonzero(table.own & table.of_type(*TOWNHALLS) & ~table.is_flying)
        order = sorted(halls.tolist(), key=lambda row: (-table.build_progress[row], int(table.tag[row])))
        bases = tuple(Point2((float(table.x[row]), float(table.y[row]))) for row in order)
        known = ctx.board.get(OWN_BASES)
        kept = tuple(base for base in known if base in bases)
        # The oldest first: what was there stays in front of what came.
        now = kept + tuple(base for base in bases if base not in kept)
        if now != known:
            ctx.board.put(OWN_BASES, now)
            self._dirty = True

    def _update_sources(self, ctx: Context) -> None:
        """Patches and gas structures of our bases; recomputed when something of it changed."""
        bot: Any = ctx.bot
        halls = [h for h in bot.townhalls if h.build_progress >= NEW_BASE_PROGRESS and not h.is_flying]
        gas = [g for g in bot.gas_buildings if g.is_ready and g.vespene_contents > 0]
        # By tag: a patch that was out of sight has another tag once it is seen.
        table = ctx.units
        patches = table.tag[table.neutral & is_any_of(table.type_id, _PATCH_IDS)]
        key = (patches.tobytes(), tuple(h.tag for h in halls), tuple(g.tag for g in gas))
        if key == self._key:
            return
        self._key = key
        self._dirty = True
        self._far = []
        self._halls = [Point2((hall.position[0], hall.position[1])) for hall in halls]
        found: list[Source] = []
        taken: set[int] = set()
        for index, hall in enumerate(halls):
            for unit in (*bot.mineral_field, *gas):
                away = unit.distance_to(hall)
                if away < RESOURCE_CELLS and unit.tag not in taken:
                    taken.add(unit.tag)
                    x, y = unit.position
                    found.append(Source(unit.tag, x, y, index, unit.type_id in GAS, away))
        if not any(not s.gas for s in found) and bot.mineral_field and halls:
            # Nothing left at our bases: the nearest patches there are, far as they may be.
            for unit in sorted(bot.mineral_field, key=lambda m: m.distance_to(halls[0]))[:8]:
                x, y = unit.position
                found.append(Source(unit.tag, x, y, 0, False, unit.distance_to(halls[0])))
        self._sources = found

    def _assign(self, ctx: Context, mining: Task) -> list[int]:
        table = ctx.units
        workers = {}
        for tag in mining.units:
            row = table.row(tag)
            if row >= 0:
                workers[tag] = (float(table.x[row]), float(table.y[row]))
            elif tag in self._assignment.of_worker:
                workers[tag] = self._inside(tag)
        unsafe = {i for i, hall in enumerate(self._halls) if any(hall.distance_to(b) < 2.0 for b in self._unsafe)}
        sources = safe_sources(self._sources, unsafe)
        gas_wanted = self._gas_wanted(ctx, len(workers))
        if overflow(len(workers), sources, gas_wanted) and not unsafe:
            sources += self._far_patches(ctx)
        most = CROWD if unsafe else PER_PATCH + 1
        changed = assign(self._assignment, workers, sources, gas_wanted, most)
        self._publish_saturation(ctx, len(workers))
        return changed

    def _far_patches(self, ctx: Context) -> list[Source]:
        """Patches without a townhall of ours that are not too far to walk to, the nearest first."""
        if self._far or not self._halls:
            return self._far
        bot: Any = ctx.bot
        near = {source.tag for source in self._sources}
        enemies = ctx.board.get(ENEMY_BASES)
        found: list[Source] = []
        for patch in bot.mineral_field:
            x, y = patch.position
            index = min(range(len(self._halls)), key=lambda i: self._halls[i].distance_to((x, y)))
            away = self._halls[index].distance_to((x, y))
            if patch.tag in near or away > LONG_WAY_CELLS or any(e.distance_to((x, y)) < away for e in enemies):
                continue
            found.append(Source(patch.tag, x, y, index, False, away))
        self._far = sorted(found, key=lambda s: (s.townhall_cells, s.tag))[:MOST_FAR_PATCHES]
        return self._far

    def _inside(self, tag: int) -> tuple[float, float]:
        """Where a worker is that the observation lacks: in its gas structure."""
        source = next((s for s in self._sources if s.tag == self._assignment.of_worker[tag]), None)
        return (source.x, source.y) if source is not None else (0.0, 0.0)

    def _gas_wanted(self, ctx: Context, workers: int) -> int:
        places = PER_GAS * sum(source.gas for source in self._sources)
        if ctx.bot.vespene > PLENTY_OF_GAS and ctx.bot.minerals < ctx.bot.vespene:
            self._gas_cut = True
        elif ctx.bot.vespene < LITTLE_GAS:
            self._gas_cut = False
        if self._gas_cut:
            places = places // 3 if ctx.bot.vespene < 2 * PLENTY_OF_GAS else 0
        limit = ctx.board.get(GAS_WORKERS)
        if limit >= 0:
            places = min(places, limit)
        return max(0, min(places, workers - LEAST_ON_MINERALS))

    def _publish_saturation(self, ctx: Context, workers: int) -> None:
        gas_tags = {source.tag for source in self._sources if source.gas}
        on_gas = sum(tag in gas_tags for tag in self._assignment.of_worker.values())
        ctx.board.put(
            WORKER_SATURATION,
            Saturation(
                minerals=len(self._assignment.of_worker) - on_gas,
                mineral_slots=PER_PATCH * sum(not source.gas for source in self._sources),
                gas=on_gas,
                gas_slots=PER_GAS * len(gas_tags),
                idle=workers - len(self._assignment.of_worker),
            ),
        )

    def _give_orders(self, ctx: Context, mining: Task, changed: set[int]) -> None:
        """Order those that have a new source, and those that do something else than mining."""
        table = ctx.units
        rows = table.rows(mining.units)
        if not len(rows):
            return
        busy = is_any_of(table.order_ability[rows], HARVEST)
        gas = {source.tag for source in self._sources if source.gas}
        gathers = np.isin(table.order_ability[rows], [ability.value for ability in GATHERING])
        for row, mines, fetches in zip(rows.tolist(), busy.tolist(), gathers.tolist(), strict=True):
            tag = int(table.tag[row])
            # An order may have been lost: whoever should fetch gas and goes for minerals is told again.
            strays = fetches and (int(table.order_target[row]) in gas) != (self._assignment.of_worker.get(tag) in gas)
            if mines and tag not in changed and not strays:
                continue
            source = self._assignment.of_worker.get(tag)
            if source is None:
                continue
            note = "new source" if tag in changed else "back to work"
            if table.protos[row].buff_ids:
                # Full hands: bring it home first; who is on the way there already is told as a stray afterwards.
                if mines:
                    continue
                ctx.board.post(
                    Upc.cast(AbilityId.HARVEST_RETURN, units=(tag,), parent=self._root, note="bring the load home")
                )
                ctx.board.post(Upc.gather(target=source, units=(tag,), queued=True, parent=self._root, note=note))
                continue
            ctx.board.post(Upc.gather(target=source, units=(tag,), parent=self._root, note=note))

    # -- workers that fight --------------------------------------------------------------------

    def _defend(self, ctx: Context, rows: IntArray) -> None:
        threats = {t.base: t for t in self._on_foot(ctx)}
        under_fire = ctx.loop - self._hit_loop < UNDER_FIRE_LOOPS
        tasks = {task.base: task for task in self._defence_tasks(ctx)}
        for base, running in tasks.items():
            if base not in threats and ctx.loop - running.seen_loop > CALM_LOOPS:
                running.set(TaskStatus.SUCCESS, "the enemy is gone")
                self._dirty = True
        for base, threat in threats.items():
            # Workers that hit somebody out there, a builder or a scout, are met there.
            reach = MEET_WORKERS_CELLS if under_fire and threat.workers == len(threat.tags) else PULL_WITHIN_CELLS
            near = threat.center.distance_to(base) <= reach and self._mined(ctx, base, rows)
            task = tasks.get(base)
            army = self._army_power(ctx, threat)
            self._watch_base(ctx, base, threat, army)
            needed = workers_needed(threat, army, len(rows), under_fire) if near or task is not None else 0
            if needed == 0 and task is None:
                continue
            if task is None:
                task = ctx.board.add_task(DefendTask(base))
                task.set(TaskStatus.ONGOING)
                ctx.log.info(f"{needed} workers defend {base} against {len(threat.tags)} enemies")
            task.seen_loop = ctx.loop
            self._muster(ctx, task, threat, needed, rows)
            self._fight(ctx, task, threat)

    def _on_foot(self, ctx: Context) -> list[Threat]:
        """Threats without their structures: workers that run at cannons die; what is still being built is broken."""
        table = ctx.units
        found = []
        for threat in ctx.board.get(THREATS):
            rows = table.rows(threat.tags)
            moving = rows[~table.structure[rows]]
            if len(moving) == len(rows):
                found.append(threat)
            elif len(moving):
                x, y = float(table.x[moving].mean()), float(table.y[moving].mean())
                center, tags = Point2((x, y)), tuple(table.tags(moving))
                found.append(dataclasses.replace(threat, tags=tags, center=center, power=power_of(ctx, moving)))
        return found

    def _watch_base(self, ctx: Context, base: Point2, threat: Threat, army: float) -> None:
        """Have the workers of a base leave it, and stay away, while soldiers that nobody stops are there."""
        already = base in self._unsafe
        near = threat.center.distance_to(base) <= EVACUATE_WITHIN_CELLS
        if near and overrun(threat, army, already):
            self._unsafe[base] = ctx.loop
            if not already:
                self._dirty = True
                ctx.log.info(f"workers leave {base}: enemies worth {threat.power:.0f}, ours there {army:.0f}")

    def _come_back(self, ctx: Context) -> None:
        """Bases that have been quiet for a while are mined again."""
        quiet = [base for base, loop in self._unsafe.items() if ctx.loop - loop > STAY_AWAY_LOOPS]
        for base in quiet:
            del self._unsafe[base]
            self._dirty = True

    def _mined(self, ctx: Context, base: Point2, rows: IntArray) -> bool:
        """Whether workers are at a base: those of other bases would come too late and one by one."""
        return len(ctx.units.within(base[0], base[1], RESOURCE_CELLS, rows)) >= LEAST_CREW

    def _defence_tasks(self, ctx: Context) -> list[DefendTask]:
        return [t for t in ctx.board.tasks.running(owner=self.name) if isinstance(t, DefendTask)]

    def _army_power(self, ctx: Context, threat: Threat) -> float:
        rows = army_rows(ctx.units)
        near = ctx.units.within(threat.center[0], threat.center[1], DEFENCE_CELLS, rows)
        return power_of(ctx, near)

    def _muster(self, ctx: Context, task: DefendTask, threat: Threat, needed: int, rows: IntArray) -> None:
        """Bring the number of fighting workers to what is needed; the hurt go back while others take their place."""
        table = ctx.units
        life = table.health + table.shield
        fighting = set(task.units)
        others = set(table.tags(rows)) - fighting
        able = set(
            ctx.board.claims.available(sorted(others), owner=self.name, work=Work.DEFEND, priority=task.priority)
        )
        # Those of another of our own defences stay there.
        for other in self._defence_tasks(ctx):
            if other is not task:
                able -= set(other.units)
        known = table.rows(sorted(fighting | able)).tolist()
        candidates = [(int(table.tag[r]), float(table.x[r]), float(table.y[r]), float(life[r])) for r in known]
        chosen = set(choose(candidates, threat.center, needed, HURT_BELOW, fighting))
        hurt = {tag for tag, _, _, left in candidates if left < HURT_BELOW}
        spare = fighting - chosen
        # Two more than needed may stay: numbers go up and down by the second.
        ctx.board.release(sorted(spare if len(spare) > SPARE_FIGHTERS else spare & hurt))
        ctx.board.claim(task, sorted(chosen - fighting))
        for tag in task.units:
            self._assignment.of_worker.pop(tag, None)

    def _fight(self, ctx: Context, task: DefendTask, threat: Threat) -> None:
        """Every fighting worker hits the weakest enemy within its reach, or goes for the nearest."""
        table = ctx.units
        own = table.rows(task.units)
        enemies = table.rows(threat.tags)
        enemies = enemies[~table.is_flying[enemies]]
        if not len(own) or not len(enemies):
            return
        life = table.health[enemies] + table.shield[enemies]
        aims = targets(table.xy[own], table.radius[own], table.xy[enemies], table.radius[enemies], life)
        for row, enemy in zip(own.tolist(), enemies[aims].tolist(), strict=True):
            tag = int(table.tag[enemy])
            if int(table.order_target[row]) == tag and int(table.order_ability[row]) in ATTACK_ORDERS:
                continue
            ctx.board.post(
                Upc.attack(units=(int(table.tag[row]),), target=tag, priority=task.priority, note="worker defence")
            )
