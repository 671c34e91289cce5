"""Transports: who may board what, boarding and getting off, the nydus network, and what happens to the cargo.

A passenger is hidden and its `carrier` is the transport's row. Units that are told to board walk there (an APPROACH
order with `data` BOARDS); transports that are told to load go to meet them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import checks, orders
from cherrypy_bot.sim.abilities.effects import cast as casting
from cherrypy_bot.sim.abilities.effects import deeds, lasting
from cherrypy_bot.sim.abilities.effects.records import LastingRule
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import MOVE, command_table
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect, Order, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

BOARDS, LOADS, DROPS = -21, -22, -23
"""`Order.data`: a unit that goes to a transport, a transport that goes to a unit, one that lets its cargo off."""
NETWORK = frozenset({"NydusNetwork", "NydusCanal"})
NETWORK_SPACE = 1020
HALLS = frozenset({"CommandCenter", "CommandCenterFlying", "PlanetaryFortress"})
PRISMS = frozenset({"WarpPrism", "WarpPrismPhasing"})
SURVIVED = frozenset({"Bunker"}) | HALLS
"""Transports whose passengers get out when they are destroyed."""
PRISM_RANGE, CONTACT = 5.0, 0.5
UNLOAD_PERIOD, NETWORK_PERIOD, NETWORK_DELAY = 16.0, 8.0, 8.0
LOAD_ALL_RADIUS = 8.0
EXTRA_SPACE = {"Bunker": 2, "CommandCenter": 5, "CommandCenterFlying": 5, "PlanetaryFortress": 5}
"""What Neosteel Armor adds."""


def _name(world: World, row: int) -> str:
    return world.rules.units[int(world.units.type_id[row])].name


def is_hall(world: World, row: int) -> bool:
    """Whether a row is a command center; a right click on it does not mean to board it."""
    return _name(world, row) in HALLS


def load_rule(world: World, row: int) -> CommandRule:
    """The load command of a transport."""
    rows = command_table(world.rules).rows[int(world.units.type_id[row])]
    return next(r for r in rows.values() if r.how == "load")


def space(world: World, row: int) -> int:
    """Room of a transport; 0 for all others."""
    name = _name(world, row)
    if name in NETWORK:
        return NETWORK_SPACE
    room = world.rules.units[int(world.units.type_id[row])].cargo_capacity
    armor = world.rules.upgrade("TerranBuildingArmor").id
    if room and armor in world.upgrades[int(world.units.owner[row])]:
        room += EXTRA_SPACE.get(name, 0)
    return room


def passengers(world: World, row: int) -> list[int]:
    """Rows of a transport's passengers in row order; the whole network's for a nydus."""
    u, n = world.units, int(world.clock.rows[0])
    carriers = [row]
    if _name(world, row) in NETWORK:
        carriers = network(world, int(u.owner[row]))
    inside = (u.alive[:n] == 1) & (u.hidden[:n] == 1) & np.isin(u.carrier[:n], carriers)
    rows: list[int] = np.flatnonzero(inside & (u.order[:n] != st.GATHER)).tolist()
    return rows


def network(world: World, player: int) -> list[int]:
    """Rows of a player's finished nydus networks and worms."""
    types = (world.rules.unit(name).id for name in sorted(NETWORK))
    return [r for r in world.rows_of(player, *types) if world.units.build_left[r] <= 0]


def taken(world: World, row: int) -> int:
    """Room that the passengers use."""
    sizes = world.rules.units
    return sum(sizes[int(world.units.type_id[r])].cargo_size for r in passengers(world, row))


def may_board(game: Game, row: int, transport: int) -> int:
    """Whether a unit could go aboard now, distance aside; an ActionResult."""
    w, u = game.world, game.world.units
    rule, name = w.rules.units[int(u.type_id[row])], _name(w, transport)
    room = space(w, transport)
    if row == transport or not room or u.build_left[transport] > 0:
        return Result.CANT_LOAD_THAT_UNIT
    if u.owner[row] != u.owner[transport]:
        return Result.CANT_LOAD_THAT_UNIT
    if not rule.cargo_size or u.flying[row] or u.burrowed[row] or u.hallucination[row] or u.life_left[row] >= 0:
        return Result.CANT_LOAD_THAT_UNIT
    if u.immobile[row]:
        return Result.CANT_LOAD_IMMOBILE_UNITS
    fits = rule.race == "Terran" and "Biological" in rule.attributes and rule.cargo_size <= 2
    if (name == "Bunker" and not fits) or (name in HALLS and rule.name != "SCV"):
        return Result.CANT_LOAD_THAT_UNIT
    if taken(w, transport) + rule.cargo_size > room:
        return Result.NOT_ENOUGH_ROOM_TO_LOAD_UNIT
    return Result.SUCCESS


