"""The bit-packed encoding of a replay's init data, game events and messages, and how a layout describes values.

Bits fill a byte from its lowest; a number that crosses bytes gives its highest bits first. Texts and other bytes begin
at a byte's edge. Nothing in the stream says what it is, so each build of the game has its own layout:

    POINT = Struct(("x", Int(16)), ("y", Int(16)))
    packed(POINT, {"x": 3, "y": 4})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class BitWriter:
    """A stream of bits in the making."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._used = 0  # bits of the last byte in use; 0 = at an edge

    def bits(self, value: int, count: int) -> None:
        """Write the lowest `count` bits of a number. ValueError where it has more."""
        if value < 0 or value >> count:
            raise ValueError(f"{value} does not fit {count} bits")
        while count:
            if not self._used:
                self._bytes.append(0)
            part = min(count, 8 - self._used)
            count -= part
            self._bytes[-1] |= ((value >> count) & ((1 << part) - 1)) << self._used
            self._used = (self._used + part) & 7

    def align(self) -> None:
        """Go on at the next byte's edge."""
        self._used = 0

    def raw(self, data: bytes) -> None:
        """Write whole bytes from the next byte's edge on."""
        self.align()
        self._bytes += data

    def done(self) -> bytes:
        """All bytes so far, the last one filled up with zeros."""
        return bytes(self._bytes)


class Layout(Protocol):
    """How values of one kind are packed."""

    def write(self, out: BitWriter, value: Any) -> None:
        """Append a value. ValueError where it does not fit."""
        ...


class Int:
    """A number of some bits, counted from `lowest`."""

    def __init__(self, bits: int, lowest: int = 0) -> None:
        self._bits, self._lowest = bits, lowest

    def write(self, out: BitWriter, value: Any) -> None:
        """Append the number."""
        out.bits(int(value) - self._lowest, self._bits)


class Blob:
    """Bytes behind their count, which has some bits; `least` is taken off the count."""

    def __init__(self, bits: int, least: int = 0) -> None:
        self._count = Int(bits, least)

    def write(self, out: BitWriter, value: Any) -> None:
        """Append the count and the bytes."""
        self._count.write(out, len(value))
        out.raw(value)


class Optional:
    """A bit, and a value where it is 1."""

    def __init__(self, inner: Layout) -> None:
        self._inner = inner

    def write(self, out: BitWriter, value: Any) -> None:
        """Append the value, or that there is none."""
        out.bits(int(value is not None), 1)
        if value is not None:
            self._inner.write(out, value)


class Array:
    """Values behind their count, which has some bits."""

    def __init__(self, bits: int, inner: Layout) -> None:
        self._count, self._inner = Int(bits), inner

    def write(self, out: BitWriter, value: Sequence[Any]) -> None:
        """Append the count and the values."""
        self._count.write(out, len(value))
        for one in value:
            self._inner.write(out, one)


class BitArray:
    """Bits behind their count, which has some bits; the value is (count, number)."""

    def __init__(self, bits: int) -> None:
        self._count = Int(bits)

    def write(self, out: BitWriter, value: tuple[int, int]) -> None:
        """Append the count and the bits."""
        self._count.write(out, value[0])
        out.bits(value[1], value[0])


class Choice:
    """A number of some bits and the alternative that it names; the value is (name, value)."""

    def __init__(self, bits: int, *alternatives: tuple[str, Layout | None]) -> None:
        self._bits = bits
        self._alternatives = {name: (number, layout) for number, (name, layout) in enumerate(alternatives)}

    def write(self, out: BitWriter, value: tuple[str, Any]) -> None:
        """Append the number and the alternative's value."""
        number, layout = self._alternatives[value[0]]
        out.bits(number, self._bits)
        if layout is not None:
            layout.write(out, value[1])


class Struct:
    """Named values in a row."""

    def __init__(self, *fields: tuple[str, Layout]) -> None:
        self._fields = fields

    def write(self, out: BitWriter, value: Mapping[str, Any]) -> None:
        """Append all fields. ValueError that names the field where one does not fit."""
        for name, layout in self._fields:
            try:
                layout.write(out, value[name])
            except (KeyError, ValueError) as error:
                raise ValueError(f"{name}: {error}") from error


BOOL = Int(1)


def packed(layout: Layout, value: Any) -> bytes:
    """One value as bytes."""
    out = BitWriter()
    layout.write(out, value)
    return out.done()


_LOOPS_BITS = (6, 14, 22, 32)


def packed_events(
    events: Sequence[tuple[int, int, int, Any]], layouts: Mapping[int, Layout], number_bits: int
) -> bytes:
    """A stream of game events or messages.

    Args:
        events: (loop, user, number, value) in the order of their loops.
        layouts: by number.
        number_bits: how many bits the number has.
    """
    out, last = BitWriter(), 0
    for loop, user, number, value in events:
        delta, last = loop - last, loop
        width = next(index for index, bits in enumerate(_LOOPS_BITS) if delta < 1 << bits)
        out.bits(width, 2)
        out.bits(delta, _LOOPS_BITS[width])
        out.bits(user, 5)
        out.bits(number, number_bits)
        layouts[number].write(out, value)
        out.align()
    return out.done()
