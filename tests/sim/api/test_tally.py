"""Compiled sums and changes: the score counted one by one, and the alerts of what happens."""

import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import sc2api_pb2 as sc

from tests.sim.api.table import Client, duel, solo
from tests.sim.api.test_encode import match
from tests.sim.api.test_observation import COMMAND_CENTER, MARINE, SCV, base, create

MULE, MOTHERSHIP, NYDUS_WORM, REFINERY, SENSOR_TOWER, ZERGLING, SPAWNING_POOL, STOP = 268, 10, 142, 20, 25, 105, 89, 4


def alerts(client: Client) -> set[int]:
    return set(client.observe().observation.alerts)


@pytest.mark.parametrize("loop", [0, 1500, 4000])
def test_the_players_numbers_are_those_of_counting_one_by_one(loop):
    for client in match("Protoss", "Zerg"):
        game = client.game
        game.step(loop - game.loop)
        seat = client.session.seat
        assert seat is not None
        u, rules = game.world.units, game.world.rules.units
        mine = [(r, rules[int(u.type_id[r])]) for r in game.world.rows_of(seat.player) if not u.hallucination[r]]
        seen = client.observe().observation
        player, details = seen.player_common, seen.score.score_details
        army = [rule for _, rule in mine if rule.is_army]
        workers = [row for row, rule in mine if rule.is_worker]
        done = [rule for row, rule in mine if u.build_left[row] <= 0]
        assert player.army_count == len(army)
        assert player.food_army == int(sum(rule.supply for rule in army))
        assert player.food_workers == len(workers)
        assert player.idle_worker_count == sum(u.order[row] == 0 and not u.hidden[row] for row in workers)
        assert player.warp_gate_count == sum(rule.name == "WarpGate" for rule in done)
        assert player.larva_count == sum(rule.name == "Larva" for _, rule in mine)
        assert details.total_value_units == sum(r.minerals + r.gas for r in done if not r.is_structure)
        assert details.total_value_structures == sum(r.minerals + r.gas for r in done if r.is_structure)
        assert details.used_minerals.army == sum(rule.minerals for rule in army)


def test_alerts_name_what_is_special():
    client = solo(common.Protoss)
    nexus = next(u for u in client.mine() if u.radius > 2).pos
    assert not alerts(client)
    client.step(1)
    create(client, MOTHERSHIP, 1, nexus.x + 6, nexus.y)
    client.step(1)
    assert alerts(client) == {sc.MothershipComplete}
    create(client, MULE, 1, nexus.x - 6, nexus.y)
    client.step(1)
    alerts(client)
    mule = client.mine(MULE)[0].tag
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(kill_unit=debug.DebugKillUnit(tag=[mule]))]))
    client.step(1)
    assert sc.MULEExpired in alerts(client)
    create(client, NYDUS_WORM, 2, nexus.x + 20, nexus.y)
    client.step(1)
    assert sc.NydusWormDetected in alerts(client)


def test_a_gas_building_that_runs_dry_is_announced():
    client = solo()
    x, y = base(client)
    create(client, REFINERY, 1, x + 10, y)
    row = client.game.world.row_of(client.mine(REFINERY)[0].tag)
    client.game.world.units.contents[row] = 8
    client.step(1)
    alerts(client)
    client.game.world.units.contents[row] = 0
    client.step(1)
    assert alerts(client) == {sc.VespeneExhausted}


def test_a_sensor_tower_shows_rings_and_dots():
    one, two = duel()
    x, y = base(one)
    create(one, SENSOR_TOWER, 1, x + 6, y + 6)
    tower = one.mine(SENSOR_TOWER)[0]
    assert tower.radar_range == 30
    create(one, ZERGLING, 2, x - 18, y)
    raw_data = one.observe().observation.raw_data
    assert [(ring.pos.x, ring.pos.y, ring.radius) for ring in raw_data.radar] == [(tower.pos.x, tower.pos.y, 30)]
    dots = [u for u in raw_data.units if u.is_blip]
    assert dots
    assert all(not dot.HasField("unit_type") and not dot.HasField("health") for dot in dots)
    assert not two.observe().observation.raw_data.radar
    assert one.mine(MARINE, COMMAND_CENTER)


def test_the_score_tells_losses_and_kills_by_category():
    one, two = duel()
    x, y = base(one)
    create(one, MARINE, 1, x + 6, y - 6, quantity=8)
    create(one, ZERGLING, 2, x + 10, y - 6, quantity=4)
    create(one, SPAWNING_POOL, 2, x + 12, y - 12)
    workers = [u.tag for u in one.mine(SCV)[:2]]
    for _ in range(60):
        one.send(step=sc.RequestStep(count=16))
        two.send(step=sc.RequestStep(count=16))
    for tag in workers:
        one.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(kill_unit=debug.DebugKillUnit(tag=[tag]))]))
    one.send(step=sc.RequestStep(count=1))
    two.send(step=sc.RequestStep(count=1))
    mine = one.observe().observation.score.score_details
    theirs = two.observe().observation.score.score_details
    assert mine.killed_minerals.army == 100
    assert mine.killed_value_units == 100
    assert mine.lost_minerals.economy == 100
    assert theirs.lost_minerals.army == 100
    assert theirs.lost_minerals.technology == mine.killed_minerals.technology == mine.killed_value_structures
    assert mine.total_used_minerals.economy == mine.used_minerals.economy + 100
    assert mine.lost_minerals.army == theirs.killed_minerals.army


def test_idle_workers_time_adds_up():
    client = solo()
    worker = client.mine(SCV)[0].tag
    client.observe()
    client.act(client.order(STOP, [worker]))
    for _ in range(10):
        client.step(16)
        client.observe()
    assert client.observe().observation.score.score_details.idle_worker_time == pytest.approx(10)
