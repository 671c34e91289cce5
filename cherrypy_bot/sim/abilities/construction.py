"""Structures: a worker walks to the site, places, and builds (Terran), leaves (Protoss) or becomes it (Zerg)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import (
    addons,
    bank,
    checks,
    creep,
    gathering,
    larva,
    morphs,
    orders,
    placement,
    power,
    production,
    supply,
    table,
)
from cherrypy_bot.sim.abilities.effects import buffs
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import MOVE, command_table
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Order, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

RETRY_LOOPS = 4.0
RETRIES = 8
"""A builder waits so often for own units to step off the site, then places all the same; they walk out."""
DRONE_REACH = 0.25
"""Zerg builders walk to the middle of the site; others to its edge."""
NYDUS_WORM = 1768
"""BUILD_NYDUSWORM: a network makes a worm anywhere in sight."""
STAYING_BUILDERS = ("SCV",)
BUILDERS = ("SCV", "Probe", "Drone", "Queen", "Oracle")
SPREAD, SPREAD_RANGE = 1733, 10.0
"""BUILD_CREEPTUMOR_TUMOR: once in its life a tumour makes another one on creep in sight within this range."""


# -- commands --------------------------------------------------------------------------------------------
def build(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """Order a structure: checked now and again when the builder arrives; paid then."""
    result = build_result(game, row, rule)
    if result != Result.SUCCESS:
        return result
    w, u = game.world, game.world.units
    player = int(u.owner[row])
    product = w.rules.units[rule.product]
    if rule.ability_id in (SPREAD, NYDUS_WORM):
        return _place_afar(game, row, rule, command)
    target = NONE
    if product.is_gas_building:
        target = command.target
        if target == NONE:
            return Result.MUST_TARGET_UNIT
        if not w.rules.units[int(u.type_id[target])].is_geyser:
            return Result.CANT_BUILD_ON_THAT
        x, y = float(u.x[target]), float(u.y[target])
    elif command.has_point:
        x, y = placement.snap(product, command.x, command.y)
    else:
        return Result.CANT_FIND_PLACEMENT_LOCATION
    result = placement.can_place(game, player, rule.product, x, y, builder=row)
    if result != Result.SUCCESS:
        return result
    recycle = int(u.recycle[target]) if target != NONE else 0
    order = Order(rule.ability_id, st.APPROACH, x, y, target, recycle, rule.product)
    return orders.give(game, row, order, queue=command.queue)


def build_result(game: Game, row: int, rule: CommandRule, *, free: bool = False) -> int:
    """Whether the unit could order the structure now, the place left aside; an ActionResult."""
    w, u = game.world, game.world.units
    if rule.ability_id == SPREAD:
        if (row, "spread") in w.marks:
            return Result.NOT_ENOUGH_CHARGES
        if w.cooldowns.get((row, SPREAD), 0) > w.loop:
            return Result.COOLDOWN
    elif rule.ability_id == NYDUS_WORM:
        if w.cooldowns.get((-1 - int(u.owner[row]), NYDUS_WORM), 0) > w.loop:
            return Result.COOLDOWN
    elif w.rules.units[int(u.type_id[row])].name not in BUILDERS or not rule.on_card:
        return Result.NOT_SUPPORTED
    return checks.affordable(game, int(u.owner[row]), rule, row, free=free)


def _place_afar(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """A tumour makes another one near it, a nydus network a worm anywhere: it stands there at once, unfinished."""
    w, u = game.world, game.world.units
    if not command.has_point:
        return Result.CANT_FIND_PLACEMENT_LOCATION
    player = int(u.owner[row])
    x, y = placement.snap(w.rules.units[rule.product], command.x, command.y)
    if rule.ability_id == SPREAD and math.hypot(u.x[row] - x, u.y[row] - y) > SPREAD_RANGE:
        return Result.TARGET_IS_OUT_OF_RANGE
    if w.grids.vis_count[player, math.floor(y), math.floor(x)] == 0:
        return Result.CANT_SEE_BUILD_LOCATION
    result = placement.can_place(game, player, rule.product, x, y, builder=row)
    if result != Result.SUCCESS:
        return result
    if rule.ability_id == SPREAD:
        w.marks[(row, "spread")] = 1.0
    else:
        w.cooldowns[(-1 - player, NYDUS_WORM)] = w.loop + math.ceil(rule.cooldown_loops)
    bank.pay(w, player, rule.minerals, rule.gas)
    placed = w.spawn(rule.product, player, x, y, complete=False)
    w.units.build_left[placed] = w.units.build_total[placed] = rule.time_loops
    return Result.SUCCESS


def may_spread_later(game: Game, tumour: int) -> None:
    """A tumour has burrowed: after a while it can make another one."""
    w = game.world
    rule = command_table(w.rules).rows.get(int(w.units.type_id[tumour]), {}).get(SPREAD)
    if rule is not None:
        w.cooldowns[(tumour, SPREAD)] = w.loop + math.ceil(rule.cooldown_loops)


def resume(game: Game, row: int, structure: int, *, queue: bool) -> int:
    """Send an SCV to a structure that nobody builds."""
    w, u = game.world, game.world.units
    product = int(u.type_id[structure])
    rule = command_table(w.rules).makers.get(product)
    if rule is None or w.rules.units[product].race != "Terran" or rule.how != "build":
        return Result.CANT_TARGET_THAT_UNIT
    order = Order(
        rule.ability_id,
        st.APPROACH,
        float(u.x[structure]),
        float(u.y[structure]),
        structure,
        int(u.recycle[structure]),
        product,
    )
    return orders.give(game, row, order, queue=queue)


def halt(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """HALT: given to the builder or to the structure; construction rests until an SCV goes on with it."""
    w, u = game.world, game.world.units
    builder = int(u.carrier[row]) if w.rules.units[int(u.type_id[row])].is_structure else row
    if builder == NONE or not is_building(w, builder):
        return Result.CANT_FIND_CANCEL_ORDER
    orders.done(game, builder)
    return Result.SUCCESS


def cancel(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """CANCEL of a structure under construction: 75 % of its price, the builder is free, a drone comes back."""
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    if u.build_left[row] <= 0:
        return Result.CANT_FIND_CANCEL_ORDER
    player, x, y = int(u.owner[row]), float(u.x[row]), float(u.y[row])
    maker = command_table(w.rules).makers.get(int(u.type_id[row]))
    if maker is not None:
        bank.refund(w, player, maker.minerals, maker.gas, w.rules.game.refund_structure)
    deaths.bury(game, row, NONE, lost=False)
    if maker is not None and maker.supply < 0:
        drone = w.spawn(maker.caster, player, x, y)
        orders.idle(w, drone)
    production.settle(game)
    return Result.SUCCESS


# -- on the way and at the site --------------------------------------------------------------------------
def reach(world: World, row: int, order: Order) -> float:
    """How near a builder must come: edge to edge to a geyser or structure, centre to centre to an empty site."""
    if order.target != NONE:
        return 0.0
    unit = world.rules.units[int(world.units.type_id[row])]
    if unit.race == "Zerg":
        return DRONE_REACH
    return world.rules.units[order.data].radius + unit.radius


def arrive(game: Game, row: int, order: Order, rule: CommandRule) -> None:
    """The builder stands at the site: place the structure, or go on building it."""
    u = game.world.units
    if order.target != NONE and u.owner[order.target] == u.owner[row]:
        _take_over(game, row, order)
        return
    player = int(u.owner[row])
    result = checks.affordable(game, player, rule, row)
    if result == Result.SUCCESS:
        result = placement.can_place(game, player, rule.product, order.x, order.y, builder=row, actual=True)
    if result != Result.SUCCESS:
        checks.report(game, row, order.ability, result)
        orders.done(game, row)
        return
    if u.stuck[row] < RETRIES and _clear_site(game, row, order):
        u.stuck[row] += 1
        u.timer[row] = RETRY_LOOPS
        return
    _place(game, row, order, rule)


def _place(game: Game, row: int, order: Order, rule: CommandRule) -> None:
    w, u = game.world, game.world.units
    player = int(u.owner[row])
    bank.pay(w, player, rule.minerals, rule.gas)
    u.energy[row] -= checks.energy_of(rule)
    consumed = rule.supply < 0
    if consumed:
        orders.leave(game, row)
        w.remove(row)
    product = rule.product
    if order.target != NONE and w.rules.units[int(u.type_id[order.target])].is_rich:
        product = table.rich_twin(w.rules, product)
    structure = w.spawn(product, player, order.x, order.y, complete=False)
    u = w.units
    u.build_left[structure] = u.build_total[structure] = rule.time_loops
    if w.rules.units[rule.product].is_gas_building:
        geyser = order.target
        u.geyser[structure], u.geyser[geyser] = geyser, structure
        u.contents[structure] = u.contents[geyser]
    if not consumed:
        if w.rules.units[int(u.type_id[row])].name in STAYING_BUILDERS:
            _attach_builder(w, row, structure)
        else:
            orders.done(game, row)
    power.update(game)
    production.settle(game)


def _take_over(game: Game, row: int, order: Order) -> None:
    w, u = game.world, game.world.units
    structure = order.target
    if u.build_left[structure] <= 0 or u.carrier[structure] != NONE:
        checks.report(game, row, order.ability, Result.CANT_TARGET_THAT_UNIT)
        orders.done(game, row)
        return
    _attach_builder(w, row, structure)


def _attach_builder(w: World, row: int, structure: int) -> None:
    u = w.units
    u.carrier[row], u.carrier[structure] = structure, row
    u.build_rate[structure] = 1.0
    u.order[row] = st.BUSY
    u.timer[row] = -1.0


def is_building(world: World, row: int) -> bool:
    """Whether the unit in a row works on a structure at this moment."""
    u = world.units
    structure = int(u.carrier[row])
    return structure != NONE and u.hidden[row] == 0 and u.carrier[structure] == row


def release_builder(game: Game, row: int) -> None:
    """The unit in a row stops building: the structure rests."""
    u = game.world.units
    structure = int(u.carrier[row])
    if not is_building(game.world, row) or game.world.rules.units[int(u.type_id[row])].is_structure:
        return
    u.carrier[row] = u.carrier[structure] = NONE
    if u.build_left[structure] > 0:
        u.build_rate[structure] = 0.0


def _clear_site(game: Game, builder: int, order: Order) -> bool:
    """Send own units off the site; whether some still stand there."""
    w, u = game.world, game.world.units
    product = w.rules.units[order.data]
    if not product.footprint or product.is_gas_building:
        return False
    cx, cy = math.floor(order.x), math.floor(order.y)
    left, right = cx + min(c[0] for c in product.footprint), cx + max(c[0] for c in product.footprint) + 1
    low, high = cy + min(c[1] for c in product.footprint), cy + max(c[1] for c in product.footprint) + 1
    waiting = False
    for row in w.rows_of(int(u.owner[builder])):
        if row == builder or u.flying[row] or u.hidden[row] or u.immobile[row] or u.burrowed[row]:
            continue
        other = w.rules.units[int(u.type_id[row])]
        x, y = float(u.x[row]), float(u.y[row])
        r = other.radius
        if other.is_larva_or_egg or not (left - r < x < right + r and low - r < y < high + r):
            continue
        if u.order[row] in (st.GATHER, st.RETURN):
            continue  # they pass through everything
        waiting = True
        if u.order[row] in (st.IDLE, st.HOLD):
            out = [
                (x - left + r + 0.3, left - r - 0.3, y),
                (right + r + 0.3 - x, right + r + 0.3, y),
                (y - low + r + 0.3, x, low - r - 0.3),
                (high + r + 0.3 - y, x, high + r + 0.3),
            ]
            for _, ox, oy in sorted(out):
                if 0 <= ox < w.map.width and 0 <= oy < w.map.height and w.grids.walk[int(oy), int(ox)]:
                    orders.begin(game, row, Order(MOVE, st.MOVE, ox, oy))
                    break
    return waiting


# -- when it stands --------------------------------------------------------------------------------------
def on_built(game: Game, row: int) -> None:
    """EV_BUILT: a structure is finished, or a unit warped in."""
    w, u = game.world, game.world.units
    rule = w.rules.units[int(u.type_id[row])]
    u.build_left[row] = 0.0
    buffs.recompute(game, row)
    if not rule.is_structure:
        orders.idle(w, row)
        return
    builder = int(u.carrier[row])
    if builder != NONE and u.alive[builder] == 1:
        u.carrier[builder] = u.carrier[row] = NONE
        if rule.is_gas_building and builder not in w.queues and gathering.send(game, builder, row):
            pass
        else:
            orders.done(game, builder)
    if rule.is_addon:
        addons.on_built(game, row)
    creep.add_source(game, row)
    if rule.is_townhall and rule.race == "Zerg":
        larva.start(game, row)
    if rule.race == "Protoss":
        power.update(game)
        morphs.auto_warpgate(game, row)
    supply.recount(game)
    if rule.name in ("CreepTumorQueen", "CreepTumor"):
        burrow = command_table(w.rules).first(rule.id, "morph")
        if burrow is not None:
            morphs.start_mode(
                game, row, Order(burrow.ability_id, st.BUSY, float(u.x[row]), float(u.y[row]), data=burrow.product)
            )
