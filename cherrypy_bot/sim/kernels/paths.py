"""Ways over the ground: distance fields to goals, straight lines, and the next corner to walk to.

A field is a shortest-path search from the goal over all cells, in fifths of a cell (5 straight, 7 diagonal).
Units that share a goal share its field. A unit walks to the farthest cell down the field that it can see in a
straight line, so that ways are taut and cost little to follow.

A search ends where the unit that asked stands. Distances are unique, so a field cut short says of each final
cell what the whole field would: games do not depend on what the cache holds.

Who cannot reach the goal goes as near to it as its own ground allows: cells cut off from the goal hold the distance to
the one among them that is nearest to it, plus `CUT_OFF`.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim.kernels.common import FIELDS, LOOKAHEAD, Cells, PathCache, Ticks
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.state import CLIFF_WALK, TERRAIN_WALK, WALK

UNREACHED = 1 << 29
CUT_OFF = 1 << 28
_SCOUTED = CUT_OFF + (1 << 27)
"""Marks cut-off cells while the one nearest to the goal is looked for; above all distances that replace it."""
COMPLETE = 1 << 30
"""`PathSlot.limit` of a search that went everywhere."""
_SEED_RADIUS = 12
"""How far from a blocked goal its nearest walkable cells are looked for."""


@njit
def passable(g: Cells, cliff: int, cy: int, cx: int) -> bool:
    """Whether a walker of the class (0 ground, 1 cliff walker) may stand on a cell."""
    if cy < 0 or cx < 0 or cy >= g.shape[1] or cx >= g.shape[2]:
        return False
    if g[WALK, cy, cx] == 1:
        return True
    return cliff == 1 and g[CLIFF_WALK, cy, cx] == 1 and g[TERRAIN_WALK, cy, cx] == 0


@njit
def line_free(g: Cells, cliff: int, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Whether every cell that the segment touches is passable (grid traversal; the first cell is not asked)."""
    cx, cy = int(np.floor(x0)), int(np.floor(y0))
    ex, ey = int(np.floor(x1)), int(np.floor(y1))
    dx, dy = x1 - x0, y1 - y0
    step_x = 1 if dx > 0 else -1
    step_y = 1 if dy > 0 else -1
    big = 1e18
    t_x = ((cx + (1 if dx > 0 else 0)) - x0) / dx if dx != 0.0 else big
    t_y = ((cy + (1 if dy > 0 else 0)) - y0) / dy if dy != 0.0 else big
    d_x = abs(1.0 / dx) if dx != 0.0 else big
    d_y = abs(1.0 / dy) if dy != 0.0 else big
    for _ in range(abs(ex - cx) + abs(ey - cy) + 2):
        if cx == ex and cy == ey:
            return True
        if t_x < t_y:
            t_x += d_x
            cx += step_x
        else:
            t_y += d_y
            cy += step_y
        if not passable(g, cliff, cy, cx):
            return False
    return cx == ex and cy == ey


@njit
def way_free(g: Cells, cliff: int, x0: float, y0: float, x1: float, y1: float, clear: float) -> bool:
    """`line_free` for a body: the segment and its two parallels at distance `clear`."""
    if not line_free(g, cliff, x0, y0, x1, y1):
        return False
    dx, dy = x1 - x0, y1 - y0
    length = np.sqrt(dx * dx + dy * dy)
    if length < 1e-9 or clear <= 0.0:
        return True
    nx, ny = -dy / length * clear, dx / length * clear
    return line_free(g, cliff, x0 + nx, y0 + ny, x1 + nx, y1 + ny) and line_free(
        g, cliff, x0 - nx, y0 - ny, x1 - nx, y1 - ny
    )


@njit
def _push(cache: PathCache, d: int, cell: int) -> None:
    b = d & 7
    n = cache.queue_len[b]
    if n < cache.queue.shape[1]:
        cache.queue[b, n] = cell
        cache.queue_len[b] = n + 1


