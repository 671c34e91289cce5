"""Tactics: makes squads of the army and decides for each whether it gathers, fights or leaves.

    ATTACK / DEFEND wishes (area, units open)  ->  squads that claim units  ->  one UPC per squad for Micro

Defence comes first: enemies at our places get as many of the nearest units as the predictor thinks enough. The rest is
the main army, which gathers at the rally point and goes as one body when the predicted win allows; new units
gather behind it and follow in groups. Workers are never touched.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sc2.position import Point2

from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.module import Context, Module, ModuleOptions
from cherrypy_bot.core.tasks import TaskStatus
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.upc import Command, PositionArea, Upc
from modules import keys
from modules.combat import CombatPredictor, Side, WeaponTable
from modules.tactics import defence
from modules.tactics.foes import WORKERS, Foes
from modules.tactics.force import HOME_GUARD, Body, SquadTask, soldiers
from modules.tactics.plan import Situation, Thresholds, next_mode
from modules.tactics.search import Search
from modules.tactics.squads import Mode, SquadState

IntArray = npt.NDArray[np.int64]

_ORDER_LASTS_LOOPS = 48
"""A wish that is not repeated for this long is over."""
_LOCAL_CELLS = 17.0
_OVERALL_LOOPS = 40
"""How often the fight against everything known is predicted while the army waits."""
_ENGAGED_CELLS = 8.0
_THERE_CELLS = 9.0
_JOIN_CELLS = 10.0
_SUPPLY_FULL = 190
_DEFENCE_ENDS_LOOPS = 56
_SAME_INTRUSION_CELLS = 16.0
_GUARD_CELLS = 26.0
_HOPELESS_WIN = 0.4
_HOPEFUL_WIN = 0.55
_REFUGE_CELLS = 14.0
_PRIORITY = {Mode.DEFEND: 20.0}


class TacticsOptions(ModuleOptions):
    """Options of Tactics.

    Attributes:
        attack_at, retreat_at: predicted win at which the main army goes, and below which it leaves a fight.
        defend_to: predicted win up to which units are called to a threatened base.
        reinforce_with: units that follow the main army go in groups of at least this many.
        remember_seconds: enemy units out of sight are believed to be where they were this long.
        expect_seconds: enemy units out of sight are expected to be met on an attack this long.
        think_loops: loops between two assessments.
    """

    attack_at: float = 0.6
    retreat_at: float = 0.3
    defend_to: float = 0.85
    reinforce_with: int = 5
    remember_seconds: float = 75.0
    expect_seconds: float = 150.0
    think_loops: int = 8


class Tactics(Module):
    """Consumes ATTACK and DEFEND wishes, posts one UPC per squad."""

    name: ClassVar[str] = "tactics"
    Options: ClassVar[type[ModuleOptions]] = TacticsOptions
    reads: ClassVar[tuple[Any, ...]] = (keys.RALLY, keys.STANCE, keys.ATTACK_TARGET)
    consumes: ClassVar[tuple[Command, ...]] = (Command.ATTACK, Command.DEFEND)
    posts: ClassVar[tuple[Command, ...]] = (Command.ATTACK, Command.MOVE, Command.FLEE)
    budget_ms: ClassVar[float] = 8.0

    def __init__(self, options: ModuleOptions | None = None) -> None:
        super().__init__(options)
        self._reset()

    def _reset(self) -> None:
        self._weapons: WeaponTable | None = None
        self._predictor: CombatPredictor | None = None
        self._main: SquadTask | None = None
        self._reserve: SquadTask | None = None
        self._defenders: list[SquadTask] = []
        self._attack: Upc | None = None
        self._defend: list[Upc] = []
        self._attack_loop = -_ORDER_LASTS_LOOPS
        self._think_loop = -1000
        self._search = Search()
        self._overall = 1.0
        self._overall_loop = -_OVERALL_LOOPS

    def on_start(self, ctx: Context) -> None:
        """Learn this match's weapons."""
        self._reset()
        self._weapons = WeaponTable.from_bot(ctx.bot)
        self._predictor = CombatPredictor(self._weapons)

    def on_step(self, ctx: Context) -> None:
        """Read the wishes, enlist new units, think now and then, post the squads."""
        if self._weapons is None or self._predictor is None:
            self.on_start(ctx)
        assert self._weapons is not None
        assert self._predictor is not None
        self._read_wishes(ctx)
        main, reserve = self._standing(ctx)
        rally = self._rally(ctx)
        self._enlist(ctx, self._weapons, main, reserve)
        if ctx.loop >= self._think_loop + self.options.think_loops:
            self._think_loop = ctx.loop
            foes = Foes.believed(ctx.memory, self._weapons, ctx.loop, int(self.options.remember_seconds * 22.4))
            self._defences(ctx, self._weapons, self._predictor, foes, rally)
            self._lead(ctx, self._predictor, foes, rally, main, reserve)
        self._post(ctx, rally)

    # -- wishes and units ----------------------------------------------------------------------

    def _read_wishes(self, ctx: Context) -> None:
        """Consume what asks for an attack or a defence and leaves the units open."""
        board = ctx.board
        wishes = [
            upc
            for upc in board.upcs()
            if upc.sharp_command in (Command.ATTACK, Command.DEFEND)
            and upc.sharp_units is None
            and not isinstance(upc.state, SquadState)
        ]
        attacks = [board.consume(upc.id) for upc in wishes if upc.sharp_command is Command.ATTACK]
        self._defend = [board.consume(upc.id) for upc in wishes if upc.sharp_command is Command.DEFEND]
        if attacks:
            self._attack = max(attacks, key=lambda upc: (upc.priority, -upc.id))
            self._attack_loop = ctx.loop
        elif ctx.loop > self._attack_loop + _ORDER_LASTS_LOOPS and board.get(keys.STANCE) != keys.ATTACK:
            self._attack = None

    def _standing(self, ctx: Context) -> tuple[SquadTask, SquadTask]:
        """The main army and the reserve, made anew when somebody ended them."""
        rally = self._rally(ctx)
        if self._main is None or self._main.finished:
            self._main = ctx.board.add_task(SquadTask("main", Work.ARMY, rally, Mode.GATHER, ctx.loop))
            self._main.set(TaskStatus.ONGOING)
        if self._reserve is None or self._reserve.finished:
            self._reserve = ctx.board.add_task(SquadTask("reserve", Work.ARMY, rally, Mode.GATHER, ctx.loop))
            self._reserve.set(TaskStatus.ONGOING)
        self._defenders = [task for task in self._defenders if not task.finished]
        return self._main, self._reserve

    def _enlist(self, ctx: Context, weapons: WeaponTable, main: SquadTask, reserve: SquadTask) -> None:
        """Free soldiers join the army at the rally point, or the reserve while the army is away."""
        units = ctx.units
        mask = soldiers(units, weapons) & ~is_any_of(units.type_id, HOME_GUARD)
        free = ctx.board.claims.free(units.tags(mask))
        if free:
            ctx.board.claim(main if main.mode is Mode.GATHER else reserve, free)

    def _rally(self, ctx: Context) -> Point2:
        """Where the army gathers: what Strategy says, else a little in front of the start."""
        rally = ctx.board.get(keys.RALLY)
        if rally is not None:
            return rally
        start: Point2 = ctx.bot.start_location
        return start.towards(ctx.bot.game_info.map_center, 8.0)

    # -- defence -------------------------------------------------------------------------------

    def _defences(
        self, ctx: Context, weapons: WeaponTable, predictor: CombatPredictor, foes: Foes, rally: Point2
    ) -> None:
        """One squad per intrusion, as strong as the predictor thinks enough."""
        units = ctx.units
        halls = [(hall.position.x, hall.position.y) for hall in ctx.bot.townhalls]
        places = np.array([*halls, (rally[0], rally[1])], np.float64).reshape(-1, 2)
        others = units.xy[units.own & units.structure & ~units.is_flying]
        found = defence.intrusions(foes, ctx.loop, places, others)
        left = list(self._defenders)
        for intrusion in found:
            task = min(left, key=lambda t: _apart(t.goal, intrusion), default=None)
            if task is not None and _apart(task.goal, intrusion) <= _SAME_INTRUSION_CELLS:
                left.remove(task)
            else:
                task = None
            self._defence(ctx, weapons, predictor, foes, intrusion, task)
        for task in left:
            if ctx.loop > task.seen_loop + _DEFENCE_ENDS_LOOPS or not task.units:
                task.set(TaskStatus.SUCCESS, "nobody there any more")
                self._defenders.remove(task)

    def _defence(
        self,
        ctx: Context,
        weapons: WeaponTable,
        predictor: CombatPredictor,
        foes: Foes,
        intrusion: defence.Intrusion,
        task: SquadTask | None,
    ) -> None:
        """Recruit against one intrusion."""
        units, board = ctx.units, ctx.board
        goal = Point2((intrusion.x, intrusion.y))
        members = units.rows(task.units) if task is not None else np.zeros(0, np.int64)
        rows = units.rows(self._available(ctx, weapons, intrusion))
        rows = rows[defence.able(units, weapons, rows, foes, intrusion.members)]
        rows = rows[units.distance_to(intrusion.x, intrusion.y, rows).argsort(kind="stable")]
        theirs = foes.side(intrusion.members)
        if intrusion.armed:
            helpers = self._fighting_workers(ctx, intrusion)
            enough = self.options.defend_to
            least = defence.at_hand(units, rows, intrusion, foes)
            count, win = defence.recruits_needed(predictor, units, members, rows, theirs, enough, helpers, least)
        else:
            # Somebody who only looks: as many as are at hand, two at most.
            near = int((units.distance_to(intrusion.x, intrusion.y, rows) < _GUARD_CELLS).sum())
            count, win = max(0, min(2 - len(members), near)), 1.0
        if task is None:
            if not count:
                return
            task = SquadTask("defence", Work.DEFEND, goal, Mode.DEFEND, ctx.loop, _PRIORITY[Mode.DEFEND])
            board.add_task(task)
            task.name = f"defence {task.id}"
            task.set(TaskStatus.ONGOING)
            self._defenders.append(task)
        board.claim(task, units.tags(rows[:count]))
        task.goal, task.win, task.seen_loop = goal, win, ctx.loop
        task.enemies = foes.tags(intrusion.members)
        task.reason = f"{len(intrusion.members)} enemies at our place ({win:.0%})"
        ctx.trace.predict(self.name, intrusion.x, intrusion.y, win=win)
        self._hold_back(ctx, weapons, foes, intrusion, task)
        asked = [upc for upc in self._defend if _centre(upc) is not None]
        parent = min(asked, key=lambda upc: _apart(_centre(upc) or goal, intrusion), default=None)
        task.parent_upc = parent.id if parent is not None else None

    def _hold_back(
        self, ctx: Context, weapons: WeaponTable, foes: Foes, intrusion: defence.Intrusion, task: SquadTask
    ) -> None:
        """A squad that would only be slaughtered waits out of their way for more; one that is found fights."""
        rows = ctx.units.rows(task.units)
        where = self._refuge(ctx, intrusion)
        holding = task.mode is Mode.RETREAT
        lost = task.win < (_HOPELESS_WIN if not holding else _HOPEFUL_WIN)
        found = len(ctx.units.within(intrusion.x, intrusion.y, intrusion.radius + _ENGAGED_CELLS, rows)) > 0
        if not lost or where is None or found or defence.can_dance(ctx.units, weapons, rows, foes, intrusion.members):
            task.enter(Mode.DEFEND, task.reason, ctx.loop)
        else:
            task.enter(Mode.RETREAT, f"waiting for more, {task.reason}", ctx.loop)
            task.goal = where

    def _refuge(self, ctx: Context, intrusion: defence.Intrusion) -> Point2 | None:
        """Our nearest place that the intruders are not at."""
        places = [self._rally(ctx), *(hall.position for hall in ctx.bot.townhalls)]
        far = [place for place in places if _apart(place, intrusion) > intrusion.radius + _REFUGE_CELLS]
        return min(far, key=lambda place: _apart(place, intrusion), default=None)

    def _fighting_workers(self, ctx: Context, intrusion: defence.Intrusion) -> IntArray:
        """Rows of our workers that somebody has sent against the intruders."""
        units = ctx.units
        near = units.within(intrusion.x, intrusion.y, _GUARD_CELLS, units.own & is_any_of(units.type_id, WORKERS))
        holders = [ctx.board.claims.holder(tag) for tag in units.tags(near)]
        return near[[holder is not None and holder.work is Work.DEFEND for holder in holders]]

    def _available(self, ctx: Context, weapons: WeaponTable, intrusion: defence.Intrusion) -> list[int]:
        """Tags that may be called: reserve, free home guards, and the army unless it fights far away."""
        tags: list[int] = []
        for task in (self._reserve, self._main):
            if task is None or not task.units:
                continue
            far = (
                task.mode in (Mode.ATTACK, Mode.HUNT)
                and Body(ctx.units, task.units).distance((intrusion.x, intrusion.y)) > 2.5 * _GUARD_CELLS
            )
            if not far:
                tags.extend(task.units)
        guards = soldiers(ctx.units, weapons) & is_any_of(ctx.units.type_id, HOME_GUARD)
        near = ctx.units.within(intrusion.x, intrusion.y, _GUARD_CELLS, guards)
        claims = ctx.board.claims
        tags.extend(
            claims.available(ctx.units.tags(near), owner=self.name, work=Work.DEFEND, priority=_PRIORITY[Mode.DEFEND])
        )
        # Those of our own other defences stay there.
        return [tag for tag in tags if not self._defends(ctx, tag)]

    def _defends(self, ctx: Context, tag: int) -> bool:
        task = ctx.board.task_of_unit(tag)
        return task is not None and task in self._defenders

    # -- the main army -------------------------------------------------------------------------

    def _lead(
        self,
        ctx: Context,
        predictor: CombatPredictor,
        foes: Foes,
        rally: Point2,
        main: SquadTask,
        reserve: SquadTask,
    ) -> None:
        """Decide what the main army and those behind it do."""
        units, options = ctx.units, self.options
        self._merge(ctx, main, reserve)
        body = Body(units, main.units)
        goal = self._goal(ctx, foes, body)
        situation = self._situation(ctx, predictor, foes, body, main, goal, rally)
        limits = Thresholds(attack_at=options.attack_at, retreat_at=options.retreat_at)
        mode, why = next_mode(situation, limits)
        if main.enter(mode, why, ctx.loop):
            ctx.log.debug(f"main army of {len(body)}: {mode.value}, {why}")
            ctx.trace.note(self.name, main=mode.value, why=why, units=len(body), win=round(situation.overall, 3))
        if situation.local is not None:
            ctx.trace.predict(self.name, body.x, body.y, win=situation.local)
        main.win = situation.local if situation.local is not None else situation.overall
        main.goal = {
            Mode.GATHER: rally,
            Mode.RETREAT: rally,
            Mode.REGROUP: Point2((body.x, body.y)),
        }.get(mode, goal or rally)
        self._lead_reserve(ctx, rally, main, body, reserve)

    def _situation(
        self,
        ctx: Context,
        predictor: CombatPredictor,
        foes: Foes,
        body: Body,
        main: SquadTask,
        goal: Point2 | None,
        rally: Point2,
    ) -> Situation:
        """What the army faces, here and altogether; both fights in one call."""
        units = ctx.units
        near = (foes.army | foes.fixed) & foes.within(body.x, body.y, _LOCAL_CELLS)
        # Fixed ones matter once we are about to walk into them.
        near &= ~foes.fixed | foes.within(body.x, body.y, 12.0)
        fixed = foes.fixed & foes.within(goal[0], goal[1], 14.0) if goal is not None else np.zeros(len(foes), np.bool_)
        around = units.within(body.x, body.y, _LOCAL_CELLS, body.rows) if len(body) else body.rows
        fights = []
        if near.any() and len(body):
            fights.append((Side.of(units, around), foes.side(near)))
        # Whether to set out is a question only before setting out.
        if main.mode is not Mode.GATHER or self._attack is None:
            self._overall, self._overall_loop = 1.0, -_OVERALL_LOOPS
        elif ctx.loop >= self._overall_loop + _OVERALL_LOOPS:
            weapons, forget = predictor.weapons, int(self.options.expect_seconds * 22.4)
            expected = Foes.army_at_large(ctx.memory, weapons, ctx.loop, forget) + foes.side(fixed)
            self._overall_loop = ctx.loop
            self._overall = 1.0
            if len(expected):
                fights.append((Side.of(units, body.rows), expected))
        wins = [prediction.win for prediction in predictor.predict_many(fights)]
        local = wins.pop(0) if near.any() and len(body) else None
        if wins:
            self._overall = wins.pop(0)
        engaged = outrun = False
        if near.any() and len(body):
            dx = units.x[around][:, None] - foes.x[near][None, :]
            dy = units.y[around][:, None] - foes.y[near][None, :]
            engaged = bool((dx * dx + dy * dy).min() <= _ENGAGED_CELLS**2)
            table = predictor.weapons
            theirs = table.speed[table.known(foes.memory.type_id[foes.row[near]])].mean()
            outrun = bool(theirs > 1.05 * table.speed[table.known(units.type_id[around])].mean())
        main.enemies = foes.tags(near)
        return Situation(
            mode=main.mode,
            loops=ctx.loop - main.since,
            ordered=self._attack is not None,
            size=len(body),
            together=body.together,
            overall=self._overall,
            local=local,
            engaged=engaged,
            outrun=outrun,
            at_rally=body.distance(rally) < _THERE_CELLS,
            supply_full=ctx.bot.supply_used >= _SUPPLY_FULL,
        )

    def _goal(self, ctx: Context, foes: Foes, body: Body) -> Point2 | None:
        """Where an attack goes: where it was ordered to, then whatever is left; None without an order."""
        if self._attack is None:
            return None
        ordered = _centre(self._attack) or ctx.board.get(keys.ATTACK_TARGET)
        if ordered is None:
            ordered = (
                ctx.bot.enemy_start_locations[0] if ctx.bot.enemy_start_locations else ctx.bot.game_info.map_center
            )
        return self._search.goal(ctx, foes, body, ordered)

    def _merge(self, ctx: Context, main: SquadTask, reserve: SquadTask) -> None:
        """The reserve becomes part of the army where they meet, or where there is no army."""
        if not reserve.units:
            return
        body = Body(ctx.units, main.units)
        if main.mode is Mode.GATHER or not len(body):
            ctx.board.claim(main, reserve.units)
            return
        rows = ctx.units.rows(reserve.units)
        close = ctx.units.within(body.x, body.y, _JOIN_CELLS, rows)
        if len(close) >= max(1, len(rows) // 2):
            ctx.board.claim(main, reserve.units)

    def _lead_reserve(self, ctx: Context, rally: Point2, main: SquadTask, body: Body, reserve: SquadTask) -> None:
        """Gather at the rally point; follow the army in groups when it is out."""
        waiting = Body(ctx.units, reserve.units)
        out = main.mode in (Mode.ATTACK, Mode.HUNT, Mode.REGROUP)
        ready = len(waiting) >= self.options.reinforce_with and waiting.together >= 0.6
        if out and (ready or reserve.mode is Mode.ATTACK) and len(waiting):
            reserve.enter(Mode.ATTACK, "following the army", ctx.loop)
            reserve.goal = Point2((body.x, body.y))
        else:
            reserve.enter(Mode.GATHER, "gathering", ctx.loop)
            reserve.goal = rally

    # -- posting -------------------------------------------------------------------------------

    def _post(self, ctx: Context, rally: Point2) -> None:
        """One UPC per squad that has units."""
        for task in (*self._defenders, self._main, self._reserve):
            if task is None or task.finished or not task.units:
                continue
            attack = self._attack
            parent = task.parent_upc
            if task.mode in (Mode.ATTACK, Mode.REGROUP, Mode.HUNT) and attack is not None:
                parent = attack.id
            for tags, goal in self._search.split(ctx, task, attack is not None):
                self._post_squad(ctx, task, tags, goal, rally, parent)

    def _post_squad(
        self, ctx: Context, task: SquadTask, tags: tuple[int, ...], goal: Point2, rally: Point2, parent: int | None
    ) -> None:
        command, radius = {
            Mode.GATHER: (Command.MOVE, 5.0),
            Mode.REGROUP: (Command.MOVE, 4.0),
            Mode.RETREAT: (Command.FLEE, 3.0),
        }.get(task.mode, (Command.ATTACK, 3.0))
        ctx.board.post(
            Upc(
                command,
                units=tags,
                position=PositionArea(goal, radius, f"{task.name} {task.mode.value}"),
                state=SquadState(task.name, task.mode, rally, task.enemies, task.win),
                priority=_PRIORITY.get(task.mode, 10.0),
                note=f"{task.name} {task.mode.value}: {task.reason}",
                parent=parent,
            )
        )


def _centre(upc: Upc) -> Point2 | None:
    """The place that a wish names."""
    position = upc.position
    return position.center if isinstance(position, PositionArea) else position


def _apart(point: Point2, intrusion: defence.Intrusion) -> float:
    return float(np.hypot(point[0] - intrusion.x, point[1] - intrusion.y))
