"""Probabilities of evaluated games against their results."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cherrypy_bot.learn.episodes import Episode, ShardWriter
from cherrypy_bot.learn.evaluation.calibration import LOOPS_PER_MINUTE, calibration, predictions
from tests.cli.command import Command
from tests.learn.samples import episode

STEPS = 60
EVERY = 112


def game(number: int, chance: float, *, truth: float | None = None, **facts: object) -> Episode:
    """A game of a selector that always says `chance` of what it plays, and nothing of the other build."""
    rng = np.random.default_rng([5, number])
    won = bool(rng.random() < (chance if truth is None else truth))
    values = np.full((STEPS, 2), np.nan, np.float32)
    build, switch = np.zeros(STEPS, np.int16), np.full(STEPS, -1, np.int16)
    build[0], switch[0] = -1, 0
    values[:, 0] = chance
    made = {"build": build, "switch": switch, "values": values, "result": float(won), "ended": "won" if won else "lost"}
    notes = {"policy": "selector", "opponents": "training", "maps": "training"}
    return episode(number, steps=STEPS, **{**made, "notes": notes, **facts})


def test_what_is_played_counts_and_not_what_else_was_asked() -> None:
    one = game(1, 0.75)
    one.switch[10], one.build[11:] = 1, 1
    one.values[10:, 1] = 0.25
    one.values[20] = np.nan
    times, chances = predictions(one)
    assert len(times) == STEPS - 1
    assert chances[:10] == pytest.approx(0.75)
    assert chances[10:] == pytest.approx(0.25)
    assert 20 * EVERY not in times


def test_true_probabilities_have_a_small_error_and_boasts_a_large_one() -> None:
    chances = [0.1, 0.3, 0.5, 0.7, 0.9]
    honest = calibration([game(n, chances[n % 5]) for n in range(2000)])
    boasting = calibration([game(n, 0.9, truth=0.6) for n in range(500)])
    assert honest["minute 0"]["ece"] < 0.03
    assert honest["minute 0"]["ece"] == pytest.approx(honest["all"]["ece"], abs=1e-3)
    assert boasting["all"]["ece"] == pytest.approx(0.3, abs=0.05)
    assert 0 < boasting["minute 0"]["ece_if_true"] < 0.03


def test_minutes_take_one_evaluation_of_every_game_that_got_so_far() -> None:
    short = game(1, 0.5)
    short = episode(
        1,
        steps=3,
        **{name: getattr(short, name)[:3] for name in ("build", "switch", "values")},
        notes=short.notes,
    )
    found = calibration([short, game(2, 0.5)])
    assert found["minute 0"]["games"] == 2
    assert found["minute 4"]["games"] == 1
    assert found["minute 4"]["count"] == 1
    assert (STEPS - 1) * EVERY < 6 * LOOPS_PER_MINUTE
    assert "minute 6" not in found
    assert found["all"]["count"] == STEPS + 3


def test_a_tie_was_not_won() -> None:
    assert calibration([game(1, 0.5, result=0.5, ended="limit")])["all"]["won"] == 0.0


def test_only_games_with_the_facts_count() -> None:
    held = game(2, 0.9, notes={"policy": "selector", "opponents": "held_out"})
    found = calibration([game(1, 0.1), held], opponents="held_out")
    assert found["all"]["predicted"] == pytest.approx(0.9)
    assert calibration([game(1, 0.1)], opponents="held_out") == {}
    without = episode(3, values=np.zeros((5, 0), np.float32))
    assert calibration([without]) == {}


def test_the_command_reads_the_folder_of_an_evaluation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cli = Command(monkeypatch, capsys)
    with ShardWriter(tmp_path / "episodes", "worker1") as shard:
        for number in range(20):
            shard.append(game(number, 0.5))
    outcome = cli("train", "calibration", str(tmp_path), "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["all"]["games"] == 20
    assert "said 50%" in cli("train", "calibration", str(tmp_path)).out
    assert "no game there has probabilities of 'bandit'" in cli.refused(
        "train", "calibration", str(tmp_path), "--policy", "bandit"
    )
    assert "no such file" in cli.refused("train", "calibration", str(tmp_path / "nowhere"))
