"""Times that replays' tracker events show, to the loop: larvae, injects, warp-ins, chrono boost, queues, lifetimes."""

from __future__ import annotations

import itertools

import pytest

from cherrypy_bot.sim.abilities.effects import buffs
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.rules import CommandRule, load_ruleset
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.truth.durations import Stopwatch
from cherrypy_bot.sim.truth.stage import HALL, PLACE, give, put, rows, stage

PATCH = "5.0.14"
INJECT, CHRONO = 251, 3755


def maker(name: str) -> CommandRule:
    """The command that makes a unit."""
    rules = load_ruleset(PATCH)
    return command_table(rules).makers[rules.unit(name).id]


def cast(game: Game, row: int, ability: int, target: int = NONE, at: tuple[float, float] | None = None) -> None:
    x, y = at or (0.0, 0.0)
    assert game.command(0, Command(ability, (row,), target, x, y, at is not None)) == [1]


def births(game: Game, name: str, count: int) -> list[int]:
    """Loops at which the next `count` units of a type appear."""
    found: list[int] = []
    had = len(rows(game, name))
    while len(found) < count:
        game.step(1)
        now = len(rows(game, name))
        found += [game.loop] * (now - had)
        had = now
    return found


def hatchery(game: Game) -> int:
    """The hatchery with larvae; others on the stage are tech alone."""
    u = game.world.units
    return next(r for r in rows(game, "Hatchery") if u.x[r] == HALL[0] and u.y[r] == HALL[1])


@pytest.mark.parametrize(("patch", "loops"), [("5.0.14", 240), ("5.0.16", 222)])
def test_larvae_come_at_their_interval_from_the_first_egg_on(patch: str, loops: int) -> None:
    """engine_timings.json: larva_interval_loops, first_larva_after_first_egg_loops."""
    rules = load_ruleset(patch)
    game = stage(patch, "Zerg")
    drone = command_table(rules).makers[rules.unit("Drone").id]
    game.step(500)
    assert len(rows(game, "Larva")) == 3, "no larva while three lie there"
    start = game.loop
    for larva in rows(game, "Larva"):
        give(game, larva, drone)
    assert [loop - start for loop in births(game, "Larva", 3)] == [loops, 2 * loops, 3 * loops]


def test_an_egg_taken_later_does_not_start_the_interval_anew() -> None:
    game = stage(PATCH, "Zerg")
    start = game.loop
    give(game, rows(game, "Larva")[0], maker("Drone"))
    game.step(100)
    give(game, rows(game, "Larva")[0], maker("Drone"))
    assert [loop - start for loop in births(game, "Larva", 2)] == [240, 480]


def test_injected_larvae_come_641_loops_after_the_queen_spat_and_four_apart() -> None:
    """inject: larvae_per_inject 3, gaps [4, 4], command_to_first_larva_min 640 to 643, queued_injects_period 641."""
    game = stage(PATCH, "Zerg")
    hall = hatchery(game)
    game.world.units.larva_timer[hall] = 1e9
    queens = [put(game, "Queen", HALL[0] + dx, HALL[1] - 3.5) for dx in (-0.5, 1.0)]
    game.world.units.energy[queens] = 50
    game.step(1)
    start = game.loop
    for queen in queens:
        cast(game, queen, INJECT, hall)
    first, second, third, fourth, fifth, sixth = births(game, "Larva", 6)
    assert 640 <= first - start <= 643
    assert (second - first, third - second) == (4, 4)
    assert fourth - first == 641
    assert (fifth - fourth, sixth - fifth) == (4, 4)


def test_a_queen_in_reach_spits_at_once_wherever_she_stands() -> None:
    for x, y in ((-3.6, 0.0), (3.6, 1.0), (0.5, 3.6), (0.0, -3.6), (-2.8, 2.8)):
        game = stage(PATCH, "Zerg")
        hall = hatchery(game)
        queen = put(game, "Queen", HALL[0] + x, HALL[1] + y)
        game.world.units.energy[queen] = 25
        game.step(1)
        cast(game, queen, INJECT, hall)
        game.step(5)
        assert buffs.has(game.world, hall, buffs.INJECT), (x, y)


def test_probes_under_chrono_boost_are_born_181_loops_apart() -> None:
    """chrono and probe_min_interval_loops: 181 in every patch."""
    game = stage(PATCH, "Protoss")
    nexus = next(r for r in rows(game, "Nexus") if game.world.units.x[r] == HALL[0])
    game.world.units.energy[nexus] = 200
    for _ in range(5):
        give(game, nexus, maker("Probe"))
    found: list[int] = []
    while len(found) < 4:
        if not buffs.has(game.world, nexus, buffs.CHRONO_BOOST):
            cast(game, nexus, CHRONO, nexus)
        had = len(rows(game, "Probe"))
        game.step(1)
        found += [game.loop] * (len(rows(game, "Probe")) - had)
    gaps = [b - a for a, b in itertools.pairwise(found)]
    assert all(181 <= gap <= 182 for gap in gaps), gaps
    assert min(gaps) == 181


