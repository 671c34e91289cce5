"""Decodes `replay.tracker.events`: what the game itself recorded of units, upgrades and economy.

The stream is a row of (loops since the last event, number of the event, struct) in the versioned encoding.
`cherrypy_bot.formats.versioned.decode` reads it correctly and slowly; this file reads the same bytes in one flat loop,
four times as fast, because reading is most of the time that a replay takes.

Events and their fields, by number (they have not changed their meaning since 2.0.4; later builds added some):

| event | fields |
| --- | --- |
| 0 stats | 0 player, 1 struct of the 39 values in `STATS` |
| 1 born, 6 init | 0 tag index, 1 tag recycle, 2 type name, 3 control player, 4 upkeep player, 5 x, 6 y; born since 4.0: 7 and 8 creator's tag, 9 creator's ability |
| 2 died | 0, 1 tag, 2 killer player or None, 3 x, 4 y, 5 and 6 killer's tag or None |
| 3 owner change | 0, 1 tag, 2 control player, 3 upkeep player |
| 4 type change | 0, 1 tag, 2 type name |
| 5 upgrade | 0 player, 1 name, 2 count |
| 7 done | 0, 1 tag |
| 8 positions | 0 first unit index, 1 list of (index delta, x / 4, y / 4) flattened |
| 9 player setup | 0 player, 1 type, 2 user or None, 3 slot or None |
"""  # noqa: E501

from __future__ import annotations

from typing import Any, Final, NamedTuple

from cherrypy_bot.formats.errors import FormatError
from cherrypy_bot.formats.versioned import OPTIONAL, STRUCT, VINT, decode, read_vint

STATS_EVENT, BORN, DIED, OWNER_CHANGE, TYPE_CHANGE, UPGRADE, INIT, DONE, POSITIONS, SETUP = range(10)

STATS: Final = (
    "minerals",
    "vespene",
    "minerals_rate",
    "vespene_rate",
    "workers",
    "minerals_in_progress_army",
    "minerals_in_progress_economy",
    "minerals_in_progress_technology",
    "vespene_in_progress_army",
    "vespene_in_progress_economy",
    "vespene_in_progress_technology",
    "minerals_army",
    "minerals_economy",
    "minerals_technology",
    "vespene_army",
    "vespene_economy",
    "vespene_technology",
    "minerals_lost_army",
    "minerals_lost_economy",
    "minerals_lost_technology",
    "vespene_lost_army",
    "vespene_lost_economy",
    "vespene_lost_technology",
    "minerals_killed_army",
    "minerals_killed_economy",
    "minerals_killed_technology",
    "vespene_killed_army",
    "vespene_killed_economy",
    "vespene_killed_technology",
    "supply_used_4096",
    "supply_made_4096",
    "minerals_active_forces",
    "vespene_active_forces",
    "minerals_friendly_fire_army",
    "minerals_friendly_fire_economy",
    "minerals_friendly_fire_technology",
    "vespene_friendly_fire_army",
    "vespene_friendly_fire_economy",
    "vespene_friendly_fire_technology",
)
"""The 39 values of a stats event, in the order of their numbers; supply is in 1/4096."""

MAX_LOOPS: Final = 2_000_000
"""A day of play; no game is as long, a damaged file may say it is."""

_FIELDS = 10
MAX_CELL: Final = 1024
"""No map is as wide; the largest has 256 cells."""
MAX_EVENTS: Final = 500_000
"""An 18 minute game has 6,000; events take memory, so a file made to have more is refused."""
_TEXT_FIELDS: Final = {BORN: (2, 9), INIT: (2,), TYPE_CHANGE: (2,), UPGRADE: (1,)}
_PLACE_FIELDS: Final = {BORN: 5, INIT: 5, DIED: 3}
_NO_FIELDS: Final[tuple[int, ...]] = ()
_SHORT: Final = tuple((-(byte >> 1) if byte & 1 else byte >> 1) for byte in range(128))


class TrackerEvent(NamedTuple):
    """One event: its loop, its number (`BORN`, ...), its fields by number, None where absent."""

    loop: int
    kind: int
    fields: list[Any]


def decode_tracker(data: bytes) -> list[TrackerEvent]:
    """All events of the stream in their order.

    Raises:
        FormatError: where the stream is damaged.
    """
    try:
        return _decode_stream(data)
    except IndexError:
        raise FormatError("its tracker events end in the middle of one") from None


