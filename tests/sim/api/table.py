"""Clients for tests: send requests, get responses, play little matches."""

from __future__ import annotations

from typing import Any

import numpy as np
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import ComputerSeat, GameServer, ParticipantSeat, Session, create_game_request
from cherrypy_bot.sim.game import Game

MAP = "CherryGroveLE"
OPTIONS = sc.InterfaceOptions(
    raw=True, score=True, show_cloaked=True, show_burrowed_shadows=True, show_placeholders=True
)


class Client:
    """One client of a machine; `ask(step=...)` answers at once, `send` may wait for the other player."""

    def __init__(self, server: GameServer) -> None:
        self.session: Session = server.connect()
        self.answers: list[sc.Response] = []

    def ask(self, **request: Any) -> sc.Response:
        return self.session.handle_request(sc.Request(**request))

    def send(self, **request: Any) -> list[sc.Response]:
        """Send without waiting; the answers so far (a longer list later, when more arrive)."""
        data = sc.Request(**request).SerializeToString()
        self.session.submit(data, lambda answer: self.answers.append(sc.Response.FromString(answer)))
        return self.answers

    def join(self, race: int = common.Terran, **more: Any) -> sc.Response:
        return self.ask(join_game=sc.RequestJoinGame(race=race, options=OPTIONS, **more))

    def step(self, count: int = 1) -> sc.Response:
        return self.ask(step=sc.RequestStep(count=count))

    def observe(self) -> sc.ResponseObservation:
        return self.ask(observation=sc.RequestObservation()).observation

    def units(self) -> list[raw.Unit]:
        return list(self.observe().observation.raw_data.units)

    def mine(self, *types: int) -> list[raw.Unit]:
        return [u for u in self.units() if u.alliance == raw.Self and (not types or u.unit_type in types)]

    def order(
        self,
        ability: int,
        tags: list[int],
        *,
        at: tuple[float, float] | None = None,
        target: int | None = None,
        queue: bool = False,
    ) -> sc.Action:
        command = raw.ActionRawUnitCommand(ability_id=ability, unit_tags=tags, queue_command=queue)
        if at is not None:
            command.target_world_space_pos.CopyFrom(common.Point2D(x=at[0], y=at[1]))
        if target is not None:
            command.target_unit_tag = target
        return sc.Action(action_raw=raw.ActionRaw(unit_command=command))

    def act(self, *actions: sc.Action) -> list[int]:
        return list(self.ask(action=sc.RequestAction(actions=actions)).action.result)

    @property
    def game(self) -> Game:
        match = self.session.server.match
        assert match is not None
        assert match.game is not None
        return match.game


def solo(
    race: int = common.Terran, enemy: str = "Zerg", *, seed: int = 5, realtime: bool = False, fog: bool = True
) -> Client:
    """A client in a game against a computer that never acts (so that tests see only what they do)."""
    client = Client(GameServer())
    request = create_game_request(
        MAP, [ParticipantSeat(), ComputerSeat(enemy, "VeryEasy")], seed=seed, realtime=realtime, disable_fog=not fog
    )
    assert not client.ask(create_game=request).create_game.HasField("error")
    assert client.join(race).join_game.player_id == 1
    client.game.computers.clear()
    return client


def duel(first: int = common.Terran, second: int = common.Zerg, *, seed: int = 5) -> tuple[Client, Client]:
    """Two clients in one game."""
    server = GameServer()
    one, two = Client(server), Client(server)
    request = create_game_request(MAP, [ParticipantSeat("one"), ParticipantSeat("two")], seed=seed)
    one.ask(create_game=request)
    one.send(join_game=sc.RequestJoinGame(race=first, options=OPTIONS))
    two.send(join_game=sc.RequestJoinGame(race=second, options=OPTIONS))
    assert [c.answers.pop().join_game.player_id for c in (one, two)] == [1, 2]
    return one, two


def grid(image: common.ImageData) -> np.ndarray:
    """ImageData as an array [H, W], row 0 at the bottom."""
    cells = np.frombuffer(image.data, dtype=np.uint8)
    if image.bits_per_pixel == 1:
        cells = np.unpackbits(cells)
    return cells.reshape(image.size.y, image.size.x)
