"""Micro: turns each squad's UPC into one sharp UPC per unit, in every step.

    ATTACK/MOVE/FLEE of a squad  ->  battlefield as arrays  ->  dodge, escapes, spells, chain of behaviours
                                 ->  one UPC per unit, its note naming the behaviour that decided

A unit that should go on with the very order that it has gets no new UPC: its last one still explains it.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.position import Point2

from cherrypy_bot.core.module import Context, Module, ModuleOptions
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import UnitTable
from cherrypy_bot.core.upc import Command, OrderState, PositionArea, Upc
from modules.combat import WeaponTable
from modules.micro.behaviours import Scene, Squad
from modules.micro.casting import Cast, Casting
from modules.micro.chains import CHAINS, fighter_kinds, run_chain
from modules.micro.dodge import dangers, dodge
from modules.micro.escapes import Escapes
from modules.micro.field import (
    ATTACK_MOVE,
    ATTACK_UNIT,
    CLOAKED,
    KEEP,
    MOVE,
    NOT_WORTH_A_SHOT,
    Battlefield,
    BoolArray,
    Decisions,
    IntArray,
)
from modules.tactics.squads import Mode, SquadState

_ATTACK_ORDERS = np.array([AbilityId.ATTACK.value, AbilityId.ATTACK_ATTACK.value, AbilityId.SCAN_MOVE.value])
_MOVE_ORDERS = np.array([AbilityId.MOVE.value, AbilityId.MOVE_MOVE.value])
_SIGHT_CELLS = 16.0
"""Enemies farther than this from every unit of ours are not looked at."""
_PATHS_EVERY_LOOPS = 32
_SAME_PLACE_CELLS = 0.75
"""A goal this near to the last one is not worth a new order."""


class MicroOptions(ModuleOptions):
    """Options of Micro.

    Attributes:
        enabled: False attack-moves everything, to see what Micro is worth.
    """

    enabled: bool = True


class Micro(Module):
    """Consumes squads (UPCs with a SquadState), posts one sharp UPC per unit."""

    name: ClassVar[str] = "micro"
    Options: ClassVar[type[ModuleOptions]] = MicroOptions
    consumes: ClassVar[tuple[Command, ...]] = (Command.ATTACK, Command.MOVE, Command.FLEE)
    posts: ClassVar[tuple[Command, ...]] = (Command.ATTACK, Command.MOVE, Command.CAST)
    budget_ms: ClassVar[float] = 4.0

    def __init__(self, options: ModuleOptions | None = None) -> None:
        super().__init__(options)
        self._weapons: WeaponTable | None = None
        self._ground: BoolArray = np.zeros((0, 0), np.bool_)
        self._paths: BoolArray = self._ground
        self._paths_loop = -_PATHS_EVERY_LOOPS
        self._last: dict[int, tuple[str, int, int, float, float]] = {}
        self._casting = Casting()
        self._escapes = Escapes()

    def on_start(self, ctx: Context) -> None:
        """Learn the weapons and the ground of this match."""
        self.use(WeaponTable.from_bot(ctx.bot), ctx.bot.game_info.pathing_grid.data_numpy.astype(np.bool_))

    def use(self, weapons: WeaponTable, ground: BoolArray) -> None:
        """Start a match with these weapons on this ground (bool grid [y, x], True where units can walk)."""
        self._weapons = weapons
        self._paths = self._ground = ground
        self._paths_loop = -_PATHS_EVERY_LOOPS
        self._last = {}
        self._casting = Casting()
        self._escapes = Escapes()

    def on_step(self, ctx: Context) -> None:
        """Consume the squads of this step and give every unit of theirs something to do."""
        upcs = [upc for upc in ctx.board.upcs(kind=SquadState) if (upc.sharp_command, 0) in CHAINS]
        if not upcs:
            return
        if self._weapons is None:
            self.on_start(ctx)
        assert self._weapons is not None
        for upc in upcs:
            ctx.board.consume(upc.id)
        squads, me = self._squads(ctx.units, upcs)
        if not len(me):
            return
        self._look_at_paths(ctx)
        foe = enemies_near(ctx.units, me)
        field = Battlefield(ctx.units, self._weapons, me, foe, self._paths, max(1, ctx.bot.client.game_step))
        scene = Scene(field, Decisions(field.n), np.zeros(field.m), np.zeros(field.m))
        casts: list[Cast] = []
        if self.options.enabled:
            dodge(scene, dangers(ctx.bot.state.effects, scene))
            casts = self._escapes.decide(scene, squads, ctx.loop, ctx.bot.state.upgrades)
            casts += self._casting.decide(scene, squads, ctx.loop, ctx.bot.state.upgrades)
        self.decide(scene, squads)
        self._post(ctx, scene, squads)
        self._post_casts(ctx, scene, squads, casts)

    def decide(self, scene: Scene, squads: list[Squad]) -> None:
        """Run the chain of every kind of fighter of every squad."""
        kinds = fighter_kinds(scene.field)
        for squad in squads:
            if not self.options.enabled and squad.command is Command.ATTACK:
                scene.decisions.go(squad.rows, ATTACK_MOVE, squad.x, squad.y, "advance")
                continue
            rows = squad.rows[scene.decisions.kind[squad.rows] == 0]
            for kind in np.unique(kinds[rows]).tolist():
                run_chain(CHAINS[squad.command, kind], scene, squad, rows[kinds[rows] == kind])

    def _squads(self, units: UnitTable, upcs: list[Upc]) -> tuple[list[Squad], IntArray]:
        """The squads with the rows of their units, and the table's row of each of those."""
        squads: list[Squad] = []
        rows: list[int] = []
        taken: set[int] = set()
        # A unit that two squads name follows the more important one.
        for upc in sorted(upcs, key=lambda upc: (-upc.priority, upc.id)):
            begin = len(rows)
            for tag in upc.tags:
                row = units.row(tag)
                if row >= 0 and row not in taken:
                    taken.add(row)
                    rows.append(row)
            command, state = upc.sharp_command, upc.state
            if begin == len(rows) or command is None or not isinstance(state, SquadState):
                continue
            goal, radius = upc.position, 2.0
            if isinstance(goal, PositionArea):
                goal, radius = goal.center, goal.radius
            if goal is None:
                goal = state.home
            squads.append(
                Squad(
                    state.squad,
                    command,
                    float(goal[0]),
                    float(goal[1]),
                    radius,
                    (float(state.home[0]), float(state.home[1])),
                    np.arange(begin, len(rows)),
                    upc.id,
                    upc.priority,
                    state.mode is Mode.GATHER,
                )
            )
        return squads, np.array(rows, np.int64)

    def _look_at_paths(self, ctx: Context) -> None:
        """The map's pathing without the cells that structures stand on, renewed now and then."""
        if ctx.loop - self._paths_loop < _PATHS_EVERY_LOOPS:
            return
        self._paths_loop = ctx.loop
        units = ctx.units
        paths = self._ground.copy()
        height, width = paths.shape
        for row in np.flatnonzero(units.structure & ~units.is_flying & (units.radius > 1.0)).tolist():
            half = float(units.radius[row]) - 0.5
            x0, x1 = int(max(units.x[row] - half, 0)), int(min(units.x[row] + half, width))
            y0, y1 = int(max(units.y[row] - half, 0)), int(min(units.y[row] + half, height))
            paths[y0 : y1 + 1, x0 : x1 + 1] = False
        self._paths = paths

    # -- posting -------------------------------------------------------------------------------

    def _post(self, ctx: Context, scene: Scene, squads: list[Squad]) -> None:
        """Post what is new, squad by squad, in the order of their units."""
        field, decisions = scene.field, scene.decisions
        tags = field.units.tag[field.me].tolist()
        foe_tags = field.units.tag[field.foe].tolist()
        same = self._doing_it(field, decisions)
        last: dict[int, tuple[str, int, int, float, float]] = {}
        for squad in squads:
            for row in squad.rows.tolist():
                tag, kind, by = tags[row], int(decisions.kind[row]), decisions.by[row]
                before = self._last.get(tag)
                if kind == KEEP:
                    if before is not None:
                        last[tag] = before
                    continue
                target = foe_tags[decisions.target[row]] if kind == ATTACK_UNIT else 0
                x, y = float(decisions.x[row]), float(decisions.y[row])
                if before is not None and same[row] and before[:3] == (by, kind, target):
                    last[tag] = before
                    continue
                last[tag] = (by, kind, target, x, y)
                ctx.board.post(_sharp(squad, tag, kind, target, x, y, by))
        self._last = last

    def _post_casts(self, ctx: Context, scene: Scene, squads: list[Squad], casts: list[Cast]) -> None:
        """Post what is cast, as a refinement of the caster's squad."""
        if not casts:
            return
        squad_of = {row: squad for squad in squads for row in squad.rows.tolist()}
        for cast in casts:
            squad = squad_of[cast.row]
            tag = int(scene.field.units.tag[scene.field.me[cast.row]])
            state = OrderState(ability=cast.ability, target=cast.target)
            note = f"{squad.name}: {cast.by}"
            self._last.pop(tag, None)
            ctx.board.post(Upc(Command.CAST, (tag,), cast.place, state, squad.priority, note, squad.upc_id))

    def _doing_it(self, field: Battlefield, decisions: Decisions) -> BoolArray:
        """Whether each of ours has the order already that was decided for it."""
        units, me = field.units, field.me
        order = units.order_ability[me]
        attacking, moving = is_any_of(order, _ATTACK_ORDERS), is_any_of(order, _MOVE_ORDERS)
        there = np.hypot(units.order_x[me] - decisions.x, units.order_y[me] - decisions.y) <= _SAME_PLACE_CELLS
        there &= units.order_target[me] == 0
        same = (decisions.kind == ATTACK_MOVE) & attacking & there
        same |= (decisions.kind == MOVE) & moving & there
        if field.m:
            target = units.tag[field.foe][decisions.target]
            same |= (decisions.kind == ATTACK_UNIT) & attacking & (units.order_target[me] == target)
        result: BoolArray = same
        return result


def enemies_near(units: UnitTable, me: IntArray) -> IntArray:
    """Rows of visible enemies worth a thought near units of ours."""
    foe = np.flatnonzero(units.enemy & units.visible & (units.cloak != CLOAKED) & (units.health > 0.0))
    foe = foe[~is_any_of(units.type_id[foe], NOT_WORTH_A_SHOT)]
    if not len(foe) or not len(me):
        return foe[:0]
    dx = units.x[me][:, None] - units.x[foe][None, :]
    dy = units.y[me][:, None] - units.y[foe][None, :]
    return foe[((dx * dx + dy * dy) <= _SIGHT_CELLS * _SIGHT_CELLS).any(axis=0)]


def _sharp(squad: Squad, tag: int, kind: int, target: int, x: float, y: float, by: str) -> Upc:
    """One unit's UPC as a refinement of its squad's."""
    note = f"{squad.name}: {by}"
    if kind == ATTACK_UNIT:
        state = OrderState(target=target)
        return Upc(Command.ATTACK, (tag,), None, state, squad.priority, note, squad.upc_id)
    command = Command.ATTACK if kind == ATTACK_MOVE else Command.MOVE
    return Upc(command, (tag,), Point2((x, y)), None, squad.priority, note, squad.upc_id)
