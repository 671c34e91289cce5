"""Decision traces: what a bot posted, consumed, began, ended and ordered in every step, and why.

A trace is a sequence of gzip members, each holding whole JSON lines, so `zcat` reads it, a writer can
append to it, and a file cut at any byte is readable up to its last whole line. The first line of every
session is a header `{"format": "cherrypy_bot.trace", "version": 1, ...}`, the last one `{"end": {...}}`;
between them one line per step in which something happened:

    loop      game loop
    posts     [{id, by, parent, cmd, units, pos, what, target, pr, note}], fields left out when empty
    consumes  [[upc id, module]]
    drops     [[upc id or null, module, reason]]: rejected by a filter or withdrawn
    priority  [[upc id, new priority]]
    tasks     [{id, name, by, upc, status, why, units}] whose status or units changed
    orders    [[tag, ability id, target, queued, [upc ids from the order to its root]]]
    refused   [[upc id, reason]]: sharp UPCs that could not become an order
    ms        {module: milliseconds}
    faults    [{module, hook, error, upcs}]
    notes     [[module, {..}]]
"""

from __future__ import annotations

import enum
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from loguru import logger

from cherrypy_bot.core.errors import TraceError
from cherrypy_bot.core.upc import Command, PositionArea, Upc

if TYPE_CHECKING:
    from cherrypy_bot.core.tasks import Task

FORMAT: Final = "cherrypy_bot.trace"
VERSION: Final = 1

_BLOCK_BYTES = 64 * 1024
_BLOCK_STEPS = 256


