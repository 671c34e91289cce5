"""Protoss ships: graviton beam, prismatic alignment, oracle spells, mothership spells and cloak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities.effects import buffs, damage, deeds, filters, lasting, sight
from cherrypy_bot.sim.abilities.effects import cast as casting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

GRAVITON, ALIGNMENT, REVELATION, PULSAR_ON, PULSAR_OFF = 173, 2393, 2146, 2375, 2376
CLOAK_FIELD, TIME_WARP = 4124, 2244
GRAVITON_LOOPS, GRAVITON_SLOP = 160.0, 4.0
REVELATION_RADIUS, REVELATION_LOOPS, REVEALED_SIGHT = 6.0, 448.0, 1.0
PULSAR_DRAIN, PULSAR_PERIOD = 2.0 / 16, 4
TRAP_RANGE, TRAP_RADIUS, TRAP_DELAY, TRAP_LIFE = 3.0, 5.0, 8.0, 34.56
FIELD_RADIUS, FIELD_LOOPS = 5.0, 448.0
WARP_GROW, WARP_LOOPS, WARP_RADIUS = 16.0, 160.0, 3.75


# -- phoenix ---------------------------------------------------------------------------------------------
def _not_lifted(game: Game, row: int, target: int) -> int:
    lifted = buffs.has(game.world, target, buffs.GRAVITON_BEAM)
    return Result.CANT_TARGET_THAT_UNIT if lifted else Result.SUCCESS


def _lift(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    buffs.apply(game, cast.target, buffs.GRAVITON_BEAM)
    lasting.start(game, "graviton beam", owner, cast.x, cast.y, lasts=GRAVITON_LOOPS, row=cast.row, target=cast.target)
    return Result.SUCCESS


def _holds_up(game: Game, effect: Effect) -> Effect | None:
    w = game.world
    order = w.current.get(effect.row) if lasting.caster_lives(w, effect) else None
    beams = order is not None and order.ability == GRAVITON and order.kind == st.BUSY
    here = lasting.target_lives(w, effect) and not w.units.hidden[effect.target]
    if beams and here and deeds.gap(game, effect.row, effect.target) <= 4.0 + GRAVITON_SLOP:
        return effect
    _set_down(game, effect)
    return None


def _set_down(game: Game, effect: Effect) -> None:
    w, u = game.world, game.world.units
    if lasting.target_lives(w, effect):
        buffs.remove(game, effect.target, buffs.GRAVITON_BEAM)
        deeds.teleport(game, effect.target, float(u.x[effect.target]), float(u.y[effect.target]))
    if lasting.caster_lives(w, effect):
        casting.finish_channel(game, effect.row, GRAVITON)


def _let_go(game: Game, cast: Cast) -> None:
    effect = lasting.find(game.world, "graviton beam", row=cast.row)
    if effect is not None:
        lasting.drop(game.world, effect)
        _set_down(game, effect)


# -- oracle ----------------------------------------------------------------------------------------------
def _reveal(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    for row in filters.near(game, owner, cast.x, cast.y, REVELATION_RADIUS, need("Enemy;Invulnerable"), edge=True):
        buffs.apply(game, row, buffs.REVELATION)
        running = lasting.find(game.world, "revealed", target=row)
        if running is not None:
            lasting.drop(game.world, running)
            _unlit(game, running)
        x, y = float(game.world.units.x[row]), float(game.world.units.y[row])
        sight.light(game, owner, x, y, REVEALED_SIGHT, 1)
        lasting.start(game, "revealed", owner, x, y, lasts=REVELATION_LOOPS, target=row)
    return Result.SUCCESS


def _stay_lit(game: Game, effect: Effect) -> Effect | None:
    """Sight goes where the unit goes."""
    u = game.world.units
    _unlit(game, effect)
    if not lasting.target_lives(game.world, effect) or not buffs.has(game.world, effect.target, buffs.REVELATION):
        return None
    effect = effect._replace(x=float(u.x[effect.target]), y=float(u.y[effect.target]))
    sight.light(game, effect.owner, effect.x, effect.y, REVEALED_SIGHT, 1)
    return effect


def _unlit(game: Game, effect: Effect) -> None:
    sight.light(game, effect.owner, effect.x, effect.y, REVEALED_SIGHT, -1)


def _pulsar_off(game: Game, row: int) -> int:
    on = buffs.has(game.world, row, buffs.ORACLE_WEAPON)
    return Result.CANT_QUEUE_THAT_ORDER if on else Result.SUCCESS


def _pulsar_on(game: Game, row: int) -> int:
    on = buffs.has(game.world, row, buffs.ORACLE_WEAPON)
    return Result.SUCCESS if on else Result.CANT_QUEUE_THAT_ORDER


def _pulsar_costs(game: Game, rows: list[int]) -> None:
    for row in rows:
        if buffs.has(game.world, row, buffs.ORACLE_WEAPON):
            damage.drain(game, row, PULSAR_DRAIN * PULSAR_PERIOD)
            if game.world.units.energy[row] <= 0:
                buffs.remove(game, row, buffs.ORACLE_WEAPON)


def _springs(game: Game, rows: list[int]) -> None:
    """A stasis ward goes off when an enemy comes near."""
    w, u = game.world, game.world.units
    for row in rows:
        if u.build_left[row] > 0 or lasting.find(w, "stasis", row=row) is not None:
            continue
        owner, x, y = int(u.owner[row]), float(u.x[row]), float(u.y[row])
        wanted = need("Enemy,Ground;Structure,Invulnerable,Hallucination,Larva,Disguised")
        if filters.near(game, owner, x, y, TRAP_RANGE, wanted, edge=True):
            _activate(game, Cast(row, 2536, x, y))


def _activate(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "stasis", owner, cast.x, cast.y, lasts=TRAP_DELAY, row=cast.row)
    return Result.SUCCESS


def _freeze(game: Game, effect: Effect) -> None:
    w = game.world
    if not lasting.caster_lives(w, effect):
        return
    wanted = need("Enemy,Ground;Structure,Invulnerable,Larva")
    for row in filters.near(game, effect.owner, effect.x, effect.y, TRAP_RADIUS, wanted):
        buffs.apply(game, row, buffs.STASIS_TRAP)
    buffs.apply(game, effect.row, buffs.TRAPPED)
    w.units.life_left[effect.row] = TRAP_LIFE


# -- mothership ------------------------------------------------------------------------------------------
def _cloak_field(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    buffs.apply(game, cast.row, buffs.CLOAK_FIELD)
    lasting.start(game, "cloak field", owner, cast.x, cast.y, first=0.0, lasts=FIELD_LOOPS, row=cast.row)
    return Result.SUCCESS


def _cloak_others(game: Game, effect: Effect) -> Effect | None:
    w, u = game.world, game.world.units
    if not lasting.caster_lives(w, effect) or u.hidden[effect.row]:
        return None
    x, y, kind = float(u.x[effect.row]), float(u.y[effect.row]), int(u.type_id[effect.row])
    for row in filters.near(game, effect.owner, x, y, FIELD_RADIUS, need("Player;"), edge=True):
        if u.type_id[row] != kind:
            buffs.apply(game, row, buffs.CLOAK_FIELD_EFFECT)
    return effect


def _time_warp(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "time warp grows", owner, cast.x, cast.y, lasts=WARP_GROW, row=cast.row)
    return Result.SUCCESS


def _warp_grown(game: Game, effect: Effect) -> None:
    lasting.start(game, "time warp", effect.owner, effect.x, effect.y, first=0.0, lasts=WARP_LOOPS)


def _slow_down(game: Game, effect: Effect) -> Effect | None:
    for row in filters.near(game, effect.owner, effect.x, effect.y, WARP_RADIUS, need("Enemy;Invulnerable"), edge=True):
        buffs.apply(game, row, buffs.TEMPORAL_FIELD, 2.5)
    return effect


SPELLS = (
    Spell(
        GRAVITON,
        _lift,
        UNIT,
        need("Ground,Enemy;Massive,Structure,Invulnerable"),
        channel=True,
        locked=True,
        suits=_not_lifted,
        on_break=_let_go,
    ),
    Spell(ALIGNMENT, deeds.buff_self(buffs.PRISMATIC_ALIGNMENT)),
    Spell(3707, deeds.unbuff_self(buffs.PRISMATIC_ALIGNMENT)),
    Spell(REVELATION, _reveal, POINT, finish=8),
    Spell(PULSAR_ON, deeds.buff_self(buffs.ORACLE_WEAPON), condition=_pulsar_off),
    Spell(PULSAR_OFF, deeds.unbuff_self(buffs.ORACLE_WEAPON), condition=_pulsar_on),
    Spell(2536, _activate),
    Spell(CLOAK_FIELD, _cloak_field),
    Spell(TIME_WARP, _time_warp, POINT, blind=True),
)
LASTING = (
    LastingRule("graviton beam", 2.0, _holds_up, _set_down),
    LastingRule("revealed", 4.0, _stay_lit, _unlit),
    LastingRule("stasis", end=_freeze),
    LastingRule("cloak field", 2.0, _cloak_others),
    LastingRule("time warp grows", end=_warp_grown, api=3, radius=WARP_RADIUS),
    LastingRule("time warp", 2.0, _slow_down, api=4, radius=WARP_RADIUS),
)
UPKEEP = (
    Upkeep("pulsar beams", PULSAR_PERIOD, frozenset({"Oracle"}), _pulsar_costs),
    Upkeep("stasis wards", 4, frozenset({"OracleStasisTrap"}), _springs),
)