def reach(world: World, transport: int) -> float:
    """How near, edge to edge, a unit must be to go aboard."""
    return PRISM_RANGE if _name(world, transport) in PRISMS else CONTACT


# -- commands --------------------------------------------------------------------------------------------
def load(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """LOAD a unit: both go to meet each other. Without a target town halls call the nearest workers."""
    if given.target == NONE:
        return _load_all(game, row) if _name(game.world, row) in HALLS else Result.MUST_TARGET_UNIT
    result = may_board(game, given.target, row)
    if result != Result.SUCCESS:
        return result
    w, u = game.world, game.world.units
    if not u.immobile[row]:
        target = given.target
        x, y = float(u.x[target]), float(u.y[target])
        order = Order(rule.ability_id, st.APPROACH, x, y, target, int(u.recycle[target]), LOADS)
        result = orders.give(game, row, order, queue=given.queue)
        if result != Result.SUCCESS or row not in w.current or w.current[row] is not order:
            return result  # it comes for the unit later
    _send_aboard(game, given.target, row, queue=False)
    return Result.SUCCESS


def _load_all(game: Game, hall: int) -> int:
    w, u = game.world, game.world.units
    workers = [
        r
        for r in w.rows_of(int(u.owner[hall]), w.rules.unit("SCV").id)
        if not u.hidden[r] and deeds.gap(game, r, hall) <= LOAD_ALL_RADIUS
    ]
    workers.sort(key=lambda r: (deeds.gap(game, r, hall), r))
    room = space(w, hall) - taken(w, hall)
    for worker in workers[:room]:
        _send_aboard(game, worker, hall, queue=False)
    return Result.SUCCESS if workers[:room] else Result.LOAD_ALL_NO_TARGETS_FOUND


def _send_aboard(game: Game, row: int, transport: int, *, queue: bool) -> int:
    u = game.world.units
    x, y = float(u.x[transport]), float(u.y[transport])
    order = Order(MOVE, st.APPROACH, x, y, transport, int(u.recycle[transport]), BOARDS)
    return orders.give(game, row, order, queue=queue)


def board(game: Game, row: int, transport: int, *, queue: bool) -> int:
    """A unit is told to go aboard (a right click on the transport)."""
    result = may_board(game, row, transport)
    return result if result != Result.SUCCESS else _send_aboard(game, row, transport, queue=queue)


def unload_all(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """UNLOADALL: everybody out, here."""
    if not passengers(game.world, row):
        return Result.NO_CARGO_TO_UNLOAD
    _begin_unload(game, row)
    return Result.SUCCESS


def unload_at(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """UNLOADALLAT a point: fly there, then everybody out. At the transport itself: at once, wherever it flies."""
    w, u = game.world, game.world.units
    if not passengers(w, row):
        return Result.NO_CARGO_TO_UNLOAD
    if given.target == row:
        _begin_unload(game, row)
        return Result.SUCCESS
    if given.target != NONE:
        x, y = float(u.x[given.target]), float(u.y[given.target])
    elif given.has_point:
        x, y = given.x, given.y
    else:
        return Result.MUST_TARGET_VISIBLE_LOCATION
    if not w.grids.terrain_walk[math.floor(y), math.floor(x)]:
        return Result.CANT_UNLOAD_UNITS_THERE
    return orders.give(game, row, Order(rule.ability_id, st.APPROACH, x, y, data=DROPS), queue=given.queue)


def unload_unit(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """UNLOADUNIT: one of the passengers, the one that is named or the first."""
    inside = passengers(game.world, row)
    if not inside:
        return Result.NO_CARGO_TO_UNLOAD
    one = given.target if given.target in inside else inside[0]
    return Result.SUCCESS if _let_off(game, row, one) else Result.CANT_UNLOAD_UNITS_THERE


# -- on the way ------------------------------------------------------------------------------------------
def arrive(game: Game, row: int, order: Order) -> None:
    """EV_IN_RANGE: a passenger at its transport, a transport at its passenger or at the place of the drop."""
    if order.data == DROPS:
        game.world.current[row] = order._replace(kind=st.BUSY, data=casting.CHANNELS)
        game.world.units.order[row] = st.BUSY
        game.world.units.timer[row] = casting.CHANNEL_LOOPS
        _begin_unload(game, row)
        return
    passenger, transport = (row, order.target) if order.data == BOARDS else (order.target, row)
    result = may_board(game, passenger, transport)
    if result != Result.SUCCESS:
        checks.report(game, row, order.ability, result)
        orders.done(game, row)
        return
    _go_aboard(game, passenger, transport)


def _go_aboard(game: Game, row: int, transport: int) -> None:
    w, u = game.world, game.world.units
    w.queues.pop(row, None)
    orders.leave(game, row)
    orders.idle(w, row)
    u.hidden[row] = 1
    u.carrier[row] = transport
    u.prey[row] = NONE
    u.windup[row] = -1.0
    waiting = w.current.get(transport)
    if waiting is not None and waiting.data == LOADS and waiting.target == row:
        orders.done(game, transport)


# -- getting off -----------------------------------------------------------------------------------------
def _begin_unload(game: Game, row: int) -> None:
    w, u = game.world, game.world.units
    if lasting.find(w, "unload", row=row) is not None:
        return
    name = _name(w, row)
    if name in SURVIVED:
        for one in passengers(w, row):
            _let_off(game, row, one)
        return
    first = NETWORK_DELAY if name in NETWORK else 1.0
    lasting.start(game, "unload", int(u.owner[row]), float(u.x[row]), float(u.y[row]), first=first, row=row)


def _unload_next(game: Game, effect: Effect) -> Effect | None:
    """One passenger after the other, where there is ground below."""
    w = game.world
    if not lasting.caster_lives(w, effect):
        return None
    row = effect.row
    inside = passengers(w, row)
    if inside:
        _let_off(game, row, inside[0])
    if len(inside) > 1 or (inside and w.units.hidden[inside[0]]):
        faster = UNLOAD_PERIOD - NETWORK_PERIOD if _name(w, row) in NETWORK else 0.0
        return effect._replace(due=effect.due - faster)
    order = w.current.get(row)
    if order is not None:
        casting.finish_channel(game, row, order.ability)
    return None


def stop_unload(game: Game, row: int) -> None:
    """The transport has been given something else to do."""
    effect = lasting.find(game.world, "unload", row=row)
    if effect is not None:
        lasting.drop(game.world, effect)


def _let_off(game: Game, transport: int, row: int) -> bool:
    w, u = game.world, game.world.units
    body = w.rules.units[int(u.type_id[transport])]
    x, y = float(u.x[transport]), float(u.y[transport])
    if not u.flying[transport]:
        away = body.radius + w.rules.units[int(u.type_id[row])].radius + 0.1
        turn = 2.399963 * row  # they get out in all directions
        x, y = x + away * math.cos(turn), y + away * math.sin(turn)
    place = deeds.room_for(game, int(u.type_id[row]), x, y)
    if place is None or (u.flying[transport] and math.dist(place, (x, y)) > 1.5):
        return False
    u.hidden[row] = 0
    u.carrier[row] = NONE
    u.x[row], u.y[row] = place
    u.last_hurt_loop[row] = min(u.last_hurt_loop[row], w.loop)
    orders.idle(w, row)
    targets = w.rallies.get(transport, ())
    if targets and _name(w, transport) in NETWORK | {"Bunker"}:
        from cherrypy_bot.sim.abilities import rally

        rally.follow_targets(game, row, targets)
    return True


# -- when a transport dies -------------------------------------------------------------------------------
def spill(game: Game, row: int) -> None:
    """A transport is about to die: its passengers get out, or die with it, or are in the rest of the network."""
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    n = int(w.clock.rows[0])
    inside = np.flatnonzero((u.alive[:n] == 1) & (u.hidden[:n] == 1) & (u.carrier[:n] == row)).tolist()
    name = _name(w, row)
    others = [r for r in network(w, int(u.owner[row])) if r != row] if name in NETWORK else []
    for one in inside:
        if u.order[one] == st.GATHER:
            continue
        if others:
            u.carrier[one] = others[0]
        elif name not in SURVIVED or not _let_off(game, row, one):
            deaths.bury(game, one, NONE)


ON_DEATH = dict.fromkeys((*NETWORK, *SURVIVED, *PRISMS, "Medivac", "OverlordTransport"), spill)
LASTING = (LastingRule("unload", UNLOAD_PERIOD, _unload_next),)
