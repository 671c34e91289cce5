"""`cherrypy-bot replay ...`: what it prints, and one clear line for what it cannot read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cherrypy_bot.core.history import OpponentHistory
from replays.history import add_to_history
from replays.statistics import Side
from tests.cli.command import Command
from tests.replays.synthetic import Game


@pytest.fixture
def game_file(tmp_path: Path) -> Path:
    game = Game("Terran", "Protoss", names=["[bold]Ann[/]", "Ben"])
    game.place(1, "SupplyDepot", 400, done=880)
    game.kill(game.place(1, "Barracks", 900), 1000, by=1)
    for _ in range(3):
        game.kill(game.place(2, "Zealot", 1500, done=1580), 3000, by=1)
    path = tmp_path / "game.SC2Replay"
    path.write_bytes(game.replay())
    return path


def test_info_shows_players_as_they_are_named(command: Command, game_file: Path) -> None:
    outcome = command("replay", "info", str(game_file))
    assert outcome.code == 0
    assert "[bold]Ann[/] (Terran)" in outcome.out
    assert "3 Zealots" in outcome.out


def test_info_as_json(command: Command, game_file: Path) -> None:
    found = json.loads(command("replay", "info", str(game_file), "--json").out)
    assert found["match_up"] == "TvP"
    assert found["winner"] == "[bold]Ann[/]"
    assert [player["result"] for player in found["players"]] == ["Win", "Loss"]
    assert found["engagements"][0]["losses"]["2"]["units"] == {"Zealot": 3}


def test_builds_show_supply_and_what_was_cancelled(command: Command, game_file: Path) -> None:
    out = command("replay", "builds", str(game_file)).out
    assert "Supply Depot" in out
    assert "Barracks cancelled" in out
    assert "Zealot x3" in out
    rows = json.loads(command("replay", "builds", str(game_file), "--json").out)["players"][0]["build"]
    assert [(row["name"], row["status"], row["time"]) for row in rows] == [
        ("SupplyDepot", "done", "0:17"),
        ("Barracks", "cancelled", "0:40"),
    ]


def test_builds_end_where_told(command: Command, game_file: Path) -> None:
    assert "Barracks" not in command("replay", "builds", str(game_file), "--until", "0:30").out
    assert "6:30" in command.refused("replay", "builds", str(game_file), "--until", "soon")


def test_compare_names_the_difference(command: Command, game_file: Path, tmp_path: Path) -> None:
    other = Game("Terran", "Zerg", names=["Cid", "Dan"])
    other.place(1, "SupplyDepot", 624, done=1104)
    path = tmp_path / "other.SC2Replay"
    path.write_bytes(other.replay())
    assert "+10 s" in command("replay", "compare", str(game_file), str(path)).out
    found = json.loads(command("replay", "compare", str(game_file), str(path), "--json").out)
    assert found["items"][0]["later_loops"] == 224
    assert "nobody" in command.refused("replay", "compare", str(game_file), str(path), "--player", "nobody")


def test_a_folder_lists_what_could_not_be_read(command: Command, folder: Path) -> None:
    outcome = command("replay", "info", str(folder))
    assert outcome.code == 0
    assert outcome.out.count("Test LE") == 3
    assert "3 of 6 files could not be read" in outcome.err
    for name in ("empty.SC2Replay", "cut.SC2Replay", "wrong.sc2replay"):
        assert name in outcome.err
    found = json.loads(command("replay", "info", str(folder), "--json").out)
    assert (len(found["replays"]), len(found["failed"])) == (3, 3)


def test_statistics_of_a_folder(command: Command, folder: Path) -> None:
    found = json.loads(command("replay", "stats", str(folder), "--json").out)
    assert found["games"] == 3
    assert {(row["match_up"], row["games"]) for row in found["openings"]} >= {("PvT", 1)}
    found = json.loads(command("replay", "stats", str(folder), "--player", "ann", "--json").out)
    assert sum(row["games"] for row in found["openings"]) == 3
    assert "nobody" in command.refused("replay", "stats", str(folder), "--player", "nobody")


def test_a_dataset_of_a_folder(command: Command, folder: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the extra `replays`")
    outcome = command("replay", "dataset", str(folder), "-o", str(tmp_path / "new" / "out.parquet"))
    assert outcome.code == 0
    assert "3 replays" in outcome.out
    assert parquet.read_table(tmp_path / "new" / "out.parquet").num_rows == 3 * 2 * 72


def test_a_folder_of_nothing_but_damage_fails(command: Command, tmp_path: Path) -> None:
    (tmp_path / "games").mkdir()
    (tmp_path / "games" / "x.SC2Replay").write_bytes(b"x")
    outcome = command("replay", "info", str(tmp_path / "games"))
    assert outcome.code == 2
    assert "1 of 1 files" in outcome.err


@pytest.mark.parametrize("what", ["info", "builds", "report"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"PK\x03\x04", "zip"),
        (b"Warcraft III recorded game\x1a", "Warcraft"),
        (Game().replay()[:1200], "fetch it again"),
        (Game(workers=6).replay(), "older expansion"),
    ],
    ids=["empty", "zip", "Warcraft", "truncated", "older rules"],
)
def test_bad_input_ends_with_one_line(command: Command, tmp_path: Path, what: str, content: bytes, says: str) -> None:
    path = tmp_path / "bad\x1b[31m\n.SC2Replay"
    path.write_bytes(content)
    line = command.refused("replay", what, str(path))
    assert says in line
    assert line.isprintable()


def test_a_missing_file_ends_with_one_line(command: Command, tmp_path: Path) -> None:
    assert "cannot be read" in command.refused("replay", "info", str(tmp_path / "nowhere.SC2Replay"))


def test_history_adds_each_game_once_to_what_strategy_reads(command: Command, game_file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    arguments = ("replay", "history", str(game_file), "--player", "ben", "-o", str(data), "--json")
    (first,) = json.loads(command(*arguments).out)["opponents"]
    assert (first["new"], first["known"]) == (1, 0)
    (again,) = json.loads(command(*arguments).out)["opponents"]
    assert (again["new"], again["known"]) == (0, 1)
    (match,) = OpponentHistory(data).past("[bold]Ann[/]")
    assert (match.result, match.finished, match.race, match.enemy_race) == ("Defeat", True, "Protoss", "Terran")
    assert match.loops == 8000
    assert match.notes["enemy_opening"] == "unknown"
    assert all(path.parent == data / "history" for path in data.rglob("*.json")), "no name leads out of the folder"


def test_history_says_who_attacks_early(tmp_path: Path) -> None:
    """What `modules.strategy.acquaintance` reads: loop of the attack, 0 for none, no note for the unknown."""

    def side(game: str, opening: str) -> Side:
        return Side("me", "Terran", "them", "Zerg", "Loss", "unknown", "Map", 300.0, 6720, opening, game)

    add_to_history(tmp_path, [side("a", "twelve_pool"), side("b", "hatch_first"), side("c", "unknown")], "me")
    rushes = [match.notes.get("enemy_rush") for match in OpponentHistory(tmp_path).past("them")]
    assert rushes == [115 * 22.4, 0, None]


def test_history_of_nobody_is_one_line(command: Command, game_file: Path, tmp_path: Path) -> None:
    outcome = command("replay", "history", str(game_file), "--player", "Zoe", "-o", str(tmp_path))
    assert outcome.code == 2
    assert "no player is called 'Zoe'" in outcome.err
