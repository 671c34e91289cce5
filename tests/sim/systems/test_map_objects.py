"""What lies on maps: towers, rocks, mineral walls, line-of-sight blockers, things that no table knows."""

import dataclasses

import numpy as np
import pytest

from cherrypy_bot.sim import abilities, kernels
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.maps import Neutral, load_map
from cherrypy_bot.sim.setup import new_world
from tests.sim.systems.scene import RULES, field, put, type_id

ATTACK, GATHER = 23, 3666


def _neutral(name: str, x: float, y: float, contents: int = 0) -> Neutral:
    return Neutral(type_id(name), x, y, contents)


def _give(game: Game, row: int, ability: int, target: int = -1, at: tuple[float, float] | None = None) -> int:
    x, y = at or (0.0, 0.0)
    player = int(game.world.units.owner[row])
    return game.command(player, Command(ability, (row,), target, x, y, at is not None))[0]


def _sees(game: Game, player: int, x: int, y: int) -> bool:
    return bool(game.world.grids.vis_count[player, y, x] > 0)


# -- towers ----------------------------------------------------------------------------------------------
def _tower_field() -> Game:
    game = field(neutrals=(_neutral("XelNagaTower", 32, 32),), cliff_x=48)
    abilities.setup(game)
    for player, (x, y) in enumerate(((6.5, 6.5), (6.5, 57.5))):  # so that nobody has lost
        put(game, player, "Bunker", x, y)
    return game


def test_who_stands_beside_a_tower_sees_22_cells_round_it_high_ground_included() -> None:
    game = _tower_field()
    game.step(20)
    assert not _sees(game, 0, 32, 50)
    marine = put(game, 0, "Marine", 34, 34)
    game.step(16)
    assert all(_sees(game, 0, x, y) for x, y in ((32, 53), (32, 11), (11, 32), (53, 32)))
    assert not _sees(game, 0, 32, 55)
    assert not _sees(game, 1, 32, 50)
    _give(game, marine, 16, at=(44, 34))
    game.step(80)
    assert not _sees(game, 0, 11, 32)


def test_a_tower_stays_with_who_came_first_and_flyers_take_none() -> None:
    game = _tower_field()
    put(game, 1, "Mutalisk", 32, 34)
    game.step(17)
    assert not _sees(game, 1, 11, 32)
    first = put(game, 0, "SCV", 30, 30)
    game.world.units.invulnerable[first] = 1
    game.step(17)
    put(game, 1, "Drone", 34, 34)
    game.step(17)
    assert (_sees(game, 0, 11, 32), _sees(game, 1, 11, 32)) == (True, False)
    game.world.remove(first)
    game.step(17)
    assert (_sees(game, 0, 11, 32), _sees(game, 1, 11, 32)) == (False, True)


def test_clones_hold_their_towers() -> None:
    game = _tower_field()
    put(game, 0, "Marine", 34, 34)
    game.step(17)
    twin = game.clone()
    for one in (game, twin):
        one.step(50)
    assert game.state_hash() == twin.state_hash()
    assert _sees(twin, 0, 11, 32)


# -- rocks and walls -------------------------------------------------------------------------------------
def _walled(neutral: Neutral) -> Game:
    """A wall across the field with one gap that something fills."""
    game = field(neutrals=(neutral,))
    g = game.world.grids
    gap = np.zeros(64, dtype=bool)
    cells = RULES.units[neutral.type_id].footprint_path
    gap[[int(neutral.y) + dy for _, dy in cells]] = True
    for column in (int(neutral.x) - 1, int(neutral.x)):
        g.terrain_walk[~gap, column] = 0
        g.walk[~gap, column] = 0
    game.world.clock.path_version[0] += 1
    for player, (x, y) in enumerate(((6.5, 6.5), (57.5, 57.5))):
        put(game, player, "Bunker", x, y)
    kernels.refresh(game.world)
    return game


def test_rocks_block_the_way_until_they_are_shot_down() -> None:
    game = _walled(_neutral("DestructibleRock6x6", 32, 32))
    w, u = game.world, game.world.units
    rocks = w.rows_of(2)[0]
    tank = put(game, 0, "SiegeTank", 24, 32)
    game.step(1)
    assert kernels.path_distance(w, 24, 32, 40, 32) < 0
    game.step(100)
    assert u.hp[rocks] == 2000  # nobody shoots at rocks by itself
    assert _give(game, tank, ATTACK, rocks) == 1
    game.step(60)
    assert u.hp[rocks] < 2000
    assert (2000 - u.hp[rocks]) % (15 + 10 - 3) == 0  # armoured, three armour
    u.hp[rocks] = 10
    game.step(40)
    assert not w.rows_of(2)
    assert kernels.path_distance(w, 24, 32, 40, 32) == pytest.approx(16, abs=1)
    assert w.players.killed_minerals[0] == 0
    assert 0 not in w.current


