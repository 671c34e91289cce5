"""Where bases, ramps and mineral lines are: what a player reads off the map before the game.

Everything here follows from `MapData` alone, so it is computed once per map and shared by all games.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.maps import MapData, ground_distances, pathing_with_neutrals
from cherrypy_bot.sim.maps.analysis import resource_groups
from cherrypy_bot.sim.rules import Ruleset

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

HALL_SEARCH = 10
"""How far from the middle of its resources a town hall may stand, in cells."""
RAMP_GAP = 3
"""Cells round a ramp on which the computer builds nothing."""
NODE_REACH = 12.0
"""Resources within this distance belong to a base."""


@dataclass(frozen=True)
class Sites:
    """Bases of a map. Distances are walking distances in cells, infinite where there is no way.

    `bases`: float64 [B, 2] town hall centres. `distances`: per start location float64 [H, W]. `reserved`:
    bool [H, W], cells kept free for mining, town halls and ramps. `ground`: bool [H, W], what can be walked
    on while all neutrals stand.
    """

    bases: Floats
    distances: tuple[Floats, Floats]
    reserved: Bools
    ground: Bools

    def order(self, start: int) -> list[int]:
        """Bases from nearest to farthest on the ground, as seen from a start location."""
        grid = self.distances[start]
        reach = [float(grid[int(y), int(x)]) for x, y in self.bases]
        return sorted(range(len(reach)), key=lambda i: (reach[i], i))


_KNOWN: dict[int, tuple[MapData, Sites]] = {}


def sites_of(map_data: MapData, rules: Ruleset) -> Sites:
    """The sites of a map, computed once (a few hundred milliseconds for large maps)."""
    kept = _KNOWN.get(id(map_data))
    if kept is None or kept[0] is not map_data:
        kept = (map_data, _survey(map_data, rules))
        _KNOWN[id(map_data)] = kept
    return kept[1]


def _survey(m: MapData, rules: Ruleset) -> Sites:
    blocked = ~m.placement
    near = np.zeros_like(blocked)
    for n in m.neutrals:
        rule = rules.units.get(n.type_id)
        if rule is None:
            continue
        cx, cy = math.floor(n.x), math.floor(n.y)
        for cells, grid in ((rule.footprint, blocked), (rule.near_resources_cells, near)):
            for dx, dy in cells:
                if 0 <= cx + dx < m.width and 0 <= cy + dy < m.height:
                    grid[cy + dy, cx + dx] = True
    groups = [[(m.neutrals[i].x, m.neutrals[i].y) for i in group] for group in resource_groups(m)]
    bases, resources = [], []
    for group in groups:
        hall = _hall_place(m, group, blocked | near)
        if hall is not None:
            bases.append(hall)
            resources.append(group)
    ground = pathing_with_neutrals(m)
    (ax, ay), (bx, by) = m.start_locations
    return Sites(
        bases=np.array(bases, dtype=np.float64).reshape(-1, 2),
        distances=(_walk(ground, ax, ay), _walk(ground, bx, by)),
        reserved=_reserved(m, bases, resources),
        ground=ground,
    )


def _walk(ground: Bools, x: float, y: float) -> Floats:
    return ground_distances(ground, x, y)


def _hall_place(m: MapData, group: list[tuple[float, float]], bad: Bools) -> tuple[float, float] | None:
    """The cell from which a town hall is nearest to all resources of a group."""
    for sx, sy in m.start_locations:
        if np.mean([math.dist((sx, sy), p) for p in group]) < NODE_REACH:
            return (sx, sy)
    points = np.array(group)
    mx, my = points.mean(axis=0)
    best: tuple[float, float, float] | None = None
    for y in range(int(my) - HALL_SEARCH, int(my) + HALL_SEARCH + 1):
        for x in range(int(mx) - HALL_SEARCH, int(mx) + HALL_SEARCH + 1):
            if not (2 <= x < m.width - 2 and 2 <= y < m.height - 2) or bad[y - 2 : y + 3, x - 2 : x + 3].any():
                continue
            cost = float(np.hypot(points[:, 0] - x - 0.5, points[:, 1] - y - 0.5).sum())
            if best is None or cost < best[0]:
                best = (cost, x + 0.5, y + 0.5)
    return None if best is None else best[1:]


def _reserved(m: MapData, bases: list[tuple[float, float]], resources: list[list[tuple[float, float]]]) -> Bools:
    taken = np.zeros((m.height, m.width), dtype=np.bool_)
    ramp = m.pathing & ~m.placement
    for _ in range(RAMP_GAP):
        grown = ramp.copy()
        grown[1:] |= ramp[:-1]
        grown[:-1] |= ramp[1:]
        grown[:, 1:] |= ramp[:, :-1]
        grown[:, :-1] |= ramp[:, 1:]
        ramp = grown
    taken |= ramp
    ys, xs = np.mgrid[0 : m.height, 0 : m.width]
    for (bx, by), group in zip(bases, resources, strict=True):
        taken |= (np.abs(xs + 0.5 - bx) < 4) & (np.abs(ys + 0.5 - by) < 4)
        for rx, ry in group:
            steps = max(int(math.dist((bx, by), (rx, ry)) * 2), 1)
            for k in range(steps + 1):
                px, py = bx + (rx - bx) * k / steps, by + (ry - by) * k / steps
                y0, x0 = max(int(py - 1.5), 0), max(int(px - 1.5), 0)
                taken[y0 : int(py + 1.5) + 1, x0 : int(px + 1.5) + 1] = True
    return taken
