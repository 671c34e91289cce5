"""Map files of the game: what a small made-up one says, and five real ones against the game's own grids."""

from __future__ import annotations

import random
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import sc2api_pb2 as sc
from sc2.bot_ai import BotAI

from benchmarks.map_archives import (
    CRATE,
    NAME,
    PAINTED,
    PILLAR,
    PLATEAU,
    SIDE,
    SIGHT_BLOCKERS,
    STARTS,
    map_info,
    map_members,
    objects_xml,
    write_archive,
)
from benchmarks.map_mutations import mutations, survives
from cherrypy_bot.sim.api import ComputerSeat, GameServer, ParticipantSeat, create_game_request
from cherrypy_bot.sim.maps import MapData, MapError, describe, list_maps, load_map, map_from_bytes, save_map
from cherrypy_bot.sim.maps.importer import TOWN_HALLS, import_map
from cherrypy_bot.sim.maps.neutrals import FRESH_CONTENTS, footprint_cells
from cherrypy_bot.sim.maps.objects import FIXED_TYPES, UNIT_TYPES
from cherrypy_bot.sim.rules import load_ruleset
from tests.reference import REFERENCE, needs_reference
from tests.sim.api.table import Client, grid
from tests.sim.maps.protos import Capture, analysed, capture
from tests.sim.maps.test_generator import same

REAL = ("AutomatonLE", "BlueshiftLE", "CeruleanFallLE", "KairosJunctionLE", "StasisLE")
LEFT_OVER = {
    "CeruleanFallLE": (11, 11),  # the capture is of another version: four geysers and the paint beside them moved
    "KairosJunctionLE": (10, 14),  # footprints of single fences and pipes
}
"""Cells of pathing and placement that are known to differ; none on the other maps."""


def small(**members: bytes | None) -> MapData:
    """The made-up map with members replaced, or left out where None."""
    found = map_members() | {name.replace("_xml", ".xml"): content for name, content in members.items()}
    return map_from_bytes(write_archive({k: v for k, v in found.items() if v is not None}), "small.SC2Map")


@pytest.fixture(scope="module")
def m() -> MapData:
    return small()


# -- the made-up map ---------------------------------------------------------------------------------------


def test_name_size_starts_and_playable_area(m: MapData) -> None:
    assert m.name == NAME
    assert (m.width, m.height) == (SIDE, SIDE)
    assert m.playable == (4, 4, 60, 60), "the camera bound at 3 is narrowed to an even cell"
    assert m.start_locations == STARTS


def test_walls_stand_on_the_low_side_of_the_plateau(m: MapData) -> None:
    x0, y0, x1, y1 = PLATEAU
    assert m.pathing[y0 - 1 : y1 + 1, x0 - 1 : x1 + 1].sum() == 100 - 4, "its four corners are wall"
    assert not m.pathing[y0 - 2, x0 - 1 : x1 + 1].any()
    assert m.pathing[y0 - 3, x0 - 1 : x1 + 1].all()


def test_void_rim_and_paint_are_closed(m: MapData) -> None:
    x0, y0, x1, y1 = PAINTED
    assert not m.pathing[:, :4].any()
    assert not m.pathing[:4].any()
    assert not m.pathing[60:].any()
    assert not m.pathing[y0:y1, x0:x1].any()
    assert m.pathing[y0:y1, x1:26].all()


def test_the_authors_point_closes_its_region_and_nothing_else(m: MapData) -> None:
    x0, y0, x1, y1 = PILLAR
    assert not m.pathing[y0 - 1 : y1 + 1, x0 - 1 : x1 + 1].any()
    assert m.pathing[y0 - 3, x0 : x1 + 1].all()
    assert small(Objects=objects_xml().replace(b"BlockPathing", b"NoFlyZone")).pathing[y0 + 1, x0 + 1]


def test_a_point_in_the_main_region_does_not_close_the_starts() -> None:
    everywhere = '<ObjectPoint Position="12,20,0" Type="BlockPathing"/>'
    assert small(Objects=objects_xml(more=everywhere)).pathing[12, 12]


def test_sight_blockers_can_be_walked_through_but_not_built_on(m: MapData) -> None:
    for x, y in SIGHT_BLOCKERS:
        assert m.pathing[y, x]
        assert not m.placement[y, x]
    assert m.placement[8, 33]


def test_only_doodads_with_a_footprint_block(m: MapData) -> None:
    x, y = CRATE
    assert not m.pathing[y, x]
    assert m.pathing[y, x + 1]
    assert m.pathing[8, 40], "this crate is marked to have no footprint"
    assert m.pathing[8, 42], "brambles can be walked through"


