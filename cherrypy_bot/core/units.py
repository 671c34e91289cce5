"""UnitTable: all units of one observation as arrays, one row per unit.

python-sc2's objects are for looking at one unit; questions over many units go through this table.
Columns are read from the protobuf when first used and kept for the step.

Example:
    >>> army = units.own & ~units.structure & (units.ground_range > 0)
    >>> near = units.within(base.x, base.y, 15.0, units.enemy & units.visible)
    >>> reach = units.in_range(army, units.enemy)        # (n_army, n_enemy) bool
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar, overload

import numpy as np
import numpy.typing as npt

from cherrypy_bot.core.type_facts import TypeFacts
from cherrypy_bot.core.type_sets import is_any_of

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
TagArray: TypeAlias = npt.NDArray[np.uint64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Selection: TypeAlias = "BoolArray | IntArray | Sequence[int]"
"""Rows: a bool mask over the table or row indices."""

ArrayT = TypeVar("ArrayT")

SELF, ALLY, NEUTRAL, ENEMY = 1, 2, 3, 4
"""Values of `alliance` (raw.proto)."""

VISIBLE, SNAPSHOT, HIDDEN, PLACEHOLDER = 1, 2, 3, 4
"""Values of `display_type` (raw.proto)."""


class Column(Generic[ArrayT]):
    """One protobuf field of all units as an array, read on first use.

    The value replaces the descriptor in the table's `__dict__`, so later uses cost a dict look-up.
    """

    def __init__(self, field: str, dtype: npt.DTypeLike, doc: str) -> None:
        self._read = attrgetter(field)
        self._dtype = dtype
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, table: None, owner: type) -> Column[ArrayT]: ...

    @overload
    def __get__(self, table: UnitTable, owner: type) -> ArrayT: ...

    def __get__(self, table: UnitTable | None, owner: type) -> Column[ArrayT] | ArrayT:
        if table is None:
            return self
        protos = table.protos
        # fromiter over map: no Python frame per unit, about 45 ns each.
        values: Any = np.fromiter(map(self._read, protos), self._dtype, len(protos))
        table.__dict__[self._name] = values
        result: ArrayT = values
        return result


class UnitTable:
    """Rows follow the order of the observation. All columns have shape (n,).

    Args:
        protos: `bot.state.observation_raw.units` (SC2APIProtocol.Unit messages).
        facts: what is known per unit type.

    Positions and radii are in map cells, times in loops.
    """

    tag = Column[TagArray]("tag", np.uint64, "Unit ids.")
    type_id = Column[IntArray]("unit_type", np.int64, "Values of UnitTypeId.")
    alliance = Column[IntArray]("alliance", np.int64, "SELF, ALLY, NEUTRAL or ENEMY.")
    owner = Column[IntArray]("owner", np.int64, "Player ids; 16 is neutral.")
    display_type = Column[IntArray]("display_type", np.int64, "VISIBLE, SNAPSHOT, HIDDEN or PLACEHOLDER.")
    radius = Column[FloatArray]("radius", np.float64, "Collision radius.")
    facing = Column[FloatArray]("facing", np.float64, "Radians, 0 is east, counterclockwise.")
    build_progress = Column[FloatArray]("build_progress", np.float64, "0..1, 1 is finished.")
    health = Column[FloatArray]("health", np.float64, "Hit points; 0 where unknown.")
    health_max = Column[FloatArray]("health_max", np.float64, "Hit points when unhurt.")
    shield = Column[FloatArray]("shield", np.float64, "Shield points.")
    shield_max = Column[FloatArray]("shield_max", np.float64, "Shield points when full.")
    energy = Column[FloatArray]("energy", np.float64, "Energy.")
    energy_max = Column[FloatArray]("energy_max", np.float64, "Energy when full.")
    weapon_cooldown = Column[FloatArray]("weapon_cooldown", np.float64, "Loops until the next shot, 0 is ready.")
    is_flying = Column[BoolArray]("is_flying", np.bool_, "In the air now.")
    is_burrowed = Column[BoolArray]("is_burrowed", np.bool_, "Burrowed now.")
    is_blip = Column[BoolArray]("is_blip", np.bool_, "Only a sensor tower's dot.")
    is_hallucination = Column[BoolArray]("is_hallucination", np.bool_, "Known to be a hallucination.")
    is_powered = Column[BoolArray]("is_powered", np.bool_, "In range of a pylon (Protoss).")
    is_active = Column[BoolArray]("is_active", np.bool_, "A structure that trains or researches now.")
    cloak = Column[IntArray]("cloak", np.int64, "1 cloaked, 2 cloaked and detected, 3 not cloaked, 4 allied cloak.")
    mineral_contents = Column[IntArray]("mineral_contents", np.int64, "Minerals left; 0 where out of sight.")
    vespene_contents = Column[IntArray]("vespene_contents", np.int64, "Vespene left; 0 where out of sight.")
    assigned_harvesters = Column[IntArray]("assigned_harvesters", np.int64, "Workers on it.")
    ideal_harvesters = Column[IntArray]("ideal_harvesters", np.int64, "Workers that saturate it.")
    cargo_used = Column[IntArray]("cargo_space_taken", np.int64, "Cargo space in use.")
    cargo_max = Column[IntArray]("cargo_space_max", np.int64, "Cargo space.")
    engaged_target = Column[TagArray]("engaged_target_tag", np.uint64, "Tag of what it attacks, 0 none.")
    add_on_tag = Column[TagArray]("add_on_tag", np.uint64, "Tag of its add-on, 0 none.")

    def __init__(self, protos: Iterable[Any], facts: TypeFacts) -> None:
        self.protos: list[Any] = list(protos)
        self.facts = facts

    def __len__(self) -> int:
        return len(self.protos)

    # -- positions -----------------------------------------------------------------------------

    @cached_property
    def _positions(self) -> list[Any]:
        return list(map(attrgetter("pos"), self.protos))

    @cached_property
    def x(self) -> FloatArray:
        """Map x."""
        return np.fromiter(map(attrgetter("x"), self._positions), np.float64, len(self))

    @cached_property
    def y(self) -> FloatArray:
        """Map y."""
        return np.fromiter(map(attrgetter("y"), self._positions), np.float64, len(self))

    @cached_property
    def z(self) -> FloatArray:
        """Height."""
        return np.fromiter(map(attrgetter("z"), self._positions), np.float64, len(self))

    @cached_property
    def xy(self) -> FloatArray:
        """Positions, shape (n, 2)."""
        return np.stack((self.x, self.y), axis=1)

    # -- masks ---------------------------------------------------------------------------------

    @cached_property
    def own(self) -> BoolArray:
        """Ours: no placeholders of structures to be built, no effects that the API lists as units."""
        return (self.alliance == SELF) & (self.display_type != PLACEHOLDER) & ~self._effect

    @cached_property
    def enemy(self) -> BoolArray:
        """The enemy's, snapshots included, sensor tower dots and effects not."""
        return (self.alliance == ENEMY) & ~self.is_blip & ~self._effect

    @cached_property
    def neutral(self) -> BoolArray:
        """Resources, rocks, towers, critters."""
        return self.alliance == NEUTRAL

    @cached_property
    def structure(self) -> BoolArray:
        """Structures of anybody."""
        return self.facts.structure[self._known_type]

    @cached_property
    def visible(self) -> BoolArray:
        """Seen right now; False for snapshots."""
        return self.display_type == VISIBLE

    @cached_property
    def ready(self) -> BoolArray:
        """Finished."""
        return self.build_progress >= 1.0

    @cached_property
    def idle(self) -> BoolArray:
        """Ours without an order."""
        return self.own & (self.order_ability == 0)

    @cached_property
    def _effect(self) -> BoolArray:
        return self.facts.effect[self._known_type]

    @cached_property
    def _known_type(self) -> IntArray:
        """Type ids with those beyond the tables mapped to 0."""
        return np.where(self.type_id < self.facts.size, self.type_id, 0)

    def of_type(self, *types: Any) -> BoolArray:
        """Mask of units whose type is one of the given UnitTypeIds (or their values)."""
        return is_any_of(self.type_id, types)

    # -- per type ------------------------------------------------------------------------------

    @cached_property
    def ground_range(self) -> FloatArray:
        """Weapon range against ground, edge to edge; -1 where it cannot shoot ground."""
        return self.facts.ground_range[self._known_type]

    @cached_property
    def air_range(self) -> FloatArray:
        """Weapon range against air, edge to edge; -1 where it cannot shoot air."""
        return self.facts.air_range[self._known_type]

    @cached_property
    def ground_dpl(self) -> FloatArray:
        """Damage per loop against unarmoured ground units, before upgrades."""
        return self.facts.ground_dpl[self._known_type]

    @cached_property
    def air_dpl(self) -> FloatArray:
        """Damage per loop against unarmoured air units, before upgrades."""
        return self.facts.air_dpl[self._known_type]

    @cached_property
    def sight_range(self) -> FloatArray:
        """Sight range."""
        return self.facts.sight_range[self._known_type]

    @cached_property
    def movement_speed(self) -> FloatArray:
        """Cells per loop, before upgrades and creep."""
        return self.facts.movement_speed[self._known_type]

    # -- orders --------------------------------------------------------------------------------

    @cached_property
    def _orders(self) -> tuple[IntArray, TagArray, FloatArray, FloatArray, IntArray]:
        n = len(self)
        ability, target = np.zeros(n, np.int64), np.zeros(n, np.uint64)
        x, y = np.full(n, np.nan), np.full(n, np.nan)
        count = np.zeros(n, np.int64)
        protos = self.protos
        # Orders are known for our own units only.
        for row in np.flatnonzero(self.alliance == SELF).tolist():
            orders = protos[row].orders
            if not orders:
                continue
            first = orders[0]
            ability[row] = first.ability_id
            count[row] = len(orders)
            if first.HasField("target_world_space_pos"):
                x[row], y[row] = first.target_world_space_pos.x, first.target_world_space_pos.y
            else:
                target[row] = first.target_unit_tag
        return ability, target, x, y, count

    @property
    def order_ability(self) -> IntArray:
        """Ability of the first order as the game reports it, 0 when idle or not ours."""
        return self._orders[0]

    @property
    def order_target(self) -> TagArray:
        """Tag that the first order aims at, 0 none."""
        return self._orders[1]

    @property
    def order_x(self) -> FloatArray:
        """Map x of the first order's target position, NaN where it has none."""
        return self._orders[2]

    @property
    def order_y(self) -> FloatArray:
        """Map y of the first order's target position, NaN where it has none."""
        return self._orders[3]

    @property
    def order_count(self) -> IntArray:
        """Number of queued orders."""
        return self._orders[4]

    # -- look-ups ------------------------------------------------------------------------------

    @cached_property
    def _row_of(self) -> dict[int, int]:
        return dict(zip(self.tag.tolist(), range(len(self)), strict=True))

    def row(self, tag: int) -> int:
        """Row of a tag, -1 when it is not in this observation."""
        return self._row_of.get(tag, -1)

    def rows(self, tags: Iterable[int]) -> IntArray:
        """Rows of those tags that are in this observation, in the given order."""
        index = self._row_of
        return np.array([index[tag] for tag in tags if tag in index], np.int64)

    def tags(self, selection: Selection) -> list[int]:
        """Tags of the selected rows as Python ints."""
        found: list[int] = self.tag[select(selection)].tolist()
        return found

    # -- distances -----------------------------------------------------------------------------

    def distance_to(self, x: float, y: float, selection: Selection) -> FloatArray:
        """Centre distance from a point to each selected unit, shape (k,)."""
        rows = select(selection)
        return np.hypot(self.x[rows] - x, self.y[rows] - y)

    def closest(self, x: float, y: float, selection: Selection) -> int:
        """Row of the selected unit closest to a point (the first of equals), -1 when none is selected."""
        rows = select(selection)
        if not len(rows):
            return -1
        return int(rows[np.argmin((self.x[rows] - x) ** 2 + (self.y[rows] - y) ** 2)])

    def within(self, x: float, y: float, radius: float, selection: Selection) -> IntArray:
        """Selected rows whose centre is at most `radius` from a point."""
        rows = select(selection)
        return rows[(self.x[rows] - x) ** 2 + (self.y[rows] - y) ** 2 <= radius * radius]

    def distances(self, a: Selection, b: Selection) -> FloatArray:
        """Centre distances between two selections, shape (len(a), len(b))."""
        rows_a, rows_b = select(a), select(b)
        return np.hypot(self.x[rows_a, None] - self.x[None, rows_b], self.y[rows_a, None] - self.y[None, rows_b])

    def closest_of(self, a: Selection, b: Selection) -> tuple[IntArray, FloatArray]:
        """For each row of `a` the closest row of `b` and its centre distance; (-1, inf) if `b` is empty."""
        rows_a, rows_b = select(a), select(b)
        if not len(rows_b):
            return np.full(len(rows_a), -1, np.int64), np.full(len(rows_a), np.inf)
        distance = self.distances(rows_a, rows_b)
        best = np.argmin(distance, axis=1) if len(rows_a) else np.zeros(0, np.int64)
        return rows_b[best], distance[np.arange(len(rows_a)), best]

    def in_range(self, attackers: Selection, targets: Selection, extra: float = 0.0) -> BoolArray:
        """Whether each attacker's weapon reaches each target now, shape (attackers, targets).

        Ranges count from edge to edge; `extra` cells are added to them. The weapon that fits the target
        (ground or air) decides; a unit without such a weapon reaches nothing.
        """
        rows_a, rows_t = select(attackers), select(targets)
        flying = self.is_flying[rows_t][None, :]
        reach = np.where(flying, self.air_range[rows_a][:, None], self.ground_range[rows_a][:, None])
        gap = self.distances(rows_a, rows_t) - self.radius[rows_a][:, None] - self.radius[rows_t][None, :]
        return (reach >= 0.0) & (gap <= reach + extra)


def select(selection: Selection) -> IntArray:
    """Row indices of a bool mask or of anything that lists rows."""
    array = np.asarray(selection)
    if array.dtype == np.bool_:
        return np.flatnonzero(array)
    return array.astype(np.int64, copy=False)
