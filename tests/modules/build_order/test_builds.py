"""Build files: those that ship are valid, and wrong ones are named with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.core.errors import ConfigError
from modules.build_order.builds import builds_of, by_bases, load_build
from modules.items import TOWNHALLS
from tests.modules.support import RACES, catalogue

GOOD = """about: Test.
steps:
  - 14 supply depot
  - 16 barracks x2
army: {marine: 1}
workers: [20, 40]
gas: [1]
attack: {supply: 20, again: 20}
"""


def write(tmp_path: Path, text: str, race: str = "terran") -> Path:
    folder = tmp_path / race
    folder.mkdir(exist_ok=True)
    path = folder / "test.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_build_is_read(tmp_path: Path) -> None:
    build = load_build(write(tmp_path, GOOD))
    assert build.name == "test"
    assert [(s.supply, s.item, s.count) for s in build.opening] == [(14, U.SUPPLYDEPOT, 1), (16, U.BARRACKS, 2)]
    assert build.against == {Race.Terran, Race.Protoss, Race.Zerg}


@pytest.mark.parametrize("race", RACES)
def test_every_build_that_ships_uses_only_what_its_race_has(race: Race) -> None:
    known = catalogue(race)
    builds = builds_of(race)
    assert len(builds) >= 10
    for build in builds.values():
        named = [s.item for s in build.opening] + list(build.army) + list(build.upgrades)
        named += [*build.structures, *build.addons, *build.guard]
        for entry in build.conditionals:
            changes = entry.changes
            named += [
                *(changes.army or ()),
                *changes.structures,
                *changes.addons,
                *changes.guard,
                *(changes.upgrades or ()),
            ]
        assert [item for item in named if item not in known and item is not U.ARCHON] == [], build.name


@pytest.mark.parametrize("race", RACES)
def test_every_build_expands_once_at_least(race: Race) -> None:
    for build in builds_of(race).values():
        in_opening = any(step.item in TOWNHALLS for step in build.opening)
        later = any(at > 0 for entry in build.conditionals for at in entry.changes.expand or ())
        assert in_opening or later or any(at > 0 for at in build.expand), build.name


@pytest.mark.parametrize("race", RACES)
def test_the_worker_target_of_a_build_reaches_its_next_expansion(race: Race) -> None:
    for build in builds_of(race).values():
        for bases, at in enumerate(build.expand, start=1):
            assert at <= by_bases(build.workers, bases), f"{build.name}: base {bases + 1}"


def test_aliases_name_upgrades_as_people_do() -> None:
    build = builds_of(Race.Terran)["reaper_expand"]
    assert UpgradeId.SHIELDWALL in build.upgrades


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        (GOOD.replace("16 barracks x2", "16 baracks"), 4, "did you mean"),
        (GOOD.replace("16 barracks x2", "barracks"), 4, "SUPPLY ITEM"),
        (GOOD.replace("army: {marine: 1}", "army: {stimpack: 1}"), 5, "upgrade"),
        (GOOD.replace("gas: [1]", "gas: []"), 7, "at least one"),
        (GOOD.replace("workers: [20, 40]", "workers: [20, -1]"), 6, "0 or more"),
        (GOOD + "speed: 3\n", 9, "speed"),
        (GOOD.replace("16 barracks x2", "1:70 barracks"), 4, "MINUTES:SECONDS"),
        (GOOD.replace("16 barracks x2", "16 barracks near nowhere"), 4, "enemy natural"),
        (GOOD.replace("16 barracks x2", "16 barracks when seen dragoon"), 4, "no unit, structure or upgrade"),
        (GOOD + "hook: magic\n", 9, "one_base_ahead"),
        (GOOD + "stance: dance\n", 9, "attack or hold"),
        (GOOD + "reactions:\n  - when: seen banshee\n", 10, "changes nothing"),
        (GOOD + "reactions:\n  - when: seen banshee or seen raven and alarm\n    stance: hold\n", 10, "mixes"),
        (GOOD + "phases:\n  - when: supply many\n    stance: hold\n", 10, "whole number"),
        (GOOD + "phases:\n  - when: alarm\n    lasts: soon\n    stance: hold\n", 11, "MINUTES:SECONDS"),
    ],
)
def test_a_wrong_file_names_the_place(tmp_path: Path, wrong: str, line: int, words: str) -> None:
    path = write(tmp_path, wrong)
    with pytest.raises(ConfigError) as caught:
        load_build(path)
    assert f"test.yaml:{line}:" in str(caught.value)
    assert words in str(caught.value)


def test_counts_by_bases_hold_beyond_the_last() -> None:
    assert [by_bases((1, 3, 5), n) for n in (0, 1, 2, 3, 9)] == [1, 1, 3, 5, 5]
    assert by_bases((), 2) == 0


def test_a_reason_is_for_an_item_or_from_a_number_of_it_on(tmp_path: Path) -> None:
    text = GOOD + "reasons: {marine: fewer, barracks 3: later, infantry weapons 1: last}\n"
    build = load_build(write(tmp_path, text))
    assert build.reasons == {
        (U.MARINE, 1): "fewer",
        (U.BARRACKS, 3): "later",
        (UpgradeId.TERRANINFANTRYWEAPONSLEVEL1, 1): "last",
    }
    with pytest.raises(ConfigError, match="barack"):
        load_build(write(tmp_path, GOOD + "reasons: {barack 3: no such thing}\n"))
