"""Production: spends the bank on what the plan wants, in its order, and sees every order through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2

from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.tasks import TaskStatus
from cherrypy_bot.core.upc import Command, CreateState, OrderState, PositionArea, Upc
from modules.items import ADDON_ABILITIES, ADDONS, Catalogue, ItemFacts, counts_as
from modules.keys import ATTACK_TARGET, GATES_READY, RALLY, SCHEDULE, STANCE, Due
from modules.production.archons import merge_templar
from modules.production.makers import Makers
from modules.production.tasks import NEAR_CELLS, WALK_FACTOR, WORKER_CELLS_PER_LOOP, BuildTask, TrainTask, geyser_at
from modules.production.warp import WarpGates, WarpTask, turn_gateways

SHOWN_WITHIN_LOOPS = 24
"""The game shows an order within a few loops; one that it does not show was refused."""
WALK_SLACK_LOOPS = 12
RESERVE_LOOPS = 90
"""The price of a structure is kept from when its worker is so far away."""
FAR_WALK_LOOPS = 180
OUTPOST_CELLS = 60.0
"""Structures so far from our start, with no base of ours near, are built by one worker after the other ..."""
BASE_CELLS = 20.0
OUTPOST_STAY_CELLS = 15.0
OUTPOST_STAY_LOOPS = 22 * 25
"""... which stays for the next one that is due so soon."""
MOST_ATTEMPTS = 4
RETRY_LOOPS = 22
BUILD_TIMEOUT_LOOPS = 22 * 75
NO_ADDON_LOOPS = 22 * 90
RESCUE_LOOPS = 6
DYING_SHARE = 0.3
FIRST = 2000.0
CARRYING_PENALTY_CELLS = 6.0


@dataclass(slots=True)
class Bank:
    """What can still be spent in this step; reservations may make it negative."""

    minerals: float
    gas: float
    supply: float

    def can(self, facts: ItemFacts) -> bool:
        """Whether one order can be paid and fed now."""
        return (
            (self.minerals >= facts.minerals or facts.minerals == 0)
            and (self.gas >= facts.gas or facts.gas == 0)
            and (self.supply >= facts.supply or facts.supply == 0)
        )

    def take(self, facts: ItemFacts) -> None:
        """Spend or reserve it."""
        self.minerals -= facts.minerals
        self.gas -= facts.gas
        self.supply -= facts.supply


class Production(Module):
    """Consumes CREATE UPCs (structures once they have a position) and posts sharp ones.

    UPCs are served by the priority in `SCHEDULE`, or their own when they are not in it; what is due and cannot be paid
    yet keeps its price reserved, so that lesser ones do not eat it up.
    """

    name: ClassVar[str] = "production"
    reads = (ATTACK_TARGET, RALLY, SCHEDULE, STANCE)
    writes = (GATES_READY,)
    consumes = (Command.CREATE,)
    posts = (Command.CREATE, Command.MOVE, Command.CAST, Command.CANCEL)

    def on_start(self, ctx: Context) -> None:
        """Learn costs and makers."""
        self._catalogue = Catalogue.from_bot(ctx.bot)
        self._no_addon: dict[int, int] = {}
        self._life: dict[int, float] = {}
        self._gates = WarpGates()

    def on_step(self, ctx: Context) -> None:
        """Look after running orders, then give new ones."""
        bot = ctx.bot
        self._finished: frozenset[U] | None = None
        bank = Bank(float(bot.minerals), float(bot.vespene), float(bot.supply_left))
        for task in ctx.board.tasks.running(owner=self.name):
            if isinstance(task, TrainTask):
                self._watch(ctx, task)
            elif isinstance(task, WarpTask):
                self._gates.watch(ctx, task)
            elif isinstance(task, BuildTask):
                self._build(ctx, task, bank)
        self._serve(ctx, bank)
        if ctx.board.timers.every("production.rescue", RESCUE_LOOPS):
            self._cancel_the_dying(ctx)
        if bot.race == Race.Protoss:
            turn_gateways(ctx)
            merge_templar(ctx)
            if self._gates.ready_loop != ctx.board.get(GATES_READY):
                ctx.board.put(GATES_READY, dict(self._gates.ready_loop))
        if bot.race == Race.Terran:
            self._lower_depots(ctx)
            self._resume(ctx)

    # -- new orders ----------------------------------------------------------------------------

    def _serve(self, ctx: Context, bank: Bank) -> None:
        waiting = [upc for upc in ctx.board.upcs(Command.CREATE, CreateState) if not upc.sharp]
        if not waiting:
            return
        schedule = ctx.board.get(SCHEDULE)
        self._no_addon = {tag: until for tag, until in self._no_addon.items() if until > ctx.loop}
        cooling = self._gates.new_step(ctx)
        warps = UpgradeId.WARPGATERESEARCH in ctx.bot.state.upgrades
        makers = Makers(ctx.units, self._catalogue, self._no_addon, cooling, warps=warps)

        def due_of(upc: Upc) -> Due:
            due = schedule.get(upc.id) or (schedule.get(upc.parent) if upc.parent is not None else None)
            return due or Due(ctx.loop, upc.priority)

        self._starved = False
        for due, upc in sorted(((due_of(upc), upc) for upc in waiting), key=lambda x: (-x[0].priority, x[1].id)):
            item = upc.what
            facts = self._catalogue.get(item) if item is not None else None
            if facts is None:
                ctx.board.withdraw(upc.id, "this race cannot make it")
                continue
            if facts.structure:
                self._send_builder(ctx, upc, facts, due, bank)
            elif bank.can(facts) and self._tech_ready(ctx, facts):
                maker = makers.take(facts)
                if maker is not None and maker.kind is U.WARPGATE:
                    if self._warp_in(ctx, upc, facts, maker.tag):
                        bank.take(facts)
                elif maker is not None:
                    self._order(ctx, upc, facts, maker.tag)
                    bank.take(facts)
            elif due.loop <= ctx.loop and (facts.supply == 0 or bank.supply >= facts.supply):
                bank.take(facts)
                self._starved = True

    def _order(self, ctx: Context, upc: Upc, facts: ItemFacts, maker: int) -> None:
        ctx.board.consume(upc.id)
        task = ctx.board.add_task(TrainTask(facts.item, maker, upc_id=upc.id, since_loop=ctx.loop))
        task.set(TaskStatus.ONGOING)
        state = CreateState(facts.item, ability=ADDON_ABILITIES.get(facts.item) if isinstance(facts.item, U) else None)
        ctx.board.post(upc.refine(units=(maker,), state=state, note=f"{facts.name} by {maker}"))

    def _warp_in(self, ctx: Context, upc: Upc, facts: ItemFacts, gate: int) -> bool:
        """Order a unit at a warp gate; False when no place with power has room."""
        spot = self._gates.spot(ctx)
        if spot is None:
            return False
        ctx.board.consume(upc.id)
        task = ctx.board.add_task(WarpTask(facts.item, gate, spot, upc_id=upc.id, since_loop=ctx.loop))
        task.set(TaskStatus.ONGOING)
        self._gates.ordered(gate, facts.item, ctx.loop)
        note = f"{facts.name} by warp gate {gate}"
        ctx.board.post(upc.refine(units=(gate,), position=spot, state=CreateState(facts.item), note=note))
        return True

    def _watch(self, ctx: Context, task: TrainTask) -> None:
        """End a train task when the game shows the order, or does not in time."""
        row = ctx.units.row(task.maker)
        orders = ctx.units.protos[row].orders if row >= 0 else ()
        age = ctx.loop - task.since_loop + 1
        for order in orders:
            # An older order of the same thing is further on than one that was given with this task.
            if self._catalogue.made_by_ability(order.ability_id) == task.item and (
                order.progress * self._catalogue[task.item].time_loops <= age
            ):
                task.set(TaskStatus.SUCCESS, "ordered")
                return
        if row < 0 or ctx.units.type_id[row] == getattr(task.item, "value", 0):
            task.set(TaskStatus.SUCCESS, "made")
            return
        if ctx.loop - task.since_loop > SHOWN_WITHIN_LOOPS:
            if task.item in ADDONS:
                self._no_addon[task.maker] = ctx.loop + NO_ADDON_LOOPS
            task.set(TaskStatus.FAILURE, "the game did not take the order")

    def _tech_ready(self, ctx: Context, facts: ItemFacts) -> bool:
        if not facts.requires:
            return True
        if self._finished is None:
            table = ctx.units
            kinds = np.unique(table.type_id[table.own & table.ready & table.structure]).tolist()
            forms: set[U] = set()
            for kind in kinds:
                forms.update(counts_as(U(kind)))
            self._finished = frozenset(forms)
        upgrades = ctx.bot.state.upgrades
        return all(needed in self._finished or needed in upgrades for needed in facts.requires)

    # -- structures ----------------------------------------------------------------------------

    def _send_builder(self, ctx: Context, upc: Upc, facts: ItemFacts, due: Due, bank: Bank) -> None:
        """Send a worker when it would arrive about when the structure is due."""
        position = upc.position
        if position is None or isinstance(position, PositionArea) or not isinstance(facts.item, U):
            # No place yet; what is due keeps its price.
            if due.loop <= ctx.loop:
                bank.take(facts)
            return
        affordable = bank.can(facts) and self._tech_ready(ctx, facts)
        worker, distance = self._find_worker(ctx, position, due.priority)
        walk = distance * WALK_FACTOR / WORKER_CELLS_PER_LOOP + WALK_SLACK_LOOPS
        ready_now = affordable and due.loop <= ctx.loop + WALK_SLACK_LOOPS
        # The price of what a worker walks to is kept: nobody goes early while something greater waits for money.
        early = ctx.loop + walk >= due.loop and (walk > FAR_WALK_LOOPS or not self._starved)
        if self._is_outpost(ctx, position):
            # Out there one worker builds everything: others stay at home, and it waits for what comes next.
            ready_now = early = not self._builder_at(ctx, position) and (
                ready_now or early or (distance <= OUTPOST_STAY_CELLS and due.loop <= ctx.loop + OUTPOST_STAY_LOOPS)
            )
        if worker and (ready_now or early):
            ctx.board.consume(upc.id)
            task = ctx.board.add_task(
                BuildTask(
                    facts.item,
                    position,
                    upc.target,
                    upc_id=upc.id,
                    priority=due.priority,
                    since_loop=ctx.loop,
                    bot=ctx.bot,
                )
            )
            task.set(TaskStatus.ONGOING, "a worker is on its way")
            if ctx.board.claim(task, [worker]):
                task.worker = worker
            self._build(ctx, task, bank)
        elif due.loop <= ctx.loop:
            bank.take(facts)

    def _is_outpost(self, ctx: Context, position: Point2) -> bool:
        """Whether a place is far from home and from every base of ours."""
        if position.distance_to(ctx.bot.start_location) <= OUTPOST_CELLS:
            return False
        return all(hall.distance_to(position) > BASE_CELLS for hall in ctx.bot.townhalls)

    def _builder_at(self, ctx: Context, position: Point2) -> bool:
        """Whether a worker is on its way to build near a place, or waits there to."""
        return any(
            isinstance(task, BuildTask)
            and task.worker
            and not task.placed
            and task.position.distance_to(position) <= OUTPOST_STAY_CELLS
            for task in ctx.board.tasks.running(owner=self.name)
        )

    def _build(self, ctx: Context, task: BuildTask, bank: Bank) -> None:
        """One step of a build task."""
        facts = self._catalogue[task.item]
        if task.find_structure():
            self._oversee(ctx, task)
            return
        if ctx.loop - task.since_loop > BUILD_TIMEOUT_LOOPS:
            task.set(TaskStatus.FAILURE, "it took too long")
            return
        if not task.worker and not self._assign(ctx, task):
            return
        row = ctx.units.row(task.worker)
        if row < 0:
            # Inside a gas structure, or gone: the claim's callback tells the latter.
            return
        payable = bank.can(facts)
        if task.walk_loops(ctx) <= RESERVE_LOOPS:
            bank.take(facts)
        away = float(np.hypot(ctx.units.x[row] - task.position[0], ctx.units.y[row] - task.position[1]))
        builds = self._catalogue.made_by_ability(int(ctx.units.order_ability[row])) is task.item
        if builds:
            return
        if not (payable and self._tech_ready(ctx, facts)):
            if away > NEAR_CELLS:
                self._post(ctx, task, Command.MOVE, None)
            return
        if ctx.loop - task.last_try_loop < RETRY_LOOPS and task.attempts:
            return
        if task.attempts >= MOST_ATTEMPTS:
            task.set(TaskStatus.FAILURE, "blocked: the game refuses the place")
            return
        task.attempts += 1
        task.last_try_loop = ctx.loop
        if task.target is not None:
            task.target = geyser_at(ctx.bot.vespene_geyser, task.position, task.target)
        self._post(ctx, task, Command.CREATE, CreateState(task.item, target=task.target))

    def _oversee(self, ctx: Context, task: BuildTask) -> None:
        """The structure stands: SCVs must stay with it, the others are free."""
        if ctx.bot.race != Race.Terran:
            task.set(TaskStatus.SUCCESS, "placed")
            return
        row = ctx.units.row(task.placed)
        if row < 0:
            task.set(TaskStatus.FAILURE, "the structure was lost")
        elif ctx.units.build_progress[row] >= 1.0:
            task.set(TaskStatus.SUCCESS, "finished")
        elif not task.worker and self._assign(ctx, task):
            self._post(ctx, task, Command.CAST, OrderState(ability=AbilityId.SMART, target=task.placed))

    def _assign(self, ctx: Context, task: BuildTask) -> bool:
        """Give the task another worker; whether one was found."""
        worker, _ = self._find_worker(ctx, task.position, task.priority)
        if worker and ctx.board.claim(task, [worker]):
            task.worker = worker
        return bool(task.worker)

    def _post(self, ctx: Context, task: BuildTask, command: Command, state: CreateState | OrderState | None) -> None:
        """Post a sharp UPC for the task's worker."""
        parent = ctx.board.upc(task.upc_id) if task.upc_id is not None else None
        position = None if state is not None and state.target is not None else task.position
        upc = Upc(
            command,
            units=(task.worker,),
            position=position,
            state=state,
            priority=task.priority,
            note=task.name,
            parent=parent.id if parent is not None else None,
        )
        ctx.board.post(upc)

    def _find_worker(self, ctx: Context, position: Point2, priority: float) -> tuple[int, float]:
        """The nearest worker that may be taken, and its straight distance; (0, inf) when there is none."""
        table = ctx.units
        rows = np.flatnonzero(table.own & table.of_type(self._catalogue.worker) & table.ready)
        if not len(rows):
            return 0, float("inf")
        away = table.distance_to(position[0], position[1], rows)
        # Those with full hands bring their load home first; those who wait at a geyser's door count the same.
        carrying = np.fromiter((bool(table.protos[row].buff_ids) for row in rows.tolist()), np.bool_, len(rows))
        order = np.argsort(away + carrying * CARRYING_PENALTY_CELLS, kind="stable")
        for index in order.tolist():
            tag = int(table.tag[rows[index]])
            if ctx.board.claims.available([tag], owner=self.name, work=Work.BUILD, priority=priority):
                claim = ctx.board.claims.holder(tag)
                if claim is None or claim.owner != self.name:
                    return tag, float(away[index])
        return 0, float("inf")

    def _cancel_the_dying(self, ctx: Context) -> None:
        """Structures that will be shot down before they are finished: three quarters of the price come back."""
        table = ctx.units
        rows = np.flatnonzero(table.own & table.structure & ~table.ready)
        before, self._life = self._life, {}
        for row in rows.tolist():
            tag = int(table.tag[row])
            life = float(table.health[row] + table.shield[row])
            self._life[tag] = life
            full = float(table.health_max[row] + table.shield_max[row]) * (0.1 + 0.9 * float(table.build_progress[row]))
            if life < before.get(tag, 0.0) and life < DYING_SHARE * full:
                ctx.board.post(Upc.cancel(units=(tag,), note="it is being shot down", priority=FIRST))

    # -- Terran --------------------------------------------------------------------------------

    def _lower_depots(self, ctx: Context) -> None:
        table = ctx.units
        rows = np.flatnonzero(table.own & table.ready & table.of_type(U.SUPPLYDEPOT) & (table.order_ability == 0))
        self._cast_all(ctx, table.tags(rows), AbilityId.MORPH_SUPPLYDEPOT_LOWER, "let units pass")

    def _cast_all(self, ctx: Context, tags: Iterable[int], ability: AbilityId, note: str) -> None:
        for tag in tags:
            ctx.board.post(Upc.cast(ability, units=(tag,), note=note))

    def _resume(self, ctx: Context) -> None:
        """Structures that nobody works on: give them a task of their own."""
        if not ctx.board.timers.every("production.resume", 45):
            return
        held = {task.placed for task in ctx.board.tasks.running(owner=self.name) if isinstance(task, BuildTask)}
        for structure in ctx.bot.structures_without_construction_SCVs:
            if structure.tag in held or structure.type_id in ADDONS:
                continue
            root = ctx.board.post(
                Upc.create(structure.type_id, position=structure.position, note="resume", lasting=True)
            )
            if not root:
                continue
            ctx.board.consume(root)
            task = ctx.board.add_task(
                BuildTask(
                    structure.type_id,
                    structure.position,
                    None,
                    upc_id=root,
                    priority=0.0,
                    since_loop=ctx.loop,
                    bot=ctx.bot,
                )
            )
            task.set(TaskStatus.ONGOING, "resume building")
