"""The ends of unit messages that Python keeps in tables: order queues, production, rally points, passengers, buffs.

Only units that have such a thing are looked at; all else is in arrays and written by `encode`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api import encode, orders
from cherrypy_bot.sim.api.sight import Sight
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.world import Order, World

_HARVESTING = (st.GATHER, st.RETURN)
_MOST_PLACES = 20_000


class Tails(NamedTuple):
    """Tails of the rows of a world: what they hold (`encode.TAIL_...`), where they lie, and their bytes."""

    bits: npt.NDArray[np.uint8]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    data: npt.NDArray[np.uint8]


class TailWriter:
    """Collects the tails of the units that one player sees."""

    def __init__(self) -> None:
        self._orders = orders.OrderWriter()
        self._places: dict[Order, bytes] = {}

    def write(self, world: World, sight: Sight, player: int) -> Tails:
        """Tails of all rows, empty ones for those that have none or are not the player's."""
        n, mine = sight.rows, (sight.visible & (world.units.owner[: sight.rows] == player)).tolist()
        bits = np.zeros(n, dtype=np.uint8)
        parts: dict[int, bytes] = {}
        write, places = self._orders.orders, self._places
        current, queues, production = world.current, world.queues, world.production
        for row, order in current.items():
            if not mine[row] or (order.kind in _HARVESTING and row not in queues and row not in production):
                continue
            if order.target != st.NONE or row in queues or row in production:
                parts[row] = write(world, sight, row)
                continue
            known = places.get(order)  # orders at a place, or at nothing, look the same for ever
            if known is None:
                if len(places) > _MOST_PLACES:
                    places.clear()
                known = places[order] = write(world, sight, row)
            parts[row] = known
        for row in production:
            if mine[row] and row not in current:
                parts[row] = write(world, sight, row)
        bits[list(parts)] = encode.TAIL_ORDERS
        for row, inside in passengers(world, sight).items():
            if mine[row]:
                space = world.rules.units[int(world.units.type_id[row])].cargo_capacity
                parts[row] = parts.get(row, b"") + orders.cargo(world, row, space, inside)
                bits[row] |= encode.TAIL_CARGO
        for row in dict.fromkeys((*world.rallies, *world.worker_rallies)):
            if mine[row]:
                parts[row] = parts.get(row, b"") + orders.rally(world, sight, row)
        for row in world.buffs:
            if row < n and sight.visible[row] and world.units.owner[row] != st.NEUTRAL:
                parts[row] = parts.get(row, b"") + orders.buffs(world, row, lasting=mine[row])
        start, end = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
        if not parts:
            return Tails(bits, start, end, np.zeros(1, dtype=np.uint8))
        rows = np.fromiter(parts, dtype=np.intp, count=len(parts))
        tails = list(parts.values())
        ends = np.cumsum(np.fromiter(map(len, tails), dtype=np.int32, count=len(tails)))
        end[rows] = ends
        start[rows[1:]] = ends[:-1]
        return Tails(bits, start, end, np.frombuffer(b"".join(tails) or b"\0", dtype=np.uint8))


def passengers(world: World, sight: Sight) -> dict[int, list[int]]:
    """Rows inside each own transport."""
    u, n = world.units, sight.rows
    by_carrier: dict[int, list[int]] = {}
    inside = (u.hidden[:n] == 1) & (u.carrier[:n] >= 0) & (u.alive[:n] == 1) & (u.owner[:n] == sight.player)
    cargo = type_table(world.rules).columns["cargo"]
    for row in np.flatnonzero(inside).tolist():
        carrier = int(u.carrier[row])
        if cargo[u.type_id[carrier]] > 0:
            by_carrier.setdefault(carrier, []).append(row)
    return by_carrier
