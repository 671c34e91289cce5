"""From a plan of rooms to grids: what is walkable, buildable and how high."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cherrypy_bot.sim.maps import rooms
from cherrypy_bot.sim.maps.ramps import LEVEL, Ramp, stencil
from cherrypy_bot.sim.maps.rooms import CHOKE, OPEN, ROCKS, Bools, Floats, Ints, Plan

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
    cover: Bools
    """Vision blockers: flat ground that can be walked on, not seen through and not built on."""

    @property
    def build(self) -> Bools:
        """Where structures may stand."""
        return np.asarray(self.walk & ~self.ramp & ~self.cover)


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


def build(rng: np.random.Generator, plan: Plan, ramps: list[Ramp], playable: tuple[int, int, int, int]) -> Terrain:
    """Raise the terrain of a plan whose ramps have been claimed."""
    labels = plan.labels
    shape = labels.shape
    inside = labels >= 0
    near = {room: ndimage.distance_transform_edt(labels != room) for room in range(len(plan.levels))}
    level = np.array([*plan.levels, 0])[labels]
    height_of_room = np.where(inside, LOW_GROUND + LEVEL * level, CHASM).astype(np.int32)
    height = height_of_room.copy()
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
            if seam is not None and seam.kind in (CHOKE, ROCKS):
                for x, y in gates(plan, seam):
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

    blocked |= _junctions(rng, plan)
    walk = _opened(~blocked, 3.3)
    ramp_mask = np.zeros(shape, dtype=np.bool_)
    for ramp in ramps:
        cells = stencil(ramp, _FORCED_APRON)
        low = LOW_GROUND + LEVEL * ramp.low
        walk[cells.cliff] = False
        for part, value in ((cells.lower, low), (cells.upper, low + LEVEL)):
            # an apron must not spill into a third room, which may lie on another level
            mine = (edge[part] >= 1) & (height_of_room[part] == value)
            spot = part[0][mine], part[1][mine]
            walk[spot] = True
            height[spot] = value
        walk[cells.ramp] = True
        ramp_mask[cells.ramp] = True
        height[cells.ramp] = low + cells.rise
    return Terrain(walk, ramp_mask, height, np.zeros_like(walk))


def _opened(walk: Bools, radius: float) -> Bools:
    """What a disc of `radius` can sweep inside `walk`: rounds corners and closes cracks."""
    reach = int(radius)
    disk = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1]) <= radius
    return np.asarray(ndimage.binary_opening(walk, disk))


def _junctions(rng: np.random.Generator, plan: Plan) -> Bools:
    """Rock where three rooms meet, away from gates; the pillars and bulges that break up open ground."""
    labels = plan.labels
    height, width = labels.shape
    rock = np.zeros_like(labels, dtype=np.bool_)
    doors = [g for seam in plan.seams.values() if seam.kind in (CHOKE, ROCKS) for g in gates(plan, seam)]
    ys, xs = np.mgrid[0:height, 0:width] + 0.5
    for y in range(1, height // 2 + 1):
        for x in range(1, width):
            here = set(labels[y - 1 : y + 1, x - 1 : x + 1].ravel().tolist())
            if len(here) < 3 or -1 in here:
                continue
            radius = float(rng.uniform(2.5, 5.0))
            squeeze = float(rng.uniform(0.7, 1.4))
            turn = float(rng.uniform(0, np.pi))
            if any(np.hypot(gx - x, gy - y) < radius + 7 for gx, gy in doors):
                continue
            for cx, cy in ((x, y), (width - x, height - y)):
                dx, dy = xs - cx, ys - cy
                along = (dx * np.cos(turn) + dy * np.sin(turn)) * squeeze
                across = (dy * np.cos(turn) - dx * np.sin(turn)) / squeeze
                rock |= np.hypot(along, across) <= radius
    return rock


def gates(plan: Plan, seam: rooms.Seam) -> list[tuple[float, float]]:
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
