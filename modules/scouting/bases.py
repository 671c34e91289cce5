"""Groups of enemy structures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

SAME_BASE_CELLS: Final = 13.0


def group(points: npt.NDArray[np.float64]) -> list[npt.NDArray[np.int64]]:
    """Indices of points (n, 2) that belong together: each within 13 cells of the first of its group."""
    left = np.arange(len(points))
    groups = []
    while len(left):
        seed = points[left[0]]
        near = np.hypot(points[left, 0] - seed[0], points[left, 1] - seed[1]) <= SAME_BASE_CELLS
        groups.append(left[near])
        left = left[~near]
    return groups


def order(centres: Sequence[tuple[float, float]], weights: Sequence[float], home: tuple[float, float]) -> list[int]:
    """Indices of bases, most worth attacking first: near to our home, rich ones a little before poor ones."""
    away = [
        float(np.hypot(x - home[0], y - home[1])) - 2.0 * weight
        for (x, y), weight in zip(centres, weights, strict=True)
    ]
    return sorted(range(len(away)), key=lambda i: (away[i], i))
