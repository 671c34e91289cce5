"""The command table: what every ability id means for every type of unit.

The rules list it ability by ability; here it is turned round to be asked by caster, and the many cancelling
abilities are told apart by what they cancel. General ids (ATTACK, STOP, CANCEL, ...) lead to the rows whose ability
remaps to them.
"""

from __future__ import annotations

import functools
from dataclasses import replace

from cherrypy_bot.sim.rules import CommandRule, Ruleset

SMART = 1
MOVE = 16
CANCEL_IN_PROGRESS = 314
GENERAL_CANCEL_LAST = 3671
GENERAL_RALLY_WORKERS = 3690

_PREFERENCE = {"attack": 0, "scan_move": 9}
"""Of several rows that a general id leads to, which to try first (others: 1, then by ability id)."""


class CommandTable:
    """All commands of one ruleset.

    `rows`: caster type id -> ability id -> rule. `makers`: product type id -> the rule that makes it from another
    unit (what it costs and how long it takes); of several the dearest, so not the way back from a burrowed form.
    """

    def __init__(self, rules: Ruleset) -> None:
        self._rules = rules
        self.rows: dict[int, dict[int, CommandRule]] = {}
        self.makers: dict[int, CommandRule] = {}
        self._links: dict[str, set[str]] = {"addon": set(), "morph": set()}
        for rule in (r for listed in rules.commands.values() for r in listed):
            if rule.how in self._links:
                self._links[rule.how].add(rules.abilities[rule.ability_id].link_name)
        for listed in rules.commands.values():
            for rule in map(self._refined, listed):
                if rule.via and rule.via == rule.caster:
                    continue  # the cocoon's own slot of a morph that is under way
                if rule.how == "effect" and rule.ability_id in rules.general_to_exact:
                    continue  # the exact ids do it
                self.rows.setdefault(rule.caster, {}).setdefault(rule.ability_id, rule)
                if rule.product and rule.on_card and rule.how != "warp_in":
                    old = self.makers.get(rule.product)
                    if old is None or _price(rule) > _price(old):
                        self.makers[rule.product] = rule

        for product, maker in list(self.makers.items()):
            if rules.units[product].is_gas_building:
                self.makers.setdefault(rich_twin(rules, product), maker)

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

    def _refined(self, rule: CommandRule) -> CommandRule:
        """The row with its kind of cancelling spelled out: queue, construction, add-on or morph."""
        if rule.how != "cancel":
            return rule
        ability = self._rules.abilities[rule.ability_id]
        if ability.remaps_to == GENERAL_CANCEL_LAST:
            return replace(rule, how="cancel_last")
        if rule.ability_id == CANCEL_IN_PROGRESS:
            return replace(rule, how="cancel_building")
        if ability.link_name in self._links["addon"]:
            return replace(rule, how="cancel_addon")
        if ability.link_name in self._links["morph"]:
            return replace(rule, how="cancel_morph")
        return rule


def rich_twin(rules: Ruleset, gas_building: int) -> int:
    """The type that a gas building has on a rich geyser."""
    name = rules.units[gas_building].name
    return rules.unit(name if name.endswith("Rich") else f"{name}Rich").id


def _price(rule: CommandRule) -> int:
    return rule.minerals + rule.gas


@functools.cache
def command_table(rules: Ruleset) -> CommandTable:
    """The table of a ruleset, built once."""
    return CommandTable(rules)
