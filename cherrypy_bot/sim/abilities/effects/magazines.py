"""What is made and kept inside: nukes in ghost academies, interceptors in carriers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import bank, checks, orders, production
from cherrypy_bot.sim.abilities.effects import cast as casting
from cherrypy_bot.sim.abilities.effects import deeds, ghosts
from cherrypy_bot.sim.abilities.effects.records import Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Order, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

BUILD_INTERCEPTORS = 1042
CARRIER_START, CARRIER_MOST = 4, 8
LEASH = 14.0
LAUNCH_RANGE, DOCK_RANGE = 8.0, 1.0
PERIOD = 6
HOME, EQUIPPED = "home", "equipped"
"""Marks: an interceptor's carrier (its row), a carrier that has its first interceptors."""


# -- commands --------------------------------------------------------------------------------------------
def arm(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """BUILD_NUKE, BUILD_INTERCEPTORS: queue one."""
    result = arm_result(game, row, rule)
    if result == Result.SUCCESS:
        w = game.world
        bank.pay(w, int(w.units.owner[row]), rule.minerals, rule.gas)
        w.production[row] = (*w.production.get(row, ()), production.item_of(rule))
        production.settle(game)
    return result


def arm_result(game: Game, row: int, rule: CommandRule, *, free: bool = False) -> int:
    """Whether one more could be made and kept; an ActionResult."""
    w = game.world
    if not rule.on_card or w.units.hallucination[row]:
        return Result.NOT_SUPPORTED
    product = w.rules.units[rule.product].name
    queued = sum(1 for item in w.production.get(row, ()) if item.product == rule.product)
    if product == "Nuke":
        result = checks.working(game, row)
        if result != Result.SUCCESS:
            return result
        full = (row, ghosts.ARMED) in w.marks or queued > 0
    else:
        full = len(interceptors(w, row)) + queued >= CARRIER_MOST
    if full:
        return Result.CANT_HOLD_ANY_MORE_AMMO
    if queued >= production.QUEUE:
        return Result.QUEUE_IS_FULL
    return checks.affordable(game, int(w.units.owner[row]), rule, row, free=free)


def store(game: Game, row: int, product: int) -> bool:
    """Keep what has been made inside; False when it is nothing that is kept."""
    w = game.world
    name = w.rules.units[product].name
    if name == "Nuke":
        w.marks[(row, ghosts.ARMED)] = 1.0
    elif name == "Interceptor":
        _equip(game, row)
    else:
        return False
    return True


# -- interceptors ----------------------------------------------------------------------------------------
def interceptors(world: World, carrier: int) -> list[int]:
    """Rows of a carrier's interceptors, inside and outside."""
    return sorted(r for (r, what), home in world.marks.items() if what == HOME and home == carrier)


def _equip(game: Game, carrier: int) -> None:
    w, u = game.world, game.world.units
    row = w.spawn(w.rules.unit("Interceptor").id, int(u.owner[carrier]), float(u.x[carrier]), float(u.y[carrier]))
    w.marks[(row, HOME)] = float(carrier)
    _dock(w, row, carrier)


def _dock(w: World, row: int, carrier: int) -> None:
    u = w.units
    orders.idle(w, row)
    u.hidden[row] = 1
    u.carrier[row] = carrier
    u.prey[row] = NONE
    u.windup[row] = -1.0
    u.hp[row], u.shield[row] = u.hp_max[row], u.shield_max[row]


def _fly(game: Game, rows: list[int]) -> None:
    """Carriers launch one interceptor after the other at what they attack, and call them back when it is gone."""
    w = game.world
    for carrier in rows:
        u = w.units
        if u.hallucination[carrier] or u.hidden[carrier]:
            continue
        if (carrier, EQUIPPED) not in w.marks and u.build_left[carrier] <= 0:
            w.marks[(carrier, EQUIPPED)] = 1.0
            for _ in range(CARRIER_START):
                _equip(game, carrier)
            u = w.units
        mine = interceptors(w, carrier)
        if len(mine) < CARRIER_MOST:
            _make_more(game, carrier)
        prey = int(u.prey[carrier])
        fights = prey != NONE and w.is_unit(prey, int(u.prey_recycle[carrier])) and u.can_attack[carrier] == 1
        fights = fights and deeds.gap(game, carrier, prey) <= LEASH
        inside = [r for r in mine if u.hidden[r]]
        for row in mine:
            if not u.hidden[row]:
                _steer(game, row, carrier, prey if fights else NONE)
        if fights and inside and deeds.gap(game, carrier, prey) <= LAUNCH_RANGE + 0.5:
            row = inside[0]
            u.hidden[row], u.carrier[row] = 0, NONE
            u.x[row], u.y[row], u.facing[row] = u.x[carrier], u.y[carrier], u.facing[carrier]
            _steer(game, row, carrier, prey)


def _make_more(game: Game, carrier: int) -> None:
    w = game.world
    rule = command_table(w.rules).rows[int(w.units.type_id[carrier])][BUILD_INTERCEPTORS]
    wanted = casting.autocasts(w, carrier, BUILD_INTERCEPTORS) and carrier not in w.production
    if wanted and arm_result(game, carrier, rule) == Result.SUCCESS:
        bank.pay(w, int(w.units.owner[carrier]), rule.minerals, rule.gas)
        w.production[carrier] = (production.item_of(rule),)


def _steer(game: Game, row: int, carrier: int, prey: int) -> None:
    w, u = game.world, game.world.units
    if prey != NONE:
        order = Order(23, st.ATTACK_UNIT, float(u.x[prey]), float(u.y[prey]), prey, int(u.recycle[prey]))
        current = w.current.get(row)
        if current is None or current.target != prey:
            orders.begin(game, row, order)
    elif deeds.gap(game, row, carrier) <= DOCK_RANGE:
        _dock(w, row, carrier)
    else:
        home = Order(16, st.FOLLOW, float(u.x[carrier]), float(u.y[carrier]), carrier, int(u.recycle[carrier]))
        current = w.current.get(row)
        if current is None or current.target != carrier:
            orders.begin(game, row, home)


def _carrier_dies(game: Game, carrier: int) -> None:
    """Its interceptors fall with it."""
    from cherrypy_bot.sim.abilities import deaths

    for row in interceptors(game.world, carrier):
        deaths.bury(game, row, NONE)


def _arm_spell(game: Game, cast: object) -> int:
    """Interceptors are queued by `arm`; the row is here for its autocast switch."""
    return Result.NOT_SUPPORTED


SPELLS = (Spell(BUILD_INTERCEPTORS, _arm_spell, autocast=True),)
ON_DEATH = {"Carrier": _carrier_dies}
UPKEEP = (Upkeep("carriers", PERIOD, frozenset({"Carrier"}), _fly),)
