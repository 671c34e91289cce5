"""What town halls and queens do for the economy: inject, chrono boost, extra supplies, scanner sweep, recharge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import larva, supply, warp
from cherrypy_bot.sim.abilities.effects import buffs, damage, lasting, sight
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Cast, LastingRule, Spell
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

INJECT_LARVA, CHRONO_BOOST, SUPPLY_DROP, SCAN, ENERGY_RECHARGE = 251, 3755, 255, 399, 4126
SUPPLY_FLIGHT, SUPPLY_HEAL = 64.0, 500.0
SCAN_RADIUS, SCAN_LOOPS = 13.0, 196.4414
RECHARGE = 25.0
"""Energy that each of the four pulses of a recharge gives."""
RECHARGE_REACH = 12.0
"""An energy recharge reaches units so near to a Nexus."""


# -- inject ----------------------------------------------------------------------------------------------
def _takes_larvae(game: Game, row: int, target: int) -> int:
    w, u = game.world, game.world.units
    rule = w.rules.units[int(u.type_id[target])]
    good = rule.is_townhall and rule.race == "Zerg"
    return Result.SUCCESS if good else Result.CANT_TARGET_THAT_UNIT


def _inject(game: Game, cast: Cast) -> int:
    """A running inject makes the new one wait."""
    w = game.world
    if buffs.has(w, cast.target, buffs.INJECT):
        key = (cast.target, "injects")
        w.marks[key] = w.marks.get(key, 0.0) + 1
    else:
        _begin_inject(game, cast.target)
    return Result.SUCCESS


def _begin_inject(game: Game, hatchery: int) -> None:
    w, u = game.world, game.world.units
    loops = w.rules.game.inject_delay_loops
    buffs.apply(game, hatchery, buffs.INJECT, loops + 1)
    lasting.start(
        game,
        "inject",
        int(u.owner[hatchery]),
        float(u.x[hatchery]),
        float(u.y[hatchery]),
        lasts=loops,
        target=hatchery,
    )


def _inject_done(game: Game, effect: Effect) -> None:
    w = game.world
    if not lasting.target_lives(w, effect):
        return
    hatchery, key = effect.target, (effect.target, "injects")
    buffs.remove(game, hatchery, buffs.INJECT)
    larvae = w.rules.game.inject_larvae
    lasting.start(
        game, "inject larvae", effect.owner, effect.x, effect.y, first=1.0, target=hatchery, data=float(larvae)
    )
    if w.marks.get(key, 0.0) > 0:
        w.marks[key] -= 1
        if w.marks[key] <= 0:
            del w.marks[key]
        buffs.apply(game, hatchery, buffs.INJECT, 2)  # the next one begins a loop later
        lasting.start(game, "next inject", effect.owner, effect.x, effect.y, lasts=1.0, target=hatchery)


def _next_inject(game: Game, effect: Effect) -> None:
    if lasting.target_lives(game.world, effect):
        _begin_inject(game, effect.target)


def _release_larva(game: Game, effect: Effect) -> Effect | None:
    """One larva every 4 loops; at the limit of 19 they wait."""
    if not lasting.target_lives(game.world, effect):
        return None
    if larva.spawn(game, effect.target) < 0:
        return effect
    larva.refresh(game, effect.target)
    return effect._replace(data=effect.data - 1) if effect.data > 1 else None


# -- chrono boost ----------------------------------------------------------------------------------------
def _can_be_boosted(game: Game, row: int, target: int) -> int:
    w, u = game.world, game.world.units
    from cherrypy_bot.sim.abilities.table import command_table

    if u.build_left[target] > 0:
        return Result.CANT_TARGET_UNDER_CONSTRUCTION_UNITS
    commands = command_table(w.rules).rows.get(int(u.type_id[target]), {})
    works = any(r.how in ("train", "research", "warp_in") and r.on_card for r in commands.values())
    return Result.SUCCESS if works else Result.CANT_TARGET_THAT_UNIT


def _chrono(game: Game, cast: Cast) -> int:
    """Production, research, the morph to a warp gate and its recharge run half again as fast."""
    w = game.world
    before = buffs.left(w, cast.target, buffs.CHRONO_BOOST)
    buffs.apply(game, cast.target, buffs.CHRONO_BOOST, w.rules.game.chrono_duration_loops)
    warp.boost(game, cast.target, before)
    return Result.SUCCESS


# -- orbital command -------------------------------------------------------------------------------------
def _takes_supplies(game: Game, row: int, target: int) -> int:
    w, u = game.world, game.world.units
    if w.rules.units[int(u.type_id[target])].name not in ("SupplyDepot", "SupplyDepotLowered"):
        return Result.CANT_TARGET_THAT_UNIT
    if any(buffs.has(w, target, b) for b in (buffs.SUPPLY_DROP, buffs.SUPPLY_UNDER_WAY)):
        return Result.CANT_TARGET_THAT_UNIT
    return Result.SUCCESS


def _supply_drop(game: Game, cast: Cast) -> int:
    buffs.apply(game, cast.target, buffs.SUPPLY_UNDER_WAY, SUPPLY_FLIGHT)
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "supply drop", owner, cast.x, cast.y, lasts=SUPPLY_FLIGHT, target=cast.target)
    return Result.SUCCESS


def _supplies_land(game: Game, effect: Effect) -> None:
    if lasting.target_lives(game.world, effect):
        buffs.apply(game, effect.target, buffs.SUPPLY_DROP)
        damage.heal(game, effect.target, SUPPLY_HEAL)
        supply.recount(game)


def _scan(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    sight.light(game, owner, cast.x, cast.y, SCAN_RADIUS, 1)
    lasting.start(game, "scan", owner, cast.x, cast.y, first=0.0, lasts=SCAN_LOOPS)
    return Result.SUCCESS


def _scan_detects(game: Game, effect: Effect) -> Effect | None:
    sight.detect(game, effect.owner, effect.x, effect.y, SCAN_RADIUS)
    return effect


def _scan_over(game: Game, effect: Effect) -> None:
    sight.light(game, effect.owner, effect.x, effect.y, SCAN_RADIUS, -1)


# -- energy recharge -------------------------------------------------------------------------------------
def _can_be_recharged(game: Game, row: int, target: int) -> int:
    w, u = game.world, game.world.units
    if u.energy[target] >= u.energy_max[target] or w.rules.units[int(u.type_id[target])].name == "Nexus":
        return Result.CANT_TARGET_THAT_UNIT
    halls = w.rows_of(int(u.owner[row]), w.rules.unit("Nexus").id)
    near = any(
        u.build_left[h] <= 0 and math.hypot(u.x[h] - u.x[target], u.y[h] - u.y[target]) <= RECHARGE_REACH for h in halls
    )
    return Result.SUCCESS if near else Result.TARGET_IS_OUT_OF_RANGE


def _recharge(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "energy recharge", owner, cast.x, cast.y, first=0.0, target=cast.target, data=4)
    return Result.SUCCESS


def _recharge_pulse(game: Game, effect: Effect) -> Effect | None:
    if not lasting.target_lives(game.world, effect):
        return None
    damage.energize(game, effect.target, RECHARGE)
    return effect._replace(data=effect.data - 1) if effect.data > 1 else None


SPELLS = (
    Spell(
        INJECT_LARVA,
        _inject,
        UNIT,
        need("Structure,Player;UnderConstruction"),
        suits=_takes_larvae,
        finish=36.8008,
    ),
    Spell(CHRONO_BOOST, _chrono, UNIT, need("Structure,Player;"), suits=_can_be_boosted, anywhere=True),
    Spell(
        SUPPLY_DROP,
        _supply_drop,
        UNIT,
        need("Structure,Player;UnderConstruction"),
        suits=_takes_supplies,
        anywhere=True,
    ),
    Spell(SCAN, _scan, POINT, anywhere=True, blind=True),
    Spell(
        ENERGY_RECHARGE,
        _recharge,
        UNIT,
        need("Energy,Player;Hallucination"),
        suits=_can_be_recharged,
        anywhere=True,
        shared=True,
    ),
)
LASTING = (
    LastingRule("inject", end=_inject_done),
    LastingRule("next inject", end=_next_inject),
    LastingRule("inject larvae", 4.0, _release_larva),
    LastingRule("supply drop", end=_supplies_land),
    LastingRule("scan", 1.0, _scan_detects, _scan_over, api=6, radius=SCAN_RADIUS),
    LastingRule("energy recharge", 7.6, _recharge_pulse),
)
