"""Looking at a running game of the embedded engine without taking part: what the progress line shows."""

from __future__ import annotations

import numpy as np

from cherrypy_bot.ladder.report import Side
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.world import World


def side(game: Game, player: int, name: str, race: str) -> Side:
    """How one player (0 or 1) stands: supply, workers, army value (minerals + gas of living fighters)."""
    world = game.world
    workers, army_value = _forces(world, player)
    return Side(
        name=name,
        race=race,
        supply_used=float(world.players.supply_used[player]),
        supply_cap=min(200.0, float(world.players.supply_cap[player])),
        workers=workers,
        army_value=army_value,
    )


def _forces(world: World, player: int) -> tuple[int, int]:
    """Workers and army value of a player."""
    rows = int(world.clock.rows[0])
    units = world.units
    mine = (units.alive[:rows] == 1) & (units.owner[:rows] == player) & (units.hallucination[:rows] == 0)
    types, counts = np.unique(units.type_id[:rows][mine], return_counts=True)
    workers = army_value = 0
    for type_id, count in zip(types.tolist(), counts.tolist(), strict=True):
        rule = world.rules.units[type_id]
        if rule.is_worker:
            workers += count
        elif rule.is_army:
            army_value += count * (rule.minerals + rule.gas)
    return workers, army_value
