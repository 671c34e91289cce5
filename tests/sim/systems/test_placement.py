"""Where structures may stand."""

import numpy as np
import pytest

from cherrypy_bot.sim.abilities import placement as pl
from cherrypy_bot.sim.abilities import power
from cherrypy_bot.sim.maps import Neutral
from cherrypy_bot.sim.world import Snapshot

from .scene import RULES, field, put, type_id

GEYSER = 342
MINERALS = 341


def ask(game, name, x, y, player=0, **more):
    return pl.can_place(game, player, type_id(name), x, y, **more)


@pytest.mark.parametrize(
    ("name", "asked", "snapped"),
    [
        ("Barracks", (30.9, 30.1), (30.5, 30.5)),
        ("SupplyDepot", (30.4, 30.6), (30.0, 31.0)),
        ("CommandCenter", (30.0, 30.0), (30.5, 30.5)),
    ],
)
def test_centres_snap_to_the_grid_of_their_size(name, asked, snapped):
    assert pl.snap(RULES.unit(name), *asked) == snapped


def test_free_flat_ground_takes_a_barracks_and_the_map_edge_does_not():
    game = field()
    assert ask(game, "Barracks", 30.5, 30.5) == pl.SUCCESS
    assert ask(game, "Barracks", 3.5, 30.5) == pl.SUCCESS
    assert ask(game, "Barracks", 2.5, 30.5) == pl.CANT_BUILD_LOCATION_INVALID
    assert ask(game, "Barracks", -5.0, 400.0) == pl.CANT_BUILD_LOCATION_INVALID
    assert ask(game, "Barracks", float("nan"), 30.5) == pl.CANT_BUILD_LOCATION_INVALID
    assert ask(game, "Barracks", 30.5, float("inf")) == pl.CANT_BUILD_LOCATION_INVALID


def test_structures_may_touch_but_not_overlap():
    game = field()
    put(game, 0, "Barracks", 30.5, 30.5)
    assert ask(game, "Barracks", 33.5, 30.5) == pl.SUCCESS
    assert ask(game, "Barracks", 32.5, 30.5) == pl.CANT_BUILD_LOCATION_INVALID
    assert ask(game, "SupplyDepot", 33.0, 31.0) == pl.SUCCESS
    assert ask(game, "SupplyDepot", 32.0, 31.0) == pl.CANT_BUILD_LOCATION_INVALID


def test_unbuildable_terrain_refuses():
    game = field()
    game.world.grids.terrain_place[31, 31] = 0
    assert ask(game, "Barracks", 30.5, 30.5) == pl.CANT_BUILD_LOCATION_INVALID
    assert ask(game, "Barracks", 28.5, 30.5) == pl.SUCCESS


def test_town_halls_keep_three_cells_from_resources():
    game = field(neutrals=(Neutral(MINERALS, 30.0, 30.5, 1800), Neutral(GEYSER, 30.5, 20.5, 2250)))
    too_close = pl.CANT_BUILD_TOO_CLOSE_TO_RESOURCES
    assert ask(game, "CommandCenter", 35.5, 30.5) == too_close
    assert ask(game, "CommandCenter", 36.5, 30.5) == pl.SUCCESS
    assert ask(game, "Nexus", 36.5, 20.5, 1) == too_close
    assert ask(game, "Nexus", 37.5, 20.5, 1) == pl.SUCCESS
    assert ask(game, "Barracks", 33.5, 30.5) == pl.SUCCESS


def test_gas_buildings_stand_exactly_on_a_free_geyser():
    game = field(neutrals=(Neutral(GEYSER, 30.5, 20.5, 2250),))
    assert ask(game, "Refinery", 30.5, 20.5) == pl.SUCCESS
    assert ask(game, "Refinery", 31.5, 20.5) == pl.CANT_BUILD_LOCATION_INVALID
    assert ask(game, "SupplyDepot", 30.0, 20.0) == pl.CANT_BUILD_LOCATION_INVALID
    assert len(pl.free_geysers(game, 0)) == 1
    refinery = put(game, 0, "Refinery", 30.5, 20.5)
    game.world.units.geyser[pl.geyser_at(game, 30.5, 20.5)] = refinery
    assert ask(game, "Refinery", 30.5, 20.5) == pl.CANT_BUILD_ON_THAT
    assert pl.free_geysers(game, 0) == []


def test_zerg_needs_creep_and_the_others_are_refused_on_it():
    game = field()
    game.world.grids.creep[20:40, 20:40] = 1
    assert ask(game, "SpawningPool", 30.5, 30.5, 1) == pl.SUCCESS
    assert ask(game, "SpawningPool", 20.5, 30.5, 1) == pl.CANT_BUILD_OFF_CREEP
    assert ask(game, "Barracks", 20.5, 30.5) == pl.CANT_BUILD_ON_CREEP
    assert ask(game, "Barracks", 18.5, 30.5) == pl.SUCCESS
    assert ask(game, "Hatchery", 30.5, 30.5, 1) == pl.SUCCESS
    assert ask(game, "Hatchery", 50.5, 30.5, 1) == pl.SUCCESS


def test_gateways_need_a_finished_pylon_within_six_and_a_half():
    game = field(("Protoss", "Zerg"))
    pylon = put(game, 0, "Pylon", 30.0, 30.0, complete=False)
    assert ask(game, "Gateway", 34.5, 30.5) == pl.CANT_BUILD_WITHOUT_POWER
    game.world.units.build_left[pylon] = 0.0
    assert ask(game, "Gateway", 36.5, 30.5) == pl.CANT_BUILD_WITHOUT_POWER  # sqrt(6.5^2 + 0.5^2) > 6.5
    assert ask(game, "Gateway", 35.5, 32.5) == pl.SUCCESS
    assert ask(game, "Pylon", 50.0, 50.0) == pl.SUCCESS


