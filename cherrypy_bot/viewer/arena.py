"""What an arena's database says of its bots, for the page: ratings, how they came about, who beats whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from loguru import logger

from cherrypy_bot.ladder.arena.rules import Ending
from cherrypy_bot.ladder.arena.store import FILE, MODEL, Rating, rate
from cherrypy_bot.viewer.matrix import Outcome, win_matrix

_MOST_BOTS: Final = 40
_MOST_DATABASES: Final = 20
_MOST_MATCHES: Final = 500
_FINISHED = (
    "SELECT id, bot1, bot2, type, winner, reason, map, seed, game_steps, {openings} FROM match"
    " WHERE type IS NOT NULL ORDER BY sequence"
)


@dataclass(frozen=True, slots=True)
class Played:
    """A finished match as the page gets it; fields as in `ladder.arena.store.MatchRow`."""

    id: int
    bot1: str
    bot2: str
    type: str
    winner: str | None
    reason: str | None
    map: str
    seed: int
    game_steps: int | None
    bot1_opening: str | None
    bot2_opening: str | None


def read_arenas(root: Path) -> list[dict[str, Any]]:
    """The tournaments whose database lies below a folder, the one written last first, as plain data.

    A database that cannot be read, or leads out of the folder, is left out with a warning.
    """
    return below(root, FILE, read_arena)


def below(root: Path, file_name: str, read: Callable[[Path], dict[str, Any]]) -> list[dict[str, Any]]:
    """What `read` makes of the databases of a name below a folder, each with its folder's path as `name`."""
    resolved = root.resolve()
    paths = [path for path in root.rglob(file_name) if path.resolve().is_relative_to(resolved) and path.is_file()]
    paths.sort(key=lambda path: -path.stat().st_mtime)
    found = []
    for path in paths[:_MOST_DATABASES]:
        try:
            found.append({"name": path.parent.relative_to(root).as_posix(), **read(path)})
        except (sqlite3.DatabaseError, ValueError) as error:
            logger.warning(f"{path} is no database that can be shown: {error}")
    return found


def read_arena(path: Path) -> dict[str, Any]:
    """One tournament: `ratings`, `history`, `matrix` and `matches`.

    Ratings are openskill's; `history` has them after every finished match, `matrix` the wins of each bot (row)
    over each other (column), and of each build order that was begun with over each bot. `matches` are the finished
    ones, the last first. Only reads, so that a tournament that is played goes on.

    Raises sqlite3.DatabaseError where the file is no such database.
    """
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2.0)
    try:
        bots = db.execute("SELECT name, mu, sigma FROM bot ORDER BY mu DESC").fetchall()[:_MOST_BOTS]
        known = {row[1] for row in db.execute("PRAGMA table_info(match)")}
        openings = [name if name in known else f"NULL AS {name}" for name in ("bot1_opening", "bot2_opening")]
        rows = db.execute(_FINISHED.format(openings=", ".join(openings))).fetchall()
    finally:
        db.close()
    played_rows = [Played(*row) for row in rows]
    finished = [(row.bot1, row.bot2, row.type) for row in played_rows]
    names = [str(name) for name, _, _ in bots]
    played = {name: sum(name in row[:2] for row in finished) for name in names}
    return {
        "ratings": [
            {"name": str(name), "rating": mu, "error": sigma, "matches": played[str(name)]} for name, mu, sigma in bots
        ],
        "history": _history(names, finished),
        "matrix": [
            win_matrix("Bots against bots", "wins of the row over", _bot_wins(names, played_rows), names, names),
            *_build_matrix(names, played_rows),
        ],
        "matches": [asdict(row) for row in reversed(played_rows[-_MOST_MATCHES:])],
    }


def _history(names: Sequence[str], finished: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    fresh = MODEL.rating()
    now = {name: Rating(fresh.mu, fresh.sigma) for name in names}
    points = {name: [[0, round(fresh.mu, 2)]] for name in names}
    for number, (one, two, kind) in enumerate(finished, start=1):
        if one not in now or two not in now:
            continue
        now[one], now[two] = rate(now[one], now[two], Ending(kind))
        for name in (one, two):
            points[name].append([number, round(now[name].mu, 2)])
    for name in names:
        points[name].append([len(finished), points[name][-1][1]])
    return [{"name": name, "points": points[name]} for name in names]


def _sides(played: Sequence[Played]) -> Iterator[tuple[str, str, str | None, bool]]:
    """Of every rated match both sides: bot, opponent, the build order begun with, whether the bot won."""
    for row in played:
        ending = Ending(row.type)
        if ending.rated:
            yield row.bot1, row.bot2, row.bot1_opening, ending.winner == 0
            yield row.bot2, row.bot1, row.bot2_opening, ending.winner == 1


def _bot_wins(names: Sequence[str], played: Sequence[Played]) -> list[Outcome]:
    return [(bot, other, won) for bot, other, _, won in _sides(played) if bot in names and other in names]


def _build_matrix(names: Sequence[str], played: Sequence[Played]) -> list[dict[str, Any]]:
    """Builds against bots; nothing where no bot told its build order."""
    wins = [(f"{bot}: {build}", other, won) for bot, other, build, won in _sides(played) if build and other in names]
    columns = [name for name in names if any(other == name for _, other, _ in wins)]
    return [win_matrix("Build orders against bots", "wins of the row over", wins, columns=columns)] if wins else []
