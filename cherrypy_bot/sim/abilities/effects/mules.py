"""MULEs: called down to a mineral field, mining beside the workers, gone after their time.

The kernels mine for workers only; a MULE makes its trips by orders: walk to the field, stay, walk to the town hall.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders
from cherrypy_bot.sim.abilities.effects.records import ANY, Cast, Spell
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NEUTRAL, NONE
from cherrypy_bot.sim.world import Order, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

CALL_DOWN, GATHER, RETURN = 171, 166, 167
LANDING = 64.0
LIFE, LIFE_RANDOM = 1441.0, 4.8008
"""Timed life after the landing; replays show 1506 to 1510 loops in all."""
REACH = 0.5
LANDS, HARVESTS, TURNS, WAITS = -11, -12, -13, -14
"""`Order.data` of a MULE that stands still."""
WAIT_LOOPS = 8.0


def _call_down(game: Game, cast: Cast) -> int:
    """The MULE falls from the sky beside the field, on the side of the nearest town hall."""
    w, u = game.world, game.world.units
    owner = int(u.owner[cast.row])
    x, y, node = cast.x, cast.y, NONE
    if cast.target != NONE and _is_field(w, cast.target):
        node = cast.target
        hall = nearest_hall(w, owner, x, y)
        if hall != NONE:
            away = math.atan2(float(u.y[hall]) - y, float(u.x[hall]) - x)
            x, y = x + 1.75 * math.cos(away), y + 1.5 * math.sin(away)
    mule = w.spawn(w.rules.unit("MULE").id, owner, x, y)
    u = w.units
    u.life_left[mule] = LANDING + LIFE + w.random() * LIFE_RANDOM
    u.invulnerable[mule] = 1
    recycle = int(u.recycle[node]) if node != NONE else 0
    _stand(w, mule, Order(GATHER, st.BUSY, x, y, node, recycle, LANDS), LANDING)
    return Result.SUCCESS


def _stand(w: World, mule: int, order: Order, loops: float) -> None:
    u = w.units
    w.current[mule] = order
    u.order[mule] = st.BUSY
    u.order_ability[mule] = order.ability
    u.target[mule], u.target_recycle[mule] = order.target, order.target_recycle
    u.timer[mule] = loops


def is_mule(world: World, row: int) -> bool:
    """Whether a row is a MULE."""
    return bool(world.units.type_id[row] == world.rules.unit("MULE").id)


def _is_field(w: World, row: int) -> bool:
    return w.units.alive[row] == 1 and w.rules.units[int(w.units.type_id[row])].is_mineral_field


def nearest_hall(world: World, owner: int, x: float, y: float) -> int:
    """Nearest finished town hall on the ground, NONE without one."""
    u = world.units
    halls = [
        r
        for r in world.rows_of(owner)
        if world.rules.units[int(u.type_id[r])].is_townhall and u.build_left[r] <= 0 and not u.flying[r]
    ]
    return min(halls, key=lambda r: math.hypot(u.x[r] - x, u.y[r] - y), default=NONE)


def gather_order(world: World, node: int) -> Order:
    """The order to mine a field."""
    u = world.units
    return Order(GATHER, st.APPROACH, float(u.x[node]), float(u.y[node]), node, int(u.recycle[node]))


def return_order(world: World, hall: int) -> Order:
    """The order to bring minerals to a town hall."""
    u = world.units
    return Order(RETURN, st.APPROACH, float(u.x[hall]), float(u.y[hall]), hall, int(u.recycle[hall]))


def go(game: Game, mule: int, order: Order) -> None:
    """Begin a trip: to a field (GATHER) or with the minerals to a town hall (RETURN)."""
    orders.begin(game, mule, order, REACH)


def arrive(game: Game, mule: int, order: Order) -> None:
    """The MULE stands at its field or town hall."""
    w, u = game.world, game.world.units
    if order.ability == RETURN:
        owner, amount = int(u.owner[mule]), int(u.carry_amount[mule])
        w.players.minerals[owner] += amount
        w.players.collected_minerals[owner] += amount
        u.carry[mule], u.carry_amount[mule] = st.CARRY_NONE, 0
        if mule in w.queues:
            orders.done(game, mule)
        else:
            _mine_on(game, mule)
        return
    node = order.target
    if u.carry[mule] != st.CARRY_NONE:
        u.node[mule], u.node_recycle[mule] = node, u.recycle[node]
        _bring(game, mule)
        return
    if _taken(w, node, mule):
        other = _free_field(w, mule, float(u.x[node]), float(u.y[node]))
        if other != NONE:
            go(game, mule, gather_order(w, other))
        else:
            _stand(w, mule, order._replace(kind=st.BUSY, data=WAITS), WAIT_LOOPS)
        return
    u.node[mule], u.node_recycle[mule] = node, u.recycle[node]
    loops = w.rules.game.mineral_harvest_loops * w.rules.game.mule_time_factor
    _stand(w, mule, order._replace(kind=st.BUSY, data=HARVESTS), loops)


def on_timer(game: Game, mule: int, order: Order) -> None:
    """It has landed, harvested, turned round, or waited long enough."""
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    node = order.target
    here = node != NONE and w.is_unit(node, order.target_recycle)
    if order.data == LANDS:
        u.invulnerable[mule] = 0
        if mule in w.queues:
            orders.done(game, mule)
        elif here:
            go(game, mule, gather_order(w, node))
        else:
            orders.idle(w, mule)
    elif order.data == HARVESTS and here:
        amount = min(w.rules.game.mule_trip, int(u.contents[node]))
        u.contents[node] -= amount
        u.carry[mule], u.carry_amount[mule] = st.CARRY_MINERALS, amount
        _stand(w, mule, order._replace(data=TURNS), w.rules.game.mineral_return_delay_loops)
        if u.contents[node] <= 0:
            deaths.on_depleted(game, node)
    elif order.data == TURNS:
        if mule in w.queues:
            orders.done(game, mule)
        else:
            _bring(game, mule)
    elif here:
        arrive(game, mule, order._replace(kind=st.APPROACH, data=0))
    else:
        _mine_on(game, mule)


def missed(game: Game, mule: int) -> None:
    """Its field or town hall is gone."""
    if game.world.units.carry[mule] != st.CARRY_NONE:
        _bring(game, mule)
    else:
        _mine_on(game, mule)


def _bring(game: Game, mule: int) -> None:
    w, u = game.world, game.world.units
    hall = nearest_hall(w, int(u.owner[mule]), float(u.x[mule]), float(u.y[mule]))
    if hall == NONE:
        orders.idle(w, mule)
        return
    go(game, mule, return_order(w, hall))


def _mine_on(game: Game, mule: int) -> None:
    w, u = game.world, game.world.units
    node = int(u.node[mule])
    if node == NONE or not w.is_unit(node, int(u.node_recycle[mule])):
        node = _free_field(w, mule, float(u.x[mule]), float(u.y[mule]))
    if node == NONE:
        orders.idle(w, mule)
    else:
        go(game, mule, gather_order(w, node))


def _taken(w: World, node: int, mule: int) -> bool:
    """Whether another MULE harvests at the field."""
    return any(
        row != mule and order.data == HARVESTS and order.ability == GATHER and order.target == node
        for row, order in w.current.items()
    )


def _free_field(w: World, mule: int, x: float, y: float) -> int:
    u, best, best_d = w.units, NONE, w.rules.game.resource_acquire_radius
    aimed = {o.target for r, o in w.current.items() if r != mule and o.ability == GATHER}
    for row in w.rows_of(NEUTRAL):
        if row in aimed or not _is_field(w, row) or u.contents[row] <= 0:
            continue
        d = math.hypot(u.x[row] - x, u.y[row] - y)
        if d < best_d:
            best, best_d = row, d
    return best


SPELLS = (Spell(CALL_DOWN, _call_down, ANY, anywhere=True, each=False),)
