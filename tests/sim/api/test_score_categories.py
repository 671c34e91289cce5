"""What was lost counts in the score as in the statistics of a replay: one table says what is army."""

from __future__ import annotations

import pytest
from s2clientprotocol import common_pb2 as common

from cherrypy_bot.sim.abilities import deaths
from cherrypy_bot.sim.recording.statistics import Ledger
from cherrypy_bot.sim.rules.worth import CATEGORIES, worth_of
from tests.sim.api.table import Client, solo
from tests.sim.api.test_observation import create

QUEEN, HATCHERY, HIVE, OVERSEER, SPAWNING_POOL, DRONE = 126, 86, 101, 129, 89, 104
NOBODY = -1


def lost(client: Client) -> dict[str, dict[str, float]]:
    details = client.observe().observation.score.score_details
    return {
        resource: {name: getattr(getattr(details, f"lost_{resource}"), name) for name in CATEGORIES}
        for resource in ("minerals", "vespene")
    }


@pytest.mark.parametrize(
    ("type_id", "minerals", "vespene"),
    [
        (QUEEN, {"army": 175}, {}),
        (DRONE, {"economy": 50}, {}),
        (SPAWNING_POOL, {"technology": 250}, {}),
        (HIVE, {"economy": 325, "technology": 350}, {"technology": 250}),
        (OVERSEER, {"economy": 100, "army": 50}, {"army": 50}),
    ],
)
def test_a_loss_counts_where_the_statistics_have_it(
    type_id: int, minerals: dict[str, float], vespene: dict[str, float]
) -> None:
    client = solo(common.Zerg)
    client.step(1)
    hall = client.mine(HATCHERY)[0].pos
    known = {unit.tag for unit in client.mine(type_id)}
    create(client, type_id, 1, hall.x + 8, hall.y + 8)
    client.step(1)
    game = client.game
    (made,) = [unit.tag for unit in client.mine(type_id) if unit.tag not in known]
    row, ledger = game.world.row_of(made), Ledger()
    ledger.count_death(game.world, row, None)
    deaths.bury(game, row, NOBODY)
    client.step(1)
    nothing = dict.fromkeys(CATEGORIES, 0.0)
    assert lost(client) == {"minerals": nothing | minerals, "vespene": nothing | vespene}
    for index, values in enumerate((minerals, vespene)):
        assert ledger.lost[0, index].tolist() == [(nothing | values)[name] for name in CATEGORIES]


def test_what_is_not_bought_counts_for_nothing() -> None:
    rules = solo(common.Zerg).game.world.rules
    table = worth_of(rules).value
    for name in ("Larva", "Broodling", "LocustMP", "AutoTurret", "MineralField"):
        assert table[:, :, rules.unit(name).id].sum() == 0, name
