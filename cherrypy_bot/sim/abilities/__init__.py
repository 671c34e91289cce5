"""What an order does when it starts, works and ends: everything that happens too rarely for a kernel.

`command` takes a player's order, `on_event` what the kernels leave to Python, `on_wakeup` what is due by time;
`available` answers what a unit could do. One file per subject; the tables of `rules` drive all of them. Only the
engine (`game`, `api`, `computer`) imports this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import creep, effects, larva, placement, power, supply
from cherrypy_bot.sim.abilities.available import available
from cherrypy_bot.sim.abilities.commands import command
from cherrypy_bot.sim.abilities.events import next_wakeup, on_event, on_wakeup
from cherrypy_bot.sim.abilities.results import Result

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

COMPUTER_PERIOD = 16
"""Loops between two looks that built-in opponents take at the game."""


def setup(game: Game) -> None:
    """Finish the world at loop 0: larvae and creep of the start hatcheries, towers, power, supply. Workers are idle."""
    w = game.world
    for player, race in enumerate(w.races):
        if race != "Zerg":
            continue
        for row in w.rows_of(player):
            if w.rules.units[int(w.units.type_id[row])].is_townhall:
                creep.add_source(game, row, grown=True)
                larva.start(game, row, larva.START_LARVAE)
    effects.towers.watch(game)
    power.update(game)
    supply.recount(game)


__all__ = [
    "COMPUTER_PERIOD",
    "Result",
    "available",
    "command",
    "creep",
    "larva",
    "next_wakeup",
    "on_event",
    "on_wakeup",
    "placement",
    "power",
    "setup",
    "supply",
]
