"""Where units go: what each wants, the step it takes, and how bodies make room for each other.

`intend` turns a unit's order into a wished displacement; `step_units` carries the displacements out, then
overlapping bodies are pushed apart. Who is pushed: a unit on its way pushes own units that stand idle; nobody
moves a unit that attacks, holds its position, or belongs to the enemy. Workers on a mining trip pass through
everyone.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.combat import gap, weapon_against
from cherrypy_bot.sim.kernels.common import (
    Cells,
    PathCache,
    Rules,
    Scratch,
    Ticks,
    buckets_within,
    edge_of,
    emit,
    turn,
)
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.kernels.paths import UNREACHED, field_to, next_corner, passable
from cherrypy_bot.sim.state import CREEP, NONE, PLAYERS, Rows

ARRIVED = 0.05
"""A point is reached within this distance."""
CLEARANCE = 0.4
"""Ways keep at most this distance from walls; wider bodies squeeze past."""
PATIENCE = 6
"""Progress checks (every 8 loops) without progress after which a unit near its goal gives up."""
REST_PERIOD = 3
"""Loops between two looks of a standing unit for bodies that overlap its own."""
DRIFT = 0.7
"""How far a unit may have moved since the index of this loop was made."""
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
def toward(
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
            cx, cy = next_corner(g, clock, cache, u[i].x, u[i].y, x, y, clear, scratch.cliff_walker[t])
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
def _toward_unit(
    u: Rows,
    g: Cells,
    s: Rules,
    clock: Ticks,
    cache: PathCache,
    scratch: Scratch,
    i: int,
    j: int,
    range_: float,
) -> None:
    keep = range_ + s.unit[u[i].owner, u[i].type_id].radius + s.unit[u[j].owner, u[j].type_id].radius
    # a target that moves makes the way stale
    if abs(u[i].goal_x - u[j].x) + abs(u[i].goal_y - u[j].y) > 1.0:
        u[i].way_valid = 0
        u[i].goal_x, u[i].goal_y = u[j].x, u[j].y
    toward(u, g, s, clock, cache, scratch, i, u[i].goal_x, u[i].goal_y, max(keep - 0.02, 0.0))


@njit
def intend(u: Rows, g: Cells, s: Rules, clock: Ticks, cache: PathCache, scratch: Scratch, i: int, walk_to: int) -> None:
    """Turn the unit's order into this loop's wish. `walk_to`: row that mining sends it to, or NONE."""
    order = u[i].order
    prey = u[i].prey
    if order == st.GATHER or order == st.RETURN:
        if walk_to >= 0:
            _to_edge(u, g, s, clock, cache, scratch, i, walk_to)
        return
    if order == st.HOLD or order == st.BUSY:
        return
    if prey >= 0 and (order == st.ATTACK_UNIT or order == st.ATTACK_MOVE or order == st.PATROL or order == st.IDLE):
        w = weapon_against(u, s, i, prey)
        if w >= 0:
            _chase(u, g, s, clock, cache, scratch, i, prey, s.arm[u[i].owner, w].range)
            return
    if order == st.ATTACK_UNIT:
        j = u[i].target
        _toward_unit(u, g, s, clock, cache, scratch, i, j, 1.0)
    elif order == st.MOVE or order == st.ATTACK_MOVE or order == st.PATROL:
        _to_goal(u, g, s, clock, cache, scratch, i, order)
    elif order == st.FOLLOW or order == st.APPROACH:
        _to_target(u, g, s, clock, cache, scratch, i, order)
    elif order == st.IDLE:
        dx, dy = u[i].guard_x - u[i].x, u[i].guard_y - u[i].y
        if u[i].can_attack == 1 and dx * dx + dy * dy > GUARD_SLACK * GUARD_SLACK and u[i].way_version >= 0:
            toward(u, g, s, clock, cache, scratch, i, u[i].guard_x, u[i].guard_y, 0.0)


@njit
def _to_edge(u: Rows, g: Cells, s: Rules, clock: Ticks, cache: PathCache, scratch: Scratch, i: int, j: int) -> None:
    """A worker walks to the edge of a node or town hall, through everyone, and comes to rest there.

    The game's data gives workers an acceleration and no deceleration; braking as hard as they accelerate is what
    makes trips as long as measured (120 loops on average, 895 minerals a minute with 16 workers)."""
    x, y = edge_of(u, scratch, i, j)
    dx, dy = u[i].x - x, u[i].y - y
    d = np.sqrt(dx * dx + dy * dy)
    if d < 1e-9:
        return
    r = s.unit[u[i].owner, u[i].type_id].radius
    x, y = x + dx / d * r, y + dy / d * r
    if not passable(g, 0, int(y), int(x)):
        x, y = u[j].x, u[j].y  # another node stands there; the field leads round it
    if abs(u[i].goal_x - x) + abs(u[i].goal_y - y) > 0.25:
        u[i].way_valid = 0
        u[i].goal_x, u[i].goal_y = x, y
    left = d - r
    # brakes as hard as it accelerates; `toward` adds one loop of acceleration
    rate = s.unit[u[i].owner, u[i].type_id].acceleration
    u[i].speed_now = min(u[i].speed_now, max(np.sqrt(2.0 * rate * max(left, 0.0)) - rate, rate))
    toward(u, g, s, clock, cache, scratch, i, u[i].goal_x, u[i].goal_y, 0.0)
    if scratch.rows[i].wants == 1:
        scratch.rows[i].wants = 2


@njit
def _chase(
    u: Rows,
    g: Cells,
    s: Rules,
    clock: Ticks,
    cache: PathCache,
    scratch: Scratch,
    i: int,
    j: int,
    reach: float,
) -> None:
    """Walk into weapon range of the prey; keeps the order's own goal."""
    keep = reach + s.unit[u[i].owner, u[i].type_id].radius + s.unit[u[j].owner, u[j].type_id].radius - 0.02
    near = (u[i].way_x - u[j].x) ** 2 + (u[i].way_y - u[j].y) ** 2
    if u[i].flying == 0 and near > 1.0 and (clock[0].loop + i) % 4 == 0:
        u[i].way_valid = 0
    toward(u, g, s, clock, cache, scratch, i, u[j].x, u[j].y, max(keep, 0.0))


