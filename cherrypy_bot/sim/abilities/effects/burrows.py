"""Units that dig themselves in make room before they are hidden, and take it up again as they begin to rise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities.effects import lasting
from cherrypy_bot.sim.abilities.effects.records import LastingRule
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game


def begin(game: Game, row: int, ability: int, loops: float, *, sinks: bool) -> None:
    """The body of a unit that changes its mode changes `loops` from now."""
    u = game.world.units
    x, y = float(u.x[row]), float(u.y[row])
    lasting.start(
        game, "sinks" if sinks else "rises", int(u.owner[row]), x, y, lasts=loops, target=row, data=float(ability)
    )


def _changes(game: Game, effect: Effect, sunk: int) -> None:
    w = game.world
    order = w.current.get(effect.target)
    if lasting.target_lives(w, effect) and order is not None and (order.kind, order.ability) == (st.BUSY, effect.data):
        w.units.sunk[effect.target] = sunk


def _sunk(game: Game, effect: Effect) -> None:
    _changes(game, effect, 1)


def _risen(game: Game, effect: Effect) -> None:
    _changes(game, effect, 0)


LASTING = (LastingRule("sinks", end=_sunk), LastingRule("rises", end=_risen))
