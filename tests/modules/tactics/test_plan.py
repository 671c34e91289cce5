"""The main army's modes: when it goes, waits, leaves and turns round."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modules.tactics.plan import Situation, Thresholds, next_mode
from modules.tactics.squads import Mode

LIMITS = Thresholds()
READY = Situation(Mode.GATHER, 100, ordered=True, size=12, together=0.9, overall=0.8, local=None, at_rally=True)
OUT = replace(READY, mode=Mode.ATTACK, at_rally=False)


def mode(now: Situation) -> Mode:
    return next_mode(now, LIMITS)[0]


def test_a_gathered_army_that_should_win_goes_when_it_is_told_to() -> None:
    assert mode(READY) is Mode.ATTACK
    assert mode(replace(READY, ordered=False)) is Mode.GATHER
    assert mode(replace(READY, overall=0.4)) is Mode.GATHER
    assert mode(replace(READY, size=0)) is Mode.GATHER


def test_it_waits_for_the_rest_but_not_for_ever() -> None:
    scattered = replace(READY, together=0.4)
    assert mode(scattered) is Mode.GATHER
    assert mode(replace(scattered, loops=LIMITS.patience_loops)) is Mode.ATTACK


def test_a_full_supply_attacks_and_stays_unless_it_is_hopeless() -> None:
    assert mode(replace(READY, overall=0.1, supply_full=True)) is Mode.ATTACK
    assert mode(replace(OUT, local=0.1, supply_full=True)) is Mode.ATTACK
    assert mode(replace(READY, overall=0.01, supply_full=True)) is Mode.GATHER
    assert mode(replace(OUT, local=0.01, supply_full=True)) is Mode.RETREAT


def test_a_lost_fight_is_left_and_an_open_one_is_not() -> None:
    assert mode(replace(OUT, local=0.2)) is Mode.RETREAT
    assert mode(replace(OUT, local=0.45)) is Mode.ATTACK


@pytest.mark.parametrize("win", [0.31, 0.45, 0.59])
def test_between_the_thresholds_it_goes_on_with_what_it_does(win: float) -> None:
    assert mode(replace(OUT, local=win)) is Mode.ATTACK
    assert mode(replace(OUT, mode=Mode.RETREAT, local=win)) is Mode.RETREAT
    assert mode(replace(READY, overall=win)) is Mode.GATHER


def test_leaving_faster_enemies_at_our_throats_needs_a_worse_outlook() -> None:
    caught = replace(OUT, local=0.2, engaged=True, outrun=True)
    assert mode(caught) is Mode.ATTACK
    assert mode(replace(caught, local=0.05)) is Mode.RETREAT


def test_it_waits_for_stragglers_only_while_no_enemy_is_near() -> None:
    assert mode(replace(OUT, together=0.4)) is Mode.REGROUP
    assert mode(replace(OUT, together=0.4, local=0.7)) is Mode.ATTACK
    waiting = replace(OUT, mode=Mode.REGROUP, together=0.6)
    assert mode(waiting) is Mode.REGROUP
    assert mode(replace(waiting, together=0.8)) is Mode.ATTACK
    assert mode(replace(waiting, loops=LIMITS.patience_loops + 1)) is Mode.ATTACK


def test_a_retreat_ends_at_the_rally_point_or_turns_on_weak_pursuers() -> None:
    fleeing = replace(OUT, mode=Mode.RETREAT, local=0.3)
    assert mode(replace(fleeing, at_rally=True)) is Mode.GATHER
    assert mode(replace(fleeing, local=0.8)) is Mode.ATTACK
    assert mode(replace(fleeing, local=0.8, ordered=False)) is Mode.RETREAT


def test_an_attack_that_is_called_off_ends_unless_it_is_being_fought() -> None:
    assert mode(replace(OUT, ordered=False)) is Mode.GATHER
    assert mode(replace(OUT, ordered=False, local=0.7, engaged=True)) is Mode.ATTACK


def test_every_decision_has_a_reason() -> None:
    for now in (READY, OUT, replace(OUT, local=0.1), replace(OUT, together=0.2), replace(READY, ordered=False)):
        assert next_mode(now, LIMITS)[1]
