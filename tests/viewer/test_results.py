"""What the list of matches has besides traces: openings, matrices of wins, reports on replays, training runs."""

from __future__ import annotations

import json
import math
import os
import struct
from pathlib import Path
from urllib.parse import quote

import pytest

from cherrypy_bot.core.trace import TraceWriter
from cherrypy_bot.ladder.arena.entrants import Entrant
from cherrypy_bot.ladder.arena.store import FILE, Pairing, Settings, Store
from cherrypy_bot.viewer.arena import read_arena
from cherrypy_bot.viewer.errors import ViewError
from cherrypy_bot.viewer.folder import TraceFolder, build_matrix
from cherrypy_bot.viewer.matrix import win_matrix
from cherrypy_bot.viewer.reports import Reports
from cherrypy_bot.viewer.training import read_runs
from tests.replays.test_report import LENGTH, battle
from tests.viewer.browser import served
from tests.viewer.synthetic import HOSTILE
from tests.viewer.test_server import Client


def write_trace(path: Path, opening: str, result: str, *, bot: str = "strong", last: int = LENGTH) -> None:
    """A bot's trace of a match on the synthetic replay's map that says its build order and how it ended."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = TraceWriter(path, {"bot": bot, "opponent": "weak", "map": "Test LE", "match_seed": 5})
    for loop in (0, last):
        writer.begin_step(loop)
        writer.board({"build": opening})
        writer.end_step()
    writer.close(result=result)


def write_results(root: Path) -> None:
    """A folder as `play`, `arena` and training leave it."""
    replay = battle().replay()
    for folder in (root, root / "arena"):
        (folder / "replays").mkdir(parents=True)
    (root / "replays" / "a.SC2Replay").write_bytes(replay)
    (root / "arena" / "replays" / "0001.SC2Replay").write_bytes(replay)
    write_trace(root / "traces" / "a.cbtrace", "three_rax", "Victory")
    write_trace(root / "traces" / "b.cbtrace", "three_rax", "Defeat")
    write_trace(root / "arena" / "traces" / "0001.cbtrace", "roach_timing", "Victory")
    entrants = [Entrant(name, "folder", root, 1) for name in ("strong", "weak")]
    pairings = [Pairing(1, "strong", "weak", "OrchardLE", seed) for seed in (1, 2, 3)]
    store = Store.create(root / "arena" / FILE, Settings(), entrants, pairings)
    keys = ("reason", "game_steps", "wall_seconds", "bot1_avg_step_time", "bot2_avg_step_time", "replay", "winner")
    for number, (kind, opening) in enumerate(
        [("Player1Win", "roach_timing"), ("Player2Win", "roach_timing"), ("InitializationError", None)], start=1
    ):
        store.finish(number, {**dict.fromkeys(keys), "type": kind, "bot1_opening": opening})
    write_events(root / "runs" / "first" / "events.out.tfevents.1.host", [(1, "loss", 1.0), (3, "loss", 0.25)])


def varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def field(number: int, body: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(body)) + body


def event(step: int, tag: str, value: float) -> bytes:
    """An event with one scalar, as TensorBoard's SummaryWriter writes it."""
    scalar = field(1, tag.encode()) + varint(2 << 3 | 5) + struct.pack("<f", value)
    body = varint(1 << 3 | 1) + struct.pack("<d", 1.5e9) + varint(2 << 3) + varint(step)
    body += field(5, field(1, scalar))
    return struct.pack("<Q", len(body)) + bytes(4) + body + bytes(4)


