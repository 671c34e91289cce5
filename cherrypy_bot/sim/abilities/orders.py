"""Orders of a unit: how one begins, what it leaves behind when it is broken off, and which comes next.

`world.current[row]` is the order being carried out, `world.queues[row]` what waits behind it. Beginning an order
sets the fields of the unit that the kernels read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Order, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

MAX_ORDERS = 32
"""Orders that a unit can have, the current one included."""
FAR = 1e18
GAS_EXIT_POLL_LOOPS = 2.0
"""How often a worker with waiting orders is asked whether it has come out of the gas building."""

_FIGHTING = frozenset({st.IDLE, st.ATTACK_UNIT, st.ATTACK_MOVE, st.HOLD, st.PATROL})


def give(game: Game, row: int, order: Order, *, queue: bool) -> int:
    """Carry out an order now, or after the others with `queue`; an ActionResult."""
    w = game.world
    if queue and row in w.current:
        waiting = w.queues.get(row, ())
        if len(waiting) + 1 >= MAX_ORDERS:
            return Result.ORDER_QUEUE_IS_FULL
        w.queues[row] = (*waiting, order)
        _watch_harvest(game, row)
        return Result.SUCCESS
    if not interruptible(w, row):
        w.queues[row] = (order,)
        _watch_harvest(game, row)
        return Result.SUCCESS
    w.queues.pop(row, None)
    leave(game, row)
    begin(game, row, order)
    return Result.SUCCESS


def interruptible(world: World, row: int) -> bool:
    """Whether a new order takes effect at once: not while a mode changes, nor inside a gas building."""
    from cherrypy_bot.sim.abilities.effects import cast

    u = world.units
    if u.hidden[row] == 1 and u.order[row] == st.GATHER:
        return False
    current = world.current.get(row)
    if current is None or current.kind != st.BUSY:
        return True
    if current.data < 0:
        return not cast.is_locked(current)
    return u.timer[row] < 0 and u.work_left[row, 0] < 0


def type_then(world: World, row: int, *, queue: bool) -> int:
    """Type that the unit will have when an order given now begins: changes of mode come first."""
    last = int(world.units.type_id[row])
    if queue or not interruptible(world, row):
        for order in (world.current.get(row), *(world.queues.get(row, ()) if queue else ())):
            if order is not None and order.kind == st.BUSY and order.data > 0 and order.target == NONE:
                last = order.data
    return last


def immobile_then(world: World, row: int, *, queue: bool) -> bool:
    """Whether the unit will be unable to move when an order given now begins."""
    then = type_then(world, row, queue=queue)
    if then == world.units.type_id[row]:
        return bool(world.units.immobile[row])
    return world.rules.units[then].speed == 0.0


def begin(game: Game, row: int, order: Order, reach: float | None = None) -> None:
    """Make an order the current one. An order at a unit that is gone by now is passed over.

    `reach`: the range of an APPROACH (edge to edge for a unit, centre to point else); None asks the ability.
    """
    w, u = game.world, game.world.units
    if order.target != NONE and not w.is_unit(order.target, order.target_recycle):
        done(game, row)
        return
    w.current[row] = order
    keep_prey = order.kind in _FIGHTING and (order.kind != st.ATTACK_UNIT or u.prey[row] == order.target)
    if not keep_prey:
        u.prey[row] = NONE
        if u.windup[row] >= 0:
            u.windup[row] = -1.0
            u.cooldown[row] = 0.0
    u.order[row] = order.kind
    u.order_ability[row] = order.ability
    u.target[row] = order.target
    u.target_recycle[row] = order.target_recycle
    x, y = order.x, order.y
    if order.target != NONE:
        x, y = float(u.x[order.target]), float(u.y[order.target])
    elif order.kind in (st.HOLD, st.BUSY, st.RETURN):
        x, y = float(u.x[row]), float(u.y[row])
    u.goal_x[row], u.goal_y[row] = x, y
    u.alt_x[row], u.alt_y[row] = u.x[row], u.y[row]
    u.way_valid[row] = 0
    u.stuck[row] = 0
    u.best_left[row] = FAR
    if order.kind == st.APPROACH:
        u.order_range[row] = _approach_range(game, row, order) if reach is None else reach
    if order.kind == st.GATHER:
        u.node[row], u.node_recycle[row] = order.target, order.target_recycle
        u.gather_phase[row] = st.G_TO_NODE
        u.gather_timer[row] = 0.0
    elif order.kind == st.RETURN:
        u.gather_phase[row] = st.G_TO_DROP
        u.gather_timer[row] = 0.0
    _watch_harvest(game, row)


def leave(game: Game, row: int) -> None:
    """Break the current order off: a builder stops building, a worker frees its mineral field."""
    from cherrypy_bot.sim.abilities import construction
    from cherrypy_bot.sim.abilities.effects import cast

    w, u = game.world, game.world.units
    current = w.current.pop(row, None)
    if current is None:
        return
    if current.kind == st.BUSY and current.data < 0:
        cast.break_off(game, row, current)
    node = int(u.node[row])
    if u.gather_phase[row] != st.G_NONE:
        if node != NONE and u.harvester[node] == row:
            u.harvester[node] = NONE
        if u.hidden[row] == 1 and u.carrier[row] == node:
            u.hidden[row] = 0
            u.carrier[row] = NONE
        u.gather_phase[row] = st.G_NONE
        u.timer[row] = -1.0
    construction.release_builder(game, row)
    if current.kind == st.APPROACH or u.order[row] == st.BUSY:
        u.timer[row] = -1.0


def done(game: Game, row: int) -> None:
    """The current order is over: begin the next one, or what the unit does by itself."""
    from cherrypy_bot.sim.abilities import gathering, morphs

    w = game.world
    before = w.current.get(row)
    leave(game, row)
    waiting = w.queues.get(row, ())
    if waiting:
        if len(waiting) > 1:
            w.queues[row] = waiting[1:]
        else:
            del w.queues[row]
        if waiting[0].kind == st.BUSY:
            morphs.begin_queued(game, row, waiting[0])
        else:
            begin(game, row, waiting[0])
    elif before is not None and before.kind == st.RETURN and gathering.resume(game, row):
        return
    else:
        idle(w, row)


def stop(game: Game, row: int) -> None:
    """Forget all orders; a change of mode that is under way is finished."""
    w = game.world
    w.queues.pop(row, None)
    if interruptible(w, row):
        leave(game, row)
        idle(w, row)


def idle(world: World, row: int) -> None:
    """Stand here and guard this place."""
    u = world.units
    world.current.pop(row, None)
    u.order[row] = st.IDLE
    u.order_ability[row] = 0
    u.target[row] = NONE
    u.gather_phase[row] = st.G_NONE
    u.goal_x[row] = u.guard_x[row] = u.x[row]
    u.goal_y[row] = u.guard_y[row] = u.y[row]
    u.way_valid[row] = 0


def _approach_range(game: Game, row: int, order: Order) -> float:
    from cherrypy_bot.sim.abilities import construction
    from cherrypy_bot.sim.abilities.effects import cast, mules, templar, transports
    from cherrypy_bot.sim.abilities.table import command_table

    world = game.world
    if order.data == templar.MERGES:
        return templar.MERGE_RANGE
    if order.data in (transports.BOARDS, transports.LOADS):
        return transports.reach(world, order.target if order.data == transports.BOARDS else row)
    rows = command_table(world.rules).rows.get(int(world.units.type_id[row]), {})
    rule = rows.get(order.ability)
    if rule is not None and rule.how == "build":
        return construction.reach(world, row, order)
    if rule is not None and rule.how == "effect":
        return cast.approach_range(game, row, order, rule)
    if rule is not None and rule.how in ("gather", "return"):
        return mules.REACH
    return rule.range if rule is not None else 0.0


def _watch_harvest(game: Game, row: int) -> None:
    """A worker that gathers and has orders waiting goes on to them after its harvest; poll for that moment."""
    w, u = game.world, game.world.units
    if u.order[row] == st.GATHER and row in w.queues and u.timer[row] < 0:
        u.timer[row] = GAS_EXIT_POLL_LOOPS
