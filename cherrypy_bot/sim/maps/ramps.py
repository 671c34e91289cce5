"""The diagonal ladder ramp as a stencil.

Measured on the captured ladder maps: nearly every ramp climbs along a diagonal over nine diagonals of cells, rises
two height bytes per diagonal and one level (16) in all, and comes in widths 1, 2, 3...: 16, 34, 52, 70... cells.
Width 1 is the main ramp (two upper points, three lower ones), which python-sc2's wall positions rely on.

In coordinates turned by 45 degrees, `u` counts diagonals uphill (0 where the ramp begins to rise) and `v` counts
across:

    ramp cells      -1 <= u <= 7 with |v| <= 2 w - 1, and the two cells u = 6, |v| = 2 w
    height          low + 2 max(u, 0)
    below           u <= -2, and beside the foot
    above           u >= 8, and u = 7 beside the ramp
    cliffs          0 <= u <= 6 beside the ramp
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEVEL = 16
"""Height bytes between two neighbouring levels (two cells of world height)."""

APRON = 9
"""Diagonals of flat ground that a stencil claims above and below the ramp."""

IntGrid = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Ramp:
    """A ramp whose cell `u = 3, v = 0 or 1` is at `(x, y)`; it climbs towards `(sx, sy)`, each 1 or -1.

    `width` counts as in the module's text, `low` is the level at its foot (0 or 1).
    """

    x: int
    y: int
    sx: int
    sy: int
    width: int
    low: int

    def mirrored(self, grid_width: int, grid_height: int) -> Ramp:
        """The same ramp after half a turn of the map."""
        return Ramp(grid_width - 1 - self.x, grid_height - 1 - self.y, -self.sx, -self.sy, self.width, self.low)


@dataclass(frozen=True)
class Stencil:
    """Cells of a ramp's surroundings, each a pair of index arrays `(ys, xs)` already on the grid."""

    ramp: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
    rise: npt.NDArray[np.intp]
    upper: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
    lower: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
    cliff: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def stencil(ramp: Ramp, apron: int = APRON) -> Stencil:
    """The cells that a ramp sets, with `apron` diagonals of flat ground above and below it.

    `rise` is the height above the low ground of each ramp cell.
    """
    reach = 2 * ramp.width + apron + 12
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along, across = ramp.sx * dx, ramp.sy * dy
    u = along + across + 3
    # the parity of v follows that of u, so that v = 0 runs up the middle of even diagonals
    v = along - across + 1
    side = np.abs(v)
    w = 2 * ramp.width
    body = (u >= -1) & (u <= 7) & (side <= w - 1)
    body |= (u == 6) & (side == w)
    near = side <= w + 4
    upper = near & (u <= 8 + apron) & ((u >= 8) | ((u == 7) & ~body))
    lower = near & (u >= -2 - apron) & ((u <= -2) | ((u == -1) & ~body))
    cliff = near & (u >= 0) & (u <= 6) & ~body

    def cells(mask: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        ys, xs = np.nonzero(mask)
        return ys - reach + ramp.y, xs - reach + ramp.x

    rise = 2 * np.maximum(u[body], 0)
    return Stencil(cells(body), rise.astype(np.intp), cells(upper), cells(lower), cells(cliff))
