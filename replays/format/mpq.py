"""Reads MPQ archives as far as StarCraft II uses them for replays, with a bound on everything that a file claims.

Layout (all little endian): a user data block `MPQ\\x1b` whose content is the replay's header, then the archive's
own header `MPQ\\x1a`, files, and two encrypted tables of 16-byte rows: the hash table (name hashes -> block) and
the block table (where a file lies, how long it is, how it is packed). Files are either one unit or sectors.
The format is documented at http://www.zezula.net/en/mpq/mpqformat.html; the hash and cipher are the format's own.
"""

from __future__ import annotations

import bz2
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from replays.errors import NotAReplayError

MAX_MEMBER_BYTES: Final = 64 << 20
"""No part of a real replay comes near this size unpacked (an hour-long game has 5 MB of game events)."""
MAX_TABLE_ROWS: Final = 4096

USER_DATA_MAGIC: Final = b"MPQ\x1b"
ARCHIVE_MAGIC: Final = b"MPQ\x1a"
EXISTS, SINGLE_UNIT, ENCRYPTED, COMPRESSED = 0x80000000, 0x01000000, 0x00010000, 0x200
ZLIB, BZIP2 = 2, 16
HASH_SLOT, HASH_A, HASH_B, HASH_KEY = range(4)
"""What a name is hashed for: its place in the hash table, the two halves of its identity, a table's key."""
_MASK: Final = 0xFFFFFFFF


def _cipher_table() -> tuple[int, ...]:
    """The 5 x 256 numbers that the format's hash and cipher draw from."""
    seed = 0x00100001
    table = [0] * 0x500
    for low in range(0x100):
        for row in range(5):
            seed = (seed * 125 + 3) % 0x2AAAAB
            high = (seed & 0xFFFF) << 16
            seed = (seed * 125 + 3) % 0x2AAAAB
            table[row * 0x100 + low] = high | (seed & 0xFFFF)
    return tuple(table)


_CIPHER: Final = _cipher_table()


def name_hash(name: str, kind: int) -> int:
    """The format's 32-bit hash of a file name, for one of the four purposes."""
    one, two = 0x7FED7FED, 0xEEEEEEEE
    for char in name.upper().encode("ascii"):
        one = (_CIPHER[(kind << 8) + char] ^ (one + two)) & _MASK
        two = (char + one + two + (two << 5) + 3) & _MASK
    return one


def encrypted(words: list[int], key: int) -> bytes:
    """A table's 32-bit words as they are stored; the inverse of reading one."""
    found = bytearray()
    salt = 0xEEEEEEEE
    for plain in words:
        salt = (salt + _CIPHER[0x400 + (key & 0xFF)]) & _MASK
        found += struct.pack("<I", (plain ^ (key + salt)) & _MASK)
        key = (((~key << 21) + 0x11111111) | (key >> 11)) & _MASK
        salt = (plain + salt + (salt << 5) + 3) & _MASK
    return bytes(found)


def _decrypted(data: bytes, key: int) -> list[int]:
    """The 32-bit words of an encrypted table."""
    words: list[int] = []
    salt = 0xEEEEEEEE
    for (word,) in struct.iter_unpack("<I", data):
        salt = (salt + _CIPHER[0x400 + (key & 0xFF)]) & _MASK
        plain = (word ^ (key + salt)) & _MASK
        key = (((~key << 21) + 0x11111111) | (key >> 11)) & _MASK
        salt = (plain + salt + (salt << 5) + 3) & _MASK
        words.append(plain)
    return words


HASH_TABLE_KEY: Final = name_hash("(hash table)", HASH_KEY)
BLOCK_TABLE_KEY: Final = name_hash("(block table)", HASH_KEY)


@dataclass(frozen=True, slots=True)
class _Block:
    """One row of the block table: a stored file."""

    offset: int
    packed: int
    size: int
    flags: int


