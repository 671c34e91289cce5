"""Real maps come in as the game shows them."""

from __future__ import annotations

import numpy as np
import pytest
from s2clientprotocol import sc2api_pb2

from cherrypy_bot.sim.maps import MapError, Neutral, describe, import_map, load_map, pathing_with_neutrals
from cherrypy_bot.sim.maps.importer import bit_grid, byte_grid
from cherrypy_bot.sim.maps.neutrals import FRESH_CONTENTS, TOWN_HALL_CELLS
from tests.reference import needs_reference
from tests.sim.maps.protos import Capture, capture, game_info, observation
from tests.sim.maps.test_generator import same

FRESH = (
    "AcropolisLE",
    "AutomatonLE",
    "BlueshiftLE",
    "CeruleanFallLE",
    "EternalEmpireLE",
    "KairosJunctionLE",
    "StasisLE",
)
"""Captured at loop 0 of a normal game."""

REVEALED = ("GoldenAura513AIE", "HardLead513AIE", "PersephoneAIE_v4", "PylonAIE_v4", "TorchesAIE_v4")
"""Captured with the map revealed and armies spawned for both sides."""


BASES = {
    "AcropolisLE": 16,
    "AutomatonLE": 16,
    "BlueshiftLE": 14,
    "CeruleanFallLE": 18,
    "EternalEmpireLE": 16,
    "GoldenAura513AIE": 14,
    "HardLead513AIE": 14,
    "KairosJunctionLE": 16,
    "PersephoneAIE_v4": 15,
    "PylonAIE_v4": 14,
    "StasisLE": 13,
    "TorchesAIE_v4": 16,
}
"""As python-sc2 counts them; it counts two bases of Torches twice, once for either side of their mineral line."""


def copies(name: str) -> Capture:
    info, first = sc2api_pb2.ResponseGameInfo(), sc2api_pb2.ResponseObservation()
    info.CopyFrom(capture(name)[0])
    first.CopyFrom(capture(name)[1])
    return info, first


def as_the_game_answers(name: str) -> np.ndarray:
    """Pathing of an imported map as the game would show it to the player who captured it."""
    m = import_map(*capture(name))
    seen = [
        (u.unit_type, round(u.pos.x * 2) / 2, round(u.pos.y * 2) / 2)
        for u in capture(name)[1].observation.raw_data.units
        if u.alliance == 3 and u.display_type == 1
    ]
    grid = pathing_with_neutrals(m, tuple(Neutral(t, x, y, 0) for t, x, y in seen))
    # what stands on ground that nobody can build on shows even unseen
    grid &= m.placement | pathing_with_neutrals(m)
    x, y = (int(v) for v in m.start_locations[0])
    for dx, dy in TOWN_HALL_CELLS:
        grid[y + dy, x + dx] = False
    return grid


@needs_reference
@pytest.mark.parametrize("name", FRESH)
def test_fresh_map_gives_the_games_pathing_back_cell_for_cell(name: str) -> None:
    real = bit_grid(capture(name)[0].start_raw.pathing_grid, name)
    assert np.array_equal(as_the_game_answers(name), real)


@needs_reference
@pytest.mark.parametrize("name", REVEALED)
def test_revealed_map_differs_only_under_spawned_structures(name: str) -> None:
    real = bit_grid(capture(name)[0].start_raw.pathing_grid, name)
    ours = as_the_game_answers(name)
    assert not (real & ~ours).any()
    owned = [u for u in capture(name)[1].observation.raw_data.units if u.alliance != 3]
    towers = [n for n in import_map(*capture(name)).neutrals if n.type_id == 588]
    for y, x in np.argwhere(ours & ~real):
        under = any(abs(u.pos.x - x - 0.5) <= u.radius + 1 and abs(u.pos.y - y - 0.5) <= u.radius + 1 for u in owned)
        # no capture shows the ground below a collapsing tower; three cells at its side are buildable
        tower = any(abs(t.x - x) < 4 and abs(t.y - y) < 14 for t in towers)
        assert under or tower, (x, y)


