"""Replays of the engine's games, opened by the readers that others use: they say what the engine knows."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import mpyq
import pytest
import sc2reader
import spawningtool.parser

from cherrypy_bot.config import load_config
from cherrypy_bot.formats.build_93333 import BUILD
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2
from cherrypy_bot.sim import replay
from cherrypy_bot.sim.recording import save
from cherrypy_bot.sim.replay import Player, read_record
from replays.reader import parse_replay
from tests.sim.recording.games import LOOPS, MAP, MATCH_UPS, NAMES, played, truth

ROOT = Path(__file__).resolve().parent.parent.parent
ENDED = datetime(2025, 5, 1, 12, 30, tzinfo=UTC)
"""In the days of patch 5.0.14: spawningtool takes building times from the date of the game."""
TAG_BASE = 1 << 32
FEWEST_BIRTHS = 60
each_match_up = pytest.mark.parametrize(("first", "second"), MATCH_UPS)
# Born out of nothing that a player builds: spawningtool leaves them out, or does not know them.
NOT_BUILT = {"Larva", "Egg", "MULE", "Broodling", "CreepTumor", "CreepTumorQueen", "CreepTumorBurrowed", "KD8Charge"}


@lru_cache(maxsize=len(MATCH_UPS))
def saved(first: str, second: str) -> bytes:
    return save(played(first, second), NAMES, ENDED)


@lru_cache(maxsize=len(MATCH_UPS))
def by_sc2reader(first: str, second: str) -> Any:
    """Everything but the map, which it would fetch."""
    return sc2reader.load_replay(io.BytesIO(saved(first, second)), load_level=4)


@lru_cache(maxsize=len(MATCH_UPS))
def by_s2protocol(first: str, second: str) -> dict[str, Any]:
    why = "s2protocol is a peer to compare with; it needs a Python that still has `imp`, so below 3.12"
    protocol = pytest.importorskip("s2protocol.versions", reason=why, exc_type=ImportError).build(BUILD)
    archive = mpyq.MPQArchive(io.BytesIO(saved(first, second)))
    return {
        "files": [name.decode() for name in archive.files],
        "header": protocol.decode_replay_header(archive.header["user_data_header"]["content"]),
        "details": protocol.decode_replay_details(archive.read_file("replay.details")),
        "init": protocol.decode_replay_initdata(archive.read_file("replay.initData")),
        "tracker": list(protocol.decode_replay_tracker_events(archive.read_file("replay.tracker.events"))),
        "game": list(protocol.decode_replay_game_events(archive.read_file("replay.game.events"))),
        "messages": list(protocol.decode_replay_message_events(archive.read_file("replay.message.events"))),
        "attributes": protocol.decode_replay_attributes_events(archive.read_file("replay.attributes.events")),
    }


def events(first: str, second: str, kind: str) -> list[dict[str, Any]]:
    return [event for event in by_s2protocol(first, second)["tracker"] if event["_event"].endswith(kind)]


def tag(event: dict[str, Any]) -> int:
    return TAG_BASE | event["m_unitTagIndex"] << 18 | event["m_unitTagRecycle"]


# -- s2protocol: event by event --------------------------------------------------------------------------
@each_match_up
def test_every_birth_is_told_with_loop_type_owner_and_place(first: str, second: str) -> None:
    told = {
        tag(event): (
            event["_gameloop"],
            event["m_unitTypeName"].decode(),
            event["m_controlPlayerId"],
            event["_event"].endswith("SUnitBornEvent"),
            event["m_x"],
            event["m_y"],
        )
        for kind in ("SUnitBornEvent", "SUnitInitEvent")
        for event in events(first, second, kind)
    }
    known = truth(first, second).appeared
    assert told.keys() == known.keys()
    # Whoever is born in the very loop in which it is ordered to go has been moved when the test looks.
    assert {t: row[:4] for t, row in told.items()} == {t: row[:4] for t, row in known.items()}
    apart = [max(abs(told[t][4] - known[t][4]), abs(told[t][5] - known[t][5])) for t in told]
    assert max(apart) <= 1
    assert sum(1 for row in told.values() if row[0] > 0 and row[2]) > FEWEST_BIRTHS


@each_match_up
def test_every_end_and_every_finished_structure_is_told(first: str, second: str) -> None:
    known = truth(first, second)
    assert {tag(event): event["_gameloop"] for event in events(first, second, "SUnitDiedEvent")} == known.gone
    assert {tag(event): event["_gameloop"] for event in events(first, second, "SUnitDoneEvent")} == known.finished
    told = [
        (event["_gameloop"], event["m_playerId"], event["m_upgradeTypeName"].decode())
        for event in events(first, second, "SUpgradeEvent")
    ]
    assert told == known.upgrades


@each_match_up
def test_the_parts_say_who_played_what_and_how_it_ended(first: str, second: str) -> None:
    parts, game = by_s2protocol(first, second), played(first, second)
    assert parts["header"]["m_elapsedGameLoops"] == game.loop
    assert parts["details"]["m_title"].decode() == MAP
    results = {"Victory": 1, "Defeat": 2, "Tie": 3, "": 0}
    for player, found in enumerate(parts["details"]["m_playerList"]):
        assert found["m_race"].decode() == (first, second)[player]
        assert found["m_result"] == results[game.world.results[player]]
    assert parts["details"]["m_playerList"][0]["m_name"] == b"Ann &lt;a&gt;"
    lobby = parts["init"]["m_syncLobbyState"]
    assert [user["m_name"].decode() for user in lobby["m_userInitialData"][:2]] == list(NAMES)
    chat = [message for message in parts["messages"] if "Chat" in message["_event"]]
    assert [(m["_gameloop"], m["_userid"]["m_userId"], m["m_string"]) for m in chat] == [(500, 1, b"good luck")]
    assert {"replay.details", "replay.game.events", "replay.tracker.events"} <= set(parts["files"])


@each_match_up
def test_every_command_is_told_with_the_units_selected_for_it(first: str, second: str) -> None:
    """As a player gives it: the selection stands at the command's units, then comes the command or its new target."""
    selected: dict[int, list[int]] = {}
    told = []
    for event in by_s2protocol(first, second)["game"]:
        user, kind = event["_userid"]["m_userId"], event["_event"].removeprefix("NNet.Game.")
        if kind == "SSelectionDeltaEvent":
            selected[user] = event["m_delta"]["m_addUnitTags"]
        elif kind in ("SCmdEvent", "SCmdUpdateTargetPointEvent", "SCmdUpdateTargetUnitEvent"):
            told.append((event["_gameloop"], user, sorted(selected[user])))
    given = [(r.loop, r.player, sorted(t & 0xFFFFFFFF for t in r.tags)) for r in played(first, second).records]
    assert sorted(told) == sorted(row for row in given if row[2])


