"""BuildOrder: plays a build. Plans ahead and posts what is due as CREATE UPCs.

Posts are lasting and keep their identity: an order that stays in the plan keeps its UPC from replan to replan,
only its place in `SCHEDULE` (start and priority) changes; one that is not in the plan any more is withdrawn.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import ClassVar

import numpy as np
from pydantic import Field
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.unit import Unit

from cherrypy_bot.core.module import Context, Module, ModuleOptions
from cherrypy_bot.core.tasks import TaskStatus, cancel_child, child_status
from cherrypy_bot.core.upc import Command, CreateState, Upc
from modules.build_order.builds import Build, builds_of, is_army
from modules.build_order.changes import anywhere, effective
from modules.build_order.conditions import Facts
from modules.build_order.observe import Inventory, plan_state, take_inventory
from modules.build_order.places import find_places
from modules.build_order.planner import PlanState, Step, plan
from modules.build_order.wishes import Situation, opening_wishes, wishes
from modules.items import TOWNHALLS, Catalogue, Item
from modules.keys import (
    ALARM,
    BUILD,
    BUILD_CHANGES,
    EMERGENCY,
    ENEMY_SEEN,
    GATES_READY,
    NATURAL_WALL,
    NO_ROOM,
    SCHEDULE,
    THREATS,
    WORKER_SATURATION,
    Due,
)
from modules.placement.walls import find_wall

UNIT_LOOKAHEAD_LOOPS = 16
"""Units and upgrades are posted when they can start within about one replan."""
STRUCTURE_LOOKAHEAD_LOOPS = 260
"""Structures earlier, so that a worker can be on its way."""
FAR_LOOKAHEAD_LOOPS = 900
"""Structures far from home earlier still."""
SUPPLY_SOON_LOOPS = 420
OPENING_ENDS_LOOPS = round(5.5 * 60 * 22.4)
"""An opening that is not through by then is given up."""
CALLED_OFF_LOOPS = 22 * 45
"""Townhalls are called off at most so often: those that an alarm's guard allows must come through."""
THREATENED_LOOPS = 22 * 10
SCOUTS_POWER = 60.0
"""Enemies worth less at our bases only look round."""
NEAR_CELLS = 17.0
"""What is so near to a named place counts as being there."""
WALL = "wall"
FAR_PLACES = frozenset({"enemy natural", "enemy main", "proxy", "third"})
FIRST_PRIORITY = 1000.0


class BuildOrderOptions(ModuleOptions):
    """What `bots.yaml` may set: how often to plan, in loops."""

    replan_loops: int = Field(default=12, ge=1, le=224)


