"""Ghosts: steady targeting, EMP, and nukes from the making to the crater."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders
from cherrypy_bot.sim.abilities.effects import buffs, damage, deeds, filters, lasting
from cherrypy_bot.sim.abilities.effects import cast as casting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Cast, LastingRule, Spell
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

SNIPE, EMP, NUKE = 2714, 1628, 1622
SNIPE_LOOPS, SNIPE_DAMAGE, SNIPE_PSIONIC, SNIPE_ENERGY = 32.0, 130.0, 40.0, 50.0
EMP_SPEED, EMP_RADIUS, EMP_AMOUNT = 30.0, 1.5, 100.0
NUKE_CHANNEL, NUKE_FALL = 300.0, 20.0
NUKE_RINGS = ((4.0, 1.0), (6.0, 0.5), (8.0, 0.25))
NUKE_DAMAGE, NUKE_STRUCTURES = 300.0, 200.0
ARMED = "nuke"
"""Mark of a ghost academy that holds a nuke."""


# -- steady targeting ------------------------------------------------------------------------------------
def _aim(game: Game, cast: Cast) -> None:
    """Any damage to the ghost breaks its aim."""
    owner = int(game.world.units.owner[cast.row])
    buffs.apply(game, cast.row, buffs.SNIPING)
    lasting.start(game, "aims", owner, cast.x, cast.y, lasts=SNIPE_LOOPS, row=cast.row, data=float(game.world.loop))


def _keep_aim(game: Game, effect: Effect) -> Effect | None:
    w = game.world
    order = w.current.get(effect.row) if lasting.caster_lives(w, effect) else None
    if order is None or order.ability != SNIPE or order.data != casting.PREPARES:
        return None
    if w.units.last_hurt_loop[effect.row] > effect.data:
        orders.done(game, effect.row)
        return None
    return effect


def _lost_aim(game: Game, cast: Cast) -> None:
    u = game.world.units
    buffs.remove(game, cast.row, buffs.SNIPING)
    u.energy[cast.row] = min(u.energy[cast.row] + SNIPE_ENERGY, u.energy_max[cast.row])


def _snipe(game: Game, cast: Cast) -> int:
    buffs.remove(game, cast.row, buffs.SNIPING)
    damage.hurt(game, cast.target, SNIPE_DAMAGE, cast.row, bonus=(("Psionic", SNIPE_PSIONIC),))
    return Result.SUCCESS


# -- EMP -------------------------------------------------------------------------------------------------
def _fire_emp(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    flight = deeds.flight(game, cast.row, cast.x, cast.y, EMP_SPEED)
    lasting.start(game, "emp", owner, cast.x, cast.y, lasts=flight, row=cast.row)
    return Result.SUCCESS


def _emp_bursts(game: Game, effect: Effect) -> None:
    """Shields and energy of everybody there, and their cloaks."""
    u = game.world.units
    for row in filters.near(
        game, effect.owner, effect.x, effect.y, EMP_RADIUS, need(";Invulnerable,Neutral"), edge=True
    ):
        damage.break_shields(game, row, EMP_AMOUNT, effect.owner)
        u.last_hurt_loop[row] = game.world.loop
        damage.drain(game, row, EMP_AMOUNT, effect.owner)
        buffs.apply(game, row, buffs.EMP_DECLOAK)


# -- nuke ------------------------------------------------------------------------------------------------
def _armed_academy(game: Game, player: int) -> int:
    w = game.world
    academies = w.rows_of(player, w.rules.unit("GhostAcademy").id)
    return next((r for r in academies if (r, ARMED) in w.marks), NONE)


def _has_nuke(game: Game, row: int) -> int:
    found = _armed_academy(game, int(game.world.units.owner[row]))
    return Result.NOT_ENOUGH_CHARGES if found == NONE else Result.SUCCESS


def _call_nuke(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    del game.world.marks[(_armed_academy(game, owner), ARMED)]
    lasting.start(game, "nuke", owner, cast.x, cast.y, lasts=NUKE_CHANNEL, row=cast.row)
    return Result.SUCCESS


def _paint(game: Game, effect: Effect) -> Effect | None:
    """Without its ghost the nuke does not find its target."""
    w = game.world
    order = w.current.get(effect.row) if lasting.caster_lives(w, effect) else None
    if order is None or order.ability != NUKE or order.kind != st.BUSY:
        return None
    return effect


def _nuke_falls(game: Game, effect: Effect) -> None:
    source = effect.row if lasting.caster_lives(game.world, effect) else NONE
    lasting.start(game, "nuke falls", effect.owner, effect.x, effect.y, lasts=NUKE_FALL, row=source)
    if source != NONE:
        casting.finish_channel(game, source, NUKE)


def _nuke_explodes(game: Game, effect: Effect) -> None:
    source = effect.row if effect.row != NONE and lasting.caster_lives(game.world, effect) else NONE
    deeds.blast(
        game,
        effect.owner,
        effect.x,
        effect.y,
        NUKE_RINGS,
        NUKE_DAMAGE,
        need(";Invulnerable"),
        source,
        edge=True,
        bonus=(("Structure", NUKE_STRUCTURES),),
    )


def _drop_nuke(game: Game, cast: Cast) -> None:
    effect = lasting.find(game.world, "nuke", row=cast.row)
    if effect is not None:
        lasting.drop(game.world, effect)


SPELLS = (
    Spell(
        SNIPE,
        _snipe,
        UNIT,
        need("Biological,Enemy;Structure,Invulnerable"),
        prep=SNIPE_LOOPS,
        slop=20.0,
        locked=True,
        on_prep=_aim,
        on_break=_lost_aim,
    ),
    Spell(EMP, _fire_emp, POINT, finish=1),
    Spell(NUKE, _call_nuke, POINT, channel=True, locked=True, condition=_has_nuke, on_break=_drop_nuke),
)
LASTING = (
    LastingRule("aims", 2.0, _keep_aim),
    LastingRule("emp", end=_emp_bursts),
    LastingRule("nuke", 4.0, _paint, _nuke_falls, api=7, radius=8.0),
    LastingRule("nuke falls", end=_nuke_explodes, api=7, radius=8.0),
)
