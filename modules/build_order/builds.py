"""Builds as data: what the YAML files in `builds/<race>/` say, checked and resolved.

    about: Reaper, fast second base, then marines and marauders.
    against: [terran, protoss, zerg]     # left out: everybody
    opening:                             # "SUPPLY ITEM" or "SUPPLY ITEM xN", in the order of building
      - 14 supply depot
      - 16 barracks
    army: {marine: 3, marauder: 1}       # shares; filled up by what is missing most
    guard: {marine: [2, 8]}              # by number of bases: fighters that come before workers and bases
    workers: [18, 42, 60]                # how many on one base, on two, ... (the last one holds for more)
    gas: [1, 3, 4]                       # gas structures likewise
    structures: {barracks: [3, 5, 8]}    # likewise; what the army needs is built without being named
    addons: {barracks tech lab: [1, 2], barracks reactor: [0, 2, 3]}
    upgrades: [stimpack, combat shield]  # in this order, once there are two bases (or `upgrades_at` bases)
    expand: [0, 40, 66]                  # workers (alive) at which the 2nd, 3rd, ... base is wished, 0: by the opening
    attack: {supply: 24, again: 16}      # army supply for the first attack and for later ones

The file's name is the build's name. Everything wrong is a `ConfigError` that names file, line and key.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.core.errors import ConfigError
from cherrypy_bot.core.located_yaml import Located, did_you_mean, read_yaml, validate
from modules.items import GAS, TOWNHALLS, WORKERS, Item

FOLDER: Final = Path(__file__).parent / "builds"
RACES: Final[Mapping[str, Race]] = {"terran": Race.Terran, "protoss": Race.Protoss, "zerg": Race.Zerg}
ALIASES: Final[Mapping[str, Item]] = {
    "metabolicboost": UpgradeId.ZERGLINGMOVEMENTSPEED,
    "lingspeed": UpgradeId.ZERGLINGMOVEMENTSPEED,
    "adrenalglands": UpgradeId.ZERGLINGATTACKSPEED,
    "missileattack1": UpgradeId.ZERGMISSILEWEAPONSLEVEL1,
    "meleeattack1": UpgradeId.ZERGMELEEWEAPONSLEVEL1,
    "combatshield": UpgradeId.SHIELDWALL,
    "concussiveshells": UpgradeId.PUNISHERGRENADES,
    "infantryweapons1": UpgradeId.TERRANINFANTRYWEAPONSLEVEL1,
    "infantryarmor1": UpgradeId.TERRANINFANTRYARMORSLEVEL1,
    "warpgateresearch": UpgradeId.WARPGATERESEARCH,
    "groundweapons1": UpgradeId.PROTOSSGROUNDWEAPONSLEVEL1,
    "groundarmor1": UpgradeId.PROTOSSGROUNDARMORSLEVEL1,
    "blink": UpgradeId.BLINKTECH,
    "roachspeed": UpgradeId.GLIALRECONSTITUTION,
    "gas": U.REFINERY,
}
"""How people call things whose names in the game's data differ."""

