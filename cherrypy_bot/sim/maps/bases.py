"""Putting a standard resource line and its town hall into a room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cherrypy_bot.sim.maps.model import Neutral
from cherrypy_bot.sim.maps.neutrals import FRESH_CONTENTS, footprint_cells
from cherrypy_bot.sim.maps.resource_lines import Line, all_lines
from cherrypy_bot.sim.maps.rooms import Bools, Floats
from cherrypy_bot.sim.maps.terrain import Terrain

BASE_SPACING = 21.0
"""Least distance between two town halls (on ladder maps 5 % are closer)."""

RESOURCE_SPACING = 12.0
"""Least distance between cells of resources of two bases: python-sc2 takes resources up to 10.5 apart for one base."""

_SEARCH = 11
_FACING_COST = 2.5
_OUTWARD_COST = 1.5


@dataclass(frozen=True)
class Base:
    """A town hall centre (x.5, y.5) and the resources round it."""

    x: float
    y: float
    line: Line

    def neutrals(self) -> list[Neutral]:
        """The resources as neutrals, fresh."""
        return [Neutral(r.type_id, self.x + r.dx, self.y + r.dy, FRESH_CONTENTS[r.type_id]) for r in self.line]

    def mirrored(self, width: int, height: int) -> Base:
        """The same base after half a turn of the map."""
        line = tuple(type(r)(r.type_id, -r.dx, -r.dy) for r in self.line)
        return Base(width - self.x, height - self.y, line)


def fit_base(
    terrain: Terrain,
    room: Bools,
    site: tuple[float, float],
    doors: Floats,
    taken: list[Base],
    door_distance: tuple[float, float],
) -> Base | None:
    """The best base near `site` on the flat buildable ground of `room`, or None.

    Good is: resources close to a wall, away from `doors` (`(k, 2)` points `(x, y)`), neither between the town hall
    and its nearest door nor towards the middle of the map; the town hall at a distance within `door_distance` of that
    door and near the site.
    """
    if not len(doors):
        return None  # a room without a way in
    ground = terrain.build & room
    clear = ndimage.distance_transform_edt(ground)
    halls = _halls(clear, site, taken)
    if not len(halls):
        return None
    to_doors = doors[:, None] - halls
    away = np.hypot(to_doors[..., 0], to_doors[..., 1])
    door, closest = away.min(axis=0), to_doors[away.argmin(axis=0), np.arange(len(halls))]
    nearest, farthest = door_distance
    common = 0.15 * np.hypot(*(halls - site).T)
    common += 1.5 * np.maximum(0, nearest - door) + 0.6 * np.maximum(0, door - farthest)
    shape = clear.shape
    inward = np.array((shape[1] / 2, shape[0] / 2)) - halls
    door_field = distance_field(shape, doors)
    other_field = distance_field(shape, np.array([(n.x, n.y) for base in taken for n in base.neutrals()]))
    cell_y, cell_x = np.floor(halls[:, 1]).astype(np.intp), np.floor(halls[:, 0]).astype(np.intp)
    best: tuple[float, Base] | None = None
    for line in all_lines():
        cells = np.concatenate([footprint_cells(r.type_id, 0.5 + r.dx, 0.5 + r.dy) for r in line])
        around = clear[cell_y + cells[:, 0, None], cell_x + cells[:, 1, None]]
        cost = common + around.mean(axis=0) + _FACING_COST * _faces(line, closest)
        cost += _OUTWARD_COST * _faces(line, inward)
        cost[around.min(axis=0) < 2.0] = np.inf
        for r in line:
            spot = cell_y + int(np.floor(0.5 + r.dy)), cell_x + int(np.floor(0.5 + r.dx))
            cost += 0.5 * np.maximum(0, 9.0 - door_field[spot])
            cost[other_field[spot] < RESOURCE_SPACING] = np.inf
        i = int(cost.argmin())
        if np.isfinite(cost[i]) and (best is None or cost[i] < best[0]):
            best = float(cost[i]), Base(float(halls[i, 0]), float(halls[i, 1]), line)
    return None if best is None else best[1]


def _halls(clear: Floats, site: tuple[float, float], taken: list[Base]) -> Floats:
    """Town hall centres near `site` with flat ground around and far from other town halls, `(p, 2)`."""
    height, width = clear.shape
    cx, cy = int(site[0]), int(site[1])
    ys, xs = np.mgrid[cy - _SEARCH : cy + _SEARCH + 1, cx - _SEARCH : cx + _SEARCH + 1]
    inside = (xs > 11) & (ys > 11) & (xs < width - 12) & (ys < height - 12)
    xs, ys = xs[inside], ys[inside]
    roomy = clear[ys, xs] >= 4.5
    halls = np.stack([xs[roomy], ys[roomy]], axis=1) + 0.5
    for base in taken:
        halls = halls[np.hypot(halls[:, 0] - base.x, halls[:, 1] - base.y) >= BASE_SPACING]
    return np.asarray(halls)


def distance_field(shape: tuple[int, ...], points: Floats) -> Floats:
    """Distance of every cell to the nearest of the cells that hold `points`; infinite when there are none."""
    if not len(points):
        return np.full(shape, np.inf)
    empty = np.ones(shape, dtype=np.bool_)
    empty[np.floor(points[:, 1]).astype(np.intp), np.floor(points[:, 0]).astype(np.intp)] = False
    return np.asarray(ndimage.distance_transform_edt(empty))


def _faces(line: Line, way: Floats) -> Floats:
    """Cosine between the way to the resources and the ways `(p, 2)`: 1 when the line stands in the door."""
    mx, my = sum(r.dx for r in line), sum(r.dy for r in line)
    length = np.hypot(mx, my) * np.hypot(way[:, 0], way[:, 1])
    return np.asarray((mx * way[:, 0] + my * way[:, 1]) / np.maximum(length, 1e-6))
