"""Enemy structures become bases; the nearest is attacked first."""

from __future__ import annotations

import numpy as np

from modules.scouting.bases import group, order


def test_structures_near_each_other_are_one_base() -> None:
    points = np.array([[10.0, 10.0], [15.0, 12.0], [60.0, 60.0], [62.0, 55.0], [11.0, 18.0]])
    assert [sorted(g.tolist()) for g in group(points)] == [[0, 1, 4], [2, 3]]


def test_nothing_seen_is_no_base() -> None:
    assert group(np.zeros((0, 2))) == []


def test_the_base_nearest_to_home_comes_first() -> None:
    assert order([(100.0, 0.0), (50.0, 0.0)], [3.0, 3.0], (0.0, 0.0)) == [1, 0]


def test_what_floats_comes_last() -> None:
    assert order([(10.0, 0.0), (90.0, 0.0)], [-1000.0, 1.0], (0.0, 0.0)) == [1, 0]
