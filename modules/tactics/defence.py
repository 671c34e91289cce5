"""Enemies at our places, and how many of our units to send against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cherrypy_bot.core.units import UnitTable
from modules.combat import CombatPredictor, Side, WeaponTable
from modules.tactics.clusters import cluster, middle
from modules.tactics.foes import Foes

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

BASE_CELLS = 20.0
"""Enemies this near to a townhall or to the rally point are ours to deal with."""
STRUCTURE_CELLS = 9.0
"""The same for other structures."""
LINK_CELLS = 7.0
BEHIND_CELLS = 10.0
"""Fighters so much farther out belong to an intrusion when they stand with those who are near: the rest of an army."""
A_FEW = 4
"""Against fewer fighters than these only as many are called as are enough."""
AT_HAND_CELLS = 18.0
FRESH_LOOPS = 70
"""Enemies out of sight count as still being there this long."""


@dataclass(frozen=True)
class Intrusion:
    """A group of enemies at our places.

    Attributes:
        x, y: middle of those near our places. radius: of the disc round it that holds these.
        members: indices into `Foes`, those who stand behind the near ones too. armed: whether any of them can fight.
    """

    x: float
    y: float
    radius: float
    members: IntArray
    armed: bool


def intrusions(foes: Foes, loop: int, townhalls: FloatArray, structures: FloatArray) -> list[Intrusion]:
    """Groups of enemies near our places, the most numerous first.

    Args:
        townhalls, structures: positions of ours, shape (k, 2); put other defended places among the townhalls.
    """
    if not len(foes) or not len(townhalls) + len(structures):
        return []
    seen = foes.visible | (foes.memory.seen_loop[foes.row] >= loop - FRESH_LOOPS) | foes.structure
    near = seen & (_near(foes, townhalls, BASE_CELLS) | (_near(foes, structures, STRUCTURE_CELLS) & ~foes.structure))
    if not near.any():
        return []
    behind = foes.army & (
        _near(foes, townhalls, BASE_CELLS + BEHIND_CELLS) | _near(foes, structures, STRUCTURE_CELLS + BEHIND_CELLS)
    )
    index = np.flatnonzero(near | (seen & behind))
    found = []
    for group in cluster(foes.x[index], foes.y[index], LINK_CELLS):
        members = index[group]
        front = members[near[members]]
        if not len(front):
            continue
        x, y = middle(foes.x[front], foes.y[front])
        radius = float(np.hypot(foes.x[front] - x, foes.y[front] - y).max())
        armed = bool((foes.army | foes.fixed | foes.worker)[members].any())
        found.append(Intrusion(x, y, max(radius, 2.0), members, armed))
    return found


def _near(foes: Foes, places: FloatArray, cells: float) -> BoolArray:
    if not len(places):
        return np.zeros(len(foes), np.bool_)
    dx = foes.x[:, None] - places[None, :, 0]
    dy = foes.y[:, None] - places[None, :, 1]
    return np.any(dx * dx + dy * dy <= cells * cells, axis=1)


def at_hand(units: UnitTable, rows: IntArray, intrusion: Intrusion, foes: Foes) -> int:
    """How many of the rows, nearest first, come whether needed or not: all near ones against more than a few.

    Whoever stands by while others fight is beaten after them.
    """
    if int((foes.army | foes.fixed)[intrusion.members].sum()) < A_FEW:
        return 0
    return int((units.distance_to(intrusion.x, intrusion.y, rows) <= intrusion.radius + AT_HAND_CELLS).sum())


def able(units: UnitTable, weapons: WeaponTable, rows: IntArray, foes: Foes, members: IntArray) -> BoolArray:
    """Which of our rows have a weapon for any of these enemies."""
    reach = weapons.reach[weapons.known(units.type_id[rows])]
    flying = foes.flying[members]
    can: BoolArray = (bool((~flying).any()) & (reach[:, 0] >= 0.0)) | (bool(flying.any()) & (reach[:, 1] >= 0.0))
    return can


def recruits_needed(
    predictor: CombatPredictor,
    units: UnitTable,
    members: IntArray,
    candidates: IntArray,
    theirs: Side,
    enough: float,
    helpers: IntArray,
    least: int = 0,
) -> tuple[int, float]:
    """How many of the candidates (rows, best first) to add to the members (rows), and the win that predicts.

    The smallest number that is enough; all of them when nothing is. Helpers are rows that fight there anyway.
    `least` of the candidates come in any case: smaller numbers are not looked at.
    """
    counts = sorted({max(count, min(least, len(candidates))) for count in _steps(len(candidates))})
    there = np.concatenate((members, helpers))
    fights = [(Side.of(units, np.concatenate((there, candidates[:count]))), theirs) for count in counts]
    wins = [prediction.win for prediction in predictor.predict_many(fights)]
    for count, win in zip(counts, wins, strict=True):
        if win >= enough and len(members) + count > 0:
            return count, win
    return len(candidates), wins[-1]


def can_dance(units: UnitTable, weapons: WeaponTable, rows: IntArray, foes: Foes, members: IntArray) -> bool:
    """Whether our rows outrange all of these enemies and are not slower: they can fight for as long as they like."""
    if not len(rows):
        return False
    ours = weapons.known(units.type_id[rows])
    theirs = weapons.known(foes.memory.type_id[foes.row[members]])
    longer = weapons.reach[ours].max(axis=1).min() > weapons.reach[theirs].max() + 1.0
    return bool(longer and weapons.speed[ours].min() >= weapons.speed[theirs].max())


def _steps(most: int) -> Sequence[int]:
    """0, 1, 2, 3, 4, 8, 16, ... up to and with `most`."""
    steps = [0, 1, 2, 3]
    size = 4
    while size < most:
        steps.append(size)
        size *= 2
    return sorted({min(step, most) for step in (*steps, most)})
