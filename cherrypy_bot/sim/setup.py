"""The world at loop 0: grids from the map, neutral units, and each player's start units."""

from __future__ import annotations

import math

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.maps import MapData
from cherrypy_bot.sim.rules import Ruleset
from cherrypy_bot.sim.state import NEUTRAL, Missiles, Players, Units
from cherrypy_bot.sim.stats import stat_records
from cherrypy_bot.sim.world import World

_TOWN_HALL = {"Terran": "CommandCenter", "Protoss": "Nexus", "Zerg": "Hatchery"}
_WORKER = {"Terran": "SCV", "Protoss": "Probe", "Zerg": "Drone"}
START_CAPACITY = 512
MAX_MISSILES = 4096


def new_world(map_data: MapData, races: tuple[str, str], seed: int, rules: Ruleset) -> World:
    """World with resources, town halls and workers placed; `abilities.setup` adds supply, larvae and creep."""
    unit_stats, weapon_stats = stat_records(rules.arrays)
    world = World(
        map=map_data,
        rules=rules,
        races=races,
        unit_rows=st.new_rows(Units, START_CAPACITY),
        missile_rows=st.new_rows(Missiles, MAX_MISSILES),
        player_rows=st.new_rows(Players, st.PLAYERS),
        clock_rows=st.new_clock(seed),
        cells=_new_cells(map_data),
        vis=np.zeros((st.PLAYERS, map_data.height, map_data.width), dtype=np.int16),
        unit_stats=unit_stats,
        weapon_stats=weapon_stats,
    )
    for neutral in map_data.neutrals:
        row = world.spawn(neutral.type_id, NEUTRAL, neutral.x, neutral.y)
        world.units.contents[row] = neutral.contents
    world.players.minerals[:] = rules.start_minerals
    first = int(world.random() * 2)
    for player, race in enumerate(races):
        x, y = map_data.start_locations[(first + player) % 2]
        _spawn_base(world, player, race, x, y)
    return world


def start_location(world: World, player: int) -> tuple[float, float]:
    """Where a player's first town hall stood."""
    rows = [r for r in world.rows_of(player) if world.rules.units[int(world.units.type_id[r])].is_townhall]
    row = min(rows, key=lambda r: int(world.units.created_loop[r]))
    return float(world.units.x[row]), float(world.units.y[row])


def _new_cells(m: MapData) -> st.U1:
    cells = np.zeros((st.LAYERS, m.height, m.width), dtype=np.uint8)
    cells[st.TERRAIN_WALK] = cells[st.WALK] = m.pathing
    cells[st.TERRAIN_PLACE] = m.placement
    cells[st.HEIGHT] = m.terrain_height
    cells[st.CLIFF_WALK] = _cliff_walk(m)
    return cells


def _cliff_walk(m: MapData) -> st.U1:
    """Cells that a cliff walker may cross: walkable ones and the cliff bands at most three cells wide between."""
    reach = m.pathing.copy()
    for _ in range(2):
        grown = reach.copy()
        grown[1:] |= reach[:-1]
        grown[:-1] |= reach[1:]
        grown[:, 1:] |= reach[:, :-1]
        grown[:, :-1] |= reach[:, 1:]
        reach = grown
    x0, y0, x1, y1 = m.playable
    inside = np.zeros_like(reach)
    inside[y0:y1, x0:x1] = True
    cells: st.U1 = (reach & inside).astype(np.uint8)
    return cells


def _spawn_base(world: World, player: int, race: str, x: float, y: float) -> None:
    rules = world.rules
    world.spawn(rules.unit(_TOWN_HALL[race]).id, player, x, y)
    minerals = [
        (float(world.units.x[r]), float(world.units.y[r]))
        for r in world.rows_of(NEUTRAL)
        if rules.units[int(world.units.type_id[r])].is_mineral_field
        and math.dist((x, y), (world.units.x[r], world.units.y[r])) < 12
    ]
    # workers start in two rows between the town hall and its mineral line
    mx = sum(p[0] for p in minerals) / len(minerals) - x if minerals else 0.0
    my = sum(p[1] for p in minerals) / len(minerals) - y if minerals else 1.0
    length = math.hypot(mx, my) or 1.0
    mx, my = mx / length, my / length
    worker = rules.unit(_WORKER[race]).id
    for i in range(rules.start_workers):
        along, side = 3.4 + 0.8 * (i // 6), (i % 6 - 2.5) * 0.8
        row = world.spawn(worker, player, x + mx * along - my * side, y + my * along + mx * side)
        world.units.facing[row] = math.atan2(my, mx) % (2 * math.pi)
    if race == "Zerg":
        world.spawn(rules.unit("Overlord").id, player, x - mx * 4, y - my * 4)
