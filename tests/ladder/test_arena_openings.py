"""What the arena learns of its bots' minds: traces of their own, and the build order each began with."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from cherrypy_bot.core.history import OpponentHistory
from cherrypy_bot.core.trace import TraceWriter, read_trace
from cherrypy_bot.core.trace_read import opening_of
from cherrypy_bot.ladder.arena.entrants import Entrant
from cherrypy_bot.ladder.arena.match import BotCommand, MatchPlan, opponent_id
from cherrypy_bot.ladder.arena.store import FILE, Pairing, Settings, Store
from cherrypy_bot.ladder.arena.worker import Openings
from cherrypy_bot.ladder.entry import TRACE_VARIABLE, parse_arguments
from tests.cli.command import Command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`cherrypy-bot`, callable with its arguments."""
    return Command(monkeypatch, capsys)


def plan_of(folder: Path, trace: Path | None = None) -> MatchPlan:
    environment = {TRACE_VARIABLE: str(trace)} if trace is not None else {}
    bots = [BotCommand(name, ("true",), folder / name, environment) for name in ("one", "two")]
    return MatchPlan((bots[0], bots[1]), "OrchardLE")


def test_the_opening_is_what_a_bot_noted_in_this_match(tmp_path: Path) -> None:
    history = OpponentHistory(tmp_path / "one" / "data")
    history.begin(opponent_id("two")).note(opening="of_an_older_match")
    openings = Openings(plan_of(tmp_path))
    assert openings.found() == {"bot1_opening": None, "bot2_opening": None}, "an older match says nothing of this one"
    history.begin(opponent_id("two")).note(opening="three_rax")
    OpponentHistory(tmp_path / "two" / "data").begin(opponent_id("one")).note(opening=3)
    assert openings.found() == {"bot1_opening": "three_rax", "bot2_opening": None}


def test_the_trace_goes_before_what_was_noted(tmp_path: Path) -> None:
    trace = tmp_path / "x.cbtrace"
    openings = Openings(plan_of(tmp_path, trace))
    writer = TraceWriter(trace, {"bot": "one"})
    for loop, build in ((0, "twelve_pool"), (400, "roach_timing")):
        writer.begin_step(loop)
        writer.board({"build": build})
        writer.end_step()
    writer.close(result="Victory")
    assert openings.found()["bot1_opening"] == "twelve_pool"
    assert opening_of(trace.read_bytes()[:40]) == "", "a header alone has no opening"
    assert opening_of(b"no trace at all") == ""


def test_where_the_trace_goes_may_be_said_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_arguments(["--GamePort", "1"]).trace is None
    monkeypatch.setenv(TRACE_VARIABLE, "there.cbtrace")
    assert parse_arguments(["--GamePort", "1"]).trace == Path("there.cbtrace")
    assert parse_arguments(["--GamePort", "1", "--trace", "here.cbtrace"]).trace == Path("here.cbtrace")


def test_a_tournament_begun_by_an_earlier_version_goes_on(tmp_path: Path) -> None:
    entrants = [Entrant(name, "folder", tmp_path, 1) for name in ("one", "two")]
    path = tmp_path / FILE
    Store.create(path, Settings(), entrants, [Pairing(1, "one", "two", "OrchardLE", 1)])
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE match DROP COLUMN bot1_opening")
        db.execute("ALTER TABLE match DROP COLUMN bot2_opening")
    store = Store(path)
    keys = ("winner", "reason", "game_steps", "wall_seconds", "bot1_avg_step_time", "bot2_avg_step_time", "replay")
    assert store.finish(1, {**dict.fromkeys(keys), "type": "Tie", "bot1_opening": "three_rax"})
    assert (store.match(1).bot1_opening, store.match(1).bot2_opening) == ("three_rax", None)


def test_bots_of_an_arena_leave_traces_of_their_own_and_their_opening(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = command(
        *("arena", "worker_rush_zerg", "cherry_terran", "-o", str(out), "--map", "OrchardLE", "--json", "--traces"),
        *("--config", str(ROOT / "bots.yaml"), "--loop-limit", "200"),
    )
    assert answer.code == 0, answer
    [row] = json.loads(answer.out)["matches"]
    side = 1 if row["bot1"] == "cherry_terran" else 2
    assert row[f"bot{side}_opening"] == read_trace_opening(out / "traces", side)
    assert row[f"bot{3 - side}_opening"] is None, "a scripted bot has no build order"
    names = {path.name for path in (out / "traces").iterdir()}
    assert names == {"0001.world.cbtrace", "0001.cbtrace" if side == 1 else "0001.opponent.cbtrace"}
    assert json.loads((out / "results" / "0001.json").read_text())[f"bot{side}_opening"] == row[f"bot{side}_opening"]


def read_trace_opening(folder: Path, side: int) -> str:
    trace = read_trace(folder / ("0001.cbtrace" if side == 1 else "0001.opponent.cbtrace"))
    assert trace.header["bot"] == "cherry_terran"
    return str(next(record["board"]["build"] for record in trace.records if "build" in record.get("board", {})))
