"""Where units want to go: `intend` turns a unit's order into a wished displacement for this loop.

Each order names a place, how near to come, and whether to give up when that does not get nearer (`_wish`); one
function then walks there (`_toward`). `bodies` carries the wishes out.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.common import (
    Cells,
    PathCache,
    Rules,
    Scratch,
    Ticks,
    edge_of,
    emit,
)
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.kernels.paths import UNREACHED, field_to, next_corner, passable
from cherrypy_bot.sim.kernels.targets import gap, weapon_against
from cherrypy_bot.sim.state import CREEP, NONE, Rows

ARRIVED = 0.05
"""A point is reached within this distance."""
CLEARANCE = 0.4
"""Ways keep at most this distance from walls; wider bodies squeeze past."""
PATIENCE = 6
"""Progress checks (every 8 loops) without progress after which a unit near its goal gives up."""
GUARD_SLACK = 1.0
"""An idle unit walks back only when it is farther from its guard point than this."""


@njit
def top_speed(u: Rows, g: Cells, s: Rules, i: int) -> float:
    """Cells per loop at full speed here: upgrades, buffs, creep."""
    o, t = u[i].owner, u[i].type_id
    speed = s.unit[o, t].speed * u[i].speed_factor
    if u[i].flying == 0 and s.unit[o, t].creep_multiplier != 1.0 and g[CREEP, int(u[i].y), int(u[i].x)] == 1:
        speed *= s.unit[o, t].creep_multiplier
    return float(speed)


@njit
def _toward(
    u: Rows,
    g: Cells,
    s: Rules,
    clock: Ticks,
    cache: PathCache,
    scratch: Scratch,
    i: int,
    x: float,
    y: float,
    keep: float,
) -> None:
    """Wish to walk to (x, y) and stop `keep` short of it: sets `move_x`, `move_y` to this loop's displacement."""
    o, t = u[i].owner, u[i].type_id
    away = np.sqrt((x - u[i].x) ** 2 + (y - u[i].y) ** 2)
    if away <= keep or u[i].immobile == 1:
        return
    to_x, to_y = x, y
    last = True
    if u[i].flying == 0:
        near = np.sqrt((u[i].way_x - u[i].x) ** 2 + (u[i].way_y - u[i].y) ** 2) < 0.3
        stale = (
            u[i].way_valid == 0
            or u[i].way_version != clock[0].path_version
            or near
            or u[i].way_valid > 16  # looks again after a while: a shorter line may have opened
        )
        if stale:
            clear = min(s.unit[o, t].inner_radius, CLEARANCE)
            cx, cy = next_corner(g, clock, cache, u[i].x, u[i].y, x, y, clear, int(scratch.cliff_walker[t]))
            u[i].way_x, u[i].way_y = cx, cy
            u[i].way_valid = 1
            u[i].way_version = clock[0].path_version
        else:
            u[i].way_valid += 1
        last = u[i].way_x == x and u[i].way_y == y
        to_x, to_y = u[i].way_x, u[i].way_y
    dx, dy = to_x - u[i].x, to_y - u[i].y
    d = np.sqrt(dx * dx + dy * dy)
    if d < 1e-9:
        return
    speed = min(top_speed(u, g, s, i), u[i].speed_now + s.unit[o, t].acceleration)
    u[i].speed_now = speed
    length = min(speed, d - keep) if last else min(speed, d)
    if length <= 0.0:
        return
    scratch.rows[i].move_x = dx / d * length
    scratch.rows[i].move_y = dy / d * length
    scratch.rows[i].wants = 1


@njit
def intend(u: Rows, g: Cells, s: Rules, clock: Ticks, cache: PathCache, scratch: Scratch, i: int, walk_to: int) -> None:
    """Turn the unit's order into this loop's wish. `walk_to`: row that mining sends it to, or NONE."""
    order = u[i].order
    mines = order == st.GATHER or order == st.RETURN
    if mines:
        if walk_to < 0:
            return
        x, y = _edge_spot(u, g, s, scratch, i, walk_to)
        keep, left = 0.0, -1.0
    else:
        x, y, keep, left = _wish(u, s, clock, scratch, i)
        if keep < 0.0:
            return
    _toward(u, g, s, clock, cache, scratch, i, x, y, keep)
    if mines and scratch.rows[i].wants == 1:
        scratch.rows[i].wants = 2
    if left >= 0.0:
        _watch_progress(u, g, clock, cache, scratch, i, left)


