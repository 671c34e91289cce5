"""What a player sees, unit by unit and cell by cell."""

import math

import numpy as np
import pytest
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc
from sc2.game_state import GameState

from cherrypy_bot.sim.api.sight import SNAPSHOT_TAG
from tests.sim.api.table import Client, duel, grid, solo

SCV, COMMAND_CENTER, MARINE, DARK_TEMPLAR, BANSHEE, RAVEN = 45, 18, 48, 76, 55, 56
SUPPLY_DEPOT, BARRACKS, REACTOR, REFINERY = 19, 21, 38, 20
GATHER_SCV, RETURN_SCV, MOVE, TRAIN_SCV = 295, 296, 16, 524


def create(client: Client, unit_type: int, owner: int, x: float, y: float, quantity: int = 1) -> None:
    command = debug.DebugCreateUnit(unit_type=unit_type, owner=owner, quantity=quantity)
    command.pos.x, command.pos.y = x, y
    answer = client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(create_unit=command)]))
    assert not answer.error, answer.error


def base(client: Client) -> tuple[float, float]:
    hall = client.mine(COMMAND_CENTER)[0].pos
    return hall.x, hall.y


def test_loop_zero_shows_what_the_real_game_shows():
    client = solo()
    seen = client.observe().observation
    common = seen.player_common
    assert (common.minerals, common.vespene, common.food_cap, common.food_used) == (50, 0, 15, 12)
    assert (common.food_workers, common.food_army, common.army_count) == (12, 0, 0)
    assert seen.score.score == 1050
    details = seen.score.score_details
    assert (details.total_value_units, details.total_value_structures) == (600, 400)
    own = [u for u in seen.raw_data.units if u.alliance == raw.Self]
    assert sorted({u.unit_type for u in own}) == [COMMAND_CENTER, SCV]
    assert len(own) == 13
    assert not [u for u in seen.raw_data.units if u.alliance == raw.Enemy]
    hall = next(u for u in own if u.unit_type == COMMAND_CENTER)
    assert (hall.health, hall.health_max, hall.radius, hall.build_progress) == (1500, 1500, 2.75, 1)
    assert hall.ideal_harvesters == 16


def test_every_resource_is_listed_and_the_unseen_ones_are_empty_snapshots():
    client = solo()
    units = client.units()
    neutral = [u for u in units if u.alliance == raw.Neutral]
    assert len(neutral) == len(client.game.world.map.neutrals)
    near = [u for u in neutral if u.display_type == raw.Visible]
    far = [u for u in neutral if u.display_type == raw.Snapshot]
    assert sorted(u.mineral_contents for u in near if u.mineral_contents) == [900] * 4 + [1800] * 4
    assert [u.vespene_contents for u in near if u.vespene_contents] == [2250, 2250]
    assert all(not u.mineral_contents and not u.HasField("health") for u in far)
    assert all(u.tag > SNAPSHOT_TAG for u in far)
    assert all(u.tag < SNAPSHOT_TAG for u in near)
    assert {u.owner for u in neutral} == {16}


def test_a_unit_has_one_tag_for_life_and_a_dead_ones_is_reported_once():
    client = solo()
    worker = client.mine(SCV)[0]
    client.step(20)
    assert worker.tag in {u.tag for u in client.mine(SCV)}
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(kill_unit=debug.DebugKillUnit(tag=[worker.tag]))]))
    client.step(1)
    assert list(client.observe().observation.raw_data.event.dead_units) == [worker.tag]
    client.step(1)
    assert not client.observe().observation.raw_data.event.dead_units


def test_a_gathering_worker_shows_its_node_then_the_town_hall():
    client = solo()
    worker = client.mine(SCV)[0]
    patch = min(
        (u for u in client.units() if u.mineral_contents),
        key=lambda u: math.dist((u.pos.x, u.pos.y), (worker.pos.x, worker.pos.y)),
    )
    hall = client.mine(COMMAND_CENTER)[0].tag
    assert client.act(client.order(GATHER_SCV, [worker.tag], target=patch.tag)) == [1]
    shown = set()
    for _ in range(80):
        client.step(4)
        now = next(u for u in client.mine(SCV) if u.tag == worker.tag)
        order = now.orders[0]
        shown.add((order.ability_id, order.target_unit_tag))
        if order.ability_id == RETURN_SCV:
            assert 271 in now.buff_ids
        assert now.is_active
    assert (GATHER_SCV, patch.tag) in shown
    assert (RETURN_SCV, hall) in shown
    assert client.observe().observation.score.score_details.collected_minerals >= 5


def test_production_shows_its_progress():
    client = solo()
    hall = client.mine(COMMAND_CENTER)[0].tag
    assert client.act(client.order(TRAIN_SCV, [hall])) == [1]
    client.step(136)
    order = client.mine(COMMAND_CENTER)[0].orders[0]
    assert order.ability_id == TRAIN_SCV
    assert order.progress == pytest.approx(0.5, abs=0.02)
    assert client.mine(COMMAND_CENTER)[0].is_active


