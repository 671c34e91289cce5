"""What a planned opponent does, as data: goals in order of importance, an army, when it attacks.

A plan is read by `cherrypy_bot.opponents.planned.PlannedBot`. Each step it walks through the goals from the first to
the last; what is missing and can be started is started, and what cannot be paid for yet keeps back its price from
the goals after it. A goal that was met and is lost again (a structure destroyed, workers killed) is missing again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from sc2.constants import PROTOSS_TECH_REQUIREMENT, TERRAN_TECH_REQUIREMENT, ZERG_TECH_REQUIREMENT
from sc2.data import Race
from sc2.dicts.unit_trained_from import UNIT_TRAINED_FROM
from sc2.dicts.upgrade_researched_from import UPGRADE_RESEARCHED_FROM
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId

WORKER_OF: Mapping[Race, UnitTypeId] = {
    Race.Terran: UnitTypeId.SCV,
    Race.Protoss: UnitTypeId.PROBE,
    Race.Zerg: UnitTypeId.DRONE,
}
BUILDERS = frozenset(WORKER_OF.values())
ADD_ON_OF: Mapping[UnitTypeId, UnitTypeId] = {
    UnitTypeId.BARRACKSTECHLAB: UnitTypeId.BARRACKS,
    UnitTypeId.BARRACKSREACTOR: UnitTypeId.BARRACKS,
    UnitTypeId.FACTORYTECHLAB: UnitTypeId.FACTORY,
    UnitTypeId.FACTORYREACTOR: UnitTypeId.FACTORY,
    UnitTypeId.STARPORTTECHLAB: UnitTypeId.STARPORT,
    UnitTypeId.STARPORTREACTOR: UnitTypeId.STARPORT,
}


class Place(Enum):
    """Where a structure goes."""

    HOME = "in the main"
    FRONT = "before the newest base, towards the enemy"
    BASES = "at each base in turn, in its mineral line"
    PROXY = "hidden, a short walk from the enemy's natural"
    ENEMY = "at the enemy's natural, then its main; only what stands there counts"


@dataclass(frozen=True)
class Goal:
    """So many of a unit or structure, or one upgrade.

    Attributes:
        what: townhalls count whatever they have become; so do gateways, sieged tanks and the like.
        count: how many there are to be, those under way counted.
        after_seconds: not before this time of the game.
        place: where structures go.
    """

    what: UnitTypeId | UpgradeId
    count: int = 1
    after_seconds: float = 0.0
    place: Place = Place.HOME


@dataclass(frozen=True)
class Workers:
    """So many workers, but never more than the bases can use."""

    count: int
    after_seconds: float = 0.0


@dataclass(frozen=True)
class Army:
    """Fighters of the plan's composition until they take `supply`; None never stops."""

    supply: float | None = None
    after_seconds: float = 0.0


Item = Goal | Workers | Army


@dataclass(frozen=True)
class Attack:
    """When fighters leave and when they come back.

    Attributes:
        supply: the first wave leaves when this much army supply waits at home...
        after_seconds: ...and the game is this old, or
        by_seconds: when the game is this old and half of `supply` is there.
        then_supply: as much waits at home before later waves leave.
        reinforce: so much new army supply is sent after a wave that is still out; None keeps it at home.
        flee_below: a wave turns back where it is worth less than this share of what it faces; 0 never turns.
        raiders: unit types that leave on their own, `raid_count` together, for the enemy's mineral lines.
    """

    supply: float
    after_seconds: float = 0.0
    by_seconds: float = 1e9
    then_supply: float = 20.0
    reinforce: float | None = 8.0
    flee_below: float = 0.5
    raiders: tuple[UnitTypeId, ...] = ()
    raid_count: int = 2