@njit
def _seed(cache: PathCache, dist: np.ndarray, gy: int, gx: int) -> None:  # type: ignore[type-arg]
    """Start a search at its goal, or at the walkable cells nearest to a blocked one."""
    height, width = dist.shape
    free = cache.open
    reach, nearest = 0, 0.0
    if free[gy + 1, gx + 1] == 0:
        nearest = 1e18
        for y in range(max(gy - _SEED_RADIUS, 0), min(gy + _SEED_RADIUS + 1, height)):
            for x in range(max(gx - _SEED_RADIUS, 0), min(gx + _SEED_RADIUS + 1, width)):
                if free[y + 1, x + 1] == 1:
                    nearest = min(nearest, float((y - gy) ** 2 + (x - gx) ** 2))
        if nearest > 1e17:
            return
        reach = int(np.sqrt(nearest)) + 1
    low = int(5.0 * np.sqrt(nearest))
    for y in range(max(gy - reach, 0), min(gy + reach + 1, height)):
        for x in range(max(gx - reach, 0), min(gx + reach + 1, width)):
            d2 = float((y - gy) ** 2 + (x - gx) ** 2)
            if free[y + 1, x + 1] == 1 and d2 <= nearest + 4.0:
                # within the eight buckets that are open at a time
                d = min(int(5.0 * np.sqrt(d2)) - low, 7)
                dist[y, x] = d
                _push(cache, d, y * width + x)


