"""Gathering and returning: which nodes a worker may be sent to, and what it does when a trip is over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders
from cherrypy_bot.sim.abilities.effects import mules
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NEUTRAL, NONE
from cherrypy_bot.sim.world import Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game


def gather(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """HARVEST_GATHER on a mineral field or an own gas building."""
    node = command.target
    if node == NONE:
        return Result.MUST_TARGET_UNIT
    result = node_result(game, row, node)
    if result != Result.SUCCESS:
        return result
    w = game.world
    if mules.is_mule(w, row):
        if not w.rules.units[int(w.units.type_id[node])].is_mineral_field:
            return Result.CANT_HARVEST_THAT_RESOURCE
        return orders.give(game, row, mules.gather_order(w, node), queue=command.queue)
    order = Order(
        rule.ability_id,
        st.GATHER,
        float(w.units.x[node]),
        float(w.units.y[node]),
        node,
        int(w.units.recycle[node]),
    )
    return orders.give(game, row, order, queue=command.queue)


def node_result(game: Game, row: int, node: int) -> int:
    """Whether the worker in a row may gather from another row; an ActionResult."""
    w, u = game.world, game.world.units
    rule = w.rules.units[int(u.type_id[node])]
    if rule.is_geyser:
        return Result.MUST_BUILD_REFINERY_FIRST
    if not (rule.is_mineral_field or rule.is_gas_building):
        return Result.MUST_TARGET_RESOURCES
    if rule.is_gas_building:
        if u.owner[node] != u.owner[row]:
            return Result.CANT_HARVEST_THAT_RESOURCE
        if u.build_left[node] > 0:
            return Result.BUILDING_IS_UNDER_CONSTRUCTION
    if u.contents[node] <= 0:
        return Result.CANT_TARGET_EXHAUSTED_RESOURCES
    return Result.SUCCESS


def return_cargo(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """HARVEST_RETURN: bring what is carried to the nearest town hall."""
    u = game.world.units
    if u.carry[row] == st.CARRY_NONE:
        return Result.NOT_SUPPORTED
    if not drop_offs(game, int(u.owner[row])):
        return Result.CANT_FIND_DROP_OFF
    if mules.is_mule(game.world, row):
        hall = mules.nearest_hall(game.world, int(u.owner[row]), float(u.x[row]), float(u.y[row]))
        return orders.give(game, row, mules.return_order(game.world, hall), queue=command.queue)
    order = Order(rule.ability_id, st.RETURN, float(u.x[row]), float(u.y[row]))
    return orders.give(game, row, order, queue=command.queue)


def drop_offs(game: Game, player: int) -> list[int]:
    """Rows of a player's finished town halls on the ground."""
    w, u = game.world, game.world.units
    return [
        r
        for r in w.rows_of(player)
        if w.rules.units[int(u.type_id[r])].is_townhall and u.build_left[r] <= 0 and not u.flying[r]
    ]


def resume(game: Game, row: int) -> bool:
    """Send a worker that has delivered back to its node, or to the nearest minerals; False when there are none."""
    w, u = game.world, game.world.units
    node = int(u.node[row])
    if node == NONE or not w.is_unit(node, int(u.node_recycle[row])) or node_result(game, row, node) != 1:
        node = nearest_minerals(game, float(u.x[row]), float(u.y[row]))
    return node != NONE and send(game, row, node)


def send(game: Game, row: int, node: int) -> bool:
    """Let a worker gather from a node without a player's command; False when it cannot."""
    w, u = game.world, game.world.units
    rule = command_table(w.rules).first(int(u.type_id[row]), "gather")
    if rule is None or node_result(game, row, node) != Result.SUCCESS:
        return False
    if mules.is_mule(w, row):
        orders.leave(game, row)
        mules.go(game, row, mules.gather_order(w, node))
        return True
    order = Order(rule.ability_id, st.GATHER, float(u.x[node]), float(u.y[node]), node, int(u.recycle[node]))
    orders.leave(game, row)
    orders.begin(game, row, order)
    return True


def nearest_minerals(game: Game, x: float, y: float) -> int:
    """Row of the nearest mineral field within the radius in which workers look for one, NONE when there is none."""
    w, u = game.world, game.world.units
    best, best_d = NONE, w.rules.game.resource_acquire_radius
    for row in w.rows_of(NEUTRAL):
        if w.rules.units[int(u.type_id[row])].is_mineral_field and u.contents[row] > 0:
            d = math.hypot(u.x[row] - x, u.y[row] - y)
            if d < best_d:
                best, best_d = row, d
    return best


def on_timer(game: Game, row: int) -> None:
    """A gathering worker has orders waiting: go on to them once it has harvested and stands outside."""
    w, u = game.world, game.world.units
    if row not in w.queues:
        return
    harvested = u.carry[row] != st.CARRY_NONE and u.gather_phase[row] in (st.G_DELAY, st.G_TO_DROP)
    if harvested and u.hidden[row] == 0:
        orders.done(game, row)
    else:
        u.timer[row] = orders.GAS_EXIT_POLL_LOOPS
