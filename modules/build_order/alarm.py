"""Under an alarm: when the army is enough to go on, and what defends Zerg without larvae. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc2.dicts.unit_trained_from import UNIT_TRAINED_FROM
from sc2.ids.unit_typeid import UnitTypeId as U

from modules.build_order.builds import is_army
from modules.build_order.planner import Fill, Wish
from modules.items import WORKERS, Catalogue

if TYPE_CHECKING:
    from modules.build_order.builds import Build
    from modules.build_order.wishes import Situation

ALARM_LEAST_ARMY = 8.0
ALARM_ARMY_PER_DRONE = 0.5
ALARM_ARMY_SHARE = 1.2
"""Zerg and Protoss go on with workers, bases and tech under an alarm once their army has so much supply: this much,
so much per worker, and such a share of what is seen of the enemy's. First fighters alone are no answer to what comes
next."""
QUEENS_PER_BASE = 2
MOST_SPINES = 4
SPINES_FROM_MINERALS = 350
SPINE_PER_MINERALS = 150
ROACH_GAS = 50
SEEN_SUPPLY = {U.ZERGLING: 0.5, U.MARINE: 1.0, U.REAPER: 1.0, U.OVERLORD: 0.0, U.OVERSEER: 0.0}
USUAL_SUPPLY = 2.0
FIGHTER_MAKERS = frozenset(
    {U.BARRACKS, U.FACTORY, U.STARPORT, U.GATEWAY, U.WARPGATE, U.ROBOTICSFACILITY, U.STARGATE, U.LARVA, U.ROACH}
)


def army_supply(now: Situation, catalogue: Catalogue) -> float:
    """Supply of our fighters, coming ones included."""
    return sum(
        count * catalogue[unit].supply / catalogue[unit].amount
        for unit, count in now.have.items()
        if is_army(unit) and unit in catalogue and not catalogue[unit].structure
    )


def seen_supply(now: Situation) -> float:
    """Supply of the enemy's fighters that are known to live, roughly."""
    return sum(
        count * SEEN_SUPPLY.get(kind, USUAL_SUPPLY)
        for kind, count in now.seen.items()
        if kind not in WORKERS and not FIGHTER_MAKERS.isdisjoint(UNIT_TRAINED_FROM.get(kind, ()))
    )


def enough_for_alarm(now: Situation, catalogue: Catalogue) -> bool:
    """Whether the army, coming fighters included, is large enough for the drones it guards and for what is seen."""
    ours = army_supply(now, catalogue)
    theirs = seen_supply(now)
    return ours >= max(ALARM_LEAST_ARMY, ALARM_ARMY_PER_DRONE * now.workers, ALARM_ARMY_SHARE * theirs)


def without_larvae(build: Build, now: Situation) -> list[Wish | Fill]:
    """Zerg's defence for money that larvae cannot spend: queens of every hatchery, roaches' den, spines."""
    if not now.finished.get(U.SPAWNINGPOOL, 0):
        return []
    most = min(QUEENS_PER_BASE * now.ready_bases, now.finished.get(U.QUEEN, 0) + now.ready_bases)
    spines = min(MOST_SPINES, int((now.minerals - SPINES_FROM_MINERALS) // SPINE_PER_MINERALS) + 1)
    warren = [Wish(U.ROACHWARREN, 1, "alarm")] if U.ROACH in build.army and now.facts.vespene >= ROACH_GAS else []
    return [
        *warren,
        Wish(U.QUEEN, most, "no larva"),
        *([Wish(U.SPINECRAWLER, spines, "no larva")] if spines > 0 else []),
    ]
