"""How things are made: for each unit type and upgrade the command that makes it and the tech it asks for."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from cherrypy_bot.sim.rules import CommandRule, Requirement, Ruleset

_HOW = ("train", "larva_train", "build", "addon", "morph")


class Plans:
    """Commands by what they make. `units`: type id -> command; `upgrades`: upgrade id -> commands."""

    def __init__(self, rules: Ruleset) -> None:
        self.units: dict[int, CommandRule] = {}
        self.upgrades: dict[int, list[CommandRule]] = {}
        self.build_abilities: dict[int, int] = {}
        ranked: dict[int, int] = {}
        for listed in rules.commands.values():
            for rule in listed:
                if not rule.on_card:
                    continue
                if rule.how == "research":
                    self.upgrades.setdefault(rule.upgrade, []).append(rule)
                if not rule.product or rule.how not in _HOW or rules.units[rule.caster].is_burrowed:
                    continue
                rank = _HOW.index(rule.how)
                if rank < ranked.get(rule.product, len(_HOW)):
                    ranked[rule.product] = rank
                    self.units[rule.product] = rule
                if rule.how == "build":
                    self.build_abilities[rule.ability_id] = rule.product

    def maker(self, type_id: int) -> CommandRule:
        """The command that makes a unit type."""
        return self.units[type_id]


@functools.cache
def plans_of(rules: Ruleset) -> Plans:
    """The plans of a ruleset, made once."""
    return Plans(rules)


def asked_for(requirement: Requirement) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The parts of a requirement that a player can build: ("have" or "attached", type ids, cheapest
    first)."""
    if requirement is None:
        return
    if requirement[0] in ("have", "attached"):
        yield requirement[0], requirement[1]
    elif requirement[0] == "and":
        for part in requirement[1:]:
            yield from asked_for(part)
    elif requirement[0] == "or":
        yield from asked_for(requirement[1])
