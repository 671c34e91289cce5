"""Damages map files in many ways, for the fuzzing script and its short form in the tests."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Mapping

from benchmarks.map_archives import write_archive
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import MapError, describe, draw, map_from_bytes, pathing_with_neutrals

_WORDS = (0, 1, 2, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 20, 1 << 28)
_TEXTS = (
    b"nan",
    b"inf",
    b"-1e308",
    b"1e999",
    b"9" * 400,
    b"",
    b"&lt;",
    b'"/><x a="',
    b"\xff\xfe",
    b"<!DOCTYPE a>",
    b",,,",
)
_HEADER_BYTES = 44
LOOPS = 4
"""Loops that a game runs on a damaged map that still reads."""


def mutations(samples: list[Mapping[str, bytes]], count: int, seed: int) -> Iterator[bytes]:
    """Damaged copies of maps given by their members: a third as stored, a third inside a member, a third in numbers.

    Damage inside the members gets past the archive's own checks and reaches the decoders.
    """
    chance = random.Random(seed)
    archives = [write_archive(members) for members in samples]
    for _ in range(count):
        which = chance.randrange(len(samples))
        members = dict(samples[which])
        kind = chance.randrange(3)
        if kind == 0:
            yield _damaged(archives[which], chance)
        elif kind == 1:
            name = chance.choice(sorted(members))
            if chance.random() < 0.1:
                del members[name]
            else:
                members[name] = _damaged(members[name], chance)
            yield write_archive(members)
        else:
            yield _wrong_numbers(archives[which], members, chance)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """A copy with one kind of damage: flipped bits, a cut, a hole, a repeated stretch, noise, an odd text."""
    found = bytearray(data)
    at = chance.randrange(len(found) + 1)
    kind = chance.randrange(6)
    if kind == 0 and found:
        for _ in range(chance.choice((1, 1, 2, 8, 64))):
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del found[at:]
    elif kind == 2:
        del found[at : at + chance.randrange(1, 64)]
    elif kind == 3:
        found[at:at] = found[at : at + chance.randrange(1, 4096)]
    elif kind == 4:
        length = chance.randrange(1, 64)
        found[at : at + length] = chance.randbytes(length)
    else:
        text = chance.choice(_TEXTS)
        found[at : at + chance.choice((0, len(text)))] = text
    return bytes(found)


def _wrong_numbers(archive: bytes, members: dict[str, bytes], chance: random.Random) -> bytes:
    """A word of the archive's header, of its tables or of a binary member's head that lies."""
    word = struct.pack("<I", chance.choice(_WORDS) ^ chance.choice((0, 0, 1, 8)))
    place = chance.randrange(3)
    if place == 0:
        at = 4 * chance.randrange(_HEADER_BYTES // 4)
        return archive[:at] + word + archive[at + 4 :]
    if place == 1:
        at = len(archive) - 4 * chance.randrange(1, 100)
        return archive[:at] + word + archive[at + 4 :]
    name = chance.choice([name for name in sorted(members) if not members[name].lstrip().startswith((b"<", b"\xef"))])
    at = 4 * chance.randrange(24)
    members[name] = members[name][:at] + word + members[name][at + 4 :]
    return write_archive(members)


def survives(data: bytes) -> str | None:
    """Reads a damaged map file and, where that succeeds, describes, draws and plays a few loops on it.

    Returns None where it could still be read, else the one line that the reader or the engine says of it. Whatever
    else is raised is a fault.
    """
    try:
        m = map_from_bytes(data, "damaged.SC2Map")
    except MapError as error:
        return str(error)
    describe(m)
    draw(m, 1)
    pathing_with_neutrals(m)
    try:
        Game.new(m, ("Terran", "Zerg"), seed=1).step(LOOPS)
    except SimError as error:
        return str(error)
    return None
