"""Reads MPQ archives, the container of the game's maps and replays, with a bound on everything that a file claims.

Layout (all little endian): perhaps a user data block `MPQ\\x1b` (a replay's header), then the archive's own header
`MPQ\\x1a`, the members, and two encrypted tables of 16-byte rows: the hash table (name hashes -> block) and the block
table (where a member lies, how long it is, how it is packed). Members are single units or sectors, stored or packed
with zlib, bzip2 or runs of zeros. Encrypted members and the older codecs (PKWARE, Huffman, wave) are refused by name.
The format is documented at http://www.zezula.net/en/mpq/mpqformat.html; the hash and the cipher are the format's own.

    archive = MpqArchive(path.read_bytes())
    details = archive.read("replay.details")       # bytes, or None where there is no such member
"""

from __future__ import annotations

import bz2
import struct
import zlib
from typing import Final, NamedTuple

from cherrypy_bot.formats.errors import FormatError

ARCHIVE_MAGIC: Final = b"MPQ\x1a"
USER_DATA_MAGIC: Final = b"MPQ\x1b"
MAX_MEMBER_BYTES: Final = 64 << 20
"""No member of a real map or replay comes near this size unpacked."""
MAX_TABLE_ROWS: Final = 1 << 14
"""Maps have at most a few thousand members, replays two dozen; larger tables are damage."""

HEADER: Final = struct.Struct("<4sIIHHIIII")
IMPLODED, COMPRESSED, ENCRYPTED, SINGLE_UNIT, EXISTS = 0x100, 0x200, 0x10000, 0x1000000, 0x80000000
ZLIB, BZIP2, SPARSE = 0x02, 0x10, 0x20
HASH_SLOT, HASH_A, HASH_B, HASH_KEY = range(4)
"""What a name is hashed for: its place in the hash table, the two halves of its identity, a table's key."""
_ALIGNMENT: Final = 512
_SEARCH: Final = 1 << 20
_MASK: Final = 0xFFFFFFFF


class Block(NamedTuple):
    """One row of the block table: a member as it is stored."""

    offset: int
    packed: int
    size: int
    flags: int


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
    """The format's 32-bit hash of a member's name, in upper case with backslashes, for one of the four purposes."""
    one, two = 0x7FED7FED, 0xEEEEEEEE
    for byte in name.upper().replace("/", "\\").encode("utf-8", "replace"):
        one = (_CIPHER[(kind << 8) + byte] ^ (one + two)) & _MASK
        two = (byte + one + two + (two << 5) + 3) & _MASK
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


def is_archive(data: bytes) -> bool:
    """Whether a file's first bytes are those of an archive."""
    return data[:4] in (ARCHIVE_MAGIC, USER_DATA_MAGIC)


