"""Policies answer with what is allowed, and chance has the probabilities it says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from cherrypy_bot.learn.features import features
from cherrypy_bot.learn.policies import (
    Explore,
    Fixed,
    PolicyError,
    PolicyOptions,
    Question,
    RandomOpening,
    make_policy,
)
from cherrypy_bot.learn.view import StateView


def question(seed: int = 0, **facts: Any) -> Question:
    view = StateView(loop=int(facts.pop("loop", 0)), race="zerg")
    values: dict[str, Any] = {
        "view": view,
        "inputs": features(view),
        "preferred": "b",
        "candidates": ("a", "b", "c"),
        "current": "",
        "may_switch": True,
        "descriptors": {},
        "history": (),
        "rng": np.random.default_rng(seed),
        **facts,
    }
    return Question(**values)


def test_the_fixed_policy_plays_what_is_configured_and_never_switches() -> None:
    policy = Fixed()
    assert policy.opening(question()).build == "b"
    assert policy.evaluate(question(loop=5000, current="b")).build is None


def test_random_openings_are_uniform() -> None:
    rng = np.random.default_rng(1)
    found = Counter(RandomOpening().opening(question(rng=rng)).build for _ in range(3000))
    assert set(found) == {"a", "b", "c"}
    assert max(found.values()) - min(found.values()) < 180  # 4 standard deviations


def test_exploring_decides_at_its_rate_and_staying_is_one_of_the_choices() -> None:
    rng = np.random.default_rng(2)
    options = PolicyOptions(explore_rate=0.1, explore_switches=10**6, explore_from_loops=0)
    policy = Explore(options, Fixed())
    found = Counter(
        policy.evaluate(question(rng=rng, loop=5000, current="b", candidates=("a", "c"))).build for _ in range(6000)
    )
    assert 500 < sum(found[name] for name in "abc") < 700
    assert min(found[name] for name in "abc") > 140


def test_exploring_keeps_still_early_while_it_must_and_when_it_has_done_enough() -> None:
    options = PolicyOptions(explore_rate=1.0, explore_switches=2, explore_from_loops=1000)
    policy = Explore(options, Fixed())
    assert policy.evaluate(question(loop=999, current="b")).build is None
    assert policy.evaluate(question(loop=1000, current="b", may_switch=False)).build is None
    decided = [policy.evaluate(question(loop=2000, current="b")) for _ in range(4)]
    assert [choice.random for choice in decided] == [True, True, False, False]


def test_the_same_seed_decides_the_same() -> None:
    def play(seed: int) -> list[str | None]:
        policy = make_policy("explore", PolicyOptions(explore_rate=0.3, explore_switches=9), "zerg")
        rng = np.random.default_rng(seed)
        later = [policy.evaluate(question(rng=rng, loop=9000, current="b")).build for _ in range(30)]
        return [policy.opening(question(rng=rng)).build, *later]

    assert play(5) == play(5)
    assert play(5) != play(6)


def test_a_policy_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(PolicyError, match=r"no policy 'oracle'.*random_opening"):
        make_policy("oracle", PolicyOptions(), "zerg")
