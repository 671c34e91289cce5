"""Results of reading, kept by the content of the file, so that a folder is read once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from replays.errors import ReplayError, shown
from replays.model import ReplayData
from replays.reader import load_file, parse_replay
from replays.serial import FORMAT, dump, load


class ReplayCache:
    """A folder with one small file per replay that was read.

    A file is named after the SHA-256 of the replay's bytes and the format of the results, written whole or not at
    all; one that cannot be read back is made anew. Several processes may use the same folder at once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, sha256: str) -> ReplayData | None:
        """What was found for these bytes before, or None."""
        try:
            return load(self._path(sha256).read_bytes())
        except (OSError, ValueError):
            return None

    def put(self, replay: ReplayData) -> None:
        """Keeps what was found; where the folder cannot be written, nothing is kept."""
        path = self._path(replay.sha256)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(dump(replay))
            os.replace(temporary, path)
        except OSError:
            # A full or read-only disk costs time on the next run, not this run's results.
            return

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}.v{FORMAT}"


def read_cached(path: Path, cache: ReplayCache | None) -> ReplayData:
    """Reads a replay, or what is kept of it; without timelines where it was kept.

    Raises:
        ReplayError: as `replays.reader.read_replay`.
    """
    data = load_file(path)
    kept = cache.get(hashlib.sha256(data).hexdigest()) if cache is not None else None
    if kept is not None:
        return kept
    try:
        replay = parse_replay(data)
    except ReplayError as error:
        raise type(error)(f"{shown(path)}: {error}") from error
    if cache is not None:
        cache.put(replay)
    return replay
