"""Who is at our places, and how many of ours are called."""

from __future__ import annotations

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.memory import EnemyMemory
from modules.tactics import defence
from modules.tactics.foes import Foes
from tests.modules.combat.armies import predictor, weapons
from tests.modules.micro.battles import fighter, table

BASE = np.array([[20.0, 30.0]])
NOWHERE = np.zeros((0, 2))


def foes(*units, loop: int = 100) -> Foes:  # type: ignore[no-untyped-def]
    memory = EnemyMemory()
    memory.update(table(*units), (), loop)
    return Foes.believed(memory, weapons(), loop, 1000)


def lings(count: int, x: float = 26.0) -> list:  # type: ignore[type-arg]
    return [fighter(100 + n, U.ZERGLING, x + 0.5 * n, 30, enemy=True) for n in range(count)]


def marines(count: int) -> list:  # type: ignore[type-arg]
    return [fighter(1 + n, U.MARINE, 20, 25 + n) for n in range(count)]


def test_enemies_at_a_base_are_an_intrusion_and_those_elsewhere_are_not() -> None:
    found = defence.intrusions(foes(*lings(3), fighter(200, U.ROACH, 60, 60, enemy=True)), 100, BASE, NOWHERE)
    assert [len(intrusion.members) for intrusion in found] == [3]
    assert found[0].armed
    assert defence.intrusions(foes(*lings(3)), 100, NOWHERE, NOWHERE) == []
    assert defence.intrusions(foes(), 100, BASE, NOWHERE) == []


def test_two_groups_at_a_base_are_two_intrusions() -> None:
    found = defence.intrusions(foes(*lings(3), fighter(200, U.ROACH, 10, 20, enemy=True)), 100, BASE, NOWHERE)
    assert sorted(len(intrusion.members) for intrusion in found) == [1, 3]


def test_the_rest_of_an_army_counts_although_only_its_front_is_near() -> None:
    army = [fighter(100 + n, U.MARINE, 36.0 + 1.5 * n, 30, enemy=True) for n in range(12)]
    (found,) = defence.intrusions(foes(*army), 100, BASE, NOWHERE)
    assert len(found.members) == 10
    assert found.x < 40.0
    assert defence.intrusions(foes(*army[3:]), 100, BASE, NOWHERE) == []


def test_an_overlord_is_not_armed() -> None:
    (found,) = defence.intrusions(foes(fighter(9, U.OVERLORD, 22, 30, enemy=True)), 100, BASE, NOWHERE)
    assert not found.armed


def test_as_many_as_are_enough_are_called_and_no_more() -> None:
    ours = table(*marines(12))
    rows = np.arange(12)
    none = np.zeros(0, np.int64)

    def called(enemies: int) -> tuple[int, float]:
        picture = foes(*lings(enemies))
        theirs = picture.side(np.arange(enemies))
        return defence.recruits_needed(predictor(), ours, none, rows, theirs, 0.85, none)

    few, win = called(2)
    assert 1 <= few <= 4
    assert win >= 0.85
    more, _ = called(8)
    assert few < more <= 12
    everybody, hopeless = called(60)
    assert everybody == 12
    assert hopeless < 0.5


def test_those_who_come_in_any_case_are_counted_in() -> None:
    ours, none = table(*marines(12)), np.zeros(0, np.int64)
    theirs = foes(*lings(2)).side(np.arange(2))
    count, win = defence.recruits_needed(predictor(), ours, none, np.arange(12), theirs, 0.85, none, 9)
    assert count == 9
    assert win > 0.9


def test_those_who_are_there_already_count() -> None:
    ours = table(*marines(12))
    picture = foes(*lings(2))
    none = np.zeros(0, np.int64)
    count, win = defence.recruits_needed(
        predictor(), ours, np.arange(8), np.arange(8, 12), picture.side(np.arange(2)), 0.85, none
    )
    assert count == 0
    assert win > 0.85


def test_all_who_are_near_come_against_an_army_and_those_far_off_only_if_needed() -> None:
    ours = table(*marines(6), fighter(50, U.MARINE, 60, 60))
    rows = np.arange(7)
    (army,) = defence.intrusions(picture := foes(*lings(8)), 100, BASE, NOWHERE)
    assert defence.at_hand(ours, rows, army, picture) == 6
    (few,) = defence.intrusions(picture := foes(*lings(2)), 100, BASE, NOWHERE)
    assert defence.at_hand(ours, rows, few, picture) == 0


def test_an_army_that_left_is_still_expected_and_one_not_seen_for_long_is_not() -> None:
    memory = EnemyMemory()
    memory.update(table(*lings(3), fighter(200, U.DRONE, 30, 30, enemy=True)), (), 100)
    memory.moved[:] = True
    memory.visible[:] = False
    assert len(Foes.believed(memory, weapons(), 200, 1000)) == 0
    assert len(Foes.army_at_large(memory, weapons(), 200, 1000)) == 3
    assert len(Foes.army_at_large(memory, weapons(), 5000, 1000)) == 0


def test_only_those_with_a_weapon_for_it_are_able() -> None:
    ours = table(fighter(1, U.ROACH, 20, 30), fighter(2, U.MARINE, 20, 31))
    air = foes(fighter(9, U.VOIDRAY, 22, 30, enemy=True, is_flying=True))
    assert defence.able(ours, weapons(), np.arange(2), air, np.arange(1)).tolist() == [False, True]


def test_a_reaper_can_dance_round_zealots_and_a_zealot_cannot() -> None:
    ours = table(fighter(1, U.REAPER, 20, 30), fighter(2, U.ZEALOT, 20, 31))
    zealots = foes(fighter(9, U.ZEALOT, 22, 30, enemy=True))
    assert defence.can_dance(ours, weapons(), np.array([0]), zealots, np.arange(1))
    assert not defence.can_dance(ours, weapons(), np.array([1]), zealots, np.arange(1))
    assert not defence.can_dance(ours, weapons(), np.zeros(0, np.int64), zealots, np.arange(1))
