"""Any value of the blackboard or a note as plain JSON data, and names of ids."""

from __future__ import annotations

import dataclasses
import enum
import json
from typing import Any, Final

from sc2.ids.ability_id import AbilityId

MOST_TEXT: Final = 2000
"""A value whose JSON is longer is shown by its beginning."""
_MOST_ITEMS: Final = 64
_DEEPEST: Final = 5


def plain(value: Any, depth: int = 0) -> Any:
    """JSON form of enums, numpy scalars and arrays, sets, dataclasses; the text of anything else."""
    if isinstance(value, enum.Enum):
        return value.name
    if value is None or isinstance(value, str | int | float | bool):
        # NaN and the infinities are no JSON.
        return str(value) if isinstance(value, float) and not abs(value) < float("inf") else value
    if depth >= _DEEPEST:
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), depth + 1) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        items = list(value.items())[:_MOST_ITEMS]
        return {_name(key): plain(item, depth + 1) for key, item in items}
    if isinstance(value, set | frozenset):
        return [plain(item, depth + 1) for item in sorted(value, key=str)[:_MOST_ITEMS]]
    if isinstance(value, tuple | list):
        return [plain(item, depth + 1) for item in value[:_MOST_ITEMS]]
    if hasattr(value, "tolist"):
        return plain(value.tolist(), depth)
    return str(value)


def board_value(value: Any) -> tuple[Any, str]:
    """A blackboard value as plain data and its JSON text, cut where it is long."""
    found = plain(value)
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    return (found, text) if len(text) <= MOST_TEXT else (text[:MOST_TEXT] + "...", text)


def ability_name(number: int) -> str:
    """Name of an ability, its number where it has none."""
    try:
        return AbilityId(number).name
    except ValueError:
        return str(number)


def _name(key: Any) -> str:
    named = plain(key)
    return named if isinstance(named, str) else json.dumps(named)
