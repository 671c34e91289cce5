"""Openings are recognised by when things are begun, and called unknown when nothing is near."""

from __future__ import annotations

import pytest

from replays.model import LOOPS_PER_SECOND, BuildItem
from replays.openings import UNKNOWN, library, recognise
from tests.reference import needs_reference
from tests.replays.real import read


def items(times: dict[str, int]) -> list[BuildItem]:
    """A build order of (name, or name and number) to seconds."""
    return [
        BuildItem(name.split()[0], "structure", round(at * LOOPS_PER_SECOND), "init", None, "done", None, 0, 0)
        for name, at in sorted(times.items(), key=lambda pair: pair[1])
    ]


@pytest.mark.parametrize("opening", library(), ids=lambda opening: opening.name)
def test_every_opening_played_by_the_book_is_recognised(opening: object) -> None:
    from replays.openings import Opening

    assert isinstance(opening, Opening)
    build = items({f"{name} {which}": round(at) for (name, which), at in opening.items.items()})
    found = recognise(opening.race, build, 10_000)
    assert found is not None
    assert (found.name, found.distance) == (opening.name, 0.0)


def test_an_opening_a_few_seconds_late_is_still_that_opening() -> None:
    late = items({"Pylon": 22, "Gateway": 45, "Assimilator": 55, "Nexus": 95, "CyberneticsCore": 102})
    late += items({"Assimilator": 112, "Stargate": 155})
    found = recognise("Protoss", late, 10_000)
    assert found is not None
    assert found.name == "gate_expand_stargate"
    assert 0 < found.distance < 0.35


def test_what_is_like_nothing_is_unknown() -> None:
    found = recognise("Terran", items({"EngineeringBay": 20, "SensorTower": 60}), 10_000)
    assert found is not None
    assert (found.name, found.distance) == (UNKNOWN, 1.0)


def test_a_cancelled_structure_does_not_count() -> None:
    forge = BuildItem("Forge", "structure", 851, "init", None, "cancelled", 900, 0, 0)
    found = recognise("Protoss", [forge], 10_000)
    assert found is not None
    assert found.name == UNKNOWN


def test_a_short_game_is_judged_by_what_could_be_seen() -> None:
    build = items({"Overlord": 12, "Hatchery": 50, "Extractor": 68, "SpawningPool": 73})
    found = recognise("Zerg", build, round(100 * LOOPS_PER_SECOND))
    assert found is not None
    assert (found.name, found.distance) == ("hatch_first", 0.0)


def test_eight_workers_do_everything_later() -> None:
    """The same opening of a 5.0.16 game, as a professional played it."""
    build = items(
        {"SupplyDepot": 27, "Barracks": 53, "Refinery": 66, "Reaper": 110, "CommandCenter": 138, "Factory": 165}
    )
    found = recognise("Terran", build, 10_000, start_workers=8)
    assert found is not None
    assert found.name == "reaper_expand"
    assert found.distance < 0.05


@needs_reference
@pytest.mark.parametrize(
    ("file", "openings"),
    [
        ("5.0.8.86383_ZvZ_2000Atmospheres.SC2Replay", ("twelve_pool", "hatch_first")),
        ("5.0.8.86383_PvP_CuriousMinds.SC2Replay", ("two_gate_core", "proxy_two_gate")),
        ("5.0.14.93333_TvP_Tokamak.SC2Replay", ("reaper_expand", "gate_expand_stargate")),
        ("5.0.12.91115_ZvT_Alcyone.SC2Replay", ("hatch_pool_third", "rax_expand")),
        ("5.0.16.97425_TvP_Rainfall.SC2Replay", ("reaper_expand", "gate_expand")),
    ],
)
def test_openings_of_real_games(file: str, openings: tuple[str, str]) -> None:
    assert tuple(player.opening for player in read(file).players) == openings
