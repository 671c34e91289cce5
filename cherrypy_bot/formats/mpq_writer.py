"""Writes MPQ archives as StarCraft II's replays are: a user data block, files of one unit each, two tables."""

from __future__ import annotations

import bz2
import struct
from typing import Final

from cherrypy_bot.formats.mpq import (
    ARCHIVE_MAGIC,
    BLOCK_TABLE_KEY,
    BZIP2,
    COMPRESSED,
    EXISTS,
    HASH_A,
    HASH_B,
    HASH_SLOT,
    HASH_TABLE_KEY,
    SINGLE_UNIT,
    USER_DATA_MAGIC,
    encrypted,
    name_hash,
)

_USER_DATA_BYTES: Final = 512
_HEADER_AT: Final = 1024
_HEADER_BYTES: Final = 32
_SECTOR_SHIFT: Final = 5
_FREE: Final = 0xFFFFFFFF


def write_archive(user_data: bytes, files: dict[str, bytes]) -> bytes:
    """An archive with these files and a list of them.

    Args:
        user_data: the replay's header in the versioned encoding, at most 512 bytes.
        files: content by name, as `replay.details`.

    Raises:
        ValueError: where the user data does not fit.
    """
    if len(user_data) > _USER_DATA_BYTES:
        raise ValueError(f"the user data has {len(user_data)} bytes, {_USER_DATA_BYTES} fit")
    listed = {**files, "(listfile)": "".join(f"{name}\r\n" for name in sorted(files)).encode()}
    body = bytearray()
    blocks: list[int] = []
    for content in listed.values():
        packed = bytes((BZIP2,)) + bz2.compress(content)
        # What does not shrink is stored as it is: readers tell by the two sizes.
        stored = packed if len(packed) < len(content) else content
        blocks += [_HEADER_BYTES + len(body), len(stored), len(content), EXISTS | SINGLE_UNIT | COMPRESSED]
        body += stored
    hashes = _hash_table(list(listed))
    hash_at = _HEADER_BYTES + len(body)
    block_at = hash_at + 4 * len(hashes)
    size = block_at + 4 * len(blocks)
    counts = (len(hashes) // 4, len(blocks) // 4)
    start = struct.pack("<4s3I", USER_DATA_MAGIC, _USER_DATA_BYTES, _HEADER_AT, len(user_data)) + user_data
    header = struct.pack("<4s2I2H4I", ARCHIVE_MAGIC, _HEADER_BYTES, size, 0, _SECTOR_SHIFT, hash_at, block_at, *counts)
    tables = encrypted(hashes, HASH_TABLE_KEY) + encrypted(blocks, BLOCK_TABLE_KEY)
    return start.ljust(_HEADER_AT, b"\0") + header + bytes(body) + tables


def _hash_table(names: list[str]) -> list[int]:
    """Rows of name hash A, name hash B, locale and platform, block; a name sits at its slot or the next free one."""
    rows = 16
    while rows < 2 * len(names):
        rows *= 2
    table = [_FREE] * (4 * rows)
    for block, name in enumerate(names):
        slot = name_hash(name, HASH_SLOT) % rows
        while table[4 * slot + 3] != _FREE:
            slot = (slot + 1) % rows
        table[4 * slot : 4 * slot + 4] = [name_hash(name, HASH_A), name_hash(name, HASH_B), 0, block]
    return table
