"""Orders by raw actions, questions by queries, and the debug commands."""

import math

import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import error_pb2 as error
from s2clientprotocol import query_pb2 as query
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from tests.sim.api.table import Client, duel, solo
from tests.sim.api.test_observation import COMMAND_CENTER, GATHER_SCV, MARINE, MOVE, SCV, base, create

BUILD_DEPOT, BUILD_COMMAND_CENTER = 319, 318


def point(x: float, y: float) -> common.Point2D:
    return common.Point2D(x=x, y=y)


def ask(client: Client, **parts: list) -> query.ResponseQuery:
    return client.ask(query=query.RequestQuery(**parts)).query


# -- actions ---------------------------------------------------------------------------------------------
def test_there_is_one_result_per_action():
    client = solo()
    worker, (x, y) = client.mine(SCV)[0].tag, base(client)
    results = client.act(
        client.order(MOVE, [worker], at=(x, y - 6)),
        client.order(MOVE, [], at=(x, y)),
        client.order(999_999, [worker]),
        client.order(MOVE, [worker], at=(x, y - 7)),
    )
    assert results[0] == results[3] == error.Success
    assert error.Success not in results[1:3]


@pytest.mark.parametrize("tag", [0, 1, 1 << 32, (1 << 64) - 1, (1 << 33) | 5, 4296015873 + (5 << 40)])
def test_tags_of_nobody_are_refused(tag):
    client = solo()
    worker = client.mine(SCV)[0].tag
    assert client.act(client.order(MOVE, [tag], at=(50, 50))) != [error.Success]
    assert client.act(client.order(GATHER_SCV, [worker], target=tag)) == [error.CantTargetThatUnit]


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf, 1e30, -5.0])
def test_positions_off_the_map_do_no_harm(x):
    client = solo()
    worker = client.mine(SCV)[0].tag
    client.act(client.order(MOVE, [worker], at=(x, 20.0)), client.order(BUILD_DEPOT, [worker], at=(20.0, x)))
    client.step(50)
    there = next(u for u in client.mine(SCV) if u.tag == worker).pos
    assert 0 <= there.x <= client.game.world.map.width


def test_nobody_commands_the_other_players_units():
    one, two = duel()
    theirs = two.mine(104)[0].tag
    assert one.act(one.order(MOVE, [theirs], at=(60, 60))) == [error.YouCantControlThatUnit]


def test_unseen_enemies_cannot_be_targets():
    one, two = duel()
    theirs, mine = two.mine(104)[0].tag, one.mine(SCV)[0].tag
    assert one.act(one.order(23, [mine], target=theirs)) == [error.CantTargetThatUnit]


def test_a_snapshots_tag_leads_to_the_resource():
    client = solo()
    worker = client.mine(SCV)[0]
    far = next(u for u in client.units() if u.display_type == raw.Snapshot and u.unit_type in (341, 483, 665, 666))
    assert client.act(client.order(GATHER_SCV, [worker.tag], target=far.tag)) == [error.Success]
    client.step(100)
    now = next(u for u in client.mine(SCV) if u.tag == worker.tag)
    assert math.dist((now.pos.x, now.pos.y), (far.pos.x, far.pos.y)) < math.dist(
        (worker.pos.x, worker.pos.y), (far.pos.x, far.pos.y)
    )


# -- queries ---------------------------------------------------------------------------------------------
def test_ways_are_measured_over_the_ground():
    client = solo()
    start = client.ask(game_info=sc.RequestGameInfo()).game_info.start_raw.start_locations[0]
    x, y = base(client)
    worker = client.mine(SCV)[0]
    answers = ask(
        client,
        pathing=[
            query.RequestQueryPathing(start_pos=point(x + 4, y), end_pos=point(start.x + 4, start.y)),
            query.RequestQueryPathing(unit_tag=worker.tag, end_pos=point(x + 4, y)),
            query.RequestQueryPathing(start_pos=point(x, y), end_pos=point(0.5, 0.5)),
            query.RequestQueryPathing(start_pos=point(math.nan, y), end_pos=point(x, y)),
            query.RequestQueryPathing(unit_tag=12345, end_pos=point(x, y)),
            query.RequestQueryPathing(start_pos=point(-9, 1e9), end_pos=point(x, y)),
        ],
    ).pathing
    far, near, *rest = [a.distance for a in answers]
    assert far > math.dist((x, y), (start.x, start.y)) - 8
    assert 0 < near < 14
    assert rest == [0, 0, 0, 0]


def test_placement_answers_in_the_games_reasons():
    client = solo()
    x, y = base(client)
    free = ask(
        client,
        placements=[
            query.RequestQueryBuildingPlacement(ability_id=ability, target_pos=point(px, py))
            for ability, px, py in (
                (BUILD_DEPOT, x, y + 9),
                (BUILD_DEPOT, x, y),
                (BUILD_DEPOT, 1.0, 1.0),
                (BUILD_DEPOT, math.nan, 5.0),
                (77_777, x, y + 9),
            )
        ],
        ignore_resource_requirements=True,
    ).placements
    results = [a.result for a in free]
    assert error.Success not in results[1:]
    paid = ask(
        client, placements=[query.RequestQueryBuildingPlacement(ability_id=BUILD_DEPOT, target_pos=point(x, y + 9))]
    ).placements
    assert paid[0].result in (error.NotEnoughMinerals, results[0])


