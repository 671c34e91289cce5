"""Compiled sums and changes: the score counted one by one, and the alerts of what happens."""

import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import sc2api_pb2 as sc

from tests.sim.api.table import Client, duel, solo
from tests.sim.api.test_encode import match
from tests.sim.api.test_observation import COMMAND_CENTER, MARINE, SCV, base, create

MULE, MOTHERSHIP, NYDUS_WORM, REFINERY, SENSOR_TOWER, ZERGLING, SPAWNING_POOL, STOP = 268, 10, 142, 20, 25, 105, 89, 4
BARRACKS, TRAIN_SCV = 21, 524
ZEALOT, GHOST, HIGH_TEMPLAR, MEDIVAC, EMP = 73, 50, 75, 54, 1628


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


def test_time_that_structures_train_nothing_adds_up():
    client = solo()
    x, y = base(client)
    create(client, BARRACKS, 1, x + 10, y)
    client.observe()
    for _ in range(10):
        client.step(16)
        client.observe()
    idle = client.observe().observation.score.score_details.idle_production_time
    assert idle == pytest.approx(20)  # barracks and command center
    client.act(client.order(TRAIN_SCV, [client.mine(COMMAND_CENTER)[0].tag]))
    client.step(160)
    assert client.observe().observation.score.score_details.idle_production_time == pytest.approx(idle + 10)


def test_income_is_told_however_rarely_one_looks():
    client = solo()
    client.observe()
    client.step(1344)
    details = client.observe().observation.score.score_details
    assert details.collection_rate_minerals == pytest.approx(details.collected_minerals, rel=0.01)
    for _ in range(60):
        client.step(16)
        client.observe()
    recent = client.observe().observation.score.score_details
    assert recent.collection_rate_minerals == pytest.approx(700, rel=0.15)


LAIR_MORPH, ORBITAL_MORPH, OVERSEER_MORPH, LIFT = 1216, 1516, 1448, 417
"""Morph to a lair, to an orbital command, to an overseer; lift a command center."""


def after(client: Client, ability: int, tag: int, loops: int) -> set[int]:
    """Alerts of the loops after a command."""
    alerts(client)
    assert client.act(client.order(ability, [tag])) == [1]
    found: set[int] = set()
    for _ in range(loops // 10):
        client.step(10)
        found |= alerts(client)
    return found


def rich(client: Client, *more: int) -> None:
    for state in (debug.minerals, debug.gas, debug.tech_tree, *more):
        client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=state)]))


@pytest.mark.parametrize(
    ("race", "kind", "ability", "alert"),
    [
        (common.Terran, "CommandCenter", ORBITAL_MORPH, sc.UpgradeComplete),
        (common.Terran, "CommandCenter", LIFT, None),
        (common.Zerg, "Hatchery", LAIR_MORPH, sc.MorphComplete),
        (common.Zerg, "Overlord", OVERSEER_MORPH, sc.MorphComplete),
    ],
)
def test_what_becomes_something_else_is_announced_by_its_kind(race, kind, ability, alert):
    client = solo(race)
    rich(client, *([] if kind == "Overlord" else [debug.fast_build]))  # its cocoon has to be seen
    rules = client.game.world.rules
    number = rules.unit(kind).id
    assert after(client, ability, client.mine(number)[0].tag, 300) == ({alert} if alert is not None else set())


def test_gateways_that_become_warp_gates_are_announced():
    client = solo(common.Protoss)
    rules = client.game.world.rules
    hall = client.mine(rules.unit("Nexus").id)[0].pos
    create(client, rules.unit("Pylon").id, 1, hall.x, hall.y - 6)
    create(client, rules.unit("Gateway").id, 1, hall.x + 3.5, hall.y - 7.5)
    client.step(1)
    alerts(client)
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.upgrade)]))
    found: set[int] = set()
    for _ in range(20):  # idle gateways morph by themselves once it is researched
        client.step(8)
        found |= alerts(client)
    assert sc.TransformationComplete in found
    assert sc.MorphComplete not in found


def test_a_mineral_field_that_own_workers_emptied_is_announced_to_their_player_only():
    one, two = duel()
    worker = one.mine(SCV)[0]
    u, world = one.game.world.units, one.game.world
    row = world.row_of(worker.tag)
    u.contents[int(u.node[row])] = 5
    found: list[set[int]] = [set(), set()]
    for _ in range(40):
        one.send(step=sc.RequestStep(count=8))
        two.send(step=sc.RequestStep(count=8))
        for told, client in zip(found, (one, two), strict=True):
            told |= alerts(client)
    assert sc.MineralsExhausted in found[0]
    assert sc.MineralsExhausted not in found[1]


def vitals(part) -> tuple[float, float, float]:
    return part.life, part.shields, part.energy


def test_the_score_tells_damage_dealt_and_taken():
    one, two = duel()
    x, y = base(one)
    create(one, MARINE, 1, x + 6, y - 6, quantity=6)
    create(one, ZEALOT, 2, x + 10, y - 6)
    for _ in range(40):
        one.send(step=sc.RequestStep(count=16))
        two.send(step=sc.RequestStep(count=16))
    mine, theirs = (client.observe().observation.score.score_details for client in (one, two))
    assert not two.mine(ZEALOT)
    assert vitals(mine.total_damage_dealt) == pytest.approx((100, 50, 0))  # its life and shields, and no overkill
    assert vitals(theirs.total_damage_taken) == pytest.approx(vitals(mine.total_damage_dealt))
    assert theirs.total_damage_dealt.life > 0
    assert vitals(mine.total_damage_taken) == pytest.approx(vitals(theirs.total_damage_dealt))
    assert vitals(mine.total_healed) == (0, 0, 0)


def test_the_score_tells_shields_and_energy_that_an_emp_takes():
    one, two = duel()
    x, y = base(one)
    create(one, GHOST, 1, x + 6, y - 6)
    create(one, HIGH_TEMPLAR, 2, x + 12, y - 6)
    ghost = one.mine(GHOST)[0].tag
    for tag, value in ((ghost, 200), (two.mine(HIGH_TEMPLAR)[0].tag, 60)):
        unit = debug.DebugSetUnitValue(unit_value=debug.DebugSetUnitValue.Energy, value=value, unit_tag=tag)
        one.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(unit_value=unit)]))
    one.act(one.order(EMP, [ghost], at=(x + 12, y - 6)))
    for _ in range(2):
        one.send(step=sc.RequestStep(count=16))
        two.send(step=sc.RequestStep(count=16))
    dealt = one.observe().observation.score.score_details.total_damage_dealt
    taken = two.observe().observation.score.score_details.total_damage_taken
    assert dealt.shields == taken.shields == 40
    assert dealt.energy == taken.energy == pytest.approx(60, abs=1.5)


def test_the_score_tells_what_was_healed():
    client = solo()
    x, y = base(client)
    create(client, MEDIVAC, 1, x + 6, y - 6)
    create(client, MARINE, 1, x + 7, y - 6)
    marine = client.mine(MARINE)[0].tag
    life = debug.DebugSetUnitValue(unit_value=debug.DebugSetUnitValue.Life, value=15, unit_tag=marine)
    client.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(unit_value=life)]))
    client.step(120)
    healed = client.observe().observation.score.score_details.total_healed
    assert client.mine(MARINE)[0].health == 45
    assert vitals(healed) == pytest.approx((30, 0, 0))
