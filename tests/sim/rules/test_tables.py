"""Units, weapons, footprints and arrays say what the game's own data says."""

import json
import math

import numba
import numpy as np
import pytest

from cherrypy_bot.sim.rules import ATTRIBUTE_BITS, GROUND, TypeArrays, load_ruleset
from tests.reference import REFERENCE, needs_reference


def test_all_races_and_neutral_things_are_there() -> None:
    rules = load_ruleset()
    races = {
        race: sum(u.race == race for u in rules.units.values()) for race in ("Terran", "Protoss", "Zerg", "Neutral")
    }
    assert races["Terran"] > 50
    assert races["Protoss"] > 40
    assert races["Zerg"] > 60
    assert races["Neutral"] > 20
    assert list(rules.units) == sorted(rules.units)


def test_a_marine_is_a_marine() -> None:
    rules = load_ruleset()
    marine = rules.unit("Marine")
    assert (marine.minerals, marine.gas, marine.supply, marine.hp, marine.sight) == (50, 0, 1, 45, 9)
    assert marine.speed == 2.25 / 16
    assert marine.attributes == {"Light", "Biological"}
    assert marine.attribute_bits == (1 << 1) | (1 << 3)
    (rifle,) = (rules.weapons[i] for i in marine.weapons)
    assert (rifle.damage, rifle.range, rifle.hits, rifle.target) == (6, 5, 1, "Any")
    assert rifle.cooldown == pytest.approx(13.7734, abs=1e-3)


def test_both_kinds_of_weapon_reach_a_colossus() -> None:
    colossus = load_ruleset().unit("Colossus")
    assert colossus.plane_ground
    assert colossus.plane_air
    assert not colossus.is_flying


def test_infestors_start_with_the_energy_of_the_ladder_maps() -> None:
    assert load_ruleset().unit("Infestor").energy_start == 50


def test_workers_and_town_halls_are_marked() -> None:
    rules = load_ruleset()
    assert {u.name for u in rules.units.values() if u.is_worker} == {"SCV", "Probe", "Drone", "MULE"}
    assert {u.name for u in rules.units.values() if u.is_townhall} == {
        "CommandCenter",
        "OrbitalCommand",
        "PlanetaryFortress",
        "Nexus",
        "Hatchery",
        "Lair",
        "Hive",
    }
    assert {u.name for u in rules.units.values() if u.power_radius} == {"Pylon", "WarpPrismPhasing"}


def test_footprints_are_offsets_from_the_centre_cell() -> None:
    rules = load_ruleset()
    barracks = rules.unit("Barracks")
    assert set(barracks.footprint) == {(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)}
    assert (barracks.footprint_w, barracks.footprint_h) == (3, 3)
    assert set(rules.unit("Pylon").footprint) == {(-1, -1), (0, -1), (-1, 0), (0, 0)}
    assert set(rules.unit("MineralField").footprint) == {(-1, 0), (0, 0)}
    assert len(rules.unit("Nexus").footprint) == 25
    depot, lowered = rules.unit("SupplyDepot"), rules.unit("SupplyDepotLowered")
    assert depot.footprint == lowered.footprint
    assert lowered.footprint_path == ()


def test_creep_rules() -> None:
    rules = load_ruleset()
    assert rules.unit("SpawningPool").needs_creep
    assert rules.unit("Barracks").forbids_creep
    hatchery = rules.unit("Hatchery")
    assert not hatchery.needs_creep
    assert not hatchery.forbids_creep
    grown = rules.game.creep_sources[hatchery.creep_source].grown
    assert max(math.hypot(x, y) for x, y in grown) == pytest.approx(13, abs=0.5)
    assert set(rules.game.creep_sources[hatchery.creep_source].start) < set(grown)


def test_a_town_hall_stands_three_cells_from_minerals() -> None:
    """The 3 cell gap: the nearest legal place leaves exactly three cells between footprint and patch."""
    rules = load_ruleset()
    nexus, patch = rules.unit("Nexus"), rules.unit("MineralField")
    marked = set(patch.near_resources_cells)
    legal = min(
        distance
        for distance in range(1, 12)
        if not any((x + distance, y) in marked for x, y in nexus.near_resources_forbidden)
    )
    left_edge = min(x + legal for x, _ in nexus.footprint)
    right_edge = max(x for x, _ in patch.footprint)
    assert left_edge - right_edge - 1 == 3


def test_larva_count_at_the_start_is_three() -> None:
    game = load_ruleset().game
    assert game.start_extra["Zerg"] == {"Overlord": 1, "Larva": 3}


