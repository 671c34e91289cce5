"""A wall in front of the natural: where Gateway, Cybernetics Core and pylon leave a gap that big units just pass.

Found from the grids alone: the narrowest ring round the natural that parts it from the enemy is the choke, and
structures are added one by one where they make the widest way through it narrowest. Pure functions; grids are bool
arrays indexed [y, x].
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sc2.position import Point2
from scipy import ndimage

from modules.keys import Wall
from modules.placement.bases import find_bases
from modules.placement.grid import BoolGrid, fitting, mark, mark_disc, nearest_cell, walking_distance
from modules.placement.spots import keep_free

RINGS_CELLS: Final = (6, 17)
"""The choke is looked for so far from the natural's townhall, to walk."""
RING_WIDTH_CELLS: Final = 1.6
WIDEST_CHOKE_CELLS: Final = 16
"""Across more than that three structures make no wall."""
LEAST_GAP_CELLS: Final = 2
"""Immortals and archons are two cells wide."""
WIDEST_GAP_CELLS: Final = 3
SPOT_CELLS: Final = 4.0
"""Structures of the wall stand so near to the choke."""
PYLON_REACH_CELLS: Final = 6.0
WINDOW_CELLS: Final = 24
ENEMY_CELLS: Final = 14
"""Units start so near to the enemy's townhall."""


def find_wall(bot: Any) -> Wall | None:
    """The wall at the natural of a player, from what the game says of the map; takes about a tenth of a second."""
    info = bot.game_info
    buildable = info.placement_grid.data_numpy != 0
    walkable = (info.pathing_grid.data_numpy != 0) | buildable
    bases = find_bases(bot, walkable)
    enemies = list(bot.enemy_start_locations)
    if len(bases) < 2 or not enemies:
        return None
    for patch in bot.mineral_field:
        mark(walkable, patch.position[0], patch.position[1], 2, 1, value=False)
    for geyser in bot.vespene_geyser:
        mark(walkable, geyser.position[0], geyser.position[1], 3, value=False)
    free = buildable & ~keep_free(buildable.shape, bases, ())
    return natural_wall(walkable, free, bases[1].position, bases[0].position, enemies[0])


def natural_wall(walkable: BoolGrid, free: BoolGrid, natural: Point2, home: Point2, enemy: Point2) -> Wall | None:
    """The wall, None where the natural has no choke that three structures close.

    Args:
        walkable: of the map with resources in it, nothing built. free: cells that structures may use.
        natural, home, enemy: centres of townhalls.
    """
    ground = walkable.copy()
    mark(ground, natural[0], natural[1], 5, value=False)
    choke = _choke(ground, natural, home, enemy)
    if choke is None:
        return None
    middle = choke.mean(axis=0)
    y0, x0 = (max(0, int(c) - WINDOW_CELLS) for c in (middle[0], middle[1]))
    window = (slice(y0, y0 + 2 * WINDOW_CELLS), slice(x0, x0 + 2 * WINDOW_CELLS))
    scene = _Scene(ground[window], free[window], choke - (y0, x0), np.array([natural[1] - y0, natural[0] - x0]))
    wall = scene.solve(x0, y0)
    return None if wall is None or _leaks(ground, wall, natural, enemy) else wall


def _leaks(ground: BoolGrid, wall: Wall, natural: Point2, enemy: Point2) -> bool:
    """Whether something wider than the gap gets from the enemy to the natural by another way."""
    closed = ground.copy()
    for spot, size in ((wall.gateway, 3), (wall.core, 3), (wall.pylon, 2)):
        mark(closed, spot[0], spot[1], size, value=False)
    fits = fitting(closed, wall.gap + 1)
    labels, _ = ndimage.label(fits)
    sides = []
    for place, radius in ((natural, RINGS_CELLS[0]), (enemy, ENEMY_CELLS)):
        disc = np.zeros_like(fits)
        mark_disc(disc, place[0], place[1], radius)
        sides.append(np.unique(labels[fits & disc]))
    return bool(np.isin(sides[0], sides[1]).any())


def _choke(ground: BoolGrid, natural: Point2, home: Point2, enemy: Point2) -> npt.NDArray[np.int64] | None:
    """Cells [y, x] of the narrowest ring that parts natural and main from the enemy."""
    away = walking_distance(ground, natural[0], natural[1] - 3.5, most=RINGS_CELLS[1] + 4.0)
    best: npt.NDArray[np.int64] | None = None
    for inner in range(*RINGS_CELLS):
        outer = inner + RING_WIDTH_CELLS
        labels, _ = ndimage.label(ground & ~(away < outer))
        there, ours = (nearest_cell(labels > 0, p[0], p[1]) for p in (enemy, home))
        if there is None or ours is None or labels[there] == labels[ours]:
            continue
        ring = (away >= inner) & (away < outer)
        pieces, count = ndimage.label(ring, structure=np.ones((3, 3), np.int64))
        beyond = ndimage.binary_dilation(labels == labels[there], structure=np.ones((3, 3), np.bool_))
        touching = [n for n in range(1, count + 1) if (beyond & (pieces == n)).any()]
        if len(touching) != 1:
            continue
        cells = np.argwhere(pieces == touching[0])
        if np.ptp(cells, axis=0).max() <= WIDEST_CHOKE_CELLS and (best is None or len(cells) < len(best)):
            best = cells
    return best


