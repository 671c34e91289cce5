"""ResponseData as the game sends it, and python-sc2 on top of it; `truth` compares it field by field."""

from sc2.dicts.unit_tech_alias import UNIT_TECH_ALIAS
from sc2.game_data import GameData
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.sim.rules import load_ruleset


def test_bytes_are_built_once_and_messages_are_fresh() -> None:
    rules = load_ruleset()
    assert rules.response_data_bytes() is rules.response_data_bytes()
    mine = rules.response_data()
    mine.units[48].mineral_cost = 1
    assert rules.response_data().units[48].mineral_cost == 50


def test_python_sc2_reads_costs_and_ids() -> None:
    data = GameData(load_ruleset().response_data())
    marine = data.units[UnitTypeId.MARINE.value]
    assert (marine.cost.minerals, marine.cost.time) == (50, 400)
    assert marine.creation_ability is not None
    assert marine.creation_ability.id == AbilityId.BARRACKSTRAIN_MARINE
    assert data.units[UnitTypeId.ZERGLING.value].cost.minerals == 25
    assert data.units[UnitTypeId.ORBITALCOMMAND.value].morph_cost is not None
    assert data.units[UnitTypeId.ORBITALCOMMAND.value].morph_cost.minerals == 150
    assert data.upgrades[UpgradeId.STIMPACK.value].cost.vespene == 100
    assert data.calculate_ability_cost(AbilityId.COMMANDCENTERTRAIN_SCV).minerals == 50
    assert data.abilities[AbilityId.ATTACK_ATTACK.value].id == AbilityId.ATTACK


def test_python_sc2_finds_every_melee_unit_and_its_aliases() -> None:
    rules = load_ruleset()
    data = GameData(rules.response_data())
    for unit in rules.units.values():
        assert data.units[unit.id].name == unit.name
        assert UnitTypeId(unit.id).value == unit.id
    for unit_type in UNIT_TECH_ALIAS:
        assert unit_type.value in data.units
