"""Where to step: away from enemies, but not into walls."""

from __future__ import annotations

from typing import Final

import numpy as np

from modules.micro.field import Battlefield, BoolArray, FloatArray, IntArray

_DIRECTIONS: Final = 16
_ANGLES = np.arange(_DIRECTIONS) * (2.0 * np.pi / _DIRECTIONS)
_COMPASS: Final = np.stack((np.cos(_ANGLES), np.sin(_ANGLES)), axis=1)
_PROBES: Final = np.array([1.0, 2.0, 3.0])
"""Cells along a direction at which the ground is looked at."""
_STEP_CELLS: Final = 3.0
_HOME_PULL: Final = 0.5
_WALL: Final = 3.0
"""What a blocked probe costs; a direction's own worth is its cosine, -1..1."""


def step_back(
    field: Battlefield, rows: IntArray, threats: BoolArray, home: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Points a few cells away from the threats, over open ground.

    Args:
        rows: of ours. threats: (len(rows), m), whom each gets away from; near ones count most.
        home: of equally good directions the one towards this point is taken.

    Returns:
        x and y, shape (len(rows),).
    """
    x, y = field.x[rows], field.y[rows]
    dx, dy = x[:, None] - field.foe_x[None, :], y[:, None] - field.foe_y[None, :]
    weight = np.where(threats, 1.0 / (np.maximum(field.gap[rows], 0.0) + 0.5) ** 2, 0.0)
    weight /= np.maximum(np.hypot(dx, dy), 0.1)
    away = _unit(np.stack(((weight * dx).sum(axis=1), (weight * dy).sum(axis=1)), axis=1))
    homewards = _unit(np.stack((home[0] - x, home[1] - y), axis=1))
    worth = (away + _HOME_PULL * homewards) @ _COMPASS.T
    if field.paths.size:
        probes = _PROBES[None, None, :]
        px = x[:, None, None] + _COMPASS[None, :, 0, None] * probes
        py = y[:, None, None] + _COMPASS[None, :, 1, None] * probes
        height, width = field.paths.shape
        inside = (px >= 0) & (py >= 0) & (px < width) & (py < height)
        cells = (np.clip(py, 0, height - 1).astype(np.int64), np.clip(px, 0, width - 1).astype(np.int64))
        open_ground = inside & (field.paths[cells] | field.flying[rows][:, None, None])
        # A wall right here is worse than one three cells on.
        worth = worth - _WALL * ((~open_ground) / _PROBES[None, None, :]).sum(axis=2)
    best = worth.argmax(axis=1)
    return x + _STEP_CELLS * _COMPASS[best, 0], y + _STEP_CELLS * _COMPASS[best, 1]


def _unit(vectors: FloatArray) -> FloatArray:
    """Vectors (k, 2) of length 1, or 0 where there is no direction."""
    length = np.hypot(vectors[:, 0], vectors[:, 1])
    unit: FloatArray = vectors / np.maximum(length, 1e-9)[:, None]
    return unit
