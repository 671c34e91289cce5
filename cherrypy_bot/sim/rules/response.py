"""The rules as the API's own ResponseData, field by field as the game fills it (absent stays absent)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2clientprotocol import common_pb2, data_pb2, sc2api_pb2

from cherrypy_bot.sim.rules import loader
from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS, AbilityRule, UnitRule, WeaponRule
from cherrypy_bot.sim.rules.tables import Row

if TYPE_CHECKING:
    from cherrypy_bot.sim.rules.ruleset import Ruleset


def build(rules: Ruleset) -> sc2api_pb2.ResponseData:
    """All abilities, units, upgrades, buffs and effects; ids without a row become empty entries."""
    data = sc2api_pb2.ResponseData()
    _abilities(rules, data)
    _units(rules, data)
    _upgrades(rules, data)
    for row in rules.layers.table("buffs.csv", "id"):
        data.buffs.add(buff_id=row.integer("id"), name=row.text("name"))
    for row in rules.layers.table("effects.csv", "id"):
        data.effects.add(
            effect_id=row.integer("id"),
            name=row.text("name"),
            friendly_name=row.text("friendly_name"),
            radius=row.number("radius"),
        )
    return data


def _abilities(rules: Ruleset, data: sc2api_pb2.ResponseData) -> None:
    known = dict(rules.abilities)
    for row in rules.layers.table("other_abilities.csv", "id"):
        known[row.integer("id")] = loader.ability(row)
    for index in range(max(known) + 1):
        rule = known.get(index)
        if rule is None:
            data.abilities.add(ability_id=index, available=False)
        else:
            _ability(data.abilities.add(), rule)


def _ability(out: data_pb2.AbilityData, rule: AbilityRule) -> None:
    out.ability_id = rule.id
    out.available = rule.available
    out.link_name = rule.link_name
    out.link_index = rule.link_index or 0
    if rule.button_name or rule.id == 0:
        out.button_name = rule.button_name
    if rule.id:
        out.friendly_name = rule.friendly_name
        if rule.hotkey or rule.id != 1:
            out.hotkey = rule.hotkey
    if rule.remaps_to:
        out.remaps_to_ability_id = rule.remaps_to
    if rule.target:
        out.target = data_pb2.AbilityData.Target.Value(rule.target)
    for field in (
        "allow_minimap",
        "allow_autocast",
        "is_building",
        "is_instant_placement",
        "footprint_radius",
    ):
        value = getattr(rule, field)
        if value is not None:
            setattr(out, field, value)
    if rule.cast_range is not None:
        out.cast_range = loader.fixed(rule.cast_range)


def _units(rules: Ruleset, data: sc2api_pb2.ResponseData) -> None:
    others = {row.integer("id"): row for row in rules.layers.table("other_units.csv", "id")}
    for index in range(max(*others, *rules.units) + 1):
        out = data.units.add(unit_id=index)
        if index in rules.units:
            _unit(out, rules.units[index], rules.weapons)
        elif index in others:
            _other_unit(out, others[index])
        else:
            out.name, out.available = "", False


def _unit(out: data_pb2.UnitTypeData, rule: UnitRule, weapons: list[WeaponRule]) -> None:
    out.name, out.available = rule.name, True
    out.race = common_pb2.NoRace if rule.race == "Neutral" else common_pb2.Race.Value(rule.race)
    out.mineral_cost, out.vespene_cost = rule.minerals, rule.gas
    _food(out, rule.supply, rule.supply_provided)
    out.movement_speed, out.armor, out.sight_range = rule.speed * 16, rule.armor, rule.sight
    if rule.cargo_size:
        out.cargo_size = rule.cargo_size
    out.attributes.extend(i for i, a in enumerate(ATTRIBUTE_BITS, 1) if a in rule.attributes)
    if rule.ability_id:
        out.ability_id, out.build_time = rule.ability_id, rule.build_loops
    out.tech_alias.extend(rule.tech_alias)
    if rule.unit_alias:
        out.unit_alias = rule.unit_alias
    if rule.tech_requirement or rule.require_attached:
        out.tech_requirement, out.require_attached = rule.tech_requirement, rule.require_attached
    if rule.is_mineral_field:
        out.has_minerals = True
    if rule.is_geyser or rule.is_gas_building:
        out.has_vespene = True
    for index in rule.weapons:
        if weapons[index].in_response_data:
            _weapon(out.weapons.add(), weapons[index])


def _food(out: data_pb2.UnitTypeData, required: float, provided: float) -> None:
    if required:
        out.food_required = required
    else:
        out.food_provided = provided


def _weapon(out: data_pb2.Weapon, rule: WeaponRule) -> None:
    out.type = data_pb2.Weapon.TargetType.Value(rule.target)
    out.damage, out.attacks, out.range, out.speed = rule.damage, rule.attacks, rule.range, rule.cooldown / 16
    for attribute, amount in rule.bonus:
        bit = ATTRIBUTE_BITS[attribute].bit_length() - 1
        out.damage_bonus.add(attribute=data_pb2.Attribute.Name(bit), bonus=amount)


def _other_unit(out: data_pb2.UnitTypeData, row: Row) -> None:
    out.name, out.available = row.text("name"), row.flag("available")
    if not out.available:
        return
    out.race = common_pb2.Race.Value(row.text("race") or "NoRace")
    out.mineral_cost, out.vespene_cost = row.integer("minerals"), row.integer("gas")
    _food(out, row.number("food_required"), row.number("food_provided"))
    out.movement_speed = loader.fixed(row.number("speed"))
    out.armor, out.sight_range = row.number("armor"), loader.fixed(row.number("sight"))
    if row.text("cargo_size"):
        out.cargo_size = row.integer("cargo_size")
    for attribute in row.words("attributes"):
        out.attributes.append(ATTRIBUTE_BITS[attribute].bit_length() - 1)
    if row.text("ability_id"):
        out.ability_id, out.build_time = row.integer("ability_id"), row.number("build_loops")
    if row.text("unit_alias"):
        out.unit_alias = row.integer("unit_alias")
    out.tech_alias.extend(int(i) for i in row.words("tech_alias"))
    if row.text("tech_requirement") or row.text("require_attached"):
        out.tech_requirement, out.require_attached = (
            row.integer("tech_requirement"),
            row.flag("require_attached"),
        )
    if row.flag("has_minerals"):
        out.has_minerals = True
    if row.flag("has_vespene"):
        out.has_vespene = True


def _upgrades(rules: Ruleset, data: sc2api_pb2.ResponseData) -> None:
    known: dict[int, tuple[str, int, int, float, int]] = {}
    for rule in rules.upgrades.values():
        known[rule.id] = (rule.name, rule.minerals, rule.gas, rule.research_loops, rule.ability_id)
    for row in rules.layers.table("other_upgrades.csv", "id"):
        cost = (
            row.integer("minerals"),
            row.integer("gas"),
            row.number("research_loops"),
            row.integer("ability_id"),
        )
        known[row.integer("id")] = (row.text("name"), *cost)
    for index in range(max(known) + 1):
        name, minerals, gas, loops, ability_id = known.get(index, ("", 0, 0, 0.0, 0))
        out = data.upgrades.add(upgrade_id=index, name=name)
        if ability_id:
            out.mineral_cost, out.vespene_cost = minerals, gas
            out.research_time, out.ability_id = loops, ability_id
