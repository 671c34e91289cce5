"""Scripted opponents on the engine: each plays to its first attack, and plays its seed."""

from __future__ import annotations

import pytest
from sc2.data import AIBuild, Difficulty, Race
from sc2.player import Bot, Computer

from cherrypy_bot.ladder.contender import Contender
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2
from cherrypy_bot.ladder.report import MatchReport
from cherrypy_bot.opponents.planned import PlannedBot
from cherrypy_bot.opponents.plans import PLANS, plan_called

LATEST_ATTACK_LOOPS = 17_500
"""13 minutes; by then each has attacked."""


@pytest.fixture(autouse=True)
def _quiet() -> None:
    quiet_python_sc2()


class UntilItAttacks(PlannedBot):
    """Leaves when its first fighters are on their way."""

    attacked_with = 0
    idle_minerals = 0

    async def on_step(self, iteration: int) -> None:
        await super().on_step(iteration)
        self.idle_minerals = max(self.idle_minerals, self.minerals)
        if self.army.waves:
            self.attacked_with = len(self.army.attacking)
            await self.client.leave()


def against_computer(ai: PlannedBot, loop_limit: int, *, game_step: int = 22, seed: int = 3) -> MatchReport:
    me = Contender("me", Bot(ai.plan.race, ai, name="me"))
    other = Contender("computer", Computer(Race.Terran, Difficulty.VeryEasy, AIBuild.Macro))
    return play_match(MatchSetup((me, other), "OrchardLE", seed=seed, game_step=game_step, loop_limit=loop_limit))


@pytest.mark.parametrize("name", PLANS)
def test_it_plays_to_its_first_attack(name: str) -> None:
    ai = UntilItAttacks(name, seed=2)
    report = against_computer(ai, LATEST_ATTACK_LOOPS)
    assert report.players[0].error is None
    assert ai.army.waves == 1, f"no attack by loop {report.loops}"
    assert ai.attacked_with >= 2
    assert report.loops >= 0.9 * 22.4 * min(ai.plan.attack.after_seconds, ai.plan.attack.by_seconds)
    assert ai.idle_minerals < 2000


def test_the_same_seed_plays_the_same_game_and_another_seed_another() -> None:
    hashes = [
        against_computer(PlannedBot("terran_stim_timing", seed=seed), 3000, game_step=8).state_hash
        for seed in (1, 1, 2)
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_wrong_race_is_an_error_that_says_so() -> None:
    ai = PlannedBot("zerg_mutalisks", seed=1)
    wrong = Contender("wrong", Bot(Race.Terran, ai, name="wrong"))
    other = Contender("computer", Computer(Race.Terran, Difficulty.VeryEasy, AIBuild.Macro))
    report = play_match(MatchSetup((wrong, other), "OrchardLE", seed=1, game_step=22, loop_limit=200))
    assert "is for Zerg, not Terran" in (report.players[0].error or "")
    assert plan_called("zerg_mutalisks").race is Race.Zerg
