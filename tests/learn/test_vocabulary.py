"""The columns of counts agree with the game's numbers and with each other."""

from __future__ import annotations

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.learn import vocabulary as v
from tests.modules.support import RACES, catalogue, game_data


def test_prices_and_supply_are_those_of_the_rules() -> None:
    units = game_data().units
    wrong = [
        row.name
        for row in v.TYPES
        if (units[row.id].cost.minerals, units[row.id].cost.vespene) != (row.minerals, row.gas)
        or units[row.id]._proto.food_required != row.supply
    ]
    assert wrong == []


def test_everything_that_can_be_made_has_a_column() -> None:
    for race in RACES:
        missing = [item.name for item in catalogue(race) if isinstance(item, U) and v.column(item.value) < 0]
        assert missing == []


def test_forms_of_a_unit_share_its_column() -> None:
    assert v.column(U.SIEGETANKSIEGED.value) == v.column(U.SIEGETANK.value)
    assert v.column(U.WARPGATE.value) == v.column(U.GATEWAY.value)
    assert v.column(U.BROODLING.value) == -1


def test_ids_that_the_game_does_not_have_are_no_column() -> None:
    assert v.column(-1) == v.column(10**9) == -1
    assert v.columns(np.array([-5, 0, 10**9, U.MARINE.value])).tolist() == [-1, -1, -1, v.NAMES.index("MARINE")]


def test_names_are_unique_and_kinds_complete() -> None:
    assert len(set(v.NAMES)) == v.TYPE_COUNT
    assert sum(int(mask.sum()) for mask in v.KINDS.values()) == v.TYPE_COUNT
    assert {row.race for row in v.TYPES} == set(v.RACES)
