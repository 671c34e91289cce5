"""The bytes of a trace: frames that survive a crash, and the records inside them. `docs/trace.md` is the standard.

A file is `MAGIC` and then frames. A frame is a header of three little-endian u32 (length of the payload, length
of what it inflates to, CRC-32 of those two and the payload) and the payload, deflated by zlib. Whatever a crash
leaves behind, frames that are whole are read and the first one that is not ends the reading.

An inflated frame is a sequence of records: kind (u8), size (u32), body. Arrays of u16 are written as planes: all
low bytes, then all high bytes, which deflates far better.
"""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from loguru import logger

MAGIC: Final = b"CBTRACE\x02"
FORMAT: Final = "cherrypy_bot.trace"
VERSION: Final = 2

JSON, UNITS, BITS, BYTES = 1, 2, 3, 4
"""Kinds of records: a JSON object, changes of units, changes of a grid of bits, a whole grid of bytes."""

LARGEST_FRAME: Final = 64 << 20
"""A header that claims more inflated bytes than this is damage, not a frame."""

_HEADER = struct.Struct("<III")
_RECORD = struct.Struct("<BI")
_BLOCK_BYTES = 64 * 1024
_BLOCK_STEPS = 256
_LEVEL = 1

U16: TypeAlias = npt.NDArray[np.uint16]
TagArray: TypeAlias = npt.NDArray[np.uint64]
ByteArray: TypeAlias = npt.NDArray[np.uint8]


class FrameWriter:
    """Collects records and writes them as frames; never raises because of the disk.

    Args:
        path: file to write; its folder is made.
        append: continue an existing file; what is broken at its end is removed.
        flush_seconds: a frame is due at the end of the step after this much time, so that others can watch.

    Attributes:
        failed: the file could not be written; everything after that is dropped.
        written: bytes in the file.
    """

    def __init__(self, path: Path, *, append: bool = False, flush_seconds: float = 0.5) -> None:
        self.failed = False
        self.written = 0
        self._path = path
        self._flush_seconds = flush_seconds
        self._parts: list[bytes] = []
        self._bytes = 0
        self._steps = 0
        self._flushed = time.monotonic()
        path.parent.mkdir(parents=True, exist_ok=True)
        if append and path.exists():
            with path.open("r+b") as file:
                file.truncate(whole_bytes(file.read()))
        self._file: BinaryIO | None = path.open("ab" if append else "wb")
        if self._file.tell() == 0:
            self._put(MAGIC)

    def add(self, kind: int, body: bytes) -> None:
        """Take in a record."""
        self._parts += (_RECORD.pack(kind, len(body)), body)
        self._bytes += len(body) + _RECORD.size

    def end_step(self) -> bool:
        """A step is over; whether it is time to `flush`: enough has come together, or enough time has passed."""
        self._steps += 1
        full = self._bytes >= _BLOCK_BYTES or self._steps >= _BLOCK_STEPS
        return full or time.monotonic() - self._flushed >= self._flush_seconds

    def flush(self) -> None:
        """Write all records so far as one frame."""
        self._steps = 0
        self._flushed = time.monotonic()
        if not self._parts:
            return
        raw = b"".join(self._parts)
        self._parts.clear()
        self._bytes = 0
        self._put(frame(raw))

    def close(self) -> None:
        """Write what is left and close the file."""
        self.flush()
        self._close()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        except OSError as error:
            logger.warning(f"closing the trace {self._path} failed: {error}")

    def _put(self, data: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(data)
            self._file.flush()
            self.written += len(data)
        except OSError as error:
            logger.warning(f"the trace {self._path} stops here, it cannot be written: {error}")
            self.failed = True
            self._close()


def frame(raw: bytes) -> bytes:
    """A frame, header included, that holds these records."""
    payload = zlib.compress(raw, _LEVEL)
    lengths = struct.pack("<II", len(payload), len(raw))
    return lengths + struct.pack("<I", zlib.crc32(payload, zlib.crc32(lengths))) + payload


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as read.

    Attributes:
        raw: its records; b"" where there is a problem.
        end: offset of the byte after it.
        problem: "" or why reading ends here.
    """

    raw: bytes
    end: int
    problem: str = ""


def frames(data: bytes) -> Iterator[Frame]:
    """The frames of a file one after the other; the first one with a problem is the last."""
    if data[: len(MAGIC)] != MAGIC:
        yield Frame(b"", 0, "it does not begin as a trace does" if len(data) >= len(MAGIC) else "cut off at its start")
        return
    position = len(MAGIC)
    while position < len(data):
        header = data[position : position + _HEADER.size]
        if len(header) < _HEADER.size:
            yield Frame(b"", position, f"cut off at byte {len(data)}")
            return
        length, raw_length, crc = _HEADER.unpack(header)
        begin = position + _HEADER.size
        payload = data[begin : begin + length]
        if raw_length > LARGEST_FRAME:
            yield Frame(b"", position, f"damaged at byte {position} or after")
            return
        if len(payload) < length:
            yield Frame(b"", position, f"cut off at byte {len(data)}")
            return
        raw = _inflate(payload, raw_length) if zlib.crc32(payload, zlib.crc32(header[:8])) == crc else None
        if raw is None:
            yield Frame(b"", position, f"damaged at byte {position} or after")
            return
        position = begin + length
        yield Frame(raw, position)


def _inflate(payload: bytes, raw_length: int) -> bytes | None:
    try:
        # The limit keeps a crafted file from inflating without end.
        raw = zlib.decompressobj().decompress(payload, raw_length + 1)
    except zlib.error:
        return None
    return raw if len(raw) == raw_length else None


def whole_bytes(data: bytes) -> int:
    """How many bytes from the start of a file are whole."""
    return max((found.end for found in frames(data) if not found.problem), default=_whole_magic(data))


def _whole_magic(data: bytes) -> int:
    return len(MAGIC) if data[: len(MAGIC)] == MAGIC else 0


def records(raw: bytes) -> Iterator[tuple[int, memoryview]]:
    """Kind and body of the records of an inflated frame; ValueError where they do not fill it."""
    view = memoryview(raw)
    position = 0
    while position < len(raw):
        if position + _RECORD.size > len(raw):
            raise ValueError("a record's head is cut off")
        kind, size = _RECORD.unpack_from(raw, position)
        position += _RECORD.size
        if position + size > len(raw):
            raise ValueError("a record is cut off")
        yield kind, view[position : position + size]
        position += size


def header_json(data: bytes) -> dict[str, Any]:
    """The header in the first frame of a file's beginning, {} where there is none yet."""
    first = next(frames(data), None)
    if first is None or first.problem:
        return {}
    kind, body = next(records(first.raw), (0, memoryview(b"")))
    try:
        found = json.loads(bytes(body)) if kind == JSON else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) and found.get("format") == FORMAT else {}


