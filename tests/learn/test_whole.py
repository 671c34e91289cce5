"""The evaluation from nothing: its steps, going on with them, and the page that follows from the numbers."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cherrypy_bot.commands import whole
from cherrypy_bot.learn.evaluation.matrix import Cell
from cherrypy_bot.learn.evaluation.report import difference, goals, page
from cherrypy_bot.learn.evaluation.table import Row
from cherrypy_bot.learn.league.split import HELD_OUT, TRAINING
from cherrypy_bot.learn.policies import SHIPPED
from cherrypy_bot.learn.weights import load
from tests.cli.command import Command

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"


def rows(**wins: int) -> list[Row]:
    """Rows of zerg, 200 games each: policy or policy_held=wins."""
    found = []
    for name, won in wins.items():
        policy, _, held = name.partition("__")
        part = HELD_OUT if held else TRAINING
        found.append(Row.of("zerg", policy, part, part, Cell(200, won)))
    return found


# -- page ----------------------------------------------------------------------------------------


def test_differences_have_the_interval_of_the_paper() -> None:
    """Newcombe 1998, table II: 56/70 - 48/80 has method 10's interval 0.0524 to 0.3339."""
    gap, low, high = difference(Cell(70, 56), Cell(80, 48))
    assert (gap, low, high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_goals_are_met_or_not_by_the_numbers() -> None:
    facts = {"calibration": {"all": {"ece": 0.04, "count": 9000, "games": 400}}}
    good = rows(best_fixed=120, bandit=130, selector=150, oracle=160, best_fixed__held=100, selector__held=101)
    met = {goal: (text, ok) for goal, text, ok in goals(good, facts, "zerg")}
    assert [ok for _, ok in met.values()] == [True] * 5
    assert any("+15.0 points" in text for text, _ in met.values())
    bad = rows(best_fixed=140, bandit=145, selector=150, oracle=190, best_fixed__held=102, selector__held=101)
    worse = goals(bad, {"calibration": {"all": {"ece": 0.06, "count": 9000, "games": 400}}}, "zerg")
    assert [ok for _, _, ok in worse] == [False] * 5
    assert goals(rows(selector=150), {}, "zerg") == []


def test_the_page_says_every_row_and_goal() -> None:
    made = rows(best_fixed=120, bandit=130, selector=150, oracle=160)
    metrics = {"log_loss": 0.5, "brier": 0.2, "auc": 0.7, "ece": 0.03}
    card = {"metrics": {"model": metrics, "constant": metrics}, "training_games": 800, "validation_games": 200}
    facts = {
        "matrix": {
            "games": 1096,
            "opponents": 24,
            "random": 0.5,
            "oracle": 0.9,
            "told_apart": ["a"],
            "best_differs": 6,
            "best_fixed": {"build": "ling_flood", "share": 0.8},
        },
        "trainings": {"selector": card, "linear": card},
        "calibration": {"minute 0": {"games": 9, "predicted": 0.5, "won": 0.4, "ece": 0.1, "ece_if_true": 0.09}},
        "commands": ["cherrypy-bot league matrix"],
        "cpu_hours": {"matrix": 3.5},
    }
    text = page(made, {"zerg": facts})
    assert text == page(list(reversed(made)), {"zerg": facts})
    for said in (
        "| training | training | selector | 200 | 150 | 75.0% | 68.6% - 80.5% |",
        "| training opponents: selector beats bandit by at least 5 points | +10.0 points",
        "the best\nfixed one 80% (ling_flood)",
        "| linear | 0.5000 | 0.2000 | 0.7000 | 0.0300 | 800 + 200 |",
        "| minute 0 | 9 | 50.0% | 40.0% | 0.100 | 0.090 |",
        "cherrypy-bot league matrix",
    ):
        assert said in text
    assert text.count("the win rate of training") == 1


def test_the_page_of_the_documentation_follows_from_its_numbers() -> None:
    if not (DOCS / whole.ROWS).is_file():
        assert not (DOCS / whole.PAGE).exists(), "a page without its numbers"
        pytest.skip(f"docs/{whole.ROWS} is not there: nothing was evaluated yet")
    numbers = [Row(**row) for row in json.loads((DOCS / whole.ROWS).read_text(encoding="utf-8"))]
    facts = json.loads((DOCS / whole.FACTS).read_text(encoding="utf-8"))
    assert (DOCS / whole.PAGE).read_text(encoding="utf-8") == page(numbers, facts)
    for row in numbers:
        assert row == Row.of(row.race, row.policy, row.opponents, row.maps, Cell(row.games, row.wins))


def test_shipped_weights_are_those_of_the_page() -> None:
    shipped = sorted(SHIPPED.glob("*.safetensors")) if SHIPPED.is_dir() else []
    if not shipped:
        pytest.skip("no weights are shipped yet")
    facts = json.loads((DOCS / whole.FACTS).read_text(encoding="utf-8"))
    for path in shipped:
        assert facts[path.stem]["weights_sha256"] == load(path)[0].sha256


# -- steps ---------------------------------------------------------------------------------------


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def test_steps_are_done_once_and_in_order(cli: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    games: dict[Path, tuple[int, int]] = {}
    asked: list[list[str]] = []
    matrix_games = 10

    def play(command: list[str], **options: Any) -> SimpleNamespace:
        words = command[3:]
        asked.append(words)
        if words[:2] == ["train", "selector"]:
            path = Path(words[words.index("-o") + 1])
            path.parent.mkdir(exist_ok=True, parents=True)
            path.touch()
            path.with_suffix(".json").touch()
            return SimpleNamespace(returncode=0)
        folder, count = Path(words[words.index("--out") + 1]), int(words[words.index("--games") + 1])
        before = games.get(folder, (0, 0))[0]
        if words[1] == "matrix":
            games[folder] = (matrix_games, matrix_games)
        elif words[1] == "eval":
            games[folder] = (count * len(whole.POLICIES),) * 2
        elif before == 0:
            games[folder] = (7, 7)  # the budget ends in the league
        else:
            games[folder] = (before + count,) * 2
        return SimpleNamespace(returncode=0)

    written: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(whole.subprocess, "run", play)
    monkeypatch.setattr(whole, "_finished", lambda folder: games.get(folder, (0, 0)))
    monkeypatch.setattr(whole, "_planned_matrix", lambda race, games: matrix_games)
    monkeypatch.setattr(whole, "race_facts", lambda race, folder, commands: {"commands": commands})
    monkeypatch.setattr(whole, "write_page", lambda docs, race, facts: written.append((race, facts)))
    words = ("train", "whole", "--race", "zerg", "--out", str(tmp_path), "--league-games", "50", "--games", "20")
    first = cli(*words, "--budget", "1h")
    assert "time is over in 'league'" in first.out
    assert written == []
    second = cli(*words)
    assert "matrix: done" in second.out
    assert [" ".join(one[:2]) for one in asked] == [
        *("league matrix", "league run", "league run"),
        *["train selector"] * 4,
        *["train eval"] * 2,
    ]
    assert asked[2][asked[2].index("--games") + 1] == "43"
    assert "--budget" in asked[1]
    assert "--budget" not in asked[2]
    assert all(word in asked[-1] for word in (*whole.POLICIES, "held_out"))
    ((race, facts),) = written
    assert race == "zerg"
    assert any("league run --race zerg" in command and "--games 50" in command for command in facts["commands"])
    asked.clear()
    assert cli(*words).code == 0
    assert asked == []


def test_no_time_and_mistakes_are_one_line(cli: Command, tmp_path: Path) -> None:
    words = ("train", "whole", "--out", str(tmp_path))
    assert "time is over in 'matrix'" in cli(*words, "--race", "zerg", "--budget", "0s").out
    assert "--race orc" in cli.refused(*words, "--race", "orc")
    assert "no time" in cli.refused(*words, "--race", "zerg", "--budget", "soon")
