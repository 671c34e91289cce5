"""Blizzard's versioned encoding: every value carries its kind, every field its number.

So it is read without knowing the game's build: a struct becomes a dict from field number to value, and a field
that a later build added is one more number. (The bit-packed parts of a replay do need the build's own layout.)

| kind | what follows | becomes |
| --- | --- | --- |
| 0 array | count, elements | list |
| 1 bits | count of bits, bytes | bytes |
| 2 blob | length, bytes | bytes |
| 3 choice | number, value | (number, value) |
| 4 optional | 0, or 1 and a value | None or the value |
| 5 struct | count, (number, value) each | dict[int, value] |
| 6, 7, 8 fixed | 1, 4, 8 bytes | int, bytes, bytes |
| 9 number | variable length | int |

Variable length numbers ("vint"): lowest bit of the first byte is the sign, then 6 bits, then 7 a byte while the
top bit is set. Counts, lengths and numbers of fields are vints without a kind byte.
"""

from __future__ import annotations

from typing import Any, Final

from cherrypy_bot.formats.errors import FormatError

MAX_DEPTH: Final = 24
_MAX_VINT_BITS: Final = 70  # the last byte of a 64-bit number reaches this far

ARRAY, BITS, BLOB, CHOICE, OPTIONAL, STRUCT, UINT8, FOURCC, UINT64, VINT = range(10)


def read_vint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at` and the position behind it.

    Raises:
        IndexError: where the data ends within it.
        FormatError: where it is longer than any number of the format.
    """
    byte = data[at]
    at += 1
    value = (byte >> 1) & 0x3F
    negative = byte & 1
    bits = 6
    while byte & 0x80:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << bits
        bits += 7
        if bits > _MAX_VINT_BITS:
            raise FormatError("a number in it never ends")
    if value >= 1 << 63:
        raise FormatError("a number in it is larger than any of the game's")
    return (-value if negative else value), at


def decode(data: bytes, at: int = 0) -> tuple[Any, int]:
    """The value at `at` and the position behind it.

    Raises:
        FormatError: where the bytes are no versioned value.

    Example:
        >>> decode(bytes([5, 2, 0, 9, 84]))
        ({0: 42}, 5)
    """
    try:
        return _decode(data, at, 0)
    except IndexError:
        raise FormatError("a part of it ends in the middle of a value") from None


def _decode(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > MAX_DEPTH:
        raise FormatError("its values are nested without end")
    kind = data[at]
    at += 1
    if kind == VINT:
        return read_vint(data, at)
    if kind == BLOB:
        length, at = read_vint(data, at)
        return _bytes(data, at, length)
    if kind == STRUCT:
        count, at = _count(data, at)
        fields: dict[int, Any] = {}
        for _ in range(count):
            number, at = read_vint(data, at)
            fields[number], at = _decode(data, at, depth + 1)
        return fields, at
    if kind == OPTIONAL:
        return _decode(data, at + 1, depth + 1) if data[at] else (None, at + 1)
    if kind == ARRAY:
        count, at = _count(data, at)
        elements: list[Any] = []
        for _ in range(count):
            element, at = _decode(data, at, depth + 1)
            elements.append(element)
        return elements, at
    if kind == CHOICE:
        number, at = read_vint(data, at)
        value, at = _decode(data, at, depth + 1)
        return (number, value), at
    if kind == UINT8:
        return data[at], at + 1
    if kind == FOURCC:
        return _bytes(data, at, 4)
    if kind == UINT64:
        return _bytes(data, at, 8)
    if kind == BITS:
        bits, at = read_vint(data, at)
        return _bytes(data, at, (bits + 7) // 8)
    raise FormatError(f"a part of it has a value of the unknown kind {kind}")


def _count(data: bytes, at: int) -> tuple[int, int]:
    """A count of things that each take a byte or more, so never above the bytes that are left."""
    count, at = read_vint(data, at)
    if not 0 <= count <= len(data) - at:
        raise FormatError("a list in it is longer than the file")
    return count, at


def _bytes(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if not 0 <= length <= len(data) - at:
        raise FormatError("a text in it is longer than the file")
    return data[at : at + length], at + length


def vint_bytes(value: int) -> bytes:
    """A variable length number without a kind byte; the inverse of `read_vint`."""
    negative, rest = value < 0, abs(value)
    byte = (rest & 0x3F) << 1 | negative
    rest >>= 6
    found = bytearray()
    while rest:
        found.append(byte | 0x80)
        byte = rest & 0x7F
        rest >>= 7
    found.append(byte)
    return bytes(found)


def encode_number(value: int) -> bytes:
    """A number as `VINT`."""
    return b"\x09" + vint_bytes(value)


def encode_blob(value: bytes) -> bytes:
    """A text or other bytes as `BLOB`."""
    return b"\x02" + vint_bytes(len(value)) + value


def encode_optional(encoded: bytes | None) -> bytes:
    """An encoded value, or none, as `OPTIONAL`."""
    return b"\x04\x00" if encoded is None else b"\x04\x01" + encoded


def encode_struct(fields: dict[int, bytes]) -> bytes:
    """Encoded values by their numbers, in the order given, as `STRUCT`."""
    return b"\x05" + vint_bytes(len(fields)) + b"".join(vint_bytes(key) + value for key, value in fields.items())


def encode_array(elements: list[bytes]) -> bytes:
    """Encoded values as `ARRAY`."""
    return b"\x00" + vint_bytes(len(elements)) + b"".join(elements)


def encode_choice(number: int, encoded: bytes) -> bytes:
    """An encoded value under the number of its alternative, as `CHOICE`."""
    return b"\x03" + vint_bytes(number) + encoded


def encode_uint8(value: int) -> bytes:
    """A number from 0 to 255 as `UINT8`; truth values are written so."""
    return bytes((UINT8, value))


def encode_fourcc(value: bytes) -> bytes:
    """Four bytes as `FOURCC`."""
    return bytes((FOURCC,)) + value
