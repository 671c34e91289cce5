"""Compiled writer of the unit messages of an observation: arrays in, protobuf wire bytes out.

`write_units` looks at every row once and writes the units of each class in turn, so that the order of units never
depends on what they do. Which class shows which fields was read off the real game's observations; which field
has which number is `raw.proto`'s. What Python keeps in tables (order queues, production, rally points, passengers,
lasting buffs) comes in ready as the tail of a unit's message.

A plain builder in the tests makes the same messages from the same world with protobuf's own classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.state import NEUTRAL, NONE, TAG_BASE, Rows

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]

UNIT_ROOM = 420
"""Bytes that one unit's message takes at most without its tail."""
NEUTRAL_ID = 16
"""Owner of neutral units in the API."""
SNAPSHOT_TAG = 1 << 33
HARVEST_REACH = 10.0
"""A mineral field within this many cells belongs to a town hall's line."""
RICH_LOAD = 6
"""A load of minerals above this came from a rich field."""
CARRY_MINERALS_BUFF, CARRY_RICH_MINERALS_BUFF = 271, 272
_SCREEN_HALF_WIDTH, _SCREEN_BELOW, _SCREEN_ABOVE = 13.0, 8.0, 10.0
# Roughly the part of the ground that the camera shows, in cells from its centre.

# classes of units, in the order in which they are written
(
    MINERAL,
    GEYSER,
    OTHER_NEUTRAL,
    OWN_STRUCTURE,
    OWN,
    OWN_ARMED,
    ENEMY_STRUCTURE,
    ENEMY,
    ENEMY_ARMED,
    HIDDEN,
    BLIP,
) = range(11)
CLASSES = 11
UNSEEN = 255

# what comes in the tail and is not written here
TAIL_ORDERS, TAIL_CARGO = 1, 2

# columns of the table of types
_COLUMNS: tuple[tuple[str, str], ...] = (
    ("height", "f8"),
    ("minerals", "f8"),
    ("gas", "f8"),
    ("supply", "f8"),
    ("detect", "f4"),
    ("radar", "f4"),
    ("cargo", "i4"),
    ("gas_buff", "i4"),
    ("armed", "u1"),
    ("structure", "u1"),
    ("mineral", "u1"),
    ("geyser", "u1"),
    ("gas_building", "u1"),
    ("townhall", "u1"),
    ("addon", "u1"),
    ("needs_power", "u1"),
    ("worker", "u1"),
    ("army", "u1"),
    ("economy", "u1"),
    ("larva", "u1"),
    ("egg", "u1"),
    ("warp_gate", "u1"),
    ("alert", "u1"),
)
TYPE_COLUMNS = np.dtype(list(_COLUMNS), align=True)


@njit
def _varint(out: Bytes, p: int, value: int) -> int:
    while value > 0x7F:
        out[p] = (value & 0x7F) | 0x80
        value >>= 7
        p += 1
    out[p] = value
    return p + 1


@njit
def _uint(out: Bytes, p: int, field: int, value: int) -> int:
    """An unsigned, enum or bool field."""
    p = _varint(out, p, field << 3)
    return _varint(out, p, value)


@njit
def _float(out: Bytes, p: int, field: int, value: float) -> int:
    """A float field."""
    p = _varint(out, p, field << 3 | 5)
    bits = np.float32(value).view(np.uint32)
    out[p] = bits & 0xFF
    out[p + 1] = (bits >> 8) & 0xFF
    out[p + 2] = (bits >> 16) & 0xFF
    out[p + 3] = (bits >> 24) & 0xFF
    return p + 4


@njit
def _tag(u: Rows, i: int) -> int:
    return TAG_BASE | (i << 18) | (u[i].recycle & 0x3FFFF)


@njit
def _known_tag(u: Rows, visible: Bytes, player: int, i: int) -> int:
    """The tag under which a player knows a unit."""
    if u[i].owner == player or visible[i]:
        return _tag(u, i)
    return SNAPSHOT_TAG | (i << 18) | (u[i].recycle & 0x3FFFF)