@njit
def _to_target(
    u: Rows, g: Cells, s: Rules, clock: Ticks, cache: PathCache, scratch: Scratch, i: int, order: int
) -> None:
    j = u[i].target
    if j == NONE:  # an ability at a point
        away = np.sqrt((u[i].goal_x - u[i].x) ** 2 + (u[i].goal_y - u[i].y) ** 2)
        if away <= u[i].order_range + ARRIVED:
            u[i].order = st.BUSY
            emit(scratch, clock, st.EV_IN_RANGE, i, 0)
            return
        toward(u, g, s, clock, cache, scratch, i, u[i].goal_x, u[i].goal_y, u[i].order_range)
        _watch_progress(u, g, s, clock, cache, scratch, i, away)
        return
    gone = u[j].alive != 1 or u[j].recycle != u[i].target_recycle or u[j].hidden == 1
    if gone or (u[j].owner != u[i].owner and u[j].owner != st.NEUTRAL and (u[j].seen >> u[i].owner) & 1 == 0):
        u[i].order = st.BUSY
        emit(scratch, clock, st.EV_ORDER_DONE if order == st.FOLLOW else st.EV_MISS_TARGET, i, 0)
        return
    d = gap(u, s, i, j)
    if order == st.APPROACH:
        if d <= u[i].order_range + ARRIVED:
            u[i].order = st.BUSY
            emit(scratch, clock, st.EV_IN_RANGE, i, 0)
            return
        _toward_unit(u, g, s, clock, cache, scratch, i, j, u[i].order_range)
        _watch_progress(u, g, s, clock, cache, scratch, i, d)
    elif d > 0.5:
        _toward_unit(u, g, s, clock, cache, scratch, i, j, 0.4)


@njit
def _to_goal(u: Rows, g: Cells, s: Rules, clock: Ticks, cache: PathCache, scratch: Scratch, i: int, order: int) -> None:
    away = np.sqrt((u[i].goal_x - u[i].x) ** 2 + (u[i].goal_y - u[i].y) ** 2)
    if away <= ARRIVED:
        _arrive(u, scratch, clock, i, order)
        return
    toward(u, g, s, clock, cache, scratch, i, u[i].goal_x, u[i].goal_y, 0.0)
    _watch_progress(u, g, s, clock, cache, scratch, i, away)


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
def _watch_progress(
    u: Rows,
    g: Cells,
    s: Rules,
    clock: Ticks,
    cache: PathCache,
    scratch: Scratch,
    i: int,
    away: float,
) -> None:
    """Give up what cannot be reached: the goal is taken by others, walled off, or off the map.

    Judged every 8 loops by the length of the way that is left. Near the goal little patience is needed (others
    stand on it); far away a crowd may have to clear first.
    """
    if (clock[0].loop + i) % 8 != 0 or (scratch.rows[i].wants == 0 and away > 0.5):
        return
    left = away
    if u[i].flying == 0 and not (u[i].way_x == u[i].goal_x and u[i].way_y == u[i].goal_y):
        cliff = scratch.cliff_walker[u[i].type_id]
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


@njit
def _shift(u: Rows, g: Cells, scratch: Scratch, i: int, dx: float, dy: float) -> None:
    """Move a body, sliding along walls; a ground unit never enters a blocked cell from a free one."""
    height, width = g.shape[1:]
    x = min(max(u[i].x + dx, 0.5), width - 0.5)
    y = min(max(u[i].y + dy, 0.5), height - 0.5)
    if u[i].flying == 0:
        cliff = scratch.cliff_walker[u[i].type_id]
        inside = not passable(g, cliff, int(u[i].y), int(u[i].x))
        if not inside and not passable(g, cliff, int(y), int(x)):
            if passable(g, cliff, int(u[i].y), int(x)):
                y = u[i].y
            elif passable(g, cliff, int(y), int(u[i].x)):
                x = u[i].x
            else:
                return
    u[i].x, u[i].y = x, y
    m = scratch.rows[i].slot
    if m >= 0:
        scratch.members[m].x, scratch.members[m].y = x, y


