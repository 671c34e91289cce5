"""How many workers must fight, and which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from modules.keys import Threat
from modules.power import WORKER_POWER

WORKER_WORTH: Final = 20.0
"""What a worker is worth in a fight, in the same coin as `Threat.power` (a worker's price halved counts 25)."""
SCOUTS: Final = 2
"""So many enemy workers are scouts, not an attack."""
MARGIN: Final = 1.15
ARMY_SHARE: Final = 0.75
"""Fighters near the enemy are seldom all at the right place."""
SOLDIER_POWER: Final = 260.0
"""Against soldiers worth more than this workers die without stopping anything."""
KEEP_MINING: Final = 2


def workers_needed(threat: Threat, army_power: float, workers: int, under_fire: bool) -> int:
    """Workers to pull against a threat.

    Args:
        threat: enemies at a base.
        army_power: of our army near that base.
        workers: how many we have.
        under_fire: our workers or structures were hit a moment ago.

    Returns:
        0 when the army can do it, when it is only a scout, or when workers would die for nothing.
    """
    number = len(threat.tags)
    if threat.workers == number and number <= SCOUTS and not under_fire:
        return 0
    if threat.power - WORKER_POWER * threat.workers > SOLDIER_POWER:
        return 0
    missing = threat.power * MARGIN - ARMY_SHARE * army_power
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
