"""Curves of a league for TensorBoard: win rates, ratings, games per hour, one point per finished game."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Final

from cherrypy_bot.learn.league.store import Game, Store

FOLDER: Final = "curves"
_MEMORY: Final = 0.98
"""Win rates are means in which a game counts half after 34 more."""


class Curves:
    """Writes points; nothing where TensorBoard is not installed (`available` says so)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rates: dict[str, float] = {}
        self._started = time.monotonic()
        self._written = 0
        self._writer: Any = None
        try:
            from tensorboard.summary.writer.event_file_writer import EventFileWriter
        except ImportError:
            return
        self._writer = EventFileWriter(str(store.folder / FOLDER))

    @property
    def available(self) -> bool:
        """Whether there is something to write with."""
        return self._writer is not None

    def add(self, game: Game) -> None:
        """A finished game."""
        if self._writer is None or game.result is None or game.sequence is None or game.result.void:
            return
        self._written += 1
        player, kind = game.order.players[0].name, game.order.cell.get("kind", "all")
        points = {"games/per_hour": 3600.0 * self._written / max(1e-9, time.monotonic() - self._started)}
        points["games/loops"] = float(game.result.loops)
        for tag in (f"win_rate/{player}", f"win_rate/{player}/{kind}"):
            before = self._rates.get(tag, game.result.score(0))
            points[tag] = self._rates[tag] = _MEMORY * before + (1.0 - _MEMORY) * game.result.score(0)
        rating = self._store.ratings().get(player)
        if rating is not None:
            points[f"rating/{player}"] = rating.ordinal
        self._write(game.sequence, points)

    def _write(self, step: int, points: dict[str, float]) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=tag.replace(" ", "_"), simple_value=value) for tag, value in points.items()]
        self._writer.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))
        self._writer.flush()

    def __enter__(self) -> Curves:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
