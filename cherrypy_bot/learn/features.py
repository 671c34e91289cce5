"""A `StateView` as a vector of numbers: pure, numpy only, the same in a match, from a replay and in training.

Numbers are roughly within -1..3: counts and resources are logarithms, times count ten minutes. What a view does not
know is 0, and a `known ...` entry says so. `groups()` lists what stands where; docs/selector.md explains the groups,
and a test compares the two.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from cherrypy_bot.learn import vocabulary as v
from cherrypy_bot.learn.view import FORECAST_LOOPS, GRID_CELLS, GRIDS, FloatArray, StateView

FEATURES_VERSION: Final = 1
"""Goes into every file with inputs or weights; vectors of different versions do not mix."""
POOLED_CELLS: Final = 4
_LONG_AGO_LOOPS: Final = 22.4 * 90
"""What was seen so long ago is half forgotten."""
_LOOPS: Final = 22.4 * 600
"""Times are in units of ten minutes."""
_AGGREGATES: Final = (
    "army value",
    "army supply",
    "support value",
    "workers",
    "defences",
    "makers",
    "tech",
    "townhalls",
)
_KNOWN: Final = (
    "enemy race", "pending", "enemy", "bank", "supply", "enemy bases", "upgrades", "upgrades pending", "build",
    "forecast", "grids", "map", "rush distance",
)  # fmt: skip


def _group_names() -> dict[str, tuple[str, ...]]:
    seconds = [round(loops / 22.4) for loops in FORECAST_LOOPS]
    pooled = [f"{row}/{col}" for row in range(POOLED_CELLS) for col in range(POOLED_CELLS)]
    return {
        "time": ("loops", "loops squared", "opening"),
        "races": tuple(f"{who} {race}" for who in ("own", "enemy") for race in v.RACES),
        "bank": ("minerals", "vespene", "floating"),
        "supply": ("used", "cap", "free", "army", "workers"),
        "bases": ("own", "enemy known"),
        "own": v.NAMES,
        "pending": v.NAMES,
        "enemy": v.NAMES,
        "enemy fresh": v.NAMES,
        "own sums": _AGGREGATES,
        "enemy sums": _AGGREGATES,
        "balance": ("army value", "workers", "townhalls"),
        "upgrades": tuple(upgrade.name for upgrade in v.UPGRADES),
        "upgrades pending": tuple(upgrade.name for upgrade in v.UPGRADES),
        "build": ("loops in it",),
        "forecast": tuple(f"{name} +{seconds[-1]}s" for name in v.NAMES),
        "forecast sums": tuple(f"{name} +{second}s" for second in seconds for name in _AGGREGATES),
        "places": tuple(f"{name} {cell}" for name in GRIDS for cell in pooled),
        "map": ("size", "rush distance", "bases"),
        "known": _KNOWN,
    }


@functools.cache
def groups() -> dict[str, slice]:
    """Where each group of features stands in the vector, in order."""
    found, begin = {}, 0
    for name, entries in _group_names().items():
        found[name] = slice(begin, begin + len(entries))
        begin += len(entries)
    return found


@functools.cache
def feature_names() -> tuple[str, ...]:
    """`GROUP: ENTRY` for every number of the vector."""
    return tuple(f"{group}: {entry}" for group, entries in _group_names().items() for entry in entries)


FEATURE_COUNT: Final = len(feature_names())
_AT: Final = groups()


def features(view: StateView) -> FloatArray:
    """The vector of a view, float32 [FEATURE_COUNT], all finite."""
    out = np.zeros(FEATURE_COUNT, np.float32)
    own = _counts(view.own)
    time = view.loop / _LOOPS
    out[_AT["time"]] = time, min(4.0, time * time), float(view.loop < 112)
    out[_AT["races"]] = [view.race == race for race in v.RACES] + [view.enemy_race == race for race in v.RACES]
    own_sums = _sums(own)
    out[_AT["own"]] = _log(own)
    out[_AT["own sums"]] = own_sums
    known = [view.enemy_race is not None, view.pending is not None, view.enemy is not None]
    if view.pending is not None:
        out[_AT["pending"]] = _log(_counts(view.pending))
    if view.enemy is not None:
        enemy, fresh = _enemy(view)
        enemy_sums = _sums(enemy)
        out[_AT["enemy"]] = _log(enemy)
        out[_AT["enemy fresh"]] = fresh
        out[_AT["enemy sums"]] = enemy_sums
        out[_AT["balance"]] = (own_sums - enemy_sums)[[0, 3, 7]]
    known += _economy(view, out)
    known += _plans(view, out)
    out[_AT["known"]] = known
    return np.nan_to_num(np.clip(out, -10.0, 10.0), copy=False)


def _economy(view: StateView, out: FloatArray) -> list[bool]:
    bank = view.minerals is not None and view.vespene is not None
    if view.minerals is not None and view.vespene is not None:
        over = max(0.0, view.minerals - 500.0)
        out[_AT["bank"]] = np.log1p(np.maximum(0.0, [view.minerals, view.vespene, over])) / np.log(1000.0)
    supply = (view.supply_used, view.supply_cap, view.supply_army, view.supply_workers)
    known_supply = None not in supply
    if known_supply:
        used, cap, army, workers = (float(value or 0.0) for value in supply)
        out[_AT["supply"]] = used / 100, cap / 100, np.clip((cap - used) / 20, -1, 3), army / 100, workers / 70
    out[_AT["bases"]] = np.log1p([max(0, view.bases or 0), max(0, view.enemy_bases or 0)])
    return [bank, known_supply, view.enemy_bases is not None]


def _plans(view: StateView, out: FloatArray) -> list[bool]:
    for group, ids in (("upgrades", view.upgrades), ("upgrades pending", view.upgrades_pending)):
        for upgrade in ids or ():
            if upgrade in v.UPGRADE_COLUMN:
                out[_AT[group].start + v.UPGRADE_COLUMN[upgrade]] = 1.0
    if view.build_loops is not None:
        out[_AT["build"]] = np.log1p(view.build_loops / 112) / 4.0
    forecast = len(view.forecast) == len(FORECAST_LOOPS)
    if forecast:
        ahead = [_counts(counts) for counts in view.forecast]
        out[_AT["forecast"]] = _log(ahead[-1])
        out[_AT["forecast sums"]] = np.concatenate([_sums(counts) for counts in ahead])
    if view.grids is not None:
        step = GRID_CELLS // POOLED_CELLS
        pooled = view.grids.reshape(len(GRIDS), POOLED_CELLS, step, POOLED_CELLS, step).sum(axis=(2, 4))
        out[_AT["places"]] = _log(pooled.reshape(-1) / 100.0)
    rush = view.map.rush_cells if view.map is not None else None
    if view.map is not None:
        size = np.sqrt(max(1.0, view.map.width * view.map.height))
        out[_AT["map"]] = size / 150.0, (rush or 0.0) / 150.0, view.map.bases / 16.0
    return [
        view.upgrades is not None,
        view.upgrades_pending is not None,
        view.build_loops is not None,
        forecast,
        view.grids is not None,
        view.map is not None,
        rush is not None,
    ]


def _counts(counts: Mapping[int, float]) -> npt.NDArray[np.float64]:
    """By column of the vocabulary, from counts by type id."""
    found = np.zeros(v.TYPE_COUNT)
    for type_id, count in counts.items():
        column = v.column(type_id)
        if column >= 0:
            found[column] += max(0.0, count)
    return found


def _enemy(view: StateView) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Counts by column, and how fresh the last sight of each is: 1 now, half after 90 s, 0 never."""
    found, fresh = np.zeros(v.TYPE_COUNT), np.zeros(v.TYPE_COUNT)
    for type_id, seen in (view.enemy or {}).items():
        column = v.column(type_id)
        if column >= 0:
            found[column] += max(0, seen.count)
            fresh[column] = max(fresh[column], 0.5 ** (max(0, seen.age_loops) / _LONG_AGO_LOOPS))
    return found, fresh


_SUMS: Final = np.stack(
    [
        v.PRICE * v.KINDS[v.ARMY] / 100,
        v.SUPPLY * v.KINDS[v.ARMY],
        v.PRICE * v.KINDS[v.SUPPORT] / 100,
        v.KINDS[v.WORKER],
        v.KINDS[v.DEFENCE],
        v.KINDS[v.MAKER],
        v.KINDS[v.TECH],
        v.KINDS[v.TOWNHALL],
    ]
).astype(np.float64)


def _sums(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Logarithms of the sums that _AGGREGATES names."""
    return _log(_SUMS @ counts)


def _log(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    return np.log1p(np.maximum(0.0, values)) / 2.0
