"""Squads as tasks that hold units, and the arrays of the units that they hold."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2

from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.tasks import Task
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import UnitTable
from modules.combat import WeaponTable
from modules.tactics.clusters import cluster, middle
from modules.tactics.squads import Mode

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

BODY_LINK_CELLS: Final = 5.0
"""Units of one body are at most this far from the next."""

NOT_ARMY: Final = np.array(
    [
        kind.value
        for kind in (
            UnitTypeId.SCV,
            UnitTypeId.PROBE,
            UnitTypeId.DRONE,
            UnitTypeId.DRONEBURROWED,
            UnitTypeId.MULE,
            UnitTypeId.LARVA,
            UnitTypeId.EGG,
            UnitTypeId.INTERCEPTOR,
            UnitTypeId.BROODLING,
            UnitTypeId.AUTOTURRET,
            UnitTypeId.ADEPTPHASESHIFT,
            UnitTypeId.KD8CHARGE,
        )
    ]
)
"""Types that have weapons and are nobody's soldiers."""

SUPPORT: Final = np.array(
    [
        kind.value
        for kind in (
            UnitTypeId.MEDIVAC,
            UnitTypeId.RAVEN,
            UnitTypeId.INFESTOR,
            UnitTypeId.VIPER,
            UnitTypeId.DISRUPTOR,
            UnitTypeId.DISRUPTORPHASED,
            UnitTypeId.OBSERVER,
            UnitTypeId.OVERSEER,
            UnitTypeId.ROACHBURROWED,
        )
    ]
)
"""Unarmed types that go with the army."""

HOME_GUARD: Final = np.array([UnitTypeId.QUEEN.value])
"""Types that fight at home only."""


class SquadTask(Task):
    """A group of units with one purpose.

    Attributes:
        mode: what it is up to. why: the reason.
        since: loop at which the mode began.
        goal: where it is sent.
        win: predicted win against what it faces.
        enemies: tags of those.
        seen_loop: when a defence squad last had somebody to fight.
    """

    def __init__(self, name: str, work: Work, goal: Point2, mode: Mode, loop: int, priority: float = 0.0) -> None:
        super().__init__(name, work=work, priority=priority)
        self.mode = mode
        self.reason = ""
        self.since = loop
        self.goal = goal
        self.win = 0.5
        self.enemies: tuple[int, ...] = ()
        self.seen_loop = loop
        self.parent_upc: int | None = None

    def enter(self, mode: Mode, why: str, loop: int) -> bool:
        """Change the mode; whether it is another one than before."""
        changed = mode is not self.mode
        if changed:
            self.mode, self.since = mode, loop
        self.reason = why
        return changed


class Body:
    """Where a squad's units are.

    Attributes:
        rows: of the unit table. core: rows of its main body. x, y: middle of that.
        together: share of the units that belong to the main body.
    """

    def __init__(self, units: UnitTable, tags: tuple[int, ...], link_cells: float = BODY_LINK_CELLS) -> None:
        self.rows = units.rows(tags)
        groups = cluster(units.x[self.rows], units.y[self.rows], link_cells)
        self.core = self.rows[groups[0]] if groups else self.rows
        self.x, self.y = middle(units.x[self.core], units.y[self.core]) if len(self.core) else (0.0, 0.0)
        self.together = len(self.core) / max(len(self.rows), 1)

    def __len__(self) -> int:
        return len(self.rows)

    def distance(self, point: tuple[float, ...] | Point2) -> float:
        """Cells from the middle of the main body to a point."""
        return float(np.hypot(self.x - point[0], self.y - point[1]))


def soldiers(units: UnitTable, weapons: WeaponTable) -> BoolArray:
    """Mask of our finished fighting units: everything with a weapon that is no worker and no structure."""
    fit: BoolArray = units.own & ~units.structure & units.ready & ~is_any_of(units.type_id, NOT_ARMY)
    army: BoolArray = fit & (weapons.armed(units.type_id) | is_any_of(units.type_id, SUPPORT))
    return army
