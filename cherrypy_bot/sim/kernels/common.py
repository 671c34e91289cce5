"""What all kernels share: the scratch tables of one `advance`, events, random numbers, distances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.rules.records import AIR, GROUND
from cherrypy_bot.sim.state import (
    F8,
    GATHER,
    I2,
    I4,
    I8,
    MAX_EVENTS,
    NEUTRAL,
    NONE,
    PLAYERS,
    RETURN,
    U1,
    Rows,
    new_rows,
)

BUCKET = 3
"""Side of a bucket of the spatial index, in cells."""
BODILESS = 2
"""`Member.plane` of what takes up no room for others: structures (their cells block), miners, burrowed units."""

# indices into Scratch.constants
K_SHIELD_REGEN = 0
K_SHIELD_DELAY = 1
K_DAMAGE_MIN = 2
K_SIGHT_BUILDING = 3
K_HARVEST_MINERAL = 4
K_HARVEST_GAS = 5
K_RETURN_DELAY = 6
K_ACQUIRE_RESOURCE = 7
K_START_FACTOR = 8
K_LEASH = 9
K_LEASH_RESET = 10
K_RANGE_SLOP = 11
K_REVEAL = 12
K_HELP_RADIUS = 13
K_HELP_PERIOD = 14
CONSTANTS = 16


Cells = U1
"""`World.cells`: [layer, y, x]."""
Sight = I2
"""`World.vis`: [player, y, x]."""
Ticks = Rows
"""The clock record."""
Banks = Rows
"""The players' records."""
Volleys = Rows
"""The missile records."""


class Rules(NamedTuple):
    """The players' rules as records, see `stats`."""

    unit: Rows  # [3, types]
    arm: Rows  # [3, weapons]


class ScratchRow(NamedTuple):
    """One row of the scratch table; some fields are lists of rows, not facts of this row."""

    move_x: F8  # where the unit wants to go this loop
    move_y: F8
    from_x: F8  # where a moving unit stood before this loop's step
    from_y: F8
    active: I4  # list: rows that the loop looks at
    slot: I4  # where the unit stands in `members`; NONE when it is off the map
    halls: I4  # list: rows of finished town halls on the ground
    detectors: I4  # list: rows of units that detect
    wants: U1  # 0 = stands, 1 = moves, 2 = moves through units (mining)
    held: U1  # whether it met who does not give way; nobody pushes it then


class Member(NamedTuple):
    """A unit as searches for neighbours see it: what they ask of everyone, packed in the order of the buckets."""

    x: F8  # follows the unit while it moves; the bucket is that of the loop's start
    y: F8
    body: F8  # separation radius
    radius: F8
    row: I4
    priority: I4  # as a target
    plane: U1  # in which it takes up room: 0 ground, 1 air, BODILESS
    exposed: U1  # planes (GROUND | AIR bits) in which its enemy can attack it now; 0 = not at all
    threat: U1  # planes that it can attack


class Scratch(NamedTuple):
    """Tables derived anew in every loop or fixed for a game; no part of the state."""

    rows: Rows
    members: Rows  # sorted by owner, then by bucket
    counts: I8  # active rows, buckets across, buckets up, town halls
    events: I4  # [MAX_EVENTS, 3]: kind, row, arg
    bucket_start: I4  # [PLAYERS * buckets + 2]: first entry of each owner's each bucket in `members`
    extent: F8  # largest separation radius of a unit with a body, largest radius of all, in this loop
    constants: F8  # K_* above
    cliff_walker: U1  # per type id: may walk cliffs
    turret: U1  # per type id: need not turn to attack
    roams: U1  # per type id: attacks while it carries out an order to move
    resource: U1  # per type id: 1 mineral field, 2 rich mineral field, 3 geyser, 4 gas building
    trip: I4  # per type id: what a worker carries away from it
    threat: U1  # per type id: planes (GROUND | AIR bits) that its weapons hit
    half: F8  # [types, 2]: half width and height of the cells that block the ground, 0 for units


