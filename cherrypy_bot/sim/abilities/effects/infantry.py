"""Terran infantry: stimpacks, concussive shells, KD8 charges, cloaks, hold fire."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities.effects import buffs, damage, deeds, filters, lasting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import ANY, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

STIM_MARINE, STIM_MARAUDER, KD8 = 380, 253, 2588
CLOAKS = {"Ghost": (382, 383, buffs.GHOST_CLOAK), "Banshee": (392, 393, buffs.BANSHEE_CLOAK)}
HOLD_FIRE = ((36, 38, buffs.GHOST_HOLD_FIRE), (2550, 2552, buffs.LURKER_HOLD_FIRE))
CLOAK_DRAIN = 1.4765 / 16
"""Energy per loop that a personal cloak costs."""
CLOAK_PERIOD = 8
SLOW_PERIOD = 4
KD8_FUSE, KD8_RADIUS, KD8_DAMAGE = 32.0, 2.0, 5.0
KD8_PUSH = 2.0
"""A charge throws small units this far from its middle."""


# -- concussive shells -----------------------------------------------------------------------------------
def _slow_prey(game: Game, rows: list[int]) -> None:
    """Marauders that have just fired slow what they shot at."""
    w, u = game.world, game.world.units
    for row in rows:
        target = int(u.prey[row])
        if target == NONE or not w.is_unit(target, int(u.prey_recycle[row])) or u.weapon[row] < 0:
            continue
        period = float(w.stats.w_cooldown[int(u.owner[row]), int(u.weapon[row])])
        fired = u.cooldown[row] > period - 1 - SLOW_PERIOD * u.attack_rate[row]
        wanted = need("Enemy;Massive,Structure")
        if fired and filters.passes(w, int(u.owner[row]), target, wanted):
            buffs.apply(game, target, buffs.SLOW)


# -- KD8 charge ------------------------------------------------------------------------------------------
def _throw_charge(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    charge = deeds.summon(game, "KD8Charge", owner, cast.x, cast.y)
    lasting.start(game, "kd8", owner, cast.x, cast.y, lasts=KD8_FUSE, row=cast.row, target=charge)
    return Result.SUCCESS


def _charge_explodes(game: Game, effect: Effect) -> None:
    """5 damage to everybody on the ground, and small units fly apart."""
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    if lasting.target_lives(w, effect):
        deaths.bury(game, effect.target, NONE, lost=False)
    source = effect.row if lasting.caster_lives(w, effect) else NONE
    hit = deeds.blast(
        game, effect.owner, effect.x, effect.y, ((KD8_RADIUS, 1.0),), KD8_DAMAGE, need("Ground;"), source, edge=True
    )
    for row in hit:
        heavy = filters.has(w, effect.owner, row, "Massive") or filters.has(w, effect.owner, row, "Structure")
        if u.alive[row] != 1 or heavy or u.immobile[row] or u.burrowed[row]:
            continue
        dx, dy = float(u.x[row]) - effect.x, float(u.y[row]) - effect.y
        away = math.hypot(dx, dy)
        if away < 1e-6:
            dx, dy, away = 1.0, 0.0, 1.0
        if away < KD8_PUSH + 0.5:
            deeds.teleport(game, row, effect.x + dx / away * (KD8_PUSH + 0.5), effect.y + dy / away * (KD8_PUSH + 0.5))


# -- cloaks ----------------------------------------------------------------------------------------------
def _is_off(buff: int) -> Callable[[Game, int], int]:
    def condition(game: Game, row: int) -> int:
        return Result.CANT_QUEUE_THAT_ORDER if buffs.has(game.world, row, buff) else Result.SUCCESS

    return condition


def _is_on(buff: int) -> Callable[[Game, int], int]:
    def condition(game: Game, row: int) -> int:
        return Result.SUCCESS if buffs.has(game.world, row, buff) else Result.CANT_QUEUE_THAT_ORDER

    return condition


def _cloak_costs(game: Game, rows: list[int]) -> None:
    """A cloak uses energy up; without energy it ends."""
    w = game.world
    for row in rows:
        for buff in (buffs.GHOST_CLOAK, buffs.BANSHEE_CLOAK):
            if buffs.has(w, row, buff):
                damage.drain(game, row, CLOAK_DRAIN * CLOAK_PERIOD)
                if w.units.energy[row] <= 0:
                    buffs.remove(game, row, buff)


def _switches() -> tuple[Spell, ...]:
    pairs = [(on, off, buff) for on, off, buff in (*CLOAKS.values(), *HOLD_FIRE)]
    on_rows = tuple(Spell(on, deeds.buff_self(buff), condition=_is_off(buff)) for on, _, buff in pairs)
    return on_rows + tuple(Spell(off, deeds.unbuff_self(buff), condition=_is_on(buff)) for _, off, buff in pairs)


SPELLS = (
    Spell(STIM_MARINE, deeds.buff_self(buffs.STIM_MARINE), life=10),
    Spell(STIM_MARAUDER, deeds.buff_self(buffs.STIM_MARAUDER), life=20),
    Spell(KD8, _throw_charge, ANY, finish=5.6),
    *_switches(),
)
LASTING = (LastingRule("kd8", end=_charge_explodes),)
UPKEEP = (
    Upkeep("concussive shells", SLOW_PERIOD, frozenset({"Marauder"}), _slow_prey, upgrade="PunisherGrenades"),
    Upkeep("cloaks", CLOAK_PERIOD, frozenset(CLOAKS), _cloak_costs),
)
