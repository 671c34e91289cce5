"""Decision traces: what a bot saw, posted, consumed, began, ended and ordered in every step, and why.

A trace is a sequence of checksummed frames of records (`trace_format`): a header, the map, changes of units and
grids (`trace_world`), names, and one JSON record per step in which something happened:

    loop      game loop
    posts     [{id, by, parent, cmd, units, pos, what, target, pr, note}], fields left out when empty
    consumes  [[upc id, module]]
    drops     [[upc id or null, module, reason]]: rejected by a filter or withdrawn
    priority  [[upc id, new priority]]
    tasks     [{id, name, by, upc, status, why, units}] whose status or units changed
    orders    [[tag, ability id, target, queued, [upc ids from the order to its root]]]
    refused   [[upc id, reason]]: sharp UPCs that could not become an order
    board     {key: value} of the blackboard that changed
    ms        {module: milliseconds}
    faults    [{module, hook, error, upcs}]
    notes     [[module, {..}]]
    predicted [[module, {x, y, win, own, enemy}]]: fights that were predicted
    selector  {build: probability of winning}
    logs      [[level, module, text]]
    bank, dead, effects, chat: of the world, see docs/trace.md

Writing needs numpy and the standard library alone: it runs on the ladder too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from loguru import logger

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.trace_format import FORMAT, VERSION
from cherrypy_bot.core.trace_read import Trace, read_trace
from cherrypy_bot.core.trace_values import ability_name, plain
from cherrypy_bot.core.upc import Command, PositionArea, Upc

if TYPE_CHECKING:
    from cherrypy_bot.core.tasks import Task

__all__ = ["FORMAT", "SUFFIX", "VERSION", "Trace", "TraceWriter", "read_trace", "upc_record"]

_SAME_FIGHT_LOOPS = 112
_SAME_FIGHT_CELLS = 12.0

SUFFIX: Final = ".cbtrace"
"""What the name of a trace ends with."""


class TraceWriter:
    """Writes a decision trace; with `path` None it does nothing, cheaply.

    Args:
        path: file to write, by convention `NAME.cbtrace`.
        header: facts about the match for the header (bot, map, seed, ...).
        append: continue an existing file instead of replacing it; what is broken at its end is removed.
        flush_seconds: at most this much of the match, in wall time, is missing in the file while it is written.

    A file that cannot be written (disk full) stops the trace with a warning, never the match.
    """

    def __init__(
        self,
        path: str | Path | None,
        header: Mapping[str, Any] | None = None,
        *,
        append: bool = False,
        flush_seconds: float = 0.5,
    ) -> None:
        self.path = Path(path) if path is not None else None
        self.enabled = path is not None
        self._frames: tf.FrameWriter | None = None
        self._loop = 0
        self._predicted: list[tuple[str, int, tuple[float, float]]] = []
        self._named: set[int] = set()
        self._ms: dict[str, float] = {}
        self._waiting: list[dict[str, Any]] = []
        self._record: dict[str, Any] = {}
        if self.path is None:
            return
        self._frames = tf.FrameWriter(self.path, append=append, flush_seconds=flush_seconds)
        self.json({"format": FORMAT, "version": VERSION, **(header or {})})
        # Whoever lists traces finds the header of a running match at once.
        self.flush()

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
            # As it is, for it never changes; `_encode` makes a record of it.
            self._add("posts", upc)

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
            if ability not in self._named:
                self._named.add(ability)
                self.json({"abilities": {str(ability): ability_name(ability)}})
            self._add("orders", [tag, ability, target, int(queued), list(chain)])

    def refuse(self, upc_id: int, why: str) -> None:
        """A sharp UPC could not become an order."""
        if self.enabled:
            self._add("refused", [upc_id, why])

    def time(self, module: str, milliseconds: float) -> None:
        """A module took this long in the running step."""
        if self.enabled:
            self._ms[module] = milliseconds

    def fault(self, module: str, hook: str, error: str, upcs: Sequence[int]) -> None:
        """A module failed while it held `upcs`."""
        if self.enabled:
            self._add("faults", _sparse(module=module, hook=hook, error=error, upcs=list(upcs)))

    def note(self, module: str, **facts: Any) -> None:
        """Anything else worth explaining a decision with: predicted losses, selector values, ..."""
        if self.enabled:
            # Copied, for what a module passes may change before the frame is written.
            self._add("notes", [module, plain(facts)])

    def predict(
        self, module: str, x: float, y: float, *, win: float, own: float | None = None, enemy: float | None = None
    ) -> None:
        """A fight at (x, y) was predicted; said again about the same fight within five seconds it is left out.

        Args:
            win: 0..1, how surely we win it. own, enemy: what stands there, in minerals plus gas.
        """
        if not self.enabled:
            return
        recent = [one for one in self._predicted if self._loop - one[1] < _SAME_FIGHT_LOOPS]
        again = any(one[0] == module and math.dist(one[2], (x, y)) < _SAME_FIGHT_CELLS for one in recent)
        self._predicted = recent
        if again:
            return
        recent.append((module, self._loop, (x, y)))
        facts = {"x": round(float(x), 1), "y": round(float(y), 1), "win": round(float(win), 3)}
        if own is not None and enemy is not None:
            facts |= {"own": round(own), "enemy": round(enemy)}
        self._add("predicted", [module, facts])

    def selector(self, probabilities: Mapping[str, float]) -> None:
        """What the selector gives each build order: the probability of winning when switching to it now."""
        if self.enabled:
            self._record["selector"] = {name: round(value, 4) for name, value in probabilities.items()}

    def board(self, values: Mapping[str, Any]) -> None:
        """Values of the blackboard changed; they are plain data already."""
        if self.enabled:
            self._record["board"] = dict(values)

    def log(self, level: str, module: str, text: str) -> None:
        """A module said something."""
        if self.enabled:
            self._add("logs", [level, module, text])

    def put(self, key: str, value: Any) -> None:
        """Set a field of the running step's record."""
        if self.enabled:
            self._record[key] = value

    def end_step(self) -> None:
        """Write the record of the step if anything happened in it."""
        self._write_record()
        if self._frames is not None and self._frames.end_step():
            self.flush()

    # -- the file ------------------------------------------------------------------------------

    def json(self, record: Mapping[str, Any]) -> None:
        """Write a JSON record of its own."""
        if self._frames is None:
            return
        try:
            body = _json(record)
        except (TypeError, ValueError) as error:
            logger.warning(f"the trace shortens what is no JSON in loop {self._loop}: {error}")
            body = _json(plain(dict(record)))
        self._frames.add(tf.JSON, body)

    def raw(self, kind: int, body: bytes) -> None:
        """Write a record of another kind, made by `trace_format`."""
        if self._frames is not None:
            self._frames.add(kind, body)

    def flush(self) -> None:
        """Write everything so far to the file."""
        if self._frames is not None:
            self._encode()
            self._frames.flush()
            self.enabled = not self._frames.failed

    def close(self, **facts: Any) -> None:
        """Write the end record and close the file; nothing is written after that."""
        if self._frames is None:
            return
        self._write_record()
        self._encode()
        self.json({"end": {"loop": self._loop, **facts}})
        self._frames.close()
        self._frames = None
        self.enabled = False

    def _write_record(self) -> None:
        record, times = self._record, self._ms
        if not record and not times:
            return
        if times:
            record["ms"] = times
            self._ms = {}
        self._record = {}
        self._waiting.append({"loop": self._loop, **record})

    def _encode(self) -> None:
        """Make JSON of the steps since the last frame: many at once take half the time of one now and then."""
        waiting, self._waiting = self._waiting, []
        for record in waiting:
            if "posts" in record:
                record["posts"] = [upc_record(upc) for upc in record["posts"]]
            if "ms" in record:
                record["ms"] = {module: round(ms, 3) for module, ms in record["ms"].items()}
            self.json(record)

    def _add(self, key: str, entry: Any) -> None:
        self._record.setdefault(key, []).append(entry)


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


# NaN and the infinities are no JSON, and a browser refuses them.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=plain)


def _json(record: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(record).encode("utf-8", "replace")


def _sparse(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
