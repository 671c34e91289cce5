"""What a command means for a unit, what is refused and with which code, and queues of orders."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from s2clientprotocol import error_pb2

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import Result, available, effects
from cherrypy_bot.sim.abilities.commands import HANDLERS
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.game import Command
from cherrypy_bot.sim.state import NONE
from tests.sim.abilities.scene import RULES, give, prepare, put, rows, until

CODES = {value for _, value in error_pb2.ActionResult.items()}


def test_results_are_the_numbers_of_the_game() -> None:
    names = {n.upper(): v for n, v in error_pb2.ActionResult.items()}
    renamed = {"CANT_TRAIN_TOO_FAR_FROM_POWER": "CANTTRAINTOOFARFROMTRAINPOWERSOURCE"}
    for result in Result:
        assert names[renamed.get(result.name, result.name.replace("_", ""))] == result


def test_every_kind_of_command_is_carried_out_or_listed_as_refused() -> None:
    kinds = {r.how for rows_ in command_table(RULES).rows.values() for r in rows_.values()}
    assert kinds <= set(HANDLERS) | set(effects.REFUSED)
    assert not set(HANDLERS) & set(effects.REFUSED)


@pytest.mark.parametrize(
    ("ability", "kind", "exact"),
    [
        (3674, st.ATTACK_MOVE, 23),
        (23, st.ATTACK_MOVE, 23),
        (3794, st.MOVE, 16),
        (1, st.MOVE, 16),
        (3795, st.PATROL, 17),
    ],
)
def test_general_and_exact_ids_lead_to_the_same_order_at_a_point(ability: int, kind: int, exact: int) -> None:
    game = prepare("Terran")
    marine = put(game, 0, "Marine", 30, 30)
    assert give(game, marine, ability, at=(40, 30)) == Result.SUCCESS
    u = game.world.units
    assert (u.order[marine], u.order_ability[marine], u.goal_x[marine]) == (kind, exact, 40)
    assert game.world.current[marine].ability == exact


def test_attack_of_an_unarmed_unit_is_a_move() -> None:
    game = prepare("Zerg")
    overlord = put(game, 0, "Overlord", 30, 30)
    assert give(game, overlord, 3674, at=(40, 30)) == Result.SUCCESS
    assert (game.world.current[overlord].ability, game.world.current[overlord].kind) == (19, st.MOVE)


def test_smart_means_what_a_right_click_means() -> None:
    game = prepare("Terran", "Zerg")
    w = game.world
    scv, marine, hall = put(game, 0, "SCV", 30, 30), put(game, 0, "Marine", 32, 30), rows(game, 0, "CommandCenter")[0]
    enemy, patch = put(game, 1, "Zergling", 45, 45), rows(game, 2, "MineralField")[0]
    assert give(game, scv, 1, patch) == Result.SUCCESS
    assert (w.current[scv].kind, w.current[scv].ability) == (st.GATHER, 295)
    assert give(game, marine, 1, enemy) == Result.SUCCESS
    assert (w.current[marine].kind, w.current[marine].ability) == (st.ATTACK_UNIT, 23)
    assert give(game, marine, 1, patch) == Result.SUCCESS
    assert (w.current[marine].kind, w.current[marine].ability) == (st.FOLLOW, 16)
    assert give(game, marine, 1, scv) == Result.SUCCESS
    assert w.current[marine].target == scv
    w.units.carry[scv], w.units.carry_amount[scv] = st.CARRY_MINERALS, 5
    assert give(game, scv, 1, hall) == Result.SUCCESS
    assert (w.current[scv].kind, w.current[scv].ability) == (st.RETURN, 296)
    assert give(game, hall, 1, patch) == Result.SUCCESS
    assert w.worker_rallies[hall][0].target == patch


def test_smart_of_a_hatchery_rallies_workers_to_minerals_and_units_elsewhere() -> None:
    game = prepare("Zerg")
    hall, patch = rows(game, 0, "Hatchery")[0], rows(game, 2, "MineralField")[0]
    assert give(game, hall, 1, patch) == give(game, hall, 1, at=(20, 20)) == Result.SUCCESS
    assert game.world.worker_rallies[hall][0].target == patch
    assert game.world.rallies[hall][0].x == 20
    assert give(game, hall, 3673, hall) == Result.SUCCESS
    assert hall not in game.world.rallies


def test_orders_wait_in_line_up_to_32() -> None:
    game = prepare("Terran")
    marine = put(game, 0, "Marine", 30, 30)
    results = [give(game, marine, 3794, at=(30 + i % 5, 40), queue=True) for i in range(33)]
    assert results == [Result.SUCCESS] * 32 + [Result.ORDER_QUEUE_IS_FULL]
    assert give(game, marine, 3794, at=(10, 40)) == Result.SUCCESS
    assert marine not in game.world.queues


def test_queued_orders_are_carried_out_one_after_the_other_and_the_unit_guards_its_last_place() -> None:
    game = prepare("Terran")
    marine, u = put(game, 0, "Marine", 30, 30), game.world.units
    give(game, marine, 3794, at=(33, 30))
    give(game, marine, 3794, at=(33, 33), queue=True)
    until(game, lambda: game.world.current[marine].y == 33)
    assert abs(u.x[marine] - 33) < 0.1
    until(game, lambda: marine not in game.world.current)
    assert (u.order[marine], u.order_ability[marine]) == (st.IDLE, 0)
    assert math.dist((u.guard_x[marine], u.guard_y[marine]), (33, 33)) < 0.1


def test_attack_on_a_remembered_structure_goes_to_where_it_was_seen() -> None:
    game = prepare("Terran", "Zerg")
    pool, marine = put(game, 1, "SpawningPool", 45.5, 20.5, seen=0), put(game, 0, "Marine", 20, 20)
    scout = put(game, 0, "Overlord", 40, 20)
    game.step(2)
    game.world.units.x[scout] = 5
    until(game, lambda: (0, pool) in game.world.snapshots)
    assert give(game, marine, 23, pool) == Result.SUCCESS
    until(game, lambda: game.world.units.hp[pool] < 1000, 600)


def test_stop_and_hold() -> None:
    game = prepare("Terran")
    marine, w = put(game, 0, "Marine", 30, 30), game.world
    give(game, marine, 3794, at=(40, 30))
    give(game, marine, 3794, at=(40, 40), queue=True)
    assert give(game, marine, 3665) == Result.SUCCESS
    assert (marine in w.current, marine in w.queues) == (False, False)
    assert give(game, marine, 3793) == Result.SUCCESS
    assert w.current[marine].kind == st.HOLD


def test_worker_returns_cargo_and_goes_back_to_its_field() -> None:
    game = prepare("Terran")
    w, patch = game.world, rows(game, 2, "MineralField")[0]
    scv = put(game, 0, "SCV", 15, 10)
    assert give(game, scv, 3667) == Result.NOT_SUPPORTED
    give(game, scv, 3666, patch)
    until(game, lambda: w.units.carry[scv])
    assert give(game, scv, 3667) == Result.SUCCESS
    until(game, lambda: not w.units.carry[scv])
    assert w.players.collected_minerals[0] == 5
    assert (w.current[scv].kind, w.current[scv].target) == (st.GATHER, patch)


@pytest.mark.parametrize("gap", [0.06, 0.1, 0.15, 0.2, 0.25, 0.3])
def test_a_load_is_delivered_from_right_beside_the_town_hall(gap: float) -> None:
    game = prepare("Terran")
    u = game.world.units
    scv = put(game, 0, "SCV", 13.0 + 0.375 + gap, 10.5)  # so far from the edge of the cells that the hall blocks
    u.carry[scv], u.carry_amount[scv] = st.CARRY_MINERALS, 5
    node = rows(game, st.NEUTRAL, "MineralField")[0]
    before = float(game.world.players.minerals[0])
    assert give(game, scv, 3667) == 1
    assert give(game, scv, 3666, node, queue=True) == 1
    game.step(24)
    assert game.world.players.minerals[0] == before + 5
    assert u.order[scv] == st.GATHER


def test_worker_with_a_waiting_order_harvests_once_more_and_goes() -> None:
    game = prepare("Terran")
    w, patch = game.world, rows(game, 2, "MineralField")[0]
    scv = put(game, 0, "SCV", 15, 10)
    give(game, scv, 3666, patch)
    give(game, scv, 3667, queue=True) if w.units.carry[scv] else give(game, scv, 3794, at=(40, 40), queue=True)
    until(game, lambda: w.current[scv].kind == st.MOVE)
    assert w.units.carry[scv] == st.CARRY_MINERALS


def test_worker_inside_a_gas_building_obeys_when_it_comes_out() -> None:
    game = prepare("Protoss")
    w, u = game.world, game.world.units
    building = put(game, 0, "Assimilator", 10.5, 18.5)
    u.contents[building] = 2250
    probe = put(game, 0, "Probe", 14, 18)
    assert give(game, probe, 3666, building) == Result.SUCCESS
    until(game, lambda: u.hidden[probe])
    assert give(game, probe, 3794, at=(40, 40)) == Result.SUCCESS
    assert u.hidden[probe] == 1
    until(game, lambda: w.current[probe].kind == st.MOVE, 60)
    assert (u.hidden[probe], u.carry[probe]) == (0, st.CARRY_GAS)


def test_only_one_of_several_trains_or_builds() -> None:
    game = prepare("Terran", minerals=1000)
    first, second = put(game, 0, "Barracks", 30.5, 30.5), put(game, 0, "Barracks", 40.5, 40.5)
    near, far = put(game, 0, "SCV", 20, 33), put(game, 0, "SCV", 50, 33)
    assert game.command(0, Command(560, (first, second))) == [1, 1]
    assert game.command(0, Command(560, (first, second))) == [1, 1]
    assert len(game.world.production[first]) == len(game.world.production[second]) == 1
    assert game.command(0, Command(319, (far, near), NONE, 20, 30, True)) == [1, 1]
    assert list(game.world.current) == [near]


def test_refusals_have_the_codes_of_the_game() -> None:
    game = prepare("Terran", "Zerg")
    marine, hall = put(game, 0, "Marine", 30, 30), rows(game, 0, "CommandCenter")[0]
    enemy = put(game, 1, "Zergling", 45, 45)
    unseen = put(game, 1, "Mutalisk", 60, 5, seen=2)
    flyer = put(game, 1, "Overlord", 40, 40)
    zealot, geyser = put(game, 0, "Zealot", 25, 25), rows(game, 2, "VespeneGeyser")[0]
    scv, bay = put(game, 0, "SCV", 20, 20), put(game, 0, "EngineeringBay", 40.5, 20.5, complete=False)
    assert give(game, enemy, 3665) == Result.YOU_CANT_CONTROL_THAT_UNIT
    assert give(game, geyser, 3665) == Result.YOU_CANT_CONTROL_THAT_UNIT
    assert give(game, 400, 3665) == give(game, -7, 3665) == Result.ERROR
    assert give(game, marine, 999999) == give(game, marine, -1) == give(game, marine, 0) == Result.NOT_SUPPORTED
    assert give(game, marine, 560) == Result.NOT_SUPPORTED
    assert give(game, marine, 380) == Result.TECH_REQUIREMENTS_NOT_MET
    assert give(game, hall, 3794, at=(30, 30)) == Result.NOT_SUPPORTED
    assert give(game, marine, 23, unseen) == Result.MUST_TARGET_VISIBLE_UNIT
    assert give(game, marine, 23, geyser) == Result.CANT_TARGET_INVULNERABLE_UNITS
    assert give(game, zealot, 23, flyer) == Result.CANT_TARGET_AIR_UNITS
    assert give(game, marine, 3794) == Result.MUST_TARGET_VISIBLE_LOCATION
    assert give(game, marine, 3794, at=(math.nan, 3)) == give(game, marine, 3794, at=(math.inf, 3)) == Result.ERROR
    assert give(game, scv, 3666, geyser) == Result.MUST_BUILD_REFINERY_FIRST
    assert give(game, scv, 3666, marine) == Result.MUST_TARGET_RESOURCES
    assert give(game, scv, 3666) == Result.MUST_TARGET_UNIT
    assert give(game, bay, 3698) == Result.BUILDING_IS_UNDER_CONSTRUCTION
    assert game.errors[0][0].result == Result.YOU_CANT_CONTROL_THAT_UNIT
    assert not game.world.current


def test_a_move_off_the_map_goes_to_its_edge() -> None:
    game = prepare("Terran")
    marine = put(game, 0, "Marine", 30, 30)
    assert give(game, marine, 3794, at=(-500, 30)) == Result.SUCCESS
    assert game.world.current[marine].x == 0.5


def test_move_after_a_unit_ends_when_that_unit_dies() -> None:
    game = prepare("Terran")
    marine, leader = put(game, 0, "Marine", 30, 30), put(game, 0, "Marauder", 35, 30)
    give(game, marine, 3794, leader)
    game.step(50)
    assert game.world.current[marine].kind == st.FOLLOW
    game.world.units.hp[leader] = 1
    killer = put(game, 1, "Marauder", 39, 30)
    give(game, killer, 23, leader, player=1)
    until(game, lambda: not rows(game, 0, "Marauder"))
    game.step(2)
    assert marine not in game.world.current


FUZZ = prepare("Zerg", "Protoss")
for _i, _name in enumerate(
    ("Drone", "Queen", "Larva", "Overlord", "Roach", "SpawningPool", "SpineCrawler", "Extractor")
):
    put(FUZZ, 0, _name, 24.5 + 3 * _i, 30.5)
NUMBERS = some.floats(allow_nan=True, allow_infinity=True) | some.floats(0, 64)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ability=some.integers(-5, 5000) | some.sampled_from(sorted(RULES.commands) + sorted(RULES.general_to_exact)),
    row=some.integers(-3, 40),
    target=some.integers(-3, 40),
    x=NUMBERS,
    y=NUMBERS,
    has_point=some.booleans(),
    queue=some.booleans(),
)
def test_no_command_raises_and_every_result_is_one_of_the_game(
    ability: int, row: int, target: int, x: float, y: float, has_point: bool, queue: bool
) -> None:
    game = FUZZ.clone()
    results = game.command(0, Command(ability, (row, 5), target, x, y, has_point, queue))
    assert len(results) == 2
    assert set(results) <= CODES
    game.step(3)
    for unit in game.world.rows():
        available(game, unit, False)