@njit
def _wish(u: Rows, s: Rules, clock: Ticks, scratch: Scratch, i: int) -> tuple[float, float, float, float]:
    """Where the order sends unit i: place, distance to keep from it (negative: stand still), and how far it is still
    when that is to be watched (negative: it is not)."""
    order = u[i].order
    prey = int(u[i].prey)
    here = u[i].x, u[i].y, -1.0, -1.0
    if order == st.HOLD or order == st.BUSY:
        return here
    if prey >= 0 and (order == st.ATTACK_UNIT or order == st.ATTACK_MOVE or order == st.PATROL or order == st.IDLE):
        w = weapon_against(u, s, i, prey)
        if w >= 0:
            return _chase(u, s, clock, i, prey, s.arm[u[i].owner, w].range)
    if order == st.ATTACK_UNIT:
        return _beside(u, s, i, int(u[i].target), 1.0, -1.0)
    if order == st.MOVE or order == st.ATTACK_MOVE or order == st.PATROL:
        away = np.sqrt((u[i].goal_x - u[i].x) ** 2 + (u[i].goal_y - u[i].y) ** 2)
        if away <= ARRIVED:
            _arrive(u, scratch, clock, i, order)
            return here
        return u[i].goal_x, u[i].goal_y, 0.0, away
    if order == st.FOLLOW or order == st.APPROACH:
        return _to_target(u, s, clock, scratch, i, order)
    if order == st.IDLE:
        dx, dy = u[i].guard_x - u[i].x, u[i].guard_y - u[i].y
        if u[i].can_attack == 1 and dx * dx + dy * dy > GUARD_SLACK * GUARD_SLACK:
            return u[i].guard_x, u[i].guard_y, 0.0, -1.0
    return here


@njit
def _edge_spot(u: Rows, g: Cells, s: Rules, scratch: Scratch, i: int, j: int) -> tuple[float, float]:
    """Where a worker stands to harvest or deliver: at the edge of a node or town hall. It brakes to rest there.

    The game's data gives workers an acceleration and no deceleration; braking as hard as they accelerate is what
    makes trips as long as measured (120 loops on average, 895 minerals a minute with 16 workers)."""
    x, y = edge_of(u, scratch, i, j)
    dx, dy = u[i].x - x, u[i].y - y
    d = np.sqrt(dx * dx + dy * dy)
    if d < 1e-9:
        return u[i].x, u[i].y
    r = s.unit[u[i].owner, u[i].type_id].radius
    x, y = x + dx / d * r, y + dy / d * r
    if not passable(g, 0, int(y), int(x)):
        x, y = _open_side(u, g, scratch, i, j, r)  # another node stands there
    off = abs(u[i].goal_x - x) + abs(u[i].goal_y - y)
    if off > 0.25 or (off > 0.0 and abs(u[i].goal_x - u[i].x) + abs(u[i].goal_y - u[i].y) < 1e-6):
        # another spot, or a goal that was reached without touching: the order may have been given right beside it
        u[i].way_valid = 0
        u[i].goal_x, u[i].goal_y = x, y
    left = d - r
    # brakes as hard as it accelerates; `_toward` adds one loop of acceleration
    rate = s.unit[u[i].owner, u[i].type_id].acceleration
    u[i].speed_now = min(u[i].speed_now, max(np.sqrt(2.0 * rate * max(left, 0.0)) - rate, rate))
    return u[i].goal_x, u[i].goal_y


@njit
def _open_side(u: Rows, g: Cells, scratch: Scratch, i: int, j: int, r: float) -> tuple[float, float]:
    """The open place beside a cell of node j that is nearest to worker i; the node's centre where none is open."""
    hw, hh = scratch.half[u[j].type_id, 0], scratch.half[u[j].type_id, 1]
    wide, high = int(2.0 * hw + 0.5), int(2.0 * hh + 0.5)
    best_x, best_y, best = u[j].x, u[j].y, 1e18
    for k in range(2 * (wide + high)):
        side = 1.0 if k % 2 == 0 else -1.0
        n = k // 2
        if n < wide:
            x, y = u[j].x - hw + n + 0.5, u[j].y + side * (hh + r)
        else:
            x, y = u[j].x + side * (hw + r), u[j].y - hh + (n - wide) + 0.5
        d = (u[i].x - x) ** 2 + (u[i].y - y) ** 2
        if d < best and passable(g, 0, int(y), int(x)):
            best_x, best_y, best = x, y, d
    return best_x, best_y


@njit
def _chase(u: Rows, s: Rules, clock: Ticks, i: int, j: int, reach: float) -> tuple[float, float, float, float]:
    """Into weapon range of the prey; keeps the order's own goal."""
    keep = reach + s.unit[u[i].owner, u[i].type_id].radius + s.unit[u[j].owner, u[j].type_id].radius - 0.02
    near = (u[i].way_x - u[j].x) ** 2 + (u[i].way_y - u[j].y) ** 2
    if u[i].flying == 0 and near > 1.0 and (clock[0].loop + i) % 4 == 0:
        u[i].way_valid = 0
    return u[j].x, u[j].y, max(keep, 0.0), -1.0


