"""Self-play games an hour at training settings: two processes, the league's mixture of opponents, episodes kept.

Run as `python -m benchmarks.selfplay_speed` from the project's root. Wall time is what a busy machine gives; the rows
of CPU time say what two quiet cores would.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.common import ROOT, Row, arguments, machine, measured, publish
from cherrypy_bot.config import load_config
from cherrypy_bot.learn.league.orders import GAME_STEP, GameOrder, Player
from cherrypy_bot.learn.league.planner import LeaguePlanner
from cherrypy_bot.learn.league.pool import learners, pool
from cherrypy_bot.learn.league.run import run_games
from cherrypy_bot.learn.league.split import load_split
from cherrypy_bot.learn.league.store import EPISODES, Game, Store
from cherrypy_bot.learn.league.workers import LocalPlayers

PROCESSES = 2
RACES = ["zerg", "terran", "protoss"]
GOAL = 600
WARM_UP_LOOPS = 1500


class _Quiet:
    def finished(self, game: Game) -> None:
        """Nothing to say."""

    def waiting(self) -> None:
        """Nothing to say."""


def rows(games: int, game_step: int, seed: int) -> list[Row]:
    """Play a league of so many games and measure it; compiling and loading are over before the clock runs."""
    config, split = load_config(ROOT / "bots.yaml"), load_split()
    members = pool(config, split)
    strategy = {"policy": "explore"}
    with tempfile.TemporaryDirectory(prefix="selfplay") as name:
        folder = Path(name)
        store = Store.create(folder, "league", {"seed": seed})
        players = LocalPlayers(folder, ROOT / "bots.yaml", PROCESSES)
        try:
            store.add(_warm_up(seed) for seed in range(PROCESSES))
            run_games(store, players, None, _Quiet())
            planner = LeaguePlanner(
                "speed", learners(config, RACES, strategy), members, split.training_maps, seed, game_step=game_step
            )
            started = time.perf_counter()
            run_games(store, players, planner, _Quiet(), games=games)
            wall = time.perf_counter() - started
        finally:
            players.close()
        results = [game.result for game in store.games()[PROCESSES:] if game.result is not None]
        kept = sum(path.stat().st_size for path in (folder / EPISODES).iterdir()) / max(1, sum(r.kept for r in results))
    cpu = [result.cpu_seconds for result in results]
    mean = statistics.fmean(cpu)
    return [
        measured(f"games an hour, {PROCESSES} processes, wall time", [3600.0 * games / wall], "games/h", at_least=GOAL),
        measured("games an hour of two quiet cores (CPU time)", [3600.0 * PROCESSES / mean], "games/h", at_least=GOAL),
        measured("CPU time a game", cpu, "s"),
        measured("CPU time a game, mean", [mean], "s"),
        measured("length of a game", [result.loops / 1344.0 for result in results], "game min"),
        measured("CPU time a game minute", [60 * 22.4 * r.cpu_seconds / r.loops for r in results if r.loops], "s"),
        measured("an episode on disk", [kept / 1024.0], "KiB"),
    ]


def _warm_up(seed: int) -> GameOrder:
    players = (Player("warm-up", "cherry_zerg"), Player("warm-up too", "cherry_terran"))
    return GameOrder(players, "CherryGroveLE", seed, loop_limit=WARM_UP_LOOPS)


def main() -> None:
    """Measures and publishes."""
    parser = arguments(str(__doc__).splitlines()[0])
    parser.add_argument("--games", type=int, default=6, help="games to play")
    parser.add_argument("--game-step", type=int, default=GAME_STEP, help="loops between two decisions of a bot")
    parser.add_argument("--seed", type=int, default=1, help="of the league")
    options = parser.parse_args()
    host = machine()

    publish("selfplay_speed", rows(options.games, options.game_step, options.seed), host, options)


if __name__ == "__main__":
    main()
