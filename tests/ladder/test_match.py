"""Matches on the embedded engine: results, errors, repeatability, files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sc2.bot_ai import BotAI
from sc2.data import AIBuild, Difficulty, Race, Result
from sc2.player import Bot, Computer

from cherrypy_bot.config import load_config
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2
from cherrypy_bot.ladder.report import MatchReport, Progress
from cherrypy_bot.opponents.worker_rush import WorkerRush
from cherrypy_bot.sim.replay import read_record

MAP = "CherryGroveLE"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _quiet() -> None:
    quiet_python_sc2()


class Idle(BotAI):
    """Looks on."""

    def __init__(self) -> None:
        super().__init__()
        self.loops: list[int] = []
        self.ended: Result | None = None

    async def on_step(self, iteration: int) -> None:
        self.loops.append(self.state.game_loop)

    async def on_end(self, game_result: Result) -> None:
        self.ended = game_result


class RaisesInStep(Idle):
    async def on_step(self, iteration: int) -> None:
        await super().on_step(iteration)
        if iteration == 3:
            raise ValueError("lost the thread")


class RaisesInStart(Idle):
    async def on_start(self) -> None:
        raise ValueError("forgot the map")


class Resigns(Idle):
    async def on_step(self, iteration: int) -> None:
        if iteration == 2:
            await self.client.leave()


def side(name: str, ai: BotAI, race: Race = Race.Zerg) -> Contender:
    return Contender(name, Bot(race, ai, name=name))


def play(first: BotAI, second: BotAI | Computer, *, loop_limit: int = 200, game_step: int = 4) -> MatchReport:
    other = Contender("computer", second) if isinstance(second, Computer) else side("second", second, Race.Terran)
    return play_match(
        MatchSetup((side("first", first), other), MAP, seed=5, game_step=game_step, loop_limit=loop_limit)
    )


def results(report: MatchReport) -> list[str]:
    return [player.result for player in report.players]


def test_a_worker_rush_against_somebody_who_looks_on_wins() -> None:
    idle = Idle()
    report = play(WorkerRush(), idle, loop_limit=12_000)
    assert results(report) == ["Victory", "Defeat"]
    assert report.winner == "first"
    assert idle.ended == Result.Defeat
    assert report.loops < 12_000
    assert report.players[0].orders >= 12
    assert report.players[1].orders == 0


def test_at_the_limit_the_game_is_a_tie_for_both() -> None:
    first, second = Idle(), Idle()
    report = play(first, second, loop_limit=120)
    assert results(report) == ["Tie", "Tie"]
    assert (first.ended, second.ended) == (Result.Tie, Result.Tie)
    assert report.winner is None
    assert report.loops == 120


@pytest.mark.parametrize("game_step", [1, 4, 7])
def test_bots_decide_every_game_step_loops(game_step: int) -> None:
    first, second = Idle(), Idle()
    report = play(first, second, loop_limit=70, game_step=game_step)
    assert first.loops == second.loops == list(range(0, first.loops[-1] + 1, game_step))
    step = report.players[0].step
    assert step is not None
    assert step.count == len(first.loops) - 1


@pytest.mark.parametrize(
    ("broken", "said"),
    [(RaisesInStep, "ValueError: lost the thread"), (RaisesInStart, "ValueError: forgot the map")],
)
def test_a_bot_that_raises_loses_and_the_report_says_why(broken: type[Idle], said: str) -> None:
    other = Idle()
    report = play(broken(), other)
    assert results(report) == ["Defeat", "Victory"]
    error = report.players[0].error
    assert error is not None
    assert said in error
    assert "test_match.py" in error
    assert report.players[1].error is None
    assert other.ended == Result.Victory


def test_the_second_bot_may_be_the_one_that_raises() -> None:
    report = play(Idle(), RaisesInStep())
    assert results(report) == ["Victory", "Defeat"]
    assert "lost the thread" in (report.players[1].error or "")


def test_leaving_the_game_is_giving_up() -> None:
    other = Idle()
    report = play(Resigns(), other)
    assert results(report) == ["Defeat", "Victory"]
    assert other.ended == Result.Victory


def test_against_a_built_in_opponent() -> None:
    report = play(Idle(), Computer(Race.Terran, Difficulty.VeryEasy, AIBuild.Macro), loop_limit=700)
    assert results(report) == ["Tie", "Tie"]
    assert report.players[1].step is None
    assert report.players[1].orders > 0


def test_an_unknown_map_is_refused() -> None:
    setup = MatchSetup((side("first", Idle()), side("second", Idle())), "Nowhere")
    with pytest.raises(MatchError, match="Nowhere"):
        play_match(setup)


def test_the_spectator_sees_both_sides() -> None:
    seen: list[Progress] = []
    setup = MatchSetup((side("first", WorkerRush()), side("second", Idle(), Race.Protoss)), MAP, loop_limit=600)
    play_match(setup, on_progress=seen.append)
    assert seen
    first, second = seen[-1].sides
    assert (first.name, first.race, second.name, second.race) == ("first", "zerg", "second", "protoss")
    assert second.supply_used == second.workers == 12
    assert second.army_value == 0


def scripted_match(seed: int, loop_limit: int = 2500, replay: Path | None = None) -> MatchReport:
    config = load_config(ROOT / "bots.yaml")
    sides = contenders(config, "one_base_rush_terran", "one_base_rush_zerg", seed=seed)
    return play_match(MatchSetup(sides, MAP, seed=seed, loop_limit=loop_limit), replay=replay)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> tuple[MatchReport, Path]:
    """A match of this process and its replay, for the tests that play it again."""
    replay = tmp_path_factory.mktemp("match") / "here.SC2Replay"
    return scripted_match(1, replay=replay), replay


def test_the_same_match_twice_is_the_same_game(here: tuple[MatchReport, Path]) -> None:
    first, again, other = here[0], scripted_match(1), scripted_match(2)
    assert first.state_hash == again.state_hash
    assert [p.orders for p in first.players] == [p.orders for p in again.players]
    assert first.state_hash != other.state_hash


def test_the_same_match_in_another_process_is_the_same_game(here: tuple[MatchReport, Path], tmp_path: Path) -> None:
    arguments = [
        *("play", "one_base_rush_terran", "--opponent", "one_base_rush_zerg", "--map", MAP, "--seed", "1"),
        *("--loop-limit", "2500", "--json", "--replay", str(tmp_path / "there.SC2Replay")),
    ]
    answer = subprocess.run(
        [sys.executable, "-m", "cherrypy_bot", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    there = json.loads(answer.stdout)
    assert there["state_hash"] == here[0].state_hash
    assert there["loops"] == here[0].loops
    records = [read_record(path.read_bytes()) for path in (tmp_path / "there.SC2Replay", here[1])]
    assert records[0] == records[1]


def test_a_bot_against_itself_has_two_names() -> None:
    sides = contenders(load_config(ROOT / "bots.yaml"), "worker_rush_zerg", "worker_rush_zerg", seed=1)
    assert [s.name for s in sides] == ["worker_rush_zerg", "worker_rush_zerg2"]
