"""Who meets whom, and what a result does to ratings and tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from cherrypy_bot.ladder.arena.entrants import Entrant
from cherrypy_bot.ladder.arena.pairing import ladder_round, round_robin
from cherrypy_bot.ladder.arena.rules import ArenaRules, Ending
from cherrypy_bot.ladder.arena.standings import matches_csv, standings, standings_csv
from cherrypy_bot.ladder.arena.store import MODEL, MatchRow, Pairing, Rating, Settings, Store, rate
from cherrypy_bot.ladder.arena.worker import failed
from cherrypy_bot.ladder.errors import MatchError

FRESH = Rating(MODEL.rating().mu, MODEL.rating().sigma)
NAMES = ("ann", "bob", "cid", "dan", "eve")


def test_everybody_meets_everybody_equally_often_from_both_sides() -> None:
    matches = round_robin(NAMES, 4, ("A", "B"), seed=1)
    pairs = Counter(frozenset((match.bot1, match.bot2)) for match in matches)
    assert pairs == {frozenset(pair): 4 for pair in combinations(NAMES, 2)}
    sides = Counter((match.bot1, match.bot2, match.map_name) for match in matches)
    assert set(sides.values()) == {1}  # each pair: both sides of both maps
    assert len({match.seed for match in matches}) == len(matches)


def test_the_ladder_pairs_neighbours_and_somebody_sits_out() -> None:
    ratings = {name: Rating(30.0 - 5 * index, 2.0) for index, name in enumerate(NAMES)}
    matches = ladder_round(1, ratings, [], ("A",), seed=1)
    assert [{match.bot1, match.bot2} for match in matches] == [{"ann", "bob"}, {"cid", "dan"}]


def test_in_twelve_rounds_of_the_ladder_everybody_plays_and_nobody_only_one_other() -> None:
    ratings = dict.fromkeys(NAMES, FRESH)
    rows: list[MatchRow] = []
    for number in range(1, 13):
        for pair in ladder_round(number, ratings, rows, ("A",), seed=1):
            rows.append(MatchRow(len(rows) + 1, number, pair.bot1, pair.bot2, "A", pair.seed, type="Tie"))
    games = Counter(name for row in rows for name in (row.bot1, row.bot2))
    assert max(games.values()) - min(games.values()) <= 1
    for name in NAMES:
        assert len({frozenset((row.bot1, row.bot2)) for row in rows if name in (row.bot1, row.bot2)}) >= 3


def test_a_win_raises_the_winner_and_a_match_that_never_was_moves_nobody() -> None:
    won, lost = rate(FRESH, FRESH, Ending.PLAYER2_CRASH)
    assert won.mu > FRESH.mu > lost.mu
    assert won.sigma < FRESH.sigma
    one, two = rate(FRESH, FRESH, Ending.TIE)
    assert one.mu == pytest.approx(two.mu)
    assert rate(FRESH, won, Ending.INITIALIZATION_ERROR) == (FRESH, won)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    entrants = [Entrant(name, "folder", tmp_path / name, 1 if name == "ann" else None) for name in NAMES[:3]]
    settings = Settings(maps=("OrchardLE",), rules=ArenaRules(loop_limit=500), python="python3")
    return Store.create(tmp_path / "arena.sqlite", settings, entrants, round_robin(NAMES[:3], 1, ("OrchardLE",), 1))


def finish(store: Store, match_id: int, ending: Ending) -> bool:
    row = store.match(match_id)
    winner = None if ending.winner is None else (row.bot1, row.bot2)[ending.winner]
    result = {**failed(row, "why"), "type": ending.value, "winner": winner, "bot1_avg_step_time": 0.002}
    return store.finish(match_id, result)


def test_a_store_gives_back_what_was_put_in(store: Store, tmp_path: Path) -> None:
    again = Store(store.path)
    assert again.settings == store.settings
    assert again.settings.rules.loop_limit == 500
    assert [entrant.race for entrant in again.entrants()] == [1, None, None]
    assert [row.type for row in again.matches()] == [None, None, None]


def test_a_match_is_finished_once(store: Store) -> None:
    assert finish(store, 1, Ending.PLAYER1_WIN)
    before = store.ratings()
    assert not finish(store, 1, Ending.PLAYER2_WIN)
    assert store.match(1).type == "Player1Win"
    assert store.ratings() == before


def test_ratings_are_those_of_the_matches_in_the_order_in_which_they_ended(store: Store) -> None:
    for match_id, ending in ((3, Ending.PLAYER1_WIN), (1, Ending.PLAYER2_TIMEOUT), (2, Ending.TIE)):
        finish(store, match_id, ending)
    expected = dict.fromkeys(NAMES[:3], FRESH)
    for row in sorted(store.matches(), key=lambda row: row.sequence or 0):
        pair = rate(expected[row.bot1], expected[row.bot2], Ending(str(row.type)))
        expected[row.bot1], expected[row.bot2] = pair
    assert [row.sequence for row in store.matches()] == [2, 3, 1]
    assert store.ratings() == expected


def test_crashes_time_outs_and_void_matches_are_counted_apart(store: Store) -> None:
    finish(store, 1, Ending.PLAYER1_CRASH)
    finish(store, 2, Ending.INITIALIZATION_ERROR)
    finish(store, 3, Ending.PLAYER2_TIMEOUT)
    table = {row.bot: row for row in standings(store)}
    first, second = store.match(1), store.match(3)
    assert table[first.bot1].crashed == 1
    assert table[second.bot2].timed_out == 1
    assert sum(row.void for row in table.values()) == 2
    assert sum(row.won for row in table.values()) == sum(row.lost for row in table.values()) == 2
    assert [row.rank for row in standings(store)] == [1, 2, 3]
    assert standings_csv(standings(store)).splitlines()[0].startswith("rank,bot,rating,mu,sigma,played,won")
    assert len(matches_csv(store.matches()).splitlines()) == 4


def test_a_round_is_added_once(store: Store) -> None:
    pairs = [Pairing(2, "ann", "bob", "OrchardLE", 5)]
    assert store.add_round(2, pairs)
    assert not store.add_round(2, pairs)
    assert len(store.matches()) == 4


def test_a_file_that_is_no_tournament_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(MatchError, match="there is no tournament at"):
        Store(tmp_path / "arena.sqlite")
    (tmp_path / "arena.sqlite").write_text("something else" * 100)
    with pytest.raises(MatchError, match="holds no tournament"):
        Store(tmp_path / "arena.sqlite")


def test_settings_that_differ_are_different() -> None:
    settings = Settings()
    assert Settings.from_json(settings.to_json()) == settings
    assert replace(settings, rules=ArenaRules(step_ms=40.0)) != settings