def test_arrays_mirror_the_records() -> None:
    rules = load_ruleset()
    arrays = rules.arrays
    for column in arrays:
        assert column.flags.c_contiguous
    tank = rules.unit("SiegeTankSieged")
    slot = arrays.weapon[tank.id, 0]
    assert rules.weapons[slot].name == "CrucioShockCannon"
    assert arrays.w_target[slot] == GROUND
    assert arrays.w_min_range[slot] == 2
    assert arrays.w_splash_friendly[slot]
    assert list(arrays.w_splash_fraction[slot]) == [1, 0.5, 0.25]
    assert arrays.w_bonus_bits[slot, 0] == ATTRIBUTE_BITS["Armored"]
    assert arrays.weapon[rules.unit("SCV").id, 1] == -1
    assert arrays.weapon[0].tolist() == [-1] * 4


def test_close_range_twins_are_folded_into_their_weapon() -> None:
    """A Roach bites at once when the target is nearer than its spit reaches; for kernels that is one weapon."""
    rules = load_ruleset()
    roach = rules.unit("Roach")
    assert [rules.weapons[i].name for i in roach.weapons] == ["AcidSaliva", "RoachMelee"]
    assert (rules.arrays.weapon[roach.id] >= 0).sum() == 1
    assert rules.arrays.w_min_range[rules.arrays.weapon[roach.id, 0]] == 0


def test_weapons_that_need_an_ability_are_not_in_the_arrays() -> None:
    rules = load_ruleset()
    assert (rules.arrays.weapon[rules.unit("Oracle").id] == -1).all()
    names = {rules.weapons[i].name for i in rules.arrays.weapon[rules.unit("Battlecruiser").id] if i >= 0}
    assert names == {"ATSLaserBattery", "ATALaserBattery"}


def test_weapons_missing_in_response_data_exist_for_the_engine() -> None:
    rules = load_ruleset()
    for name in ("VoidRay", "Sentry", "Carrier", "Baneling"):
        assert rules.arrays.weapon[rules.unit(name).id, 0] >= 0, name
        assert not rules.response_data().units[rules.unit(name).id].weapons, name


@numba.njit  # type: ignore[untyped-decorator]
def _total(arrays: TypeArrays) -> float:
    return arrays.hp[48] + arrays.w_damage[arrays.weapon[48, 0]] + arrays.is_structure[48]


def test_numba_takes_the_arrays() -> None:
    assert _total(load_ruleset().arrays) == 45 + 6


@needs_reference
def test_unit_numbers_are_the_catalogues() -> None:
    assert REFERENCE is not None
    rules = load_ruleset()
    wrong = []
    entries = json.loads((REFERENCE / "rules" / "units.json").read_text())
    for name, entry in entries.items():
        if name == "_meta":
            continue
        unit = rules.unit(name)
        move, shield, energy = entry.get("move", {}), entry.get("shield", {}), entry.get("energy", {})
        expected = {
            "id": entry["unit_type_id"],
            "hp": entry["life"]["max"],
            "armor": entry["life"]["armor"],
            "shields": shield.get("max", 0),
            "energy_max": energy.get("max", 0),
            "supply": max(0, -entry["food"]),
            "supply_provided": max(0, entry["food"]),
            "minerals": entry["cost"]["minerals"],
            "gas": entry["cost"]["gas"],
            "speed": move.get("speed", 0) / 16,
            "acceleration": move.get("acceleration", 0) / 256,
            "turn_rate": math.radians(move.get("turning_rate_deg_s", 0)) / 16,
            "creep_multiplier": move.get("creep_multiplier", 1),
            "hp_regen": entry["life"]["regen_per_s"] / 16,
            "unit_radius": entry["radius"],
            "separation_radius": entry["separation_radius"],
            "inner_radius": entry["inner_radius"],
            "sight": entry["sight"],
            "cargo_size": entry["cargo_size"],
            "target_priority": entry["attack_target_priority"],
            "push_priority": entry["push_priority"],
            "height": entry["height"],
        }
        for field, value in expected.items():
            if not math.isclose(getattr(unit, field), value, rel_tol=1e-3, abs_tol=1e-4):
                wrong.append((name, field, getattr(unit, field), value))
        if unit.attributes != set(entry.get("attributes", [])):
            wrong.append((name, "attributes", unit.attributes, entry.get("attributes")))
    assert wrong == []


@needs_reference
def test_weapon_timing_is_the_catalogues() -> None:
    assert REFERENCE is not None
    entries = json.loads((REFERENCE / "rules" / "weapons.json").read_text())
    for weapon in load_ruleset().weapons:
        entry = entries[weapon.name]
        assert weapon.cooldown == pytest.approx(entry["period_loops"], abs=1e-3), weapon.name
        assert weapon.damage_point == pytest.approx(entry["damage_point_loops"], abs=1e-3), weapon.name
        assert weapon.backswing == pytest.approx(entry["backswing_loops"], abs=1e-3), weapon.name
        if weapon.name != "MothershipBeam":  # 6.5 on the ladder maps
            assert weapon.range == pytest.approx(entry["range"], abs=1e-3), weapon.name


def test_no_value_is_left_open() -> None:
    for name, column in load_ruleset().arrays._asdict().items():
        assert np.isfinite(column).all(), name
