"""What is remembered beyond one observation: enemy units last seen, and which of our units are alive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from cherrypy_bot.core.units import BoolArray, FloatArray, IntArray, TagArray, UnitTable

_FLOATS = ("x", "y", "radius", "health", "health_max", "shield", "shield_max", "energy", "build_progress")

_VISIBLE_NOW = 2
"""Value of the game's visibility grid where we see."""


class EnemyMemory:
    """Every enemy unit seen and not known to be dead, as arrays of shape (n,).

    Attributes:
        tag, type_id, x, y, radius, health, health_max, shield, shield_max, energy, build_progress,
        is_flying, structure: as last seen.
        seen_loop: when it was last seen.
        visible: seen in this very step.
        moved: its last position is in sight now and it is not there; where it is, is unknown.
    """

    tag: TagArray
    type_id: IntArray
    x: FloatArray
    y: FloatArray
    radius: FloatArray
    health: FloatArray
    health_max: FloatArray
    shield: FloatArray
    shield_max: FloatArray
    energy: FloatArray
    build_progress: FloatArray
    is_flying: BoolArray
    structure: BoolArray

    def __init__(self) -> None:
        self.tag = np.zeros(0, np.uint64)
        self.type_id = np.zeros(0, np.int64)
        self.is_flying = self.structure = self.visible = self.moved = np.zeros(0, np.bool_)
        self.seen_loop: IntArray = np.zeros(0, np.int64)
        self._set_floats(np.zeros((0, len(_FLOATS))))

    def _set_floats(self, values: FloatArray) -> None:
        """Keep all float fields as one array, shape (n, len(_FLOATS)): one copy a step instead of nine."""
        self._values = values
        for column, name in enumerate(_FLOATS):
            setattr(self, name, values[:, column])

    def __len__(self) -> int:
        return len(self.tag)

    @property
    def ghosts(self) -> BoolArray:
        """Mask of those out of sight that may still be where they were."""
        return ~self.visible & ~self.moved

    def update(
        self, table: UnitTable, dead: Iterable[int], loop: int, visibility: npt.NDArray[Any] | None = None
    ) -> None:
        """Take in an observation.

        Args:
            table: of this step.
            dead: tags that died since the last step.
            loop: game loop of the step.
            visibility: the game's grid [y, x], 2 where we see now; without it nothing counts as moved.
        """
        rows = np.flatnonzero(table.enemy & table.visible)
        gone = set(dead)
        if not len(rows) and not len(self.tag):
            return
        gone.update(table.tag[rows].tolist())
        keep = np.array([tag not in gone for tag in self.tag.tolist()], np.bool_)
        now = np.stack([getattr(table, name)[rows] for name in _FLOATS], axis=1)
        self._set_floats(np.concatenate((self._values[keep], now)))
        self.tag = np.concatenate((self.tag[keep], table.tag[rows]))
        self.type_id = np.concatenate((self.type_id[keep], table.type_id[rows]))
        self.is_flying = np.concatenate((self.is_flying[keep], table.is_flying[rows]))
        self.structure = np.concatenate((self.structure[keep], table.structure[rows]))
        kept = int(keep.sum())
        self.seen_loop = np.concatenate((self.seen_loop[keep], np.full(len(rows), loop, np.int64)))
        self.visible = np.arange(len(self.tag)) >= kept
        moved = np.zeros(len(self.tag), np.bool_)
        moved[:kept] = self.moved[keep]
        if visibility is not None and kept:
            height, width = visibility.shape
            column = np.clip(self.x[:kept].astype(np.int64), 0, width - 1)
            line = np.clip(self.y[:kept].astype(np.int64), 0, height - 1)
            moved[:kept] |= visibility[line, column] == _VISIBLE_NOW
        self.moved = moved


class Roster:
    """Which of our units are alive.

    A unit that is missing from the observation is not dead: workers vanish inside gas structures and units
    inside transports are only listed as passengers. It counts as gone when the game reports its death, or
    when nothing was seen of it for `GONE_AFTER_LOOPS` (an archon's templars, a drone that became a building).
    """

    GONE_AFTER_LOOPS = 112

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._loop = 0

    def update(self, table: UnitTable, dead: Iterable[int], loop: int) -> None:
        """Take in an observation; `dead` are the tags that died since the last step."""
        self._loop = loop
        present = table.tags(table.own)
        seen = self._seen
        for tag in present:
            seen[tag] = loop
        if len(seen) > len(present):
            for row in np.flatnonzero(table.own & (table.cargo_used > 0)).tolist():
                for passenger in table.protos[row].passengers:
                    seen[passenger.tag] = loop
            oldest = loop - self.GONE_AFTER_LOOPS
            for tag in [tag for tag, last in seen.items() if last < oldest]:
                del seen[tag]
        for tag in dead:
            seen.pop(tag, None)

    def alive(self, tag: int) -> bool:
        """Whether the unit is ours and not known to be gone."""
        return tag in self._seen
