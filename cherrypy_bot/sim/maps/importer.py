"""Real maps: from the game's own answers to our format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from s2clientprotocol import common_pb2, raw_pb2, sc2api_pb2
from scipy import ndimage

from cherrypy_bot.sim.maps.model import MAX_SIDE, MapData, MapError, Neutral
from cherrypy_bot.sim.maps.neutrals import (
    FRESH_CONTENTS,
    TOWN_HALL_CELLS,
    cells_on_map,
    footprint_cells,
)

TOWN_HALLS = frozenset((18, 59, 86))
"""CommandCenter, Nexus, Hatchery: what a player starts with."""

CRITTERS = frozenset((148, *range(321, 331), *range(335, 339), 611, 659, 662))
"""Ursadon, Lyote, Carrion Bird, Karaks, Ursadaks, Utility Bot, Scantipede, Dog, Sheep, Cow, Lizard and the like."""

_NEUTRAL = 3


def import_map(game_info: sc2api_pb2.ResponseGameInfo, observation: sc2api_pb2.ResponseObservation) -> MapData:
    """The map that a game is played on, as it was before anybody moved.

    `observation` is the first one of the game, with raw data. Own units are ignored except for the town hall, which
    gives the own start location; the enemy's comes from `game_info`. Resources that the player does not see read 0
    contents and get what a fresh one holds. Raises `MapError` naming what is missing or does not fit.
    """
    name = game_info.map_name or "the map"
    if not game_info.HasField("start_raw"):
        raise MapError(f"{name}: the game info has no start_raw; ask the game with the raw interface switched on")
    raw = game_info.start_raw
    pathing = bit_grid(raw.pathing_grid, f"{name}: pathing_grid")
    placement = bit_grid(raw.placement_grid, f"{name}: placement_grid")
    height = byte_grid(raw.terrain_height, f"{name}: terrain_height")
    if not pathing.shape == placement.shape == height.shape == (raw.map_size.y, raw.map_size.x):
        raise MapError(
            f"{name}: grids of {pathing.shape}, {placement.shape} and {height.shape} cells do not match the map size "
            f"{raw.map_size.y} x {raw.map_size.x}; take game info and observation from one untouched answer"
        )
    if not observation.observation.HasField("raw_data"):
        raise MapError(f"{name}: the observation has no raw_data; ask the game with the raw interface switched on")
    units = observation.observation.raw_data.units
    own = _own_start(units, name)
    enemy = [(float(p.x), float(p.y)) for p in raw.start_locations]
    if len(enemy) != 1:
        raise MapError(f"{name}: {len(enemy)} enemy start locations; only maps of two players can be imported")
    neutrals = tuple(_neutral(u) for u in units if u.alliance == _NEUTRAL and not _wanders(u))
    if not any(n.type_id in FRESH_CONTENTS for n in neutrals):
        raise MapError(f"{name}: the observation shows no resources; take the first observation of a game")
    area = raw.playable_area
    seen = MapData(
        name=game_info.map_name or "Imported",
        width=raw.map_size.x,
        height=raw.map_size.y,
        pathing=pathing | placement,
        placement=placement,
        terrain_height=height,
        playable=(area.p0.x, area.p0.y, area.p1.x, area.p1.y),
        start_locations=(own, enemy[0]),
        neutrals=neutrals,
    ).check()
    return replace(seen, pathing=_bare(seen)).check()


def bit_grid(image: common_pb2.ImageData, what: str) -> npt.NDArray[np.bool_]:
    """An API image of one bit per cell (most significant first, bottom row first) as a grid `[y, x]`."""
    width, height = _size(image, what)
    if image.bits_per_pixel != 1 or len(image.data) * 8 < width * height:
        raise MapError(
            f"{what}: {len(image.data)} bytes of {image.bits_per_pixel} bits a cell do not hold {width} x {height} "
            "cells of one bit; capture it again"
        )
    bits = np.unpackbits(np.frombuffer(image.data, dtype=np.uint8))[: width * height]
    return bits.reshape(height, width).astype(np.bool_)


def byte_grid(image: common_pb2.ImageData, what: str) -> npt.NDArray[np.uint8]:
    """An API image of one byte per cell as a grid `[y, x]`."""
    width, height = _size(image, what)
    if image.bits_per_pixel != 8 or len(image.data) != width * height:
        raise MapError(
            f"{what}: {len(image.data)} bytes of {image.bits_per_pixel} bits a cell do not hold {width} x {height} "
            "cells of one byte; capture it again"
        )
    return np.frombuffer(image.data, dtype=np.uint8).reshape(height, width).copy()


def _size(image: common_pb2.ImageData, what: str) -> tuple[int, int]:
    width, height = int(image.size.x), int(image.size.y)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise MapError(f"{what}: size {width} x {height} is not between 1 and {MAX_SIDE} cells a side")
    return width, height


def _own_start(units: Iterable[raw_pb2.Unit], name: str) -> tuple[float, float]:
    halls = [u for u in units if u.alliance == 1 and u.unit_type in TOWN_HALLS]
    if not halls:
        raise MapError(
            f"{name}: the observation shows no own town hall; take the first observation of a melee game, as a player"
        )
    first = min(halls, key=lambda u: u.tag)
    return float(first.pos.x), float(first.pos.y)


def _wanders(unit: raw_pb2.Unit) -> bool:
    """Critters are no part of a map: known kinds, and whatever stands off the half-cell lattice."""
    off = any(abs(v * 2 - np.round(v * 2)) > 1e-3 for v in (unit.pos.x, unit.pos.y))
    return off or unit.unit_type in CRITTERS


def _neutral(unit: raw_pb2.Unit) -> Neutral:
    seen = unit.mineral_contents or unit.vespene_contents
    return Neutral(
        type_id=int(unit.unit_type),
        x=float(np.round(unit.pos.x * 2) / 2),
        y=float(np.round(unit.pos.y * 2) / 2),
        contents=int(seen or FRESH_CONTENTS.get(int(unit.unit_type), 0)),
    )


def _bare(m: MapData) -> npt.NDArray[np.bool_]:
    """Pathing without whatever stands on the ground, of a map whose buildable ground is already walkable.

    What structures, resources and rocks cover shows as buildable but not walkable. Ground under a rock that nobody
    could build on anyway is lifted where the rock stands on a ramp or on painted ground: where most of its footprint
    is such ground, or the spot is cut off from every cliff.
    """
    bare = m.pathing.copy()
    for n in m.neutrals:
        cells = cells_on_map(m, footprint_cells(n.type_id, n.x, n.y))
        hidden = cells[~bare[cells[:, 0], cells[:, 1]]]
        if 2 * len(hidden) > len(cells):
            bare[hidden[:, 0], hidden[:, 1]] = True
            continue
        spots, _ = ndimage.label(~bare)
        for y, x in hidden:
            spot = np.argwhere(spots == spots[y, x])
            if len(spot) <= len(hidden) and all((cell == cells).all(axis=1).any() for cell in spot):
                bare[y, x] = True
    x, y = (int(v) for v in m.start_locations[0])
    hall = cells_on_map(m, np.array([(y + dy, x + dx) for dx, dy in TOWN_HALL_CELLS], dtype=np.intp))
    bare[hall[:, 0], hall[:, 1]] = True
    return bare
