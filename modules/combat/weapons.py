"""WeaponTable: what every unit type can do to every other, as arrays indexed by type id.

Derived from the match's own game data at the start, corrected by `weapon_facts` where the API is silent.

Example:
    >>> weapons = WeaponTable.from_bot(ctx.bot)
    >>> weapons.reach[ctx.units.type_id[row], AIR]      # -1 where it cannot shoot air
"""

from __future__ import annotations

import weakref
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from s2clientprotocol import raw_pb2
from sc2.data import Attribute, Race
from sc2.ids.unit_typeid import UnitTypeId
from sc2.unit import Unit

from modules.combat.weapon_facts import DIES_WITH_ITS_ATTACK, RADII, WEAPON_FACTS, WeaponFacts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

GROUND: Final = 0
AIR: Final = 1
"""Planes: the second index of weapon arrays."""

LOOPS_PER_SPEED_SECOND: Final = 16.0
"""The API gives speeds and weapon speeds per second of 16 loops."""

_ATTRIBUTES: Final = max(attribute.value for attribute in Attribute) + 1
_UNKNOWN_COOLDOWN_LOOPS: Final = 20.0
_GAS_WORTH: Final = 1.5
_LEAST_DAMAGE: Final = 0.5
_USUAL_RADIUS: Final = 0.5


