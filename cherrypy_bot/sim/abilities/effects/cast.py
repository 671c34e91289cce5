"""Casting: may it be cast, at that; walk into range; prepare; act and pay; stay with it or go on.

    command -> cast() -> [APPROACH order] -> arrive() -> [BUSY: prepares] -> act -> [BUSY: finishes or channels] -> next

While a unit prepares, finishes or channels, its current order is BUSY and `Order.data` says which (below 0, so that
it cannot be mistaken for a morph's product).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import checks, orders, tech
from cherrypy_bot.sim.abilities.effects import buffs, filters
from cherrypy_bot.sim.abilities.effects.records import ANY, POINT, SELF, UNIT, Cast, Spell
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NEUTRAL, NONE
from cherrypy_bot.sim.world import Order, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

SPELLS: dict[int, Spell] = {}
"""Every spell by its exact ability id; filled by the subject files (see `table`)."""
PREPARES, FINISHES, CHANNELS = -1, -2, -3
"""`Order.data` of a unit that is busy casting."""
CHANNEL_LOOPS = 1e9
"""A channel's timer: it ends with its effect, not by time."""
SLACK = 0.1
EVERYWHERE = 1e9
"""A range that covers the map."""


def register(*spells: Spell) -> None:
    """Make spells known."""
    for spell in spells:
        SPELLS[spell.ability] = spell


# -- numbers of a spell ----------------------------------------------------------------------------------
def energy_of(rule: CommandRule, spell: Spell) -> float:
    """Energy that a cast takes."""
    return rule.energy if spell.energy is None else spell.energy


def approach_range(game: Game, row: int, order: Order, rule: CommandRule) -> float:
    """Range at which an order is near enough: edge to edge of a unit, or centre to point (the body included)."""
    spell = SPELLS[rule.ability_id]
    if spell.anywhere or spell.at == SELF:
        return EVERYWHERE
    reach = _base_reach(game, row, rule, spell)
    if order.target == NONE:
        reach += game.world.rules.units[int(game.world.units.type_id[row])].radius
    return reach


def _base_reach(game: Game, row: int, rule: CommandRule, spell: Spell) -> float:
    if spell.reach_of is not None:
        return spell.reach_of(game, row)
    return rule.range if spell.reach is None else spell.reach


def one_caster(rule: CommandRule) -> bool:
    """Whether a command given to several units is carried out by one of them (aimed spells, unless they say so)."""
    spell = SPELLS.get(rule.ability_id)
    return spell is not None and spell.at != SELF and not spell.each


# -- may it be cast --------------------------------------------------------------------------------------
def ready(game: Game, row: int, rule: CommandRule, *, free: bool = False) -> int:
    """Whether the unit could cast it now, the target left aside; an ActionResult. `free` leaves energy out."""
    w, u = game.world, game.world.units
    spell = SPELLS.get(rule.ability_id)
    if spell is None or not rule.on_card or u.hallucination[row]:
        return Result.NOT_SUPPORTED
    player = int(u.owner[row])
    if not tech.requirement_met(game, player, rule, row):
        return Result.TECH_REQUIREMENTS_NOT_MET
    if not buffs.can_cast(w, row):
        return Result.YOU_CANT_ISSUE_COMMANDS_TO_THAT_UNIT
    if u.powered[row] == 0:
        return Result.CANT_TRAIN_TOO_FAR_FROM_POWER
    if not free and u.energy[row] + 1e-9 < energy_of(rule, spell):
        return Result.NOT_ENOUGH_ENERGY
    if spell.life and u.hp[row] <= spell.life:
        return Result.NOT_ENOUGH_LIFE
    if w.cooldowns.get(_cooldown_key(w, row, spell), 0) > w.loop:
        return Result.COOLDOWN
    return spell.condition(game, row)


def _cooldown_key(world: World, row: int, spell: Spell) -> tuple[int, int]:
    return (-1 - int(world.units.owner[row]) if spell.shared else row), spell.ability


def _aim(game: Game, row: int, spell: Spell, given: Command) -> Cast | int:
    """The cast that a command means, or what is wrong with its target."""
    w, u = game.world, game.world.units
    player, target = int(u.owner[row]), given.target
    if spell.at == SELF:
        return Cast(row, spell.ability, float(u.x[row]), float(u.y[row]))
    if target != NONE and spell.at in (UNIT, ANY):
        return judge(game, row, spell, target)
    if spell.at == UNIT:
        return Result.MUST_TARGET_UNIT
    if target != NONE:
        x, y = float(u.x[target]), float(u.y[target])
    elif given.has_point:
        x, y = given.x, given.y
    else:
        return Result.MUST_TARGET_VISIBLE_LOCATION
    if spell.anywhere and not spell.blind and not _sees(w, player, x, y):
        return Result.MUST_TARGET_VISIBLE_LOCATION
    return Cast(row, spell.ability, x, y)


