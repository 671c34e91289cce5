"""Requests and statuses as sc2api.proto describes them; nothing a client sends may raise."""

import time

import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2, query_pb2, raw_pb2
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import replay
from cherrypy_bot.sim.api import ComputerSeat, GameServer, ParticipantSeat, create_game_request
from cherrypy_bot.sim.api.errors import WaitingForOthersError
from cherrypy_bot.sim.maps import load_map, save_map
from tests.sim.api.table import MAP, OPTIONS, Client, duel, solo


def fresh() -> Client:
    return Client(GameServer())


def versus_computer(**more):
    return create_game_request(MAP, [ParticipantSeat(), ComputerSeat("Zerg", "Easy")], seed=1, **more)


def test_ping_tells_the_patch_that_the_ladder_plays():
    answer = fresh().ask(ping=sc.RequestPing())
    assert answer.status == sc.launched
    assert answer.ping.game_version.startswith("5.0.14")
    assert answer.ping.base_build == 93333
    assert len(answer.ping.data_version) == 32


def test_statuses_of_a_game_against_the_computer():
    client = fresh()
    assert client.ask(create_game=versus_computer()).status == sc.init_game
    joined = client.join(common.Protoss)
    assert (joined.status, joined.join_game.player_id) == (sc.in_game, 1)
    assert client.step(4).status == sc.in_game
    assert client.ask(leave_game=sc.RequestLeaveGame()).status == sc.launched
    assert client.ask(quit=sc.RequestQuit()).status == sc.quit


def test_the_request_id_comes_back():
    response = fresh().session.handle_request(sc.Request(ping=sc.RequestPing(), id=77))
    assert response.id == 77
    assert not sc.Response.FromString(fresh().session.handle(b"\xff" * 9)).HasField("id")


@pytest.mark.parametrize("data", [b"\x00", b"\xff" * 40, b"\x0a\xff\xff\xff\xff\x0f", b"not protobuf at all", b""])
def test_bytes_that_are_no_request_get_an_error(data):
    client = fresh()
    response = sc.Response.FromString(client.session.handle(data))
    assert response.error
    assert response.status == sc.launched
    assert client.ask(ping=sc.RequestPing()).ping.base_build  # the session lives on


@pytest.mark.parametrize(
    ("kind", "request_class"),
    [
        ("step", sc.RequestStep),
        ("observation", sc.RequestObservation),
        ("game_info", sc.RequestGameInfo),
        ("data", sc.RequestData),
        ("query", query_pb2.RequestQuery),
        ("action", sc.RequestAction),
        ("debug", sc.RequestDebug),
        ("save_replay", sc.RequestSaveReplay),
        ("quick_save", sc.RequestQuickSave),
        ("leave_game", sc.RequestLeaveGame),
    ],
)
def test_requests_of_a_game_need_one(kind, request_class):
    response = fresh().ask(**{kind: request_class()})
    assert response.error == ["Not in a game"]
    assert response.WhichOneof("response") is None


def test_after_the_end_a_step_says_so_in_the_games_words():
    client = solo()
    client.game.finish(0)
    assert client.step().error == ["Game has already ended"]
    assert client.ask(action=sc.RequestAction()).error == ["Not supported if game has already ended"]
    observed = client.ask(observation=sc.RequestObservation())
    assert observed.status == sc.ended
    results = {r.player_id: r.result for r in observed.observation.player_result}
    assert results == {1: sc.Victory, 2: sc.Defeat}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda r: r.ClearField("local_map"), sc.ResponseCreateGame.MissingMap),
        (lambda r: setattr(r.local_map, "map_path", "Nowhere.SC2Map"), sc.ResponseCreateGame.InvalidMapPath),
        (lambda r: setattr(r.local_map, "map_path", "x" * 9000), sc.ResponseCreateGame.InvalidMapPath),
        (lambda r: setattr(r.local_map, "map_data", b"junk" * 99), sc.ResponseCreateGame.InvalidMapData),
        (lambda r: setattr(r, "battlenet_map_name", "No Such Map"), sc.ResponseCreateGame.InvalidMapName),
        (lambda r: r.ClearField("player_setup"), sc.ResponseCreateGame.MissingPlayerSetup),
        (lambda r: r.player_setup.add(type=sc.Participant), sc.ResponseCreateGame.InvalidPlayerSetup),
        (lambda r: setattr(r.player_setup[0], "type", sc.Computer), sc.ResponseCreateGame.InvalidPlayerSetup),
    ],
)
def test_a_bad_create_game_names_its_error(change, error):
    client, request = fresh(), versus_computer()
    change(request)
    answer = client.ask(create_game=request)
    assert answer.create_game.error == error
    assert answer.create_game.error_details
    assert answer.status == sc.launched


