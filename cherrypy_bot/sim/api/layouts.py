"""Unit messages as rows of a table: the wire bytes of many units are written column by column.

Every unit of one class (own and armed, enemy, mineral field, snapshot, ...) has the same fields in the same
places, so its message is a packed record whose keys are constant. Varints are padded to a fixed width, which the
wire format allows. What differs in length (orders, buffs, passengers) follows each record as its tail. Which
class has which fields was read off the real game's observations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.api import wire

Values = dict[str, Any]

# fields of raw_pb2.Unit: name -> (number, encoding). f = float32, b = one-byte varint, w = two-byte varint,
# t = five-byte varint (tags have 33 to 35 bits), p = the position message
FIELDS: dict[str, tuple[int, str]] = {
    "display_type": (1, "b"),
    "alliance": (2, "b"),
    "tag": (3, "t"),
    "unit_type": (4, "w"),
    "owner": (5, "b"),
    "pos": (6, "p"),
    "facing": (7, "f"),
    "radius": (8, "f"),
    "build_progress": (9, "f"),
    "cloak": (10, "b"),
    "is_selected": (11, "b"),
    "is_on_screen": (12, "b"),
    "is_blip": (13, "b"),
    "health": (14, "f"),
    "health_max": (15, "f"),
    "shield": (16, "f"),
    "energy": (17, "f"),
    "mineral_contents": (18, "w"),
    "vespene_contents": (19, "w"),
    "is_flying": (20, "b"),
    "is_burrowed": (21, "b"),
    "assigned_harvesters": (28, "w"),
    "ideal_harvesters": (29, "b"),
    "weapon_cooldown": (30, "f"),
    "is_powered": (35, "b"),
    "shield_max": (36, "f"),
    "energy_max": (37, "f"),
    "is_hallucination": (38, "b"),
    "is_active": (39, "b"),
    "attack_upgrade_level": (40, "b"),
    "armor_upgrade_level": (41, "b"),
    "shield_upgrade_level": (42, "b"),
}
_WIRE = {"f": wire.FIXED32, "b": wire.VARINT, "w": wire.VARINT, "t": wire.VARINT, "p": wire.LENGTH}
_UNITS_KEY = wire.key(2, wire.LENGTH)  # ObservationRaw.units

_HEAD = ("display_type", "alliance", "tag", "unit_type")
_BODY = (
    "owner",
    "pos",
    "facing",
    "radius",
    "build_progress",
    "cloak",
    "is_selected",
    "is_on_screen",
    "is_blip",
    "health",
    "health_max",
    "shield",
    "energy",
    "is_flying",
    "is_burrowed",
    "shield_max",
    "energy_max",
    "is_hallucination",
    "is_active",
    "armor_upgrade_level",
    "shield_upgrade_level",
)
ENEMY = (*_HEAD, *_BODY)
ENEMY_ARMED = (*ENEMY, "attack_upgrade_level")
OWN = (*ENEMY, "assigned_harvesters", "ideal_harvesters")
OWN_ARMED = (*OWN, "weapon_cooldown", "attack_upgrade_level")
OWN_STRUCTURE = (*OWN, "is_powered")
ENEMY_STRUCTURE = (*ENEMY, "is_powered")
MINERAL = (*ENEMY, "mineral_contents", "is_powered")
GEYSER = (*ENEMY, "vespene_contents", "is_powered")
OTHER_NEUTRAL = (*ENEMY, "is_powered")
SNAPSHOT = (
    *_HEAD,
    "owner",
    "pos",
    "facing",
    "radius",
    "build_progress",
    "cloak",
    "is_on_screen",
    "is_blip",
    "is_powered",
)
PLACEHOLDER = (*_HEAD, "owner", "pos", "facing", "radius", "build_progress", "is_on_screen", "is_blip")
HIDDEN = (*_HEAD, "pos", "radius", "cloak", "is_on_screen", "is_blip", "is_flying", "is_burrowed")


class Layout:
    """Writes the messages of one class of units. Fields not given to `encode` are zero."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._columns = [(name, *FIELDS[name]) for name in sorted(fields, key=lambda n: FIELDS[n][0])]
        spec: list[tuple[Any, ...]] = [("prefix", np.uint8, (len(_UNITS_KEY) + 2,))]
        for name, number, kind in self._columns:
            spec.append((f"{name}_key", np.uint8, (len(wire.key(number, _WIRE[kind])),)))
            if kind == "p":
                spec += [("length", np.uint8)]
                for axis in "xyz":
                    spec += [(f"{axis}_key", np.uint8), (axis, "<f4")]
            else:
                spec.append(
                    (name, *{"f": ("<f4",), "b": (np.uint8,), "w": (np.uint8, (2,)), "t": (np.uint8, (5,))}[kind])
                )
        self.dtype = np.dtype(spec)
        self._prefix = len(_UNITS_KEY) + 2
        self._template = self._make(64)

    def _make(self, capacity: int) -> npt.NDArray[Any]:
        table = np.zeros(capacity, dtype=self.dtype)
        table["prefix"][:, : len(_UNITS_KEY)] = list(_UNITS_KEY)
        for name, number, kind in self._columns:
            table[f"{name}_key"] = list(wire.key(number, _WIRE[kind]))
            if kind == "p":
                table["length"] = 15
                for field, axis in enumerate("xyz", 1):
                    table[f"{axis}_key"] = wire.key(field, wire.FIXED32)[0]
        return table

    def encode(self, count: int, values: Values, tails: Sequence[bytes] | None = None) -> bytes:
        """Wire bytes of `count` units; values by field name (position: x, y, z), arrays or scalars."""
        if count == 0:
            return b""
        if count > len(self._template):
            self._template = self._make(count * 2)
        table = self._template[:count]
        for name, _, kind in self._columns:
            if kind == "p":
                table["x"], table["y"], table["z"] = values["x"], values["y"], values["z"]
            elif name not in values:
                table[name] = 0
            elif kind == "w":
                value = np.asarray(values[name])
                table[name][:, 0] = (value & 0x7F) | 0x80
                table[name][:, 1] = (value >> 7) & 0x7F
            elif kind == "t":
                value = values[name]
                column = table[name]
                for k in range(4):
                    column[:, k] = ((value >> (7 * k)) & 0x7F) | 0x80
                column[:, 4] = (value >> 28) & 0x7F
            else:
                table[name] = values[name]
        size = self.dtype.itemsize - self._prefix
        if tails is None:
            table["prefix"][:, -2] = (size & 0x7F) | 0x80
            table["prefix"][:, -1] = size >> 7
            return table.tobytes()
        lengths = np.fromiter(map(len, tails), dtype=np.int64, count=count) + size
        table["prefix"][:, -2] = (lengths & 0x7F) | 0x80
        table["prefix"][:, -1] = lengths >> 7
        if lengths.max() == size:
            return table.tobytes()
        whole, step = table.tobytes(), self.dtype.itemsize
        return b"".join([part for i, tail in enumerate(tails) for part in (whole[i * step : i * step + step], tail)])


def vespene(contents: int) -> bytes:
    """vespene_contents of a gas building, which its other fields share no layout with."""
    return wire.uint(FIELDS["vespene_contents"][0], max(contents, 0))
