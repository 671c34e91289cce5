"""The state of a plan in the making: money, supply, tech and production slots as the orders placed so far leave them.

What is tried most often, the search for a first start, works on integers and plain lists; see `recipes`.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from modules.build_order.ledger import Ledger
from modules.build_order.recipes import Recipe, recipes_of
from modules.items import Catalogue, Item

if TYPE_CHECKING:
    from modules.build_order.planner import Fill, PlanState, Wish

MAX_SUPPLY: Final = 200
GAS_WORKERS: Final = 3
GAS_RATE: Final = 0.0397
"""Gas per loop and worker of a saturated structure (three bring about 160 a minute)."""
SUPPLY_SLACK_LOOPS: Final = 70
"""Supply is planned to be there so much before it is needed: workers have to walk, plans slip."""
MOST_STEPS: Final = 150
MOST_PROVIDERS_PER_ORDER: Final = 3
MOST_TRIES: Final = 8
_NEVER: Final = math.inf


class Step(NamedTuple):
    """One order of a plan: start it in `start` loops; it is there in `ready` loops."""

    item: Item
    start: float
    ready: float
    note: str = ""
    locked: bool = False
    near: str = ""


class Slot:
    """A production slot: free from `free` on except while `busy` (begin and end, ascending); `last` is the last end.

    It has a tech lab from `techlab` on (inf: never); `addon`: it has an add-on or is getting one.
    """

    __slots__ = ("addon", "busy", "free", "last", "techlab")

    def __init__(self, free: float, techlab: float = _NEVER, addon: bool = False) -> None:
        self.free = free
        self.last = free
        self.techlab = techlab
        self.addon = addon
        self.busy: list[tuple[float, float]] = []

    def earliest(self, start: float, length: float) -> float:
        """First loop from `start` on at which it can work for `length` loops."""
        if start >= self.last:
            return start
        begin = start if start > self.free else self.free
        for busy_from, busy_until in self.busy:
            if begin + length <= busy_from:
                return begin
            if busy_until > begin:
                begin = busy_until
        return begin

    def work(self, begin: float, end: float) -> None:
        """Be busy; times that touch become one."""
        busy = self.busy
        index = bisect_right(busy, (begin, end))
        if index and busy[index - 1][1] == begin:
            index -= 1
            begin = busy.pop(index)[0]
        if index < len(busy) and busy[index][0] == end:
            end = busy.pop(index)[1]
        busy.insert(index, (begin, end))
        if end > self.last:
            self.last = end


class Simulation:
    """State of a plan in the making; `steps` is the plan."""

    def __init__(self, state: PlanState, catalogue: Catalogue) -> None:
        self.steps: list[Step] = []
        recipes = recipes_of(catalogue)
        self._recipes = recipes
        provider = recipes.of[recipes.supply]
        assert provider is not None
        self._provider = provider
        self._minerals = Ledger(state.minerals, state.mineral_rate)
        self._gas_flows = state.gas_rate > 0 or state.gas_structures > 0
        self._gas = Ledger(state.gas, state.gas_rate or GAS_WORKERS * GAS_RATE * state.gas_structures)
        self._workers = state.workers
        self._supply_used = state.supply_used
        self._supply: list[tuple[float, float]] = [(0.0, state.supply_cap)]
        size = len(recipes.index)
        self._count = [0] * size
        # When the first of each is there.
        self._ready = [_NEVER] * size
        for item, number in state.have.items():
            index = recipes.index.get(item)
            if index is not None:
                self._count[index] = number
                if number > 0:
                    self._ready[index] = 0.0
        self._slots: list[list[Slot]] = [[] for _ in range(size)]
        for maker in state.makers:
            index = recipes.index.get(maker.kind)
            if index is not None:
                self._slots[index].append(Slot(maker.free_in, 0.0 if maker.techlab else _NEVER, maker.addon))
        self._larvae = list(state.larvae)
        self._asking = bytearray(size)
        for item, ready in state.coming:
            index = recipes.index.get(item)
            recipe = recipes.of[index] if index is not None else None
            if recipe is not None:
                self._arrives(recipe, ready)

    # -- wishes --------------------------------------------------------------------------------

    def lock(self, items: Sequence[tuple[Item, float]]) -> None:
        """Plan what workers are on their way to build, when they are there; what others of it need comes first."""
        left = [(recipe, when) for item, when in items if (recipe := self._recipe(item)) is not None]
        while left:
            open_items = {recipe.index for recipe, _ in left}
            ready = [entry for entry in left if not open_items.intersection(entry[0].requires)] or left
            left = [entry for entry in left if entry not in ready]
            for recipe, arrival in ready:
                self._schedule(recipe, arrival, _NEVER, "on its way", locked=True)

    def fulfil(self, wish: Wish) -> None:
        """Plan what is missing of a wish, as far as it can be planned."""
        recipe = self._recipe(wish.item)
        if recipe is None:
            return
        missing = wish.count - self._count[recipe.index]
        for _ in range(math.ceil(missing / recipe.amount)):
            if len(self.steps) >= MOST_STEPS:
                return
            if self._schedule(recipe, wish.not_before, wish.latest, wish.note, near=wish.near) is None:
                return

    def fill(self, wish: Fill) -> None:
        """Plan army units by what is missing most until no slot is free in time."""
        have: dict[int, float] = {}
        open_items: list[tuple[float, int, float, Recipe]] = []
        for item, share in wish.ratio.items():
            recipe = self._recipe(item)
            if recipe is not None and share > 0:
                have[recipe.index] = float(wish.have.get(item, 0))
                open_items.append((have[recipe.index] / share, item.value, share, recipe))
        for _ in range(wish.most):
            if not open_items or len(self.steps) >= MOST_STEPS:
                return
            least = min(open_items)
            open_items.remove(least)
            _, value, share, recipe = least
            if self._schedule(recipe, 0.0, wish.within, wish.note, insert=False) is not None:
                have[recipe.index] += recipe.amount
                open_items.append((have[recipe.index] / share, value, share, recipe))

    def _recipe(self, item: Item) -> Recipe | None:
        index = self._recipes.index.get(item)
        return self._recipes.of[index] if index is not None else None

    # -- one order -----------------------------------------------------------------------------

    def _schedule(
        self,
        recipe: Recipe | None,
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
        if recipe is None or self._asking[recipe.index] or (recipe.by_worker and self._workers == 0):
            return None
        self._asking[recipe.index] = True
        start = self._possible(recipe, insert)
        ready = None
        if start is not None:
            ready = self._place(recipe, max(not_before, start), latest, note, locked, near)
        self._asking[recipe.index] = False
        return ready

    def _possible(self, recipe: Recipe, insert: bool) -> float | None:
        """When all that an item requires is finished, None when it never is; plans what is missing."""
        start = 0.0
        for needed in recipe.requires:
            ready: float | None = self._ready[needed]
            if ready == _NEVER:
                ready = self._schedule(self._recipes.of[needed], 0.0, _NEVER, f"for {recipe.name}") if insert else None
                if ready is None:
                    return None
            if ready > start:  # type: ignore[operator]
                start = ready  # type: ignore[assignment]
        if recipe.gas and not self._gas_flows and self._gas.earliest(recipe.gas) == _NEVER:
            gas = self._recipes.of[self._recipes.gas]
            if not insert or self._schedule(gas, 0.0, _NEVER, f"for {recipe.name}") is None:
                return None
        if not self._has_slot(recipe) and not (insert and self._make_maker(recipe)):
            return None
        return start

    def _place(self, recipe: Recipe, start: float, latest: float, note: str, locked: bool, near: str) -> float | None:
        """Find the first start from `start` on and commit to it."""
        begin = self._begin(recipe, start)
        if begin > latest or begin == _NEVER:
            return None
        if recipe.supply > 0:
            planned = len(self.steps)
            room = self._room_at(recipe.supply)
            hungry = room is None or room > begin
            tight = latest - begin < 2 * self._provider.time
            before = self._before_providers() if tight and self._wants_provider(room, begin) else None
            fed = self._fed(recipe.supply, begin, room) if hungry else room
            if fed is None:
                return None
            if fed > begin or len(self.steps) > planned:
                begin = self._begin(recipe, max(start, fed))
                if begin > latest or begin == _NEVER:
                    if before is not None and len(self.steps) > planned:
                        before()
                    return None
        if recipe.minerals:
            self._minerals.spend(begin, recipe.minerals)
        if recipe.gas:
            self._gas.spend(begin, recipe.gas)
        self._supply_used += recipe.supply
        ready = begin + recipe.time
        self._occupy(recipe, begin, ready)
        self._arrives(recipe, ready)
        self.steps.append(Step(recipe.item, begin, ready, note, locked, near))
        return ready

    def _begin(self, recipe: Recipe, start: float) -> float:
        """First loop from `start` on with a free slot and the money; inf when never."""
        minerals, gas = recipe.minerals, recipe.gas
        begin = start
        for _ in range(MOST_TRIES):
            if not recipe.by_worker:
                begin = self._free(recipe, begin)
                if begin == _NEVER:
                    return _NEVER
            # Whole loops: what is found is what is taken.
            begin = paid = math.ceil(begin)
            if minerals:
                paid = self._minerals.earliest(minerals, paid)  # type: ignore[assignment]
            if gas:
                paid = self._gas.earliest(gas, paid)  # type: ignore[assignment]
            if paid == _NEVER:
                return _NEVER
            paid = math.ceil(paid)
            if paid == begin:
                return paid
            begin = paid
        return _NEVER

    # -- makers --------------------------------------------------------------------------------

    def _make_maker(self, recipe: Recipe) -> bool:
        """Plan a maker for an item: the structure, or the tech lab on one."""
        if recipe.by_larva:
            return False
        note = f"for {recipe.name}"
        of = self._recipes.of
        if recipe.techlab and self._slots[recipe.maker]:
            return self._schedule(of[recipe.lab], 0.0, _NEVER, note) is not None
        if self._schedule(of[recipe.maker], 0.0, _NEVER, note) is None:
            return False
        if self._has_slot(recipe):
            return True
        return recipe.techlab and self._schedule(of[recipe.lab], 0.0, _NEVER, note) is not None

    def _candidates(self, recipe: Recipe) -> list[Slot]:
        """Slots that can make an item now or later."""
        makers = recipe.makers
        slots = self._slots[makers[0]]
        if len(makers) > 1:
            slots = [slot for maker in makers for slot in self._slots[maker]]
        if recipe.techlab:
            return [slot for slot in slots if slot.techlab < _NEVER and not (recipe.addon and slot.addon)]
        return [slot for slot in slots if not slot.addon] if recipe.addon else slots

    def _has_slot(self, recipe: Recipe) -> bool:
        """Whether something will be there that can make the item."""
        if recipe.by_worker:
            return True
        return bool(self._larvae) if recipe.by_larva else bool(self._candidates(recipe))

    def _free(self, recipe: Recipe, start: float) -> float:
        """When something that can make the item is free, inf when nothing ever is."""
        if recipe.by_larva:
            return max(start, self._larvae[0]) if self._larvae else _NEVER
        best = _NEVER
        for slot in self._candidates(recipe):
            # What `_first` says, without the call in the commonest case.
            first = start if slot.last <= start and not recipe.techlab else _first(slot, recipe, start)
            if first <= start:
                return first
            if first < best:
                best = first
        return best

    def _occupy(self, recipe: Recipe, begin: float, ready: float) -> None:
        """The maker of a committed item is busy from now on."""
        if recipe.by_worker:
            if recipe.consumes:
                self._workers -= 1
                self._supply_used -= 1
                self._count[recipe.maker] -= 1
            return
        if recipe.by_larva:
            # The youngest that is there in time: older ones are for what starts before.
            self._larvae.pop(max(0, bisect_right(self._larvae, begin) - 1))
            return
        slot = self._best(recipe, begin)
        slot.work(begin, ready)
        if recipe.addon:
            slot.addon = True
            if recipe.is_lab:
                slot.techlab = ready
            else:
                self._slots[recipe.maker].append(Slot(ready, _NEVER, True))
        if recipe.morph:
            for maker in recipe.makers:
                self._slots[maker] = [other for other in self._slots[maker] if other is not slot]
            slot.free = max(slot.free, ready)
            self._slots[recipe.index].append(slot)

    def _best(self, recipe: Recipe, begin: float) -> Slot:
        """The slot for an item that starts at `begin`: plain ones before those with a tech lab, which others need."""
        found: Slot | None = None
        for slot in self._candidates(recipe):
            if _first(slot, recipe, begin) <= begin:
                if recipe.techlab or slot.techlab == _NEVER:
                    return slot
                found = found or slot
        return found or min(self._candidates(recipe), key=lambda s: _first(s, recipe, begin))

    def _arrives(self, recipe: Recipe, ready: float) -> None:
        """Something will be there: count it, let it give supply, gas and production."""
        for form in recipe.forms:
            self._count[form] += recipe.amount
            if ready < self._ready[form]:
                self._ready[form] = ready
        if recipe.provides:
            insort(self._supply, (ready, recipe.provides))
        if recipe.is_gas:
            self._gas.add_rate(ready, GAS_WORKERS * GAS_RATE)
            self._gas_flows = True
        if recipe.produces:
            self._slots[recipe.index].append(Slot(ready, _NEVER, recipe.addon))
            if recipe.is_hatchery:
                insort(self._larvae, ready)

    # -- supply --------------------------------------------------------------------------------

    def _fed(self, need: float, wanted: float, fed: float | None) -> float | None:
        """When there is room for `need` more supply; plans providers for loop `wanted`. None when never.

        `fed`: when there is room without them, later than `wanted`; None when never.
        """
        if self._supply_used + need > MAX_SUPPLY:
            return None
        provider = self._provider
        for _ in range(MOST_PROVIDERS_PER_ORDER):
            if not self._wants_provider(fed, wanted):
                break
            due = max(0.0, wanted - provider.time - SUPPLY_SLACK_LOOPS)
            latest = _NEVER if fed is None else fed - provider.time - SUPPLY_SLACK_LOOPS
            if self._schedule(provider, due, latest, "supply") is None:
                break
            fed = self._room_at(need)
        return fed

    def _wants_provider(self, fed: float | None, wanted: float) -> bool:
        """Supply that comes much later than a new provider would (with a townhall) is no reason to wait."""
        return fed is None or fed > max(wanted, self._provider.time) + SUPPLY_SLACK_LOOPS

    def _before_providers(self) -> Callable[[], None]:
        """What takes back providers that were planned from now on: for an order that comes too late in spite of them.

        Providers take money and larvae, give supply, and count; nothing else of the state changes.
        """
        index = self._recipes.supply
        minerals, supply, larvae = self._minerals.copy(), list(self._supply), list(self._larvae)
        steps, count, ready, slots = len(self.steps), self._count[index], self._ready[index], list(self._slots[index])

        def undo() -> None:
            self._minerals, self._supply, self._larvae = minerals, supply, larvae
            self._count[index], self._ready[index], self._slots[index] = count, ready, slots
            del self.steps[steps:]

        return undo

    def _room_at(self, need: float) -> float | None:
        """When there is room for `need` more supply by what is planned; None when never."""
        needed = self._supply_used + need
        if needed > MAX_SUPPLY:
            return None
        cap = 0.0
        for ready, given in self._supply:
            cap += given
            if cap >= needed:
                return ready
        return None


def _first(slot: Slot, recipe: Recipe, start: float) -> float:
    """First loop from `start` on at which a slot can make an item."""
    if recipe.techlab and slot.techlab > start:
        start = slot.techlab
    if recipe.alone:
        # Nothing that was planned for later may be in its way: it makes something else of the slot.
        return max(start, slot.free, slot.last)
    return slot.earliest(start, recipe.time)
