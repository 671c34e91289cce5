"""What a map is like: bases, ground distances, a short description."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from cherrypy_bot.sim.maps.model import MapData
from cherrypy_bot.sim.maps.neutrals import FRESH_CONTENTS, GEYSERS, MINERALS, pathing_with_neutrals

SAME_BASE = 6.0
"""Resources at most this far apart belong to one base."""

WALL_CONTENTS = 100
"""A patch that holds no more than this blocks a way rather than feeds a base."""


def ground_distances(pathing: npt.NDArray[np.bool_], x: float, y: float) -> npt.NDArray[np.float64]:
    """Walking distance from `(x, y)` to the middle of every cell, `[y, x]`, infinite where it cannot be reached.

    Steps go to the eight neighbours (1 and sqrt 2) and do not cut corners, so a path reads up to 8 % long.
    """
    height, width = pathing.shape
    index = np.arange(height * width).reshape(height, width)
    rows, cols, steps = [], [], []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = (slice(0, height - dy), slice(max(0, -dx), width - max(0, dx)))
        there = (slice(dy, height), slice(max(0, dx), width - max(0, -dx)))
        free = pathing[here] & pathing[there]
        if dx and dy:
            free &= pathing[here[0], there[1]] & pathing[there[0], here[1]]
        rows.append(index[here][free])
        cols.append(index[there][free])
        steps.append(np.full(int(free.sum()), np.hypot(dx, dy)))
    data, row, col = np.concatenate(steps), np.concatenate(rows), np.concatenate(cols)
    graph = coo_matrix((data, (row, col)), shape=(index.size, index.size)).tocsr()
    start = int(y) * width + int(x)
    return np.asarray(dijkstra(graph, directed=False, indices=start)).reshape(height, width)


def resource_groups(m: MapData) -> list[list[int]]:
    """Indices into `m.neutrals` of the resources of each base.

    A base is a cluster of at least four resources, each within 6 cells of another one of it. Patches of a few
    minerals, which maps use as walls, do not count.
    """
    kept = [i for i, n in enumerate(m.neutrals) if n.type_id in FRESH_CONTENTS and n.contents > WALL_CONTENTS]
    if len(kept) < 2:
        return []
    places = np.array([(m.neutrals[i].x, m.neutrals[i].y) for i in kept])
    cluster = fcluster(linkage(places, method="single"), t=SAME_BASE, criterion="distance")
    groups = [[i for i, c in zip(kept, cluster, strict=True) if c == which] for which in np.unique(cluster)]
    return sorted(group for group in groups if len(group) >= 4)


def rush_distance(m: MapData) -> float:
    """Walking distance between the two start locations, rocks standing, infinite when there is no way."""
    (ax, ay), (bx, by) = m.start_locations
    return float(ground_distances(pathing_with_neutrals(m), ax, ay)[int(by), int(bx)])


def describe(m: MapData) -> dict[str, object]:
    """A map in a few plain values, ready for a table or JSON."""
    kinds = [n.type_id for n in m.neutrals]
    distance = rush_distance(m)
    return {
        "name": m.name,
        "width": m.width,
        "height": m.height,
        "playable": list(m.playable),
        "start_locations": [list(p) for p in m.start_locations],
        "bases": len(resource_groups(m)),
        "mineral_fields": sum(k in MINERALS for k in kinds),
        "geysers": sum(k in GEYSERS for k in kinds),
        "other_neutrals": sum(k not in FRESH_CONTENTS for k in kinds),
        "rush_distance": round(distance, 1) if np.isfinite(distance) else None,
        "walkable_share": round(float(m.pathing.mean()), 3),
    }
