"""Whom units attack, whom they answer, how far they follow, and what stands in the way of attacking."""

import math

from cherrypy_bot.sim import state as st
from tests.sim.scenario import Scenario, flat_map


def test_a_phoenix_shoots_while_it_flies_on_and_a_viking_does_not() -> None:
    for name, shoots in (("Phoenix", True), ("VikingFighter", False)):
        s = Scenario()
        fighter, overlord = s.put(name, 0, 10, 20), s.put("Overlord", 1, 20, 21)
        s.order(fighter, st.MOVE, 40, 20)
        s.run(150)
        assert bool(s.u.hp[overlord] < s.u.hp_max[overlord]) is shoots
        assert s.u.x[fighter] > 30  # nothing stopped it


def test_a_thor_turns_before_it_shoots() -> None:
    """22.5 degrees a loop: half a turn takes it seven loops more than no turn."""
    spent = []
    for facing in (0.0, math.pi):
        s = Scenario()
        thor, roach = s.put("Thor", 0, 20, 20), s.put("Roach", 1, 25, 20)
        s.order(roach, st.BUSY)
        s.u.facing[thor] = facing
        s.order(thor, st.ATTACK_UNIT, target=roach)
        spent.append(s.run_until(lambda s=s, thor=thor: s.u.windup[thor] > 0, 60))
    assert 6 <= spent[1] - spent[0] <= 8


def test_turrets_need_not_turn() -> None:
    s = Scenario()
    tank, roach = s.put("SiegeTank", 0, 20, 20), s.put("Roach", 1, 25, 20)
    s.order(roach, st.BUSY)
    s.u.facing[tank] = math.pi
    s.order(tank, st.ATTACK_UNIT, target=roach)
    assert s.run_until(lambda: s.u.windup[tank] > 0, 60) <= 2


def test_idle_comrades_come_to_help() -> None:
    s = Scenario()
    victim, near, far = s.put("Zergling", 1, 28, 20), s.put("Zergling", 1, 31, 20), s.put("Zergling", 1, 38, 20)
    tank = s.put("SiegeTankSieged", 0, 16, 20)
    s.put("Overseer", 0, 24, 24)
    s.run_until(lambda: s.u.hp[victim] < s.u.hp_max[victim], 100)
    assert s.u.prey[near] == tank
    assert s.u.prey[far] == st.NONE


def test_workers_and_overlords_do_not_come_to_help() -> None:
    s = Scenario()
    victim, drone, overlord = s.put("Roach", 1, 28, 20), s.put("Drone", 1, 29, 20), s.put("Overlord", 1, 28, 21)
    s.order(victim, st.HOLD)
    s.put("SiegeTankSieged", 0, 16, 20)
    s.put("Overseer", 0, 24, 24)
    s.run_until(lambda: s.u.hp[victim] < s.u.hp_max[victim], 100)
    assert s.u.prey[drone] == s.u.prey[overlord] == st.NONE


def test_an_idle_unit_follows_only_so_far_and_goes_home() -> None:
    s = Scenario()
    zealot, bait = s.put("Zealot", 0, 10, 20), s.put("Zergling", 1, 14, 20)
    s.order(bait, st.MOVE, 60, 20)
    s.u.hp_max[bait] = s.u.hp[bait] = 10000
    s.u.speed_factor[bait] = 0.75
    s.run_until(lambda: s.u.x[zealot] > 30.5, 1000)
    s.run_until(lambda: math.dist(s.place(zealot), (10, 20)) < 2, 1000)
    assert max(s.u.x[zealot], 0) < 13
    assert s.u.prey[zealot] == st.NONE


def test_who_attacks_from_high_ground_shows_itself_for_a_while() -> None:
    m = flat_map()
    m.terrain_height[:, 24:] = 182
    s = Scenario(m)
    stalker, marine = s.put("Stalker", 0, 25.5, 20.5), s.put("Marine", 1, 20.5, 20.5)
    s.order(marine, st.BUSY)
    s.run(1)
    assert not s.u.seen[stalker] >> 1 & 1
    s.run_until(lambda: s.u.cooldown[stalker] > 0 and s.u.windup[stalker] < 0, 30)
    s.run(1)
    assert s.u.seen[stalker] >> 1 & 1
    s.order(stalker, st.BUSY)
    s.run(40)
    assert s.u.seen[stalker] >> 1 & 1
    s.run(12)
    assert not s.u.seen[stalker] >> 1 & 1


def test_attacking_does_not_uncover_the_cloaked() -> None:
    s = Scenario()
    templar, marine = s.put("DarkTemplar", 0, 20, 20), s.put("Marine", 1, 22, 20)
    s.u.hp_max[marine] = s.u.hp[marine] = 1000
    s.run(120)
    assert s.u.hp[marine] < 1000
    assert s.u.prey[marine] == st.NONE
    assert s.u.shield[templar] == s.u.shield_max[templar]


def test_detectors_under_construction_or_without_power_do_not_detect() -> None:
    for field, value in (("build_left", 100.0), ("powered", 0)):
        s = Scenario()
        templar, cannon = s.put("DarkTemplar", 0, 20, 20), s.put("PhotonCannon", 1, 24, 20)
        s.order(templar, st.BUSY)
        s.u.can_attack[cannon] = 0
        getattr(s.u, field)[cannon] = value
        s.u.build_total[cannon], s.u.build_rate[cannon] = 100.0, 0.0
        s.run(2)
        assert s.u.detected[templar] == 0
        getattr(s.u, field)[cannon] = 0 if field == "build_left" else 1
        s.run(2)
        assert s.u.detected[templar] == 2


def test_a_target_in_range_is_kept_when_a_nearer_one_comes() -> None:
    s = Scenario()
    marine, first = s.put("Marine", 0, 20, 20), s.put("Roach", 1, 25.5, 20)
    s.order(marine, st.HOLD)
    s.order(first, st.BUSY)
    s.run_until(lambda: s.u.prey[marine] == first, 20)
    second = s.put("Roach", 1, 22, 20)
    s.order(second, st.BUSY)
    s.run(60)
    assert s.u.prey[marine] == first


def test_a_holding_unit_attacks_what_it_reaches_though_more_urgent_foes_are_near() -> None:
    s = Scenario()
    zealot = s.put("Zealot", 0, 20, 20)
    s.put("Roach", 1, 23.5, 20)
    egg = s.put("Egg", 1, 20.7, 20)
    s.order(zealot, st.HOLD)
    s.run(30)
    assert s.u.prey[zealot] == egg
