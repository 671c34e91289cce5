"""Ratings and results of a tournament, as the page gets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cherrypy_bot.ladder.arena.entrants import Entrant
from cherrypy_bot.ladder.arena.store import FILE, Pairing, Settings, Store
from cherrypy_bot.viewer.arena import read_arena, read_arenas
from tests.viewer.synthetic import HOSTILE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tournament of three bots: the first beats everybody, the others have not met."""
    entrants = [Entrant(name, "class", Path(name), 1) for name in ("strong", "weak", HOSTILE)]
    pairings = [
        Pairing(1, "strong", "weak", "CherryGroveLE", 1),
        Pairing(1, HOSTILE, "strong", "CherryGroveLE", 2),
        Pairing(2, "weak", "strong", "CherryGroveLE", 3),
        Pairing(2, "weak", HOSTILE, "CherryGroveLE", 4),
    ]
    store = Store.create(tmp_path / "arena" / FILE, Settings(), entrants, pairings)
    for match_id, kind in ((1, "Player1Win"), (2, "Player2Win"), (3, "Tie")):
        result = dict.fromkeys(
            ("winner", "reason", "game_steps", "wall_seconds", "bot1_avg_step_time", "bot2_avg_step_time", "replay")
        )
        assert store.finish(match_id, {**result, "type": kind})
    return tmp_path


def test_the_page_gets_the_ratings_of_the_store(root: Path) -> None:
    [arena] = read_arenas(root)
    stored = Store(root / "arena" / FILE).ratings()
    assert arena["name"] == "arena"
    assert {row["name"]: row["rating"] for row in arena["ratings"]} == {name: r.mu for name, r in stored.items()}
    assert [row["matches"] for row in arena["ratings"] if row["name"] == "strong"] == [3]
    assert arena["ratings"][0]["name"] == "strong"


def test_the_course_of_the_ratings_ends_where_they_are(root: Path) -> None:
    arena = read_arena(root / "arena" / FILE)
    ends = {line["name"]: line["points"][-1] for line in arena["history"]}
    for row in arena["ratings"]:
        assert ends[row["name"]] == [3, pytest.approx(row["rating"], abs=0.01)]


def test_the_matrix_counts_finished_matches(root: Path) -> None:
    [matrix] = read_arena(root / "arena" / FILE)["matrix"]
    cell = {
        (row, column): matrix["cells"][y][x]
        for y, row in enumerate(matrix["rows"])
        for x, column in enumerate(matrix["columns"])
    }
    assert cell["strong", "weak"] == {"wins": 1, "games": 2}
    assert cell["weak", "strong"] == {"wins": 0, "games": 2}
    assert cell[HOSTILE, "strong"] == {"wins": 0, "games": 1}
    assert cell["weak", HOSTILE] is None
    assert cell["weak", "weak"] is None


def test_what_is_no_tournament_or_leads_out_is_left_out(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    inside = root / "inside"
    (inside / "junk").mkdir(parents=True)
    (inside / "junk" / FILE).write_text("this is no database")
    (inside / "link").mkdir()
    (inside / "link" / FILE).symlink_to(root / "arena" / FILE)
    assert read_arenas(inside) == []
