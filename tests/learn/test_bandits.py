"""Bandits: how much they lose against always playing the best arm, on matrices of win rates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cherrypy_bot.core.history import OpponentHistory
from cherrypy_bot.learn.bandits import KINDS, Bandit, Thompson, Ucb, make_bandit, outcomes
from tests.learn.win_rates import MATRICES

GAMES = 200
SERIES = 12


def regret(
    make: Callable[[int], Bandit], rates: np.ndarray, later: np.ndarray | None = None, games: int = GAMES
) -> float:
    """Mean share of wins given away per game against the best arm, over SERIES seeds.

    Args:
        rates: chance to win per arm. later: the same from the middle of the series on, None for no change.
    """
    given_away = []
    for seed in range(SERIES):
        bandit = make(seed)
        luck = np.random.default_rng(1000 + seed)
        for game in range(games):
            now = later if later is not None and game >= games // 2 else rates
            arm = bandit.choose()
            chance = now[bandit.arms.index(arm)]
            given_away.append(now.max() - chance)
            bandit.record(arm, float(luck.random() < chance))
    return float(np.mean(given_away))


def names(rates: np.ndarray) -> list[str]:
    return [f"build{index}" for index in range(len(rates))]


def spread_columns(race: str) -> list[np.ndarray]:
    """Win rates of our builds per opponent, where it matters which build is played."""
    return [column for column in MATRICES[race].T if column.max() - column.mean() > 0.15]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("race", sorted(MATRICES))
def test_every_bandit_gives_away_less_than_openings_at_random(kind: str, race: str) -> None:
    columns = spread_columns(race)
    assert len(columns) >= 2
    uniform = np.mean([column.max() - column.mean() for column in columns])
    mine = np.mean([regret(lambda seed, c=column: make_bandit(kind, names(c), seed), column) for column in columns])
    # Discounts forget: with ten openings UCB1 has to try each again and again.
    margin = 0.6 if kind == "discounted_ucb1" else 0.5
    print(f"{race} {kind}: {mine:.3f} of a win per game given away, {uniform:.3f} at random")
    assert mine < margin * uniform


@pytest.mark.parametrize("kind", ["ucb1", "thompson"])
def test_the_discounted_one_gives_away_less_when_the_opponent_changes_its_mind(kind: str) -> None:
    before = np.array([0.9, 0.1, 0.3, 0.2])
    after = np.array([0.1, 0.9, 0.3, 0.2])
    plain = regret(lambda seed: make_bandit(kind, names(before), seed), before, after, 600)
    discounted = regret(lambda seed: make_bandit(f"discounted_{kind}", names(before), seed), before, after, 600)
    print(f"{kind}: {plain:.3f} given away, discounted {discounted:.3f}")
    assert discounted < 0.85 * plain


def test_thompson_draws_from_the_true_posterior() -> None:
    bandit = Thompson(["only", "other"], 1)
    for reward in (1, 1, 1, 0, 0.5):
        bandit.record("only", reward)
    wins, losses = 1 + 3.5, 1 + 1.5
    total = wins + losses
    assert bandit.means()["only"] == pytest.approx(wins / total)
    assert bandit.spreads()["only"] == pytest.approx((wins * losses / (total**2 * (total + 1))) ** 0.5)
    # How often the draw of Beta(4.5, 2.5) beats a uniform one is its mean.
    chosen = np.mean([bandit.choose() == "only" for _ in range(4000)])
    assert chosen == pytest.approx(wins / total, abs=0.03)


def test_ucb1_has_the_bound_of_the_paper() -> None:
    bandit = Ucb(["a", "b"], 1)
    for arm, reward in (("a", 1), ("a", 0), ("a", 1), ("b", 0)):
        bandit.record(arm, reward)
    bound = {"a": 2 / 3 + (2 * np.log(4) / 3) ** 0.5, "b": 0 + (2 * np.log(4) / 1) ** 0.5}
    assert bandit.choose() == max(bound, key=bound.__getitem__)


def test_every_arm_is_tried_before_one_is_repeated_by_ucb1() -> None:
    bandit = Ucb(["a", "b", "c"], 1)
    tried = []
    for _ in range(3):
        tried.append(bandit.choose())
        bandit.record(tried[-1], 1.0)
    assert sorted(tried) == ["a", "b", "c"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_and_results_choose_the_same(kind: str) -> None:
    def series(seed: int) -> list[str]:
        bandit = make_bandit(kind, ["a", "b", "c"], seed)
        found = []
        for game in range(30):
            found.append(bandit.choose())
            bandit.record(found[-1], float(game % 3 == 0))
        return found

    assert series(5) == series(5)


def test_a_prior_decides_where_nothing_was_played() -> None:
    prior = {"a": (1.0, 9.0), "b": (9.0, 1.0)}
    chosen = [Thompson(["a", "b"], seed, prior=prior).choose() for seed in range(40)]
    assert chosen.count("b") > 35
    assert Ucb(["a", "b"], 1, prior=prior).choose() == "b"


def test_a_match_that_never_ended_counts_as_lost_and_so_its_opening_is_left(tmp_path: Path) -> None:
    history = OpponentHistory(tmp_path)
    for _ in range(6):
        crashed = history.begin("them", race="Zerg")
        crashed.note(opening="cursed")
        good = history.begin("them", race="Zerg")
        good.note(opening="plain")
        good.finish("Victory")
    history.begin("them", race="Terran").note(opening="plain")
    found = outcomes(history.past("them"), race="zerg")
    assert found == [("cursed", 0.0), ("plain", 1.0)] * 6
    bandit = make_bandit("thompson", ["cursed", "plain"], 1)
    for arm, reward in found:
        bandit.record(arm, reward)
    assert sum(bandit.choose() == "plain" for _ in range(100)) > 95


def test_builds_that_are_gone_and_impossible_rewards() -> None:
    bandit = make_bandit("ucb1", ["a"], 1)
    bandit.record("gone", 1.0)
    assert bandit.means() == {"a": 0.5}
    with pytest.raises(ValueError, match="0 to 1"):
        bandit.record("a", 2.0)
    with pytest.raises(ValueError, match="there are ucb1"):
        make_bandit("greedy", ["a"], 1)
    with pytest.raises(ValueError, match="differ"):
        make_bandit("ucb1", ["a", "a"], 1)
