"""Conditions, phases and reactions: when they hold, how long, and what becomes of the build."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.core.errors import ConfigError
from modules.build_order.builds import Build, builds_of, load_build
from modules.build_order.changes import Active, effective
from modules.build_order.conditions import ConditionError, Facts, clock_loops, parse_condition

START = Facts()


def holds(text: str | list[str], facts: Facts, race: Race = Race.Terran) -> bool:
    return parse_condition(text, race).holds(facts)


def test_times_are_clock_times_of_the_faster_speed() -> None:
    assert clock_loops("1:00") == 1344
    assert not holds("from 1:00", replace(START, loop=1343))
    assert holds("from 1:00", replace(START, loop=1344))
    assert holds("before 1:00", replace(START, loop=1343))


def test_the_supply_of_fighters_counts() -> None:
    assert holds("army 14", replace(START, army=14.0), Race.Protoss)
    assert not holds("army 14", replace(START, supply=60, army=13.0), Race.Protoss)


def test_what_is_ours_counts_when_it_is_finished() -> None:
    facts = replace(START, finished={U.MARINE: 7, UpgradeId.STIMPACK: 1}, coming={U.FACTORY: 1})
    assert holds("marine x7", facts)
    assert not holds("marine x8", facts)
    assert holds("stimpack", facts)
    assert not holds("factory", facts)
    assert not holds("no factory", facts)
    assert holds("no starport", facts)


def test_better_forms_of_an_enemy_count_as_the_simpler_ones() -> None:
    assert holds("seen hatchery x2", replace(START, seen={U.LAIR: 1, U.HATCHERY: 1}))
    assert not holds("seen lair x2", replace(START, seen={U.LAIR: 1, U.HATCHERY: 1}))


def test_a_list_needs_all_and_or_needs_one() -> None:
    facts = replace(START, bases=2, workers=30)
    assert holds(["bases 2", "workers 30"], facts)
    assert not holds(["bases 2", "workers 31"], facts)
    assert not holds("bases 2 and workers 31", facts)
    assert holds("bases 3 or workers 30", facts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seen dragoon", "no unit, structure or upgrade called 'dragoon'"),
        ("from noon", "MINUTES:SECONDS"),
        ("supply lots", "whole number after 'supply'"),
        ("alarm or danger and failed attack", "mixes 'and' with 'or'"),
    ],
)
def test_a_text_that_is_no_condition_says_why(text: str, words: str) -> None:
    with pytest.raises(ConditionError, match=words.replace("(", "\\(")):
        parse_condition(text, Race.Terran)


BUILD = """about: Test.
steps:
  - 14 supply depot
  - 20 gas off when stimpack
  - 22 attack
army: {marine: 1}
workers: [20, 40]
gas: [1]
structures: {barracks: [1, 3]}
attack: {supply: 20, again: 20}
phases:
  - when: starport
    army: {marine: 3, medivac: 1}
reactions:
  - when: seen banshee
    structures: {missile turret: [2]}
    stance: hold
    lasts: "0:30"
"""


@pytest.fixture
def build(tmp_path: Path) -> Build:
    folder = tmp_path / "terran"
    folder.mkdir()
    (folder / "test.yaml").write_text(BUILD, encoding="utf-8")
    return load_build(folder / "test.yaml")


def test_switches_of_steps_are_no_steps_of_the_opening(build: Build) -> None:
    assert [step.item for step in build.opening] == [U.SUPPLYDEPOT]
    assert [entry.name for entry in build.conditionals] == ["steps[1]", "steps[2]", "phases[0]", "reactions[0]"]


def test_a_phase_stays_and_a_reaction_ends_after_its_time(build: Build) -> None:
    active = Active(build)
    assert active.update(START) == ()
    seen = replace(START, loop=100, finished={U.STARPORT: 1}, seen={U.BANSHEE: 1})
    assert active.update(seen) == ("phases[0]", "reactions[0]")
    assert active.update(replace(START, loop=100 + 672)) == ("phases[0]", "reactions[0]")
    assert active.update(replace(START, loop=100 + 673)) == ("phases[0]",)


def test_changes_replace_shares_and_join_structures(build: Build) -> None:
    changed = effective(build, ("phases[0]", "reactions[0]"))
    assert changed.army == {U.MARINE: 3, U.MEDIVAC: 1}
    assert changed.structures == {U.BARRACKS: (1, 3), U.MISSILETURRET: (2,)}
    assert changed.stance == "hold"
    assert build.army == {U.MARINE: 1}
    assert effective(build, ()) is build


def test_gas_can_be_switched_off_and_on(build: Build) -> None:
    assert build.gas_workers == -1
    assert effective(build, ("steps[1]",)).gas_workers == 0


def test_a_switch_must_lead_to_a_build_that_takes_it(tmp_path: Path) -> None:
    folder = tmp_path / "terran"
    folder.mkdir()
    (folder / "first.yaml").write_text(BUILD.replace("    stance: hold\n", "    switch_to: secnd\n"), encoding="utf-8")
    (folder / "second.yaml").write_text(BUILD + "switch_target: true\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="did you mean 'second'"):
        builds_of(Race.Terran, tmp_path)


def test_the_example_of_the_documentation_is_a_valid_build(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "builds.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    folder = tmp_path / "terran"
    folder.mkdir()
    (folder / "example.yaml").write_text(example, encoding="utf-8")
    build = load_build(folder / "example.yaml")
    assert build.hook == "one_base_ahead"
    assert {step.near for step in build.opening} == {"", "proxy"}
