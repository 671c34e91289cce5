"""Sight: how many own circles cover each cell, who is seen, who is detected.

Sight is counted, not painted: a unit that changes its cell takes its old circle out and enters the new one, so
a loop costs only what moved. Ground units do not see cells on a higher cliff level, nor what lies in or behind
line-of-sight blockers; flyers see everything.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim.kernels.common import (
    K_SIGHT_BUILDING,
    Cells,
    Rules,
    Scratch,
    Sight,
    Ticks,
    distance,
    emit,
)
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.state import (
    EV_HIDDEN_SNAPSHOT,
    EXPLORED,
    HEIGHT,
    NEUTRAL,
    NONE,
    PLAYERS,
    SIGHT_BLOCK,
    Rows,
)

BLOCKER, NEAR_BLOCKER = 1, 2
"""Bits of the layer SIGHT_BLOCK."""
FLYER = 255
"""`vis_level` of what looks from the air."""
HIGHER = 8
"""Height difference (of 255, 32 cells) from which a cell counts as a higher cliff level: one cell up."""


@njit
def _open_line(g: Cells, x0: int, y0: int, x1: int, y1: int) -> bool:
    """Whether no line-of-sight blocker lies on the way to a cell, the cell itself included.

    Who stands among blockers looks out of them; the next ones on the way hide what is in and behind them.
    """
    steps = max(abs(x1 - x0), abs(y1 - y0))
    inside = g[SIGHT_BLOCK, y0, x0] & BLOCKER
    for k in range(1, steps + 1):
        x = x0 + int(np.floor((x1 - x0) * k / steps + 0.5))
        y = y0 + int(np.floor((y1 - y0) * k / steps + 0.5))
        blocks = g[SIGHT_BLOCK, y, x] & BLOCKER
        if blocks and not inside:
            return False
        inside = blocks
    return True


@njit
def count_sight(u: Rows, g: Cells, vis: Sight, i: int, sign: int) -> None:
    """Enter (+1) or take out (-1) the circle that `vis_cell`, `vis_sight` and `vis_level` of a row describe."""
    height, width = g.shape[1:]
    cell = u[i].vis_cell
    cy, cx = cell // width, cell % width
    r = u[i].vis_sight
    limit = u[i].vis_level + HIGHER
    p = u[i].owner
    k = int(r)
    r2 = r * r
    clear = u[i].vis_level == FLYER or g[SIGHT_BLOCK, cy, cx] & NEAR_BLOCKER == 0
    for dy in range(-k, k + 1):
        y = cy + dy
        if y < 0 or y >= height:
            continue
        half = int(np.sqrt(r2 - dy * dy))
        for x in range(max(cx - half, 0), min(cx + half, width - 1) + 1):
            if g[HEIGHT, y, x] <= limit and (clear or _open_line(g, cx, cy, x, y)):
                vis[p, y, x] += sign
                if sign > 0:
                    g[EXPLORED + p, y, x] = 1
    if sign < 0:
        u[i].vis_cell = NONE


@njit
def update_sight(u: Rows, g: Cells, vis: Sight, s: Rules, scratch: Scratch) -> None:
    """Move the circles of units that changed cell, sight or height."""
    width = g.shape[2]
    for k in range(scratch.counts[0]):
        i = int(scratch.rows[k].active)
        if u[i].alive != 1 or u[i].hidden == 1:
            if u[i].vis_cell >= 0:
                count_sight(u, g, vis, i, -1)
            continue
        cy, cx = int(u[i].y), int(u[i].x)
        cell = cy * width + cx
        sight = s.unit[u[i].owner, u[i].type_id].sight
        if u[i].build_left > 0.0:
            sight = min(sight, scratch.constants[K_SIGHT_BUILDING])
        if cell == u[i].vis_cell and sight == u[i].vis_sight:
            continue
        level = FLYER if u[i].flying == 1 else int(g[HEIGHT, cy, cx])
        if u[i].vis_cell >= 0:
            count_sight(u, g, vis, i, -1)
        u[i].vis_cell = cell
        u[i].vis_sight = sight
        u[i].vis_level = level
        count_sight(u, g, vis, i, 1)


@njit
def _covered(vis: Sight, p: int, y: float, x: float) -> bool:
    height, width = vis.shape[1:]
    cy, cx = int(y), int(x)
    return 0 <= cy < height and 0 <= cx < width and vis[p, cy, cx] > 0


@njit
def sees(u: Rows, vis: Sight, s: Rules, p: int, i: int) -> bool:
    """Whether a unit stands where player p sees (cloak aside); structures count by centre and four sides."""
    if _covered(vis, p, u[i].y, u[i].x):
        return True
    if s.unit[u[i].owner, u[i].type_id].is_structure:
        r = s.unit[u[i].owner, u[i].type_id].radius * 0.7
        return (
            _covered(vis, p, u[i].y + r, u[i].x)
            or _covered(vis, p, u[i].y - r, u[i].x)
            or _covered(vis, p, u[i].y, u[i].x + r)
            or _covered(vis, p, u[i].y, u[i].x - r)
        )
    return False


@njit
def mark_seen(u: Rows, vis: Sight, s: Rules, clock: Ticks, scratch: Scratch, i: int) -> None:
    """Set the `seen` bits of one row; a structure that goes out of sight leaves a snapshot event."""
    bits = 0
    owner = u[i].owner
    if u[i].hidden == 0:
        for p in range(PLAYERS):
            if p == owner or clock[0].loop < u[i].reveal_until or sees(u, vis, s, p, i):
                bits |= 1 << p
    before = u[i].seen
    if bits != before:
        if (owner == NEUTRAL or s.unit[owner, u[i].type_id].is_structure) and u[i].hidden == 0:
            for p in range(PLAYERS):
                if (before >> p) & 1 == 1 and (bits >> p) & 1 == 0:
                    emit(scratch, clock, EV_HIDDEN_SNAPSHOT, i, p)
        u[i].seen = bits


@njit
def update_seen(u: Rows, vis: Sight, s: Rules, clock: Ticks, scratch: Scratch) -> None:
    """`seen` and `detected` of all players' units."""
    count = 0
    cloaks = False
    for k in range(scratch.counts[0]):
        i = int(scratch.rows[k].active)
        if u[i].alive != 1:
            continue
        mark_seen(u, vis, s, clock, scratch, i)
        if u[i].cloaked == 1:
            cloaks = True
        if s.unit[u[i].owner, u[i].type_id].detection > 0.0 and u[i].build_left <= 0.0 and u[i].powered == 1:
            scratch.rows[count].detectors = i
            count += 1
    if not cloaks:
        return
    for k in range(scratch.counts[0]):
        i = int(scratch.rows[k].active)
        if u[i].alive != 1 or u[i].cloaked == 0:
            continue
        bits = 0
        for m in range(count):
            d = int(scratch.rows[m].detectors)
            p = u[d].owner
            reach = s.unit[p, u[d].type_id].detection + s.unit[u[i].owner, u[i].type_id].radius
            if p != u[i].owner and distance(u, i, d) <= reach:
                bits |= 1 << p
        u[i].detected = bits


@njit
def update_neutral_seen(u: Rows, vis: Sight, s: Rules, clock: Ticks, scratch: Scratch) -> None:
    """`seen` of resources and other neutral units, which never move: asked for rarely."""
    for i in range(clock[0].rows):
        if u[i].alive == 1 and u[i].owner == NEUTRAL:
            mark_seen(u, vis, s, clock, scratch, i)


@njit
def visible_to(u: Rows, p: int, i: int) -> bool:
    """Whether player p sees the unit well enough to attack it."""
    if (u[i].seen >> p) & 1 == 0:
        return False
    return u[i].cloaked == 0 or u[i].owner == p or (u[i].detected >> p) & 1 == 1
