"""Every build of every race makes workers and an army; a rush is a rush."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from cherrypy_bot.sim.computer import BUILDS, Computer, levels
from cherrypy_bot.sim.computer.races import RACES as TABLES
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import load_map
from cherrypy_bot.sim.rules import load_ruleset

RULES = load_ruleset()
RACES = ("Terran", "Protoss", "Zerg")
NAMED = {style.name: number for number, style in BUILDS.items()}
LOOK = 4704


@cache
def _numbers(race: str, build: int) -> dict[str, float]:
    """Workers, town halls and army supply after three and a half minutes."""
    game = Game.new(load_map("CherryGroveLE"), (race, "Terran"), 3)
    game.recording = False
    game.computers = [Computer(0, race, levels.VERY_HARD, build, 3)]
    game.step(LOOK)
    u = game.world.units
    rules = [RULES.units[int(u.type_id[r])] for r in game.world.rows_of(0)]
    return {
        "workers": float(sum(r.is_worker for r in rules)),
        "halls": float(sum(r.is_townhall for r in rules)),
        "army": sum(r.supply for r in rules if r.is_army),
    }


@pytest.mark.parametrize("race", RACES)
@pytest.mark.parametrize("build", sorted(BUILDS))
def test_every_build_of_every_race_makes_workers_and_an_army(race: str, build: int) -> None:
    found = _numbers(race, build)
    assert found["workers"] >= 14
    assert found["army"] >= 4


@pytest.mark.parametrize("race", RACES)
def test_a_rush_has_fewer_workers_than_macro(race: str) -> None:
    rush, macro = (_numbers(race, NAMED[n]) for n in ("Rush", "Macro"))
    assert rush["workers"] < macro["workers"]
    if race != "Zerg":  # which makes a rush's larvae in more hatcheries
        assert rush["halls"] <= macro["halls"]


@pytest.mark.parametrize("race", RACES)
@pytest.mark.parametrize("build", ["Power", "Air"])
def test_left_alone_power_and_air_come_to_what_they_are_called_after(race: str, build: str) -> None:
    """Heavy units and flyers after ten minutes; no wave leaves before, since it would end the game."""
    game = Game.new(load_map("CherryGroveLE"), (race, "Terran"), 3)
    game.recording = False
    computer = Computer(0, race, levels.VERY_HARD, NAMED[build], 3)
    computer.level = replace(computer.level, attack_loop=1 << 20)
    game.computers = [computer]
    game.step(10 * 1344)
    u = game.world.units
    made = [RULES.units[int(u.type_id[r])] for r in game.world.rows_of(0)]
    heavy = {wish.unit for wish in TABLES[race].heavy}
    wanted = [r for r in made if (r.name in heavy if build == "Power" else r.is_army and r.plane_air and r.supply)]
    assert sum(r.supply for r in wanted) >= 6