class TraceWriter:
    """Writes a decision trace; with `path` None it does nothing, cheaply.

    Args:
        path: file to write, by convention `NAME.trace.gz`.
        header: facts about the match for the header line (bot, map, seed, ...).
        append: continue an existing file instead of replacing it; what is broken at its end is removed.

    A file that cannot be written (disk full) stops the trace with a warning, never the match.
    """

    def __init__(
        self, path: str | Path | None, header: Mapping[str, Any] | None = None, *, append: bool = False
    ) -> None:
        self.path = Path(path) if path is not None else None
        self.enabled = path is not None
        self._file: BinaryIO | None = None
        self._lines: list[str] = []
        self._bytes = 0
        self._loop = 0
        self._record: dict[str, Any] = {}
        self._steps = 0
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if append and self.path.exists():
            with self.path.open("r+b") as file:
                file.truncate(_whole_members(file.read()))
        self._file = self.path.open("ab" if append else "wb")
        self._line({"format": FORMAT, "version": VERSION, **(header or {})})

    # -- what happens in a step ----------------------------------------------------------------

    def begin_step(self, loop: int) -> None:
        """Start the record of a step."""
        if self.enabled:
            # What modules posted in on_start comes before the first step.
            self._write_record()
            self._loop = loop

    def post(self, upc: Upc) -> None:
        """A UPC was posted."""
        if self.enabled:
            self._add("posts", upc_record(upc))

    def consume(self, upc_id: int, by: str) -> None:
        """A UPC was consumed."""
        if self.enabled:
            self._add("consumes", [upc_id, by])

    def reject(self, upc: Upc, why: str) -> None:
        """A filter rejected a UPC."""
        if self.enabled:
            self._add("drops", [None, upc.source, f"{upc.describe()}: {why}"])

    def withdraw(self, upc_id: int, why: str) -> None:
        """A UPC was taken back."""
        if self.enabled:
            self._add("drops", [upc_id, "", why])

    def reprioritise(self, upc_id: int, priority: float) -> None:
        """A waiting UPC got another priority."""
        if self.enabled:
            self._add("priority", [upc_id, round(priority, 4)])

    def task(self, task: Task) -> None:
        """A task is new, or its status or units changed."""
        if self.enabled:
            self._add(
                "tasks",
                _sparse(
                    id=task.id,
                    name=task.name,
                    by=task.owner,
                    upc=task.upc_id,
                    status=task.status.value,
                    why=task.why,
                    units=list(task.units),
                ),
            )

    def order(self, tag: int, ability: int, target: Any, queued: bool, chain: Sequence[int]) -> None:
        """A unit was given an order that came from `chain` (UPC ids, newest first)."""
        if self.enabled:
            self._add("orders", [tag, ability, target, int(queued), list(chain)])

    def refuse(self, upc_id: int, why: str) -> None:
        """A sharp UPC could not become an order."""
        if self.enabled:
            self._add("refused", [upc_id, why])

    def time(self, module: str, milliseconds: float) -> None:
        """A module took this long in the running step."""
        if self.enabled:
            self._record.setdefault("ms", {})[module] = round(milliseconds, 3)

    def fault(self, module: str, hook: str, error: str, upcs: Sequence[int]) -> None:
        """A module failed while it held `upcs`."""
        if self.enabled:
            self._add("faults", _sparse(module=module, hook=hook, error=error, upcs=list(upcs)))

    def note(self, module: str, **facts: Any) -> None:
        """Anything else worth explaining a decision with: predicted losses, selector values, ..."""
        if self.enabled:
            self._add("notes", [module, facts])

    def end_step(self) -> None:
        """Write the record of the step if anything happened in it."""
        if not self.enabled:
            return
        self._write_record()
        self._steps += 1
        if self._bytes >= _BLOCK_BYTES or self._steps >= _BLOCK_STEPS:
            self.flush()

    # -- the file ------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write everything so far to the file."""
        self._steps = 0
        if self._file is None or not self._lines:
            return
        block = "".join(self._lines).encode()
        self._lines.clear()
        self._bytes = 0
        try:
            # mtime 0: the same match writes the same bytes, times aside.
            self._file.write(gzip.compress(block, compresslevel=5, mtime=0))
            self._file.flush()
        except OSError as error:
            logger.warning(f"the trace {self.path} stops here, it cannot be written: {error}")
            self._give_up()

    def close(self, **facts: Any) -> None:
        """Write the end record with `facts` (result, ...) and close the file; later calls do nothing."""
        if self._file is None:
            return
        self._write_record()
        self._line({"end": {"loop": self._loop, **facts}})
        self.flush()
        self._give_up()

    def _give_up(self) -> None:
        file, self._file = self._file, None
        self.enabled = False
        self._lines.clear()
        if file is not None:
            try:
                file.close()
            except OSError as error:
                logger.warning(f"closing the trace {self.path} failed: {error}")

    def _write_record(self) -> None:
        if self._record:
            self._line({"loop": self._loop, **self._record})
            self._record = {}

    def _add(self, key: str, entry: Any) -> None:
        self._record.setdefault(key, []).append(entry)

    def _line(self, record: Mapping[str, Any]) -> None:
        try:
            line = _json(record)
        except (TypeError, ValueError) as error:
            logger.warning(f"the trace leaves out notes of loop {self._loop} that are no JSON: {error}")
            line = _json({key: value for key, value in record.items() if key != "notes"})
        self._lines.append(line)
        self._bytes += len(line)


def upc_record(upc: Upc) -> dict[str, Any]:
    """A UPC as a JSON object, empty fields left out."""
    record: dict[str, Any] = {"id": upc.id}
    if upc.source:
        record["by"] = upc.source
    if upc.parent is not None:
        record["parent"] = upc.parent
    command, units, position = upc.command, upc.units, upc.position
    if isinstance(command, Command):
        record["cmd"] = command.value
    else:
        record["cmd"] = {c.value: round(p, 3) for c, p in command.items()}
    if isinstance(units, tuple):
        if units:
            record["units"] = units
    elif units:
        record["units"] = {str(tag): round(p, 3) for tag, p in units.items()}
    if isinstance(position, PositionArea):
        center = position.center
        record["pos"] = [round(center[0], 3), round(center[1], 3), round(position.radius, 3)]
    elif position is not None:
        record["pos"] = [round(position[0], 3), round(position[1], 3)]
    if upc.state is not None:
        if upc.what is not None:
            record["what"] = upc.what.name
        if upc.state.target is not None:
            record["target"] = upc.state.target
    if upc.priority:
        record["pr"] = round(upc.priority, 4)
    if upc.note:
        record["note"] = upc.note
    return record


