"""Protobuf wire format, written directly where building message objects would cost too much per step."""

from __future__ import annotations

import functools
import struct

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


def varint(value: int) -> bytes:
    """A non-negative integer as a base-128 varint."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


@functools.cache
def key(field: int, wire_type: int) -> bytes:
    """The key in front of a field's value."""
    return varint(field << 3 | wire_type)


def uint(field: int, value: int) -> bytes:
    """An unsigned, enum or bool field."""
    return key(field, VARINT) + varint(value)


def float32(field: int, value: float) -> bytes:
    """A float field."""
    return key(field, FIXED32) + struct.pack("<f", value)


def message(field: int, payload: bytes) -> bytes:
    """A sub-message, string or bytes field."""
    return key(field, LENGTH) + varint(len(payload)) + payload
