"""Where to scan: cloaked enemies that our fighters stand next to and cannot shoot at."""

from __future__ import annotations

from typing import Final

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.units import SNAPSHOT, UnitTable
from modules.keys import Sighting
from modules.power import army_rows

SCAN_ENERGY: Final = 50.0
SCAN_RADIUS: Final = 13.0
SCAN_LOOPS: Final = 276
"""12.3 s: as long nobody scans the same place again."""
CLOAKED: Final = 1
"""Value of the API's cloak state for units that we cannot see into."""
FIGHT_CELLS: Final = 12.0
"""A cloaked enemy farther than this from our fighters is left alone ..."""
LEAST_FIGHTERS: Final = 3
"""... and one with fewer of ours near it: they would not kill it within the scan."""
DETECTORS: Final = {U.RAVEN: 11.0, U.MISSILETURRET: 11.0, U.OBSERVER: 11.0, U.OVERSEER: 11.0}
"""Ours that see it anyway, when they come near: cells."""
CLOAKERS: Final = (
    U.BANSHEE,
    U.DARKTEMPLAR,
    U.DARKSHRINE,
    U.LURKERMP,
    U.LURKERDENMP,
    U.GHOST,
    U.WIDOWMINE,
    U.MOTHERSHIP,
)
"""Enemy types for which the energy of one scan is worth keeping."""


def scan_place(table: UnitTable) -> tuple[float, float] | None:
    """Middle of the place with the most cloaked enemies near our fighters that no detector of ours covers."""
    hidden = np.flatnonzero(table.enemy & (table.display_type != SNAPSHOT) & (table.cloak == CLOAKED))
    army = army_rows(table)
    if not len(hidden) or len(army) < LEAST_FIGHTERS:
        return None
    near = table.distances(hidden, army) <= FIGHT_CELLS
    hidden = hidden[near.sum(axis=1) >= LEAST_FIGHTERS]
    for kind, cells in DETECTORS.items():
        seers = np.flatnonzero(table.own & table.ready & table.of_type(kind))
        if len(hidden) and len(seers):
            hidden = hidden[(table.distances(hidden, seers) > cells).all(axis=1)]
    if not len(hidden):
        return None
    together = (table.distances(hidden, hidden) <= 0.5 * SCAN_RADIUS).sum(axis=1)
    best = int(hidden[together.argmax()])
    return float(table.x[best]), float(table.y[best])


def keeps_a_scan(seen: dict[U, Sighting]) -> bool:
    """Whether the enemy was seen to have what hides: then the energy of one scan is not spent on MULEs."""
    return any(kind in seen for kind in CLOAKERS)
