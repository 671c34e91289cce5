"""Which worker mines what: greedy by score, and sticky, so that nobody runs about."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

PER_PATCH: Final = 2
PER_GAS: Final = 3
THIRD_PENALTY: Final = 60.0
"""A third worker on a patch is worth so many cells of walking less: other bases come first."""
PATCH_WEIGHT: Final = 3.0
"""Each cell between patch and townhall is walked twice per trip, for ever; the way there only once."""


@dataclass(frozen=True, slots=True)
class Source:
    """A patch or a finished gas structure at one of our finished bases.

    Attributes:
        tag: of the patch or gas structure. x, y: position. base: index of its base. gas: which of both.
        townhall_cells: distance to its townhall.
    """

    tag: int
    x: float
    y: float
    base: int
    gas: bool
    townhall_cells: float


@dataclass(slots=True)
class Assignment:
    """Who mines what: worker tag -> tag of the source."""

    of_worker: dict[int, int] = field(default_factory=dict)

    def counts(self) -> Counter[int]:
        """Workers per source."""
        return Counter(self.of_worker.values())


def assign(
    assignment: Assignment,
    workers: Mapping[int, tuple[float, float]],
    sources: Sequence[Source],
    gas_wanted: int,
    most: int = PER_PATCH + 1,
) -> list[int]:
    """Bring an assignment up to date.

    Args:
        assignment: changed in place.
        workers: position of each worker that mines; others are forgotten.
        sources: of all bases.
        gas_wanted: how many workers should be on gas in all, if there are places for them.
        most: workers on a patch; more than three of them bring in nothing, but they are somewhere.

    Returns:
        Workers whose source is new, in the order in which they were assigned.
    """
    by_tag = {source.tag: source for source in sources}
    of_worker = assignment.of_worker
    for worker in [w for w, tag in of_worker.items() if w not in workers or tag not in by_tag]:
        del of_worker[worker]
    counts = assignment.counts()
    changed: list[int] = []
    _balance_gas(of_worker, counts, by_tag, workers, sources, gas_wanted, changed)
    _relieve(of_worker, counts, by_tag, sources)
    minerals = [source for source in sources if not source.gas]
    for worker in [w for w in workers if w not in of_worker]:
        source = _best(workers[worker], minerals, counts, most)
        if source is None:
            continue
        of_worker[worker] = source.tag
        counts[source.tag] += 1
        if worker not in changed:
            changed.append(worker)
    return changed


def _best(
    position: tuple[float, float], sources: Iterable[Source], counts: Mapping[int, int], most: int
) -> Source | None:
    """The source with the smallest cost."""
    best, lowest = None, math.inf
    for source in sources:
        number = counts.get(source.tag, 0)
        if number >= most:
            continue
        cost = math.hypot(source.x - position[0], source.y - position[1]) + PATCH_WEIGHT * source.townhall_cells
        cost += 30.0 * number
        if number >= PER_PATCH:
            cost += THIRD_PENALTY
        if cost < lowest:
            best, lowest = source, cost
    return best


def _balance_gas(
    of_worker: dict[int, int],
    counts: Counter[int],
    by_tag: Mapping[int, Source],
    workers: Mapping[int, tuple[float, float]],
    sources: Sequence[Source],
    wanted: int,
    changed: list[int],
) -> None:
    """Move workers between minerals and gas until `wanted` are on gas."""
    geysers = [source for source in sources if source.gas]
    on_gas = [worker for worker, tag in of_worker.items() if by_tag[tag].gas]
    for geyser in geysers:
        # More than three only get in each other's way.
        extra = [w for w in on_gas if of_worker[w] == geyser.tag][PER_GAS:]
        for worker in extra:
            counts[of_worker.pop(worker)] -= 1
            on_gas.remove(worker)
    while len(on_gas) > wanted:
        worker = on_gas.pop()
        counts[of_worker.pop(worker)] -= 1
    for geyser in geysers:
        while counts[geyser.tag] < PER_GAS and len(on_gas) < wanted:
            free = [w for w in workers if w not in of_worker or not by_tag[of_worker[w]].gas]
            if not free:
                return
            here = (geyser.x, geyser.y)
            worker = min(free, key=lambda w: (math.dist(workers[w], here), w))
            if worker in of_worker:
                counts[of_worker[worker]] -= 1
            of_worker[worker] = geyser.tag
            counts[geyser.tag] += 1
            on_gas.append(worker)
            changed.append(worker)


def safe_sources(sources: Sequence[Source], unsafe: Collection[int]) -> list[Source]:
    """Those of bases that are not overrun; all of them when every base is: then mining is as good as anything."""
    safe = [source for source in sources if source.base not in unsafe]
    return safe if any(not source.gas for source in safe) else list(sources)


def overflow(workers: int, sources: Sequence[Source], gas_wanted: int) -> int:
    """How many workers have no place even with three on every patch."""
    return max(0, workers - gas_wanted - (PER_PATCH + 1) * sum(not source.gas for source in sources))


def _relieve(
    of_worker: dict[int, int], counts: Counter[int], by_tag: Mapping[int, Source], sources: Sequence[Source]
) -> None:
    """Free third workers of a patch when another patch has room for them; they are assigned anew."""
    room = sum(max(0, PER_PATCH - counts[s.tag]) for s in sources if not s.gas)
    for worker, tag in list(of_worker.items()):
        if room <= 0:
            return
        if not by_tag[tag].gas and counts[tag] > PER_PATCH:
            counts[tag] -= 1
            del of_worker[worker]
            room -= 1
