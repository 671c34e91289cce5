"""Many replays: found in folders, read on all cores, failures listed instead of raised."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final, Generic, TypeVar

from replays.cache import ReplayCache, read_cached
from replays.errors import ReplayError, shown
from replays.model import ReplayData

R = TypeVar("R")

SUFFIX: Final = ".sc2replay"
_IN_FLIGHT_PER_WORKER: Final = 4
_FEWEST_FOR_A_POOL: Final = 8
"""Below this many files starting processes takes longer than reading."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """One file: what the work made of it, or one line that says what is wrong with it."""

    path: Path
    result: R | None
    error: str | None


def find_replays(paths: Iterable[Path]) -> list[Path]:
    """The replay files among and below the given paths, each once, sorted by name within a folder.

    A file that is named is taken whatever its name; in folders only those that end in .SC2Replay are.

    Raises:
        ReplayError: where a path does not exist, or a folder holds no replay.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            below = sorted(
                Path(folder) / name
                for folder, _, names in os.walk(path)
                for name in names
                if name.lower().endswith(SUFFIX)
            )
            if not below:
                raise ReplayError(f"{shown(path)}: it holds no .SC2Replay file; give a folder with replays")
            found.update(dict.fromkeys(below))
        elif path.exists():
            found[path] = None
        else:
            raise ReplayError(f"{shown(path)}: there is no such file or folder; give replays or folders with replays")
    return list(found)


def run_over(
    paths: Iterable[Path],
    work: Callable[[ReplayData], R],
    *,
    cache_folder: Path | None = None,
    jobs: int | None = None,
) -> Iterator[Outcome[R]]:
    """Reads every file and does the work on it, in the order of the paths; memory does not grow with their number.

    Args:
        work: what to make of a replay; a function of a module, since it is sent to other processes. The replay has
            no timelines where it comes from the cache.
        cache_folder: where results are kept, None for nowhere.
        jobs: processes, as many as cores where None; 1 works in this process.
    """
    listed = list(paths)
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1 or len(listed) < _FEWEST_FOR_A_POOL:
        for path in listed:
            yield _one(path, work, cache_folder)
        return
    yield from _in_processes(listed, work, cache_folder, jobs)


def _in_processes(
    paths: list[Path], work: Callable[[ReplayData], R], cache_folder: Path | None, jobs: int
) -> Iterator[Outcome[R]]:
    waiting = deque(paths)
    while waiting:
        # A process that dies (killed for memory, say) takes the pool with it: the file is listed, a new pool goes on.
        flying: deque[tuple[Path, Future[Outcome[R]]]] = deque()
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            while waiting or flying:
                while waiting and len(flying) < _IN_FLIGHT_PER_WORKER * jobs:
                    path = waiting.popleft()
                    flying.append((path, pool.submit(_one, path, work, cache_folder)))
                path, future = flying.popleft()
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    waiting.extendleft(reversed([path, *(later for later, _ in flying)]))
                    break
                yield outcome
            else:
                return
        yield from _one_by_one(waiting, work, cache_folder, jobs)


def _one_by_one(
    waiting: deque[Path], work: Callable[[ReplayData], R], cache_folder: Path | None, jobs: int
) -> Iterator[Outcome[R]]:
    """Reads those that were in flight when a process died, each in a process of its own; one of them is to blame."""
    for _ in range(min(len(waiting), _IN_FLIGHT_PER_WORKER * jobs)):
        path = waiting.popleft()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            try:
                yield pool.submit(_one, path, work, cache_folder).result()
            except BrokenProcessPool:
                yield Outcome(
                    path, None, f"{shown(path)}: the process that read it died; there may be too little memory"
                )


def _one(path: Path, work: Callable[[ReplayData], R], cache_folder: Path | None) -> Outcome[R]:
    cache = ReplayCache(cache_folder) if cache_folder is not None else None
    try:
        return Outcome(path, work(read_cached(path, cache)), None)
    except ReplayError as error:
        return Outcome(path, None, str(error))
