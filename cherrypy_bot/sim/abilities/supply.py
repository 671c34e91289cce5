"""Supply: what a player's units and productions use and what structures and overlords provide."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim import switches
from cherrypy_bot.sim.state import PLAYERS

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World

SUPPLY_DROP, SUPPLY_DROP_BUFF = 8.0, 25
"""Extra supplies: what they add, and the buff that says so."""
_TABLES: dict[int, tuple[object, np.ndarray, np.ndarray]] = {}


def _tables(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Supply used and provided by type id, float64; built once per ruleset."""
    kept = _TABLES.get(id(world.rules))
    if kept is None or kept[0] is not world.rules:
        size = max(world.rules.units) + 1
        used, provided = np.zeros(size), np.zeros(size)
        for type_id, rule in world.rules.units.items():
            used[type_id], provided[type_id] = rule.supply, rule.supply_provided
        kept = (world.rules, used, provided)
        _TABLES[id(world.rules)] = kept
    return kept[1], kept[2]


def _has_more(world: World, row: int) -> bool:
    """Whether extra supplies were dropped on a depot."""
    return any(buff == SUPPLY_DROP_BUFF for buff, _ in world.buffs[row])


def recount(game: Game) -> None:
    """Set `supply_used` and `supply_cap` of both players from the units on the map and what is being made.

    An item counts from the loop in which its production starts, not while it waits in the queue; eggs and
    cocoons count what will come out of them. Structures provide once finished. The cap never exceeds the
    game's ceiling.
    """
    w, u = game.world, game.world.units
    n = int(w.clock.rows[0])
    used_by, provided_by = _tables(w)
    rows = np.flatnonzero((u.alive[:n] == 1) & (u.hallucination[:n] == 0))
    types, owners = u.type_id[rows], u.owner[rows]
    used = np.bincount(owners, used_by[types], minlength=PLAYERS)
    cap = np.bincount(owners, provided_by[types] * (u.build_left[rows] <= 0), minlength=PLAYERS)
    for row in w.buffs:
        if u.owner[row] < PLAYERS and _has_more(w, row):
            cap[u.owner[row]] += SUPPLY_DROP
    for row, items in w.production.items():
        if not items or u.alive[row] != 1:
            continue
        running = int(u.work_left[row, 0] >= 0) + int(u.work_left[row, 1] >= 0)
        own = 0.0 if w.rules.units[int(u.type_id[row])].is_structure else used_by[u.type_id[row]]
        for item in items[:running]:
            if item.product:
                used[u.owner[row]] += max(used_by[item.product] * item.count - own, 0.0)
    w.players.supply_used[:] = used[:PLAYERS]
    w.players.supply_cap[:] = np.minimum(cap[:PLAYERS], float(w.rules.food_ceiling))


def free(game: Game, player: int) -> float:
    """Supply a player may still use; negative when structures were lost."""
    if switches.on(game.world, player, switches.FOOD):
        return math.inf
    players = game.world.players
    return float(players.supply_cap[player] - players.supply_used[player])
