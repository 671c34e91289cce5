"""Units that are not there to be seen: snapshots of what a player remembers, and structures still to be placed."""

from __future__ import annotations

import numpy as np
from s2clientprotocol import raw_pb2 as raw

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api import wire
from cherrypy_bot.sim.api.encode import NEUTRAL_ID
from cherrypy_bot.sim.api.orders import point3
from cherrypy_bot.sim.api.sight import Sight, snapshot_tag
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.state import NEUTRAL
from cherrypy_bot.sim.world import Snapshot, World

_UNITS = 2  # of ObservationRaw
_FACING_SOUTH = 4.712389


class SnapshotWriter:
    """One player's snapshots as messages, each made once."""

    def __init__(self, player: int) -> None:
        self.player = player
        self._made: dict[int, tuple[Snapshot, bytes]] = {}
        self._placed: dict[tuple[int, int], bytes] = {}
        self._keys: list[tuple[int, int]] = []
        self._values: list[Snapshot] = []
        self._data: list[bytes] = []
        self._rows, self._x, self._y = (np.empty(0, dtype=np.intp) for _ in range(3))
        self._recycle = np.empty(0, dtype=np.int64)

    def write(self, world: World, sight: Sight) -> bytes:
        """Snapshots whose place is out of sight, and neutral units that the player has never seen."""
        keys, values = list(world.snapshots), list(world.snapshots.values())
        if keys != self._keys or values != self._values:  # mostly the very same objects, which compares quickly
            self._keys, self._values = keys, values
            self._take(world)
        u, n = world.units, sight.rows
        out = []
        if len(self._rows):
            data = self._data
            # A structure's edge may be in sight where its middle is not: the unit itself is seen then.
            there = np.zeros(len(self._rows), np.bool_)
            inside = self._rows < n
            rows = self._rows[inside]
            there[inside] = sight.visible[rows] & (u.recycle[rows] == self._recycle[inside]) & (u.alive[rows] == 1)
            out = [data[i] for i in np.flatnonzero(~sight.vision[self._y, self._x] & ~there).tolist()]
        unseen = (u.owner[:n] == NEUTRAL) & (u.alive[:n] == 1) & ~sight.visible
        unseen[self._rows[self._rows < n]] = False
        rows = np.flatnonzero(unseen)
        placed = self._placed
        for key in zip(rows.tolist(), u.recycle[rows].tolist(), strict=True):
            known = placed.get(key)
            if known is None:
                known = placed[key] = _snapshot_message(world, key[0], _as_placed(world, key[0]))
            out.append(known)
        return b"".join(out)

    def _take(self, world: World) -> None:
        made = {}
        for (owner, row), snapshot in world.snapshots.items():
            if owner == self.player:
                known = self._made.get(row)
                if known is None or known[0] is not snapshot:
                    known = (snapshot, _snapshot_message(world, row, snapshot))
                made[row] = known
        self._made = made
        self._data = [data for _, data in made.values()]
        self._rows = np.array(list(made), dtype=np.intp)
        self._recycle = np.array([snapshot.recycle for snapshot, _ in made.values()], dtype=np.int64)
        self._x = np.array([snapshot.x for snapshot, _ in made.values()]).astype(np.intp)
        self._y = np.array([snapshot.y for snapshot, _ in made.values()]).astype(np.intp)


def _as_placed(world: World, row: int) -> Snapshot:
    """A neutral unit as the map shows it to those who never saw it."""
    u = world.units
    return Snapshot(
        type_id=int(u.type_id[row]),
        owner=NEUTRAL,
        x=float(u.x[row]),
        y=float(u.y[row]),
        hp=0.0,
        shield=0.0,
        build_progress=1.0,
        contents=0,
        recycle=int(u.recycle[row]),
    )


def _snapshot_message(world: World, row: int, snapshot: Snapshot) -> bytes:
    neutral = snapshot.owner == NEUTRAL
    return wire.message(
        _UNITS,
        wire.uint(1, raw.Snapshot)
        + wire.uint(2, raw.Neutral if neutral else raw.Enemy)
        + wire.uint(3, snapshot_tag(row, snapshot.recycle))
        + wire.uint(4, snapshot.type_id)
        + wire.uint(5, NEUTRAL_ID if neutral else snapshot.owner + 1)
        + wire.message(6, point3(world, snapshot.x, snapshot.y))
        + wire.float32(7, 0.0)
        + wire.float32(8, world.rules.units[snapshot.type_id].radius)
        + wire.float32(9, snapshot.build_progress)
        + wire.uint(10, raw.CloakedUnknown)
        + wire.uint(12, 0)
        + wire.uint(13, 0)
        + wire.uint(35, 0),
    )


def placeholders(world: World, player: int) -> bytes:
    """Structures that a player's builders are on their way to place."""
    u, built_by = world.units, type_table(world.rules).built_by
    out = b""
    for row, order in world.current.items():
        if order.kind != st.APPROACH or order.ability not in built_by or u.owner[row] != player:
            continue
        product = built_by[order.ability]
        out += wire.message(
            _UNITS,
            wire.uint(1, raw.Placeholder)
            + wire.uint(2, raw.Self)
            + wire.uint(3, 0)
            + wire.uint(4, product)
            + wire.uint(5, player + 1)
            + wire.message(6, point3(world, float(u.goal_x[row]), float(u.goal_y[row])))
            + wire.float32(7, _FACING_SOUTH)
            + wire.float32(8, world.rules.units[product].radius)
            + wire.float32(9, 0.0)
            + wire.uint(12, 0)
            + wire.uint(13, 0),
        )
    return out
