"""What wears down by itself: burning Terran structures, Zerg structures off creep; and what is salvaged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import bank
from cherrypy_bot.sim.abilities.effects import buffs, damage, lasting
from cherrypy_bot.sim.abilities.effects.records import Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

LOOK = 16
"""Loops between two looks for structures that have caught fire or lost their creep."""
BURN_PERIOD = 5.332
SALVAGE = (4128, 32)
SALVAGE_LOOK = 4.0


def burns(world: World, row: int) -> bool:
    """Whether a Terran structure is so badly hurt that it burns."""
    u, low = world.units, world.rules.game.burn_down_below
    return bool(u.build_left[row] <= 0 and u.hp[row] < u.hp_max[row] * low)


def starves(world: World, row: int) -> bool:
    """Whether a Zerg structure stands without creep."""
    u, creep = world.units, world.grids.creep
    return not creep[math.floor(u.y[row]), math.floor(u.x[row])] and not u.hidden[row]


def _catch_fire(game: Game, rows: list[int]) -> None:
    for row in rows:
        if burns(game.world, row) and lasting.find(game.world, "burns", target=row) is None:
            _begin(game, "burns", row)


def _lose_creep(game: Game, rows: list[int]) -> None:
    for row in rows:
        if starves(game.world, row) and lasting.find(game.world, "starves", target=row) is None:
            _begin(game, "starves", row)


def _begin(game: Game, kind: str, row: int) -> None:
    u = game.world.units
    lasting.start(game, kind, int(u.owner[row]), float(u.x[row]), float(u.y[row]), target=row)


def _burn(game: Game, effect: Effect) -> Effect | None:
    w = game.world
    if not lasting.target_lives(w, effect) or not burns(w, effect.target):
        return None
    died = damage.hurt(game, effect.target, w.rules.game.burn_down_damage, decay=True)
    return None if died else effect


def _starve(game: Game, effect: Effect) -> Effect | None:
    w = game.world
    if not lasting.target_lives(w, effect) or not starves(w, effect.target):
        return None
    died = damage.hurt(game, effect.target, w.rules.game.off_creep_damage, decay=True)
    return None if died else effect


# -- salvage ---------------------------------------------------------------------------------------------
def _not_yet(game: Game, row: int) -> int:
    taken = buffs.has(game.world, row, buffs.SALVAGING)
    return Result.CANT_QUEUE_THAT_ORDER if taken else Result.SUCCESS


def _salvage(game: Game, cast: Cast) -> int:
    w, u = game.world, game.world.units
    buffs.apply(game, cast.row, buffs.SALVAGING)
    loops = w.rules.game.salvage_loops
    owner = int(u.owner[cast.row])
    lasting.start(game, "salvage", owner, cast.x, cast.y, lasts=loops, target=cast.row, data=float(w.loop))
    return Result.SUCCESS


def _watch_salvage(game: Game, effect: Effect) -> Effect | None:
    """Damage breaks a salvage off; burning does not."""
    w = game.world
    if not lasting.target_lives(w, effect):
        return None
    if w.units.last_hurt_loop[effect.target] > effect.data:
        buffs.remove(game, effect.target, buffs.SALVAGING)
        return None
    return effect


def _salvaged(game: Game, effect: Effect) -> None:
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    if not lasting.target_lives(w, effect):
        return
    maker = command_table(w.rules).makers.get(int(u.type_id[effect.target]))
    if maker is not None:
        bank.refund(w, effect.owner, maker.minerals, maker.gas, w.rules.game.salvage_factor)
    deaths.bury(game, effect.target, NONE, lost=False)


SPELLS = tuple(Spell(ability, _salvage, condition=_not_yet) for ability in SALVAGE)
LASTING = (
    LastingRule("burns", BURN_PERIOD, _burn),
    LastingRule("starves", BURN_PERIOD, _starve),
    LastingRule("salvage", SALVAGE_LOOK, _watch_salvage, _salvaged),
)
UPKEEP = (
    Upkeep("burn down", LOOK, run=_catch_fire, flag="burns"),
    Upkeep("off creep", LOOK, run=_lose_creep, flag="starves"),
)
