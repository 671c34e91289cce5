"""Saved games: watched without being changed, told in full, played again to the same state."""

from __future__ import annotations

import dataclasses

import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.formats.mpq import MpqArchive
from cherrypy_bot.formats.tracker import (
    BORN,
    DIED,
    DONE,
    INIT,
    OWNER_CHANGE,
    POSITIONS,
    STATS,
    STATS_EVENT,
    TYPE_CHANGE,
    UPGRADE,
    TrackerEvent,
    decode_tracker,
)
from cherrypy_bot.sim import replay
from cherrypy_bot.sim.abilities import deaths, production
from cherrypy_bot.sim.api import ComputerSeat, GameServer, ParticipantSeat, create_game_request
from cherrypy_bot.sim.computer import Computer
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import load_map
from cherrypy_bot.sim.recording import follow, save
from cherrypy_bot.sim.recording.recorder import GameRecorder
from cherrypy_bot.sim.replay import ReplayError
from cherrypy_bot.sim.rules.worth import CATEGORIES
from replays.reader import parse_replay
from tests.sim.abilities.random_player import RandomPlayer
from tests.sim.api.table import Client
from tests.sim.recording.games import MAP, MATCH_UPS, NAMES, played

SCV, MARINE, DRONE = 45, 48, 104


def tracker_of(data: bytes) -> list[TrackerEvent]:
    stream = MpqArchive(data).read("replay.tracker.events")
    assert stream is not None
    return decode_tracker(stream)


def computers_game() -> Game:
    game = Game.new(load_map(MAP), ("Terran", "Zerg"), seed=3)
    game.computers = [Computer(0, "Terran", 6, 3, 1), Computer(1, "Zerg", 6, 4, 2)]
    return game


def client_in_game() -> Client:
    client = Client(GameServer())
    request = create_game_request(MAP, [ParticipantSeat("me"), ComputerSeat("Zerg", "Hard", "Rush")], seed=3)
    client.ask(create_game=request)
    options = sc.InterfaceOptions(raw=True, score=True)
    client.ask(join_game=sc.RequestJoinGame(race=common.Terran, options=options, player_name="me"))
    return client


def saved_by(client: Client) -> bytes:
    return client.ask(save_replay=sc.RequestSaveReplay()).save_replay.data


def test_a_watched_game_goes_on_as_one_that_is_not() -> None:
    alone, watched = computers_game(), computers_game()
    watched.watcher = GameRecorder(watched)
    alone.step(5000)
    watched.step(5000)
    assert watched.state_hash() == alone.state_hash()


def test_watching_from_the_start_and_watching_again_tell_the_same() -> None:
    game = computers_game()
    recorder = game.watcher = GameRecorder(game)
    game.step(5000)
    live = recorder.finish(game)
    game.watcher = None
    again = tracker_of(save(game, NAMES))
    assert again == live


def test_a_recorder_goes_on_with_a_clone_of_its_game() -> None:
    game = computers_game()
    recorder = game.watcher = GameRecorder(game)
    game.step(2000)
    twin = game.clone()
    game.step(1500)
    twin.step(1500)
    assert isinstance(twin.watcher, GameRecorder)
    assert twin.watcher.finish(twin) == recorder.finish(game)


@pytest.mark.parametrize("match_up", MATCH_UPS)
def test_saved_games_are_played_again_to_the_same_state(match_up: tuple[str, str]) -> None:
    game = played(*match_up)
    record = replay.read_record(save(game, NAMES))
    assert replay.play(record).state_hash() == game.state_hash()
    assert [said.message for said in record.chat] == ["good luck"]
    assert [(look.x, look.y) for look in record.cameras] == [(40.5, 33.25)]


