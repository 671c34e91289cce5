"""What a phase or a reaction of a build changes, and the build that results: pure functions.

Phases are a build's own plan ("hydras once there is a Lair"), reactions answer what was seen of the enemy. Both have
a condition and changes; those that hold are applied in the order of the file, phases first.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from modules.build_order.conditions import Condition, Facts

if TYPE_CHECKING:
    from modules.build_order.builds import Build


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes different; None and empty leave it as it is.

    Attributes:
        army, workers, gas, upgrades, expand: instead of the build's.
        guard, structures, addons: entries that replace or join the build's.
        attack_supply, attack_again: army supply for attacks.
        stance: "attack" or "hold" whatever the army supply says, "" leaves it to the army supply.
        gas_workers: so many on gas at most.
        scout: one more worker goes to look.
        switch_to: name of the build to play from now on.
    """

    army: Mapping[U, float] | None = None
    workers: tuple[int, ...] | None = None
    gas: tuple[int, ...] | None = None
    upgrades: tuple[UpgradeId, ...] | None = None
    expand: tuple[int, ...] | None = None
    guard: Mapping[U, tuple[int, ...]] = field(default_factory=dict)
    structures: Mapping[U, tuple[int, ...]] = field(default_factory=dict)
    addons: Mapping[U, tuple[int, ...]] = field(default_factory=dict)
    attack_supply: int | None = None
    attack_again: int | None = None
    stance: str | None = None
    gas_workers: int | None = None
    scout: bool = False
    switch_to: str = ""


@dataclass(frozen=True, slots=True)
class Conditional:
    """A phase or a reaction.

    Attributes:
        name: unique in its build. when: its condition. changes: what it changes.
        lasts_loops: how long it holds after its condition held last; 0 once begun, for ever.
    """

    name: str
    when: Condition
    changes: Changes
    lasts_loops: int = 0


class Active:
    """Which phases and reactions of a build hold; remembers since when."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._held: dict[str, int] = {}

    def update(self, facts: Facts) -> tuple[str, ...]:
        """Names of those that hold now, in the order of the file."""
        found = []
        for entry in self._build.conditionals:
            if entry.name in self._held and not entry.lasts_loops:
                found.append(entry.name)
            elif entry.when.holds(facts):
                self._held[entry.name] = facts.loop
                found.append(entry.name)
            elif entry.name in self._held and facts.loop - self._held[entry.name] <= entry.lasts_loops:
                found.append(entry.name)
        return tuple(found)


def effective(build: Build, active: Sequence[str]) -> Build:
    """The build with everything applied that holds now."""
    return _effective(build, tuple(active)) if active else build


@functools.lru_cache(maxsize=64)
def _effective(build: Build, active: tuple[str, ...]) -> Build:
    for entry in build.conditionals:
        if entry.name in active:
            build = apply(build, entry.changes)
    return build


def apply(build: Build, changes: Changes) -> Build:
    """The build with changes made."""
    values: dict[str, Any] = {}
    for name in ("army", "workers", "gas", "upgrades", "expand", "attack_supply", "attack_again", "stance"):
        value = getattr(changes, name)
        if value is not None:
            values[name] = value
    for name in ("guard", "structures", "addons"):
        more = getattr(changes, name)
        if more:
            values[name] = {**getattr(build, name), **more}
    if changes.gas_workers is not None:
        values["gas_workers"] = changes.gas_workers
    return dataclasses.replace(build, **values)


@functools.lru_cache(maxsize=64)
def anywhere(build: Build, places: frozenset[str]) -> Build:
    """The build with steps near these places left open: for places that a map does not have."""
    steps = (dataclasses.replace(step, near="") if step.near in places else step for step in build.opening)
    return dataclasses.replace(build, opening=tuple(steps))
