"""Matrices and tables: what is played, what is counted, and how sure it is."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cherrypy_bot.commands.evaluate import write_rows
from cherrypy_bot.config import load_config
from cherrypy_bot.learn.evaluation.intervals import wilson
from cherrypy_bot.learn.evaluation.matrix import (
    Cell,
    Matrix,
    MatrixSettings,
    enemy_race,
    matrix_orders,
    read_matrix,
)
from cherrypy_bot.learn.evaluation.table import (
    BANDIT,
    BEST_BY_RACE,
    BEST_FIXED,
    ORACLE,
    RANDOM,
    SELECTOR,
    EvaluationSettings,
    Row,
    best_builds,
    evaluation_orders,
    joined_rows,
    matrix_rows,
    played_rows,
    sorted_rows,
)
from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import GameResult
from cherrypy_bot.learn.league.pool import openings
from cherrypy_bot.learn.league.split import HELD_OUT, PARTS, TRAINING, load_split
from cherrypy_bot.learn.league.store import Game
from cherrypy_bot.learn.league.workers import ROOT

CONFIG = load_config(ROOT / "bots.yaml")
SPLIT = load_split()
FIRST, SECOND = SPLIT.opponents(CONFIG, TRAINING)[:2]
HELD = SPLIT.opponents(CONFIG, HELD_OUT)[0]


def result(won: bool) -> GameResult:
    results = ("Victory", "Defeat") if won else ("Defeat", "Victory")
    return GameResult(results, "decided", 9000, ("zerg", "terran"), openings=("b", ""))


# -- intervals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wins", "games", "low", "high"),
    # Brown, Cai and DasGupta 2001 and Newcombe 1998 give these, to the digits shown.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_wilson_intervals_are_those_of_the_literature(wins: int, games: int, low: float, high: float) -> None:
    assert wilson(wins, games) == pytest.approx((low, high), abs=6e-5)


def test_no_games_say_nothing_and_impossible_counts_are_refused() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="impossible"):
        wilson(3, 2)


# -- matrix --------------------------------------------------------------------------------------


def settings(**facts: object) -> MatrixSettings:
    return replace(MatrixSettings(("zerg",), (FIRST, SECOND, HELD), parts=PARTS, games=4), **facts)  # type: ignore[arg-type]


def test_every_cell_is_played_on_the_same_maps_and_seeds() -> None:
    orders = matrix_orders(CONFIG, SPLIT, settings())
    cells: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for order in orders:
        key = (order.cell["opponent"], order.cell["maps"], order.cell["build"])
        cells.setdefault(key, []).append((order.map_name, order.seed))
    for opponent in (FIRST, SECOND, HELD):
        builds = openings("zerg", enemy_race(CONFIG, opponent))
        for part in PARTS:
            games = [cells[opponent, part, build] for build in builds]
            assert all(one == games[0] for one in games)
            assert len(games[0]) == 4
            assert {name for name, _ in games[0]} <= set(SPLIT.maps(part))
    assert len({order.game_id for order in orders}) == len(orders)
    assert {order.cell["opponents"] for order in orders if order.cell["opponent"] == HELD} == {HELD_OUT}


def test_a_matrix_that_was_stopped_early_has_games_in_every_cell() -> None:
    orders = matrix_orders(CONFIG, SPLIT, settings())
    first = orders[: len(orders) // 4]
    assert len({(o.cell["opponent"], o.cell["maps"], o.cell["build"]) for o in first}) == len(first)


def test_the_spread_says_who_wins_everywhere_and_who_is_told_apart() -> None:
    shares = {("a", "x"): 10, ("b", "x"): 0, ("a", "y"): 3, ("b", "y"): 9, ("a", "z"): 10, ("b", "z"): 9}
    cells = {pair: Cell(10, wins) for pair, wins in shares.items()}
    found = Matrix("zerg", ("a", "b"), ("x", "y", "z"), cells)
    spread = found.spread()
    assert spread["best_fixed"] == {"build": "a", "share": pytest.approx(23 / 30)}
    assert spread["oracle"] == pytest.approx(29 / 30)
    assert spread["random"] == pytest.approx(41 / 60)
    assert spread["told_apart"] == ["x", "y"]
    assert spread["always_won"] == ["z"]
    assert spread["wins_everywhere"] == []
    assert spread["best_differs"] == 2
    strong = Matrix("zerg", ("a", "b"), ("x",), {("a", "x"): Cell(10, 10), ("b", "x"): Cell(10, 2)})
    assert strong.spread()["wins_everywhere"] == ["a"]


# -- table ---------------------------------------------------------------------------------------


def played_matrix(wins: dict[tuple[str, str], list[bool]]) -> list[Game]:
    """A matrix of zerg builds on training maps, each cell with these results in the order of its games."""
    orders = matrix_orders(CONFIG, SPLIT, settings(opponents=(FIRST, SECOND), parts=(TRAINING,)))
    found = []
    for number, order in enumerate(orders):
        outcome = wins.get((order.cell["build"], order.cell["opponent"]), [False] * 4)
        found.append(Game(number, order, result(outcome[int(order.cell["index"])]), number))
    return found


def rows_by_policy(games: list[Game]) -> dict[str, Row]:
    rows = matrix_rows(games, CONFIG, ["zerg"])
    assert {(row.opponents, row.maps) for row in rows} == {(TRAINING, TRAINING)}
    return {row.policy: row for row in rows}


def builds() -> list[str]:
    """Openings that may be played against both opponents."""
    return [b for b in openings("zerg", enemy_race(CONFIG, FIRST)) if b in openings("zerg", enemy_race(CONFIG, SECOND))]


def test_oracle_and_best_fixed_are_what_they_say() -> None:
    one, two = builds()[:2]
    always, never = [True] * 4, [False] * 4
    games = played_matrix({(one, FIRST): always, (two, SECOND): always, (one, SECOND): never, (two, FIRST): never})
    rows = rows_by_policy(games)
    assert (rows[ORACLE].wins, rows[ORACLE].games) == (8, 8)
    assert (rows[BEST_FIXED].wins, rows[BEST_FIXED].games) == (4, 8)
    assert rows[RANDOM].wins == 8
    assert rows[RANDOM].games == len(games)
    assert rows[BEST_BY_RACE].games == 8


def test_a_build_that_was_lucky_once_is_not_counted_for_it() -> None:
    """Chosen and counted on the same games, luck would look like skill."""
    lucky = builds()[-1]
    rows = rows_by_policy(played_matrix({(lucky, FIRST): [True, False, False, False]}))
    assert rows[RANDOM].wins == 1
    assert rows[ORACLE].wins == 0
    assert rows[BEST_FIXED].wins == 0


def evaluation(**facts: object) -> EvaluationSettings:
    return replace(EvaluationSettings(("zerg",), (BANDIT, SELECTOR), {}, games=50), **facts)  # type: ignore[arg-type]


def test_every_cell_of_the_table_has_its_games_spread_over_its_opponents() -> None:
    orders = evaluation_orders(CONFIG, SPLIT, evaluation())
    counts: dict[tuple[str, str, str], dict[str, int]] = {}
    for order in orders:
        facts = order.cell
        cell = counts.setdefault((facts["policy"], facts["opponents"], facts["maps"]), {})
        cell[facts["opponent"]] = cell.get(facts["opponent"], 0) + 1
        assert order.map_name in SPLIT.maps(facts["maps"])
        assert order.collect == (0,)
        assert bool(order.series)
        assert (facts["opponent"] in SPLIT.held_out) == (facts["opponents"] == HELD_OUT)
    assert len(counts) == 2 * 2 * 2
    for (_, part, _), cell in counts.items():
        assert sum(cell.values()) == 50
        assert set(cell) == set(SPLIT.opponents(CONFIG, part))
        assert max(cell.values()) - min(cell.values()) <= 1
    assert len({order.game_id for order in orders}) == len(orders)


def test_policies_meet_the_same_opponents_on_the_same_maps_with_the_same_seeds() -> None:
    orders = evaluation_orders(CONFIG, SPLIT, evaluation())
    met = {
        policy: [(o.players[1].name, o.map_name, o.seed) for o in orders if o.cell["policy"] == policy]
        for policy in (BANDIT, SELECTOR)
    }
    assert met[BANDIT] == met[SELECTOR]


def test_what_a_matrix_chose_is_played_on_other_seeds() -> None:
    one, two = builds()[:2]
    cells = {(one, FIRST): [True] * 4, (two, SECOND): [True] * 4, (two, FIRST): [True, False, False, False]}
    games = played_matrix(cells)
    chosen = best_builds(games, CONFIG, ["zerg"], (RANDOM, BEST_FIXED, ORACLE))
    assert chosen == {
        "zerg best_fixed": {FIRST: two, SECOND: two},
        "zerg oracle": {FIRST: one, SECOND: two},
    }
    everybody = SPLIT.opponents(CONFIG, TRAINING)
    asked = evaluation(
        policies=(RANDOM, ORACLE),
        builds={"zerg oracle": {**dict.fromkeys(everybody, one), **chosen["zerg oracle"]}},
        opponents=(TRAINING,),
        maps=(TRAINING,),
    )
    orders = evaluation_orders(CONFIG, SPLIT, asked)
    played = {(o.cell["policy"], o.players[1].name): o.players[0].strategy for o in orders}
    assert played[ORACLE, SECOND] == {"policy": "fixed", "build": two}
    assert played[RANDOM, SECOND] == {"policy": "random_opening"}
    assert not any(order.series for order in orders)
    assert not {order.seed for order in orders} & {game.order.seed for game in games}
    with pytest.raises(LeagueError, match="does not say what oracle of zerg plays against"):
        evaluation_orders(CONFIG, SPLIT, replace(asked, builds=chosen))


def test_games_of_a_policy_take_the_place_of_those_read_from_the_matrix() -> None:
    played = Row.of("zerg", ORACLE, TRAINING, TRAINING, Cell(200, 150))
    read = [Row.of("zerg", name, TRAINING, TRAINING, Cell(40, 30)) for name in (ORACLE, RANDOM)]
    assert joined_rows([played], read) == [read[1], played]


def test_the_matrix_keeps_what_may_be_learned_from_and_nothing_else() -> None:
    for order in matrix_orders(CONFIG, SPLIT, settings()):
        free = order.cell["opponents"] == TRAINING == order.cell["maps"]
        assert order.collect == ((0,) if free else ())
        assert order.cell["assigned"] == "opening"


def test_a_matrix_and_a_table_may_grow_and_their_games_stay(tmp_path: Path) -> None:
    few, more = settings(games=2), settings(games=4)
    assert few.plain() == more.plain()
    ids = [{o.game_id for o in matrix_orders(CONFIG, SPLIT, one)} for one in (few, more)]
    assert ids[0] < ids[1]
    assert evaluation(games=20).plain() == evaluation(games=50).plain()
    ids = [{o.game_id for o in evaluation_orders(CONFIG, SPLIT, evaluation(games=count))} for count in (20, 50)]
    assert ids[0] < ids[1]


def test_rows_count_wins_and_leave_void_games_out() -> None:
    orders = evaluation_orders(CONFIG, SPLIT, evaluation(policies=(BANDIT,), opponents=(TRAINING,), maps=(TRAINING,)))
    games = [Game(n, order, result(n % 5 > 0), n) for n, order in enumerate(orders)]
    games[0] = replace(games[0], result=replace(result(True), void="the opponent crashed"))
    games[1] = replace(games[1], result=None)
    (row,) = played_rows(games)
    assert (row.games, row.wins) == (48, 39)
    assert (row.ci_low, row.ci_high) == pytest.approx(wilson(39, 48), abs=1e-4)


def test_rows_are_written_over_those_they_repeat(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    first = Row.of("zerg", BANDIT, TRAINING, TRAINING, Cell(10, 5))
    other = Row.of("terran", BANDIT, TRAINING, TRAINING, Cell(10, 7))
    write_rows(path, [first, other])
    write_rows(path, [Row.of("zerg", BANDIT, TRAINING, TRAINING, Cell(20, 11))])
    found = {(row["race"], row["games"], row["wins"]) for row in json.loads(path.read_text())}
    assert found == {("zerg", 20, 11), ("terran", 10, 7)}
    assert set(json.loads(path.read_text())[0]) == {
        *("race", "policy", "opponents", "maps", "games", "wins", "ci_low", "ci_high")
    }
    path.write_text('["x"]')
    with pytest.raises(LeagueError, match=r"rows\.json: is no list of such rows"):
        write_rows(path, [first])


def test_the_table_is_sorted_as_it_is_read() -> None:
    cells = [(SELECTOR, HELD_OUT), (ORACLE, TRAINING), (RANDOM, TRAINING)]
    rows = [Row.of("zerg", policy, part, TRAINING, Cell(1, 1)) for policy, part in cells]
    assert [row.policy for row in sorted_rows(rows)] == [RANDOM, ORACLE, SELECTOR]


def test_the_commands_play_a_small_matrix_and_a_small_table(tmp_path: Path) -> None:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cherrypy_bot", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)

    common = ("--race", "zerg", "--loop-limit", "400", "--workers", "1", "--json")
    two = [word for build in builds()[:2] for word in ("--build", build)]
    folder = str(tmp_path / "matrix")
    found = call("league", "matrix", *common, "--opponent", FIRST, *two, "--games", "2", "--out", folder)
    assert found.returncode == 0, found.stderr
    (matrix,) = json.loads(found.stdout)["matrices"]
    assert [(cell["games"], cell["ties"]) for cell in matrix["cells"]] == [(2, 2), (2, 2)]
    again = call("league", "matrix", *common, "--opponent", FIRST, *two, "--games", "2", "--out", folder)
    assert json.loads(again.stdout)["matrices"] == [matrix]
    few = ("--policy", "bandit", "--games", "2", "--opponents", "training", "--maps", "training")
    out = ("--out", str(tmp_path / "eval"), "--write", str(tmp_path / "rows.json"))
    table = call("train", "eval", *common, *few, *out, "--matrix", folder)
    assert table.returncode == 0, table.stderr
    rows = json.loads(table.stdout)["rows"]
    assert {row["policy"] for row in rows} == {RANDOM, BEST_FIXED, BEST_BY_RACE, ORACLE, BANDIT}
    assert json.loads((tmp_path / "rows.json").read_text()) == rows
    assert "give one with --matrix" in call("train", "eval", "--policy", "oracle", "--out", str(tmp_path / "y")).stderr
    luck = call("train", "eval", "--matrix", folder, "--seed", "1", "--out", str(tmp_path / "z"))
    assert "the matrix has games with seed 1" in luck.stderr
    wrong = call("train", "eval", "--weights", str(tmp_path / "none"), "--out", str(tmp_path / "x"))
    assert wrong.returncode == 2
    assert "there are no such weights" in wrong.stderr


def test_games_are_read_by_part(tmp_path: Path) -> None:
    games = played_matrix({(builds()[0], FIRST): [True] * 4})
    assert read_matrix(games, "zerg", maps=HELD_OUT).opponents == ()
    assert read_matrix(games, "terran").builds == ()
    whole = read_matrix(games, "zerg", opponents=TRAINING)
    assert whole.cell(builds()[0], FIRST) == Cell(4, 4)
