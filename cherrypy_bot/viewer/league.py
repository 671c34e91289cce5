"""What a self-play league, a matrix of builds or an evaluation has come to, for the page, as `viewer.arena` has it.

The database is that of `cherrypy_bot.learn.league.store`, which the page does not need to run: it is only read, while
the league goes on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cherrypy_bot.viewer.arena import below
from cherrypy_bot.viewer.matrix import win_matrix

FILE: Final = "league.sqlite"
_FORMAT: Final = 1
_MOST_PLAYERS: Final = 40
_MOST_GAMES: Final = 500
_MOST_POINTS: Final = 400


@dataclass(frozen=True, slots=True)
class _Game:
    number: int
    players: tuple[str, str]
    openings: tuple[str, str]
    map_name: str
    seed: int
    loops: int
    results: tuple[str, str]
    void: str

    def row(self) -> dict[str, Any]:
        """As the page shows a match."""
        winner = next((self.players[side] for side in (0, 1) if self.results[side] == "Victory"), None)
        kind = "Void" if self.void else f"Player{self.players.index(winner) + 1}Win" if winner is not None else "Tie"
        return {
            "id": self.number,
            "bot1": self.players[0],
            "bot2": self.players[1],
            "type": kind,
            "winner": None if self.void else winner,
            "reason": self.void or None,
            "map": self.map_name,
            "seed": self.seed,
            "game_steps": self.loops,
            "bot1_opening": self.openings[0] or None,
            "bot2_opening": self.openings[1] or None,
        }


def read_leagues(root: Path) -> list[dict[str, Any]]:
    """The leagues, matrices and evaluations whose database lies below a folder, the one written last first.

    A database that cannot be read, or leads out of the folder, is left out with a warning.
    """
    return below(root, FILE, read_league)


def read_league(path: Path) -> dict[str, Any]:
    """One of them: `ratings`, `history`, `matrix` and `matches` as of an arena.

    Raises sqlite3.DatabaseError or ValueError where the file is no such database.
    """
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2.0)
    try:
        known, kind = db.execute("SELECT format, kind FROM league").fetchone() or (None, "")
        if known != _FORMAT:
            raise ValueError("it is of another version")
        players = db.execute("SELECT name, mu, sigma FROM player ORDER BY mu DESC").fetchall()
        rows = db.execute("SELECT id, content, result FROM game WHERE result IS NOT NULL ORDER BY sequence").fetchall()
        rated = db.execute("SELECT sequence, player, mu FROM rating ORDER BY sequence, rowid").fetchall()
    finally:
        db.close()
    try:
        games = [_game(*row) for row in rows]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"a game of it says too little ({error})") from None
    names = [str(name) for name, _, _ in players][:_MOST_PLAYERS]
    played = {name: sum(name in game.players for game in games) for name in names}
    return {
        "ratings": [
            {"name": name, "rating": mu, "error": sigma, "matches": played[name]}
            for name, mu, sigma in players[:_MOST_PLAYERS]
        ],
        "history": _history(names, rated, len(games)),
        "matrix": _matrices(names, [game for game in games if not game.void], pairs=kind == "league"),
        "matches": [game.row() for game in reversed(games[-_MOST_GAMES:])],
    }


def _game(number: int, content: str, result: str) -> _Game:
    order, outcome = json.loads(content), json.loads(result)
    first, second = order["players"]
    return _Game(
        number=number,
        players=(str(first["name"]), str(second["name"])),
        openings=(str(outcome["openings"][0]), str(outcome["openings"][1])),
        map_name=str(order["map_name"]),
        seed=int(order["seed"]),
        loops=int(outcome["loops"]),
        results=(str(outcome["results"][0]), str(outcome["results"][1])),
        void=str(outcome["void"]),
    )


def _history(names: Sequence[str], rated: Sequence[tuple[int, str, float]], games: int) -> list[dict[str, Any]]:
    points: dict[str, list[list[float]]] = {name: [] for name in names}
    for sequence, name, mu in rated:
        if name in points:
            points[name].append([sequence, round(mu, 2)])
    lines = []
    for name, course in ((name, course) for name, course in points.items() if course):
        thin = course[:: max(1, len(course) // _MOST_POINTS)]
        lines.append({"name": name, "points": [*thin, [games, course[-1][1]]]})
    return lines


def _matrices(names: Sequence[str], games: Sequence[_Game], *, pairs: bool) -> list[dict[str, Any]]:
    """Everybody against everybody where all meet all; else those who were tried against their opponents."""
    sides = [
        (game.players[side], game.players[1 - side], game.openings[side], game.results[side] == "Victory")
        for game in games
        for side in (0, 1)
    ]
    wins = [(one, other, won) for one, other, _, won in (sides if pairs else sides[::2])]
    order = names if pairs else ()
    tables = [win_matrix("Players against players", "wins of the row over", wins, order, order)]
    builds = [(f"{one}: {build}", other, won) for one, other, build, won in sides if build and pairs]
    if builds:
        tables.append(win_matrix("Build orders against players", "wins of the row over", builds))
    return tables
