"""What an arena's database says of its bots, for the page: ratings, how they came about, who beats whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from loguru import logger

from cherrypy_bot.ladder.arena.rules import Ending
from cherrypy_bot.ladder.arena.store import FILE, MODEL, Rating, rate

_MOST_BOTS: Final = 40
_MOST_DATABASES: Final = 20
_FINISHED = "SELECT bot1, bot2, type FROM match WHERE type IS NOT NULL ORDER BY sequence"


def read_arenas(root: Path) -> list[dict[str, Any]]:
    """The tournaments whose database lies below a folder, the one written last first, as plain data.

    A database that cannot be read, or leads out of the folder, is left out with a warning.
    """
    resolved = root.resolve()
    paths = [path for path in root.rglob(FILE) if path.resolve().is_relative_to(resolved) and path.is_file()]
    paths.sort(key=lambda path: -path.stat().st_mtime)
    found = []
    for path in paths[:_MOST_DATABASES]:
        try:
            found.append({"name": path.parent.relative_to(root).as_posix(), **read_arena(path)})
        except (sqlite3.DatabaseError, ValueError) as error:
            logger.warning(f"{path} is no arena's database that can be shown: {error}")
    return found


def read_arena(path: Path) -> dict[str, Any]:
    """One tournament: `ratings`, `history` and `matrix`.

    Ratings are openskill's; `history` has them after every finished match, `matrix` the wins of each bot (row)
    over each other (column). Only reads, so that a tournament that is played goes on.

    Raises sqlite3.DatabaseError where the file is no such database.
    """
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2.0)
    try:
        bots = db.execute("SELECT name, mu, sigma FROM bot ORDER BY mu DESC").fetchall()[:_MOST_BOTS]
        finished = db.execute(_FINISHED).fetchall()
    finally:
        db.close()
    names = [str(name) for name, _, _ in bots]
    played = {name: sum(name in row[:2] for row in finished) for name in names}
    return {
        "ratings": [
            {"name": str(name), "rating": mu, "error": sigma, "matches": played[str(name)]} for name, mu, sigma in bots
        ],
        "history": _history(names, finished),
        "matrix": [_matrix(names, finished)],
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


def _matrix(names: Sequence[str], finished: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    cells: list[list[dict[str, int] | None]] = [[None] * len(names) for _ in names]
    place = {name: index for index, name in enumerate(names)}
    for one, two, kind in finished:
        ending = Ending(kind)
        if one not in place or two not in place or not ending.rated:
            continue
        for row, column, wins in (
            (place[one], place[two], ending.winner == 0),
            (place[two], place[one], ending.winner == 1),
        ):
            cell = cells[row][column] or {"wins": 0, "games": 0}
            cells[row][column] = {"wins": cell["wins"] + int(wins), "games": cell["games"] + 1}
    return {"title": "Bots against bots", "rows": list(names), "columns": list(names), "cells": cells}
