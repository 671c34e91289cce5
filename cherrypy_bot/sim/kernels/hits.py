"""Hits: what arrives in a loop, whom it strikes, what it takes away.

A search for the units that a splash strikes counts bodies by their edge: a unit is struck when its circle touches
the ring, cone, line or beam.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.common import (
    K_DAMAGE_MIN,
    K_HELP_PERIOD,
    K_HELP_RADIUS,
    K_RANGE_SLOP,
    Banks,
    Rules,
    Scratch,
    Ticks,
    Volleys,
    buckets_within,
    emit,
    plane_of,
)
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.kernels.targets import attackable, gap, weapon_against
from cherrypy_bot.sim.rules.arrays import (
    BEAM,
    BONUS_SLOTS,
    BOUNCE_SLOTS,
    CONE,
    LINE,
    NO_SPLASH,
    RING,
    SEVERAL,
    SPLASH_SLOTS,
    WAVE,
)
from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS
from cherrypy_bot.sim.state import EV_DIED, NONE, PLAYERS, Rows

ARMORED = ATTRIBUTE_BITS["Armored"]
WAVE_PERIOD = 2
"""Loops in which a wave of spines runs one cell."""


@njit
def land_hits(u: Rows, s: Rules, m: Volleys, players: Banks, clock: Ticks, scratch: Scratch) -> None:
    """Apply what arrives in this loop and keep the rest; bounces join the end of the table."""
    kept = n = 0
    while n < clock[0].missiles:
        j = int(m[n].target)
        here = j >= 0 and u[j].alive == 1 and u[j].recycle == m[n].target_recycle and u[j].hidden == 0
        if here:
            m[n].x, m[n].y = u[j].x, u[j].y
        if m[n].arrive_loop > clock[0].loop or not _strike(u, s, m, players, clock, scratch, n, here):
            if kept != n:
                m[kept] = m[n]
            kept += 1
        n += 1
    clock[0].missiles = kept


@njit
def _strike(u: Rows, s: Rules, m: Volleys, players: Banks, clock: Ticks, scratch: Scratch, n: int, here: bool) -> bool:
    """Apply missile n; False when it goes on (a wave). `here`: its target still is where hits can find it."""
    o, w = int(m[n].source_owner), int(m[n].weapon)
    source = int(m[n].source)
    if u[source].alive == 0 or u[source].recycle != m[n].source_recycle:
        source = NONE
    primary = int(m[n].target) if here else NONE
    shape = s.arm[o, w].splash_shape
    step = int(m[n].step)
    bounces = s.arm[o, w].bounce_radius[0] > 0.0
    lives = source != NONE and u[source].alive == 1
    share = 1.0
    if bounces and step > 0:
        share = s.arm[o, w].bounce_share[step - 1]
    elif step > 0 and s.arm[o, w].missile_speed == 0.0 and shape in (NO_SPLASH, RING):
        # the later hits of a combination need an attacker that lives and is still near enough
        slop = scratch.constants[K_RANGE_SLOP]
        if not lives or (primary != NONE and gap(u, s, source, primary) > s.arm[o, w].range + slop):
            return True
    for _ in range(m[n].hits):
        if primary != NONE:
            hurt(u, s, players, scratch, clock, source, o, w, primary, share)
        if shape != NO_SPLASH:
            _splash(u, s, m, players, clock, scratch, n, source, primary)
    if shape == WAVE:
        m[n].step = step + 1
        m[n].arrive_loop += WAVE_PERIOD
        # the line ends one cell beyond the weapon's range, or with the one who sent it
        return step >= s.arm[o, w].range or not lives
    if bounces and step < BOUNCE_SLOTS:
        _bounce(u, s, m, clock, scratch, n, source)
    return True


@njit
def hurt(
    u: Rows,
    s: Rules,
    players: Banks,
    scratch: Scratch,
    clock: Ticks,
    source: int,
    o: int,
    w: int,
    j: int,
    share: float,
) -> None:
    """One hit of weapon w of player o on unit j: bonus, armour, shields, death.

    Buffs change armour and shield armour alike; what they add counts against ranged weapons only (Guardian Shield).
    Hallucinations do no harm and take it twice.
    """
    if u[j].alive != 1 or u[j].invulnerable == 1:
        return
    if source >= 0 and u[source].hallucination == 1:
        return
    jo, jt = u[j].owner, u[j].type_id
    life, shield = u[j].hp, u[j].shield
    bits = s.unit[jo, jt].attribute_bits
    amount = float(s.arm[o, w].damage)
    for k in range(BONUS_SLOTS):
        if s.arm[o, w].bonus_bits[k] & bits:
            amount += s.arm[o, w].bonus[k]
    if source >= 0:
        if bits & ARMORED:
            amount += u[source].armored_bonus
        if u[source].flying == 1 and u[j].flying == 0:
            amount *= u[j].air_damage
    amount *= share * (1 + u[j].hallucination)
    absorbed = min(amount, u[j].barrier)
    u[j].barrier -= absorbed
    amount -= absorbed
    buffed = u[j].armor_bonus
    if buffed > 0.0 and s.arm[o, w].melee:
        buffed = 0.0
    reduction = s.arm[o, w].armor_reduction
    least = scratch.constants[K_DAMAGE_MIN]
    if amount <= 0.0 and absorbed > 0.0:
        pass  # all of it was absorbed: not even the least damage comes through
    elif u[j].shield > 0.0:
        hit = max(amount + s.arm[o, w].shield_bonus - (s.unit[jo, jt].shield_armor + buffed) * reduction, least)
        if hit <= u[j].shield:
            u[j].shield -= hit
            amount = 0.0
        else:  # what is more against shields is lost with them
            amount = min(amount, hit - u[j].shield)
            u[j].shield = 0.0
    if amount > 0.0:
        armor = s.unit[jo, jt].armor + buffed if u[j].build_left <= 0.0 else 0.0
        u[j].hp -= max(amount - armor * reduction, least)
    if u[j].disguised == 1:
        u[j].hp = 0.0
    if u[j].hallucination == 0:
        _count(players, o, jo, life - max(u[j].hp, 0.0), shield - u[j].shield)
    first = clock[0].loop - u[j].last_hurt_loop >= scratch.constants[K_HELP_PERIOD]
    u[j].last_hurt_loop = clock[0].loop
    if source >= 0 and u[source].alive == 1 and u[source].owner == 1 - jo:
        if u[j].order == st.IDLE and u[j].prey == NONE:
            _answer(u, s, j, source)  # fires back from beyond its own scan range
        if first or (clock[0].loop + j) % int(scratch.constants[K_HELP_PERIOD]) == 0:
            _call_for_help(u, s, scratch, j, source)
    if u[j].hp <= 1e-9:
        u[j].hp = 0.0
        u[j].alive = 2  # dying: no longer a target, still a row until Python has buried it
        emit(scratch, clock, EV_DIED, j, source)
        if source >= 0:
            u[source].kills += 1


@njit
def _count(players: Banks, o: int, jo: int, life: float, shields: float) -> None:
    """Enter what a hit of player o took from a unit of player jo into the score of both."""
    if jo < PLAYERS:
        players[jo].taken_life += life
        players[jo].taken_shields += shields
        if o == 1 - jo:
            players[o].dealt_life += life
            players[o].dealt_shields += shields


@njit
def _answer(u: Rows, s: Rules, j: int, source: int) -> None:
    """Idle unit j turns against the attacker if it is of the kind that fights and can."""
    o, t = u[j].owner, u[j].type_id
    if (
        u[j].can_attack == 1
        and u[j].immobile == 0
        and not s.unit[o, t].is_worker
        and not s.unit[o, t].flees
        and attackable(u, j, source, u[source].recycle)
        and weapon_against(u, s, j, source) >= 0
    ):
        u[j].prey = source
        u[j].prey_recycle = u[source].recycle


@njit
def _call_for_help(u: Rows, s: Rules, scratch: Scratch, j: int, source: int) -> None:
    """Idle comrades near unit j turn against its attacker."""
    r = scratch.constants[K_HELP_RADIUS]
    bx0, bx1, by0, by1 = buckets_within(scratch, u[j].x, u[j].y, r)
    across, up = scratch.counts[1], scratch.counts[2]
    for by in range(by0, by1):
        line = (u[j].owner * up + by) * across
        for e in range(scratch.bucket_start[line + bx0], scratch.bucket_start[line + bx1]):
            k = int(scratch.members[e].row)
            near = (scratch.members[e].x - u[j].x) ** 2 + (scratch.members[e].y - u[j].y) ** 2 <= r * r
            if near and u[k].order == st.IDLE and u[k].prey == NONE and u[k].alive == 1:
                _answer(u, s, k, source)


@njit
def _share(
    s: Rules, o: int, w: int, d: float, radius: float, along: float, across: float, step: int, was: float
) -> float:
    """Share of the damage for a body of a radius: d from the origin of rings and cones, `along` and `across` the way
    of the attack from the origin of lines and beams; `was`: how far along it was one cell of a wave ago."""
    shape = s.arm[o, w].splash_shape
    if shape in (LINE, WAVE):
        touches = abs(across) <= s.arm[o, w].splash_width / 2.0 + radius
        if shape == WAVE:  # its front passes each centre once, wherever that is going
            return 1.0 if touches and along < step + 1.0 and (was >= step or step == 0) and along > -radius else 0.0
        return 1.0 if touches and along >= -radius and along - radius <= s.arm[o, w].splash_length else 0.0
    if shape == BEAM:
        touches = abs(along) <= s.arm[o, w].splash_width / 2.0 + radius
        return 1.0 if touches and abs(across) - radius <= s.arm[o, w].splash_length / 2.0 else 0.0
    if shape == CONE and along < d * np.cos(s.arm[o, w].splash_arc / 2.0):
        return 0.0
    for k in range(SPLASH_SLOTS):
        if s.arm[o, w].splash_radius[k] > 0.0 and d - radius <= s.arm[o, w].splash_radius[k]:
            return float(s.arm[o, w].splash_fraction[k])
    return 0.0


@njit
def _splash(
    u: Rows, s: Rules, m: Volleys, players: Banks, clock: Ticks, scratch: Scratch, n: int, source: int, primary: int
) -> None:
    """Whoever else missile n strikes: see `rules.arrays` for the shapes."""
    o, w = int(m[n].source_owner), int(m[n].weapon)
    shape = s.arm[o, w].splash_shape
    if shape == SEVERAL:
        _strike_several(u, s, players, clock, scratch, o, w, source, primary)
        return
    x, y = m[n].from_x, m[n].from_y
    dir_x, dir_y = m[n].x - x, m[n].y - y
    length = np.sqrt(dir_x * dir_x + dir_y * dir_y)
    if length > 1e-9:
        dir_x, dir_y = dir_x / length, dir_y / length
    else:
        dir_x, dir_y = 1.0, 0.0
    if shape in (RING, BEAM):
        x, y = m[n].x, m[n].y
    far = s.arm[o, w].splash_length + 1.0
    for k in range(SPLASH_SLOTS):
        far = max(far, s.arm[o, w].splash_radius[k])
    own = 0.0
    if shape == CONE and source != NONE:  # its rings begin at the attacker's edge
        own = s.unit[o, u[source].type_id].radius
    bx0, bx1, by0, by1 = buckets_within(scratch, x, y, far + own + scratch.extent[1])
    across, up = scratch.counts[1], scratch.counts[2]
    for p in range(PLAYERS):
        if p == o and not s.arm[o, w].splash_friendly:
            continue
        for by in range(by0, by1):
            line = (p * up + by) * across
            for e in range(scratch.bucket_start[line + bx0], scratch.bucket_start[line + bx1]):
                j = int(scratch.members[e].row)
                dx, dy = scratch.members[e].x - x, scratch.members[e].y - y
                d = np.sqrt(dx * dx + dy * dy) - own
                ahead, aside = dx * dir_x + dy * dir_y, dy * dir_x - dx * dir_y
                was = ahead
                if shape == WAVE and scratch.rows[j].wants != 0:
                    was -= WAVE_PERIOD * (scratch.rows[j].move_x * dir_x + scratch.rows[j].move_y * dir_y)
                share = _share(s, o, w, d, scratch.members[e].radius, ahead, aside, m[n].step, was)
                if share <= 0.0 or j in (primary, source) or u[j].alive != 1 or u[j].hidden == 1:
                    continue
                if s.arm[o, w].target & plane_of(u, s, j):
                    hurt(u, s, players, scratch, clock, source, o, w, j, share)


@njit
def _strike_several(
    u: Rows, s: Rules, players: Banks, clock: Ticks, scratch: Scratch, o: int, w: int, source: int, primary: int
) -> None:
    """Hit the attacker's next nearest targets in range as well."""
    if source == NONE or u[source].alive != 1:
        return
    last, last_row = -1e18, NONE
    for _ in range(s.arm[o, w].targets - 1):
        best, best_gap = NONE, 1e18
        for k in range(scratch.counts[0]):
            j = int(scratch.rows[k].active)
            if u[j].owner == o or j == primary or not attackable(u, source, j, u[j].recycle):
                continue
            d = gap(u, s, source, j)
            if d > s.arm[o, w].range or d >= best_gap or d < last or (d == last and j <= last_row):
                continue
            if s.arm[o, w].target & plane_of(u, s, j):
                best, best_gap = j, d
        if best == NONE:
            return
        hurt(u, s, players, scratch, clock, source, o, w, best, 1.0)
        last, last_row = best_gap, best


