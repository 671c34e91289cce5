"""Does what was scouted look like an early attack? A pure judgement."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sc2.ids.unit_typeid import UnitTypeId as U

SECOND: Final = 22.4
POOL_BEFORE: Final = 52 * SECOND
"""A Spawning Pool begun before this is no 17 hatch 18 gas 17 pool (about 70 s)."""
MANY_BEFORE: Final = 150 * SECOND
"""So many production structures on one base before this are for an early attack."""
MANY: Final = {U.BARRACKS: 2, U.GATEWAY: 3}
FIGHTERS_BEFORE: Final = 200 * SECOND
FIGHTERS_POWER: Final = 140.0
USUAL_FROM: Final = 110 * SECOND
USUAL_PER_LOOP: Final = 260.0 / (90 * SECOND)
"""From then on those who expand have fighters too: 140 are many at 1:50, 400 at 3:20."""
STRONG_POWER: Final = 350.0
STRONG_SHARE: Final = 1.0
"""Later fighters mean an early attack when they are many and more than ours."""
ONE_BASE_FROM: Final = 150 * SECOND
"""Who expands has a second townhall by then; who was seen without one then wants to win with the first."""
START_CELLS: Final = 6.0
OVER: Final = 330 * SECOND
BUILD_LOOPS: Final = {U.SPAWNINGPOOL: 1030, U.BARRACKS: 1030, U.GATEWAY: 1030}


@dataclass(frozen=True, slots=True)
class Seen:
    """One enemy structure: type, progress 0..1 and when it was last seen."""

    kind: U
    progress: float
    loop: int

    @property
    def begun(self) -> float:
        """Latest loop at which it can have been begun."""
        return self.loop - self.progress * BUILD_LOOPS.get(self.kind, 0)


def bases_known(townhalls: Iterable[tuple[float, float]], starts: Iterable[tuple[float, float]]) -> int:
    """How many bases the enemy is known to have: the one at its start has not to be seen for that.

    Args:
        townhalls: positions of those seen. starts: where the enemy may have started.
    """
    places = list(starts)
    others = [
        hall for hall in townhalls if all(math.hypot(hall[0] - p[0], hall[1] - p[1]) > START_CELLS for p in places)
    ]
    return 1 + len(others)


def looks_like_rush(
    structures: Iterable[Seen],
    townhalls: int,
    fighters_power: float,
    loop: int,
    *,
    own_power: float = float("inf"),
    natural_seen: float = 0.0,
) -> str:
    """Why an early attack is to be expected, "" when it is not.

    Args:
        structures: enemy structures known.
        townhalls: bases the enemy is known to have, see `bases_known`.
        fighters_power: power of enemy fighters seen so far.
        loop: now.
        own_power: power of our fighters.
        natural_seen: last loop at which the place of the enemy's second base was in sight.
    """
    if loop > OVER:
        return ""
    known = list(structures)
    for seen in known:
        if seen.kind is U.SPAWNINGPOOL and seen.begun < POOL_BEFORE:
            return f"a Spawning Pool at {max(0.0, seen.begun) / SECOND:.0f} s"
    for kind, many in MANY.items():
        early = [seen for seen in known if seen.kind is kind and seen.begun < MANY_BEFORE]
        if len(early) >= many and townhalls < 2:
            return f"{len(early)} {kind.name.lower()} on one base"
    usual = FIGHTERS_POWER + USUAL_PER_LOOP * max(0.0, loop - USUAL_FROM)
    if loop < FIGHTERS_BEFORE and fighters_power >= usual:
        return f"fighters worth {fighters_power:.0f} at {loop / SECOND:.0f} s"
    if fighters_power >= max(STRONG_POWER, STRONG_SHARE * own_power):
        return f"fighters worth {fighters_power:.0f}, more than ours, at {loop / SECOND:.0f} s"
    if townhalls < 2 and natural_seen >= ONE_BASE_FROM:
        return f"no second base at {natural_seen / SECOND:.0f} s"
    return ""
