"""When can each wish start? A pure forward plan over money, supply, tech and production slots.

Wishes are taken in order. Each one gets the first start at which everything it needs is there and which delays
nothing planned before it; what it lacks (a structure, a maker, gas, supply) is planned in front of it. So lesser
wishes fill the gaps that greater ones leave, and never push them back.

Example:
    >>> steps = plan(state, [Wish(UnitTypeId.MARINE, 1)], catalogue)
    >>> [(step.item.name, step.start) for step in steps]        # from the first moment of a game
    [('SUPPLYDEPOT', 99), ('BARRACKS', 579), ('MARINE', 1619)]

Times are loops from now.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sc2.ids.unit_typeid import UnitTypeId as U

from modules.build_order.simulation import GAS_RATE, MOST_STEPS, Simulation, Step
from modules.items import Catalogue, Item

MINERAL_RATE = 0.0425
"""Minerals per loop and worker, up to two on a patch (about 57 a minute)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Have `count` of `item`, counting those that exist and those on their way.

    `not_before` and `latest` bound the start (loops from now): a wish that can only start after `latest`
    is left out and costs the others nothing. `near` names where a structure is wanted, "" leaves that open.
    """

    item: Item
    count: int = 1
    note: str = ""
    not_before: int = 0
    latest: float = math.inf
    near: str = ""


@dataclass(frozen=True, slots=True)
class Fill:
    """Keep production busy: units in the given ratio for as long as slots are free within `within` loops.

    Attributes:
        ratio: unit type and share.
        have: how many of each live or are coming, to fill up what is missing most.
        most: number of orders at most.
    """

    ratio: Mapping[U, float]
    have: Mapping[U, int]
    within: int = 640
    most: int = 30
    note: str = "army"


@dataclass(frozen=True, slots=True)
class Maker:
    """One production slot.

    Attributes:
        kind: type of the structure that has it.
        free_in: loops until it is free; of an unfinished structure until it is finished.
        techlab: the structure has a tech lab.
        addon: the structure has an add-on or is getting one.
    """

    kind: U
    free_in: float = 0.0
    techlab: bool = False
    addon: bool = False


@dataclass(frozen=True, slots=True)
class PlanState:
    """What the plan starts from.

    Attributes:
        minerals, gas: bank. mineral_rate, gas_rate: income per loop.
        supply_used: taken, also by what is in production. supply_cap: given now.
        have: finished things, better forms counted as the simpler ones too.
        coming: (item, ready in loops) of what is paid for and not finished.
        makers: production slots.
        larvae: loops until each larva that will be there, ascending.
        locked: (item, loops until the worker is there) of what a worker is on its way to build: not paid yet,
            planned before any wish.
        workers: alive.
        gas_structures: finished ones that are not empty: gas flows as soon as somebody fetches it.
    """

    minerals: float = 50.0
    gas: float = 0.0
    mineral_rate: float = 0.0
    gas_rate: float = 0.0
    supply_used: float = 0.0
    supply_cap: float = 0.0
    have: Mapping[Item, int] = field(default_factory=dict)
    coming: Sequence[tuple[Item, float]] = ()
    makers: Sequence[Maker] = ()
    larvae: Sequence[float] = ()
    locked: Sequence[tuple[Item, float]] = ()
    workers: int = 0
    gas_structures: int = 0


def plan(state: PlanState, wishes: Sequence[Wish | Fill], catalogue: Catalogue) -> list[Step]:
    """The orders that fulfil the wishes, most important first; see the module's docstring."""
    simulation = Simulation(state, catalogue)
    simulation.lock(state.locked)
    for wish in wishes:
        if len(simulation.steps) >= MOST_STEPS:
            break
        if isinstance(wish, Fill):
            simulation.fill(wish)
        else:
            simulation.fulfil(wish)
    return simulation.steps


def larva_times(larvae: int, hatcheries: Sequence[float], period: int, horizon: int) -> list[float]:
    """Loops until each larva.

    Args:
        larvae: there now.
        hatcheries: per hatchery, loops until its next larva (of an unfinished one until it is finished).
        period: loops between two larvae of one hatchery.
        horizon: how far to look.
    """
    times = [0.0] * larvae
    for first in hatcheries:
        when = first
        while when <= horizon:
            times.append(when)
            when += period
    return sorted(times)


__all__ = ["GAS_RATE", "MINERAL_RATE", "Fill", "Maker", "PlanState", "Step", "Wish", "larva_times", "plan"]