@njit
def step_units(u: Rows, g: Cells, s: Rules, clock: Ticks, scratch: Scratch) -> None:
    """Carry out this loop's wishes, then push overlapping bodies apart."""
    for k in range(scratch.counts[0]):
        i = scratch.rows[k].active
        if scratch.rows[i].wants != 0:
            dx, dy = scratch.rows[i].move_x, scratch.rows[i].move_y
            u[i].facing = np.arctan2(dy, dx) % (2.0 * np.pi)
            _shift(u, g, scratch, i, dx, dy)
            if u[i].order != st.IDLE:
                u[i].guard_x, u[i].guard_y = u[i].x, u[i].y
        else:
            u[i].speed_now = 0.0
    for k in range(scratch.counts[0]):
        i = turn(clock, scratch, k)
        if scratch.rows[i].wants == 0 and (clock[0].loop + i) % REST_PERIOD != 0:
            continue
        free = u[i].alive == 1 and u[i].hidden == 0 and u[i].immobile == 0
        if free and scratch.rows[i].wants != 2 and u[i].order != st.GATHER:
            _make_room(u, g, s, scratch, i)


@njit
def _firm(u: Rows, i: int) -> bool:
    """Whether nobody can push the unit aside."""
    return bool(
        u[i].immobile == 1
        or u[i].order == st.HOLD
        or u[i].order == st.BUSY
        or u[i].windup >= 0.0
        or (u[i].prey >= 0 and u[i].cooldown > 0.0)
    )


@njit
def _make_room(u: Rows, g: Cells, s: Rules, scratch: Scratch, i: int) -> None:
    o, t = u[i].owner, u[i].type_id
    mine = s.unit[o, t].separation_radius
    air = u[i].flying
    moving = scratch.rows[i].wants == 1
    if air == 1 and moving:
        return
    bx0, bx1, by0, by1 = buckets_within(scratch, u[i].x, u[i].y, mine + scratch.extent[0] + DRIFT)
    across, up = scratch.counts[1], scratch.counts[2]
    for p in range(PLAYERS):
        for by in range(by0, by1):
            line = (p * up + by) * across
            for e in range(scratch.bucket_start[line + bx0], scratch.bucket_start[line + bx1]):
                if scratch.members[e].plane != air:
                    continue
                need = mine + scratch.members[e].body
                dx, dy = u[i].x - scratch.members[e].x, u[i].y - scratch.members[e].y
                d2 = dx * dx + dy * dy
                if d2 >= need * need:
                    continue
                j = scratch.members[e].row
                if j == i or u[j].alive != 1 or scratch.rows[j].wants == 2:
                    continue
                jo = u[j].owner
                d = np.sqrt(d2)
                if d < 1e-6:  # on the very same spot: part along a direction of their own
                    angle = (i * 2.399963 + j * 0.7) % 6.283185
                    dx, dy, d = np.cos(angle), np.sin(angle), 1.0
                    overlap = need * 0.5
                else:
                    overlap = need - d
                nx, ny = dx / d, dy / d
                if moving:
                    _pass_by(u, g, s, scratch, i, j, nx, ny, overlap)
                elif not _firm(u, i) and (jo == o or scratch.rows[j].wants == 0):
                    give = min(overlap * 0.5, 0.2)
                    lean = ((i * 0.618034) % 1.0 - 0.5) * 0.8  # a row of bodies opens sideways, too
                    _shift(u, g, scratch, i, (nx - lean * ny) * give, (ny + lean * nx) * give)
                    if u[i].order == st.IDLE and u[i].prey < 0:
                        u[i].guard_x, u[i].guard_y = u[i].x, u[i].y


@njit
def _pass_by(
    u: Rows, g: Cells, s: Rules, scratch: Scratch, i: int, j: int, nx: float, ny: float, overlap: float
) -> None:
    """A moving unit meets another body: it yields, slides past, and pushes own idle units."""
    speed = np.sqrt(scratch.rows[i].move_x ** 2 + scratch.rows[i].move_y ** 2)
    if speed < 1e-9:
        return
    pushes = u[j].owner == u[i].owner and not _firm(u, j)
    share = 0.5 if pushes else 1.0
    back = min(overlap * share, speed * 1.2)
    head_on = -(scratch.rows[i].move_x * nx + scratch.rows[i].move_y * ny) / speed
    side_x, side_y = -ny, nx
    along = scratch.rows[i].move_x * side_x + scratch.rows[i].move_y * side_y
    if abs(along) < 0.15 * speed:
        along = 1.0 if i % 2 == 0 else -1.0
    turn = 0.6 * speed * max(head_on, 0.0) * (1.0 if along > 0 else -1.0)
    _shift(u, g, scratch, i, nx * back + side_x * turn, ny * back + side_y * turn)
    if pushes and u[j].immobile == 0:
        give = min(overlap * 0.5, speed)
        _shift(u, g, scratch, j, -nx * give, -ny * give)
        if scratch.rows[j].wants == 0 and u[j].order == st.IDLE and u[j].prey < 0:
            u[j].guard_x, u[j].guard_y = u[j].x, u[j].y
