"""The transport between a bot and the game: passes bytes on, times the bot and nothing else."""

from __future__ import annotations

import asyncio
import time

import pytest
from s2clientprotocol import sc2api_pb2 as sc_pb

from cherrypy_bot.ladder.transport import STEP_REQUEST_TAG, MeasuredTransport

STEP = sc_pb.Request(step=sc_pb.RequestStep(count=4)).SerializeToString()
OBSERVATION = sc_pb.Request(observation=sc_pb.RequestObservation()).SerializeToString()


class SlowGame:
    """Answers every request with the request itself, after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.closed = False
        self.asked: list[bytes] = []

    async def send_bytes(self, data: bytes) -> None:
        self.asked.append(data)

    async def receive_bytes(self) -> bytes:
        time.sleep(self.seconds)
        return self.asked[-1]

    async def close(self) -> None:
        self.closed = True


def test_the_tag_is_that_of_a_step_request() -> None:
    assert STEP[0] == STEP_REQUEST_TAG
    assert OBSERVATION[0] != STEP_REQUEST_TAG


def test_only_the_bots_own_time_counts_and_set_up_is_no_step() -> None:
    async def play() -> MeasuredTransport:
        transport = MeasuredTransport(SlowGame(0.02), lambda: None)
        time.sleep(0.05)  # set-up before the first step
        for _ in range(3):
            for request in (OBSERVATION, STEP):
                time.sleep(0.004)
                await transport.send_bytes(request)
                await transport.receive_bytes()
        return transport

    milliseconds = asyncio.run(play()).step_milliseconds
    assert len(milliseconds) == 2
    assert all(7.5 < value < 20.0 for value in milliseconds), milliseconds


def test_bytes_pass_unchanged_and_the_spectator_sees_every_answer() -> None:
    looks: list[int] = []
    game = SlowGame(0.0)

    async def play() -> bytes:
        transport = MeasuredTransport(game, lambda: looks.append(len(game.asked)))
        await transport.send_bytes(OBSERVATION)
        answer = await transport.receive_bytes()
        await transport.close()
        assert transport.closed
        return answer

    assert asyncio.run(play()) == OBSERVATION
    assert game.asked == [OBSERVATION]
    assert looks == [1]


@pytest.mark.parametrize("data", [b"", STEP])
def test_whatever_is_sent_reaches_the_game(data: bytes) -> None:
    game = SlowGame(0.0)
    asyncio.run(MeasuredTransport(game, lambda: None).send_bytes(data))
    assert game.asked == [data]
