"""`MapData`: everything the engine needs to know about a map before the first loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BoolGrid = npt.NDArray[np.bool_]
HeightGrid = npt.NDArray[np.uint8]

MAX_SIDE = 256
"""The longest side the game's map editor allows, in cells."""


class MapError(Exception):
    """A map cannot be read, built or trusted. The message is one sentence that says what to do."""


@dataclass(frozen=True)
class Neutral:
    """One thing of nobody: a mineral field, geyser, destructible, tower or plate.

    `type_id` is the game's unit type, `x`, `y` the centre in cells, `contents` what is left to mine
    (0 for what is not a resource).
    """

    type_id: int
    x: float
    y: float
    contents: int


@dataclass(frozen=True)
class MapData:
    """A two-player melee map.

    Grids are indexed `[y, x]`, row 0 is the bottom row, shape `(height, width)`.

    `pathing`: True where the bare terrain can be walked on, as if every neutral were gone; what stands on it
    (minerals, geysers, rocks, structures) is blocked by whoever places it, see `neutrals.footprint_cells`.
    `placement`: True where the terrain can be built on (walkable, but neither ramp nor vision blocker).
    `terrain_height`: the API's byte; world z = -16 + 32 * h / 255.
    `playable`: `(x0, y0, x1, y1)` in cells, upper ends exclusive.
    `start_locations`: town hall centres; player 1 first on our own maps.
    """

    name: str
    width: int
    height: int
    pathing: BoolGrid
    placement: BoolGrid
    terrain_height: HeightGrid
    playable: tuple[int, int, int, int]
    start_locations: tuple[tuple[float, float], ...]
    neutrals: tuple[Neutral, ...]

    def check(self) -> MapData:
        """Return self when shapes, types and positions fit together; raise `MapError` otherwise."""
        if not (8 <= self.width <= MAX_SIDE and 8 <= self.height <= MAX_SIDE):
            raise MapError(
                f"map {self.name}: size {self.width} x {self.height} is outside 8..{MAX_SIDE} cells a side; "
                "use the size that the game reports"
            )
        if self.width * self.height % 8:
            raise MapError(
                f"map {self.name}: {self.width} x {self.height} cells do not fill whole bytes; "
                "make both sides multiples of 8 as the game does"
            )
        shape = (self.height, self.width)
        for label, grid, dtype in (
            ("pathing", self.pathing, np.bool_),
            ("placement", self.placement, np.bool_),
            ("terrain_height", self.terrain_height, np.uint8),
        ):
            if grid.shape != shape or grid.dtype != dtype:
                raise MapError(
                    f"map {self.name}: {label} is {grid.dtype} {grid.shape}, expected "
                    f"{np.dtype(dtype)} {shape}; write the map again"
                )
        x0, y0, x1, y1 = self.playable
        if not (0 <= x0 < x1 <= self.width and 0 <= y0 < y1 <= self.height):
            raise MapError(
                f"map {self.name}: playable area {self.playable} does not lie inside "
                f"{self.width} x {self.height}; correct x0, y0, x1, y1"
            )
        if len(self.start_locations) != 2:
            raise MapError(
                f"map {self.name}: {len(self.start_locations)} start locations; the engine plays maps of two"
            )
        things = [(x, y, "start location") for x, y in self.start_locations]
        things += [(n.x, n.y, f"neutral of type {n.type_id}") for n in self.neutrals]
        for x, y, what in things:
            if not (0 <= x < self.width and 0 <= y < self.height):
                raise MapError(f"map {self.name}: {what} at ({x}, {y}) is off the map; move or drop it")
        return self


def height_byte(z: float) -> int:
    """The API's terrain byte of a world height in cells: z = -16 + 32 * byte / 255."""
    return int(np.clip(round((z + 16.0) * 255.0 / 32.0), 0, 255))


def world_z(byte: int) -> float:
    """World height in cells of an API terrain byte."""
    return -16.0 + 32.0 * byte / 255.0
