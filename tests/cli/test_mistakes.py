"""A mistake of the user's ends with one line that says what to do, and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.map_archives import map_members, write_archive
from tests.cli.command import Command


def test_an_unknown_bot(command: Command) -> None:
    assert "no bot is called 'cherry_teran', did you mean 'cherry_terran'?" in command.refused("play", "cherry_teran")


def test_an_unknown_opponent(command: Command) -> None:
    assert "no bot is called 'nobody'" in command.refused("play", "--opponent", "nobody")


def test_an_unknown_level_of_the_computer(command: Command) -> None:
    line = command.refused("play", "--opponent", "computer:zerg:Impossible")
    assert "no level is called 'Impossible'" in line
    assert "VeryHard" in line


def test_an_unknown_map_names_those_there_are(command: Command) -> None:
    line = command.refused("play", "--map", "Nowhere")
    assert "'Nowhere'" in line
    assert "CherryGroveLE" in line


def test_no_installed_game(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SC2PATH", str(tmp_path / "nowhere"))
    line = command.refused("play", "--engine", "sc2")
    assert str(tmp_path / "nowhere") in line
    assert "--engine sim" in line


def test_no_configuration(command: Command, tmp_path: Path) -> None:
    assert str(tmp_path / "bots.yaml") in command.refused("bots", "--config", str(tmp_path / "bots.yaml"))


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("bots:\n  mine:\n    race: elf\n    modules: []\n", 3, "race"),
        ("bots:\n  mine:\n    race: zerg\n    modules:\n      - modules.nowhere.Top\n", 5, "modules.nowhere"),
        ("bots:\n\tmine:\n", 2, "tab"),
        ("bots:\n  - mine\n", 1, "bots"),
        (
            "defaults:\n  map: Nowhere\nbots:\n  mine:\n    race: zerg\n    modules: []\n",
            2,
            "defaults.map",
        ),
    ],
    ids=["wrong race", "unknown module", "tab", "list for a map", "missing map"],
)
def test_a_bad_configuration_names_file_line_and_key(
    command: Command, tmp_path: Path, text: str, line: int, named: str
) -> None:
    path = tmp_path / "bots.yaml"
    path.write_text(text, encoding="utf-8")
    said = command.refused("bots", "--config", str(path))
    assert f"{path}:{line}:" in said
    assert named in said


@pytest.mark.parametrize("arguments", [("play", "--seed", "-1"), ("play", "--game-step", "0"), ("dance",)])
def test_flags_out_of_range_and_unknown_commands(command: Command, arguments: tuple[str, ...]) -> None:
    outcome = command(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""


def test_an_import_of_something_else(command: Command, tmp_path: Path) -> None:
    other = tmp_path / "notes.pb"
    other.write_bytes(b"\xff\xff\xff")
    line = command.refused("sim", "maps", "import", str(other), str(other), "-o", str(tmp_path / "m.npz"))
    assert str(other) in line
    assert "ResponseGameInfo" in line
    assert not (tmp_path / "m.npz").exists()


def test_an_import_of_nothing(command: Command, tmp_path: Path) -> None:
    absent = str(tmp_path / "absent.pb")
    assert "cannot be read" in command.refused("sim", "maps", "import", absent, absent, "-o", str(tmp_path / "m.npz"))


def test_a_broken_map_file(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "Half.SC2Map"
    file.write_bytes(write_archive(map_members())[:-100])
    for verb, output in (("show", "m.png"), ("import", "m.npz")):
        line = command.refused("sim", "maps", verb, str(file), "-o", str(tmp_path / output))
        assert "Half.SC2Map: it has no whole block table" in line
        assert not (tmp_path / output).exists()


def test_a_game_info_without_its_observation(command: Command, tmp_path: Path) -> None:
    info = tmp_path / "info.pb"
    info.write_bytes(b"")
    line = command.refused("sim", "maps", "import", str(info), "-o", str(tmp_path / "m.npz"))
    assert "give its first ResponseObservation as the second file" in line
