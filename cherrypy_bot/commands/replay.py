"""`cherrypy-bot replay`: what a `.SC2Replay` file, or a folder of them, says.

A single file that cannot be read ends with one line and exit code 2; over folders the others are read and those that
cannot be are listed at the end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from cherrypy_bot.commands.options import JsonOption

if TYPE_CHECKING:
    from replays.bulk import Outcome
    from replays.model import ReplayData

R = TypeVar("R")

app = typer.Typer(help="Replays: read them, compare builds, explain games, make data of many.", no_args_is_help=True)

CACHE = Path("out") / "cache" / "replays"
USER_ERROR = 2

FileArgument = Annotated[Path, typer.Argument(help="A .SC2Replay file.", metavar="FILE")]
PathsArgument = Annotated[list[Path], typer.Argument(help="Replays, or folders with replays.", metavar="PATH...")]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", "-j", help="Processes.", min=1, show_default="as many as cores")
]
NoCacheOption = Annotated[bool, typer.Option("--no-cache", help=f"Read everything anew, keep nothing in {CACHE}.")]
UntilOption = Annotated[str, typer.Option("--until", help="Up to this time of the game.", metavar="M:SS")]
PlayerOption = Annotated[str | None, typer.Option("--player", help="A player's name.", metavar="NAME")]


@app.command()
def info(
    paths: PathsArgument, as_json: JsonOption = False, jobs: JobsOption = None, no_cache: NoCacheOption = False
) -> None:
    """Who played, how it went, what was fought over; of many files one line each."""
    from cherrypy_bot.commands import replay_tables as tables
    from replays.serial import summary

    if len(paths) == 1 and not paths[0].is_dir():
        from replays.reader import read_replay

        replay = read_replay(paths[0])
        if as_json:
            _print_json(summary(replay))
        else:
            tables.print_info(Console(), replay)
        return
    outcomes = list(_over(paths, summary, jobs=jobs, no_cache=no_cache, quiet=as_json))
    read = [outcome.result for outcome in outcomes if outcome.result is not None]
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    if as_json:
        _print_json({"replays": read, "failed": failed})
    else:
        tables.print_many(Console(), read)
        tables.print_failures(Console(stderr=True), failed, len(outcomes))
    _fail_if_nothing(read)


@app.command()
def builds(
    file: FileArgument,
    until: UntilOption = "8:00",
    workers: Annotated[bool, typer.Option("--workers", help="Show workers too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Both players' build orders side by side, with supply and what was cancelled or lost."""
    from cherrypy_bot.commands import replay_tables as tables
    from replays.reader import read_replay
    from replays.serial import build_row

    end = tables.loops_of(until)
    replay = read_replay(file)
    if as_json:
        players = [
            {
                "name": player.name,
                "race": player.race,
                "opening": player.opening,
                "build": [
                    build_row(item) for item in player.build if item.start < end and (workers or item.kind != "worker")
                ],
            }
            for player in replay.players
        ]
        _print_json({"sha256": replay.sha256, "map": replay.map_name, "players": players})
        return
    tables.print_builds(Console(), replay, end, workers=workers)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="A .SC2Replay file.", metavar="A")],
    second: Annotated[Path, typer.Argument(help="Another, or the same.", metavar="B")],
    player: PlayerOption = None,
    second_player: Annotated[
        str | None,
        typer.Option("--against", help="The player of B, where it is another.", metavar="NAME"),
    ] = None,
    until: UntilOption = "6:00",
    as_json: JsonOption = False,
) -> None:
    """Two builds item by item: who was earlier, and what only one of them made."""
    from cherrypy_bot.commands import replay_tables as tables
    from replays.compare import choose_players, differences, player_named
    from replays.reader import read_replay
    from replays.serial import build_row, player_summary

    end = tables.loops_of(until)
    a, b = read_replay(first), read_replay(second)
    if second_player is not None:
        one = player_named(a, player) if player is not None else a.winner or a.players[0]
        other = player_named(b, second_player)
    else:
        one, other = choose_players(a, b, player)
    rows = differences(one, other, end)
    if as_json:
        _print_json(
            {
                "players": [player_summary(one), player_summary(other)],
                "items": [
                    {
                        "name": row.name,
                        "number": row.number,
                        "first": build_row(row.first) if row.first is not None else None,
                        "second": build_row(row.second) if row.second is not None else None,
                        "later_loops": row.later_loops,
                    }
                    for row in rows
                ],
            }
        )
        return
    tables.print_comparison(Console(), (a, one), (b, other), rows)


