"""Whom to shoot: the units of a squad share out the enemies in range without killing one twice."""

from __future__ import annotations

import numpy as np

from modules.micro.field import Battlefield, BoolArray, FloatArray, IntArray

_STICKY = 1.05
"""A target that a unit is attacking already is worth this much more: turning costs time."""
_KILL = 1.6
"""A target that the shot would kill is worth this much more: the dead do not shoot back."""
_SLOW_WALK_CELLS = 0.6
"""Cells of walking that a melee fighter gives up for one fewer comrade at the same enemy."""


def share_fire(field: Battlefield, rows: IntArray, allowed: BoolArray, spoken_for: FloatArray) -> IntArray:
    """Targets for shooters, the most constrained first.

    Args:
        rows: of ours. allowed: (len(rows), m), whom each may shoot at.
        spoken_for: (m,) damage that is on its way to each enemy; what is given out here is added.

    Returns:
        Column of the target per row, -1 where nothing is allowed.
    """
    chosen = np.full(len(rows), -1, np.int64)
    if not field.m or not len(rows):
        return chosen
    damage = field.damage[rows]
    worth = np.where(field.engaged[rows], _STICKY, 1.0) * (field.danger / np.maximum(field.foe_life, 1.0))[None, :]
    worth = np.where(allowed, worth * np.minimum(damage, field.foe_life[None, :]), 0.0)
    options = allowed.sum(axis=1)
    firing = field.cooldown[rows] <= field.step_loops
    for index in np.lexsort((options, ~firing)).tolist():
        if not options[index]:
            continue
        left = field.foe_life - spoken_for
        value = np.where(left > 0.0, worth[index] * np.where(left <= damage[index], _KILL, 1.0), worth[index] * 0.01)
        best = int(value.argmax())
        chosen[index] = best
        if firing[index]:
            spoken_for[best] += damage[index, best]
    return chosen


def share_bodies(field: Battlefield, rows: IntArray, allowed: BoolArray, crowd: FloatArray) -> IntArray:
    """Targets for melee fighters: near ones, and not all the same one.

    Args:
        rows, allowed: as for `share_fire`. crowd: (m,) how many fighters each enemy has; added to.

    Returns:
        Column of the target per row, -1 where nothing is allowed.
    """
    chosen = np.full(len(rows), -1, np.int64)
    if not field.m or not len(rows):
        return chosen
    cost = np.where(allowed, np.maximum(field.gap[rows], 0.0) - np.where(field.engaged[rows], 0.75, 0.0), np.inf)
    for index in cost.min(axis=1).argsort(kind="stable").tolist():
        total = cost[index] + crowd * _SLOW_WALK_CELLS
        best = int(total.argmin())
        if np.isfinite(total[best]):
            chosen[index] = best
            crowd[best] += 1.0
    return chosen
