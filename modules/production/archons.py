"""High templar that become archons: pairs that are spent, or all of them while there is no storm to cast."""

from __future__ import annotations

from typing import Final

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.core.module import Context
from cherrypy_bot.core.upc import Upc

STORM_ENERGY: Final = 75.0
PAIR_CELLS: Final = 25.0
LOOK_LOOPS: Final = 34
PRIORITY: Final = 30.0


def merge_templar(ctx: Context) -> None:
    """Order the nearest pairs together."""
    if not ctx.board.timers.every("production.archons", LOOK_LOOPS):
        return
    table = ctx.units
    rows = np.flatnonzero(
        table.own & table.ready & table.of_type(U.HIGHTEMPLAR) & (table.order_ability != AbilityId.MORPH_ARCHON.value)
    )
    if UpgradeId.PSISTORMTECH in ctx.bot.state.upgrades:
        rows = rows[table.energy[rows] < STORM_ENERGY]
    left = rows.tolist()
    while len(left) >= 2:
        first = left.pop(0)
        away = np.hypot(table.x[left] - table.x[first], table.y[left] - table.y[first])
        index = int(away.argmin())
        if away[index] > PAIR_CELLS:
            continue
        second = left.pop(index)
        tags = (int(table.tag[first]), int(table.tag[second]))
        ctx.board.post(Upc.cast(AbilityId.MORPH_ARCHON, units=tags, note="archon", priority=PRIORITY))