# -- sc2reader: statistics and commands ------------------------------------------------------------------
@each_match_up
def test_sc2reader_opens_it_without_complaint(first: str, second: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="sc2reader"):
        theirs = sc2reader.load_replay(io.BytesIO(saved(first, second)), load_level=4)
    complaints = [line for line in caplog.messages if "Conflicting results" not in line]
    assert complaints == []
    assert (theirs.map_name, theirs.frames, theirs.expansion) == (MAP, played(first, second).loop, "LotV")
    assert theirs.release_string == f"5.0.14.{BUILD}"
    assert (theirs.real_type, theirs.speed) == ("1v1", "Faster")
    assert [player.name for player in theirs.players] == list(NAMES)
    assert [player.play_race for player in theirs.players] == [first, second]
    assert theirs.date == ENDED


@each_match_up
def test_sc2reader_reads_the_engines_statistics_every_160_loops(first: str, second: str) -> None:
    told = {
        (event.frame, event.pid): (
            event.minerals_current,
            event.vespene_current,
            event.food_used,
            event.food_made,
            event.workers_active_count,
        )
        for event in by_sc2reader(first, second).tracker_events
        if type(event).__name__ == "PlayerStatsEvent" and event.frame % 160 == 0
    }
    known = truth(first, second).bank
    assert told.keys() == {key for key in known if key[0] > 0}
    for key, values in told.items():
        minerals, gas, used, made, workers = known[key]
        assert values[:2] == (max(minerals, 0), max(gas, 0)), key
        assert values[2:4] == (pytest.approx(used), pytest.approx(made)), key
        assert values[4] <= workers, key  # mules are workers to the engine, not to the game


@each_match_up
def test_sc2reader_names_what_was_ordered(first: str, second: str) -> None:
    names = {event.ability_name for event in by_sc2reader(first, second).game_events if hasattr(event, "ability_name")}
    by_race = {
        "Terran": {"TrainSCV", "TrainMarine", "BuildSupplyDepot", "BuildBarracks"},
        "Zerg": {"MorphDrone", "MorphOverlord", "MorphZergling", "BuildSpawningPool"},
        "Protoss": {"TrainProbe", "TrainZealot", "BuildPylon", "BuildGateway"},
    }
    assert by_race[first] | by_race[second] | {"Gather", "Attack"} <= names


