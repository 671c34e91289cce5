"""Effects and autocast as a client sees them."""

from s2clientprotocol import error_pb2 as error
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.rules import load_ruleset
from tests.sim.api.table import solo

SCAN, REPAIR = 399, 316


def test_a_scan_is_an_effect_of_its_owner_with_its_radius() -> None:
    client = solo()
    game = client.game
    orbital = game.world.spawn(load_ruleset().unit("OrbitalCommand").id, 0, 60.5, 60.5)
    client.step(1)
    tag = game.world.tag(orbital)
    assert client.act(client.order(SCAN, [tag], at=(40.0, 44.0))) == [error.Success]
    client.step(2)
    shown = client.observe().observation.raw_data.effects
    assert [(e.effect_id, e.alliance, e.owner, e.radius) for e in shown] == [(6, raw.Self, 1, 13.0)]
    assert (shown[0].pos[0].x, shown[0].pos[0].y) == (40.0, 44.0)
    client.step(200)
    assert not client.observe().observation.raw_data.effects


def test_autocast_of_repair_can_be_switched_and_of_a_move_cannot() -> None:
    client = solo()
    game = client.game
    worker = client.mine(45)[0].tag
    for ability, result in ((REPAIR, error.Success), (16, error.NotSupported)):
        toggle = raw.ActionRawToggleAutocast(ability_id=ability, unit_tags=[worker])
        action = sc.Action(action_raw=raw.ActionRaw(toggle_autocast=toggle))
        assert client.act(action) == [result]
    assert len(game.world.autocast) == 1
