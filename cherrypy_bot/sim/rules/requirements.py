"""Tech requirements: the small language of the `requirement` column and its evaluation.

    Hatchery|Lair|Hive            one finished structure of these types
    @BarracksTechLab              attached to the caster
    upgrade:Burrow                researched
    A and B, A or B, not A, (A)

A parsed requirement is None (always satisfied) or nested tuples:
("have", ids), ("attached", ids), ("upgrade", id), ("and", a, b, ...), ("or", a, b, ...), ("not", a).
"""

import re
from collections.abc import Callable
from typing import Any

Requirement = tuple[Any, ...] | None

_TOKEN = re.compile(r"\s*(\(|\)|@?[A-Za-z_][\w|]*(?::\w+)?)")


class RequirementError(ValueError):
    """The text is not a requirement; the message says where."""


def parse(text: str, unit_id: Callable[[str], int], upgrade_id: Callable[[str], int]) -> Requirement:
    """Parse one cell; the two callables turn names into ids and raise KeyError for unknown ones.

    Raises:
        RequirementError: bad syntax or an unknown name.
    """
    tokens: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise RequirementError(f"'{text[at:]}' is not understood")
        tokens.append(match.group(1))
        at = match.end()
    if not tokens:
        return None
    tree, rest = _or(tokens, unit_id, upgrade_id)
    if rest:
        raise RequirementError(f"'{' '.join(rest)}' is left over; join parts with 'and' or 'or'")
    return tree


_Parsed = tuple[tuple[Any, ...], list[str]]
_Ids = Callable[[str], int]


def _or(tokens: list[str], unit_id: _Ids, upgrade_id: _Ids) -> _Parsed:
    tree, tokens = _and(tokens, unit_id, upgrade_id)
    parts = [tree]
    while tokens and tokens[0] == "or":
        tree, tokens = _and(tokens[1:], unit_id, upgrade_id)
        parts.append(tree)
    return (("or", *parts) if len(parts) > 1 else parts[0]), tokens


def _and(tokens: list[str], unit_id: _Ids, upgrade_id: _Ids) -> _Parsed:
    tree, tokens = _atom(tokens, unit_id, upgrade_id)
    parts = [tree]
    while tokens and tokens[0] == "and":
        tree, tokens = _atom(tokens[1:], unit_id, upgrade_id)
        parts.append(tree)
    return (("and", *parts) if len(parts) > 1 else parts[0]), tokens


def _atom(tokens: list[str], unit_id: _Ids, upgrade_id: _Ids) -> _Parsed:
    if not tokens or tokens[0] in ("and", "or", ")"):
        raise RequirementError("a name is missing")
    head, tokens = tokens[0], tokens[1:]
    if head == "not":
        tree, tokens = _atom(tokens, unit_id, upgrade_id)
        return ("not", tree), tokens
    if head == "(":
        tree, tokens = _or(tokens, unit_id, upgrade_id)
        if not tokens or tokens[0] != ")":
            raise RequirementError("a ')' is missing")
        return tree, tokens[1:]
    try:
        if head.startswith("upgrade:"):
            return ("upgrade", upgrade_id(head[len("upgrade:") :])), tokens
        kind = "attached" if head.startswith("@") else "have"
        return (kind, tuple(unit_id(name) for name in head.lstrip("@").split("|"))), tokens
    except KeyError as problem:
        raise RequirementError(f"{problem} is not a known name") from None


def satisfied(
    requirement: Requirement, have: Callable[[int], int], attached: int, upgrade: Callable[[int], bool]
) -> bool:
    """Whether a requirement holds for one caster.

    Args:
        requirement: as `parse` gives it; None holds always.
        have: number of finished units of a type id that the player owns.
        attached: type id attached to the caster (its add-on, or an add-on's building), 0 for none.
        upgrade: whether an upgrade id is researched.
    """
    if requirement is None:
        return True
    kind = requirement[0]
    if kind == "have":
        return any(have(unit) > 0 for unit in requirement[1])
    if kind == "attached":
        return attached in requirement[1]
    if kind == "upgrade":
        return upgrade(requirement[1])
    if kind == "and":
        return all(satisfied(part, have, attached, upgrade) for part in requirement[1:])
    if kind == "or":
        return any(satisfied(part, have, attached, upgrade) for part in requirement[1:])
    return not satisfied(requirement[1], have, attached, upgrade)
