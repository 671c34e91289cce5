"""The world at loop 0: grids from the map, neutral units, and each player's start units."""

from __future__ import annotations

import math

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.maps import MapData
from cherrypy_bot.sim.rules import Ruleset, TypeArrays
from cherrypy_bot.sim.state import NEUTRAL, Grids
from cherrypy_bot.sim.world import World

_TOWN_HALL = {"Terran": "CommandCenter", "Protoss": "Nexus", "Zerg": "Hatchery"}
_WORKER = {"Terran": "SCV", "Protoss": "Probe", "Zerg": "Drone"}
START_CAPACITY = 512


def new_world(map_data: MapData, races: tuple[str, str], seed: int, rules: Ruleset) -> World:
    """World with resources, town halls and workers placed; `abilities.setup` adds supply, larvae and creep."""
    world = World(
        map=map_data,
        rules=rules,
        races=races,
        units=st.new_units(START_CAPACITY),
        missiles=st.new_missiles(),
        grids=_new_grids(map_data),
        players=st.new_players(),
        clock=st.new_clock(seed),
        stats=TypeArrays(*(np.ascontiguousarray(np.stack([a, a, a])) for a in rules.arrays)),
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


def _new_grids(m: MapData) -> Grids:
    shape = (m.height, m.width)
    walk = m.pathing.astype(np.uint8)
    return Grids(
        terrain_walk=walk.copy(),
        terrain_place=m.placement.astype(np.uint8),
        height=np.ascontiguousarray(m.terrain_height, dtype=np.uint8),
        walk=walk,
        blocked_build=np.zeros(shape, dtype=np.uint8),
        near_resources=np.zeros(shape, dtype=np.uint8),
        creep=np.zeros(shape, dtype=np.uint8),
        vis_count=np.zeros((st.PLAYERS, *shape), dtype=np.int16),
        explored=np.zeros((st.PLAYERS, *shape), dtype=np.uint8),
        cliff_walk=_cliff_walk(m),
    )


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
