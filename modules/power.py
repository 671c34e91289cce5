"""What units are worth in a fight, roughly: what they cost. A worker counts 25, a Zergling 32, a Marine 50."""

from __future__ import annotations

import weakref
from typing import Any, Final

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.module import Context
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import BoolArray, FloatArray, IntArray, UnitTable
from modules.items import WORKERS

WORKER_POWER: Final = 25.0
HARMLESS: Final = frozenset(
    {
        U.LARVA, U.EGG, U.OVERLORD, U.OVERLORDTRANSPORT, U.OVERSEER, U.OVERSEERSIEGEMODE, U.OBSERVER,
        U.OBSERVERSIEGEMODE, U.CHANGELING, U.CHANGELINGMARINE, U.CHANGELINGMARINESHIELD, U.CHANGELINGZEALOT,
        U.CHANGELINGZERGLING, U.CHANGELINGZERGLINGWINGS, U.MULE, U.BROODLING, U.LOCUSTMP, U.ADEPTPHASESHIFT,
        U.KD8CHARGE, U.FORCEFIELD, U.PARASITICBOMBDUMMY, U.CREEPTUMOR, U.CREEPTUMORBURROWED, U.CREEPTUMORQUEEN,
    }
)  # fmt: skip
DEFENCES: Final = frozenset(
    {U.PHOTONCANNON, U.SPINECRAWLER, U.BUNKER, U.PLANETARYFORTRESS, U.SHIELDBATTERY, U.MISSILETURRET, U.SPORECRAWLER}
)
_WORTH: Final = {
    U.PHOTONCANNON: 200.0,
    U.SPINECRAWLER: 175.0,
    U.BUNKER: 250.0,
    U.PLANETARYFORTRESS: 500.0,
    U.SHIELDBATTERY: 75.0,
    U.QUEEN: 130.0,
    U.ZERGLING: 32.0,
    U.MISSILETURRET: 0.0,
    U.SPORECRAWLER: 0.0,
}
"""Where the price says little about the fight."""

_WORKER_IDS: Final = [kind.value for kind in WORKERS]
_HARMLESS_IDS: Final = [kind.value for kind in HARMLESS]
_tables: weakref.WeakKeyDictionary[Any, FloatArray] = weakref.WeakKeyDictionary()


def type_power(ctx: Context) -> FloatArray:
    """Power of each unit type, shape (type ids,); 0 for what does not fight."""
    data = ctx.bot.game_data
    known = _tables.get(data)
    if known is not None:
        return known
    table = np.zeros(max(data.units, default=0) + 1)
    for type_id, unit in data.units.items():
        table[type_id] = max(0.0, unit.cost.minerals + unit.cost.vespene)
    for kind in WORKERS:
        table[kind.value] = WORKER_POWER
    for kind in HARMLESS:
        table[kind.value] = 0.0
    for kind, worth in _WORTH.items():
        if kind.value < len(table):
            table[kind.value] = worth
    _tables[data] = table
    return table


def army_rows(table: UnitTable) -> IntArray:
    """Rows of our fighting units: neither workers nor structures nor what cannot fight."""
    mask: BoolArray = table.own & ~table.structure & ~is_any_of(table.type_id, _WORKER_IDS + _HARMLESS_IDS)
    return np.flatnonzero(mask & table.ready)


def power_of(ctx: Context, rows: IntArray) -> float:
    """Summed power of units, the hurt in proportion to what is left of them."""
    if not len(rows):
        return 0.0
    table = ctx.units
    worth = type_power(ctx)
    kinds = np.minimum(table.type_id[rows], len(worth) - 1)
    full = table.health_max[rows] + table.shield_max[rows]
    left = np.where(full > 0, (table.health[rows] + table.shield[rows]) / np.maximum(full, 1.0), 1.0)
    return float((worth[kinds] * left).sum())
