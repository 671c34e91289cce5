"""Files out of an MPQ archive, the container of the game's map files.

Only what map files need: the classic hash and block tables, sectors or single units, stored or packed with zlib,
bzip2 or runs of zeros. Encrypted members and the older codecs (PKWARE, Huffman, wave) are refused by name. Nothing is
unpacked beyond the limit that the caller sets, whatever sizes the archive claims.

    archive = Archive(path.read_bytes(), "Automaton LE")
    objects = archive.read("Objects", limit=32 << 20)      # bytes, or None where there is no such file

The format is the one that mpyq and StormLib document; every structure is little endian.
"""

from __future__ import annotations

import bz2
import struct
import zlib
from functools import lru_cache

from cherrypy_bot.sim.maps.model import MapError

MAGIC = b"MPQ\x1a"
USER_DATA_MAGIC = b"MPQ\x1b"
MAX_TABLE_ENTRIES = 1 << 14
"""Map files have at most a few thousand members; larger tables are damage."""

_HEADER = struct.Struct("<4sIIHHIIII")
_ALIGNMENT = 512
_SEARCH = 1 << 20
_MASK = 0xFFFFFFFF

_IMPLODED, _PACKED, _ENCRYPTED, _SINGLE_UNIT, _EXISTS = 0x100, 0x200, 0x10000, 0x1000000, 0x80000000
_ZLIB, _BZIP2, _SPARSE = 0x02, 0x10, 0x20
_HASH_OFFSET, _HASH_A, _HASH_B, _HASH_KEY = 0, 1, 2, 3


def is_archive(data: bytes) -> bool:
    """Whether a file's first bytes are those of an archive."""
    return data[:4] in (MAGIC, USER_DATA_MAGIC)


