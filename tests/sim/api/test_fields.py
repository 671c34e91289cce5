"""Every field of an observation: filled in some game, or in the list of those that stay empty, with the reason.

The fields are read off the installed protocol, and those that python-sc2 reads off its sources, so that a field which
a newer one adds is asked for here.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sc2.unit
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from tests.sim.api.table import Client, duel
from tests.sim.api.test_encode import match
from tests.sim.api.test_observation import base, create

REFUSED = ("observation.feature_layer_data", "observation.render_data", "observation.ui_data")
REFUSED_ACTIONS = ("actions.action_feature_layer", "actions.action_render", "actions.action_ui")
EMPTY = {
    r"observation\.raw_data\.player\.camera\.z": "the game's captures have none either",
    r"observation\.score\.score_details\.current_(effective_)?apm": "not set in the game's captures; nobody's APM",
    r"observation\.score\.score_details\..*\.none": "nothing that costs anything has no category",
    r"observation\.score\.score_details\.food_used\.(technology|upgrade)": "neither eats",
    r"observation\.score\.score_details\.(killed|lost|friendly_fire)_.*\.upgrade": "upgrades do not die",
    r"observation\.score\.score_details\..*vespene\.economy": "what an economy is made of costs minerals alone",
    r"observation\.score\.score_details\.friendly_fire_.*\.technology": "see the army's, counted by the same sum",
}
ATTACK, LOAD, RALLY, SCAN, EMP, STORM, HALLUCINATE, BURROW = 23, 3668, 195, 399, 1628, 1036, 164, 1386
RECHARGE = 4126
REPAIR = 316


def fields(descriptor: Descriptor, prefix: str = "") -> Iterator[str]:
    """Paths of all fields that hold values."""
    for field in descriptor.fields:
        path = prefix + field.name
        if path in REFUSED or path in REFUSED_ACTIONS:
            continue
        if field.message_type is None:
            yield path
        else:
            yield from fields(field.message_type, path + ".")


def filled(message: Message, prefix: str = "") -> Iterator[str]:
    """Paths of the fields of a message that hold anything but zero or nothing."""
    for field, value in message.ListFields():
        path = prefix + field.name
        for one in [value] if isinstance(value, Message | str | bytes | int | float) else value:
            if isinstance(one, Message):
                yield from filled(one, path + ".")
            elif one:
                yield path


class Table:
    """Two players with all technology and resources, and what was seen filled in their observations so far."""

    def __init__(self, first: int, second: int) -> None:
        self.one, self.two = duel(first, second)
        self.seen: set[str] = set()
        self.rules = self.one.game.world.rules
        self.one.session.seat.options.raw_affects_selection = True
        for client in (self.one, self.two):
            self.debug(client, *(debug.DebugCommand(game_state=s) for s in (debug.all_resources, debug.tech_tree)))
            self.debug(client, *([debug.DebugCommand(game_state=debug.upgrade)] * 3))
            self.go(1)

    def debug(self, client: Client, *commands: debug.DebugCommand) -> None:
        client.send(debug=sc.RequestDebug(debug=commands))

    def go(self, loops: int) -> None:
        for _ in range(max(loops // 8, 1)):
            for client in (self.one, self.two):
                client.send(step=sc.RequestStep(count=min(loops, 8)))
            for client in (self.one, self.two):
                self.seen.update(filled(client.observe()))
                client.answers.clear()

    def make(self, name: str, owner: int, x: float, y: float, *, number: int = 1, energy: float = 0.0) -> list[int]:
        """Tags of new units."""
        client = (self.one, self.two)[owner - 1]
        kind = self.rules.unit(name).id
        before = {u.tag for u in client.mine(kind)}
        create(self.one, kind, owner, x, y, number)
        made = [u.tag for u in client.mine(kind) if u.tag not in before]
        value = debug.DebugSetUnitValue.Energy
        for tag in made if energy else ():
            unit = debug.DebugSetUnitValue(unit_value=value, value=energy, unit_tag=tag)
            self.debug(self.one, debug.DebugCommand(unit_value=unit))
        return made


def terran() -> set[str]:
    """A Terran's: add-ons, transports, scans, sensor towers, orders of all forms, chat, fire at own units."""
    t = Table(common.Terran, common.Zerg)
    one, (x, y) = t.one, base(t.one)
    barracks = t.make("Barracks", 1, x + 10, y)[0]
    t.make("SensorTower", 1, x - 8, y - 8)
    t.make("Zergling", 2, x - 22, y)
    orbital = t.make("OrbitalCommand", 1, x, y - 12, energy=100)[0]
    medivac = t.make("Medivac", 1, x + 6, y + 6, energy=100)[0]
    passengers = [t.make(name, 1, x + 6, y + 5, energy=80)[0] for name in ("Ghost", "HighTemplar", "Marauder")]
    shooters = t.make("Thor", 1, x - 6, y + 6, number=3)
    prey = [t.make(name, 1, x - 3, y + 6)[0] for name in ("Marauder", "SCV")]
    worker = one.mine(45)[0].tag
    camera = raw.ActionRawCameraMove(center_world_space=common.Point(x=30, y=30, z=1))
    repair = raw.ActionRawToggleAutocast(ability_id=REPAIR, unit_tags=[worker])
    one.act(
        one.order(SCAN, [orbital], at=(60.0, 60.0)),
        one.order(LOAD, [medivac], target=passengers[0]),
        *(one.order(LOAD, [medivac], target=tag, queue=True) for tag in passengers[1:]),
        one.order(RALLY, [barracks], target=worker),
        one.order(RALLY, [barracks], at=(x, y + 4), queue=True),
        *(one.order(ATTACK, shooters, target=tag, queue=tag != prey[0]) for tag in prey),
        sc.Action(action_raw=raw.ActionRaw(camera_move=camera)),
        sc.Action(action_raw=raw.ActionRaw(toggle_autocast=repair)),
        sc.Action(action_chat=sc.ActionChat(channel=sc.ActionChat.Team, message="Tag:all_in")),
    )
    t.go(160)
    t.debug(one, debug.DebugCommand(game_state=debug.god))  # ten times the damage
    prey = [t.make(name, 2, x - 6, y + 12)[0] for name in ("Factory", "Drone")]
    one.act(*(one.order(ATTACK, shooters, target=tag, queue=tag != prey[0]) for tag in prey))
    t.go(160)
    fallen = [*t.make("Factory", 1, x + 10, y + 10), worker]
    t.debug(one, debug.DebugCommand(kill_unit=debug.DebugKillUnit(tag=fallen)))
    t.debug(one, debug.DebugCommand(game_state=debug.god))
    hurt = t.make("Marine", 1, x + 3, y - 4)[0]
    life = debug.DebugSetUnitValue(unit_value=debug.DebugSetUnitValue.Life, value=20, unit_tag=hurt)
    t.debug(one, debug.DebugCommand(unit_value=life))
    t.make("Medivac", 1, x + 3, y - 5, energy=100)
    t.make("Roach", 1, x - 5, y - 5)
    t.go(80)
    end = debug.DebugEndGame(end_result=debug.DebugEndGame.DeclareVictory)
    one.act(sc.Action(action_chat=sc.ActionChat(channel=sc.ActionChat.Broadcast, message="gg")))
    t.go(1)
    t.debug(one, debug.DebugCommand(end_game=end))
    t.seen.update(filled(one.observe()))
    return t.seen


