"""A map as python-sc2 sees it: the answers that the game would give, and a bot that has analysed them."""

from __future__ import annotations

import lzma
from functools import cache
from types import SimpleNamespace

import numpy as np
from s2clientprotocol import common_pb2, sc2api_pb2
from sc2.bot_ai import BotAI
from sc2.constants import geyser_ids, mineral_ids
from sc2.game_data import GameData
from sc2.game_info import GameInfo
from sc2.position import Point2
from sc2.unit import Unit
from sc2.units import Units

from cherrypy_bot.sim.maps import MapData, pathing_with_neutrals
from cherrypy_bot.sim.maps.importer import TOWN_HALLS
from cherrypy_bot.sim.maps.neutrals import GEYSERS, MINERALS, TOWN_HALL_CELLS
from tests.reference import REFERENCE

COMMAND_CENTER = 18
NAMES = {341: "MineralField", 483: "MineralField750", 342: "VespeneGeyser"}


Capture = tuple[sc2api_pb2.ResponseGameInfo, sc2api_pb2.ResponseObservation]


@cache
def capture(name: str) -> Capture:
    """Game info and observation of a real map; do not change them."""
    assert REFERENCE is not None
    folder = REFERENCE / "maps"
    with lzma.open(folder / f"{name}.game_info.pb.xz") as file:
        info = sc2api_pb2.ResponseGameInfo.FromString(file.read())
    with lzma.open(folder / f"{name}.observation.pb.xz") as file:
        return info, sc2api_pb2.ResponseObservation.FromString(file.read())


def image(grid: np.ndarray, bits: int) -> common_pb2.ImageData:
    """A grid as the API sends it."""
    data = np.packbits(grid).tobytes() if bits == 1 else grid.astype(np.uint8).tobytes()
    return common_pb2.ImageData(
        bits_per_pixel=bits, size=common_pb2.Size2DI(x=grid.shape[1], y=grid.shape[0]), data=data
    )


def game_info(m: MapData, player: int = 0) -> sc2api_pb2.ResponseGameInfo:
    """The game info of a player who starts at `m.start_locations[player]` and sees every neutral."""
    pathing = pathing_with_neutrals(m)
    x, y = (int(v) for v in m.start_locations[player])
    for dx, dy in TOWN_HALL_CELLS:
        pathing[y + dy, x + dx] = False
    info = sc2api_pb2.ResponseGameInfo(map_name=m.name, local_map_path=m.name + ".SC2Map")
    raw = info.start_raw
    raw.map_size.x, raw.map_size.y = m.width, m.height
    raw.pathing_grid.CopyFrom(image(pathing, 1))
    raw.placement_grid.CopyFrom(image(m.placement, 1))
    raw.terrain_height.CopyFrom(image(m.terrain_height, 8))
    raw.playable_area.p0.x, raw.playable_area.p0.y = m.playable[:2]
    raw.playable_area.p1.x, raw.playable_area.p1.y = m.playable[2:]
    enemy = m.start_locations[1 - player]
    raw.start_locations.add(x=enemy[0], y=enemy[1])
    for number in (1, 2):
        info.player_info.add(player_id=number, type=1, race_requested=number)
    return info


def observation(m: MapData, player: int = 0) -> sc2api_pb2.ResponseObservation:
    """The first observation of that player: the own town hall and all neutrals."""
    answer = sc2api_pb2.ResponseObservation()
    units = answer.observation.raw_data.units
    hall = units.add(tag=1, unit_type=COMMAND_CENTER, alliance=1, owner=player + 1, display_type=1, radius=2.75)
    hall.pos.x, hall.pos.y = m.start_locations[player]
    for tag, n in enumerate(m.neutrals, 2):
        unit = units.add(tag=tag, unit_type=n.type_id, alliance=3, owner=16, display_type=1, radius=1.0)
        unit.pos.x, unit.pos.y = n.x, n.y
        if n.type_id in MINERALS:
            unit.mineral_contents = n.contents
        elif n.type_id in GEYSERS:
            unit.vespene_contents = n.contents
    return answer


def analysed(info: sc2api_pb2.ResponseGameInfo, first: sc2api_pb2.ResponseObservation) -> BotAI:
    """An unmodified python-sc2 bot after it has looked for ramps and expansions."""
    data = sc2api_pb2.ResponseData()
    for type_id in sorted({u.unit_type for u in first.observation.raw_data.units}):
        data.units.add(unit_id=type_id, name=NAMES.get(type_id, f"Type{type_id}"), available=True)
    units = first.observation.raw_data.units
    bot = BotAI()
    bot.game_info = GameInfo(info)
    bot.game_data = GameData(data)
    bot.state = SimpleNamespace(game_loop=0)
    bot._distance_squared_unit_to_unit = bot._distance_squared_unit_to_unit_method0
    kinds = mineral_ids | geyser_ids
    bot.resources = Units([Unit(u, bot) for u in units if u.alliance == 3 and u.unit_type in kinds], bot)
    bot.townhalls = Units([Unit(u, bot) for u in units if u.alliance == 1 and u.unit_type in TOWN_HALLS], bot)
    bot.game_info.player_start_location = bot.townhalls.first.position
    bot.game_info.map_ramps, bot.game_info.vision_blockers = bot.game_info._find_ramps_and_vision_blockers()
    bot._find_expansion_locations()
    return bot


def cells_of(centre: Point2, side: int) -> list[tuple[int, int]]:
    """Cells `(x, y)` of a square structure around its centre."""
    x, y = round(centre.x - side / 2), round(centre.y - side / 2)
    return [(x + i, y + j) for i in range(side) for j in range(side)]
