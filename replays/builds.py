"""Build orders: what each player decided to make, when it began, and what became of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from replays.costs import Costs
from replays.model import SUPPLY_LIMIT, BuildItem, Span, StatsTimeline, UnitLife

# Type changes that cost something and are no cocoon: the new name -> what it is made of.
MORPHS: Final = {
    "OrbitalCommand": "CommandCenter",
    "PlanetaryFortress": "CommandCenter",
    "Lair": "Hatchery",
    "Hive": "Lair",
    "GreaterSpire": "Spire",
}
_CREATED_BY_ABILITY: Final = ("Hallucination",)
_BUILT_KINDS: Final = frozenset({"worker", "unit", "support", "structure", "townhall", "addon"})
_NOT_OF_DRONES: Final = frozenset({"NydusCanal"})
SHORTEST_BLOCK_LOOPS: Final = 22
_TOGETHER_LOOPS: Final = 45


class Supply:
    """Supply used and supply cap of a player at any loop.

    The game says both every 160 loops; between two samples what the player began, finished and lost is added to
    the earlier one, so an error (a unit's start that is only estimated) never lasts longer than that.
    """

    def __init__(self, stats: StatsTimeline, used: list[tuple[int, float]], cap: list[tuple[int, float]]) -> None:
        self._loops = [int(loop) for loop in stats.loops]
        self._used = [float(value) for value in stats.supply_used]
        self._made = [float(value) / 4096.0 for value in stats.column("supply_made_4096")]
        self._use = _Sums(used)
        self._provide = _Sums(cap)

    def before(self, loop: int) -> tuple[float, float]:
        """Supply used and cap just before what happens in a loop."""
        if not self._loops:
            return 0.0, 0.0
        row = max(0, bisect_left(self._loops, loop) - 1)
        since = self._loops[row]
        used = self._used[row] + self._use.between(since, loop)
        made = self._made[row] + self._provide.between(since, loop)
        return max(0.0, used), min(float(SUPPLY_LIMIT), max(0.0, made))

    def blocks(self, length: int) -> tuple[Span, ...]:
        """Stretches of a second or more in which all supply was used and the cap was below 200."""
        points = sorted({*self._loops, *self._use.loops, *self._provide.loops})
        found: list[Span] = []
        since: int | None = None
        for loop in points:
            if loop >= length:
                break
            used, cap = self.before(loop + 1)
            blocked = used >= cap and cap < SUPPLY_LIMIT
            if blocked and since is None:
                since = loop
            elif not blocked and since is not None:
                found.append(Span(since, loop))
                since = None
        if since is not None:
            found.append(Span(since, length))
        return tuple(block for block in found if block.loops >= SHORTEST_BLOCK_LOOPS)


class _Sums:
    """Changes over time with their running sum."""

    def __init__(self, changes: list[tuple[int, float]]) -> None:
        changes.sort()
        self.loops = [loop for loop, _ in changes]
        self._sums = [0.0]
        for _, change in changes:
            self._sums.append(self._sums[-1] + change)

    def between(self, after: int, before: int) -> float:
        """Sum of the changes later than `after` and earlier than `before`."""
        first, last = bisect_right(self.loops, after), bisect_left(self.loops, before)
        return self._sums[last] - self._sums[first] if last > first else 0.0


def estimate_starts(units: list[UnitLife], costs: Costs) -> None:
    """Fills in when trained units began: done less the building time.

    Chrono boost makes that early, so a Protoss unit does not begin before the last one came out of its building
    (a building of the other races may have a reactor, and none of theirs is hurried).
    """
    last_out: dict[int, int] = {}
    for unit in units:
        if unit.started is not None or unit.finished is None or unit.starting:
            continue
        cost = costs.units.get(unit.names[0][1])
        unit.started = max(0, unit.finished - (cost.build_loops if cost is not None else 0))
        unit.started_by = "estimate"
        if unit.creator is not None and cost is not None and cost.race == "Protoss" and cost.build_loops:
            unit.started = min(max(unit.started, last_out.get(unit.creator, 0)), unit.finished)
            last_out[unit.creator] = unit.finished


def build_order(
    units: list[UnitLife], upgrades: list[tuple[int, str]], supply: Supply, costs: Costs, length: int
) -> tuple[BuildItem, ...]:
    """All that one player began, in order; Zerglings in pairs.

    Args:
        units: the player's, with starts filled in by `estimate_starts`.
        length: of the game in loops.
    """
    items: list[BuildItem] = []
    for unit in units:
        items.extend(_items_of(unit, costs, length))
    for loop, name in upgrades:
        upgrade = costs.upgrades.get(name)
        start = max(0, loop - (upgrade.research_loops if upgrade is not None else 0))
        items.append(BuildItem(name, "upgrade", start, "estimate", loop, "done", None, 0.0, 0.0))
    items.sort(key=lambda item: (item.start, item.kind, item.name, item.done or 0))
    return tuple(_with_supply(_pairs(items), supply))


def joined(items: Iterable[BuildItem]) -> list[tuple[BuildItem, int]]:
    """The same thing begun again within two seconds as one, with how many: three Zealots of a round of warp-ins.

    Things that ended differently (one was cancelled, or lost) stay apart.
    """
    found: list[tuple[BuildItem, int]] = []
    for item in items:
        if found:
            last, count = found[-1]
            alike = (last.name, last.status, last.lost is None) == (item.name, item.status, item.lost is None)
            if alike and item.start - last.start <= _TOGETHER_LOOPS:
                found[-1] = (last, count + item.count)
                continue
        found.append((item, item.count))
    return found


def supply_changes(units: list[UnitLife], costs: Costs) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """When a player's supply used and supply cap changed, and by how much."""
    used: list[tuple[int, float]] = []
    cap: list[tuple[int, float]] = []
    for unit in units:
        if unit.starting:
            # What stands at loop 0 is in the first sample already; only its end and its morphs count.
            current, provided = costs.supply(unit.name_at(0)), _provided(costs, unit.name_at(0))
        else:
            current, provided = 0.0, 0.0
            if unit.started is not None and _is_built(unit, costs):
                current = costs.supply(unit.names[0][1])
                # What is born out of a cocoon replaces a unit that dies in the same loop.
                begun = unit.finished if unit.started_by == "cocoon" else unit.started
                used.append((begun if begun is not None else unit.started, current))
                if _is_made_of_drone(unit, costs):
                    # The Drone's supply is free at once, but the game reports its death when the structure is done
                    # (or gone: then it is back, or dead for good).
                    drone = costs.supply("Drone")
                    ended = unit.finished if unit.finished is not None else unit.died
                    used.append((unit.started, -drone))
                    if ended is not None:
                        used.append((ended, drone))
        if not unit.starting and unit.finished is not None:
            provided = _provided(costs, unit.name_at(unit.finished))
            if provided:
                cap.append((unit.finished, provided))
        for loop, name in unit.names[1:]:
            following = costs.supply(name)
            if name in ("Egg", "Larva") or name not in costs.units:
                continue
            if following != current:
                used.append((loop, following - current))
                current = following
            if unit.finished is not None and loop > unit.finished:
                now = _provided(costs, name)
                if now != provided:
                    cap.append((loop, now - provided))
                    provided = now
        if unit.died is not None:
            if current:
                used.append((unit.died, -current))
            if provided and unit.finished is not None:
                cap.append((unit.died, -provided))
    return used, cap


def _items_of(unit: UnitLife, costs: Costs, length: int) -> list[BuildItem]:
    items: list[BuildItem] = []
    if unit.started is not None and not unit.starting and _is_built(unit, costs):
        name = unit.names[0][1]
        items.append(_item(name, _kind(name, unit, costs), unit, unit.started, unit.started_by, unit.finished, length))
    cocoon: tuple[int, str] | None = None
    for (_, before), (loop, name) in pairwise(unit.names):
        if name in MORPHS and costs.base(before) == MORPHS[name]:
            start = max(0, loop - costs.units[name].build_loops) if name in costs.units else loop
            items.append(_item(name, "morph", unit, start, "estimate", loop, length))
        elif costs.kind(name) == "egg" and name not in ("Egg", "Larva"):
            cocoon = (loop, before)
        elif cocoon is not None:
            since, source = cocoon
            cocoon = None
            # Back to what it was is a cancelled morph, unless the new unit was born out of it this loop.
            if name != source:
                items.append(_item(name, _kind(name, unit, costs), unit, since, "cocoon", loop, length))
    # What became something else is lost as that, if at all.
    return [*(replace(item, lost=None) for item in items[:-1]), *items[-1:]]


def _item(name: str, kind: str, unit: UnitLife, start: int, source: str, done: int | None, length: int) -> BuildItem:
    # Nobody killed a Drone that became a structure, or Templar that merged: those are not lost.
    status, lost = "done", unit.died if done is not None and unit.killer is not None else None
    if done is None:
        if unit.died is None:
            status = "unfinished"
        else:
            status = "cancelled" if unit.killer in (None, unit.owner) else "destroyed"
    if lost is not None and lost >= length:
        lost = None
    return BuildItem(name, kind, start, source, done, status, lost, 0.0, 0.0, 1, unit.tag, unit.x, unit.y)


def _is_built(unit: UnitLife, costs: Costs) -> bool:
    """Whether a unit is something that a player chose to make and paid for."""
    name = unit.names[0][1]
    if unit.ability.startswith(_CREATED_BY_ABILITY):
        return False
    kind = costs.kind(name)
    if kind:
        return kind in _BUILT_KINDS
    # A unit of a patch that the tables do not know: placed, or trained as units are.
    return unit.started_by in ("init", "egg") or unit.ability.endswith("Train")


def _is_made_of_drone(unit: UnitLife, costs: Costs) -> bool:
    cost = costs.units.get(unit.names[0][1])
    return (
        unit.started_by == "init"
        and cost is not None
        and cost.race == "Zerg"
        and cost.kind in ("structure", "townhall")
        and cost.name not in _NOT_OF_DRONES
    )


def _kind(name: str, unit: UnitLife, costs: Costs) -> str:
    return costs.kind(name) or ("structure" if unit.started_by == "init" else "unit")


def _provided(costs: Costs, name: str) -> float:
    unit = costs.units.get(name)
    return unit.supply_provided if unit is not None else 0.0


def _pairs(items: list[BuildItem]) -> list[BuildItem]:
    """Joins the two Zerglings of an egg: one decision, one larva."""
    joined: list[BuildItem] = []
    for item in items:
        last = joined[-1] if joined else None
        if (
            item.name == "Zergling"
            and last is not None
            and last.name == "Zergling"
            and last.count == 1
            and (last.start, last.done) == (item.start, item.done)
        ):
            lost = None if last.lost is None or item.lost is None else max(last.lost, item.lost)
            joined[-1] = replace(last, count=2, lost=lost)
        else:
            joined.append(item)
    return joined


def _with_supply(items: list[BuildItem], supply: Supply) -> list[BuildItem]:
    filled = []
    for item in items:
        used, cap = supply.before(item.start)
        filled.append(replace(item, supply=used, supply_cap=cap))
    return filled
