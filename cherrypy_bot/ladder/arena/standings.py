"""What a tournament has come to: a row per bot, as data and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from cherrypy_bot.ladder.arena.rules import Ending
from cherrypy_bot.ladder.arena.store import MatchRow, Rating, Store


@dataclass(frozen=True)
class Standing:
    """One bot's line of the table.

    Attributes:
        rating: mu - 3 sigma, by which the table is sorted. mu, sigma: of openskill's Plackett-Luce model.
        won, lost, tied: rated matches; wins because the other crashed or timed out are among them.
        crashed, timed_out: lost matches by how they were lost.
        void: matches that never came about, which change no rating.
        step_ms: mean time per step over its matches, in milliseconds; None without any.
    """

    rank: int
    bot: str
    rating: float
    mu: float
    sigma: float
    played: int
    won: int
    lost: int
    tied: int
    crashed: int
    timed_out: int
    void: int
    step_ms: float | None


def standings(store: Store) -> list[Standing]:
    """The table, best bot first."""
    rows = [row for row in store.matches() if row.type is not None]
    ratings = store.ratings()
    order = sorted(ratings, key=lambda name: (-ratings[name].ordinal, name))
    return [_standing(rank, name, ratings[name], rows) for rank, name in enumerate(order, start=1)]


def _standing(rank: int, name: str, rating: Rating, rows: Iterable[MatchRow]) -> Standing:
    mine = [(row, Ending(str(row.type)), 0 if row.bot1 == name else 1) for row in rows if name in (row.bot1, row.bot2)]
    rated = [(row, ending, side) for row, ending, side in mine if ending.rated]
    won = sum(ending.winner == side for _, ending, side in rated)
    tied = sum(ending.winner is None for _, ending, _ in rated)
    times = [row.bot1_avg_step_time if side == 0 else row.bot2_avg_step_time for row, _, side in mine]
    known = [seconds for seconds in times if seconds is not None]
    return Standing(
        rank=rank,
        bot=name,
        rating=round(rating.ordinal, 3),
        mu=round(rating.mu, 3),
        sigma=round(rating.sigma, 3),
        played=len(rated),
        won=won,
        lost=len(rated) - won - tied,
        tied=tied,
        crashed=sum(ending is Ending.of("Crash", side) for _, ending, side in rated),
        timed_out=sum(ending is Ending.of("TimeOut", side) for _, ending, side in rated),
        void=len(mine) - len(rated),
        step_ms=round(1000.0 * sum(known) / len(known), 2) if known else None,
    )


def standings_csv(table: Sequence[Standing]) -> str:
    """The table as CSV with a line of headings."""
    return _csv([field.name for field in fields(Standing)], [asdict(row) for row in table])


def matches_csv(rows: Sequence[MatchRow]) -> str:
    """The matches as CSV with a line of headings; fields of matches that were not played are empty."""
    return _csv([field.name for field in fields(MatchRow)], [asdict(row) for row in rows])


def _csv(names: list[str], rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
