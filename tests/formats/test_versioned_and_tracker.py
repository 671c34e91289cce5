"""The bytes: MPQ archives, the versioned encoding, tracker events; what is written is read back the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cherrypy_bot.formats.errors import FormatError
from cherrypy_bot.formats.mpq import MpqArchive
from cherrypy_bot.formats.tracker import BORN, STATS, STATS_EVENT, TrackerEvent, decode_tracker
from cherrypy_bot.formats.tracker_writer import encode_tracker
from cherrypy_bot.formats.versioned import (
    decode,
    encode_array,
    encode_blob,
    encode_choice,
    encode_number,
    encode_optional,
    encode_struct,
    read_vint,
    vint_bytes,
)
from tests.reference import needs_reference
from tests.replays.real import GOOD, path_of
from tests.replays.synthetic import Game


@given(st.integers(-(2**62), 2**62))
def test_numbers_are_read_as_written(value: int) -> None:
    assert read_vint(vint_bytes(value), 0) == (value, len(vint_bytes(value)))


@pytest.mark.parametrize(
    ("value", "stored"), [(0, "00"), (1, "02"), (-1, "03"), (63, "7e"), (64, "8001"), (-64, "8101")]
)
def test_a_number_has_its_sign_in_the_lowest_bit(value: int, stored: str) -> None:
    assert vint_bytes(value).hex() == stored


def test_values_are_read_by_their_kind_bytes() -> None:
    stored = encode_struct(
        {
            0: encode_array([encode_number(1), encode_number(-2)]),
            3: encode_optional(None),
            4: encode_optional(encode_blob(b"Nexus")),
            9: encode_choice(2, encode_number(7)),
        }
    )
    assert decode(stored) == ({0: [1, -2], 3: None, 4: b"Nexus", 9: (2, 7)}, len(stored))


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\x02\xfe\xff\xff\x7f",
        b"\x00\xfe\xff\xff\x7f",
        b"\x05\x02\x00",
        b"\x63\x00",
        b"\x09" + b"\xff" * 30,
        b"\x04\x01" * 64 + b"\x09\x00",
    ],
    ids=["empty", "long text", "long list", "open struct", "unknown kind", "endless number", "deep"],
)
def test_damaged_values_are_refused(stored: bytes) -> None:
    with pytest.raises(FormatError):
        decode(stored)


FIELDS = st.integers(0, 2**31)
NAMES = st.text(max_size=40)
PLACES = st.integers(0, 250)


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.just(BORN), FIELDS, FIELDS, NAMES, FIELDS, FIELDS, PLACES, PLACES, st.none() | FIELDS, FIELDS, NAMES
            ),
            st.tuples(st.just(STATS_EVENT), st.integers(1, 15), st.lists(FIELDS, min_size=39, max_size=39)),
        ),
        max_size=20,
    )
)
def test_tracker_events_are_read_as_written(rows: list[tuple[Any, ...]]) -> None:
    events = [
        TrackerEvent(100 * number, row[0], [*row[1:], *[None] * (11 - len(row))]) for number, row in enumerate(rows)
    ]
    assert decode_tracker(encode_tracker(events)) == events


def test_a_stream_cut_anywhere_is_refused_or_ends_between_events() -> None:
    stream = Game().tracker()
    whole = decode_tracker(stream)
    for end in range(len(stream)):
        try:
            events = decode_tracker(stream[:end])
        except FormatError:
            continue
        assert events == whole[: len(events)]


@needs_reference
@pytest.mark.parametrize("entry", GOOD, ids=lambda entry: entry["file"])
def test_the_games_own_events_are_written_byte_for_byte(entry: dict[str, Any]) -> None:
    stream = MpqArchive(path_of(entry["file"]).read_bytes()).read("replay.tracker.events")
    assert stream is not None
    events = decode_tracker(stream)
    assert len(events) == entry["tracker_events"]
    assert encode_tracker(events) == stream
    assert len(STATS) == 39
