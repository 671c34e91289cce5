"""The values that modules share on the blackboard, each declared once with its type and its one writer.

Keys are named after what they hold; `owner` is the `name` of the module that may write them. A module that
runs before the owner reads what the owner wrote in the step before.

What `strategy` tells the army: in every step it posts the goals that hold in that step, and only those (they are
not lasting, so a goal that is not posted any more is over):

- DEFEND with a PositionArea over the enemies, one per entry of THREATS (same order), priority 20 and down;
- ATTACK with a PositionArea on ATTACK_TARGET while STANCE is "attack", priority 10.

While there is none of them the army gathers at RALLY. Workers, scouts and everything else that a task holds stay
with their task; workers are called to arms by `economy` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2

from cherrypy_bot.core.keys import Key
from cherrypy_bot.learn.view import SelectorRecord

ATTACK: Final = "attack"
HOLD: Final = "hold"
DEFEND: Final = "defend"
"""Values of STANCE: go for the enemy; gather at the rally point and keep what we have; enemies are at our bases."""


_IN_WALLS: Final = (UnitTypeId.GATEWAY, UnitTypeId.CYBERNETICSCORE, UnitTypeId.FORGE)


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall in front of our natural: its structures' centres, and the width in cells of the widest way left."""

    gateway: Point2
    core: Point2
    pylon: Point2
    gap: int

    def spots(self, kind: UnitTypeId) -> tuple[Point2, ...]:
        """Where a kind of structure belongs in it, the best first; () for kinds that are no part of it."""
        if kind is UnitTypeId.PYLON:
            return (self.pylon,)
        return (self.gateway, self.core) if kind in _IN_WALLS else ()


@dataclass(frozen=True, slots=True)
class Threat:
    """Enemies that are at one of our bases.

    Attributes:
        base: the base (its townhall or where that stood).
        center: mean position of the enemies.
        radius: of the disc round `center` that holds them all, in cells.
        tags: the enemies, nearest to the base first.
        workers: how many of them are workers.
        power: sum of what they are worth in a fight, in minerals plus gas of a trained soldier (a worker counts 25).
        since_loop: first loop of this threat.
    """

    base: Point2
    center: Point2
    radius: float
    tags: tuple[int, ...]
    workers: int
    power: float
    since_loop: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """How many units of one enemy type are believed to live.

    Attributes:
        count: seen and not known to be dead.
        seen_loop: when one of them was last in sight.
        position: where that was.
    """

    count: int
    seen_loop: int
    position: Point2


@dataclass(frozen=True, slots=True)
class Saturation:
    """How well our bases are staffed.

    Attributes:
        minerals, mineral_slots: workers on minerals, and how many would saturate our patches.
        gas, gas_slots: the same for finished gas structures.
        idle: workers without work.
    """

    minerals: int = 0
    mineral_slots: int = 0
    gas: int = 0
    gas_slots: int = 0
    idle: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """When an order of the plan is to start, and how important it is.

    Attributes:
        loop: game loop of its start by the plan.
        priority: greater is more important; unique within a plan.
    """

    loop: int
    priority: float


BUILD: Key[str] = Key("build", str, "", owner="strategy", doc="Name of the build that is being played.")

BUILD_CHANGES: Key[tuple[str, ...]] = Key(
    "build_changes",
    tuple[str, ...],
    (),
    owner="strategy",
    doc="Names of the phases and reactions of the build that hold now.",
)

SELECTOR_RECORD: Key[SelectorRecord | None] = Key(
    "selector_record",
    SelectorRecord | None,
    None,
    owner="strategy",
    doc="What the policy that chooses builds saw and decided, every five seconds from loop 0.",
)

GAS_WORKERS: Key[int] = Key(
    "gas_workers", int, -1, owner="strategy", doc="So many workers on gas at most; -1: no limit."
)

SCOUTS_WANTED: Key[int] = Key(
    "scouts_wanted", int, 0, owner="strategy", doc="How many extra worker scouts the build has asked for so far."
)

STANCE: Key[str] = Key("stance", str, HOLD, owner="strategy", doc="ATTACK, HOLD or DEFEND.")

ATTACK_TARGET: Key[Point2 | None] = Key(
    "attack_target", Point2 | None, None, owner="strategy", doc="Where the army is sent when the stance is ATTACK."
)

RALLY: Key[Point2 | None] = Key(
    "rally", Point2 | None, None, owner="strategy", doc="Where army units gather and fall back to."
)

THREATS: Key[tuple[Threat, ...]] = Key(
    "threats", tuple[Threat, ...], (), owner="strategy", doc="Enemies at our bases, strongest first."
)

EMERGENCY: Key[bool] = Key(
    "emergency",
    bool,
    False,
    owner="strategy",
    doc="Our bases are attacked by more than our army can stop: fighters before economy.",
)

ALARM: Key[bool] = Key(
    "alarm",
    bool,
    False,
    owner="strategy",
    doc="An early attack is on its way or was just fought off: fighters and defences before new bases.",
)

OWN_BASES: Key[tuple[Point2, ...]] = Key(
    "own_bases", tuple[Point2, ...], (), owner="economy", doc="Our townhalls, building ones too; the oldest first."
)

WORKER_SATURATION: Key[Saturation] = Key(
    "worker_saturation", Saturation, Saturation(), owner="economy", doc="Workers and places for them."
)

ENEMY_START: Key[Point2 | None] = Key(
    "enemy_start", Point2 | None, None, owner="scouting", doc="Where the enemy started; None while several are open."
)

ENEMY_BASES: Key[tuple[Point2, ...]] = Key(
    "enemy_bases",
    tuple[Point2, ...],
    (),
    owner="scouting",
    doc="Known enemy structure places, one per cluster, most worth attacking first; () when none is known.",
)

ENEMY_SEEN: Key[dict[UnitTypeId, Sighting]] = Key(
    "enemy_seen", dict[UnitTypeId, Sighting], {}, owner="scouting", doc="What the enemy is known to have, by type."
)

SCHEDULE: Key[dict[int, Due]] = Key(
    "schedule",
    dict[int, Due],
    {},
    owner="build_order",
    doc="By id of the CREATE UPC that build_order posted: when to start it. Changes with every plan.",
)

GATES_READY: Key[dict[int, int]] = Key(
    "gates_ready", dict[int, int], {}, owner="production", doc="Warp gates that recharge: tag and loop of their end."
)

NO_ROOM: Key[frozenset[UnitTypeId]] = Key(
    "no_room",
    frozenset[UnitTypeId],
    frozenset(),
    owner="placement",
    doc="Structures for which no place was found within the last seconds.",
)

NATURAL_WALL: Key[Wall | None] = Key(
    "natural_wall",
    Wall | None,
    None,
    owner="build_order",
    doc="Where structures `near wall` close our natural; None for builds without one, and where no wall is possible.",
)
