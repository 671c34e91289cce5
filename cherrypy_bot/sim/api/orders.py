"""What a unit's orders, rally points, passengers and buffs look like on the wire.

Messages of orders are cached: between two steps most units keep the order they had.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api import wire
from cherrypy_bot.sim.maps.model import world_z
from cherrypy_bot.sim.world import Order, ProductionItem, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.sight import Sight

_ORDERS, _PASSENGERS, _CARGO, _CARGO_MAX, _BUFF, _BUFF_LEFT, _RALLY = 22, 24, 25, 26, 27, 43, 45
_BUFF_KEY = wire.key(_BUFF, wire.VARINT)
_CACHE_LIMIT = 20_000

RETURN_OF_GATHER = {295: 296, 298: 299, 1183: 1184, 166: 167}
"""Exact gather ability of SCV, Probe, Drone and MULE to the return ability that the game shows on the way back."""


def point3(world: World, x: float, y: float) -> bytes:
    """A Point message on the ground."""
    height = world.grids.height
    cy = min(max(int(y), 0), height.shape[0] - 1)
    cx = min(max(int(x), 0), height.shape[1] - 1)
    return struct.pack("<BfBfBf", 0x0D, x, 0x15, y, 0x1D, world_z(int(height[cy, cx])))


class OrderWriter:
    """Writes the fields that only the owner of a unit sees."""

    def __init__(self) -> None:
        self._cache: dict[tuple[int, int, float, float], bytes] = {}

    def orders(self, world: World, sight: Sight, row: int) -> bytes:
        """All UnitOrder fields of a unit: production first, then the current order and the queue."""
        out = b""
        items = world.production.get(row)
        if items:
            out = self._production(world, row, items)
        current = world.current.get(row)
        if current is not None:
            if current.kind == st.GATHER:
                out += self._gather(world, sight, row, current)
            elif current.kind == st.RETURN:
                out += self._return(world, row, current)
            else:
                out += self._order(world, sight, current)
        for order in world.queues.get(row, ()):
            out += self._order(world, sight, order)
        return out

    def _order(self, world: World, sight: Sight, order: Order) -> bytes:
        if order.ability <= 0:
            return b""
        tag = 0
        if order.target != st.NONE and world.is_unit(order.target, order.target_recycle):
            tag = sight.tag(order.target)
        return self._message(world, order.ability, tag, order.x, order.y)

    def _gather(self, world: World, sight: Sight, row: int, order: Order) -> bytes:
        """A worker shows the node it works at now, which need not be the one it was sent to."""
        u = world.units
        node = int(u.node[row])
        if u.gather_phase[row] == st.G_TO_DROP:
            return self._return(world, row, order)
        if node >= 0 and world.is_unit(node, int(u.node_recycle[row])):
            return self._message(world, order.ability, sight.tag(node), 0.0, 0.0)
        return self._order(world, sight, order)

    def _return(self, world: World, row: int, order: Order) -> bytes:
        """A worker on its way back shows the return order at the town hall it heads for."""
        u, p = world.units, int(world.units.owner[row])
        ability = RETURN_OF_GATHER.get(order.ability, order.ability)
        n = int(world.clock.rows[0])
        halls = (
            (u.alive[:n] == 1)
            & (u.owner[:n] == p)
            & world.stats.is_townhall[p, u.type_id[:n]]
            & (u.build_left[:n] <= 0)
            & (u.flying[:n] == 0)
        ).nonzero()[0]
        if len(halls) == 0:
            return self._message(world, ability, 0, 0.0, 0.0)
        distance = (u.x[halls] - u.x[row]) ** 2 + (u.y[halls] - u.y[row]) ** 2
        return self._message(world, ability, world.tag(int(halls[distance.argmin()])), 0.0, 0.0)

    def _message(self, world: World, ability: int, tag: int, x: float, y: float) -> bytes:
        key = (ability, tag, x, y)
        known = self._cache.get(key)
        if known is None:
            body = wire.uint(1, ability)
            if tag:
                body += wire.uint(3, tag)
            elif x or y:
                body += wire.message(2, point3(world, x, y))
            known = wire.message(_ORDERS, body)
            if len(self._cache) > _CACHE_LIMIT:
                self._cache.clear()
            self._cache[key] = known
        return known

    def _production(self, world: World, row: int, items: tuple[ProductionItem, ...]) -> bytes:
        u = world.units
        out, slot = b"", 0
        for item in items:
            progress = 0.0
            while slot < 2 and u.work_left[row, slot] < 0:
                slot += 1
            if slot < 2 and u.work_total[row, slot] > 0:
                progress = 1.0 - float(u.work_left[row, slot]) / float(u.work_total[row, slot])
                slot += 1
            out += wire.message(
                _ORDERS, wire.uint(1, item.ability) + (wire.float32(4, progress) if progress > 0 else b"")
            )
        return out


def rally(world: World, sight: Sight, row: int) -> bytes:
    """rally_targets of a building: those of its units, then those of its workers."""
    out = b""
    for target in (*world.rallies.get(row, ()), *world.worker_rallies.get(row, ())):
        body = wire.message(1, point3(world, target.x, target.y))
        if target.target != st.NONE and world.is_unit(target.target, target.target_recycle):
            body += wire.uint(2, sight.tag(target.target))
        out += wire.message(_RALLY, body)
    return out


def cargo(world: World, row: int, space: int, inside: list[int]) -> bytes:
    """passengers, cargo_space_taken and cargo_space_max of a transport."""
    u = world.units
    out, taken = b"", 0
    for unit in inside:
        taken += int(world.stats.cargo_size[int(u.owner[unit]), int(u.type_id[unit])])
        out += wire.message(
            _PASSENGERS,
            wire.uint(1, world.tag(unit))
            + wire.float32(2, u.hp[unit])
            + wire.float32(3, u.hp_max[unit])
            + wire.float32(4, u.shield[unit])
            + wire.float32(5, u.energy[unit])
            + wire.uint(6, int(u.type_id[unit]))
            + wire.float32(7, u.shield_max[unit])
            + wire.float32(8, u.energy_max[unit]),
        )
    return out + wire.uint(_CARGO, taken) + wire.uint(_CARGO_MAX, space)


def buffs(world: World, row: int, *, lasting: bool) -> bytes:
    """buff_ids; with `lasting` also for how long the longest of them goes on, which only the owner is told.

    Carried resources, which the game shows as buffs too, are left to `encode`.
    """
    out, until = b"", 0.0
    for buff, end in world.buffs.get(row, ()):
        if buff > 0:  # others are the engine's own
            out += _BUFF_KEY + wire.varint(buff)
            if math.isfinite(end):
                until = max(until, end)
    if lasting and until > world.loop and world.units.life_left[row] < 0:
        out += wire.uint(_BUFF_LEFT, math.ceil(until - world.loop))
    return out
