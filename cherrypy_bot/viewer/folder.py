"""Traces below one folder, grouped by match; nothing outside of it is ever opened."""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.trace import SUFFIX
from cherrypy_bot.core.trace_read import opening_of
from cherrypy_bot.viewer.errors import ViewError
from cherrypy_bot.viewer.matrix import win_matrix

REPLAY_SUFFIX = ".SC2Replay"
GROWING_SECONDS = 60.0
"""A trace without an end that was written to within this time is taken for a running match's."""

_ROLES = (".world", ".opponent")
_RESULTS = ("Victory", "Defeat", "Tie")
_HEAD_BYTES = 1 << 20
_OPENING_BYTES = 1 << 17
_MOST_FRAMES = 100_000
_FRAME = struct.Struct("<III")


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """What the list of matches says about one trace.

    Attributes:
        header: {} where the file has no whole first frame.
        opening: the first build order on the bot's blackboard, "" where there is none.
        end: of its end record, None where there is none.
    """

    header: dict[str, Any]
    end: dict[str, Any] | None
    size: int
    written: float
    opening: str = ""


@dataclass(slots=True)
class MatchFiles:
    """The traces of one match.

    Attributes:
        name: path below the folder without role and suffix, with forward slashes.
        files: paths below the folder, the world's first, then the first bot's.
    """

    name: str
    files: list[str] = field(default_factory=list)


class TraceFolder:
    """The traces below `root`.

    Args:
        root: folder. ViewError when it is none.
        only: name of the one match that is shown, None for all.
    """

    def __init__(self, root: Path, only: str | None = None) -> None:
        if not root.is_dir():
            raise ViewError(f"{root} is no folder; give a folder with traces or a trace ({SUFFIX})")
        self.root = root.resolve()
        self.only = only
        self._known: dict[tuple[str, int, float], TraceSummary] = {}

    def path(self, name: str) -> Path:
        """The trace called `name` (a path below the folder).

        ViewError for everything that is no trace below it, whatever the name looks like or links to.
        """
        path = self._inside(name, SUFFIX, "trace")
        if self.only is not None and match_name(name) != self.only:
            raise ViewError(f"there is no trace called {name!r} here")
        return path

    def replay(self, name: str) -> Path:
        """The replay called `name` (a path below the folder); ViewError for everything that is none below it."""
        return self._inside(name, REPLAY_SUFFIX, "replay")

    def _inside(self, name: str, suffix: str, what: str) -> Path:
        refusal = ViewError(f"there is no {what} called {name!r} here")
        if "\0" in name or "\\" in name or not name.endswith(suffix):
            raise refusal
        try:
            path = (self.root / name).resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise refusal from error
        # After links are followed, so that neither `..` nor a link leads out.
        if not path.is_relative_to(self.root) or not path.is_file():
            raise refusal
        return path

    def matches(self) -> list[MatchFiles]:
        """All matches, the one written last first."""
        found: dict[str, MatchFiles] = {}
        newest: dict[str, float] = {}
        for path in sorted(self.root.rglob(f"*{SUFFIX}")):
            name = path.relative_to(self.root).as_posix()
            try:
                self.path(name)
                written = path.stat().st_mtime
            except (ViewError, OSError):
                continue
            match = found.setdefault(match_name(name), MatchFiles(match_name(name)))
            match.files.append(name)
            newest[match.name] = max(newest.get(match.name, 0.0), written)
        for match in found.values():
            match.files.sort(key=_rank)
        return sorted(found.values(), key=lambda match: -newest[match.name])

    def match(self, name: str) -> MatchFiles:
        """The match called `name`. ViewError when there is none."""
        for suffix in (_ROLES[0] + SUFFIX, SUFFIX, _ROLES[1] + SUFFIX):
            try:
                self.path(name + suffix)
            except ViewError:
                continue
            files = [name + role + SUFFIX for role in (_ROLES[0], "", _ROLES[1])]
            return MatchFiles(name, [file for file in files if self._is_there(file)])
        raise ViewError(f"there is no match called {name!r} here; the list of matches has those that are")

    def has(self, name: str) -> bool:
        """Whether there is a match called `name`."""
        return any(self._is_there(name + role + SUFFIX) for role in ("", *_ROLES))

    def describe(self, match: MatchFiles) -> dict[str, Any]:
        """A row of the list of matches, as plain data."""
        summaries = [self.summary(name) for name in match.files]
        headers = [summary.header for summary in summaries if summary.header]
        first = next((header for header in headers if header.get("bot") != "world"), headers[0] if headers else {})
        ends = [summary.end for summary in summaries if summary.end is not None]
        results = next((end["results"] for end in ends if isinstance(end.get("results"), dict)), None)
        if results is None:
            results = {str(first.get("bot", "?")): end.get("result") for end in ends if "result" in end}
        written = max(summary.written for summary in summaries)
        named = next((header["names"] for header in headers if isinstance(header.get("names"), list)), None)
        both = list(results) if len(results) == 2 else [first.get("bot"), first.get("opponent")]
        players = named or both
        return {
            "name": match.name,
            "files": match.files,
            "players": [str(player) for player in players if player not in (None, "world")],
            "map": str(_first(headers, "map") or ""),
            "seed": _first(headers, "match_seed"),
            "minds": [
                {
                    "bot": str(summary.header.get("bot")),
                    "opponent": next(
                        (str(name) for name in players if name not in (None, summary.header.get("bot"))), ""
                    ),
                    "opening": summary.opening,
                    "result": (summary.end or {}).get("result"),
                }
                for summary in summaries
                if summary.opening
            ],
            "winner": next((name for name, result in results.items() if result == "Victory"), None),
            "ended": bool(ends),
            "live": not ends and time.time() - written < GROWING_SECONDS,
            "loop": max((int(end.get("loop", 0)) for end in ends), default=0),
            "bytes": sum(summary.size for summary in summaries),
            "written": written,
        }

    def summary(self, name: str) -> TraceSummary:
        """Header and end of a trace; read once per size and time of writing."""
        path = self.path(name)
        stat = path.stat()
        key = (name, stat.st_size, stat.st_mtime)
        if key not in self._known:
            for stale in [known for known in self._known if known[0] == name]:
                del self._known[stale]
            with path.open("rb") as file:
                head = file.read(_HEAD_BYTES)
                header = tf.header_json(head)
                end = _end_record(file, stat.st_size)
            opening = "" if header.get("bot") == "world" else opening_of(head[:_OPENING_BYTES])
            self._known[key] = TraceSummary(header, end, stat.st_size, stat.st_mtime, opening)
        return self._known[key]

    def _is_there(self, name: str) -> bool:
        try:
            self.path(name)
        except ViewError:
            return False
        return True


