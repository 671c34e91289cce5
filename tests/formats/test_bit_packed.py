"""Bit-packed parts: single values bit by bit, and a real replay of the build written back byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from cherrypy_bot.formats.bits import BOOL, Array, BitWriter, Blob, Choice, Int, Optional, Struct, packed, packed_events
from cherrypy_bot.formats.build_93333 import BUILD, EVENT_BITS, GAME_EVENTS, INIT_DATA, MESSAGE_BITS, MESSAGES
from cherrypy_bot.formats.mpq import MpqArchive
from tests.reference import needs_reference
from tests.replays.real import GOOD, path_of

REAL = next(entry["file"] for entry in GOOD if f".{BUILD}_" in entry["file"])


def test_bits_fill_a_byte_from_below_and_numbers_give_their_high_bits_first() -> None:
    out = BitWriter()
    out.bits(0b101, 3)
    out.bits(0b1100110, 7)
    assert out.done() == bytes([0b11001101, 0b10])


def test_texts_begin_at_an_edge() -> None:
    assert packed(Struct(("flag", BOOL), ("name", Blob(4)), ("more", BOOL)), {"flag": 1, "name": b"ab", "more": 1}) == (
        b"\x05ab\x01"
    )


def test_choices_options_and_arrays() -> None:
    layout = Array(2, Choice(1, ("None", None), ("Some", Optional(Int(6, 10)))))
    assert packed(layout, [("None", None), ("Some", 11)]) == bytes([0b00011010, 0b001])


@pytest.mark.parametrize("value", [-1, 8])
def test_numbers_that_do_not_fit_are_refused_by_name(value: int) -> None:
    with pytest.raises(ValueError, match=r"speed: .* does not fit 3 bits"):
        packed(Struct(("speed", Int(3))), {"speed": value})


def plain(value: Any) -> Any:
    """What s2protocol decodes as layouts take it: names without prefix, choices as pairs."""
    if isinstance(value, dict):
        if len(value) == 1 and not next(iter(value)).startswith(("m_", "x", "y")):
            return next(iter(value.items()))[0], plain(next(iter(value.values())))
        return {key.removeprefix("m_"): plain(one) for key, one in value.items() if not key.startswith("_")}
    return [plain(one) for one in value] if isinstance(value, list) else value


@needs_reference
def test_the_games_own_parts_are_written_back_byte_for_byte() -> None:
    versions = pytest.importorskip("s2protocol.versions", reason="it decodes the part; pip install s2protocol")
    archive, protocol = MpqArchive(path_of(REAL).read_bytes()), versions.build(BUILD)
    init = archive.read("replay.initData")
    assert packed(INIT_DATA, plain(protocol.decode_replay_initdata(init))) == init
    messages = archive.read("replay.message.events")
    events = [
        (one["_gameloop"], one["_userid"]["m_userId"], one["_eventid"], plain(one))
        for one in protocol.decode_replay_message_events(messages)
    ]
    assert packed_events(events, MESSAGES, MESSAGE_BITS) == messages


@needs_reference
def test_the_games_own_commands_are_written_back_bit_for_bit() -> None:
    versions = pytest.importorskip("s2protocol.versions", reason="it decodes the part; pip install s2protocol")
    stream = MpqArchive(path_of(REAL).read_bytes()).read("replay.game.events")
    known = []
    whole = versions.build(BUILD).decode_replay_game_events(stream)
    for one in whole:
        if one["_gameloop"] > 3000:
            break
        if one["_eventid"] in GAME_EVENTS:
            known.append((one["_gameloop"], one["_userid"]["m_userId"], one["_eventid"], plain(one)))
    assert {number for *_, number, _ in known} >= {5, 7, 27, 28, 49, 103, 104, 105, 116, 117}
    written = packed_events(known, GAME_EVENTS, EVENT_BITS)
    again = versions.build(BUILD).decode_replay_game_events(written)
    assert [(e["_gameloop"], e["_userid"]["m_userId"], e["_eventid"], plain(e)) for e in again] == known
