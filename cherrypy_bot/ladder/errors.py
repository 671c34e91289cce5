"""What can keep a match from being played."""

from __future__ import annotations


class MatchError(Exception):
    """A match that cannot start or go on; the text says why and what to do, in one line."""
