"""A game made of hand-built protobuf messages, to drive a CherryBot without any engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from s2clientprotocol import data_pb2, raw_pb2
from s2clientprotocol import sc2api_pb2 as sc_pb
from sc2.data import Result
from sc2.game_data import GameData
from sc2.game_info import GameInfo
from sc2.game_state import GameState
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.unit_command import UnitCommand

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.type_facts import TypeFacts
from cherrypy_bot.core.units import UnitTable

SIZE = 64
STRUCTURES = {UnitTypeId.HATCHERY, UnitTypeId.BARRACKS, UnitTypeId.SPAWNINGPOOL, UnitTypeId.EXTRACTOR}
STRUCTURE_ATTRIBUTE = 8


def unit(
    tag: int, kind: UnitTypeId = UnitTypeId.ZERGLING, x: float = 10.0, y: float = 10.0, **fields: Any
) -> raw_pb2.Unit:
    """A unit of ours (alliance 1) unless `fields` say otherwise."""
    values = {
        "alliance": 1,
        "display_type": 1,
        "owner": 1,
        "radius": 0.375,
        "health": 35.0,
        "health_max": 35.0,
        "build_progress": 1.0,
    }
    proto = raw_pb2.Unit(tag=tag, unit_type=kind.value, **{**values, **fields})
    proto.pos.x, proto.pos.y, proto.pos.z = x, y, 10.0
    return proto


def enemy(tag: int, kind: UnitTypeId = UnitTypeId.MARINE, x: float = 20.0, y: float = 20.0, **fields: Any) -> Any:
    """An enemy unit in sight."""
    return unit(tag, kind, x, y, **{"alliance": 4, "owner": 2, **fields})


def mineral(tag: int, x: float = 5.0, y: float = 5.0) -> raw_pb2.Unit:
    """A mineral field."""
    return unit(tag, UnitTypeId.MINERALFIELD, x, y, alliance=3, owner=16, mineral_contents=1800)


def observation(
    loop: int, units: Iterable[raw_pb2.Unit], dead: Sequence[int] = (), visible: bool = False
) -> sc_pb.ResponseObservation:
    """What the game would answer; the whole map is in sight when `visible`."""
    response = sc_pb.ResponseObservation()
    response.observation.game_loop = loop
    response.observation.player_common.player_id = 1
    raw = response.observation.raw_data
    raw.units.extend(units)
    raw.event.dead_units.extend(dead)
    for image, bits, data in (
        (raw.map_state.visibility, 8, bytes([2 if visible else 0]) * SIZE * SIZE),
        (raw.map_state.creep, 1, bytes(SIZE * SIZE // 8)),
    ):
        image.bits_per_pixel = bits
        image.size.x = image.size.y = SIZE
        image.data = data
    return response


def game_info() -> sc_pb.ResponseGameInfo:
    """A flat, empty map for two players."""
    info = sc_pb.ResponseGameInfo(map_name="Flat")
    raw = info.start_raw
    raw.map_size.x = raw.map_size.y = SIZE
    for image, bits in ((raw.pathing_grid, 1), (raw.placement_grid, 1), (raw.terrain_height, 8)):
        image.bits_per_pixel = bits
        image.size.x = image.size.y = SIZE
        image.data = b"\xff" * (SIZE * SIZE * bits // 8)
    raw.playable_area.p1.x = raw.playable_area.p1.y = SIZE
    for player_id, race in ((1, 2), (2, 1)):
        info.player_info.add(player_id=player_id, type=1, race_requested=race)
    return info


def game_data() -> GameData:
    """Every unit type and ability by id; marines and zerglings have their weapons."""
    data = sc_pb.ResponseData()
    for kind in UnitTypeId:
        entry = data.units.add(unit_id=kind.value, name=kind.name, available=True)
        if kind in STRUCTURES:
            entry.attributes.append(STRUCTURE_ATTRIBUTE)
        if kind is UnitTypeId.MARINE:
            entry.weapons.add(type=data_pb2.Weapon.Any, damage=6.0, attacks=1, range=5.0, speed=0.8608)
        if kind is UnitTypeId.ZERGLING:
            entry.weapons.add(type=data_pb2.Weapon.Ground, damage=5.0, attacks=1, range=0.1, speed=0.696)
    for ability in AbilityId:
        if ability.value:
            data.abilities.add(ability_id=ability.value, available=True, link_name=ability.name)
    return GameData(data)


def table(*units: raw_pb2.Unit) -> UnitTable:
    """A unit table as a bot would see it; weapons are not learned."""
    facts = TypeFacts(max(kind.value for kind in UnitTypeId) + 1)
    for kind in STRUCTURES:
        facts.structure[kind.value] = True
    return UnitTable(units, facts)


class FakeClient:
    """Takes the orders that python-sc2 would send."""

    def __init__(self) -> None:
        self.game_step = 1
        self.batches: list[list[UnitCommand]] = []

    async def actions(self, actions: list[UnitCommand]) -> list[Any]:
        self.batches.append(list(actions))
        return []

    async def _send_debug(self) -> None:
        """python-sc2 calls it after every step."""


class FakeMatch:
    """Plays python-sc2's main loop for one bot with the observations that a test gives."""

    DATA: GameData | None = None

    def __init__(self, bot: CherryBot) -> None:
        if FakeMatch.DATA is None:
            FakeMatch.DATA = game_data()
        self.bot = bot
        self.client = FakeClient()
        self.loop = 0
        self._info = game_info()
        self._iteration = 0
        bot._initialize_variables()
        bot._prepare_start(self.client, 1, GameInfo(self._info), FakeMatch.DATA)

    def start(self, *units: raw_pb2.Unit) -> FakeMatch:
        """Everything up to `on_start`."""
        self._prepare(units, (), False)
        asyncio.run(self.bot.on_start())
        return self

    def step(
        self, *units: raw_pb2.Unit, dead: Sequence[int] = (), loops: int = 4, visible: bool = False
    ) -> list[UnitCommand]:
        """One step `loops` later; the orders that it sent."""
        self.loop += loops
        self._prepare(units, dead, visible)
        sent = len(self.client.batches)
        asyncio.run(self._step())
        return [order for batch in self.client.batches[sent:] for order in batch]

    def end(self, result: Result = Result.Victory) -> None:
        """The game is over."""
        asyncio.run(self.bot.on_end(result))

    async def _step(self) -> None:
        await self.bot.issue_events()
        await self.bot.on_step(self._iteration)
        await self.bot._after_step()
        self._iteration += 1

    def _prepare(self, units: Iterable[raw_pb2.Unit], dead: Sequence[int], visible: bool) -> None:
        state = GameState(observation(self.loop, units, dead, visible))
        self.bot._prepare_step(state, sc_pb.Response(game_info=self._info))
