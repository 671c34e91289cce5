"""What observations say of who works where: assigned and ideal harvesters."""

from tests.sim.api.table import Client, solo
from tests.sim.api.test_observation import COMMAND_CENTER, SCV, base

MOVE, GATHER_SCV, REFINERY_OF_TERRAN = 16, 295, 320
REFINERY = 20


def _told(client: Client, kind: int) -> tuple[int, int]:
    unit = client.mine(kind)[0]
    return unit.assigned_harvesters, unit.ideal_harvesters


def test_twelve_of_sixteen_work_at_the_start_and_who_is_sent_away_counts_no_more() -> None:
    client = solo()
    client.step(4)
    assert _told(client, COMMAND_CENTER) == (12, 16)
    scouts = [u.tag for u in client.mine(SCV)[:2]]
    x, y = base(client)
    assert client.act(client.order(MOVE, scouts, at=(x + 20, y))) == [1]
    client.step(4)
    assert _told(client, COMMAND_CENTER) == (10, 16)


def test_a_geyser_takes_three() -> None:
    client = solo()
    game = client.game
    x, y = base(client)
    geyser = min(
        (u for u in client.units() if u.unit_type in (342, 343, 344, 608, 880, 881)),
        key=lambda u: (u.pos.x - x) ** 2 + (u.pos.y - y) ** 2,
    )
    game.world.players.minerals[0] = 500
    builder = client.mine(SCV)[0].tag
    assert client.act(client.order(REFINERY_OF_TERRAN, [builder], target=geyser.tag)) == [1]
    client.step(800)
    assert _told(client, REFINERY) == (1, 3)  # who built it works there
    assert _told(client, COMMAND_CENTER)[0] == 11
    tag = client.mine(REFINERY)[0].tag
    others = [u.tag for u in client.mine(SCV) if u.tag != builder][:2]
    assert client.act(client.order(GATHER_SCV, others, target=tag)) == [1]
    client.step(8)
    assert _told(client, REFINERY) == (3, 3)
    assert _told(client, COMMAND_CENTER)[0] == 9
