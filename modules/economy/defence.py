"""How many workers must fight, and which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from modules.keys import Threat

WORKER_WORTH: Final = 20.0
"""What a worker is worth in a fight, in the same coin as `Threat.power` (a worker's price halved counts 25)."""
SCOUTS: Final = 2
"""So many enemy workers are scouts, not an attack."""
MARGIN: Final = 1.15
WEAK_POWER: Final = 700.0
"""Beyond this workers die without stopping anything."""
KEEP_MINING: Final = 2


def workers_needed(threat: Threat, army_power: float, workers: int) -> int:
    """Workers to pull against a threat.

    Args:
        threat: enemies at a base.
        army_power: of our army near that base.
        workers: how many we have.

    Returns:
        0 when the army can do it, when it is only a scout, or when workers would die for nothing.
    """
    number = len(threat.tags)
    if threat.workers == number and number <= SCOUTS:
        return 0
    if threat.power > WEAK_POWER and threat.workers < number / 2:
        return 0
    missing = threat.power * MARGIN - army_power
    if missing <= 0:
        return 0
    return max(0, min(math.ceil(missing / WORKER_WORTH), workers - KEEP_MINING))


def choose(
    candidates: Sequence[tuple[int, float, float, float]], place: tuple[float, float], number: int, hurt_below: float
) -> list[int]:
    """The workers to pull: healthy ones near the enemy first.

    Args:
        candidates: (tag, x, y, health and shields). place: where the enemy is.
        number: how many. hurt_below: who has less is left out.
    """
    fit = [c for c in candidates if c[3] >= hurt_below]
    fit.sort(key=lambda c: (math.hypot(c[1] - place[0], c[2] - place[1]) - 0.1 * c[3], c[0]))
    return [tag for tag, *_ in fit[:number]]
