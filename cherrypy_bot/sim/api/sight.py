"""What one player sees: which cells, which units, and under which tags.

As in the game, a snapshot (something remembered or never yet seen) has another tag than the unit itself; both
name the same unit in commands.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.state import NEUTRAL

if TYPE_CHECKING:
    from cherrypy_bot.sim.world import World

SNAPSHOT_TAG = 1 << 33
"""Tags of snapshots lie above this, tags of units below, as in the game's observations."""


def snapshot_tag(row: int, recycle: int) -> int:
    """Tag of the snapshot of a unit."""
    return SNAPSHOT_TAG | (row << 18) | (recycle & 0x3FFFF)


class Sight:
    """A player's view of the world in one loop. With `revealed` nothing is hidden.

    visible: bool [rows], units that are fully seen. hidden: bool [rows], cloaked enemies whose shimmer is seen.
    blips: bool [rows], unseen enemies that a sensor tower shows as dots.
    vision: bool [H, W], cells in sight.
    """

    def __init__(self, world: World, player: int, revealed: bool) -> None:
        self.world, self.player, self.revealed = world, player, revealed
        n = int(world.clock.rows[0])
        u = world.units
        self.rows = n
        on_map = (u.alive[:n] == 1) & (u.hidden[:n] == 0)
        owner = u.owner[:n]
        self.vision: npt.NDArray[np.bool_] = world.grids.vis_count[player] > 0
        if revealed:
            self.vision = np.zeros_like(self.vision)
            x0, y0, x1, y1 = world.map.playable
            self.vision[y0:y1, x0:x1] = True
            seen = on_map
        else:
            seen = on_map & (((u.seen[:n] >> player) & 1 == 1) | (owner == player))
            neutral = np.flatnonzero(on_map & (owner == NEUTRAL))
            seen[neutral] = self.vision[u.y[neutral].astype(np.intp), u.x[neutral].astype(np.intp)]
        self.secret = secret = (u.cloaked[:n] == 1) & (owner == 1 - player) & ((u.detected[:n] >> player) & 1 == 0)
        self.visible = seen & ~secret
        self.hidden = seen & secret
        self.blips = self._blips(on_map & (owner == 1 - player))

    def _blips(self, enemies: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Unseen enemy units, structures apart, in the range of own sensor towers."""
        u, table = self.world.units, type_table(self.world.rules)
        out = np.zeros(self.rows, dtype=bool)
        if not len(self.radars):
            return out
        for row in self.radars[u.owner[self.radars] == self.player].tolist():
            reach = float(table.columns["radar"][u.type_id[row]])
            rows = np.flatnonzero(enemies & ~self.visible & ~self.secret & ~table.structure[u.type_id[: self.rows]])
            out[rows] |= np.hypot(u.x[rows] - u.x[row], u.y[rows] - u.y[row]) <= reach
        return out

    @cached_property
    def radars(self) -> npt.NDArray[np.intp]:
        """Rows of finished structures that have a radar, anybody's."""
        u, n = self.world.units, self.rows
        rows = np.flatnonzero(type_table(self.world.rules).has_radar[u.type_id[:n]])
        return rows[(u.alive[rows] == 1) & (u.build_left[rows] <= 0)] if len(rows) else rows

    @cached_property
    def remembered(self) -> npt.NDArray[np.bool_]:
        """Rows [rows] of which the player has a snapshot."""
        out = np.zeros(self.rows, dtype=bool)
        rows = [row for owner, row in self.world.snapshots if owner == self.player and row < self.rows]
        out[rows] = True
        return out

    def sees(self, row: int) -> bool:
        """Whether the unit in a row is fully seen."""
        return row < self.rows and bool(self.visible[row])

    def tag(self, row: int) -> int:
        """The tag under which the player knows a unit."""
        recycle = int(self.world.units.recycle[row])
        owner = int(self.world.units.owner[row])
        if owner == self.player or self.sees(row):
            return st.tag_of(row, recycle)
        return snapshot_tag(row, recycle)

    def row_of(self, tag: int) -> int:
        """Row of a unit that the player may name: seen, remembered, or a resource; NONE otherwise."""
        row, recycle = st.row_of_tag(tag)
        if not st.TAG_BASE <= tag < 2 * SNAPSHOT_TAG or not self.world.is_unit(row, recycle):
            return st.NONE
        owner = int(self.world.units.owner[row])
        if owner in (self.player, NEUTRAL) or self.sees(row) or (self.player, row) in self.world.snapshots:
            return row
        return st.NONE

    def ghost(self, tag: int) -> tuple[float, float] | None:
        """Where the player remembers a unit that is gone in truth; None when nothing is remembered."""
        row, recycle = st.row_of_tag(tag)
        snapshot = self.world.snapshots.get((self.player, row)) if tag >= SNAPSHOT_TAG else None
        if snapshot is None or snapshot.recycle & 0x3FFFF != recycle:
            return None
        return snapshot.x, snapshot.y
