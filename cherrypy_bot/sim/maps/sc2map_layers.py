"""The terrain layers of a map file: sizes, vertices, cliff blocks, painted cells.

Layouts as found in five ladder map files of 2018 (MapInfo 39, terrain 114); all numbers are little endian.

- `MapInfo`: width and height in cells, camera bounds (the playable area) behind a few strings.
- `t3HeightMap`: per vertex three uint16: height, cliff height, cliff level. World z of the ground as pathing and
  GameInfo see it, without the cliff meshes, is `(height + cliff height) * quantizeScale - 2 * quantizeBias`.
- `t3Terrain.xml`: the two numbers of that formula, and which blocks of 2 x 2 cells are cliff (`f="1"`) or ramp (2).
- `t3SyncCliffLevel`: per cell, 64 a level; values between are ramps.
- `CellAttribute_Pnp`: per cell the painted no-pathing, a bit for each of its eighths.

`t3CellFlags` (hidden ground, texture sets), `CellAttribute_Cda` and `CellAttribute_Pcl` are not read: no cell of the
five maps needs them to be what the game says it is. `t3SyncHeightMap` adds the cliff meshes to the heights, which
GameInfo does not show.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.maps.model import MAX_SIDE, MapError
from cherrypy_bot.sim.maps.mpq import Archive
from cherrypy_bot.sim.maps.xml_events import read_elements

Ints = npt.NDArray[np.int32]

CLIFF, RAMP = 1, 2
_HEADER_BYTES = 32
_MAX_LAYER = 1 << 20
_MAX_TERRAIN = 16 << 20


@dataclass(frozen=True)
class Layers:
    """What the archive says about the ground; grids `[y, x]`, bottom row first."""

    width: int
    height: int
    playable: tuple[int, int, int, int]
    z: npt.NDArray[np.float64]
    """World height of every vertex, `(height + 1, width + 1)`."""
    cliff_z: npt.NDArray[np.float64]
    """The part of `z` that cliffs and ramps make up."""
    vertex_level: Ints
    """Cliff level of every vertex; 0 is the void."""
    cell_level: Ints
    """Cliff level of every cell in 64ths."""
    blocks: Ints
    """0, CLIFF or RAMP for every block of 2 x 2 cells."""
    painted: npt.NDArray[np.bool_]
    """Cells that the map's author painted unwalkable, be it in part."""


def read_layers(archive: Archive, what: str) -> Layers:
    """All terrain layers; `MapError` with the layer that is missing or does not fit."""
    width, height, playable = _map_info(_member(archive, "MapInfo", _MAX_LAYER, what), what)
    scale, bias, blocks = _terrain(_member(archive, "t3Terrain.xml", _MAX_TERRAIN, what), width, height, what)
    vertices = _layer(archive, "t3HeightMap", b"HMAP", (height + 1, width + 1), np.dtype(("<u2", (3,))), what)
    parts = vertices[..., :2].astype(np.float64) * scale - bias
    levels = _layer(archive, "t3SyncCliffLevel", b"CLIF", (height, width), np.dtype("<u2"), what)
    paint = archive.read("CellAttribute_Pnp", _MAX_LAYER)
    painted = np.zeros((height, width), dtype=np.bool_)
    if paint is not None:
        if len(paint) < 4 + width * height:
            raise _wrong(what, "CellAttribute_Pnp", f"{len(paint)} bytes for {width} x {height} cells")
        painted = np.frombuffer(paint, np.uint8, width * height, 4).reshape(height, width) != 0
    return Layers(
        width=width,
        height=height,
        playable=playable,
        z=parts[..., 0] + parts[..., 1],
        cliff_z=parts[..., 1],
        vertex_level=vertices[..., 2].astype(np.int32),
        cell_level=levels.astype(np.int32),
        blocks=blocks,
        painted=painted,
    )


def _member(archive: Archive, name: str, limit: int, what: str) -> bytes:
    data = archive.read(name, limit)
    if data is None:
        raise MapError(f"{what} holds no {name}; give a complete .SC2Map file of a melee map")
    return data


def _wrong(what: str, name: str, problem: str) -> MapError:
    return MapError(f"{what}: {name} is not as expected ({problem}); save the map again with the map editor")


