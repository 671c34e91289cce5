"""How many workers fight: enough against workers, none against scouts and real armies."""

from __future__ import annotations

import numpy as np
import pytest
from sc2.position import Point2

from modules.economy.defence import choose, overrun, targets, workers_needed
from modules.keys import Threat

BASE = Point2((30.0, 30.0))


def threat(workers: int = 0, soldiers: float = 0.0, number: int | None = None) -> Threat:
    count = number if number is not None else workers + round(soldiers / 50)
    return Threat(BASE, BASE, 4.0, tuple(range(count)), workers, 25.0 * workers + soldiers, 0)


def test_a_lone_scout_is_left_alone() -> None:
    assert workers_needed(threat(workers=1), 0.0, 16, under_fire=False) == 0


def test_the_last_two_of_a_rush_are_no_scouts_while_they_kill() -> None:
    assert workers_needed(threat(workers=2), 0.0, 16, under_fire=True) >= 2


def test_a_worker_rush_is_met_by_more_workers_than_come() -> None:
    assert workers_needed(threat(workers=6), 0.0, 20, under_fire=False) > 6
    assert workers_needed(threat(workers=12), 0.0, 40, under_fire=False) > 12


def test_some_always_mine() -> None:
    assert workers_needed(threat(workers=12), 0.0, 12, under_fire=True) <= 10


def test_fighters_that_can_do_it_alone_get_no_help() -> None:
    assert workers_needed(threat(workers=6), 400.0, 20, under_fire=True) == 0


def test_a_few_zerglings_are_fought_a_real_army_is_not() -> None:
    assert workers_needed(threat(soldiers=150.0, number=6), 0.0, 20, under_fire=True) > 6
    assert workers_needed(threat(soldiers=900.0, number=14), 0.0, 40, under_fire=True) == 0


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_those_who_are_not_there_cannot_fight(workers: int) -> None:
    assert workers_needed(threat(workers=12), 0.0, workers, under_fire=True) == 0


def test_healthy_workers_near_the_enemy_go_first() -> None:
    crew = [(1, 30.0, 30.0, 5.0), (2, 50.0, 30.0, 45.0), (3, 31.0, 30.0, 45.0)]
    assert choose(crew, (30.0, 30.0), 1, hurt_below=11.0) == [3]
    assert choose(crew, (30.0, 30.0), 2, hurt_below=11.0) == [3, 2]
    assert choose(crew, (30.0, 30.0), 1, hurt_below=11.0, fighting={2}) == [3]


def test_the_hurt_fight_only_when_nobody_else_is_left() -> None:
    crew = [(1, 30.0, 30.0, 5.0), (2, 30.0, 30.0, 8.0), (3, 60.0, 30.0, 45.0)]
    assert choose(crew, (30.0, 30.0), 2, hurt_below=11.0, fighting={1, 2}) == [3, 2]
    assert choose(crew, (30.0, 30.0), 3, hurt_below=11.0) == [3, 2, 1]


def test_the_weakest_within_reach_is_hit_else_the_nearest() -> None:
    own, radius = np.array([[10.0, 10.0], [20.0, 10.0]]), np.full(2, 0.375)
    foes, foe_radius = np.array([[11.0, 10.0], [10.0, 11.05], [16.0, 10.0]]), np.full(3, 0.375)
    life = np.array([45.0, 12.0, 3.0])
    assert targets(own, radius, foes, foe_radius, life).tolist() == [1, 2]


def test_workers_leave_a_base_to_soldiers_that_nobody_stops() -> None:
    assert overrun(threat(soldiers=600.0), 200.0, already=False)
    assert not overrun(threat(soldiers=600.0), 600.0, already=False)
    assert not overrun(threat(workers=12), 0.0, already=False)
    assert not overrun(threat(soldiers=100.0), 0.0, already=False)


def test_who_has_left_does_not_come_back_for_a_little_help() -> None:
    assert not overrun(threat(soldiers=600.0), 400.0, already=False)
    assert overrun(threat(soldiers=600.0), 400.0, already=True)
