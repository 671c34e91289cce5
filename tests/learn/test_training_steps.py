"""Training decides once a second instead of six times: openings come out as they do in play."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from cherrypy_bot.config import load_config
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2
from cherrypy_bot.learn.league.orders import GAME_STEP
from cherrypy_bot.learn.league.play import Truth
from cherrypy_bot.learn.league.pool import openings, our_bot
from cherrypy_bot.learn.league.workers import ROOT
from cherrypy_bot.learn.view import EVALUATE_LOOPS
from cherrypy_bot.learn.vocabulary import KINDS, PRICE

PLAY_STEP = 4
LOOPS = 54 * EVALUATE_LOOPS
"""Four and a half minutes: openings are through."""
WORTH_SHARE = 0.1
WORKERS = 3


def owned(race: str, build: str, game_step: int) -> npt.NDArray[np.uint16]:
    """What the bot has at the end of an undisturbed opening, by type."""
    quiet_python_sc2()
    config, truth = load_config(ROOT / "bots.yaml"), Truth()
    options = {0: {"strategy": {"build": build}}}
    names = (our_bot(config, race).name, "computer:terran:VeryEasy")
    sides = contenders(config, *names, seed=1, game_step=game_step, options=options)
    report = play_match(
        MatchSetup(sides, "CherryGroveLE", seed=1, game_step=game_step, loop_limit=LOOPS), on_look=truth.look
    )
    return truth.of(0, report.loops)


@pytest.mark.parametrize("race", ["protoss", "terran", "zerg"])
def test_an_opening_comes_to_the_same_at_the_steps_of_training_and_of_play(race: str) -> None:
    build = openings(race)[0]
    play, training = (owned(race, build, step) for step in (PLAY_STEP, GAME_STEP))
    worth = [float((found * PRICE).sum()) for found in (play, training)]
    workers = [int(found[KINDS["worker"]].sum()) for found in (play, training)]
    print(f"{race} {build}: worth {worth[0]:.0f} in play, {worth[1]:.0f} in training; workers {workers}")
    assert worth[1] == pytest.approx(worth[0], rel=WORTH_SHARE)
    assert abs(workers[1] - workers[0]) <= WORKERS
