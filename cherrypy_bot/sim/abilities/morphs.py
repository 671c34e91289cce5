"""Units that turn into others: cocoons, town hall upgrades, lowered depots, lift and land, burrow, siege.

Two kinds. What the game shows with a progress bar (through a cocoon, or a structure into a better one) is an item
of `world.production`; short changes of mode run on the unit's timer while its order is BUSY.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import addons, bank, checks, orders, placement, power, rally, supply
from cherrypy_bot.sim.abilities.effects import buffs, burrows
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Order, ProductionItem, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

MORPH_WARPGATE = 1518
MORPH_GATEWAY = 1520
NEVER = 1 << 40
MODE_LOOPS = 100.0
"""A structure's morph that takes longer than this shows progress in its queue; shorter ones are a change of mode."""
TOUCHDOWN = 0.1
"""How near to its place a flying structure must be to land, in cells."""


def morph(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """Begin to turn into another type; a landing flies to its place first."""
    w, u = game.world, game.world.units
    result = morph_result(game, row, rule)
    if result != Result.SUCCESS:
        return result
    player = int(u.owner[row])
    if _needs_place(w, rule):
        if not command.has_point:
            return Result.CANT_FIND_PLACEMENT_LOCATION
        product = w.rules.units[rule.product]
        x, y = placement.snap(product, command.x, command.y)
        if placement.can_place(game, player, rule.product, x, y, builder=row) != Result.SUCCESS:
            return Result.CANT_LAND_LOCATION_INVALID
        order = Order(rule.ability_id, st.APPROACH, x, y, data=rule.product)
        return orders.give(game, row, order, queue=command.queue)
    if not is_item(w, rule):
        order = Order(rule.ability_id, st.BUSY, float(u.x[row]), float(u.y[row]), data=rule.product)
        if command.queue and row in w.current:
            return orders.give(game, row, order, queue=True)
        if not orders.interruptible(w, row):
            return orders.give(game, row, order, queue=False)
        w.queues.pop(row, None)
        orders.leave(game, row)
        start_mode(game, row, order)
        return Result.SUCCESS
    bank.pay(w, player, rule.minerals, rule.gas)
    if rule.via:
        w.queues.pop(row, None)
        orders.leave(game, row)
        orders.idle(w, row)
        w.become(row, rule.via)
        u.hp[row] = u.hp_max[row]
    item = ProductionItem(rule.ability_id, rule.product, 0, rule.minerals, rule.gas, rule.time_loops, rule.count)
    w.production[row] = (item,)
    # cocoons and town hall upgrades are done a loop before their time (replays)
    u.work_left[row, 0] = u.work_total[row, 0] = max(rule.time_loops - 1.0, 1.0)
    supply.recount(game)
    return Result.SUCCESS


def morph_result(game: Game, row: int, rule: CommandRule, *, free: bool = False) -> int:
    """Whether the unit could begin to morph now; an ActionResult."""
    w, u = game.world, game.world.units
    if not rule.on_card:
        return Result.NOT_SUPPORTED
    if u.build_left[row] > 0:
        return Result.BUILDING_IS_UNDER_CONSTRUCTION
    if is_item(w, rule):
        result = checks.working(game, row)
        if result != Result.SUCCESS:
            return result
    product = w.rules.units[rule.product]
    if (is_item(w, rule) or product.is_flying) and row in w.production:
        return Result.CANT_QUEUE_THAT_ORDER
    if product.is_flying and addons.is_working(game, row):
        return Result.CANT_QUEUE_THAT_ORDER
    return checks.affordable(game, int(u.owner[row]), rule, row, free=free)


def is_item(world: World, rule: CommandRule) -> bool:
    """Whether a morph is shown as production (else it is a change of mode)."""
    if rule.via:
        return True
    caster, product = world.rules.units[rule.caster], world.rules.units[rule.product]
    if product.is_flying or caster.is_flying or product.is_burrowed:
        return False
    return caster.is_structure and product.is_structure and rule.time_loops > MODE_LOOPS


def is_morph(world: World, row: int, item: ProductionItem) -> bool:
    """Whether a production item is the morph of its own row."""
    unit = int(world.units.type_id[row])
    rule = command_table(world.rules).rows.get(unit, {}).get(item.ability)
    if rule is not None:
        return rule.how == "morph"
    maker = command_table(world.rules).makers.get(item.product)
    return maker is not None and maker.how == "morph" and maker.via == unit


def finish_item(game: Game, row: int, item: ProductionItem) -> None:
    """A cocoon opens, a town hall is upgraded."""
    w, u = game.world, game.world.units
    cocoon = w.rules.units[int(u.type_id[row])].is_larva_or_egg or not w.rules.units[item.product].is_structure
    targets = w.rallies.pop(row, ()) if cocoon else ()
    transform(game, row, item.product)
    if cocoon:
        u.hp[row] = u.hp_max[row]
        rally.follow_targets(game, row, targets)


def transform(game: Game, row: int, product: int) -> None:
    """Make a row another type where it stands: footprint, life, energy, supply, power."""
    w, u = game.world, game.world.units
    energy_before = u.energy_max[row]
    w.block(row, -1)
    w.become(row, product)
    u.immobile[row] = w.rules.units[product].speed == 0.0
    if energy_before == 0 and u.energy_max[row] > 0:
        u.energy[row] = w.rules.units[product].energy_start
    w.block(row, 1)
    buffs.recompute(game, row)
    u.speed_now[row] = 0.0
    u.prey[row] = NONE
    u.windup[row] = -1.0
    u.way_valid[row] = 0
    supply.recount(game)
    power.update(game)


# -- changes of mode -------------------------------------------------------------------------------------
def start_mode(game: Game, row: int, order: Order) -> None:
    """The change of mode begins: the unit is busy for its time, and for a random while before that.

    Body, stats and abilities change at times of their own.
    """
    w, u = game.world, game.world.units
    rule = command_table(w.rules).rows[int(u.type_id[row])][order.ability]
    bank.pay(w, int(u.owner[row]), rule.minerals, rule.gas)
    orders.begin(game, row, order)
    late = w.random() * rule.random_delay_loops if rule.random_delay_loops > 0 else 0.0
    u.timer[row] = max(late + rule.stats_change_loops, 1.0)
    sinks = w.rules.units[rule.product].is_burrowed
    if sinks and 0 < rule.body_change_loops < rule.stats_change_loops:
        burrows.begin(game, row, order.ability, late + rule.body_change_loops, sinks=True)
    elif u.sunk[row] and not sinks:
        burrows.begin(game, row, order.ability, late, sinks=False)
    if order.ability == MORPH_GATEWAY:
        w.cooldowns[(row, MORPH_WARPGATE)] = NEVER
    if w.rules.units[rule.product].is_flying:
        addons.detach(game, row)


def begin_queued(game: Game, row: int, order: Order) -> None:
    """A queued change of mode has its turn."""
    w, u = game.world, game.world.units
    rule = command_table(w.rules).rows.get(int(u.type_id[row]), {}).get(order.ability)
    result = Result.NOT_SUPPORTED if rule is None else morph_result(game, row, rule)
    if result != Result.SUCCESS:
        checks.report(game, row, order.ability, result)
        orders.done(game, row)
        return
    start_mode(game, row, order)


def arrive(game: Game, row: int, order: Order, rule: CommandRule) -> None:
    """A flying structure is over its place: land there if it is still free."""
    u = game.world.units
    player = int(u.owner[row])
    free = placement.can_place(game, player, rule.product, order.x, order.y, builder=row, actual=True)
    if free != Result.SUCCESS:
        checks.report(game, row, order.ability, Result.CANT_LAND_LOCATION_INVALID)
        orders.done(game, row)
        return
    u.x[row], u.y[row] = order.x, order.y
    start_mode(game, row, order._replace(kind=st.BUSY))


def on_timer(game: Game, row: int, order: Order) -> None:
    """The unit has its new type; it is free when the rest of the change is over, too."""
    from cherrypy_bot.sim.abilities import construction

    w, u = game.world, game.world.units
    if u.type_id[row] == order.data:
        orders.done(game, row)
        return
    rule = command_table(w.rules).rows.get(int(u.type_id[row]), {}).get(order.ability)
    landing = u.flying[row] == 1 and not w.rules.units[order.data].is_flying
    transform(game, row, order.data)
    if landing and w.rules.units[order.data].is_structure:
        u.x[row], u.y[row] = order.x, order.y
        addons.attach(game, row)
    construction.may_spread_later(game, row)
    rest = rule.time_loops - rule.stats_change_loops if rule is not None and rule.how == "morph" else 0.0
    if rest >= 1.0:
        u.timer[row] = rest
    else:
        orders.done(game, row)


def auto_warpgate(game: Game, row: int) -> None:
    """An idle gateway turns into a warp gate by itself once that is researched."""
    w, u = game.world, game.world.units
    rule = command_table(w.rules).rows.get(int(u.type_id[row]), {}).get(MORPH_WARPGATE)
    if rule is None or row in w.production or w.cooldowns.get((row, MORPH_WARPGATE), 0) > w.loop:
        return
    if morph_result(game, row, rule) == Result.SUCCESS:
        w.production[row] = (ProductionItem(rule.ability_id, rule.product, 0, 0, 0, rule.time_loops),)
        u.work_left[row, 0] = u.work_total[row, 0] = rule.time_loops


def cancel(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """CANCEL of a morph that is under way: 75 % of its price, and the old type."""
    w, u = game.world, game.world.units
    items = w.production.get(row, ())
    if not items or not is_morph(w, row, items[0]):
        return Result.CANT_FIND_CANCEL_ORDER
    item = items[0]
    w.production.pop(row)
    u.work_left[row] = -1.0
    bank.refund(w, int(u.owner[row]), item.minerals, item.gas, w.rules.game.refund_morph)
    if item.ability == MORPH_WARPGATE:
        w.cooldowns[(row, MORPH_WARPGATE)] = NEVER
    maker = command_table(w.rules).makers.get(item.product)
    if maker is not None and maker.via == int(u.type_id[row]):
        transform(game, row, maker.caster)
        orders.idle(w, row)
    supply.recount(game)
    return Result.SUCCESS


def _needs_place(world: World, rule: CommandRule) -> bool:
    """Whether the new form stands on ground that the old one did not occupy."""
    caster, product = world.rules.units[rule.caster], world.rules.units[rule.product]
    return bool(product.is_structure and product.footprint) and not caster.footprint
