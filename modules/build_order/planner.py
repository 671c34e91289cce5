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
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sc2.ids.unit_typeid import UnitTypeId as U

from modules.build_order.ledger import Ledger
from modules.items import ADDONS, REACTORS, TECHLABS, WORKERS, Catalogue, Item, ItemFacts, counts_as

MAX_SUPPLY = 200
GAS_WORKERS = 3
GAS_RATE = 0.0397
"""Gas per loop and worker of a saturated structure (three bring about 160 a minute)."""
MINERAL_RATE = 0.0425
"""Minerals per loop and worker, up to two on a patch (about 57 a minute)."""
SUPPLY_SLACK_LOOPS = 70
"""Supply is planned to be there so much before it is needed: workers have to walk, plans slip."""
MOST_STEPS = 150
MOST_PROVIDERS_PER_ORDER = 3
MOST_TRIES = 8


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


@dataclass(frozen=True, slots=True)
class Step:
    """One order of a plan: start it in `start` loops; it is there in `ready` loops."""

    item: Item
    start: float
    ready: float
    note: str = ""
    locked: bool = False
    near: str = ""


def plan(state: PlanState, wishes: Sequence[Wish | Fill], catalogue: Catalogue) -> list[Step]:
    """The orders that fulfil the wishes, most important first; see the module's docstring."""
    simulation = _Simulation(state, catalogue)
    for item, arrival in _requirements_first(state.locked, catalogue):
        simulation.schedule(item, arrival, math.inf, "on its way", locked=True)
    for wish in wishes:
        if len(simulation.steps) >= MOST_STEPS:
            break
        if isinstance(wish, Fill):
            simulation.fill(wish)
        else:
            simulation.fulfil(wish)
    return simulation.steps


def _requirements_first(locked: Sequence[tuple[Item, float]], catalogue: Catalogue) -> list[tuple[Item, float]]:
    """What is on its way, in an order in which nothing is planned twice: what others of it need comes first."""
    left, found = list(locked), []
    while left:
        open_items = {item for item, _ in left}
        ready = [
            entry for entry in left if entry[0] not in catalogue or not open_items & set(catalogue[entry[0]].requires)
        ]
        found += ready or left
        left = [entry for entry in left if entry not in found]
    return found


@dataclass(slots=True)
class _Slot:
    """A production slot: free from `free` on except while `busy` (begin and end, ascending).

    It has a tech lab from `techlab` on (inf: never); `addon`: it has an add-on or is getting one.
    """

    kind: U
    free: float
    techlab: float
    addon: bool
    busy: list[tuple[float, float]] = field(default_factory=list)

    def earliest(self, start: float, length: float) -> float:
        """First loop from `start` on at which it can work for `length` loops."""
        begin = max(start, self.free)
        for busy_from, busy_until in self.busy:
            if begin + length <= busy_from:
                return begin
            if busy_until > begin:
                begin = busy_until
        return begin


