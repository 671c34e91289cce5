"""Alerts of an observation: what the game would tell the player aloud.

They are read off the difference between two looks at the player's own rows, so two things of one kind that
happen between two observations give one alert, as they do in the game.
"""

from __future__ import annotations

import numpy as np
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api.types import TypeTable, type_table
from cherrypy_bot.sim.world import World


class AlertWatch:
    """Remembers a player's units of the last look."""

    def __init__(self, player: int, world: World) -> None:
        self.player = player
        self._remember(world)

    def _remember(self, world: World) -> None:
        u, n = world.units, int(world.clock.rows[0])
        mine = (u.alive[:n] == 1) & (u.owner[:n] == self.player)
        self._loop = world.loop
        self._recycle = np.where(mine, u.recycle[:n], -1)
        self._types = u.type_id[:n].copy()
        self._building = u.build_left[:n] > 0
        self._upgrades = world.upgrades[self.player]

    def look(self, world: World) -> list[int]:
        """Alerts since the last look, ascending."""
        if world.loop < self._loop:  # quick_load went back
            self._remember(world)
            return []
        u, n, table = world.units, int(world.clock.rows[0]), type_table(world.rules)
        known = min(n, len(self._recycle))
        mine = np.flatnonzero((u.alive[:n] == 1) & (u.owner[:n] == self.player))
        types = u.type_id[mine]
        same = np.zeros(len(mine), dtype=bool)
        old = mine < known
        same[old] = self._recycle[mine[old]] == u.recycle[mine[old]]
        alerts: set[int] = set()
        self._finished(alerts, u.build_left[mine] > 0, mine, same, types, table)
        self._changed(alerts, mine[same], types[same], table)
        hatched = types[~same & (u.created_loop[mine] > 0)]
        if table.larva[hatched].any():
            alerts.add(sc.LarvaHatched)
        self._trained(alerts, hatched, table)
        hurt = types[u.last_hurt_loop[mine] > self._loop]
        if table.structure[hurt].any():
            alerts.add(sc.BuildingUnderAttack)
        if (~table.structure[hurt]).any():
            alerts.add(sc.UnitUnderAttack)
        for upgrade in world.upgrades[self.player] - self._upgrades:
            leveled = "Level" in world.rules.upgrades[upgrade].name
            alerts.add(sc.UpgradeComplete if leveled else sc.ResearchComplete)
        self._remember(world)
        return sorted(alerts)

    def _finished(
        self,
        alerts: set[int],
        building: np.ndarray,
        mine: np.ndarray,
        same: np.ndarray,
        types: np.ndarray,
        table: TypeTable,
    ) -> None:
        """Structures, add-ons and warped-in units that were under construction and are done."""
        was = np.zeros(len(mine), dtype=bool)
        was[same] = self._building[mine[same]]
        done = types[was & ~building]
        if table.addon[done].any():
            alerts.add(sc.AddOnComplete)
        if (table.structure[done] & ~table.addon[done]).any():
            alerts.add(sc.BuildingComplete)
        if (~table.structure[done]).any():
            alerts.add(sc.WarpInComplete)

    def _changed(self, alerts: set[int], rows: np.ndarray, types: np.ndarray, table: TypeTable) -> None:
        """Units that are of another type now: eggs that hatched, structures that were upgraded."""
        before = self._types[rows]
        for old, new in {(int(a), int(b)) for a, b in zip(before, types, strict=True) if a != b}:
            if table.structure[new]:
                if table.structure[old]:
                    alerts.add(sc.MorphComplete)
            elif table.egg[old]:
                alerts.add(sc.TrainWorkerComplete if table.worker[new] else sc.TrainUnitComplete)

    @staticmethod
    def _trained(alerts: set[int], types: np.ndarray, table: TypeTable) -> None:
        units = types[~table.structure[types] & ~table.larva[types] & ~table.egg[types]]
        if table.worker[units].any():
            alerts.add(sc.TrainWorkerComplete)
        if (~table.worker[units]).any():
            alerts.add(sc.TrainUnitComplete)
