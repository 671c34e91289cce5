"""Fights on the engine: micro'd units trade better than the same units on attack-move."""

from __future__ import annotations

from functools import cache

import pytest

from tests.modules.micro.scenarios import Director, Scenario, army, run

FIGHTS = (
    Scenario("12 marine v 6 zealot", army(marine=12), army(zealot=6), rounds=2),
    Scenario("4 stalker v 4 zealot", army(stalker=4), army(zealot=4), rounds=2),
    Scenario("8 stalker v 8 stalker", army(stalker=8), army(stalker=8), rounds=3),
    Scenario("4 reaper v 8 zergling", army(reaper=4), army(zergling=8), rounds=2),
    Scenario("16 marine v 8 baneling", army(marine=16), army(baneling=8), rounds=3),
)
UPGRADED = (
    Scenario("10 stalker v 10 stalker", army(stalker=10), army(stalker=10), rounds=2, upgraded=True),
    Scenario("3 disruptor 6 stalker v 14 roach", army(disruptor=3, stalker=6), army(roach=14), 2, upgraded=True),
)


@cache
def fought(micro: bool, upgraded: bool = False) -> Director:
    """All fights in one match, played once for all tests."""
    return run(UPGRADED if upgraded else FIGHTS, micro=micro)


def test_no_module_failed_in_any_fight() -> None:
    for fights in (FIGHTS, UPGRADED):
        match = fought(True, fights[0].upgraded)
        assert match.faults == []
        assert all(len(match.outcomes[fight.name].ours) == fight.rounds for fight in fights)


@pytest.mark.parametrize("fight", FIGHTS + UPGRADED, ids=lambda fight: fight.name)
def test_micro_trades_better(fight: Scenario) -> None:
    with_micro, without = (fought(micro, fight.upgraded).outcomes[fight.name] for micro in (True, False))
    print(f"{fight.name}: {with_micro.margin:+.2f} with micro, {without.margin:+.2f} on attack-move")
    assert with_micro.margin > without.margin + 0.2
