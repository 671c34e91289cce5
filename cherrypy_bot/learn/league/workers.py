"""Local processes that play games, each compiled and loaded once."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Protocol

import cherrypy_bot

ROOT = Path(cherrypy_bot.__file__).resolve().parent.parent


class Players(Protocol):
    """Where games are played: processes here, or a cluster. `slots` games at a time."""

    slots: int

    def submit(self, number: int) -> None:
        """Have a game played."""

    def wait(self, seconds: float) -> tuple[int, str] | None:
        """The next game that was played or given up, and why it was given up ("" where it was played).

        None when there was none for so long.
        """

    def close(self) -> None:
        """Stop; games that are on are left."""


class LocalPlayers:
    """So many processes on this machine.

    Args:
        folder: of the league. config: its bots.yaml. count: processes.
    """

    def __init__(self, folder: Path, config: Path, count: int) -> None:
        self.slots = count
        self._orders: queue.Queue[int | None] = queue.Queue()
        self._played: queue.Queue[tuple[int, str]] = queue.Queue()
        self._command = (
            *(sys.executable, "-m", "cherrypy_bot.learn.league.worker"),
            *(str(folder), str(config)),
        )
        self._log = folder / "workers.log"
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._closing = False
        self._threads = [threading.Thread(target=self._serve, args=(index,), daemon=True) for index in range(count)]
        for thread in self._threads:
            thread.start()

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return [process.pid for process in self._processes.values() if process.poll() is None]

    def submit(self, number: int) -> None:
        self._orders.put(number)

    def wait(self, seconds: float) -> tuple[int, str] | None:
        try:
            return self._played.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._closing = True
        for _ in self._threads:
            self._orders.put(None)
        for process in list(self._processes.values()):
            process.terminate()
        for thread in self._threads:
            thread.join()

    def _serve(self, index: int) -> None:
        """Hand games to one process; a new one takes its place when it dies."""
        while (number := self._orders.get()) is not None and not self._closing:
            process = self._processes.get(index)
            if process is None or process.poll() is not None:
                process = self._processes[index] = self._start()
            why = _ask(process, number)
            self._played.put((number, why))
        process = self._processes.get(index)
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()

    def _start(self) -> subprocess.Popen[str]:
        with self._log.open("a", encoding="utf-8") as errors:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                start_new_session=True,
            )


def _ask(process: subprocess.Popen[str], number: int) -> str:
    """Have one game played; "" or why it was not."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{number}\n")
        process.stdin.flush()
        for line in process.stdout:
            if line.split() == ["done", str(number)]:
                return ""
    except (OSError, ValueError) as error:
        return f"the process that played it cannot be reached ({error})"
    return f"the process that played it ended with exit code {process.wait()}"
