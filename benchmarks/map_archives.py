"""A small map in the game's file format, made from nothing: for tests and for fuzzing where no real file is at hand.

    data = write_archive(map_members())          # bytes of a .SC2Map that the reader takes

The map has 64 x 64 cells: ground of level 1 with a plateau of level 2 in the middle, void of level 0 along the left
side, a pillar that its author closed, a painted strip, a row of sight blockers, and a base for each of two players.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Final

import numpy as np

from cherrypy_bot.formats.mpq import ARCHIVE_MAGIC, BLOCK_TABLE_KEY, HASH_TABLE_KEY, encrypted, name_hash

SIDE: Final = 64
PLAYABLE: Final = (3, 4, 60, 60)
"""Camera bounds as the file has them; the game narrows the odd one to 4."""
STARTS: Final = ((12.5, 12.5), (51.5, 51.5))
NAME: Final = "Fuzz Valley LE"
PAINTED: Final = (20, 8, 24, 10)
SIGHT_BLOCKERS: Final = ((30, 8), (31, 8), (32, 8))
CRATE: Final = (36, 8)
PLATEAU: Final = (28, 28, 36, 36)
PILLAR: Final = (44, 20, 48, 24)

_HEADER: Final = struct.Struct("<4s2I2H4I")
_SHIFT: Final = 5
_SECTOR: Final = 512 << _SHIFT
_EXISTS_PACKED: Final = 0x80000200
_ZLIB: Final = 2
_FREE: Final = 0xFFFFFFFF
_SCALE, _BIAS = 2.746e-4, 9.0


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """An archive as the map editor writes it: members in zlib sectors of 16 KiB behind a table of their offsets."""
    body = bytearray()
    blocks: list[int] = []
    for content in files.values():
        packed = _sectors(content)
        blocks += [_HEADER.size + len(body), len(packed), len(content), _EXISTS_PACKED]
        body += packed
    rows = 16
    while rows < 2 * len(files):
        rows *= 2
    hashes = [_FREE] * (4 * rows)
    for block, name in enumerate(files):
        slot = name_hash(name, 0) % rows
        while hashes[4 * slot + 3] != _FREE:
            slot = (slot + 1) % rows
        hashes[4 * slot : 4 * slot + 4] = [name_hash(name, 1), name_hash(name, 2), 0, block]
    hash_at = _HEADER.size + len(body)
    block_at = hash_at + 4 * len(hashes)
    size = block_at + 4 * len(blocks)
    head = (ARCHIVE_MAGIC, _HEADER.size, size, 0, _SHIFT, hash_at, block_at, rows, len(files))
    return _HEADER.pack(*head) + bytes(body) + encrypted(hashes, HASH_TABLE_KEY) + encrypted(blocks, BLOCK_TABLE_KEY)


def _sectors(content: bytes) -> bytes:
    parts = []
    for at in range(0, len(content), _SECTOR):
        plain = content[at : at + _SECTOR]
        packed = bytes((_ZLIB,)) + zlib.compress(plain)
        parts.append(packed if len(packed) < len(plain) else plain)
    offsets = np.cumsum([4 * (len(parts) + 1), *(len(part) for part in parts)])
    return struct.pack(f"<{len(offsets)}I", *offsets.tolist()) + b"".join(parts)


def map_members() -> dict[str, bytes]:
    """The members of the small map by name."""
    levels = vertex_levels()
    return {
        "MapInfo": map_info(SIDE, SIDE, PLAYABLE),
        "t3Terrain.xml": terrain_xml(levels),
        "t3HeightMap": height_map(levels),
        "t3SyncCliffLevel": _headed(b"CLIF", SIDE, SIDE, (64 * levels[:-1, :-1]).astype("<u2").tobytes()),
        "CellAttribute_Pnp": bytes(4) + _paint(),
        "Objects": objects_xml(),
        "enUS.SC2Data\\LocalizedData\\GameStrings.txt": f"\ufeffDocInfo/Author=nobody\nDocInfo/Name={NAME}\n".encode(),
    }


def vertex_levels() -> np.ndarray:
    """Cliff level of every vertex, `(SIDE + 1, SIDE + 1)`."""
    levels = np.ones((SIDE + 1, SIDE + 1), dtype=np.int64)
    levels[:, :4] = 0
    for (x0, y0, x1, y1), level in ((PLATEAU, 2), (PILLAR, 3)):
        levels[y0 : y1 + 1, x0 : x1 + 1] = level
    return levels


def map_info(width: int, height: int, bounds: tuple[int, int, int, int]) -> bytes:
    """MapInfo of version 39 up to the camera bounds."""
    head = b"IpaM" + struct.pack("<3I", 39, 0, 0) + struct.pack("<4I", width, height, 1, 1)
    return head + b"\0\0" + struct.pack("<2I", 1, 0) + b"Dark\0Nowhere\0" + struct.pack("<4I", *bounds) + bytes(64)


def terrain_xml(levels: np.ndarray) -> bytes:
    """The height scale and the cliff blocks."""
    corners = np.stack([levels[:-1:2, :-1:2], levels[:-1:2, 2::2], levels[2::2, :-1:2], levels[2::2, 2::2]])
    cliffs = np.flatnonzero(corners.min(axis=0) != corners.max(axis=0))
    cells = "".join(f'<cc i="{i}" f="1" cid="0" cvar="0"/>' for i in cliffs.tolist())
    return (
        f'<?xml version="1.0" encoding="us-ascii"?><terrain version="114"><heightMap>'
        f'<vertData quantizeBias="{_BIAS}" quantizeScale="{_SCALE}" name="t3HeightMap"/>'
        f"<cliffCellList>{cells}</cliffCellList></heightMap></terrain>"
    ).encode()


def height_map(levels: np.ndarray) -> bytes:
    """Heights of the vertices: the void at 0, level 1 at 8, two more a level above."""
    z = np.where(levels == 0, 0.0, 6.0 + 2.0 * levels)
    base, cliff = np.full(levels.shape, (8.0 + _BIAS) / _SCALE), (z - 8.0 + _BIAS) / _SCALE
    words = np.stack([np.rint(base), np.rint(cliff), levels], axis=-1).astype("<u2")
    return _headed(b"HMAP", levels.shape[1], levels.shape[0], words.tobytes())


def objects_xml(starts: tuple[tuple[float, float], ...] = STARTS, more: str = "") -> bytes:
    """The objects list: a base around each start, neutrals, doodads, points."""
    parts = [f'<ObjectPoint Id="{i}" Position="{x},{y},0" Type="StartLoc"/>' for i, (x, y) in enumerate(starts)]
    for x, y in starts:
        away = 7 if y > SIDE / 2 else -7
        parts += [_unit("MineralField", x - 3.5 + 2 * i, y + away) for i in range(4)]
        parts += [_unit("MineralField750", x - 3.5 + 2 * i, y + away * 8 / 7) for i in range(4)]
        parts += [_unit("VespeneGeyser", x + side, y) for side in (-7, 7)]
    parts += [_unit("XelNagaTower", 20, 44), _unit("DestructibleDebris4x4", 44, 44), _unit("LabBot", 30.37, 12.61)]
    parts += [_doodad("MarSaraCurtain", x + 0.4, y + 0.6) for x, y in SIGHT_BLOCKERS]
    parts += [_doodad("DOM_Crate", CRATE[0] + 0.3, CRATE[1] + 0.2)]
    parts += [_doodad("DOM_Crate", 40.5, 8.5, "NoDoodadFootprint"), _doodad("Brambles", 42.5, 8.5)]
    parts += [f'<ObjectPoint Id="9" Position="{PILLAR[0] + 2},{PILLAR[1] + 2},0" Type="BlockPathing"/>']
    text = '<?xml version="1.0" encoding="utf-8"?>\n<PlacedObjects Version="27">' + "".join(parts) + more
    return (text + "</PlacedObjects>").encode()


def _unit(name: str, x: float, y: float) -> str:
    return f'<ObjectUnit Id="1" Position="{x:g},{y:g},0" Scale="1,1,1" UnitType="{name}"/>'


def _doodad(name: str, x: float, y: float, flag: str = "HeightOffset") -> str:
    head = f'<ObjectDoodad Id="2" Position="{x:g},{y:g},8" Type="{name}">'
    return head + f'<Flag Index="{flag}" Value="1"/><Flag Index="ForcePlacement" Value="1"/></ObjectDoodad>'


def _headed(magic: bytes, width: int, height: int, values: bytes) -> bytes:
    return struct.pack("<4s3I", magic, 101, width, height).ljust(32, b"\0") + values


def _paint() -> bytes:
    grid = np.zeros((SIDE, SIDE), dtype=np.uint8)
    x0, y0, x1, y1 = PAINTED
    grid[y0:y1, x0:x1] = 255
    return grid.tobytes()
