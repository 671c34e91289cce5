"""What can keep a league from being played."""

from __future__ import annotations


class LeagueError(Exception):
    """A league, matrix or evaluation that cannot start or go on; the text says why and what to do, in one line."""
