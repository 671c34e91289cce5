"""UnitTable: columns, masks, orders, distances."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.units import UnitTable, select
from tests.core.world import FakeMatch, enemy, mineral, table, unit

PLACEHOLDER = 4
SNAPSHOT = 2


@pytest.fixture
def units() -> UnitTable:
    """Two zerglings at x 10 and 12, our hatchery, a marine at x 13, a patch."""
    return table(
        unit(1, x=10.0),
        unit(2, x=12.0),
        unit(3, UnitTypeId.HATCHERY, x=5.0, radius=2.75),
        enemy(4, x=13.0, y=10.0),
        mineral(5, x=2.0, y=10.0),
    )


def test_columns_hold_what_the_observation_says(units: UnitTable) -> None:
    assert units.tag.tolist() == [1, 2, 3, 4, 5]
    assert units.tag.dtype == np.uint64
    assert units.x.tolist() == [10.0, 12.0, 5.0, 13.0, 2.0]
    assert units.xy.shape == (5, 2)
    assert units.health.tolist() == [35.0] * 5
    assert units.mineral_contents.tolist() == [0, 0, 0, 0, 1800]
    assert units.z is units.z, "read once"


def test_masks_say_whose_and_what(units: UnitTable) -> None:
    assert units.tags(units.own) == [1, 2, 3]
    assert units.tags(units.own & ~units.structure) == [1, 2]
    assert units.tags(units.enemy) == [4]
    assert units.tags(units.neutral) == [5]
    assert units.tags(units.of_type(UnitTypeId.HATCHERY, UnitTypeId.MARINE)) == [3, 4]


def test_placeholders_effects_and_sensor_dots_are_nobodys_units() -> None:
    units = table(
        unit(1),
        unit(2, UnitTypeId.BARRACKS, display_type=PLACEHOLDER),
        unit(3, UnitTypeId.KD8CHARGE),
        enemy(4, is_blip=True),
        enemy(5, UnitTypeId.BARRACKS, display_type=SNAPSHOT),
    )
    assert units.tags(units.own) == [1]
    assert units.tags(units.enemy) == [5]
    assert units.tags(units.enemy & units.visible) == []


def test_tags_beyond_32_bits_stay_exact() -> None:
    tag = 2**63 + 12345
    units = table(unit(tag))
    assert units.tags(units.own) == [tag]
    assert units.row(tag) == 0


def test_orders_of_our_units_are_columns() -> None:
    attacker, miner, idle = unit(1), unit(2), unit(3)
    order = attacker.orders.add(ability_id=AbilityId.ATTACK.value)
    order.target_world_space_pos.x, order.target_world_space_pos.y = 3.0, 4.0
    attacker.orders.add(ability_id=AbilityId.MOVE_MOVE.value)
    miner.orders.add(ability_id=AbilityId.HARVEST_GATHER.value, target_unit_tag=9)
    units = table(attacker, miner, idle, enemy(4))
    assert units.order_ability.tolist() == [AbilityId.ATTACK.value, AbilityId.HARVEST_GATHER.value, 0, 0]
    assert units.order_target.tolist() == [0, 9, 0, 0]
    assert units.order_count.tolist() == [2, 1, 0, 0]
    assert (units.order_x[0], units.order_y[0]) == (3.0, 4.0)
    assert np.isnan(units.order_x[1:]).all()
    assert units.tags(units.idle) == [3]


def test_rows_and_tags_lead_to_each_other(units: UnitTable) -> None:
    assert units.row(3) == 2
    assert units.row(99) == -1
    assert units.rows([4, 99, 1]).tolist() == [3, 0]
    assert units.tags([3, 0]) == [4, 1]


def test_closest_and_within(units: UnitTable) -> None:
    assert units.closest(11.9, 10.0, units.own) == 1
    assert units.closest(11.0, 10.0, units.own) == 0, "the first of equals"
    assert units.closest(0.0, 0.0, np.zeros(5, np.bool_)) == -1
    assert units.tags(units.within(10.0, 10.0, 2.0, units.own)) == [1, 2]


def test_distances_between_selections(units: UnitTable) -> None:
    found = units.distances(units.own, units.enemy)
    assert found.shape == (3, 1)
    assert found[:, 0].tolist() == [3.0, 1.0, 8.0]
    rows, distance = units.closest_of(units.enemy, units.own)
    assert units.tags(rows) == [2]
    assert distance.tolist() == [1.0]
    rows, distance = units.closest_of(units.own, units.of_type(UnitTypeId.NEXUS))
    assert rows.tolist() == [-1, -1, -1]
    assert all(math.isinf(d) for d in distance)
    assert units.distances([0], []).shape == (1, 0)


def test_range_counts_from_edge_to_edge_and_needs_a_fitting_weapon() -> None:
    bot = CherryBot([])
    world = (
        enemy(1, UnitTypeId.MARINE, x=10.0),
        unit(2, x=15.7, y=20.0),
        unit(3, x=15.8, y=20.0),
        unit(4, UnitTypeId.OVERLORD, x=12.0, y=20.0, is_flying=True),
    )
    FakeMatch(bot).start(*world)
    units = bot.table
    assert units.ground_range.tolist() == pytest.approx([5.0, 0.1, 0.1, -1.0])
    assert units.in_range(units.enemy, units.own).tolist() == [[True, False, True]]
    assert units.in_range(units.enemy, units.own, extra=0.1).tolist() == [[True, True, True]]
    assert not units.in_range(units.own, units.enemy).any()
    zerglings = table(unit(2), unit(4, UnitTypeId.OVERLORD, is_flying=True))
    zerglings.facts.ground_range[UnitTypeId.ZERGLING.value] = 0.1
    assert zerglings.in_range([0], [1]).tolist() == [[False]], "zerglings do not reach the air"


def test_an_empty_table_answers_too() -> None:
    units = table()
    assert len(units) == 0
    assert units.own.shape == (0,)
    assert units.closest(0.0, 0.0, units.own) == -1
    assert units.in_range(units.own, units.enemy).shape == (0, 0)


def test_a_type_beyond_the_tables_is_no_structure() -> None:
    stranger = unit(1)
    stranger.unit_type = 65_000
    units = table(stranger)
    assert not units.structure.any()
    assert units.ground_range.tolist() == [-1.0]


def test_selections_may_be_masks_rows_or_lists() -> None:
    assert select(np.array([True, False, True])).tolist() == [0, 2]
    assert select([3, 1]).tolist() == [3, 1]
    assert select([]).tolist() == []
