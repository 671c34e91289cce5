"""What happens to every unit in every loop, compiled by numba.

`advance` carries a world forward and returns what needs Python; `refresh` brings sight up to date;
`path_distance` measures ways over the ground. The kernels take arrays and leave events; they never call back.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim.kernels import common
from cherrypy_bot.sim.kernels.combat import launch_volley
from cherrypy_bot.sim.kernels.common import PathCache, Rules, Scratch
from cherrypy_bot.sim.kernels.jit import cache_dir, is_compiled
from cherrypy_bot.sim.kernels.loop import look, run_loops
from cherrypy_bot.sim.kernels.paths import ground_distance
from cherrypy_bot.sim.world import World

_CLIFF_WALKERS = ("Reaper", "Colossus")
_TURRETS = (
    *("Battlecruiser", "Colossus", "Cyclone", "Hellion", "Immortal", "Liberator", "LiberatorAG"),
    *("LurkerMPBurrowed", "Mothership", "Phoenix", "SiegeTank", "SiegeTankSieged", "WidowMineBurrowed"),
)
"""Units whose weapon turns by itself; structures need not turn either."""
_ROAMERS = ("Battlecruiser", "Mothership", "Phoenix")
"""Their weapons fire whatever the order, the catalogue's OnlyFireWhileInAttackOrder switched off."""


class Workspace:
    """Scratch tables and path cache of one world; rebuilt freely, never part of its state."""

    def __init__(self, world: World) -> None:
        capacity = len(world.units.alive)
        scratch = common.new_scratch(capacity, world.map.width, world.map.height)
        types = world.stats.speed.shape[1]
        cliff = np.zeros(types, dtype=np.uint8)
        resource = np.zeros(types, dtype=np.uint8)
        trip = np.zeros(types, dtype=np.int32)
        game = world.rules.game
        threat, turret, roams = (np.zeros(types, dtype=np.uint8) for _ in range(3))
        half = np.zeros((types, 2))
        for rule in world.rules.units.values():
            cliff[rule.id] = rule.name in _CLIFF_WALKERS
            turret[rule.id] = rule.is_structure or rule.name in _TURRETS
            roams[rule.id] = rule.name in _ROAMERS
            for w in world.stats.weapon[0, rule.id]:
                threat[rule.id] |= world.stats.w_target[0, w] if w >= 0 else 0
            if rule.footprint_path:
                columns, lines = zip(*rule.footprint_path, strict=True)
                half[rule.id] = (max(columns) - min(columns) + 1) / 2, (max(lines) - min(lines) + 1) / 2
            if rule.is_mineral_field:
                resource[rule.id] = 2 if rule.is_rich else 1
                trip[rule.id] = game.mineral_trip_rich if rule.is_rich else game.mineral_trip
            elif rule.is_geyser:
                resource[rule.id] = 3
            elif rule.is_gas_building:
                resource[rule.id] = 4
                trip[rule.id] = game.gas_trip_rich if rule.is_rich else game.gas_trip
        scratch = scratch._replace(
            cliff_walker=cliff, turret=turret, roams=roams, resource=resource, trip=trip, threat=threat, half=half
        )
        k = scratch.constants
        k[common.K_SHIELD_REGEN] = game.shield_regen
        k[common.K_SHIELD_DELAY] = game.shield_regen_delay_loops
        k[common.K_DAMAGE_MIN] = game.damage_minimum
        k[common.K_SIGHT_BUILDING] = game.sight_while_constructing
        k[common.K_HARVEST_MINERAL] = game.mineral_harvest_loops
        k[common.K_HARVEST_GAS] = game.gas_harvest_loops
        k[common.K_RETURN_DELAY] = game.mineral_return_delay_loops
        k[common.K_ACQUIRE_RESOURCE] = game.resource_acquire_radius
        k[common.K_START_FACTOR] = game.hp_start_factor
        k[common.K_LEASH] = game.acquire_leash_radius
        k[common.K_LEASH_RESET] = game.acquire_leash_reset_radius
        k[common.K_RANGE_SLOP] = game.range_slop
        k[common.K_REVEAL] = game.attack_reveal_loops
        k[common.K_HELP_RADIUS] = game.call_for_help_radius
        k[common.K_HELP_PERIOD] = game.call_for_help_period_loops
        self.capacity = capacity
        self.scratch: Scratch = scratch
        self.paths: PathCache = common.new_path_cache(world.map.width, world.map.height)


def workspace(world: World) -> Workspace:
    """The world's workspace, made on first use and when the unit table has grown."""
    space = world.workspace
    if not isinstance(space, Workspace) or space.capacity != len(world.units.alive):
        space = Workspace(world)
        world.workspace = space
    return space


def advance(world: World, loops: int) -> list[tuple[int, int, int]]:
    """Advance by at most `loops` loops, stopping after one that needs Python; returns its (kind, row, arg)."""
    space = workspace(world)
    run_loops(
        world.unit_rows,
        world.missile_rows,
        world.cells,
        world.vis,
        world.player_rows,
        world.clock_rows,
        Rules(world.unit_stats, world.weapon_stats),
        space.scratch,
        space.paths,
        loops,
    )
    return _events(world, space)


def refresh(world: World) -> list[tuple[int, int, int]]:
    """Bring sight up to date without letting time pass."""
    space = workspace(world)
    look(
        world.unit_rows,
        world.cells,
        world.vis,
        Rules(world.unit_stats, world.weapon_stats),
        world.clock_rows,
        space.scratch,
    )
    return _events(world, space)


def launch(world: World, source: int, weapon: int, target: int, flight: int) -> None:
    """Enter an attack that Python carries out (bunkers): its first hit arrives `flight` loops from now, at the
    earliest in the next loop."""
    rules = Rules(world.unit_stats, world.weapon_stats)
    launch_volley(world.unit_rows, rules, world.missile_rows, world.clock_rows, source, weapon, target, flight)


def path_distance(world: World, x: float, y: float, goal_x: float, goal_y: float, *, cliff: bool = False) -> float:
    """Length of the shortest way over the ground in cells; negative when there is none."""
    space = workspace(world)
    return float(ground_distance(world.cells, world.clock_rows, space.paths, x, y, goal_x, goal_y, 1 if cliff else 0))


def _events(world: World, space: Workspace) -> list[tuple[int, int, int]]:
    count = int(world.clock.events[0])
    if count == 0:
        return []
    world.clock.events[0] = 0
    return [(kind, row, arg) for kind, row, arg in space.scratch.events[:count].tolist()]


__all__ = ["advance", "cache_dir", "is_compiled", "launch", "path_distance", "refresh", "workspace"]
