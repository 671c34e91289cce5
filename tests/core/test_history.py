"""The memory of earlier matches: a crash is a loss, no write tears a file, a broken file is no broken match."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cherrypy_bot.core.history import KEPT_MATCHES, OpponentHistory, replace_file

ROOT = Path(__file__).resolve().parents[2]


def test_a_match_that_never_ends_stays_a_loss(tmp_path: Path) -> None:
    OpponentHistory(tmp_path).begin("them", map_name="CherryGroveLE", race="Zerg").note(opening="roach_timing")
    (match,) = OpponentHistory(tmp_path).past("them")
    assert (match.result, match.finished) == ("Defeat", False)
    assert match.notes == {"opening": "roach_timing"}


def test_results_are_kept_in_order_and_the_running_match_is_not_among_the_past_ones(tmp_path: Path) -> None:
    history = OpponentHistory(tmp_path)
    for result in ("Victory", "Tie", "Defeat"):
        history.begin("them").finish(result, loops=9000)
    record = history.begin("them")
    assert [match.result for match in record.past] == ["Victory", "Tie", "Defeat"]
    assert all(match.finished and match.loops == 9000 for match in record.past)
    assert history.past("somebody else") == ()


def test_a_race_that_was_hidden_at_first_is_remembered(tmp_path: Path) -> None:
    OpponentHistory(tmp_path).begin("them", enemy_race="Random").finish("Tie", enemy_race="Zerg")
    assert OpponentHistory(tmp_path).past("them")[0].enemy_race == "Zerg"


def test_a_result_that_is_none_leaves_the_loss(tmp_path: Path) -> None:
    OpponentHistory(tmp_path).begin("them").finish("Undecided")
    assert not OpponentHistory(tmp_path).past("them")[0].finished


@pytest.mark.parametrize("name", ["../../etc/passwd", "", ".", "Ünï/cödé", "x" * 400])
def test_any_id_gets_a_file_inside_the_folder(name: str, tmp_path: Path) -> None:
    history = OpponentHistory(tmp_path)
    history.begin(name).finish("Victory")
    assert history.past(name)[0].result == "Victory"
    assert history.path(name).resolve().parent == (tmp_path / "history").resolve()
    assert history.path(name) != history.path(name + "_")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"matches": [{"result": "Won"}]}', '{"matches": [3]}', "\x00\xff"])
def test_a_broken_file_is_set_aside_and_the_match_goes_on(text: str, tmp_path: Path) -> None:
    history = OpponentHistory(tmp_path)
    path = history.path("them")
    path.parent.mkdir()
    path.write_text(text, encoding="latin-1")
    record = history.begin("them")
    record.finish("Victory")
    assert record.past == ()
    assert [match.result for match in history.past("them")] == ["Victory"]
    assert path.with_name(path.name + ".broken").read_text(encoding="latin-1") == text


def test_a_folder_that_cannot_be_written_costs_the_memory_not_the_match(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("a file where the folder should be")
    record = OpponentHistory(tmp_path).begin("them")
    record.note(opening="x")
    record.finish("Victory")
    assert record.match.result == "Victory"


def test_only_the_last_matches_are_kept(tmp_path: Path) -> None:
    history = OpponentHistory(tmp_path)
    history.begin("them")
    path = history.path("them")
    written = json.loads(path.read_text())
    written["matches"] = written["matches"] * (KEPT_MATCHES + 20)
    path.write_text(json.dumps(written))
    history.begin("them").finish("Victory")
    past = history.past("them")
    assert len(past) == KEPT_MATCHES
    assert past[-1].result == "Victory"


def test_a_process_killed_while_it_writes_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    script = (
        "import json, pathlib, sys\n"
        "from cherrypy_bot.core.history import replace_file\n"
        "number = 0\n"
        "while True:\n"
        "    number += 1\n"
        "    replace_file(pathlib.Path(sys.argv[1]), json.dumps([number] * 20000))\n"
    )
    for delay in (0.02, 0.05, 0.09):
        started = subprocess.Popen(
            [sys.executable, "-c", script, str(path)], env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        deadline = time.monotonic() + 60
        before = path.stat().st_mtime_ns if path.exists() else 0
        while (not path.exists() or path.stat().st_mtime_ns == before) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(delay)
        started.send_signal(signal.SIGKILL)
        started.wait()
        numbers = json.loads(path.read_text())
        assert len(numbers) == 20000
        assert len(set(numbers)) == 1


def test_a_failed_write_leaves_the_old_text_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    replace_file(path, "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        replace_file(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
