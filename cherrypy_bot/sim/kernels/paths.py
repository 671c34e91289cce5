"""Ways over the ground: distance fields to goals, straight lines, and the next corner to walk to.

A field is a shortest-path search from the goal over all cells, in fifths of a cell (5 straight, 7 diagonal).
Units that share a goal share its field. A unit walks to the farthest cell down the field that it can see in a
straight line, so that ways are taut and cost little to follow.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim.kernels.common import FIELDS, LOOKAHEAD, Cells, PathCache, Ticks
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.state import CLIFF_WALK, TERRAIN_WALK, WALK

UNREACHED = 1 << 29
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
def _search(g: Cells, cache: PathCache, f: int, goal_cell: int, cliff: int) -> None:
    """Fill field `f`: shortest ways from every cell to the goal (or to the walkable cells nearest to it)."""
    height, width = g.shape[1:]
    dist = cache.dist[f]
    dist[:] = UNREACHED
    cache.queue_len[:] = 0
    gy, gx = goal_cell // width, goal_cell % width
    if passable(g, cliff, gy, gx):
        dist[gy, gx] = 0
        _push(cache, 0, goal_cell)
    else:
        found = 1e18
        for r in range(1, _SEED_RADIUS + 1):
            if r * r > found:
                break
            for dy in range(-r, r + 1):
                for dx in range(-r, r + 1):
                    if max(abs(dx), abs(dy)) == r and passable(g, cliff, gy + dy, gx + dx):
                        found = min(found, float(dx * dx + dy * dy))
        limit = int(np.sqrt(found)) + 1 if found < 1e17 else 0
        for dy in range(-limit, limit + 1):
            for dx in range(-limit, limit + 1):
                d2 = dx * dx + dy * dy
                if d2 <= found + 4.0 and passable(g, cliff, gy + dy, gx + dx):
                    d = int(5.0 * np.sqrt(float(d2)))
                    dist[gy + dy, gx + dx] = d
        # seeds enter the buckets in rising order so that the circular queue stays valid
        low = UNREACHED
        for dy in range(-limit, limit + 1):
            for dx in range(-limit, limit + 1):
                y, x = gy + dy, gx + dx
                if 0 <= y < height and 0 <= x < width and dist[y, x] < low:
                    low = dist[y, x]
        for dy in range(-limit, limit + 1):
            for dx in range(-limit, limit + 1):
                y, x = gy + dy, gx + dx
                if 0 <= y < height and 0 <= x < width and dist[y, x] < UNREACHED:
                    dist[y, x] = min(dist[y, x] - low, 7)
                    _push(cache, dist[y, x], y * width + x)
    d = 0
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
            west = passable(g, cliff, y, x - 1)
            east = passable(g, cliff, y, x + 1)
            south = passable(g, cliff, y - 1, x)
            north = passable(g, cliff, y + 1, x)
            if west and dist[y, x - 1] > d + 5:
                dist[y, x - 1] = d + 5
                _push(cache, d + 5, cell - 1)
            if east and dist[y, x + 1] > d + 5:
                dist[y, x + 1] = d + 5
                _push(cache, d + 5, cell + 1)
            if south and dist[y - 1, x] > d + 5:
                dist[y - 1, x] = d + 5
                _push(cache, d + 5, cell - width)
            if north and dist[y + 1, x] > d + 5:
                dist[y + 1, x] = d + 5
                _push(cache, d + 5, cell + width)
            if west and south and passable(g, cliff, y - 1, x - 1) and dist[y - 1, x - 1] > d + 7:
                dist[y - 1, x - 1] = d + 7
                _push(cache, d + 7, cell - width - 1)
            if east and south and passable(g, cliff, y - 1, x + 1) and dist[y - 1, x + 1] > d + 7:
                dist[y - 1, x + 1] = d + 7
                _push(cache, d + 7, cell - width + 1)
            if west and north and passable(g, cliff, y + 1, x - 1) and dist[y + 1, x - 1] > d + 7:
                dist[y + 1, x - 1] = d + 7
                _push(cache, d + 7, cell + width - 1)
            if east and north and passable(g, cliff, y + 1, x + 1) and dist[y + 1, x + 1] > d + 7:
                dist[y + 1, x + 1] = d + 7
                _push(cache, d + 7, cell + width + 1)
        cache.queue_len[b] = 0
        d += 1


@njit
def field_to(g: Cells, clock: Ticks, cache: PathCache, x: float, y: float, cliff: int) -> int:
    """Index of the distance field to a goal, computed when it is not in the cache."""
    height, width = g.shape[1:]
    cx = min(max(int(np.floor(x)), 0), width - 1)
    cy = min(max(int(np.floor(y)), 0), height - 1)
    key = (cy * width + cx) * 2 + cliff
    cache.slots[0].stamp += 1
    oldest = 0
    for f in range(FIELDS):
        if cache.slots[f].goal == key and cache.slots[f].version == clock[0].path_version:
            cache.slots[f].used = cache.slots[0].stamp
            return f
        if cache.slots[f].used < cache.slots[oldest].used:
            oldest = f
    cache.slots[oldest].goal = key
    cache.slots[oldest].version = clock[0].path_version
    cache.slots[oldest].used = cache.slots[0].stamp
    _search(g, cache, oldest, key // 2, cliff)
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
    f = field_to(g, clock, cache, goal_x, goal_y, cliff)
    dist = cache.dist[f]
    cx, cy = int(np.floor(x)), int(np.floor(y))
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
    f = field_to(g, clock, cache, goal_x, goal_y, cliff)
    height, width = g.shape[1:]
    cx = min(max(int(np.floor(x)), 0), width - 1)
    cy = min(max(int(np.floor(y)), 0), height - 1)
    d = cache.dist[f, cy, cx]
    if d >= UNREACHED and not passable(g, cliff, cy, cx):
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                if 0 <= cy + dy < height and 0 <= cx + dx < width:
                    d = min(d, cache.dist[f, cy + dy, cx + dx] + 5)
    return d / 5.0 if d < UNREACHED else -1.0
