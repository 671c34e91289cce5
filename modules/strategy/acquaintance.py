"""What earlier matches against the same opponent say about their first minutes. A pure judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sc2.data import Race

from cherrypy_bot.core.history import PastMatch
from modules.build_order.builds import builds_of
from modules.strategy.rush import SECOND

RUSH_NOTE: Final = "enemy_rush"
"""Loop at which strategy saw that an early attack was coming, 0 for none; noted in every match that lasts."""
OPENING_NOTE: Final = "enemy_opening"
"""Which opening of the library the enemy played, as `replay history` reads it from replays."""
MATCHES: Final = 6
"""So many of the last matches count: opponents change."""
SHARE: Final = 0.5
AHEAD: Final = 20 * SECOND
"""Defences are begun so much before the attack was seen in earlier matches."""
EARLIEST: Final = 60 * SECOND
FROM_REPLAYS: Final = 90 * SECOND
"""Where only the opening is known and nobody noted when it was seen."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """From which loop an early attack is expected, and why."""

    loop: float
    why: str


def expected_rush(past: Sequence[PastMatch]) -> Expectation | None:
    """What to expect of an opponent after these matches, oldest first; None for nothing in particular.

    A match says something when strategy noted what it saw (`RUSH_NOTE`), or when the enemy's opening was read from a
    replay (`OPENING_NOTE`): builds that take no second base by themselves count as early attacks.
    """
    told = [said for match in reversed(past) if (said := _rush_of(match)) is not None][:MATCHES]
    rushes = [loop for loop in told if loop > 0]
    if not rushes or len(rushes) < SHARE * len(told):
        return None
    loop = max(EARLIEST, min(rushes) - AHEAD)
    return Expectation(loop, f"early attacks in {len(rushes)} of the last {len(told)} matches against them")


def _rush_of(match: PastMatch) -> float | None:
    """Loop at which a match's early attack was seen, 0 for none, None where nobody knows."""
    seen = match.notes.get(RUSH_NOTE)
    if isinstance(seen, int | float):
        return float(seen)
    opening = match.notes.get(OPENING_NOTE)
    race = Race.__members__.get(match.enemy_race)
    build = builds_of(race).get(str(opening)) if race is not None else None
    if build is None:
        return None
    expands = build.expand[:1] == (0,)
    return 0.0 if expands else FROM_REPLAYS + AHEAD
