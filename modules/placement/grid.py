"""Cells that can be built on, and spots that do not block anybody's way.

Grids are bool arrays indexed [y, x]; a spot is the position of a structure's centre as the game wants it: whole numbers
for even footprints, halves for odd ones.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

BoolGrid = npt.NDArray[np.bool_]
FloatGrid = npt.NDArray[np.float64]

_EIGHT: Final = np.ones((3, 3), np.int64)


def mark(grid: BoolGrid, x: float, y: float, width: float, height: float | None = None, value: bool = True) -> None:
    """Set the cells of a rectangle round (x, y); sizes in cells, parts outside the grid are cut off."""
    high = width if height is None else height
    left, bottom = round(x - width / 2), round(y - high / 2)
    right, top = left + round(width), bottom + round(high)
    grid[max(0, bottom) : max(0, top), max(0, left) : max(0, right)] = value


def mark_disc(grid: BoolGrid, x: float, y: float, radius: float, value: bool = True) -> None:
    """Set the cells whose centre is within `radius` of (x, y)."""
    height, width = grid.shape
    x0, x1 = max(0, int(x - radius)), min(width, int(x + radius) + 2)
    y0, y1 = max(0, int(y - radius)), min(height, int(y + radius) + 2)
    if x0 >= x1 or y0 >= y1:
        return
    ys, xs = np.ogrid[y0:y1, x0:x1]
    grid[y0:y1, x0:x1][np.hypot(xs + 0.5 - x, ys + 0.5 - y) <= radius] = value


def mark_line(grid: BoolGrid, start: tuple[float, float], end: tuple[float, float], half_width: float) -> None:
    """Set the cells within `half_width` of a line."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    for step in np.linspace(0.0, 1.0, max(2, int(length) + 1)):
        x = start[0] + (end[0] - start[0]) * step
        y = start[1] + (end[1] - start[1]) * step
        mark_disc(grid, x, y, half_width)


def fitting(free: BoolGrid, width: int, height: int | None = None) -> BoolGrid:
    """Where a footprint fits: True at its lower left cell when all its cells are free."""
    high = width if height is None else height
    sums = np.zeros((free.shape[0] + 1, free.shape[1] + 1), np.int64)
    np.cumsum(np.cumsum(free, axis=0, dtype=np.int64), axis=1, out=sums[1:, 1:])
    total = sums[high:, width:] - sums[:-high, width:] - sums[high:, :-width] + sums[:-high, :-width]
    found = np.zeros_like(free)
    found[: total.shape[0], : total.shape[1]] = total == width * high
    return found


def keeps_ways_open(walkable: BoolGrid, left: int, bottom: int, width: int, height: int, reach: int = 4) -> bool:
    """Whether everybody next to a footprint can still walk round it.

    Looks at the cells within `reach` of it: those that were connected before must be connected after.
    """
    y0, y1 = max(0, bottom - reach), min(walkable.shape[0], bottom + height + reach)
    x0, x1 = max(0, left - reach), min(walkable.shape[1], left + width + reach)
    window = walkable[y0:y1, x0:x1]
    after = window.copy()
    after[bottom - y0 : bottom - y0 + height, left - x0 : left - x0 + width] = False
    before_labels, _ = ndimage.label(window)
    after_labels, pieces = ndimage.label(after)
    if pieces <= 1:
        return True
    # Two pieces of what was one piece: the structure would cut a way.
    pairs = np.unique(before_labels[after] * 4096 + after_labels[after])
    olds = pairs // 4096
    _, counts = np.unique(olds, return_counts=True)
    return not bool((counts > 1).any())


def walking_distance(walkable: BoolGrid, x: float, y: float, most: float = 400.0) -> FloatGrid:
    """Cells to walk from (x, y) to every cell, about; inf where nobody gets to.

    A wave over eight neighbours (diagonal steps cost 1.41), good to a few percent.
    """
    height, width = walkable.shape
    index = np.full(walkable.shape, -1, np.int64)
    cells = np.flatnonzero(walkable.ravel())
    index.ravel()[cells] = np.arange(len(cells))
    rows, columns, costs = [], [], []
    for dy, dx, cost in ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 2**0.5), (1, -1, 2**0.5)):
        a = index[: height - dy, max(0, -dx) : width - max(0, dx)]
        b = index[dy:, max(0, dx) : width - max(0, -dx)]
        both = (a >= 0) & (b >= 0)
        rows.append(a[both])
        columns.append(b[both])
        costs.append(np.full(int(both.sum()), cost))
    graph = coo_matrix(
        (np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns))), shape=(len(cells), len(cells))
    ).tocsr()
    found = np.full(walkable.shape, np.inf)
    start = nearest_cell(walkable, x, y)
    if start is None or not len(cells):
        return found
    distance = dijkstra(graph, directed=False, indices=int(index[start]), limit=most)
    found.ravel()[cells] = distance
    return found


def nearest_cell(mask: BoolGrid, x: float, y: float) -> tuple[int, int] | None:
    """(row, column) of the True cell closest to (x, y), None when there is none."""
    ys, xs = np.nonzero(mask)
    if not len(ys):
        return None
    best = int(np.argmin((xs + 0.5 - x) ** 2 + (ys + 0.5 - y) ** 2))
    return int(ys[best]), int(xs[best])


def same_level(height: npt.NDArray[np.uint8], walkable: BoolGrid, x: float, y: float, tolerance: int = 4) -> BoolGrid:
    """Cells of the plateau on which (x, y) lies: connected, and about as high."""
    start = nearest_cell(walkable, x, y)
    if start is None:
        return np.zeros_like(walkable)
    level = int(height[start])
    alike = walkable & (np.abs(height.astype(np.int64) - level) <= tolerance)
    if not alike[start]:
        return alike
    labels, _ = ndimage.label(alike, structure=_EIGHT)
    return np.asarray(labels == labels[start])