# -- arrays ------------------------------------------------------------------------------------


def planes(values: U16) -> bytes:
    """Low bytes, then high bytes."""
    return values.astype("<u2", copy=False).view(np.uint8).reshape(-1, 2).T.tobytes()


def from_planes(data: bytes | memoryview) -> U16:
    """The inverse of `planes`."""
    return np.frombuffer(data, np.uint8).reshape(2, -1).T.copy().view("<u2").ravel()


def gaps(numbers: npt.NDArray[np.intp]) -> U16:
    """Ascending numbers as differences from the one before, the first from 0."""
    return np.diff(numbers, prepend=0).astype(np.uint16)


# -- records of units --------------------------------------------------------------------------

COLUMNS: Final = (
    "x",
    "y",
    "health",
    "health_max",
    "shield",
    "shield_max",
    "energy",
    "type",
    "owner",
    "flags",
    "build",
    "radius",
    "ability",
    "target",
    "goal_x",
    "goal_y",
    "contents",
    "orders",
)
"""What is kept per unit, each a u16: `docs/trace.md` says the units of measure."""

PER_CELL: Final = 64
"""Positions and radii are in parts of a cell."""

(
    X,
    Y,
    HEALTH,
    HEALTH_MAX,
    SHIELD,
    SHIELD_MAX,
    ENERGY,
    TYPE,
    OWNER,
    FLAGS,
    BUILD,
    RADIUS,
    ABILITY,
    TARGET,
    GOAL_X,
    GOAL_Y,
    CONTENTS,
    ORDERS,
) = range(len(COLUMNS))

PRESENT, FLYING, BURROWED, CLOAKED, HALLUCINATION, SNAPSHOT, PLACEHOLDER, FIRING, MINERALS, GAS = (
    1 << bit for bit in range(10)
)
"""Bits of the column `flags`. A unit without PRESENT is not there: dead, or out of what is seen."""


