"""What units and upgrades cost and take, by the build of the game that a replay comes from."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

WORKERS: Final = frozenset({"SCV", "Probe", "Drone"})
TOWN_HALLS: Final = {
    "CommandCenter": "Terran",
    "Nexus": "Protoss",
    "Hatchery": "Zerg",
}
"""The town halls that are placed, and whose they are; the others are made of these."""


@dataclass(frozen=True, slots=True)
class UnitCost:
    """A unit or structure as one build of the game has it.

    Attributes:
        kind: worker, unit, support (Overlords), structure, townhall, addon, mode, egg or temporary.
        mode_of: for a mode (sieged, burrowed, flying) the unit it is a mode of, else empty.
        minerals, vespene: total cost with all that it was made of.
        supply: supply it takes. supply_provided: what it adds to the supply cap.
        build_loops: loops from start to done, 0 where it is not built.
    """

    name: str
    race: str
    kind: str
    mode_of: str
    minerals: int
    vespene: int
    supply: float
    supply_provided: float
    build_loops: int

    @property
    def value(self) -> int:
        """Minerals and vespene together."""
        return self.minerals + self.vespene


@dataclass(frozen=True, slots=True)
class UpgradeCost:
    """An upgrade as one build of the game has it; `research_loops` is without chrono boost."""

    name: str
    minerals: int
    vespene: int
    research_loops: int


@dataclass(frozen=True, slots=True)
class Costs:
    """The tables for one build of the game."""

    units: dict[str, UnitCost]
    upgrades: dict[str, UpgradeCost]

    def base(self, name: str) -> str:
        """The unit that a name is a mode of (SiegeTankSieged -> SiegeTank), or the name itself."""
        unit = self.units.get(name)
        return unit.mode_of or name if unit is not None else name

    def kind(self, name: str) -> str:
        """The kind of a unit, or an empty string where the tables do not know it."""
        unit = self.units.get(name)
        return unit.kind if unit is not None else ""

    def value(self, name: str) -> int:
        """Minerals and vespene that a unit is worth; 0 where the tables do not know it."""
        unit = self.units.get(name)
        return unit.value if unit is not None else 0

    def supply(self, name: str) -> float:
        """Supply that a unit takes; 0 where the tables do not know it."""
        unit = self.units.get(name)
        return unit.supply if unit is not None else 0.0


def costs_of(base_build: int) -> Costs:
    """The tables that hold for a build; for a newer build than they know, the newest they have."""
    since = max((start for start in _starts() if start <= base_build), default=0)
    return _costs_since(since)


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[dict[str, str], ...], tuple[dict[str, str], ...]]:
    return _table("units.csv"), _table("upgrades.csv")


@lru_cache(maxsize=1)
def _starts() -> tuple[int, ...]:
    """Base builds from which some row holds, ascending."""
    return tuple(sorted({int(row["since_build"]) for table in _rows() for row in table}))


@lru_cache(maxsize=8)
def _costs_since(since: int) -> Costs:
    units: dict[str, UnitCost] = {}
    upgrades: dict[str, UpgradeCost] = {}
    unit_rows, upgrade_rows = _rows()
    for row in unit_rows:
        # Rows of one name are in the order of their builds, so the last that holds stays.
        if int(row["since_build"]) <= since:
            units[row["name"]] = UnitCost(
                name=row["name"],
                race=row["race"],
                kind=row["kind"],
                mode_of=row["mode_of"],
                minerals=int(row["minerals"]),
                vespene=int(row["vespene"]),
                supply=float(row["supply"]),
                supply_provided=float(row["supply_provided"]),
                build_loops=int(row["build_loops"]),
            )
    for row in upgrade_rows:
        if int(row["since_build"]) <= since:
            upgrades[row["name"]] = UpgradeCost(
                row["name"], int(row["minerals"]), int(row["vespene"]), int(row["research_loops"])
            )
    return Costs(units, upgrades)


def _table(name: str) -> tuple[dict[str, str], ...]:
    text = files("replays").joinpath("data", name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(csv.DictReader(lines))