@njit
def classify(u: Rows, n: int, t: Rows, player: int, visible: Bytes, shimmer: Bytes, blips: Bytes, kinds: Bytes) -> None:
    """Class of every row [n] into `kinds`; UNSEEN for those that are not written."""
    for i in range(n):
        kinds[i] = UNSEEN
        kind = t[u[i].type_id]
        if visible[i]:
            if u[i].owner == NEUTRAL:
                kinds[i] = MINERAL if kind.mineral else (GEYSER if kind.geyser else OTHER_NEUTRAL)
            elif u[i].owner == player:
                kinds[i] = OWN_ARMED if kind.armed else (OWN_STRUCTURE if kind.structure else OWN)
            else:
                kinds[i] = ENEMY_ARMED if kind.armed else (ENEMY_STRUCTURE if kind.structure else ENEMY)
        elif shimmer[i]:
            kinds[i] = HIDDEN
        elif blips[i]:
            kinds[i] = BLIP


@njit
def count_harvesters(
    u: Rows, n: int, t: Rows, player: int, load: Ints, halls: Ints, assigned: Ints, ideal: Ints
) -> None:
    """Assigned harvesters, and ideal ones in units of fields and gas buildings, of own halls and gas buildings.

    `ideal` counts mineral fields for town halls (two workers each) and 1 for gas buildings with gas left (three).
    All int32 [n]; load and halls are scratch.
    """
    count = 0
    for i in range(n):
        load[i] = assigned[i] = ideal[i] = 0
        if not u[i].alive or u[i].owner != player or not t[u[i].type_id].townhall:
            continue
        if u[i].build_left <= 0.0 and not u[i].flying:
            halls[count] = i
            count += 1
    for i in range(n):
        if u[i].alive and u[i].owner == player and u[i].order == st.GATHER and u[i].build_left <= 0.0:
            node = u[i].node
            if 0 <= node < n:
                load[node] += 1
    for i in range(n):
        if not u[i].alive:
            continue
        kind = t[u[i].type_id]
        if kind.gas_building and u[i].owner == player and u[i].build_left <= 0.0:
            assigned[i] = load[i]
            ideal[i] = 1 if u[i].contents > 0 else 0
        elif kind.mineral and u[i].owner == NEUTRAL:
            best, hall = HARVEST_REACH * HARVEST_REACH, NONE
            for k in range(count):
                j = halls[k]
                gap = (u[i].x - u[j].x) ** 2 + (u[i].y - u[j].y) ** 2
                if gap < best or (hall == NONE and gap == best):
                    best, hall = gap, j
            if hall != NONE:
                assigned[hall] += load[i]
                ideal[hall] += 1


@njit
def _order(out: Bytes, p: int, ability: int, tag: int) -> int:
    """An order at a unit, or at nothing when `tag` is 0."""
    p = _varint(out, p, 22 << 3 | 2)
    start = p
    p = _uint(out, p + 1, 1, ability)
    if tag:
        p = _uint(out, p, 3, tag)
    out[start] = p - start - 1
    return p


@njit
def _harvest_order(
    out: Bytes, p: int, u: Rows, n: int, t: Rows, visible: Bytes, player: int, i: int, returns: Rows
) -> int:
    """The order of a worker that gathers or returns: the node it works at now, or the nearest town hall."""
    ability = int(u[i].order_ability)
    if u[i].order == st.GATHER and u[i].gather_phase != st.G_TO_DROP:
        node = u[i].node
        if node < 0 or not u[node].alive or u[node].recycle != u[i].node_recycle:
            node = u[i].target  # none found yet: where it was sent
            if node < 0 or not u[node].alive or u[node].recycle != u[i].target_recycle:
                return _order(out, p, ability, 0)
        return _order(out, p, ability, _known_tag(u, visible, player, node))
    for k in range(len(returns)):
        if returns[k].gather == ability:
            ability = int(returns[k].back)
            break
    best, hall = 1e30, NONE
    for j in range(n):
        if not u[j].alive or u[j].owner != player or not t[u[j].type_id].townhall:
            continue
        gap = (u[j].x - u[i].x) ** 2 + (u[j].y - u[i].y) ** 2
        if gap < best and u[j].build_left <= 0.0 and not u[j].flying:
            best, hall = gap, j
    return _order(out, p, ability, _tag(u, hall) if hall != NONE else 0)


@njit
def _position(out: Bytes, p: int, u: Rows, i: int, t: Rows, ground: Bytes) -> int:
    """The pos field: on the ground below the unit, flyers above it."""
    x, y = u[i].x, u[i].y
    row, column = min(max(int(y), 0), ground.shape[0] - 1), min(max(int(x), 0), ground.shape[1] - 1)
    z = -16.0 + 32.0 / 255.0 * ground[row, column]
    if u[i].flying:
        z += t[u[i].type_id].height
    out[p], out[p + 1] = 6 << 3 | 2, 15
    p = _float(out, p + 2, 1, x)
    p = _float(out, p, 2, y)
    return _float(out, p, 3, z)