class WeaponTable:
    """Arrays over unit types; ids beyond `size` are looked up as 0, a type that can do nothing.

    Attributes:
        damage, hits, cooldown, wind_up, splash: shape (size, 2), second index GROUND or AIR: damage per hit,
            hits per attack, loops between attacks, loops from the start of an attack to its last hit, further
            targets of a clump that take the full damage.
        reach: (size, 2) range edge to edge in cells, -1 without a weapon for that plane.
        bonus: (size, 2, attributes) damage per hit more against an attribute.
        level_damage: (size, 2) what a weapon upgrade adds to each hit.
        armor, speed: (size,) armour, cells per loop; before upgrades.
        radius: (size,) cells; the API tells it with units only, so it is from `weapon_facts`.
        value: (size,) minerals plus 1.5 x gas.
        attributes: (size, attributes) bool, indexed by sc2.data.Attribute values.
        suicide: (size,) bool, dies with its attack.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.damage: FloatArray = np.zeros((size, 2))
        self.hits: FloatArray = np.zeros((size, 2))
        self.cooldown: FloatArray = np.full((size, 2), _UNKNOWN_COOLDOWN_LOOPS)
        self.wind_up: FloatArray = np.zeros((size, 2))
        self.splash: FloatArray = np.zeros((size, 2))
        self.reach: FloatArray = np.full((size, 2), -1.0)
        self.bonus: FloatArray = np.zeros((size, 2, _ATTRIBUTES))
        self.level_damage: FloatArray = np.zeros((size, 2))
        self.armor: FloatArray = np.zeros(size)
        self.speed: FloatArray = np.zeros(size)
        self.radius: FloatArray = np.full(size, _USUAL_RADIUS)
        self.value: FloatArray = np.zeros(size)
        self.attributes: BoolArray = np.zeros((size, _ATTRIBUTES), np.bool_)
        self.suicide: BoolArray = np.zeros(size, np.bool_)

    @classmethod
    def from_bot(cls, bot: Any) -> WeaponTable:
        """From a python-sc2 bot whose first observation has arrived (`on_start` or later).

        Worked out once per match; do not change what it returns.
        """
        known = _tables.get(bot.game_data)
        if known is not None:
            return known
        data = bot.game_data.units
        table = cls(max(max(data, default=0), max(row.unit.value for row in WEAPON_FACTS)) + 1)
        for row in WEAPON_FACTS:
            table._enter(row)
        for kind, radius in RADII.items():
            table.radius[kind.value] = radius
        for type_id, entry in data.items():
            # Critters and rocks have no race; a newer client may know types that python-sc2 does not.
            if type_id in _IDS and entry.race is not Race.NoRace:
                table._learn(type_id, entry, Unit(raw_pb2.Unit(unit_type=type_id, build_progress=1.0), bot))
        table.level_damage = np.maximum(np.floor(table.damage / 10.0 + 0.5), 1.0) * (table.reach >= 0.0)
        _tables[bot.game_data] = table
        return table

    def _enter(self, row: WeaponFacts) -> None:
        """Take in what the facts say of one weapon."""
        index = row.unit.value
        for plane, letter in ((GROUND, "G"), (AIR, "A")):
            if letter in row.targets:
                self.damage[index, plane] = row.damage
                self.hits[index, plane] = row.hits
                self.cooldown[index, plane] = row.cooldown
                self.reach[index, plane] = row.range
                self.wind_up[index, plane] = row.wind_up
                self.splash[index, plane] = row.splash
                for attribute, amount in row.bonus.items():
                    self.bonus[index, plane, attribute.value] = amount
        self.suicide[index] = row.unit in DIES_WITH_ITS_ATTACK

    def _learn(self, index: int, entry: Any, unit: Unit) -> None:
        """Take in what the game says of one type; where it lists a weapon, it is right."""
        self.armor[index] = unit.armor
        self.speed[index] = unit.movement_speed / LOOPS_PER_SPEED_SECOND
        self.value[index] = entry.cost.minerals + _GAS_WORTH * entry.cost.vespene
        self.attributes[index, [attribute.value for attribute in entry.attributes]] = True
        for plane, dps, reach in ((GROUND, unit.ground_dps, unit.ground_range), (AIR, unit.air_dps, unit.air_range)):
            if dps <= 0.0:
                continue
            dpl = dps / LOOPS_PER_SPEED_SECOND
            if self.reach[index, plane] < 0.0:
                self.hits[index, plane] = 1.0
                self.damage[index, plane] = dpl * self.cooldown[index, plane]
                if unit.bonus_damage is not None:
                    amount, attribute = unit.bonus_damage
                    self.bonus[index, plane, Attribute[attribute].value] = amount
            else:
                known = self.damage[index, plane] * self.hits[index, plane] / self.cooldown[index, plane]
                # Rounded weapon speeds differ by a little; a balance patch by more.
                if abs(dpl / known - 1.0) > 0.03:
                    self.damage[index, plane] *= dpl / known
            self.reach[index, plane] = reach

    # -- look-ups ------------------------------------------------------------------------------

    def known(self, type_id: IntArray) -> IntArray:
        """Type ids with those beyond the table mapped to 0."""
        return np.where((type_id >= 0) & (type_id < self.size), type_id, 0)

    def armed(self, type_id: IntArray) -> BoolArray:
        """Whether units of these types have any weapon; same shape as `type_id`."""
        return np.any(self.reach[self.known(type_id)] >= 0.0, axis=-1)

    def attack(
        self,
        attackers: IntArray,
        targets: IntArray,
        flying: BoolArray,
        attack_level: FloatArray | float = 0.0,
        armor_level: FloatArray | float = 0.0,
    ) -> tuple[FloatArray, FloatArray]:
        """Damage of one whole attack of each attacker on each target, all arrays broadcast together.

        Args:
            attackers, targets: type ids. flying: of the targets.
            attack_level, armor_level: upgrade levels of the attackers and of the targets.

        Returns:
            (against hit points, against shields): 0 where the attacker has no weapon for the target. Shields have
            no armour of their own before upgrades.
        """
        a, t = self.known(attackers), self.known(targets)
        plane = flying.astype(np.int64)
        bonus = np.where(self.attributes[t], self.bonus[a, plane], 0.0).sum(axis=-1)
        per_hit = self.damage[a, plane] + bonus + self.level_damage[a, plane] * attack_level
        hits = np.where(self.reach[a, plane] >= 0.0, self.hits[a, plane], 0.0)
        through = np.maximum(per_hit - self.armor[t] - armor_level, _LEAST_DAMAGE)
        return hits * through, hits * per_hit


_tables: weakref.WeakKeyDictionary[Any, WeaponTable] = weakref.WeakKeyDictionary()
_IDS: Final = frozenset(kind.value for kind in UnitTypeId)
