"""Zerg units of the first tiers: transfusion, corrosive bile, banelings, frenzy, creep from overlords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import creep
from cherrypy_bot.sim.abilities.effects import buffs, damage, deeds, gateway, lasting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

TRANSFUSE, BILE, EXPLODE, FRENZY = 1664, 2338, 42, 4109
CREEP_ON, CREEP_OFF = 1692, 1693
TRANSFUSE_LIFE, TRANSFUSE_PERIOD, TRANSFUSE_TICK, TRANSFUSE_LOOPS = 75.0, 2.0, 0.625, 160.0
BILE_FLIGHT, BILE_RADIUS, BILE_DAMAGE = 48.0, 0.5, 60.0
BURST_RADIUS = 2.2
BANELINGS = frozenset({"Baneling", "BanelingBurrowed"})
BURST_PERIOD = 2


# -- queen -----------------------------------------------------------------------------------------------
def _on_creep(game: Game, row: int) -> int:
    u = game.world.units
    on = game.world.grids.creep[int(u.y[row]), int(u.x[row])]
    return Result.SUCCESS if on else Result.TECH_REQUIREMENTS_NOT_MET


def _is_hurt(game: Game, row: int, target: int) -> int:
    u = game.world.units
    return Result.SUCCESS if u.hp[target] < u.hp_max[target] else Result.REQUIRES_HEAL_TARGET


def _transfuse(game: Game, cast: Cast) -> int:
    damage.heal(game, cast.target, TRANSFUSE_LIFE)
    buffs.apply(game, cast.target, buffs.TRANSFUSION)
    owner = int(game.world.units.owner[cast.row])
    running = lasting.find(game.world, "transfusion", target=cast.target)
    if running is not None:
        lasting.drop(game.world, running)  # it is refreshed, not doubled
    lasting.start(game, "transfusion", owner, cast.x, cast.y, lasts=TRANSFUSE_LOOPS, target=cast.target)
    return Result.SUCCESS


def _transfusion_heals(game: Game, effect: Effect) -> Effect | None:
    if not lasting.target_lives(game.world, effect):
        return None
    damage.heal(game, effect.target, TRANSFUSE_TICK)
    return effect


# -- ravager ---------------------------------------------------------------------------------------------
def _throw_bile(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "bile", owner, cast.x, cast.y, lasts=BILE_FLIGHT, row=cast.row)
    return Result.SUCCESS


def _bile_lands(game: Game, effect: Effect) -> None:
    """Friend and foe, in the air and on the ground; force fields break."""
    gateway.break_fields(game, effect.x, effect.y, BILE_RADIUS)
    source = effect.row if lasting.caster_lives(game.world, effect) else NONE
    deeds.blast(
        game, effect.owner, effect.x, effect.y, ((BILE_RADIUS, 1.0),), BILE_DAMAGE, need(";"), source, edge=True
    )


# -- baneling --------------------------------------------------------------------------------------------
def burst(game: Game, row: int, spare: int = NONE) -> None:
    """A baneling's acid: enemy units round it, and structures (80, armour ignored). The caller buries it.

    `spare`: who has been hit already.
    """
    w, u = game.world, game.world.units
    owner = int(u.owner[row])
    weapon = next(x.index for x in w.rules.weapons if x.name == "VolatileBurst")
    amount = float(w.stats.w_damage[owner, weapon])
    bonus = dict(
        zip(w.stats.w_bonus_bits[owner, weapon].tolist(), w.stats.w_bonus[owner, weapon].tolist(), strict=True)
    )
    light = ("Light", float(bonus.get(ATTRIBUTE_BITS["Light"], 0.0)))
    walls = amount + float(bonus.get(ATTRIBUTE_BITS["Structure"], 0.0))
    x, y, rings = float(u.x[row]), float(u.y[row]), ((BURST_RADIUS, 1.0),)
    skip = (row, spare)
    units = need("Ground,Enemy;Structure")
    deeds.blast(game, owner, x, y, rings, amount, units, row, edge=True, armor=True, bonus=(light,), spare=skip)
    deeds.blast(game, owner, x, y, rings, walls, need("Ground,Enemy,Structure;"), row, edge=True, spare=skip)


def on_death(game: Game, row: int) -> None:
    """A baneling that dies bursts all the same."""
    w = game.world
    if not w.units.hallucination[row] and not w.units.hidden[row] and (row, "burst") not in w.marks:
        burst(game, row)


def _explode(game: Game, cast: Cast) -> int:
    from cherrypy_bot.sim.abilities import deaths

    deaths.bury(game, cast.row, NONE)  # and bursts by dying
    return Result.SUCCESS


def _burst_after_attack(game: Game, rows: list[int]) -> None:
    """A baneling whose weapon has fired is gone: its prey took the hit, the others round it take the acid."""
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    for row in rows:
        if u.alive[row] != 1 or u.cooldown[row] <= 0 or u.hallucination[row]:
            continue
        prey = int(u.prey[row])
        hit = prey if prey != NONE and w.is_unit(prey, int(u.prey_recycle[row])) else NONE
        burst(game, row, hit)
        w.marks[(row, "burst")] = 1.0
        deaths.bury(game, row, NONE)


# -- overlord --------------------------------------------------------------------------------------------
def _creep_on(game: Game, cast: Cast) -> int:
    game.world.marks[(cast.row, creep.GENERATES)] = 1.0
    return Result.SUCCESS


def _creep_off(game: Game, cast: Cast) -> int:
    creep.remove_source(game, cast.row)
    game.world.marks.pop((cast.row, creep.GENERATES), None)
    return Result.SUCCESS


def _is_off(game: Game, row: int) -> int:
    on = (row, creep.GENERATES) in game.world.marks
    return Result.CANT_QUEUE_THAT_ORDER if on else Result.SUCCESS


def _is_on(game: Game, row: int) -> int:
    on = (row, creep.GENERATES) in game.world.marks
    return Result.SUCCESS if on else Result.CANT_QUEUE_THAT_ORDER


def _drip_creep(game: Game, rows: list[int]) -> None:
    """An overlord that generates creep does so while it hovers in one place."""
    w, u = game.world, game.world.units
    for row in rows:
        if (row, creep.GENERATES) not in w.marks:
            continue
        if u.speed_now[row] > 0:
            creep.remove_source(game, row)
        elif w.grids.terrain_walk[int(u.y[row]), int(u.x[row])]:
            creep.add_source(game, row)


SPELLS = (
    Spell(
        TRANSFUSE,
        _transfuse,
        UNIT,
        need("Biological,Player;Self,UnderConstruction,Invulnerable"),
        condition=_on_creep,
        suits=_is_hurt,
        prep=3.2,
        finish=12.8,
    ),
    Spell(BILE, _throw_bile, POINT, each=True),
    Spell(EXPLODE, _explode),
    Spell(FRENZY, deeds.buff_self(buffs.FRENZY)),
    Spell(CREEP_ON, _creep_on, condition=_is_off),
    Spell(CREEP_OFF, _creep_off, condition=_is_on),
)
LASTING = (
    LastingRule("transfusion", TRANSFUSE_PERIOD, _transfusion_heals),
    LastingRule("bile", end=_bile_lands, api=11, radius=BILE_RADIUS),
)
UPKEEP = (
    Upkeep("baneling attacks", BURST_PERIOD, frozenset({"Baneling"}), _burst_after_attack),
    Upkeep("overlord creep", 16, frozenset({"Overlord", "OverlordTransport"}), _drip_creep),
)
ON_DEATH = dict.fromkeys(BANELINGS, on_death)