def _decode_stream(data: bytes) -> list[TrackerEvent]:
    events: list[TrackerEvent] = []
    names: dict[bytes, str] = {}
    short = _SHORT
    make = TrackerEvent
    at, end, loop = 0, len(data), 0
    while at < end:
        # Loops since the last event: a choice between widths that all hold a number.
        if data[at] != 3 or data[at + 2] != VINT:
            raise FormatError(f"byte {at} of its tracker events begins no event")
        byte = data[at + 3]
        if byte < 128:
            delta = short[byte]
            at += 4
        else:
            delta, at = read_vint(data, at + 3)
        if delta < 0 or data[at] != VINT:
            raise FormatError(f"byte {at} of its tracker events continues no event")
        loop += delta
        if loop > MAX_LOOPS:
            raise FormatError("its tracker events last longer than any game")
        kind, at = read_vint(data, at + 1)
        text_fields = _TEXT_FIELDS.get(kind, _NO_FIELDS)
        if data[at] != STRUCT:
            raise FormatError(f"byte {at} of its tracker events continues no event")
        count, at = read_vint(data, at + 1)
        fields: list[Any] = [None] * _FIELDS
        for _ in range(count):
            number = data[at] >> 1
            what = data[at + 1]
            at += 2
            if what == OPTIONAL:
                if not data[at]:
                    at += 1
                    continue
                what = data[at + 1]
                at += 2
            if what == VINT:
                byte = data[at]
                if byte < 128:
                    value: Any = short[byte]
                    at += 1
                else:
                    value, at = read_vint(data, at)
            elif what == 2:
                length, at = read_vint(data, at)
                if not 0 <= length <= end - at:
                    raise FormatError("a name in its tracker events is longer than they are")
                raw = data[at : at + length]
                at += length
                if number not in text_fields:
                    continue
                value = names.get(raw)
                if value is None:
                    value = names[raw] = raw.decode("utf-8", "replace")
            elif what == STRUCT and kind == STATS_EVENT and number == 1:
                value, at = _stats(data, at)
            elif what == 0:
                value, at = _numbers(data, at)
                if kind != POSITIONS or number != 1:
                    continue
            else:
                _, at = decode(data, at - 1)
                continue
            if number < _FIELDS:
                fields[number] = value
        for number in text_fields:
            if fields[number].__class__ is int:
                raise FormatError("a name in its tracker events is a number")
        place = _PLACE_FIELDS.get(kind)
        if place is not None and not (
            0 <= (fields[place] or 0) < MAX_CELL and 0 <= (fields[place + 1] or 0) < MAX_CELL
        ):
            raise FormatError("a place in its tracker events is on no map")
        events.append(make(loop, kind, fields))
        if len(events) > MAX_EVENTS:
            raise FormatError("it has more tracker events than any game")
    return events


def _stats(data: bytes, at: int) -> tuple[list[int], int]:
    """The 39 values of a stats event; those that a build does not write are 0."""
    values = [0] * len(STATS)
    count, at = read_vint(data, at)
    for _ in range(count):
        number = data[at] >> 1
        if data[at + 1] != VINT:
            raise FormatError("a statistic in its tracker events is no number")
        byte = data[at + 2]
        at += 3
        if byte < 128:
            value = _SHORT[byte]
        else:
            following = data[at]
            if following < 128:
                value = (byte >> 1) & 0x3F | following << 6
                if byte & 1:
                    value = -value
                at += 1
            else:
                value, at = read_vint(data, at - 1)
        if number < len(values):
            values[number] = value
    return values, at


def _numbers(data: bytes, at: int) -> tuple[list[int], int]:
    """A list of numbers: the positions event's."""
    count, at = read_vint(data, at)
    if not 0 <= count <= len(data) - at:
        raise FormatError("a list in its tracker events is longer than they are")
    values: list[int] = []
    for _ in range(count):
        if data[at] != VINT:
            raise FormatError("a position in its tracker events is no number")
        value, at = read_vint(data, at + 1)
        if abs(value) >= 1 << 31:
            raise FormatError("a position in its tracker events is on no map")
        values.append(value)
    return values, at