def test_a_mineral_wall_opens_when_it_is_mined_out() -> None:
    game = _walled(_neutral("MineralField450", 32, 32.5, 10))
    w, u = game.world, game.world.units
    wall = w.rows_of(2)[0]
    put(game, 0, "CommandCenter", 23.5, 32.5)
    worker = put(game, 0, "SCV", 28, 32)
    game.step(1)
    assert kernels.path_distance(w, 28, 32, 40, 32) < 0
    assert _give(game, worker, GATHER, wall) == 1
    game.step(400)
    assert not w.rows_of(2)
    assert w.players.collected_minerals[0] == 10
    assert kernels.path_distance(w, 28, 32, 40, 32) > 0
    assert u.alive[worker] == 1


def test_plates_keep_nothing_from_walking_and_everything_from_building() -> None:
    game = field(neutrals=(_neutral("UnbuildablePlatesDestructible", 32, 32),))
    assert kernels.path_distance(game.world, 28, 32, 36, 32) == pytest.approx(8, abs=0.5)
    depot = type_id("SupplyDepot")
    assert abilities.placement.can_place(game, 0, depot, 32, 32) != 1
    assert abilities.placement.can_place(game, 0, depot, 36, 32) == 1


# -- line-of-sight blockers ------------------------------------------------------------------------------
def _smoke(column: int = 32) -> Game:
    """A strip of blockers two columns wide across the field."""
    plain = field().world.map
    placement = plain.placement.copy()
    placement[4:60, column : column + 2] = False
    map_data = dataclasses.replace(plain, placement=placement)
    world = new_world(map_data, ("Terran", "Zerg"), 1, RULES)
    for row in list(world.rows()):
        if world.units.owner[row] < 2:
            world.remove(row)
    return Game(world, 1)


def test_nobody_on_the_ground_sees_into_or_behind_blockers() -> None:
    game = _smoke()
    put(game, 0, "Marine", 29.5, 30.5)
    kernels.refresh(game.world)
    assert _sees(game, 0, 31, 30)
    assert not _sees(game, 0, 32, 30)
    assert not _sees(game, 0, 35, 30)
    assert not _sees(game, 0, 33, 33)
    assert _sees(game, 0, 24, 30)


def test_flyers_look_over_blockers_and_who_stands_in_them_looks_out() -> None:
    for kind, x in (("Medivac", 29.5), ("Marine", 32.5)):
        game = _smoke()
        put(game, 0, kind, x, 30.5)
        kernels.refresh(game.world)
        assert _sees(game, 0, 33, 30)
        assert _sees(game, 0, 36, 30)
        assert _sees(game, 0, 28, 30)


def test_sight_past_blockers_is_counted_in_and_out_alike() -> None:
    game = _smoke()
    put(game, 1, "Hatchery", 55.5, 55.5)
    put(game, 0, "Bunker", 6.5, 6.5)
    marine = put(game, 0, "Marine", 22, 30)
    _give(game, marine, 16, at=(44, 34))
    game.step(400)
    assert game.world.units.x[marine] > 43
    game.world.remove(marine)
    assert game.world.grids.vis_count[0, 15:, 15:].sum() == 0


def test_an_enemy_behind_blockers_is_not_shot_at_until_somebody_sees_it() -> None:
    game = _smoke()
    u = game.world.units
    for player, (x, y) in enumerate(((6.5, 6.5), (57.5, 57.5))):
        put(game, player, "Bunker", x, y)
    tank, foe = put(game, 0, "SiegeTankSieged", 26, 30), put(game, 1, "Roach", 36, 30, seen=2)
    u.can_attack[foe] = 0
    game.step(60)
    assert u.prey[tank] < 0
    assert u.hp[foe] == 145
    put(game, 0, "Overlord", 31, 30)
    game.step(60)
    assert u.hp[foe] < 145


def test_shipped_maps_have_blockers_where_flat_ground_cannot_be_built_on() -> None:
    game = Game.new(load_map("CherryGroveLE"), ("Terran", "Zerg"), seed=1)
    blocks = (game.world.grids.sight_block & 1).astype(bool)
    assert blocks.sum() > 50
    assert not (blocks & game.world.map.placement).any()
    assert (blocks <= game.world.map.pathing).all()


# -- unknown things --------------------------------------------------------------------------------------
def test_a_neutral_that_no_table_knows_is_scenery() -> None:
    game = field(neutrals=(Neutral(31999, 32, 32, 0), _neutral("XelNagaTower", 40, 40)))
    assert len(game.world.rows_of(2)) == 1
    game.step(10)
