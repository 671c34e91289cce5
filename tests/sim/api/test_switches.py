"""Debug game_state switches: the rules they suspend, for the player who asked and nobody else, until asked again."""

import pytest
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import error_pb2 as error
from s2clientprotocol import query_pb2 as query
from s2clientprotocol import sc2api_pb2 as sc

from tests.sim.api.table import Client, duel, solo
from tests.sim.api.test_observation import COMMAND_CENTER, MARINE, SCV, TRAIN_SCV, base, create

BARRACKS, SUPPLY_DEPOT, STALKER, LARVA, ZERGLING = 21, 19, 74, 151, 105
BUILD_DEPOT, BUILD_BARRACKS, TRAIN_MARINE, TRAIN_DRONE, BLINK, CANCEL_LAST = 319, 321, 560, 1342, 1442, 3671
STIMPACK = 15


def switch(client: Client, *names: int) -> None:
    for name in names:
        answer = client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=name)]))
        assert answer.HasField("debug"), answer


def bank(client: Client) -> tuple[int, int]:
    common = client.observe().observation.player_common
    return common.minerals, common.vespene


@pytest.mark.parametrize("name", debug.DebugGameState.values())
def test_every_switch_is_taken_and_the_game_goes_on(name):
    client = solo()
    switch(client, name)
    assert client.step(20).step.simulation_loop == 20
    switch(client, name)
    assert client.step(20).step.simulation_loop == 40


def test_free_takes_no_price_and_gives_none_back():
    client = solo()
    hall = client.mine(COMMAND_CENTER)[0].tag
    switch(client, debug.free)
    assert client.act(*[client.order(TRAIN_SCV, [hall])] * 3) == [error.Success] * 3
    assert bank(client) == (50, 0)
    client.act(client.order(CANCEL_LAST, [hall]))  # cancel the last
    assert bank(client) == (50, 0)
    switch(client, debug.free)
    assert client.act(*[client.order(TRAIN_SCV, [hall])] * 2) == [error.Success, error.NotEnoughMinerals]


def test_food_lets_supply_grow_beyond_the_cap():
    client = solo()
    x, y = base(client)
    create(client, MARINE, 1, x + 6, y - 6, quantity=3)
    hall = client.mine(COMMAND_CENTER)[0].tag
    assert client.act(client.order(TRAIN_SCV, [hall])) == [error.NotEnoughFood]
    switch(client, debug.food)
    assert client.act(client.order(TRAIN_SCV, [hall])) == [error.Success]
    client.step(300)
    common = client.observe().observation.player_common
    assert (common.food_used, common.food_cap) == (16, 15)


def test_tech_tree_opens_what_asks_for_other_structures():
    client = solo()
    worker = client.mine(SCV)[0].tag

    def offered() -> set[int]:
        asked = query.RequestQuery(
            abilities=[query.RequestQueryAvailableAbilities(unit_tag=worker)], ignore_resource_requirements=True
        )
        return {a.ability_id for a in client.ask(query=asked).query.abilities[0].abilities}

    assert BUILD_BARRACKS not in offered()
    switch(client, debug.tech_tree)
    assert BUILD_BARRACKS in offered()
    switch(client, debug.tech_tree)
    assert BUILD_BARRACKS not in offered()


def test_fast_build_finishes_units_and_structures_at_once():
    client = solo()
    hall = client.mine(COMMAND_CENTER)[0].tag
    client.act(client.order(TRAIN_SCV, [hall]))
    switch(client, debug.fast_build, debug.all_resources)
    client.step(3)
    assert len(client.mine(SCV)) == 13
    x, y = base(client)
    create(client, BARRACKS, 1, x + 8, y + 8)
    barracks = client.mine(BARRACKS)[0].tag
    client.act(client.order(TRAIN_MARINE, [barracks]))
    client.step(3)
    assert len(client.mine(MARINE)) == 1
    worker = client.mine(SCV)[0].tag
    places = [(x + dx, y + dy) for dx in range(-12, 13, 2) for dy in range(-12, 13, 2)]
    client.act(*[client.order(BUILD_DEPOT, [worker], at=place) for place in places])
    client.step(200)
    assert [u.build_progress for u in client.mine(SUPPLY_DEPOT)] == [1.0]


def test_cooldown_makes_abilities_ready_again():
    client = solo(enemy="Terran")
    x, y = base(client)
    create(client, STALKER, 1, x + 6, y - 6)
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.tech_tree)]))
    stalker = client.mine(STALKER)[0].tag
    assert client.act(client.order(BLINK, [stalker], at=(x + 8, y - 6))) == [error.Success]
    client.step(4)
    again = client.order(BLINK, [stalker], at=(x + 6, y - 6))
    assert client.act(again) != [error.Success]
    switch(client, debug.cooldown)
    assert client.act(again) == [error.Success]


def test_upgrade_gives_all_upgrades_and_the_next_level_each_time():
    client = solo()
    levels = []
    for _ in range(4):
        switch(client, debug.upgrade)
        x, y = base(client)
        create(client, MARINE, 1, x + 6, y - 6)
        marine = client.mine(MARINE)[0]
        levels.append((marine.attack_upgrade_level, marine.armor_upgrade_level))
    assert levels == [(1, 1), (2, 2), (3, 3), (3, 3)]
    assert STIMPACK in client.observe().observation.raw_data.player.upgrade_ids


def test_god_is_hurt_by_nobody_and_strikes_ten_times_as_hard():
    one, two = duel()
    x, y = base(one)
    switch(one, debug.god)
    create(one, MARINE, 1, x + 8, y - 8)
    create(one, ZERGLING, 2, x + 9, y - 8, quantity=6)
    for _ in range(20):
        one.send(step=sc.RequestStep(count=16))
        two.send(step=sc.RequestStep(count=16))
    marine = one.mine(MARINE)[0]
    assert marine.health == 45
    assert not [u for u in one.units() if u.unit_type == ZERGLING]
    weapons = {u.unit_id: u.weapons for u in one.ask(data=sc.RequestData(unit_type_id=True)).data.units}
    assert weapons[MARINE][0].damage == 60
    theirs = {u.unit_id: u.weapons for u in two.ask(data=sc.RequestData(unit_type_id=True)).data.units}
    assert theirs[MARINE][0].damage == 6
    damage = one.game.world.weapon_stats["damage"]
    switch(one, debug.god)
    assert (damage[0] == damage[1]).all()


def test_switches_are_one_players_and_go_with_a_saved_game():
    one, two = duel()
    switch(one, debug.free)
    assert one.game.clone().state_hash() == one.game.state_hash()
    larva = two.mine(LARVA)[0].tag
    one.send(step=sc.RequestStep(count=1))
    assert two.act(two.order(TRAIN_DRONE, [larva])) == [error.Success]
    two.send(step=sc.RequestStep(count=1))
    assert bank(two) == (0, 0)
    client = solo()
    client.ask(quick_save=sc.RequestQuickSave())
    switch(client, debug.free)
    client.ask(quick_load=sc.RequestQuickLoad())
    hall = client.mine(COMMAND_CENTER)[0].tag
    assert client.act(*[client.order(TRAIN_SCV, [hall])] * 2) == [error.Success, error.NotEnoughMinerals]
