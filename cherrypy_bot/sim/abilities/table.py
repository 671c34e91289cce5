"""The command table: what every ability id means for every type of unit.

The rules list what a unit's command card shows. The game also gives commands that follow from others (a worker that
gathers can return cargo, whoever trains can cancel); they are added here as rows of the same table, so that one
look-up serves all. General ids (ATTACK, STOP, CANCEL, ...) lead to the rows whose ability remaps to them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace

from cherrypy_bot.sim.rules import CommandRule, Ruleset, UnitRule

SMART = 1
MOVE = 16
PATROL = 17
ATTACK = 23
HALT_BUILDING = 315
HALT_TERRAN_BUILD = 348
CANCEL_IN_PROGRESS = 314
CANCEL_EGG = 304
GENERAL_CANCEL = 3659
GENERAL_RALLY_WORKERS = 3690

_QUEUE_CANCEL = 306
_QUEUE_CANCELS = {
    "CommandCenter": 308,
    "OrbitalCommand": 308,
    "Hatchery": 308,
    "Lair": 308,
    "Hive": 308,
    "Spire": 308,
    "GreaterSpire": 308,
    "PlanetaryFortress": 1833,
    "Nexus": 1831,
    "BarracksTechLab": 312,
    "FactoryTechLab": 312,
    "StarportTechLab": 312,
    "TechLab": 312,
}
"""Ability that cancels the last item of a structure's queue where it is not CANCEL_QUEUE5."""

_PREFERENCE = {"attack": 0, "scan_move": 9}
"""Of several rows that a general id leads to, which to try first (others: 1, then by ability id)."""

_QUEUED_BY = frozenset({"train", "research", "arm"})


class CommandTable:
    """All commands of one ruleset.

    `rows`: caster type id -> ability id -> rule. `makers`: product type id -> the rule that makes it from another
    unit (what it costs and how long it takes).
    """

    def __init__(self, rules: Ruleset) -> None:
        self._rules = rules
        self.rows: dict[int, dict[int, CommandRule]] = {}
        self.makers: dict[int, CommandRule] = {}
        for listed in rules.commands.values():
            for rule in listed:
                if rule.via and rule.via == rule.caster:
                    continue  # the cocoon's own slot of a morph that is under way
                self.rows.setdefault(rule.caster, {}).setdefault(rule.ability_id, rule)
                if rule.product and rule.on_card and rule.how != "warp_in":
                    self.makers.setdefault(rule.product, rule)
        for implied in list(self._implied()):
            self.rows.setdefault(implied.caster, {}).setdefault(implied.ability_id, implied)

    def find(self, ability: int, caster: int) -> list[CommandRule]:
        """Rows that an ability id (exact or general) means for a type of caster, best first; [] when none."""
        rows = self.rows.get(caster)
        if rows is None:
            return []
        if ability in rows:
            return [rows[ability]]
        exact = self._rules.general_to_exact.get(ability)
        if exact is None:
            return []
        found = [rows[a] for a in exact if a in rows]
        return sorted(found, key=lambda r: (not r.on_card, _PREFERENCE.get(r.how, 1), r.ability_id))

    def first(self, caster: int, how: str) -> CommandRule | None:
        """The first command of a kind that a type has (its gather, its attack), None when it has none."""
        return next((r for r in self.rows.get(caster, {}).values() if r.how == how), None)

    def is_known(self, ability: int) -> bool:
        """Whether any unit could ever use the id."""
        return ability in self._rules.abilities or ability in self._rules.general_to_exact

    # -- rows that follow from others ------------------------------------------------------------------
    def _implied(self) -> Iterator[CommandRule]:
        for type_id, unit in self._rules.units.items():
            rows = self.rows.get(type_id, {})
            hows = {r.how for r in rows.values()}
            if "move" in hows:
                yield self._row(type_id, PATROL, "patrol")
            if "gather" in hows:
                gather = next(r for r in rows.values() if r.how == "gather")
                yield self._row(type_id, gather.ability_id + 1, "return")
            if hows & _QUEUED_BY:
                yield self._row(type_id, _QUEUE_CANCELS.get(unit.name, _QUEUE_CANCEL), "cancel_last")
            if unit.is_larva_or_egg and unit.name != "Larva":
                yield self._row(type_id, CANCEL_EGG, "cancel_last")
            yield from self._construction_rows(unit, rows)
            for rule in rows.values():
                yield from self._morph_cancel(rule, unit)
                if rule.how == "addon":
                    cancel = self._sibling(rule.ability_id, 30)
                    if cancel:
                        yield self._row(type_id, cancel, "cancel_addon")

    def _construction_rows(self, unit: UnitRule, rows: dict[int, CommandRule]) -> Iterator[CommandRule]:
        made = self.makers.get(unit.id)
        if made is not None and made.how in ("build", "addon"):
            yield self._row(unit.id, CANCEL_IN_PROGRESS, "cancel_building")
            if made.how == "build" and unit.race == "Terran":
                yield self._row(unit.id, HALT_BUILDING, "halt")
        if unit.race == "Terran" and any(r.how == "build" for r in rows.values()):
            yield self._row(unit.id, HALT_TERRAN_BUILD, "halt")

    def _morph_cancel(self, rule: CommandRule, unit: UnitRule) -> Iterator[CommandRule]:
        if rule.how != "morph" or not (rule.via or unit.is_structure):
            return
        cancel = self._sibling(rule.ability_id, 1)
        if cancel and rule.time_loops > 0:
            yield self._row(rule.via or unit.id, cancel, "cancel_morph")

    def _sibling(self, ability: int, index: int) -> int:
        """The cancelling ability with the same link and the given index, 0 when there is none."""
        link = self._rules.abilities[ability].link_name
        return _siblings(self._rules).get((link, index), 0)

    def _row(self, caster: int, ability: int, how: str) -> CommandRule:
        return replace(_blank(), ability_id=ability, caster=caster, how=how)


@functools.cache
def _siblings(rules: Ruleset) -> dict[tuple[str, int], int]:
    return {(a.link_name, a.link_index or 0): a.id for a in rules.abilities.values() if a.remaps_to == GENERAL_CANCEL}


@functools.cache
def _blank() -> CommandRule:
    return CommandRule(
        ability_id=0,
        caster=0,
        how="",
        product=0,
        count=1,
        via=0,
        upgrade=0,
        minerals=0,
        gas=0,
        supply=0.0,
        time_loops=0.0,
        stats_change_loops=0.0,
        requirement=None,
        energy=0.0,
        cooldown_loops=0.0,
        range=0.0,
        on_card=True,
    )


@functools.cache
def command_table(rules: Ruleset) -> CommandTable:
    """The table of a ruleset, built once."""
    return CommandTable(rules)
