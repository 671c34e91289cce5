"""Where and when hits fall: combinations, lines, cones, beams, waves, bounces, explosions."""

import math

import pytest

from cherrypy_bot.sim import state as st
from tests.sim.scenario import Scenario


def row_of(s: Scenario, name: str, owner: int, *places: tuple[float, float]) -> list[int]:
    """Units that stand still and do not fight."""
    rows = [s.put(name, owner, x, y) for x, y in places]
    for row in rows:
        s.order(row, st.BUSY)
    return rows


def lost(s: Scenario, row: int) -> float:
    return float(s.u.hp_max[row] + s.u.shield_max[row] - s.u.hp[row] - s.u.shield[row])


def run_until_fired(s: Scenario, attacker: int) -> None:
    """Until the attacker's first attack has reached its damage point."""
    s.run_until(lambda: s.u.cooldown[attacker] > 0 and s.u.windup[attacker] < 0, 100)


def test_a_zealot_strikes_twice_five_loops_apart() -> None:
    s = Scenario()
    zealot, roach = s.put("Zealot", 0, 20, 20), *row_of(s, "Roach", 1, (21.3, 20))
    s.order(zealot, st.ATTACK_UNIT, target=roach)
    first = s.run_until(lambda: lost(s, roach) > 0, 50)
    assert lost(s, roach) == 7
    assert s.run_until(lambda: lost(s, roach) > 7, 50) == 5, first
    assert lost(s, roach) == pytest.approx(14, abs=0.1)  # it heals a little between


def test_the_second_strike_of_the_dead_is_lost() -> None:
    s = Scenario()
    zealot, roach = s.put("Zealot", 0, 20, 20), *row_of(s, "Roach", 1, (21.3, 20))
    s.order(zealot, st.ATTACK_UNIT, target=roach)
    s.run_until(lambda: lost(s, roach) > 0, 50)
    s.world.remove(zealot)
    s.run(20)
    assert lost(s, roach) <= 7


def test_a_hellion_burns_a_line() -> None:
    s = Scenario()
    hellion = s.put("Hellion", 0, 20, 20)
    target, behind, far, aside = row_of(s, "Zergling", 1, (24, 20), (25.5, 20), (27.5, 20), (24, 21.2))
    s.order(hellion, st.ATTACK_UNIT, target=target)
    run_until_fired(s, hellion)
    assert lost(s, target) == lost(s, behind) == 14
    assert lost(s, far) == lost(s, aside) == 0  # the flame is 6 long and 0.3 wide


def test_a_hellbat_burns_what_is_in_front() -> None:
    s = Scenario()
    hellbat = s.put("HellionTank", 0, 20, 20)
    target, beside, behind = row_of(s, "Zergling", 1, (22, 20), (22, 20.8), (18, 20))
    s.order(hellbat, st.ATTACK_UNIT, target=target)
    run_until_fired(s, hellbat)
    assert lost(s, target) == lost(s, beside) == 18
    assert lost(s, behind) == 0


def test_an_ultralisk_cleaves_a_third() -> None:
    s = Scenario()
    ultra = s.put("Ultralisk", 0, 20, 20)
    target, beside, behind = row_of(s, "Roach", 1, (22.5, 20), (21.5, 21.8), (17.8, 20))
    s.order(ultra, st.ATTACK_UNIT, target=target)
    run_until_fired(s, ultra)
    assert lost(s, target) == 34
    assert lost(s, beside) == pytest.approx(35 * 0.33 - 1)
    assert lost(s, behind) == 0


def test_a_colossus_sweeps_across_its_target() -> None:
    s = Scenario()
    colossus = s.put("Colossus", 0, 20, 20)
    target, beside, behind = row_of(s, "Marine", 1, (26, 20), (26, 21.2), (27, 20))
    s.order(colossus, st.ATTACK_UNIT, target=target)
    run_until_fired(s, colossus)
    assert lost(s, target) == lost(s, beside) == 30  # two beams of 10 and 5 against light
    assert lost(s, behind) == 0


def test_lurker_spines_run_along_a_line() -> None:
    s = Scenario()
    lurker = s.put("LurkerMPBurrowed", 0, 20, 20)
    near, far, beyond, aside = row_of(s, "Marine", 1, (22, 20), (27.5, 20.3), (30, 20), (25, 21.5))
    s.order(lurker, st.ATTACK_UNIT, target=near)
    s.run_until(lambda: lost(s, near) > 0, 50)
    assert lost(s, far) == 0
    assert 8 <= s.run_until(lambda: lost(s, far) > 0, 50) <= 14  # a cell every two loops
    s.run(5)
    assert lost(s, near) == lost(s, far) == 20
    assert lost(s, beyond) == lost(s, aside) == 0


def test_spines_strike_whom_they_overtake_or_meet_once() -> None:
    for goal in (35, 10):
        s = Scenario()
        lurker = s.put("LurkerMPBurrowed", 0, 20, 20)
        s.world.stats.w_cooldown[0, s.world.stats.weapon[0, s.rules.unit("LurkerMPBurrowed").id][0]] = 1000
        marine, target = s.put("Marine", 1, 24.4, 20.1), *row_of(s, "Roach", 1, (26, 20))
        s.order(marine, st.MOVE, goal, 20.1)
        s.order(lurker, st.ATTACK_UNIT, target=target)
        s.run(40)
        assert lost(s, marine) == 20


def test_spines_vanish_with_the_lurker() -> None:
    s = Scenario()
    lurker = s.put("LurkerMPBurrowed", 0, 20, 20)
    near, far = row_of(s, "Marine", 1, (22, 20), (27.5, 20))
    s.order(lurker, st.ATTACK_UNIT, target=near)
    s.run_until(lambda: lost(s, near) > 0, 50)
    s.world.remove(lurker)
    s.run(30)
    assert lost(s, far) == 0


