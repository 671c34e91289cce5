"""Leagues and matrices of self-play, as the page gets them: read from what the league itself writes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cherrypy_bot.learn.league.orders import GameOrder, GameResult, Player
from cherrypy_bot.learn.league.store import FILE, Store
from cherrypy_bot.viewer import league
from tests.viewer.synthetic import HOSTILE

PLAYED = (("learner", HOSTILE, "Victory"), ("learner", "rusher", "Defeat"), ("learner", HOSTILE, "Tie"))
OPPOSITE = {"Victory": "Defeat", "Defeat": "Victory", "Tie": "Tie"}


def make(folder: Path, kind: str) -> Store:
    """Three finished games, one void one and one that is open."""
    store = Store.create(folder, kind, {"seed": 1})
    orders = [
        GameOrder((Player(one, "cherry_zerg"), Player(other, "zerg_mutalisks")), "CherryGroveLE", seed)
        for seed, (one, other, _) in enumerate([*PLAYED, PLAYED[0], PLAYED[1]])
    ]
    numbers = store.add(orders)
    for number, (_, _, result) in zip(numbers, PLAYED, strict=False):
        store.finish(number, outcome((result, OPPOSITE[result])))
    store.finish(numbers[3], outcome(("Tie", "Tie"), void="the opponent crashed"))
    return store


def outcome(results: tuple[str, str], void: str = "") -> GameResult:
    return GameResult(
        results=results,
        ended="decided",
        loops=9000,
        races=("Zerg", "Zerg"),
        openings=("roach_timing", ""),
        decisions=(0, 0),
        void=void,
        errors=("", ""),
    )


def test_the_file_is_the_one_that_leagues_write() -> None:
    assert league.FILE == FILE


def test_ratings_are_those_of_the_league_and_end_where_they_are(tmp_path: Path) -> None:
    store = make(tmp_path, "league")
    shown = league.read_league(tmp_path / FILE)
    assert {row["name"]: row["rating"] for row in shown["ratings"]} == {n: r.mu for n, r in store.ratings().items()}
    for line in shown["history"]:
        assert line["points"][-1] == [4, round(store.ratings()[line["name"]].mu, 2)]


def test_matrices_count_games_without_void_ones(tmp_path: Path) -> None:
    make(tmp_path, "league")
    players, builds = league.read_league(tmp_path / FILE)["matrix"]
    cell = players["cells"][players["rows"].index("learner")][players["columns"].index(HOSTILE)]
    assert cell == {"wins": 1, "games": 2}
    assert builds["rows"] == ["learner: roach_timing"]


def test_a_matrix_of_builds_has_opponents_as_columns(tmp_path: Path) -> None:
    make(tmp_path, "matrix")
    (table,) = league.read_league(tmp_path / FILE)["matrix"]
    assert table["rows"] == ["learner"]
    assert set(table["columns"]) == {HOSTILE, "rusher"}


def test_games_say_how_they_ended(tmp_path: Path) -> None:
    make(tmp_path, "league")
    shown = league.read_league(tmp_path / FILE)["matches"]
    assert [row["type"] for row in shown] == ["Void", "Tie", "Player2Win", "Player1Win"]
    assert [row["winner"] for row in shown] == [None, None, "rusher", "learner"]


def test_what_is_no_league_is_left_out(tmp_path: Path) -> None:
    make(tmp_path / "good", "league")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / FILE).write_text("no database")
    (tmp_path / "other").mkdir()
    make(tmp_path / "other", "league")
    with sqlite3.connect(tmp_path / "other" / FILE) as db:
        db.execute("UPDATE league SET format = 99")
    assert [one["name"] for one in league.read_leagues(tmp_path)] == ["good"]


def test_a_game_that_says_too_little_is_no_league(tmp_path: Path) -> None:
    make(tmp_path, "league")
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("UPDATE game SET result = '{}' WHERE id = 1")
    with pytest.raises(ValueError, match="too little"):
        league.read_league(tmp_path / FILE)
