"""What cliffs and ramps leave walkable and buildable.

The ground is made of blocks of 2 x 2 cells, each cell belonging to a corner of its block. The rules were read off
21,000 blocks of five ladder maps whose pathing the game itself reported; they give it back without exception.
Tables and names below take a block turned so that its cells read

    c d        a: the highest, or the odd one out
    a b
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.maps.sc2map_layers import CLIFF, RAMP, Layers

Bools = npt.NDArray[np.bool_]
Corners = npt.NDArray[np.int32]

_RAMP_SIDES: dict[tuple[int, int, int, int], tuple[int, int, int, int]] = {
    # levels of a, b, c, d above c, in 64ths -> walkable or not. Where a ramp meets the wall at its side:
    (24, 16, 0, 8): (0, 1, 0, 0),  # diagonal ramp, lower half
    (64, 48, 0, 40): (1, 1, 0, 0),  # diagonal ramp, upper half
    (24, 8, 0, 0): (1, 1, 0, 0),  # straight ramp, lower half
    (64, 40, 0, 0): (1, 1, 0, 0),  # straight ramp, upper half
}
_FLAT = 0.1
"""Ramps rise a quarter of a cell or more from vertex to vertex."""


def walkable(layers: Layers) -> Bools:
    """Cells `[y, x]` that can be walked on as far as cliffs, paint and the playable area allow."""
    corners = _corners(layers.vertex_level)
    free = corners > 0
    cliffs = (layers.blocks == CLIFF) | ((layers.blocks != RAMP) & (corners.min(axis=0) != corners.max(axis=0)))
    free[:, cliffs] &= _beside_cliffs(corners[:, cliffs])
    levels = _cells(layers.cell_level)
    heights = _corners(layers.cliff_z)
    for by, bx in np.argwhere(layers.blocks == RAMP):
        free[:, by, bx] = _on_ramp(levels[:, by, bx], corners[:, by, bx], heights[:, by, bx])
    grid = _spread(free) & ~layers.painted
    x0, y0, x1, y1 = layers.playable
    inside = np.zeros_like(grid)
    inside[y0:y1, x0:x1] = True
    return grid & inside


def slopes(layers: Layers) -> Bools:
    """Cells of ramps that are not level: walkable, not buildable."""
    z = layers.cliff_z
    vertices = np.stack([z[:-1, :-1], z[:-1, 1:], z[1:, :-1], z[1:, 1:]])
    sloped = vertices.max(axis=0) - vertices.min(axis=0) > _FLAT
    ramps = np.repeat(np.repeat(layers.blocks == RAMP, 2, axis=0), 2, axis=1)
    return np.asarray(sloped & ramps)


def cell_levels(layers: Layers) -> Corners:
    """Cliff level of every cell: that of its corner of its block."""
    return _spread(_corners(layers.vertex_level))


def _corners(vertices: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Values at the four corners of every block, `[corner, y, x]`: bottom left, bottom right, top left, top right."""
    return np.stack([vertices[:-1:2, :-1:2], vertices[:-1:2, 2::2], vertices[2::2, :-1:2], vertices[2::2, 2::2]])


def _spread(corners: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A grid of cells from the values of the corners of all blocks."""
    _, blocks_y, blocks_x = corners.shape
    grid = np.zeros((2 * blocks_y, 2 * blocks_x), dtype=corners.dtype)
    grid[0::2, 0::2], grid[0::2, 1::2], grid[1::2, 0::2], grid[1::2, 1::2] = corners
    return grid


def _cells(grid: Corners) -> Corners:
    return np.stack([grid[0::2, 0::2], grid[0::2, 1::2], grid[1::2, 0::2], grid[1::2, 1::2]])


def _beside_cliffs(levels: Corners) -> Bools:
    """Walkable cells of cliff blocks, `(4, n)`, from the levels of their corners.

    Three high corners, or two beside each other, stay free and the rest is wall. A single high corner is wall with
    both its neighbours; the cell across is free where one of these lies on its level. Other shapes are all wall.
    """
    top = levels == levels.max(axis=0)
    count = top.sum(axis=0)
    diagonal = top[0] == top[3]
    free = np.where((count >= 3) | ((count == 2) & ~diagonal), top, False)
    for high in range(4):
        across = 3 - high
        sides = [corner for corner in range(4) if corner not in (high, across)]
        level_ground = (levels[sides[0]] == levels[across]) | (levels[sides[1]] == levels[across])
        free[across] |= (count == 1) & top[high] & level_ground
    return np.asarray(free)


def _on_ramp(levels: Corners, corners: Corners, heights: npt.NDArray[np.float64]) -> tuple[bool, bool, bool, bool]:
    """Walkable cells of one ramp block."""
    if len(set(levels.tolist())) == 1 and len(set(corners.tolist())) == 1:
        # the foot of the wall beside the ramp: the corner at the ramp is raised, the cell across stays free
        raised = np.abs(heights - np.median(heights)) > _FLAT
        across = 3 - int(raised.argmax())
        return (across == 0, across == 1, across == 2, across == 3) if raised.any() else (True,) * 4
    for turn in _TURNS:
        a, b, c, d = (int(levels[i]) for i in turn)
        free = _RAMP_SIDES.get((a - c, b - c, 0, d - c))
        if free is not None:
            out = [False] * 4
            for cell, is_free in zip(turn, free, strict=True):
                out[cell] = bool(is_free)
            return out[0], out[1], out[2], out[3]
    return True, True, True, True


_TURNS = tuple((a, b, c, 6 - a - b - c) for a in range(4) for c in (a ^ 1, a ^ 2) for b in (a ^ 3 ^ (a ^ c),))
"""The eight ways to turn and mirror a block, as the cells that become a, b, c and d."""