def test_heights_are_the_apis_bytes(m: MapData) -> None:
    x0, y0, _, _ = PLATEAU
    assert int(m.terrain_height[12, 12]) == 191
    assert int(m.terrain_height[y0, x0]) == 207
    assert int(m.terrain_height[PILLAR[1], PILLAR[0]]) == 223
    assert set(m.terrain_height[:4].ravel().tolist()) == {0}, "nothing is shown outside the playable area"


def test_neutrals_are_placed_and_critters_left_out(m: MapData) -> None:
    facts = describe(m)
    assert facts["mineral_fields"] == 16
    assert facts["geysers"] == 4
    assert sorted(n.type_id for n in m.neutrals if n.type_id not in FRESH_CONTENTS) == [149, 364]
    assert all(n.contents == FRESH_CONTENTS.get(n.type_id, 0) for n in m.neutrals)


def test_own_amounts_of_mineral_walls_are_kept() -> None:
    wall = '<ObjectUnit Position="30,12.5,0" UnitType="MineralField450" Resources="10"/>'
    (found,) = [n for n in small(Objects=objects_xml(more=wall)).neutrals if n.type_id == 1996]
    assert (found.x, found.y, found.contents) == (30.0, 12.5, 10)


def test_rocks_that_the_engine_does_not_know_stay_as_terrain() -> None:
    rock = '<ObjectUnit Position="20,30,0" UnitType="DestructibleRock2x4Vertical"/>'
    found = small(Objects=objects_xml(more=rock))
    assert not any(n.type_id == 366 for n in found.neutrals)
    cells = footprint_cells(366, 20, 30)
    assert len(cells) == 8
    assert not found.pathing[cells[:, 0], cells[:, 1]].any()


def test_units_of_the_table_are_the_engines() -> None:
    rules = load_ruleset()
    for name, type_id in UNIT_TYPES.items():
        assert rules.unit(name).id == type_id
    for type_id in FIXED_TYPES.values():
        assert type_id not in rules.units, "the engine knows it by now: move it to UNIT_TYPES"
        assert len(footprint_cells(type_id, 20, 20)) > 0


def test_footprints_are_the_engines() -> None:
    """Pictures and bare ground use the same cells as the game does."""
    rules = load_ruleset()
    for name, type_id in UNIT_TYPES.items():
        cells = {(int(x), int(y)) for y, x in footprint_cells(type_id, 0.5, 0.5)}
        assert cells == set(rules.unit(name).footprint_path), name


def test_map_without_paint_or_name_is_read() -> None:
    found = small(CellAttribute_Pnp=None, **{"enUS.SC2Data\\LocalizedData\\GameStrings.txt": None})
    assert found.name == "small"
    assert found.pathing[PAINTED[1], PAINTED[0]]


def test_names_lose_markup_and_control_characters() -> None:
    odd = 'DocInfo/Name=  <c val="ff">\x1b[31mEvil\x07</c>\tМеса LE  ' + "x" * 500
    found = small(**{"enUS.SC2Data\\LocalizedData\\GameStrings.txt": odd.encode()})
    assert found.name.startswith("[31mEvil Меса LE xxx")
    assert len(found.name) == 100
    assert found.name.isprintable()


# -- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["MapInfo", "t3Terrain.xml", "t3HeightMap", "t3SyncCliffLevel", "Objects"])
def test_missing_members_are_named(member: str) -> None:
    with pytest.raises(MapError, match=rf"small\.SC2Map holds no {member}; give a complete"):
        small(**{member: None})


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"MapInfo": b"IpaM"}, "MapInfo is not as expected"),
        ({"MapInfo": map_info(64, 256 + 8, (0, 0, 64, 64))}, "a map of 64 x 264 cells; sides are even, 8 to 256"),
        ({"MapInfo": map_info(0xFFFFFFFF, 64, (0, 0, 64, 64))}, "a map of 4294967295 x 64 cells"),
        ({"MapInfo": map_info(64, 64, (0, 0, 64, 66))}, "camera bounds 0, 0 to 64, 66"),
        ({"MapInfo": map_info(64, 72, (0, 0, 64, 64))}, "MapInfo calls for 65 x 73"),
        ({"t3HeightMap": b"HMAP" + struct.pack("<3I", 101, 65, 65)}, "t3HeightMap is not as expected"),
        ({"CellAttribute_Pnp": b"1234"}, "CellAttribute_Pnp is not as expected"),
        ({"t3Terrain.xml": b"<terrain/>"}, "no height scale and bias"),
        ({"t3Terrain.xml": b'<a><vertData quantizeScale="nan" quantizeBias="9"/></a>'}, "no height scale and bias"),
        ({"t3Terrain.xml": b'<a><cc i="99999999" f="1"/></a>'}, "cliff block 99999999 of 1024"),
        ({"Objects": b"<PlacedObjects><ObjectUnit"}, "Objects is not well-formed"),
        ({"Objects": b'<a><ObjectUnit Position="1,east,0"/></a>'}, "'1,east,0' is no pair of numbers"),
        ({"Objects": b"<!DOCTYPE a [<!ENTITY b 'cc'>]><a>&b;</a>"}, "declares a document type"),
        ({"Objects": objects_xml(starts=())}, "0 start locations; the engine plays maps of two"),
        ({"Objects": objects_xml(starts=(*STARTS, *STARTS))}, "4 start locations; the engine plays maps of two"),
        ({"Objects": b"<a>" + b"<b/>" * 210_000 + b"</a>"}, "more than 200000 elements"),
        (
            {"Objects": b"<a>" + b'<ObjectUnit Position="9,9,0" UnitType="MineralField"/>' * 3000 + b"</a>"},
            "places more than 2000 units",
        ),
    ],
)
def test_members_that_do_not_fit_are_named(members: dict[str, bytes], message: str) -> None:
    with pytest.raises(MapError, match=message) as error:
        small(**members)
    assert str(error.value).isprintable()


