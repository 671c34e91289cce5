"""`cherrypy-bot arena`: bots in processes of their own play each other as on the ladder."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from cherrypy_bot.commands.options import ConfigOption, JsonOption
from cherrypy_bot.ladder.arena.rules import ArenaRules
from cherrypy_bot.ladder.errors import MatchError

if TYPE_CHECKING:
    from cherrypy_bot.ladder.arena.standings import Standing
    from cherrypy_bot.ladder.arena.store import MatchRow, Settings, Store

OUTPUT = Path("out") / "arena"
INTERRUPTED = 130
LINES = 12
"""So many of the last matches are shown of a tournament that is over."""
_LADDER = ArenaRules()


class Mode(StrEnum):
    """How pairs are made."""

    round_robin = "round-robin"
    ladder = "ladder"


def arena(
    bots: Annotated[
        list[str] | None,
        typer.Argument(
            help="Who plays: names in bots.yaml, folders with a run.py, zips. None goes on with what --out holds.",
            metavar="BOT...",
            show_default=False,
        ),
    ] = None,
    mode: Annotated[
        Mode, typer.Option(help="Everybody against everybody, or neighbours in rating.")
    ] = Mode.round_robin,
    rounds: Annotated[int, typer.Option("--rounds", "-r", help="So many times.", min=1)] = 1,
    maps: Annotated[
        list[str] | None,
        typer.Option("--map", help="A map; several are taken in turn.", metavar="MAP", show_default="bots.yaml's"),
    ] = None,
    seed: Annotated[int, typer.Option(help="The matches' seeds follow from it.", min=0)] = 1,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Matches at a time.", min=1)] = 1,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the tournament; one that is there is gone on with.")
    ] = OUTPUT,
    timeout: Annotated[
        float, typer.Option(help="Seconds without a message after which a bot has lost.", min=0.1)
    ] = _LADDER.timeout_seconds,
    step_ms: Annotated[
        float | None,
        typer.Option(help="Mean milliseconds a step over which a bot has lost.", min=0.1, show_default="not judged"),
    ] = None,
    loop_limit: Annotated[int, typer.Option(help="The game is a tie at this loop.", min=1)] = _LADDER.loop_limit,
    realtime: Annotated[bool, typer.Option("--realtime", help="Play at the speed of the real clock.")] = False,
    no_data: Annotated[
        bool,
        typer.Option(
            "--no-data", help="Bots forget everything after a match; then one bot may play several matches at a time."
        ),
    ] = False,
    replays: Annotated[bool, typer.Option("--replays", help="Keep a replay of every match.")] = False,
    traces: Annotated[
        bool, typer.Option("--traces", help="Keep a trace of every match for `cherrypy-bot view`.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show the matches in the browser while they are played; keeps their traces.")
    ] = False,
    python: Annotated[
        str | None,
        typer.Option(help="Interpreter for folders and zips.", metavar="FILE", show_default="this one"),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play a tournament as the AI Arena ladder plays its matches; stopped, it goes on where it was."""
    from cherrypy_bot.ladder.arena.entrants import interpreter
    from cherrypy_bot.ladder.arena.store import Settings

    settings = Settings(
        mode=mode.value,
        rounds=rounds,
        maps=tuple(maps) if maps else (_default_map(config) if bots else "",),
        seed=seed,
        realtime=realtime,
        keep_data=not no_data,
        replays=replays,
        traces=traces or watch,
        python=interpreter(python),
        rules=ArenaRules(timeout_seconds=timeout, step_ms=step_ms, loop_limit=loop_limit),
    )
    console = Console(stderr=as_json)
    if not watch:
        _run(console, bots or [], settings, out, config, jobs, as_json=as_json)
        return
    from cherrypy_bot.commands.view import LivePage, show_in_browser

    with LivePage(out) as page:
        console.print(f"watch it at {page.url}", highlight=False, soft_wrap=True)
        show_in_browser(page.url)
        _run(console, bots or [], settings, out, config, jobs, as_json=as_json)
        page.linger(console)


def _default_map(config: Path | None) -> str:
    from cherrypy_bot.config import load_config

    file = config if config is not None else Path("bots.yaml")
    named = load_config(file).defaults.map if file.is_file() or config is not None else None
    if named is None:
        raise MatchError("no map was named and the configuration's defaults have none; use --map NAME")
    return named


