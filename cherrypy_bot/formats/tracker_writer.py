"""Writes `replay.tracker.events`: the inverse of `cherrypy_bot.formats.tracker`, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cherrypy_bot.formats.tracker import BORN, DIED, POSITIONS, SETUP, STATS, STATS_EVENT, TrackerEvent
from cherrypy_bot.formats.versioned import (
    encode_array,
    encode_blob,
    encode_choice,
    encode_number,
    encode_optional,
    encode_struct,
)

# How many fields an event of each kind has, and which of them may be absent.
_FIELD_COUNTS: Final = (2, 10, 7, 4, 3, 3, 7, 2, 2, 4)
_OPTIONAL: Final = {BORN: (7, 8, 9), DIED: (2, 5, 6), SETUP: (2, 3)}
# Loops since the last event are a choice between widths of 6, 14, 22 and 32 bits.
_WIDTHS: Final = (1 << 6, 1 << 14, 1 << 22)


def encode_tracker(events: Iterable[TrackerEvent]) -> bytes:
    """The stream that decodes to these events, as the game of 3.15 and later would write it.

    Args:
        events: in the order of their loops.
    """
    found: list[bytes] = []
    loop = 0
    for event in events:
        delta = event.loop - loop
        loop = event.loop
        width = sum(delta >= limit for limit in _WIDTHS)
        found.append(encode_choice(width, encode_number(delta)) + encode_number(event.kind) + _fields(event))
    return b"".join(found)


def _fields(event: TrackerEvent) -> bytes:
    optional = _OPTIONAL.get(event.kind, ())
    encoded: dict[int, bytes] = {}
    for number in range(_FIELD_COUNTS[event.kind]):
        value = event.fields[number]
        if number in optional:
            encoded[number] = encode_optional(None if value is None else _value(value))
        elif event.kind == STATS_EVENT and number == 1:
            encoded[number] = encode_struct({key: encode_number(value[key]) for key in range(len(STATS))})
        elif event.kind == POSITIONS and number == 1:
            encoded[number] = encode_array([encode_number(item) for item in value])
        else:
            encoded[number] = _value(value)
    return encode_struct(encoded)


def _value(value: Any) -> bytes:
    return encode_blob(value.encode()) if isinstance(value, str) else encode_number(value)
