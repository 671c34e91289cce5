"""A tournament while it is played: hands matches to worker processes until every match has a result.

    play_tournament(Store(path), 2, watcher)

Stopped or killed at any point, it goes on where it was: what is finished stays, what was being played is played anew.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from cherrypy_bot.ladder.arena import pairing
from cherrypy_bot.ladder.arena.entrants import ROOT
from cherrypy_bot.ladder.arena.store import MatchRow, Store
from cherrypy_bot.ladder.arena.worker import adopt, failed, record
from cherrypy_bot.ladder.errors import MatchError

TRIES = 3
"""A match whose process dies under it is begun so often before it is given up."""


class Watcher(Protocol):
    """Is told what happens."""

    def begun(self, row: MatchRow) -> None:
        """A match starts."""

    def at_loop(self, row: MatchRow, loop: int) -> None:
        """A match has come to a game loop."""

    def finished(self, row: MatchRow, played: int, known: int) -> None:
        """A match has a result; `played` of `known` matches now have one."""


def play_tournament(store: Store, jobs: int, watcher: Watcher) -> None:
    """Plays what is left. MatchError where another process plays this tournament."""
    with _locked(store.path):
        for row in store.matches():
            if row.type is None:
                adopt(store, row.id)
        asyncio.run(_Tournament(store, jobs, watcher).play())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(path.name + ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise MatchError(
                f"another process plays the tournament in {path.parent}; wait, or give another --out"
            ) from None
        yield


class _Tournament:
    """The running one."""

    def __init__(self, store: Store, jobs: int, watcher: Watcher) -> None:
        self._store, self._watcher = store, watcher
        self._running: dict[asyncio.Task[None], MatchRow] = {}
        self._idle = [_Worker(store.path, number) for number in range(1, jobs + 1)]
        self._tries: Counter[int] = Counter()

    async def play(self) -> None:
        """Until nothing is left."""
        try:
            while True:
                self._start_what_can()
                if not self._running:
                    return
                done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del self._running[task]
                    task.result()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
            for worker in self._idle:
                await worker.stop()

    def _start_what_can(self) -> None:
        rows = self._store.matches()
        open_rows = [row for row in rows if row.type is None]
        if not open_rows and self._add_round(rows):
            return self._start_what_can()
        for row in open_rows:
            if not self._idle:
                return None
            if self._free(row):
                self._running[asyncio.ensure_future(self._play(row, self._idle.pop(0)))] = row
        return None

    def _add_round(self, rows: list[MatchRow]) -> bool:
        """The ladder's next round, when the last is over; False where there is none to come."""
        settings = self._store.settings
        number = max((row.round for row in rows), default=0) + 1
        if settings.mode != "ladder" or number > settings.rounds:
            return False
        pairs = pairing.ladder_round(number, self._store.ratings(), rows, settings.maps, settings.seed)
        return self._store.add_round(number, pairs)

    def _free(self, row: MatchRow) -> bool:
        busy = self._running.values()
        if any(other.id == row.id for other in busy):
            return False
        names = {name for other in busy for name in (other.bot1, other.bot2)}
        return not self._store.settings.keep_data or not names & {row.bot1, row.bot2}

    async def _play(self, row: MatchRow, worker: _Worker) -> None:
        self._tries[row.id] += 1
        self._watcher.begun(row)
        try:
            code = await worker.play(row, self._watcher)
        finally:
            self._idle.insert(0, worker)  # one that runs already goes before one that has to be started
        now = self._store.match(row.id)
        if now.type is None and self._tries[row.id] >= TRIES:
            why = f"the process that played it ended {TRIES} times, last with exit code {code}"
            record(self._store, row.id, failed(row, why))
            now = self._store.match(row.id)
        if now.type is not None:
            rows = self._store.matches()
            self._watcher.finished(now, sum(other.type is not None for other in rows), self._known(rows))

    def _known(self, rows: list[MatchRow]) -> int:
        """How many matches there will be."""
        settings = self._store.settings
        if settings.mode != "ladder" or not rows:
            return len(rows)
        return settings.rounds * (len(self._store.entrants()) // 2)


class _Worker:
    """One place for a match at a time, and the process behind it, which is started when it is needed."""

    def __init__(self, path: Path, number: int) -> None:
        self._path = path
        self._log = path.parent / "logs" / f"worker{number}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def play(self, row: MatchRow, watcher: Watcher) -> int | None:
        """Play a match; the process's exit code where it ended under the match, else None."""
        process = self._process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{row.id}\n".encode())
            async for line in process.stdout:
                word, _, number = line.decode(errors="replace").partition(" ")
                if word == "done":
                    return None
                if word == "loop":
                    watcher.at_loop(row, int(number))
        except asyncio.CancelledError:
            await self.stop()
            raise
        self._process = None
        return await process.wait()

    async def stop(self) -> None:
        """End the process; a match that is on is called off and its bots with it."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        self._log.parent.mkdir(exist_ok=True)
        with self._log.open("ab") as errors:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cherrypy_bot.ladder.arena.worker", str(self._path)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                start_new_session=True,
            )