def test_available_abilities_of_own_units_only():
    one, two = duel()
    worker, theirs = one.mine(SCV)[0].tag, two.mine(104)[0].tag
    answers = ask(
        one,
        abilities=[query.RequestQueryAvailableAbilities(unit_tag=t) for t in (worker, theirs, 5)],
        ignore_resource_requirements=True,
    ).abilities
    assert answers[0].unit_type_id == SCV
    known = {a.ability_id: a.requires_point for a in answers[0].abilities}
    assert BUILD_DEPOT in known
    assert known[BUILD_DEPOT]
    assert not answers[1].abilities
    assert not answers[2].abilities


# -- debug -----------------------------------------------------------------------------------------------
def test_created_units_stand_where_asked_and_count():
    client = solo()
    x, y = base(client)
    create(client, MARINE, 1, x + 6, y - 6, quantity=10)
    client.step(1)
    marines = client.mine(MARINE)
    assert len(marines) == 10
    assert max(math.dist((u.pos.x, u.pos.y), (x + 6, y - 6)) for u in marines) < 6
    seen = client.observe().observation.player_common
    assert (seen.army_count, seen.food_army, seen.food_used) == (10, 10, 22)


@pytest.mark.parametrize(
    "command",
    [
        debug.DebugCommand(create_unit=debug.DebugCreateUnit(unit_type=MARINE, owner=1, quantity=10**6)),
        debug.DebugCommand(create_unit=debug.DebugCreateUnit(unit_type=1_000_000, owner=1)),
        debug.DebugCommand(create_unit=debug.DebugCreateUnit(unit_type=MARINE, owner=9)),
        debug.DebugCommand(
            create_unit=debug.DebugCreateUnit(unit_type=MARINE, owner=1, pos=common.Point2D(x=math.nan, y=1))
        ),
        debug.DebugCommand(unit_value=debug.DebugSetUnitValue(unit_value=2, value=1, unit_tag=3)),
        debug.DebugCommand(test_process=debug.DebugTestProcess(test=debug.DebugTestProcess.crash)),
    ],
)
def test_debug_commands_that_cannot_be_are_errors(command):
    client = solo()
    response = client.ask(debug=sc.RequestDebug(debug=[command]))
    assert len(response.error) == 1
    assert client.step(1).step.simulation_loop == 1


def test_resources_switches_give_five_thousand():
    client = solo()
    for switch in (debug.minerals, debug.gas, debug.all_resources):
        client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=switch)]))
    seen = client.observe().observation.player_common
    assert (seen.minerals, seen.vespene) == (50 + 10_000, 10_000)


def test_unit_values_stay_within_the_units_limits():
    client = solo()
    hall = client.mine(COMMAND_CENTER)[0].tag
    for value, expected in ((700.0, 700.0), (1e9, 1500.0)):
        change = debug.DebugSetUnitValue(unit_value=debug.DebugSetUnitValue.Life, value=value, unit_tag=hall)
        client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(unit_value=change)]))
        assert client.mine(COMMAND_CENTER)[0].health == expected


def test_end_game_ends_it():
    for end, result in ((debug.DebugEndGame.Surrender, sc.Defeat), (debug.DebugEndGame.DeclareVictory, sc.Victory)):
        client = solo()
        command = debug.DebugCommand(end_game=debug.DebugEndGame(end_result=end))
        assert client.ask(debug=sc.RequestDebug(debug=[command])).status == sc.ended
        assert client.observe().player_result[0].result == result


def test_killing_the_last_structure_decides_the_game():
    client = solo()
    hall = client.mine(COMMAND_CENTER)[0].tag
    command = debug.DebugCommand(kill_unit=debug.DebugKillUnit(tag=[hall]))
    assert client.ask(debug=sc.RequestDebug(debug=[command])).status == sc.ended


def test_show_map_reveals_it_to_the_one_who_asked():
    one, two = duel()
    assert not one.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.show_map)])).error
    assert [u for u in one.units() if u.alliance == raw.Enemy]
    assert not [u for u in two.units() if u.alliance == raw.Enemy]


def test_control_enemy_moves_their_units():
    client = solo(fog=False)
    drone = next(u for u in client.units() if u.alliance == raw.Enemy and u.unit_type == 104)
    order = client.order(MOVE, [drone.tag], at=(60.0, 60.0))
    assert client.act(order) == [error.YouCantControlThatUnit]
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.control_enemy)]))
    assert client.act(order) == [error.Success]


def test_drawings_are_accepted():
    drawing = debug.DebugCommand(draw=debug.DebugDraw(text=[debug.DebugText(text="hello")]))
    assert solo().ask(debug=sc.RequestDebug(debug=[drawing])).HasField("debug")


def test_an_autocast_that_fails_is_reported_under_its_ability():
    client = solo()
    worker = client.mine(SCV)[0].tag
    toggle = raw.ActionRawToggleAutocast(ability_id=(1 << 31) - 1, unit_tags=[worker])
    assert client.act(sc.Action(action_raw=raw.ActionRaw(toggle_autocast=toggle))) != [error.Success]
    assert [e.ability_id for e in client.observe().action_errors] == [(1 << 31) - 1]
