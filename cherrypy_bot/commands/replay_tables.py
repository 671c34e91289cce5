"""What `cherrypy-bot replay` prints: tables of one game and of many.

Every text that comes out of a file goes into `Text`, never into markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from replays.builds import joined
from replays.compare import Difference
from replays.errors import ReplayError
from replays.history import Added
from replays.model import LOOPS_PER_SECOND, BuildItem, PlayerData, ReplayData, clock
from replays.names import display_name, opening_title
from replays.openings import UNKNOWN
from replays.statistics import OpeningRecord
from replays.words import place_of, units_text

RESULT_STYLES = {"Win": "bold green", "Loss": "red", "Tie": "yellow"}
STATUS_STYLES = {"cancelled": "dim strike", "destroyed": "red", "unfinished": "dim"}
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")
_SHOWN_FIGHTS = 10


def loops_of(text: str) -> int:
    """A time of the game as loops.

    Raises:
        ReplayError: where it is no time.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ReplayError(f"{text!r} is no time of a game; write minutes and seconds as in 6:30")
    return round((60 * int(match[1]) + int(match[2])) * LOOPS_PER_SECOND)


def print_info(console: Console, replay: ReplayData) -> None:
    """One game: both players in columns, then the fights that cost most."""
    console.print(_headline(replay), soft_wrap=True)
    table = _table("", *(_player_title(player) for player in replay.players))
    for name, cells in _player_rows(replay):
        table.add_row(name, *cells)
    console.print(table)
    largest = sorted(replay.engagements, key=lambda fight: -fight.value)[:_SHOWN_FIGHTS]
    if not largest:
        return
    table = _table("time", "place", *(Text(f"{player.name} loses") for player in replay.players), "value")
    for fight in sorted(largest, key=lambda fight: fight.start):
        table.add_row(
            f"{clock(fight.start)} - {clock(fight.end)}",
            Text(place_of(fight, replay)),
            *(Text(units_text(fight.losses[player.player_id])) for player in replay.players),
            " : ".join(f"{fight.losses[player.player_id].value:,}" for player in replay.players),
        )
    if len(replay.engagements) > len(largest):
        table.caption = f"the {len(largest)} largest of {len(replay.engagements)} engagements"
    console.print(table)


def print_many(console: Console, summaries: list[dict[str, Any]]) -> None:
    """Many games, a row each."""
    table = Table("map", "length", "version", "player", "opening", "player", "opening")
    for row in summaries:
        cells: list[Text | str] = [Text(row["map"]), clock(row["loops"]), row["version"]]
        for player in row["players"]:
            style = RESULT_STYLES.get(player["result"], "")
            cells += [Text(f"{player['race'][0]} {player['name']}", style), opening_title(player["opening"])]
        table.add_row(*cells)
    console.print(table)


def print_history(console: Console, added: list[Added], folder: Path) -> None:
    """What was added to a bot's memory, by opponent."""
    table = Table(title=f"opponent history in {folder}", title_justify="left")
    for title in ("opponent", "new games", "known before", "without result"):
        table.add_column(title, justify="left" if title == "opponent" else "right")
    for one in added:
        table.add_row(Text(one.opponent), str(one.new), str(one.known), str(one.undecided))
    console.print(table)


def print_failures(console: Console, failed: list[str], total: int) -> None:
    """The files that could not be read, a line each."""
    if not failed:
        return
    console.print(f"{len(failed)} of {total} files could not be read:", style="yellow")
    for line in failed:
        console.print(Text(f"  {line}"), soft_wrap=True)


def print_pairs(console: Console, title: str, pairs: Mapping[str, str]) -> None:
    """A headed list of names and what there is to say of them; nothing where there are none."""
    if not pairs:
        return
    console.print(f"{title}:", style="bold", markup=False)
    for name, text in pairs.items():
        console.print(Text(f"  {name}: {text}"), soft_wrap=True)


def print_builds(console: Console, replay: ReplayData, until: int, *, workers: bool) -> None:
    """Both build orders side by side."""
    console.print(_headline(replay), soft_wrap=True)
    table = Table()
    sides: list[list[tuple[str, str, Text]]] = []
    for player in replay.players:
        table.add_column("time", justify="right")
        table.add_column("supply", justify="right")
        table.add_column(Text.assemble(_player_title(player), f": {opening_title(player.opening)}"))
        shown = [item for item in player.build if item.start < until and (workers or item.kind != "worker")]
        sides.append([_build_cells(item, count) for item, count in joined(shown)])
    blank = ("", "", Text())
    for left, right in zip_longest(*sides, fillvalue=blank):
        table.add_row(*left, *right)
    console.print(table)
    console.print("~: estimated from when it was done; early where chrono boost was used.", style="dim")