@pytest.mark.parametrize("match_up", MATCH_UPS)
def test_events_are_only_of_units_that_live_then(match_up: tuple[str, str]) -> None:
    """An index belongs to one unit at a time: it is told dead before another is told born."""
    living: dict[int, int] = {}
    last = 0
    for event in tracker_of(save(played(*match_up), NAMES)):
        assert event.loop >= last
        last = event.loop
        index, recycle = event.fields[0], event.fields[1]
        if event.kind in (BORN, INIT):
            assert index not in living
            living[index] = recycle
        elif event.kind == DIED:
            assert living.pop(index) == recycle
        elif event.kind in (DONE, TYPE_CHANGE):
            assert living[index] == recycle
        elif event.kind == POSITIONS:
            assert event.loop % 240 == 0
            items = event.fields[1]
            for step in range(0, len(items), 3):
                index += items[step]
                assert index in living


def test_an_egg_is_told_from_larva_to_drone() -> None:
    events = tracker_of(save(played("Zerg", "Protoss"), NAMES))
    closed = {}
    for event in events:
        key = (event.fields[0], event.fields[1])
        if event.kind == TYPE_CHANGE and event.fields[2] == "Egg":
            closed[key] = event.loop
    drones = [event for event in events if event.kind == BORN and event.fields[2] == "Drone" and event.loop > 0]
    assert len(drones) > 5
    for drone in drones:
        egg = (drone.fields[7], drone.fields[8])
        assert drone.loop - closed[egg] == 272, "a drone hatches after 12 game seconds"
        assert drone.fields[9] == "LarvaTrain"


def test_statistics_come_at_loop_1_every_160_and_at_the_end() -> None:
    loops = [e.loop for e in tracker_of(save(played("Terran", "Zerg"), NAMES)) if e.kind == STATS_EVENT]
    end = played("Terran", "Zerg").loop
    assert loops[::2] == loops[1::2] == [1, *range(160, end, 160), end]


@pytest.mark.parametrize("match_up", MATCH_UPS)
def test_losses_and_kills_by_category_add_up_to_the_engines_score(match_up: tuple[str, str]) -> None:
    game = played(*match_up)
    last = {e.fields[0]: e.fields[1] for e in tracker_of(save(game, NAMES)) if e.kind == STATS_EVENT}
    bank = game.world.players
    known = {
        "minerals_lost": bank.lost_minerals,
        "vespene_lost": bank.lost_gas,
        "minerals_killed": bank.killed_minerals,
        "vespene_killed": bank.killed_gas,
    }
    for what, values in known.items():
        columns = [STATS.index(f"{what}_{category}") for category in CATEGORIES]
        for player in (0, 1):
            told = sum(last[player + 1][column] for column in columns)
            # The engine counts no kill for a missile whose sender is gone; the game, and the file, do.
            assert told == values[player] if what.endswith("lost") else told >= values[player], (what, player)
    assert sum(bank.lost_minerals[:2]) > 0, "a game without a loss tells nothing"


def test_research_changed_owners_and_kills_are_told() -> None:
    game = Game.new(load_map(MAP), ("Terran", "Zerg"), seed=3)
    recorder = game.watcher = GameRecorder(game)
    game.step(100)
    stim = game.world.rules.upgrade("Stimpack").id
    production.learn(game, 0, stim)
    scv, drone, stolen = game.world.rows_of(0, SCV)[0], game.world.rows_of(1, DRONE)[0], game.world.rows_of(1, DRONE)[1]
    game.world.units.owner[stolen] = 0
    deaths.bury(game, drone, scv)
    game.step(10)
    events = [event for event in recorder.finish(game) if event.loop > 1]
    assert [e.fields[:3] for e in events if e.kind == UPGRADE] == [[1, "Stimpack", 1]]
    changed = [e.fields[:4] for e in events if e.kind == OWNER_CHANGE]
    assert changed == [[stolen, int(game.world.units.recycle[stolen]), 1, 1]]
    (died,) = [e for e in events if e.kind == DIED]
    assert (died.loop, died.fields[0], died.fields[2], died.fields[5]) == (100, drone, 1, scv)


