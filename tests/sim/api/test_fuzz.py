"""Whatever a client sends, it gets a response and the game goes on.

`FUZZ_MESSAGES` sets how many messages are tried (default: a short run).
"""

import os
import random

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from s2clientprotocol import sc2api_pb2 as sc

from tests.sim.api.table import solo

MESSAGES = int(os.environ.get("FUZZ_MESSAGES", "1000"))
NUMBERS = (0, 1, 2, 4, 5, 16, 23, 45, 48, 295, 296, 319, 321, 524, 3674, 1 << 16, (1 << 31) - 1, (1 << 32) - 1)
FLOATS = (0.0, 1.0, -1.0, 30.5, 100.0, 1e9, -1e30, float("nan"), float("inf"))
ENDING = {"quit", "leave_game", "create_game", "join_game", "start_replay"}


def fill(message: Message, chance: random.Random, tags: list[int], depth: int = 0) -> None:
    """Give a message random fields, many of them sensible."""
    seen_oneofs: set[str] = set()
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof is not None:
            if field.containing_oneof.name in seen_oneofs or chance.random() < 0.6:
                continue
            seen_oneofs.add(field.containing_oneof.name)
        elif chance.random() < 0.3:
            continue
        repeated = hasattr(getattr(message, field.name), "extend")
        for _ in range(chance.randint(0, 3) if repeated else 1):
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                if depth < 6:
                    part = getattr(message, field.name).add() if repeated else getattr(message, field.name)
                    part.SetInParent()
                    fill(part, chance, tags, depth + 1)
                continue
            value = scalar(field, chance, tags)
            if repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)


def scalar(field: FieldDescriptor, chance: random.Random, tags: list[int]) -> object:
    if field.type == FieldDescriptor.TYPE_ENUM:
        return chance.choice(field.enum_type.values).number
    if field.type == FieldDescriptor.TYPE_BOOL:
        return chance.random() < 0.5
    if field.type == FieldDescriptor.TYPE_STRING:
        return chance.choice(("", "CherryGroveLE", "\u2603" * 50, "../../../etc/passwd", "x" * 400))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return chance.randbytes(chance.randint(0, 64))
    if field.type in (FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE):
        return chance.choice(FLOATS)
    if field.type in (FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_INT64):
        return chance.choice((*NUMBERS, *tags))
    top = (1 << 31) - 1 if field.type == FieldDescriptor.TYPE_INT32 else (1 << 32) - 1
    if field.name in ("count", "quantity"):  # large ones are refused, which other tests try; these run
        return chance.choice((0, 1, 3, 1 << 31))
    return min(chance.choice(NUMBERS), top)


def test_random_requests_and_damaged_bytes_never_break_the_game():
    chance = random.Random(20)
    client = solo()
    kinds = [f for f in sc.Request.DESCRIPTOR.fields if f.message_type is not None and f.name not in ENDING]
    answered = 0
    tags: list[int] = []
    for number in range(MESSAGES):
        if client.session.status != sc.in_game:  # a debug command ended it
            client = solo(seed=number)
        if number % 20 == 0:
            tags = [u.tag for u in client.units()]
        request = sc.Request()
        part = getattr(request, chance.choice(kinds).name)
        part.SetInParent()
        fill(part, chance, tags)
        data = bytearray(request.SerializeToString())
        if chance.random() < 0.3 and data:
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        response = sc.Response.FromString(client.session.handle(bytes(data)))
        assert response.status in sc.Status.values()
        assert not any("internal error" in text for text in response.error), (request, response.error)
        answered += response.WhichOneof("response") is not None
    assert answered > MESSAGES // 4
    assert client.ask(ping=sc.RequestPing()).ping.base_build


@pytest.fixture(scope="module")
def session():
    return solo().session


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.binary(max_size=200))
def test_any_bytes_get_a_response(session, data):
    response = sc.Response.FromString(session.handle(data))
    assert response.HasField("status")