class _Scene:
    """The neighbourhood of a choke, in coordinates of its own."""

    def __init__(
        self,
        ground: BoolGrid,
        free: BoolGrid,
        choke: npt.NDArray[np.int64],
        natural: npt.NDArray[np.float64],
    ) -> None:
        self._ground = ground
        self._free = free
        self._choke = choke + 0.5
        self._natural = natural
        inside, outside = self._sides(choke)
        self._parted = inside is not None and outside is not None
        nothing = np.zeros_like(ground)
        self._inside: BoolGrid = nothing if inside is None else inside
        self._outside: BoolGrid = nothing if outside is None else outside

    def solve(self, left: int, bottom: int) -> Wall | None:
        """The wall in the map's coordinates; the window begins at (left, bottom)."""
        if not self._parted:
            return None
        ground, free, spots, gap = self._ground.copy(), self._free.copy(), [], 0
        for size in (3, 3):
            found = self._narrowest(ground, free, size, near=None)
            if found is None:
                return None
            gap, spot = found
            spots.append(spot)
            _put(ground, free, spot, size)
        reach = np.array(spots)
        found = self._narrowest(ground, free, 2, near=reach) if gap > WIDEST_GAP_CELLS else None
        if found is not None and found[0] < gap:
            gap, pylon = found
        else:
            behind = self._behind(free, reach)
            if behind is None:
                return None
            pylon = behind
        if gap > WIDEST_GAP_CELLS:
            return None
        gateway, core, pylon_at = (Point2((s[1] + left, s[0] + bottom)) for s in (*spots, pylon))
        return Wall(gateway, core, pylon_at, gap)

    def _sides(self, choke: npt.NDArray[np.int64]) -> tuple[BoolGrid | None, BoolGrid | None]:
        """Cells of the natural's side and of the other, when the choke is closed."""
        closed = self._ground.copy()
        closed[choke[:, 0], choke[:, 1]] = False
        labels, _ = ndimage.label(closed)
        inside = nearest_cell(labels > 0, self._natural[1], self._natural[0] - 3.5)
        if inside is None:
            return None, None
        inner = labels == labels[inside]
        near = ndimage.binary_dilation(~inner & (labels > 0), iterations=2)
        touching = np.zeros_like(closed)
        touching[choke[:, 0], choke[:, 1]] = True
        outer_ids = np.unique(labels[ndimage.binary_dilation(touching, iterations=2) & near & (labels > 0) & ~inner])
        outer = np.isin(labels, outer_ids)
        return inner, outer if outer.any() else None

    def _gap(self, ground: BoolGrid, most: int) -> int:
        """Side of the biggest square that gets through, up to `most`; 0 when nothing does."""
        for size in range(1, most + 1):
            fits = fitting(ground, size)
            labels, _ = ndimage.label(fits)
            inner, outer = np.unique(labels[fits & self._inside]), np.unique(labels[fits & self._outside])
            if not len(np.intersect1d(inner, outer)):
                return size - 1
        return most

    def _narrowest(
        self, ground: BoolGrid, free: BoolGrid, size: int, near: npt.NDArray[np.float64] | None
    ) -> tuple[int, tuple[float, float]] | None:
        """The spot [y, x] at which a structure leaves the narrowest gap that is wide enough, and the gap."""
        corners = np.argwhere(fitting(free, size))
        if not len(corners):
            return None
        centres = corners + size / 2
        away = np.min(np.linalg.norm(centres[:, None] - self._choke[None], axis=2), axis=1)
        allowed = away <= SPOT_CELLS
        if near is not None:
            allowed &= (np.linalg.norm(centres[:, None] - near[None], axis=2) <= PYLON_REACH_CELLS).all(axis=1)
        best: tuple[int, float, tuple[float, float]] | None = None
        for index in np.flatnonzero(allowed).tolist():
            tried = ground.copy()
            y, x = corners[index]
            tried[y : y + size, x : x + size] = False
            gap = self._gap(tried, WIDEST_CHOKE_CELLS if best is None else best[0] + 1)
            if gap < LEAST_GAP_CELLS:
                continue
            spot = (float(centres[index][0]), float(centres[index][1]))
            if best is None or (gap, float(away[index])) < best[:2]:
                best = (gap, float(away[index]), spot)
        return (best[0], best[2]) if best is not None else None

    def _behind(self, free: BoolGrid, near: npt.NDArray[np.float64]) -> tuple[float, float] | None:
        """A spot for the pylon on the natural's side with both structures in its field."""
        corners = np.argwhere(fitting(free & self._inside, 2))
        if not len(corners):
            return None
        centres = corners + 1.0
        reach = np.linalg.norm(centres[:, None] - near[None], axis=2).max(axis=1)
        reach[reach > PYLON_REACH_CELLS] = np.inf
        score = reach + 0.3 * np.linalg.norm(centres - self._natural, axis=1)
        index = int(np.argmin(score))
        return (float(centres[index][0]), float(centres[index][1])) if np.isfinite(score[index]) else None


def _put(ground: BoolGrid, free: BoolGrid, spot: tuple[float, float], size: int) -> None:
    for grid in (ground, free):
        mark(grid, spot[1], spot[0], size, value=False)
