"""Alerts of an observation: what the game would tell the player aloud.

They are read off the difference between two looks at the player's own rows, so two things of one kind that
happen between two observations give one alert, as they do in the game.
"""

from __future__ import annotations

import numpy as np
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.abilities.effects.ghosts import ARMED
from cherrypy_bot.sim.api import tally
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.world import World

_NUKE = "nuke"  # kind of the effect that falls
_ALERTS = {
    tally.ADDON_DONE: sc.AddOnComplete,
    tally.BUILDING_DONE: sc.BuildingComplete,
    tally.BUILDING_HURT: sc.BuildingUnderAttack,
    tally.LARVA_HATCHED: sc.LarvaHatched,
    tally.MERGED: sc.MergeComplete,
    tally.MORPHED: sc.MorphComplete,
    tally.MOTHERSHIP_DONE: sc.MothershipComplete,
    tally.MULE_GONE: sc.MULEExpired,
    tally.WORM_SEEN: sc.NydusWormDetected,
    tally.UNIT_TRAINED: sc.TrainUnitComplete,
    tally.WORKER_TRAINED: sc.TrainWorkerComplete,
    tally.UNIT_HURT: sc.UnitUnderAttack,
    tally.GAS_GONE: sc.VespeneExhausted,
    tally.WARPED_IN: sc.WarpInComplete,
    tally.FIELD_GONE: sc.MineralsExhausted,
    tally.HALL_UPGRADED: sc.UpgradeComplete,
    tally.TRANSFORMED: sc.TransformationComplete,
}


class AlertWatch:
    """Remembers a player's units of the last look."""

    def __init__(self, player: int, world: World) -> None:
        self.player = player
        self._found = np.zeros(tally.FINDINGS, dtype=np.uint8)
        self._known = 0
        self._was, self._types = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
        self._bits = np.empty(0, dtype=np.uint8)
        self._look(world)
        self._remember(world)

    def _look(self, world: World) -> None:
        n = int(world.clock.rows[0])
        if n > len(self._was):
            room = max(2 * n, 512) - len(self._was)
            self._was, self._types, self._bits = (
                np.concatenate((old, np.zeros(room, dtype=old.dtype))) for old in (self._was, self._types, self._bits)
            )
        columns = type_table(world.rules).columns
        since = self._loop if self._known else world.loop
        tally.look(
            world.unit_rows,
            n,
            columns,
            self.player,
            self._known,
            since,
            self._was,
            self._types,
            self._bits,
            self._found,
        )
        self._known = n

    def _remember(self, world: World) -> None:
        self._loop = world.loop
        self._upgrades = world.upgrades[self.player]
        self._nukes = self._nuclear(world)

    def _nuclear(self, world: World) -> tuple[frozenset[int], frozenset[int]]:
        """Own academies that hold a nuke, and ghosts of the enemy that call one down."""
        owner = world.units.owner
        held = frozenset(row for row, what in world.marks if what == ARMED and owner[row] == self.player)
        falling = frozenset(e.row for e in world.effects if e.kind == _NUKE and e.owner != self.player)
        return held, falling

    def look(self, world: World) -> list[int]:
        """Alerts since the last look, ascending."""
        back = world.loop < self._loop  # quick_load went back
        self._look(world)
        alerts: set[int] = {_ALERTS[k] for k in np.flatnonzero(self._found).tolist()}
        for upgrade in world.upgrades[self.player] - self._upgrades:
            leveled = "Level" in world.rules.upgrades[upgrade].name
            alerts.add(sc.UpgradeComplete if leveled else sc.ResearchComplete)
        held, falling = self._nukes
        self._remember(world)
        if self._nukes[0] - held:
            alerts.add(sc.NukeComplete)
        if self._nukes[1] - falling:
            alerts.add(sc.NuclearLaunchDetected)
        return [] if back else sorted(alerts)
