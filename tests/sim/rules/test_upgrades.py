"""Upgrades change a player's copy of the arrays and nobody else's."""

import numpy as np
import pytest

from cherrypy_bot.sim.rules import ATTRIBUTE_BITS, TypeArrays, apply_upgrade, copy_for_player, load_ruleset


def upgraded(*names: str) -> TypeArrays:
    rules = load_ruleset()
    arrays = copy_for_player(rules.arrays)
    for name in names:
        apply_upgrade(arrays, rules.upgrade(name))
    return arrays


def weapon(name: str) -> int:
    return next(w.index for w in load_ruleset().weapons if w.name == name)


def bonus(arrays: TypeArrays, name: str, attribute: str) -> float:
    index = weapon(name)
    hit = arrays.w_bonus_bits[index] == ATTRIBUTE_BITS[attribute]
    return float(arrays.w_bonus[index][hit].sum())


def test_each_player_has_an_own_copy() -> None:
    rules = load_ruleset()
    before = [column.copy() for column in rules.arrays]
    for upgrade in rules.upgrades.values():
        apply_upgrade(copy_for_player(rules.arrays), upgrade)
    assert all(np.array_equal(a, b) for a, b in zip(before, rules.arrays, strict=True))


def test_infantry_weapons_add_one_per_level() -> None:
    levels = [f"TerranInfantryWeaponsLevel{level}" for level in (1, 2, 3)]
    assert [upgraded(*levels[:n]).w_damage[weapon("GuassRifle")] for n in range(4)] == [6, 7, 8, 9]


def test_marauders_gain_against_armoured_too() -> None:
    after = upgraded("TerranInfantryWeaponsLevel1")
    assert after.w_damage[weapon("PunisherGrenades")] == 11
    assert bonus(after, "PunisherGrenades", "Armored") == 11


def test_blue_flame_gives_hellbats_a_bonus_they_had_not() -> None:
    rules = load_ruleset()
    assert bonus(rules.arrays, "HellionTank", "Light") == 0
    assert bonus(upgraded("HighCapacityBarrels"), "HellionTank", "Light") == 12


def test_zergling_speed_is_added_per_normal_second() -> None:
    ling = load_ruleset().unit("Zergling")
    after = upgraded("zerglingmovementspeed")
    assert after.speed[ling.id] == pytest.approx(ling.speed + 1.746 / 16, abs=1e-5)


def test_adrenal_glands_raise_the_attack_rate() -> None:
    claws = weapon("Claws")
    before = load_ruleset().arrays.w_cooldown[claws]
    assert upgraded("zerglingattackspeed").w_cooldown[claws] == pytest.approx(before / 1.2)


def test_combat_shield_and_range_and_armour() -> None:
    rules = load_ruleset()
    assert upgraded("ShieldWall").hp[rules.unit("Marine").id] == 55
    assert upgraded("ExtendedThermalLance").w_range[weapon("ThermalLances")] == 9
    assert upgraded("ZergGroundArmorsLevel1").armor[rules.unit("Roach").id] == 2
    assert upgraded("TerranBuildingArmor").armor[rules.unit("Bunker").id] == 3
    assert upgraded("ProtossShieldsLevel1").shield_armor[rules.unit("Zealot").id] == 1


def test_the_reactor_of_a_medivac_doubles_its_energy() -> None:
    medivac = load_ruleset().unit("Medivac")
    assert upgraded("MedivacCaduceusReactor").energy_regen[medivac.id] == pytest.approx(medivac.energy_regen * 2)


def test_a_weapon_and_its_upgrade_tell_the_same_story() -> None:
    """weapons.csv says what a level adds, upgrade_effects.csv what a level does."""
    rules = load_ruleset()
    checked = 0
    for rule in rules.weapons:
        for step in rule.upgrades:
            after = upgraded(step.family + "Level1")
            assert after.w_damage[rule.index] - rule.damage == pytest.approx(step.damage), rule.name
            for attribute, amount in step.bonus:
                old = dict(rule.bonus).get(attribute, 0)
                assert bonus(after, rule.name, attribute) - old == pytest.approx(amount), rule.name
            checked += 1
    assert checked >= 45


def test_every_live_research_knows_its_building() -> None:
    rules = load_ruleset()
    for upgrade in rules.upgrades.values():
        if upgrade.obtainable:
            researched = [c for cs in rules.commands.values() for c in cs if c.upgrade == upgrade.id and c.on_card]
            assert researched, upgrade.name
            assert {c.caster for c in researched} <= set(upgrade.researched_at), upgrade.name
            assert {c.time_loops for c in researched} == {upgrade.research_loops}, upgrade.name
