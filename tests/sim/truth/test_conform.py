"""Field by field against the captured game, and that the comparison sees what differs."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from cherrypy_bot.sim.rules import load_ruleset
from cherrypy_bot.sim.truth.conform import Conformance, conform
from cherrypy_bot.sim.truth.source import TruthError
from tests.cli.command import Command
from tests.reference import REFERENCE, needs_reference


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def tally(report: Conformance, kind: str) -> tuple[int, int]:
    found = next(t for t in report.tallies if t.kind == kind)
    return found.equal, found.fields


@needs_reference
def test_every_melee_field_of_response_data_is_the_games() -> None:
    assert REFERENCE is not None
    report = conform(REFERENCE)
    for kind, least in (("units", 3000), ("abilities", 7000), ("upgrades", 800), ("buffs", 600), ("effects", 50)):
        equal, fields = tally(report, kind)
        print(f"{kind}: {equal} of {fields} fields equal")
        assert fields >= least
        assert equal == fields, [d for d in report.differences if d.kind == kind]
    for beyond in report.beyond:
        assert beyond.share >= 0.98, beyond


@needs_reference
def test_what_was_seen_of_living_units_is_so_here() -> None:
    """Life, shields, energy, radius, detection, cargo; only what an older patch's tech tree says differs."""
    assert REFERENCE is not None
    report = conform(REFERENCE)
    assert tally(report, "unit hp")[1] >= 160
    assert [d for d in report.differences if not d.note] == []
    assert len(report.differences) <= 11
    assert report.share >= 0.99


@needs_reference
def test_a_capture_with_the_god_cheat_is_recognised() -> None:
    assert REFERENCE is not None
    report = conform(REFERENCE / "game_data.as_captured.pb.xz")
    assert any("god" in note for note in report.notes)
    assert report.differences


def test_a_changed_missing_or_added_field_is_one_difference_each(tmp_path: Path) -> None:
    data = load_ruleset().response_data()
    data.units[48].mineral_cost = 55
    data.units[48].weapons[0].damage = 7
    data.units[49].ClearField("sight_range")
    data.upgrades[15].research_time += 1
    file = tmp_path / "data.pb.xz"
    file.write_bytes(lzma.compress(data.SerializeToString()))
    report = conform(file)
    assert [(d.kind, d.id, d.field) for d in report.differences] == [
        ("units", 48, "mineral_cost"),
        ("units", 48, "weapons[0].damage"),
        ("units", 49, "sight_range"),
        ("upgrades", 15, "research_time"),
    ]
    assert report.differences[0].game == 55
    assert report.differences[0].ours == 50
    assert report.differences[2].game is None
    equal, fields = tally(report, "units")
    assert fields - equal == 3


def test_files_that_say_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="holds no game_data"):
        conform(tmp_path)
    bad = tmp_path / "game_data.pb.xz"
    bad.write_bytes(b"nothing of the kind")
    with pytest.raises(TruthError, match="no ResponseData"):
        conform(tmp_path)
    bad.write_bytes(lzma.compress(b""))
    with pytest.raises(TruthError, match="says nothing"):
        conform(tmp_path)


def test_the_command_prints_a_table_json_and_mistakes(command: Command, tmp_path: Path) -> None:
    data = load_ruleset().response_data()
    data.units[48].mineral_cost = 55
    (tmp_path / "game_data.pb").write_bytes(data.SerializeToString())
    shown = command("sim", "conform", str(tmp_path))
    assert shown.code == 0
    assert "mineral_cost is 55 in the game, 50 here" in shown.out
    told = json.loads(command("sim", "conform", str(tmp_path), "--json").out)
    assert [d["field"] for d in told["differences"]] == ["mineral_cost"]
    assert told["kinds"][0]["different"] == 1
    assert "unknown ruleset '4.0'" in command.refused("sim", "conform", str(tmp_path), "--ruleset", "4.0")
    assert "build_durations.csv" in command.refused("sim", "conform", str(tmp_path), "--durations")
    assert "nowhere" in command.refused("sim", "conform", str(tmp_path / "nowhere"))
