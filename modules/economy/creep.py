"""Creep: where the next tumour goes. Spare queens place the first ones, every tumour makes one more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from sc2.position import Point2

SPREAD_CELLS: Final = 9.0
"""A tumour may make another within ten cells; one less, so that rounding keeps it in range."""
APART_CELLS: Final = 7.0
DIRECTIONS: Final = 16
HALL_CELLS: Final = 6.0
"""Tumours keep the places of townhalls free."""


def tumour_spot(
    source: tuple[float, float],
    creep: Any,
    walkable: Any,
    goal: tuple[float, float],
    tumours: Sequence[tuple[float, float]],
    halls: Sequence[tuple[float, float]],
) -> Point2 | None:
    """The spot with creep round `source` that brings it furthest towards `goal`; None when there is none.

    Args:
        source: of the tumour or queen. creep, walkable: masks [y, x] of the map.
        goal: where creep is wanted. tumours: those there are or were asked for. halls: places for townhalls.
    """
    best, nearest = None, float("inf")
    for reach in (SPREAD_CELLS, SPREAD_CELLS - 3.0):
        for index in range(DIRECTIONS):
            angle = 2.0 * np.pi * index / DIRECTIONS
            x, y = round(source[0] + reach * np.cos(angle)), round(source[1] + reach * np.sin(angle))
            if not (0 <= y < creep.shape[0] and 0 <= x < creep.shape[1] and creep[y, x] and walkable[y, x]):
                continue
            if any(np.hypot(x - tx, y - ty) < APART_CELLS for tx, ty in tumours):
                continue
            if any(np.hypot(x - hx, y - hy) < HALL_CELLS for hx, hy in halls):
                continue
            away = float(np.hypot(x - goal[0], y - goal[1]))
            if away < nearest:
                best, nearest = Point2((float(x), float(y))), away
    return best