_STEP: Final = re.compile(r"^\s*(\d+)\s+(.+?)(?:\s+x\s*(\d+))?\s*$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AttackEntry(_Strict):
    """When the army goes: army supply for the first attack, and for those after a retreat."""

    supply: int = Field(ge=1, le=200)
    again: int = Field(ge=1, le=200)


class BuildEntry(_Strict):
    """One file as written."""

    about: str
    against: list[str] = Field(default_factory=lambda: list(RACES))
    opening: list[str]
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


@dataclass(frozen=True, slots=True)
class OpeningStep:
    """Make `count` of `item` once the supply in use has reached `supply`."""

    supply: int
    item: Item
    count: int = 1


@dataclass(frozen=True, slots=True)
class Build:
    """A checked build. Lists by number of bases: index 0 is one base, the last entry holds for more.

    Attributes:
        name: of its file. race: who can play it. against: enemy races that it is meant for.
        opening: its first items in order.
        army: shares of army units. guard: fighters wanted before workers and bases, by number of bases.
        workers, gas: how many, by number of bases.
        structures, addons: how many, by number of bases.
        upgrades: in order, from `upgrades_at` bases on.
        expand: workers at which the second, third, ... base is wished.
        attack_supply, attack_again: army supply for the first attack and after a retreat.
    """

    name: str
    race: Race
    about: str
    against: frozenset[Race]
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


def by_bases(counts: tuple[int, ...], bases: int) -> int:
    """The entry that holds for this number of bases; 0 of an empty list."""
    if not counts:
        return 0
    return counts[max(0, min(bases, len(counts)) - 1)]


def builds_of(race: Race, folder: Path = FOLDER) -> dict[str, Build]:
    """All builds of a race by name, sorted. Raises ConfigError for a file that is wrong."""
    name = next((n for n, r in RACES.items() if r == race), "")
    return {path.stem: load_build(path) for path in sorted((folder / name).glob("*.yaml"))}


def load_build(path: Path) -> Build:
    """One build from its file. Raises ConfigError."""
    located = read_yaml(path)
    entry = validate(BuildEntry, located)
    race = RACES.get(path.parent.name)
    if race is None:
        raise ConfigError(f"a build lies in a folder named after its race, not in '{path.parent.name}'", file=str(path))
    return Build(
        name=path.stem,
        race=race,
        about=entry.about,
        against=frozenset(
            _pick(located, ("against", i), text.lower(), RACES, "race") for i, text in enumerate(entry.against)
        ),
        opening=tuple(_step(located, race, i, text) for i, text in enumerate(entry.opening)),
        army=_units(located, race, "army", entry.army),
        guard={
            unit: _counts(located, ("guard",), counts)
            for unit, counts in _units(located, race, "guard", entry.guard).items()
        },
        workers=_counts(located, ("workers",), entry.workers),
        gas=_counts(located, ("gas",), entry.gas),
        structures={
            unit: _counts(located, ("structures",), counts)
            for unit, counts in _units(located, race, "structures", entry.structures).items()
        },
        addons={
            unit: _counts(located, ("addons",), counts)
            for unit, counts in _units(located, race, "addons", entry.addons).items()
        },
        upgrades=tuple(_upgrade(located, race, i, text) for i, text in enumerate(entry.upgrades)),
        upgrades_at=entry.upgrades_at,
        expand=_counts(located, ("expand",), entry.expand, rising=False),
        attack_supply=entry.attack.supply,
        attack_again=entry.attack.again,
    )


def _counts(
    located: Located, where: tuple[str | int, ...], counts: Iterable[int], rising: bool = True
) -> tuple[int, ...]:
    found = tuple(counts)
    if any(count < 0 for count in found):
        raise located.error(where, "counts are 0 or more")
    if rising and not found:
        raise located.error(where, "needs at least one number: how many on one base")
    return found


def _step(located: Located, race: Race, index: int, text: str) -> OpeningStep:
    where = ("opening", index)
    match = _STEP.match(text)
    if match is None:
        raise located.error(
            where, f"'{text}' is no step; write SUPPLY ITEM, as in '14 supply depot' or '17 zergling x2'"
        )
    item = _item(located, race, where, match.group(2))
    return OpeningStep(int(match.group(1)), item, int(match.group(3) or 1))


def _units(located: Located, race: Race, key: str, given: Mapping[str, Any]) -> dict[U, Any]:
    found: dict[U, Any] = {}
    for name, value in given.items():
        item = _item(located, race, (key, name), name)
        if not isinstance(item, U):
            raise located.error((key, name), f"'{name}' is an upgrade; it belongs in 'upgrades'")
        found[item] = value
    return found


def _upgrade(located: Located, race: Race, index: int, name: str) -> UpgradeId:
    item = _item(located, race, ("upgrades", index), name)
    if not isinstance(item, UpgradeId):
        raise located.error(("upgrades", index), f"'{name}' is no upgrade; it belongs in 'structures' or 'army'")
    return item


def _item(located: Located, race: Race, where: tuple[str | int, ...], name: str) -> Item:
    return _pick(located, where, _plain(name), _names(race), "unit, structure or upgrade")


def _plain(name: str) -> str:
    return "".join(name.split()).replace("_", "").lower()


@functools.cache
def _names(race: Race) -> dict[str, Item]:
    """Every name that a build file of the race may use."""
    names: dict[str, Item] = {_plain(upgrade.name): upgrade for upgrade in UpgradeId}
    names |= {_plain(unit.name): unit for unit in U}
    names |= ALIASES
    gas = next(g for g in (U.REFINERY, U.ASSIMILATOR, U.EXTRACTOR) if (g, race) in _GAS_RACES)
    return {**names, "gas": gas}


_GAS_RACES: Final = frozenset({(U.REFINERY, Race.Terran), (U.ASSIMILATOR, Race.Protoss), (U.EXTRACTOR, Race.Zerg)})


def _pick(located: Located, where: tuple[str | int, ...], given: str, known: Mapping[str, Any], what: str) -> Any:
    if given not in known:
        raise located.error(where, f"there is no {what} called '{given}'{did_you_mean(given, known)}")
    return known[given]


def is_army(item: Item) -> bool:
    """Whether losses of it are not simply rebuilt while an opening goes on."""
    return isinstance(item, U) and item not in TOWNHALLS and item not in GAS and item not in WORKERS
