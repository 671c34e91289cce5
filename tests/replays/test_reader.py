"""Real replays against what is known of them; small written ones against the rules of the game."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from cherrypy_bot.formats.mpq_writer import write_archive
from replays.errors import NotAReplayError, ReplayError, UnsupportedReplayError
from replays.reader import parse_replay, read_replay
from tests.reference import needs_reference
from tests.replays.real import AWKWARD, GOOD, path_of, read
from tests.replays.synthetic import Game, details, header


@needs_reference
@pytest.mark.parametrize("entry", GOOD, ids=lambda entry: entry["file"])
def test_a_real_replay_says_what_is_known_of_it(entry: dict[str, Any]) -> None:
    replay = read(entry["file"])
    assert replay.sha256 == entry["sha256"]
    assert replay.version == entry["release"]
    assert replay.base_build == entry["base_build"]
    assert replay.map_name == entry["map"]
    assert replay.length == entry["game_loops"]
    assert replay.length_seconds == pytest.approx(entry["length_seconds"], abs=0.06)
    assert replay.start_workers == entry["start_workers"]
    for player, known in zip(replay.players, entry["players"], strict=True):
        assert (player.player_id, player.name) == (known["pid"], known["name"])
        assert (player.race, player.result, player.human) == (known["race"], known["result"], known["human"])


@needs_reference
@pytest.mark.parametrize("entry", AWKWARD, ids=lambda entry: entry["file"])
def test_an_awkward_replay_is_refused_in_one_line(entry: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedReplayError) as caught:
        read_replay(path_of(entry["file"]))
    text = str(caught.value)
    assert "\n" not in text
    assert entry["file"] in text
    assert "Wings of Liberty" in text if entry["expansion"] == "WoL" else "4 players" in text


@needs_reference
def test_reading_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a replay was read over the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert read_replay(path_of(GOOD[0]["file"])).players[0].build


@needs_reference
@pytest.mark.parametrize("entry", GOOD, ids=lambda entry: entry["file"])
def test_every_sample_is_160_loops_after_the_last(entry: dict[str, Any]) -> None:
    for player in read(entry["file"]).players:
        loops = [int(loop) for loop in player.stats.loops]
        assert loops[0] == 1
        assert loops[1:-1] == list(range(160, 160 * (len(loops) - 1), 160))
        assert loops[-2] < loops[-1] <= loops[-2] + 160
        assert player.stats.at("workers", 1) == entry["start_workers"]


def test_a_written_replay_has_players_map_and_result() -> None:
    game = Game("Zerg", "Protoss", names=["&lt;Team&gt;<sp/>Ann", "Ben"], results=[2, 1])
    replay = parse_replay(game.replay())
    ann, ben = replay.players
    assert (ann.name, ann.clan, ann.race, ann.result) == ("Ann", "Team", "Zerg", "Loss")
    assert (ben.name, ben.clan, ben.race, ben.result) == ("Ben", "", "Protoss", "Win")
    assert replay.winner is ben
    assert replay.match_up == "ZvP"
    assert (replay.map_name, replay.length, replay.version) == ("Test LE", 8000, "5.0.14.93333")


def test_the_race_is_that_of_the_town_hall_whatever_the_language() -> None:
    game = Game("Zerg", "Terran")
    replay = parse_replay(game.replay(replay_details=details(["Ann", "Ben"], ["저그", "Terraner"], [1, 2])))
    assert [player.race for player in replay.players] == ["Zerg", "Terran"]


def test_actions_per_minute_come_from_the_games_own_record() -> None:
    record = b'{"Players": [{"PlayerID": 1, "APM": 120.0, "MMR": 4000}, {"PlayerID": 2, "APM": 80}]}'
    ann, ben = parse_replay(Game().replay(replay_gamemetadata_json=record)).players
    assert (ann.apm, ann.mmr, ben.apm, ben.mmr) == (120.0, 4000, 80.0, None)


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"Players": 3}', b'{"Players": [{}]}', b"[" * 100_000])
def test_a_damaged_record_costs_only_the_actions_per_minute(record: bytes) -> None:
    replay = parse_replay(Game().replay(replay_gamemetadata_json=record))
    assert replay.players[0].apm is None
    assert replay.players[0].name == "Ann"


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb\rc", "x" * 5000, "\u202eevil", "<script>alert(1)</script>", ""])
def test_hostile_names_are_shown_without_control_characters(name: str) -> None:
    shown = parse_replay(Game(names=[name, "Ben"]).replay()).players[0].name
    assert shown
    assert shown.isprintable()
    assert len(shown) <= 64


def test_two_players_are_needed() -> None:
    game = Game()
    three = details(["A", "B", "C"], ["Zerg"] * 3, [1, 2, 2])
    with pytest.raises(UnsupportedReplayError, match="3 players"):
        parse_replay(game.replay(replay_details=three))


def test_older_rules_are_refused() -> None:
    with pytest.raises(UnsupportedReplayError, match="6 workers"):
        parse_replay(Game(workers=6).replay())
    game = Game()
    files = {"replay.details": details(["A", "B"], ["Zerg", "Zerg"], [1, 2]), "replay.tracker.events": game.tracker()}
    with pytest.raises(UnsupportedReplayError, match="Heart of the Swarm"):
        parse_replay(write_archive(header(version=(2, 1, 0, 28667)), files))


def test_an_unknown_newer_build_is_read_with_the_newest_costs() -> None:
    game = Game()
    files = {"replay.details": details(["A", "B"], ["Zerg", "Zerg"], [1, 2]), "replay.tracker.events": game.tracker()}
    replay = parse_replay(write_archive(header(version=(6, 1, 0, 400_000)), files))
    assert replay.version == "6.1.0.400000"


def test_missing_parts_are_named() -> None:
    details_only = {"replay.details": details(["A", "B"], ["Zerg", "Zerg"], [1, 2])}
    with pytest.raises(NotAReplayError, match="tracker events"):
        parse_replay(write_archive(header(), details_only))
    with pytest.raises(NotAReplayError, match="details"):
        parse_replay(write_archive(header(), {}))


def test_a_file_cut_anywhere_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = Game().replay()
    for end in [*range(0, len(whole), 97), len(whole) - 1]:
        path = tmp_path / "cut.SC2Replay"
        path.write_bytes(whole[:end])
        with pytest.raises(ReplayError) as caught:
            read_replay(path)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.SC2Replay"):
        with pytest.raises(ReplayError, match="cannot be read"):
            read_replay(path)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "zip"),
        (b"Warcraft III recorded game\x1a\0", "Warcraft"),
        (b"MPQ\x1a" + b"\0" * 64, "map"),
        (b"MPQ\x1b" + b"\0" * 8, "header"),
        (b"hello", "SC2Replay"),
        (write_archive(b"x", {})[:-20], "its end is missing"),
    ],
)
def test_what_is_no_replay_is_named(data: bytes, says: str) -> None:
    with pytest.raises(NotAReplayError, match=says):
        parse_replay(data)