@njit
def _own_parts(
    out: Bytes,
    p: int,
    u: Rows,
    n: int,
    t: Rows,
    visible: Bytes,
    player: int,
    i: int,
    tail: int,
    loop: int,
    returns: Rows,
) -> int:
    """What only the owner sees, as far as it is not in the tail."""
    kind = t[u[i].type_id]
    if not tail & TAIL_ORDERS and (u[i].order == st.GATHER or u[i].order == st.RETURN) and u[i].order_ability > 0:
        p = _harvest_order(out, p, u, n, t, visible, player, i, returns)
    other = u[i].addon
    if other >= 0 and u[other].alive and not u[i].flying and kind.structure and not kind.addon:
        p = _uint(out, p, 23, _tag(u, other))
    if kind.cargo > 0 and not kind.townhall and not tail & TAIL_CARGO:
        p = _uint(out, p, 25, 0)
        p = _uint(out, p, 26, kind.cargo)
    prey = u[i].prey
    if prey >= 0 and u[prey].alive and u[prey].recycle == u[i].prey_recycle:
        p = _uint(out, p, 34, _tag(u, prey))
    if u[i].life_left >= 0.0:
        left = int(np.ceil(u[i].life_left))
        p = _uint(out, p, 43, left)
        p = _uint(out, p, 44, left + loop - u[i].created_loop)
    return p


