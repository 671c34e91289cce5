"""What can be wrong with a replay, as sentences for the person who gave the file."""

from __future__ import annotations

from pathlib import Path


class ReplayError(Exception):
    """A replay that cannot be used; the text says which file, what is wrong with it and what to do."""


class NotAReplayError(ReplayError):
    """The file is no StarCraft II replay, or too damaged to be read as one."""


class UnsupportedReplayError(ReplayError):
    """A sound replay of a kind that is not read here: older expansions, team games, arcade maps."""


def shown(path: Path) -> str:
    """A path as one line may show it, whatever characters its name has."""
    text = str(path).encode("utf-8", "replace").decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "?" for char in text)
