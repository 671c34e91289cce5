"""The world at loop 0: grids from the map, neutral units, and each player's start units."""

from __future__ import annotations

import math

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.maps import MapData
from cherrypy_bot.sim.rules import Ruleset
from cherrypy_bot.sim.state import NEUTRAL, NONE, Missiles, Players, Units
from cherrypy_bot.sim.stats import arm_switched, stat_records
from cherrypy_bot.sim.world import World

_TOWN_HALL = {"Terran": "CommandCenter", "Protoss": "Nexus", "Zerg": "Hatchery"}
_WORKER = {"Terran": "SCV", "Protoss": "Probe", "Zerg": "Drone"}
START_CAPACITY = 512
MAX_MISSILES = 4096
LOOK = 16
"""No unit on the ground sees farther than so many cells."""
RING = 3
"""Workers start this many cells from the town hall's centre."""


def new_world(map_data: MapData, races: tuple[str, str], seed: int, rules: Ruleset) -> World:
    """World with resources, town halls and workers placed; `abilities.setup` adds supply, larvae and creep."""
    unit_stats, weapon_stats = stat_records(rules.arrays)
    arm_switched(unit_stats, weapon_stats, rules)
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
        if neutral.type_id not in rules.units:
            continue  # scenery of an imported map; the cells under it are blocked by the map's own grids
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
    cells[st.SIGHT_BLOCK] = _sight_block(m)
    return cells


def _sight_block(m: MapData) -> st.U1:
    """Line-of-sight blockers: flat ground that is walkable and not buildable, as the API shows them; and round them
    the cells from which a unit may look at one."""
    height, width = m.pathing.shape
    flat = m.pathing & ~m.placement
    padded = np.pad(m.terrain_height, 1, mode="edge")
    for dy in range(3):
        for dx in range(3):
            flat &= padded[dy : dy + height, dx : dx + width] == m.terrain_height
    cells = flat.astype(np.uint8)
    for y, x in np.argwhere(flat).tolist():
        box = np.s_[max(y - LOOK, 0) : y + LOOK + 1, max(x - LOOK, 0) : x + LOOK + 1]
        cells[box] |= np.uint8(2)
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
    """Town hall, workers on the half of the ring around it that faces the minerals (as in captured games)."""
    rules = world.rules
    world.spawn(rules.unit(_TOWN_HALL[race]).id, player, x, y)
    fields = _fields_near(world, x, y)
    mx = sum(float(world.units.x[r]) for r in fields) / len(fields) - x if fields else 0.0
    my = sum(float(world.units.y[r]) for r in fields) / len(fields) - y if fields else 1.0
    length = math.hypot(mx, my) or 1.0
    mx, my = mx / length, my / length
    ring = [(dx, dy) for dx in range(-RING, RING + 1) for dy in range(-RING, RING + 1) if max(abs(dx), abs(dy)) == RING]
    ring.sort(key=lambda d: (-round(d[0] * mx + d[1] * my, 6), d))
    worker = rules.unit(_WORKER[race]).id
    for dx, dy in ring[: rules.start_workers]:
        row = world.spawn(worker, player, x + dx, y + dy)
        world.units.facing[row] = world.random() * 2 * math.pi
    if race == "Zerg":
        world.spawn(rules.unit("Overlord").id, player, x - mx * 4, y - my * 4)


def first_field(world: World, player: int) -> int:
    """Mineral field to which all workers are sent at loop 0: the one straight ahead; NONE where there is none."""
    x, y = start_location(world, player)
    fields = _fields_near(world, x, y)
    if not fields:
        return NONE
    u = world.units
    ahead = math.atan2(sum(float(u.y[r]) - y for r in fields), sum(float(u.x[r]) - x for r in fields))

    def aside(row: int) -> float:
        turn = math.atan2(float(u.y[row]) - y, float(u.x[row]) - x) - ahead
        return abs((turn + math.pi) % (2 * math.pi) - math.pi)

    return min(fields, key=lambda r: (round(aside(r), 6), r))


def _fields_near(world: World, x: float, y: float) -> list[int]:
    u = world.units
    return [
        r
        for r in world.rows_of(NEUTRAL)
        if world.rules.units[int(u.type_id[r])].is_mineral_field and math.dist((x, y), (u.x[r], u.y[r])) < 12
    ]