class PathSlot(NamedTuple):
    """What one distance field of the cache leads to."""

    goal: I8  # 2 * cell + walker class, -1 = unused
    version: I8  # path version
    limit: I8  # distances up to this one are final; the search went no farther
    used: I8  # stamp of the last use
    stamp: I8  # slot 0: the stamp now


class PathCache(NamedTuple):
    """Distance fields to recent goals, shared by all units; derived from the walk layer alone."""

    slots: Rows
    dist: I4  # [fields, H, W]: fifths of a cell; a large number where the goal cannot be reached
    open: U1  # [H + 2, W + 2]: passable cells with a closed border, of the search that runs
    queue: I4  # [8, 2 * cells]: buckets of the shortest-path search
    queue_len: I4  # [8]
    trail: I4  # [LOOKAHEAD]: cells down the field from the unit that asks


FIELDS = 48
LOOKAHEAD = 40
"""How many cells down the field a unit looks for its next corner."""


def new_scratch(capacity: int, width: int, height: int) -> Scratch:
    """Scratch tables for a map of the given size and a unit table of the given capacity."""
    across, up = width // BUCKET + 1, height // BUCKET + 1
    return Scratch(
        rows=new_rows(ScratchRow, capacity),
        members=new_rows(Member, capacity),
        counts=np.array([0, across, up, 0], dtype=np.int64),
        events=np.zeros((MAX_EVENTS, 3), dtype=np.int32),
        bucket_start=np.zeros(PLAYERS * across * up + 2, dtype=np.int32),
        extent=np.zeros(2),
        constants=np.zeros(CONSTANTS),
        cliff_walker=np.zeros(1, dtype=np.uint8),
        turret=np.zeros(1, dtype=np.uint8),
        roams=np.zeros(1, dtype=np.uint8),
        resource=np.zeros(1, dtype=np.uint8),
        trip=np.zeros(1, dtype=np.int32),
        threat=np.zeros(1, dtype=np.uint8),
        half=np.zeros((1, 2)),
    )


def new_path_cache(width: int, height: int) -> PathCache:
    """An empty cache for a map of the given size."""
    slots = new_rows(PathSlot, FIELDS)
    slots["goal"] = -1
    return PathCache(
        slots=slots,
        dist=np.empty((FIELDS, height, width), dtype=np.int32),
        open=np.zeros((height + 2, width + 2), dtype=np.uint8),
        queue=np.empty((8, 2 * width * height), dtype=np.int32),
        queue_len=np.zeros(8, dtype=np.int32),
        trail=np.zeros(LOOKAHEAD, dtype=np.int32),
    )


@njit
def emit(scratch: Scratch, clock: Ticks, kind: int, row: int, arg: int) -> None:
    """Leave something to Python; a full table drops nothing that matters twice (kernels ask again)."""
    n = clock[0].events
    if n < MAX_EVENTS:
        scratch.events[n, 0] = kind
        scratch.events[n, 1] = row
        scratch.events[n, 2] = arg
        clock[0].events = n + 1


@njit
def random(clock: Ticks) -> float:
    """Next number of the game's generator in [0, 1); the same sequence as `World.random`."""
    z = np.uint64(clock[0].rng) + np.uint64(0x9E3779B97F4A7C15)
    clock[0].rng = np.int64(z)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@njit
def distance(u: Rows, i: int, j: int) -> float:
    """Centre to centre."""
    return np.sqrt((u[i].x - u[j].x) ** 2 + (u[i].y - u[j].y) ** 2)


@njit
def plane_of(u: Rows, s: Rules, j: int) -> int:
    """Planes (GROUND | AIR bits) in which a unit can be hit now."""
    if u[j].flying == 1:
        return AIR
    plane = int(s.unit[u[j].owner, u[j].type_id].plane)
    return plane | GROUND if plane & AIR else GROUND


@njit
def turn(clock: Ticks, scratch: Scratch, k: int) -> int:
    """Row that acts as the k-th in this loop: first to last and last to first in turns, so that no side gains."""
    return int(scratch.rows[k if clock[0].loop & 1 else scratch.counts[0] - 1 - k].active)


