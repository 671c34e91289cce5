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
)


@cache
def fought(micro: bool) -> Director:
    """All fights in one match, played once for all tests."""
    return run(FIGHTS, micro=micro)


def test_no_module_failed_in_any_fight() -> None:
    assert fought(True).faults == []
    assert all(len(fought(True).outcomes[fight.name].ours) == fight.rounds for fight in FIGHTS)


@pytest.mark.parametrize("fight", FIGHTS, ids=lambda fight: fight.name)
def test_micro_trades_better(fight: Scenario) -> None:
    with_micro, without = fought(True).outcomes[fight.name], fought(False).outcomes[fight.name]
    print(f"{fight.name}: {with_micro.margin:+.2f} with micro, {without.margin:+.2f} on attack-move")
    assert with_micro.margin > without.margin + 0.2
