"""Scouting: a worker early, overlords, spare fighters when nothing of the enemy is known."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.claims import Release, Work
from cherrypy_bot.core.module import Context, Module, ModuleOptions
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import IntArray
from cherrypy_bot.core.upc import Command, Upc
from modules.items import TOWNHALLS, WORKER_OF
from modules.keys import ATTACK, ENEMY_BASES, ENEMY_SEEN, ENEMY_START, HOLD, OWN_BASES, SCOUTS_WANTED, STANCE, Sighting
from modules.power import army_rows, type_power
from modules.scouting.bases import group, order

SUMMARY_LOOPS: Final = 22
ARRIVED_CELLS: Final = 5.0
WORKER_ROUND_CELLS: Final = 9.0
EARLIER_AGAINST_ZERG: Final = 2
"""A Spawning Pool tells of an early attack sooner than what others build; those show later what they are up to."""
WATCH_NATURAL_UNTIL: Final = round(22.4 * 165)
"""A worker that saw one enemy base stays so long at the place of the second: one that is missing tells of an attack."""
WATCH_CELLS: Final = 7.0
SEARCH_AFTER_LOOPS: Final = 22 * 200
SEARCHERS: Final = 3
LEG_TIMEOUT_LOOPS: Final = 22 * 75
OVERLORD_TIMEOUT_LOOPS: Final = 22 * 400
OUTRIDER_TIMEOUT_LOOPS: Final = 22 * 50
OUTRIDER: Final = "outrider"
LEAST_ARMY: Final = 4
"""Fewer fighters than these have nothing to spare for a look."""
LOOPS_PER_SECOND: Final = 22.4
LOOK_FROM: Final = round(68 * 22.4)
LOOK_UNTIL: Final = round(115 * 22.4)
"""Between these a worker stands at our natural while nothing of ours does: what rises there is best broken at once."""
LOOK_AT_NATURAL: Final = "look at natural"
MOST_LOOKS: Final = 2


class ScoutingOptions(ModuleOptions):
    """What `bots.yaml` may set.

    Attributes:
        worker_at_supply: supply in use at which a worker goes to look; 0 sends none.
        outrider_from_seconds: from then on a cheap fighter looks for the enemy's army now and then.
        outrider_every_seconds: how often; 0 sends none.
    """

    worker_at_supply: int = Field(default=16, ge=0, le=200)
    outrider_from_seconds: float = Field(default=255.0, ge=0.0)
    outrider_every_seconds: float = Field(default=50.0, ge=0.0)


class ScoutTask(Task):
    """One unit that visits places in order.

    Attributes:
        legs: places still to visit. stay: keep standing at the last one. leg_since: when the running leg began.
        watch_until: loop until which it stands at the last one while only one enemy base is known.
    """

    def __init__(self, name: str, legs: list[Point2], *, stay: bool, timeout: int, upc_id: int | None) -> None:
        super().__init__(name, upc_id=upc_id, work=Work.SCOUT)
        self.legs = legs
        self.stay = stay
        self.timeout = timeout
        self.leg_since = -1
        self.watch_until = 0

    def on_unit_lost(self, tag: int, why: Release) -> None:
        """The scout is gone, and with it the task."""
        if not self.finished:
            self.set(TaskStatus.FAILURE, f"the scout was lost ({why.value})")


class Scouting(Module):
    """Consumes Top's SCOUT, moves scouts, publishes what is known of the enemy."""

    name: ClassVar[str] = "scouting"
    Options: ClassVar[type[ModuleOptions]] = ScoutingOptions
    reads = (OWN_BASES, SCOUTS_WANTED, STANCE)
    writes = (ENEMY_START, ENEMY_BASES, ENEMY_SEEN)
    consumes = (Command.SCOUT,)
    posts = (Command.MOVE,)
    deferrable: ClassVar[bool] = True

    def on_start(self, ctx: Context) -> None:
        """The enemy's start is known where only one is left."""
        self._worker_sent = False
        self._extra_sent = 0
        self._outrider_loop = 0
        self._looks = 0
        self._overlords_sent: set[int] = set()
        self._ruled_out: set[Point2] = set()
        self._seen_loop: dict[Point2, int] = {}
        self._root: int | None = None
        self._publish_start(ctx)

    def on_step(self, ctx: Context) -> None:
        """Summarise now and then; keep scouts going."""
        for upc in ctx.board.upcs(Command.SCOUT, source="top"):
            ctx.board.consume(upc.id)
            self._root = upc.id
        if self._root is not None and ctx.board.upc(self._root) is None:
            self._root = None
        if ctx.board.timers.every("scouting.summary", SUMMARY_LOOPS):
            self._publish_start(ctx)
            self._publish_bases(ctx)
            self._publish_seen(ctx)
            self._note_seen_places(ctx)
            self._send(ctx)
        for task in ctx.board.tasks.running(owner=self.name):
            if isinstance(task, ScoutTask):
                self._move(ctx, task)

    # -- what is known -------------------------------------------------------------------------

    def _publish_start(self, ctx: Context) -> None:
        starts = list(ctx.bot.enemy_start_locations)
        memory = ctx.memory
        standing = np.flatnonzero(memory.structure & ~memory.moved)
        for start in starts:
            near = np.hypot(memory.x[standing] - start[0], memory.y[standing] - start[1]) < 15.0
            if near.any():
                self._put_start(ctx, start)
                return
            if ctx.loop > 0 and ctx.bot.is_visible(start):
                self._ruled_out.add(start)
        left = [start for start in starts if start not in self._ruled_out]
        self._put_start(ctx, left[0] if len(left) == 1 else starts[0] if len(starts) == 1 else None)

    def _put_start(self, ctx: Context, start: Point2 | None) -> None:
        if start != ctx.board.get(ENEMY_START):
            ctx.board.put(ENEMY_START, Point2((start[0], start[1])) if start is not None else None)

    def _publish_bases(self, ctx: Context) -> None:
        memory = ctx.memory
        # Tumours come and go with detection, and nobody loses a game with the last of them.
        rows = np.flatnonzero(memory.structure & ~memory.moved & ~is_any_of(memory.type_id, _TUMOUR_IDS))
        # Floating structures last: few units reach them.
        rows = rows[np.argsort(memory.is_flying[rows], kind="stable")]
        points = np.stack((memory.x[rows], memory.y[rows]), axis=1)
        groups = group(points)
        centres = [(float(points[g[0], 0]), float(points[g[0], 1])) for g in groups]
        weights = [float(len(g)) if not memory.is_flying[rows[g[0]]] else -1000.0 for g in groups]
        home = ctx.bot.start_location
        bases = tuple(Point2(centres[i]) for i in order(centres, weights, (home[0], home[1])))
        if bases != ctx.board.get(ENEMY_BASES):
            ctx.board.put(ENEMY_BASES, bases)

    def _publish_seen(self, ctx: Context) -> None:
        memory = ctx.memory
        summary: dict[U, Sighting] = {}
        for kind in np.unique(memory.type_id).tolist():
            rows = np.flatnonzero(memory.type_id == kind)
            last = rows[np.argmax(memory.seen_loop[rows])]
            place = Point2((float(memory.x[last]), float(memory.y[last])))
            summary[U(kind)] = Sighting(len(rows), int(memory.seen_loop[last]), place)
        ctx.board.put(ENEMY_SEEN, summary)

    def _note_seen_places(self, ctx: Context) -> None:
        for place in ctx.bot.expansion_locations_list:
            if ctx.bot.is_visible(place):
                self._seen_loop[place] = ctx.loop

    # -- scouts --------------------------------------------------------------------------------

    def _send(self, ctx: Context) -> None:
        bot: Any = ctx.bot
        at = self.options.worker_at_supply
        if at and bot.enemy_race == Race.Zerg:
            at = max(1, at - EARLIER_AGAINST_ZERG)
        if not self._worker_sent and 0 < at <= bot.supply_used:
            self._worker_sent = True
            if bot.race != Race.Zerg:
                self._send_worker(ctx)
        if ctx.board.get(SCOUTS_WANTED) > self._extra_sent:
            self._extra_sent += 1
            self._send_worker(ctx)
        if bot.race == Race.Zerg:
            self._send_overlords(ctx)
        elif bot.enemy_race in (Race.Protoss, Race.Random):
            self._look_at_our_natural(ctx)
        attacks = ctx.board.get(STANCE) == ATTACK
        if attacks and ctx.loop > SEARCH_AFTER_LOOPS and not ctx.board.get(ENEMY_BASES):
            self._send_searchers(ctx)
        if ctx.board.get(STANCE) == HOLD:
            self._send_outrider(ctx)

    def _start(
        self,
        ctx: Context,
        name: str,
        tag: int,
        legs: list[Point2],
        *,
        stay: bool,
        timeout: int,
        watch_until: int = 0,
    ) -> None:
        task = ctx.board.add_task(ScoutTask(name, legs, stay=stay, timeout=timeout, upc_id=None))
        task.watch_until = watch_until
        if ctx.board.claim(task, [tag]):
            task.set(TaskStatus.ONGOING)
        else:
            task.set(TaskStatus.FAILURE, "the scout is needed elsewhere")

    def _send_worker(self, ctx: Context) -> None:
        """To the enemy's natural and once round its main."""
        workers = self._spare_workers(ctx)
        starts = list(ctx.bot.enemy_start_locations)
        if not len(workers) or not starts:
            return
        legs: list[Point2] = []
        for start in starts:
            legs.append(self._natural_of(ctx, start))
            round_trip = [start.offset((dx * WORKER_ROUND_CELLS, dy * WORKER_ROUND_CELLS)) for dx, dy in _ROUND]
            legs += [
                Point2((p[0], p[1])) for p in round_trip if ctx.bot.in_map_bounds(p) and ctx.bot.in_pathing_grid(p)
            ]
            natural = self._natural_of(ctx, start)
            legs.append(natural.towards(ctx.bot.game_info.map_center, WATCH_CELLS))
        self._start(
            ctx,
            "worker scout",
            int(ctx.units.tag[workers[0]]),
            legs,
            stay=False,
            timeout=LEG_TIMEOUT_LOOPS,
            watch_until=WATCH_NATURAL_UNTIL,
        )

    def _look_at_our_natural(self, ctx: Context) -> None:
        """Before there is a second base nobody sees what rises at its place: a worker stands there for a while."""
        watching = [t for t in ctx.board.tasks.running(owner=self.name) if t.name == LOOK_AT_NATURAL]
        wanted = LOOK_FROM <= ctx.loop < LOOK_UNTIL and len(ctx.board.get(OWN_BASES)) == 1
        for task in watching:
            if not wanted:
                task.set(TaskStatus.SUCCESS, "seen enough")
        if watching or not wanted or self._looks >= MOST_LOOKS:
            return
        natural = self._natural_of(ctx, ctx.bot.start_location)
        workers = self._spare_workers(ctx)
        if len(workers):
            self._looks += 1
            nearest = int(ctx.units.tag[ctx.units.closest(natural[0], natural[1], workers)])
            self._start(ctx, LOOK_AT_NATURAL, nearest, [natural], stay=True, timeout=LEG_TIMEOUT_LOOPS)

    def _spare_workers(self, ctx: Context) -> IntArray:
        """Rows of workers that may be taken, carry nothing and are no scouts already."""
        table = ctx.units
        rows = np.flatnonzero(table.own & table.of_type(WORKER_OF[ctx.bot.race]) & table.ready)
        tags = ctx.board.claims.available(table.tags(rows), owner=self.name, work=Work.SCOUT, priority=0.0)
        scouts = {tag for task in ctx.board.tasks.running(owner=self.name) for tag in task.units}
        free = table.rows([tag for tag in tags if tag not in scouts])
        return free[[not table.protos[row].buff_ids for row in free.tolist()]]

    def _natural_of(self, ctx: Context, start: Point2) -> Point2:
        """The base next to a start location, as the crow flies."""
        others = [p for p in ctx.bot.expansion_locations_list if p.distance_to(start) > 5.0]
        return min(others, key=lambda p: (p.distance_to(start), p), default=start)

    def _one_base_known(self, ctx: Context) -> bool:
        """Whether no second townhall of the enemy has been seen."""
        memory = ctx.memory
        return int(np.count_nonzero(memory.structure & is_any_of(memory.type_id, _TOWNHALL_IDS))) < 2

    def _send_overlords(self, ctx: Context) -> None:
        """The first looks at the enemy's natural, the second guards ours, later ones watch other bases."""
        table = ctx.units
        rows = np.flatnonzero(table.own & table.of_type(U.OVERLORD))
        home = ctx.bot.start_location
        starts = list(ctx.bot.enemy_start_locations)
        watch = sorted(ctx.bot.expansion_locations_list, key=lambda p: (p.distance_to(home), p))[1:6]
        for tag in table.tags(rows):
            if tag in self._overlords_sent or len(self._overlords_sent) >= 5:
                continue
            number = len(self._overlords_sent)
            self._overlords_sent.add(tag)
            if number == 0 and starts:
                natural = self._natural_of(ctx, starts[0])
                goal = natural.towards(ctx.bot.game_info.map_center, 8.0)
            else:
                goal = watch[(number - 1) % len(watch)] if watch else home
            self._start(ctx, "overlord", tag, [goal], stay=True, timeout=OVERLORD_TIMEOUT_LOOPS)

    def _send_outrider(self, ctx: Context) -> None:
        """Before an attack: what does the enemy have? One that runs to its outermost base and back sees its army."""
        every = self.options.outrider_every_seconds * LOOPS_PER_SECOND
        since = max(self.options.outrider_from_seconds * LOOPS_PER_SECOND, self._outrider_loop + every)
        if not every or ctx.loop < since or any(t.name == OUTRIDER for t in ctx.board.tasks.running(owner=self.name)):
            return
        home = ctx.bot.start_location
        known = ctx.board.get(ENEMY_BASES) or ctx.bot.enemy_start_locations
        tag = self._cheapest_runner(ctx)
        if not known or not tag:
            return
        self._outrider_loop = ctx.loop
        front = min(known, key=lambda p: (p.distance_to(home), p))
        legs = [Point2((front[0], front[1]))]
        inner = [self._natural_of(ctx, start) for start in ctx.bot.enemy_start_locations]
        legs += [p for p in inner if p.distance_to(front) > ARRIVED_CELLS]
        self._start(ctx, OUTRIDER, tag, [*legs, home], stay=False, timeout=OUTRIDER_TIMEOUT_LOOPS)

    def _cheapest_runner(self, ctx: Context) -> int:
        """Tag of the cheapest of our fighters on the ground, the fastest of equals; 0 when there is none to spare."""
        table = ctx.units
        rows = army_rows(table)
        rows = rows[~table.is_flying[rows] & (table.movement_speed[rows] > 0.0) & ~table.of_type(U.QUEEN)[rows]]
        if len(rows) < LEAST_ARMY:
            return 0
        tags = ctx.board.claims.available(table.tags(rows), owner=self.name, work=Work.SCOUT, priority=0.0)
        worth = type_power(ctx)

        def price(tag: int) -> tuple[float, float, int]:
            row = table.row(tag)
            return float(worth[table.type_id[row]]), -float(table.movement_speed[row]), tag

        return min(tags, key=price, default=0)

    def _send_searchers(self, ctx: Context) -> None:
        """Nothing of the enemy is known: fighters look at the bases that were not seen for longest."""
        running = [t for t in ctx.board.tasks.running(owner=self.name) if t.name == "search"]
        if len(running) >= SEARCHERS:
            return
        table = ctx.units
        tags = ctx.board.claims.available(table.tags(army_rows(table)), owner=self.name, work=Work.SCOUT, priority=0.0)
        held = {tag for task in ctx.board.tasks.running(owner=self.name) for tag in task.units}
        tags = [tag for tag in tags if tag not in held]
        visiting = {leg for task in running if isinstance(task, ScoutTask) for leg in task.legs}
        own = ctx.board.get(OWN_BASES)
        places = [
            place
            for place in ctx.bot.expansion_locations_list
            if place not in visiting and all(place.distance_to(base) > 6.0 for base in own)
        ]
        places.sort(key=lambda p: (self._seen_loop.get(p, 0), p))
        for tag, place in zip(tags[: SEARCHERS - len(running)], places, strict=False):
            self._start(ctx, "search", tag, [place], stay=False, timeout=LEG_TIMEOUT_LOOPS)

    def _move(self, ctx: Context, task: ScoutTask) -> None:
        """Next leg when the scout has arrived, or cannot."""
        row = ctx.units.row(task.units[0]) if task.units else -1
        if row < 0 or not task.legs:
            if not task.legs and not task.stay:
                task.set(TaskStatus.SUCCESS, "seen everything")
            return
        if task.leg_since < 0:
            task.leg_since = ctx.loop
        x, y = float(ctx.units.x[row]), float(ctx.units.y[row])
        goal = task.legs[0]
        arrived = goal.distance_to_point2(Point2((x, y))) <= ARRIVED_CELLS
        if arrived or ctx.loop - task.leg_since > task.timeout:
            if len(task.legs) == 1 and (task.stay or (ctx.loop < task.watch_until and self._one_base_known(ctx))):
                return
            task.legs.pop(0)
            task.leg_since = ctx.loop
            if not task.legs:
                task.set(TaskStatus.SUCCESS, "seen everything")
                return
            goal = task.legs[0]
        going = (float(ctx.units.order_x[row]), float(ctx.units.order_y[row]))
        if not np.hypot(going[0] - goal[0], going[1] - goal[1]) <= 1.0:
            ctx.board.post(Upc.move(units=task.units, position=goal, priority=1.0, parent=self._root, note=task.name))


_TUMOUR_IDS: Final = [U.CREEPTUMOR.value, U.CREEPTUMORBURROWED.value, U.CREEPTUMORQUEEN.value]
_TOWNHALL_IDS: Final = [kind.value for kind in TOWNHALLS]
_ROUND: Final = ((1.0, 0.0), (0.7, 0.7), (0.0, 1.0), (-0.7, 0.7), (-1.0, 0.0), (-0.7, -0.7), (0.0, -1.0), (0.7, -0.7))
