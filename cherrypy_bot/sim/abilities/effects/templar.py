"""High templar and archons: psionic storm, feedback, the merge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders, supply
from cherrypy_bot.sim.abilities.effects import buffs, damage, filters, lasting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Cast, LastingRule, Spell
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect, Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

STORM, FEEDBACK, MERGE, MERGE_WITH = 1036, 140, 1766, 1767
STORM_RADIUS, STORM_DAMAGE, STORM_SEARCH, STORM_TICK, STORM_LOOPS = 1.5, 10.0, 9.1406, 9.1367, 55.0
FEEDBACK_FACTOR = 0.5
NOT_FED_BACK = frozenset({"Nexus", "OrbitalCommand", "OrbitalCommandFlying", "ShieldBattery"})
TEMPLAR = frozenset({"HighTemplar", "DarkTemplar"})
MERGES = -31
"""`Order.data` of a templar on its way to another one."""
MERGE_RANGE = 0.6


# -- psionic storm ---------------------------------------------------------------------------------------
def _storm(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "psi storm", owner, cast.x, cast.y, first=0.0, lasts=STORM_LOOPS, row=cast.row)
    return Result.SUCCESS


def _storm_rages(game: Game, effect: Effect) -> Effect | None:
    """Who stands in it has the storm on them: hurt at once and every 9 loops. Another storm only makes it last."""
    w = game.world
    source = effect.row if lasting.caster_lives(w, effect) else NONE
    for row in filters.near(
        game, effect.owner, effect.x, effect.y, STORM_RADIUS, need(";Structure,Invulnerable,Neutral")
    ):
        if not buffs.has(w, row, buffs.PSI_STORM):
            if damage.hurt(game, row, STORM_DAMAGE, source, by=effect.owner):
                continue
            lasting.start(game, "in a storm", effect.owner, effect.x, effect.y, row=source, target=row)
        buffs.apply(game, row, buffs.PSI_STORM)
    return effect


def _stormed(game: Game, effect: Effect) -> Effect | None:
    w = game.world
    if not lasting.target_lives(w, effect) or not buffs.has(w, effect.target, buffs.PSI_STORM):
        return None
    source = effect.row if effect.row != NONE and lasting.caster_lives(w, effect) else NONE
    return None if damage.hurt(game, effect.target, STORM_DAMAGE, source, by=effect.owner) else effect


# -- feedback --------------------------------------------------------------------------------------------
def _can_be_fed_back(game: Game, row: int, target: int) -> int:
    w, u = game.world, game.world.units
    safe = w.rules.units[int(u.type_id[target])].name in NOT_FED_BACK
    return Result.CANT_TARGET_THAT_UNIT if safe or u.energy[target] <= 0 else Result.SUCCESS


def _feedback(game: Game, cast: Cast) -> int:
    taken = damage.drain(game, cast.target, math.inf, int(game.world.units.owner[cast.row]))
    damage.hurt(game, cast.target, taken * FEEDBACK_FACTOR, cast.row)
    return Result.SUCCESS


# -- archons ---------------------------------------------------------------------------------------------
def merge(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """MORPH_ARCHON of several templar: they pair up; ARCHON_WARP_TARGET: with the one that is named."""
    w, u = game.world, game.world.units
    if u.hallucination[row]:
        return Result.NOT_SUPPORTED
    current = w.current.get(row)
    if rule.ability_id == MERGE and current is not None and current.data == MERGES and not given.queue:
        return Result.SUCCESS  # paired with an earlier one of this very command
    if rule.ability_id == MERGE_WITH:
        if given.target == NONE:
            return Result.MUST_TARGET_UNIT
        others = [given.target]
    else:
        others = [r for r in given.rows if r != row]
    partners = [r for r in others if _may_merge(game, row, r)]
    if not partners:
        return Result.CANT_FIND_ENOUGH_TARGETS
    other = min(partners, key=lambda r: (math.hypot(u.x[r] - u.x[row], u.y[r] - u.y[row]), r))
    for one, two in ((row, other), (other, row)):
        order = Order(rule.ability_id, st.APPROACH, float(u.x[two]), float(u.y[two]), two, int(u.recycle[two]), MERGES)
        result = orders.give(game, one, order, queue=given.queue and one == row)
        if result != Result.SUCCESS:
            return result
    return Result.SUCCESS


def _may_merge(game: Game, row: int, other: int) -> bool:
    w, u = game.world, game.world.units
    if other == row or not 0 <= other < int(w.clock.rows[0]) or u.alive[other] != 1 or u.owner[other] != u.owner[row]:
        return False
    if w.rules.units[int(u.type_id[other])].name not in TEMPLAR or u.hallucination[other] or u.hidden[other]:
        return False
    current = w.current.get(other)
    return u.build_left[other] <= 0 and (current is None or current.data != MERGES)


def meet(game: Game, row: int, order: Order) -> None:
    """EV_IN_RANGE: two templar stand together; an archon begins to form between them."""
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    other = order.target
    theirs = w.current.get(other)
    if theirs is None or theirs.data != MERGES or theirs.target != row:
        orders.done(game, row)
        return
    x, y, owner = float(u.x[row] + u.x[other]) / 2, float(u.y[row] + u.y[other]) / 2, int(u.owner[row])
    for one in (row, other):
        w.current.pop(one, None)
        w.queues.pop(one, None)
        deaths.bury(game, one, NONE, lost=False)
    archon = w.spawn(w.rules.unit("Archon").id, owner, x, y, complete=False)
    w.units.build_left[archon] = w.units.build_total[archon] = 192.0
    supply.recount(game)


SPELLS = (
    Spell(STORM, _storm, POINT, finish=8),
    Spell(FEEDBACK, _feedback, UNIT, need("Energy,Enemy;Invulnerable"), suits=_can_be_fed_back),
)
LASTING = (
    LastingRule("psi storm", STORM_SEARCH, _storm_rages, api=1, radius=STORM_RADIUS),
    LastingRule("in a storm", STORM_TICK, _stormed),
)
