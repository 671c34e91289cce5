"""Standard fights: as expected, stable over seeds, the same with the sides swapped, monotone in numbers."""

import statistics
from dataclasses import replace

import pytest

from tests.sim.kernels.fights import FIGHTS, Fight, army, play

SEEDS = range(20)
DECIDED = [f for f in FIGHTS if f.expect]
OPEN = [f for f in FIGHTS if not f.expect]


@pytest.mark.parametrize("fight", DECIDED, ids=lambda f: f.name)
def test_the_stronger_side_wins_whatever_the_seed(fight: Fight) -> None:
    margins = [play(fight, seed, swap=bool(seed % 2)).margin for seed in SEEDS]
    assert sum(m * fight.expect > 0 for m in margins) >= 18, margins
    assert statistics.pstdev(margins) < 0.2


@pytest.mark.parametrize("fight", DECIDED[:12:3], ids=lambda f: f.name)
def test_swapping_sides_changes_nothing_but_chance(fight: Fight) -> None:
    here = [play(fight, seed).margin for seed in SEEDS]
    there = [play(fight, seed, swap=True).margin for seed in SEEDS]
    error = (statistics.variance(here) / len(here) + statistics.variance(there) / len(there)) ** 0.5
    assert abs(statistics.mean(here) - statistics.mean(there)) < max(4 * error, 0.02)


@pytest.mark.parametrize("fight", OPEN, ids=lambda f: f.name)
def test_equal_armies_win_equally_often(fight: Fight) -> None:
    """40 fights: fewer than 9 wins of a side has a chance of one in 3,000 if both are equal."""
    wins = sum(play(fight, seed // 2, swap=bool(seed % 2)).margin * (1 - 2 * (seed % 2)) > 0 for seed in range(40))
    assert 9 <= wins <= 31, wins


@pytest.mark.parametrize(
    ("name", "other", "count"), [("Marine", "Marine", 12), ("Zergling", "Zergling", 16), ("Roach", "Stalker", 8)]
)
def test_more_units_never_do_worse(name: str, other: str, count: int) -> None:
    fight = Fight(army((name, count)), army((other, count)), 0, "")
    mean = []
    for more in (0, 2, 4, 6):
        bigger = replace(fight, first=army((name, count + more)))
        mean.append(statistics.mean(play(bigger, seed, swap=bool(seed % 2)).margin for seed in SEEDS))
    assert mean == sorted(mean), mean
    assert mean[-1] > mean[0] + 0.2
