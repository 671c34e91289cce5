"""Whatever a client sends, it gets a response and the game goes on.

`python -m benchmarks.fuzz_api` is the long form.
"""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from s2clientprotocol import sc2api_pb2 as sc

from benchmarks.api_messages import Machine
from cherrypy_bot.sim import replay
from tests.sim.api.table import solo
from tests.sim.api.test_watching import MOVE, SCV, start

MESSAGES = 1_500


def test_random_requests_and_damaged_bytes_are_answered():
    machine = Machine(seed=20)
    machine.GAME_LENGTH = 250  # all ways of playing come up
    refused = sum(machine.ask(data) is not None for data in machine.messages(MESSAGES))
    assert MESSAGES * 0.05 < refused < MESSAGES * 0.75


def test_damaged_records_are_refused_or_watched():
    client = solo()
    for number, worker in enumerate(client.mine(SCV)):
        client.act(client.order(MOVE, [worker.tag], at=(60.0 + number, 40.0)))
        client.step(3)
    record = replay.write(client.game, ["one", "two"])
    chance, watched = random.Random(7), 0
    for _ in range(150):
        data = bytearray(record)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.choice(b'0123456789[]{}",.-e ' + bytes(range(256)))
        watcher, answer = start(bytes(data))
        for response in (
            answer,
            watcher.step(20),
            watcher.ask(replay_info=sc.RequestReplayInfo(replay_data=bytes(data))),
        ):
            assert not any("internal error" in text for text in response.error), response.error
        watched += answer.status == sc.in_replay
    assert 0 < watched < 150


@pytest.fixture(scope="module")
def session():
    return solo().session


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.binary(max_size=200))
def test_any_bytes_get_a_response(session, data):
    response = sc.Response.FromString(session.handle(data))
    assert response.HasField("status")