@pytest.mark.parametrize("path", [MAP, f"{MAP}.SC2Map", f"some/folder/{MAP}.SC2Map", f"C:\\Maps\\{MAP}.SC2Map"])
def test_maps_are_found_by_name_and_by_the_paths_that_clients_send(path):
    client, request = fresh(), versus_computer()
    request.local_map.map_path = path
    assert client.ask(create_game=request).status == sc.init_game


@pytest.mark.parametrize(
    ("request_join", "error"),
    [
        (sc.RequestJoinGame(options=OPTIONS), sc.ResponseJoinGame.MissingParticipation),
        (sc.RequestJoinGame(observed_player_id=1, options=OPTIONS), sc.ResponseJoinGame.InvalidObservedPlayerId),
        (sc.RequestJoinGame(race=common.Terran), sc.ResponseJoinGame.MissingOptions),
    ],
)
def test_a_bad_join_names_its_error(request_join, error):
    client = fresh()
    client.ask(create_game=versus_computer())
    answer = client.ask(join_game=request_join)
    assert answer.join_game.error == error
    assert answer.status == sc.init_game
    assert client.join().join_game.player_id == 1


@pytest.mark.parametrize("interface", ["render", "feature_layer"])
def test_pictures_are_refused_when_joining(interface):
    client = fresh()
    client.ask(create_game=versus_computer())
    options = sc.InterfaceOptions(raw=True)
    getattr(options, interface).resolution.x = 64
    answer = client.ask(join_game=sc.RequestJoinGame(race=common.Terran, options=options))
    assert answer.join_game.error == sc.ResponseJoinGame.FeatureUnsupported
    assert interface in answer.join_game.error_details
    assert client.join().status == sc.in_game


def test_joining_without_a_game_or_ports_is_an_error():
    assert fresh().join().join_game.error == sc.ResponseJoinGame.MissingPorts


def test_random_becomes_a_race_that_the_seed_decides():
    races = set()
    for _ in range(2):
        client = fresh()
        client.ask(create_game=versus_computer())
        client.join(common.Random)
        info = client.ask(game_info=sc.RequestGameInfo()).game_info.player_info[0]
        assert info.race_requested == common.Random
        races.add(info.race_actual)
    assert len(races) == 1
    assert races <= {common.Terran, common.Zerg, common.Protoss}


def test_restart_plays_the_same_game_again():
    client = solo()
    before = client.game.state_hash()
    client.step(200)
    assert client.game.state_hash() != before
    answer = client.ask(restart_game=sc.RequestRestartGame())
    assert answer.HasField("restart_game")
    client.game.computers.clear()
    assert client.observe().observation.game_loop == 0
    assert client.game.state_hash() == before


def test_quick_load_goes_back_to_the_saved_moment():
    client = solo()
    client.step(100)
    client.ask(quick_save=sc.RequestQuickSave())
    saved = client.game.state_hash()
    client.step(300)
    assert not client.ask(quick_load=sc.RequestQuickLoad()).error
    assert client.game.state_hash() == saved
    assert client.observe().observation.game_loop == 100
    assert solo().ask(quick_load=sc.RequestQuickLoad()).error


@pytest.mark.parametrize("count", [(1 << 19) + 1, 10**9, (1 << 32) - 1])
def test_a_step_longer_than_any_game_is_refused(count):
    assert solo().step(count).error


def test_a_step_of_nothing_is_one_loop():
    assert solo().ask(step=sc.RequestStep()).step.simulation_loop == 1


