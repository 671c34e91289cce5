"""Engine state: one array per field, one row per unit.

Everything that decides what happens next lives in `World`: the unit rows, the players' banks, the grids, the
missiles in flight, and the few Python tables (order queues, production queues) that change rarely. Copying
those is cloning a game, hashing them is hashing it; `PathCache` and other derived data are neither.

A row is reused after its unit died; `recycle` counts the uses, so (row, recycle) names one unit for ever.
The API's tag is made of both exactly as the game makes it.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

F8 = npt.NDArray[np.float64]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]
I2 = npt.NDArray[np.int16]
Rows = npt.NDArray[np.void]
"""Records of a table, the memory that the kernels work on."""
T = TypeVar("T", bound=tuple[Any, ...])

NEUTRAL = 2
"""Owner index of neutral units; players are 0 and 1 (player_id 1 and 2 in the API, neutral is 16 there)."""
PLAYERS = 2
NONE = -1
"""No row, no weapon, no target."""

# --- order kinds: what the kernels do with a unit in every loop ------------------------------------------
IDLE = 0  # stands; acquires targets by itself and returns to its guard point
MOVE = 1  # to (goal_x, goal_y), ignores enemies; ORDER_DONE on arrival
ATTACK_UNIT = 2  # chases and attacks `target`; ORDER_DONE when it is gone or out of sight
ATTACK_MOVE = 3  # to the goal, fighting what it meets; ORDER_DONE on arrival
HOLD = 4  # attacks what comes into range, never moves
PATROL = 5  # attack-move between (goal_x, goal_y) and (alt_x, alt_y)
GATHER = 6  # the mining cycle on `target` (gather_* fields); ends with ORDER_DONE when nothing is left to mine
RETURN = 7  # carries cargo to the nearest drop-off, then ORDER_DONE (queue empty: goes on gathering)
FOLLOW = 8  # moves after `target`; ORDER_DONE when it is gone
APPROACH = 9  # moves until within `order_range` of target/goal, then IN_RANGE; then BUSY until Python moves on
BUSY = 10  # Python decides; stands still, acquires nothing

# --- gather phases --------------------------------------------------------------------------------------
G_NONE = 0
G_TO_NODE = 1
G_WAIT = 2  # the node is taken by another worker
G_HARVEST = 3
G_DELAY = 4  # harvested, the short pause before walking back
G_TO_DROP = 5

CARRY_NONE = 0
CARRY_MINERALS = 1
CARRY_GAS = 2

# --- events: what the kernels leave to Python -----------------------------------------------------------
EV_DIED = 1  # row: life reached 0 this loop; arg: row of the killer or NONE
EV_ORDER_DONE = 2  # row: the current order is fulfilled or impossible
EV_IN_RANGE = 3  # row: an APPROACH order has come within range of its target
EV_BUILT = 4  # row: construction finished
EV_WORK_DONE = 5  # row: production slot `arg` finished
EV_EXPIRED = 6  # row: timed life ended
EV_DEPLETED = 7  # row: mineral field or geyser is empty
EV_LARVA = 8  # row: town hall's larva timer ran out
EV_MISS_TARGET = 9  # row: an APPROACH order lost its target
EV_HIDDEN_SNAPSHOT = 10  # row: a structure went out of sight of player `arg`
EV_TIMER = 11  # row: the generic timer ran out (morphs, channels, lifetimes of states)
MAX_EVENTS = 4096


class Units(NamedTuple):
    """Unit fields. Every array has length `capacity` in its first axis; times are loops, distances cells, angles
    radians.

    The arrays are views of one block of records. Kernels take the block: 70 arrays as arguments made calls slow
    (six times fewer loops a second) and compilation three times longer.
    """

    # identity
    alive: U1  # 1 = the row holds a unit
    type_id: I4  # API unit type id
    owner: I4  # 0, 1 or NEUTRAL
    recycle: I4  # how often the row has been used; part of the tag
    created_loop: I4
    # body
    x: F8
    y: F8
    facing: F8
    hp: F8
    shield: F8
    energy: F8
    hp_max: F8
    shield_max: F8
    energy_max: F8
    flying: U1  # 1 = in the air now
    hidden: U1  # 1 = off the map: inside a geyser, a transport or a structure being built
    burrowed: U1
    sunk: U1  # 1 = takes up no room: burrowed, or so far in the ground already
    cloaked: U1  # 1 = needs detection to be seen by the other player
    invulnerable: U1
    hallucination: U1
    last_hurt_loop: I4
    # construction, timed life, generic timer
    build_left: F8  # loops of work left; 0 = complete
    build_total: F8
    build_rate: F8  # work per loop: 1, or 0 when nobody builds (Terran, unpowered warp-ins keep 1)
    life_left: F8  # timed life; < 0 = none
    timer: F8  # < 0 = not running
    powered: U1  # Protoss: inside a power field (1 for all that need none)
    # order being carried out
    order: I4  # one of the order kinds above
    order_ability: I4  # exact API ability id shown for it; 0 when idle
    order_range: F8  # APPROACH: edge-to-edge distance to reach
    target: I4  # row or NONE
    target_recycle: I4
    goal_x: F8
    goal_y: F8
    alt_x: F8
    alt_y: F8
    guard_x: F8  # where an idle unit returns to after a chase
    guard_y: F8
    # movement
    speed_now: F8  # cells per loop
    way_x: F8  # next corner on the way
    way_y: F8
    way_valid: U1
    way_version: I4  # path version that the corner was computed for
    stuck: I4  # loops without progress
    best_left: F8  # least remaining distance so far; how progress is judged
    speed_factor: F8  # buffs: product of all that act on movement speed
    immobile: U1  # 1 = cannot be moved or pushed (structures, burrowed, sieged, rooted)
    # weapons
    cooldown: F8  # loops until the weapon is ready
    windup: F8  # loops to the damage point; < 0 = no attack in progress
    weapon: I4  # weapon index of the attack in progress or last used
    prey: I4  # row being attacked (acquired or ordered) or NONE
    prey_recycle: I4
    attack_rate: F8  # buffs: cooldown runs this much faster
    armor_bonus: F8  # buffs: flat armour
    armored_bonus: F8  # buffs: more damage per hit of its weapon against armoured targets
    air_damage: F8  # buffs: share of the damage of weapons of flyers that reaches it (1 = all)
    barrier: F8  # damage that is absorbed before shields and life take any
    can_attack: U1  # 0 = disarmed (under construction, unpowered, transported)
    razes: U1  # 1 = what explodes goes for structures too
    disguised: U1  # 1 = enemies do not attack it by themselves, and any damage kills it
    # gathering
    gather_phase: I4
    gather_timer: F8
    node: I4  # mineral field or gas building worked on
    node_recycle: I4
    carry: I4  # CARRY_*
    carry_amount: I4
    # resource nodes
    contents: I4  # minerals or gas left (gas buildings: of their geyser)
    harvester: I4  # row of the worker harvesting this node or NONE
    geyser: I4  # gas building: row of the geyser under it; geyser: row of the building on it
    # production: up to two things at once (reactor)
    work_left: F8  # [capacity, 2]; < 0 = slot idle
    work_total: F8  # [capacity, 2]
    work_rate: F8  # work per loop (chrono boost 1.5, unpowered 0)
    addon: I4  # row of the add-on / of the structure it belongs to
    carrier: I4  # row of the transport, or of the structure a hidden builder works on
    larva_timer: F8  # town halls of Zerg; < 0 = not running
    # vision
    vis_cell: I4  # y * width + x of the cell its sight is counted at; < 0 = not counted
    vis_sight: F8
    vis_level: I4  # terrain height its sight is counted at
    seen: U1  # bit p = on a cell visible to player p
    detected: U1  # bit p = cloak broken for player p
    reveal_until: I4  # attacked somebody: the other player sees it before this loop
    kills: I4


_DTYPES: dict[str, str] = {"F8": "f8", "I8": "i8", "I4": "i4", "I2": "i2", "U1": "u1"}
_WIDE = {"work_left": 2, "work_total": 2}


def _record_type(table: type[NamedTuple]) -> np.dtype[np.void]:  # type: ignore[valid-type]
    """One row of a table as a record without gaps: large fields first, bytes of padding at the end."""
    kinds = {name: _DTYPES[str(getattr(kind, "__forward_arg__", kind))] for name, kind in table.__annotations__.items()}
    fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
    for name in sorted(kinds, key=lambda n: -int(kinds[n][1])):
        fields.append((name, kinds[name], (_WIDE[name],)) if name in _WIDE else (name, kinds[name]))
    while np.dtype(fields).itemsize % 8:
        fields.append((f"pad{len(fields)}", "u1"))
    return np.dtype(fields, align=True)


def new_rows(table: type[NamedTuple], count: int) -> Rows:  # type: ignore[valid-type]
    """Zeroed records for a table (`Units`, `Missiles`, `Players`, `Clock`)."""
    return np.zeros(count, dtype=_record_type(table))


def views(table: type[T], rows: Rows) -> T:
    """The table's fields as arrays over the same memory: `views(Units, rows).x` is `rows["x"]`."""
    return table(*(rows[name] for name in table._fields))  # type: ignore[attr-defined]


