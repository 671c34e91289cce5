"""Groups of units that stand together."""

from __future__ import annotations

import numpy as np

from modules.tactics.clusters import cluster, middle


def test_a_chain_is_one_group_and_a_gap_makes_two() -> None:
    x = np.array([0.0, 4.0, 8.0, 30.0, 33.0])
    groups = cluster(x, np.zeros(5), 5.0)
    assert [group.tolist() for group in groups] == [[0, 1, 2], [3, 4]]


def test_nobody_is_no_group() -> None:
    assert cluster(np.zeros(0), np.zeros(0), 5.0) == []


def test_the_middle_is_where_most_are() -> None:
    assert middle(np.array([1.0, 1.0, 1.0, 90.0]), np.array([2.0, 2.0, 2.0, 90.0])) == (1.0, 2.0)
