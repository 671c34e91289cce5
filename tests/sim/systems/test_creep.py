"""Creep: how far, how fast, and what happens when its source dies."""

import itertools
import lzma

import numpy as np
import pytest
from s2clientprotocol import sc2api_pb2

from cherrypy_bot.sim.abilities import creep
from cherrypy_bot.sim.maps import import_map
from tests.reference import REFERENCE, needs_reference

from .scene import RULES, field, put


def run_to(game, loop):
    """Wake creep as the game does until a loop."""
    lost = []
    while (at := creep.next_wakeup(game)) <= loop:
        game.world.clock.loop[0] = at
        lost += creep.on_wakeup(game)
    game.world.clock.loop[0] = loop
    return lost


def test_the_start_hatchery_has_its_whole_patch_at_once():
    game = field()
    creep.add_source(game, put(game, 1, "Hatchery", 32.5, 32.5), grown=True)
    assert int(game.world.grids.creep.sum()) == 525
    assert game.world.grids.creep[32, 32 + 13] == 1
    assert game.world.grids.creep[32, 32 + 14] == 0
    assert creep.next_wakeup(game) == creep.NEVER


def test_a_new_hatchery_begins_small_and_grows_step_by_step():
    game = field()
    creep.add_source(game, put(game, 1, "Hatchery", 32.5, 32.5))
    sizes = [int(game.world.grids.creep.sum())]
    for loop in range(16, 400, 16):
        run_to(game, loop)
        sizes.append(int(game.world.grids.creep.sum()))
    assert sizes[0] == 69
    assert all(b >= a for a, b in itertools.pairwise(sizes))
    assert 69 < sizes[5] < 525
    assert sizes[-1] == 525


def test_growth_does_not_depend_on_how_often_it_is_looked_at():
    one, two = field(), field()
    for game in (one, two):
        creep.add_source(game, put(game, 1, "CreepTumorBurrowed", 32.5, 32.5))
    run_to(one, 160)
    two.world.clock.loop[0] = 160
    creep.on_wakeup(two)
    assert (one.world.grids.creep == two.world.grids.creep).all()
    (grown_one,), (grown_two,) = one.world.creep_sources.values(), two.world.creep_sources.values()
    assert grown_one == pytest.approx(grown_two)


def test_a_tumour_reaches_ten_cells_in_about_fourteen_seconds():
    game = field()
    creep.add_source(game, put(game, 1, "CreepTumorBurrowed", 32.5, 32.5))
    run_to(game, 240)
    assert int(game.world.grids.creep.sum()) < 333
    run_to(game, 336)
    assert int(game.world.grids.creep.sum()) == 333
    assert game.world.grids.creep[32, 32 + 10] == 1


def test_creep_skips_cells_that_are_neither_walkable_nor_buildable():
    game = field(cliff_x=34)
    creep.add_source(game, put(game, 1, "Hatchery", 28.5, 32.5), grown=True)
    grids = game.world.grids
    assert grids.creep[32, 32] == 0
    assert grids.creep[32, 33] == 0
    assert grids.creep[32, 35] == 1


def test_creep_recedes_from_its_edge_until_it_is_gone():
    game = field()
    row = put(game, 1, "Hatchery", 32.5, 32.5)
    creep.add_source(game, row, grown=True)
    creep.remove_source(game, row)
    game.world.remove(row)
    sizes = []
    for loop in range(64, 64 * 20, 64):
        run_to(game, loop)
        sizes.append(int(game.world.grids.creep.sum()))
    assert sizes[0] < 525
    assert all(b < a for a, b in itertools.pairwise(sizes) if a)
    assert sizes[-1] == 0
    assert creep.next_wakeup(game) == creep.NEVER


def test_creep_of_a_living_source_stays():
    game = field()
    gone, stays = put(game, 1, "Hatchery", 24.5, 32.5), put(game, 1, "Hatchery", 40.5, 32.5)
    for row in (gone, stays):
        creep.add_source(game, row, grown=True)
    creep.remove_source(game, gone)
    game.world.remove(gone)
    run_to(game, 3000)
    assert int(game.world.grids.creep.sum()) == 525
    assert game.world.grids.creep[32, 40 + 13] == 1


def test_larvae_on_vanished_creep_are_reported():
    game = field()
    hatchery = put(game, 1, "Hatchery", 32.5, 32.5)
    creep.add_source(game, hatchery, grown=True)
    lying = put(game, 1, "Larva", 32.5, 43.5)
    assert run_to(game, 100) == []
    creep.remove_source(game, hatchery)
    game.world.remove(hatchery)
    assert lying in run_to(game, 400)


def test_a_clone_grows_and_recedes_alike():
    game = field()
    rows = [put(game, 1, "Hatchery", 20.5, 32.5), put(game, 1, "CreepTumorBurrowed", 40.5, 32.5)]
    for row in rows:
        creep.add_source(game, row)
    run_to(game, 64)
    creep.remove_source(game, rows[0])
    game.world.remove(rows[0])
    twin = game.clone()
    assert twin.world.state_hash() == game.world.state_hash()
    for each in (game, twin):
        run_to(each, 640)
    assert twin.world.state_hash() == game.world.state_hash()


def _unpacked(path):
    return lzma.decompress(path.read_bytes())


@needs_reference
@pytest.mark.parametrize("name", ["GoldenAura513AIE", "PersephoneAIE_v4", "PylonAIE_v4", "TorchesAIE_v4"])
def test_the_patch_of_a_hatchery_is_that_of_the_game(name):
    """Captured games: every cell of creep round the only hatchery, and no other."""
    assert REFERENCE is not None
    folder = REFERENCE / "maps"
    info = sc2api_pb2.ResponseGameInfo.FromString(_unpacked(folder / f"{name}.game_info.pb.xz"))
    seen = sc2api_pb2.ResponseObservation.FromString(_unpacked(folder / f"{name}.observation.pb.xz"))
    hatchery_type = RULES.unit("Hatchery").id
    raw = seen.observation.raw_data
    place = next(u.pos for u in raw.units if u.unit_type == hatchery_type)
    game = field()
    world = game.world
    world.map = import_map(info, seen)
    shape = (world.map.height, world.map.width)
    world.grids = world.grids._replace(
        creep=np.zeros(shape, dtype=np.uint8),
        blocked_build=np.zeros(shape, dtype=np.uint8),
        terrain_walk=world.map.pathing.astype(np.uint8),
        terrain_place=world.map.placement.astype(np.uint8),
        walk=world.map.pathing.astype(np.uint8),
    )
    creep.add_source(game, put(game, 1, "Hatchery", place.x, place.y), grown=True)
    size = raw.map_state.creep.size
    bits = np.frombuffer(raw.map_state.creep.data, dtype=np.uint8)
    captured = np.unpackbits(bits).reshape(size.y, size.x)
    assert (world.grids.creep == captured).all()
