"""Field by field: what RequestData answers here against what the real game answered.

    report = conform(Path("captures"))
    report.tallies          # fields compared and equal, per kind
    report.differences      # each field that differs

Two entries with the same index are compared over the fields that either of them sets; a field that only one sets
differs. Weapons are compared one by one, bonuses as sets, real numbers to five digits (the API's are 32 bit).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from s2clientprotocol import sc2api_pb2

from cherrypy_bot.sim.rules import DEFAULT_RULESET, Ruleset, load_ruleset
from cherrypy_bot.sim.truth import source

KINDS = ("units", "abilities", "upgrades", "buffs", "effects")
DIGITS = 1e-5
CHEAT_FACTOR = 10.0
"""A capture that was taken with the debug "god" cheat reports weapon damage so many times too high."""

UNIT_FACTS: dict[str, str] = {
    "hp": "hp",
    "shields": "shields",
    "energy_max": "energy_max",
    "energy_start": "energy_start",
    "radius": "radius",
    "detection_range": "detection",
    "is_flying": "is_flying",
    "cargo_capacity": "cargo_capacity",
}
"""Column of facts/units.csv -> attribute of `UnitRule`."""
SOURCE, OLD_SOURCE = "stats_source", "techtree"
OLD_SOURCE_NOTE = "not seen alive in a capture; taken from python-sc2's tech tree of patch 5.0.11"


@dataclass(frozen=True)
class Difference:
    """One field that is not as in the game; None = the side leaves it out."""

    kind: str
    id: int
    name: str
    field: str
    game: Any
    ours: Any
    note: str = ""


@dataclass
class Tally:
    """Fields of one kind of entries: how many were compared, how many are equal."""

    kind: str
    entries: int = 0
    fields: int = 0
    equal: int = 0

    @property
    def share(self) -> float:
        """Equal fields over compared ones; 1.0 where there is nothing to compare."""
        return self.equal / self.fields if self.fields else 1.0


@dataclass
class Conformance:
    """What came of a comparison.

    Attributes:
        tallies: one per kind, melee entries only. beyond: the same for entries that no melee game shows (campaign,
            co-op). differences: of melee entries; beyond_differences: of the others.
        notes: what the user should know of the capture.
    """

    ruleset: str
    tallies: list[Tally] = field(default_factory=list)
    beyond: list[Tally] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    beyond_differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Equal fields over compared ones, all melee kinds together."""
        return sum(t.equal for t in self.tallies) / max(sum(t.fields for t in self.tallies), 1)


def conform(path: Path, ruleset: str = DEFAULT_RULESET) -> Conformance:
    """Compare a ruleset with a folder of captures, or with one ResponseData file.

    Raises:
        TruthError: nothing to compare with.
        RulesError: no such ruleset.
    """
    rules = load_ruleset(ruleset)
    real = source.read_response_data(path)
    facts_of_units = source.facts(path, "units.csv") if path.is_dir() else None
    rows = source.read_table(facts_of_units, "id", "name", SOURCE, *UNIT_FACTS) if facts_of_units else []
    report = Conformance(ruleset)
    compare_response_data(report, rules, real, {int(row["id"]) for row in rows})
    if rows:
        _compare_unit_facts(report, rules, rows)
    facts_of_upgrades = source.facts(path, "upgrades.csv") if path.is_dir() else None
    if facts_of_upgrades:
        _compare_upgrade_facts(report, rules, source.read_table(facts_of_upgrades, "id", "name", "researched_at"))
    cheated = [
        d
        for d in report.differences
        if d.field.endswith(".damage") and d.game and d.ours and math.isclose(d.game, CHEAT_FACTOR * d.ours)
    ]
    if cheated:
        report.notes.append(
            f"{len(cheated)} weapons have exactly {CHEAT_FACTOR:g} times our damage: the capture was taken with the "
            'debug "god" cheat on; divide its weapon damage and bonus by ten'
        )
    return report


