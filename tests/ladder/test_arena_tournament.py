"""Tournaments: bots of every kind, results on disk, killed and gone on with."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cherrypy_bot.ladder.arena.entrants import Entrant, find_entrants, lay_out
from cherrypy_bot.ladder.arena.pairing import round_robin
from cherrypy_bot.ladder.arena.rules import ArenaRules
from cherrypy_bot.ladder.arena.store import FILE, MatchRow, Pairing, Settings, Store
from cherrypy_bot.ladder.arena.tournament import play_tournament
from cherrypy_bot.ladder.arena.worker import failed, result_path
from cherrypy_bot.ladder.errors import MatchError
from tests.cli.command import Command
from tests.ladder.arena_support import SMALL_BOT

ROOT = Path(__file__).resolve().parents[2]
needs_proc = pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="looks for processes in /proc (Linux)")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`cherrypy-bot`, callable with its arguments."""
    return Command(monkeypatch, capsys)


def small_bot_folder(folder: Path, behaviour: str, name: str | None = None) -> Path:
    """A folder as a bot's author has it: run.py and what belongs to it."""
    home = folder / (name or behaviour)
    home.mkdir(parents=True)
    shutil.copy(SMALL_BOT, home / "small_bot.py")
    (home / "run.py").write_text(f"import sys\nsys.argv.insert(1, {behaviour!r})\nimport small_bot\nsmall_bot.main()\n")
    return home


def small_bot_zip(folder: Path, behaviour: str, name: str | None = None) -> Path:
    """The same as a zip."""
    home = small_bot_folder(folder / "unzipped", behaviour, name)
    path = folder / f"{home.name}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(home.iterdir()):
            archive.write(file, file.name)
    return path


def rows_of(out: Path) -> list[dict[str, Any]]:
    """The matches as they stand in the file."""
    with sqlite3.connect(out / FILE) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM match ORDER BY id")]


def test_folders_zips_and_bots_of_the_configuration_play_each_other(command: Command, tmp_path: Path) -> None:
    leaver, idler = small_bot_folder(tmp_path, "leave", "leaver"), small_bot_zip(tmp_path, "idle", "idler")
    out = tmp_path / "out"
    answer = command(
        *("arena", "worker_rush_terran", str(leaver), str(idler), "-o", str(out), "--map", "OrchardLE", "--json"),
        *("--config", str(ROOT / "bots.yaml"), "--loop-limit", "400", "--jobs", "2", "--replays"),
    )
    assert answer.code == 0, answer
    plain = json.loads(answer.out)
    endings = {frozenset((row["bot1"], row["bot2"])): (row["type"], row["winner"]) for row in plain["matches"]}
    assert endings[frozenset(("worker_rush_terran", "idler"))] == ("Tie", None)
    assert endings[frozenset(("worker_rush_terran", "leaver"))][1] == "worker_rush_terran"
    assert endings[frozenset(("idler", "leaver"))][1] == "idler"
    assert plain["standings"][-1]["bot"] == "leaver"
    for row in plain["matches"]:
        result = json.loads(result_path(out, row["id"]).read_text())
        assert (result["match"], result["type"], result["game_steps"]) == (row["id"], row["type"], row["game_steps"])
        assert Path(row["replay"]).is_file()
    # ./data came back in the second match of each
    told = (out / "data" / "idler" / "matches.txt").read_text().splitlines()
    assert len(told) == len(set(told)) == 2
    assert len(list((out / "data" / "worker_rush_terran" / "history").iterdir())) == 2
    assert (out / "standings.csv").read_text().count("\n") == 4
    assert list((out / "running").iterdir()) == []
    # each pair shares a bot, so one process plays all three and has nothing to complain of
    assert [path.read_text() for path in sorted((out / "logs").glob("worker*.log"))] == [""]
    # asked again, nothing is played again
    before = rows_of(out)
    again = command("arena", "-o", str(out))
    assert again.code == 0
    assert "Tie" in again.out
    assert rows_of(out) == before


