"""Times that replays measured, played on the engine."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from cherrypy_bot.sim.rules import RulesError, load_ruleset
from cherrypy_bot.sim.truth.durations import MIXED, Stopwatch, compare_durations
from cherrypy_bot.sim.truth.source import TruthError
from tests.cli.command import Command
from tests.reference import REFERENCE, needs_reference


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@needs_reference
def test_every_measured_duration_is_the_engines() -> None:
    """936 rows; those that can be compared agree exactly, the issue asks for 1 %."""
    assert REFERENCE is not None
    rows = compare_durations(REFERENCE)
    told = [d for d in rows if not d.left_out]
    print(Counter(d.left_out or "compared" for d in rows))
    assert len(told) >= 800
    assert [d for d in told if not d.agrees] == []
    assert [d for d in told if d.error != 0] == []
    kinds = {d.kind for d in told}
    assert kinds == {
        "structure",
        "egg",
        "warp_in",
        "morph_cocoon",
        "morph_cmd",
        "research_cmd",
        "train_interval",
        "creep_tumor",
    }


@pytest.mark.parametrize(
    ("kind", "name", "slow", "loops"),
    [
        ("structure", "Barracks", False, 1040),
        ("egg", "Zergling", False, 384),
        ("train_interval", "SCV", False, 271),
        ("research_cmd", "Stimpack", False, 2240),
        ("morph_cocoon", "Baneling", False, 319),
        ("morph_cmd", "OrbitalCommand", False, 559),
        ("warp_in", "Stalker", False, 81),
        ("warp_in", "Stalker", True, 256),
        ("warp_in", "Archon", False, 192),
    ],
)
def test_the_stopwatch_takes_times_as_replays_show_them(kind: str, name: str, slow: bool, loops: int) -> None:
    assert Stopwatch().time("5.0.14", kind, name, slow=slow) == loops


def write(folder: Path, *lines: str) -> Path:
    (folder / "facts").mkdir()
    header = "kind,name,release,n,mode,mode_n,matches\n"
    (folder / "facts" / "build_durations.csv").write_text(header + "".join(f"{line}\n" for line in lines))
    return folder


def test_rows_of_5_0_16_are_played_with_its_own_rules_and_a_wrong_time_is_seen(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        "warp_in,Zealot,5.0.16.97563,82,90,82,",
        "egg,Drone,5.0.10.89165,106,275,106,game_data",
        "research_cmd,Charge,5.0.14.93333,1,2738,1,",
    )
    warped, egg, charge = compare_durations(folder)
    assert (warped.engine, warped.agrees) == (90, True)
    assert (egg.engine, egg.agrees) == (272, False)
    assert (charge.engine, charge.left_out) == (None, MIXED)


def test_the_command_prints_durations(command: Command, tmp_path: Path) -> None:
    folder = write(
        tmp_path, "egg,Drone,5.0.10.89165,106,275,106,game_data", "research_cmd,Charge,5.0.14.93333,1,2738,1,"
    )
    (folder / "game_data.pb").write_bytes(load_ruleset().response_data_bytes())
    shown = command("sim", "conform", str(folder), "--durations")
    assert shown.code == 0
    assert "egg Drone of 5.0.10.89165: 275 loops in the game, 272 here" in shown.out
    assert f"left out: 1 rows, {MIXED}" in shown.out
    told = json.loads(command("sim", "conform", str(folder), "--durations", "--json").out)
    assert [(d["name"], d["engine"], d["agrees"]) for d in told["durations"]] == [
        ("Drone", 272, False),
        ("Charge", None, False),
    ]


@pytest.mark.parametrize("row", ["egg,Dragon,5.0.10.1,1,275,1,game_data", "egg,Drone,5.0.10.1,1,long,1,game_data"])
def test_a_row_that_means_nothing_is_named(tmp_path: Path, row: str) -> None:
    with pytest.raises((TruthError, RulesError), match=r"line 2|Dragon"):
        compare_durations(write(tmp_path, row))


def test_a_folder_without_durations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"build_durations\.csv"):
        compare_durations(tmp_path)
    write(tmp_path)
    (tmp_path / "facts" / "build_durations.csv").write_text("kind,name\n")
    with pytest.raises(TruthError, match="no column release"):
        compare_durations(tmp_path)