class Archive:
    """An archive in memory. `what` names it in errors; every failure is a `MapError`."""

    def __init__(self, data: bytes, what: str) -> None:
        self._data, self._what = data, what
        self._start = self._find_header()
        _, _, _, version, shift, hash_at, block_at, hashes, blocks = _HEADER.unpack_from(data, self._start)
        if version > 3 or shift > 15:
            raise self._error(f"has a header of unknown kind (version {version}, sector shift {shift})")
        self._sector = 512 << shift
        hash_words = self._table(hash_at, hashes, "(hash table)")
        self._blocks = self._table(block_at, blocks, "(block table)")
        self._members: dict[tuple[int, int], int] = {}
        for i in range(0, len(hash_words), 4):
            index = hash_words[i + 3]
            if index < blocks:
                self._members.setdefault((hash_words[i], hash_words[i + 1]), index)

    def read(self, name: str, limit: int) -> bytes | None:
        """Content of a member, None when there is none of that name; refuses what unpacks to more than `limit`."""
        index = self._members.get((_hash(name, _HASH_A), _hash(name, _HASH_B)))
        if index is None:
            return None
        offset, packed, size, flags = self._blocks[4 * index : 4 * index + 4]
        if not flags & _EXISTS:
            return None
        if size > limit:
            raise self._error(f"says that {name} unpacks to {size} bytes, more than the {limit} of any map")
        if flags & (_ENCRYPTED | _IMPLODED):
            raise self._error(f"keeps {name} encrypted or imploded, which is not read here")
        start = self._start + offset
        raw = self._data[start : start + packed]
        if len(raw) != packed:
            raise self._error(f"ends inside {name}")
        if not flags & _PACKED or size == 0:
            return self._whole(raw[:size], size, name)
        if flags & _SINGLE_UNIT:
            return self._whole(self._unpacked(raw, size, name), size, name)
        return self._whole(self._sectors(raw, size, name), size, name)

    def _find_header(self) -> int:
        data = self._data
        for at in range(0, min(len(data), _SEARCH), _ALIGNMENT):
            magic = data[at : at + 4]
            if magic == USER_DATA_MAGIC and len(data) >= at + 16:
                at += struct.unpack_from("<I", data, at + 8)[0]
                magic = data[at : at + 4]
            if magic == MAGIC and len(data) >= at + _HEADER.size:
                return at
        raise self._error("is no MPQ archive (or is cut off in its header)")

    def _table(self, offset: int, entries: int, key: str) -> tuple[int, ...]:
        """Words of the hash or block table, four an entry."""
        at, length = self._start + offset, 16 * entries
        if not 0 < entries <= MAX_TABLE_ENTRIES or at + length > len(self._data):
            raise self._error(f"has no whole {key[1:-1]} ({entries} entries at {offset})")
        return _decrypted(self._data[at : at + length], _hash(key, _HASH_KEY))

    def _sectors(self, raw: bytes, size: int, name: str) -> bytes:
        count = -(-size // self._sector)
        if len(raw) < 4 * (count + 1):
            raise self._error(f"ends inside the sectors of {name}")
        offsets = struct.unpack_from(f"<{count + 1}I", raw)
        parts = []
        for i in range(count):
            expected = min(self._sector, size - i * self._sector)
            if not offsets[i] <= offsets[i + 1] <= len(raw):
                raise self._error(f"has wrong sector offsets in {name}")
            parts.append(self._unpacked(raw[offsets[i] : offsets[i + 1]], expected, name))
        return b"".join(parts)

    def _unpacked(self, raw: bytes, size: int, name: str) -> bytes:
        """One sector: as it is when nothing was saved, else a byte of codecs and what they made."""
        if len(raw) >= size or not raw:
            return raw[:size]
        codecs, out = raw[0], raw[1:]
        if codecs & ~(_ZLIB | _BZIP2 | _SPARSE):
            raise self._error(f"packs {name} with a codec that is not read here ({codecs:#04x})")
        try:
            if codecs & _BZIP2:
                out = bz2.BZ2Decompressor().decompress(out, max_length=size + 1)
            if codecs & _ZLIB:
                out = zlib.decompressobj().decompress(out, size + 1)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise self._error(f"has damaged data in {name} ({error})") from error
        return _with_zeros(out, size) if codecs & _SPARSE else out

    def _whole(self, out: bytes, size: int, name: str) -> bytes:
        if len(out) != size:
            raise self._error(f"gives {len(out)} bytes of {name} instead of {size}")
        return out

    def _error(self, problem: str) -> MapError:
        return MapError(f"{self._what} {problem}; give an undamaged .SC2Map file")


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


@lru_cache(maxsize=1)
def _crypt_table() -> tuple[int, ...]:
    table, seed = [0] * 0x500, 0x100001
    for i in range(0x100):
        for j in range(i, 0x500, 0x100):
            seed = (seed * 125 + 3) % 0x2AAAAB
            high = (seed & 0xFFFF) << 16
            seed = (seed * 125 + 3) % 0x2AAAAB
            table[j] = high | (seed & 0xFFFF)
    return tuple(table)


def _hash(name: str, kind: int) -> int:
    """The format's hash of a member's name, in upper case with backslashes."""
    table = _crypt_table()
    first, second = 0x7FED7FED, 0xEEEEEEEE
    for byte in name.upper().replace("/", "\\").encode("utf-8", "replace"):
        first = table[(kind << 8) + byte] ^ ((first + second) & _MASK)
        second = (byte + first + second + (second << 5) + 3) & _MASK
    return first


def _decrypted(data: bytes, key: int) -> tuple[int, ...]:
    table, seed, out = _crypt_table(), 0xEEEEEEEE, []
    for (word,) in struct.iter_unpack("<I", data):
        seed = (seed + table[0x400 + (key & 0xFF)]) & _MASK
        plain = word ^ ((key + seed) & _MASK)
        key = ((~key << 21) + 0x11111111 & _MASK) | (key >> 11)
        seed = (plain + seed + (seed << 5) + 3) & _MASK
        out.append(plain)
    return tuple(out)
