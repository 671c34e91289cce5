"""The list of units in an observation, written straight from the unit arrays.

Who sees which field is the real game's: own units show orders and cargo, enemies life and energy but no orders,
snapshots only what they looked like, undetected cloaked enemies hardly anything, a sensor tower's dots nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api import encode
from cherrypy_bot.sim.api.orders import RETURN_OF_GATHER
from cherrypy_bot.sim.api.remembered import SnapshotWriter, placeholders
from cherrypy_bot.sim.api.sight import Sight
from cherrypy_bot.sim.api.tails import TailWriter
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.world import World

NOBODY = -1
_RETURNS = encode.return_rows(RETURN_OF_GATHER)


class UnitWriter:
    """Writes the units that one player sees; for player NOBODY all of them, as allies' units."""

    def __init__(self, player: int, options: sc.InterfaceOptions) -> None:
        self.player = player
        self.options = options
        self._tails = TailWriter()
        self._out = np.zeros(1 << 16, dtype=np.uint8)
        self._snapshots = SnapshotWriter(player)

    def write(self, world: World, sight: Sight, camera: tuple[float, float], selection: Sequence[int] = ()) -> bytes:
        """All unit messages, as repeated `units` of ObservationRaw; `selection`: tags of selected units."""
        out = b"" if sight.revealed else self._snapshots.write(world, sight)
        out += self._write_seen(world, sight, camera, selection)
        return out + placeholders(world, self.player) if self.options.show_placeholders else out

    def _write_seen(self, world: World, sight: Sight, camera: tuple[float, float], selection: Sequence[int]) -> bytes:
        n, table = sight.rows, type_table(world.rules)
        visible = sight.visible.view(np.uint8)
        kinds = np.empty(n, dtype=np.uint8)
        load, halls, assigned, ideal = (np.empty(n, dtype=np.int32) for _ in range(4))
        units, columns, rules = world.unit_rows, table.columns, world.rules.game
        encode.classify(
            units,
            n,
            columns,
            self.player,
            visible,
            self._shimmering(world, sight).view(np.uint8),
            sight.blips.view(np.uint8),
            kinds,
        )
        encode.count_harvesters(units, n, columns, self.player, load, halls, assigned, ideal)
        tails = self._tails.write(world, sight, self.player)
        selected = np.zeros(n, dtype=np.uint8)
        selected[[row for row in map(world.row_of, selection) if row != st.NONE]] = 1
        room = n * encode.UNIT_ROOM + len(tails.data)
        if len(self._out) < room:
            self._out = np.zeros(2 * room, dtype=np.uint8)
        size = encode.write_units(
            self._out,
            units,
            n,
            columns,
            world.unit_stats,
            table.level_rows(world.upgrades),
            self.player,
            world.loop,
            float(camera[0]),
            float(camera[1]),
            world.grids.height,
            visible,
            kinds,
            selected,
            assigned,
            ideal,
            rules.ideal_workers_per_mineral,
            rules.ideal_workers_per_gas,
            _RETURNS,
            tails.bits,
            tails.start,
            tails.end,
            tails.data,
        )
        return self._out[:size].tobytes()

    def _shimmering(self, world: World, sight: Sight) -> npt.NDArray[np.bool_]:
        """Undetected enemies that the interface options let through."""
        u, n = world.units, sight.rows
        shown = np.zeros(n, dtype=bool)
        if not sight.hidden.any():
            return shown
        burrowed = u.burrowed[:n] == 1
        if self.options.show_cloaked:
            shown |= ~burrowed
        if self.options.show_burrowed_shadows:  # only a unit that moves underground throws a shadow
            shown |= burrowed & (u.speed_now[:n] > 0)
        return sight.hidden & shown
