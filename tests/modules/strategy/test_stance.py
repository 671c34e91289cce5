"""When the army attacks, holds and comes home."""

from __future__ import annotations

from dataclasses import replace

from modules.keys import ATTACK, DEFEND, HOLD
from modules.strategy.stance import (
    ATTACK_AT_LEAST_LOOPS,
    FORGIVEN_HALF_LOOPS,
    HOLD_AT_LEAST_LOOPS,
    Facts,
    Stance,
)

CALM = Facts(loop=5000, army_supply=10, army_power=500.0, enemy_power=400.0, attack_supply=30, supply_used=60)


def test_a_small_army_holds() -> None:
    assert Stance().decide(CALM) == HOLD


def test_the_build_decides_when_the_army_goes() -> None:
    assert Stance().decide(replace(CALM, army_supply=30, army_power=1500.0)) == ATTACK


def test_nobody_attacks_a_stronger_enemy() -> None:
    assert Stance().decide(replace(CALM, army_supply=30, army_power=1500.0, enemy_power=2500.0)) == HOLD


def test_a_full_army_goes_anyway() -> None:
    full = replace(CALM, supply_used=190, army_supply=100, army_power=5000.0, enemy_power=9000.0)
    assert Stance().decide(full) == ATTACK


def test_enemies_at_home_are_met_first() -> None:
    assert Stance().decide(replace(CALM, threat_power=400.0, home_power=300.0)) == DEFEND


def test_a_lone_scout_does_not_call_the_army() -> None:
    assert Stance().decide(replace(CALM, threat_power=25.0)) == HOLD


def test_an_attack_goes_on_while_it_is_not_lost() -> None:
    stance = Stance()
    strong = replace(CALM, army_supply=30, army_power=1500.0)
    stance.decide(strong)
    later = replace(strong, loop=strong.loop + ATTACK_AT_LEAST_LOOPS, army_power=1000.0, army_supply=20)
    assert stance.decide(later) == ATTACK


def test_a_lost_attack_is_given_up_and_the_next_one_waits() -> None:
    stance = Stance()
    strong = replace(CALM, army_supply=30, army_power=1500.0)
    stance.decide(strong)
    beaten = replace(strong, loop=strong.loop + ATTACK_AT_LEAST_LOOPS, army_power=500.0, army_supply=8, enemy_power=900)
    assert stance.decide(beaten) == HOLD
    assert stance.retreats == 1
    again = replace(strong, loop=beaten.loop + HOLD_AT_LEAST_LOOPS - 1)
    assert stance.decide(replace(again, army_power=2000.0)) == HOLD
    assert stance.decide(replace(again, loop=again.loop + 2, army_power=2000.0)) == ATTACK


def test_an_army_like_the_beaten_one_does_not_try_it_again_at_once() -> None:
    stance = Stance()
    strong = replace(CALM, army_supply=30, army_power=1500.0)
    stance.decide(strong)
    beaten = replace(strong, loop=strong.loop + ATTACK_AT_LEAST_LOOPS, army_power=500.0, army_supply=8, enemy_power=900)
    assert stance.decide(beaten) == HOLD
    again = replace(strong, loop=beaten.loop + 2 * HOLD_AT_LEAST_LOOPS)
    assert stance.decide(again) == HOLD
    assert stance.decide(replace(again, loop=again.loop + FORGIVEN_HALF_LOOPS)) == ATTACK


def test_an_attack_that_wins_goes_on_with_few_units() -> None:
    stance = Stance()
    strong = replace(CALM, army_supply=30, army_power=1500.0)
    stance.decide(strong)
    few = replace(strong, loop=strong.loop + ATTACK_AT_LEAST_LOOPS, army_power=500.0, army_supply=8, enemy_power=50.0)
    assert stance.decide(few) == ATTACK


def test_no_army_no_attack() -> None:
    stance = Stance()
    stance.decide(replace(CALM, army_supply=30, army_power=1500.0))
    assert stance.decide(replace(CALM, loop=5100, army_supply=0, army_power=0.0)) == HOLD


def test_a_counter_attack_follows_an_early_attack_that_was_held_and_not_a_mere_alarm() -> None:
    alarmed = replace(CALM, army_supply=16, army_power=1200.0, enemy_power=300.0, loop=4000, rushed=True)
    assert Stance().decide(alarmed) == HOLD
    assert Stance().decide(replace(alarmed, killed=700.0, lost=300.0)) == ATTACK
    assert Stance().decide(replace(alarmed, killed=700.0, lost=600.0)) == HOLD
