"""How good the scripted opponents are: each against the built-in level Hard, or against any other bots, as a table.

Run as `python -m benchmarks.pool_matrix` from the project's root. Every game is kept in a file as soon as it is
over; the same command plays only what the file lacks, so it may be stopped at any time:

    python -m benchmarks.pool_matrix --games 4
    python -m benchmarks.pool_matrix --against cherry_zerg --opponents zerg_mutalisks protoss_void_rays --games 6
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.common import OUTPUT, Row, arguments, machine, publish
from benchmarks.win_matrix import Game, Outcome, outcomes
from cherrypy_bot.config import load_config
from cherrypy_bot.sim.maps import shipped_maps

AGAINST = ("computer:terran:Hard", "computer:protoss:Hard", "computer:zerg:Hard")
RESULTS = OUTPUT / "pool_matrix.jsonl"
MORE_OFTEN_THAN_NOT = 50.0


def scripted_opponents() -> list[str]:
    """Names of bots.yaml's bots that are classes of their own, not made of modules."""
    return [spec.name for spec in load_config(None).bots.values() if spec.class_name is not None]


def schedule(
    opponents: Sequence[str], against: Sequence[str], maps: Sequence[str], games: int, game_step: int, loop_limit: int
) -> list[Game]:
    """Game `n` of a pair has seed `n`; maps take turns, beginning with another one for every pair.

    All first games come before all second ones: a run that is stopped has played each pair about equally often.
    """
    planned = []
    for seed in range(1, games + 1):
        for row, opponent in enumerate(opponents):
            for column, other in enumerate(against):
                map_name = maps[(row + column + seed - 1) % len(maps)]
                planned.append(Game(opponent, other, map_name, seed, game_step, loop_limit))
    return planned


def read_results(file: Path) -> dict[Game, Outcome]:
    """Games that a file keeps; a last line that was cut off is played again. ValueError naming any other bad line."""
    found: dict[Game, Outcome] = {}
    if not file.is_file():
        return found
    lines = file.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            kept = json.loads(line)
            game = Game(**kept["game"])
            found[game] = Outcome(game, kept["result"], kept["loops"], kept["error"])
        except (ValueError, TypeError, KeyError) as wrong:
            if number < len(lines):
                raise ValueError(
                    f"{file}, line {number} is no kept game ({wrong}); delete the line or the file"
                ) from None
    return found


def keep(file: Path, outcome: Outcome) -> None:
    """Appends one game, on a line of its own even where the last one was cut off."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(outcome)) + "\n"
    if file.is_file():
        old = file.read_bytes()
        if old and not old.endswith(b"\n"):
            file.write_bytes(old[: old.rfind(b"\n") + 1])
    with file.open("a", encoding="utf-8") as lines:
        lines.write(text)


def score(played: Iterable[Outcome]) -> tuple[int, int, int]:
    """Games won, neither won nor lost, and lost."""
    results = [outcome.result for outcome in played]
    won, lost = results.count("Victory"), results.count("Defeat")
    return won, len(results) - won - lost, lost


def table(played: Sequence[Outcome], opponents: Sequence[str], against: Sequence[str]) -> Table:
    """Wins-ties-losses of each opponent (row) against each other player (column)."""
    drawn = Table("won-tied-lost against", *against, "all", "won")
    by_pair: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in played:
        by_pair[outcome.game.bot, outcome.game.opponent].append(outcome)
    for opponent in opponents:
        pairs = [by_pair[opponent, other] for other in against]
        everything = [outcome for pair in pairs for outcome in pair]
        if not everything:
            continue
        won = score(everything)[0]
        cells = ["-".join(map(str, score(pair))) if pair else "" for pair in [*pairs, everything]]
        drawn.add_row(opponent, *cells, f"{100 * won / len(everything):.0f} %")
    return drawn


def rows_of(played: Sequence[Outcome], opponents: Sequence[str]) -> list[Row]:
    """Per opponent the share of its games that it won; more often than not is the target."""
    rows = []
    for opponent in opponents:
        mine = [outcome for outcome in played if outcome.game.bot == opponent]
        if mine:
            share = 100.0 * score(mine)[0] / len(mine)
            name = f"{opponent}: games won of {len(mine)}"
            rows.append(
                Row(name, share, "%", share, share, f"more than {MORE_OFTEN_THAN_NOT:g}", share > MORE_OFTEN_THAN_NOT)
            )
    return rows


def main() -> None:
    """Play what is missing and publish everything."""
    parser = arguments(str(__doc__).splitlines()[0])
    parser.add_argument("--opponents", nargs="+", default=None, help="all scripted ones when left out")
    parser.add_argument("--against", nargs="+", default=list(AGAINST), help="bots or computer:RACE:LEVEL")
    parser.add_argument("--maps", nargs="+", default=shipped_maps(), help="names or map files")
    parser.add_argument("--games", type=int, default=3, help="games of each pair")
    parser.add_argument("--game-step", type=int, default=16)
    parser.add_argument("--loop-limit", type=int, default=40_320, help="30 minutes; a game that lasts longer is a tie")
    parser.add_argument("--jobs", type=int, default=1, help="games at once")
    parser.add_argument("--results", type=Path, default=RESULTS, help="keeps every game; delete it to begin anew")
    options = parser.parse_args()
    play(parser, options)


def play(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """The work of `main`, for the options it read."""
    names = scripted_opponents()
    opponents = options.opponents or names
    unknown = [name for name in opponents if name not in names]
    if unknown:
        parser.error(f"'{unknown[0]}' is no scripted opponent; there are {', '.join(names)}")
    planned = schedule(opponents, options.against, options.maps, options.games, options.game_step, options.loop_limit)
    try:
        kept = read_results(options.results)
    except ValueError as wrong:
        parser.error(str(wrong))
    missing = [game for game in planned if game not in kept]
    for outcome in track(outcomes(missing, options.jobs), "playing", total=len(missing), console=Console(stderr=True)):
        keep(options.results, outcome)
        kept[outcome.game] = outcome
    played = [kept[game] for game in planned]
    if not options.json:
        console = Console(width=150)
        console.print(table(played, opponents, options.against))
        for outcome in played:
            if outcome.error:
                console.print(f"{outcome.game}: {outcome.error}")
    publish("pool_matrix", rows_of(played, opponents), machine(), options)


if __name__ == "__main__":
    main()
