"""The list of units in an observation, written straight from the unit arrays.

Who sees which field is the real game's: own units show orders and cargo, enemies life and energy but no orders,
snapshots only what they looked like, undetected cloaked enemies hardly anything.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import layouts, orders
from cherrypy_bot.sim.api.batch import NEUTRAL_ID, Batch
from cherrypy_bot.sim.api.layouts import Layout
from cherrypy_bot.sim.api.sight import Sight, snapshot_tag
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.maps.model import world_z
from cherrypy_bot.sim.state import NEUTRAL
from cherrypy_bot.sim.world import Snapshot, World


class UnitWriter:
    """Writes the units that one player sees."""

    def __init__(self, player: int, options: sc.InterfaceOptions) -> None:
        self.player = player
        self.options = options
        self._orders = orders.OrderWriter()
        self._layouts = {
            name: Layout(getattr(layouts, name))
            for name in (
                "OWN",
                "OWN_ARMED",
                "OWN_STRUCTURE",
                "ENEMY",
                "ENEMY_ARMED",
                "ENEMY_STRUCTURE",
                "MINERAL",
                "GEYSER",
                "OTHER_NEUTRAL",
                "HIDDEN",
                "PLACEHOLDER",
                "SNAPSHOT",
            )
        }
        self._snapshots: dict[int, tuple[Snapshot, bytes]] = {}
        self._never_seen: tuple[bytes, bytes] = (b"", b"")

    def write(self, world: World, sight: Sight, camera: tuple[float, float]) -> bytes:
        """All unit messages, as repeated `units` of ObservationRaw."""
        table = type_table(world.rules)
        n, u = sight.rows, world.units
        types, owner = u.type_id[:n], u.owner[:n]
        armed, structure = table.armed[types], table.structure[types]
        own, enemy = sight.visible & (owner == self.player), sight.visible & (owner == 1 - self.player)
        neutral = sight.visible & (owner == NEUTRAL)
        gas_node = table.geyser[types]
        field = table.mineral[types]
        write = Batch(world, sight, camera, self._layouts, self._orders)
        parts = [
            self._write_snapshots(world, sight),
            write.neutral("MINERAL", np.flatnonzero(neutral & field)),
            write.neutral("GEYSER", np.flatnonzero(neutral & gas_node)),
            write.neutral("OTHER_NEUTRAL", np.flatnonzero(neutral & ~field & ~gas_node)),
            write.own("OWN_STRUCTURE", np.flatnonzero(own & structure & ~armed)),
            write.own("OWN", np.flatnonzero(own & ~structure & ~armed)),
            write.own("OWN_ARMED", np.flatnonzero(own & armed)),
            write.enemy("ENEMY_STRUCTURE", np.flatnonzero(enemy & structure & ~armed)),
            write.enemy("ENEMY", np.flatnonzero(enemy & ~structure & ~armed)),
            write.enemy("ENEMY_ARMED", np.flatnonzero(enemy & armed)),
        ]
        if self.options.show_placeholders:
            parts.append(write.placeholders())
        if sight.hidden.any():
            parts.append(write.hidden(np.flatnonzero(self._shimmering(world, sight))))
        return b"".join(parts)

    def _shimmering(self, world: World, sight: Sight) -> npt.NDArray[np.bool_]:
        """Undetected enemies that the interface options let through."""
        u, n = world.units, sight.rows
        burrowed = u.burrowed[:n] == 1
        shown = np.zeros(n, dtype=bool)
        if self.options.show_cloaked:
            shown |= ~burrowed
        if self.options.show_burrowed_shadows:  # only a unit that moves underground throws a shadow
            shown |= burrowed & (u.speed_now[:n] > 0)
        return sight.hidden & shown

    # -- snapshots -------------------------------------------------------------------------------------
    def _write_snapshots(self, world: World, sight: Sight) -> bytes:
        if sight.revealed:
            return b""
        u, n, vision = world.units, sight.rows, sight.vision
        out = []
        known = np.zeros(n, dtype=bool)
        for (player, row), snapshot in world.snapshots.items():
            if player != self.player:
                continue
            if row < n:
                known[row] = True
            if not vision[int(snapshot.y), int(snapshot.x)]:
                out.append(self._snapshot(world, row, snapshot))
        unseen = (u.alive[:n] == 1) & (u.owner[:n] == NEUTRAL) & ~sight.visible & ~known
        rows = np.flatnonzero(unseen)
        key = rows.tobytes() + u.recycle[rows].tobytes()
        if key != self._never_seen[0]:  # changes only when something is explored or mined out
            blob = b"".join(self._encode_snapshot(world, row, _as_placed(world, row)) for row in rows.tolist())
            self._never_seen = (key, blob)
        out.append(self._never_seen[1])
        return b"".join(out)

    def _snapshot(self, world: World, row: int, snapshot: Snapshot) -> bytes:
        known = self._snapshots.get(row)
        if known is not None and known[0] is snapshot:
            return known[1]
        data = self._encode_snapshot(world, row, snapshot)
        self._snapshots[row] = (snapshot, data)
        return data

    def _encode_snapshot(self, world: World, row: int, snapshot: Snapshot) -> bytes:
        neutral = snapshot.owner == NEUTRAL
        return self._layouts["SNAPSHOT"].encode(
            1,
            {
                "display_type": raw.Snapshot,
                "alliance": raw.Neutral if neutral else raw.Enemy,
                "tag": np.array([snapshot_tag(row, snapshot.recycle)], dtype=np.int64),
                "unit_type": snapshot.type_id,
                "owner": NEUTRAL_ID if neutral else snapshot.owner + 1,
                "x": snapshot.x,
                "y": snapshot.y,
                "z": world_z(int(world.grids.height[int(snapshot.y), int(snapshot.x)])),
                "radius": world.rules.units[snapshot.type_id].radius,
                "build_progress": snapshot.build_progress,
                "is_powered": 0,
            },
        )


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
