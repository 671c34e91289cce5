"""Time of our bots' steps in whole games that reach 150 supply, at 4 loops a step, in this process.

Run as `python -m benchmarks.step_budget` from the project's root. Two of our bots play builds that grow before they
fight. Per module and for all modules together: median at 80 to 120 units a side, 99th percentile and longest step of
the whole game; python-sc2's own share (parsing, preparing, sending) is what a step takes beside the modules.
Processor time, so that other programs do not count.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar, Final
from unittest import mock

import numpy as np
import numpy.typing as npt
from sc2.data import Race
from sc2.player import Bot

from benchmarks.common import Row, arguments, machine, publish
from cherrypy_bot.config import BotSpec, ConfigError, build_bot, load_config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2

GAMES: Final = (
    ("cherry_zerg", "brood_lord", "cherry_terran", "mech"),
    ("cherry_protoss", "carriers", "cherry_zerg", "roach_hydra"),
    ("cherry_terran", "battlecruiser", "cherry_protoss", "robo_colossus"),
    ("cherry_zerg", "ultralisk", "cherry_protoss", "chargelot_archon"),
    ("cherry_terran", "liberator_bio", "cherry_zerg", "lurker"),
)
"""Bot and build of both sides; every game measures two bots."""
GAME_STEP: Final = 4
ABOUT_100_UNITS: Final = (80, 120)
SUPPLY_WANTED: Final = 150
MEDIAN_MS, P99_MS, MOST_MS = 5.0, 20.0, 100.0


class Census(Module):
    """Counts units of a bot's own at the end of each step."""

    name: ClassVar[str] = "census"

    def on_start(self, ctx: Context) -> None:
        """Nothing counted yet."""
        self.units: list[int] = []
        self.supply: list[float] = []

    def on_step(self, ctx: Context) -> None:
        """Count."""
        self.units.append(int(np.count_nonzero(ctx.units.own & ~ctx.units.structure)))
        self.supply.append(float(ctx.bot.supply_used))


@dataclass(frozen=True)
class Played:
    """One bot's game.

    Attributes:
        label: bot and build. modules: milliseconds per module, one row per module, one column per step.
        names: of the modules, in that order. library: mean milliseconds of a step beside the modules.
        units: own units per step. supply: most supply in use.
    """

    label: str
    names: tuple[str, ...]
    modules: npt.NDArray[np.float64]
    library: float
    units: npt.NDArray[np.int64]
    supply: float


def make(spec: BotSpec, build: str, seed: int) -> tuple[CherryBot, Census]:
    """A bot that plays a build, and its census."""
    made = build_bot(spec, seed)
    if not isinstance(made, CherryBot):
        raise ConfigError(f"bot {spec.name} is not made of modules; name one that is")
    census = Census()
    modules = [module for module in made.modules if type(module).__name__ != "UpcToCommand"]
    for module in modules:
        if module.name == "strategy":
            module.options = type(module.options)(**{**module.options.model_dump(), "build": build})
    return CherryBot([*modules, census], seed=seed, game_step=GAME_STEP, build_orders=(build,)), census


def play(game: tuple[str, str, str, str], map_name: str, seed: int, loop_limit: int) -> list[Played]:
    """One game, measured for both sides."""
    quiet_python_sc2()
    config = load_config(None)
    sides: list[Any] = []
    for bot, build in (game[:2], game[2:]):
        spec = config.bots[bot]
        sides.append((f"{bot} {build}", spec.race, *make(spec, build, seed)))
    contenders = tuple(Contender(label, Bot(race or Race.Random, bot, name=label)) for label, race, bot, _ in sides)
    gc.collect()
    setup = MatchSetup((contenders[0], contenders[1]), map_name, seed=seed, game_step=GAME_STEP, loop_limit=loop_limit)
    clock = SimpleNamespace(perf_counter=time.process_time)
    with (
        mock.patch("cherrypy_bot.core.loop.perf_counter", time.process_time),
        mock.patch("cherrypy_bot.ladder.transport.time", clock),
    ):
        report = play_match(setup)
    found = []
    for player, (label, _, bot, census) in zip(report.players, sides, strict=True):
        states = [state for state in bot.module_states if state.module is not census]
        steps = min(len(census.units), *(state.ms.count for state in states))
        modules = np.array([state.ms.samples[-steps:] for state in states])
        assert player.step is not None
        found.append(
            Played(
                label,
                tuple(state.module.name for state in states),
                modules,
                player.step.mean - float(modules.sum(axis=0).mean()),
                np.asarray(census.units[-steps:]),
                max(census.supply),
            )
        )
    return found


def rows(played: Iterable[Played]) -> list[Row]:
    """The table: all modules together, then each, worst game last; then python-sc2's share."""
    games = list(played)
    found: list[Row] = []
    totals = [game.modules.sum(axis=0) for game in games]
    found += _three("modules", [(total, game) for total, game in zip(totals, games, strict=True)], target=True)
    for name in dict.fromkeys(name for game in games for name in game.names):
        mine = [(game.modules[game.names.index(name)], game) for game in games if name in game.names]
        found += _three(f"  {name}", mine, target=False)
    found.append(_row("python-sc2's share, mean", [game.library for game in games]))
    supplies = [game.supply for game in games]
    found.append(_row("most supply in use", supplies, "supply", at_least=SUPPLY_WANTED))
    return found


def _three(name: str, samples: list[tuple[npt.NDArray[np.float64], Played]], *, target: bool) -> list[Row]:
    """Median at 100 units a side, 99th percentile, longest step, over the games."""
    low, high = ABOUT_100_UNITS
    middles = []
    for values, game in samples:
        crowded = values[(game.units >= low) & (game.units <= high)]
        if len(crowded):
            middles.append(float(np.median(crowded)))
    all_values = [values for values, _ in samples]
    return [
        _row(f"{name}, median at 100 units", middles, at_most=MEDIAN_MS if target else None),
        _row(
            f"{name}, 99th percentile",
            [float(np.percentile(v, 99)) for v in all_values],
            at_most=P99_MS if target else None,
        ),
        _row(f"{name}, longest", [float(v.max()) for v in all_values], at_most=MOST_MS if target else None),
    ]


def _row(
    name: str, values: list[float], unit: str = "ms", *, at_most: float | None = None, at_least: float | None = None
) -> Row:
    """The median over the games; the target must hold in every one of them."""
    if not values:
        return Row(name, float("nan"), unit, float("nan"), float("nan"), "no such step", False)
    target, met = "", None
    if at_most is not None:
        target, met = f"each at most {at_most:g}", max(values) <= at_most
    elif at_least is not None:
        target, met = f"each at least {at_least:g}", min(values) >= at_least
    return Row(name, float(np.median(values)), unit, min(values), max(values), target, met)


def main() -> None:
    """Plays, measures and publishes."""
    parser = arguments(str(__doc__).splitlines()[0])
    parser.add_argument("--games", type=int, default=len(GAMES), help="how many of the games to play")
    parser.add_argument("--map", default="CherryGroveLE", help="map to play on")
    parser.add_argument("--loop-limit", type=int, default=17_920, help="a game ends here at the latest: 13:20")
    options = parser.parse_args()
    host = machine()
    played: list[Played] = []
    for number, game in enumerate(GAMES[: options.games]):
        played += play(game, options.map, number + 1, options.loop_limit)
    publish("step_budget", rows(played), host, options)


if __name__ == "__main__":
    main()