def test_a_move_order_shows_its_target_and_the_queue():
    client = solo()
    worker, (x, y) = client.mine(SCV)[0].tag, base(client)
    client.act(
        client.order(MOVE, [worker], at=(x + 5, y - 5)), client.order(MOVE, [worker], at=(x - 5, y - 5), queue=True)
    )
    client.step(1)
    orders = next(u for u in client.mine(SCV) if u.tag == worker).orders
    assert [o.ability_id for o in orders] == [MOVE, MOVE]
    assert (orders[0].target_world_space_pos.x, orders[1].target_world_space_pos.x) == (x + 5, x - 5)


def test_enemies_show_life_but_no_orders():
    client = solo()
    x, y = base(client)
    create(client, MARINE, 2, x + 5, y + 5)
    enemy = next(u for u in client.units() if u.alliance == raw.Enemy)
    assert (enemy.owner, enemy.unit_type, enemy.display_type) == (2, MARINE, raw.Visible)
    assert (enemy.health, enemy.health_max) == (45, 45)
    assert enemy.HasField("attack_upgrade_level")
    for field in ("weapon_cooldown", "assigned_harvesters", "ideal_harvesters"):
        assert not enemy.HasField(field)
    assert not enemy.orders


def test_fog_hides_enemies_and_disable_fog_shows_them():
    client = solo()
    enemy_start = client.ask(game_info=sc.RequestGameInfo()).game_info.start_raw.start_locations[0]
    assert not [u for u in client.units() if u.alliance == raw.Enemy]
    revealed = client.ask(observation=sc.RequestObservation(disable_fog=True)).observation.observation.raw_data
    enemies = [u for u in revealed.units if u.alliance == raw.Enemy]
    assert any(math.dist((u.pos.x, u.pos.y), (enemy_start.x, enemy_start.y)) < 1 for u in enemies)
    assert not [u for u in revealed.units if u.display_type == raw.Snapshot]
    assert [u for u in solo(fog=False).units() if u.alliance == raw.Enemy]


def test_a_cloaked_enemy_is_hidden_until_detected():
    client = solo()
    x, y = base(client)
    create(client, DARK_TEMPLAR, 2, x + 5, y + 5)
    templar = next(u for u in client.units() if u.unit_type == DARK_TEMPLAR)
    assert (templar.display_type, templar.cloak) == (raw.Hidden, raw.Cloaked)
    assert not templar.HasField("health")
    assert not templar.HasField("owner")
    create(client, RAVEN, 1, x + 5, y + 3)
    templar = next(u for u in client.units() if u.unit_type == DARK_TEMPLAR)
    assert (templar.display_type, templar.cloak) == (raw.Visible, raw.CloakedDetected)
    raven = client.mine(RAVEN)[0]
    assert raven.detect_range == 11
    assert raven.is_flying
    assert raven.pos.z > client.mine(SCV)[0].pos.z + 3


def test_a_structure_out_of_sight_becomes_a_snapshot_of_what_was_seen():
    client = solo()
    start = client.ask(game_info=sc.RequestGameInfo()).game_info.start_raw.start_locations[0]
    create(client, MARINE, 1, start.x + 6, start.y)
    client.step(1)
    hall = next(u for u in client.units() if u.alliance == raw.Enemy and u.radius > 2)
    assert hall.display_type == raw.Visible
    scout = client.mine(MARINE)[0].tag
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(kill_unit=debug.DebugKillUnit(tag=[scout]))]))
    client.step(2)
    shadow = next(u for u in client.units() if u.alliance == raw.Enemy)
    assert (shadow.display_type, shadow.unit_type) == (raw.Snapshot, hall.unit_type)
    assert (shadow.pos.x, shadow.pos.y) == (hall.pos.x, hall.pos.y)
    assert shadow.tag != hall.tag
    assert not shadow.HasField("health")


def test_a_structure_whose_edge_is_in_sight_is_not_also_remembered():
    client = solo()
    start = client.ask(game_info=sc.RequestGameInfo()).game_info.start_raw.start_locations[0]
    create(client, MARINE, 1, start.x + 6, start.y)
    client.step(1)
    scout = client.mine(MARINE)[0].tag
    sight, seen_at_the_edge = 9.0, False
    halls = lambda: [u for u in client.units() if u.alliance == raw.Enemy and u.radius > 2]  # noqa: E731
    away = 6.0
    while away < sight + 6.0:
        client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(kill_unit=debug.DebugKillUnit(tag=[scout]))]))
        away += 0.5
        create(client, MARINE, 1, start.x + away, start.y)
        client.step(2)
        scout = client.mine(MARINE)[0].tag
        found = halls()
        assert len(found) == 1
        state = client.observe().observation.raw_data.map_state
        middle = grid(state.visibility)[int(start.y), int(start.x)]
        seen_at_the_edge |= found[0].display_type == raw.Visible and middle != VISIBLE_NOW
    assert seen_at_the_edge
    assert halls()[0].display_type == raw.Snapshot


