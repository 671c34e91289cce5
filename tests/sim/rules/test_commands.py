"""What abilities do: python-sc2's own tables must find their abilities here, and players pay the real price."""

import csv
import json

import pytest
from sc2.dicts.unit_research_abilities import RESEARCH_INFO
from sc2.dicts.unit_train_build_abilities import TRAIN_INFO

from cherrypy_bot.sim.rules import CommandRule, Ruleset, load_ruleset
from tests.reference import REFERENCE, needs_reference


def exact(rules: Ruleset, ability_id: int) -> list[CommandRule]:
    """Commands of an ability id, exact or general."""
    ids = [ability_id, *rules.general_to_exact.get(ability_id, [])]
    return [command for index in ids for command in rules.commands.get(index, [])]


def command(ability_id: int, caster: str, product: str = "") -> CommandRule:
    rules = load_ruleset()
    made = rules.unit(product).id if product else None
    found = [c for c in exact(rules, ability_id) if c.caster == rules.unit(caster).id and made in (None, c.product)]
    assert len(found) == 1, f"{len(found)} commands for ability {ability_id} of {caster}"
    return found[0]


def test_everything_python_sc2_can_train_or_build_has_a_command() -> None:
    rules = load_ruleset()
    missing = []
    for caster, products in TRAIN_INFO.items():
        for product, info in products.items():
            if "CREEPTUMOR" in product.name:  # python-sc2 names the finished tumour, the game what is placed
                continue
            commands = exact(rules, info["ability"].value)
            if not any(c.caster == caster.value and c.product == product.value for c in commands):
                missing.append(f"{caster.name} makes {product.name}")
    assert missing == []


def test_everything_python_sc2_can_research_has_a_command() -> None:
    rules = load_ruleset()
    missing = []
    for caster, upgrades in RESEARCH_INFO.items():
        for upgrade, info in upgrades.items():
            commands = exact(rules, info["ability"].value)
            if not any(c.caster == caster.value and c.upgrade == upgrade.value for c in commands):
                missing.append(f"{caster.name} researches {upgrade.name}")
    assert missing == []


def test_zerglings_come_in_pairs() -> None:
    pair = command(1343, "Larva")
    assert (pair.how, pair.count, pair.minerals, pair.supply) == ("larva_train", 2, 50, 1)
    assert load_ruleset().unit("Zergling").supply == 0.5


def test_a_drone_that_becomes_a_structure_gives_its_supply_back() -> None:
    pool = command(1155, "Drone")
    assert (pool.minerals, pool.supply, pool.time_loops) == (200, -1, 1040)
    assert load_ruleset().unit("SpawningPool").minerals == 250  # the API's total includes the Drone


@pytest.mark.parametrize(
    ("ability_id", "caster", "product", "minerals", "gas", "loops", "supply", "via"),
    [
        (4121, "Zergling", "Baneling", 25, 25, 320, 0, "BanelingCocoon"),
        (2330, "Roach", "Ravager", 25, 75, 272, 1, "RavagerCocoon"),
        (2332, "Hydralisk", "LurkerMP", 50, 100, 404, 1, "LurkerMPEgg"),
        (1372, "Corruptor", "BroodLord", 150, 150, 541.332, 2, "BroodLordCocoon"),
        (1216, "Hatchery", "Lair", 150, 100, 1280, 0, ""),
        (1516, "CommandCenter", "OrbitalCommand", 150, 0, 560, 0, ""),
        (1766, "HighTemplar", "Archon", 0, 0, 192, 0, ""),
        (1518, "Gateway", "WarpGate", 0, 0, 160, 0, ""),
        (2708, "Overlord", "OverlordTransport", 25, 25, 336, 0, "TransportOverlordCocoon"),
    ],
)
def test_a_morph_costs_the_difference(
    ability_id: int, caster: str, product: str, minerals: int, gas: int, loops: float, supply: float, via: str
) -> None:
    rules, morph = load_ruleset(), command(ability_id, caster, product)
    assert (morph.minerals, morph.gas, morph.time_loops, morph.supply) == (minerals, gas, loops, supply)
    assert morph.via == (rules.unit(via).id if via else 0)


