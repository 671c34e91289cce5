"""Random requests of the game's API, many of them sensible, and a machine that is asked them in every status.

A request is made from the protocol's own description: every field may be there, numbers are those that mean something
in a game or those at the edge of their type. Part of the messages are damaged after they were made.
"""

from __future__ import annotations

import random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import ComputerSeat, GameServer, ParticipantSeat, Session, create_game_request

NUMBERS = (0, 1, 2, 4, 5, 16, 23, 45, 48, 295, 296, 319, 321, 524, 3674, 1 << 16, (1 << 31) - 1, (1 << 32) - 1)
FLOATS = (0.0, 1.0, -1.0, 30.5, 100.0, 1e9, -1e30, float("nan"), float("inf"))
TEXTS = ("", "CherryGroveLE", "\u2603" * 50, "../../../etc/passwd", "x" * 400)
LONGEST_STEP = 64
"""Damage may ask for a step of days, which is played, not refused: it is cut to this."""
OPTIONS = sc.InterfaceOptions(raw=True, score=True, show_cloaked=True, show_placeholders=True)
KINDS = [field for field in sc.Request.DESCRIPTOR.fields if field.message_type is not None]
QUITE = {"quit", "leave_game", "create_game", "join_game", "start_replay", "restart_game"}
"""Requests that take a game away: most messages go to a game that is on."""
SHARE_DAMAGED, SHARE_QUITE = 0.3, 0.05


def fill(message: Message, chance: random.Random, tags: list[int], depth: int = 0) -> None:
    """Give a message random fields."""
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
            value = _scalar(field, chance, tags)
            if repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)


def _scalar(field: Any, chance: random.Random, tags: list[int]) -> Any:
    if field.type == FieldDescriptor.TYPE_ENUM:
        return chance.choice(field.enum_type.values).number
    if field.type == FieldDescriptor.TYPE_BOOL:
        return chance.random() < 0.5
    if field.type == FieldDescriptor.TYPE_STRING:
        return chance.choice(TEXTS)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return chance.randbytes(chance.randint(0, 64))
    if field.type in (FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE):
        return chance.choice(FLOATS)
    if field.type in (FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_INT64):
        return chance.choice((*NUMBERS, *tags))
    top = (1 << 31) - 1 if field.type == FieldDescriptor.TYPE_INT32 else (1 << 32) - 1
    if field.name in ("count", "quantity"):  # large ones are refused, these run
        return chance.choice((0, 1, 3, 1 << 31))
    return min(chance.choice(NUMBERS), top)


def request_of(chance: random.Random, tags: list[int], kinds: list[Any]) -> bytes:
    """One request of one of the kinds, damaged or not."""
    request = sc.Request()
    part = getattr(request, chance.choice(kinds).name)
    part.SetInParent()
    fill(part, chance, tags)
    data = bytearray(request.SerializeToString())
    if chance.random() < SHARE_DAMAGED and data:
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


class Machine:
    """A machine that is always brought back into a status where there is something to ask.

    Every `GAME_LENGTH` messages it starts anew: against a computer, against another client, or with a replay.
    """

    GAME_LENGTH = 1_000

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.sent = 0
        self.tags: list[int] = []
        self._replay = self._recorded()
        self.session = self._start()

    def messages(self, count: int) -> Any:
        """So many requests, each made when the one before it was answered."""
        calm = [field for field in KINDS if field.name not in QUITE]
        for _ in range(count):
            yield request_of(self.chance, self.tags, KINDS if self.chance.random() < SHARE_QUITE else calm)

    def ask(self, data: bytes) -> str | None:
        """Send one; the first line of its refusal, or None. AssertionError where the engine fails inside."""
        if self.sent % self.GAME_LENGTH == 0 or self.session.status not in (sc.in_game, sc.in_replay):
            self.session = self._start()
        if self.sent % 20 == 0:
            self.tags = self._look()
        self.sent += 1
        answers: list[bytes] = []
        self.session.submit(_cut(data), answers.append)
        if not answers:  # it waits for the other player: who goes away
            self._desert()
        assert answers, "a request was not answered although nobody is left to wait for"
        response: sc.Response = sc.Response.FromString(answers[0])
        assert response.status in sc.Status.values(), response.status
        for text in response.error:
            assert "internal error" not in text, text
        return response.error[0] if response.error else None

    def _start(self) -> Session:
        server = GameServer()
        session = server.connect()
        way = self.chance.randrange(4)
        if way == 0:
            start = sc.RequestStartReplay(replay_data=self._replay, observed_player_id=1, options=OPTIONS)
            session.handle(sc.Request(start_replay=start).SerializeToString())
            return session
        other = ParticipantSeat() if way == 1 else ComputerSeat("Zerg", "Hard")
        seed = self.chance.randrange(1 << 30)
        create = create_game_request("CherryGroveLE", [ParticipantSeat(), other], seed=seed)
        session.handle(sc.Request(create_game=create).SerializeToString())
        join = sc.Request(join_game=sc.RequestJoinGame(race=common.Terran, options=OPTIONS)).SerializeToString()
        session.submit(join, _ignore)
        if way == 1:
            server.connect().submit(join, _ignore)
        return session

    def _recorded(self) -> bytes:
        """A replay of a little game."""
        session = GameServer().connect()
        create = create_game_request("CherryGroveLE", [ParticipantSeat(), ComputerSeat("Zerg", "Hard")], seed=1)
        for request in (
            sc.Request(create_game=create),
            sc.Request(join_game=sc.RequestJoinGame(race=common.Terran, options=OPTIONS)),
            sc.Request(step=sc.RequestStep(count=2_000)),
        ):
            session.handle(request.SerializeToString())
        answer = session.handle_request(sc.Request(save_replay=sc.RequestSaveReplay()))
        data: bytes = answer.save_replay.data
        return data

    def _look(self) -> list[int]:
        answer = self.session.handle_request(sc.Request(observation=sc.RequestObservation()))
        return [unit.tag for unit in answer.observation.observation.raw_data.units]

    def _desert(self) -> None:
        for other in list(self.session.server.sessions):
            if other is not self.session:
                self.session.server.disconnect(other)


def _cut(data: bytes) -> bytes:
    try:
        request = sc.Request.FromString(data)
    except DecodeError:
        return data
    if request.HasField("step") and LONGEST_STEP < request.step.count <= 1 << 19:
        request.step.count = LONGEST_STEP
        cut: bytes = request.SerializeToString()
        return cut
    return data


def _ignore(answer: bytes) -> None:
    """Nobody reads it."""