VISIBLE_NOW = 2


def test_visibility_and_creep_are_images_of_the_map():
    client, other = duel()
    for player in (client, other):
        state = player.observe().observation.raw_data.map_state
        m = client.game.world.map
        visibility, creep = grid(state.visibility), grid(state.creep)
        assert visibility.shape == creep.shape == (m.height, m.width)
        assert (state.visibility.bits_per_pixel, state.creep.bits_per_pixel) == (8, 1)
        hall = player.mine(COMMAND_CENTER, 86)[0].pos
        assert visibility[int(hall.y), int(hall.x)] == 2
        assert set(np.unique(visibility)) == {0, 2}
    hatchery = other.mine(86)[0].pos
    assert grid(other.observe().observation.raw_data.map_state.creep)[int(hatchery.y), int(hatchery.x)] == 1


def test_creep_under_the_fog_stays_unknown():
    client, other = duel()
    hatchery = other.mine(86)[0].pos
    assert grid(client.observe().observation.raw_data.map_state.creep)[int(hatchery.y), int(hatchery.x)] == 0


def test_own_structures_show_addons_power_and_cargo():
    client = solo()
    x, y = base(client)
    create(client, 60, 1, x + 8, y + 8)  # pylon
    create(client, 62, 1, x + 8, y + 8)  # gateway next to it
    client.step(1)
    gateway = client.mine(62)[0]
    assert gateway.is_powered
    sources = client.observe().observation.raw_data.player.power_sources
    assert [(s.tag, s.radius) for s in sources] == [(client.mine(60)[0].tag, 6.5)]
    create(client, 54, 1, x, y + 8)  # medivac
    medivac = client.mine(54)[0]
    assert (medivac.cargo_space_taken, medivac.cargo_space_max) == (0, 8)


def test_python_sc2_reads_every_observation():
    client = solo()
    for _ in range(5):
        client.step(50)
        state = GameState(client.observe())
        assert state.game_loop == client.game.loop
        assert state.visibility.data_numpy.shape == (client.game.world.map.height, client.game.world.map.width)
        assert state.common.food_used == 12


def test_messages_are_canonical_after_a_round_trip():
    data = solo().observe().SerializeToString()
    again = sc.ResponseObservation.FromString(data).SerializeToString()
    assert again == data


def test_camera_follows_the_camera_action():
    client = solo()
    move = raw.ActionRawCameraMove()
    move.center_world_space.x, move.center_world_space.y = 50.0, 60.0
    assert client.act(sc.Action(action_raw=raw.ActionRaw(camera_move=move))) == [1]
    client.step(1)
    camera = client.observe().observation.raw_data.player.camera
    assert (camera.x, camera.y) == (50.0, 60.0)


def test_done_actions_and_errors_come_with_the_next_observation():
    client = solo()
    hall, worker = client.mine(COMMAND_CENTER)[0].tag, client.mine(SCV)[0].tag
    assert client.act(client.order(TRAIN_SCV, [hall]), client.order(TRAIN_SCV, [hall])) == [1, 9]
    client.step(1)
    seen = client.observe()
    assert [a.action_raw.unit_command.ability_id for a in seen.actions] == [TRAIN_SCV]
    assert [(e.unit_tag, e.ability_id, e.result) for e in seen.action_errors] == [(hall, TRAIN_SCV, 9)]
    assert worker
    client.step(1)
    assert not client.observe().action_errors


def test_raw_actions_select_only_when_the_client_wants_it():
    for wanted in (False, True):
        client = solo()
        client.session.seat.options.raw_affects_selection = wanted
        worker, (x, y) = client.mine(SCV)[0].tag, base(client)
        assert not client.observe().observation.abilities
        client.act(client.order(MOVE, [worker], at=(x, y - 6)))
        client.step(1)
        seen = client.observe().observation
        assert [u.tag for u in seen.raw_data.units if u.is_selected] == [worker] * wanted
        offered = {a.ability_id: a.requires_point for a in seen.abilities}
        assert (MOVE in offered) == wanted
        assert not wanted or offered[MOVE]


def test_alerts_tell_what_happened_since_the_last_look():
    client = solo()
    hall = client.mine(COMMAND_CENTER)[0].tag
    client.act(client.order(TRAIN_SCV, [hall]))
    assert not client.observe().observation.alerts
    client.step(300)
    assert list(client.observe().observation.alerts) == [sc.TrainWorkerComplete]
    x, y = base(client)
    create(client, MARINE, 2, x + 4, y + 4)
    client.step(60)
    alerts = set(client.observe().observation.alerts)
    assert alerts
    assert alerts <= {sc.UnitUnderAttack, sc.BuildingUnderAttack}
