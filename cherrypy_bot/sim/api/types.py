"""Constants of unit types that observations need, as arrays over type ids; made once per ruleset."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.api import encode, tally
from cherrypy_bot.sim.rules import Ruleset
from cherrypy_bot.sim.state import Rows

RADAR_RANGES = {"SensorTower": 30.0}
"""Cells; the API's radar_range of the sensor tower in 5.0.14 is not in any capture, this is its tooltip's."""

CARRY_GAS_BUFFS = {"Terran": 273, "Protoss": 274, "Zerg": 275}
"""CarryHarvestableVespeneGeyserGas(Protoss, Zerg)."""


class TypeTable:
    """Per unit type id: flags and costs ([T] arrays), and a table of them for the compiled writer of units."""

    def __init__(self, rules: Ruleset) -> None:
        count = len(rules.arrays.radius)
        self.rules = rules
        self.needs_power = self._flags(count, [u.id for u in rules.units.values() if u.needs_power])
        self.armed = self._flags(count, [u.id for u in rules.units.values() if _shows_weapon(rules, u.id)])
        self.structure = rules.arrays.is_structure.astype(bool)
        self.mineral = self._flags(count, [u.id for u in rules.units.values() if u.is_mineral_field])
        self.geyser = self._flags(count, [u.id for u in rules.units.values() if u.is_geyser])
        self.gas_building = self._flags(count, [u.id for u in rules.units.values() if u.is_gas_building])
        self.townhall = rules.arrays.is_townhall.astype(bool)
        self.worker = rules.arrays.is_worker.astype(bool)
        self.army = self._flags(count, [u.id for u in rules.units.values() if u.is_army])
        self.addon = self._flags(count, [u.id for u in rules.units.values() if u.is_addon])
        self.larva = self._flags(count, [u.id for u in rules.units.values() if u.name == "Larva"])
        self.egg = self._flags(count, [u.id for u in rules.units.values() if u.is_larva_or_egg and u.name != "Larva"])
        self.warp_gate = self._flags(count, [u.id for u in rules.units.values() if u.name == "WarpGate"])
        self.minerals = self._numbers(count, {u.id: u.minerals for u in rules.units.values()})
        self.gas = self._numbers(count, {u.id: u.gas for u in rules.units.values()})
        self.supply = self._numbers(count, {u.id: u.supply for u in rules.units.values()})
        self.provided = self._numbers(count, {u.id: u.supply_provided for u in rules.units.values()})
        self.height = self._numbers(count, {u.id: u.height for u in rules.units.values()})
        self.built_by = {
            rule.ability_id: rule.product
            for rules_of in rules.commands.values()
            for rule in rules_of
            if rule.how == "build" and rule.product
        }
        self.produces = self.structure & self._flags(
            count, [rule.caster for some in rules.commands.values() for rule in some if rule.how == "train"]
        )
        self.power = self._numbers(count, {u.id: u.power_radius for u in rules.units.values()})
        self.columns = self._columns(count)
        self.has_radar = self.columns["radar"] > 0
        self._both: dict[tuple[frozenset[int], frozenset[int]], npt.NDArray[np.uint8]] = {}
        self._levels: dict[frozenset[int], tuple[npt.NDArray[np.uint8], ...]] = {}

    def _columns(self, count: int) -> Rows:
        """What the writer of units needs to know of each type."""
        columns = encode.type_columns(count)
        for name in encode.TYPE_COLUMNS.names or ():
            if hasattr(self, name):
                columns[name] = getattr(self, name)
        columns["economy"] = self.worker | self.townhall | self.gas_building | (self.provided > 0)
        for unit in self.rules.units.values():
            columns["detect"][unit.id] = max(unit.detection, 0.0)
            columns["radar"][unit.id] = RADAR_RANGES.get(unit.name, 0.0)
            columns["alert"][unit.id] = tally.NAMED.get(unit.name, tally.PLAIN)
            columns["cargo"][unit.id] = max(unit.cargo_capacity, 0)
            columns["gas_buff"][unit.id] = CARRY_GAS_BUFFS.get(unit.race, CARRY_GAS_BUFFS["Terran"])
        return columns

    @staticmethod
    def _flags(count: int, ids: list[int]) -> npt.NDArray[np.bool_]:
        flags = np.zeros(count, dtype=bool)
        flags[ids] = True
        return flags

    @staticmethod
    def _numbers(count: int, values: dict[int, Any]) -> npt.NDArray[np.float64]:
        numbers = np.zeros(count)
        numbers[list(values)] = list(values.values())
        return numbers

    def levels(self, upgrades: frozenset[int]) -> tuple[npt.NDArray[np.uint8], ...]:
        """Attack, armour and shield upgrade level of every type, given what a player has researched."""
        known = self._levels.get(upgrades)
        if known is None:
            known = self._levels[upgrades] = self._count_levels(upgrades)
        return known

    def level_rows(self, upgrades: tuple[frozenset[int], frozenset[int]]) -> npt.NDArray[np.uint8]:
        """The levels of both players, [player, attack armour and shield, T]."""
        known = self._both.get(upgrades)
        if known is None:
            if len(self._both) > 64:
                self._both.clear()
            known = self._both[upgrades] = np.array([self.levels(one) for one in upgrades])
        return known

    def _count_levels(self, upgrades: frozenset[int]) -> tuple[npt.NDArray[np.uint8], ...]:
        count = len(self.structure)
        attack, armor, shield = (np.zeros(count, dtype=np.uint8) for _ in range(3))
        for upgrade_id in upgrades:
            rule = self.rules.upgrades.get(upgrade_id)
            if rule is None or "Level" not in rule.name:
                continue  # only the three-level lines count as levels
            weapons, armored, shielded = set(), set(), set()
            for effect in rule.effects:
                if effect.kind == "weapon" and effect.field == "damage":
                    weapons.add(effect.index)
                elif effect.kind == "unit" and effect.field == "armor":
                    armored.add(effect.index)
                elif effect.kind == "unit" and effect.field == "shield_armor":
                    shielded.add(effect.index)
            for unit in self.rules.units.values():
                attack[unit.id] += any(w in weapons for w in unit.weapons)
            armor[list(armored)] += 1
            shield[list(shielded)] += 1
        return attack, armor, shield


def _shows_weapon(rules: Ruleset, type_id: int) -> bool:
    return bool(rules.units[type_id].weapons)


@functools.lru_cache(maxsize=4)
def type_table(rules: Ruleset) -> TypeTable:
    """The table of a ruleset, made once."""
    return TypeTable(rules)
