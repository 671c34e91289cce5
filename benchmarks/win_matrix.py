"""Who beats whom: bots against opponents on maps, as a table of wins.

Run as `python -m benchmarks.win_matrix` from the project's root; maps may be names or map files:

    python -m benchmarks.win_matrix --bots cherry_zerg --opponents computer:terran:Hard --maps OrchardLE my_map.npz
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.common import Row, arguments, machine, measured, publish
from cherrypy_bot.config import load_config
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2
from cherrypy_bot.sim.maps import shipped_maps

BOTS = ("cherry_terran", "cherry_protoss", "cherry_zerg")
OPPONENTS = (
    "worker_rush_terran",
    "worker_rush_protoss",
    "worker_rush_zerg",
    "one_base_rush_terran",
    "one_base_rush_protoss",
    "one_base_rush_zerg",
)


@dataclass(frozen=True)
class Game:
    """One game to play."""

    bot: str
    opponent: str
    map_name: str
    seed: int
    game_step: int
    loop_limit: int


@dataclass(frozen=True)
class Outcome:
    """How it ended for the bot: Victory, Defeat, Tie; the error that ended its play, if any."""

    game: Game
    result: str
    loops: int
    error: str | None


def play(game: Game) -> Outcome:
    """Play one game in this process."""
    quiet_python_sc2()
    sides = contenders(load_config(None), game.bot, game.opponent, seed=game.seed, game_step=game.game_step)
    report = play_match(
        MatchSetup(sides, game.map_name, seed=game.seed, game_step=game.game_step, loop_limit=game.loop_limit)
    )
    return Outcome(game, report.players[0].result, report.loops, report.players[0].error)


def outcomes(games: Sequence[Game], jobs: int) -> Iterator[Outcome]:
    """All games, in the order in which they end."""
    if jobs == 1:
        yield from map(play, games)
        return
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=20) as pool:
        yield from pool.imap_unordered(play, games)


def main() -> None:
    """Play and publish."""
    parser = arguments(str(__doc__).splitlines()[0])
    parser.add_argument("--bots", nargs="+", default=BOTS)
    parser.add_argument("--opponents", nargs="+", default=OPPONENTS)
    parser.add_argument("--maps", nargs="+", default=shipped_maps(), help="names or map files")
    parser.add_argument("--game-step", type=int, default=4)
    parser.add_argument("--loop-limit", type=int, default=40_320, help="30 minutes; a game that lasts longer is a tie")
    parser.add_argument("--jobs", type=int, default=1, help="games at once")
    options = parser.parse_args()
    games = [
        Game(bot, opponent, map_name, seed, options.game_step, options.loop_limit)
        for bot, opponent, map_name, seed in product(
            options.bots, options.opponents, options.maps, range(1, options.runs + 1)
        )
    ]
    played = list(track(outcomes(games, options.jobs), "playing", total=len(games)))
    console = Console(width=150)
    for bot in options.bots:
        table = Table("against", *(Path(m).stem for m in options.maps), title=f"{bot}: wins of {options.runs}")
        for opponent in options.opponents:
            cells = []
            for map_name in options.maps:
                here = [
                    o for o in played if (o.game.bot, o.game.opponent, o.game.map_name) == (bot, opponent, map_name)
                ]
                cells.append(str(sum(o.result == "Victory" for o in here)))
            table.add_row(opponent, *cells)
        console.print(table)
    for outcome in played:
        if outcome.result != "Victory":
            g = outcome.game
            why = f" ({outcome.error})" if outcome.error else ""
            console.print(f"{g.bot} v {g.opponent}, {Path(g.map_name).stem}, seed {g.seed}: {outcome.result}{why}")
    rows: list[Row] = []
    for bot in options.bots:
        mine = [o for o in played if o.game.bot == bot]
        share = 100.0 * sum(o.result == "Victory" for o in mine) / len(mine)
        rows.append(measured(f"{bot}: games won of {len(mine)}", [share], "%", at_least=100))
    publish("win_matrix", rows, machine(), options)


if __name__ == "__main__":
    main()
