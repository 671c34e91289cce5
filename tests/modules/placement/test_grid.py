"""Free cells, fitting footprints, and ways that stay open."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.placement.grid import (
    fitting,
    keeps_ways_open,
    mark,
    mark_disc,
    mark_line,
    nearest_cell,
    same_level,
    walking_distance,
)


def field(text: str) -> np.ndarray:
    """A grid from a drawing, '.' is free; the first line is the top."""
    rows = [line.strip() for line in text.strip().splitlines()]
    return np.array([[cell == "." for cell in row] for row in reversed(rows)])


def test_a_structure_covers_whole_cells_round_its_centre() -> None:
    grid = np.zeros((8, 8), np.bool_)
    mark(grid, 3.5, 3.5, 3)
    assert grid.sum() == 9
    assert grid[2:5, 2:5].all()
    mark(grid, 7.0, 7.0, 2)
    assert grid[6:8, 6:8].all()


def test_marks_beyond_the_edge_are_cut_off() -> None:
    grid = np.zeros((4, 4), np.bool_)
    mark(grid, 0.0, 0.0, 4)
    mark_disc(grid, 10.0, 10.0, 2.0)
    assert grid.sum() == 4


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 5))
def test_fitting_agrees_with_looking_at_every_cell(seed: int, width: int, height: int) -> None:
    free = np.random.default_rng(seed).random((12, 14)) < 0.8
    fits = fitting(free, width, height)
    for y in range(12):
        for x in range(14):
            inside = y + height <= 12 and x + width <= 14
            assert fits[y, x] == (inside and bool(free[y : y + height, x : x + width].all()))


def test_a_structure_in_the_open_blocks_nobody() -> None:
    assert keeps_ways_open(np.ones((20, 20), np.bool_), 8, 8, 3, 3)


def test_a_structure_that_plugs_a_corridor_is_refused() -> None:
    corridor = np.zeros((20, 20), np.bool_)
    corridor[8:11, :] = True
    assert not keeps_ways_open(corridor, 8, 8, 3, 3)


def test_a_structure_that_leaves_a_lane_is_fine() -> None:
    corridor = np.zeros((20, 20), np.bool_)
    corridor[8:13, :] = True
    assert keeps_ways_open(corridor, 8, 8, 3, 3)


def test_nobody_is_walled_in() -> None:
    pocket = field(
        """
        ..........
        .########.
        .#......#.
        .#......#.
        .#......#.
        .###..###.
        ..........
        ..........
        """
    )
    assert not keeps_ways_open(pocket, 4, 2, 2, 1)


def test_walking_goes_round_walls() -> None:
    walls = np.ones((20, 20), np.bool_)
    walls[0:18, 10] = False
    distance = walking_distance(walls, 5.5, 2.5)
    assert distance[2, 5] == 0.0
    assert distance[2, 8] == pytest.approx(3.0)
    assert distance[2, 15] > 30.0


def test_nowhere_to_walk_is_infinitely_far() -> None:
    island = np.ones((10, 10), np.bool_)
    island[:, 5] = False
    assert np.isinf(walking_distance(island, 2.5, 2.5)[2, 8])
    assert np.isinf(walking_distance(np.zeros((4, 4), np.bool_), 1.0, 1.0)).all()


def test_a_plateau_ends_at_its_edge() -> None:
    height = np.full((10, 10), 100, np.uint8)
    height[:, 5:] = 150
    walkable = np.ones((10, 10), np.bool_)
    plateau = same_level(height, walkable, 2.5, 2.5)
    assert plateau[:, :5].all()
    assert not plateau[:, 5:].any()


def test_a_line_has_its_width() -> None:
    grid = np.zeros((20, 20), np.bool_)
    mark_line(grid, (4.0, 10.0), (16.0, 10.0), 1.0)
    assert grid[9:11, 4:16].all()
    assert not grid[14, 10]


def test_the_nearest_cell() -> None:
    grid = np.zeros((6, 6), np.bool_)
    assert nearest_cell(grid, 1.0, 1.0) is None
    grid[2, 3] = grid[5, 5] = True
    assert nearest_cell(grid, 3.5, 2.5) == (2, 3)
