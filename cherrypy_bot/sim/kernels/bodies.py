"""Bodies: wishes are carried out, walls hold, and overlapping units make room for each other.

Who is pushed: a unit on its way pushes own units that stand idle; nobody moves a unit that attacks, holds its
position, or belongs to the enemy; nor does anybody squeeze past enemies and holding units where walls leave no room.
Workers on a mining trip pass through everyone.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.common import Cells, Rules, Scratch, Ticks, buckets_within, turn
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.kernels.paths import passable
from cherrypy_bot.sim.state import CLIFF_WALK, PLAYERS, TERRAIN_WALK, Rows

REST_PERIOD = 3
"""Loops between two looks of a standing unit for bodies that overlap its own."""
CORE = 0.7
"""Share of two bodies' distance into which a moving unit never gets deeper when it meets who does not give way: past a
zealot in a gap one cell wide, whose walls end half a cell from its centre, nobody comes (0.5 < 0.7 * 0.75)."""
DRIFT = 0.7
"""How far a unit may have moved since the index of this loop was made."""


@njit
def _on_land(g: Cells, cliff: int, cy: int, cx: int) -> bool:
    """Whether the terrain of a cell bears a walker, structures aside."""
    return bool(g[TERRAIN_WALK, cy, cx] == 1 or (cliff == 1 and g[CLIFF_WALK, cy, cx] == 1))


@njit
def _enterable(g: Cells, cliff: int, inside: bool, cy: int, cx: int) -> bool:
    """Whether a body may go to a cell; one that stands `inside` a structure gets out over any of its cells."""
    return _on_land(g, cliff, cy, cx) if inside else passable(g, cliff, cy, cx)


@njit
def _shift(u: Rows, g: Cells, scratch: Scratch, i: int, dx: float, dy: float) -> None:
    """Move a body, sliding along walls; a ground unit never enters a blocked cell from a free one."""
    height, width = g.shape[1:]
    x = min(max(u[i].x + dx, 0.5), width - 0.5)
    y = min(max(u[i].y + dy, 0.5), height - 0.5)
    if u[i].flying == 0:
        cliff = int(scratch.cliff_walker[u[i].type_id])
        inside = not passable(g, cliff, int(u[i].y), int(u[i].x))
        if not _enterable(g, cliff, inside, int(y), int(x)):
            if _enterable(g, cliff, inside, int(u[i].y), int(x)):
                y = u[i].y
            elif _enterable(g, cliff, inside, int(y), int(u[i].x)):
                x = u[i].x
            elif _on_land(g, cliff, int(u[i].y), int(u[i].x)):
                return
    u[i].x, u[i].y = x, y
    m = scratch.rows[i].slot
    if m >= 0:
        scratch.members[m].x, scratch.members[m].y = x, y


@njit
def step_units(u: Rows, g: Cells, s: Rules, clock: Ticks, scratch: Scratch) -> None:
    """Carry out this loop's wishes, then push overlapping bodies apart."""
    for k in range(scratch.counts[0]):
        i = int(scratch.rows[k].active)
        scratch.rows[i].held = 0
        if scratch.rows[i].wants != 0:
            dx, dy = scratch.rows[i].move_x, scratch.rows[i].move_y
            scratch.rows[i].from_x, scratch.rows[i].from_y = u[i].x, u[i].y
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
    for side in range(PLAYERS):  # own units first, whoever one is
        p = o if side == 0 else 1 - o
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
                j = int(scratch.members[e].row)
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
                    if air == 0 and (jo != o or u[j].order == st.HOLD or u[j].immobile == 1):
                        _keep_out(u, scratch, i, j, CORE * need)
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
    if pushes and u[j].immobile == 0 and scratch.rows[j].held == 0:
        give = min(overlap * 0.5, speed)
        _shift(u, g, scratch, j, -nx * give, -ny * give)
        if scratch.rows[j].wants == 0 and u[j].order == st.IDLE and u[j].prey < 0:
            u[j].guard_x, u[j].guard_y = u[j].x, u[j].y


@njit
def _keep_out(u: Rows, scratch: Scratch, i: int, j: int, core: float) -> None:
    """Undo a moving unit's step that leads deeper into the core of a body that does not give way, or across it."""
    scratch.rows[i].held = 1
    x, y = scratch.rows[i].from_x, scratch.rows[i].from_y
    dx, dy = u[i].x - x, u[i].y - y
    length2 = dx * dx + dy * dy
    if length2 < 1e-12:
        return
    ax, ay = x - u[j].x, y - u[j].y
    t = min(max(-(ax * dx + ay * dy) / length2, 0.0), 1.0)
    nearest = (ax + t * dx) ** 2 + (ay + t * dy) ** 2
    if nearest >= core * core or nearest >= ax * ax + ay * ay:
        return
    u[i].x, u[i].y = x, y
    m = scratch.rows[i].slot
    if m >= 0:
        scratch.members[m].x, scratch.members[m].y = x, y
