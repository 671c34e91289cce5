"""What is known per unit type, as arrays indexed by type id, for use with `UnitTable`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from sc2.constants import FakeEffectID
from sc2.data import Attribute

_LOOPS_PER_SPEED_SECOND = 16.0
"""The API gives speeds and weapon speeds per second of 16 loops."""


class TypeFacts:
    """Arrays of shape (size,), indexed by unit type id; id 0 stands for unknown types.

    Weapons are learned from python-sc2's `Unit` objects the first time a type is seen: its public
    properties also know the weapons that the game's data leaves out.

    Attributes:
        structure, effect: masks; effects are things like force fields that the API lists as units.
        ground_range, air_range: cells edge to edge, -1 without such a weapon.
        ground_dpl, air_dpl: damage per loop, against no armour, before upgrades.
        sight_range: cells. movement_speed: cells per loop.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.structure = np.zeros(size, np.bool_)
        self.effect = np.zeros(size, np.bool_)
        self.effect[[unit_type for unit_type in FakeEffectID if unit_type < size]] = True
        self.ground_range = np.full(size, -1.0)
        self.air_range = np.full(size, -1.0)
        self.ground_dpl = np.zeros(size)
        self.air_dpl = np.zeros(size)
        self.sight_range = np.zeros(size)
        self.movement_speed = np.zeros(size)
        self._learned = np.zeros(size, np.bool_)

    @classmethod
    def from_game_data(cls, game_data: Any) -> TypeFacts:
        """From python-sc2's GameData."""
        facts = cls(max(game_data.units, default=0) + 1)
        for type_id, data in game_data.units.items():
            facts.structure[type_id] = Attribute.Structure in data.attributes
        return facts

    def learn(self, type_ids: npt.NDArray[np.int64], units: Iterable[Any]) -> None:
        """Take in types seen for the first time.

        Args:
            type_ids: of the units in this observation; when all are known nothing else is looked at.
            units: python-sc2's Units of the same observation.
        """
        inside = type_ids[type_ids < self.size]
        if self._learned[inside].all():
            return
        for unit in units:
            index = unit.type_id.value
            if index < self.size and not self._learned[index]:
                self._learn_one(index, unit)
        # Types that python-sc2 lists as effects have no Unit; they have nothing to learn either.
        self._learned[inside] = True

    def _learn_one(self, index: int, unit: Any) -> None:
        self._learned[index] = True
        self.sight_range[index] = unit.sight_range
        self.movement_speed[index] = unit.movement_speed / _LOOPS_PER_SPEED_SECOND
        if unit.can_attack_ground:
            self.ground_range[index] = unit.ground_range
            self.ground_dpl[index] = unit.ground_dps / _LOOPS_PER_SPEED_SECOND
        if unit.can_attack_air:
            self.air_range[index] = unit.air_range
            self.air_dpl[index] = unit.air_dps / _LOOPS_PER_SPEED_SECOND
