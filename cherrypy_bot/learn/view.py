"""What one player knows at one moment, as plain data, and the record of all evaluations of a match.

The same class is filled in a match (`modules.strategy.selector`) and from replays. What a source cannot know is None;
the features then carry a mask instead of an invented value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

LOOPS_PER_SECOND: Final = 22.4
EVALUATE_LOOPS: Final = 112
"""Every five seconds of the game, from loop 0."""
FORECAST_LOOPS: Final = (112, 336, 672)
"""5, 15 and 30 seconds ahead."""
GRID_CELLS: Final = 8
GRIDS: Final = ("own army", "enemy army", "own structures", "enemy structures")
NO_BUILD: Final = -1

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EnemySeen:
    """Enemy units of one type that were seen and are not known to be dead.

    Attributes:
        count: how many. age_loops: since one of them was last in sight; 0 now.
    """

    count: int
    age_loops: int


@dataclass(frozen=True, slots=True)
class MapFacts:
    """What a map is like; never which one it is.

    Attributes:
        width, height: of the playable area in cells.
        rush_cells: from our start to the enemy's, in a straight line, None where the enemy's start is not known.
        bases: places for bases on the map.
    """

    width: float
    height: float
    rush_cells: float | None
    bases: int


@dataclass(frozen=True, slots=True)
class StateView:
    """What one player knows at one game loop.

    Counts are by unit type id (any form of a unit; `vocabulary` says which are one thing). Attributes:
        loop: game loop. race: own, "terran", "protoss" or "zerg". enemy_race: likewise, None while not known.
        own: finished units and structures of ours. pending: begun and paid for (in production, under construction).
        enemy: what was seen of the enemy.
        minerals, vespene: in the bank.
        supply_used, supply_cap, supply_army, supply_workers: as the game counts them.
        bases: own townhalls, unfinished ones too. enemy_bases: the enemy's that are known.
        upgrades, upgrades_pending: upgrade ids.
        build: name of the build order that is being played, None before the first is chosen or where there is none.
        build_loops: for how long.
        forecast: per entry of FORECAST_LOOPS our expected counts if nothing dies; () where nobody plans.
        grids: float32 [len(GRIDS), GRID_CELLS, GRID_CELLS], what stands where in minerals plus gas. Own start lies in
            the middle of column 1, the enemy's in the middle of column 6 and both between rows 3 and 4; what is
            outside counts for the cell at the edge.
        map: what the map is like.
    """

    loop: int
    race: str
    enemy_race: str | None = None
    own: Mapping[int, int] = field(default_factory=dict)
    pending: Mapping[int, int] | None = None
    enemy: Mapping[int, EnemySeen] | None = None
    minerals: float | None = None
    vespene: float | None = None
    supply_used: float | None = None
    supply_cap: float | None = None
    supply_army: float | None = None
    supply_workers: float | None = None
    bases: int | None = None
    enemy_bases: int | None = None
    upgrades: frozenset[int] | None = None
    upgrades_pending: frozenset[int] | None = None
    build: str | None = None
    build_loops: int | None = None
    forecast: Sequence[Mapping[int, float]] = ()
    grids: FloatArray | None = None
    map: MapFacts | None = None


def grid_cells(
    x: npt.NDArray[np.floating], y: npt.NDArray[np.floating], own: tuple[float, float], enemy: tuple[float, float]
) -> npt.NDArray[np.int64]:
    """Flat index [row * GRID_CELLS + column] of the cell of `StateView.grids` that each position lies in.

    Args:
        x, y: positions in map cells, shape (n,). own, enemy: start locations, two different points.
    """
    dx, dy = enemy[0] - own[0], enemy[1] - own[1]
    squared = dx * dx + dy * dy
    along = ((x - own[0]) * dx + (y - own[1]) * dy) / squared
    across = ((y - own[1]) * dx - (x - own[0]) * dy) / squared
    # 0..1 between the starts covers five cells, from the middle of column 1 to that of column 6.
    column = np.clip(np.floor(along * 5 + 1.5), 0, GRID_CELLS - 1)
    row = np.clip(np.floor(across * 5 + GRID_CELLS / 2), 0, GRID_CELLS - 1)
    return (row * GRID_CELLS + column).astype(np.int64)


def fill_grid(cells: npt.NDArray[np.int64], weights: npt.NDArray[np.floating]) -> FloatArray:
    """Sum of weights per cell, float32 [GRID_CELLS, GRID_CELLS]."""
    flat = np.bincount(cells, weights=weights, minlength=GRID_CELLS * GRID_CELLS)
    return flat.astype(np.float32).reshape(GRID_CELLS, GRID_CELLS)


class SelectorRecord:
    """Every evaluation of one match, in order; the first is that of the opening at loop 0.

    Attributes:
        builds: names of all build orders of the race; the indices below point into it.
        features_version: of the inputs.
        loops: list of int. inputs: list of float32 [F].
        build: index of the build that was being played when the evaluation was made, NO_BUILD at loop 0.
        switch: index of the build that was decided for, NO_BUILD where no decision was made. A decision may be to stay:
            then it is the build that was being played. At loop 0 it is the opening.
        random: whether the decision was drawn at random, from all that were allowed.
        values: list of {build: probability of winning when switching to it now}, {} where the policy has none.

    The class is no dataclass, so that traces show its text instead of walking through every number.
    """

    def __init__(self, builds: Sequence[str], features_version: int) -> None:
        self.builds = tuple(builds)
        self.features_version = features_version
        self.loops: list[int] = []
        self.inputs: list[FloatArray] = []
        self.build: list[int] = []
        self.switch: list[int] = []
        self.random: list[bool] = []
        self.values: list[Mapping[str, float]] = []

    def __len__(self) -> int:
        return len(self.loops)

    def __repr__(self) -> str:
        return f"{len(self)} evaluations of {len(self.builds)} builds, {sum(b >= 0 for b in self.switch)} decisions"

    def add(
        self,
        loop: int,
        inputs: FloatArray,
        *,
        build: str,
        switch: str | None,
        random: bool,
        values: Mapping[str, float],
    ) -> None:
        """Add an evaluation; `build` "" is none, `switch` None no decision."""
        self.loops.append(loop)
        self.inputs.append(inputs)
        self.build.append(self._index(build))
        self.switch.append(self._index(switch or ""))
        self.random.append(random)
        self.values.append(dict(values))

    def _index(self, name: str) -> int:
        return self.builds.index(name) if name in self.builds else NO_BUILD
