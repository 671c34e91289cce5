"""Where structures go on a plain with one base, a ramp and a second base."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from modules.placement.bases import Base
from modules.placement.grid import keeps_ways_open
from modules.placement.spots import Scene, SpotFinder, Terrain, keep_free, size_of

HOME, NATURAL = Point2((30.5, 30.5)), Point2((70.5, 30.5))
RESOURCES = tuple(Point2((23.0 + 0.0, 24.5 + 2 * i)) for i in range(6))
GEYSER = Point2((30.5, 37.5))
SIZE = 100


def terrain(**changes: object) -> Terrain:
    """A main plateau left of x = 50, lower ground to its right, joined by a ramp."""
    buildable = np.ones((SIZE, SIZE), np.bool_)
    buildable[:, :4] = buildable[:, -4:] = buildable[:4, :] = buildable[-4:, :] = False
    buildable[:, 48:52] = False
    walkable = buildable.copy()
    walkable[28:34, 48:52] = True
    height = np.full((SIZE, SIZE), 180, np.uint8)
    height[:, 50:] = 150
    bases = [Base(HOME, (*RESOURCES, GEYSER), 0.0, 100.0), Base(NATURAL, (), 45.0, 60.0)]
    ramp = [(x, y) for x in range(48, 52) for y in range(28, 34)]
    values = {
        "buildable": buildable,
        "walkable": walkable,
        "height": height,
        "keep": keep_free(buildable.shape, bases, ramp),
        "bases": bases,
        "home": HOME,
        "front": Point2((48.0, 31.0)),
    }
    return Terrain(**{**values, **changes})  # type: ignore[arg-type]


TERRAIN = terrain()
TOWNHALL = ((U.COMMANDCENTER, HOME),)


def cells(kind: U, spot: Point2) -> set[tuple[int, int]]:
    size = size_of(kind)
    left, bottom = round(spot[0] - size / 2), round(spot[1] - size / 2)
    return {(x, y) for x in range(left, left + size) for y in range(bottom, bottom + size)}


def scene(*built: tuple[U, Point2], **more: object) -> Scene:
    return Scene(structures=(*TOWNHALL, *built), townhalls=(HOME,), **more)  # type: ignore[arg-type]


def build(kind: U, number: int, **more: object) -> list[Point2]:
    """Spots of several structures one after the other."""
    built: list[tuple[U, Point2]] = []
    for _ in range(number):
        spot = SpotFinder(TERRAIN, scene(*built, **more)).find(kind)
        assert spot is not None
        built.append((kind, spot))
    return [spot for _, spot in built]


@pytest.mark.parametrize("kind", [U.SUPPLYDEPOT, U.BARRACKS, U.ENGINEERINGBAY])
def test_structures_never_overlap_and_stay_on_free_ground(kind: U) -> None:
    seen: set[tuple[int, int]] = set()
    for spot in build(kind, 8):
        own = cells(kind, spot)
        assert not own & seen
        seen |= own
        assert all(TERRAIN.buildable[y, x] and not TERRAIN.keep[y, x] for x, y in own)


def test_centres_are_where_the_game_wants_them() -> None:
    depot = build(U.SUPPLYDEPOT, 1)[0]
    barracks = build(U.BARRACKS, 1)[0]
    assert depot[0] % 1 == 0
    assert depot[1] % 1 == 0
    assert barracks[0] % 1 == 0.5
    assert barracks[1] % 1 == 0.5


def test_the_mineral_line_stays_free() -> None:
    for spot in build(U.BARRACKS, 6):
        for x, y in cells(U.BARRACKS, spot):
            assert not (23 <= x <= 28 and 24 <= y <= 35)


def test_there_is_room_for_every_addon() -> None:
    spots = build(U.BARRACKS, 6)
    used = {cell for spot in spots for cell in cells(U.BARRACKS, spot)}
    for spot in spots:
        addon = cells(U.TECHLAB, Point2((spot[0] + 2.5, spot[1] - 0.5)))
        assert not addon & used
        assert all(TERRAIN.buildable[y, x] for x, y in addon)
        used |= addon


def test_the_ways_stay_open_after_many_structures() -> None:
    walkable = TERRAIN.walkable.copy()
    for spot in build(U.BARRACKS, 10):
        left, bottom = round(spot[0] - 1.5), round(spot[1] - 1.5)
        assert keeps_ways_open(walkable, left, bottom, 5, 3)
        walkable[bottom : bottom + 3, left : left + 5] = False


def test_production_stands_in_the_main() -> None:
    assert all(spot[0] < 48 for spot in build(U.BARRACKS, 8))


def test_a_townhall_goes_to_the_next_free_base() -> None:
    assert SpotFinder(TERRAIN, scene()).find(U.COMMANDCENTER) == NATURAL
    assert SpotFinder(TERRAIN, scene(enemies=(NATURAL,))).find(U.COMMANDCENTER) is None
    assert SpotFinder(TERRAIN, scene(planned=((U.COMMANDCENTER, NATURAL),))).find(U.COMMANDCENTER) is None


def test_no_townhall_is_begun_under_enemy_guns() -> None:
    assert SpotFinder(TERRAIN, scene(guns=(NATURAL.offset((9.0, 0.0)),))).find(U.COMMANDCENTER) is None
    assert SpotFinder(TERRAIN, scene(guns=(NATURAL.offset((14.0, 0.0)),))).find(U.COMMANDCENTER) == NATURAL


def test_a_refused_place_is_not_tried_again() -> None:
    first = build(U.BARRACKS, 1)[0]
    second = SpotFinder(TERRAIN, scene(blocked=(first,))).find(U.BARRACKS)
    assert second is not None
    assert cells(U.BARRACKS, first) != cells(U.BARRACKS, second)
    assert SpotFinder(TERRAIN, scene(blocked=(NATURAL,))).find(U.COMMANDCENTER) is None


def test_gas_is_taken_once_and_only_at_our_bases() -> None:
    far = Point2((70.5, 40.5))
    free = scene(geysers=((far, 8), (GEYSER, 7)))
    assert SpotFinder(TERRAIN, free).gas() == (GEYSER, 7)
    taken = scene((U.REFINERY, GEYSER), geysers=((far, 8), (GEYSER, 7)))
    assert SpotFinder(TERRAIN, taken).gas() is None


def test_gateways_stand_in_a_pylons_field() -> None:
    pylon = Point2((36.0, 30.0))
    built: list[tuple[U, Point2]] = [(U.PYLON, pylon)]
    for _ in range(3):
        spot = SpotFinder(TERRAIN, scene(*built, pylons=(pylon,))).find(U.GATEWAY)
        assert spot is not None
        assert spot.distance_to(pylon) <= 6.5
        built.append((U.GATEWAY, spot))


def test_pylons_spread_to_new_ground() -> None:
    built: list[tuple[U, Point2]] = []
    for _ in range(4):
        pylons = tuple(spot for _, spot in built)
        spot = SpotFinder(TERRAIN, scene(*built, pylons=pylons)).find(U.PYLON)
        assert spot is not None
        assert all(spot.distance_to(other) >= 5.0 for other in pylons)
        built.append((U.PYLON, spot))


def test_zerg_builds_on_creep_only() -> None:
    creep = np.zeros((SIZE, SIZE), np.bool_)
    creep[22:42, 22:42] = True
    spot = SpotFinder(TERRAIN, scene(creep=creep)).find(U.SPAWNINGPOOL)
    assert spot is not None
    assert all(creep[y, x] for x, y in cells(U.SPAWNINGPOOL, spot))
    assert SpotFinder(TERRAIN, scene(creep=np.zeros_like(creep))).find(U.SPAWNINGPOOL) is None


def test_depots_take_the_corners_of_the_ramp_first() -> None:
    corners = (Point2((45.0, 27.0)), Point2((45.0, 35.0)))
    land = terrain(ramp_depots=corners)
    first = SpotFinder(land, scene()).find(U.SUPPLYDEPOT)
    assert first == corners[0]
    second = SpotFinder(land, scene((U.SUPPLYDEPOTLOWERED, corners[0]))).find(U.SUPPLYDEPOT)
    assert second == corners[1]
    third = SpotFinder(land, scene(*((U.SUPPLYDEPOTLOWERED, c) for c in corners))).find(U.SUPPLYDEPOT)
    assert third not in corners


def test_without_any_room_there_is_no_spot() -> None:
    none = terrain(buildable=np.zeros((SIZE, SIZE), np.bool_))
    assert SpotFinder(none, scene()).find(U.BARRACKS) is None


def test_a_spot_is_found_quickly() -> None:
    SpotFinder(TERRAIN, scene()).find(U.BARRACKS)
    best = min(_timed() for _ in range(5))
    assert best < 0.03  # typically 2 ms; the bound only catches blow-ups


def _timed() -> float:
    begun = time.perf_counter()
    SpotFinder(TERRAIN, scene()).find(U.BARRACKS)
    return time.perf_counter() - begun


def test_what_is_wanted_near_a_place_is_built_there_or_not_at_all() -> None:
    place = Point2((80.0, 60.0))
    found = SpotFinder(TERRAIN, scene()).find(U.BARRACKS, place)
    assert found is not None
    assert found.distance_to(place) <= 15.0
    powered = scene((U.PYLON, Point2((34.0, 40.0))), pylons=(Point2((34.0, 40.0)),))
    assert SpotFinder(TERRAIN, powered).find(U.PHOTONCANNON, place) is None


def test_without_the_main_structures_stand_at_another_base() -> None:
    there = Scene(structures=((U.COMMANDCENTER, NATURAL),), townhalls=(NATURAL,))
    spot = SpotFinder(TERRAIN, there).find(U.ENGINEERINGBAY)
    assert spot is not None
    assert spot.distance_to(NATURAL) < 12.0