@needs_reference
@pytest.mark.parametrize("name", FRESH + REVEALED)
def test_every_captured_map_is_imported_whole(name: str) -> None:
    info, first = capture(name)
    m = import_map(info, first)
    facts = describe(m)
    assert m.name == info.map_name
    assert facts["rush_distance"] is not None
    assert 130 <= float(str(facts["rush_distance"])) <= 205
    assert facts["bases"] == BASES[name]
    assert m.start_locations[1] == (info.start_raw.start_locations[0].x, info.start_raw.start_locations[0].y)
    assert np.array_equal(m.placement, bit_grid(info.start_raw.placement_grid, name))
    assert np.array_equal(m.terrain_height, byte_grid(info.start_raw.terrain_height, name))
    resources = [n for n in m.neutrals if n.type_id in FRESH_CONTENTS]
    assert all(n.contents > 0 for n in resources)
    assert not any(n.type_id in (662, 336, 328) for n in m.neutrals), "critters are no part of a map"
    x, y = m.start_locations[0]
    near = [n.contents for n in resources if abs(n.x - x) < 8.5 and abs(n.y - y) < 8.5]
    assert sorted(near) == [900] * 4 + [1800] * 4 + [2250] * 2


@needs_reference
@pytest.mark.parametrize("name", FRESH)
def test_imported_maps_are_fair(name: str) -> None:
    """Every resource has its counterpart: half a turn about the middle of the starts, or a mirror between them."""
    m = import_map(*capture(name))
    (ax, ay), (bx, by) = m.start_locations
    places = {(n.x, n.y) for n in m.neutrals if n.type_id in FRESH_CONTENTS}
    turned = {(ax + bx - x, ay + by - y) for x, y in places}
    mirrored = {(ax + bx - x, y) for x, y in places} if ay == by else set()
    # a base on the mirror line cannot be its own mirror image to the cell
    lost = min((places - image for image in (turned, mirrored)), key=len)
    assert all(abs(2 * x - ax - bx) <= 16 for x, _ in lost)
    assert len(lost) in (0, 10)


def test_own_map_survives_the_trip_through_the_api() -> None:
    m = load_map("CherryGroveLE")
    assert same(import_map(game_info(m), observation(m)), m)


def test_second_player_imports_the_same_map_with_the_starts_swapped() -> None:
    m = load_map("BlossomLE")
    other = import_map(game_info(m, 1), observation(m, 1))
    assert other.start_locations == m.start_locations[::-1]
    assert np.array_equal(other.pathing, m.pathing)


def test_unseen_resources_are_filled_up() -> None:
    m = load_map("OrchardLE")
    first = observation(m)
    for unit in first.observation.raw_data.units:
        unit.ClearField("mineral_contents")
        unit.ClearField("vespene_contents")
    assert import_map(game_info(m), first).neutrals == m.neutrals


def broken(what: str) -> Capture:
    m = load_map("OrchardLE")
    info, first = game_info(m), observation(m)
    raw = info.start_raw
    units = first.observation.raw_data.units
    if what == "no start_raw":
        info.ClearField("start_raw")
    elif what == "no raw_data":
        first.observation.ClearField("raw_data")
    elif what == "no own town hall":
        del units[0]
    elif what == "no resources":
        del units[1:]
    elif what == "0 enemy start locations":
        del raw.start_locations[:]
    elif what == "3 enemy start locations":
        raw.start_locations.add(x=1, y=1)
        raw.start_locations.add(x=2, y=2)
    elif what == "do not match the map size":
        raw.map_size.x += 8
    elif what == "pathing_grid":
        raw.pathing_grid.data = raw.pathing_grid.data[:100]
    elif what == "terrain_height":
        raw.terrain_height.bits_per_pixel = 32
    elif what == "placement_grid: size":
        raw.placement_grid.size.x = 0
    elif what == "off the map":
        units[5].pos.x = 5000
    elif what == "nan":
        units[5].pos.y = float("nan")
    elif what == "enemy off the map":
        raw.start_locations[0].x = -40
    return info, first


@pytest.mark.parametrize(
    "what",
    [
        "no start_raw",
        "no raw_data",
        "no own town hall",
        "no resources",
        "0 enemy start locations",
        "3 enemy start locations",
        "do not match the map size",
        "pathing_grid",
        "terrain_height",
        "placement_grid: size",
        "off the map",
    ],
)
def test_bad_input_is_named(what: str) -> None:
    with pytest.raises(MapError, match=rf"OrchardLE.*{what}"):
        import_map(*broken(what))


def test_position_that_is_no_number_is_named() -> None:
    with pytest.raises(MapError, match="nan"):
        import_map(*broken("nan"))


def test_enemy_start_off_the_map_is_named() -> None:
    with pytest.raises(MapError, match="start location"):
        import_map(*broken("enemy off the map"))


@needs_reference
def test_map_without_an_own_town_hall_is_refused() -> None:
    info, first = copies("StasisLE")
    units = first.observation.raw_data.units
    for i in reversed([i for i, u in enumerate(units) if u.alliance == 1]):
        del units[i]
    with pytest.raises(MapError, match="Stasis LE: the observation shows no own town hall"):
        import_map(info, first)
