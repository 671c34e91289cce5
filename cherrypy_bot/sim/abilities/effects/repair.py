"""Repair: workers of Terran give machines and structures their life back, for a quarter of the price."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import bank, orders
from cherrypy_bot.sim.abilities.effects import cast as casting
from cherrypy_bot.sim.abilities.effects import damage, filters, lasting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import UNIT, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect, Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

REPAIRS = {"SCV": 316, "MULE": 78}
PERIOD = 2.0
SLOP = 0.6
"""A target that moves farther away than this is walked after."""
AUTOCAST_RANGE = 7.0
_TARGETS = need("Mechanical,Player;Self,UnderConstruction,Hallucination")


def _needs_repair(game: Game, row: int, target: int) -> int:
    w, u = game.world, game.world.units
    hurt = u.hp[target] < u.hp_max[target]
    possible = w.rules.units[int(u.type_id[target])].repair_loops > 0
    return Result.SUCCESS if hurt and possible else Result.REQUIRES_REPAIR_TARGET


def possible(game: Game, row: int, target: int) -> bool:
    """Whether a worker may repair a unit now."""
    owner = int(game.world.units.owner[row])
    fits = filters.passes(game.world, owner, target, _TARGETS, row)
    return fits and _needs_repair(game, row, target) == Result.SUCCESS


def _repair(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "repair", owner, cast.x, cast.y, row=cast.row, target=cast.target, data=float(cast.ability))
    return Result.SUCCESS


def _stop(game: Game, cast: Cast) -> None:
    effect = lasting.find(game.world, "repair", row=cast.row)
    if effect is not None:
        lasting.drop(game.world, effect)


def _work(game: Game, effect: Effect) -> Effect | None:
    """Two loops of work: life for money; without money it waits."""
    w, u = game.world, game.world.units
    worker, target, ability = effect.row, effect.target, int(effect.data)
    order = w.current.get(worker) if lasting.caster_lives(w, effect) else None
    if order is None or order.ability != ability or order.kind != st.BUSY or order.target != target:
        return None
    if not lasting.target_lives(w, effect) or u.hidden[target] or u.hp[target] >= u.hp_max[target]:
        casting.finish_channel(game, worker, ability)
        return None
    gap = math.hypot(u.x[worker] - u.x[target], u.y[worker] - u.y[target])
    gap -= w.rules.units[int(u.type_id[worker])].radius + w.rules.units[int(u.type_id[target])].radius
    if gap > w.rules.game.repair_range + SLOP:
        orders.begin(game, worker, order._replace(kind=st.APPROACH, data=0))
        return None
    rule = w.rules.units[int(u.type_id[target])]
    share = PERIOD / rule.repair_loops
    factor = w.rules.game.repair_cost_factor * share
    if _charge(game, effect.owner, worker, rule.minerals * factor, rule.gas * factor):
        damage.heal(game, target, float(u.hp_max[target]) * share)
    return effect


def _charge(game: Game, owner: int, worker: int, minerals: float, gas: float) -> bool:
    """Let the worker's debts grow and pay the whole part of them; False when the bank cannot."""
    w = game.world
    owed = [w.marks.get((worker, key), 0.0) + add for key, add in (("owes minerals", minerals), ("owes gas", gas))]
    whole = [math.floor(o) for o in owed]
    if bank.affords(w, owner, *whole) != Result.SUCCESS:
        return False
    bank.pay(w, owner, *whole)
    w.marks[(worker, "owes minerals")] = owed[0] - whole[0]
    w.marks[(worker, "owes gas")] = owed[1] - whole[1]
    return True


def _by_itself(game: Game, rows: list[int]) -> None:
    """Workers whose autocast is on look for something to repair when they have nothing to do."""
    w, u = game.world, game.world.units
    for row in rows:
        ability = REPAIRS[w.rules.units[int(u.type_id[row])].name]
        if u.order[row] != st.IDLE or not casting.autocasts(w, row, ability):
            continue
        owner, x, y = int(u.owner[row]), float(u.x[row]), float(u.y[row])
        near = filters.near(game, owner, x, y, AUTOCAST_RANGE, _TARGETS, edge=True, caster=row)
        near = [r for r in near if _needs_repair(game, row, r) == Result.SUCCESS]
        target = min(near, key=lambda r: (math.hypot(u.x[r] - x, u.y[r] - y), r), default=NONE)
        if target != NONE:
            order = Order(ability, st.APPROACH, float(u.x[target]), float(u.y[target]), target, int(u.recycle[target]))
            orders.give(game, row, order, queue=False)


SPELLS = tuple(
    Spell(
        ability,
        _repair,
        UNIT,
        _TARGETS,
        reach=0.2,
        channel=True,
        each=True,
        suits=_needs_repair,
        on_break=_stop,
        autocast=False,
    )
    for ability in REPAIRS.values()
)
LASTING = (LastingRule("repair", PERIOD, _work),)
UPKEEP = (Upkeep("autorepair", 8, frozenset(REPAIRS), _by_itself),)