# -- spawningtool: build orders --------------------------------------------------------------------------
@each_match_up
def test_spawningtool_tells_the_build_orders_of_the_engine(first: str, second: str) -> None:
    theirs = spawningtool.parser.parse_replay(io.BytesIO(saved(first, second)))
    assert theirs["buildOrderExtracted"]
    for player_id, race in ((1, first), (2, second)):
        told = theirs["players"][player_id]
        assert (told["race"], told["name"]) == (race, NAMES[player_id - 1])
        placed = [
            (loop, name)
            for loop, name, player, finished, *_ in truth(first, second).appeared.values()
            if player == player_id and not finished and name not in NOT_BUILT
        ]
        assert placed
        found = [(item["frame"], item["name"].replace(" ", "")) for item in told["buildOrder"]]
        missing = [item for item in placed if item not in found]
        assert missing == []
        trained = sum(
            1
            for loop, name, player, finished, *_ in truth(first, second).appeared.values()
            if player == player_id and finished and loop > 0 and name not in NOT_BUILT
        )
        upgrades = sum(1 for _, player, _ in truth(first, second).upgrades if player == player_id)
        assert len(found) >= len(placed) + trained + upgrades - 5


# -- ours ------------------------------------------------------------------------------------------------
@each_match_up
def test_our_own_reader_reads_it_as_any_other(first: str, second: str) -> None:
    ours = parse_replay(saved(first, second))
    assert (ours.map_name, ours.length, ours.version) == (MAP, played(first, second).loop, f"5.0.14.{BUILD}")
    assert ours.played_at == ENDED
    assert [(player.name, player.race) for player in ours.players] == list(zip(NAMES, (first, second), strict=True))
    for player in ours.players:
        placed = [
            (loop, name)
            for loop, name, owner, finished, *_ in truth(first, second).appeared.values()
            if owner == player.player_id and not finished and not name.startswith("CreepTumor")
        ]
        assert {(item.start, item.name) for item in player.build if item.start_source == "init"} >= set(placed)
        eggs = [item for item in player.build if player.race == "Zerg" and item.kind in ("worker", "unit", "support")]
        assert all(item.start_source == "egg" for item in eggs if item.name in ("Drone", "Zergling", "Overlord"))


def test_computers_sit_in_computer_seats() -> None:
    first, second = MATCH_UPS[0]
    players = (Player("Ann"), Player("A.I. (VeryHard)", True, "Random", "VeryHard", "Rush"))
    theirs = sc2reader.load_replay(io.BytesIO(save(played(first, second), players, ENDED)), load_level=4)
    assert [player.is_human for player in theirs.players] == [True, False]
    assert theirs.players[1].difficulty == "Elite"
    assert theirs.players[1].pick_race == "Random"
    commands = [event for event in theirs.game_events if type(event).__name__.endswith("CommandEvent")]
    assert {event.player.name for event in commands} == {"Ann"}
    assert theirs.frames <= LOOPS


def test_a_whole_match_of_two_scripted_bots(tmp_path: Path) -> None:
    """From `play` to the peers: who won, how long it took, what was built, and the same game again."""
    quiet_python_sc2()
    path = tmp_path / "match.SC2Replay"
    sides = contenders(load_config(ROOT / "bots.yaml"), "worker_rush_zerg", "one_base_rush_terran", seed=3)
    report = play_match(MatchSetup(sides, MAP, seed=3), replay=path)
    assert {player.result for player in report.players} == {"Victory", "Defeat"}, "a whole game"
    theirs = sc2reader.load_replay(str(path), load_level=4)
    assert theirs.frames == report.loops
    winner = next(player.name for player in report.players if player.result == "Victory")
    assert [player.name for player in theirs.winner.players] == [winner]
    left = [event for event in theirs.game_events if type(event).__name__ == "PlayerLeaveEvent"]
    assert [event.player.name for event in left][-1] == winner
    ours = parse_replay(path.read_bytes())
    assert ours.winner is not None
    assert ours.winner.name == winner
    tool = spawningtool.parser.parse_replay(str(path))
    assert "Barracks" in {item["name"] for item in tool["players"][2]["buildOrder"]}
    record = read_record(path.read_bytes())
    assert replay.play(record).state_hash() == report.state_hash
