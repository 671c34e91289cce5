"""Replays through the API: a recorded game is watched as it was played, by a plain client and by python-sc2."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import query_pb2 as query
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc
from sc2.client import Client as PythonClient
from sc2.data import Result
from sc2.main import _play_replay
from sc2.observer_ai import ObserverAI

from cherrypy_bot.sim import replay
from cherrypy_bot.sim.api import GameServer, InProcessTransport
from cherrypy_bot.sim.api.install import install
from tests.reference import REFERENCE, needs_reference
from tests.sim.api.table import OPTIONS, Client, solo

SCV, COMMAND_CENTER, TRAIN_SCV, MOVE = 45, 18, 524, 16
LOOPS = 400


def recorded(computer: bool = False) -> tuple[bytes, str, list[bytes]]:
    """A little game: its replay, its last state, and what player 1 saw every 50 loops."""
    client = solo()
    if computer:
        client.ask(restart_game=sc.RequestRestartGame())
    hall = client.mine(COMMAND_CENTER)[0]
    seen = []
    for number in range(LOOPS // 50):
        worker = client.mine(SCV)[number]
        client.act(
            client.order(TRAIN_SCV, [hall.tag]),
            client.order(MOVE, [worker.tag], at=(hall.pos.x + number, hall.pos.y + 7)),
        )
        client.step(50)
        seen.append(_body(client))
    data = client.ask(save_replay=sc.RequestSaveReplay()).save_replay.data
    return data, client.game.state_hash(), seen


def _body(client: Client) -> bytes:
    observation = client.observe().observation
    del observation.alerts[:]  # tell what happened since the last look
    return observation.raw_data.SerializeToString() + observation.player_common.SerializeToString()


def start(data: bytes, client: Client | None = None, **more) -> tuple[Client, sc.Response]:
    client = client or Client(GameServer())
    request = sc.RequestStartReplay(replay_data=data, options=OPTIONS, **{"observed_player_id": 1, **more})
    return client, client.ask(start_replay=request)


def altered(data: bytes, line: int, **change) -> bytes:
    """The record with something in one of its lines changed."""
    lines = data.decode().splitlines()
    entry = json.loads(lines[line])
    if isinstance(entry, dict):
        entry.update(change)
    else:
        entry[change["at"]] = change["to"]
    return "\n".join([*lines[:line], json.dumps(entry), *lines[line + 1 :]]).encode()


@pytest.mark.parametrize("computer", [False, True])
def test_a_replay_shows_the_observed_player_what_it_saw_in_the_game(computer):
    data, state_hash, seen = recorded(computer)
    client, answer = start(data)
    assert (answer.status, answer.start_replay.HasField("error")) == (sc.in_replay, False)
    for expected in seen:
        client.step(50)
        assert _body(client) == expected
    assert client.game.state_hash() == state_hash


def test_a_replay_ends_with_its_result_and_leaves_the_machine_ready():
    client = solo()
    client.step(30)
    client.game.finish(1)
    data = client.ask(save_replay=sc.RequestSaveReplay()).save_replay.data
    watcher, answer = start(data)
    assert answer.status == sc.in_replay
    assert watcher.step(1000).status == sc.ended
    observed = watcher.observe()
    assert observed.observation.game_loop == 30
    assert {r.player_id: r.result for r in observed.player_result} == {1: sc.Defeat, 2: sc.Victory}
    assert watcher.step().error == ["Game has already ended"]
    assert start(data, watcher)[1].status == sc.in_replay
    assert watcher.ask(leave_game=sc.RequestLeaveGame()).status == sc.launched


def test_an_undecided_replay_ends_undecided():
    watcher, _ = start(recorded()[0])
    watcher.step(LOOPS)
    assert {r.result for r in watcher.observe().player_result} == {sc.Undecided}


def test_actions_of_the_observed_player_are_reported_again():
    data, _, _ = recorded()
    for player, expected in ((1, LOOPS // 50 * 2), (2, 0)):
        client, _ = start(data, observed_player_id=player)
        client.step(LOOPS)
        actions = client.observe().actions
        assert len(actions) == expected
        assert all(a.action_raw.unit_command.ability_id in (TRAIN_SCV, MOVE) for a in actions)


def test_a_watcher_looks_and_does_not_touch():
    client, _ = start(recorded()[0], disable_fog=True)
    assert [u for u in client.units() if u.alliance == raw.Enemy]
    info = client.ask(game_info=sc.RequestGameInfo()).game_info
    assert [p.race_actual for p in info.player_info] == [common.Terran, common.Zerg]
    assert client.ask(data=sc.RequestData(unit_type_id=True)).data.units
    hall = client.mine(COMMAND_CENTER)[0]
    asked = query.RequestQuery(abilities=[query.RequestQueryAvailableAbilities(unit_tag=hall.tag)])
    assert client.ask(query=asked).query.abilities[0].abilities
    for request in (
        {"action": sc.RequestAction(actions=[client.order(TRAIN_SCV, [hall.tag])])},
        {"debug": sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.god)])},
        {"quick_save": sc.RequestQuickSave()},
        {"join_game": sc.RequestJoinGame(race=common.Terran, options=OPTIONS)},
        {"map_command": sc.RequestMapCommand(trigger_cmd="x")},
        {"save_replay": sc.RequestSaveReplay()},
    ):
        answer = client.ask(**request)
        assert answer.error, request
        assert answer.status == sc.in_replay


def test_player_zero_sees_all_units_as_allies_ones():
    client, _ = start(recorded()[0], observed_player_id=0)
    client.step(50)
    units = client.units()
    assert {u.owner for u in units} == {1, 2, 16}
    assert {u.alliance for u in units if u.owner < 16} == {raw.Ally}
    assert not any(u.orders for u in units)
    client.step(LOOPS)
    assert {r.player_id: r.result for r in client.observe().player_result}[0] == sc.Undecided


def test_observer_actions_move_the_camera():
    client, _ = start(recorded()[0])
    move = sc.ActionObserverCameraMove(world_pos=common.Point2D(x=40, y=50), distance=30)
    answer = client.ask(obs_action=sc.RequestObserverAction(actions=[sc.ObserverAction(camera_move=move)]))
    assert answer.HasField("obs_action")
    camera = client.observe().observation.raw_data.player.camera
    assert (camera.x, camera.y) == (40, 50)
    assert solo().ask(obs_action=sc.RequestObserverAction()).error


def test_a_replay_of_a_replay_is_the_same_game():
    data, state_hash, _ = recorded()
    client, _ = start(data, record_replay=True)
    client.step(LOOPS)
    again = client.ask(save_replay=sc.RequestSaveReplay()).save_replay.data
    assert replay.read_record(again).commands == replay.read_record(data).commands
    assert replay.read_record(again).state_hash == state_hash


def test_replays_run_in_real_time():
    client, _ = start(recorded()[0], realtime=True)
    assert client.step().error
    seen = []
    client.session.submit(
        sc.Request(observation=sc.RequestObservation(game_loop=3)).SerializeToString(),
        lambda answer: seen.append(sc.Response.FromString(answer)),
    )
    match = client.session.server.match
    assert match is not None
    assert not seen
    match.tick(match._clock_start + 0.25)
    client.session.server.settle()
    assert seen[0].observation.observation.game_loop == 5


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"replay_data": b"junk"}, sc.ResponseStartReplay.InvalidReplayData),
        ({"replay_path": "nowhere.SC2Replay"}, sc.ResponseStartReplay.InvalidReplayPath),
        ({"replay_path": "x" * 5000}, sc.ResponseStartReplay.InvalidReplayPath),
        ({"map_data": b"junk"}, sc.ResponseStartReplay.InvalidMapData),
        ({"observed_player_id": 7}, sc.ResponseStartReplay.InvalidObservedPlayerId),
        ({"observed_player_id": -1}, sc.ResponseStartReplay.InvalidObservedPlayerId),
    ],
)
def test_a_bad_start_names_its_error(change, error):
    client = Client(GameServer())
    request = sc.RequestStartReplay(replay_data=recorded()[0], options=OPTIONS, observed_player_id=1)
    for name, value in change.items():
        setattr(request, name, value)
    answer = client.ask(start_replay=request)
    assert answer.start_replay.error == error
    assert answer.start_replay.error_details
    assert answer.status == sc.launched


def test_replays_need_options_and_a_file():
    client, answer = start(recorded()[0])
    assert answer.status == sc.in_replay
    client = Client(GameServer())
    missing = client.ask(start_replay=sc.RequestStartReplay(options=OPTIONS)).start_replay
    assert missing.error == sc.ResponseStartReplay.MissingReplay
    bare = client.ask(start_replay=sc.RequestStartReplay(replay_data=recorded()[0])).start_replay
    assert bare.error == sc.ResponseStartReplay.MissingOptions


def test_games_that_debug_requests_changed_are_not_played_again():
    client = solo()
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.minerals)]))
    data = client.ask(save_replay=sc.RequestSaveReplay()).save_replay.data
    answer = start(data)[1].start_replay
    assert answer.error == sc.ResponseStartReplay.LaunchError
    assert "debug" in answer.error_details


def plain_record() -> bytes:
    client = solo()
    hall = client.mine(COMMAND_CENTER)[0].tag
    client.act(client.order(TRAIN_SCV, [hall]))
    client.step(5)
    return replay.write(client.game, ["one", "two"])


@pytest.mark.parametrize(
    ("line", "change"),
    [
        (0, {"loops": 10**9}),
        (0, {"loops": -1}),
        (0, {"seed": "x"}),
        (0, {"races": ["Terran", "Human"]}),
        (0, {"names": [1, 2]}),
        (0, {"map": 5}),
        (1, {"at": 0, "to": "soon"}),
        (1, {"at": 0, "to": 99}),
        (1, {"at": 1, "to": 2}),
        (1, {"at": 2, "to": 1 << 40}),
        (1, {"at": 3, "to": ["tag"]}),
        (1, {"at": 5, "to": float("nan")}),
    ],
)
def test_a_record_that_was_tampered_with_is_refused(line, change):
    answer = start(altered(plain_record(), line, **change))[1]
    assert answer.start_replay.error == sc.ResponseStartReplay.InvalidReplayData
    assert f"line {line + 1}" in answer.start_replay.error_details


def test_replay_info_tells_players_results_and_length(tmp_path, monkeypatch):
    client = solo()
    client.step(224)
    client.game.finish(0)
    data = client.ask(save_replay=sc.RequestSaveReplay()).save_replay.data
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "Documents" / "StarCraft II" / "Replays"
    folder.mkdir(parents=True)
    (folder / "game.SC2Replay").write_bytes(data)
    client = Client(GameServer())
    for request in (
        sc.RequestReplayInfo(replay_data=data),
        sc.RequestReplayInfo(replay_path="game.SC2Replay"),
        sc.RequestReplayInfo(replay_path=str(folder / "game.SC2Replay")),
    ):
        info = client.ask(replay_info=request).replay_info
        assert (info.map_name, info.game_duration_loops, info.base_build) == ("CherryGroveLE", 224, 93333)
        assert info.game_duration_seconds == pytest.approx(10)
        results = [(p.player_info.race_actual, p.player_result.result) for p in info.player_info]
        assert results == [(common.Terran, sc.Victory), (common.Zerg, sc.Defeat)]
    missing = client.ask(replay_info=sc.RequestReplayInfo(replay_path="other.SC2Replay")).replay_info
    assert missing.error == sc.ResponseReplayInfo.InvalidReplayPath
    junk = client.ask(replay_info=sc.RequestReplayInfo(replay_data=b"junk")).replay_info
    assert junk.error == sc.ResponseReplayInfo.InvalidReplayData


@needs_reference
def test_replay_info_reads_the_games_own_replays_and_start_replay_refuses_them():
    assert REFERENCE is not None
    file = REFERENCE / "replays" / "5.0.14.93333_TvP_Tokamak.SC2Replay"
    client = Client(GameServer())
    info = client.ask(replay_info=sc.RequestReplayInfo(replay_path=str(file))).replay_info
    assert (info.game_version, info.base_build) == ("5.0.14.93333", 93333)
    assert len(info.data_version) == 32
    assert [p.player_info.race_actual for p in info.player_info] == [common.Terran, common.Protoss]
    assert {p.player_result.result for p in info.player_info} == {sc.Victory, sc.Defeat}
    assert info.player_info[0].player_apm > 50
    answer = start(file.read_bytes())[1]
    assert answer.start_replay.error == sc.ResponseStartReplay.InvalidReplayData
    assert "this engine" in answer.start_replay.error_details


class Watcher(ObserverAI):
    """Counts what it is told."""

    def __init__(self) -> None:
        self.loops: list[int] = []
        self.created = 0
        self.result: Result | None = None

    async def on_start(self) -> None:
        self.client.game_step = 10

    async def on_step(self, iteration: int) -> None:
        self.loops.append(self.state.game_loop)
        assert len(self.units) >= 12
        await self.client.obs_move_camera(self.units.center)

    async def on_unit_created(self, unit) -> None:
        self.created += 1

    async def on_end(self, game_result: Result) -> None:
        self.result = game_result


def test_an_observer_of_python_sc2_watches_a_replay():
    client = solo()
    hall = client.mine(COMMAND_CENTER)[0].tag
    client.act(client.order(TRAIN_SCV, [hall]))
    client.step(400)
    client.game.finish(0)
    data = client.ask(save_replay=sc.RequestSaveReplay()).save_replay.data

    async def watch() -> Watcher:
        transport = InProcessTransport(GameServer().connect())
        watcher, machine = Watcher(), PythonClient(transport)
        request = sc.RequestStartReplay(replay_data=data, observed_player_id=1, options=OPTIONS)
        await machine._execute(start_replay=request)
        await _play_replay(machine, watcher, realtime=False, player_id=1)
        return watcher

    watcher = asyncio.run(watch())
    assert watcher.result == Result.Victory
    assert watcher.loops == list(range(0, 400, 10))
    assert watcher.created == 13  # python-sc2 counts the workers of the start, too


RUN_REPLAY = """
import sys
from sc2.main import run_replay
from sc2.observer_ai import ObserverAI

class Watcher(ObserverAI):
    loops = []
    async def on_start(self):
        self.client.game_step = 50
    async def on_step(self, iteration):
        self.loops.append(self.state.game_loop)
    async def on_end(self, game_result):
        print("watched", len(self.loops), "steps up to", self.loops[-1])

run_replay(Watcher(), sys.argv[1])
"""


def test_python_sc2s_run_replay_starts_the_tree_and_watches(tmp_path):
    """As its Linux version wants it: the file lies in the home folder's Replays."""
    data, _, _ = recorded()
    folder = tmp_path / "Documents" / "StarCraft II" / "Replays"
    folder.mkdir(parents=True)
    (folder / "game.SC2Replay").write_bytes(data)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": cache,
        "SC2PATH": str(install(tmp_path / "tree")),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN_REPLAY, str(folder / "game.SC2Replay")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert f"watched {LOOPS // 50} steps up to {LOOPS - 50}" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