def test_maps_that_are_not_shipped_come_along() -> None:
    strange = dataclasses.replace(load_map(MAP), name="My own map")
    game = Game.new(strange, ("Terran", "Terran"), seed=1)
    game.step(200)
    record = replay.read_record(save(game, NAMES))
    assert record.map_data is not None
    assert replay.play(record).state_hash() == game.state_hash()
    assert replay.MAP_MEMBER not in MpqArchive(save(played("Terran", "Zerg"), NAMES))


def test_a_game_changed_by_hand_is_refused() -> None:
    game = computers_game()
    game.step(300)
    game.world.players.minerals[0] += 1000
    with pytest.raises(ReplayError, match="by hand"):
        save(game, NAMES)


def test_a_game_changed_by_debug_requests_is_told_all_the_same() -> None:
    client = client_in_game()
    client.step(400)
    made = debug.DebugCreateUnit(unit_type=MARINE, owner=1, pos=common.Point2D(x=40, y=40), quantity=3)
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(create_unit=made)]))
    client.step(100)
    victim = client.mine(SCV)[0].tag
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(kill_unit=debug.DebugKillUnit(tag=[victim]))]))
    client.step(100)
    data = saved_by(client)
    events = tracker_of(data)
    marines = [e.loop for e in events if e.kind == BORN and e.fields[2] == "Marine"]
    assert marines == [400, 400, 400]
    deaths = [e for e in events if e.kind == DIED and (1 << 32 | e.fields[0] << 18 | e.fields[1]) == victim]
    assert [e.loop for e in deaths] == [500]
    with pytest.raises(ReplayError, match="debug"):
        replay.play(replay.read_record(data))


def test_drawings_change_no_game() -> None:
    client = client_in_game()
    client.step(100)
    text = debug.DebugDraw(text=[debug.DebugText(text="here")])
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(draw=text)]))
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.show_map)]))
    client.step(100)
    record = replay.read_record(saved_by(client))
    assert replay.play(record).state_hash() == record.state_hash


def test_save_replay_says_who_sat_where_and_what_was_said() -> None:
    client = client_in_game()
    client.step(50)
    client.ask(action=sc.RequestAction(actions=[sc.Action(action_chat=sc.ActionChat(message="gl hf"))]))
    client.step(50)
    record = replay.read_record(saved_by(client))
    head = record.head
    assert head.names == ("me", "A.I. (Hard)")
    assert (head.computers, head.levels[1], head.builds[1]) == ((False, True), "Hard", "Rush")
    assert [(said.loop, said.message) for said in record.chat] == [(50, "gl hf")]


def test_a_debug_request_in_a_game_changed_by_hand_is_carried_out_all_the_same() -> None:
    client = client_in_game()
    client.step(50)
    client.game.world.players.gas[0] += 500
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.minerals)]))
    assert client.game.world.players.minerals[0] > 5000
    (answer,) = client.send(save_replay=sc.RequestSaveReplay())
    assert "cannot be saved" in answer.error[0]


def test_following_is_for_games_that_are_recorded() -> None:
    game = computers_game()
    game.recording = False
    follow(game)
    assert game.watcher is None


@pytest.mark.parametrize(("race", "seed"), [("Terran", 1), ("Zerg", 2), ("Protoss", 3)])
def test_whatever_is_done_can_be_saved_and_read(race: str, seed: int) -> None:
    """Players who do anything they may: every ability, morph, cast and odd target finds its place in the file."""
    game = Game.new(load_map(MAP), (race, "Zerg"), seed=seed)
    players = [RandomPlayer(0, seed), RandomPlayer(1, seed + 50)]
    for _ in range(250):
        for player in players:
            player.act(game)
        game.step(24)
    data = save(game, ("a" * 300, "\u00fc" * 200))
    events = tracker_of(data)
    assert events[-1].loop == game.loop
    ours = parse_replay(data)
    assert {player.race for player in ours.players} == {race, "Zerg"}
    assert replay.play(replay.read_record(data)).state_hash() == game.state_hash()


def test_a_game_that_has_not_begun_can_be_saved() -> None:
    data = save(computers_game(), NAMES)
    assert parse_replay(data).length == 1
    assert replay.read_record(data).head.loops == 0