class BuildOrder(Module):
    """Consumes Top's CREATE and refines it into CREATE UPCs that say what."""

    name: ClassVar[str] = "build_order"
    Options: ClassVar[type[ModuleOptions]] = BuildOrderOptions
    reads = (
        ALARM,
        BUILD,
        BUILD_CHANGES,
        EMERGENCY,
        ENEMY_SEEN,
        GATES_READY,
        NO_ROOM,
        THREATS,
        WORKER_SATURATION,
    )
    writes = (NATURAL_WALL, SCHEDULE)
    consumes = (Command.CREATE,)
    posts = (Command.CREATE,)
    deferrable: ClassVar[bool] = True

    def on_start(self, ctx: Context) -> None:
        """Load the race's builds and costs."""
        self._catalogue = Catalogue.from_bot(ctx.bot)
        self._builds = builds_of(ctx.bot.race)
        near = any(step.near for build in self._builds.values() for step in build.opening)
        wanted = self._builds.get(ctx.board.get(BUILD))
        # Distances over the whole map take a while: only for those who name places.
        named = near if wanted is None else any(step.near for step in wanted.opening)
        self._places = find_places(ctx.bot) if named else {}
        self._wall_looked_for = False
        self._played = ""
        self._posted: dict[int, tuple[Item, str]] = {}
        self._made: Counter[Item] = Counter()
        self._seen: set[int] = set()
        self._start_workers = max(1, len(ctx.bot.workers))
        self._opening_over = False
        self._threatened_until = 0
        self._called_off_until = 0
        self._dirty = True
        self._root: int | None = None
        self.last_plan: list[Step] = []

    def on_unit_created(self, ctx: Context, unit: Unit) -> None:
        """Count what was made; plan again."""
        self._dirty = True
        if unit.tag not in self._seen and is_army(unit.type_id):
            self._seen.add(unit.tag)
            self._made[unit.type_id] += 1

    def on_structure_complete(self, ctx: Context, unit: Unit) -> None:
        """Something new can be made."""
        self._dirty = True

    def on_unit_destroyed(self, ctx: Context, tag: int) -> None:
        """Something may be missing."""
        self._dirty = True

    def on_step(self, ctx: Context) -> None:
        """Plan when it is time, post what is due."""
        build = self._builds.get(ctx.board.get(BUILD)) or next(iter(self._builds.values()), None)
        if build is not None:
            build = self._now(ctx, build)
        if build is None or not (ctx.board.timers.every("build_order.plan", self.options.replan_loops) or self._dirty):
            return
        self._dirty = False
        for upc in ctx.board.upcs(Command.CREATE, source="top"):
            ctx.board.consume(upc.id)
            self._root = upc.id
        if self._root is not None and ctx.board.upc(self._root) is None:
            self._root = None  # forgotten by the blackboard: nothing refers to it any more
        inventory = take_inventory(ctx, self._catalogue)
        if ctx.board.get(ALARM) or ctx.board.get(EMERGENCY):
            self._call_off_bases(ctx, inventory)
        locked, under_way = self._forget_ended(ctx)
        steps = self._plan(ctx, build, inventory, locked)
        self.last_plan = steps
        self._post(ctx, steps, under_way)

    def _now(self, ctx: Context, build: Build) -> Build:
        """The build with its changes that hold; after a switch it goes on behind its opening."""
        if self._played and self._played != build.name:
            self._opening_over = self._dirty = True
            ctx.log.info(f"from {self._played} to {build.name}")
        self._played = build.name
        active: tuple[str, ...] = ctx.board.get(BUILD_CHANGES)
        changed = effective(build, active)
        if self._opening_over:
            return changed
        if not self._wall_looked_for and any(step.near == WALL for step in changed.opening):
            self._wall_looked_for = True
            wall = find_wall(ctx.bot)
            if wall is not None:
                self._places[WALL] = wall.pylon
                ctx.board.put(NATURAL_WALL, wall)
        unknown = [step.near for step in changed.opening if step.near and step.near not in self._places]
        if unknown:
            if ctx.loop == 0:
                ctx.log.info(f"{build.name}: this map has no {unknown[0]}; what belongs there goes where there is room")
            changed = anywhere(changed, frozenset(unknown))
        return changed

    def _plan(self, ctx: Context, build: Build, inventory: Inventory, locked: list[tuple[Item, float]]) -> list[Step]:
        if any(threat.power > SCOUTS_POWER for threat in ctx.board.get(THREATS)):
            self._threatened_until = ctx.loop + THREATENED_LOOPS
        state = plan_state(ctx, inventory, locked, ctx.board.get(WORKER_SATURATION), self._catalogue)
        now = self._situation(ctx, inventory, locked, state)
        if not self._opening_over:
            over = ctx.loop > OPENING_ENDS_LOOPS or not opening_wishes(build, now, self._catalogue)
            if over:
                self._opening_over = True
                ctx.log.info(f"opening of {build.name} is over at supply {now.supply_used:.0f}")
                now = self._situation(ctx, inventory, locked, state)
        return plan(state, wishes(build, now, self._catalogue), self._catalogue)

    def _situation(
        self, ctx: Context, inventory: Inventory, locked: list[tuple[Item, float]], state: PlanState
    ) -> Situation:
        have = Counter(inventory.have)
        have.update(item for item, _ in locked)
        known = self._catalogue
        coming = sum(
            known[item].provides
            for item, left in inventory.coming
            if left <= SUPPLY_SOON_LOOPS and known.get(item) is not None
        )
        coming += sum(known[item].provides for item, _ in locked if item is known.supply)
        facts = Facts(
            loop=ctx.loop,
            supply=float(ctx.bot.supply_used),
            workers=inventory.workers,
            bases=inventory.finished[known.townhall],
            minerals=float(ctx.bot.minerals),
            vespene=float(ctx.bot.vespene),
            finished=inventory.finished,
            coming=have,
            seen={kind: sighting.count for kind, sighting in ctx.board.get(ENEMY_SEEN).items()},
            alarm=ctx.board.get(ALARM),
            danger=ctx.board.get(EMERGENCY),
            army=float(ctx.bot.supply_army),
        )
        return Situation(
            have=have,
            finished=inventory.finished,
            made=self._made,
            workers=have[known.worker],
            start_workers=self._start_workers,
            bases=have[known.townhall],
            ready_bases=max(1, inventory.finished[known.townhall]),
            supply_used=float(ctx.bot.supply_used),
            minerals=float(ctx.bot.minerals),
            emergency=ctx.board.get(EMERGENCY),
            alarm=ctx.board.get(ALARM),
            threatened=ctx.loop < self._threatened_until,
            near=self._near(ctx),
            no_room=ctx.board.get(NO_ROOM),
            opening_over=self._opening_over,
            supply_coming=float(ctx.bot.supply_cap) + coming,
            mineral_rate=state.mineral_rate,
            facts=facts,
        )

    def _near(self, ctx: Context) -> dict[tuple[Item, str], int]:
        """How many structures stand near the places that the build's steps name, or are on the way there."""
        build = self._builds.get(self._played)
        if self._opening_over or build is None:
            return {}
        found: dict[tuple[Item, str], int] = {}
        tasks = [t for t in ctx.board.tasks.running(owner="production") if getattr(t, "unpaid_item", None) is not None]
        table = ctx.units
        for item, name in {(step.item, step.near) for step in build.opening if step.near in self._places}:
            place = self._places[name]
            rows = np.flatnonzero(table.own & table.structure & table.of_type(item)) if isinstance(item, U) else ()
            count = len(table.within(place[0], place[1], NEAR_CELLS, rows)) if len(rows) else 0
            for task in tasks:
                position = getattr(task, "position", None)
                if task.unpaid_item is item and position is not None:  # type: ignore[attr-defined]
                    count += position.distance_to(place) <= NEAR_CELLS
            found[item, name] = count
        return found

    # -- orders with an identity ---------------------------------------------------------------

    def _forget_ended(self, ctx: Context) -> tuple[list[tuple[Item, float]], set[int]]:
        """Drop orders that ended; what a worker is on its way to build, and orders that cannot be withdrawn."""
        locked: list[tuple[Item, float]] = []
        under_way: set[int] = set()
        for upc_id in list(self._posted):
            status, _ = child_status(ctx.board, upc_id)
            if status.finished:
                del self._posted[upc_id]
            elif status is TaskStatus.ONGOING:
                under_way.add(upc_id)
        for task in ctx.board.tasks.running(owner="production"):
            item_of = getattr(task, "unpaid_item", None)
            if item_of is not None:
                locked.append((item_of, float(task.walk_loops(ctx))))  # type: ignore[attr-defined]
        return locked, under_way

    def _call_off_bases(self, ctx: Context, inventory: Inventory) -> None:
        """Workers on their way to build another townhall turn back: its price is needed for fighters."""
        if inventory.have[self._catalogue.townhall] == 0 or ctx.loop < self._called_off_until:
            return
        for task in ctx.board.tasks.running(owner="production"):
            if getattr(task, "unpaid_item", None) in TOWNHALLS:
                task.cancel("an attack comes first")
                self._called_off_until = ctx.loop + CALLED_OFF_LOOPS

    def _post(self, ctx: Context, steps: list[Step], under_way: set[int]) -> None:
        """Match the plan with what is on the board; post what is new and due, withdraw what is unwanted."""
        board = ctx.board
        waiting: defaultdict[tuple[Item, str], list[int]] = defaultdict(list)
        for upc_id, wanted in self._posted.items():
            if upc_id not in under_way:
                waiting[wanted].append(upc_id)
        schedule: dict[int, Due] = {}
        priority = FIRST_PRIORITY
        for upc_id in under_way:
            schedule[upc_id] = Due(ctx.loop, priority + 1.0)
        for step in steps:
            if step.locked:
                continue
            priority -= 1.0
            due = Due(ctx.loop + int(step.start), priority)
            key = (step.item, step.near)
            if waiting[key]:
                upc_id = waiting[key].pop(0)
            elif step.start <= self._lookahead(step):
                upc_id = board.post(self._upc(step, priority))
                if not upc_id:
                    continue
                self._posted[upc_id] = key
            else:
                continue
            board.reprioritise(upc_id, priority)
            schedule[upc_id] = due
        for unwanted in waiting.values():
            for upc_id in unwanted:
                cancel_child(board, upc_id, "the plan changed")
                del self._posted[upc_id]
        board.put(SCHEDULE, schedule)

    def _lookahead(self, step: Step) -> int:
        if not self._catalogue[step.item].structure:
            return UNIT_LOOKAHEAD_LOOPS
        return FAR_LOOKAHEAD_LOOPS if step.near in FAR_PLACES else STRUCTURE_LOOKAHEAD_LOOPS

    def _upc(self, step: Step, priority: float) -> Upc:
        state = CreateState(step.item, near=self._places.get(step.near))
        return Upc(Command.CREATE, state=state, priority=priority, note=step.note, parent=self._root, lasting=True)
