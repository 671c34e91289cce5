"""Bunkers: their passengers shoot out of them, one cell farther than outside."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim.abilities.effects import buffs, transports
from cherrypy_bot.sim.abilities.effects.records import Cast, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules import AIR, GROUND
from cherrypy_bot.sim.state import NEUTRAL, NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World

PERIOD = 2
BONUS_RANGE = 1.0
FARTHEST = 7.0 + BONUS_RANGE
"""No passenger shoots farther (Marauder, Ghost and Reaper 5 to 6, with room to spare)."""
READY = "shoots from"
"""Mark of a passenger: the exact loop from which it can shoot again."""


def _shoot(game: Game, rows: list[int]) -> None:
    w = game.world
    for row in rows:
        if w.units.build_left[row] > 0 or buffs.has(w, row, buffs.SALVAGING):
            continue
        foes = _foes(w, row)
        if foes:
            for passenger in transports.passengers(w, row):
                _fire(game, row, passenger, foes)


def _foes(w: World, row: int) -> list[tuple[float, int]]:
    """(distance from edge to edge, row) of everything that the bunker's crew may shoot at."""
    u, n, owner = w.units, int(w.clock.rows[0]), int(w.units.owner[row])
    apart = np.hypot(u.x[:n] - u.x[row], u.y[:n] - u.y[row])
    apart = apart - w.stats.radius[NEUTRAL][u.type_id[:n]] - w.rules.units[int(u.type_id[row])].radius
    seen = (u.seen[:n] >> owner & 1 == 1) & ((u.cloaked[:n] == 0) | (u.detected[:n] >> owner & 1 == 1))
    foe = (u.alive[:n] == 1) & (u.hidden[:n] == 0) & (u.owner[:n] == 1 - owner) & (u.invulnerable[:n] == 0)
    foe &= u.disguised[:n] == 0
    near = np.flatnonzero(foe & seen & (apart <= FARTHEST)).tolist()
    return sorted((float(apart[r]), r) for r in near)


def _fire(game: Game, bunker: int, row: int, foes: list[tuple[float, int]]) -> None:
    w, u = game.world, game.world.units
    owner = int(u.owner[row])
    ready = w.marks.get((row, READY), 0.0)
    if ready > w.loop:
        return
    best, weapon = _choose(w, row, foes)
    if best == NONE:
        return
    arm = w.stats
    delay = arm.w_delay_min[owner, weapon]
    delay += (arm.w_delay_max[owner, weapon] - delay) * w.random()
    late = min(w.loop - ready, float(PERIOD)) if ready > 0 else 0.0
    period = float(arm.w_cooldown[owner, weapon] + delay) / float(u.attack_rate[row])
    w.marks[(row, READY)] = w.loop + period - late
    apart = next(d for d, r in foes if r == best)
    speed = float(arm.w_missile_speed[owner, weapon])
    kernels.launch(w, bunker, weapon, best, math.ceil(max(apart, 0.0) / speed) if speed > 0 else 0)


def _choose(w: World, row: int, foes: list[tuple[float, int]]) -> tuple[int, int]:
    """(target, weapon): the highest priority in range, then the nearest."""
    u, owner, kind = w.units, int(w.units.owner[row]), int(w.units.type_id[row])
    best, best_weapon, best_rank = NONE, NONE, (0.0, 0.0)
    for apart, foe in foes:
        plane = AIR if u.flying[foe] else w.rules.units[int(u.type_id[foe])].plane_bits | GROUND
        for weapon in w.stats.weapon[owner, kind].tolist():
            if weapon < 0 or not int(w.stats.w_target[owner, weapon]) & plane:
                continue
            if apart <= w.stats.w_range[owner, weapon] + BONUS_RANGE:
                priority = float(w.stats.target_priority[int(u.owner[foe]), int(u.type_id[foe])])
                if priority > 0 and (priority, -apart) > best_rank:
                    best, best_weapon, best_rank = foe, weapon, (priority, -apart)
            break
    return best, best_weapon


# -- stimpacks -------------------------------------------------------------------------------------------
STIMS = {1683: ("Marine", buffs.STIM_MARINE, 10.0), 1684: ("Marauder", buffs.STIM_MARAUDER, 20.0)}
"""Ability of the bunker -> who inside it takes a stimpack, the buff, and the life that it costs."""


def _able(game: Game, row: int, ability: int) -> list[int]:
    kind, _, life = STIMS[ability]
    u, wanted = game.world.units, game.world.rules.unit(kind).id
    return [r for r in transports.passengers(game.world, row) if u.type_id[r] == wanted and u.hp[r] > life]


def _stim(game: Game, cast: Cast) -> int:
    """All inside who can take it do."""
    _, buff, life = STIMS[cast.ability]
    for passenger in _able(game, cast.row, cast.ability):
        game.world.units.hp[passenger] -= life
        buffs.apply(game, passenger, buff)
    return Result.SUCCESS


def _somebody(ability: int) -> Callable[[Game, int], int]:
    def condition(game: Game, row: int) -> int:
        return Result.SUCCESS if _able(game, row, ability) else Result.CANT_FIND_ENOUGH_TARGETS

    return condition


SPELLS = tuple(Spell(ability, _stim, condition=_somebody(ability)) for ability in STIMS)
UPKEEP = (Upkeep("bunkers", PERIOD, frozenset({"Bunker"}), _shoot),)
