"""A ruleset is a directory of tables; a fault in one is a sentence that names file, line and column."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cherrypy_bot.sim.rules import DEFAULT_RULESET, RulesError, Ruleset, load_ruleset
from cherrypy_bot.sim.rules.tables import DATA, read_rows


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], Ruleset]:
    """Loads a copy of the default ruleset in which one text of one file was replaced."""
    data = tmp_path / "data"
    shutil.copytree(DATA, data)

    def load(file: str, old: str, new: str) -> Ruleset:
        path = data / DEFAULT_RULESET / file
        text = path.read_text()
        assert text.count(old) >= 1, f"{old} is not in {file}"
        path.write_text(text.replace(old, new, 1))
        return Ruleset(DEFAULT_RULESET, data)

    return load


def test_the_same_ruleset_is_loaded_once() -> None:
    assert load_ruleset() is load_ruleset(DEFAULT_RULESET)


def test_an_unknown_ruleset_says_which_are_known() -> None:
    with pytest.raises(RulesError, match=r"unknown ruleset '4\.0'; known rulesets: 5\.0\.14"):
        load_ruleset("4.0")


def test_unknown_names_are_refused_with_a_sentence() -> None:
    rules = load_ruleset()
    with pytest.raises(RulesError, match="no unit 'Goliath'"):
        rules.unit("Goliath")
    with pytest.raises(RulesError, match="no upgrade 'Irradiate'"):
        rules.upgrade("Irradiate")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("terran_units.csv", "Marine,48,unit,50,", "Marine,48,unit,fifty,", "column minerals: 'fifty'"),
        ("terran_units.csv", ",GuassRifle,", ",Railgun,", "column weapons: 'Railgun' is not a weapon"),
        ("terran_units.csv", "Marine,48,", "Marine,45,", "id 45 is in the tables twice"),
        ("terran_units.csv", "Marine,48,unit,", "Marine,48,", "cells where the header has"),
        ("terran_units.csv", ",Light Biological,", ",Light Biologic,", "column attributes: 'Biologic'"),
        ("weapons.csv", ",Ground,15,Armored:10,", ",Sea,15,Armored:10,", "column target: 'Sea'"),
        ("weapons.csv", ",Armored:10,", ",Armored10,", "column bonus: 'Armored10' must look like"),
        ("footprints.csv", "-1..0@-1..0", "-1..0", "must look like x0..x1@y0..y1"),
        ("commands.csv", ",Hatchery|Hive|Lair,", ",Hatchery and,", "column requirement: a name is missing"),
        ("commands.csv", ",Hatchery|Hive|Lair,", ",Hatchry,", "column requirement: 'Hatchry' is not a known name"),
        ("upgrade_effects.csv", ",GuassRifle,damage,add", ",GuassRifle,damage,plus", "column op: 'plus'"),
        ("upgrade_effects.csv", ",GuassRifle,damage,", ",GuassRifle,colour,", "column field: a 'weapon' has no field"),
        ("game.yaml", "damage_minimum: 0.5", "damage_minimum: half", "column damage_minimum: 'half'"),
        ("game.yaml", "start_workers: 12", "start_workers: many", "column start_workers: 'many'"),
        ("game.yaml", "food_ceiling: 200", "food_ceiling: [", "is not valid YAML"),
    ],
)
def test_a_bad_cell_is_named(
    edited: Callable[[str, str, str], Ruleset], file: str, old: str, new: str, message: str
) -> None:
    with pytest.raises(RulesError) as caught:
        edited(file, old, new)
    assert message in str(caught.value)
    assert file in str(caught.value)
    if file.endswith(".csv"):
        lines = (DATA / DEFAULT_RULESET / file).read_text().split("\n")
        first = next(i for i, line in enumerate(lines, 1) if old in line)
        assert caught.value.line in (first, *(i for i, line in enumerate(lines, 1) if line.startswith("SCV,")))


def test_every_table_starts_with_its_patch_and_its_columns() -> None:
    for path in sorted(DATA.glob("*/*.csv")):
        first = path.read_text().split("\n")[0]
        assert first.startswith("# Patch 5.0."), f"{path.name} does not say its patch"
        assert next(read_rows(path)).cells


def test_a_patch_is_a_directory_of_differences() -> None:
    """5.0.16: 8 workers, less supply from town halls, larvae every 222 loops (measured in replays)."""
    old, new = load_ruleset("5.0.14"), load_ruleset("5.0.16")
    assert (old.start_workers, new.start_workers) == (12, 8)
    assert old.unit("Nexus").supply_provided == 15
    assert {new.unit(n).supply_provided for n in ("Nexus", "CommandCenter", "OrbitalCommand")} == {13}
    assert (old.unit("Hatchery").supply_provided, new.unit("Hatchery").supply_provided) == (6, 4)
    assert (old.game.larva_interval_loops, new.game.larva_interval_loops) == (240, 222)
    assert (old.game.warp_in_fast_loops, new.game.warp_in_fast_loops) == (80, 89)
    changed = {u.name for u in new.units.values() if u != old.units[u.id]}
    assert changed == {
        "CommandCenter",
        "CommandCenterFlying",
        "Hatchery",
        "Hive",
        "Lair",
        "Nexus",
        "OracleStasisTrap",
        "OrbitalCommand",
        "OrbitalCommandFlying",
        "PlanetaryFortress",
        "Spire",
    }
    assert new.weapons == old.weapons
    nexus = new.response_data().units[new.unit("Nexus").id]
    assert nexus.food_provided == 13


def test_an_overlay_may_empty_a_cell_and_add_a_row(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    (data / "mod").mkdir()
    (data / "mod" / "game.yaml").write_text("base: 5.0.14\n")
    (data / "mod" / "terran_units.csv").write_text("name,id,hp,weapons\nMarine,,60,-\nFirebat,1990,50,\n")
    rules = Ruleset("mod", data)
    assert rules.unit("Marine").hp == 60
    assert rules.unit("Marine").weapons == ()
    assert rules.unit("Marine").minerals == 50
    assert rules.unit("Firebat").id == 1990
    (data / "5.0.14" / "game.yaml").write_text("base: mod\n")
    with pytest.raises(RulesError, match="leads back to itself"):
        Ruleset("mod", data)
