"""What earlier matches against the same opponent say about their first minutes. A pure judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cherrypy_bot.core.history import RUSH_NOTE, PastMatch
from modules.strategy.rush import SECOND

MATCHES: Final = 6
"""So many of the last matches count: opponents change."""
SHARE: Final = 0.5
AHEAD: Final = 40 * SECOND
"""Defences are begun so much before the attack came, or was seen coming, in earlier matches."""
EARLIEST: Final = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Expectation:
    """From which loop an early attack is expected, and why."""

    loop: float
    why: str


def expected_rush(past: Sequence[PastMatch]) -> Expectation | None:
    """What to expect of an opponent after these matches, oldest first; None for nothing in particular.

    A match says something when strategy noted whether an early attack was seen (`RUSH_NOTE`), or when that was read
    from a replay (`cherrypy-bot replay history`).
    """
    notes = [match.notes.get(RUSH_NOTE) for match in reversed(past)]
    told = [float(note) for note in notes if isinstance(note, int | float)][:MATCHES]
    rushes = [loop for loop in told if loop > 0]
    if not rushes or len(rushes) < SHARE * len(told):
        return None
    loop = max(EARLIEST, min(rushes) - AHEAD)
    return Expectation(loop, f"early attacks in {len(rushes)} of the last {len(told)} matches against them")
