"""Reading traces: records of decisions, and the world as it was at any loop."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.errors import TraceError
from cherrypy_bot.core.trace_format import FORMAT, VERSION, GridRecord, UnitChanges

_GZIP = b"\x1f\x8b"
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class SeenUnits:
    """Units at one loop, one row per unit that is there.

    Attributes:
        tags: shape (n,).
        columns: shape (n, columns) of `trace_format.COLUMNS`, in the units of measure of the format.
    """

    tags: npt.NDArray[np.uint64]
    columns: tf.U16

    def column(self, name: str) -> tf.U16:
        """One column, shape (n,)."""
        return self.columns[:, tf.COLUMNS.index(name)]


@dataclass(slots=True)
class Trace:
    """A trace as read.

    Attributes:
        header: of the first session; {} when the file was cut before its end.
        records: one dict per step, headers and end records of all sessions left out.
        end: facts of the last end record, None when there is none.
        complete: whether the file ends with a whole end record.
        problem: "" or a sentence on where and why reading stopped.
        map, players: of the match, {} where the trace has none.
        types, abilities: what ids mean, keyed by their decimal text.
        units, grids: changes in the order of writing.
    """

    header: dict[str, Any] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    complete: bool = False
    problem: str = ""
    map: dict[str, Any] = field(default_factory=dict)
    players: dict[str, Any] = field(default_factory=dict)
    types: dict[str, dict[str, Any]] = field(default_factory=dict)
    abilities: dict[str, str] = field(default_factory=dict)
    units: list[UnitChanges] = field(default_factory=list)
    grids: list[GridRecord] = field(default_factory=list)

    def chain(self, upc_id: int) -> list[dict[str, Any]]:
        """The posts from this UPC to its root."""
        posts = {post["id"]: post for record in self.records for post in record.get("posts", ())}
        found: list[dict[str, Any]] = []
        next_id: int | None = upc_id
        while next_id is not None and next_id in posts:
            found.append(posts[next_id])
            next_id = posts[next_id].get("parent")
        return found

    def units_at(self, loop: int) -> SeenUnits:
        """Units as of the last record that is not after `loop`."""
        known = sum(len(changes.new_tags) for changes in self.units)
        tags = np.concatenate([changes.new_tags for changes in self.units] or [np.zeros(0, np.uint64)])
        state = np.zeros((len(tf.COLUMNS), known), np.uint16)
        for changes in self.units:
            if changes.loop > loop:
                break
            state[changes.columns, changes.numbers] += changes.grown
        there = (state[tf.FLAGS] & tf.PRESENT) != 0
        return SeenUnits(tags[there], state[:, there].T)

    def grid_at(self, name: str, loop: int) -> npt.NDArray[np.bool_] | None:
        """A grid of bits [y, x] as of `loop`; None where the trace has none of that name."""
        found = [grid for grid in self.grids if grid.name == name and grid.values is None]
        if not found:
            return None
        height, width = found[0].shape
        packed = np.zeros((height * width + 7) // 8, np.uint8)
        for grid in found:
            if grid.loop <= loop:
                packed[grid.where] ^= grid.flipped
        return np.unpackbits(packed)[: height * width].reshape(height, width).astype(np.bool_)


def read_trace(path: str | Path) -> Trace:
    """Read a trace, also one that was cut off anywhere.

    Raises TraceError when the file cannot be opened, is no trace, or has an unknown version.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TraceError(f"{path}: cannot be read ({error.strerror}); give the path of a trace file") from error
    if data[:2] == _GZIP:
        raise TraceError(
            f"{path}: is a trace of version 1 (gzip); play the match again to get one of version {VERSION}"
        )
    if data and not tf.MAGIC.startswith(data[: len(tf.MAGIC)]):
        raise TraceError(f"{path}: does not begin as a trace does; give a file that TraceWriter wrote")
    trace = _Reading(path).all(data)
    whole = len(trace.records)
    if trace.problem:
        trace.complete = False
        trace.problem = f"{path}: {trace.problem}; {whole} whole records before that were read"
    elif not trace.complete:
        trace.problem = f"{path}: ends without an end record, the match was cut off; {whole} records were read"
    return trace


def opening_of(data: bytes) -> str:
    """Name of the first build order on the blackboard, as far as the beginning of a trace tells it; "" without any.

    Args:
        data: the first bytes of the file; frames that they hold whole are looked at.
    """
    try:
        for frame in tf.frames(data):
            for kind, body in tf.records(frame.raw):
                text = bytes(body)
                board = json.loads(text).get("board") if kind == tf.JSON and b'"board"' in text else None
                if isinstance(board, dict) and isinstance(board.get("build"), str) and board["build"]:
                    return "".join(char for char in board["build"] if char.isprintable())[:_LONGEST_NAME]
    except (ValueError, AttributeError):
        return ""  # damaged within a frame: `read_trace` says where
    return ""


class _Reading:
    """One reading of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._trace = Trace()
        self._units = 0

    def all(self, data: bytes) -> Trace:
        """Everything up to the first problem."""
        trace = self._trace
        for found in tf.frames(data):
            if found.problem:
                trace.problem = found.problem
                break
            try:
                for kind, body in tf.records(found.raw):
                    self._record(kind, body)
            except ValueError as error:
                trace.problem = f"the frame that ends at byte {found.end} holds no records of ours ({error})"
                break
        return trace

    def _record(self, kind: int, body: memoryview) -> None:
        if kind == tf.UNITS:
            changes = tf.read_units(body)
            self._units += len(changes.new_tags)
            if len(changes.numbers) and int(changes.numbers.max()) >= self._units:
                raise ValueError("a unit changes that was never seen")
            self._trace.units.append(changes)
        elif kind in (tf.BITS, tf.BYTES):
            self._trace.grids.append(tf.read_grid(kind, body))
        elif kind == tf.JSON:
            record = json.loads(bytes(body))
            if not isinstance(record, dict):
                raise ValueError("a JSON record is no object")
            self._json(record)
        # Kinds that come later are for readers that know them.

    def _json(self, record: dict[str, Any]) -> None:
        trace = self._trace
        trace.complete = False
        if "format" in record:
            if record["format"] != FORMAT or record.get("version") != VERSION:
                raise TraceError(
                    f"{self._path}: has format {record['format']!r} version {record.get('version')!r}, this reader"
                    f" knows {FORMAT!r} version {VERSION}; read it with the release that wrote it"
                )
            trace.header = trace.header or record
        elif not trace.header:
            raise TraceError(f"{self._path}: its first record is no trace header; give a file written by TraceWriter")
        elif "end" in record:
            trace.end = record["end"]
            trace.complete = True
        elif "loop" in record:
            trace.records.append(record)
        else:
            trace.map = record.get("map", trace.map)
            trace.players = record.get("players", trace.players)
            trace.types.update(record.get("types", {}))
            trace.abilities.update(record.get("abilities", {}))