@dataclass(slots=True)
class Trace:
    """A trace as read.

    Attributes:
        header: of the first session; {} when the file was cut before its end.
        records: one dict per step, headers and end records of all sessions left out.
        end: facts of the last end record, None when there is none.
        complete: whether the file ends with a whole end record.
        problem: "" or a sentence on where and why reading stopped.
    """

    header: dict[str, Any] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    complete: bool = False
    problem: str = ""

    def chain(self, upc_id: int) -> list[dict[str, Any]]:
        """The posts from this UPC to its root."""
        posts = {post["id"]: post for record in self.records for post in record.get("posts", ())}
        found: list[dict[str, Any]] = []
        next_id: int | None = upc_id
        while next_id is not None and next_id in posts:
            found.append(posts[next_id])
            next_id = posts[next_id].get("parent")
        return found


def read_trace(path: str | Path) -> Trace:
    """Read a trace, also one that was cut off anywhere.

    Raises TraceError when the file cannot be opened, is no trace, or has an unknown version.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TraceError(f"{path}: cannot be read ({error.strerror}); give the path of a trace file") from error
    text, problem = _inflate(data)
    trace = Trace(problem=problem)
    lines = text.split(b"\n")
    if lines.pop() and not problem:
        trace.problem = "the last line has no end"
    for number, line in enumerate(lines):
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            trace.problem = f"line {number + 1} is no JSON object"
            break
        trace.complete = False
        if "format" in record:
            if record["format"] != FORMAT or record.get("version") != VERSION:
                raise TraceError(
                    f"{path}: has format {record['format']!r} version {record.get('version')!r}, this reader"
                    f" knows {FORMAT!r} version {VERSION}; read it with the release that wrote it"
                )
            trace.header = trace.header or record
        elif number == 0:
            raise TraceError(f"{path}: its first line is no trace header; give a file written by TraceWriter")
        elif "end" in record:
            trace.end = record["end"]
            trace.complete = True
        else:
            trace.records.append(record)
    if trace.problem:
        trace.complete = False
        trace.problem = f"{path}: {trace.problem}; {len(trace.records)} whole records before that were read"
    elif not trace.complete:
        whole = len(trace.records)
        trace.problem = f"{path}: ends without an end record, the match was cut off; {whole} records were read"
    return trace


def _inflate(data: bytes) -> tuple[bytes, str]:
    """Text of all gzip members and "" or why it ends early; the readable part of a cut member is kept."""
    parts = []
    for member in _members(data):
        parts.append(member.text)
        if member.problem:
            return b"".join(parts), member.problem
    return b"".join(parts), ""


def _whole_members(data: bytes) -> int:
    """Length in bytes of the whole gzip members that `data` starts with."""
    return max((member.end for member in _members(data) if not member.problem), default=0)


@dataclass(slots=True)
class _Member:
    text: bytes
    end: int
    problem: str = ""


def _members(data: bytes) -> Iterator[_Member]:
    """The gzip members one after the other; a problem ends the sequence."""
    view = memoryview(data)
    position = 0
    while position < len(data):
        inflater = zlib.decompressobj(wbits=31)
        parts = []
        while not inflater.eof and position < len(data):
            chunk = view[position : position + _BLOCK_BYTES]
            try:
                parts.append(inflater.decompress(chunk))
            except zlib.error:
                yield _Member(b"".join(parts), position, f"damaged at byte {position} or after")
                return
            position += len(chunk) - len(inflater.unused_data)
        if not inflater.eof:
            yield _Member(b"".join(parts), position, f"cut off at byte {len(data)}")
            return
        yield _Member(b"".join(parts), position)


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"), default=_plain) + "\n"


def _sparse(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _plain(value: Any) -> Any:
    """JSON form of numpy scalars and arrays, enums, sets; the text of anything else."""
    if isinstance(value, enum.Enum):
        return value.name
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return str(value)