@pytest.mark.parametrize(
    ("name", "loops"), [("SCV", 271), ("Probe", 271), ("Marine", 399), ("Marauder", 479), ("SiegeTank", 719)]
)
def test_births_from_a_filled_queue_are_a_loop_less_than_the_time_apart(name: str, loops: int) -> None:
    """rules: queue; ceil(build_time) - 1."""
    assert Stopwatch().time(PATCH, "train_interval", name) == loops


def test_a_fractional_time_is_rounded_up_before_the_loop_is_taken_off() -> None:
    """A Void Ray's 963.2 loops: births 963 apart."""
    assert load_ruleset(PATCH).unit("VoidRay").build_loops == pytest.approx(963.2, abs=0.1)
    assert Stopwatch().time(PATCH, "train_interval", "VoidRay") == 963


@pytest.mark.parametrize(("name", "loops"), [("Baneling", 319), ("Overseer", 266), ("BroodLord", 541)])
def test_cocoons_take_a_loop_less_than_their_time(name: str, loops: int) -> None:
    """rules: cocoon; ceil(build_time) - 1."""
    assert Stopwatch().time(PATCH, "morph_cocoon", name) == loops


@pytest.mark.parametrize(
    ("name", "loops"), [("Lair", 1279), ("Hive", 1599), ("OrbitalCommand", 559), ("PlanetaryFortress", 799)]
)
def test_town_halls_morph_a_loop_faster_than_their_time(name: str, loops: int) -> None:
    """rules: townhall_morph; player command to finished."""
    assert Stopwatch().time(PATCH, "morph_cmd", name) == loops


@pytest.mark.parametrize(
    ("patch", "name", "slow", "loops"),
    [
        ("5.0.14", "Zealot", False, 81),
        ("5.0.14", "Zealot", True, 256),
        ("5.0.16", "Zealot", False, 90),
        ("5.0.14", "Archon", False, 192),
        ("5.0.16", "Archon", False, 192),
    ],
)
def test_warp_ins_and_archons(patch: str, name: str, slow: bool, loops: int) -> None:
    """warp_in_loops, archon_merge_loops."""
    assert Stopwatch().time(patch, "warp_in", name, slow=slow) == loops


def test_the_tumour_of_a_queen_takes_240_loops() -> None:
    assert Stopwatch().time(PATCH, "creep_tumor", "CreepTumorQueen") == 240


@pytest.mark.parametrize(
    ("caster", "ability", "made", "least", "most"),
    [
        ("Adept", 2544, "AdeptPhaseShift", 160, 160),
        ("Disruptor", 2346, "DisruptorPhased", 48, 48),
        ("Sentry", 1526, "ForceField", 241, 245),
        ("Reaper", 2588, "KD8Charge", 32, 32),
        ("OrbitalCommand", 171, "MULE", 1506, 1510),
    ],
)
def test_what_lives_for_a_time_lives_as_long_as_replays_show(
    caster: str, ability: int, made: str, least: int, most: int
) -> None:
    """lifetime_loops: the most common values; force fields were seen from 241 to 244, their data allow 245."""
    rules = load_ruleset(PATCH)
    made_id = rules.unit(made).id
    for wait in range(1, 6):
        game = stage(PATCH, rules.unit(caster).race)
        row = put(game, caster, *PLACE)
        game.world.units.energy[row] = game.world.units.energy_max[row]
        game.step(wait)
        for _ in range(wait):
            game.world.random()
        cast(game, row, ability, at=(PLACE[0] + 3, PLACE[1] + 1))

        born, gone = lifetime(game, made_id)
        assert least <= gone - born <= most


def lifetime(game: Game, type_id: int) -> tuple[int, int]:
    """Loops at which the first unit of a type appears and at which none is left."""
    born = 0
    for _ in range(2000):
        there = bool((game.world.units.type_id[list(game.world.rows())] == type_id).any())
        if there and not born:
            born = game.loop
        if born and not there:
            return born, game.loop
        game.step(1)
    raise AssertionError("it never came or never went")


def test_the_first_worker_is_born_272_loops_after_its_command() -> None:
    """first_worker_birth_loop: nobody's before 272 and a human's reaction; 278 to 285 among professionals."""
    for race, worker in (("Terran", "SCV"), ("Protoss", "Probe")):
        game = stage(PATCH, race)
        hall = next(r for r in game.world.rows_of(0) if game.world.units.x[r] == HALL[0])
        start = game.loop
        give(game, hall, maker(worker))
        assert births(game, worker, 1)[0] - start == 272