def build_matrix(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Wins of the build orders that bots began with over their opponents, of described matches; None without any."""
    wins = [
        (f"{mind['bot']}: {mind['opening']}", mind["opponent"], mind["result"] == "Victory")
        for row in rows
        for mind in row["minds"]
        if mind["result"] in _RESULTS and mind["opponent"]
    ]
    return win_matrix("Build orders against opponents", "wins of the row over", wins) if wins else None


def match_name(trace: str) -> str:
    """Name of the match that a trace belongs to: `a/X.world.cbtrace` -> `a/X`."""
    name = trace.removesuffix(SUFFIX)
    for role in _ROLES:
        name = name.removesuffix(role)
    return name


def _first(headers: list[dict[str, Any]], key: str) -> Any:
    """What the first header says that has the key."""
    return next((header[key] for header in headers if header.get(key) is not None), None)


def _rank(name: str) -> tuple[int, str]:
    stem = name.removesuffix(SUFFIX)
    return (0 if stem.endswith(_ROLES[0]) else 2 if stem.endswith(_ROLES[1]) else 1), name


def _end_record(file: Any, size: int) -> dict[str, Any] | None:
    """The end record of a trace, found by going from frame to frame without reading them."""
    position, last = len(tf.MAGIC), 0
    for _ in range(_MOST_FRAMES):
        file.seek(position)
        head = file.read(_FRAME.size)
        if len(head) < _FRAME.size:
            break
        length = _FRAME.unpack(head)[0]
        if position + _FRAME.size + length > size:
            break
        last, position = position, position + _FRAME.size + length
    if not last:
        return None
    file.seek(last)
    found = next(tf.frames(tf.MAGIC + file.read(position - last)), None)
    if found is None or found.problem:
        return None
    end: dict[str, Any] | None = None
    try:
        for kind, body in tf.records(found.raw):
            end = _end_of(bytes(body)) if kind == tf.JSON else None
    except (ValueError, zlib.error):
        return None
    return end


def _end_of(body: bytes) -> dict[str, Any] | None:
    if not body.startswith(b'{"end"'):
        return None
    record = json.loads(body)
    return record["end"] if isinstance(record.get("end"), dict) else None
