"""Workers against cannons and pylons that are being built at our place."""

from __future__ import annotations

import dataclasses

import hypothesis.strategies as st
from hypothesis import given
from sc2.ids.unit_typeid import UnitTypeId as U

from modules.economy.proxies import MOST_EACH, MOST_SHARE, UNHURRIED, Site, breakers

CANNON_LOOPS = 640.0


def cannon(tag: int = 1, progress: float = 0.0, way: float = 12.0, x: float = 40.0, y: float = 40.0) -> Site:
    return Site(tag, U.PHOTONCANNON, x, y, 300.0 * (0.1 + 0.9 * progress), 300.0, min(progress, 1.0), CANNON_LOOPS, way)


def pylon(tag: int = 9, progress: float = 1.0, way: float = 12.0, x: float = 42.0, y: float = 40.0) -> Site:
    return Site(tag, U.PYLON, x, y, 400.0 * (0.1 + 0.9 * progress), 400.0, progress, 400.0, way)


def test_a_cannon_that_has_just_begun_takes_a_few_workers() -> None:
    assert 3 <= breakers([cannon()], 16)[1] <= 6


def test_the_further_it_is_the_more_must_come() -> None:
    numbers = [breakers([cannon(progress=p)], 40).get(1, 99) for p in (0.0, 0.2, 0.35)]
    assert numbers == sorted(numbers)
    assert numbers[0] < numbers[-1]


def test_nobody_runs_for_a_cannon_that_is_finished_before_they_are_there() -> None:
    assert breakers([cannon(progress=0.95)], 40) == {}


def test_what_a_finished_cannon_covers_is_left_alone() -> None:
    assert breakers([cannon(1, progress=1.0), cannon(2, x=43.0), pylon()], 40) == {}
    far = cannon(2, x=60.0)
    assert set(breakers([cannon(1, progress=1.0), far], 40)) == {2}


def test_the_pylon_is_broken_where_its_cannons_are_too_many() -> None:
    cannons = [cannon(tag, progress=0.05, way=5.0, x=40.0 + tag) for tag in range(1, 5)]
    weak = dataclasses.replace(pylon(way=5.0), life=120.0)
    assert set(breakers([*cannons, weak], 20)) == {9}


def test_a_pylon_alone_is_broken_without_haste() -> None:
    assert breakers([pylon()], 16) == {9: UNHURRIED}


def test_few_workers_stay_at_the_minerals() -> None:
    assert breakers([pylon()], 5) == {}


SITES = st.builds(
    cannon,
    tag=st.integers(1, 6),
    progress=st.floats(0.0, 1.0),
    way=st.floats(0.0, 40.0),
    x=st.floats(30.0, 70.0),
    y=st.floats(30.0, 70.0),
)


@given(st.lists(SITES, max_size=6, unique_by=lambda s: s.tag), st.booleans(), st.integers(0, 70))
def test_never_more_than_the_share_and_never_at_a_gun(sites: list[Site], powered: bool, workers: int) -> None:
    everything = [*sites, *([pylon()] if powered else [])]
    sent = breakers(everything, workers)
    assert sum(sent.values()) <= MOST_SHARE * workers
    assert all(0 < number <= MOST_EACH for number in sent.values())
    finished = {site.tag for site in everything if site.finished and site.kind is not U.PYLON}
    assert not finished & set(sent)