def units_record(loop: int, new_tags: TagArray, counts: U16, numbers: U16, grown: U16) -> bytes:
    """Body of a UNITS record.

    Args:
        new_tags: of units seen for the first time; they get the next numbers.
        counts: per column of `COLUMNS` how many units changed in it.
        numbers, grown: unit and how much its value grew, modulo 65536, column after column.
    """
    head = struct.pack("<IHB", loop, len(new_tags), len(counts))
    steps = np.diff(numbers, prepend=np.uint16(0))
    tags = new_tags.astype("<u8", copy=False).tobytes()
    return b"".join((head, tags, counts.astype("<u2", copy=False).tobytes(), planes(steps), planes(grown)))


@dataclass(frozen=True, slots=True)
class UnitChanges:
    """A UNITS record as read.

    Attributes:
        new_tags: of units that get the next numbers.
        columns, numbers, grown: per change its column, its unit and how much the value grew, modulo 65536.
    """

    loop: int
    new_tags: TagArray
    columns: npt.NDArray[np.intp]
    numbers: U16
    grown: U16


def read_units(body: memoryview) -> UnitChanges:
    """Decode a UNITS record. ValueError where it is none."""
    try:
        loop, new, columns = struct.unpack_from("<IHB", body, 0)
    except struct.error as error:
        raise ValueError("a record of units is cut off") from error
    position = 7 + 8 * new
    rest = position + 2 * columns
    if rest > len(body):
        raise ValueError("a record of units is cut off")
    tags = np.frombuffer(body[7:position], "<u8")
    counts = np.frombuffer(body[position:rest], "<u2")
    total = int(counts.sum())
    if len(body) != rest + 4 * total:
        raise ValueError("a record of units does not hold as many changes as it says")
    numbers = np.cumsum(from_planes(body[rest : rest + 2 * total]), dtype=np.uint16)
    grown = from_planes(body[rest + 2 * total :])
    # Columns beyond those known here are a later release's.
    which = np.repeat(np.arange(columns), counts)
    known = which < len(COLUMNS)
    return UnitChanges(loop, tags, which[known], numbers[known], grown[known])


# -- records of grids --------------------------------------------------------------------------


def bits_record(loop: int, name: str, shape: tuple[int, int], where: npt.NDArray[np.intp], flipped: ByteArray) -> bytes:
    """Body of a BITS record: bytes of the packed grid, and which of their bits changed.

    Args:
        shape: height and width of the grid; its cells [y, x], row 0 at the bottom, are packed eight a byte,
            highest bit first.
    """
    text = name.encode("ascii")
    head = struct.pack(f"<B{len(text)}sIHHH", len(text), text, loop, shape[1], shape[0], len(where))
    return head + planes(gaps(where)) + flipped.tobytes()


def bytes_record(name: str, grid: ByteArray) -> bytes:
    """Body of a BYTES record: a whole grid [y, x] of bytes."""
    text = name.encode("ascii")
    height, width = grid.shape
    return struct.pack(f"<B{len(text)}sIHHH", len(text), text, 0, width, height, 0) + grid.tobytes()


@dataclass(frozen=True, slots=True)
class GridRecord:
    """A BITS or BYTES record as read: where and flipped for BITS, values [y, x] for BYTES."""

    loop: int
    name: str
    shape: tuple[int, int]
    where: npt.NDArray[np.intp]
    flipped: ByteArray
    values: ByteArray | None = None


def read_grid(kind: int, body: memoryview) -> GridRecord:
    """Decode a BITS or BYTES record. ValueError where it is none."""
    try:
        size = body[0]
        name = bytes(body[1 : 1 + size]).decode("ascii")
        loop, width, height, count = struct.unpack_from("<IHHH", body, 1 + size)
    except (IndexError, struct.error) as error:
        raise ValueError("a grid's head is cut off") from error
    rest = body[1 + size + 10 :]
    if kind == BYTES:
        values = np.frombuffer(rest, np.uint8).reshape(height, width)
        return GridRecord(loop, name, (height, width), np.zeros(0, np.intp), np.zeros(0, np.uint8), values)
    if len(rest) != 3 * count:
        raise ValueError(f"grid {name} is cut off")
    where = np.cumsum(from_planes(rest[: 2 * count]), dtype=np.intp)
    flipped = np.frombuffer(rest[2 * count :], np.uint8)
    if count and int(where[-1]) >= (width * height + 7) // 8:
        raise ValueError(f"grid {name} has fewer cells than it changes")
    return GridRecord(loop, name, (height, width), where, flipped)
