"""Standard fights: as expected, stable over seeds, the same with the sides swapped, monotone in numbers."""

import statistics
from dataclasses import replace

import pytest

from tests.sim.kernels.fights import FIGHTS, SEEDS, Fight, army, outcomes

DECIDED = [f for f in FIGHTS if f.expect]
OPEN = [f for f in FIGHTS if not f.expect]
FEW = 10


def _margins(fight: Fight, seeds: int = SEEDS) -> list[float]:
    return [o.margin for o in outcomes(fight, seeds)]


def _error(margins: list[float]) -> float:
    """Standard error of the mean."""
    return statistics.stdev(margins) / len(margins) ** 0.5


@pytest.mark.parametrize("fight", DECIDED, ids=lambda f: f.name)
def test_the_stronger_side_wins_whatever_the_seed(fight: Fight) -> None:
    margins = _margins(fight)
    assert sum(m * fight.expect > 0 for m in margins) >= 18, margins
    assert statistics.pstdev(margins) < 0.2


@pytest.mark.parametrize("fight", FIGHTS, ids=lambda f: f.name)
def test_swapping_sides_changes_nothing_but_chance(fight: Fight) -> None:
    margins = _margins(fight)
    here, there = margins[::2], margins[1::2]
    error = (_error(here) ** 2 + _error(there) ** 2) ** 0.5
    assert abs(statistics.mean(here) - statistics.mean(there)) < max(4 * error, 0.05)


@pytest.mark.parametrize("fight", OPEN, ids=lambda f: f.name)
def test_equal_armies_win_equally_often(fight: Fight) -> None:
    """40 fights: fewer than 9 wins of a side has a chance of one in 3,000 if both are equal."""
    wins = sum(margin * (1 - 2 * (seed % 2)) > 0 for seed, margin in enumerate(_margins(fight, 40)))
    assert 9 <= wins <= 31, wins


@pytest.mark.parametrize("fight", DECIDED, ids=lambda f: f.name)
def test_one_more_unit_never_makes_a_side_lose_more(fight: Fight) -> None:
    """For the side that loses, within what chance allows."""
    side = "second" if fight.expect > 0 else "first"
    (kind, count), *others = getattr(fight, side)
    bigger = replace(fight, **{side: army((kind, count + 1), *others)})
    before, after = _margins(fight, FEW), _margins(bigger, FEW)
    gained = (statistics.mean(after) - statistics.mean(before)) * -fight.expect
    assert gained > -2 * (_error(before) ** 2 + _error(after) ** 2) ** 0.5 - 0.01


@pytest.mark.parametrize(
    ("name", "other", "count"), [("Marine", "Marine", 12), ("Zergling", "Zergling", 16), ("Roach", "Stalker", 8)]
)
def test_more_units_do_better(name: str, other: str, count: int) -> None:
    mean = []
    for more in (0, 2, 4, 6):
        mean.append(statistics.mean(_margins(Fight(army((name, count + more)), army((other, count)), 0, ""))))
    assert mean == sorted(mean), mean
    assert mean[-1] > mean[0] + 0.2
