"""Whom a unit can attack, and whom it chooses."""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.common import Rules, Scratch, buckets_within, distance, plane_of
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.kernels.vision import visible_to
from cherrypy_bot.sim.rules.arrays import WEAPON_SLOTS
from cherrypy_bot.sim.state import NONE, Rows

MIN_SCAN = 5.0
"""Least distance within which an armed unit looks for targets (the game's MinScanRange default)."""
SCAN_EXTRA = 0.5
"""A weapon with a longer range looks this much beyond it."""
IN_REACH = 1e-6
"""A target this far beyond the range still counts as in range."""


@njit
def weapon_for(s: Rules, o: int, t: int, planes: int) -> int:
    """First weapon of player o's type t that hits one of the planes (GROUND | AIR bits), NONE when it has none."""
    for k in range(WEAPON_SLOTS):
        w = s.unit[o, t].weapon[k]
        if w >= 0 and s.arm[o, w].target & planes:
            return int(w)
    return NONE


@njit
def weapon_against(u: Rows, s: Rules, i: int, j: int) -> int:
    """First weapon of unit i that can hit unit j, NONE when it has none."""
    return weapon_for(s, u[i].owner, u[i].type_id, plane_of(u, s, j))


@njit
def gap(u: Rows, s: Rules, i: int, j: int) -> float:
    """Distance between the edges of two units."""
    return distance(u, i, j) - s.unit[u[i].owner, u[i].type_id].radius - s.unit[u[j].owner, u[j].type_id].radius


@njit
def attackable(u: Rows, i: int, j: int, recycle: int) -> bool:
    """Whether unit i may attack unit j now: alive, in sight, not cloaked, not invulnerable."""
    return (
        j >= 0
        and u[j].alive == 1
        and u[j].recycle == recycle
        and u[j].hidden == 0
        and u[j].invulnerable == 0
        and visible_to(u, u[i].owner, j)
    )


@njit
def reach_of(s: Rules, o: int, t: int) -> float:
    """Longest range of a type's weapons."""
    reach = 0.0
    for k in range(WEAPON_SLOTS):
        w = s.unit[o, t].weapon[k]
        if w >= 0:
            reach = max(reach, s.arm[o, w].range)
    return reach


@njit
def acquire(u: Rows, s: Rules, scratch: Scratch, i: int, reach: float, rooted: bool) -> int:
    """Best target within `reach` (edge to edge), NONE when there is none; `rooted`: only what its weapon reaches.

    The highest priority comes first, at equal priority units that can fight back, then those that need not be
    walked to, then the nearest. What explodes leaves structures alone unless it is told to raze.
    """
    o, t = u[i].owner, u[i].type_id
    x, y, radius = u[i].x, u[i].y, s.unit[o, t].radius
    plane = plane_of(u, s, i)
    bomb = s.arm[o, s.unit[o, t].weapon[0]].suicide and u[i].razes == 0
    r = reach + radius + scratch.extent[1]
    bx0, bx1, by0, by1 = buckets_within(scratch, x, y, r)
    across, up = scratch.counts[1], scratch.counts[2]
    first = (1 - o) * across * up
    best, best_score, best_gap = NONE, 0, 1e18
    for by in range(by0, by1):
        line = first + by * across
        for m in range(scratch.bucket_start[line + bx0], scratch.bucket_start[line + bx1]):
            exposed = scratch.members[m].exposed
            dx, dy = scratch.members[m].x - x, scratch.members[m].y - y
            if exposed == 0 or abs(dx) > r or abs(dy) > r:
                continue
            d = np.sqrt(dx * dx + dy * dy) - radius - scratch.members[m].radius
            if d > reach:
                continue
            score = 4 * scratch.members[m].priority
            if score <= 0 or score + 3 < best_score:
                continue
            w = weapon_for(s, o, t, exposed)
            if w < 0 or max(d, 0.0) < s.arm[o, w].min_range:
                continue
            if scratch.members[m].threat & plane:
                score += 2
            if d <= s.arm[o, w].range + IN_REACH:
                score += 1
            elif rooted:
                continue
            if score > best_score or (score == best_score and d < best_gap - 1e-9):
                j = int(scratch.members[m].row)
                if bomb and s.unit[u[j].owner, u[j].type_id].is_structure:
                    continue
                best, best_score, best_gap = j, score, d
    return best


@njit
def choose(u: Rows, s: Rules, scratch: Scratch, i: int, valid: bool) -> None:
    """Look for a (better) target of an attacking, idle, holding or patrolling unit; `valid`: its present one will do.

    It keeps to a target in range unless something of higher priority turns up.
    """
    o, t = u[i].owner, u[i].type_id
    rooted = u[i].order == st.HOLD or u[i].immobile == 1
    reach = reach_of(s, o, t)
    best = acquire(u, s, scratch, i, reach if rooted else max(reach + SCAN_EXTRA, MIN_SCAN), rooted)
    if best >= 0:
        old = int(u[i].prey)
        if valid and best != old:
            w = weapon_against(u, s, i, old)
            if (
                gap(u, s, i, old) <= s.arm[o, w].range + IN_REACH
                and s.unit[u[old].owner, u[old].type_id].target_priority
                >= s.unit[u[best].owner, u[best].type_id].target_priority
                and (u[old].can_attack == 1 or u[best].can_attack == 0)
            ):
                return
        u[i].prey = best
        u[i].prey_recycle = u[best].recycle
    elif rooted:
        u[i].prey = NONE
