"""Typed keys of the blackboard: each is declared once, with type, default, owner and what it means.

Example (at module level, next to the module that owns it):
    >>> OPENING: Key[str] = Key("opening", str, "", owner="strategy", doc="Build order at loop 0")
    >>> board.put(OPENING, "12pool")
    >>> board.get(OPENING)
    '12pool'
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cherrypy_bot.core.errors import BlackboardError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key(Generic[T]):
    """One declared entry of the blackboard; constructing it registers it in `KEYS`.

    Attributes:
        name: unique in the process.
        type: what values must be: a class, a union (`int | None`) or a generic (`dict[str, int]`, whose
            elements are not looked at).
        default: value before the first `put`; copied for every blackboard.
        owner: name of the module that may write it; "" lets every module.
        doc: one line on what it means and in which unit.

    Raises BlackboardError when the name is declared differently elsewhere or the default has the wrong type.
    """

    name: str
    type: Any
    default: T
    owner: str = ""
    doc: str = ""

    def __post_init__(self) -> None:
        if not fits(self.default, self.type):
            raise BlackboardError(
                f"key '{self.name}': its default {self.default!r} is no {type_name(self.type)};"
                " change the type or the default"
            )
        KEYS.register(self)

    def __hash__(self) -> int:
        return hash(self.name)


class KeyRegistry:
    """All declared keys by name."""

    def __init__(self) -> None:
        self._keys: dict[str, Key[Any]] = {}

    def register(self, key: Key[Any]) -> None:
        """Add a key; declaring the same thing twice (a module imported again) is fine."""
        known = self._keys.get(key.name)
        if known is not None and (known.type, known.owner) != (key.type, key.owner):
            raise BlackboardError(
                f"key '{key.name}' is declared twice: as {type_name(known.type)} of '{known.owner}' and as "
                f"{type_name(key.type)} of '{key.owner}'; import the first one or choose another name"
            )
        self._keys.setdefault(key.name, key)

    def find(self, name: str) -> Key[Any]:
        """The key called `name`; BlackboardError when nobody declared it."""
        if name not in self._keys:
            raise BlackboardError(f"no blackboard key is called '{name}'; declare it with Key(...) next to its owner")
        return self._keys[name]

    def all(self) -> list[Key[Any]]:
        """Every declared key, in the order of declaration."""
        return list(self._keys.values())


KEYS = KeyRegistry()
"""The keys of this process."""


def fits(value: object, kind: Any) -> bool:
    """Whether `value` is a `kind`: an int is a float, a bool is no int, elements of generics do not count."""
    if kind is Any or kind is object:
        return True
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return any(fits(value, part) for part in typing.get_args(kind))
    if kind is None or kind is types.NoneType:
        return value is None
    kind = typing.get_origin(kind) or kind
    if isinstance(value, bool):
        return kind is bool
    if kind is float:
        return isinstance(value, float | int)
    return isinstance(value, kind)


def type_name(kind: Any) -> str:
    """How a type is called in an error sentence."""
    return kind.__name__ if isinstance(kind, type) and not typing.get_args(kind) else str(kind)
