"""Where creep tumours go: on creep, apart, towards the goal, never where a townhall belongs."""

from __future__ import annotations

import numpy as np

from modules.economy.creep import APART_CELLS, SPREAD_CELLS, tumour_spot

SIZE = 80
ALL = np.ones((SIZE, SIZE), np.bool_)
SOURCE, GOAL = (40.0, 40.0), (70.0, 40.0)


def test_creep_goes_towards_the_goal_within_range() -> None:
    spot = tumour_spot(SOURCE, ALL, ALL, GOAL, [], [])
    assert spot is not None
    assert np.hypot(spot[0] - 40, spot[1] - 40) <= SPREAD_CELLS + 0.8
    assert spot[0] >= 48


def test_a_tumour_is_placed_on_creep_only() -> None:
    creep = ALL.copy()
    creep[:, 47:] = False
    spot = tumour_spot(SOURCE, creep, ALL, GOAL, [], [])
    assert spot is not None
    assert creep[int(spot[1]), int(spot[0])]
    assert tumour_spot(SOURCE, ~ALL, ALL, GOAL, [], []) is None


def test_tumours_keep_apart_and_leave_room_for_townhalls() -> None:
    there, hall = [(49.0, 40.0)], [(46.0, 47.0)]
    spot = tumour_spot(SOURCE, ALL, ALL, GOAL, there, hall)
    assert spot is not None
    assert np.hypot(spot[0] - 49, spot[1] - 40) >= APART_CELLS
    assert np.hypot(spot[0] - 46, spot[1] - 47) >= 6
