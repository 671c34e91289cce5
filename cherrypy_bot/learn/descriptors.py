"""A build order as a vector of numbers, from its data alone: what the selector knows of a build that it never played.

Composition (shares of the army by price), timings (supply of the first gas, base, maker, fighters), economy (workers,
gas, bases) and aggression (army supply of the attacks, stance, proxies). Pure; numpy only.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from cherrypy_bot.learn import vocabulary as v
from cherrypy_bot.learn.view import FloatArray

DESCRIPTORS_VERSION: Final = 1
_LATE_SUPPLY: Final = 60.0
"""What an opening does not have counts as coming at this supply."""
_MOBILE: Final = np.flatnonzero(v.KINDS[v.ARMY] | v.KINDS[v.SUPPORT])
_FLYING: Final = frozenset(
    {
        "VIKINGFIGHTER", "MEDIVAC", "LIBERATOR", "BANSHEE", "RAVEN", "BATTLECRUISER", "OBSERVER", "WARPPRISM",
        "PHOENIX",
        "VOIDRAY", "ORACLE", "CARRIER", "TEMPEST", "MOTHERSHIP", "OVERLORD", "OVERSEER", "OVERLORDTRANSPORT",
        "MUTALISK", "CORRUPTOR", "BROODLORD", "VIPER",
    }
)  # fmt: skip
_FAR: Final = frozenset({"proxy", "enemy natural", "enemy main"})
_FIRST: Final = (v.GAS, v.TOWNHALL, v.MAKER, v.TECH, v.DEFENCE, v.ARMY)
_PHASE_WEIGHT: Final = 0.5
"""How much the army of a later phase counts beside the army at the beginning."""


class StepLike(Protocol):
    """One item of an opening; `modules.build_order.builds.OpeningStep` is one."""

    @property
    def supply(self) -> int: ...
    @property
    def item(self) -> Any: ...
    @property
    def count(self) -> int: ...
    @property
    def near(self) -> str: ...


class BuildLike(Protocol):
    """What is read of a build order; `modules.build_order.builds.Build` has it."""

    @property
    def opening(self) -> Sequence[StepLike]: ...
    @property
    def army(self) -> Mapping[Any, float]: ...
    @property
    def guard(self) -> Mapping[Any, tuple[int, ...]]: ...
    @property
    def workers(self) -> tuple[int, ...]: ...
    @property
    def gas(self) -> tuple[int, ...]: ...
    @property
    def upgrades(self) -> tuple[Any, ...]: ...
    @property
    def upgrades_at(self) -> int: ...
    @property
    def expand(self) -> tuple[int, ...]: ...
    @property
    def attack_supply(self) -> int: ...
    @property
    def attack_again(self) -> int: ...
    @property
    def stance(self) -> str: ...
    @property
    def conditionals(self) -> Sequence[Any]: ...


@functools.cache
def descriptor_names() -> tuple[str, ...]:
    """What each number of a descriptor is."""
    return (
        *(f"army share {v.NAMES[column]}" for column in _MOBILE),
        "army gas share",
        "army price",
        "army flying share",
        *(f"guard {bases} bases" for bases in (1, 2, 3)),
        *(f"first {kind}" for kind in _FIRST),
        *(f"{kind} in the opening" for kind in _FIRST),
        "opening ends at supply",
        "proxy",
        *(f"workers {bases} bases" for bases in (1, 2, 3)),
        *(f"gas {bases} bases" for bases in (1, 2, 3)),
        *(f"base {number} at workers" for number in (2, 3, 4)),
        "upgrades",
        "upgrades from bases",
        "attack supply",
        "attack again supply",
        "attacks at once",
        "holds back",
        "phases",
        "reactions",
    )


DESCRIPTOR_COUNT: Final = len(descriptor_names())


def describe(build: BuildLike) -> FloatArray:
    """The descriptor of a build order, float32 [DESCRIPTOR_COUNT], numbers roughly within 0..2."""
    phases = [entry for entry in build.conditionals if entry.name.startswith("phases")]
    reactions = [entry for entry in build.conditionals if entry.name.startswith("reactions")]
    shares = _composition(build.army)
    for entry in phases:
        if entry.changes.army is not None:
            shares = shares + _PHASE_WEIGHT * _composition(entry.changes.army)
    shares = shares / max(1e-9, float(shares.sum()))
    stances = {entry.changes.stance for entry in build.conditionals if entry.name.startswith("steps")}
    out = [
        *shares[_MOBILE],
        *_army(shares),
        *(_guard(build.guard, bases) / 20.0 for bases in (1, 2, 3)),
        *_opening(build.opening),
        *(np.log1p(_at(build.workers, bases)) / 4.0 for bases in (1, 2, 3)),
        *(_at(build.gas, bases) / 6.0 for bases in (1, 2, 3)),
        *((_at(build.expand, number) if len(build.expand) >= number else 80) / 60.0 for number in (2, 3, 4)),
        len(build.upgrades) / 6.0,
        build.upgrades_at / 3.0,
        min(200, build.attack_supply) / 60.0,
        min(200, build.attack_again) / 60.0,
        float(build.stance == "attack" or "attack" in stances),
        float(build.stance == "hold" or "hold" in stances),
        len(phases) / 3.0,
        len(reactions) / 6.0,
    ]
    return np.asarray(out, np.float32)


def _composition(army: Mapping[Any, float]) -> npt.NDArray[np.float64]:
    """Shares of the army's price by column of the vocabulary; all 0 where nothing of it has a price."""
    found = np.zeros(v.TYPE_COUNT)
    for item, share in army.items():
        column = v.column(item.value)
        if column >= 0:
            found[column] += max(0.0, share) * float(v.PRICE[column])
    total = float(found.sum())
    return found / total if total > 0 else found


def _army(shares: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Share of gas, mean price of a unit in hundreds, share of what flies."""
    gas = np.array([row.gas / max(1, row.minerals + row.gas) for row in v.TYPES])
    flying = np.array([row.name in _FLYING for row in v.TYPES])
    return float(shares @ gas), float(shares @ v.PRICE) / 300.0, float(shares @ flying)


def _guard(guard: Mapping[Any, tuple[int, ...]], bases: int) -> float:
    """Supply of the fighters that come before workers."""
    known = ((v.column(kind.value), counts) for kind, counts in guard.items())
    return float(sum(float(v.SUPPLY[column]) * _at(counts, bases) for column, counts in known if column >= 0))


def _opening(steps: Sequence[StepLike]) -> Iterable[float]:
    first = dict.fromkeys(_FIRST, _LATE_SUPPLY)
    number = dict.fromkeys(_FIRST, 0)
    for step in steps:
        # Upgrades have numbers of their own that would be taken for units.
        column = v.column(step.item.value) if type(step.item).__name__ == "UnitTypeId" else -1
        kind = v.TYPES[column].kind if column >= 0 else ""
        if kind in first:
            first[kind] = min(first[kind], float(step.supply or _LATE_SUPPLY))
            number[kind] += step.count
    yield from (supply / 30.0 for supply in first.values())
    yield from (np.log1p(count) / 2.0 for count in number.values())
    yield max((step.supply for step in steps), default=0) / 40.0
    yield float(any(step.near in _FAR for step in steps))


def _at(counts: Sequence[int], bases: int) -> int:
    """The entry for this number of bases; the last holds for more."""
    return counts[min(bases, len(counts)) - 1] if counts else 0
