"""What replays tell of an opponent reaches the policy that chooses openings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cherrypy_bot.core.history import OpponentHistory
from cherrypy_bot.learn.bandits import OPENING_NOTE, outcomes
from cherrypy_bot.learn.features import features
from cherrypy_bot.learn.policies import PolicyOptions, Question, make_policy
from cherrypy_bot.learn.view import StateView
from replays import history
from replays.history import add_to_history
from replays.statistics import Side


def side(number: int, opening: str, result: str) -> Side:
    facts = ("Me", "Terran", "Rival", "Zerg", result, opening, "Test LE", 600.0, 13440, "twelve_pool")
    return Side(*facts, sha256=f"{number:02x}" * 32)


def test_the_bandit_plays_what_won_in_the_replays(tmp_path: Path) -> None:
    games = [side(n, "three_rax", "Loss") for n in range(30)] + [side(n, "reaper_expand", "Win") for n in range(30, 60)]
    games.append(side(99, "unknown", "Win"))
    add_to_history(tmp_path, games, "me")
    past = OpponentHistory(tmp_path).past("Rival")
    assert history.OPENING_NOTE == OPENING_NOTE
    assert outcomes(past, "terran") == [("three_rax", 0.0)] * 30 + [("reaper_expand", 1.0)] * 30
    view = StateView(loop=0, race="terran", enemy_race="zerg")
    builds = ("reaper_expand", "three_rax")
    question = Question(
        view=view,
        inputs=features(view),
        preferred="three_rax",
        candidates=builds,
        current="",
        may_switch=True,
        descriptors={},
        history=past,
        rng=np.random.default_rng(1),
    )
    policy = make_policy("bandit", PolicyOptions(), "terran")
    chosen = [policy.opening(question).build for _ in range(20)]
    assert chosen.count("reaper_expand") >= 18
