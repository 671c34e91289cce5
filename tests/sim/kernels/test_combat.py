"""Weapons in game terms: damage, armour, shields, bonus, cooldown, range, planes."""

import numpy as np
import pytest

from cherrypy_bot.sim import state as st
from tests.sim.scenario import Scenario


def first_hit(attacker: str, target: str) -> tuple[float, float]:
    """Life and shields that the first hits take from an unupgraded target."""
    s = Scenario()
    a = s.put(attacker, 0, 20, 20)
    b = s.put(target, 1, 22, 20)
    hp, shield = float(s.u.hp[b]), float(s.u.shield[b])
    s.order(a, st.ATTACK_UNIT, target=b)
    s.order(b, st.BUSY)
    s.run_until(lambda: s.u.hp[b] + s.u.shield[b] < hp + shield, 200)
    return hp - float(s.u.hp[b]), shield - float(s.u.shield[b])


@pytest.mark.parametrize(
    ("attacker", "target", "life", "shields"),
    [
        ("Marine", "Zergling", 6, 0),
        ("Marine", "Roach", 5, 0),  # one armour
        ("Marauder", "Roach", 19, 0),  # 10 + 10 against armoured, less one armour
        ("Marauder", "Zergling", 10, 0),
        ("Marine", "Zealot", 0, 6),  # shields have no armour
        ("Zealot", "Roach", 7, 0),  # the first of two hits of 8, armour counts each time
        ("Hellion", "Zergling", 14, 0),  # 8 + 6 against light
        ("Stalker", "Roach", 17, 0),  # 13 + 5 against armoured
    ],
)
def test_one_attack_deals(attacker: str, target: str, life: float, shields: float) -> None:
    assert first_hit(attacker, target) == (pytest.approx(life), pytest.approx(shields))


def test_a_weapon_fires_once_per_period_on_average() -> None:
    """Marine: 13.77 loops plus a random -1 to +2 drawn anew for each shot."""
    s = Scenario()
    marine = s.put("Marine", 0, 20, 20)
    centre = s.put("CommandCenter", 1, 24.5, 20.5)
    s.order(marine, st.ATTACK_UNIT, target=centre)
    s.run(30)
    before = float(s.u.hp[centre])
    s.run(2754)
    shots = (before - float(s.u.hp[centre])) / (6 - 1)
    assert shots == pytest.approx(2754 / (13.7734 + 0.5), rel=0.04)


def test_melee_cannot_reach_the_air() -> None:
    s = Scenario()
    ling = s.put("Zergling", 0, 20, 20)
    overlord = s.put("Overlord", 1, 20, 21)
    s.order(ling, st.ATTACK_MOVE, 20, 22)
    s.run(200)
    assert s.u.hp[overlord] == s.u.hp_max[overlord]


def test_a_missile_needs_time_to_arrive() -> None:
    s = Scenario()
    stalker = s.put("Stalker", 0, 20, 20)
    roach = s.put("Roach", 1, 26, 20)
    s.order(roach, st.BUSY)
    s.order(stalker, st.ATTACK_UNIT, target=roach)
    fired = s.run_until(lambda: s.world.clock.missiles[0] > 0, 50)
    landed = fired + s.run_until(lambda: s.u.hp[roach] < s.u.hp_max[roach], 50)
    assert landed > fired


def test_attack_move_prefers_what_shoots_back_to_structures() -> None:
    s = Scenario()
    marine = s.put("Marine", 0, 20, 20)
    s.put("SpawningPool", 1, 23.5, 20.5)
    ling = s.put("Zergling", 1, 24, 23)
    s.order(ling, st.HOLD)
    s.order(marine, st.ATTACK_MOVE, 30, 20)
    s.run_until(lambda: s.u.prey[marine] >= 0, 50)
    assert s.u.prey[marine] == ling


def test_hold_position_never_walks() -> None:
    s = Scenario()
    marine = s.put("Marine", 0, 20, 20)
    s.put("Zergling", 1, 28, 20)
    s.order(marine, st.HOLD)
    s.run(100)
    assert s.place(marine) == (20, 20)


def test_idle_units_answer_fire_from_beyond_their_sight_of_targets() -> None:
    s = Scenario()
    hydra = s.put("Stalker", 0, 20, 20)
    marine = s.put("Zealot", 1, 28, 20)
    s.order(hydra, st.ATTACK_UNIT, target=marine)
    s.run_until(lambda: s.u.prey[marine] == hydra, 200)


def test_equal_armies_of_both_sides_lose_alike() -> None:
    """Ten marines a side in mirrored places: neither the left side nor the lower rows are favoured."""
    first = 0
    games = 0
    for seed in range(20):
        for order in ((0, 1), (1, 0)):
            rng = np.random.default_rng(seed)
            ahead, aside = rng.uniform(0, 4, 10), rng.uniform(-5, 5, 10)
            s = Scenario(seed=seed)
            sides: list[list[int]] = [[], []]
            for p in order:
                sign = 1 - 2 * p
                sides[p] = [s.put("Marine", p, 25 - sign * (5 + ahead[k]), 30 + sign * aside[k]) for k in range(10)]
            for p in (0, 1):
                for row in sides[p]:
                    s.order(row, st.ATTACK_MOVE, 20 + 10 * (1 - p), 30)
            s.run_until(lambda sides=sides, s=s: not all(any(map(s.lives, side)) for side in sides))
            games += 1
            first += any(map(s.lives, sides[order[0]]))
    assert 12 <= first <= games - 12, (first, games)


def test_shields_regenerate_ten_seconds_after_the_last_hit() -> None:
    s = Scenario()
    zealot = s.put("Zealot", 0, 20, 20)
    s.u.shield[zealot] = 10
    s.u.last_hurt_loop[zealot] = s.world.loop
    s.run(159)
    assert s.u.shield[zealot] == 10
    s.run(17)
    assert s.u.shield[zealot] == pytest.approx(12, abs=0.2)
