"""How many workers break what the enemy builds at our place, before it shoots: cannons, bunkers, their pylons.

A structure that is being built gains life at a known rate, so that the number of workers that bring it down before it
is finished follows from its progress and from their way. What finished defences cover is left alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sc2.ids.unit_typeid import UnitTypeId as U

SHOOTERS: Final = {U.PHOTONCANNON: 8.5, U.BUNKER: 8.0, U.SPINECRAWLER: 8.5}
"""Structures that hurt ground units once they are finished, and how far from their middle."""
SOURCES: Final = (U.PYLON, U.NYDUSCANAL)
"""What the next ones depend on, and what lets an army out."""
WATCHED: Final = (*SHOOTERS, *SOURCES)
POWER_CELLS: Final = 7.0
DAMAGE_PER_LOOP: Final = 4.0 / (1.07 * 22.4)
"""Of a worker against one point of armour; shields have none, which is its margin."""
MARGIN: Final = 1.3
LOOPS_PER_CELL: Final = 1.2 / 0.176
"""Of a worker's way, with corners."""
BEGINS_WITH: Final = 0.1
"""A structure begins with so much of its life and gains the rest evenly."""
MOST_EACH: Final = 10
MOST_SHARE: Final = 0.7
"""More workers than this share of all are not worth any cannon."""
UNHURRIED: Final = 4
"""Workers for a pylon that nothing depends on yet."""
HURRY_LOOPS: Final = 500.0


@dataclass(frozen=True, slots=True)
class Site:
    """One enemy structure at our place.

    Attributes:
        tag, kind, x, y: which, what and where. life, life_max: health and shields. progress: 0..1.
        build_loops: how long the whole of it takes.
        way_cells: from the workers that would come.
    """

    tag: int
    kind: U
    x: float
    y: float
    life: float
    life_max: float
    progress: float
    build_loops: float
    way_cells: float

    @property
    def finished(self) -> bool:
        """Whether it is complete."""
        return self.progress >= 1.0

    @property
    def left_loops(self) -> float:
        """Until it is finished."""
        return (1.0 - self.progress) * self.build_loops


def breakers(sites: Sequence[Site], workers: int) -> dict[int, int]:
    """How many workers to send against which site, by tag; sites that it is too late for are not in it.

    Args:
        sites: everything watched at our place, finished shooters too. workers: how many we have.
    """
    guns = [site for site in sites if site.finished and site.kind in SHOOTERS]
    open_sites = [site for site in sites if not (site.finished and site.kind in SHOOTERS)]
    open_sites = [site for site in open_sites if not any(_covers(gun, site) for gun in guns)]
    rising = [site for site in open_sites if site.kind in SHOOTERS]
    sources = [site for site in open_sites if site.kind in SOURCES]
    most = int(MOST_SHARE * workers)
    each = {site.tag: _needed(site, site.left_loops) for site in rising}
    possible = all(number <= MOST_EACH for number in each.values())
    if rising and possible and sum(each.values()) <= most:
        return each
    if rising:
        # Cannons without power do not shoot: one pylon may be less work than all that stand by it.
        deadline = min(site.left_loops for site in rising)
        for source in sorted(sources, key=lambda s: (s.life, s.tag)):
            feeds = all(math.hypot(site.x - source.x, site.y - source.y) <= POWER_CELLS for site in rising)
            number = _needed(source, deadline)
            if source.kind is U.PYLON and feeds and number <= min(MOST_EACH, most):
                return {source.tag: number}
        return _those_that_can_be_stopped(rising, each, most)
    taken: dict[int, int] = {}
    for source in sorted(sources, key=lambda s: (s.way_cells, s.tag)):
        hurried = source.kind is U.NYDUSCANAL and not source.finished
        number = _needed(source, source.left_loops) if hurried else UNHURRIED
        if number <= MOST_EACH and sum(taken.values()) + number <= most:
            taken[source.tag] = number
    return taken


def _those_that_can_be_stopped(rising: Sequence[Site], each: dict[int, int], most: int) -> dict[int, int]:
    """Those that shoot soonest first: one that is finished would cover the others. None that a lost one covers."""
    lost = [site for site in rising if each[site.tag] > MOST_EACH]
    taken: dict[int, int] = {}
    for site in sorted(rising, key=lambda s: (s.left_loops, s.tag)):
        if any(other is not site and _covers(other, site) for other in lost):
            continue
        if each[site.tag] <= MOST_EACH and sum(taken.values()) + each[site.tag] <= most:
            taken[site.tag] = each[site.tag]
    return taken


def _covers(gun: Site, site: Site) -> bool:
    """Whether who works at a site stands in a gun's range."""
    return math.hypot(gun.x - site.x, gun.y - site.y) <= SHOOTERS[gun.kind] + 0.5


def _needed(site: Site, deadline: float) -> int:
    """Workers that bring a site down within so many loops; more than MOST_EACH when it cannot be done."""
    arrival = site.way_cells * LOOPS_PER_CELL
    time = deadline - arrival
    if time <= 0:
        return MOST_EACH + 1
    growth = 0.0 if site.finished else site.life_max * (1.0 - BEGINS_WITH) / max(site.build_loops, 1.0)
    life = min(site.life_max, site.life + growth * arrival)
    return math.ceil(MARGIN * (life / min(time, HURRY_LOOPS) + growth) / DAMAGE_PER_LOOP)