class Missiles(NamedTuple):
    """Hits on their way (an instant hit is one that arrives in its own loop). Rows [0, `Clock.missiles`) are in use."""

    arrive_loop: I4
    weapon: I4
    source: I4
    source_recycle: I4
    source_owner: I4
    target: I4  # NONE: only the place counts
    target_recycle: I4
    avoid: I4  # row that a bounce leaves out, NONE
    step: I4  # of its attack: hit 0, 1, ..; bounce 1, 2; cell of a wave
    x: F8  # where the target was last seen; where splash lands
    y: F8
    from_x: F8  # where the attacker stood; cones, lines and beams lie along the way from there to the target
    from_y: F8
    hits: I4  # hits that arrive together


class Grids(NamedTuple):
    """Maps of the playing field, all [H, W] unless said; all but the last are layers of `World.cells`."""

    terrain_walk: U1  # terrain only
    terrain_place: U1
    height: U1  # as GameInfo
    walk: U1  # 1 = ground units can walk there now (terrain minus structures, resources, rocks)
    cliff_walk: U1  # where cliff walkers (reaper, colossus) may go
    sight_block: U1  # bit 0 = line-of-sight blocker; bit 1 = a ground unit here may have one in its sight
    blocked_build: U1  # count of structures and neutrals standing there
    near_resources: U1  # count of resource nodes whose 3-cell ring covers it: no town halls
    creep: U1  # 1 = creep
    explored: U1  # [players, H, W]
    vis_count: I2  # [players, H, W]: own sight circles covering the cell


