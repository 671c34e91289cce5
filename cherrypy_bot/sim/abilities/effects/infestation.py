"""Zerg casters: infestors, vipers, overseers, corruptors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders, supply
from cherrypy_bot.sim.abilities.effects import buffs, damage, deeds, filters, lasting
from cherrypy_bot.sim.abilities.effects import cast as casting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Cast, LastingRule, Spell
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

FUNGAL, NEURAL = 74, 249
BLINDING_CLOUD, ABDUCT, PARASITIC_BOMB, CONSUME = 2063, 2067, 2542, 2073
CONTAMINATE, CAUSTIC_SPRAY, SHROUD = 1825, 2324, 4111
SHROUD_RADIUS, SHROUD_LOOPS, SHROUD_TICK = 3.5, 240.0, 8.0
FUNGAL_SPEED, FUNGAL_RADIUS, FUNGAL_TICK, FUNGAL_DAMAGE, FUNGAL_LOOPS = 12.0, 2.25, 4.0, 1.5625, 64.0
NEURAL_LOOPS, NEURAL_RANGE, NEURAL_SLOP = 240.0, 8.0, 5.0
CLOUD_RADIUS, CLOUD_LOOPS = 2.0, 120.0
PULL_FLIGHT = 16.0
BOMB_DELAY, BOMB_LOOPS, BOMB_RADIUS, BOMB_DAMAGE, BOMB_TICK = 16.0, 160.0, 3.0, 3.0, 4.0
BOMBED = "bombed"
"""Mark: loop of the last tick of a parasitic bomb; bombs do not add up."""
CONSUME_TICK, CONSUME_TICKS, CONSUME_LIFE, CONSUME_ENERGY = 16.0, 20.0, 7.5, 2.5
SPRAY_TICK, SPRAY_SLOW_TICKS, SPRAY_SLOW, SPRAY_FAST = 3.2, 30.0, 1.0, 5.0
SPRAY_RANGE = 6.0


# -- fungal growth ---------------------------------------------------------------------------------------
def _spit(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    flight = deeds.flight(game, cast.row, cast.x, cast.y, FUNGAL_SPEED)
    lasting.start(game, "fungal missile", owner, cast.x, cast.y, lasts=flight, row=cast.row)
    return Result.SUCCESS


def _fungal_lands(game: Game, effect: Effect) -> None:
    w = game.world
    wanted = need("Enemy;Structure,Invulnerable")
    source = effect.row if lasting.caster_lives(w, effect) else NONE
    for row in filters.near(game, effect.owner, effect.x, effect.y, FUNGAL_RADIUS, wanted):
        running = lasting.find(w, "fungal", target=row)
        if running is not None:
            lasting.drop(w, running)
        buffs.apply(game, row, buffs.FUNGAL)
        lasting.start(game, "fungal", effect.owner, effect.x, effect.y, lasts=FUNGAL_LOOPS, row=source, target=row)


def _fungal_eats(game: Game, effect: Effect) -> Effect | None:
    w = game.world
    if not lasting.target_lives(w, effect) or not buffs.has(w, effect.target, buffs.FUNGAL):
        return None
    source = effect.row if effect.row != NONE and lasting.caster_lives(w, effect) else NONE
    return None if damage.hurt(game, effect.target, FUNGAL_DAMAGE, source, by=effect.owner) else effect


# -- microbial shroud ------------------------------------------------------------------------------------
def _shroud(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "microbial shroud", owner, cast.x, cast.y, first=0.0, lasts=SHROUD_LOOPS)
    return Result.SUCCESS


def _cover(game: Game, effect: Effect) -> Effect | None:
    """Ground units in it, friend and foe, take half of what flyers shoot at them, and a while after they left it."""
    wanted = need("Ground;Neutral,Air,Structure")
    for row in filters.near(game, effect.owner, effect.x, effect.y, SHROUD_RADIUS, wanted):
        buffs.apply(game, row, buffs.ARMOR_CLOUD)
    return effect


# -- neural parasite -------------------------------------------------------------------------------------
def _take_over(game: Game, cast: Cast) -> int:
    u = game.world.units
    owner, before = int(u.owner[cast.row]), int(u.owner[cast.target])
    seize(game, cast.target, owner)
    buffs.apply(game, cast.target, buffs.NEURAL_PARASITE)
    lasting.start(
        game,
        "neural parasite",
        owner,
        cast.x,
        cast.y,
        lasts=NEURAL_LOOPS,
        row=cast.row,
        target=cast.target,
        data=float(before),
    )
    return Result.SUCCESS


def seize(game: Game, row: int, player: int) -> None:
    """Give a unit to the other player: it forgets its orders, sees for them and counts for their supply."""
    from cherrypy_bot.sim.kernels.vision import count_sight

    w, u = game.world, game.world.units
    w.queues.pop(row, None)
    orders.leave(game, row)
    if u.vis_cell[row] >= 0:
        count_sight(w.unit_rows, w.cells, w.vis, row, -1)
    u.owner[row] = player
    u.prey[row] = NONE
    u.windup[row] = -1.0
    u.seen[row] = 3
    orders.idle(w, row)
    supply.recount(game)


def _keeps_hold(game: Game, effect: Effect) -> Effect | None:
    w = game.world
    order = w.current.get(effect.row) if lasting.caster_lives(w, effect) else None
    holds = order is not None and order.ability == NEURAL and order.kind == st.BUSY
    here = holds and lasting.target_lives(w, effect)
    if here and deeds.gap(game, effect.row, effect.target) <= NEURAL_RANGE + NEURAL_SLOP:
        return effect
    _give_back(game, effect)
    return None


def _give_back(game: Game, effect: Effect) -> None:
    w = game.world
    if lasting.target_lives(w, effect):
        seize(game, effect.target, int(effect.data))
        buffs.remove(game, effect.target, buffs.NEURAL_PARASITE)
    if lasting.caster_lives(w, effect):
        casting.finish_channel(game, effect.row, NEURAL)


def _let_go(game: Game, cast: Cast) -> None:
    effect = lasting.find(game.world, "neural parasite", row=cast.row)
    if effect is not None:
        lasting.drop(game.world, effect)
        _give_back(game, effect)


# -- viper -----------------------------------------------------------------------------------------------
def _cloud(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "blinding cloud", owner, cast.x, cast.y, first=0.0, lasts=CLOUD_LOOPS)
    return Result.SUCCESS


def _blind(game: Game, effect: Effect) -> Effect | None:
    """Ground units and structures that shoot cannot; those that strike still can."""
    w, u = game.world, game.world.units
    for row in filters.near(game, effect.owner, effect.x, effect.y, CLOUD_RADIUS, need("Ground;Neutral,Invulnerable")):
        rule = w.rules.units[int(u.type_id[row])]
        if any(not w.rules.weapons[i].melee and not w.rules.weapons[i].hidden for i in rule.weapons):
            buffs.apply(game, row, buffs.BLINDING_CLOUD_STRUCTURE if rule.is_structure else buffs.BLINDING_CLOUD)
    return effect


def _pull(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    buffs.apply(game, cast.target, buffs.PULLED)
    lasting.start(game, "abduct", owner, cast.x, cast.y, lasts=PULL_FLIGHT, row=cast.row, target=cast.target)
    return Result.SUCCESS


def _pulled(game: Game, effect: Effect) -> None:
    """The target lands beside the viper, on the side where it came from."""
    w, u = game.world, game.world.units
    if not (lasting.caster_lives(w, effect) and lasting.target_lives(w, effect)):
        return
    dx, dy = float(u.x[effect.target] - u.x[effect.row]), float(u.y[effect.target] - u.y[effect.row])
    away = math.hypot(dx, dy) or 1.0
    near = w.rules.units[int(u.type_id[effect.target])].radius + 0.5
    deeds.teleport(
        game, effect.target, float(u.x[effect.row]) + dx / away * near, float(u.y[effect.row]) + dy / away * near
    )
    orders.stop(game, effect.target)


def _infect(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    buffs.apply(game, cast.target, buffs.PARASITIC_BOMB)
    lasting.start(
        game,
        "parasitic bomb",
        owner,
        cast.x,
        cast.y,
        first=BOMB_DELAY,
        lasts=BOMB_LOOPS,
        row=cast.row,
        target=cast.target,
    )
    return Result.SUCCESS


def _bomb_ticks(game: Game, effect: Effect) -> Effect | None:
    """Enemies in the air round the carrier of the bomb; when that dies the cloud stays where it fell."""
    w, u = game.world, game.world.units
    if lasting.target_lives(w, effect) and not u.hidden[effect.target]:
        effect = effect._replace(x=float(u.x[effect.target]), y=float(u.y[effect.target]))
    source = effect.row if lasting.caster_lives(w, effect) else NONE
    wanted = need("Air,Enemy;Structure,Invulnerable")
    for row in filters.near(game, effect.owner, effect.x, effect.y, BOMB_RADIUS, wanted):
        if not u.flying[row] or w.loop - w.marks.get((row, BOMBED), -math.inf) < BOMB_TICK:
            continue
        w.marks[(row, BOMBED)] = float(w.loop)
        damage.hurt(game, row, BOMB_DAMAGE, source, by=effect.owner)
    return effect


def _hungry(game: Game, row: int) -> int:
    u = game.world.units
    return Result.SUCCESS if u.energy[row] < u.energy_max[row] else Result.CANT_QUEUE_THAT_ORDER


def _consume(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    buffs.apply(game, cast.target, buffs.CONSUMED)
    lasting.start(game, "consume", owner, cast.x, cast.y, row=cast.row, target=cast.target, data=CONSUME_TICKS)
    return Result.SUCCESS


def _drink(game: Game, effect: Effect) -> Effect | None:
    w, u = game.world, game.world.units
    order = w.current.get(effect.row) if lasting.caster_lives(w, effect) else None
    if order is None or order.ability != CONSUME or order.kind != st.BUSY or not lasting.target_lives(w, effect):
        _stop_drinking(game, effect)
        return None
    u.energy[effect.row] = min(u.energy[effect.row] + CONSUME_ENERGY, u.energy_max[effect.row])
    died = damage.hurt(game, effect.target, CONSUME_LIFE, decay=True)
    if died or effect.data <= 1 or u.energy[effect.row] >= u.energy_max[effect.row]:
        _stop_drinking(game, effect)
        return None
    return effect._replace(data=effect.data - 1)


def _stop_drinking(game: Game, effect: Effect) -> None:
    if lasting.target_lives(game.world, effect):
        buffs.remove(game, effect.target, buffs.CONSUMED)
    if lasting.caster_lives(game.world, effect):
        casting.finish_channel(game, effect.row, CONSUME)


# -- overseer and corruptor ------------------------------------------------------------------------------
def _contaminate(game: Game, cast: Cast) -> int:
    buffs.apply(game, cast.target, buffs.CONTAMINATED)
    return Result.SUCCESS


def _spray(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "caustic spray", owner, cast.x, cast.y, row=cast.row, target=cast.target)
    return Result.SUCCESS


def _corrode(game: Game, effect: Effect) -> Effect | None:
    """One damage at a time, then five, as long as the corruptor stays with it."""
    w = game.world
    order = w.current.get(effect.row) if lasting.caster_lives(w, effect) else None
    if order is None or order.ability != CAUSTIC_SPRAY or order.kind != st.BUSY:
        return None
    if not lasting.target_lives(w, effect) or deeds.gap(game, effect.row, effect.target) > SPRAY_RANGE + 2.0:
        casting.finish_channel(game, effect.row, CAUSTIC_SPRAY)
        return None
    amount = SPRAY_SLOW if effect.data < SPRAY_SLOW_TICKS else SPRAY_FAST
    if damage.hurt(game, effect.target, amount, effect.row):
        casting.finish_channel(game, effect.row, CAUSTIC_SPRAY)
        return None
    return effect._replace(data=effect.data + 1)


SPELLS = (
    Spell(FUNGAL, _spit, POINT),
    Spell(
        NEURAL,
        _take_over,
        UNIT,
        need("Enemy;Structure,Heroic,Hallucination,Invulnerable,Larva,UnderConstruction"),
        channel=True,
        locked=True,
        on_break=_let_go,
    ),
    Spell(SHROUD, _shroud, POINT),
    Spell(BLINDING_CLOUD, _cloud, POINT),
    Spell(ABDUCT, _pull, UNIT, need(";Self,Neutral,Structure,Heroic,Invulnerable,Larva"), finish=12.8),
    Spell(PARASITIC_BOMB, _infect, UNIT, need("Air,Enemy;Structure,Invulnerable")),
    Spell(
        CONSUME,
        _consume,
        UNIT,
        need("Structure,Player;UnderConstruction"),
        channel=True,
        condition=_hungry,
    ),
    Spell(CONTAMINATE, _contaminate, UNIT, need("Structure,Enemy;Invulnerable")),
    Spell(CAUSTIC_SPRAY, _spray, UNIT, need("Structure,Enemy;Invulnerable"), channel=True),
)
LASTING = (
    LastingRule("fungal missile", end=_fungal_lands),
    LastingRule("fungal", FUNGAL_TICK, _fungal_eats),
    LastingRule("microbial shroud", SHROUD_TICK, _cover),
    LastingRule("neural parasite", 4.0, _keeps_hold, _give_back),
    LastingRule("blinding cloud", 8.0, _blind, api=10, radius=CLOUD_RADIUS),
    LastingRule("abduct", end=_pulled),
    LastingRule("parasitic bomb", BOMB_TICK, _bomb_ticks),
    LastingRule("consume", CONSUME_TICK, _drink),
    LastingRule("caustic spray", SPRAY_TICK, _corrode),
)
