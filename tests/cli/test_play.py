"""`cherrypy-bot play` from the shell's side: what it prints and which files it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cherrypy_bot.commands import play as play_command
from tests.cli.command import Command

SHORT = ("--loop-limit", "160", "--map", "CherryGroveLE", "--seed", "3")


@pytest.fixture(autouse=True)
def _output_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_command, "OUTPUT", tmp_path / "out")


def test_a_match_ends_with_a_table_and_the_paths_of_its_files(command: Command, tmp_path: Path) -> None:
    outcome = command("play", "worker_rush_zerg", "--opponent", "one_base_rush_terran", *SHORT)
    assert outcome.code == 0, outcome.err
    assert "no winner after 0:07" in outcome.out
    for said in ("worker_rush_zerg", "one_base_rush_terran", "x real time", "orders", "ms a step"):
        assert said in outcome.out
    (replay,) = (tmp_path / "out" / "replays").iterdir()
    assert str(replay) in outcome.out
    assert "worker_rush_zerg-v-one_base_rush_terran" in replay.name


def test_quiet_prints_the_result_only(command: Command) -> None:
    arguments = ("play", "worker_rush_zerg", "--opponent", "one_base_rush_terran", *SHORT)
    loud, quiet = command(*arguments), command(*arguments, "--quiet")
    assert len(quiet.out.splitlines()) < len(loud.out.splitlines())
    assert quiet.out.startswith("no winner after")


def test_json_is_exactly_one_object_on_stdout(command: Command, tmp_path: Path) -> None:
    replay = tmp_path / "mine" / "game.SC2Replay"
    outcome = command(
        *("play", "worker_rush_zerg", "--opponent", "computer:terran:Easy:Rush", "--json", "--replay", str(replay)),
        *SHORT,
    )
    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    assert report["results"] == {"worker_rush_zerg": "Tie", "computer:terran:Easy:Rush": "Tie"}
    assert report["winner"] is None
    assert report["loops"] == 160
    assert report["seed"] == 3
    assert report["replay"] == str(replay)
    assert replay.stat().st_size > 0
    assert report["trace"] is None
    assert set(report["milliseconds"]) == {"worker_rush_zerg"}
    assert len(report["state_hash"]) == 32


def test_the_projects_bot_writes_a_trace_and_times_its_modules(command: Command, tmp_path: Path) -> None:
    trace = tmp_path / "deep" / "mine.cbtrace"
    outcome = command("play", "cherry_terran", "--opponent", "cherry_zerg", "--json", "--trace", str(trace), *SHORT)
    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    assert report["trace"] == str(trace)
    assert sorted(path.name for path in trace.parent.iterdir()) == [
        "mine.cbtrace",
        "mine.opponent.cbtrace",
        "mine.world.cbtrace",
    ]
    times = report["milliseconds"]["cherry_terran"]
    assert "step" in times
    assert len(times) > 1
    assert all(0 <= timing["mean"] <= timing["max"] for timing in times.values())


def test_nothing_is_overwritten(command: Command, tmp_path: Path) -> None:
    for _ in range(3):
        assert command("play", "worker_rush_zerg", "--opponent", "worker_rush_zerg", "-q", *SHORT).code == 0
    assert len(list((tmp_path / "out" / "replays").iterdir())) == 3


def test_the_configuration_fills_what_is_left_open(command: Command, tmp_path: Path) -> None:
    config = tmp_path / "bots.yaml"
    config.write_text(
        "defaults: {bot: rush, opponent: computer:zerg:VeryEasy, map: OrchardLE, seed: 9, game_step: 8}\n"
        "bots:\n  rush: {race: protoss, class: cherrypy_bot.opponents.worker_rush.WorkerRush}\n",
        encoding="utf-8",
    )
    outcome = command("play", "--config", str(config), "--json", "--loop-limit", "80")
    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    assert (report["map"], report["seed"], report["game_step"]) == ("OrchardLE", 9, 8)
    assert report["races"] == {"rush": "protoss", "computer:zerg:VeryEasy": "zerg"}


def test_the_installed_game_is_played_through_its_own_process(command: Command, tmp_path: Path) -> None:
    """The tree that `sim install` writes stands for StarCraft II; python-sc2 looks for it once per process."""
    tree = tmp_path / "sc2"
    assert command("sim", "install", str(tree)).code == 0
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "cherrypy_bot", "play", "cherry_zerg", "--opponent", "computer:terran:VeryEasy"),
            *("--engine", "sc2", "--map", "OrchardLE", "--loop-limit", "224", "--json"),
            *("--replay", str(tmp_path / "game.SC2Replay"), "--trace", str(tmp_path / "game.cbtrace")),
        ],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "SC2PATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    report = json.loads(answer.stdout)
    assert report["engine"] == "sc2"
    assert report["results"] == {"cherry_zerg": "Tie", "computer:terran:VeryEasy": "Tie"}
    assert report["loops"] >= 200
    assert report["orders"]["cherry_zerg"] > 0
    assert report["orders"]["computer:terran:VeryEasy"] is None
    assert Path(report["replay"]).is_file()
    assert Path(report["trace"]).is_file()