# layers of World.cells, in the order of Grids
(
    TERRAIN_WALK,
    TERRAIN_PLACE,
    HEIGHT,
    WALK,
    CLIFF_WALK,
    SIGHT_BLOCK,
    BLOCKED_BUILD,
    NEAR_RESOURCES,
    CREEP,
    EXPLORED,
) = range(10)
LAYERS = EXPLORED + PLAYERS


def grid_views(cells: U1, vis: I2) -> Grids:
    """The layers by name."""
    return Grids(
        terrain_walk=cells[TERRAIN_WALK],
        terrain_place=cells[TERRAIN_PLACE],
        height=cells[HEIGHT],
        walk=cells[WALK],
        cliff_walk=cells[CLIFF_WALK],
        sight_block=cells[SIGHT_BLOCK],
        blocked_build=cells[BLOCKED_BUILD],
        near_resources=cells[NEAR_RESOURCES],
        creep=cells[CREEP],
        explored=cells[EXPLORED:],
        vis_count=vis,
    )


class Players(NamedTuple):
    """Banks and counters, index = player."""

    minerals: F8
    gas: F8
    supply_used: F8
    supply_cap: F8
    collected_minerals: F8
    collected_gas: F8
    spent_minerals: F8
    spent_gas: F8
    lost_minerals: F8
    lost_gas: F8
    killed_minerals: F8
    killed_gas: F8
    dealt_life: F8  # life, shields and energy taken from the enemy's units; hallucinations do not count
    dealt_shields: F8
    dealt_energy: F8
    taken_life: F8  # the same of own units, whoever did it
    taken_shields: F8
    taken_energy: F8
    healed_life: F8  # given back by spells, repair and recharge, not by regeneration
    healed_shields: F8
    healed_energy: F8


class Clock(NamedTuple):
    """Scalars that the kernels change; one record, so each field is an int64 array of one cell."""

    loop: I8
    rows: I8  # high-water mark: rows [0, rows) may be alive
    path_version: I8  # changes whenever `walk` does
    events: I8  # events written so far
    missiles: I8  # hits in flight
    rng: I8  # state of the game's generator (splitmix64)


def new_clock(seed: int) -> Rows:
    """Loop 0 with the generator seeded."""
    rows = new_rows(Clock, 1)
    rows["rng"][0] = np.int64((seed * 0x9E3779B97F4A7C15 + 0x1234567) & 0x7FFFFFFFFFFFFFFF)
    return rows


TAG_BASE = 1 << 32


def tag_of(row: int, recycle: int) -> int:
    """The API's tag of a unit, built like the game's: index << 18 | recycle, above 2**32."""
    return TAG_BASE | (row << 18) | (recycle & 0x3FFFF)


def row_of_tag(tag: int) -> tuple[int, int]:
    """(row, recycle) that a tag names; the caller checks that the unit still lives."""
    return (tag >> 18) & 0x3FFF, tag & 0x3FFFF


MAX_ROWS = 0x3FFF
"""The tag has 14 bits for the row, as in the game."""
