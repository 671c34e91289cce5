"""Zerg units of the first tiers: transfusion, corrosive bile, banelings, frenzy, creep from overlords."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import creep
from cherrypy_bot.sim.abilities.effects import buffs, damage, deeds, gateway, lasting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Act, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS
from cherrypy_bot.sim.state import NEUTRAL, NONE
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

TRANSFUSE, BILE, EXPLODE, FRENZY = 1664, 2338, 42, 4109
CREEP_ON, CREEP_OFF = 1692, 1693
TRANSFUSE_LIFE, TRANSFUSE_PERIOD, TRANSFUSE_TICK, TRANSFUSE_LOOPS = 75.0, 2.0, 0.625, 160.0
BILE_FLIGHT, BILE_RADIUS, BILE_DAMAGE = 48.0, 0.5, 60.0
BURST_RADIUS = 2.2
BANELINGS = frozenset({"Baneling", "BanelingBurrowed"})
RAZE_ON, RAZE_OFF = 2081, 2082


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
def burst(game: Game, row: int) -> None:
    """A baneling's acid: enemy units round it, and structures (80, armour ignored); a neutral target, too."""
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
    units = need("Ground,Enemy;Structure")
    deeds.blast(game, owner, x, y, rings, amount, units, row, edge=True, armor=True, bonus=(light,), spare=(row,))
    deeds.blast(game, owner, x, y, rings, walls, need("Ground,Enemy,Structure;"), row, edge=True, spare=(row,))
    prey = int(u.prey[row])
    if prey != NONE and w.is_unit(prey, int(u.prey_recycle[row])) and u.owner[prey] == NEUTRAL:
        damage.hurt(game, prey, walls, row)


def on_death(game: Game, row: int) -> None:
    """A baneling bursts when it dies: killed, told to explode, or because it attacks (the kernels let it die)."""
    if not game.world.units.hallucination[row] and not game.world.units.hidden[row]:
        burst(game, row)


def _explode(game: Game, cast: Cast) -> int:
    from cherrypy_bot.sim.abilities import deaths

    deaths.bury(game, cast.row, NONE)  # and bursts by dying
    return Result.SUCCESS


def _raze(on: int) -> Act:
    """Switch whether it goes for structures by itself."""

    def act(game: Game, cast: Cast) -> int:
        game.world.units.razes[cast.row] = on
        return Result.SUCCESS

    return act


def _razes(on: int) -> Callable[[Game, int], int]:
    def condition(game: Game, row: int) -> int:
        return Result.SUCCESS if game.world.units.razes[row] == on else Result.CANT_QUEUE_THAT_ORDER

    return condition


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
    Spell(RAZE_ON, _raze(1), condition=_razes(0)),
    Spell(RAZE_OFF, _raze(0), condition=_razes(1)),
    Spell(FRENZY, deeds.buff_self(buffs.FRENZY)),
    Spell(CREEP_ON, _creep_on, condition=_is_off),
    Spell(CREEP_OFF, _creep_off, condition=_is_on),
)
LASTING = (
    LastingRule("transfusion", TRANSFUSE_PERIOD, _transfusion_heals),
    LastingRule("bile", end=_bile_lands, api=11, radius=BILE_RADIUS),
)
UPKEEP = (Upkeep("overlord creep", 16, frozenset({"Overlord", "OverlordTransport"}), _drip_creep),)
ON_DEATH = dict.fromkeys(BANELINGS, on_death)