def print_comparison(
    console: Console,
    first: tuple[ReplayData, PlayerData],
    second: tuple[ReplayData, PlayerData],
    rows: list[Difference],
) -> None:
    """Two builds item by item."""
    table = Table("item")
    for replay, player in (first, second):
        table.add_column(Text(f"{player.name} ({player.race}, {replay.map_name})"), justify="right")
    table.add_column("difference", justify="right")
    for row in rows:
        number = f" {row.number}" if row.number > 1 else ""
        later = row.later_loops
        if later is None:
            difference = Text("only the first" if row.second is None else "only the second", "dim")
        else:
            seconds = later / LOOPS_PER_SECOND
            difference = Text(f"{seconds:+.0f} s", "green" if seconds <= -1 else "red" if seconds >= 1 else "")
        table.add_row(
            Text(display_name(row.name) + number), *(_when(item) for item in (row.first, row.second)), difference
        )
    openings = Text.assemble("openings: ", *(f"{opening_title(player.opening)}  " for _, player in (first, second)))
    console.print(openings)
    console.print(table)


def print_openings(console: Console, records: list[OpeningRecord], games: int, player: str | None) -> None:
    """Openings by match-up."""
    title = Text(f"{games} games" if player is None else f"{player} in {games} games")
    table = Table("match-up", "opening", title=title, title_justify="left")
    for column in ("games", "won", "win rate", "95 % interval", "mean length"):
        table.add_column(column, justify="right")
    for record in records:
        table.add_row(
            record.match_up,
            opening_title(record.opening),
            str(record.games),
            str(record.wins),
            f"{record.win_rate:.0%}",
            " - ".join(f"{end:.0%}" for end in record.interval),
            clock(record.mean_seconds * LOOPS_PER_SECOND),
        )
    console.print(table)


def _table(*headers: str | Text) -> Table:
    table = Table()
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def _headline(replay: ReplayData) -> Text:
    winner = replay.winner
    ending = f"{winner.name} wins" if winner is not None else "no winner"
    when = f", {replay.played_at:%Y-%m-%d}" if replay.played_at is not None else ""
    return Text(
        f"{replay.match_up} on {replay.map_name}, {clock(replay.length)}, {ending} ({replay.version}{when})", "bold"
    )


def _player_title(player: PlayerData) -> Text:
    clan = f"<{player.clan}> " if player.clan else ""
    return Text(f"{clan}{player.name} ({player.race})", RESULT_STYLES.get(player.result, ""))


def _player_rows(replay: ReplayData) -> list[tuple[str, list[str]]]:
    def row(name: str, value: Any) -> tuple[str, list[str]]:
        return name, [value(player) for player in replay.players]

    rows = [
        row("result", lambda p: p.result),
        row("opening", _opening),
        row("income a minute, mean", lambda p: f"{p.economy.mean_income:,.0f}"),
        row("unspent, mean", lambda p: f"{p.economy.mean_unspent:,.0f}"),
        row("spending quotient", lambda p: _number(p.economy.spending_quotient)),
        row("workers made / lost", lambda p: f"{p.economy.workers_made} / {p.economy.workers_lost}"),
        row("supply blocked", lambda p: f"{p.economy.blocked_seconds:.0f} s in {len(p.economy.supply_blocks)} blocks"),
        row("bases", lambda p: f"{len(p.bases)}, {sum(base.lost is not None for base in p.bases)} lost"),
        row("actions a minute", lambda p: _number(p.apm)),
    ]
    if any(player.mmr is not None for player in replay.players):
        rows.append(row("rating (MMR)", lambda p: _number(p.mmr)))
    return rows


def _opening(player: PlayerData) -> str:
    if player.opening == UNKNOWN or player.opening_distance is None:
        return UNKNOWN
    return f"{opening_title(player.opening)} (distance {player.opening_distance:.2f})"


def _number(value: float | None) -> str:
    return "not in the file" if value is None else f"{value:,.0f}"


def _build_cells(item: BuildItem, count: int) -> tuple[str, str, Text]:
    text = Text(display_name(item.name), STATUS_STYLES.get(item.status, ""))
    if count > 1:
        text.append(f" x{count}")
    if item.status != "done":
        text.append(f" {item.status}", "dim")
    estimated = "~" if item.start_source == "estimate" else ""
    return f"{estimated}{clock(item.start)}", f"{item.supply:.0f}/{item.supply_cap:.0f}", text


def _when(item: BuildItem | None) -> str:
    return "" if item is None else f"{clock(item.start)} at {item.supply:.0f}"