def test_add_ons_are_built_by_their_building_in_its_own_ability() -> None:
    lab = command(421, "Barracks")
    assert (lab.how, lab.minerals, lab.gas, lab.time_loops) == ("addon", 50, 25, 400)
    assert load_ruleset().abilities[421].remaps_to in load_ruleset().general_to_exact


def test_a_warp_gate_recharges_after_a_warp_in() -> None:
    zealot = command(1413, "WarpGate")
    assert (zealot.how, zealot.time_loops, zealot.cooldown_loops) == ("warp_in", 256, 448)


def test_spells_carry_energy_range_and_cooldown() -> None:
    storm = command(1036, "HighTemplar")
    assert (storm.how, storm.energy, storm.range, storm.cooldown_loops) == ("effect", 75, 9, 32)
    assert command(251, "Queen").energy == 25
    assert command(1694, "Queen").energy == 25


@pytest.mark.parametrize(
    ("ability_id", "caster", "how"),
    [
        (16, "Marine", "move"),
        (17, "Marine", "patrol"),
        (18, "Marine", "hold_position"),
        (23, "Marine", "attack"),
        (4, "Marine", "stop"),
        (1, "SCV", "smart"),
        (295, "SCV", "gather"),
        (296, "SCV", "return"),
        (304, "Egg", "cancel"),
        (306, "Barracks", "cancel"),
        (307, "Barracks", "cancel_slot"),
        (314, "SupplyDepot", "cancel"),
        (315, "SupplyDepot", "halt"),
        (348, "SCV", "halt"),
        (408, "Bunker", "unload_all"),
        (396, "Medivac", "unload_at"),
        (4122, "BanelingCocoon", "cancel"),
    ],
)
def test_plain_orders_say_what_they_are(ability_id: int, caster: str, how: str) -> None:
    assert command(ability_id, caster).how == how


def test_general_abilities_lead_to_exact_ones() -> None:
    rules = load_ruleset()
    assert {1516} <= {1516, *rules.general_to_exact}
    assert 23 in rules.general_to_exact[3674]
    for general, ids in rules.general_to_exact.items():
        assert ids == sorted(ids)
        assert {rules.abilities[i].remaps_to for i in ids} == {general}


def test_a_command_never_makes_what_its_supply_contradicts() -> None:
    rules = load_ruleset()
    for commands in rules.commands.values():
        for c in commands:
            if c.how in ("train", "larva_train", "warp_in"):
                assert c.supply == rules.units[c.product].supply * c.count, c


@needs_reference
def test_prices_and_times_are_the_games() -> None:
    """Against the reference's tech tree: every live train, build, morph and research row."""
    assert REFERENCE is not None
    rules = load_ruleset()
    wrong = []
    for key, entry in json.loads((REFERENCE / "rules" / "requirements.json").read_text()).items():
        if key == "_meta" or not entry["available"] or not entry["on_command_card"] or "minerals" not in entry:
            continue
        made = rules.upgrade(entry["makes"]).id if entry["how"] == "research" else rules.unit(entry["makes"]).id
        caster = rules.unit(entry["producer"]).id
        found = [
            c for c in rules.commands[entry["ability_id"]] if c.caster == caster and made in (c.product, c.upgrade)
        ]
        loops = entry.get("time_loops", entry.get("total_loops"))
        transport = entry["makes"] == "OverlordTransport"  # the game's table leaves its 25/25 out
        price = (25, 25) if transport else (entry["minerals"], entry["gas"])
        if [(c.minerals, c.gas, c.time_loops) for c in found] != [(*price, loops)]:
            wrong.append((key, found))
    assert wrong == []


@needs_reference
def test_measured_building_times_agree() -> None:
    """Placed to finished takes exactly time_loops: most common value of 5.0.12 to 5.0.14 replays."""
    assert REFERENCE is not None
    rules = load_ruleset()
    seen = 0
    with (REFERENCE / "facts" / "build_durations.csv").open() as file:
        for row in csv.DictReader(file):
            if row["kind"] != "structure" or not row["release"].startswith(("5.0.12", "5.0.13", "5.0.14")):
                continue
            if int(row["mode_n"]) < 2:
                continue
            made = rules.unit(row["name"]).id
            times = {
                c.time_loops
                for cs in rules.commands.values()
                for c in cs
                if c.product == made and c.how in ("build", "addon")
            }
            assert float(row["mode"]) in times, row
            seen += 1
    assert seen >= 20