@needs_proc
def test_a_tournament_killed_or_interrupted_goes_on_without_losing_or_repeating_a_match(
    command: Command, tmp_path: Path
) -> None:
    bots = [str(small_bot_folder(tmp_path, behaviour)) for behaviour in ("leave", "idle")]
    out = tmp_path / "out"
    settings = Settings(maps=("OrchardLE",), rules=ArenaRules(alive_seconds=0.2, loop_limit=300))
    pairings = round_robin(["leave", "idle"], 5, settings.maps, 1)
    Store.create(out / FILE, settings, find_entrants(bots, None), pairings)
    for how, finished in ((signal.SIGKILL, 1), (signal.SIGINT, 2)):
        with (tmp_path / "said.txt").open("w") as said:
            arena = subprocess.Popen(
                [sys.executable, "-m", "cherrypy_bot", "arena", "-o", str(out)],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=said,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
            )
        wait_until(lambda wanted=finished: len(done(out)) >= wanted)
        before = done(out)
        arena.send_signal(how)
        code = arena.wait(60)
        wait_until(lambda: not bots_running(out))  # the stopped arena's matches end by themselves
        kept = {row["id"]: row for row in done(out)}
        assert all(kept[row["id"]] == row for row in before)
    assert code == 130
    assert f"stopped after {len(done(out))} of 5 matches" in (tmp_path / "said.txt").read_text()
    before = done(out)
    assert 2 <= len(before) < 5, "stopped too late to show anything"
    assert command("arena", "-o", str(out)).code == 0
    rows = rows_of(out)
    assert len(rows) == len(done(out)) == 5
    assert [row for row in rows if row["id"] in {old["id"] for old in before}] == before
    assert sorted(row["sequence"] for row in rows) == [1, 2, 3, 4, 5]
    assert {row["type"] for row in rows} <= {"Player1Win", "Player2Win"}


def done(out: Path) -> list[dict[str, Any]]:
    return [row for row in rows_of(out) if row["type"] is not None] if (out / FILE).is_file() else []


