"""What looks like an early attack, and what does not."""

from __future__ import annotations

from sc2.ids.unit_typeid import UnitTypeId as U

from modules.strategy.rush import Seen, bases_known, looks_like_rush

SECOND = 22.4


def seen(kind: U, progress: float, seconds: float) -> Seen:
    return Seen(kind, progress, round(seconds * SECOND))


def test_a_pool_that_is_half_done_after_a_minute_is_a_twelve_pool() -> None:
    assert looks_like_rush([seen(U.SPAWNINGPOOL, 0.6, 60)], 1, 0.0, round(60 * SECOND))


def test_a_pool_after_the_hatchery_is_none() -> None:
    assert not looks_like_rush([seen(U.SPAWNINGPOOL, 0.5, 95)], 2, 0.0, round(95 * SECOND))


def test_an_old_pool_tells_nothing_when_it_is_seen_late() -> None:
    assert not looks_like_rush([seen(U.SPAWNINGPOOL, 1.0, 200)], 2, 0.0, round(200 * SECOND))


def test_three_gateways_on_one_base_are_a_rush_with_two_bases_not() -> None:
    gates = [seen(U.GATEWAY, 0.5, 120) for _ in range(3)]
    assert looks_like_rush(gates, 1, 0.0, round(120 * SECOND))
    assert not looks_like_rush(gates, 2, 0.0, round(120 * SECOND))


def test_early_fighters_are_a_rush() -> None:
    assert looks_like_rush([], 1, 192.0, round(110 * SECOND))
    assert not looks_like_rush([], 1, 32.0, round(110 * SECOND))
    assert not looks_like_rush([], 1, 192.0, round(260 * SECOND))


def test_a_few_fighters_of_somebody_who_expands_are_none() -> None:
    assert not looks_like_rush([], 2, 200.0, round(154 * SECOND))
    assert looks_like_rush([], 2, 320.0, round(154 * SECOND))


def test_nothing_is_early_late_in_the_game() -> None:
    assert not looks_like_rush([seen(U.SPAWNINGPOOL, 0.6, 60)], 1, 900.0, round(600 * SECOND))


def test_no_second_base_after_two_and_a_half_minutes_is_a_rush() -> None:
    now = round(170 * SECOND)
    assert looks_like_rush([], 1, 0.0, now, natural_seen=155 * SECOND)
    assert not looks_like_rush([], 2, 0.0, now, natural_seen=155 * SECOND)
    assert not looks_like_rush([], 1, 0.0, now, natural_seen=120 * SECOND)


def test_many_fighters_are_a_rush_when_ours_are_fewer() -> None:
    now = round(235 * SECOND)
    assert looks_like_rush([], 1, 400.0, now, own_power=250.0)
    assert not looks_like_rush([], 1, 400.0, now, own_power=600.0)
    assert not looks_like_rush([], 1, 250.0, now, own_power=100.0)


def test_a_start_that_nobody_saw_is_a_base_all_the_same() -> None:
    start = [(30.0, 30.0)]
    assert bases_known([], start) == 1
    assert bases_known([(30.5, 30.5)], start) == 1
    assert bases_known([(50.5, 40.5)], start) == 2
    assert bases_known([(30.5, 30.5), (50.5, 40.5), (70.5, 40.5)], start) == 3


def test_a_natural_in_sight_is_no_missing_second_base() -> None:
    loop = round(160 * SECOND)
    assert looks_like_rush([], bases_known([], [(30.0, 30.0)]), 0.0, loop, natural_seen=loop)
    assert not looks_like_rush([], bases_known([(50.0, 40.0)], [(30.0, 30.0)]), 0.0, loop, natural_seen=loop)
