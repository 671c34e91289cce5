"""Damages replays in many ways, for the fuzzing script and its short form in the tests."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from cherrypy_bot.formats.mpq import MpqArchive
from cherrypy_bot.formats.mpq_writer import write_archive
from replays.dataset import tables_of
from replays.errors import ReplayError
from replays.reader import parse_replay
from replays.report import render
from replays.serial import dump, load, summary

PARTS = ("replay.details", "replay.tracker.events", "replay.gamemetadata.json")
_INTERESTING = (0x00, 0x01, 0x02, 0x04, 0x05, 0x09, 0x7F, 0x80, 0xFE, 0xFF)


def mutations(samples: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Damaged copies of sound replays: half of them as stored, half inside their unpacked parts.

    Damage inside the parts gets past the archive's own checks and reaches the decoders.
    """
    chance = random.Random(seed)
    opened = [(data, MpqArchive(data)) for data in samples]
    for _ in range(count):
        data, archive = chance.choice(opened)
        if chance.random() < 0.5:
            yield _damaged(data, chance)
            continue
        parts = {name: archive.read(name) or b"" for name in PARTS}
        header = archive.user_data
        where = chance.choice((*PARTS, "replay.tracker.events", "header"))
        if where == "header":
            header = _damaged(header, chance)[:512]
        else:
            parts[where] = _damaged(parts[where], chance)
        yield write_archive(header, parts)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """A copy with one kind of damage: flipped or set bytes, a cut, a hole, a repeated stretch, noise."""
    if not data:
        return chance.randbytes(chance.randrange(64))
    found = bytearray(data)
    kind = chance.randrange(6)
    at = chance.randrange(len(found))
    if kind == 0:
        for _ in range(chance.choice((1, 1, 2, 8, 64))):
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        for _ in range(chance.choice((1, 1, 4))):
            found[chance.randrange(len(found))] = chance.choice(_INTERESTING)
    elif kind == 2:
        del found[at:]
    elif kind == 3:
        del found[at : at + chance.randrange(1, 64)]
    elif kind == 4:
        found[at:at] = found[at : at + chance.randrange(1, 4096)]
    else:
        length = chance.randrange(1, 64)
        found[at : at + length] = chance.randbytes(length)
    return bytes(found)


def survives(data: bytes) -> str | None:
    """Reads a damaged replay and, where that succeeds, makes of it all that is made of replays.

    Returns:
        None where it could still be read, else the one line that the reader says of it.

    Raises:
        Exception: whatever else than a `ReplayError` comes up, which nothing may.
    """
    try:
        replay = parse_replay(data)
    except ReplayError as error:
        return str(error)
    json.dumps(summary(load(dump(replay))))
    tables_of(replay)
    render(replay)
    return None