def test_glaives_bounce_twice_for_a_third_each() -> None:
    s = Scenario()
    mutalisk = s.put("Mutalisk", 0, 20, 20)
    targets = row_of(s, "SCV", 1, (22, 20), (24, 20), (26, 20), (28, 20))
    s.order(mutalisk, st.ATTACK_UNIT, target=targets[0])
    run_until_fired(s, mutalisk)
    s.run(12)
    assert [lost(s, t) for t in targets] == pytest.approx([9, 3, 1, 0])


def test_a_glaive_does_not_return_to_its_first_target() -> None:
    s = Scenario()
    mutalisk = s.put("Mutalisk", 0, 20, 20)
    targets = row_of(s, "SCV", 1, (22, 20), (24, 20))
    s.order(mutalisk, st.ATTACK_UNIT, target=targets[0])
    run_until_fired(s, mutalisk)
    s.run(12)
    assert [lost(s, t) for t in targets] == pytest.approx([9, 3])


def test_a_mothership_shoots_at_four_units_at_once() -> None:
    s = Scenario()
    mothership = s.put("Mothership", 0, 20, 20)
    targets = row_of(s, "Marauder", 1, *((24, 17 + 1.2 * k) for k in range(6)))
    s.order(mothership, st.ATTACK_UNIT, target=targets[0])
    run_until_fired(s, mothership)
    s.run(14)
    assert sorted(lost(s, t) for t in targets) == [0, 0, 10, 10, 10, 10]  # two hits of 6 against one armour


def test_a_sentry_does_more_to_shields() -> None:
    s = Scenario()
    sentry, zealot = s.put("Sentry", 0, 20, 20), *row_of(s, "Zealot", 1, (23, 20))
    s.order(sentry, st.ATTACK_UNIT, target=zealot)
    s.run_until(lambda: lost(s, zealot) > 0, 50)
    assert s.u.shield[zealot] == 40
    s.u.shield[zealot] = 2
    s.run_until(lambda: s.u.shield[zealot] == 0, 50)
    assert s.u.hp[zealot] == 100 - (6 - 1)  # the four more are lost with the shields


def test_banelings_leave_structures_alone_unless_told_and_die_when_they_attack() -> None:
    """Their acid is Python's part: the kernels report the death."""
    for told in ("not", "to attack", "to raze"):
        s = Scenario()
        baneling, bunker = s.put("Baneling", 0, 20, 20), s.put("Bunker", 1, 23.5, 20.5)
        s.u.can_attack[bunker] = 0
        s.u.razes[baneling] = told == "to raze"
        s.order(baneling, st.ATTACK_MOVE, 20, 22)
        if told == "to attack":
            s.order(baneling, st.ATTACK_UNIT, target=bunker)
        s.run(100)
        assert s.lives(baneling) == (told == "not"), told


def test_a_sieged_tank_cannot_reach_what_is_close_and_hurts_its_own() -> None:
    s = Scenario()
    tank = s.put("SiegeTankSieged", 0, 20, 20)
    close, far, own = *row_of(s, "Marine", 1, (22, 20), (30, 20)), *row_of(s, "Marine", 0, (30, 21))
    s.run_until(lambda: lost(s, far) > 0, 100)
    assert s.u.prey[tank] == far
    assert lost(s, far) == 40
    assert lost(s, own) == 20
    assert lost(s, close) == 0


def test_missiles_in_flight_are_not_foreseen() -> None:
    """Two stalkers fire at a unit that one of them kills: the other's missile is wasted."""
    s = Scenario()
    stalkers = [s.put("Stalker", 0, 20, 20 + 2 * k) for k in range(2)]
    roach, other = row_of(s, "Roach", 1, (26, 21), (26.5, 26))
    s.u.hp[roach] = 5
    for stalker in stalkers:
        s.order(stalker, st.ATTACK_UNIT, target=roach)
    s.run_until(lambda: not s.lives(roach), 100)
    assert all(s.u.cooldown[k] > 0 for k in stalkers)
    s.run(10)
    assert lost(s, other) == 0


def test_an_attack_is_broken_off_when_its_target_gets_away() -> None:
    s = Scenario()
    thor, marine = s.put("Thor", 0, 20, 20), *row_of(s, "Marine", 1, (27.5, 20))
    s.order(thor, st.ATTACK_UNIT, target=marine)
    s.run_until(lambda: s.u.windup[thor] > 5, 200)
    s.u.x[marine] += 0.9
    s.run(1)
    assert s.u.windup[thor] > 0  # a little beyond its range is still hit
    s.u.x[marine] += 1.5
    s.run(2)
    assert s.u.windup[thor] < 0
    assert s.u.cooldown[thor] <= 0


def test_hallucinations_do_nothing_and_suffer_double() -> None:
    s = Scenario()
    ghost_of_a_zealot, marine = s.put("Zealot", 0, 20, 20), s.put("Marine", 1, 23, 20)
    s.u.hallucination[ghost_of_a_zealot] = 1
    s.order(ghost_of_a_zealot, st.ATTACK_UNIT, target=marine)
    s.order(marine, st.HOLD)
    s.run_until(lambda: lost(s, ghost_of_a_zealot) > 0, 100)
    assert lost(s, ghost_of_a_zealot) == 12
    s.run(60)
    assert lost(s, marine) == 0
    assert math.dist(s.place(ghost_of_a_zealot), s.place(marine)) < 1.1
