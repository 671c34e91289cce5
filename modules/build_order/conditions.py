"""Conditions of build files: when a step, a phase or a reaction holds.

A condition is a text of terms joined by `and` or by `or` (not both); a list of texts holds when all of them do:

    spawning pool          one of ours is finished (an upgrade: researched); "marine x8": eight of them
    no lair                none of ours is finished or coming
    seen bunker x2         so many of an enemy type are known to live
    from 4:30              from then on; "before 4:30": until then
    supply 40, workers 30, bases 2, minerals 400, vespene 100       at least so much of ours
    army 14                our fighters take so much supply at least
    alarm                  an early attack is expected; "danger": our bases are attacked by more than we can stop
    failed attack          an attack was given up
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sc2.data import Race

from modules.build_order.names import names, plain
from modules.items import Item, counts_as

LOOPS_PER_SECOND: Final = 22.4
_NUMBERS: Final = ("supply", "workers", "bases", "minerals", "vespene", "army")
_FLAGS: Final = {"alarm": "alarm", "danger": "danger", "failed attack": "failed_attack"}
_COUNTED: Final = re.compile(r"^(.+?)(?:\s+x\s*(\d+))?$")
_CLOCK: Final = re.compile(r"^(\d+):([0-5]\d)$")


class ConditionError(ValueError):
    """A text that is no condition; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions are about.

    Attributes:
        loop: game loop. supply, workers, bases, minerals, vespene: ours now (bases: finished ones).
        finished: ours by type, better forms counted as the simpler ones too. coming: not finished yet.
        seen: enemy units known to live, by type.
        army: supply of our fighters.
        alarm, danger, failed_attack: see the module's docstring.
    """

    loop: int = 0
    supply: float = 12
    workers: int = 12
    bases: int = 1
    minerals: float = 50
    vespene: float = 0
    finished: Mapping[Item, int] = field(default_factory=dict)
    coming: Mapping[Item, int] = field(default_factory=dict)
    seen: Mapping[Item, int] = field(default_factory=dict)
    alarm: bool = False
    danger: bool = False
    failed_attack: bool = False
    army: float = 0


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: `kind` says of what, `item` and `number` with what."""

    kind: str
    item: Item | None = None
    number: float = 0

    def holds(self, facts: Facts) -> bool:
        """Whether it is true now."""
        return _HOLDS[self.kind](self, facts)


def _seen(term: Term, facts: Facts) -> bool:
    number = sum(count for kind, count in facts.seen.items() if kind is term.item or term.item in counts_as(kind))  # type: ignore[arg-type]
    return number >= term.number


_HOLDS: Final[Mapping[str, Callable[[Term, Facts], bool]]] = {
    "have": lambda t, f: f.finished.get(t.item, 0) >= t.number,  # type: ignore[arg-type]
    "no": lambda t, f: not f.finished.get(t.item, 0) and not f.coming.get(t.item, 0),  # type: ignore[arg-type]
    "seen": _seen,
    "from": lambda t, f: f.loop >= t.number,
    "before": lambda t, f: f.loop < t.number,
    "supply": lambda t, f: f.supply >= t.number,
    "workers": lambda t, f: f.workers >= t.number,
    "bases": lambda t, f: f.bases >= t.number,
    "minerals": lambda t, f: f.minerals >= t.number,
    "vespene": lambda t, f: f.vespene >= t.number,
    "army": lambda t, f: f.army >= t.number,
    "alarm": lambda t, f: f.alarm,
    "danger": lambda t, f: f.danger,
    "failed_attack": lambda t, f: f.failed_attack,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """All of these groups must hold; of a group, any term."""

    groups: tuple[tuple[Term, ...], ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Whether it is true now; an empty condition always is."""
        return all(any(term.holds(facts) for term in group) for group in self.groups)

    def both(self, other: Condition) -> Condition:
        """A condition that holds when both do."""
        return Condition(self.groups + other.groups)


ALWAYS: Final = Condition()


def parse_condition(texts: str | Sequence[str], race: Race) -> Condition:
    """Read one condition of a build file. Raises ConditionError."""
    groups: list[tuple[Term, ...]] = []
    for text in [texts] if isinstance(texts, str) else texts:
        alternatives = re.split(r"\s+or\s+", text.strip())
        if len(alternatives) > 1 and any(re.search(r"\s+and\s+", part) for part in alternatives):
            raise ConditionError(f"'{text}' mixes 'and' with 'or'; write a list, every entry of which must hold")
        if len(alternatives) > 1:
            groups.append(tuple(_term(part, race) for part in alternatives))
        else:
            groups.extend((_term(part, race),) for part in re.split(r"\s+and\s+", text.strip()))
    return Condition(tuple(groups))


def clock_loops(text: str) -> int:
    """Game loops of a clock time as `4:30`. Raises ConditionError."""
    match = _CLOCK.match(text.strip())
    if match is None:
        raise ConditionError(f"'{text}' is no time; write MINUTES:SECONDS as in 4:30")
    return round((int(match.group(1)) * 60 + int(match.group(2))) * LOOPS_PER_SECOND)


def _term(text: str, race: Race) -> Term:
    text = " ".join(text.lower().split())
    if text in _FLAGS:
        return Term(_FLAGS[text])
    word, _, rest = text.partition(" ")
    if word in ("from", "before"):
        return Term(word, number=clock_loops(rest))
    if word in _NUMBERS:
        if not rest.isdigit():
            raise ConditionError(f"'{text}' needs a whole number after '{word}'")
        return Term(word, number=int(rest))
    if word in ("seen", "no"):
        return _counted(word, rest, race)
    return _counted("have", text, race)


def _counted(kind: str, text: str, race: Race) -> Term:
    match = _COUNTED.match(text)
    known = names(race)
    name = plain(match.group(1)) if match else ""
    if match is None or name not in known:
        from cherrypy_bot.core.located_yaml import did_you_mean

        raise ConditionError(f"there is no unit, structure or upgrade called '{text}'{did_you_mean(name, known)}")
    return Term(kind, known[name], int(match.group(2) or 1))
