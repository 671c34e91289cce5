"""What we believe of the enemy, as arrays: who fights, who stands still, who is at our bases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.core.memory import EnemyMemory
from cherrypy_bot.core.type_sets import is_any_of
from modules.combat import Side, WeaponTable

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

WORKERS = np.array([UnitTypeId.SCV.value, UnitTypeId.PROBE.value, UnitTypeId.DRONE.value])
HARMLESS = np.array(
    [
        kind.value
        for kind in (
            UnitTypeId.LARVA,
            UnitTypeId.EGG,
            UnitTypeId.MULE,
            UnitTypeId.BROODLING,
            UnitTypeId.INTERCEPTOR,
            UnitTypeId.ADEPTPHASESHIFT,
            UnitTypeId.CREEPTUMOR,
            UnitTypeId.CREEPTUMORBURROWED,
            UnitTypeId.CREEPTUMORQUEEN,
            UnitTypeId.CHANGELING,
            UnitTypeId.CHANGELINGMARINE,
            UnitTypeId.CHANGELINGMARINESHIELD,
            UnitTypeId.CHANGELINGZEALOT,
            UnitTypeId.CHANGELINGZERGLING,
            UnitTypeId.CHANGELINGZERGLINGWINGS,
            UnitTypeId.KD8CHARGE,
        )
    ]
)
"""Neither fighters nor worth a trip."""


@dataclass(frozen=True)
class Foes:
    """Enemies believed to be alive and where they were last seen. Arrays of shape (n,).

    Attributes:
        memory: where the rows come from. row: rows of it.
        x, y: positions. worker, structure, flying, visible: masks.
        army: mobile fighters that are no workers. fixed: finished structures with weapons.
    """

    memory: EnemyMemory
    row: IntArray
    x: FloatArray
    y: FloatArray
    worker: BoolArray
    structure: BoolArray
    flying: BoolArray
    visible: BoolArray
    army: BoolArray
    fixed: BoolArray

    @classmethod
    def believed(cls, memory: EnemyMemory, weapons: WeaponTable, loop: int, forget_loops: int) -> Foes:
        """Structures count until seen destroyed, units `forget_loops` after they were last seen."""
        fresh = memory.visible | memory.structure | (memory.seen_loop >= loop - forget_loops)
        row = np.flatnonzero(fresh & ~memory.moved & ~is_any_of(memory.type_id, HARMLESS))
        kind = memory.type_id[row]
        structure = memory.structure[row]
        worker = is_any_of(kind, WORKERS)
        armed = weapons.armed(kind)
        return cls(
            memory,
            row,
            memory.x[row],
            memory.y[row],
            worker,
            structure,
            memory.is_flying[row],
            memory.visible[row],
            armed & ~worker & ~structure,
            armed & structure & (memory.build_progress[row] >= 1.0),
        )

    @staticmethod
    def army_at_large(memory: EnemyMemory, weapons: WeaponTable, loop: int, forget_loops: int) -> Side:
        """Every mobile fighter seen in the last `forget_loops` and not known to be dead, wherever it is by now."""
        fresh = memory.visible | (memory.seen_loop >= loop - forget_loops)
        harmless = is_any_of(memory.type_id, HARMLESS) | is_any_of(memory.type_id, WORKERS)
        armed = weapons.armed(memory.type_id)
        return Side.of(memory, np.flatnonzero(fresh & armed & ~memory.structure & ~harmless))

    def __len__(self) -> int:
        return len(self.row)

    def side(self, chosen: BoolArray | IntArray) -> Side:
        """The chosen enemies as one side of a fight."""
        return Side.of(self.memory, self.row[chosen])

    def tags(self, chosen: BoolArray | IntArray) -> tuple[int, ...]:
        """Tags of the chosen enemies."""
        tags: list[int] = self.memory.tag[self.row[chosen]].tolist()
        return tuple(tags)

    def within(self, x: float, y: float, cells: float) -> BoolArray:
        """Mask of those at most `cells` from a point."""
        near: BoolArray = (self.x - x) ** 2 + (self.y - y) ** 2 <= cells * cells
        return near
