"""Tables for data science: one row per player per five seconds, and one per item of a build order.

`TIMELINE_COLUMNS` and `BUILD_COLUMNS` are the schema; docs/replays.md shows it. Parquet is written with pyarrow, an
optional extra of this project.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cherrypy_bot.formats.tracker import STATS
from replays.errors import ReplayError, shown
from replays.model import LOOPS_PER_SECOND, PlayerData, ReplayData, seconds

STEP_SECONDS: Final = 5
_ROWS_AT_ONCE: Final = 50_000
"""Rows of the timeline that are held in memory, 200 games of ten minutes: small row groups read slowly."""
STEP_LOOPS: Final = round(STEP_SECONDS * LOOPS_PER_SECOND)

_GAME_COLUMNS: Final = {
    "replay": ("string", "SHA-256 of the replay file"),
    "version": ("string", "version of the game, 5.0.14.93333"),
    "map": ("string", "map's name, in the language of the game that wrote the file"),
    "loops": ("int32", "length of the game in loops"),
    "player_id": ("int8", "1 or 2"),
    "player": ("string", "name"),
    "race": ("string", "Terran, Protoss or Zerg"),
    "opponent_race": ("string", "the other player's race"),
    "result": ("string", "Win, Loss, Tie or Unknown"),
    "opening": ("string", "recognised opening, or unknown"),
}
# The game's own statistics under their names; supply is written as the game shows it instead.
_STAT_NAMES: Final = tuple(name for name in STATS if not name.endswith("_4096"))
TIMELINE_COLUMNS: Final = {
    **_GAME_COLUMNS,
    "loop": ("int32", "loop of the row: 0, 112, 224, ..."),
    "seconds": ("float32", "the same in seconds of the game's clock"),
    "supply_used": ("float32", "supply in use, things in production included"),
    "supply_cap": ("float32", "supply provided, at most 200"),
    "supply_blocked": ("bool", "all supply used, below 200"),
    "bases": ("int16", "finished town halls alive"),
    **dict.fromkeys(_STAT_NAMES, ("int32", "the game's own statistic, last sample at or before the row")),
}
"""Column -> (type, meaning) of the timeline table."""
BUILD_COLUMNS: Final = {
    **_GAME_COLUMNS,
    "number": ("int32", "0, 1, ... in order of the starts"),
    "name": ("string", "unit, structure or upgrade, by the game's own name"),
    "kind": ("string", "worker, unit, support, structure, townhall, addon, morph or upgrade"),
    "start": ("int32", "loop it was begun"),
    "start_seconds": ("float32", "the same in seconds"),
    "start_source": ("string", "init, egg, cocoon (exact) or estimate (done less the building time)"),
    "done": ("int32", "loop it was complete, null where it never was"),
    "status": ("string", "done, cancelled, destroyed (unfinished) or unfinished"),
    "lost": ("int32", "loop the finished thing died at, null where it saw the end"),
    "supply": ("float32", "supply used just before"),
    "supply_cap": ("float32", "supply cap just before"),
    "count": ("int16", "2 for a pair of Zerglings, else 1"),
}
"""Column -> (type, meaning) of the build table."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of one replay, by column."""

    timeline: dict[str, Any]
    builds: dict[str, Any]


def tables_of(replay: ReplayData) -> Tables:
    """Both tables of a replay; columns are lists or arrays of equal length."""
    first, second = replay.players
    pairs = ((first, second), (second, first))
    timelines = [_timeline(replay, player, other) for player, other in pairs]
    builds = [_builds(replay, player, other) for player, other in pairs]
    return Tables(_joined(timelines), _joined(builds))


class DatasetWriter:
    """Writes the tables of many replays to two Parquet files, a replay at a time.

    The build table lies beside the timeline: `out.parquet` and `out.builds.parquet`. Files are complete when the
    `with` block ends without an exception; otherwise none is left.

    Raises:
        ReplayError: where pyarrow is missing, or a file cannot be written.

    Example:
        >>> with DatasetWriter(Path("out.parquet")) as writer:
        ...     writer.add(tables_of(read_replay(path)))
    """

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise ReplayError(
                "writing Parquet needs pyarrow, which is not installed; pip install 'cherrypy_bot[replays]'"
            ) from None
        self._arrow = pyarrow
        self._parquet = pyarrow.parquet
        self.paths = (path, builds_path(path))
        self._schemas = (_schema(pyarrow, TIMELINE_COLUMNS), _schema(pyarrow, BUILD_COLUMNS))
        self._writers: list[Any] = []
        self._waiting: tuple[list[Any], list[Any]] = ([], [])

    def __enter__(self) -> DatasetWriter:
        try:
            self.paths[0].parent.mkdir(parents=True, exist_ok=True)
            for path, schema in zip(self.paths, self._schemas, strict=True):
                self._writers.append(self._parquet.ParquetWriter(_part(path), schema, compression="zstd"))
        except OSError as error:
            raise ReplayError(
                f"{shown(self.paths[0])}: it cannot be written ({error.strerror}); name another file"
            ) from error
        return self

    def add(self, tables: Tables) -> None:
        """Appends the rows of one replay."""
        for waiting, schema, rows in zip(self._waiting, self._schemas, (tables.timeline, tables.builds), strict=True):
            waiting.append(self._arrow.Table.from_pydict(rows, schema=schema))
        if sum(table.num_rows for table in self._waiting[0]) >= _ROWS_AT_ONCE:
            self._flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self._flush()
        for writer, path in zip(self._writers, self.paths, strict=True):
            writer.close()
            if error is None:
                _part(path).replace(path)
            else:
                _part(path).unlink(missing_ok=True)

    def _flush(self) -> None:
        """Writes what waits as one row group a file."""
        for writer, waiting in zip(self._writers, self._waiting, strict=True):
            if waiting:
                writer.write_table(self._arrow.concat_tables(waiting).unify_dictionaries())
                waiting.clear()


