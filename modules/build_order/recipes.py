"""A catalogue as the planner reads it: items are small integers, and what it asks often is looked up once."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sc2.ids.unit_typeid import UnitTypeId as U

from modules.items import REACTORS, TECHLABS, WORKERS, Catalogue, Item, counts_as

_LAB_OF: Final = {parent: lab for lab, parent in TECHLABS.items()}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one item is made; the integers are indices of `Recipes`.

    Attributes:
        item, name, minerals, gas, supply, time, amount, provides, techlab, addon, consumes: as in `ItemFacts`.
        index: of the item. forms: of what it counts as, itself first.
        requires, makers: of what it needs and what makes it; `maker` is the usual one.
        by_worker, by_larva: what makes it. alone: it needs a slot to which nothing else happens (add-on, morph).
        morph: the maker's slot becomes this item's.
        lab: of the tech lab that its maker can have, -1 where there is none.
        is_lab, is_reactor, is_gas, is_hatchery: what it is. produces: it brings a production slot.
    """

    item: Item
    name: str
    minerals: int
    gas: int
    supply: float
    time: int
    amount: int
    provides: int
    techlab: bool
    addon: bool
    consumes: bool
    index: int
    forms: tuple[int, ...]
    requires: tuple[int, ...]
    makers: tuple[int, ...]
    maker: int
    by_worker: bool
    by_larva: bool
    alone: bool
    morph: bool
    lab: int
    is_lab: bool
    is_reactor: bool
    is_gas: bool
    is_hatchery: bool
    produces: bool


class Recipes:
    """Every recipe of a catalogue.

    Attributes:
        index: by item, of everything that is made, makes, is needed or stands for something.
        of: recipe by index, None for what cannot be made. supply, gas: indices of the provider and the gas structure.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.index: dict[Item, int] = {}
        for item, facts in catalogue.items():
            self._number((item, *_forms(item), *facts.makers, *facts.requires))
        self._number(_LAB_OF.values())
        self.of: list[Recipe | None] = [None] * len(self.index)
        for item in catalogue:
            self.of[self.index[item]] = self._recipe(catalogue, item)
        self.supply = self.index[catalogue.supply]
        self.gas = self.index[catalogue.gas]

    def _number(self, items: Iterable[Item]) -> None:
        for item in items:
            self.index.setdefault(item, len(self.index))

    def _recipe(self, catalogue: Catalogue, item: Item) -> Recipe:
        facts = catalogue[item]
        maker = facts.makers[0]
        lab = _LAB_OF.get(maker)
        forms = _forms(item)
        return Recipe(
            item=item,
            name=facts.name,
            minerals=facts.minerals,
            gas=facts.gas,
            supply=facts.supply,
            time=facts.time_loops,
            amount=facts.amount,
            provides=facts.provides,
            techlab=facts.techlab,
            addon=facts.addon,
            consumes=facts.consumes,
            index=self.index[item],
            forms=tuple(self.index[form] for form in (forms[:1] if facts.morph else forms)),
            requires=tuple(self.index[needed] for needed in facts.requires),
            makers=tuple(self.index[one] for one in facts.makers),
            maker=self.index[maker],
            by_worker=maker in WORKERS,
            by_larva=maker is U.LARVA,
            alone=facts.addon or facts.morph,
            morph=facts.morph and isinstance(item, U),
            lab=self.index[lab] if lab is not None else -1,
            is_lab=item in TECHLABS,
            is_reactor=item in REACTORS,
            is_gas=item == catalogue.gas,
            is_hatchery=item == U.HATCHERY,
            produces=(facts.structure or facts.addon or item in catalogue.morphing)
            and isinstance(item, U)
            and item not in REACTORS,
        )


def _forms(item: Item) -> tuple[Item, ...]:
    return counts_as(item) if isinstance(item, U) else (item,)


@functools.lru_cache(maxsize=8)
def recipes_of(catalogue: Catalogue) -> Recipes:
    """The recipes of a catalogue; worked out once."""
    return Recipes(catalogue)
