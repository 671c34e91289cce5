"""How many workers must fight, and which."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np

from cherrypy_bot.core.units import FloatArray, IntArray
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
OVERRUN_POWER: Final = 180.0
"""Fewer soldiers than these kill fewer workers than are lost by running about ..."""
OVERRUN_RATIO: Final = 1.6
"""... and these must be so much stronger than ours there."""
KEEP_MINING: Final = 2
LIFE_CELLS: Final = 0.1
"""A point of health is worth so many cells of the way to the enemy."""
STAY_CELLS: Final = 4.0
"""Who fights already is preferred over others nearer by so much."""
MELEE_CELLS: Final = 0.35
"""An enemy this near, edge to edge, is hit without walking first, or with one step."""


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


def overrun(threat: Threat, army_power: float, already: bool) -> bool:
    """Whether the workers of a base are to leave: soldiers come that nobody there stops.

    Args:
        threat: enemies at the base. army_power: of our army near them. already: they have left.
    """
    soldiers = threat.power - WORKER_POWER * threat.workers
    return soldiers >= OVERRUN_POWER and soldiers * (1.3 if already else 1.0) > OVERRUN_RATIO * army_power


def choose(
    candidates: Sequence[tuple[int, float, float, float]],
    place: tuple[float, float],
    number: int,
    hurt_below: float,
    fighting: Collection[int] = (),
) -> list[int]:
    """The workers that fight: healthy ones, those at it already and near the enemy first, the hurt only if they must.

    Args:
        candidates: (tag, x, y, health and shields). place: where the enemy is.
        number: how many. hurt_below: who has less is taken last, the healthiest of them first.
        fighting: tags of those that fight already.
    """

    def reluctance(candidate: tuple[int, float, float, float]) -> tuple[bool, float, int]:
        tag, x, y, life = candidate
        if life < hurt_below:
            return True, -life, tag
        away = math.hypot(x - place[0], y - place[1])
        return False, away - LIFE_CELLS * life - (STAY_CELLS if tag in fighting else 0.0), tag

    return [tag for tag, *_ in sorted(candidates, key=reluctance)[:number]]


def targets(
    own: FloatArray, own_radius: FloatArray, foes: FloatArray, foe_radius: FloatArray, foe_life: FloatArray
) -> IntArray:
    """Whom each worker hits: the weakest enemy within reach, else the nearest one.

    Args:
        own, foes: positions, shapes (n, 2) and (m, 2), m > 0; radii and life accordingly.

    Returns:
        Indices into `foes`, shape (n,).
    """
    gap = np.hypot(own[:, None, 0] - foes[None, :, 0], own[:, None, 1] - foes[None, :, 1])
    gap = gap - own_radius[:, None] - foe_radius[None, :]
    within = gap <= MELEE_CELLS
    weakest = np.where(within, foe_life[None, :], np.inf).argmin(axis=1)
    chosen: IntArray = np.where(within.any(axis=1), weakest, gap.argmin(axis=1))
    return chosen
