"""A view as numbers: every number has a name, what is not known is said, nothing depends on anything else."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.learn.features import FEATURE_COUNT, feature_names, features, groups
from cherrypy_bot.learn.view import EnemySeen, MapFacts, SelectorRecord, StateView, fill_grid, grid_cells

FULL = StateView(
    loop=5000,
    race="zerg",
    enemy_race="terran",
    own={U.ROACH.value: 8, U.DRONE.value: 30, U.HATCHERY.value: 2},
    pending={U.ROACH.value: 4},
    enemy={U.MARINE.value: EnemySeen(6, 0), U.SIEGETANKSIEGED.value: EnemySeen(2, 2016)},
    minerals=350.0,
    vespene=100.0,
    supply_used=60.0,
    supply_cap=68.0,
    supply_army=24.0,
    supply_workers=30.0,
    bases=2,
    enemy_bases=1,
    upgrades=frozenset({UpgradeId.ZERGLINGMOVEMENTSPEED.value}),
    upgrades_pending=frozenset({UpgradeId.GLIALRECONSTITUTION.value}),
    build="roach_timing",
    build_loops=5000,
    forecast=({U.ROACH.value: 8}, {U.ROACH.value: 12}, {U.ROACH.value: 16}),
    grids=np.ones((4, 8, 8), np.float32),
    map=MapFacts(140.0, 120.0, 110.0, 14),
)


def entry(view: StateView, name: str) -> float:
    return float(features(view)[feature_names().index(name)])


def test_every_number_has_one_name() -> None:
    names = feature_names()
    assert len(names) == len(set(names)) == FEATURE_COUNT == features(FULL).shape[0]
    assert sum(place.stop - place.start for place in groups().values()) == FEATURE_COUNT


def test_counts_stand_where_their_names_say() -> None:
    assert entry(FULL, "own: ROACH") == np.float32(np.log1p(8) / 2)
    assert entry(FULL, "pending: ROACH") == np.float32(np.log1p(4) / 2)
    assert entry(FULL, "forecast: ROACH +30s") == np.float32(np.log1p(16) / 2)
    assert entry(FULL, "own: ZERGLING") == 0.0
    assert entry(FULL, "upgrades: ZERGLINGMOVEMENTSPEED") == 1.0
    assert entry(FULL, "upgrades pending: GLIALRECONSTITUTION") == 1.0


def test_sieged_tanks_are_tanks_and_what_was_seen_long_ago_is_half_forgotten() -> None:
    assert entry(FULL, "enemy: SIEGETANK") == np.float32(np.log1p(2) / 2)
    assert entry(FULL, "enemy fresh: MARINE") == 1.0
    assert abs(entry(FULL, "enemy fresh: SIEGETANK") - 0.5) < 1e-3


def test_what_is_not_known_is_said_and_not_made_up() -> None:
    nothing = StateView(loop=5000, race="zerg")
    found = features(nothing)
    assert not found[groups()["known"]].any()
    for group in ("bank", "supply", "pending", "enemy", "upgrades", "forecast", "places", "map", "balance"):
        assert not found[groups()[group]].any(), group
    assert features(FULL)[groups()["known"]].all()
    # A bank of nothing is known and differs from one that is not.
    empty = replace(nothing, minerals=0.0, vespene=0.0)
    assert entry(empty, "known: bank") == 1.0
    assert entry(nothing, "known: bank") == 0.0


def test_the_name_of_the_build_is_no_feature() -> None:
    assert np.array_equal(features(FULL), features(replace(FULL, build="mutalisk")))


counts = st.dictionaries(st.integers(-10, 5000), st.integers(0, 10**6), max_size=8)
views = st.builds(
    StateView,
    loop=st.integers(0, 10**6),
    race=st.sampled_from(["zerg", "terran", "protoss", ""]),
    enemy_race=st.sampled_from(["zerg", None, "random"]),
    own=counts,
    pending=counts,
    enemy=st.dictionaries(
        st.integers(-10, 5000), st.builds(EnemySeen, st.integers(0, 10**6), st.integers(-5, 10**7)), max_size=8
    ),
    minerals=st.one_of(st.none(), st.floats(-1e9, 1e9)),
    vespene=st.floats(-1e9, 1e9),
    supply_used=st.floats(-1e6, 1e6),
    supply_cap=st.one_of(st.none(), st.floats(-1e6, 1e6)),
    supply_army=st.floats(-1e6, 1e6),
    supply_workers=st.floats(-1e6, 1e6),
    bases=st.integers(-2, 10**6),
    build_loops=st.one_of(st.none(), st.integers(0, 10**7)),
    map=st.builds(MapFacts, st.floats(0, 1e6), st.floats(0, 1e6), st.one_of(st.none(), st.floats(0, 1e6)), st.just(4)),
)


@settings(max_examples=60, deadline=None)
@given(views)
def test_whatever_is_seen_the_numbers_stay_finite_and_small(view: StateView) -> None:
    found = features(view)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 10.0
    assert np.array_equal(found, features(view))


def test_places_lie_along_the_way_to_the_enemy_on_every_map() -> None:
    x, y = np.array([10.0, 110.0, 60.0, 10.0]), np.array([20.0, 20.0, 20.0, 70.0])
    cells = grid_cells(x, y, (10.0, 20.0), (110.0, 20.0))
    assert [divmod(int(cell), 8) for cell in cells] == [(4, 1), (4, 6), (4, 4), (6, 1)]
    # The same map turned by a quarter.
    turned = grid_cells(-y, x, (-20.0, 10.0), (-20.0, 110.0))
    assert turned.tolist() == cells.tolist()
    assert fill_grid(cells, np.array([1.0, 2.0, 3.0, 4.0])).sum() == 10.0


def test_places_outside_count_for_the_edge() -> None:
    cells = grid_cells(np.array([-500.0, 900.0]), np.array([0.0, 0.0]), (0.0, 0.0), (100.0, 0.0))
    assert [int(cell) % 8 for cell in cells] == [0, 7]


def test_a_vector_takes_half_a_millisecond_at_most() -> None:
    times = []
    for _ in range(40):
        begin = time.process_time()
        for _ in range(5):
            features(FULL)
        times.append((time.process_time() - begin) / 5)
    assert np.median(times) < 0.5e-3


def test_a_record_says_what_it_holds_without_listing_it() -> None:
    record = SelectorRecord(("a", "b"), 1)
    record.add(0, features(FULL), build="", switch="b", random=True, values={})
    record.add(112, features(FULL), build="b", switch=None, random=False, values={"a": 0.4, "b": 0.5})
    assert (record.build, record.switch, record.random, record.loops) == ([-1, 1], [1, -1], [True, False], [0, 112])
    assert repr(record) == "2 evaluations of 2 builds, 1 decisions"
