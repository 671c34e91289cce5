"""The linter's report: steps reached and missed, comparison with real games, a played build."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from typer.testing import CliRunner

from cherrypy_bot.config import ConfigError
from modules.build_order.builds import builds_of
from modules.build_order.lint import compare, real_times, report
from modules.build_order.recorder import Begun
from tests.reference import REFERENCE, needs_reference

REAPER = builds_of(Race.Terran)["reaper_expand"]


def made(name: str, loop: int) -> dict[str, Any]:
    return {"name": name, "start": loop}


FACTS = {
    "replays": {
        "5.0.0_TvT_Somewhere.SC2Replay": {
            "players": [
                {
                    "race": "Terran",
                    "build": [{"name": "SupplyDepot", "start": 224}, {"name": "Barracks", "start": 896}],
                },
                {"race": "Terran", "build": [{"name": "Barracks", "start": 448}]},
            ]
        }
    }
}


def begun(item: U, seconds: float) -> Begun:
    return Begun(item, round(seconds * 22.4), 14.0, 50, 0)


def test_steps_are_matched_with_what_was_begun_in_its_order() -> None:
    found = report(REAPER, [begun(U.SUPPLYDEPOT, 17), begun(U.BARRACKS, 40)], [], [(100, 224)], 9000)
    assert [(s.step, s.seconds) for s in found.steps[:3]] == [
        ("14 supplydepot", 17.0),
        ("16 barracks", 40.0),
        ("16 refinery", None),
    ]
    assert "16 refinery" in found.missed
    assert found.blocked_seconds == 10.0
    assert "siegetank" in found.never


def test_the_real_game_is_found_by_name_race_and_number() -> None:
    first, second = (real_times(FACTS, like, Race.Terran) for like in ("TvT_Somewhere", "TvT_Somewhere 2"))
    assert first == {U.SUPPLYDEPOT: [10.0], U.BARRACKS: [40.0]}
    assert second == {U.BARRACKS: [20.0]}
    assert real_times(FACTS, "TvT_Somewhere", Race.Zerg) is None
    assert real_times(FACTS, "PvP_Elsewhere", Race.Terran) is None


def test_eight_seconds_later_is_late_and_never_is_latest() -> None:
    real = {U.SUPPLYDEPOT: [10.0], U.BARRACKS: [40.0, 60.0]}
    late = compare(REAPER, {U.SUPPLYDEPOT: [18.0], U.BARRACKS: [48.5]}, real)
    assert [(one.item, one.number, one.seconds) for one in late] == [("barracks", 2, None), ("barracks", 1, 48.5)]


def test_a_reason_of_the_file_excuses_a_late_item() -> None:
    late = compare(REAPER, {}, {U.BUNKER: [145.0], U.FACTORY: [132.0]})
    assert {one.item: bool(one.reason) for one in late} == {"bunker": True, "factory": False}


def structure(name: str, start: int, done: int) -> dict[str, Any]:
    return {"kind": "structure", "name": name, "start": start, "done": done, "start_source": "init"}


def estimated(name: str, start: int, done: int) -> dict[str, Any]:
    return {"kind": "unit", "name": name, "start": start, "done": done, "start_source": "est"}


def test_a_boosted_unit_of_a_real_game_began_when_it_could() -> None:
    # Estimates are the end less the build time: too early where Chrono Boost helped.
    entries = [
        structure("Gateway", 784, 1840),
        structure("CyberneticsCore", 2016, 2816),
        estimated("Stalker", 2654, 3262),
        estimated("Adept", 3093, 3765),
    ]
    facts = {"replays": {"5.0.14_PvP_There": {"players": [{"race": "Protoss", "build": entries}]}}}
    real = real_times(facts, "PvP_There", Race.Protoss)
    assert real is not None
    assert real[U.STALKER] == [2816 / 22.4]  # the Core was finished then
    assert real[U.ADEPT] == [3262 / 22.4]  # the only Gateway was free then


def test_a_reason_holds_from_its_number_on() -> None:
    build = dataclasses.replace(REAPER, reasons={(U.MARINE, 1): "first", (U.MARINE, 3): "later"})
    late = compare(build, {}, {U.MARINE: [80.0, 90.0, 100.0, 110.0]})
    assert {one.number: one.reason for one in late} == {1: "first", 2: "first", 3: "later", 4: "later"}


@needs_reference
@pytest.mark.parametrize("race", [Race.Terran, Race.Protoss, Race.Zerg])
def test_every_build_that_names_a_real_game_finds_it(race: Race) -> None:
    assert REFERENCE is not None
    facts = json.loads((REFERENCE / "facts" / "openings.json").read_text(encoding="utf-8"))
    for build in builds_of(race).values():
        assert not build.like or real_times(facts, build.like, race) is not None, build.name


@needs_reference
@pytest.mark.parametrize("race", [Race.Terran, Race.Protoss, Race.Zerg])
def test_every_reason_is_about_something_that_the_real_game_has(race: Race) -> None:
    assert REFERENCE is not None
    facts = json.loads((REFERENCE / "facts" / "openings.json").read_text(encoding="utf-8"))
    for build in builds_of(race).values():
        real = (real_times(facts, build.like, race) if build.like else None) or {}
        for item, number in build.reasons or {}:
            assert len(real.get(item, ())) >= number, f"{build.name}: {item.name.lower()} {number}"


@needs_reference
@pytest.mark.parametrize("name", ["three_rax", "four_gate", "twelve_pool"])
def test_what_comes_later_than_in_the_real_game_has_a_reason_that_still_holds(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # Builds whose games against nobody end soon; `builds lint --facts` does the same for all of them.
    assert REFERENCE is not None
    monkeypatch.chdir(Path(__file__).parents[3])
    code, text = run("builds", "lint", name, "--facts", str(REFERENCE / "facts"), "--json")
    found = json.loads(text)["reports"][0]
    assert [late["item"] for late in found["late"] if not late["reason"]] == []
    assert found["missed"] == []
    assert code == 0
    build = next(builds_of(race)[name] for race in (Race.Terran, Race.Protoss, Race.Zerg) if name in builds_of(race))
    late = {(entry["item"], entry["number"]) for entry in found["late"]}
    for item, number in build.reasons or {}:
        assert any(kind == item.name.lower() and count >= number for kind, count in late), (item, number)


def run(*arguments: str) -> tuple[int, str]:
    from cherrypy_bot.cli import app

    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout


def test_the_list_names_every_build() -> None:
    code, text = run("builds", "--json")
    assert code == 0
    names = {build["name"] for build in json.loads(text)["builds"]}
    assert {"twelve_pool", "two_one_one", "cannon_rush"} <= names
    assert len(names) >= 30


def test_the_bot_decides_as_often_as_the_game_step_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    played: list[Any] = []

    def play(setup: Any) -> Any:
        played.append(setup)
        raise ConfigError("not played")

    monkeypatch.setattr("cherrypy_bot.ladder.match.play_match", play)
    assert run("builds", "lint", "twelve_pool", "--game-step", "32")[0] != 0
    assert played[0].contenders[0].player.ai.game_step == played[0].game_step == 32


def test_a_played_build_reaches_its_first_steps_as_players_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    code, text = run("builds", "lint", "hatch_gas_pool", "--minutes", "2", "--game-step", "16", "--json")
    found: dict[str, Any] = json.loads(text)["reports"][0]
    steps = {step["step"]: step["seconds"] for step in found["steps"] if step["number"] == 1}
    assert steps["16 hatchery"] <= 56
    assert steps["1:06 extractor"] <= 75
    assert steps["18 spawningpool"] <= 80
    # Three drones on gas from its first moment on: one trip each takes less than six seconds.
    assert found["economy"]["120"]["gas"] >= 60
    assert code == 1  # two minutes are too short for all steps