@njit
def edge_of(u: Rows, scratch: Scratch, i: int, j: int) -> tuple[float, float]:
    """Point of structure j's blocked rectangle that is nearest to unit i."""
    hw, hh = scratch.half[u[j].type_id, 0], scratch.half[u[j].type_id, 1]
    return min(max(u[i].x, u[j].x - hw), u[j].x + hw), min(max(u[i].y, u[j].y - hh), u[j].y + hh)


@njit
def index_units(u: Rows, s: Rules, clock: Ticks, scratch: Scratch) -> None:
    """Collect the rows that act and sort them into buckets by owner and place."""
    across, up = scratch.counts[1], scratch.counts[2]
    start = scratch.bucket_start
    start[:] = 0
    n = halls = 0
    for i in range(clock[0].rows):
        if u[i].alive == 1 and u[i].owner != NEUTRAL:
            scratch.rows[n].active = i
            n += 1
            if s.unit[u[i].owner, u[i].type_id].is_townhall and u[i].flying == 0 and u[i].build_left <= 0.0:
                scratch.rows[halls].halls = i
                halls += 1
            if u[i].hidden == 0:
                b = u[i].owner * across * up + bucket_of(u[i].x, u[i].y, across)
                scratch.rows[i].slot = b
                start[b + 2] += 1
            else:
                scratch.rows[i].slot = NONE
    scratch.counts[0] = n
    scratch.counts[3] = halls
    total = 0
    for b in range(2, len(start)):
        total += start[b]
        start[b] = total
    # start[b + 1] now is the first entry of bucket b, and filling moves it to the first of bucket b + 1
    body = radius = 0.0
    for k in range(n):
        i = scratch.rows[k].active
        b = scratch.rows[i].slot
        if b == NONE:
            continue
        m = start[b + 1]
        start[b + 1] = m + 1
        scratch.rows[i].slot = m
        _enter(u, s, scratch, i, m)
        radius = max(radius, scratch.members[m].radius)
        if scratch.members[m].plane != BODILESS:
            body = max(body, scratch.members[m].body)
    scratch.extent[0] = body
    scratch.extent[1] = radius


@njit
def _enter(u: Rows, s: Rules, scratch: Scratch, i: int, m: int) -> None:
    """Write down unit i as member m."""
    o, t = u[i].owner, u[i].type_id
    scratch.members[m].row = i
    scratch.members[m].x = u[i].x
    scratch.members[m].y = u[i].y
    scratch.members[m].body = s.unit[o, t].separation_radius
    scratch.members[m].radius = s.unit[o, t].radius
    scratch.members[m].priority = s.unit[o, t].target_priority
    bodiless = s.unit[o, t].is_structure or u[i].order == GATHER or u[i].order == RETURN or u[i].sunk == 1
    scratch.members[m].plane = BODILESS if bodiless else u[i].flying
    # nobody finds what is cloaked, out of sight, invulnerable or looks like one of their own
    exposed = 0
    fair = u[i].invulnerable == 0 and u[i].disguised == 0
    if fair and u[i].seen >> (1 - o) & 1 and (u[i].cloaked == 0 or u[i].detected >> (1 - o) & 1):
        exposed = plane_of(u, s, i)
    scratch.members[m].exposed = exposed
    scratch.members[m].threat = scratch.threat[t] if u[i].can_attack == 1 else 0


@njit
def bucket_of(x: float, y: float, across: int) -> int:
    """Bucket that holds a place on the map."""
    return int(y) // BUCKET * across + int(x) // BUCKET


@njit
def buckets_within(scratch: Scratch, x: float, y: float, r: float) -> tuple[int, int, int, int]:
    """Ranges of bucket columns and lines (ends exclusive) that a square of half width r round (x, y) touches."""
    across, up = scratch.counts[1], scratch.counts[2]
    return (
        max(int(x - r) // BUCKET, 0),
        min(int(x + r) // BUCKET, across - 1) + 1,
        max(int(y - r) // BUCKET, 0),
        min(int(y + r) // BUCKET, up - 1) + 1,
    )