@app.command()
def stats(
    paths: PathsArgument,
    player: PlayerOption = None,
    as_json: JsonOption = False,
    jobs: JobsOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """Openings by match-up with win rates, of everyone or of one player."""
    from cherrypy_bot.commands import replay_tables as tables
    from replays.errors import ReplayError
    from replays.serial import plain
    from replays.statistics import openings_by_match_up, sides_of

    outcomes = list(_over(paths, sides_of, jobs=jobs, no_cache=no_cache, quiet=as_json))
    sides = [side for outcome in outcomes if outcome.result is not None for side in outcome.result]
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    records = openings_by_match_up(sides, player=player)
    if player is not None and not any(side.name.casefold() == player.casefold() for side in sides):
        raise ReplayError(f"no player is called {player!r} in these {len(outcomes)} replays")
    if as_json:
        rows = [{**plain(record), "win_rate": record.win_rate, "interval": list(record.interval)} for record in records]
        _print_json({"games": len(outcomes) - len(failed), "player": player, "openings": rows, "failed": failed})
    else:
        tables.print_openings(Console(), records, len(outcomes) - len(failed), player)
        tables.print_failures(Console(stderr=True), failed, len(outcomes))
    _fail_if_nothing(sides)


@app.command()
def history(
    paths: PathsArgument,
    player: Annotated[str, typer.Option("--player", help="Whose memory it is: a bot's name.", metavar="NAME")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The bot's data folder.", metavar="DIR")],
    as_json: JsonOption = False,
    jobs: JobsOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """Add a player's games to the opponent history that strategy reads; a game counts once."""
    from dataclasses import asdict

    from cherrypy_bot.commands import replay_tables as tables
    from replays.history import add_to_history
    from replays.statistics import sides_of

    outcomes = list(_over(paths, sides_of, jobs=jobs, no_cache=no_cache, quiet=as_json))
    sides = [side for outcome in outcomes if outcome.result is not None for side in outcome.result]
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    added = add_to_history(output, sides, player)
    if as_json:
        _print_json({"opponents": [asdict(one) for one in added], "failed": failed})
    else:
        tables.print_history(Console(), added, output)
        tables.print_failures(Console(stderr=True), failed, len(outcomes))
    _fail_if_nothing(sides)


@app.command()
def dataset(
    paths: PathsArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="Parquet file to write.", metavar="FILE")],
    as_json: JsonOption = False,
    jobs: JobsOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """Write Parquet: one row per player per 5 s, and a build table beside it."""
    from cherrypy_bot.commands import replay_tables as tables
    from replays.dataset import DatasetWriter, tables_of

    failed: list[str] = []
    count = 0
    with DatasetWriter(output) as writer:
        for outcome in _over(paths, tables_of, jobs=jobs, no_cache=no_cache, quiet=as_json):
            count += 1
            if outcome.result is not None:
                writer.add(outcome.result)
            if outcome.error is not None:
                failed.append(outcome.error)
    written = [str(path) for path in writer.paths]
    if as_json:
        _print_json({"replays": count - len(failed), "files": written, "failed": failed})
    else:
        Console().print(f"{count - len(failed)} replays -> {' and '.join(written)}", soft_wrap=True, markup=False)
        tables.print_failures(Console(stderr=True), failed, count)
    _fail_if_nothing([None] * (count - len(failed)))


@app.command()
def features(
    paths: PathsArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help=".npz or .parquet file to write.", metavar="FILE")],
    as_json: JsonOption = False,
    jobs: JobsOption = None,
) -> None:
    """The build-order selector's features of both players every 5 s, and what replays cannot tell."""
    from cherrypy_bot.commands import replay_tables as tables
    from cherrypy_bot.learn.features import FEATURES_VERSION
    from cherrypy_bot.learn.from_replays import APPROXIMATE, MISSING, Rows, rows_of, write_rows

    failed: list[str] = []
    unknown: dict[str, int] = {}

    def read() -> Iterator[Rows]:
        # Never from the cache: it keeps no units.
        for outcome in _over(paths, rows_of, jobs=jobs, no_cache=True, quiet=as_json):
            if outcome.error is not None:
                failed.append(outcome.error)
            if outcome.result is not None:
                for name, count in outcome.result.unknown.items():
                    unknown[name] = unknown.get(name, 0) + count
                yield outcome.result

    count = write_rows(output, read())
    if as_json:
        facts = {"rows": count, "features_version": FEATURES_VERSION, "missing": MISSING, "approximate": APPROXIMATE}
        _print_json({"file": str(output), **facts, "unknown": unknown, "failed": failed})
    else:
        console = Console()
        console.print(
            f"{count} rows -> {output} (features of version {FEATURES_VERSION})", soft_wrap=True, markup=False
        )
        tables.print_pairs(console, "missing, with a mask in the features", MISSING)
        tables.print_pairs(console, "not exact", APPROXIMATE)
        tables.print_pairs(console, "names without a number", {name: str(n) for name, n in sorted(unknown.items())})
        tables.print_failures(Console(stderr=True), failed, len(failed) + count)
    _fail_if_nothing([None] * count)


@app.command()
def report(
    file: FileArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="HTML file to write.", metavar="FILE")] = Path(
        "report.html"
    ),
    traces: Annotated[
        list[Path] | None,
        typer.Option("--trace", help="Trace of a bot that played: tells its decisions too.", metavar="FILE"),
    ] = None,
) -> None:
    """Explain a game in one self-contained page: builds, charts, map, turning points."""
    from replays.reader import read_replay
    from replays.report import write_report

    replay = read_replay(file)
    write_report(replay, output, traces or ())
    Console().print(f"wrote {output}; open it in a browser", soft_wrap=True, markup=False)


def _over(
    paths: list[Path], work: Callable[[ReplayData], R], *, jobs: int | None, no_cache: bool, quiet: bool
) -> Iterator[Outcome[R]]:
    """The work on every replay below the paths, with a progress bar on stderr where that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from replays.bulk import find_replays, run_over

    found = find_replays(paths)
    console = Console(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("reading", total=len(found))
        for outcome in run_over(found, work, cache_folder=None if no_cache else CACHE, jobs=jobs):
            progress.advance(task)
            yield outcome


def _fail_if_nothing(read: list[Any]) -> None:
    if not read:
        raise typer.Exit(USER_ERROR)


def _print_json(value: object) -> None:
    import json

    sys.stdout.write(json.dumps(value) + "\n")
