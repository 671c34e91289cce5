"""Tech requirements of commands: does this caster's player own what the command asks for?

The rules list for every requirement all types that satisfy it (a Lair for a Hatchery, a WarpGate for a
Gateway, a lowered SupplyDepot). Only finished structures count; a hatchery that morphs to a lair still counts
as hatchery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim import switches
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.rules.requirements import satisfied
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game


def finished(game: Game, player: int, type_id: int) -> int:
    """How many finished units of a type a player owns."""
    w, u = game.world, game.world.units
    n = int(w.clock.rows[0])
    return int(
        np.count_nonzero(
            (u.alive[:n] == 1)
            & (u.owner[:n] == player)
            & (u.type_id[:n] == type_id)
            & (u.build_left[:n] <= 0)
            & (u.hallucination[:n] == 0)
        )
    )


def requirement_met(game: Game, player: int, command_rule: CommandRule, row: int) -> bool:
    """Whether a player fulfils the tech requirement of a command for its caster in a row."""
    if command_rule.requirement is None or switches.on(game.world, player, switches.TECH_TREE):
        return True
    w, u = game.world, game.world.units
    addon = int(u.addon[row]) if row != NONE else NONE
    attached = 0
    if addon != NONE and u.alive[addon] == 1 and u.build_left[addon] <= 0:
        attached = int(u.type_id[addon])
    return satisfied(
        command_rule.requirement,
        lambda type_id: finished(game, player, type_id),
        attached,
        lambda upgrade: upgrade in w.upgrades[player],
    )
