"""The world's trace holds the truth of a game of the engine, and looking changes nothing in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.trace import Trace, read_trace
from cherrypy_bot.ladder.spectate import WorldTrace, world_trace_path
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import load_map
from cherrypy_bot.sim.state import NEUTRAL, TAG_BASE
from cherrypy_bot.viewer.folder import TraceFolder
from tests.ladder.arena_support import QUICK, play, small_bot

LOOPS = 120


def new_game() -> Game:
    return Game.new(load_map("CherryGroveLE"), ("Terran", "Zerg"), seed=3)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Game, Trace, dict[int, dict[int, tuple[int, int, int]]]]:
    """A game that was looked at every four loops, its trace, and what was true at each look."""
    path = tmp_path_factory.mktemp("world") / "x.world.cbtrace"
    game = new_game()
    world = WorldTrace(path, {"map": "CherryGroveLE"}, ["first", "second"])
    truth = {}
    for _ in range(LOOPS // 4):
        world.look(game)
        u = game.world.units
        truth[game.loop] = {
            game.world.tag(row): (int(u.x[row] * tf.PER_CELL + 0.5), int(u.type_id[row]), int(u.owner[row]))
            for row in game.world.rows()
            if not u.hidden[row]
        }
        if game.loop == 60:
            victim = game.world.rows_of(1)[-1]
            game.world.units.hp[victim] = 0.0
            game.world.remove(victim)
        game.step(4)
    game.finish(0)
    world.close(game)
    return game, read_trace(path), truth


def test_units_are_where_they_are(
    watched: tuple[Game, Trace, dict[int, dict[int, tuple[int, int, int]]]],
) -> None:
    _, trace, truth = watched
    assert trace.complete
    for loop, expected in truth.items():
        seen = trace.units_at(loop)
        assert set(seen.tags.tolist()) == set(expected), f"at loop {loop}"
        x, types, owner = seen.column("x"), seen.column("type"), seen.column("owner")
        for row, tag in enumerate(seen.tags.tolist()):
            at, kind, whose = expected[tag]
            assert abs(int(x[row]) - at) <= 1
            assert types[row] == kind
            assert owner[row] == (16 if whose == NEUTRAL else whose + 1)


def test_workers_carry_and_aim_at_what_they_mine(
    watched: tuple[Game, Trace, dict[int, dict[int, tuple[int, int, int]]]],
) -> None:
    _, trace, _ = watched
    seen = trace.units_at(116)
    workers = np.isin(seen.column("type"), (45, 104)) & (seen.column("ability") != 0)
    assert workers.sum() >= 20
    assert (seen.column("target")[workers] > 0).all(), "they gather from a field"
    assert trace.abilities


def test_both_banks_sights_and_the_result_are_known(
    watched: tuple[Game, Trace, dict[int, dict[int, tuple[int, int, int]]]],
) -> None:
    game, trace, _ = watched
    banks = [record["bank"] for record in trace.records if "bank" in record]
    assert banks[0] == {"1": [50, 0, 12.0, 15.0, 12, 0], "2": [50, 0, 12.0, 14.0, 12, 0]}
    for player in (0, 1):
        found = trace.grid_at(f"visible{player + 1}", game.loop)
        assert found is not None
        assert found.any()
    creep = trace.grid_at("creep", game.loop)
    assert creep is not None
    assert (creep == (game.world.grids.creep == 1)).all()
    assert trace.end is not None
    assert trace.end["results"] == {"first": "Victory", "second": "Defeat"}


def test_looking_on_changes_nothing(tmp_path: Path) -> None:
    alone, seen = new_game(), new_game()
    world = WorldTrace(tmp_path / "x.world.cbtrace", {}, ["a", "b"])
    for _ in range(10):
        alone.step(4)
        seen.step(4)
        world.look(seen)
    assert alone.state_hash() == seen.state_hash()


def test_its_name_follows_from_the_bots() -> None:
    assert world_trace_path(Path("out/x.cbtrace")) == Path("out/x.world.cbtrace")
    assert TAG_BASE == 1 << 32, "the traces' tags are the API's"


def test_an_arena_match_can_be_watched(tmp_path: Path) -> None:
    path = tmp_path / "traces" / "0001.world.cbtrace"
    rules = replace(QUICK, loop_limit=400)
    result = play(tmp_path, small_bot("idle", tmp_path, "one"), small_bot("idle", tmp_path, "two"), rules, trace=path)
    trace = read_trace(path)
    assert trace.problem == ""
    assert trace.header["names"] == ["one", "two"]
    assert trace.end == {"loop": result.game_steps, "results": {"one": "Tie", "two": "Tie"}}
    folder = TraceFolder(tmp_path)
    row = folder.describe(folder.match("traces/0001"))
    assert (row["players"], row["winner"], row["loop"]) == (["one", "two"], None, 400)
