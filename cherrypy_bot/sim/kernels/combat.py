"""Weapons: whom a unit attacks, when it fires, what a hit does.

Hits are entered in the missile table with the loop in which they arrive (instant ones in the loop they are
fired) and applied after all units have acted, so that neither side gains from the order of rows.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.common import (
    K_DAMAGE_MIN,
    K_LEASH,
    Rules,
    Scratch,
    Ticks,
    Volleys,
    buckets_within,
    distance,
    emit,
    plane_of,
    random,
)
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.kernels.vision import visible_to
from cherrypy_bot.sim.rules.arrays import BONUS_SLOTS, SPLASH_SLOTS, WEAPON_SLOTS
from cherrypy_bot.sim.state import EV_DIED, NONE, PLAYERS, Rows

MIN_SCAN = 5.0
"""Least distance within which an armed unit looks for targets (the game's MinScanRange default)."""
SCAN_EXTRA = 0.5
"""A weapon with a longer range looks this much beyond it."""
SCAN_PERIOD = 4
"""Loops between two looks for a (better) target; a target that is gone is replaced at once."""


@njit
def weapon_against(u: Rows, s: Rules, i: int, j: int) -> int:
    """First weapon of unit i that can hit unit j, NONE when it has none."""
    return weapon_for(s, u[i].owner, u[i].type_id, plane_of(u, s, j))


@njit
def weapon_for(s: Rules, o: int, t: int, planes: int) -> int:
    """First weapon of player o's type t that hits one of the planes (GROUND | AIR bits), NONE when it has none."""
    for k in range(WEAPON_SLOTS):
        w = s.unit[o, t].weapon[k]
        if w >= 0 and s.arm[o, w].target & planes:
            return int(w)
    return NONE


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
def scan_range(s: Rules, o: int, t: int) -> float:
    """How far (edge to edge) a unit looks for something to attack."""
    reach = 0.0
    for k in range(WEAPON_SLOTS):
        w = s.unit[o, t].weapon[k]
        if w >= 0:
            reach = max(reach, s.arm[o, w].range)
    return max(reach + SCAN_EXTRA, MIN_SCAN)


@njit
def acquire(u: Rows, s: Rules, scratch: Scratch, i: int, reach: float) -> int:
    """Best target within `reach` (edge to edge): highest priority, then nearest; NONE when there is none.

    At equal priority units that can fight back come first, then those that need not be walked to.
    """
    o, t = u[i].owner, u[i].type_id
    x, y, radius = u[i].x, u[i].y, s.unit[o, t].radius
    plane = plane_of(u, s, i)
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
            if d <= s.arm[o, w].range + 0.01:
                score += 1
            if score > best_score or (score == best_score and d < best_gap - 1e-9):
                best, best_score, best_gap = scratch.members[m].row, score, d
    return best


@njit
def fire(u: Rows, s: Rules, m: Volleys, clock: Ticks, i: int, j: int) -> None:
    """Launch the attack of unit i on unit j at its damage point."""
    n = clock[0].missiles
    if n >= len(m):
        return
    w = u[i].weapon
    o = u[i].owner
    flight = 0
    speed = s.arm[o, w].missile_speed
    if speed > 0.0:
        flight = int(np.ceil(max(gap(u, s, i, j), 0.0) / speed))
    m[n].arrive_loop = clock[0].loop + flight
    m[n].weapon = w
    m[n].source = i
    m[n].source_recycle = u[i].recycle
    m[n].source_owner = o
    m[n].target = j
    m[n].target_recycle = u[j].recycle
    m[n].x = u[j].x
    m[n].y = u[j].y
    m[n].hits = s.arm[o, w].hits
    clock[0].missiles = n + 1


@njit
def hurt(u: Rows, s: Rules, scratch: Scratch, clock: Ticks, source: int, o: int, w: int, j: int, share: float) -> None:
    """One hit of weapon w of player o on unit j: bonus, armour, shields, death.

    Buffs change armour and shield armour alike; what they add counts against ranged weapons only (Guardian Shield).
    Hallucinations do no harm and take it twice.
    """
    if u[j].alive != 1 or u[j].invulnerable == 1:
        return
    if source >= 0 and u[source].hallucination == 1:
        return
    jo, jt = u[j].owner, u[j].type_id
    bits = s.unit[jo, jt].attribute_bits
    amount = float(s.arm[o, w].damage)
    for k in range(BONUS_SLOTS):
        if s.arm[o, w].bonus_bits[k] & bits:
            amount += s.arm[o, w].bonus[k]
    amount *= share * (1 + u[j].hallucination)
    buffed = u[j].armor_bonus
    if buffed > 0.0 and s.arm[o, w].melee:
        buffed = 0.0
    reduction = s.arm[o, w].armor_reduction
    least = scratch.constants[K_DAMAGE_MIN]
    if u[j].shield > 0.0:
        hit = max(amount - (s.unit[jo, jt].shield_armor + buffed) * reduction, least)
        if hit <= u[j].shield:
            u[j].shield -= hit
            amount = 0.0
        else:
            amount = hit - u[j].shield
            u[j].shield = 0.0
    if amount > 0.0:
        armor = s.unit[jo, jt].armor + buffed if u[j].build_left <= 0.0 else 0.0
        u[j].hp -= max(amount - armor * reduction, least)
    u[j].last_hurt_loop = clock[0].loop
    if u[j].hp <= 1e-9:
        u[j].hp = 0.0
        u[j].alive = 2  # dying: no longer a target, still a row until Python has buried it
        emit(scratch, clock, EV_DIED, j, source)
        if source >= 0:
            u[source].kills += 1
    elif (
        source >= 0
        and u[j].order == st.IDLE
        and u[j].prey == NONE
        and u[j].can_attack == 1
        and not s.unit[jo, jt].is_worker
        and u[source].owner != jo
        and attackable(u, j, source, u[source].recycle)
        and weapon_against(u, s, j, source) >= 0
    ):
        u[j].prey = source  # answers fire from beyond its own scan range
        u[j].prey_recycle = u[source].recycle


@njit
def land_hits(u: Rows, s: Rules, m: Volleys, clock: Ticks, scratch: Scratch) -> None:
    """Apply what arrives in this loop and keep the rest."""
    kept = 0
    loop = clock[0].loop
    for n in range(clock[0].missiles):
        j = m[n].target
        here = j >= 0 and u[j].alive == 1 and u[j].recycle == m[n].target_recycle and u[j].hidden == 0
        if here:
            m[n].x, m[n].y = u[j].x, u[j].y
        if m[n].arrive_loop > loop:
            if kept != n:
                _move_missile(m, n, kept)
            kept += 1
            continue
        source = m[n].source
        if u[source].alive == 0 or u[source].recycle != m[n].source_recycle:
            source = NONE
        o, w = m[n].source_owner, m[n].weapon
        for _ in range(m[n].hits):
            if here:
                hurt(u, s, scratch, clock, source, o, w, j, 1.0)
            if s.arm[o, w].splash_radius[0] > 0.0:
                _splash(u, s, m, clock, scratch, n, source, j if here else NONE)
    clock[0].missiles = kept


@njit
def _move_missile(m: Volleys, n: int, to: int) -> None:
    m[to] = m[n]


@njit
def _splash(u: Rows, s: Rules, m: Volleys, clock: Ticks, scratch: Scratch, n: int, source: int, primary: int) -> None:
    """Rings around the place of impact: full share in the inner, less in the outer ones."""
    o, w = m[n].source_owner, m[n].weapon
    x, y = m[n].x, m[n].y
    far = 0.0
    for k in range(SPLASH_SLOTS):
        far = max(far, s.arm[o, w].splash_radius[k])
    bx0, bx1, by0, by1 = buckets_within(scratch, x, y, far + scratch.extent[1])
    across, up = scratch.counts[1], scratch.counts[2]
    for p in range(PLAYERS):
        for by in range(by0, by1):
            line = (p * up + by) * across
            for e in range(scratch.bucket_start[line + bx0], scratch.bucket_start[line + bx1]):
                j = scratch.members[e].row
                if j in (primary, source) or u[j].alive != 1:
                    continue
                if u[j].owner == o and not s.arm[o, w].splash_friendly:
                    continue
                if not s.arm[o, w].target & plane_of(u, s, j):
                    continue
                d = np.sqrt((u[j].x - x) ** 2 + (u[j].y - y) ** 2) - s.unit[u[j].owner, u[j].type_id].radius
                for k in range(SPLASH_SLOTS):
                    if s.arm[o, w].splash_radius[k] > 0.0 and d <= s.arm[o, w].splash_radius[k]:
                        hurt(u, s, scratch, clock, source, o, w, j, s.arm[o, w].splash_fraction[k])
                        break


@njit
def fight(u: Rows, s: Rules, m: Volleys, clock: Ticks, scratch: Scratch, i: int) -> bool:
    """Weapon logic of one unit for this loop; True when the unit is busy attacking and must stand still.

    Leaves in `prey` whom it wants to attack; movement walks there when the prey is out of range.
    """
    o, t = u[i].owner, u[i].type_id
    order = u[i].order
    armed = u[i].can_attack == 1 and s.unit[o, t].weapon[0] >= 0
    if order == st.ATTACK_UNIT:
        j = u[i].target
        if not attackable(u, i, j, u[i].target_recycle) or (armed and weapon_against(u, s, i, j) < 0):
            u[i].prey = NONE
            u[i].windup = -1.0
            emit(scratch, clock, st.EV_ORDER_DONE, i, 0)
            return True
        u[i].prey, u[i].prey_recycle = j, u[i].target_recycle
    if not armed or not (
        order == st.IDLE or order == st.ATTACK_UNIT or order == st.ATTACK_MOVE or order == st.HOLD or order == st.PATROL
    ):
        u[i].prey = NONE
        u[i].windup = -1.0
        return False
    j = u[i].prey
    had = j >= 0
    valid = had and attackable(u, i, j, u[i].prey_recycle) and weapon_against(u, s, i, j) >= 0
    if u[i].windup >= 0.0:
        if not valid:
            u[i].windup = -1.0
            u[i].cooldown = 0.0
        else:
            u[i].windup -= u[i].attack_rate
            if u[i].windup <= 0.0:
                u[i].windup = -1.0
                fire(u, s, m, clock, i, j)
            return True
    if order != st.ATTACK_UNIT:
        if not valid:
            u[i].prey = NONE
        worker_at_rest = s.unit[o, t].is_worker and order == st.IDLE
        lost = had and not valid
        if not worker_at_rest and (lost or (clock[0].loop + i) % SCAN_PERIOD == 0):
            _choose(u, s, scratch, i, order, valid)
    j = u[i].prey
    if j < 0:
        return False
    w = weapon_against(u, s, i, j)
    d = gap(u, s, i, j)
    if d > s.arm[o, w].range + 1e-6 or max(d, 0.0) < s.arm[o, w].min_range:
        return False
    if u[i].cooldown <= 0.0:
        period = s.arm[o, w].cooldown
        delay = s.arm[o, w].delay_min + (s.arm[o, w].delay_max - s.arm[o, w].delay_min) * random(clock)
        u[i].cooldown = max(u[i].cooldown, -1.0) + period + delay
        u[i].weapon = w
        u[i].windup = s.arm[o, w].damage_point
        u[i].facing = np.arctan2(u[j].y - u[i].y, u[j].x - u[i].x) % (2.0 * np.pi)
        if u[i].windup <= 1e-9:
            u[i].windup = -1.0
            fire(u, s, m, clock, i, j)
    return True


@njit
def _choose(u: Rows, s: Rules, scratch: Scratch, i: int, order: int, valid: bool) -> None:
    """Look for a (better) target of an attacking, idle, holding or patrolling unit."""
    o, t = u[i].owner, u[i].type_id
    reach = scan_range(s, o, t)
    if order == st.HOLD or u[i].immobile == 1:
        reach -= SCAN_EXTRA if reach > MIN_SCAN else 0.0
    best = acquire(u, s, scratch, i, reach)
    if (
        best >= 0
        and (order == st.HOLD or u[i].immobile == 1)
        and gap(u, s, i, best) > s.arm[o, weapon_against(u, s, i, best)].range + 1e-6
    ):
        best = NONE
    if best >= 0:
        if valid and best != u[i].prey:
            # keeps shooting at what is in range unless something of higher priority turns up
            old = u[i].prey
            w = weapon_against(u, s, i, old)
            if (
                gap(u, s, i, old) <= s.arm[o, w].range + 1e-6
                and s.unit[u[old].owner, u[old].type_id].target_priority
                >= s.unit[u[best].owner, u[best].type_id].target_priority
                and (u[old].can_attack == 1 or u[best].can_attack == 0)
            ):
                return
        u[i].prey = best
        u[i].prey_recycle = u[best].recycle
    elif order == st.HOLD or u[i].immobile == 1:
        u[i].prey = NONE
    elif valid:
        away = np.sqrt((u[i].x - u[i].guard_x) ** 2 + (u[i].y - u[i].guard_y) ** 2)
        if order == st.IDLE and away > scratch.constants[K_LEASH]:
            u[i].prey = NONE