def test_huge_claims_are_refused_at_once() -> None:
    bomb = map_members() | {"Objects": bytes(40 << 20)}
    data = write_archive(bomb)
    assert len(data) < 200_000
    begun = time.perf_counter()
    with pytest.raises(MapError, match="Objects unpacks to 41,943,040 bytes"):
        map_from_bytes(data)
    assert time.perf_counter() - begun < 1


def test_damaged_maps_are_refused_with_one_line_or_still_play() -> None:
    """The short form of benchmarks/fuzz_maps.py."""
    lines = [survives(data) for data in mutations([map_members()], 250, seed=7)]
    assert 50 < lines.count(None) < 200
    assert all(line is None or line.isprintable() for line in lines)


# -- where map files are taken -----------------------------------------------------------------------------


def test_load_map_tells_files_apart_by_content(tmp_path: Path, m: MapData) -> None:
    (tmp_path / "Valley.SC2Map").write_bytes(write_archive(map_members()))
    assert same(load_map(str(tmp_path / "Valley.SC2Map")), m)
    assert str(tmp_path / "Valley.SC2Map") in list_maps(tmp_path)
    save_map(m, tmp_path / "Saved.SC2Map")
    assert same(load_map(str(tmp_path / "Saved.SC2Map")), m), "our own format under the game's suffix"
    assert same(map_from_bytes((tmp_path / "Saved.SC2Map").read_bytes()), m)


def create(request: sc.RequestCreateGame, folders: tuple[Path, ...] = ()) -> Client:
    client = Client(GameServer(map_folders=folders))
    client.answers.append(client.ask(create_game=request))
    return client


def requested(path: str = "", data: bytes = b"") -> sc.RequestCreateGame:
    request = create_game_request("any", [ParticipantSeat(), ComputerSeat("Zerg", "VeryEasy")], seed=1)
    request.local_map.map_path, request.local_map.map_data = path, data
    return request


def test_games_are_created_by_path_by_name_and_by_content(tmp_path: Path) -> None:
    data = write_archive(map_members())
    (tmp_path / "Ladder").mkdir()
    path = tmp_path / "Ladder" / "FuzzValleyLE.SC2Map"
    path.write_bytes(data)
    for request in (
        requested(str(path)),
        requested("Ladder/FuzzValleyLE.SC2Map"),
        requested("Ladder\\FuzzValleyLE.SC2Map"),
        requested("Anything.SC2Map", data),
    ):
        client = create(request, (tmp_path,))
        assert not client.answers[0].create_game.HasField("error"), client.answers[0]
        assert client.join().join_game.player_id == 1
        info = client.ask(game_info=sc.RequestGameInfo()).game_info
        assert info.map_name == NAME
        client.step(50)
        assert len(client.mine(45)) == 12
    assert (
        "Ladder/FuzzValleyLE.SC2Map"
        in client.ask(available_maps=sc.RequestAvailableMaps()).available_maps.local_map_paths
    )


