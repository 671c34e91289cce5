"""Spells, switches, areas, buffs, transports: everything that units do besides orders, production and building.

A row of a table per ability (`records.Spell`), per buff (`buffs.RULES`), per thing that goes on by itself
(`records.LastingRule`, state in `world.effects`) and per habit of a type of unit (`records.Upkeep`). `cast`, `buffs`,
`lasting` and `upkeep` carry the tables out; every other file is one subject: its rows and what they do.

`supported` is asked for every command before anything else, so that nothing is ever accepted and then ignored.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities.effects import broods, buffs, cast, lasting, mules, repair, table, towers, upkeep
from cherrypy_bot.sim.abilities.effects.cast import toggle
from cherrypy_bot.sim.abilities.effects.table import KINDS
from cherrypy_bot.sim.rules import CommandRule

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

REFUSED = {
    "cancel_slot": "cancelling one place of a queue (the API has no argument for it)",
}
"""Kinds of commands that are answered with NotSupported, and what they are."""


def supported(rule: CommandRule) -> bool:
    """Whether the engine carries the command out."""
    if rule.how == "effect":
        return rule.ability_id in table.SPELLS
    return rule.how not in REFUSED


def on_wakeup(game: Game) -> None:
    """What time brings: effects tick and end, buffs run out, units do what they do by themselves."""
    lasting.run(game)
    if buffs.next_end(game.world) <= game.loop:
        buffs.expire(game)
    upkeep.run(game)


def on_death(game: Game, row: int) -> None:
    """A unit is about to be taken off the map because it was killed or its time is over."""
    name = game.world.rules.units[int(game.world.units.type_id[row])].name
    if name in table.ON_DEATH:
        table.ON_DEATH[name](game, row)
    broods.spill(game, row)


def next_wakeup(game: Game) -> int:
    """Loop at which effects need Python next."""
    w = game.world
    due = min(lasting.next_due(w), buffs.next_end(w))
    ahead = upkeep.next_due(w)
    return ahead if due == math.inf else min(ahead, math.ceil(due))


__all__ = [
    "KINDS",
    "REFUSED",
    "buffs",
    "cast",
    "lasting",
    "mules",
    "next_wakeup",
    "on_wakeup",
    "repair",
    "supported",
    "toggle",
    "towers",
    "upkeep",
]
