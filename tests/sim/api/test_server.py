"""The websocket server: clients over sockets, two processes in one game, processes that die."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import query_pb2 as query_pb
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import ComputerSeat, ParticipantSeat, create_game_request
from cherrypy_bot.sim.api.server import ApiServer, parse_arguments
from tests.sim.api.table import MAP, OPTIONS

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Wire:
    """A client on a websocket."""

    def __init__(self, socket_: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket_

    async def send(self, **request) -> None:
        await self.socket.send_bytes(sc.Request(**request).SerializeToString())

    async def receive(self) -> sc.Response:
        return sc.Response.FromString(await asyncio.wait_for(self.socket.receive_bytes(), 120))

    async def ask(self, **request) -> sc.Response:
        await self.send(**request)
        return await self.receive()


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as http:
        for _ in range(400):
            try:
                ws = await http.ws_connect(f"ws://127.0.0.1:{port}/sc2api")
                break
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)
        else:
            raise AssertionError("the server did not come up")
        try:
            yield Wire(ws)
        finally:
            await ws.close()


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[tuple[int, ApiServer]]:
    port, server = free_port(), ApiServer()
    task = asyncio.ensure_future(server.run("127.0.0.1", port))
    try:
        yield port, server
    finally:
        server.stop.set()
        await asyncio.wait_for(task, 10)


@contextlib.contextmanager
def process(port: int) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "cherrypy_bot.sim.api.server", "-listen", "127.0.0.1", "-port", str(port)], cwd=ROOT
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def versus_computer() -> sc.RequestCreateGame:
    return create_game_request(MAP, [ParticipantSeat(), ComputerSeat("Zerg", "VeryEasy")], seed=1)


def ports(game_port: int) -> dict:
    return {
        "server_ports": sc.PortSet(game_port=game_port, base_port=game_port + 1),
        "client_ports": [sc.PortSet(game_port=game_port + 2, base_port=game_port + 3)],
    }


def join(race: int, game_port: int) -> sc.RequestJoinGame:
    return sc.RequestJoinGame(race=race, options=OPTIONS, **ports(game_port))


def test_a_game_over_the_websocket():
    async def play() -> None:
        async with running() as (port, server):
            async with connected(port) as client:
                assert (await client.ask(ping=sc.RequestPing())).ping.base_build
                await client.ask(create_game=versus_computer())
                joined = await client.ask(join_game=sc.RequestJoinGame(race=1, options=OPTIONS))
                assert joined.status == sc.in_game
                for loop in range(1, 20):
                    assert (await client.ask(step=sc.RequestStep(count=1))).step.simulation_loop == loop
                await client.socket.send_bytes(b"\xff\xff\xff")
                assert (await client.receive()).error
                assert (await client.ask(quit=sc.RequestQuit())).status == sc.quit
            await asyncio.wait_for(server.stop.wait(), 10)

    asyncio.run(play())


def test_requests_in_text_frames_are_understood():
    """websocket-client, on which pysc2 stands, sends bytes that are no UTF-8 under that name."""

    async def play() -> None:
        async with running() as (port, _), connected(port) as client:
            data = sc.Request(id=1, ping=sc.RequestPing()).SerializeToString()
            assert data[0] > 0x7F
            await client.socket.send_frame(data, aiohttp.WSMsgType.TEXT)
            assert (await client.receive()).ping.base_build

    asyncio.run(play())


def test_requests_may_be_sent_ahead():
    async def play() -> None:
        async with running() as (port, _), connected(port) as client:
            await client.ask(create_game=versus_computer())
            await client.ask(join_game=sc.RequestJoinGame(race=1, options=OPTIONS))
            for i in range(5):
                await client.send(step=sc.RequestStep(count=2), id=i + 1)
            answers = [await client.receive() for _ in range(5)]
            assert [a.id for a in answers] == [1, 2, 3, 4, 5]
            assert answers[-1].step.simulation_loop == 10

    asyncio.run(play())


def test_a_client_that_comes_back_finds_its_game():
    async def play() -> None:
        async with running() as (port, _):
            async with connected(port) as client:
                await client.ask(create_game=versus_computer())
                await client.ask(join_game=sc.RequestJoinGame(race=1, options=OPTIONS))
                await client.ask(step=sc.RequestStep(count=7))
            async with connected(port) as client:
                seen = await client.ask(observation=sc.RequestObservation())
                assert seen.status == sc.in_game
                assert seen.observation.observation.game_loop == 7

    asyncio.run(play())


async def two_processes(hosts: Wire, joins: Wire) -> None:
    """Create and join a game of two over two processes."""
    game_port = free_port()
    created = await hosts.ask(create_game=create_game_request(MAP, [ParticipantSeat()] * 2, seed=3))
    assert created.status == sc.init_game
    await joins.send(join_game=join(common.Zerg, game_port), id=5)
    await hosts.send(join_game=join(common.Terran, game_port))
    one, two = await hosts.receive(), await joins.receive()
    assert (one.join_game.player_id, two.join_game.player_id) == (1, 2)
    assert (one.status, two.status, two.id) == (sc.in_game, sc.in_game, 5)


async def step_both(*clients: Wire) -> list[sc.Response]:
    for client in clients:
        await client.send(step=sc.RequestStep(count=4))
    return [await client.receive() for client in clients]


def test_two_processes_play_one_game_and_part():
    async def play() -> None:
        async with running() as (p1, _), running() as (p2, _):  # noqa: SIM117
            async with connected(p1) as one, connected(p2) as two:
                await two_processes(one, two)
                for loop in (4, 8, 12):
                    assert [a.step.simulation_loop for a in await step_both(one, two)] == [loop, loop]
                mine = await two.ask(observation=sc.RequestObservation())
                assert mine.observation.observation.player_common.player_id == 2
                assert (await two.ask(leave_game=sc.RequestLeaveGame())).status == sc.launched
                assert (await one.ask(step=sc.RequestStep(count=4))).status == sc.ended
                assert (await one.ask(step=sc.RequestStep(count=4))).error == ["Game has already ended"]
                seen = await one.ask(observation=sc.RequestObservation())
                assert {r.player_id: r.result for r in seen.observation.player_result} == {1: 1, 2: 2}
                assert (await one.ask(leave_game=sc.RequestLeaveGame())).status == sc.launched
                # both processes are ready for another game, the roles the other way round
                await two_processes(two, one)

    asyncio.run(play())


def test_an_observer_watches_from_a_process_of_its_own():
    async def play() -> None:
        p1, p2, p3, game_port = free_port(), free_port(), free_port(), free_port()
        with process(p1), process(p2), process(p3):
            async with connected(p1) as one, connected(p2) as two, connected(p3) as watcher:
                create = create_game_request(MAP, [ParticipantSeat("one"), ParticipantSeat("two")], seed=1)
                create.player_setup.add(type=sc.Observer)
                assert not (await one.ask(create_game=create)).create_game.HasField("error")
                look = sc.RequestJoinGame(observed_player_id=2, options=OPTIONS, **ports(game_port))
                await one.send(join_game=join(common.Terran, game_port))
                await watcher.send(join_game=look)
                await two.send(join_game=join(common.Zerg, game_port))
                joined = [(await client.receive()).join_game.player_id for client in (one, two, watcher)]
                assert joined == [1, 2, 3]
                for client in (one, two):
                    await client.send(step=sc.RequestStep(count=8))
                stepped = [asyncio.ensure_future(client.receive()) for client in (one, two)]
                done, _ = await asyncio.wait(stepped, timeout=0.3)
                assert not done  # the game waits for the observer, too
                assert (await watcher.ask(step=sc.RequestStep(count=8))).step.simulation_loop == 8
                assert [answer.step.simulation_loop for answer in await asyncio.gather(*stepped)] == [8, 8]
                seen, theirs = [
                    (await client.ask(observation=sc.RequestObservation())).observation.observation.raw_data
                    for client in (watcher, two)
                ]
                assert {u.tag for u in seen.units} == {u.tag for u in theirs.units}
                assert (await watcher.ask(action=sc.RequestAction())).error

    asyncio.run(play())


def test_nobody_hosting_is_an_error_and_not_a_hang(monkeypatch):
    from cherrypy_bot.sim.api import link

    monkeypatch.setattr(link.RemoteGame.connect.__func__, "__defaults__", (0.3,))

    async def play() -> None:
        async with running() as (port, _), connected(port) as client:
            answer = await client.ask(join_game=join(common.Zerg, free_port()))
            assert answer.join_game.error == sc.ResponseJoinGame.NetworkError
            assert answer.status == sc.launched

    asyncio.run(play())


@pytest.mark.parametrize("victim", [0, 1])
def test_when_one_process_dies_the_other_player_wins(victim):
    async def play() -> None:
        p1, p2 = free_port(), free_port()
        with process(p1) as host, process(p2) as guest:
            async with connected(p1) as one, connected(p2) as two:
                await two_processes(one, two)
                await step_both(one, two)
                survivor = (two, one)[victim]
                await survivor.ask(observation=sc.RequestObservation())
                await survivor.send(step=sc.RequestStep(count=4))  # now waits for the other
                os.kill((host, guest)[victim].pid, signal.SIGKILL)
                answer = await survivor.receive()
                assert answer.status == sc.ended
                seen = await survivor.ask(observation=sc.RequestObservation())
                results = {r.player_id: r.result for r in seen.observation.player_result}
                assert results == {1 + victim: sc.Defeat, 2 - victim: sc.Victory}
                assert (await survivor.ask(leave_game=sc.RequestLeaveGame())).status == sc.launched
                assert (await survivor.ask(quit=sc.RequestQuit())).status == sc.quit

    asyncio.run(play())


def test_a_client_may_end_its_decisions_when_the_hosting_process_dies():
    """python-sc2 takes an error among them for a fault of the bot."""

    async def play() -> None:
        p1, p2 = free_port(), free_port()
        with process(p1) as host, process(p2):
            async with connected(p1) as one, connected(p2) as two:
                await two_processes(one, two)
                await step_both(one, two)
                seen = await two.ask(observation=sc.RequestObservation())
                info = (await two.ask(game_info=sc.RequestGameInfo())).game_info
                host.kill()
                host.wait()
                units = [u.tag for u in seen.observation.observation.raw_data.units if u.owner == 2]
                stop = raw.ActionRawUnitCommand(ability_id=4, unit_tags=units)
                again = await two.ask(id=7, game_info=sc.RequestGameInfo())
                assert (again.game_info, again.id, again.status) == (info, 7, sc.in_game)
                action = sc.Action(action_raw=raw.ActionRaw(unit_command=stop))
                answer = await two.ask(action=sc.RequestAction(actions=[action] * 2))
                assert (list(answer.action.result), answer.status) == ([1, 1], sc.in_game)
                query = query_pb.RequestQuery()
                query.abilities.add(unit_tag=units[0])
                query.placements.add(ability_id=1).target_pos.x = 40
                query.pathing.add(unit_tag=units[0]).end_pos.x = 40
                found = (await two.ask(query=query)).query
                assert [len(found.abilities), len(found.placements), len(found.pathing)] == [1, 1, 1]
                assert (await two.ask(step=sc.RequestStep(count=4))).status == sc.ended
                results = (await two.ask(observation=sc.RequestObservation())).observation.player_result
                assert {r.player_id: r.result for r in results} == {1: sc.Defeat, 2: sc.Victory}
                late = await two.ask(action=sc.RequestAction(actions=[action]))
                assert list(late.error) == ["Not supported if game has already ended"]

    asyncio.run(play())


def test_a_client_that_hangs_up_in_a_game_of_two_has_lost():
    async def play() -> None:
        async with running() as (p1, _), running() as (p2, _), connected(p1) as one:
            async with connected(p2) as two:
                await two_processes(one, two)
                await one.send(step=sc.RequestStep(count=4))
            assert (await one.receive()).status == sc.ended

    asyncio.run(play())


def test_the_games_command_line_is_understood(tmp_path):
    (tmp_path / "Maps").mkdir()
    line = f"-listen 0.0.0.0 -port 8765 -dataDir {tmp_path} -tempDir /tmp/x -displayMode 0 -windowx -5 -verbose"
    assert parse_arguments(line.split()) == ("0.0.0.0", 8765, [tmp_path / "Maps"])
    assert parse_arguments([])[:2] == ("127.0.0.1", 5000)
    with pytest.raises(SystemExit, match="port"):
        parse_arguments(["-port", "many"])
