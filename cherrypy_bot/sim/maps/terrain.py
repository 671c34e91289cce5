"""From a plan of rooms to grids: what is walkable, buildable and how high."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cherrypy_bot.sim.maps import rooms
from cherrypy_bot.sim.maps.ramps import LEVEL, Ramp, stencil
from cherrypy_bot.sim.maps.rooms import CHOKE, OPEN, Bools, Floats, Ints, Plan

LOW_GROUND = 191
"""Height byte of level 0 on ladder maps (z 7.97); naturals are one level up, mains two."""

CHASM = 127
"""Height byte of the void round and between the rooms (z about 0)."""

_FORCED_APRON = 5
_SLIVER_WALL = 1.9


@dataclass(frozen=True)
class Terrain:
    """Grids `[y, x]` of a map in the making."""

    walk: Bools
    ramp: Bools
    height: Ints

    @property
    def build(self) -> Bools:
        """Where structures may stand."""
        return np.asarray(self.walk & ~self.ramp)


def claim(plan: Plan, ramp: Ramp, high: int, low: int) -> None:
    """Give the cells round a ramp to its two rooms, so that their border runs across it."""
    cells = stencil(ramp)
    labels = plan.labels
    for (ys, xs), room in ((cells.upper, high), (cells.lower, low)):
        mine = np.isin(labels[ys, xs], (high, low))
        labels[ys[mine], xs[mine]] = room
    for ys, xs in (cells.ramp, cells.cliff):
        uphill = ramp.sx * (xs - ramp.x) + ramp.sy * (ys - ramp.y) > 0
        labels[ys[uphill], xs[uphill]] = high
        labels[ys[~uphill], xs[~uphill]] = low


def build(
    rng: np.random.Generator, plan: Plan, ramps: list[Ramp], playable: tuple[int, int, int, int]
) -> Terrain:
    """Raise the terrain of a plan whose ramps have been claimed."""
    labels = plan.labels
    shape = labels.shape
    inside = labels >= 0
    near = {room: ndimage.distance_transform_edt(labels != room) for room in range(len(plan.levels))}
    level = np.array([*plan.levels, 0])[labels]
    height = np.where(inside, LOW_GROUND + LEVEL * level, CHASM).astype(np.int32)
    blocked = ~inside
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5

    for a in range(len(plan.levels)):
        for b in range(a + 1, len(plan.levels)):
            border = np.where(labels == a, near[b], np.where(labels == b, near[a], np.inf))
            if border.min() > 4:
                continue
            seam = plan.seams.get((a, b))
            if seam is not None and seam.kind == OPEN:
                continue
            wall = border <= (seam.thickness if seam else _SLIVER_WALL)
            if seam is not None and seam.kind == CHOKE:
                for x, y in _gates(plan, seam):
                    wall &= np.hypot(xs - x, ys - y) > seam.gap / 2
            blocked |= wall
            if plan.levels[a] == plan.levels[b]:
                ridge = seam is None or seam.ridge
                top = LOW_GROUND + LEVEL * min(plan.levels[a] + 1, 2)
                height[wall] = top if ridge and plan.levels[a] < 2 else CHASM

    edge = _edge_distance(shape, playable)
    noise = rooms.smooth_noise(rng, shape, 4.0)
    rim = np.maximum(1.5, 3.0 + 1.2 * (noise + rooms.half_turn(noise)))
    void = edge < rim
    blocked |= void
    height[void] = CHASM

    disk = np.hypot(*np.mgrid[-2:3, -2:3]) <= 2.3
    walk = ndimage.binary_opening(~blocked, disk)
    ramp_mask = np.zeros(shape, dtype=np.bool_)
    for ramp in ramps:
        cells = stencil(ramp, _FORCED_APRON)
        low = LOW_GROUND + LEVEL * ramp.low
        walk[cells.cliff] = False
        for part, value in ((cells.lower, low), (cells.upper, low + LEVEL)):
            mine = edge[part] >= 1
            spot = part[0][mine], part[1][mine]
            walk[spot] = True
            height[spot] = value
        walk[cells.ramp] = True
        ramp_mask[cells.ramp] = True
        height[cells.ramp] = low + cells.rise
    return Terrain(walk, ramp_mask, height)


def _gates(plan: Plan, seam: rooms.Seam) -> list[tuple[float, float]]:
    """Centres of a choke's opening: one, or two when the seam is its own twin and the gap lies off the middle."""
    x, y = rooms.middle_of(seam.points)
    if plan.twin((seam.a, seam.b)) != (seam.a, seam.b):
        if (seam.a, seam.b) > plan.twin((seam.a, seam.b)):
            other = plan.seams[plan.twin((seam.a, seam.b))]
            mx, my = rooms.middle_of(other.points)
            return [(plan.labels.shape[1] - mx, plan.labels.shape[0] - my)]
        return [(x, y)]
    return [(x, y), (plan.labels.shape[1] - x, plan.labels.shape[0] - y)]


def _edge_distance(shape: tuple[int, ...], playable: tuple[int, int, int, int]) -> Floats:
    """Distance of every cell to the nearest side of the playable area, rounded at the corners; <= 0 outside."""
    x0, y0, x1, y1 = playable
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    dx = np.minimum(xs - x0, x1 - xs)
    dy = np.minimum(ys - y0, y1 - ys)
    radius = 14.0
    corner = radius - np.hypot(np.maximum(radius - dx, 0), np.maximum(radius - dy, 0))
    return np.where((dx < radius) & (dy < radius), np.minimum(corner, np.minimum(dx, dy)), np.minimum(dx, dy))


def symmetric(grid: np.ndarray) -> np.ndarray:
    """The grid with its upper half replaced by the half turn of its lower half."""
    flat = grid.reshape(-1).copy()
    half = flat.size // 2
    flat[flat.size - half :] = flat[:half][::-1]
    return flat.reshape(grid.shape)


def connected_to(walk: Bools, x: float, y: float) -> Bools:
    """Cells that can be walked to from `(x, y)`."""
    parts, _ = ndimage.label(walk)
    part = parts[int(y), int(x)]
    return np.asarray((parts == part) & walk) if part else np.zeros_like(walk)
