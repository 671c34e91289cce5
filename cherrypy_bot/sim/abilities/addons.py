"""Add-ons: built beside a Barracks, Factory or Starport, left behind when it lifts off, taken over by who lands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import bank, checks, orders, placement
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

KINDS = ("TechLab", "Reactor")


def build(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """BUILD_TECHLAB, BUILD_REACTOR: the add-on starts at once, its building is busy until it stands."""
    result = build_result(game, row, rule)
    if result != Result.SUCCESS:
        return result
    w, u = game.world, game.world.units
    player = int(u.owner[row])
    x, y = float(u.x[row]), float(u.y[row])
    if command.has_point and max(abs(command.x - x), abs(command.y - y)) > 1.0:
        return Result.NOT_SUPPORTED  # to lift off and build elsewhere is two orders here
    result = placement.can_place(game, player, rule.product, x, y, builder=row)
    if result != Result.SUCCESS:
        return result
    bank.pay(w, player, rule.minerals, rule.gas)
    ax, ay = placement.addon_position(x, y)
    addon = w.spawn(rule.product, player, ax, ay, complete=False)
    u = w.units
    u.build_left[addon] = u.build_total[addon] = rule.time_loops
    u.addon[row], u.addon[addon] = addon, row
    order = Order(rule.ability_id, st.BUSY, ax, ay, addon, int(u.recycle[addon]), rule.product)
    orders.leave(game, row)
    orders.begin(game, row, order)
    return Result.SUCCESS


def build_result(game: Game, row: int, rule: CommandRule, *, free: bool = False) -> int:
    """Whether an add-on could be started now, the place left aside; an ActionResult."""
    w, u = game.world, game.world.units
    if u.flying[row]:
        return Result.NOT_SUPPORTED
    result = checks.working(game, row)
    if result == Result.SUCCESS and (row in w.production or u.addon[row] != NONE):
        result = Result.CANT_QUEUE_THAT_ORDER
    if result == Result.SUCCESS:
        result = checks.affordable(game, int(u.owner[row]), rule, row, free=free)
    return result


def on_built(game: Game, addon: int) -> None:
    """The add-on stands: its building works again."""
    u = game.world.units
    building = int(u.addon[addon])
    if building != NONE and u.alive[building] == 1:
        orders.done(game, building)


def is_working(game: Game, row: int) -> bool:
    """Whether the add-on of a building is under construction or busy with a research."""
    w, u = game.world, game.world.units
    addon = int(u.addon[row])
    return addon != NONE and u.alive[addon] == 1 and (u.build_left[addon] > 0 or addon in w.production)


def detach(game: Game, row: int) -> None:
    """A building lifts off or dies: its add-on stays, without an owner's tech, as a plain TechLab or Reactor."""
    u = game.world.units
    addon = int(u.addon[row])
    if addon == NONE:
        return
    u.addon[row] = NONE
    if u.alive[addon] == 1 and u.addon[addon] == row:
        u.addon[addon] = NONE
        _rename(game, addon, "")


def attach(game: Game, row: int) -> None:
    """A building has landed: an own add-on at its side belongs to it from now on."""
    w, u = game.world, game.world.units
    ax, ay = placement.addon_position(float(u.x[row]), float(u.y[row]))
    for other in w.rows_of(int(u.owner[row])):
        rule = w.rules.units[int(u.type_id[other])]
        free = rule.is_addon and u.addon[other] == NONE and u.build_left[other] <= 0
        if free and abs(u.x[other] - ax) < 0.6 and abs(u.y[other] - ay) < 0.6:
            name = w.rules.units[int(u.type_id[row])].name
            if name in ("Barracks", "Factory", "Starport"):
                u.addon[row], u.addon[other] = other, row
                _rename(game, other, name)
            return


def cancel(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """CANCEL of an add-on, given to its building."""
    from cherrypy_bot.sim.abilities import construction

    u = game.world.units
    addon = int(u.addon[row])
    if addon == NONE or u.alive[addon] != 1 or u.build_left[addon] <= 0:
        return Result.CANT_FIND_CANCEL_ORDER
    return construction.cancel(game, addon, rule, command)


def _rename(game: Game, addon: int, owner: str) -> None:
    w = game.world
    name = w.rules.units[int(w.units.type_id[addon])].name
    for kind in KINDS:
        if name.endswith(kind):
            w.become(addon, w.rules.unit(owner + kind).id)
