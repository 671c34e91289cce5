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

_SEARCH = 11


@dataclass(frozen=True)
class Base:
    """A town hall centre (x.5, y.5) and the resources round it."""

    x: float
    y: float
    line: Line

    def neutrals(self) -> list[Neutral]:
        """The resources as neutrals, fresh."""
        return [
            Neutral(r.type_id, self.x + r.dx, self.y + r.dy, FRESH_CONTENTS[r.type_id]) for r in self.line
        ]

    def resource_centre(self) -> tuple[float, float]:
        """Mean position of the resources."""
        return (
            self.x + float(np.mean([r.dx for r in self.line])),
            self.y + float(np.mean([r.dy for r in self.line])),
        )

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

    Good is: resources close to a wall and away from `doors` (`(k, 2)` points `(x, y)`), the town hall at a distance
    within `door_distance` of the nearest door, and near the site.
    """
    ground = terrain.build & room
    clear = ndimage.distance_transform_edt(ground)
    height, width = ground.shape
    cx, cy = int(site[0]), int(site[1])
    ys, xs = np.mgrid[cy - _SEARCH : cy + _SEARCH + 1, cx - _SEARCH : cx + _SEARCH + 1]
    fits = (xs > 11) & (ys > 11) & (xs < width - 12) & (ys < height - 12)
    xs, ys = xs[fits], ys[fits]
    hall = clear[ys, xs] >= 4.5
    xs, ys = xs[hall], ys[hall]
    for base in taken:
        far = np.hypot(xs + 0.5 - base.x, ys + 0.5 - base.y) >= BASE_SPACING
        xs, ys = xs[far], ys[far]
    if not len(xs):
        return None
    door = (
        np.hypot(doors[:, 0, None] - xs - 0.5, doors[:, 1, None] - ys - 0.5).min(axis=0)
        if len(doors)
        else 99.0
    )
    nearest, farthest = door_distance
    common = 0.15 * np.hypot(xs + 0.5 - site[0], ys + 0.5 - site[1])
    common = common + 1.5 * np.maximum(0, nearest - door) + 0.6 * np.maximum(0, door - farthest)
    best: tuple[float, Base] | None = None
    for line in all_lines():
        cells = np.concatenate([footprint_cells(r.type_id, 0.5 + r.dx, 0.5 + r.dy) for r in line])
        around = clear[ys[None] + cells[:, 0, None], xs[None] + cells[:, 1, None]]
        cost = common + around.mean(axis=0)
        cost = np.where(around.min(axis=0) < 2.0, np.inf, cost)
        if len(doors):
            for r in line:
                gap = np.hypot(doors[:, 0, None] - xs - 0.5 - r.dx, doors[:, 1, None] - ys - 0.5 - r.dy).min(
                    axis=0
                )
                cost = cost + 0.5 * np.maximum(0, 9.0 - gap)
        i = int(cost.argmin())
        if not np.isfinite(cost[i]):
            continue
        base = Base(float(xs[i]) + 0.5, float(ys[i]) + 0.5, line)
        mx, my = base.resource_centre()
        if any(np.hypot(mx - ox, my - oy) < 13.0 for ox, oy in (b.resource_centre() for b in taken)):
            continue
        if best is None or cost[i] < best[0]:
            best = float(cost[i]), base
    return None if best is None else best[1]