def _layer(
    archive: Archive,
    name: str,
    magic: bytes,
    shape: tuple[int, int],
    dtype: np.dtype[np.generic],
    what: str,
) -> npt.NDArray[np.uint16]:
    """A grid behind a header that repeats its width and height."""
    data = _member(archive, name, _MAX_LAYER, what)
    if len(data) < _HEADER_BYTES or data[:4] != magic:
        raise _wrong(what, name, "no header")
    width, height = struct.unpack_from("<II", data, 8)
    if (height, width) != shape:
        raise _wrong(what, name, f"{width} x {height} values, MapInfo calls for {shape[1]} x {shape[0]}")
    if len(data) < _HEADER_BYTES + dtype.itemsize * width * height:
        raise _wrong(what, name, f"{len(data)} bytes for {width} x {height} values")
    count = width * height * (dtype.itemsize // dtype.base.itemsize)
    flat = np.frombuffer(data, dtype.base, count, _HEADER_BYTES)
    return np.asarray(flat.reshape(*shape, *dtype.shape))


def _map_info(data: bytes, what: str) -> tuple[int, int, tuple[int, int, int, int]]:
    """Width, height and playable area. The game narrows camera bounds at odd cells to even ones."""
    reader = _Reader(data, what)
    if reader.take(4) != b"IpaM":
        raise _wrong(what, "MapInfo", "no header")
    version = reader.number()
    if version >= 0x18:
        reader.take(8)
    width, height = reader.number(), reader.number()
    if not (8 <= width <= MAX_SIDE and 8 <= height <= MAX_SIDE) or width % 2 or height % 2:
        raise _wrong(what, "MapInfo", f"a map of {width} x {height} cells; sides are even, 8 to {MAX_SIDE}")
    for _ in range(2):  # small and large preview picture
        if reader.number() == 2:
            reader.text()
    if version >= 0x1F:
        reader.text()
    if version >= 0x26:
        reader.text()
    if version >= 0x1F:
        reader.take(4)
    reader.take(4)
    reader.text()  # fog
    reader.text()  # tile set
    x0, y0, x1, y1 = (reader.number() for _ in range(4))
    playable = (x0 + x0 % 2, y0 + y0 % 2, x1 - x1 % 2, y1 - y1 % 2)
    if not (playable[0] < playable[2] <= width and playable[1] < playable[3] <= height):
        raise _wrong(what, "MapInfo", f"camera bounds {x0}, {y0} to {x1}, {y1} on {width} x {height} cells")
    return width, height, playable


class _Reader:
    """Walks through MapInfo."""

    def __init__(self, data: bytes, what: str) -> None:
        self._data, self._what, self._at = data, what, 0

    def take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) != count:
            raise _wrong(self._what, "MapInfo", f"ends after {len(self._data)} bytes")
        self._at += count
        return part

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def text(self) -> bytes:
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise _wrong(self._what, "MapInfo", "a text does not end")
        return self.take(end + 1 - self._at)[:-1]


def _terrain(data: bytes, width: int, height: int, what: str) -> tuple[float, float, Ints]:
    """Height scale, height bias and the kinds of blocks."""
    blocks = np.zeros(height * width // 4, dtype=np.int32)
    numbers: list[float] = []
    for tag, attributes in read_elements(data, f"{what}: t3Terrain.xml"):
        try:
            if tag == "vertData":
                numbers = [float(attributes["quantizeScale"]), float(attributes["quantizeBias"])]
            elif tag == "cc":
                index, kind = int(attributes["i"]), int(attributes["f"])
                if not 0 <= index < len(blocks):
                    raise _wrong(what, "t3Terrain.xml", f"cliff block {index} of {len(blocks)}")
                blocks[index] = kind if kind in (CLIFF, RAMP) else 0
        except (KeyError, ValueError) as error:
            raise _wrong(what, "t3Terrain.xml", f"{tag} without {error}") from error
    if not numbers or not all(math.isfinite(v) for v in numbers) or not 0 < numbers[0] < 1 or abs(numbers[1]) > 1000:
        raise _wrong(what, "t3Terrain.xml", f"no height scale and bias (vertData {numbers})")
    return numbers[0], numbers[1], blocks.reshape(height // 2, width // 2)
