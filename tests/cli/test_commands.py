"""Commands that play nothing: help, bots, doctor, maps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.map_archives import map_members, write_archive
from cherrypy_bot.sim.maps import load_map
from tests.cli.command import Command
from tests.reference import REFERENCE, needs_reference


def test_help_names_every_command(command: Command) -> None:
    outcome = command("--help")
    assert outcome.code == 0
    for name in ("play", "bots", "sim", "doctor"):
        assert name in outcome.out


@pytest.mark.parametrize(
    "flag",
    [
        "--opponent",
        "--map",
        "--seed",
        "--engine",
        "--realtime",
        "--game-step",
        "--replay",
        "--trace",
        "--quiet",
        "--json",
        "--config",
    ],
)
def test_play_explains_its_flags(command: Command, flag: str) -> None:
    assert flag in command("play", "--help").out


def test_bots_lists_the_configuration(command: Command) -> None:
    outcome = command("bots")
    assert outcome.code == 0
    for name in ("cherry_terran", "cherry_protoss", "cherry_zerg", "worker_rush_zerg", "one_base_rush_terran"):
        assert name in outcome.out


def test_bots_as_json(command: Command) -> None:
    listed = json.loads(command("bots", "--json").out)
    assert listed["bots"]["worker_rush_zerg"]["race"] == "zerg"
    assert listed["bots"]["worker_rush_zerg"]["modules"] is None
    assert listed["defaults"]["bot"] in listed["bots"]


def test_doctor_says_what_is_missing_and_what_that_means(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    outcome = command("doctor", "--json")
    assert outcome.code == 0
    found = json.loads(outcome.out)
    assert found["StarCraft II"]["state"] == "missing"
    assert str(tmp_path) in found["StarCraft II"]["found"]
    assert "--engine sc2" in found["StarCraft II"]["means"]
    for name in ("python", "burnysc2", "numba", "engine maps", "bots.yaml", "torch"):
        assert found[name]["state"] == "ok", found[name]
    assert found["numba cache"]["state"] in ("ok", "missing")


def test_doctor_fails_where_the_configuration_is_broken(command: Command, tmp_path: Path) -> None:
    broken = tmp_path / "bots.yaml"
    broken.write_text("bots: 3\n", encoding="utf-8")
    outcome = command("doctor", "--json", "--config", str(broken))
    assert outcome.code == 1
    assert json.loads(outcome.out)["bots.yaml"]["state"] == "broken"


def test_doctor_prints_a_table(command: Command) -> None:
    outcome = command("doctor")
    assert outcome.code == 0
    assert "what it means" in outcome.out


def test_maps_are_listed(command: Command) -> None:
    listed = {m["name"]: m for m in json.loads(command("sim", "maps", "list", "--json").out)}
    assert len(listed) >= 3
    assert listed["CherryGroveLE"]["bases"] >= 6
    assert "CherryGroveLE" in command("sim", "maps", "list").out


def test_a_map_is_drawn(command: Command, tmp_path: Path) -> None:
    picture = tmp_path / "deep" / "map.png"
    assert command("sim", "maps", "show", "CherryGroveLE", "-o", str(picture)).code == 0
    m = load_map("CherryGroveLE")
    with Image.open(picture) as image:
        assert image.width / image.height == pytest.approx(m.width / m.height)


@needs_reference
def test_a_real_map_is_imported(command: Command, tmp_path: Path) -> None:
    assert REFERENCE is not None
    captured = REFERENCE / "maps"
    output = tmp_path / "Stasis.npz"
    outcome = command(
        "sim",
        "maps",
        "import",
        str(captured / "StasisLE.game_info.pb.xz"),
        str(captured / "StasisLE.observation.pb.xz"),
        "-o",
        str(output),
    )
    assert outcome.code == 0, outcome.err
    assert len(load_map(str(output)).start_locations) == 2
    assert str(output) in outcome.out


def test_a_map_file_of_the_game_is_imported_and_drawn(command: Command, tmp_path: Path) -> None:
    file, output, picture = tmp_path / "Valley.SC2Map", tmp_path / "Valley.npz", tmp_path / "map.png"
    file.write_bytes(write_archive(map_members()))
    outcome = command("sim", "maps", "import", str(file), "-o", str(output))
    assert outcome.code == 0, outcome.err
    assert "imported Fuzz Valley LE (64 x 64 cells" in outcome.out
    assert load_map(str(output)).neutrals == load_map(str(file)).neutrals
    assert command("sim", "maps", "show", str(file), "-o", str(picture)).code == 0
    with Image.open(picture) as image:
        assert image.width == image.height