def test_a_pylon_gives_no_power_to_higher_ground():
    game = field(("Protoss", "Zerg"), cliff_x=32)
    put(game, 0, "Pylon", 28.0, 30.0)
    put(game, 0, "Pylon", 34.0, 50.0)
    assert ask(game, "PhotonCannon", 33.0, 30.0) == pl.CANT_BUILD_WITHOUT_POWER
    assert ask(game, "PhotonCannon", 28.0, 50.0) == pl.SUCCESS
    assert power.is_powered_at(game, 0, 28.0, 50.0)


def test_own_units_step_aside_enemies_and_sieged_tanks_do_not():
    game = field()
    put(game, 0, "Marine", 30.5, 30.5)
    assert ask(game, "Barracks", 30.5, 30.5) == pl.SUCCESS
    put(game, 0, "SiegeTankSieged", 40.5, 30.5)
    assert ask(game, "Barracks", 40.5, 30.5) == pl.CANT_BUILD_LOCATION_INVALID
    enemy = put(game, 1, "Drone", 20.5, 30.5)
    assert ask(game, "Barracks", 20.5, 30.5) == pl.CANT_BUILD_LOCATION_INVALID
    put(game, 1, "Overlord", 50.5, 30.5)
    assert ask(game, "Barracks", 50.5, 30.5) == pl.SUCCESS
    game.world.units.seen[enemy] = 2
    assert ask(game, "Barracks", 20.5, 30.5) == pl.SUCCESS
    assert ask(game, "Barracks", 20.5, 30.5, actual=True) == pl.CANT_BUILD_LOCATION_INVALID


def test_a_burrowed_enemy_surprises_the_builder():
    game = field()
    put(game, 1, "ZerglingBurrowed", 20.5, 30.5)
    assert ask(game, "Barracks", 20.5, 30.5) == pl.SUCCESS
    assert ask(game, "Barracks", 20.5, 30.5, actual=True) == pl.CANT_BUILD_LOCATION_INVALID


def test_enemy_structures_count_only_once_the_player_knows_of_them():
    game = field()
    row = put(game, 1, "EvolutionChamber", 30.5, 30.5, seen=2)
    assert ask(game, "Barracks", 31.5, 30.5) == pl.SUCCESS
    assert pl.placement_grid(game, 0, type_id("Barracks"))[30, 31] == 1
    assert ask(game, "Barracks", 31.5, 30.5, actual=True) == pl.CANT_BUILD_LOCATION_INVALID
    recycle = int(game.world.units.recycle[row])
    game.world.snapshots[0, row] = Snapshot(type_id("EvolutionChamber"), 1, 30.5, 30.5, 750, 0, 1, 0, recycle)
    assert ask(game, "Barracks", 31.5, 30.5) == pl.CANT_BUILD_LOCATION_INVALID
    assert pl.placement_grid(game, 0, type_id("Barracks"))[30, 31] == 0


def test_an_add_on_is_asked_for_at_its_building():
    game = field()
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    assert pl.addon_position(30.5, 30.5) == (33.0, 30.0)
    assert ask(game, "BarracksTechLab", 30.5, 30.5) == pl.CANT_BUILD_LOCATION_INVALID
    assert ask(game, "BarracksTechLab", 30.5, 30.5, builder=barracks) == pl.SUCCESS
    put(game, 0, "SupplyDepot", 34.0, 31.0)
    assert ask(game, "BarracksTechLab", 30.5, 30.5, builder=barracks) == pl.CANT_BUILD_LOCATION_INVALID


def test_the_bank_is_asked_only_with_an_ability():
    game = field()
    build_barracks = 321
    game.world.players.minerals[0] = 100
    assert ask(game, "Barracks", 30.5, 30.5) == pl.SUCCESS
    assert ask(game, "Barracks", 30.5, 30.5, ability_id=build_barracks) == pl.NOT_ENOUGH_MINERALS
    assert ask(game, "Barracks", 30.5, 30.5, ability_id=build_barracks, ignore_resources=True) == pl.SUCCESS
    game.world.players.minerals[0] = 150
    assert ask(game, "Barracks", 30.5, 30.5, ability_id=build_barracks) == pl.SUCCESS


@pytest.mark.parametrize("name", ["Barracks", "SupplyDepot", "CommandCenter", "Gateway", "SpawningPool", "Refinery"])
def test_the_grid_answers_as_single_questions_do(name):
    game = field(("Protoss", "Zerg"), neutrals=(Neutral(MINERALS, 30.0, 30.5, 1800), Neutral(GEYSER, 40.5, 40.5, 9)))
    put(game, 0, "Pylon", 24.0, 30.0)
    put(game, 0, "Forge", 20.5, 30.5)
    game.world.grids.creep[40:60, 5:30] = 1
    rule = RULES.unit(name)
    grid = pl.placement_grid(game, 0, rule.id)
    centre = (rule.footprint_w % 2) / 2
    singles = np.array(
        [
            [pl.can_place(game, 0, rule.id, x + centre, y + centre) == pl.SUCCESS for x in range(0, 64, 3)]
            for y in range(1, 64, 3)
        ]
    )
    assert (grid[1::3, ::3].astype(bool) == singles).all()
    assert grid.any()
    window = pl.placement_grid(game, 0, rule.id, (10, 20, 50, 45))
    assert (window == grid[20:45, 10:50]).all()