def judge(game: Game, row: int, spell: Spell, target: int) -> Cast | int:
    """The cast at a unit, or what is wrong with that unit."""
    w, u = game.world, game.world.units
    player = int(u.owner[row])
    if u.owner[target] not in (player, NEUTRAL) and not int(u.seen[target]) >> player & 1:
        return Result.MUST_TARGET_VISIBLE_UNIT
    result = filters.judge(w, player, target, spell.filter, row)
    if result == Result.SUCCESS:
        result = spell.suits(game, row, target)
    if result != Result.SUCCESS:
        return result
    return Cast(row, spell.ability, float(u.x[target]), float(u.y[target]), target, int(u.recycle[target]))


def _sees(world: World, player: int, x: float, y: float) -> bool:
    return bool(world.grids.vis_count[player, math.floor(y), math.floor(x)] > 0)


# -- casting ---------------------------------------------------------------------------------------------
def cast(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """A player's command to use an ability."""
    _w, u = game.world, game.world.units
    result = ready(game, row, rule)
    if result != Result.SUCCESS:
        return result
    spell = SPELLS[rule.ability_id]
    aimed = _aim(game, row, spell, given)
    if not isinstance(aimed, Cast):
        return aimed
    order = Order(rule.ability_id, st.APPROACH, aimed.x, aimed.y, aimed.target, aimed.target_recycle)
    at_once = (spell.at == SELF or spell.anywhere) and not (spell.prep or spell.finish or spell.channel)
    if at_once and not given.queue:
        result = _perform(game, aimed, rule, spell)
        if result == Result.SUCCESS and spell.stops and u.alive[row] == 1:
            orders.stop(game, row)
        return result
    if u.immobile[row] and not spell.anywhere and not _in_range(game, row, aimed, rule, spell, 0.0):
        return Result.TARGET_IS_OUT_OF_RANGE
    return orders.give(game, row, order, queue=given.queue)


def by_itself(game: Game, row: int, ability: int, target: int) -> bool:
    """Cast at a unit without a command (autocast) if that may be done; whether it was."""
    rule = command_table(game.world.rules).rows.get(int(game.world.units.type_id[row]), {}).get(ability)
    if rule is None or ready(game, row, rule) != Result.SUCCESS:
        return False
    spell = SPELLS[ability]
    aimed = judge(game, row, spell, target)
    return isinstance(aimed, Cast) and _perform(game, aimed, rule, spell) == Result.SUCCESS


def autocasts(world: World, row: int, ability: int) -> bool:
    """Whether a unit uses an ability by itself."""
    return bool(SPELLS[ability].autocast) != ((row, ability) in world.autocast)


def toggle(game: Game, row: int, ability: int) -> int:
    """Switch an ability's autocast; an ActionResult."""
    w = game.world
    for rule in command_table(w.rules).find(ability, int(w.units.type_id[row])):
        spell = SPELLS.get(rule.ability_id)
        if spell is not None and spell.autocast is not None:
            w.autocast = w.autocast ^ {(row, rule.ability_id)}
            return Result.SUCCESS
    return Result.NOT_SUPPORTED


def arrive(game: Game, row: int, order: Order, rule: CommandRule) -> None:
    """EV_IN_RANGE: the caster has come within range."""
    w = game.world
    spell = SPELLS[rule.ability_id]
    aimed = Cast(row, rule.ability_id, order.x, order.y, order.target, order.target_recycle)
    result = ready(game, row, rule)
    if result == Result.SUCCESS and order.target != NONE:
        checked = judge(game, row, spell, order.target)
        if isinstance(checked, Cast):
            aimed = checked
        else:
            result = checked
    elif (
        result == Result.SUCCESS
        and spell.at != SELF
        and not spell.blind
        and not _sees(w, int(w.units.owner[row]), order.x, order.y)
    ):
        result = Result.MUST_TARGET_VISIBLE_LOCATION
    if result != Result.SUCCESS:
        checks.report(game, row, order.ability, result)
        orders.done(game, row)
    elif spell.prep:
        _pay(game, row, rule, spell)
        _stay(game, row, aimed, PREPARES, spell.prep)
        spell.on_prep(game, aimed)
    else:
        _act(game, aimed, rule, spell)


def on_timer(game: Game, row: int, order: Order) -> None:
    """EV_TIMER of a busy caster: the preparation or the aftermath is over."""
    w, u = game.world, game.world.units
    if order.data != PREPARES:
        orders.done(game, row)
        return
    rule = command_table(w.rules).rows.get(int(u.type_id[row]), {}).get(order.ability)
    if rule is None:
        orders.done(game, row)
        return
    spell = SPELLS[order.ability]
    aimed = Cast(row, order.ability, order.x, order.y, order.target, order.target_recycle)
    if order.target != NONE:
        here = w.is_unit(order.target, order.target_recycle) and not u.hidden[order.target]
        if not here or not _in_range(game, row, aimed, rule, spell, spell.slop):
            checks.report(game, row, order.ability, Result.COULDNT_REACH_TARGET)
            orders.done(game, row)
            return
        aimed = aimed._replace(x=float(u.x[order.target]), y=float(u.y[order.target]))
    w.current[row] = order._replace(data=FINISHES)  # what follows is no longer broken off
    _act(game, aimed, rule, spell, paid=True)


def cancel(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """CANCEL: break off what is being prepared or channelled; some cancels are spells of their own."""
    if rule.ability_id in SPELLS:
        return cast(game, row, rule, given)
    order = game.world.current.get(row)
    if order is None or order.kind != st.BUSY or order.data not in (PREPARES, CHANNELS):
        return Result.CANT_FIND_CANCEL_ORDER
    orders.done(game, row)
    return Result.SUCCESS


def break_off(game: Game, row: int, order: Order) -> None:
    """The current order is left while it is BUSY: tell the spell when it was not over yet."""
    from cherrypy_bot.sim.abilities.effects import transports

    spell = SPELLS.get(order.ability)
    if spell is None:
        transports.stop_unload(game, row)
    elif order.data in (PREPARES, CHANNELS):
        spell.on_break(game, Cast(row, order.ability, order.x, order.y, order.target, order.target_recycle))


def is_locked(order: Order) -> bool:
    """Whether a busy caster's order lets no other order through."""
    from cherrypy_bot.sim.abilities.effects import mules

    spell = SPELLS.get(order.ability)
    return order.data in (FINISHES, mules.LANDS) or (spell is not None and spell.locked)


def finish_channel(game: Game, row: int, ability: int) -> None:
    """A channelled effect has ended by itself: the caster is free again."""
    order = game.world.current.get(row)
    if order is not None and order.kind == st.BUSY and order.ability == ability and order.data == CHANNELS:
        game.world.current[row] = order._replace(data=FINISHES)
        orders.done(game, row)


def _act(game: Game, aimed: Cast, rule: CommandRule, spell: Spell, *, paid: bool = False) -> None:
    """Act at the place and stay busy, or go on to the next order."""
    w = game.world
    row, recycle = aimed.row, int(w.units.recycle[aimed.row])
    before = w.current.get(row)
    if spell.channel:
        _stay(game, row, aimed, CHANNELS, CHANNEL_LOOPS)
    result = _perform(game, aimed, rule, spell, paid=paid)
    if not w.is_unit(row, recycle):
        return  # it was its last deed
    if result != Result.SUCCESS:
        checks.report(game, row, spell.ability, result)
    if w.current.get(row) is not before and not spell.channel:
        return  # the spell itself gave a new order
    if result == Result.SUCCESS and spell.channel:
        return
    if result == Result.SUCCESS and spell.finish:
        _stay(game, row, aimed, FINISHES, spell.finish)
    else:
        if before is not None and spell.channel:
            w.current[row] = before
        orders.done(game, row)


def _perform(game: Game, aimed: Cast, rule: CommandRule, spell: Spell, *, paid: bool = False) -> int:
    recycle = int(game.world.units.recycle[aimed.row])
    result = spell.act(game, aimed)
    if result == Result.SUCCESS and not paid and game.world.is_unit(aimed.row, recycle):
        _pay(game, aimed.row, rule, spell)
    return result


def _pay(game: Game, row: int, rule: CommandRule, spell: Spell) -> None:
    w, u = game.world, game.world.units
    u.energy[row] -= energy_of(rule, spell)
    u.hp[row] -= spell.life
    loops = rule.cooldown_loops if spell.cooldown is None else spell.cooldown
    if loops > 0:
        w.cooldowns[_cooldown_key(w, row, spell)] = w.loop + math.ceil(loops)


def _stay(game: Game, row: int, aimed: Cast, phase: int, loops: float) -> None:
    w, u = game.world, game.world.units
    order = Order(aimed.ability, st.BUSY, aimed.x, aimed.y, aimed.target, aimed.target_recycle, phase)
    w.current[row] = order
    u.order[row] = st.BUSY
    u.order_ability[row] = aimed.ability
    u.timer[row] = max(loops, 1.0)
    if aimed.row != aimed.target and (aimed.x != u.x[row] or aimed.y != u.y[row]):
        u.facing[row] = math.atan2(aimed.y - u.y[row], aimed.x - u.x[row]) % (2 * math.pi)


def _in_range(game: Game, row: int, aimed: Cast, rule: CommandRule, spell: Spell, slop: float) -> bool:
    world, u = game.world, game.world.units
    if spell.anywhere or spell.at == SELF:
        return True
    reach = _base_reach(game, row, rule, spell) + slop + SLACK
    reach += world.rules.units[int(u.type_id[row])].radius
    if aimed.target != NONE:
        t = aimed.target
        reach += world.rules.units[int(u.type_id[t])].radius
        return math.hypot(u.x[row] - u.x[t], u.y[row] - u.y[t]) <= reach
    return math.hypot(u.x[row] - aimed.x, u.y[row] - aimed.y) <= reach


__all__ = [
    "ANY",
    "CHANNELS",
    "FINISHES",
    "POINT",
    "PREPARES",
    "SPELLS",
    "approach_range",
    "arrive",
    "autocasts",
    "break_off",
    "by_itself",
    "cancel",
    "cast",
    "finish_channel",
    "is_locked",
    "on_timer",
    "one_caster",
    "ready",
    "register",
    "toggle",
]
