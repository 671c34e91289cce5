"""What commands share that play games by the thousand: where they are played, and the line that shows how it goes."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cherrypy_bot.learn.league.errors import LeagueError

if TYPE_CHECKING:
    from cherrypy_bot.learn.league.run import Planner
    from cherrypy_bot.learn.league.store import Game, Store
    from cherrypy_bot.learn.league.workers import Players

INTERRUPTED = 130
_UNITS: Mapping[str, float] = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
LINE_EVERY_SECONDS = 60.0
"""Where the output is no terminal, a plain line this often."""

WorkersOption = Annotated[int, typer.Option("--workers", "-w", help="Processes that play.", min=1, max=256)]
RayOption = Annotated[
    str | None,
    typer.Option("--ray", help="Play on this Ray cluster (ray://HOST:PORT, HOST:PORT or auto).", metavar="ADDRESS"),
]
BudgetOption = Annotated[
    str | None, typer.Option("--budget", help="Begin no game after so long, as in 90s, 30m or 2h.", metavar="TIME")
]
StepOption = Annotated[int, typer.Option("--game-step", help="Loops between two decisions of a bot.", min=1, max=64)]
LimitOption = Annotated[int, typer.Option("--loop-limit", help="A game is a tie at this loop.", min=1)]


def budget_seconds(text: str | None) -> float | None:
    """Seconds of a time as people write it: 90, 90s, 30m, 2h. LeagueError for anything else."""
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", text)
    if found is None:
        raise LeagueError(f"'{text}' is no time; write it as 90s, 30m or 2h")
    return float(found.group(1)) * _UNITS[found.group(2)]


def config_file(path: Path | None) -> Path:
    """The configuration that workers load, as an absolute path."""
    return (path if path is not None else Path("bots.yaml")).resolve()


def players_of(store: Store, config: Path, workers: int, ray: str | None) -> Players:
    """Processes here, or the cluster that was asked for. LeagueError where there is none."""
    if ray is None:
        from cherrypy_bot.learn.league.workers import LocalPlayers

        return LocalPlayers(store.folder, config, workers)
    from cherrypy_bot.learn.league.cluster import RayPlayers

    return RayPlayers(store.folder, config, ray, workers)


def play_games(
    console: Console,
    store: Store,
    config: Path,
    planner: Planner | None,
    *,
    workers: int,
    ray: str | None,
    games: int | None,
    budget: str | None,
    quiet: bool,
    curves: bool = False,
) -> tuple[int, bool]:
    """Play, showing how it goes: how many games got a result, and whether it was interrupted."""
    from cherrypy_bot.learn.league.curves import Curves
    from cherrypy_bot.learn.league.run import locked, run_games

    seconds = budget_seconds(budget)
    finished, known = store.counts()
    total = games if planner is not None else min(known - finished, games if games is not None else known)
    with locked(store.folder):
        players = players_of(store, config, workers, ray)
        played, stopped = 0, False
        with GamesLine(console, total, quiet=quiet) as line, Curves(store) as drawn:
            watcher = _Both(line, drawn if curves else None)
            try:
                played = run_games(store, players, planner, watcher, games=games, seconds=seconds)
            except KeyboardInterrupt:
                played, stopped = line.played, True
            finally:
                players.close()
    return played, stopped


class GamesLine:
    """Games, games an hour, win rates of the first sides and the time that is left."""

    def __init__(self, console: Console, total: int | None, *, quiet: bool) -> None:
        self._console, self._quiet, self._total = console, quiet, total
        self._started = time.monotonic()
        self._next_line = self._started + LINE_EVERY_SECONDS
        self._scores: dict[str, list[float]] = defaultdict(list)
        self._void = 0
        self.played = 0
        self._bar: Progress | None = None
        if console.is_terminal and not quiet:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, TimeRemainingColumn(), console=console)
            self._task = self._bar.add_task("compiling and starting", total=total)

    def __enter__(self) -> GamesLine:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif not self._quiet and self.played:
            self._console.print(self.text(), highlight=False, soft_wrap=True)

    def finished(self, game: Game) -> None:
        """Count a game and show it."""
        self.played += 1
        assert game.result is not None
        if game.result.void:
            self._void += 1
            if not self._quiet:
                self._console.print(f"game {game.id} counts for nothing: {game.result.void}", style="yellow")
        else:
            self._scores[game.order.players[0].name.split(" ")[0]].append(game.result.score(0))
        if self._bar is not None:
            self._bar.update(self._task, completed=self.played, description=self.text())
        elif not self._quiet and time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_EVERY_SECONDS
            self._console.print(self.text(), highlight=False, soft_wrap=True)

    def waiting(self) -> None:
        """Nothing to show."""

    def text(self) -> str:
        """One line."""
        hours = max(1e-9, (time.monotonic() - self._started) / 3600.0)
        rates = ", ".join(f"{name} {sum(s) / len(s):.0%}" for name, s in sorted(self._scores.items()))
        of = f" of {self._total:,}" if self._total is not None and self._bar is None else ""
        void = f", {self._void} void" if self._void else ""
        return f"{self.played:,}{of} games, {self.played / hours:,.0f} games/h, wins: {rates or 'none yet'}{void}"


class _Both:
    """Tells the line and the curves."""

    def __init__(self, line: GamesLine, curves: object) -> None:
        from cherrypy_bot.learn.league.curves import Curves

        self._line = line
        self._curves = curves if isinstance(curves, Curves) else None

    def finished(self, game: Game) -> None:
        self._line.finished(game)
        if self._curves is not None:
            self._curves.add(game)

    def waiting(self) -> None:
        self._line.waiting()
