"""Who makes what: one order per slot, tech labs for those that need them, nothing without power."""

from __future__ import annotations

from typing import Any

import pytest
from s2clientprotocol import raw_pb2
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.core.type_facts import TypeFacts
from cherrypy_bot.core.units import UnitTable
from modules.production.makers import Makers
from modules.production.module import Bank
from tests.modules.support import catalogue

TERRAN, PROTOSS, ZERG = (catalogue(race) for race in (Race.Terran, Race.Protoss, Race.Zerg))


def unit(tag: int, kind: U, orders: tuple[tuple[AbilityId, float], ...] = (), **fields: Any) -> raw_pb2.Unit:
    values = {"alliance": 1, "display_type": 1, "build_progress": 1.0, "is_powered": True}
    proto = raw_pb2.Unit(tag=tag, unit_type=kind.value, **{**values, **fields})
    for ability, progress in orders:
        proto.orders.add(ability_id=ability.value, progress=progress)
    return proto


def table(*units: raw_pb2.Unit) -> UnitTable:
    return UnitTable(units, TypeFacts(max(kind.value for kind in U) + 1))


MARINE = (AbilityId.BARRACKSTRAIN_MARINE, 0.3)


def test_an_idle_barracks_takes_one_order_per_step() -> None:
    makers = Makers(table(unit(1, U.BARRACKS)), TERRAN)
    first = makers.take(TERRAN[U.MARINE])
    assert first is not None
    assert first.tag == 1
    assert makers.take(TERRAN[U.MARINE]) is None


def test_a_busy_barracks_takes_none_until_it_is_nearly_done() -> None:
    assert Makers(table(unit(1, U.BARRACKS, (MARINE,))), TERRAN).take(TERRAN[U.MARINE]) is None
    nearly = unit(1, U.BARRACKS, ((AbilityId.BARRACKSTRAIN_MARINE, 0.99),))
    assert Makers(table(nearly), TERRAN).take(TERRAN[U.MARINE]) is not None


def test_a_reactor_doubles_the_slots() -> None:
    units = (unit(1, U.BARRACKS, add_on_tag=9), unit(9, U.BARRACKSREACTOR))
    makers = Makers(table(*units), TERRAN)
    assert [makers.take(TERRAN[U.MARINE]) is not None for _ in range(3)] == [True, True, False]


def test_an_unfinished_addon_stops_the_barracks() -> None:
    units = (unit(1, U.BARRACKS, add_on_tag=9), unit(9, U.BARRACKSREACTOR, build_progress=0.5))
    assert Makers(table(*units), TERRAN).take(TERRAN[U.MARINE]) is None


def test_marines_leave_the_tech_lab_to_marauders() -> None:
    units = (unit(1, U.BARRACKS, add_on_tag=9), unit(9, U.BARRACKSTECHLAB), unit(2, U.BARRACKS))
    makers = Makers(table(*units), TERRAN)
    marine, marauder = makers.take(TERRAN[U.MARINE]), makers.take(TERRAN[U.MARAUDER])
    assert marine is not None
    assert marauder is not None
    assert (marine.tag, marauder.tag) == (2, 1)


def test_a_marauder_needs_a_tech_lab() -> None:
    assert Makers(table(unit(1, U.BARRACKS)), TERRAN).take(TERRAN[U.MARAUDER]) is None


def test_an_addon_goes_to_an_idle_barracks_without_one_where_there_is_room() -> None:
    units = (unit(1, U.BARRACKS, (MARINE,)), unit(2, U.BARRACKS), unit(3, U.BARRACKS))
    made = Makers(table(*units), TERRAN, no_addon=[2]).take(TERRAN[U.BARRACKSTECHLAB])
    assert made is not None
    assert made.tag == 3


def test_nothing_is_made_without_power() -> None:
    assert Makers(table(unit(1, U.GATEWAY, is_powered=False)), PROTOSS).take(PROTOSS[U.ZEALOT]) is None


def test_a_townhall_morphs_only_when_it_is_idle() -> None:
    busy = unit(1, U.COMMANDCENTER, ((AbilityId.COMMANDCENTERTRAIN_SCV, 0.99),))
    assert Makers(table(busy), TERRAN).take(TERRAN[U.ORBITALCOMMAND]) is None
    assert Makers(table(unit(1, U.COMMANDCENTER)), TERRAN).take(TERRAN[U.ORBITALCOMMAND]) is not None


def test_every_larva_serves_once() -> None:
    makers = Makers(table(unit(1, U.LARVA), unit(2, U.LARVA)), ZERG)
    assert [makers.take(ZERG[U.DRONE]) is not None for _ in range(3)] == [True, True, False]


def test_upgrades_are_researched_where_they_belong() -> None:
    units = (unit(1, U.BARRACKS, add_on_tag=9), unit(9, U.BARRACKSTECHLAB))
    maker = Makers(table(*units), TERRAN).take(TERRAN[UpgradeId.STIMPACK])
    assert maker is not None
    assert maker.tag == 9


@pytest.mark.parametrize(
    ("minerals", "gas", "supply", "can"), [(100, 25, 2, True), (99, 25, 2, False), (100, 25, 1, False)]
)
def test_the_bank_looks_at_minerals_gas_and_supply(minerals: float, gas: float, supply: float, can: bool) -> None:
    assert Bank(minerals, gas, supply).can(TERRAN[U.MARAUDER]) is can


def test_what_costs_no_gas_is_made_while_gas_is_reserved() -> None:
    assert Bank(50, -100, 5).can(TERRAN[U.MARINE])


def test_structures_are_built_while_there_is_no_supply_left() -> None:
    assert Bank(100, 0, -1).can(TERRAN[U.SUPPLYDEPOT])


def test_a_warp_gate_that_recharges_makes_nothing() -> None:
    gates = (unit(1, U.WARPGATE), unit(2, U.WARPGATE))
    makers = Makers(table(*gates), PROTOSS, cooling=[1], warps=True)
    assert [getattr(makers.take(PROTOSS[U.ZEALOT]), "tag", None) for _ in range(2)] == [2, None]


def test_gateways_train_nothing_once_they_become_warp_gates() -> None:
    gateway = table(unit(1, U.GATEWAY))
    assert Makers(gateway, PROTOSS).take(PROTOSS[U.ZEALOT]) is not None
    assert Makers(gateway, PROTOSS, warps=True).take(PROTOSS[U.ZEALOT]) is None
