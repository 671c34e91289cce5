"""Keeps processes busy with the games of a store until there are no more, or time is over."""

from __future__ import annotations

import fcntl
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import GameOrder, failed
from cherrypy_bot.learn.league.store import Game, Store
from cherrypy_bot.learn.league.workers import Players

TRIES = 3
"""A game whose process dies under it is begun so often before it is given up."""
WAIT_SECONDS = 0.5


class Planner(Protocol):
    """Decides what is played next when everything ordered is being played."""

    def next(self) -> GameOrder | None:
        """Another game; None when there shall be none."""

    def finished(self, game: Game) -> None:
        """Is told every result."""


class Watcher(Protocol):
    """Is told what happens."""

    def finished(self, game: Game) -> None:
        """A game has a result."""

    def waiting(self) -> None:
        """Nothing happened for a moment."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time runs a league; LeagueError for the second."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LeagueError(f"another process plays in {folder}; wait, or use another --out") from None
        yield


def run_games(
    store: Store,
    players: Players,
    planner: Planner | None,
    watcher: Watcher,
    *,
    games: int | None = None,
    seconds: float | None = None,
) -> int:
    """Play open games, then what the planner wants; how many got a result.

    Args:
        games: stop after so many. seconds: begin no game after so long; games that are on are waited for.
    """
    started = time.monotonic()
    busy: set[int] = set()
    tries: Counter[int] = Counter()
    played = 0
    while True:
        late = seconds is not None and time.monotonic() - started > seconds
        while not late and len(busy) < players.slots and (games is None or played + len(busy) < games):
            game = store.next_open(busy)
            if game is None:
                order = planner.next() if planner is not None else None
                if order is None:
                    break
                store.add([order])
                continue
            busy.add(game.id)
            tries[game.id] += 1
            players.submit(game.id)
        if not busy:
            return played
        answer = players.wait(WAIT_SECONDS)
        if answer is None:
            watcher.waiting()
            continue
        number, why = answer
        busy.discard(number)
        if why and tries[number] >= TRIES:
            store.finish(number, failed(f"{why}, {TRIES} times"))
        game = store.game(number)
        if game.result is not None:
            played += 1
            if planner is not None:
                planner.finished(game)
            watcher.finished(game)
