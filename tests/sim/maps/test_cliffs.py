"""What cliffs, ramps, paint and the playable area leave walkable: one block of 2 x 2 cells at a time."""

from __future__ import annotations

import numpy as np
import pytest

from cherrypy_bot.sim.maps.cliffs import slopes, walkable
from cherrypy_bot.sim.maps.sc2map_layers import CLIFF, RAMP, Layers

Square = tuple[int, int, int, int]
"""Bottom left, bottom right, top left, top right."""


def block(levels: Square, kind: int, cells: Square | None = None, raised: int | None = None) -> Layers:
    """One block with the given levels at its corners; `cells` in 64ths; `raised` corner of a flat ramp block."""
    corners = np.array(levels).reshape(2, 2)
    vertices = np.zeros((3, 3), dtype=np.int32)
    vertices[::2, ::2] = corners
    z = np.zeros((3, 3))
    if raised is not None:
        z[2 * (raised // 2), 2 * (raised % 2)] = 1.0
    return Layers(
        width=2,
        height=2,
        playable=(0, 0, 2, 2),
        z=z,
        cliff_z=z,
        vertex_level=vertices,
        cell_level=np.array(cells or [64 * v for v in levels], dtype=np.int32).reshape(2, 2),
        blocks=np.array([[kind]], dtype=np.int32),
        painted=np.zeros((2, 2), dtype=np.bool_),
    )


def free(layers: Layers) -> str:
    """Walkable cells as `x`, bottom left, bottom right, top left, top right."""
    return "".join("x" if cell else "." for cell in walkable(layers).ravel())


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((1, 1, 1, 1), "xxxx"),
        ((2, 2, 2, 1), "xxx."),  # an outer bend seen from above: only the low cell is wall
        ((1, 1, 2, 2), "..xx"),  # a straight wall stands on the low side
        ((3, 1, 3, 1), "x.x."),  # of any height
        ((2, 1, 1, 1), "...x"),  # an outer bend: the high cell and both sides are wall
        ((1, 1, 3, 1), ".x.."),
        ((3, 2, 1, 2), "...x"),  # the cell across lies level with one side
        ((3, 1, 1, 2), "...."),  # or with none
        ((2, 1, 1, 2), "...."),  # two plateaus touch at a corner
        ((2, 0, 0, 0), "...."),  # the void is no ground
        ((2, 2, 1, 0), "xx.."),
    ],
)
def test_walls_stand_on_the_low_side(levels: Square, expected: str) -> None:
    assert free(block(levels, CLIFF)) == expected


def test_the_void_cannot_be_walked_on() -> None:
    assert free(block((0, 0, 0, 0), 0)) == "...."


def test_a_step_that_no_cliff_covers_is_a_wall_all_the_same() -> None:
    assert free(block((2, 2, 1, 1), 0)) == "xx.."


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((104, 96, 96, 88), "xxxx"),  # the middle of a diagonal ramp
        ((72, 64, 64, 64), "xxxx"),  # its foot
        ((88, 80, 64, 72), ".x.."),  # its lower half at the side
        ((72, 64, 80, 88), "..x."),  # the same block turned
        ((128, 112, 64, 104), "xx.."),  # its upper half at the side
        ((128, 104, 64, 64), "xx.."),  # a straight ramp at the side
        ((88, 72, 64, 64), "xx.."),
        ((128, 128, 104, 104), "xxxx"),
    ],
)
def test_ramps_are_open_but_for_their_sides(cells: Square, expected: str) -> None:
    assert free(block((1, 1, 1, 2), RAMP, cells)) == expected


@pytest.mark.parametrize(("raised", "expected"), [(0, "...x"), (1, "..x."), (2, ".x.."), (3, "x...")])
def test_beside_the_foot_of_a_ramp_only_the_far_cell_is_open(raised: int, expected: str) -> None:
    assert free(block((1, 1, 1, 1), RAMP, raised=raised)) == expected


def test_paint_and_the_rim_block() -> None:
    layers = block((1, 1, 1, 1), 0)
    layers.painted[0, 1] = True
    assert free(layers) == "x.xx"
    narrow = Layers(**{**layers.__dict__, "playable": (0, 0, 2, 1)})
    assert free(narrow) == "x..."


def test_only_sloped_cells_of_ramps_are_slopes() -> None:
    ramp = block((1, 1, 1, 1), RAMP, raised=3)
    assert slopes(ramp).tolist() == [[False, False], [False, True]]
    assert not slopes(block((1, 1, 1, 1), CLIFF, raised=3)).any()
