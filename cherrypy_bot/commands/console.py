"""What the user sees of a match: the line while it runs, the table when it is over."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cherrypy_bot.ladder.report import LOOPS_PER_SECOND, MatchReport, PlayerReport, Progress, Side

LINE_EVERY_GAME_SECONDS = 120.0
"""Where the output is not a terminal, one progress line per so much game time."""
RESULT_STYLES = {"Victory": "bold green", "Defeat": "red", "Tie": "yellow", "Undecided": "yellow"}


def game_clock(seconds: float) -> str:
    """Game time as the game shows it: 7:03."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class ProgressLine:
    """The line that shows a running match; on a pipe or in a log file a plain line every two game minutes.

    Example:
        >>> with ProgressLine(console) as line:
        ...     play_match(setup, on_progress=line.show, on_status=line.status)
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._live: Live | None = None
        self._next_plain_line = 0.0

    def __enter__(self) -> ProgressLine:
        if not self._quiet and self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def status(self, text: str) -> None:
        """Shows what happens before the first loop."""
        if self._quiet:
            return
        if self._live is not None:
            self._live.update(Spinner("dots", text=Text(text)))
        else:
            self._console.print(escape(text))

    def show(self, progress: Progress) -> None:
        """Shows how the match stands."""
        if self._quiet:
            return
        if self._live is not None:
            self._live.update(_progress_text(progress))
        elif progress.loop / LOOPS_PER_SECOND >= self._next_plain_line:
            self._next_plain_line = progress.loop / LOOPS_PER_SECOND + LINE_EVERY_GAME_SECONDS
            self._console.print(_progress_text(progress), soft_wrap=True)


def match_table(report: MatchReport) -> Table:
    """The end of a match as a table: result, length, speed, orders, time per module, files."""
    table = Table(title=_headline(report), title_justify="left", title_style="bold", show_header=True)
    table.add_column("")
    for player in report.players:
        table.add_column(f"{player.name} ({player.race})", overflow="fold")
    first, second = report.players
    table.add_row("result", *(_result_text(player) for player in report.players))
    table.add_row("orders", *("" if player.orders is None else f"{player.orders:,}" for player in report.players))
    if first.step is not None or second.step is not None:
        table.add_row("ms a step, mean / p95 / max", _timing(first, "step"), _timing(second, "step"))
    for module in dict.fromkeys([*first.modules, *second.modules]):
        table.add_row(f"  {module}", _timing(first, module), _timing(second, module))
    if first.switched_off or second.switched_off:
        table.add_row("switched off", ", ".join(first.switched_off), ", ".join(second.switched_off))
    if first.error is not None or second.error is not None:
        table.add_row("error", escape(first.error or ""), escape(second.error or ""))
    return table


def match_footer(report: MatchReport) -> list[str]:
    """The lines under the table: how the game can be told apart and where its files are."""
    lines = [
        f"map {report.map_name}, seed {report.seed}, a step every {report.game_step} loops",
        f"{report.loops:,} loops in {report.wall_seconds:.1f} s: {report.x_realtime:.0f}x real time",
    ]
    if report.state_hash is not None:
        lines.append(f"state hash {report.state_hash}")
    if report.replay is not None:
        lines.append(f"replay {report.replay}")
    lines.extend(f"trace of {name} {path}" for name, path in report.traces.items())
    return lines


def _headline(report: MatchReport) -> str:
    length = game_clock(report.game_seconds)
    return f"{report.winner} wins after {length}" if report.winner else f"no winner after {length}"


def _result_text(player: PlayerReport) -> Text:
    return Text(player.result, style=RESULT_STYLES.get(player.result, ""))


def _timing(player: PlayerReport, module: str) -> str:
    timing = player.step if module == "step" else player.modules.get(module)
    if timing is None:
        return ""
    return f"{timing.mean:.2f} / {timing.p95:.2f} / {timing.max:.1f}"


def _progress_text(progress: Progress) -> Text:
    seconds = progress.loop / LOOPS_PER_SECOND
    text = Text()
    text.append(f"{game_clock(seconds):>5}", style="bold")
    speed = progress.loops_per_second
    text.append(f"  {speed:,.0f} loops/s ({speed / LOOPS_PER_SECOND:.0f}x real time)")
    for side, style in zip(progress.sides, ("cyan", "magenta"), strict=False):
        text.append("  |  ")
        text.append(side.name, style=style)
        text.append(_side(side))
    return text


def _side(side: Side) -> str:
    return f" supply {side.supply_used:g}/{side.supply_cap:g} army {side.army_value:,}"
