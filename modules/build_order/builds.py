"""Builds as data: what the YAML files in `builds/<race>/` say, checked and resolved.

    about: Reaper, fast second base, then marines and marauders.
    against: [terran, protoss, zerg]     # left out: everybody
    opening: true                        # may be played from the first loop
    switch_target: true                  # a running game may switch to it
    steps:                               # in the order of building; see `docs/builds.md` for all forms
      - 14 supply depot
      - 16 barracks
      - 20 attack
    army: {marine: 3, marauder: 1}       # shares; filled up by what is missing most
    guard: {marine: [2, 8]}              # by number of bases: fighters that come before workers and bases
    workers: [18, 42, 60]                # how many on one base, on two, ... (the last one holds for more)
    gas: [1, 3, 4]                       # gas structures likewise
    structures: {barracks: [3, 5, 8]}    # likewise; what the army needs is built without being named
    addons: {barracks tech lab: [1, 2], barracks reactor: [0, 2, 3]}
    upgrades: [stimpack, combat shield]  # in this order, once there are two bases (or `upgrades_at` bases)
    expand: [0, 40, 66]                  # workers (alive) at which the 2nd, 3rd, ... base is wished, 0: by the steps
    attack: {supply: 24, again: 16}      # army supply for the first attack and for later ones
    phases: [{when: starport, army: {marine: 3, marauder: 1, medivac: 1}}]
    reactions: [{when: seen banshee, structures: {missile turret: [1, 2]}}]

The file's name is the build's name. Everything wrong is a `ConfigError` that names file, line and key.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.core.errors import ConfigError
from cherrypy_bot.core.located_yaml import Located, did_you_mean, read_yaml, validate
from modules.build_order.changes import Changes, Conditional
from modules.build_order.conditions import ALWAYS, Condition, ConditionError, Term, clock_loops, parse_condition
from modules.build_order.hooks import HOOKS
from modules.build_order.names import RACES, names, plain
from modules.items import GAS, TOWNHALLS, WORKERS, Item

FOLDER: Final = Path(__file__).parent / "builds"
PLACES: Final = ("home", "ramp", "natural", "wall", "third", "enemy natural", "enemy main", "proxy")
"""Where a step may ask for its structure."""
STANCES: Final = ("attack", "hold")

_STEP: Final = re.compile(
    r"^\s*(?:(?P<supply>\d+)|(?P<clock>\d+:\d\d))\s+(?P<what>.+?)(?:\s+x\s*(?P<count>\d+))?"
    r"(?:\s+near\s+(?P<near>.+?))?(?:\s+when\s+(?P<when>.+?))?\s*$"
)
_GAS_SWITCH: Final = re.compile(r"^gas (off|on|workers (\d+))$")
ANY_NUMBER: Final = -1


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AttackEntry(_Strict):
    """When the army goes: army supply for the first attack, and for those after a retreat."""

    supply: int = Field(ge=1, le=200)
    again: int = Field(ge=1, le=200)


class ConditionalEntry(_Strict):
    """A phase or a reaction as written."""

    when: str | list[str]
    lasts: str | int | None = None
    army: dict[str, float] | None = None
    guard: dict[str, list[int]] = Field(default_factory=dict)
    workers: list[int] | None = None
    gas: list[int] | None = None
    structures: dict[str, list[int]] = Field(default_factory=dict)
    addons: dict[str, list[int]] = Field(default_factory=dict)
    upgrades: list[str] | None = None
    expand: list[int] | None = None
    attack: AttackEntry | None = None
    stance: str | None = None
    gas_workers: int | None = Field(default=None, ge=0, le=200)
    scout: bool = False
    switch_to: str = ""


class BuildEntry(_Strict):
    """One file as written."""

    about: str
    against: list[str] = Field(default_factory=lambda: list(RACES))
    opening: bool = True
    switch_target: bool = False
    like: str = ""
    reasons: dict[str, str] = Field(default_factory=dict)
    steps: list[str]
    army: dict[str, float]
    guard: dict[str, list[int]] = Field(default_factory=dict)
    workers: list[int]
    gas: list[int]
    structures: dict[str, list[int]] = Field(default_factory=dict)
    addons: dict[str, list[int]] = Field(default_factory=dict)
    upgrades: list[str] = Field(default_factory=list)
    upgrades_at: int = Field(default=2, ge=1)
    expand: list[int] = Field(default_factory=list)
    attack: AttackEntry
    stance: str = ""
    phases: list[ConditionalEntry] = Field(default_factory=list)
    reactions: list[ConditionalEntry] = Field(default_factory=list)
    hook: str | None = None


@dataclass(frozen=True, slots=True)
class OpeningStep:
    """Make `count` of `item` once the supply in use has reached `supply`, the clock `at_loops` and `when` holds.

    `near` names a place of PLACES, "" leaves it to placement.
    """

    supply: int
    item: Item
    count: int = 1
    at_loops: int = 0
    near: str = ""
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True, eq=False)
class Build:
    """A checked build, equal to itself alone. Lists by number of bases: index 0 is one base, the last holds for more.

    Attributes:
        name: of its file. race: who can play it. against: enemy races that it is meant for.
        is_opening, switch_target: where it may be used.
        opening: its first items in order.
        army: shares of army units. guard: fighters wanted before workers and bases, by number of bases.
        workers, gas: how many, by number of bases.
        structures, addons: how many, by number of bases.
        upgrades: in order, from `upgrades_at` bases on.
        expand: workers at which the second, third, ... base is wished.
        attack_supply, attack_again: army supply for the first attack and after a retreat.
        stance: "attack" or "hold" whatever the army supply says, "" otherwise.
        gas_workers: at most so many on gas, ANY_NUMBER without a limit.
        conditionals: phases, then reactions. hook: function of `hooks.py` that has the last word on wishes.
        like: the real game whose opening it is measured against.
        reasons: why an item comes later than there, by item and the number from which on the reason holds.
    """

    name: str
    race: Race
    about: str
    against: frozenset[Race]
    is_opening: bool
    switch_target: bool
    opening: tuple[OpeningStep, ...]
    army: Mapping[U, float]
    guard: Mapping[U, tuple[int, ...]]
    workers: tuple[int, ...]
    gas: tuple[int, ...]
    structures: Mapping[U, tuple[int, ...]]
    addons: Mapping[U, tuple[int, ...]]
    upgrades: tuple[UpgradeId, ...]
    upgrades_at: int
    expand: tuple[int, ...]
    attack_supply: int
    attack_again: int
    stance: str = ""
    gas_workers: int = ANY_NUMBER
    conditionals: tuple[Conditional, ...] = ()
    hook: str = ""
    like: str = ""
    reasons: Mapping[tuple[Item, int], str] | None = None


def by_bases(counts: tuple[int, ...], bases: int) -> int:
    """The entry that holds for this number of bases; 0 of an empty list."""
    if not counts:
        return 0
    return counts[max(0, min(bases, len(counts)) - 1)]


def builds_of(race: Race, folder: Path = FOLDER) -> dict[str, Build]:
    """All builds of a race by name, sorted. Raises ConfigError for a file that is wrong."""
    return dict(_builds_of(race, folder))


@functools.cache
def _builds_of(race: Race, folder: Path) -> dict[str, Build]:
    name = next((n for n, r in RACES.items() if r == race), "")
    loaded = {path.stem: _load(path) for path in sorted((folder / name).glob("*.yaml"))}
    for reader, build in loaded.values():
        for entry in build.conditionals:
            target = entry.changes.switch_to
            if target and (target not in loaded or not loaded[target][1].switch_target):
                known = [n for n, (_, other) in loaded.items() if other.switch_target]
                raise reader.located.error(
                    reader.where[entry.name],
                    f"'{target}' is no build of this race with 'switch_target: true'{did_you_mean(target, known)}",
                )
    return {name: build for name, (_, build) in loaded.items()}


def load_build(path: Path) -> Build:
    """One build from its file. Raises ConfigError."""
    return _load(path)[1]


def _load(path: Path) -> tuple[_Reader, Build]:
    located = read_yaml(path)
    entry = validate(BuildEntry, located)
    race = RACES.get(path.parent.name)
    if race is None:
        raise ConfigError(f"a build lies in a folder named after its race, not in '{path.parent.name}'", file=str(path))
    reader = _Reader(located, race)
    return reader, reader.build(path.stem, entry)


class _Reader:
    """Resolves one file; `where` remembers in which place of it each phase and reaction stands."""

    def __init__(self, located: Located, race: Race) -> None:
        self.located = located
        self.race = race
        self.where: dict[str, tuple[str | int, ...]] = {}

    def build(self, name: str, entry: BuildEntry) -> Build:
        """The whole build."""
        if entry.hook is not None and entry.hook not in HOOKS:
            raise self.located.error(
                ("hook",), f"there is no hook called '{entry.hook}'; there are {', '.join(sorted(HOOKS))}"
            )
        steps: list[OpeningStep] = []
        switches: list[Conditional] = []
        for index, text in enumerate(entry.steps):
            found = self._step(index, text)
            (switches if isinstance(found, Conditional) else steps).append(found)  # type: ignore[arg-type]
        conditionals = [*switches]
        for kind, entries in (("phases", entry.phases), ("reactions", entry.reactions)):
            conditionals += [self._conditional((kind, index), given) for index, given in enumerate(entries)]
        return Build(
            name=name,
            race=self.race,
            about=entry.about,
            against=frozenset(
                self._pick(("against", i), text.lower(), RACES, "race") for i, text in enumerate(entry.against)
            ),
            is_opening=entry.opening,
            switch_target=entry.switch_target,
            opening=tuple(steps),
            army=self._units(("army",), entry.army),
            guard=self._lists(("guard",), entry.guard),
            workers=self._counts(("workers",), entry.workers),
            gas=self._counts(("gas",), entry.gas),
            structures=self._lists(("structures",), entry.structures),
            addons=self._lists(("addons",), entry.addons),
            upgrades=tuple(self._upgrade(("upgrades", i), text) for i, text in enumerate(entry.upgrades)),
            upgrades_at=entry.upgrades_at,
            expand=self._counts(("expand",), entry.expand, needed=False),
            attack_supply=entry.attack.supply,
            attack_again=entry.attack.again,
            stance=self._stance(("stance",), entry.stance),
            conditionals=tuple(conditionals),
            hook=entry.hook or "",
            like=entry.like,
            reasons={self._numbered(("reasons", key), key): text for key, text in entry.reasons.items()},
        )

    def _conditional(self, where: tuple[str | int, ...], entry: ConditionalEntry) -> Conditional:
        name = f"{where[0]}[{where[1]}]"
        self.where[name] = (*where, "switch_to")
        changes = Changes(
            army=self._units((*where, "army"), entry.army) if entry.army is not None else None,
            workers=self._counts((*where, "workers"), entry.workers) if entry.workers is not None else None,
            gas=self._counts((*where, "gas"), entry.gas) if entry.gas is not None else None,
            upgrades=(
                tuple(self._upgrade((*where, "upgrades", i), text) for i, text in enumerate(entry.upgrades))
                if entry.upgrades is not None
                else None
            ),
            expand=self._counts((*where, "expand"), entry.expand, needed=False) if entry.expand is not None else None,
            guard=self._lists((*where, "guard"), entry.guard),
            structures=self._lists((*where, "structures"), entry.structures),
            addons=self._lists((*where, "addons"), entry.addons),
            attack_supply=entry.attack.supply if entry.attack is not None else None,
            attack_again=entry.attack.again if entry.attack is not None else None,
            stance=self._stance((*where, "stance"), entry.stance) if entry.stance is not None else None,
            gas_workers=entry.gas_workers,
            scout=entry.scout,
            switch_to=entry.switch_to,
        )
        if changes == Changes():
            raise self.located.error(where, "changes nothing; add what becomes different, as 'army' or 'stance'")
        # YAML reads an unquoted 1:30 as a number of base 60: seconds.
        clock = f"{entry.lasts // 60}:{entry.lasts % 60:02d}" if isinstance(entry.lasts, int) else entry.lasts
        lasts = self._tried((*where, "lasts"), lambda: clock_loops(clock)) if clock else 0
        return Conditional(name, self._condition((*where, "when"), entry.when), changes, lasts)

    def _step(self, index: int, text: str) -> OpeningStep | Conditional:
        where = ("steps", index)
        match = _STEP.match(text)
        if match is None:
            raise self.located.error(
                where,
                f"'{text}' is no step; write SUPPLY ITEM or M:SS ITEM, as in '14 supply depot', '2:30 gas' or"
                " '17 zergling x2'",
            )
        supply = int(match["supply"] or 0)
        at = self._tried(where, lambda: clock_loops(match["clock"])) if match["clock"] else 0
        when = self._condition(where, match["when"]) if match["when"] else ALWAYS
        what = " ".join(match["what"].lower().split())
        switch = _switch(what)
        if switch is not None:
            begin = Condition(((Term("supply", number=supply),),) if supply else ((Term("from", number=at),),))
            self.where[f"steps[{index}]"] = where
            return Conditional(f"steps[{index}]", begin.both(when), switch)
        near = " ".join((match["near"] or "").lower().split())
        if near and near not in PLACES:
            raise self.located.error(
                where, f"'{near}' is no place{did_you_mean(near, PLACES)}; known are {', '.join(PLACES)}"
            )
        item = self._item(where, what)
        return OpeningStep(supply, item, int(match["count"] or 1), at, near, when)

    def _numbered(self, where: tuple[str | int, ...], text: str) -> tuple[Item, int]:
        """An item and the number from which on: "queen 5" is the fifth queen and those after it, "queen" all."""
        try:
            return self._item(where, text), 1
        except ConfigError:
            name, _, number = text.rpartition(" ")
            if not name or not number.isdigit():
                raise
            return self._item(where, name), int(number)

    # -- values --------------------------------------------------------------------------------

    def _condition(self, where: tuple[str | int, ...], texts: str | list[str]) -> Condition:
        return self._tried(where, lambda: parse_condition(texts, self.race))  # type: ignore[no-any-return]

    def _tried(self, where: tuple[str | int, ...], read: Callable[[], Any]) -> Any:
        try:
            return read()
        except ConditionError as error:
            raise self.located.error(where, str(error)) from None

    def _stance(self, where: tuple[str | int, ...], given: str) -> str:
        if given and given not in STANCES:
            raise self.located.error(where, f"'{given}' is no stance; write {' or '.join(STANCES)}")
        return given

    def _counts(self, where: tuple[str | int, ...], counts: Iterable[int], needed: bool = True) -> tuple[int, ...]:
        found = tuple(counts)
        if any(count < 0 for count in found):
            raise self.located.error(where, "counts are 0 or more")
        if needed and not found:
            raise self.located.error(where, "needs at least one number: how many on one base")
        return found

    def _lists(self, where: tuple[str | int, ...], given: Mapping[str, list[int]]) -> dict[U, tuple[int, ...]]:
        return {unit: self._counts(where, counts) for unit, counts in self._units(where, given).items()}

    def _units(self, where: tuple[str | int, ...], given: Mapping[str, Any]) -> dict[U, Any]:
        found: dict[U, Any] = {}
        for name, value in given.items():
            item = self._item((*where, name), name)
            if not isinstance(item, U):
                raise self.located.error((*where, name), f"'{name}' is an upgrade; it belongs in 'upgrades'")
            found[item] = value
        return found

    def _upgrade(self, where: tuple[str | int, ...], name: str) -> UpgradeId:
        item = self._item(where, name)
        if not isinstance(item, UpgradeId):
            raise self.located.error(where, f"'{name}' is no upgrade; it belongs in 'structures' or 'army'")
        return item

    def _item(self, where: tuple[str | int, ...], name: str) -> Item:
        return self._pick(where, plain(name), names(self.race), "unit, structure or upgrade")  # type: ignore[no-any-return]

    def _pick(self, where: tuple[str | int, ...], given: str, known: Mapping[str, Any], what: str) -> Any:
        if given not in known:
            raise self.located.error(where, f"there is no {what} called '{given}'{did_you_mean(given, known)}")
        return known[given]


def _switch(what: str) -> Changes | None:
    """The change that a step's word stands for, None for an item."""
    if what in STANCES:
        return Changes(stance=what)
    if what == "scout":
        return Changes(scout=True)
    match = _GAS_SWITCH.match(what)
    if match is None:
        return None
    workers = {"off": 0, "on": ANY_NUMBER}.get(match[1], int(match[2] or 0))
    return Changes(gas_workers=workers)


def is_army(item: Item) -> bool:
    """Whether losses of it are not simply rebuilt while an opening goes on."""
    return isinstance(item, U) and item not in TOWNHALLS and item not in GAS and item not in WORKERS