def write_events(path: Path, scalars: list[tuple[int, str, float]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    version = field(3, b"brain.Event:2")
    head = struct.pack("<Q", len(version)) + bytes(4) + version + bytes(4)
    path.write_bytes(head + b"".join(event(*one) for one in scalars))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_results(tmp_path)
    return tmp_path


def test_the_list_says_openings_and_the_matrix_counts_them(root: Path) -> None:
    folder = TraceFolder(root)
    rows = [folder.describe(match) for match in folder.matches()]
    assert {row["name"]: row["minds"][0]["opening"] for row in rows} == {
        "traces/a": "three_rax",
        "traces/b": "three_rax",
        "arena/traces/0001": "roach_timing",
    }
    matrix = build_matrix(rows)
    assert matrix is not None
    assert (matrix["rows"], matrix["columns"]) == (["strong: roach_timing", "strong: three_rax"], ["weak"])
    assert matrix["cells"] == [[{"wins": 1, "games": 1}], [{"wins": 1, "games": 2}]]
    assert build_matrix([]) is None


def test_the_arena_counts_builds_against_bots(root: Path) -> None:
    arena = read_arena(root / "arena" / FILE)
    builds = arena["matrix"][1]
    assert (builds["rows"], builds["columns"]) == (["strong: roach_timing"], ["weak"])
    assert builds["cells"] == [[{"wins": 1, "games": 2}]]
    assert [(row["id"], row["bot1_opening"]) for row in arena["matches"]] == [
        (3, None),
        (2, "roach_timing"),
        (1, "roach_timing"),
    ]


def test_a_matrix_has_the_rows_and_columns_it_is_told_and_none_for_what_was_not_played() -> None:
    matrix = win_matrix("t", "w", [("a", "b", True), ("a", "b", False), ("x", "b", True)], ["a", "c"], ["b", "d"])
    assert matrix["cells"] == [[{"wins": 1, "games": 2}, None], [None, None]]


def test_a_match_leads_to_its_report_with_what_the_bot_decided(root: Path) -> None:
    with served(root) as url:
        client = Client(url)
        listed = {row["name"]: row["replay"] for row in json.loads(client.ask("/api/matches")[2])["matches"]}
        assert listed == {
            "traces/a": "replays/a.SC2Replay",
            "traces/b": None,
            "arena/traces/0001": "arena/replays/0001.SC2Replay",
        }
        status, headers, body = client.ask(f"/report?match={quote('traces/a', safe='')}")
        assert (status, headers["content-type"].split(";")[0]) == (200, "text/html")
        assert "What strong decided" in body.decode()
        assert "script-src" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        [arena] = json.loads(client.ask("/api/arena")[2])["arenas"]
        assert [(row["id"], row["trace"], row["replay"]) for row in arena["matches"]] == [
            (3, False, None),
            (2, False, None),
            (1, True, "arena/replays/0001.SC2Replay"),
        ]
        for bad in ("traces/b", "../a", "traces/../../a", "", "\0", "/etc/passwd", "traces/none"):
            assert client.ask(f"/report?match={quote(bad, safe='')}")[0] == 404, bad


def test_a_report_is_kept_until_a_file_of_it_changes(root: Path) -> None:
    reports = Reports(TraceFolder(root))
    first = reports.page("traces/a")
    assert reports.page("traces/a") is first
    write_trace(root / "traces" / "a.cbtrace", "twelve_pool", "Victory")
    again = reports.page("traces/a")
    assert "twelve pool" in again
    assert "twelve pool" not in first


def test_a_trace_of_another_match_is_left_out_and_a_broken_replay_is_said(root: Path) -> None:
    write_trace(root / "traces" / "a.cbtrace", "three_rax", "Victory", last=LENGTH * 3)
    reports = Reports(TraceFolder(root))
    assert "What strong decided" not in reports.page("traces/a")
    (root / "replays" / "a.SC2Replay").write_bytes(b"no replay")
    with pytest.raises(ViewError, match=r"a\.SC2Replay"):
        reports.page("traces/a")


def test_replays_outside_the_folder_and_of_other_matches_are_refused(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.SC2Replay"
    outside.write_bytes(battle().replay())
    (root / "replays" / "b.SC2Replay").symlink_to(outside)
    assert Reports(TraceFolder(root)).replay_of("traces/b") is None
    alone = Reports(TraceFolder(root, "traces/b"))
    assert alone.replay_of("traces/a") is None
    with pytest.raises(ViewError, match="no replay"):
        alone.page("traces/a")


def test_runs_have_the_last_value_of_every_curve(root: Path) -> None:
    events = root / "runs" / "second" / "events.out.tfevents.2.host"
    write_events(events, [(1, "win", 0.5), (2, HOSTILE, 3.0), (5, "win", math.nan)])
    os.utime(root / "runs" / "first" / "events.out.tfevents.1.host", (1.0, 1.0))
    runs = read_runs(root)
    assert [run["name"] for run in runs] == ["runs/second", "runs/first"]
    assert runs[0]["scalars"] == [[HOSTILE, 2, 3.0], ["win", 1, 0.5]]
    assert runs[1]["scalars"] == [["loss", 3, 0.25]]
    assert Path(runs[0]["folder"]) == events.parent


def test_a_run_that_is_cut_off_or_damaged_anywhere_is_read_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1"
    write_events(path, [(step, "loss", float(step)) for step in range(1, 6)])
    whole = path.read_bytes()
    seen = set()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        [run] = read_runs(tmp_path)
        seen.add(run["scalars"][0][1] if run["scalars"] else 0)
        path.write_bytes(whole[:cut] + bytes([whole[cut] ^ 0xFF]) + whole[cut + 1 :])
        read_runs(tmp_path)
    assert seen == {0, 1, 2, 3, 4}


def test_event_files_outside_the_folder_are_not_read(tmp_path: Path) -> None:
    write_events(tmp_path / "out" / "events.out.tfevents.1", [(1, "secret", 1.0)])
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "events.out.tfevents.1").symlink_to(tmp_path / "out" / "events.out.tfevents.1")
    assert read_runs(tmp_path / "in") == []
