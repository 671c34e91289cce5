"""Build x opponent: how often each opening wins against each opponent, and whether it matters which is played.

orders = matrix_orders(config, MatrixSettings(races=("zerg",), games=4))
...                                              # played by league.run
matrix = read_matrix(store.games(), "zerg")
matrix.spread()
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from cherrypy_bot.config import BotSpec, Config, parse_opponent
from cherrypy_bot.learn.evaluation.intervals import wilson
from cherrypy_bot.learn.league.orders import ASSIGNED, GAME_STEP, LOOP_LIMIT, GameOrder, Player
from cherrypy_bot.learn.league.pool import RACE_NAMES, openings, our_bot
from cherrypy_bot.learn.league.split import TRAINING, Split
from cherrypy_bot.learn.league.store import Game

KIND: Final = "matrix"
CLEAR_MARGIN: Final = 0.2
"""Builds whose shares of wins against somebody differ by more than this are told apart by that opponent."""
ALWAYS: Final = 0.9


@dataclass(frozen=True)
class MatrixSettings:
    """What is played; fixed when a matrix is begun.

    Attributes:
        opponents: names as in bots.yaml, or computer:...
        builds: only these openings; () takes all.
        parts: which maps, "training" and "held_out" of the split.
        games: per build, opponent and part. Their maps and seeds are the same for every build.
    """

    races: tuple[str, ...]
    opponents: tuple[str, ...]
    builds: tuple[str, ...] = ()
    parts: tuple[str, ...] = (TRAINING,)
    games: int = 4
    seed: int = 1
    game_step: int = GAME_STEP
    loop_limit: int = LOOP_LIMIT

    def plain(self) -> dict[str, Any]:
        """As JSON has it, without `games`: more of them may be asked for later."""
        found = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        del found["games"]
        return found


def enemy_race(config: Config, opponent: str) -> str:
    """Race of an opponent in lower case, "random" where it plays any."""
    return RACE_NAMES.get(parse_opponent(opponent, config).race, "random")


def fixtures(split: Split, part: str, count: int, seed: int) -> list[tuple[str, int]]:
    """(map, seed) of the games against one opponent: the maps in turn."""
    maps = split.maps(part)
    return [(maps[index % len(maps)], seed + index) for index in range(count)]


def matrix_orders(config: Config, split: Split, settings: MatrixSettings) -> list[GameOrder]:
    """Every game of a matrix, one of each cell before the second of any.

    Episodes of training opponents on training maps are kept: every opening is played as often as any other whatever
    the opponent, so they are as good to learn from as openings drawn at random.
    """
    found: list[tuple[int, GameOrder]] = []
    for race in settings.races:
        bot: BotSpec = our_bot(config, race)
        for opponent in settings.opponents:
            allowed = openings(race, enemy_race(config, opponent))
            for build in (name for name in allowed if not settings.builds or name in settings.builds):
                for part in settings.parts:
                    for index, (map_name, seed) in enumerate(fixtures(split, part, settings.games, settings.seed)):
                        order = GameOrder(
                            (
                                Player(f"{race} {build}", bot.name, {"policy": "fixed", "build": build}),
                                Player(opponent, opponent),
                            ),
                            map_name,
                            seed,
                            settings.game_step,
                            settings.loop_limit,
                            group=KIND,
                            collect=(0,) if TRAINING == part == split.part_of(opponent) else (),
                            cell={
                                "race": race,
                                "build": build,
                                "opponent": opponent,
                                "opponents": split.part_of(opponent),
                                "maps": part,
                                "index": str(index),
                                ASSIGNED: "opening",
                            },
                        )
                        found.append((index, order))
    return [order for _, order in sorted(found, key=lambda entry: entry[0])]


@dataclass(frozen=True)
class Cell:
    """Games of one build against one opponent; ties are games that were not won."""

    games: int = 0
    wins: int = 0
    ties: int = 0

    @property
    def share(self) -> float:
        """Of games won; 0 without games."""
        return self.wins / self.games if self.games else 0.0

    def with_result(self, result: str) -> Cell:
        """And one more game."""
        return Cell(self.games + 1, self.wins + (result == "Victory"), self.ties + (result == "Tie"))


@dataclass(frozen=True)
class Matrix:
    """The cells of one race.

    Attributes:
        builds, opponents: rows and columns. cells: by (build, opponent); pairs that are never played are missing.
        void: games that count for nothing.
    """

    race: str
    builds: tuple[str, ...]
    opponents: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    void: int = 0

    def cell(self, build: str, opponent: str) -> Cell:
        """A cell; an empty one for a pair that is never played."""
        return self.cells.get((build, opponent), Cell())

    def best(self, opponent: str) -> str:
        """The build with the greatest share of wins against somebody, the first of equal ones; "" without games."""
        played = [build for build in self.builds if self.cell(build, opponent).games]
        return max(played, key=lambda build: self.cell(build, opponent).share, default="")

    def mean(self, build: str) -> float:
        """Share of wins of a build, every opponent counted alike; 0 where it was played against nobody."""
        shares = [cell.share for opponent in self.opponents if (cell := self.cell(build, opponent)).games]
        return sum(shares) / len(shares) if shares else 0.0

    def complete_builds(self) -> list[str]:
        """Builds that were played against every opponent."""
        return [b for b in self.builds if all(self.cell(b, opponent).games for opponent in self.opponents)]

    def spread(self) -> dict[str, Any]:
        """Whether it matters which build is played, in numbers.

        `best_fixed`: the build with the best mean and that mean; `oracle`: mean of the best per opponent (chosen
        and counted on the same games, so a little too high); `random`: mean of all builds; `told_apart`: opponents
        against whom builds differ by more than CLEAR_MARGIN; `best_differs`: how many builds are the best against
        somebody; `wins_everywhere`: builds with at least ALWAYS against everybody; `always_won`, `never_won`:
        opponents whom every build beats, or none.
        """
        full = self.complete_builds()
        by_opponent = {
            opponent: [cell.share for build in self.builds if (cell := self.cell(build, opponent)).games]
            for opponent in self.opponents
        }
        played = {opponent: shares for opponent, shares in by_opponent.items() if shares}
        count = max(1, len(played))
        best = max(full, key=self.mean, default="")
        return {
            "best_fixed": {"build": best, "share": self.mean(best) if best else None},
            "oracle": sum(max(shares) for shares in played.values()) / count,
            "random": sum(sum(shares) / len(shares) for shares in played.values()) / count,
            "told_apart": [name for name, shares in played.items() if max(shares) - min(shares) > CLEAR_MARGIN],
            "best_differs": len({self.best(opponent) for opponent in played}),
            "wins_everywhere": [
                b for b in full if all(self.cell(b, opponent).share >= ALWAYS for opponent in self.opponents)
            ],
            "always_won": [name for name, shares in played.items() if min(shares) >= ALWAYS],
            "never_won": [name for name, shares in played.items() if max(shares) <= 1.0 - ALWAYS],
        }

    def plain(self) -> dict[str, Any]:
        """All of it as JSON has it, every cell with its interval."""
        cells = []
        for (build, opponent), cell in sorted(self.cells.items()):
            low, high = wilson(cell.wins, cell.games)
            cells.append(
                {
                    "build": build,
                    "opponent": opponent,
                    **asdict(cell),
                    "ci_low": round(low, 4),
                    "ci_high": round(high, 4),
                }
            )
        return {"race": self.race, "void": self.void, "cells": cells, "spread": self.spread()}


def read_matrix(games: Iterable[Game], race: str, **facts: str) -> Matrix:
    """The matrix of a race from the games of a store.

    Args:
        facts: only games whose cell has these, as maps="training" or opponents="held_out".
    """
    cells: dict[tuple[str, str], Cell] = {}
    builds, opponents, void = set(), [], 0
    for game in games:
        cell = game.order.cell
        if game.result is None or cell.get("race") != race or any(cell.get(k) != v for k, v in facts.items()):
            continue
        if game.result.void:
            void += 1
            continue
        pair = (cell["build"], cell["opponent"])
        cells[pair] = cells.get(pair, Cell()).with_result(game.result.results[0])
        builds.add(pair[0])
        opponents.append(pair[1])
    return Matrix(race, tuple(sorted(builds)), tuple(dict.fromkeys(opponents)), cells, void)


def races_of(games: Sequence[Game]) -> list[str]:
    """Races that a store has games of."""
    return sorted({game.order.cell["race"] for game in games if "race" in game.order.cell})