def _run(
    console: Console, bots: list[str], settings: Settings, out: Path, config: Path | None, jobs: int, *, as_json: bool
) -> None:
    from cherrypy_bot.ladder.arena.standings import matches_csv, standings, standings_csv
    from cherrypy_bot.ladder.arena.store import FILE, Store
    from cherrypy_bot.ladder.arena.tournament import play_tournament

    store = _open(bots, settings, out, config) if bots else Store(out / FILE)
    stopped = False
    with ArenaProgress(console, store, quiet=as_json) as progress:
        try:
            play_tournament(store, jobs, progress)
        except KeyboardInterrupt:
            stopped = True
    table, rows = standings(store), store.matches()
    (out / "standings.csv").write_text(standings_csv(table), encoding="utf-8")
    (out / "matches.csv").write_text(matches_csv(rows), encoding="utf-8")
    if as_json:
        plain = {"out": str(out), "standings": [asdict(s) for s in table], "matches": [asdict(row) for row in rows]}
        sys.stdout.write(json.dumps(plain, indent=2) + "\n")
    else:
        console.print(standings_table(table))
        if not progress.any_finished:
            for row in rows[-LINES:]:
                console.print(escape(_line(row)), soft_wrap=True, highlight=False)
        console.print(f"standings.csv, matches.csv, results and logs are in {escape(str(out))}", soft_wrap=True)
    if stopped:
        played = sum(row.type is not None for row in rows)
        console.print(f"stopped after {played} of {len(rows)} matches; `cherrypy-bot arena --out {out}` goes on")
        raise typer.Exit(INTERRUPTED)


def _open(bots: list[str], settings: Settings, out: Path, config: Path | None) -> Store:
    """The tournament that was asked for: a new one, or the one in `out` when it is the same."""
    from cherrypy_bot.ladder.arena.entrants import find_entrants
    from cherrypy_bot.ladder.arena.pairing import ladder_round, round_robin
    from cherrypy_bot.ladder.arena.store import FILE, MODEL, Rating, Store
    from cherrypy_bot.sim.maps import load_map

    entrants = find_entrants(bots, config)
    if len(entrants) < 2:
        raise MatchError("a tournament needs two bots at least; name another")
    for name in settings.maps:
        load_map(name)  # a wrong name is said now, not in every match
    path = out / FILE
    if path.is_file():
        store = Store(path)
        if store.settings != settings or store.entrants() != entrants:
            raise MatchError(
                f"{out} holds another tournament (of {', '.join(e.name for e in store.entrants())}); "
                "give another --out, or name no bots to go on with that one"
            )
        return store
    names = [entrant.name for entrant in entrants]
    if settings.mode == Mode.round_robin:
        pairings = round_robin(names, settings.rounds, settings.maps, settings.seed)
    else:
        fresh = MODEL.rating()
        ratings = {name: Rating(fresh.mu, fresh.sigma) for name in names}
        pairings = ladder_round(1, ratings, [], settings.maps, settings.seed)
    return Store.create(path, settings, entrants, pairings)


def standings_table(table: list[Standing]) -> Table:
    """The standings for people."""
    result = Table(title="standings", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    result.add_column("", justify="right")
    result.add_column("bot", overflow="fold", min_width=10)
    for heading in ("rating", "±", "w-l-tied", "crash", "late", "void", "ms/step"):
        result.add_column(heading, justify="right", no_wrap=True)
    for row in table:
        result.add_row(
            str(row.rank),
            escape(row.bot),
            f"{row.rating:.1f}",
            f"{row.sigma:.1f}",
            f"{row.won}-{row.lost}-{row.tied}",
            *(str(count) for count in (row.crashed, row.timed_out, row.void)),
            "" if row.step_ms is None else f"{row.step_ms:.1f}",
        )
    return result


def _line(row: MatchRow) -> str:
    """A match in one line."""
    if row.type is None:
        return f"{row.id:>4}  {row.bot1} v {row.bot2} on {row.map}: not played"
    return f"{row.id:>4}  {row.bot1} v {row.bot2} on {row.map}: {row.type} ({row.reason})"


class ArenaProgress:
    """A bar for the tournament and a line for every running match; without a terminal a line per finished match."""

    def __init__(self, console: Console, store: Store, *, quiet: bool) -> None:
        self._console, self._quiet = console, quiet
        self._live = console.is_terminal and not quiet
        rows = store.matches()
        self._done, self._known = sum(row.type is not None for row in rows), len(rows)
        self._running: dict[int, TaskID] = {}
        self.any_finished = False
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not self._live,
        )
        self._all = self._progress.add_task("matches", total=self._known, completed=self._done)
        self._limit = store.settings.rules.loop_limit

    def __enter__(self) -> ArenaProgress:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begun(self, row: MatchRow) -> None:
        """A match starts."""
        what = f"{row.id}: {row.bot1} v {row.bot2} on {row.map}, loop"
        if row.id not in self._running:
            self._running[row.id] = self._progress.add_task(escape(what), total=self._limit)

    def at_loop(self, row: MatchRow, loop: int) -> None:
        """A match has come to a game loop."""
        if row.id in self._running:
            self._progress.update(self._running[row.id], completed=loop)

    def finished(self, row: MatchRow, played: int, known: int) -> None:
        """A match has a result."""
        self.any_finished = True
        if row.id in self._running:
            self._progress.remove_task(self._running.pop(row.id))
        self._progress.update(self._all, completed=played, total=known)
        if not self._quiet:
            self._console.print(escape(f"[{played}/{known}] {_line(row).strip()}"), soft_wrap=True, highlight=False)
