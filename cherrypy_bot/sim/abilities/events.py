"""Events of the kernels: one handler per kind, and what is settled when all of a loop's events are handled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import (
    checks,
    construction,
    creep,
    deaths,
    effects,
    gathering,
    larva,
    morphs,
    orders,
    power,
    production,
)
from cherrypy_bot.sim.abilities.effects import cast, mules, templar, transports
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

PERIOD = 16
"""Loops between two looks at what only time changes (remembered structures that are gone)."""
NEVER = 1 << 60


def on_event(game: Game, kind: int, row: int, arg: int) -> None:
    """Handle one event of the loop that has just ended; events about units that are gone are passed over."""
    u = game.world.units
    if u.alive[row] == 0 or (u.alive[row] != 1 and kind not in _OF_THE_DYING):
        return
    if u.created_loop[row] == game.loop > 0:
        return  # the row was given to a new unit in this very loop
    _HANDLERS[kind](game, row, arg)


def on_wakeup(game: Game) -> None:
    """After the events of a loop: creep, effects, waiting production, who has lost."""
    w = game.world
    for row in creep.on_wakeup(game):
        deaths.bury(game, row, NONE)
    effects.on_wakeup(game)
    if w.dead and w.dead[-1][0] == w.loop:
        power.update(game)
        deaths.decide(game)
    if w.loop % PERIOD == 0:
        deaths.forget_snapshots(game)
    production.settle(game)


def next_wakeup(game: Game) -> int:
    """Loop at which Python must run next though no event may occur."""
    w = game.world
    due = min(creep.next_wakeup(game), effects.next_wakeup(game))
    if w.snapshots:
        due = min(due, (w.loop // PERIOD + 1) * PERIOD)
    return max(due, w.loop + 1)


# -- handlers --------------------------------------------------------------------------------------------
def _died(game: Game, row: int, arg: int) -> None:
    deaths.bury(game, row, arg)


def _order_done(game: Game, row: int, arg: int) -> None:
    if row in game.world.current:
        orders.done(game, row)
    else:
        orders.idle(game.world, row)


def _in_range(game: Game, row: int, arg: int) -> None:
    w, u = game.world, game.world.units
    order = w.current.get(row)
    if order is None or order.kind != st.APPROACH:
        return
    rule = command_table(w.rules).rows.get(int(u.type_id[row]), {}).get(order.ability)
    if order.data == templar.MERGES:
        templar.meet(game, row, order)
    elif order.data in (transports.BOARDS, transports.LOADS, transports.DROPS):
        transports.arrive(game, row, order)
    elif rule is None:
        orders.done(game, row)
    elif rule.how == "build":
        construction.arrive(game, row, order, rule)
    elif rule.how == "effect":
        cast.arrive(game, row, order, rule)
    elif rule.how in ("gather", "return"):
        mules.arrive(game, row, order)
    else:
        morphs.arrive(game, row, order, rule)


def _missed(game: Game, row: int, arg: int) -> None:
    order = game.world.current.get(row)
    if order is not None and mules.is_mule(game.world, row) and order.ability in (mules.GATHER, mules.RETURN):
        mules.missed(game, row)
    elif order is not None:
        checks.report(game, row, order.ability, Result.COULDNT_REACH_TARGET)
        orders.done(game, row)


def _built(game: Game, row: int, arg: int) -> None:
    construction.on_built(game, row)


def _work_done(game: Game, row: int, arg: int) -> None:
    production.on_done(game, row, arg)


def _expired(game: Game, row: int, arg: int) -> None:
    deaths.bury(game, row, NONE)


def _depleted(game: Game, row: int, arg: int) -> None:
    deaths.on_depleted(game, row)


def _larva(game: Game, row: int, arg: int) -> None:
    larva.on_timer(game, row)


def _hidden(game: Game, row: int, arg: int) -> None:
    deaths.take_snapshot(game, row, arg)


def _timer(game: Game, row: int, arg: int) -> None:
    """The unit's timer: a worker that has orders waiting, a builder that waits, or a change of mode."""
    w, u = game.world, game.world.units
    order: Order | None = w.current.get(row)
    if order is None:
        return
    if order.kind == st.GATHER:
        gathering.on_timer(game, row)
    elif order.kind == st.APPROACH:
        rule = command_table(w.rules).rows.get(int(u.type_id[row]), {}).get(order.ability)
        if rule is not None and rule.how == "build":
            construction.arrive(game, row, order, rule)
    elif order.kind == st.BUSY and order.ability in (mules.GATHER, mules.RETURN):
        mules.on_timer(game, row, order)
    elif order.kind == st.BUSY and order.data < 0:
        cast.on_timer(game, row, order)
    elif order.kind == st.BUSY:
        morphs.on_timer(game, row, order)


_OF_THE_DYING = frozenset({st.EV_DIED, st.EV_HIDDEN_SNAPSHOT})

_HANDLERS: dict[int, Callable[[Game, int, int], None]] = {
    st.EV_DIED: _died,
    st.EV_ORDER_DONE: _order_done,
    st.EV_IN_RANGE: _in_range,
    st.EV_MISS_TARGET: _missed,
    st.EV_BUILT: _built,
    st.EV_WORK_DONE: _work_done,
    st.EV_EXPIRED: _expired,
    st.EV_DEPLETED: _depleted,
    st.EV_LARVA: _larva,
    st.EV_HIDDEN_SNAPSHOT: _hidden,
    st.EV_TIMER: _timer,
}
