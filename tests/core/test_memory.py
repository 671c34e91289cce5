"""What is remembered: enemies last seen, units of ours that are alive."""

from __future__ import annotations

from typing import Any

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.core.memory import EnemyMemory, Roster
from tests.core.world import enemy, table, unit

FOG = np.zeros((64, 64), np.uint8)


def sight(x: int, y: int) -> Any:
    """A visibility grid in which one cell is in sight."""
    grid = FOG.copy()
    grid[y, x] = 2
    return grid


def test_an_enemy_out_of_sight_is_remembered_where_it_was_last_seen() -> None:
    memory = EnemyMemory()
    memory.update(table(enemy(1, x=20.0, y=21.0), enemy(2, x=30.0)), (), 4, FOG)
    assert memory.visible.tolist() == [True, True]
    memory.update(table(enemy(2, x=31.0)), (), 8, FOG)
    assert memory.tag.tolist() == [1, 2]
    assert memory.visible.tolist() == [False, True]
    assert memory.ghosts.tolist() == [True, False]
    assert memory.seen_loop.tolist() == [4, 8]
    assert memory.x.tolist() == [20.0, 31.0]


def test_a_dead_enemy_is_forgotten() -> None:
    memory = EnemyMemory()
    memory.update(table(enemy(1), enemy(2)), (), 4, FOG)
    memory.update(table(enemy(2)), (1,), 8, FOG)
    assert memory.tag.tolist() == [2]


def test_an_enemy_that_is_not_where_it_was_has_moved_until_seen_again() -> None:
    memory = EnemyMemory()
    memory.update(table(enemy(1, x=20.0, y=21.0)), (), 4, FOG)
    memory.update(table(), (), 8, sight(20, 21))
    assert memory.moved.tolist() == [True]
    memory.update(table(), (), 12, FOG)
    assert memory.moved.tolist() == [True], "looking away does not bring it back"
    assert memory.ghosts.tolist() == [False]
    memory.update(table(enemy(1, x=25.0)), (), 16, FOG)
    assert memory.moved.tolist() == [False]


def test_a_snapshot_is_not_a_sighting() -> None:
    memory = EnemyMemory()
    memory.update(table(enemy(1, UnitTypeId.BARRACKS)), (), 4, FOG)
    memory.update(table(enemy(1, UnitTypeId.BARRACKS, display_type=2)), (), 8, FOG)
    assert memory.seen_loop.tolist() == [4]
    assert memory.structure.tolist() == [True]


def test_a_reported_death_ends_a_unit_at_once() -> None:
    roster = Roster()
    roster.update(table(unit(1), unit(2)), (), 4)
    roster.update(table(unit(2)), (1,), 8)
    assert (roster.alive(1), roster.alive(2), roster.alive(3)) == (False, True, False)


def test_a_missing_unit_lives_for_a_while() -> None:
    roster = Roster()
    roster.update(table(unit(1), unit(2)), (), 4)
    roster.update(table(unit(2)), (), 4 + Roster.GONE_AFTER_LOOPS)
    assert roster.alive(1), "it may be inside a gas structure"
    roster.update(table(unit(2)), (), 5 + Roster.GONE_AFTER_LOOPS)
    assert not roster.alive(1)


def test_passengers_live_as_long_as_they_are_carried() -> None:
    carrier = unit(9, UnitTypeId.OVERLORDTRANSPORT, cargo_space_taken=1)
    carrier.passengers.add(tag=1)
    roster = Roster()
    roster.update(table(unit(1), carrier), (), 0)
    for loop in range(10, 400, 10):
        roster.update(table(carrier), (), loop)
    assert roster.alive(1)


def test_an_enemy_is_not_on_the_roster() -> None:
    roster = Roster()
    roster.update(table(enemy(1)), (), 4)
    assert not roster.alive(1)