@njit
def _search(g: Cells, cache: PathCache, f: int, goal_cell: int, cliff: int, stop_cell: int) -> None:
    """Fill field `f`: shortest ways from every cell to the goal (or to the walkable cells nearest to it).

    Ends when the distance of `stop_cell` is final; with -1 it goes everywhere.
    """
    height, width = g.shape[1:]
    dist = cache.dist[f]
    dist[:] = UNREACHED
    free = cache.open
    for y in range(height):
        for x in range(width):
            free[y + 1, x + 1] = passable(g, cliff, y, x)
    cache.queue_len[:] = 0
    _seed(cache, dist, goal_cell // width, goal_cell % width)
    cache.slots[f].limit = _spread(cache, dist, 0, stop_cell)


@njit
def _spread(cache: PathCache, dist: np.ndarray, d: int, stop_cell: int) -> int:  # type: ignore[type-arg]
    """Go on with a search from the queued cells, of which none is nearer than `d`.

    Returns:
        The distance up to which everything is final; COMPLETE when nothing is left to search.
    """
    width = dist.shape[1]
    free = cache.open
    empty = 0
    while empty < 8:
        b = d & 7
        if cache.queue_len[b] == 0:
            empty += 1
            d += 1
            continue
        empty = 0
        k = 0
        while k < cache.queue_len[b]:
            cell = cache.queue[b, k]
            k += 1
            y, x = cell // width, cell % width
            if dist[y, x] != d:
                continue
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    # no corner is cut: a diagonal step needs both cells beside it
                    if (
                        free[y + dy + 1, x + dx + 1] == 0
                        or free[y + 1, x + dx + 1] == 0
                        or free[y + dy + 1, x + 1] == 0
                    ):
                        continue
                    step = d + 7 if dy != 0 and dx != 0 else d + 5
                    if dist[y + dy, x + dx] > step:
                        dist[y + dy, x + dx] = step
                        _push(cache, step, cell + dy * width + dx)
        cache.queue_len[b] = 0
        if stop_cell >= 0 and dist[stop_cell // width, stop_cell % width] <= d:
            return d
        d += 1
    return COMPLETE


@njit
def _approach(g: Cells, cache: PathCache, f: int, goal_cell: int, cliff: int, cell: int) -> None:
    """Complete field `f` for the ground round `cell`, from which no way leads to the goal."""
    height, width = g.shape[1:]
    dist = cache.dist[f]
    free = cache.open
    for y in range(height):
        for x in range(width):
            free[y + 1, x + 1] = passable(g, cliff, y, x)
    cache.queue_len[:] = 0
    dist[cell // width, cell % width] = _SCOUTED
    _push(cache, _SCOUTED, cell)
    _spread(cache, dist, _SCOUTED, -1)
    gy, gx = goal_cell // width, goal_cell % width
    nearest, where = 1 << 60, cell
    for y in range(height):
        for x in range(width):
            away = (y - gy) ** 2 + (x - gx) ** 2
            if dist[y, x] >= _SCOUTED and dist[y, x] < UNREACHED and away < nearest:
                nearest, where = away, y * width + x
    dist[where // width, where % width] = CUT_OFF
    _push(cache, CUT_OFF, where)
    _spread(cache, dist, CUT_OFF, -1)


@njit
def field_to(g: Cells, clock: Ticks, cache: PathCache, x: float, y: float, cliff: int, from_cell: int) -> int:
    """Index of a distance field to a goal that is final at `from_cell` (-1: everywhere), computed when need be."""
    f = _known_field(g, clock, cache, x, y, cliff, from_cell)
    if from_cell >= 0 and cache.slots[f].limit == COMPLETE:
        row, column = from_cell // g.shape[2], from_cell % g.shape[2]
        if cache.dist[f, row, column] == UNREACHED and passable(g, cliff, row, column):
            _approach(g, cache, f, cache.slots[f].goal // 2, cliff, from_cell)
    return f


@njit
def _known_field(g: Cells, clock: Ticks, cache: PathCache, x: float, y: float, cliff: int, from_cell: int) -> int:
    """A field from the cache, or a new one in place of the one unused for longest."""
    height, width = g.shape[1:]
    cx = min(max(int(np.floor(x)), 0), width - 1)
    cy = min(max(int(np.floor(y)), 0), height - 1)
    key = (cy * width + cx) * 2 + cliff
    cache.slots[0].stamp += 1
    oldest = 0
    for f in range(FIELDS):
        if cache.slots[f].goal == key and cache.slots[f].version == clock[0].path_version:
            cache.slots[f].used = cache.slots[0].stamp
            limit = cache.slots[f].limit
            if limit < COMPLETE and (from_cell < 0 or cache.dist[f, from_cell // width, from_cell % width] > limit):
                _search(g, cache, f, key // 2, cliff, -1)
            return f
        if cache.slots[f].used < cache.slots[oldest].used:
            oldest = f
    cache.slots[oldest].goal = key
    cache.slots[oldest].version = clock[0].path_version
    cache.slots[oldest].used = cache.slots[0].stamp
    _search(g, cache, oldest, key // 2, cliff, from_cell)
    return oldest


@njit
def _best_neighbour(dist: np.ndarray, g: Cells, cliff: int, cy: int, cx: int) -> int:  # type: ignore[type-arg]
    """Neighbour cell nearest to the goal (as y * width + x), or -1 when none is nearer than the cell itself."""
    height, width = dist.shape
    best, where = dist[cy, cx], -1
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            y, x = cy + dy, cx + dx
            if (dy == 0 and dx == 0) or y < 0 or x < 0 or y >= height or x >= width:
                continue
            if dist[y, x] >= best:
                continue
            if dy != 0 and dx != 0 and not (passable(g, cliff, cy, x) and passable(g, cliff, y, cx)):
                continue
            best, where = dist[y, x], y * width + x
    return where


@njit
def next_corner(
    g: Cells,
    clock: Ticks,
    cache: PathCache,
    x: float,
    y: float,
    goal_x: float,
    goal_y: float,
    clear: float,
    cliff: int,
) -> tuple[float, float]:
    """Point to walk to next on the shortest way from (x, y) to the goal; the goal itself when it is in sight."""
    if way_free(g, cliff, x, y, goal_x, goal_y, clear):
        return goal_x, goal_y
    width = g.shape[2]
    cx, cy = int(np.floor(x)), int(np.floor(y))
    f = field_to(g, clock, cache, goal_x, goal_y, cliff, cy * width + cx)
    dist = cache.dist[f]
    trail = cache.trail
    length = 0
    while length < LOOKAHEAD:
        cell = _best_neighbour(dist, g, cliff, cy, cx)
        if cell < 0:
            break
        trail[length] = cell
        length += 1
        cy, cx = cell // width, cell % width
    if length == 0:
        return goal_x, goal_y
    # the farthest cell in sight, by halving: sight along a shortest way is lost once, as good as always
    low, high = 0, length - 1
    while low < high:
        middle = (low + high + 1) // 2
        cell = trail[middle]
        if way_free(g, cliff, x, y, cell % width + 0.5, cell // width + 0.5, clear):
            low = middle
        else:
            high = middle - 1
    return trail[low] % width + 0.5, trail[low] // width + 0.5


@njit
def ground_distance(
    g: Cells, clock: Ticks, cache: PathCache, x: float, y: float, goal_x: float, goal_y: float, cliff: int
) -> float:
    """Length of the shortest way over the ground, in cells; negative when there is none."""
    if line_free(g, cliff, x, y, goal_x, goal_y):
        return float(np.sqrt((x - goal_x) ** 2 + (y - goal_y) ** 2))
    height, width = g.shape[1:]
    cx = min(max(int(np.floor(x)), 0), width - 1)
    cy = min(max(int(np.floor(y)), 0), height - 1)
    f = field_to(g, clock, cache, goal_x, goal_y, cliff, cy * width + cx)
    d = cache.dist[f, cy, cx]
    if d >= CUT_OFF and not passable(g, cliff, cy, cx):
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                if 0 <= cy + dy < height and 0 <= cx + dx < width:
                    d = min(d, cache.dist[f, cy + dy, cx + dx] + 5)
    return d / 5.0 if d < CUT_OFF else -1.0
