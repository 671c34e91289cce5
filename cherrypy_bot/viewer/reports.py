"""Reports about the replays that lie beside the traces of a folder, made when somebody asks for one.

The match `A/traces/X` has its replay at `A/replays/X.SC2Replay`, as `play` and `arena` write them, or beside its trace.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path, PurePosixPath
from typing import Final

from loguru import logger

from cherrypy_bot.core.trace import SUFFIX
from cherrypy_bot.viewer.errors import ViewError
from cherrypy_bot.viewer.folder import REPLAY_SUFFIX, TraceFolder

_MOST_KEPT: Final = 32
_TRACES, _REPLAYS = "traces", "replays"
_MINDS: Final = ("", ".opponent")


class Reports:
    """The reports of a folder; those asked for last are kept in memory until a file of theirs changes."""

    def __init__(self, folder: TraceFolder) -> None:
        self._folder = folder
        self._made: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._lock = threading.Lock()

    def replay_of(self, match: str) -> str | None:
        """Where the replay of a match lies below the folder, None where there is none."""
        if self._folder.only not in (None, match):
            return None
        path = PurePosixPath(match)
        parents = [path.parent]
        if path.parent.name == _TRACES:
            parents.insert(0, path.parent.parent / _REPLAYS)
        for parent in parents:
            name = (parent / (path.name + REPLAY_SUFFIX)).as_posix()
            try:
                self._folder.replay(name)
            except ViewError:
                continue
            return name
        return None

    def page(self, match: str) -> str:
        """The report about a match as HTML, with what its bots decided where they wrote traces.

        Raises ViewError where the match has no replay, or none that can be read.
        """
        name = self.replay_of(match)
        if name is None:
            raise ViewError(f"there is no replay of {match!r} here; play it with a replay kept beside its traces")
        traces = [path for role in _MINDS if (path := self._trace(match, role)) is not None]
        files = [self._folder.replay(name), *traces]
        key = tuple((path, stat.st_size, stat.st_mtime_ns) for path in files for stat in [path.stat()])
        # One at a time: a report takes a second of a core, and who asks twice shall not have it made twice.
        with self._lock:
            if key not in self._made:
                self._made[key] = _make(files[0], traces)
                while len(self._made) > _MOST_KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]

    def _trace(self, match: str, role: str) -> Path | None:
        try:
            return self._folder.path(match + role + SUFFIX)
        except ViewError:
            return None


def _make(replay: Path, traces: list[Path]) -> str:
    # Late: most pages never ask for a report.
    from cherrypy_bot.core.errors import TraceError
    from cherrypy_bot.core.trace_read import read_trace
    from replays.errors import ReplayError
    from replays.reader import read_replay
    from replays.report import render
    from replays.report.decisions import decisions_of

    try:
        data = read_replay(replay)
    except ReplayError as error:
        raise ViewError(str(error)) from error
    told = []
    for trace in traces:
        try:
            told.append(decisions_of(read_trace(trace), data))
        except (ReplayError, TraceError) as error:
            # Of a match that was cut off, say: the report then is without this bot's thoughts.
            logger.warning(f"the report on {replay.name} is without {trace.name}: {error}")
    return render(data, told)
