"""The module at its blackboard: one UPC per unit, explained, and none that changes nothing."""

from __future__ import annotations

import time

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.upc import Command
from tests.modules.micro.battles import GOAL, Table, fighter


def with_order(unit, ability: AbilityId, target: int | None = None):  # type: ignore[no-untyped-def]
    order = unit.orders.add(ability_id=ability.value)
    if target is None:
        order.target_world_space_pos.x, order.target_world_space_pos.y = GOAL
    else:
        order.target_unit_tag = target
    return unit


def test_every_unit_gets_a_sharp_upc_that_names_the_behaviour() -> None:
    desk = Table()
    posted = desk.step(
        fighter(1, U.MARINE, 20, 32), fighter(2, U.ZEALOT, 19, 32), fighter(9, U.ROACH, 23, 32, enemy=True)
    )
    assert [upc.sharp_units for upc in posted] == [(1,), (2,)]
    assert all(upc.sharp for upc in posted)
    assert [upc.note for upc in posted] == ["main: focus fire", "main: charge"]
    assert all(upc.target == 9 for upc in posted)
    chain = desk.board.chain(posted[0].id)
    assert [upc.source for upc in chain] == ["micro", "tactics"]


def test_an_order_that_the_unit_has_already_is_not_posted_again() -> None:
    desk = Table()
    first = desk.step(fighter(1, U.MARINE, 20, 32))
    assert [upc.sharp_command for upc in first] == [Command.ATTACK]
    assert desk.step(with_order(fighter(1, U.MARINE, 21, 32), AbilityId.ATTACK_ATTACK)) == []
    # somebody else's order in between: say it again
    assert len(desk.step(with_order(fighter(1, U.MARINE, 21, 32), AbilityId.MOVE_MOVE))) == 1
    # idle again: say it again
    assert len(desk.step(fighter(1, U.MARINE, 21, 32))) == 1


def test_a_squad_of_the_dead_or_of_nobody_is_no_problem() -> None:
    desk = Table()
    assert desk.step(fighter(1, U.MARINE, 20, 32), tags=(77, 78)) == []
    assert desk.step(fighter(1, U.MARINE, 20, 32), tags=()) == []
    assert desk.step() == []


def test_fleeing_squads_go_where_they_are_sent() -> None:
    desk = Table()
    (upc,) = desk.step(fighter(1, U.ZEALOT, 20, 32), fighter(9, U.ROACH, 23, 32, enemy=True), command=Command.FLEE)
    assert upc.sharp_command is Command.MOVE
    assert upc.position == GOAL
    assert upc.note == "main: flee home"


def test_the_same_table_gives_the_same_orders() -> None:
    rng = np.random.default_rng(3)
    units = [fighter(n, U.MARINE, *(20 + 6 * rng.random(2))) for n in range(1, 20)]
    units += [fighter(100 + n, U.ZERGLING, *(22 + 6 * rng.random(2)), enemy=True) for n in range(20)]

    def said() -> list[tuple[object, ...]]:
        return [(u.units, u.position, u.target, u.note) for u in Table().step(*units)]

    assert said() == said()


def test_a_hundred_against_a_hundred_fits_the_budget() -> None:
    """Measured: 2.2 ms median on an idle core; the bound leaves room for a busy machine."""
    rng = np.random.default_rng(1)
    kinds = (U.MARINE, U.MARAUDER, U.STALKER, U.ZEALOT)
    foes = (U.ZERGLING, U.ROACH, U.HYDRALISK, U.ZEALOT)
    desk = Table()
    took = []
    for _ in range(12):
        cooldowns = rng.integers(0, 14, 100).tolist()
        units = [
            fighter(1000 + n, kinds[n % 4], *(25 + 12 * rng.random(2)), weapon_cooldown=cooldowns[n])
            for n in range(100)
        ]
        units += [fighter(5000 + n, foes[n % 4], *(30 + 12 * rng.random(2)), enemy=True) for n in range(100)]
        begun = time.perf_counter()
        desk.step(*units)
        took.append(1000 * (time.perf_counter() - begun))
    print(f"median {np.median(took):.1f} ms with the unit table")
    assert np.median(took) < 25.0
