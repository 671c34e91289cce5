"""The ladder's entry point: its arguments, and a match over a websocket without what the ladder does not have."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import portpicker
import pytest

from cherrypy_bot.config import load_config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.history import OpponentHistory
from cherrypy_bot.core.loop import Limits
from cherrypy_bot.ladder.arena.entrants import find_entrants, lay_out
from cherrypy_bot.ladder.arena.match import ArenaMatch, MatchPlan, opponent_id
from cherrypy_bot.ladder.entry import build_ladder_bot, ladder_ports, main, parse_arguments
from tests.ladder.arena_support import QUICK, small_bot

ROOT = Path(__file__).resolve().parents[2]

# Runs the entry point in an interpreter in which these packages cannot be imported.
WITHOUT = ("numba", "llvmlite", "typer", "PIL", "torch", "cherrypy_bot.sim", "cherrypy_bot.viewer", "cherrypy_bot.cli")
BARE = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if any(name == absent or name.startswith(absent + ".") for absent in {WITHOUT!r}):
            raise ModuleNotFoundError("No module named " + repr(name) + " on the ladder")

sys.meta_path.insert(0, Absent())
from cherrypy_bot.ladder.entry import main
sys.exit(main(sys.argv[1:]))
"""


def test_the_controllers_arguments_are_understood_and_unknown_ones_ignored() -> None:
    known = ["--GamePort", "5677", "--StartPort", "5690", "--LadderServer", "10.0.0.1", "--OpponentId", "abc"]
    arguments = parse_arguments([*known, "--RealTime", "--Whatever", "3"])
    assert (arguments.host, arguments.game_port, arguments.start_port) == ("10.0.0.1", 5677, 5690)
    assert arguments.opponent_id == "abc"
    assert arguments.realtime
    assert arguments.computer is None


def test_ports_follow_from_the_first_as_ladder_bots_derive_them() -> None:
    ports = ladder_ports(5690)
    assert ports.server == [5692, 5693]
    assert ports.players == [[5694, 5695]]


def test_the_projects_bots_keep_to_the_ladders_time_per_step_and_know_their_opponent(tmp_path: Path) -> None:
    arguments = parse_arguments(["--GamePort", "1", "--OpponentId", "abc", "--bot", "cherry_zerg"])
    bot = build_ladder_bot(arguments, load_config(ROOT / "bots.yaml")).ai
    assert isinstance(bot, CherryBot)
    assert bot._limits is not None
    assert bot._limits.step_budget_ms == 40.0
    assert bot.opponent_id == "abc"


def test_limits_of_the_configuration_hold_on_the_ladder_too(tmp_path: Path) -> None:
    path = tmp_path / "bots.yaml"
    entry = "race: zerg, modules: [modules.top.Top]"
    path.write_text(
        f"bots:\n  a: {{{entry}, limits: {{faults: 2}}}}\n  b: {{{entry}, limits: {{step_budget_ms: 9.0}}}}\n"
    )
    config = load_config(path)
    limits = {}
    for name in ("a", "b"):
        bot = build_ladder_bot(parse_arguments(["--GamePort", "1", "--bot", name]), config).ai
        assert isinstance(bot, CherryBot)
        limits[name] = bot._limits
    assert limits == {"a": Limits(faults=2, step_budget_ms=40.0), "b": Limits(step_budget_ms=9.0)}


def test_matches_without_a_seed_get_one_of_their_own() -> None:
    seeds = {parse_arguments(["--GamePort", "1"]).seed for _ in range(5)}
    assert len(seeds) == 5
    assert parse_arguments(["--GamePort", "1", "--seed", "7"]).seed == 7


@pytest.mark.parametrize(("opponent", "result", "finished"), [("leave", "Victory", True), ("idle", "Defeat", False)])
def test_on_the_ladder_a_bot_only_joins_before_the_game_and_remembers_how_it_ended(
    opponent: str, result: str, finished: bool, tmp_path: Path
) -> None:
    """Against `idle` it is killed in mid-game, which it must remember as a loss."""
    (entrant,) = find_entrants(["worker_rush_zerg"], ROOT / "bots.yaml")
    data = tmp_path / "data"
    first = lay_out(entrant, tmp_path / "bot", data, tmp_path / "log.txt")
    match = ArenaMatch(MatchPlan((first, small_bot(opponent, tmp_path)), "OrchardLE", seed=3, rules=QUICK))

    async def play() -> None:
        playing = asyncio.ensure_future(match.play())
        while not finished and match.loop < 100 and not playing.done():
            await asyncio.sleep(0.01)
        if not finished:
            playing.cancel()
        await asyncio.wait((playing,), timeout=60)
        assert playing.done()

    asyncio.run(play())
    assert match.lines[0].kinds == ["join_game"]
    (remembered,) = OpponentHistory(data).past(opponent_id(opponent))
    assert (remembered.result, remembered.finished) == (result, finished)
    assert (remembered.map_name, remembered.race) == ("OrchardLE", "Zerg")


def test_a_bad_configuration_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bots.yaml"
    path.write_text("bots: []\n", encoding="utf-8")
    assert main(["--GamePort", "1", "--config", str(path)]) == 2
    said = capsys.readouterr().err
    assert str(path) in said
    assert len(said.splitlines()) == 1


@pytest.fixture
def server_port() -> Iterator[int]:
    """Port of a freshly started engine process."""
    port = int(portpicker.pick_unused_port())
    server = subprocess.Popen([sys.executable, "-m", "cherrypy_bot.sim.api.server", "-port", str(port)], cwd=ROOT)
    yield port
    server.terminate()
    server.wait(timeout=20)


def test_a_bot_plays_over_a_websocket_without_numba_typer_and_the_engine(server_port: int, tmp_path: Path) -> None:
    answer = subprocess.run(
        [
            *(sys.executable, "-c", BARE, "--GamePort", str(server_port), "--bot", "worker_rush_zerg"),
            *("--computer", "computer:terran:VeryEasy", "--map", "CherryGroveLE"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert "result: Victory" in answer.stdout
