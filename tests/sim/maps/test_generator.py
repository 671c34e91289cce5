"""Rules that every generated map obeys."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from cherrypy_bot.sim.maps import (
    SHIPPED_SEEDS,
    MapData,
    describe,
    generate,
    ground_distances,
    load_map,
    pathing_with_neutrals,
    shipped_maps,
)
from cherrypy_bot.sim.maps import generator as generator_module
from cherrypy_bot.sim.maps.analysis import resource_groups
from cherrypy_bot.sim.maps.model import MapError
from cherrypy_bot.sim.maps.neutrals import GEYSERS, MINERALS, footprint_cells
from cherrypy_bot.sim.maps.resource_lines import all_lines

SEEDS = (1, 2, 3, 40, 41)


@pytest.fixture(scope="module", params=SEEDS)
def m(request: pytest.FixtureRequest) -> MapData:
    return generate(request.param)


def same(a: MapData, b: MapData) -> bool:
    grids = all(np.array_equal(getattr(a, g), getattr(b, g)) for g in ("pathing", "placement", "terrain_height"))
    rest = all(
        getattr(a, f) == getattr(b, f) for f in ("name", "width", "height", "playable", "start_locations", "neutrals")
    )
    return grids and rest


@pytest.mark.parametrize("name", shipped_maps())
def test_shipped_maps_are_what_their_seed_gives(name: str) -> None:
    assert same(generate(SHIPPED_SEEDS[name], name), load_map(name))


def test_three_maps_are_shipped() -> None:
    assert shipped_maps() == sorted(SHIPPED_SEEDS)
    assert len(shipped_maps()) == 3


def test_two_seeds_give_two_maps() -> None:
    a, b = generate(2), generate(3)
    assert not same(a, MapData(**{**vars(b), "name": a.name}))


def test_map_is_point_symmetric(m: MapData) -> None:
    for grid in (m.pathing, m.placement, m.terrain_height):
        assert np.array_equal(grid, grid[::-1, ::-1])
    (ax, ay), (bx, by) = m.start_locations
    assert (ax + bx, ay + by) == (m.width, m.height)
    places = Counter((n.type_id, n.x, n.y, n.contents) for n in m.neutrals)
    turned = Counter((n.type_id, m.width - n.x, m.height - n.y, n.contents) for n in m.neutrals)
    assert places == turned


def test_only_the_playable_area_is_walkable(m: MapData) -> None:
    x0, y0, x1, y1 = m.playable
    outside = m.pathing.copy()
    outside[y0:y1, x0:x1] = False
    assert not outside.any()
    assert m.pathing.mean() > 0.3


def test_one_can_build_only_where_one_can_walk(m: MapData) -> None:
    assert not (m.placement & ~m.pathing).any()


def test_there_is_no_step_without_a_ramp(m: MapData) -> None:
    """Buildable neighbours are level; other walkable ones differ by at most two diagonals of a ramp."""
    height = m.terrain_height.astype(int)
    for dy, dx in ((0, 1), (1, 0)):
        here = np.s_[: m.height - dy, : m.width - dx]
        there = np.s_[dy:, dx:]
        step = np.abs(height[here] - height[there])
        assert step[m.pathing[here] & m.pathing[there]].max() <= 4
        assert step[m.placement[here] & m.placement[there]].max() == 0


def test_plateaus_have_ladder_heights(m: MapData) -> None:
    assert set(np.unique(m.terrain_height[m.placement])) <= {191, 207, 223}
    for x, y in m.start_locations:
        assert m.terrain_height[int(y), int(x)] == 223


def test_every_base_has_eight_fields_and_two_geysers(m: MapData) -> None:
    groups = resource_groups(m)
    assert 12 <= len(groups) <= 16
    for group in groups:
        kinds = Counter(m.neutrals[i].contents for i in group)
        assert kinds == {1800: 4, 900: 4, 2250: 2}


def test_resources_stand_on_buildable_level_ground_without_touching(m: MapData) -> None:
    taken: set[tuple[int, int]] = set()
    for n in m.neutrals:
        cells = {(int(y), int(x)) for y, x in footprint_cells(n.type_id, n.x, n.y)}
        assert not cells & taken
        taken |= cells
        if n.type_id in MINERALS | GEYSERS:
            assert all(m.placement[c] for c in cells)
            assert len({int(m.terrain_height[c]) for c in cells}) == 1
        if n.type_id in MINERALS:
            assert (n.x % 1, n.y % 1) == (0.0, 0.5)
        if n.type_id in GEYSERS:
            assert (n.x % 1, n.y % 1) == (0.5, 0.5)


def test_ground_distances_are_those_of_ladder_maps(m: MapData) -> None:
    distance = ground_distances(pathing_with_neutrals(m), *m.start_locations[0])
    ex, ey = m.start_locations[1]
    assert 135 <= distance[int(ey), int(ex)] <= 205
    centres = []
    for group in resource_groups(m):
        cx = float(np.mean([m.neutrals[i].x for i in group]))
        cy = float(np.mean([m.neutrals[i].y for i in group]))
        area = distance[int(cy) - 9 : int(cy) + 10, int(cx) - 9 : int(cx) + 10]
        centres.append(float(area.min()))
    centres.sort()
    assert np.isfinite(centres).all(), "a base cannot be reached"
    assert centres[4] <= 100, "a player has three thirds to choose from"


def test_main_has_one_way_in(m: MapData) -> None:
    """Without its 16 ramp cells no main is reached from the other."""
    blocked = m.pathing.copy()
    ax, ay = (int(v) for v in m.start_locations[0])
    near = np.zeros_like(blocked)
    near[max(0, ay - 26) : ay + 27, max(0, ax - 26) : ax + 27] = True
    slope = m.pathing & ~m.placement & near & (m.terrain_height > 207)
    assert slope.any()
    blocked[slope] = False
    bx, by = (int(v) for v in m.start_locations[1])
    assert np.isinf(ground_distances(blocked, ax, ay)[by, bx])


def test_lines_keep_three_cells_between_town_hall_and_resources() -> None:
    """The game forbids a town hall's 5x5 cells in the zone around resources (facts of its footprints)."""
    fields = {(dx, dy) for dy in range(-3, 4) for dx in range(-4, 4) if abs(dy) < 3 or -4 < dx < 3}
    rows = {0: 4, 1: 4, 2: 4, 3: 3, 4: 2}
    geysers = {(dx, dy) for dy in range(-4, 5) for dx in range(-4, 5) if abs(dx) <= rows[abs(dy)]}
    hall = {(dx, dy) for dx in range(-2, 3) for dy in range(-2, 3)}
    for line in all_lines():
        for r in line:
            zone = fields if r.type_id in MINERALS else geysers
            cx, cy = int(np.floor(0.5 + r.dx)), int(np.floor(0.5 + r.dy))
            assert not hall & {(cx + dx, cy + dy) for dx, dy in zone}, r


def test_hopeless_seed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator_module, "MAX_DRAWS", 1)
    monkeypatch.setattr(generator_module, "RUSH_DISTANCE", (999.0, 1000.0))
    with pytest.raises(MapError, match=r"seed 5: none of 1 draws .* use another seed"):
        generate(5)


def test_description_counts_what_is_there() -> None:
    facts = describe(load_map("CherryGroveLE"))
    assert facts["bases"] == 16
    assert facts["mineral_fields"] == 128
    assert facts["geysers"] == 32
    assert 135 <= float(str(facts["rush_distance"])) <= 205
