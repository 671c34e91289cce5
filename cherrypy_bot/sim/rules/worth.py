"""What a unit type counts for, as army, economy or technology, in the game's statistics and in the score.

Measured on the statistics of eleven real replays of 4.10 to 5.0.16: units are army; workers, town halls with their
Terran upgrades, gas buildings, depots, pylons and overlords are economy; all other structures and the price of Lair and
Hive above a Hatchery are technology. Prices are the API's totals, so a Zerg structure includes its drone. What is not
bought (neutral units, what an ability leaves for a while) counts for nothing.
"""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.rules.records import UnitRule
from cherrypy_bot.sim.rules.ruleset import Ruleset

CATEGORIES: Final = ("army", "economy", "technology")
ARMY, ECONOMY, TECHNOLOGY = range(3)


class Worth(NamedTuple):
    """What each unit type is worth: `value` float64 [2 resources, 3 categories, types]; flags bool [types]."""

    value: npt.NDArray[np.float64]
    worker: npt.NDArray[np.bool_]


@functools.lru_cache(maxsize=4)
def worth_of(rules: Ruleset) -> Worth:
    """The table of a ruleset, made once."""
    count = max(rules.units) + 1
    value = np.zeros((2, len(CATEGORIES), count))
    worker = np.zeros(count, dtype=bool)
    for unit in rules.units.values():
        if unit.name != "MULE":
            worker[unit.id] = unit.is_worker
        for category, minerals, gas in _shares(rules, unit):
            value[:, category, unit.id] = minerals, gas
    return Worth(value, worker)


def _shares(rules: Ruleset, unit: UnitRule) -> list[tuple[int, int, int]]:
    """(category, minerals, gas) of one of a type."""
    if unit.race == "Neutral" or unit.kind in ("temporary", "spawned"):
        return []
    if unit.is_worker or unit.is_gas_building:
        return [(ECONOMY, unit.minerals, unit.gas)]
    base = rules.unit("Hatchery" if unit.is_townhall else "Overlord")
    if unit.is_townhall and unit.race == "Zerg":
        return [(ECONOMY, base.minerals, base.gas), (TECHNOLOGY, unit.minerals - base.minerals, unit.gas - base.gas)]
    if unit.is_townhall:
        return [(ECONOMY, unit.minerals, unit.gas)]
    if unit.name.startswith(("Overlord", "Overseer", "TransportOverlord")):
        return [(ECONOMY, base.minerals, 0), (ARMY, unit.minerals - base.minerals, unit.gas)]
    if unit.supply_provided > 0:
        return [(ECONOMY, unit.minerals, unit.gas)]
    return [(TECHNOLOGY if unit.is_structure else ARMY, unit.minerals, unit.gas)]
