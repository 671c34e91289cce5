"""Weapons: when a unit fires.

A volley is entered in the missile table with the loops in which its hits arrive (instant ones in the loop they
are fired); `hits` applies them after all units have acted, so that neither side gains from the order of rows.
Nobody foresees missiles in flight: overkill is as in the game.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.common import (
    K_LEASH,
    K_LEASH_RESET,
    K_RANGE_SLOP,
    K_REVEAL,
    Rules,
    Scratch,
    Ticks,
    Volleys,
    emit,
    random,
)
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.kernels.targets import IN_REACH, attackable, choose, gap, weapon_against
from cherrypy_bot.sim.rules.arrays import WAVE
from cherrypy_bot.sim.state import NONE, Rows

SCAN_PERIOD = 4
"""Loops between two looks for a (better) target; a target that is gone is replaced at once."""
TURN_AHEAD = 8.0
"""A unit that reloads turns to its target so many loops before it can fire again."""
RETURNING = 1
"""`stuck` of an idle unit that gave up a chase and looks at nothing until it is home."""


@njit
def fire(u: Rows, s: Rules, m: Volleys, clock: Ticks, scratch: Scratch, i: int, j: int) -> None:
    """Launch the attack of unit i on unit j at its damage point."""
    if u[j].owner == 1 - u[i].owner:  # shows itself, now and for a while
        u[i].reveal_until = clock[0].loop + int(scratch.constants[K_REVEAL])
        u[i].seen |= 1 << u[j].owner
    o, w = u[i].owner, u[i].weapon
    if s.arm[o, w].suicide:  # it bursts by dying (`abilities.effects.swarm`)
        u[i].prey, u[i].prey_recycle = j, u[j].recycle
        u[i].hp = 0.0
        u[i].alive = 2
        emit(scratch, clock, st.EV_DIED, i, NONE)
        return
    flight = 0
    if s.arm[o, w].missile_speed > 0.0:
        flight = int(np.ceil(max(gap(u, s, i, j), 0.0) / s.arm[o, w].missile_speed))
    launch_volley(u, s, m, clock, i, w, j, flight)


@njit
def launch_volley(u: Rows, s: Rules, m: Volleys, clock: Ticks, i: int, w: int, j: int, flight: int) -> None:
    """Enter all hits of an attack of unit i with weapon w on unit j; the first arrives `flight` loops from now."""
    o = u[i].owner
    shape = s.arm[o, w].splash_shape
    n = clock[0].missiles
    before = -1
    for k in range(s.arm[o, w].hits):
        arrival = clock[0].loop + flight + int(np.ceil(s.arm[o, w].hit_times[k] - 1e-6))
        if arrival == before:
            m[n - 1].hits += 1
            continue
        if n >= len(m):
            break
        before = arrival
        m[n].arrive_loop = arrival
        m[n].weapon = w
        m[n].source = i
        m[n].source_recycle = u[i].recycle
        m[n].source_owner = o
        m[n].target = j if shape != WAVE else NONE
        m[n].target_recycle = u[j].recycle
        m[n].avoid = NONE
        m[n].step = k
        m[n].from_x, m[n].from_y = u[i].x, u[i].y
        m[n].x, m[n].y = u[j].x, u[j].y
        m[n].hits = 1
        n += 1
    clock[0].missiles = n


@njit
def faces(u: Rows, s: Rules, scratch: Scratch, i: int, j: int, w: int) -> bool:
    """Turn unit i towards unit j by what it can in one loop; whether it then may begin to attack with weapon w."""
    if scratch.turret[u[i].type_id] == 1:
        return True
    o, t = u[i].owner, u[i].type_id
    wanted = np.arctan2(u[j].y - u[i].y, u[j].x - u[i].x)
    off = (wanted - u[i].facing + 3.0 * np.pi) % (2.0 * np.pi) - np.pi
    most = s.unit[o, t].turn_rate
    if abs(off) <= most or most <= 0.0:
        u[i].facing = wanted % (2.0 * np.pi)
        return True
    u[i].facing = (u[i].facing + (most if off > 0.0 else -most)) % (2.0 * np.pi)
    return abs(off) - most <= s.arm[o, w].arc


@njit
def _strays(u: Rows, scratch: Scratch, i: int) -> bool:
    """Whether an idle unit has been led too far from where it stood, or is on its way back from there."""
    away = (u[i].x - u[i].guard_x) ** 2 + (u[i].y - u[i].guard_y) ** 2
    limit = scratch.constants[K_LEASH_RESET if u[i].stuck == RETURNING else K_LEASH]
    u[i].stuck = RETURNING if away > limit * limit else 0
    return u[i].stuck == RETURNING


@njit
def fight(u: Rows, s: Rules, m: Volleys, clock: Ticks, scratch: Scratch, i: int) -> bool:
    """Weapon logic of one unit for this loop; True when the unit is busy attacking and must stand still.

    Leaves in `prey` whom it wants to attack; movement walks there when the prey is out of range.
    """
    o, t = u[i].owner, u[i].type_id
    order = u[i].order
    armed = u[i].can_attack == 1
    if order == st.ATTACK_UNIT:
        j = int(u[i].target)
        if not attackable(u, i, j, u[i].target_recycle) or (armed and weapon_against(u, s, i, j) < 0):
            u[i].prey = NONE
            u[i].windup = -1.0
            emit(scratch, clock, st.EV_ORDER_DONE, i, 0)
            return True
        u[i].prey, u[i].prey_recycle = j, u[i].target_recycle
    roams = order == st.MOVE and scratch.roams[t] == 1
    fights = order == st.IDLE or order == st.ATTACK_MOVE or order == st.HOLD or order == st.PATROL or roams
    if not armed or not (fights or order == st.ATTACK_UNIT) or (order == st.IDLE and _strays(u, scratch, i)):
        u[i].prey = NONE
        u[i].windup = -1.0
        return False
    j = int(u[i].prey)
    had = j >= 0
    valid = had and attackable(u, i, j, u[i].prey_recycle) and weapon_against(u, s, i, j) >= 0
    if u[i].windup >= 0.0:
        w = int(u[i].weapon)
        if not valid or gap(u, s, i, j) > s.arm[o, w].range + scratch.constants[K_RANGE_SLOP]:
            u[i].windup = -1.0
            u[i].cooldown = 0.0
        else:
            u[i].windup -= u[i].attack_rate
            if u[i].windup <= 0.0:
                u[i].windup = -1.0
                fire(u, s, m, clock, scratch, i, j)
            if u[i].windup >= 0.0 or u[i].cooldown > 0.0 or u[i].alive != 1:
                return not s.arm[o, w].moving  # else it attacks anew at once
    if fights:
        if not valid:
            u[i].prey = NONE
        at_rest = order == st.IDLE and (s.unit[o, t].is_worker or s.unit[o, t].flees)
        if not at_rest and (had != valid or (clock[0].loop + i) % SCAN_PERIOD == 0):
            choose(u, s, scratch, i, valid)
    j = int(u[i].prey)
    if j < 0:
        return False
    w = weapon_against(u, s, i, j)
    d = gap(u, s, i, j)
    if d > s.arm[o, w].range + IN_REACH or max(d, 0.0) < s.arm[o, w].min_range:
        return False
    if u[i].cooldown <= TURN_AHEAD and (faces(u, s, scratch, i, j, w) or roams) and u[i].cooldown <= 0.0:
        delay = s.arm[o, w].delay_min + (s.arm[o, w].delay_max - s.arm[o, w].delay_min) * random(clock)
        u[i].cooldown = max(u[i].cooldown, -1.0) + s.arm[o, w].cooldown + delay
        u[i].weapon = w
        u[i].windup = s.arm[o, w].damage_point
        if u[i].windup <= 1e-9:
            u[i].windup = -1.0
            fire(u, s, m, clock, scratch, i, j)
    return not s.arm[o, w].moving
