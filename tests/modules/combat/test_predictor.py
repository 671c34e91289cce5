"""The fight on paper: fair, sensible, and the same every time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.combat import Prediction, Side
from tests.modules.combat.armies import LIFE, predictor, side

GROUND_FIGHTERS = ("marine", "marauder", "reaper", "zealot", "stalker", "zergling", "roach", "queen", "immortal")

armies = st.dictionaries(st.sampled_from(GROUND_FIGHTERS), st.integers(1, 8), min_size=1, max_size=3)


def predict(ours: Side, theirs: Side) -> Prediction:
    return predictor().predict(ours, theirs)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(armies, armies)
def test_swapping_the_sides_swaps_the_losses(ours: dict[str, int], theirs: dict[str, int]) -> None:
    there = predict(side(**ours), side(**theirs))
    back = predict(side(**theirs), side(**ours))
    assert there.ours == pytest.approx(back.theirs, abs=1e-6)
    assert there.theirs == pytest.approx(back.ours, abs=1e-6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(armies, armies, st.sampled_from(GROUND_FIGHTERS))
def test_one_more_fighter_does_not_make_it_worse(ours: dict[str, int], theirs: dict[str, int], more: str) -> None:
    """Ranks shift when somebody joins, so tiny losses are allowed; a worse outcome is not."""
    before = predict(side(**ours), side(**theirs))
    after = predict(side(**{**ours, more: ours.get(more, 0) + 1}), side(**theirs))
    assert after.margin >= before.margin - 0.12


@settings(max_examples=40, deadline=None, derandomize=True)
@given(armies, armies)
def test_losses_are_shares_and_somebody_loses_something(ours: dict[str, int], theirs: dict[str, int]) -> None:
    forecast = predict(side(**ours), side(**theirs))
    assert 0.0 <= forecast.ours <= 1.0
    assert 0.0 <= forecast.theirs <= 1.0
    assert max(forecast.ours, forecast.theirs) > 0.0
    assert 0.0 <= forecast.confidence <= 1.0


@pytest.mark.parametrize("kind", GROUND_FIGHTERS)
def test_a_mirror_is_a_coin_toss_and_half_as_many_lose(kind: str) -> None:
    assert predict(side(**{kind: 6}), side(**{kind: 6})).win == pytest.approx(0.5)
    outnumbered = predict(side(**{kind: 4}), side(**{kind: 8}))
    assert outnumbered.ours == pytest.approx(1.0)
    assert outnumbered.win < 0.1


def test_the_same_fight_comes_out_the_same_alone_and_among_others() -> None:
    fight = (side(marine=8, marauder=2), side(zealot=4, stalker=2))
    others = [(side(roach=n), side(stalker=12 - n)) for n in range(1, 12)]
    alone = predict(*fight)
    among = predictor().predict_many([*others[:5], fight, *others[5:]])[5]
    assert (among.ours, among.theirs) == pytest.approx((alone.ours, alone.theirs), abs=1e-6)


def test_an_empty_side_neither_loses_nor_kills() -> None:
    nobody = Side.make()
    forecast = predict(nobody, side(marine=5))
    assert (forecast.ours, forecast.theirs) == (0.0, 0.0)
    assert forecast.win == 0.5
    assert predictor().predict_many([]) == []


def test_who_cannot_shoot_up_loses_to_void_rays_unharmed() -> None:
    forecast = predict(side(voidray=3), side(roach=12))
    assert forecast.ours == 0.0
    assert forecast.theirs == pytest.approx(1.0)


def test_the_end_is_known_when_only_one_side_can_hurt_the_other() -> None:
    """Twelve roaches have 1,740 life: three void rays would shoot at them for longer than the simulation lasts."""
    forecast = predict(side(voidray=1), side(roach=24))
    assert (forecast.ours, forecast.theirs) == (0.0, 1.0)
    nobody = predict(side(medivac=3), side(roach=5))
    assert (nobody.ours, nobody.theirs) == (0.0, 0.0)


def test_large_armies_are_thinned_and_come_out_alike() -> None:
    few = predict(side(marine=36, marauder=4), side(zealot=20, stalker=10))
    many = predict(side(marine=108, marauder=12), side(zealot=60, stalker=30))
    assert many.margin == pytest.approx(few.margin, abs=0.15)
    thin = side(marine=90, marauder=10).thinned(0.2)
    assert len(thin) == 20
    assert int((thin.type_id == side(marauder=1).type_id[0]).sum()) == 2


def test_splash_counts() -> None:
    """3 colossi and 4 zealots (1300 minerals, 600 gas) do better against marines than 14 zealots (1400)."""
    marines = side(marine=24)
    assert predict(side(colossus=3, zealot=4), marines).margin > predict(side(zealot=14), marines).margin


def test_upgrades_and_wounds_count() -> None:
    even = side(marine=10)
    better = Side(even.type_id, even.health, even.shield, even.flying, even.attack_level + 1, even.armor_level + 1)
    hurt = Side(even.type_id, even.health * 0.6, even.shield, even.flying, even.attack_level, even.armor_level)
    assert predict(better, even).win > 0.6
    assert predict(hurt, even).win < 0.4


def test_units_of_unknown_type_do_no_harm_to_the_rest() -> None:
    strange = side(marine=4)
    strange.type_id[0] = 10**6
    forecast = predict(strange, side(marine=4))
    assert forecast.win < 0.5


def test_a_thousand_predictions_a_second() -> None:
    """20 v 12 in one call; the bound leaves room for a slow and busy machine (measured: about 2,300)."""
    fights = [(side(marine=20), side(zealot=12))] * 200
    predictor().predict_many(fights[:50])
    best = min(_seconds(fights) for _ in range(3))
    assert best < 200 / 300.0


def _seconds(fights: list[tuple[Side, Side]]) -> float:
    begun = time.perf_counter()
    predictor().predict_many(fights)
    return time.perf_counter() - begun


def test_sides_add_up() -> None:
    both = side(marine=2) + side(medivac=1)
    assert len(both) == 3
    assert both.flying.tolist() == [False, False, True]
    assert np.allclose(both.health, [45.0, 45.0, LIFE["MEDIVAC"][0]])
