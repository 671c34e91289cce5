"""What makes open ground interesting: pillars, vision blockers, towers and rocks, always in symmetric pairs."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from cherrypy_bot.sim.maps import terrain
from cherrypy_bot.sim.maps.analysis import ground_distances
from cherrypy_bot.sim.maps.bases import Base, distance_field
from cherrypy_bot.sim.maps.model import Neutral
from cherrypy_bot.sim.maps.neutrals import ROCK_6X6, TOWER, footprint_cells
from cherrypy_bot.sim.maps.ramps import LEVEL, Ramp, stencil
from cherrypy_bot.sim.maps.rooms import ROCKS, Bools, Floats, Plan
from cherrypy_bot.sim.maps.terrain import CHASM, Terrain

WIDEST_OPEN = 9.5
"""Open ground farther than this from every wall, base and ramp gets a pillar or a vision blocker."""

_MOST_PAIRS = 5
_BASE_KEEP_OUT = 8.5
_RESOURCE_KEEP_OUT = 4.0
_RAMP_KEEP_OUT = 7.0


def decorate(
    rng: np.random.Generator, plan: Plan, land: Terrain, bases: list[Base], ramps: list[Ramp]
) -> tuple[Terrain, list[Neutral]]:
    """The terrain with its features, and the neutrals among them (towers, rocks)."""
    walk, cover, height = land.walk.copy(), land.cover.copy(), land.height.copy()
    # mains stay free for building
    free = _free_ground(land, bases, ramps) & (~np.isin(plan.labels, (0, plan.n)))
    for _ in range(_MOST_PAIRS):
        room_left = ndimage.distance_transform_edt(free)
        spot = _roomiest(rng, room_left)
        if spot is None:
            break
        x, y = spot
        if rng.random() < 0.55:
            shape = _blob(rng, walk.shape, x, y)
            walk &= ~shape
            level = int(height[y, x])
            height[shape] = min(level + LEVEL, terrain.LOW_GROUND + 2 * LEVEL) if rng.random() < 0.7 else CHASM
        else:
            shape = _strip(rng, walk.shape, x, y) & walk
            cover |= shape
        free &= ndimage.distance_transform_edt(~shape) > 1.0
    land = Terrain(walk, land.ramp, height, cover & walk)
    extras = _rocks(plan, land, bases)
    extras += _towers(land, bases, _free_ground(land, bases, ramps))
    return land, extras


def _free_ground(land: Terrain, bases: list[Base], ramps: list[Ramp]) -> Bools:
    """Flat open ground that no base, ramp or its approach needs."""
    free = land.build.copy()
    halls = np.array([(base.x, base.y) for base in bases])
    resources = np.array([(n.x, n.y) for base in bases for n in base.neutrals()])
    free &= distance_field(free.shape, halls) > _BASE_KEEP_OUT
    free &= distance_field(free.shape, resources) > _RESOURCE_KEEP_OUT
    if ramps:
        slope = np.zeros_like(free)
        for ramp in ramps:
            slope[stencil(ramp).ramp] = True
        free &= ndimage.distance_transform_edt(~slope) > _RAMP_KEEP_OUT
    return np.asarray(free)


def _roomiest(rng: np.random.Generator, room_left: Floats) -> tuple[int, int] | None:
    """One of the cells with the most open ground around, none if all is narrow. Never on the line of symmetry."""
    ys, xs = np.nonzero(room_left[: room_left.shape[0] // 2 - 5] >= WIDEST_OPEN * 0.6)
    if not len(ys):
        return None
    best = room_left[ys, xs]
    if best.max() < WIDEST_OPEN * 0.6:
        return None
    choice = rng.choice(np.flatnonzero(best >= best.max() - 1.0))
    return int(xs[choice]), int(ys[choice])


def _pair(mask: Bools) -> Bools:
    """A mask together with its half turn."""
    return np.asarray(mask | mask[::-1, ::-1])


def _blob(rng: np.random.Generator, shape: tuple[int, ...], x: int, y: int) -> Bools:
    """A rounded rock of 3 to 8 cells and its twin."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    turn, squeeze = rng.uniform(0, np.pi), rng.uniform(1.0, 1.6)
    along = ((xs - x) * np.cos(turn) + (ys - y) * np.sin(turn)) / squeeze
    across = (ys - y) * np.cos(turn) - (xs - x) * np.sin(turn)
    return _pair(np.asarray(np.hypot(along, across) <= rng.uniform(1.8, 3.0)))


def _strip(rng: np.random.Generator, shape: tuple[int, ...], x: int, y: int) -> Bools:
    """A strip of vision blockers two cells thick and its twin."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    turn = rng.choice(4) * np.pi / 4
    along = (xs - x) * np.cos(turn) + (ys - y) * np.sin(turn)
    across = (ys - y) * np.cos(turn) - (xs - x) * np.sin(turn)
    return _pair(np.asarray((np.abs(along) <= rng.uniform(3.5, 5.5)) & (np.abs(across) <= 1.0)))


def _rocks(plan: Plan, land: Terrain, bases: list[Base]) -> list[Neutral]:
    """Rocks in the gates that the plan blocks with them, where they do not crowd a base."""
    found: list[Neutral] = []
    resources = np.array([(n.x, n.y) for base in bases for n in base.neutrals()])
    far = distance_field(land.walk.shape, resources) > _RESOURCE_KEEP_OUT + 2
    height, width = land.walk.shape
    for key in sorted(k for k, seam in plan.seams.items() if seam.kind == ROCKS and k <= plan.twin(k)):
        x, y = terrain.gates(plan, plan.seams[key])[0]
        x, y = float(round(x)), float(round(y))
        for rock in (Neutral(ROCK_6X6, x, y, 0), Neutral(ROCK_6X6, width - x, height - y, 0)):
            cells = footprint_cells(rock.type_id, rock.x, rock.y)
            if land.walk[cells[:, 0], cells[:, 1]].mean() > 0.5 and far[int(y), int(x)] and rock not in found:
                found.append(rock)
    return found


def _towers(land: Terrain, bases: list[Base], free: Bools) -> list[Neutral]:
    """A pair of Xel'Naga towers beside the ways between the mains, none if there is no place."""
    height, width = land.walk.shape
    mine = ground_distances(land.walk, bases[0].x, bases[0].y)
    theirs = mine[::-1, ::-1]
    room_left = ndimage.distance_transform_edt(free)
    ys, xs = np.nonzero(room_left >= 2.5)
    if not len(ys):
        return []
    away = np.hypot(xs - width / 2, ys - height / 2)
    reached = np.isfinite(mine[ys, xs]) & np.isfinite(theirs[ys, xs]) & (away >= 10)
    ys, xs = ys[reached], xs[reached]
    if not len(ys):
        return []
    cost = np.abs(mine[ys, xs] - theirs[ys, xs]) + 0.7 * (mine[ys, xs] + theirs[ys, xs])
    i = int(cost.argmin())
    x, y = float(xs[i]), float(ys[i])
    return [Neutral(TOWER, x, y, 0), Neutral(TOWER, width - x, height - y, 0)]