@njit
def _beside(u: Rows, s: Rules, i: int, j: int, range_: float, left: float) -> tuple[float, float, float, float]:
    """To within a range of unit j, edge to edge."""
    keep = range_ + s.unit[u[i].owner, u[i].type_id].radius + s.unit[u[j].owner, u[j].type_id].radius
    # a target that moves makes the way stale
    if abs(u[i].goal_x - u[j].x) + abs(u[i].goal_y - u[j].y) > 1.0:
        u[i].way_valid = 0
        u[i].goal_x, u[i].goal_y = u[j].x, u[j].y
    return u[i].goal_x, u[i].goal_y, max(keep - 0.02, 0.0), left


@njit
def _to_target(
    u: Rows, s: Rules, clock: Ticks, scratch: Scratch, i: int, order: int
) -> tuple[float, float, float, float]:
    """To the point or unit that an ability or a move is aimed at."""
    here = u[i].x, u[i].y, -1.0, -1.0
    j = int(u[i].target)
    if j == NONE:  # an ability at a point
        away = np.sqrt((u[i].goal_x - u[i].x) ** 2 + (u[i].goal_y - u[i].y) ** 2)
        if away <= u[i].order_range + ARRIVED:
            u[i].order = st.BUSY
            emit(scratch, clock, st.EV_IN_RANGE, i, 0)
            return here
        return u[i].goal_x, u[i].goal_y, u[i].order_range, away
    gone = u[j].alive != 1 or u[j].recycle != u[i].target_recycle or u[j].hidden == 1
    if gone or (u[j].owner != u[i].owner and u[j].owner != st.NEUTRAL and (u[j].seen >> u[i].owner) & 1 == 0):
        u[i].order = st.BUSY
        emit(scratch, clock, st.EV_ORDER_DONE if order == st.FOLLOW else st.EV_MISS_TARGET, i, 0)
        return here
    d = gap(u, s, i, j)
    if order == st.APPROACH:
        if d <= u[i].order_range + ARRIVED:
            u[i].order = st.BUSY
            emit(scratch, clock, st.EV_IN_RANGE, i, 0)
            return here
        return _beside(u, s, i, j, u[i].order_range, max(d, 0.0))
    return _beside(u, s, i, j, 0.4, -1.0) if d > 0.5 else here


@njit
def _arrive(u: Rows, scratch: Scratch, clock: Ticks, i: int, order: int) -> None:
    if order == st.PATROL:
        u[i].goal_x, u[i].alt_x = u[i].alt_x, u[i].goal_x
        u[i].goal_y, u[i].alt_y = u[i].alt_y, u[i].goal_y
        u[i].way_valid = 0
        u[i].best_left = 1e18
        u[i].stuck = 0
        return
    emit(scratch, clock, st.EV_ORDER_DONE, i, 0)


@njit
def _watch_progress(u: Rows, g: Cells, clock: Ticks, cache: PathCache, scratch: Scratch, i: int, away: float) -> None:
    """Give up what cannot be reached: the goal is taken by others, walled off, or off the map.

    Judged every 8 loops by the length of the way that is left. Near the goal little patience is needed (others
    stand on it); far away a crowd may have to clear first.
    """
    if (clock[0].loop + i) % 8 != 0 or (scratch.rows[i].wants == 0 and away > 0.5):
        return
    left = away
    if u[i].flying == 0 and not (u[i].way_x == u[i].goal_x and u[i].way_y == u[i].goal_y):
        cliff = int(scratch.cliff_walker[u[i].type_id])
        cy, cx = int(u[i].y), int(u[i].x)
        f = field_to(g, clock, cache, u[i].goal_x, u[i].goal_y, cliff, cy * g.shape[2] + cx)
        d = cache.dist[f, cy, cx]
        left = d / 5.0 if d < UNREACHED else away
    if left < u[i].best_left - 0.25:
        u[i].best_left = left
        u[i].stuck = 0
        return
    u[i].stuck += 1
    patience = PATIENCE if away < 3.0 else (PATIENCE * 3 if away < 8.0 else PATIENCE * 8)
    if u[i].stuck > patience:
        u[i].stuck = 0
        u[i].best_left = 1e18
        if u[i].order == st.APPROACH:
            u[i].order = st.BUSY
            emit(scratch, clock, st.EV_MISS_TARGET, i, 1)
        elif u[i].order == st.PATROL:
            _arrive(u, scratch, clock, i, st.PATROL)
        else:
            emit(scratch, clock, st.EV_ORDER_DONE, i, 1)