class MpqArchive:
    """An MPQ archive in memory.

    Attributes:
        user_data: content of the user data block: the replay's header in the versioned encoding.

    Raises:
        NotAReplayError: where the bytes are no MPQ archive with a user data block, or contradict themselves.
    """

    def __init__(self, data: bytes) -> None:
        if data[:4] != USER_DATA_MAGIC:
            raise NotAReplayError(_what_it_is_instead(data))
        try:
            _, base, user_size = struct.unpack_from("<3I", data, 4)
            magic, _, _, _, shift, hash_at, block_at, hash_rows, block_rows = struct.unpack_from(
                "<4s2I2H4I", data, base
            )
        except struct.error:
            raise NotAReplayError("the file ends in the middle of its header; fetch it again") from None
        if magic != ARCHIVE_MAGIC:
            raise NotAReplayError("no archive follows the header; the file is damaged, fetch it again")
        if not (0 < hash_rows <= MAX_TABLE_ROWS and 0 < block_rows <= MAX_TABLE_ROWS and shift <= 16):
            raise NotAReplayError("the archive's header makes no sense; the file is damaged, fetch it again")
        self.user_data = data[16 : 16 + user_size]
        self._data = data
        self._base = base
        self._sector = 512 << shift
        hashes = self._table(hash_at, hash_rows, HASH_TABLE_KEY)
        blocks = self._table(block_at, block_rows, BLOCK_TABLE_KEY)
        self._blocks = [_Block(*blocks[i : i + 4]) for i in range(0, len(blocks), 4)]
        self._by_hash = {(hashes[i], hashes[i + 1]): hashes[i + 3] for i in range(0, len(hashes), 4)}

    def __contains__(self, name: str) -> bool:
        return self._block(name) is not None

    def read(self, name: str) -> bytes | None:
        """A file's content, or None where the archive has no such file.

        Raises:
            NotAReplayError: where it cannot be unpacked, or would grow beyond `MAX_MEMBER_BYTES`.
        """
        block = self._block(name)
        if block is None:
            return None
        try:
            return self._unpack(block)
        except (OSError, ValueError, EOFError, zlib.error, struct.error) as error:
            raise NotAReplayError(f"its part {name} cannot be unpacked ({error}); the file is damaged") from error

    def _table(self, at: int, rows: int, key: int) -> list[int]:
        start = self._base + at
        data = self._data[start : start + 16 * rows]
        if len(data) < 16 * rows:
            raise NotAReplayError("the file ends before the archive's tables; it is truncated, fetch it again")
        return _decrypted(data, key)

    def _block(self, name: str) -> _Block | None:
        index = self._by_hash.get((name_hash(name, HASH_A), name_hash(name, HASH_B)))
        if index is None or index >= len(self._blocks):
            return None
        block = self._blocks[index]
        return block if block.flags & EXISTS else None

    def _unpack(self, block: _Block) -> bytes:
        if block.flags & ENCRYPTED:
            raise ValueError("it is encrypted")
        if block.size > MAX_MEMBER_BYTES:
            raise ValueError(f"it claims {block.size:,} bytes")
        if not block.size:
            return b""
        start = self._base + block.offset
        packed = self._data[start : start + block.packed]
        if len(packed) < block.packed:
            raise ValueError("the file ends before it does")
        if not block.flags & COMPRESSED:
            return packed[: block.size]
        if block.flags & SINGLE_UNIT:
            return _inflated(packed, block.size) if block.size > block.packed else packed
        return self._sectors(packed, block)

    def _sectors(self, packed: bytes, block: _Block) -> bytes:
        count = -(-block.size // self._sector)
        offsets = struct.unpack_from(f"<{count + 1}I", packed, 0)
        parts: list[bytes] = []
        left = block.size
        for first, last in pairwise(offsets):
            want = min(left, self._sector)
            sector = packed[first:last]
            parts.append(_inflated(sector, want) if len(sector) < want else sector)
            left -= want
        return b"".join(parts)


def _inflated(packed: bytes, size: int) -> bytes:
    """Unpacks at most `size` bytes; the first byte names the method."""
    if not packed:
        raise ValueError("it is empty")
    method = packed[0]
    if method == BZIP2:
        plain = bz2.BZ2Decompressor().decompress(packed[1:], size + 1)
    elif method == ZLIB:
        plain = zlib.decompressobj().decompress(packed[1:], size + 1)
    elif method == 0:
        plain = packed[1:]
    else:
        raise ValueError(f"packing method {method} is not used in replays")
    if len(plain) != size:
        raise ValueError(f"it should unpack to {size:,} bytes and gives {'more' if len(plain) > size else 'fewer'}")
    return plain


def _what_it_is_instead(data: bytes) -> str:
    """Says what a file without the replay's first bytes seems to be."""
    if not data:
        return "the file is empty; fetch it again"
    if data[:4] == ARCHIVE_MAGIC:
        return "it is an MPQ archive but no replay (a map or a mod?); give a .SC2Replay file"
    if data[:26] == b"Warcraft III recorded game":
        return "it is a Warcraft III replay; only StarCraft II's can be read"
    if data[:2] == b"PK":
        return "it is a zip archive; unpack it and give the .SC2Replay files in it"
    if data[12:16] in (b"reRS", b"seRS"):
        return "it is a StarCraft I replay; only StarCraft II's can be read"
    return "it does not begin as a replay does; give a .SC2Replay file"
