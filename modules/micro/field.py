"""Battlefield: everything that the behaviours of one step look at, as arrays.

Rows of "me" are the units that squads sent to Micro, rows of "foe" the enemies worth a thought near them. Distances
between all of them are worked out once; behaviours decide for many units at a time by writing into `Decisions`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.core.units import UnitTable
from modules.combat.weapons import WeaponTable

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

UNDECIDED: Final = 0
ATTACK_UNIT: Final = 1
ATTACK_MOVE: Final = 2
MOVE: Final = 3
KEEP: Final = 4
"""Kinds of decision. KEEP leaves the unit to the order that it has."""

CLOAKED: Final = 1
"""Value of the API's cloak state for units that we cannot see into."""

NOT_WORTH_A_SHOT: Final = frozenset(
    kind.value
    for kind in (
        UnitTypeId.LARVA,
        UnitTypeId.EGG,
        UnitTypeId.ADEPTPHASESHIFT,
        UnitTypeId.INTERCEPTOR,
        UnitTypeId.BROODLING,
        UnitTypeId.CREEPTUMOR,
        UnitTypeId.CREEPTUMORQUEEN,
        UnitTypeId.KD8CHARGE,
        UnitTypeId.CHANGELING,
        UnitTypeId.CHANGELINGMARINE,
        UnitTypeId.CHANGELINGMARINESHIELD,
        UnitTypeId.CHANGELINGZEALOT,
        UnitTypeId.CHANGELINGZERGLING,
        UnitTypeId.CHANGELINGZERGLINGWINGS,
    )
)
"""Enemy types that nobody is sent against one by one; an attack-move deals with them in passing."""

_NEVER = -1e3
"""Reach of a weapon that cannot hit at all."""