class MpqArchive:
    """An archive in memory.

    Attributes:
        user_data: content of the user data block (a replay's header), empty where there is none.

    Raises:
        FormatError: where the bytes are no MPQ archive, or contradict themselves.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.user_data = b""
        self._start = self._find_header()
        _, _, _, version, shift, hash_at, block_at, hashes, blocks = HEADER.unpack_from(data, self._start)
        if version > 3 or shift > 15:
            raise FormatError(f"its header is of unknown kind (version {version}, sector shift {shift})")
        self._sector = 512 << shift
        words = self._table(hash_at, hashes, HASH_TABLE_KEY, "hash table")
        rows = self._table(block_at, blocks, BLOCK_TABLE_KEY, "block table")
        self._blocks = [Block(*rows[i : i + 4]) for i in range(0, len(rows), 4)]
        self._members: dict[tuple[int, int], int] = {}
        for i in range(0, len(words), 4):
            if words[i + 3] < blocks:
                self._members.setdefault((words[i], words[i + 1]), words[i + 3])

    def __contains__(self, name: str) -> bool:
        return self._block(name) is not None

    def read(self, name: str, limit: int = MAX_MEMBER_BYTES) -> bytes | None:
        """A member's content, or None where the archive has no such member.

        Raises:
            FormatError: where it cannot be unpacked, or claims more than `limit` bytes.
        """
        block = self._block(name)
        if block is None:
            return None
        if block.size > limit:
            raise FormatError(f"it says that {name} unpacks to {block.size:,} bytes, more than the {limit:,} allowed")
        if block.flags & (ENCRYPTED | IMPLODED):
            raise FormatError(f"it keeps {name} encrypted or imploded, which is not read here")
        start = self._start + block.offset
        stored = self._data[start : start + block.packed]
        if len(stored) != block.packed:
            raise FormatError(f"it ends inside {name}")
        if not block.flags & COMPRESSED or block.size == 0:
            content = stored[: block.size]
        elif block.flags & SINGLE_UNIT:
            content = _unpacked(stored, block.size, name)
        else:
            content = self._sectors(stored, block.size, name)
        if len(content) != block.size:
            raise FormatError(f"it gives {len(content):,} bytes of {name} instead of {block.size:,}")
        return content

    def _find_header(self) -> int:
        data = self._data
        for at in range(0, min(len(data), _SEARCH), _ALIGNMENT):
            magic, user = data[at : at + 4], at
            if magic == USER_DATA_MAGIC and len(data) >= at + 16:
                at += struct.unpack_from("<I", data, at + 8)[0]
                magic = data[at : at + 4]
            if magic == ARCHIVE_MAGIC and len(data) >= at + HEADER.size:
                if user != at:
                    self.user_data = data[user + 16 : user + 16 + struct.unpack_from("<I", data, user + 12)[0]]
                return at
        raise FormatError("it is no MPQ archive, or is cut off in its header")

    def _table(self, offset: int, rows: int, key: int, what: str) -> list[int]:
        """Words of the hash or block table, four a row."""
        at, length = self._start + offset, 16 * rows
        if not 0 < rows <= MAX_TABLE_ROWS or at + length > len(self._data):
            raise FormatError(f"it has no whole {what} ({rows} rows at {offset}), as where its end is missing")
        return _decrypted(self._data[at : at + length], key)

    def _block(self, name: str) -> Block | None:
        index = self._members.get((name_hash(name, HASH_A), name_hash(name, HASH_B)))
        if index is None:
            return None
        block = self._blocks[index]
        return block if block.flags & EXISTS else None

    def _sectors(self, stored: bytes, size: int, name: str) -> bytes:
        count = -(-size // self._sector)
        if len(stored) < 4 * (count + 1):
            raise FormatError(f"it ends inside the sectors of {name}")
        offsets = struct.unpack_from(f"<{count + 1}I", stored)
        parts = []
        for i in range(count):
            if not offsets[i] <= offsets[i + 1] <= len(stored):
                raise FormatError(f"it has wrong sector offsets in {name}")
            expected = min(self._sector, size - i * self._sector)
            parts.append(_unpacked(stored[offsets[i] : offsets[i + 1]], expected, name))
        return b"".join(parts)


def _unpacked(stored: bytes, size: int, name: str) -> bytes:
    """One unit: as it is where nothing was saved, else a byte of codecs and what they made; never above `size` + 1."""
    if len(stored) >= size or not stored:
        return stored[:size]
    codecs, content = stored[0], stored[1:]
    if codecs & ~(ZLIB | BZIP2 | SPARSE):
        raise FormatError(f"it packs {name} with a codec that is not read here ({codecs:#04x})")
    try:
        if codecs & BZIP2:
            content = bz2.BZ2Decompressor().decompress(content, max_length=size + 1)
        if codecs & ZLIB:
            content = zlib.decompressobj().decompress(content, size + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise FormatError(f"it has damaged data in {name} ({error})") from error
    return _with_zeros(content, size) if codecs & SPARSE else content


def _with_zeros(data: bytes, limit: int) -> bytes:
    """Undo the run-length codec: 0x80 + n copies n + 1 bytes, n alone stands for n + 3 zeros; a size goes first."""
    out, at = bytearray(), 4
    while at < len(data) and len(out) <= limit:
        code = data[at]
        at += 1
        if code & 0x80:
            out += data[at : at + (code & 0x7F) + 1]
            at += (code & 0x7F) + 1
        else:
            out += bytes(code + 3)
    return bytes(out[:limit])
