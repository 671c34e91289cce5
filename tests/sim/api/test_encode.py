"""The compiled writer of units against the plain one: the same messages of the same world, whatever goes on in it."""

import random

import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import GameServer, create_game_request
from cherrypy_bot.sim.api.encode import UNIT_ROOM
from cherrypy_bot.sim.api.match import ParticipantSeat
from cherrypy_bot.sim.computer import Computer
from tests.sim.api.plain_units import PlainUnits
from tests.sim.api.table import MAP, OPTIONS, Client

RACES = {"Terran": common.Terran, "Zerg": common.Zerg, "Protoss": common.Protoss}


def match(first: str, second: str, seed: int = 3) -> tuple[Client, Client]:
    """Two clients that watch two computers play."""
    server = GameServer()
    one, two = Client(server), Client(server)
    one.ask(create_game=create_game_request(MAP, [ParticipantSeat(), ParticipantSeat()], seed=seed))
    for client, race in ((one, first), (two, second)):
        client.send(join_game=sc.RequestJoinGame(race=RACES[race], options=OPTIONS))
    one.game.computers = [
        Computer(0, first, sc.CheatInsane, sc.Macro, seed),
        Computer(1, second, sc.CheatInsane, sc.Timing, seed),
    ]
    return one, two


def different(a: raw.Unit, b: raw.Unit) -> set[str]:
    """Names of fields that are set in a and not the same in b."""
    return {d.name for d, value in a.ListFields() if value != getattr(b, d.name)}


def assert_the_same(*clients: Client) -> None:
    """Units, one by one, by tag and place, with every field."""

    def key(unit: raw.Unit) -> tuple:
        return unit.tag, unit.unit_type, unit.pos.x, unit.pos.y

    for client in clients:
        seat = client.session.seat
        assert seat is not None
        for revealed in (False, True):
            request = sc.RequestObservation(disable_fog=revealed)
            data = client.ask(observation=request).observation.observation.raw_data
            plain = PlainUnits(client.game.world, revealed, seat).units()
            mine, theirs = sorted(data.units, key=key), sorted(plain, key=key)
            assert [key(u) for u in mine] == [key(u) for u in theirs]
            for a, b in zip(mine, theirs, strict=True):
                where = client.game.loop, seat.player, revealed, a.unit_type
                assert a == b, (where, different(a, b), different(b, a))


@pytest.mark.parametrize(("first", "second"), [("Terran", "Zerg"), ("Protoss", "Terran"), ("Zerg", "Protoss")])
def test_a_match_reads_the_same_written_by_hand_and_by_protobuf(first, second):
    one, two = match(first, second)
    for loop in (0, 1, 331, 1000, 2003, 3001, 4444, 5205):
        one.game.step(loop - one.game.loop)
        assert_the_same(one, two)


@pytest.mark.parametrize("seed", range(3))
def test_every_kind_of_unit_reads_the_same(seed):
    """All types, on both sides, half dead, with orders, upgrades and cloaks as they come."""
    chance = random.Random(seed)
    one, two = match("Terran", "Protoss", seed)
    one.game.computers = []
    one.session.seat.options.raw_affects_selection = True
    world = one.game.world
    types = [rule.id for rule in world.rules.units.values() if not rule.is_townhall]
    commands = []
    for _ in range(250):
        made = debug.DebugCreateUnit(unit_type=chance.choice(types), owner=chance.choice((1, 2, 0)), quantity=1)
        made.pos.x, made.pos.y = chance.uniform(20, world.map.width - 20), chance.uniform(20, world.map.height - 20)
        commands.append(debug.DebugCommand(create_unit=made))
    commands += [debug.DebugCommand(game_state=debug.upgrade)] * seed
    answer = one.ask(debug=sc.RequestDebug(debug=commands))
    assert not answer.error
    u = world.units
    for row in world.rows():
        u.cloaked[row] = chance.random() < 0.2
        u.hallucination[row] = chance.random() < 0.1 and u.owner[row] != 2
        u.hp[row] = max(1.0, u.hp_max[row] * chance.random())
        u.energy[row] = u.energy_max[row] * chance.random()
        u.life_left[row] = chance.choice((-1.0, -1.0, 100.5))
        if chance.random() < 0.1 and u.owner[row] < 2:
            world.buffs[row] = ((chance.choice((5, 27, -3)), world.loop + chance.choice((5.5, 70.0, float("inf")))),)
    abilities = sorted({rule.ability_id for some in world.rules.commands.values() for rule in some})
    for _ in range(5):
        for client in (one, two):
            tags = [unit.tag for unit in client.mine()]
            for tag in chance.sample(tags, min(60, len(tags))):
                x, y = chance.uniform(5, 100), chance.uniform(5, 100)
                order = client.order(chance.choice((*abilities, 16, 23, 17)), [tag], queue=chance.random() < 0.4)
                if chance.random() < 0.5:
                    order.action_raw.unit_command.target_world_space_pos.x = x
                    order.action_raw.unit_command.target_world_space_pos.y = y
                else:
                    order.action_raw.unit_command.target_unit_tag = chance.choice(tags)
                client.send(action=sc.RequestAction(actions=[order]))
        one.send(step=sc.RequestStep(count=7))
        two.send(step=sc.RequestStep(count=7))
        assert_the_same(one, two)


def test_a_unit_with_very_many_orders_still_reads():
    one, two = match("Terran", "Zerg")
    one.game.computers = []
    worker = one.mine(45)[0].tag
    world = one.game.world
    row = world.row_of(worker)
    one.act(one.order(16, [worker], at=(40.0, 40.0)))
    order = world.current[row]
    world.queues[row] = (order,) * 2000  # more than two bytes of length can say
    one.send(step=sc.RequestStep(count=1))
    two.send(step=sc.RequestStep(count=1))
    world.queues[row] = (order,) * 2000
    assert_the_same(one, two)
    assert len(next(u for u in one.mine(45) if u.tag == worker).orders) == 2001


def test_the_room_for_a_unit_is_enough():
    one, _ = match("Terran", "Zerg")
    longest = max(u.ByteSize() for u in one.units())
    assert longest + 60 < UNIT_ROOM


def test_a_unit_at_the_edge_of_the_map_stands_on_its_last_cell():
    one, _ = match("Terran", "Zerg")
    one.game.computers = []
    world = one.game.world
    row = world.row_of(one.mine(45)[0].tag)
    for x, y in ((float(world.map.width), float(world.map.height)), (-0.5, -0.5)):
        world.units.x[row], world.units.y[row] = x, y
        seat = one.session.seat
        assert seat is not None
        assert seat.view is not None
        seat.view.forget()
        unit = next(u for u in one.observe().observation.raw_data.units if u.tag == world.tag(row))
        cell = world.grids.height[min(max(int(y), 0), world.map.height - 1), min(max(int(x), 0), world.map.width - 1)]
        assert unit.pos.z == pytest.approx(-16 + 32 / 255 * float(cell))