@njit
def write_units(
    out: Bytes,
    u: Rows,
    n: int,
    t: Rows,
    stats: Rows,
    levels: Bytes,
    player: int,
    loop: int,
    camera_x: float,
    camera_y: float,
    ground: Bytes,
    visible: Bytes,
    kinds: Bytes,
    selected: Bytes,
    assigned: Ints,
    ideal: Ints,
    per_field: int,
    per_gas: int,
    returns: Rows,
    tail_bits: Bytes,
    tail_start: Ints,
    tail_end: Ints,
    tails: Bytes,
) -> int:
    """Write all unit messages as repeated `units` of ObservationRaw; returns the number of bytes.

    out: uint8, room for UNIT_ROOM bytes a unit and all tails. u: unit rows; n: rows in use. t: TYPE_COLUMNS by type
    id. stats: World.unit_stats. levels: uint8 [2 (owner), 3 (attack, armour, shield), types]. ground: uint8
    [H, W] terrain heights. visible, kinds, selected, tail_bits: uint8 [n]; assigned, ideal, tail_start, tail_end:
    int32 [n]; tails: uint8, the tails one after the other.
    """
    p = 0
    for group in range(CLASSES):
        for i in range(n):
            if kinds[i] != group:
                continue
            begin = p
            out[p] = 2 << 3 | 2
            p += 3  # two bytes for the length, which is known at the end
            kind = t[u[i].type_id]
            owner = int(u[i].owner)
            own = group in (OWN, OWN_STRUCTURE, OWN_ARMED)
            neutral = group in (MINERAL, GEYSER, OTHER_NEUTRAL)
            p = _uint(out, p, 1, 3 if group >= HIDDEN else 1)
            p = _uint(out, p, 2, 3 if neutral else (1 if own else (4 if player >= 0 else 2)))
            p = _uint(out, p, 3, _tag(u, i))
            if group != BLIP:
                p = _uint(out, p, 4, u[i].type_id)
            if group < HIDDEN:
                p = _uint(out, p, 5, NEUTRAL_ID if neutral else owner + 1)
            p = _position(out, p, u, i, t, ground)
            dx, dy = u[i].x - camera_x, u[i].y - camera_y
            on_screen = abs(dx) < _SCREEN_HALF_WIDTH and -_SCREEN_BELOW < dy < _SCREEN_ABOVE
            if group >= HIDDEN:
                if group == HIDDEN:
                    p = _float(out, p, 8, stats[NEUTRAL, u[i].type_id].radius)
                    p = _uint(out, p, 10, 1)
                p = _uint(out, p, 12, on_screen)
                p = _uint(out, p, 13, group == BLIP)
                if group == HIDDEN:
                    p = _uint(out, p, 20, u[i].flying)
                    p = _uint(out, p, 21, u[i].burrowed)
            else:
                p = _float(out, p, 7, u[i].facing)
                p = _float(out, p, 8, stats[NEUTRAL, u[i].type_id].radius)
                progress = 1.0
                if u[i].build_left > 0.0:
                    progress = 1.0 - u[i].build_left / max(u[i].build_total, 1e-9)
                p = _float(out, p, 9, progress)
                cloak = 3
                if u[i].cloaked and not neutral:
                    cloak = 4 if own else 2
                p = _uint(out, p, 10, cloak)
                p = _uint(out, p, 11, selected[i])
                p = _uint(out, p, 12, on_screen)
                p = _uint(out, p, 13, 0)
                p = _float(out, p, 14, u[i].hp)
                p = _float(out, p, 15, u[i].hp_max)
                p = _float(out, p, 16, u[i].shield)
                p = _float(out, p, 17, u[i].energy)
                if group == MINERAL:
                    p = _uint(out, p, 18, max(u[i].contents, 0))
                elif group == GEYSER or (kind.gas_building and not neutral):
                    p = _uint(out, p, 19, max(u[i].contents, 0))
                p = _uint(out, p, 20, u[i].flying)
                p = _uint(out, p, 21, u[i].burrowed)
                if own:
                    p = _uint(out, p, 28, assigned[i])
                    p = _uint(out, p, 29, ideal[i] * (per_gas if kind.gas_building else per_field))
                    if kind.armed:
                        p = _float(out, p, 30, max(u[i].cooldown, 0.0))
                if not neutral and kind.detect > 0.0:
                    p = _float(out, p, 31, kind.detect)
                if not neutral and kind.radar > 0.0:
                    p = _float(out, p, 32, kind.radar)
                if neutral or kind.structure:
                    p = _uint(out, p, 35, u[i].powered == 1 and kind.needs_power == 1)
                p = _float(out, p, 36, u[i].shield_max)
                p = _float(out, p, 37, u[i].energy_max)
                p = _uint(out, p, 38, u[i].hallucination if own else 0)
                active = False
                if not neutral:
                    active = u[i].order != st.IDLE or u[i].work_left[0] >= 0.0 or u[i].work_left[1] >= 0.0
                p = _uint(out, p, 39, active)
                if kind.armed and not neutral:
                    p = _uint(out, p, 40, levels[owner, 0, u[i].type_id])
                p = _uint(out, p, 41, 0 if neutral else levels[owner, 1, u[i].type_id])
                p = _uint(out, p, 42, 0 if neutral else levels[owner, 2, u[i].type_id])
                if own:
                    p = _own_parts(out, p, u, n, t, visible, player, i, tail_bits[i], loop, returns)
                for k in range(tail_start[i], tail_end[i]):
                    out[p] = tails[k]
                    p += 1
                if not neutral and u[i].carry == st.CARRY_MINERALS:
                    p = _uint(
                        out, p, 27, CARRY_RICH_MINERALS_BUFF if u[i].carry_amount > RICH_LOAD else CARRY_MINERALS_BUFF
                    )
                elif not neutral and u[i].carry == st.CARRY_GAS:
                    p = _uint(out, p, 27, kind.gas_buff)
            p = _close(out, begin, p)
    return p


@njit
def _close(out: Bytes, begin: int, p: int) -> int:
    """Enter the length of the message that began at `begin`; longer ones than two bytes can say move on."""
    size = p - begin - 3
    if size >= 1 << 14:
        for k in range(p - 1, begin + 2, -1):
            out[k + 2] = out[k]
        out[begin + 1] = (size & 0x7F) | 0x80
        out[begin + 2] = ((size >> 7) & 0x7F) | 0x80
        out[begin + 3] = ((size >> 14) & 0x7F) | 0x80
        out[begin + 4] = (size >> 21) & 0x7F
        return p + 2
    out[begin + 1] = (size & 0x7F) | 0x80
    out[begin + 2] = size >> 7
    return p


def type_columns(count: int) -> Rows:
    """An empty table of types."""
    return np.zeros(count, dtype=TYPE_COLUMNS)


RETURN_COLUMNS = np.dtype([("gather", "i8"), ("back", "i8")])


def return_rows(pairs: dict[int, int]) -> Any:
    """Gather abilities and the return abilities that the game shows on the way back, as rows."""
    return np.array(list(pairs.items()), dtype=RETURN_COLUMNS)
