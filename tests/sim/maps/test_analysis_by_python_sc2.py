"""python-sc2's own analysis, unmodified, finds on our maps what the generator put there."""

from __future__ import annotations

import numpy as np
import pytest
from sc2.bot_ai import BotAI
from sc2.position import Point2
from scipy import ndimage

from cherrypy_bot.sim.maps import MapData, generate, load_map, shipped_maps
from tests.reference import needs_reference
from tests.sim.maps.protos import analysed, capture, cells_of, game_info, observation

SEEDS = (17, 101, 102)
MAPS = [*shipped_maps(), *(f"seed {s}" for s in SEEDS)]
LADDER_RAMPS = {(16, 2, 3), (34, 4, 7), (52, 6, 11), (70, 8, 15)}
"""Cells, upper and lower points of the diagonal ramps on the captured ladder maps."""


@pytest.fixture(scope="module", params=MAPS)
def m(request: pytest.FixtureRequest) -> MapData:
    name: str = request.param
    return generate(int(name.split()[1])) if name.startswith("seed") else load_map(name)


@pytest.fixture(scope="module", params=(0, 1))
def bot(m: MapData, request: pytest.FixtureRequest) -> BotAI:
    return analysed(game_info(m, request.param), observation(m, request.param))


def buildable(m: MapData, centre: Point2, side: int) -> bool:
    return all(m.placement[y, x] for x, y in cells_of(centre, side))


def test_every_base_is_found_where_ten_resources_leave_room_for_it(m: MapData, bot: BotAI) -> None:
    found = bot.expansion_locations_list
    assert len(found) == sum(n.contents > 0 for n in m.neutrals) // 10
    assert len(found) == len(set(found)) >= 12
    for centre in found:
        assert sum(n.contents > 0 and abs(n.x - centre.x) < 8 and abs(n.y - centre.y) < 8 for n in m.neutrals) >= 10
        assert buildable(m, centre, 5)
    for start in m.start_locations:
        assert Point2(start) in found


def test_main_ramp_is_the_ladder_ramp(m: MapData, bot: BotAI) -> None:
    ramp = bot.main_base_ramp
    assert (len(ramp.points), len(ramp.upper), len(ramp.lower)) == (16, 2, 3)
    assert ramp.upper2_for_ramp_wall == ramp.upper
    assert 9 <= ramp.top_center.distance_to(bot.game_info.player_start_location) <= 24
    top, bottom = (int(bot.game_info.terrain_height[p.rounded]) for p in (ramp.top_center, ramp.bottom_center))
    assert top > bottom


def test_terran_wall_fits_on_the_main_ramp(m: MapData, bot: BotAI) -> None:
    ramp = bot.main_base_ramp
    depots = [ramp.depot_in_middle, *ramp.corner_depots]
    assert len(depots) == 3
    assert all(buildable(m, depot, 2) for depot in depots)
    barracks = ramp.barracks_correct_placement
    assert buildable(m, barracks, 3)
    wall = [c for depot in ramp.corner_depots for c in cells_of(depot, 2)] + cells_of(barracks, 3)
    assert len(wall) == len(set(wall)), "barracks and corner depots overlap"
    height = {int(m.terrain_height[y, x]) for x, y in wall}
    assert len(height) == 1, "a wall stands on one level"


def test_terran_wall_closes_the_main(m: MapData, bot: BotAI) -> None:
    ramp = bot.main_base_ramp
    open_ground = m.pathing.copy()
    for x, y in [c for d in (ramp.depot_in_middle, *ramp.corner_depots) for c in cells_of(d, 2)]:
        open_ground[y, x] = False
    start = bot.game_info.player_start_location
    assert reachable(m.pathing, start, ramp.bottom_center)
    assert not reachable(open_ground, start, ramp.bottom_center)


def reachable(grid: np.ndarray, start: Point2, goal: Point2) -> bool:
    """Flood fill without corner cutting."""
    parts, _ = ndimage.label(grid)
    return bool(parts[start.rounded[1], start.rounded[0]] == parts[goal.rounded[1], goal.rounded[0]])


def test_protoss_wall_fits_on_the_main_ramp(m: MapData, bot: BotAI) -> None:
    ramp = bot.main_base_ramp
    assert buildable(m, ramp.protoss_wall_pylon, 2)
    assert len(ramp.protoss_wall_buildings) == 2
    assert all(buildable(m, gateway, 3) for gateway in ramp.protoss_wall_buildings)
    x, y = (int(v) for v in ramp.protoss_wall_warpin)
    assert m.pathing[y, x]


def test_all_ramps_are_ladder_ramps(bot: BotAI) -> None:
    kinds = [(len(r.points), len(r.upper), len(r.lower)) for r in bot.game_info.map_ramps]
    assert set(kinds) <= LADDER_RAMPS
    assert kinds.count((16, 2, 3)) == 2, "one main ramp for each player"


@needs_reference
def test_ladder_maps_have_these_ramps() -> None:
    """The table above against what python-sc2 finds on a real map."""
    ramps = analysed(*capture("KairosJunctionLE")).game_info.map_ramps
    kinds = {(len(r.points), len(r.upper), len(r.lower)) for r in ramps}
    assert {(16, 2, 3), (34, 4, 7), (52, 6, 11)} <= kinds
