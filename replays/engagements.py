"""Fights: deaths that lie close together in time and space."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from math import hypot
from typing import Final

from replays.costs import Costs
from replays.model import Engagement, Losses, StatsTimeline, UnitLife

QUIET_LOOPS: Final = 224
"""A fight is over when nothing has died in it for ten seconds."""
REACH_CELLS: Final = 18.0
"""Deaths farther than this from the last ones of a fight belong to another."""
SAME_BATTLE_CELLS: Final = 24.0
"""Fights whose middles are nearer than this and that overlap in time are one."""
SMALLEST_VALUE: Final = 100
_RECENT_DEATHS: Final = 8
_MOST_AT_ONCE: Final = 32
"""No game has as many fights at a time; a damaged file may seem to."""
_STRUCTURE_KINDS: Final = frozenset({"structure", "townhall", "addon"})


@dataclass(slots=True)
class _Fight:
    deaths: list[UnitLife] = field(default_factory=list)
    last: int = 0
    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_RECENT_DEATHS))

    def distance(self, unit: UnitLife) -> float:
        x = sum(place[0] for place in self.recent) / len(self.recent)
        y = sum(place[1] for place in self.recent) / len(self.recent)
        return hypot(unit.death_x - x, unit.death_y - y)

    @property
    def first(self) -> int:
        return self.deaths[0].died or 0

    def apart(self, other: _Fight) -> float:
        """Distance of the middles of two fights."""
        (x, y), (other_x, other_y) = self._middle(), other._middle()
        return hypot(x - other_x, y - other_y)

    def _middle(self) -> tuple[float, float]:
        count = len(self.deaths)
        return sum(unit.death_x for unit in self.deaths) / count, sum(unit.death_y for unit in self.deaths) / count

    def add(self, unit: UnitLife, loop: int) -> None:
        self.deaths.append(unit)
        self.last = loop
        self.recent.append((unit.death_x, unit.death_y))


def engagements_of(units: list[UnitLife], stats: dict[int, StatsTimeline], costs: Costs) -> tuple[Engagement, ...]:
    """Every fight of the game in which 100 or more of value was lost, in order.

    Args:
        units: both players'. stats: by player id, for the armies before each fight.
    """
    dead = sorted((unit for unit in units if _fell(unit, costs)), key=lambda unit: (unit.died or 0, unit.tag))
    by_tag = {unit.tag: unit for unit in units}
    open_fights: list[_Fight] = []
    over: list[_Fight] = []
    for unit in dead:
        loop = unit.died or 0
        still_open: list[_Fight] = []
        for fight in open_fights:
            (still_open if loop - fight.last <= QUIET_LOOPS else over).append(fight)
        open_fights = still_open
        near = [(fight.distance(unit), number) for number, fight in enumerate(open_fights)]
        best = min(near, default=(REACH_CELLS + 1, -1))
        if best[0] <= REACH_CELLS or len(open_fights) >= _MOST_AT_ONCE:
            open_fights[best[1]].add(unit, loop)
        else:
            fight = _Fight()
            fight.add(unit, loop)
            open_fights.append(fight)
    fights = _merged(over + open_fights)
    found = [_engagement(fight, by_tag, stats, costs) for fight in fights]
    found.sort(key=lambda engagement: (engagement.start, engagement.x, engagement.y))
    return tuple(engagement for engagement in found if engagement.value >= SMALLEST_VALUE)


def _merged(fights: list[_Fight]) -> list[_Fight]:
    """Joins fights that went on at the same time next to each other: parts of one battle."""
    merged: list[_Fight] = []
    going_on: list[_Fight] = []
    for fight in sorted(fights, key=lambda one: one.first):
        going_on = [other for other in going_on if other.last >= fight.first]
        near = next((other for other in going_on if fight.apart(other) <= SAME_BATTLE_CELLS), None)
        if near is None:
            merged.append(fight)
            going_on.append(fight)
        else:
            near.deaths = sorted(near.deaths + fight.deaths, key=lambda unit: (unit.died or 0, unit.tag))
            near.last = max(near.last, fight.last)
    return merged


def _fell(unit: UnitLife, costs: Costs) -> bool:
    """Whether a unit of value died in a fight: not cancelled, salvaged, merged or turned into something else."""
    if unit.died is None or unit.killer is None or costs.value(unit.name) == 0:
        return False
    own = unit.killer == unit.owner
    return not own or (unit.finished is not None and costs.kind(unit.name) not in _STRUCTURE_KINDS)


def _engagement(
    fight: _Fight, by_tag: dict[int, UnitLife], stats: dict[int, StatsTimeline], costs: Costs
) -> Engagement:
    start = fight.deaths[0].died or 0
    weights = [costs.value(unit.name) for unit in fight.deaths]
    total = sum(weights)
    losses: dict[int, Losses] = {}
    killers: dict[int, Counter[str]] = {player: Counter() for player in sorted(stats)}
    for player in sorted(stats):
        own = [(unit, value) for unit, value in zip(fight.deaths, weights, strict=True) if unit.owner == player]
        kinds = [(costs.kind(costs.base(unit.name)), value) for unit, value in own]
        losses[player] = Losses(
            value=sum(value for _, value in own),
            units=dict(Counter(costs.base(unit.name) for unit, _ in own).most_common()),
            workers=sum(kind == "worker" for kind, _ in kinds),
            structures=sum(kind in _STRUCTURE_KINDS for kind, _ in kinds),
        )
    for unit in fight.deaths:
        killer = by_tag.get(unit.killer_tag) if unit.killer_tag is not None else None
        if killer is not None and killer.owner != unit.owner and killer.owner in killers:
            killers[killer.owner][costs.base(killer.name_at(unit.died or 0))] += 1
    return Engagement(
        start=start,
        end=fight.last,
        x=sum(unit.death_x * value for unit, value in zip(fight.deaths, weights, strict=True)) / total,
        y=sum(unit.death_y * value for unit, value in zip(fight.deaths, weights, strict=True)) / total,
        losses=losses,
        killers={player: dict(counts.most_common()) for player, counts in killers.items()},
        army_before={player: _army(stats[player], start) for player in sorted(stats)},
    )


def _army(stats: StatsTimeline, loop: int) -> int:
    return stats.at("minerals_army", loop) + stats.at("vespene_army", loop)