def test_broken_files_are_the_apis_own_error(tmp_path: Path) -> None:
    broken = write_archive(map_members())[:-40]
    (tmp_path / "Broken.SC2Map").write_bytes(broken)
    (tmp_path / "Empty.SC2Map").write_bytes(b"")
    (tmp_path / "Folder.SC2Map").mkdir()
    error = sc.ResponseCreateGame
    for request, expected, line in (
        (requested("Broken.SC2Map"), error.InvalidMapData, r"Broken.SC2Map: it has no whole block table"),
        (requested("Empty.SC2Map"), error.InvalidMapData, "Empty.SC2Map: not a readable map file"),
        (requested("x", broken), error.InvalidMapData, "the map data: it has no whole block table"),
        (requested("x", b"\0"), error.InvalidMapData, "the map data: not a readable map file"),
        (requested("Folder.SC2Map"), error.InvalidMapPath, "no map 'Folder.SC2Map'"),
        (requested("x" * 256 + ".s"), error.InvalidMapPath, "no map"),
        (requested("/" * 200), error.InvalidMapPath, "no map"),
    ):
        answer = create(request, (tmp_path,)).answers[0].create_game
        assert answer.error == expected, answer
        assert line in answer.error_details
        assert answer.error_details.isprintable()


# -- real maps ---------------------------------------------------------------------------------------------


def real(name: str) -> MapData:
    assert REFERENCE is not None
    return load_map(str(REFERENCE / "maps" / "sc2map" / f"{name}.SC2Map"))


def played(name: str) -> Capture:
    """GameInfo and first observation of the engine on the map file, from the start location of the capture."""
    assert REFERENCE is not None
    enemy = capture(name)[0].start_raw.start_locations[0]
    for seed in range(20):
        request = requested(str(REFERENCE / "maps" / "sc2map" / f"{name}.SC2Map"))
        request.random_seed = seed
        client = create(request)
        client.join(common.Terran)
        info = client.ask(game_info=sc.RequestGameInfo()).game_info
        if info.start_raw.start_locations[0] == enemy:
            return info, client.observe()
    raise AssertionError("no seed starts there")


def resources(first: sc.ResponseObservation) -> set[tuple[int, float, float]]:
    units = first.observation.raw_data.units
    return {(u.unit_type, u.pos.x, u.pos.y) for u in units if u.alliance == 3 and u.unit_type in UNIT_TYPES.values()}


@needs_reference
@pytest.mark.parametrize("name", REAL)
def test_grids_of_real_maps_are_the_games(name: str) -> None:
    """What a player asks at loop 0 on the map file against what the game answered on the same map."""
    info, first = played(name)
    truth, seen = capture(name)
    ours, game = info.start_raw, truth.start_raw
    assert (info.map_name, ours.map_size, ours.playable_area) == (truth.map_name, game.map_size, game.playable_area)
    pathing = int((grid(ours.pathing_grid) != grid(game.pathing_grid)).sum())
    placement = int((grid(ours.placement_grid) != grid(game.placement_grid)).sum())
    assert (pathing, placement) == LEFT_OVER.get(name, (0, 0))
    assert np.array_equal(grid(ours.terrain_height), grid(game.terrain_height))
    moved = resources(first) ^ resources(seen)
    assert len(moved) == (8 if name == "CeruleanFallLE" else 0)


@needs_reference
@pytest.mark.parametrize("name", REAL)
def test_python_sc2_finds_the_same_ramps_and_bases(name: str) -> None:
    ours, game = analysed(*played(name)), analysed(*capture(name))

    def ramps(bot: BotAI) -> set[tuple[frozenset[object], ...]]:
        return {(frozenset(r.points), frozenset(r.upper), frozenset(r.lower)) for r in bot.game_info.map_ramps}

    assert ramps(ours) == ramps(game)
    assert set(ours.expansion_locations_list) == set(game.expansion_locations_list)


@needs_reference
@pytest.mark.parametrize("name", REAL)
def test_files_and_captures_make_the_same_map(name: str) -> None:
    """Start locations and neutrals of the file against those that the importer takes from the game's answers."""
    m, imported = real(name), import_map(*capture(name))
    assert set(m.start_locations) == set(imported.start_locations)
    if name != "CeruleanFallLE":
        assert sorted(m.neutrals, key=repr) == sorted(imported.neutrals, key=repr)
    assert describe(m)["bases"] == describe(imported)["bases"]


@needs_reference
def test_a_town_hall_stands_at_either_start_of_a_real_map() -> None:
    _, first = played("KairosJunctionLE")
    hall = next(u for u in first.observation.raw_data.units if u.unit_type in TOWN_HALLS)
    assert (hall.pos.x, hall.pos.y) in real("KairosJunctionLE").start_locations


@needs_reference
def test_damaged_real_maps_are_refused_or_read() -> None:
    assert REFERENCE is not None
    data = (REFERENCE / "maps" / "sc2map" / "StasisLE.SC2Map").read_bytes()
    chance = random.Random(3)
    for length in (chance.randrange(len(data)) for _ in range(20)):
        with pytest.raises(MapError):
            map_from_bytes(data[:length])
