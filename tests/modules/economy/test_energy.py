"""Energy: what Chrono Boost goes to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from s2clientprotocol import raw_pb2
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U

from modules.economy.energy import Energy
from tests.modules.production.test_makers import table, unit


def working(tag: int, kind: U, ability: AbilityId, **fields: Any) -> raw_pb2.Unit:
    return unit(tag, kind, orders=((ability, 0.5),), **fields)


@pytest.mark.parametrize(("supply_left", "target"), [(8, 1), (1, 2)])
def test_chrono_boost_is_for_probes_unless_supply_runs_out(supply_left: int, target: int) -> None:
    units = table(
        working(1, U.NEXUS, AbilityId.NEXUSTRAIN_PROBE, energy=60.0),
        working(2, U.GATEWAY, AbilityId.GATEWAYTRAIN_ZEALOT),
    )
    posted: list[Any] = []
    board = SimpleNamespace(post=posted.append, timers=SimpleNamespace(every=lambda *_: True), get=lambda key: None)
    bot = SimpleNamespace(race=Race.Protoss, supply_left=supply_left)
    ctx: Any = SimpleNamespace(units=units, board=board, bot=bot, loop=100)
    energy = Energy()
    energy.on_start(ctx)
    energy.on_step(ctx)
    assert [upc.target for upc in posted] == [target]