def builds_path(path: Path) -> Path:
    """Where the build table lies that belongs to a timeline file."""
    return path.with_name(f"{path.stem}.builds{path.suffix or '.parquet'}")


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _schema(arrow: Any, columns: dict[str, tuple[str, str]]) -> Any:
    types = {
        # Few different texts repeat in many rows.
        "string": arrow.dictionary(arrow.int32(), arrow.string()),
        "bool": arrow.bool_(),
        "int8": arrow.int8(),
        "int16": arrow.int16(),
        "int32": arrow.int32(),
        "float32": arrow.float32(),
    }
    return arrow.schema(
        [arrow.field(name, types[kind], metadata={"meaning": meaning}) for name, (kind, meaning) in columns.items()]
    )


def _game_cells(replay: ReplayData, player: PlayerData, other: PlayerData, rows: int) -> dict[str, list[Any]]:
    cells = {
        "replay": replay.sha256,
        "version": replay.version,
        "map": replay.map_name,
        "loops": replay.length,
        "player_id": player.player_id,
        "player": player.name,
        "race": player.race,
        "opponent_race": other.race,
        "result": player.result,
        "opening": player.opening,
    }
    return {name: [value] * rows for name, value in cells.items()}


def _timeline(replay: ReplayData, player: PlayerData, other: PlayerData) -> dict[str, Any]:
    loops = np.arange(0, replay.length + 1, STEP_LOOPS, dtype=np.int32)
    stats = player.stats
    row = np.maximum(np.searchsorted(stats.loops, loops, side="right") - 1, 0)
    blocks = player.economy.supply_blocks
    stood = [base for base in player.bases if base.finished is not None]
    return {
        **_game_cells(replay, player, other, len(loops)),
        "loop": loops,
        "seconds": (loops / LOOPS_PER_SECOND).astype(np.float32),
        "supply_used": stats.supply_used[row].astype(np.float32),
        "supply_cap": stats.supply_cap[row].astype(np.float32),
        "supply_blocked": _open_at(loops, [block.start for block in blocks], [block.end for block in blocks]) > 0,
        "bases": _open_at(
            loops,
            [base.finished for base in stood if base.finished is not None],
            [base.lost for base in stood if base.lost is not None],
        ).astype(np.int16),
        **{name: np.clip(stats.column(name)[row], -(2**31), 2**31 - 1).astype(np.int32) for name in _STAT_NAMES},
    }


def _open_at(loops: NDArray[np.int32], starts: list[int], ends: list[int]) -> NDArray[np.int64]:
    """How many of some stretches are open at each loop, from their starts and ends in any order."""
    begun = np.searchsorted(np.sort(np.asarray(starts, dtype=np.int64)), loops, side="right")
    over = np.searchsorted(np.sort(np.asarray(ends, dtype=np.int64)), loops, side="right")
    return np.asarray(begun - over, dtype=np.int64)


def _builds(replay: ReplayData, player: PlayerData, other: PlayerData) -> dict[str, Any]:
    build = player.build
    return {
        **_game_cells(replay, player, other, len(build)),
        "number": list(range(len(build))),
        "name": [item.name for item in build],
        "kind": [item.kind for item in build],
        "start": [item.start for item in build],
        "start_seconds": [seconds(item.start) for item in build],
        "start_source": [item.start_source for item in build],
        "done": [item.done for item in build],
        "status": [item.status for item in build],
        "lost": [item.lost for item in build],
        "supply": [item.supply for item in build],
        "supply_cap": [item.supply_cap for item in build],
        "count": [item.count for item in build],
    }


def _joined(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    listed = list(parts)
    return {
        name: np.concatenate([part[name] for part in listed])
        if isinstance(listed[0][name], np.ndarray)
        else [value for part in listed for value in part[name]]
        for name in listed[0]
    }