def protoss() -> set[str]:
    """A Protoss's: warp gates, power, shields healed, hallucinations, an EMP, storms, burrowed units."""
    t = Table(common.Protoss, common.Terran)
    one, hall = t.one, t.one.mine(59)[0].pos
    x, y = hall.x, hall.y
    t.make("Pylon", 1, x, y - 7)
    t.make("WarpGate", 1, x + 3.5, y - 7.5)
    battery = t.make("ShieldBattery", 1, x - 4, y - 7, energy=100)
    zealot = t.make("Zealot", 1, x - 4, y - 4)[0]
    bare = debug.DebugSetUnitValue(unit_value=debug.DebugSetUnitValue.Shields, value=1, unit_tag=zealot)
    t.debug(one, debug.DebugCommand(unit_value=bare))
    sentry = t.make("Sentry", 1, x + 7, y, energy=200)[0]
    templar = t.make("HighTemplar", 1, x + 8, y + 3, energy=200)[0]
    ghost = t.make("Ghost", 2, x + 14, y + 3, energy=200)[0]
    roach = t.make("Roach", 1, x + 4, y + 7)[0]
    oracle = t.make("Oracle", 1, x - 6, y, energy=20)[0]
    nexus = t.make("Nexus", 1, x - 12, y, energy=100)[0]
    t.go(1)
    one.act(
        one.order(HALLUCINATE, [sentry]),
        one.order(BURROW, [roach]),
        one.order(STORM, [templar], at=(x + 15, y + 4)),
        one.order(RECHARGE, [nexus], target=oracle),
    )
    t.two.send(action=sc.RequestAction(actions=[t.two.order(EMP, [ghost], at=(x + 8, y + 2))]))
    t.go(120)
    assert battery
    return t.seen


def economies() -> set[str]:
    """What comes of two computers' play."""
    seen: set[str] = set()
    for races in (("Terran", "Zerg"), ("Protoss", "Terran")):
        clients = match(*races)
        for loop in range(0, 7200, 300):
            clients[0].game.step(loop - clients[0].game.loop)
            for client in clients:
                seen.update(filled(client.observe()))
    return seen


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """Everything that was filled in any of the games."""
    return terran() | protoss() | economies()


def test_every_field_of_an_observation_is_filled_or_known_to_be_empty(seen):
    wanted = set(fields(sc.ResponseObservation.DESCRIPTOR))
    excused = {path for path in wanted if any(re.fullmatch(pattern, path) for pattern in EMPTY)}
    assert len(wanted) > 180
    assert sorted(wanted - seen - excused) == []
    for pattern in EMPTY:  # and no excuse outlives its reason
        assert any(re.fullmatch(pattern, path) for path in wanted - seen), pattern


def test_what_python_sc2_reads_of_a_unit_is_filled(seen):
    source = Path(sc2.unit.__file__).read_text(encoding="utf-8")
    known = {field.name for field in raw.Unit.DESCRIPTOR.fields}
    read = set(re.findall(r"\b_proto\.(\w+)", source)) & known
    assert {
        "engaged_target_tag",
        "rally_targets",
        "passengers",
        "add_on_tag",
        "radar_range",
        "is_hallucination",
    } <= read
    filled_units = {path.split(".")[3] for path in seen if path.startswith("observation.raw_data.units.")}
    assert sorted(read - filled_units) == []