@njit
def _bounce(u: Rows, s: Rules, m: Volleys, clock: Ticks, scratch: Scratch, n: int, source: int) -> None:
    """Send missile n on from where it struck to the nearest other enemy."""
    o, w, step = int(m[n].source_owner), int(m[n].weapon), int(m[n].step)
    r = s.arm[o, w].bounce_radius[step]
    x, y = m[n].x, m[n].y
    bx0, bx1, by0, by1 = buckets_within(scratch, x, y, r + scratch.extent[1])
    across, up = scratch.counts[1], scratch.counts[2]
    best, best_d = NONE, 1e18
    for by in range(by0, by1):
        line = ((1 - o) * up + by) * across
        for e in range(scratch.bucket_start[line + bx0], scratch.bucket_start[line + bx1]):
            j = int(scratch.members[e].row)
            if scratch.members[e].exposed & s.arm[o, w].target == 0 or u[j].alive != 1:
                continue
            dx, dy = scratch.members[e].x - x, scratch.members[e].y - y
            d = np.sqrt(dx * dx + dy * dy) - scratch.members[e].radius
            if d <= r and d < best_d and j != m[n].target and j != m[n].avoid:
                best, best_d = j, d
    k = clock[0].missiles
    if best == NONE or k >= len(m):
        return
    m[k] = m[n]
    m[k].arrive_loop = clock[0].loop + max(int(np.ceil(max(best_d, 0.0) / s.arm[o, w].missile_speed)), 1)
    m[k].avoid = m[n].target
    m[k].target, m[k].target_recycle = best, u[best].recycle
    m[k].step = step + 1
    m[k].from_x, m[k].from_y = x, y
    m[k].x, m[k].y = u[best].x, u[best].y
    clock[0].missiles = k + 1
