"""python-sc2's own client on the in-process transport."""

import asyncio

import pytest
from s2clientprotocol import sc2api_pb2 as sc
from sc2.bot_ai import BotAI
from sc2.client import Client as SC2Client
from sc2.data import Difficulty, Race, Result
from sc2.main import play_from_websocket
from sc2.player import Bot
from sc2.portconfig import Portconfig

from cherrypy_bot.sim.api import ComputerSeat, GameServer, InProcessTransport, ParticipantSeat, create_game_request
from tests.sim.api.table import MAP, OPTIONS


class Gatherer(BotAI):
    """Mines, trains workers, and gives up at a loop."""

    def __init__(self, until_loop: int) -> None:
        self.until_loop = until_loop
        self.seen: list[str] = []

    async def on_start(self) -> None:
        self.client.game_step = 8

    async def on_step(self, iteration: int) -> None:
        if iteration == 0:
            for worker in self.workers:
                worker.gather(self.mineral_field.closest_to(worker))
            await self.chat_send(f"hello from {self.player_id}")
        self.seen += [f"{m.player_id}:{m.message}" for m in self.state.chat]
        if self.state.game_loop >= self.until_loop:
            await self.client.leave()

    async def on_end(self, game_result: Result) -> None:
        self.seen.append(game_result.name)


async def create(transport: InProcessTransport, *players: ParticipantSeat | ComputerSeat, **more) -> None:
    request = sc.Request(create_game=create_game_request(MAP, players, seed=4, **more))
    await transport.send_bytes(request.SerializeToString())
    assert sc.Response.FromString(await transport.receive_bytes()).status == sc.init_game


async def duel(until: tuple[int, int]) -> tuple[list[Result], list[Gatherer], GameServer, str]:
    server = GameServer()
    transports = [InProcessTransport(server.connect()) for _ in range(2)]
    await create(transports[0], ParticipantSeat(), ParticipantSeat())
    bots = [Gatherer(loop) for loop in until]
    ports = Portconfig(server_ports=[1, 2], player_ports=[[3, 4]])
    match = server.match
    results = await asyncio.gather(
        *(
            play_from_websocket(t, Bot(race, bot), False, ports, should_close=False)
            for t, race, bot in zip(transports, (Race.Terran, Race.Protoss), bots, strict=True)
        )
    )
    assert match is not None
    assert match.game is not None
    assert all(t.thinking_seconds > 0 for t in transports)
    return results, bots, server, match.game.state_hash()


def test_two_python_sc2_bots_play_each_other():
    results, bots, server, _ = asyncio.run(duel((320, 9000)))
    assert results == [Result.Defeat, Result.Victory]
    # each hears both greetings; the leaver's on_end says Defeat
    assert sorted(bots[1].seen[:2]) == ["1:hello from 1", "2:hello from 2"]
    assert bots[1].seen[-1] == "Victory"
    assert server.match is not None  # the winner has not left yet


def test_the_same_bots_give_the_same_game():
    assert asyncio.run(duel((400, 9000)))[3] == asyncio.run(duel((400, 9000)))[3]


def test_a_bot_against_the_computer():
    async def play() -> tuple[Result, Gatherer]:
        server = GameServer()
        transport, bot = InProcessTransport(server.connect()), Gatherer(400)
        await create(transport, ParticipantSeat(), ComputerSeat("Zerg", Difficulty.Easy.name))
        result = await play_from_websocket(transport, Bot(Race.Terran, bot), False, None, should_close=False)
        assert result is not None
        return result, bot

    result, _ = asyncio.run(play())
    assert result == Result.Defeat


def test_a_cancelled_wait_keeps_the_answer():
    async def play() -> None:
        server = GameServer()
        one, two = (InProcessTransport(server.connect()) for _ in range(2))
        await create(one, ParticipantSeat(), ParticipantSeat())
        join = sc.Request(join_game=sc.RequestJoinGame(race=1, options=OPTIONS)).SerializeToString()
        await one.send_bytes(join)
        with pytest.raises(asyncio.TimeoutError):
            await one.receive_bytes(timeout=0.01)
        await two.send_bytes(join)
        answers = [sc.Response.FromString(await t.receive_bytes()) for t in (one, two)]
        assert [a.join_game.player_id for a in answers] == [1, 2]

    asyncio.run(play())


def test_a_closed_transport_looks_to_python_sc2_like_a_dead_socket():
    async def play() -> None:
        transport = InProcessTransport(GameServer().connect())
        client = SC2Client(transport)
        await client.ping()
        await transport.close()
        assert transport.closed
        with pytest.raises(TypeError):
            await transport.send_bytes(b"")
        with pytest.raises(TypeError):
            await transport.receive_bytes()

    asyncio.run(play())


def test_closing_while_the_other_waits_answers_the_other():
    async def play() -> None:
        server = GameServer()
        one, two = (InProcessTransport(server.connect()) for _ in range(2))
        await create(one, ParticipantSeat(), ParticipantSeat())
        join = sc.Request(join_game=sc.RequestJoinGame(race=1, options=OPTIONS)).SerializeToString()
        for transport in (one, two):
            await transport.send_bytes(join)
        for transport in (one, two):
            await transport.receive_bytes()
        await one.send_bytes(sc.Request(step=sc.RequestStep(count=4)).SerializeToString())
        await two.close()
        assert sc.Response.FromString(await one.receive_bytes()).status == sc.ended

    asyncio.run(play())


def test_quit_closes_the_transport():
    async def play() -> None:
        transport = InProcessTransport(GameServer().connect())
        await SC2Client(transport).quit()
        assert transport.closed

    asyncio.run(play())


def test_real_time_passes_by_the_clock():
    async def play() -> tuple[float, list[int]]:
        server = GameServer()
        transport = InProcessTransport(server.connect())
        await create(transport, ParticipantSeat(), ComputerSeat(), realtime=True)
        client = SC2Client(transport)
        await client.join_game("me", Race.Terran)
        started = asyncio.get_running_loop().time()
        loops = []
        for wanted in (5, 12, 3, 20):
            seen = await client.observation(wanted)
            loops.append(seen.observation.observation.game_loop)
        return asyncio.get_running_loop().time() - started, loops

    seconds, loops = asyncio.run(play())
    assert loops[0] >= 5
    assert loops[1] >= 12
    assert loops == sorted(loops)
    assert loops[3] >= 20
    assert seconds > 20 / 22.4 - 0.1