@dataclass(frozen=True)
class Plan:
    """One opponent.

    Attributes:
        name: as bots.yaml's option `plan` says it.
        race: whose.
        summary: one line for people.
        goals: what to have, most important first.
        army: unit type -> share of the army, by number of units; the one that lags most is trained first.
        attack: when to fight.
        against_air: shares added to `army` once the enemy has shown flying fighters.
        goals_against_air: goals put first then.
        detects: answers cloaked enemies with detection.
        scout_seconds: when a worker looks at the enemy's main; None sends nobody.
        inject: queens inject larvae (Zerg).
        guard: army supply that a minute of the game adds, from 1:30 on, to what is trained before other goals.
    """

    name: str
    race: Race
    summary: str
    goals: tuple[Item, ...]
    army: Mapping[UnitTypeId, float]
    attack: Attack
    against_air: Mapping[UnitTypeId, float] | None = None
    goals_against_air: tuple[Item, ...] = ()
    detects: bool = True
    scout_seconds: float | None = 45.0
    inject: bool = True
    guard: float = 9.0

    def varied(self, rng: random.Random) -> Plan:
        """The same plan as somebody else would play it: times and sizes a little off, drawn from `rng`."""
        attack = replace(
            self.attack,
            supply=round(self.attack.supply * rng.uniform(0.88, 1.15)),
            after_seconds=self.attack.after_seconds * rng.uniform(0.93, 1.07),
            by_seconds=self.attack.by_seconds * rng.uniform(0.95, 1.1),
            then_supply=round(self.attack.then_supply * rng.uniform(0.85, 1.2)),
        )
        return replace(
            self,
            goals=tuple(_varied(goal, rng) for goal in self.goals),
            army={unit: share * rng.uniform(0.8, 1.25) for unit, share in self.army.items()},
            attack=attack,
            scout_seconds=None if self.scout_seconds is None else self.scout_seconds * rng.uniform(0.6, 1.8),
        )

    def problems(self) -> Iterator[str]:
        """What is wrong with the data, in words; nothing for a sound plan."""
        everything = (*self.goals, *self.goals_against_air)
        had = {goal.what for goal in everything if isinstance(goal, Goal)}
        for goal in everything:
            if goal.after_seconds < 0:
                yield f"{self.name}: {goal} starts before the game"
            if isinstance(goal, Goal):
                yield from self._goal_problems(goal)
        for unit, share in {**self.army, **(self.against_air or {})}.items():
            if share <= 0:
                yield f"{self.name}: the share of {unit.name} is {share}, not above 0"
            makers = UNIT_TRAINED_FROM.get(unit, set())
            if unit is UnitTypeId.ARCHON:
                makers = {UnitTypeId.TEMPLARARCHIVE}
            if not makers & (had | _GIVEN | set(self.army)):
                yield f"{self.name}: nothing in the goals makes {unit.name}"
        if not any(isinstance(goal, Army) for goal in self.goals):
            yield f"{self.name}: no goal trains the army"
        if not any(isinstance(goal, Workers) for goal in self.goals):
            yield f"{self.name}: no goal trains workers"
        if self.attack.supply <= 0 or self.attack.then_supply <= 0 or not 0 <= self.attack.flee_below < 2:
            yield f"{self.name}: attack {self.attack} makes no sense"

    def _goal_problems(self, goal: Goal) -> Iterator[str]:
        if goal.count < 1:
            yield f"{self.name}: {goal} asks for nothing"
        if isinstance(goal.what, UpgradeId):
            if goal.what not in UPGRADE_RESEARCHED_FROM:
                yield f"{self.name}: nothing researches {goal.what.name}"
        elif goal.what not in UNIT_TRAINED_FROM and goal.what not in ADD_ON_OF:
            yield f"{self.name}: nothing makes {goal.what.name}"
        elif goal.what.value in _RACE_OF and _RACE_OF[goal.what.value] is not self.race:
            yield f"{self.name}: {goal.what.name} is not of its race"


_RACE_OF = {
    made.value: race
    for race, requirements in (
        (Race.Terran, TERRAN_TECH_REQUIREMENT),
        (Race.Protoss, PROTOSS_TECH_REQUIREMENT),
        (Race.Zerg, ZERG_TECH_REQUIREMENT),
    )
    for made in requirements
}
_GIVEN = {
    UnitTypeId.LARVA,
    UnitTypeId.ZERGLING,
    UnitTypeId.ROACH,
    UnitTypeId.CORRUPTOR,
    UnitTypeId.HATCHERY,
    UnitTypeId.NEXUS,
    UnitTypeId.COMMANDCENTER,
}


def _varied(goal: Item, rng: random.Random) -> Item:
    """Times within 6 %; worker counts within two; early goals (no time) as they are."""
    if isinstance(goal, Workers) and goal.count > 24:
        return replace(goal, count=goal.count + rng.choice((-2, -1, 0, 0, 1)))
    if goal.after_seconds:
        return replace(goal, after_seconds=goal.after_seconds * rng.uniform(0.94, 1.06))
    return goal


def have(what: UnitTypeId | UpgradeId, count: int = 1, *, after: float = 0.0, place: Place = Place.HOME) -> Goal:
    """Short for `Goal`; tables of goals read better with it."""
    return Goal(what, count, after, place)