class _Simulation:
    """State of a plan in the making."""

    def __init__(self, state: PlanState, catalogue: Catalogue) -> None:
        self.steps: list[Step] = []
        self._catalogue = catalogue
        self._minerals = Ledger(state.minerals, state.mineral_rate)
        self._gas_flows = state.gas_rate > 0 or state.gas_structures > 0
        gas_rate = state.gas_rate or GAS_WORKERS * GAS_RATE * state.gas_structures
        self._gas = Ledger(state.gas, gas_rate)
        self._workers = state.workers
        self._supply_used = state.supply_used
        self._supply: list[tuple[float, float]] = [(0.0, state.supply_cap)]
        self._ready: defaultdict[Item, list[float]] = defaultdict(list)
        self._count: Counter[Item] = Counter(state.have)
        for item, number in state.have.items():
            self._ready[item] = [0.0] * number
        self._slots: dict[U, list[_Slot]] = {}
        for maker in state.makers:
            self._add_slot(_Slot(maker.kind, maker.free_in, 0.0 if maker.techlab else math.inf, maker.addon))
        self._larvae = list(state.larvae)
        self._asking: set[Item] = set()
        for item, ready in state.coming:
            facts = catalogue.get(item)
            if facts is not None:
                self._arrives(facts, ready)

    # -- wishes --------------------------------------------------------------------------------

    def fulfil(self, wish: Wish) -> None:
        """Plan what is missing of a wish, as far as it can be planned."""
        facts = self._catalogue.get(wish.item)
        if facts is None:
            return
        missing = wish.count - self._count[wish.item]
        for _ in range(math.ceil(missing / facts.amount)):
            if len(self.steps) >= MOST_STEPS:
                return
            if self.schedule(wish.item, wish.not_before, wish.latest, wish.note, near=wish.near) is None:
                return

    def fill(self, wish: Fill) -> None:
        """Plan army units by what is missing most until no slot is free in time."""
        have = {item: float(wish.have.get(item, 0)) for item in wish.ratio}
        open_items = {item for item, share in wish.ratio.items() if share > 0 and item in self._catalogue}
        for _ in range(wish.most):
            if not open_items or len(self.steps) >= MOST_STEPS:
                return
            item = min(open_items, key=lambda i: (have[i] / wish.ratio[i], i.value))
            if self.schedule(item, 0.0, wish.within, wish.note, insert=False) is None:
                open_items.discard(item)
            else:
                have[item] += self._catalogue[item].amount

    # -- one order -----------------------------------------------------------------------------

    def schedule(
        self,
        item: Item,
        not_before: float,
        latest: float,
        note: str,
        *,
        locked: bool = False,
        insert: bool = True,
        near: str = "",
    ) -> float | None:
        """Plan one order; when it will be ready, None when it cannot be planned.

        `insert` False plans no missing structures for it, only supply.
        """
        facts = self._catalogue.get(item)
        if facts is None or item in self._asking:
            return None
        if self._workers == 0 and facts.makers[0] in WORKERS:
            return None
        self._asking.add(item)
        try:
            tech = self._tech_ready(facts, insert)
            if tech is None or (facts.gas and not self._gas_ready(facts, insert)):
                return None
            start = max(not_before, tech)
            if not self._has_slot(facts) and not (insert and self._make_maker(facts)):
                return None
            return self._place(facts, start, latest, note, locked, near)
        finally:
            self._asking.discard(item)

    def _place(self, facts: ItemFacts, start: float, latest: float, note: str, locked: bool, near: str) -> float | None:
        """Find the first start from `start` on and commit to it."""
        begin = self._begin(facts, start)
        if math.isinf(begin) or begin > latest:
            return None
        planned = len(self.steps)
        if facts.supply > 0:
            fed = self._fed(facts.supply, begin)
            if fed is None:
                return None
            if fed > begin or len(self.steps) > planned:
                begin = self._begin(facts, max(start, fed))
            if math.isinf(begin) or begin > latest:
                return None
        self._minerals.spend(begin, facts.minerals)
        self._gas.spend(begin, facts.gas)
        self._supply_used += facts.supply
        ready = begin + facts.time_loops
        self._occupy(facts, begin, ready)
        self._arrives(facts, ready)
        self.steps.append(Step(facts.item, begin, ready, note, locked, near))
        return ready

    def _begin(self, facts: ItemFacts, start: float) -> float:
        """First loop from `start` on with a free slot and the money; inf when never."""
        begin = start
        for _ in range(MOST_TRIES):
            slot = self._slot(facts, begin)
            if slot is None:
                return math.inf
            paid = self._gas.earliest(facts.gas, self._minerals.earliest(facts.minerals, math.ceil(slot)))
            if math.isinf(paid):
                return math.inf
            # Whole loops: what is found is what is taken.
            paid = math.ceil(paid)
            if paid == math.ceil(slot):
                return paid
            begin = paid
        return math.inf

    # -- tech, makers --------------------------------------------------------------------------

    def _tech_ready(self, facts: ItemFacts, insert: bool) -> float | None:
        """When all requirements are finished; plans those that are missing."""
        ready = 0.0
        for needed in facts.requires:
            if self._ready[needed]:
                ready = max(ready, min(self._ready[needed]))
                continue
            made = self.schedule(needed, 0.0, math.inf, f"for {facts.name}") if insert else None
            if made is None:
                return None
            ready = max(ready, made)
        return ready

    def _gas_ready(self, facts: ItemFacts, insert: bool) -> bool:
        """Whether the gas for an item will ever be there; plans the first gas structure."""
        if self._gas_flows or not math.isinf(self._gas.earliest(facts.gas)):
            return True
        if not insert:
            return False
        return self.schedule(self._catalogue.gas, 0.0, math.inf, f"for {facts.name}") is not None

    def _make_maker(self, facts: ItemFacts) -> bool:
        """Plan a maker for an item: the structure, or the tech lab on one."""
        maker = facts.makers[0]
        if maker == U.LARVA:
            return False
        if facts.techlab and self._slots_of(maker):
            lab = next(addon for addon, parent in TECHLABS.items() if parent == maker)
            return self.schedule(lab, 0.0, math.inf, f"for {facts.name}") is not None
        if self.schedule(maker, 0.0, math.inf, f"for {facts.name}") is None:
            return False
        return self._has_slot(facts) or self._make_lab(facts, maker)

    def _make_lab(self, facts: ItemFacts, maker: U) -> bool:
        if not facts.techlab:
            return False
        lab = next(addon for addon, parent in TECHLABS.items() if parent == maker)
        return self.schedule(lab, 0.0, math.inf, f"for {facts.name}") is not None

    def _candidates(self, facts: ItemFacts) -> list[_Slot]:
        makers = facts.makers
        slots = self._slots_of(makers[0])
        if len(makers) > 1:
            slots = [slot for maker in makers for slot in self._slots_of(maker)]
        if facts.techlab:
            return [slot for slot in slots if slot.techlab < math.inf and not (facts.addon and slot.addon)]
        return [slot for slot in slots if not slot.addon] if facts.addon else slots

    def _slots_of(self, kind: U) -> list[_Slot]:
        return self._slots.get(kind, [])

    def _add_slot(self, slot: _Slot) -> None:
        self._slots.setdefault(slot.kind, []).append(slot)

    def _has_slot(self, facts: ItemFacts) -> bool:
        """Whether something will be there that can make the item."""
        maker = facts.makers[0]
        if maker in WORKERS:
            return True
        return bool(self._larvae) if maker is U.LARVA else bool(self._candidates(facts))

    def _slot(self, facts: ItemFacts, start: float) -> float | None:
        """When something that can make the item is free, None when nothing ever is."""
        maker = facts.makers[0]
        if maker in WORKERS:
            return start
        if maker == U.LARVA:
            return max(start, self._larvae[0]) if self._larvae else None
        return min((_first(slot, facts, start) for slot in self._candidates(facts)), default=None)

    def _occupy(self, facts: ItemFacts, begin: float, ready: float) -> None:
        """The maker of a committed item is busy from now on."""
        maker = facts.makers[0]
        if maker in WORKERS:
            if facts.consumes:
                self._workers -= 1
                self._supply_used -= 1
                self._count[maker] -= 1
            return
        if maker == U.LARVA:
            # The youngest that is there in time: older ones are for what starts before.
            self._larvae.pop(max(0, bisect_right(self._larvae, begin) - 1))
            return
        # Plain slots before those with a tech lab, which other units need.
        slot = self._best(facts, begin)
        insort(slot.busy, (begin, ready))
        if facts.addon:
            slot.addon = True
            if facts.item in TECHLABS:
                slot.techlab = ready
            else:
                self._add_slot(_Slot(slot.kind, ready, math.inf, True))
        if facts.morph and isinstance(facts.item, U):
            self._slots[slot.kind] = [other for other in self._slots[slot.kind] if other is not slot]
            slot.kind = facts.item
            slot.free = max(slot.free, ready)
            self._add_slot(slot)

    def _best(self, facts: ItemFacts, begin: float) -> _Slot:
        """The slot that an item which starts at `begin` is made in."""
        found: _Slot | None = None
        for slot in self._candidates(facts):
            if _first(slot, facts, begin) <= begin:
                if facts.techlab or slot.techlab == math.inf:
                    return slot
                found = found or slot
        return found or min(self._candidates(facts), key=lambda s: _first(s, facts, begin))

    def _arrives(self, facts: ItemFacts, ready: float) -> None:
        """Something will be there: count it, let it give supply, gas and production."""
        item = facts.item
        forms = counts_as(item) if isinstance(item, U) else (item,)
        if facts.morph:
            forms = forms[:1]
        for form in forms:
            self._count[form] += facts.amount
            self._ready[form].append(ready)
        if facts.provides:
            self._supply.append((ready, facts.provides))
            self._supply.sort()
        if item == self._catalogue.gas:
            self._gas.add_rate(ready, GAS_WORKERS * GAS_RATE)
            self._gas_flows = True
        produces = facts.structure or facts.addon or item in self._catalogue.morphing
        if produces and isinstance(item, U) and item not in REACTORS:
            self._add_slot(_Slot(item, ready, math.inf, item in ADDONS))
        if item == U.HATCHERY:
            self._larvae.append(ready)
            self._larvae.sort()

    # -- supply --------------------------------------------------------------------------------

    def _fed(self, need: float, wanted: float) -> float | None:
        """When there is room for `need` more supply; plans providers for loop `wanted`. None when never."""
        if self._supply_used + need > MAX_SUPPLY:
            return None
        provider = self._catalogue[self._catalogue.supply]
        for _ in range(MOST_PROVIDERS_PER_ORDER):
            fed = self._room_at(need)
            # Supply that comes much later than a new provider would (with a townhall) is no reason to wait.
            if fed is not None and fed <= max(wanted, provider.time_loops) + SUPPLY_SLACK_LOOPS:
                break
            due = max(0.0, wanted - provider.time_loops - SUPPLY_SLACK_LOOPS)
            latest = math.inf if fed is None else fed - provider.time_loops - SUPPLY_SLACK_LOOPS
            if self.schedule(provider.item, due, latest, "supply") is None:
                break
        return self._room_at(need)

    def _room_at(self, need: float) -> float | None:
        """When there is room for `need` more supply by what is planned; None when never."""
        cap = 0.0
        for ready, given in self._supply:
            cap += given
            if min(cap, MAX_SUPPLY) >= self._supply_used + need:
                return ready
        return None


def _first(slot: _Slot, facts: ItemFacts, start: float) -> float:
    """First loop from `start` on at which a slot can make an item."""
    if facts.techlab:
        start = max(start, slot.techlab)
    if facts.addon or facts.morph:
        # Nothing that was planned for later may be in its way: it makes something else of the slot.
        return max(start, slot.free, *(end for _, end in slot.busy)) if slot.busy else max(start, slot.free)
    return slot.earliest(start, facts.time_loops)


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
