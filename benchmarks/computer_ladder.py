"""Does every built-in level beat the level two below it? Games between the engine's own opponents, as a table.

Run as `python -m benchmarks.computer_ladder` from the project's root. Each pairing plays the given number of games:
all nine match-ups in turn, the sides swapped in every other game, over the shipped maps and the five builds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import product

from rich.progress import track

from benchmarks.common import Row, arguments, machine, publish
from cherrypy_bot.sim.computer import BUILDS, Computer, levels
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import load_map, shipped_maps

RACES = ("Terran", "Protoss", "Zerg")
LIMIT = 40_320
"""A game that nobody has won after half an hour is not counted as won by the better level."""
TARGET = 80.0
NAMES = {
    levels.VERY_EASY: "VeryEasy",
    levels.EASY: "Easy",
    levels.MEDIUM: "Medium",
    levels.MEDIUM_HARD: "MediumHard",
    levels.HARD: "Hard",
    levels.HARDER: "Harder",
    levels.VERY_HARD: "VeryHard",
    levels.CHEAT_VISION: "CheatVision",
    levels.CHEAT_MONEY: "CheatMoney",
    levels.CHEAT_INSANE: "CheatInsane",
}


@dataclass(frozen=True)
class Pairing:
    """One game: the better level `high` against `low`."""

    high: int
    low: int
    number: int


def wins(pairing: Pairing) -> bool:
    """Play one game; whether the better level won."""
    n, maps = pairing.number, shipped_maps()
    matchups, builds = list(product(RACES, RACES)), sorted(BUILDS)
    mine, theirs = matchups[n % len(matchups)]
    side = n % 2
    races = (mine, theirs) if side == 0 else (theirs, mine)
    difficulties = (pairing.high, pairing.low) if side == 0 else (pairing.low, pairing.high)
    game = Game.new(load_map(maps[n % len(maps)]), races, seed=100 + n)
    game.recording = False
    build = builds[n % len(builds)]
    game.computers = [Computer(p, races[p], difficulties[p], build, 100 + n) for p in (0, 1)]
    game.step(LIMIT)
    return game.world.results[side] == "Victory"


def main() -> None:
    """Play and publish."""
    parser = arguments(str(__doc__).splitlines()[0])
    parser.add_argument("--games", type=int, default=20, help="games per pairing")
    parser.add_argument("--levels", type=int, nargs="+", default=list(range(3, 11)), help="better levels, 3 to 10")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no further game after so much CPU time")
    options = parser.parse_args()
    if not all(3 <= level <= 10 for level in options.levels):
        parser.error("--levels: a level has one two below it from 3 (Medium) to 10 (CheatInsane)")
    pairings = [Pairing(high, high - 2, n) for n in range(options.games) for high in options.levels]
    results: dict[int, list[bool]] = {high: [] for high in options.levels}
    end = time.process_time() + 60 * options.minutes
    for pairing in track(pairings, "playing", disable=options.json):
        if time.process_time() < end:
            results[pairing.high].append(wins(pairing))
    rows = []
    for high, won in results.items():
        if won:
            share = 100.0 * sum(won) / len(won)
            name = f"{NAMES[high]} beats {NAMES[high - 2]}, {len(won)} games"
            rows.append(Row(name, share, "%", share, share, f"at least {TARGET:g}", share >= TARGET))
    publish("computer_ladder", rows, machine(), options)


if __name__ == "__main__":
    main()
