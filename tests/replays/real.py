"""The real replays with what is known of them, where they are present."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from replays.model import ReplayData
from replays.reader import read_replay
from tests.reference import REFERENCE

FOLDER: Path | None = REFERENCE / "replays" if REFERENCE is not None else None


def manifest(role: str) -> list[dict[str, Any]]:
    """What is known of each replay of a role (good, awkward); empty where there are none."""
    if FOLDER is None:
        return []
    entries: list[dict[str, Any]] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return [entry for entry in entries if entry["role"] == role]


def path_of(file: str) -> Path:
    """Where a replay lies."""
    assert FOLDER is not None
    return FOLDER / file


@lru_cache(maxsize=16)
def read(file: str) -> ReplayData:
    """A replay, read once for all tests."""
    return read_replay(path_of(file))


GOOD = manifest("good")
AWKWARD = manifest("awkward")