class Battlefield:
    """Units of ours (n) and enemies (m) of one step.

    Attributes:
        units: the table. me, foe: its rows, shapes (n,), (m,).
        x, y, foe_x, foe_y: positions. radius, foe_radius: cells.
        cooldown: loops until the next shot (n,). step_loops: loops until the next decision.
        paths: bool grid [y, x], True where ground units can stand.
    """

    def __init__(
        self,
        units: UnitTable,
        weapons: WeaponTable,
        me: IntArray,
        foe: IntArray,
        paths: BoolArray,
        step_loops: int,
    ) -> None:
        self.units = units
        self.weapons = weapons
        self.me = me
        self.foe = foe
        self.paths = paths
        self.step_loops = float(step_loops)
        self.x, self.y = units.x[me], units.y[me]
        self.foe_x, self.foe_y = units.x[foe], units.y[foe]
        self.radius, self.foe_radius = units.radius[me], units.radius[foe]
        self.kind = weapons.known(units.type_id[me])
        self.foe_kind = weapons.known(units.type_id[foe])
        self.flying, self.foe_flying = units.is_flying[me], units.is_flying[foe]
        self.cooldown = units.weapon_cooldown[me]
        self.life = units.health[me] + units.shield[me]
        self.life_max = np.maximum(units.health_max[me] + units.shield_max[me], 1.0)
        self.foe_life = units.health[foe] + units.shield[foe]
        self.speed, self.foe_speed = weapons.speed[self.kind], weapons.speed[self.foe_kind]
        engaged = units.engaged_target[me]
        self.engaged: BoolArray = (engaged[:, None] == units.tag[foe][None, :]) & (engaged != 0)[:, None]

    @property
    def n(self) -> int:
        """Units of ours."""
        return len(self.me)

    @property
    def m(self) -> int:
        """Enemies."""
        return len(self.foe)

    # -- geometry, shape (n, m) ----------------------------------------------------------------

    @cached_property
    def gap(self) -> FloatArray:
        """Distance between the edges of each of ours and each enemy."""
        dx = self.x[:, None] - self.foe_x[None, :]
        dy = self.y[:, None] - self.foe_y[None, :]
        distance: FloatArray = np.sqrt(dx * dx + dy * dy)
        distance -= self.radius[:, None]
        distance -= self.foe_radius[None, :]
        return distance

    @cached_property
    def reach(self) -> FloatArray:
        """Our weapon's range against each enemy, far below 0 where it has none for it."""
        ranges = self.weapons.reach[self.kind]
        reach = np.where(self.foe_flying[None, :], ranges[:, 1:2], ranges[:, 0:1])
        return np.where(reach < 0.0, _NEVER, reach)

    @cached_property
    def foe_reach(self) -> FloatArray:
        """Each enemy's weapon range against each of ours, far below 0 where it has none for it."""
        ranges = self.weapons.reach[self.foe_kind]
        reach = np.where(self.flying[:, None], ranges[None, :, 1], ranges[None, :, 0])
        return np.where(reach < 0.0, _NEVER, reach)

    @cached_property
    def can_hit(self) -> BoolArray:
        """Whether we have a weapon for it at all."""
        return self.reach >= 0.0

    @cached_property
    def in_range(self) -> BoolArray:
        """Whether we can shoot at it from where we stand."""
        return self.gap <= self.reach

    @cached_property
    def threatens(self) -> BoolArray:
        """Whether it has a weapon for us."""
        return self.foe_reach >= 0.0

    @cached_property
    def damage(self) -> FloatArray:
        """Hit points and shields that one attack of ours takes from it."""
        return self._by_type(self.kind, self.foe_kind, self.foe_flying)

    # -- per unit ------------------------------------------------------------------------------

    @cached_property
    def nearest(self) -> FloatArray:
        """Gap to the nearest enemy that we could hit or that could hit us, inf without one, shape (n,)."""
        if not self.m:
            return np.full(self.n, np.inf)
        nearest: FloatArray = np.where(self.can_hit | self.threatens, self.gap, np.inf).min(axis=1)
        return nearest

    @cached_property
    def best_reach(self) -> FloatArray:
        """Longest weapon range, -1 when unarmed, shape (n,)."""
        best: FloatArray = self.weapons.reach[self.kind].max(axis=1)
        return best

    @cached_property
    def period(self) -> FloatArray:
        """Loops between two attacks (n,); of the weapon with the longer cooldown where there are two."""
        period: FloatArray = np.where(self.weapons.reach[self.kind] >= 0.0, self.weapons.cooldown[self.kind], 0.0).max(
            axis=1
        )
        return period

    @cached_property
    def wind_up(self) -> FloatArray:
        """Loops from the start of an attack until it cannot be lost any more (n,)."""
        wind_up: FloatArray = self.weapons.wind_up[self.kind].max(axis=1)
        return wind_up

    @cached_property
    def danger(self) -> FloatArray:
        """How much each enemy is worth shooting at: its damage per loop to a unit of ours, per its life (m,)."""
        if not self.n or not self.m:
            return np.zeros(self.m)
        # Our most common unit stands for all: what counts is the order among the enemies.
        kinds, counts = np.unique(self.kind, return_counts=True)
        usual = int(kinds[counts.argmax()])
        flying = bool(self.flying[self.kind == usual][0])
        one = np.array([usual])
        hit = self._by_type(self.foe_kind, one, np.array([flying]))[:, 0]
        rate = hit / self.weapons.cooldown[self.foe_kind, int(flying)]
        any_weapon = self.weapons.armed(self.foe_kind)
        worth: FloatArray = np.maximum(rate, np.where(any_weapon, 0.02, 0.005))
        return worth

    def _by_type(self, attackers: IntArray, targets: IntArray, flying: BoolArray) -> FloatArray:
        """Damage of an attack for every pair, worked out once per pair of types."""
        kinds_a, row_a = np.unique(attackers, return_inverse=True)
        # A type may be in the air or on the ground; the sign bit keeps them apart.
        coded = targets * 2 + flying
        kinds_t, row_t = np.unique(coded, return_inverse=True)
        through, _ = self.weapons.attack(kinds_a[:, None], (kinds_t // 2)[None, :], (kinds_t % 2 == 1)[None, :])
        pairs: FloatArray = through[np.ix_(row_a.ravel(), row_t.ravel())]
        return pairs


class Decisions:
    """What each of ours does, filled in by the behaviours. Arrays of shape (n,).

    Attributes:
        kind: UNDECIDED, ATTACK_UNIT, ATTACK_MOVE, MOVE or KEEP.
        target: row of `foe` (column of the field's matrices), -1 where there is none.
        x, y: where to, NaN where it does not matter.
        by: name of the behaviour that decided.
    """

    def __init__(self, n: int) -> None:
        self.kind: IntArray = np.zeros(n, np.int64)
        self.target: IntArray = np.full(n, -1, np.int64)
        self.x: FloatArray = np.full(n, np.nan)
        self.y: FloatArray = np.full(n, np.nan)
        self.by: list[str] = [""] * n

    def attack(self, rows: IntArray, targets: IntArray, by: str) -> None:
        """Let rows of ours attack these enemies."""
        self.kind[rows] = ATTACK_UNIT
        self.target[rows] = targets
        self._sign(rows, by)

    def go(self, rows: IntArray, kind: int, x: FloatArray | float, y: FloatArray | float, by: str) -> None:
        """Let rows of ours MOVE or ATTACK_MOVE to positions."""
        self.kind[rows] = kind
        self.x[rows] = x
        self.y[rows] = y
        self._sign(rows, by)

    def keep(self, rows: IntArray, by: str) -> None:
        """Leave rows of ours to the orders that they have."""
        self.kind[rows] = KEEP
        self._sign(rows, by)

    def _sign(self, rows: IntArray, by: str) -> None:
        for row in rows.tolist():
            self.by[row] = by