def test_what_this_game_lacks_is_refused_in_kind():
    client = solo()
    assert client.ask(obs_action=sc.RequestObserverAction()).error
    assert client.ask(map_command=sc.RequestMapCommand(trigger_cmd="x")).map_command.error
    assert client.ask(replay_info=sc.RequestReplayInfo()).replay_info.error == sc.ResponseReplayInfo.MissingReplay
    assert Client(GameServer()).ask(start_replay=sc.RequestStartReplay(replay_data=b"x")).start_replay.error


def test_a_saved_map_is_played_under_its_path(tmp_path):
    save_map(load_map("BlossomLE"), tmp_path / "x.SC2Map")
    data = (tmp_path / "x.SC2Map").read_bytes()
    client = fresh()
    saved = client.ask(save_map=sc.RequestSaveMap(map_path="mine/blossom.SC2Map", map_data=data))
    assert saved.HasField("save_map")
    assert not saved.save_map.HasField("error")
    request = versus_computer()
    request.local_map.map_path = "mine/blossom.SC2Map"
    assert client.ask(create_game=request).status == sc.init_game
    client.join()
    assert client.game.world.map.name == "BlossomLE"
    for path, bad in (("a.SC2Map", b"junk"), ("", data), ("x" * 300, data)):
        answer = client.ask(save_map=sc.RequestSaveMap(map_path=path, map_data=bad))
        assert answer.save_map.error == sc.ResponseSaveMap.InvalidMapData


def test_blocking_calls_say_when_a_request_waits_for_others():
    one, _ = duel()
    with pytest.raises(WaitingForOthersError, match="other player"):
        one.step(1)


def test_available_maps_lists_what_create_game_takes():
    client = fresh()
    names = client.ask(available_maps=sc.RequestAvailableMaps()).available_maps.local_map_paths
    assert f"{MAP}.SC2Map" in names


def test_data_answers_only_what_was_asked_for():
    client = solo()
    everything = client.ask(
        data=sc.RequestData(ability_id=True, unit_type_id=True, upgrade_id=True, buff_id=True, effect_id=True)
    ).data
    assert min(map(len, (everything.abilities, everything.units, everything.upgrades, everything.buffs))) > 0
    some = client.ask(data=sc.RequestData(upgrade_id=True)).data
    assert len(some.upgrades) == len(everything.upgrades)
    assert not some.units
    assert not some.abilities


def test_save_replay_holds_the_commands():
    client = solo()
    worker = client.mine(45)[0]
    client.act(client.order(16, [worker.tag], at=(40.0, 40.0)))
    data = client.ask(save_replay=sc.RequestSaveReplay()).save_replay.data
    assert replay.read_record(data).commands[-1].tags == (worker.tag,)


def test_raw_data_comes_only_when_asked_for():
    client = Client(GameServer())
    client.ask(create_game=versus_computer())
    client.ask(join_game=sc.RequestJoinGame(race=common.Terran, options=sc.InterfaceOptions(score=True)))
    seen = client.observe().observation
    assert seen.HasField("score")
    assert not seen.HasField("raw_data")
    assert not client.ask(game_info=sc.RequestGameInfo()).game_info.HasField("start_raw")


def test_an_unknown_action_kind_is_not_supported():
    client = solo()
    results = client.act(sc.Action(), sc.Action(action_raw=raw_pb2.ActionRaw()))
    assert results == [2, 2]


def test_saving_and_loading_400_units_takes_less_than_a_millisecond():
    client = solo()
    client.ask(restart_game=sc.RequestRestartGame())
    hall = client.mine(18)[0].pos
    for unit_type, owner in ((48, 1), (105, 2)):
        made = debug_pb2.DebugCreateUnit(unit_type=unit_type, owner=owner, quantity=200, pos=common.Point2D())
        made.pos.x, made.pos.y = hall.x, 60.0 + 10 * owner
        client.ask(debug=sc.RequestDebug(debug=[debug_pb2.DebugCommand(create_unit=made)]))
    client.step(20)
    assert sum(1 for _ in client.game.world.rows()) > 400
    for request in (sc.Request(quick_save=sc.RequestQuickSave()), sc.Request(quick_load=sc.RequestQuickLoad())):
        data, times = request.SerializeToString(), []
        for _ in range(30):
            begun = time.process_time()
            client.session.handle(data)
            times.append(time.process_time() - begun)
        assert min(times) < 0.001
