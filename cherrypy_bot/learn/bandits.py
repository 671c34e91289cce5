"""Bandits: which opening to play against an opponent of whom nothing but earlier results is known.

    bandit = make_bandit("thompson", ["roach_timing", "twelve_pool"], seed=3)
    for arm, reward in outcomes(record.past, race="zerg"):      # what core.history remembers of this opponent
        bandit.record(arm, reward)
    opening = bandit.choose()

UCB1 is Auer, Cesa-Bianchi and Fischer 2002; the discounted index is Garivier and Moulines 2008; Thompson sampling draws
from the true posterior of a Beta prior. Discounting lets old results count less with every later one, for opponents
that change their mind. Rewards are 0 to 1: a win 1, a tie 0.5, a loss 0. Needs numpy alone and goes to the ladder.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from cherrypy_bot.core.history import PastMatch

KINDS: Final = ("ucb1", "thompson", "discounted_ucb1", "discounted_thompson")
DISCOUNT: Final = 0.98
"""After 34 further results a result counts half."""
EXPLORATION: Final = 0.2
"""Histories are short: over 200 games on win rates of builds UCB1's 2 gives away four times as much as this."""
REWARDS: Final[Mapping[str, float]] = {"Victory": 1.0, "Tie": 0.5, "Defeat": 0.0}
OPENING_NOTE: Final = "opening"
"""Under this name a match's opening is noted in `core.history`."""

Floats = npt.NDArray[np.float64]


class Bandit(Protocol):
    """What all bandits can do. `arms` keeps the order in which they were given."""

    arms: tuple[str, ...]

    def record(self, arm: str, reward: float) -> None:
        """Take in a result; arms that are not known (a build that is gone) are ignored. ValueError outside 0..1."""

    def choose(self) -> str:
        """The arm to play next."""

    def means(self) -> dict[str, float]:
        """Expected reward per arm."""

    def spreads(self) -> dict[str, float]:
        """Standard deviation of what is believed about that expectation."""


class _Counted:
    """Discounted sums of results per arm, and the Beta posterior that follows from them."""

    def __init__(
        self, arms: Sequence[str], seed: int, discount: float, prior: Mapping[str, tuple[float, float]] | None
    ) -> None:
        if not arms or len(set(arms)) != len(arms):
            raise ValueError(f"a bandit needs arms that differ, not {list(arms)}")
        if not 0.0 < discount <= 1.0:
            raise ValueError(f"a discount lies above 0 and is at most 1, not {discount}")
        self.arms = tuple(arms)
        self._rng = np.random.default_rng(seed)
        self._discount = discount
        self._plays: Floats = np.zeros(len(self.arms))
        self._rewards: Floats = np.zeros(len(self.arms))
        given = [(prior or {}).get(arm, (1.0, 1.0)) for arm in self.arms]
        if any(wins <= 0.0 or losses <= 0.0 for wins, losses in given):
            raise ValueError("a Beta prior has positive parameters")
        self._prior: Floats = np.array(given)

    def record(self, arm: str, reward: float) -> None:
        if not 0.0 <= reward <= 1.0:
            raise ValueError(f"a reward is 0 to 1, not {reward}")
        if arm not in self.arms:
            return
        self._plays *= self._discount
        self._rewards *= self._discount
        index = self.arms.index(arm)
        self._plays[index] += 1.0
        self._rewards[index] += reward

    def means(self) -> dict[str, float]:
        wins, losses = self._posterior()
        return dict(zip(self.arms, (wins / (wins + losses)).tolist(), strict=True))

    def spreads(self) -> dict[str, float]:
        wins, losses = self._posterior()
        total = wins + losses
        return dict(zip(self.arms, np.sqrt(wins * losses / (total * total * (total + 1.0))).tolist(), strict=True))

    def _posterior(self) -> tuple[Floats, Floats]:
        return self._prior[:, 0] + self._rewards, self._prior[:, 1] + self._plays - self._rewards

    def _best(self, values: Floats) -> str:
        """The arm with the greatest value; equal ones by lot."""
        best = np.flatnonzero(values >= values.max())
        return self.arms[int(self._rng.choice(best))]


class Ucb(_Counted):
    """Optimism in the face of uncertainty: the arm whose mean may be greatest.

    Args:
        arms: names, in an order that stays the same.
        seed: of the draws between equal arms.
        discount: what a result counts after one more result; 1 is UCB1, less the discounted UCB.
        exploration: factor under the root; 2 is UCB1's (regret bounded for every matrix). Less explores less.
        prior: per arm wins and losses that it begins with; means only, the bonus counts real games.
    """

    def __init__(
        self,
        arms: Sequence[str],
        seed: int,
        *,
        discount: float = 1.0,
        exploration: float = 2.0,
        prior: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        super().__init__(arms, seed, discount, prior)
        self._exploration = exploration

    def choose(self) -> str:
        """An arm not played yet, else the one with the greatest upper bound."""
        plays = self._plays
        # What was last played long ago under a strong discount counts as not played.
        fresh = plays < 1e-3
        if fresh.any():
            wins, losses = self._posterior()
            return self._best(np.where(fresh, wins / (wins + losses), -1.0))
        bonus = np.sqrt(self._exploration * math.log(max(math.e, plays.sum())) / plays)
        return self._best(self._rewards / plays + bonus)


class Thompson(_Counted):
    """A draw from what is believed about every arm (Beta posterior); the greatest is played.

    Args: as `Ucb`; `prior` holds the Beta prior's parameters per arm, (1, 1) where it says nothing.
    """

    def __init__(
        self,
        arms: Sequence[str],
        seed: int,
        *,
        discount: float = 1.0,
        prior: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        super().__init__(arms, seed, discount, prior)

    def choose(self) -> str:
        """The arm with the greatest draw."""
        return self._best(self._rng.beta(*self._posterior()))


def make_bandit(
    kind: str,
    arms: Sequence[str],
    seed: int,
    *,
    discount: float = DISCOUNT,
    prior: Mapping[str, tuple[float, float]] | None = None,
) -> Bandit:
    """A bandit by name, one of KINDS; `discount` is for the discounted ones. ValueError for other names."""
    if kind == "ucb1":
        return Ucb(arms, seed, exploration=EXPLORATION, prior=prior)
    if kind == "discounted_ucb1":
        return Ucb(arms, seed, discount=discount, exploration=EXPLORATION, prior=prior)
    if kind == "thompson":
        return Thompson(arms, seed, prior=prior)
    if kind == "discounted_thompson":
        return Thompson(arms, seed, discount=discount, prior=prior)
    raise ValueError(f"there is no bandit '{kind}'; there are {', '.join(KINDS)}")


def outcomes(past: Iterable[PastMatch], race: str = "") -> list[tuple[str, float]]:
    """(opening, reward) of the earlier matches whose opening is known, oldest first.

    A match that did not live to see its result is a loss: whatever made the bot crash must not be tried for ever.

    Args:
        past: of one opponent, as `OpponentHistory.past` gives them.
        race: ours; matches played as another race are left out ("" takes all), in any case.
    """
    return [
        (str(match.notes[OPENING_NOTE]), REWARDS[match.result])
        for match in past
        if OPENING_NOTE in match.notes and (not race or not match.race or match.race.lower() == race.lower())
    ]