def compare_response_data(
    report: Conformance, rules: Ruleset, real: sc2api_pb2.ResponseData, melee_units: set[int]
) -> None:
    """Add the kinds of ResponseData to a report.

    An entry counts as melee when our tables or `melee_units` know it as such; buffs and effects all do.
    """
    ours = rules.response_data()
    melee: dict[str, set[int]] = {
        "units": set(rules.units) | melee_units,
        "abilities": set(rules.abilities),
        "upgrades": set(rules.upgrades),
    }
    for kind in KINDS:
        inside, outside = Tally(kind), Tally(kind)
        theirs_all, mine_all = getattr(real, kind), getattr(ours, kind)
        for index in range(max(len(theirs_all), len(mine_all))):
            theirs = theirs_all[index] if index < len(theirs_all) else None
            mine = mine_all[index] if index < len(mine_all) else None
            is_melee = kind not in melee or index in melee[kind]
            tally, found = (inside, report.differences) if is_melee else (outside, report.beyond_differences)
            tally.entries += 1
            _compare(tally, found, index, _flat(theirs), _flat(mine))
        report.tallies.append(inside)
        if outside.entries:
            report.beyond.append(outside)


def _compare(tally: Tally, found: list[Difference], index: int, game: dict[str, Any], ours: dict[str, Any]) -> None:
    for name in sorted(game.keys() | ours.keys()):
        a, b = game.get(name), ours.get(name)
        tally.fields += 1
        if name in game and name in ours and same(a, b):
            tally.equal += 1
        else:
            found.append(Difference(tally.kind, index, str(_name(game) or _name(ours)), name, a, b))


def _name(fields: dict[str, Any]) -> Any:
    return fields.get("name") or fields.get("friendly_name") or fields.get("link_name") or ""


def _flat(message: Any) -> dict[str, Any]:
    """Fields that a message sets, by name; weapons numbered, what is repeated as lists, bonuses sorted."""
    out: dict[str, Any] = {}
    if message is None:
        return out
    for descriptor, value in message.ListFields():
        name = descriptor.name
        if name == "weapons":
            for i, weapon in enumerate(value):
                out.update({f"weapons[{i}].{part}": x for part, x in _flat(weapon).items()})
        elif name == "damage_bonus":
            out[name] = sorted((int(b.attribute), round(float(b.bonus), 3)) for b in value)
        else:
            out[name] = value if isinstance(value, int | float | str | bool) else list(value)
    return out


def same(a: Any, b: Any) -> bool:
    """Whether two values of a field are equal; real numbers to five digits."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=DIGITS, abs_tol=DIGITS)
    return bool(a == b)


def _compare_unit_facts(report: Conformance, rules: Ruleset, rows: list[dict[str, str]]) -> None:
    """Units as they were observed alive; an empty cell says nothing and is not compared."""
    for column, attribute in UNIT_FACTS.items():
        tally = Tally(f"unit {column}")
        for row in rows:
            if row[column] == "":
                continue
            index = int(row["id"])
            unit = rules.units.get(index)
            value = float(row[column])
            mine = None if unit is None else float(getattr(unit, attribute))
            tally.entries += 1
            tally.fields += 1
            if mine is not None and math.isclose(value, mine, rel_tol=1e-3, abs_tol=1e-3):
                tally.equal += 1
            else:
                note = OLD_SOURCE_NOTE if row[SOURCE] == OLD_SOURCE else ""
                report.differences.append(Difference(tally.kind, index, row["name"], column, value, mine, note))
        report.tallies.append(tally)


def _compare_upgrade_facts(report: Conformance, rules: Ruleset, rows: list[dict[str, str]]) -> None:
    tally = Tally("upgrade researched_at")
    for row in rows:
        upgrade = rules.upgrades.get(int(row["id"]))
        if upgrade is None or not row["researched_at"] or not upgrade.obtainable:
            continue
        places = {rules.units[u].name for u in upgrade.researched_at}
        tally.entries += 1
        tally.fields += 1
        if set(row["researched_at"].split("|")) <= places:
            tally.equal += 1
        else:
            report.differences.append(
                Difference(
                    tally.kind,
                    upgrade.id,
                    upgrade.name,
                    "researched_at",
                    row["researched_at"],
                    "|".join(sorted(places)),
                )
            )
    report.tallies.append(tally)