def bots_running(out: Path) -> list[str]:
    """Command lines of processes that work on this tournament."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            words = command_line(entry)
            try:
                where = os.readlink(entry / "cwd")
            except OSError:
                continue
            if where.startswith(str(out)) or (str(out) in words and "arena" in words):
                found.append(words)
    return found


def command_line(process: Path) -> str:
    """Of a process by its folder in /proc; empty where it has gone."""
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def wait_until(condition: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


class KillsTheWorkerOnce:
    """Kills the process that plays the first match in the middle of it."""

    def __init__(self) -> None:
        self.begun_matches = self.killed = 0

    def begun(self, row: MatchRow) -> None:
        self.begun_matches += 1

    def at_loop(self, row: MatchRow, loop: int) -> None:
        if self.killed or loop < 16:
            return
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and "arena.worker" in command_line(entry):
                status = (entry / "status").read_text()
                if f"PPid:\t{os.getpid()}\n" in status:
                    os.kill(int(entry.name), signal.SIGKILL)
                    self.killed += 1

    def finished(self, row: MatchRow, played: int, known: int) -> None:
        pass


@needs_proc
def test_a_match_whose_process_is_killed_is_played_again_and_its_bots_are_gone(tmp_path: Path) -> None:
    bots = [str(small_bot_folder(tmp_path, "slow", name)) for name in ("one", "two")]
    out = tmp_path / "out"
    settings = Settings(maps=("OrchardLE",), rules=ArenaRules(alive_seconds=0.2, loop_limit=600))
    store = Store.create(out / FILE, settings, find_entrants(bots, None), [Pairing(1, "one", "two", "OrchardLE", 1)])
    watcher = KillsTheWorkerOnce()
    play_tournament(store, 1, watcher)
    assert (watcher.killed, watcher.begun_matches) == (1, 2)
    assert [row["type"] for row in rows_of(out)] == ["Tie"]
    wait_until(lambda: not bots_running(out))


def test_two_processes_do_not_play_one_tournament(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    Store.create(out / FILE, Settings(), [Entrant("one", "folder", tmp_path), Entrant("two", "folder", tmp_path)], [])
    with (out / f"{FILE}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "another process plays the tournament" in command.refused("arena", "-o", str(out))


def test_a_result_file_that_the_database_does_not_know_yet_is_taken_over(command: Command, tmp_path: Path) -> None:
    bots = [str(small_bot_folder(tmp_path, "never_connect", name)) for name in ("one", "two")]
    out = tmp_path / "out"
    entrants = find_entrants(bots, None)
    settings = Settings(maps=("OrchardLE",))
    store = Store.create(out / FILE, settings, entrants, round_robin(["one", "two"], 1, ("OrchardLE",), 1))
    path = result_path(out, 1)
    path.parent.mkdir()
    path.write_text(json.dumps({**failed(store.match(1), "made up"), "type": "Player1Win", "winner": "one"}))
    assert command("arena", "-o", str(out)).code == 0
    assert rows_of(out)[0]["winner"] == "one"


def test_the_ladder_mode_plays_its_rounds(command: Command, tmp_path: Path) -> None:
    bots = [str(small_bot_folder(tmp_path, behaviour)) for behaviour in ("idle", "leave")]
    out = tmp_path / "out"
    arguments = ("arena", *bots, "-o", str(out), "--map", "OrchardLE", "--mode", "ladder", "--rounds", "2", "--no-data")
    answer = command(*arguments)
    assert answer.code == 0, answer
    rows = rows_of(out)
    assert [row["round"] for row in rows] == [1, 2]
    assert rows[0]["bot1"] == rows[1]["bot2"]
    assert "[2/2]" in answer.out
    assert not (out / "data").exists()


@pytest.mark.parametrize(
    ("bots", "said"),
    [
        (["nobody", "worker_rush_zerg"], "nobody"),
        (["worker_rush_zerg"], "two bots at least"),
        (["worker_rush_zerg", "worker_rush_zerg"], "two bots are called"),
        (["worker_rush_zerg", "./nowhere.zip"], "does not exist"),
        (["worker_rush_zerg", "{tmp}"], "has no run.py"),
        ([], "there is no tournament"),
        (["worker_rush_zerg", "worker_rush_terran", "--python", "nowhere"], "there is no interpreter nowhere"),
        (["worker_rush_zerg", "worker_rush_terran", "--map", "Nowhere"], "'Nowhere'"),
    ],
)
def test_mistakes_end_with_one_line(bots: list[str], said: str, command: Command, tmp_path: Path) -> None:
    named = [bot.replace("{tmp}", str(tmp_path)) for bot in bots]
    line = command.refused("arena", *named, "-o", str(tmp_path / "out"), "--config", str(ROOT / "bots.yaml"))
    assert said in line


def test_another_tournament_is_not_written_over(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    entrants = [Entrant("one", "folder", tmp_path), Entrant("two", "folder", tmp_path)]
    Store.create(out / FILE, Settings(), entrants, [])
    bots = ("worker_rush_zerg", "worker_rush_terran")
    line = command.refused("arena", *bots, "-o", str(out), "--config", str(ROOT / "bots.yaml"), "--map", "OrchardLE")
    assert "another tournament (of one, two)" in line


def test_a_zip_that_would_write_outside_its_folder_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("run.py", "")
        archive.writestr("../outside.py", "")
    (entrant,) = find_entrants([str(path)], None)
    with pytest.raises(MatchError, match="outside its folder"):
        lay_out(entrant, tmp_path / "here" / "bot", None, tmp_path / "log")
    assert not (tmp_path / "here" / "outside.py").exists()


def test_what_a_bot_brings_as_data_is_there_in_its_first_match(tmp_path: Path) -> None:
    home = small_bot_folder(tmp_path, "idle")
    (home / "data").mkdir()
    (home / "data" / "start.txt").write_text("first")
    (entrant,) = find_entrants([str(home)], None)
    kept = tmp_path / "kept"
    lay_out(entrant, tmp_path / "match1", kept, tmp_path / "log")
    (tmp_path / "match1" / "data" / "start.txt").write_text("second")
    lay_out(entrant, tmp_path / "match2", kept, tmp_path / "log")
    assert (tmp_path / "match2" / "data" / "start.txt").read_text() == "second"
    assert (home / "data" / "start.txt").read_text() == "first"
