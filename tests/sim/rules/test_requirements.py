"""The language of the requirement column."""

import pytest

from cherrypy_bot.sim.rules import load_ruleset, satisfied
from cherrypy_bot.sim.rules.requirements import Requirement, RequirementError, parse

UNITS = {"Pool": 1, "Lair": 2, "Hive": 3, "TechLab": 4}
UPGRADES = {"Burrow": 7}


def read(text: str) -> Requirement:
    return parse(text, UNITS.__getitem__, UPGRADES.__getitem__)


def holds(text: str, *have: int, attached: int = 0, upgrades: tuple[int, ...] = ()) -> bool:
    return satisfied(read(text), have.count, attached, upgrades.__contains__)


def test_no_requirement_always_holds() -> None:
    assert read("  ") is None
    assert holds("")


def test_one_of_several_structures_is_enough() -> None:
    assert read("Lair|Hive") == ("have", (2, 3))
    assert holds("Lair|Hive", 3)
    assert not holds("Lair|Hive", 1)


def test_attached_means_this_caster() -> None:
    assert holds("@TechLab", attached=4)
    assert not holds("@TechLab", 4)


def test_and_binds_stronger_than_or() -> None:
    assert read("Pool or Lair and Hive") == ("or", ("have", (1,)), ("and", ("have", (2,)), ("have", (3,))))
    assert holds("Pool or Lair and Hive", 1)
    assert not holds("(Pool or Lair) and Hive", 1)


def test_not_and_upgrades() -> None:
    assert holds("upgrade:Burrow and not Hive", upgrades=(7,))
    assert not holds("upgrade:Burrow and not Hive", 3, upgrades=(7,))
    assert not holds("upgrade:Burrow")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Pol", "'Pol' is not a known name"),
        ("upgrade:Brrow", "is not a known name"),
        ("Pool and", "a name is missing"),
        ("(Pool", r"a '\)' is missing"),
        ("Pool Lair", "'Lair' is left over"),
        ("Pool & Lair", "is not understood"),
    ],
)
def test_faults_are_named(text: str, message: str) -> None:
    with pytest.raises(RequirementError, match=message):
        read(text)


def allowed(ability: int, caster: str, *have: str, attached: str = "", upgrades: tuple[str, ...] = ()) -> bool:
    rules = load_ruleset()
    command = next(c for c in rules.commands[ability] if c.caster == rules.unit(caster).id)
    owned = [rules.unit(name).id for name in have]
    done = [rules.upgrade(name).id for name in upgrades]
    add_on = rules.unit(attached).id if attached else 0
    return satisfied(command.requirement, owned.count, add_on, done.__contains__)


def test_a_marauder_needs_a_tech_lab_and_a_marine_nothing() -> None:
    assert allowed(560, "Barracks")
    assert not allowed(563, "Barracks", attached="BarracksReactor")
    assert allowed(563, "Barracks", attached="BarracksTechLab")


def test_a_ghost_needs_its_own_tech_lab_and_an_academy() -> None:
    assert not allowed(562, "Barracks", attached="BarracksTechLab")
    assert allowed(562, "Barracks", "GhostAcademy", attached="BarracksTechLab")


def test_a_lair_stands_for_a_hatchery() -> None:
    assert allowed(1155, "Drone", "Lair")
    assert not allowed(1155, "Drone")


def test_a_lowered_depot_lets_barracks_be_built() -> None:
    assert allowed(321, "SCV", "SupplyDepotLowered")
    assert not allowed(321, "SCV", "CommandCenter")


def test_armour_levels_follow_each_other() -> None:
    assert not allowed(657, "EngineeringBay", "Armory")
    assert allowed(657, "EngineeringBay", "Armory", upgrades=("TerranInfantryArmorsLevel1",))
    assert not allowed(657, "EngineeringBay", upgrades=("TerranInfantryArmorsLevel1",))


def test_there_is_one_mothership() -> None:
    assert allowed(110, "Nexus", "FleetBeacon")
    assert not allowed(110, "Nexus", "FleetBeacon", "Mothership")
