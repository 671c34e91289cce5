"""Orders, results and ratings in one SQLite file, written by many processes.

A result is written in one transaction with the ratings that follow from it, by the process that played the game. So a
kill at any point leaves a game either open or finished; open ones are played again when the league goes on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from openskill.models import PlackettLuce

from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import GameOrder, GameResult

FORMAT: Final = 1
FILE: Final = "league.sqlite"
EPISODES: Final = "episodes"
BUSY_SECONDS: Final = 60.0
MODEL: Final = PlackettLuce()
_SCHEMA: Final = """
CREATE TABLE league (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, kind TEXT NOT NULL,
    settings TEXT NOT NULL);
CREATE TABLE player (name TEXT PRIMARY KEY, mu REAL NOT NULL, sigma REAL NOT NULL);
CREATE TABLE game (
    id INTEGER PRIMARY KEY, player1 TEXT NOT NULL, player2 TEXT NOT NULL, series TEXT NOT NULL, content TEXT NOT NULL,
    sequence INTEGER UNIQUE, result TEXT, finished TEXT
);
CREATE INDEX open_games ON game (id) WHERE result IS NULL;
CREATE INDEX series_games ON game (series, id);
CREATE TABLE rating (sequence INTEGER NOT NULL, player TEXT NOT NULL, mu REAL NOT NULL, sigma REAL NOT NULL);
"""


@dataclass(frozen=True)
class Game:
    """A game of the file; `result` and `sequence` are None while it is open."""

    id: int
    order: GameOrder
    result: GameResult | None
    sequence: int | None


@dataclass(frozen=True)
class Rating:
    """openskill's Plackett-Luce rating: skill is believed to be normal with this mean and deviation."""

    mu: float
    sigma: float

    @property
    def ordinal(self) -> float:
        """What the player's skill surpasses with 99.7 % certainty."""
        return self.mu - 3.0 * self.sigma


class Store:
    """The file of a folder. Every call is one transaction.

    Args:
        folder: of the league; `create` makes one.

    Raises LeagueError where there is none, or one of another version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE
        if not self.path.is_file():
            raise LeagueError(f"{self.path}: there is no such league; begin one")
        try:
            with self._transaction() as db:
                row = db.execute("SELECT format, kind, settings FROM league").fetchone()
        except sqlite3.DatabaseError as error:
            raise LeagueError(f"{self.path}: cannot be read as a league ({error}); move it away") from None
        if row is None or row[0] != FORMAT:
            raise LeagueError(f"{self.path}: was written by another version of the program; use another folder")
        self.kind: str = row[1]
        self.settings: Mapping[str, Any] = json.loads(row[2])

    @classmethod
    def create(cls, folder: Path, kind: str, settings: Mapping[str, Any]) -> Store:
        """Begin one, or open the one that is there. LeagueError where that one is of another kind or settings."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(dict(settings), sort_keys=True)
        db = sqlite3.connect(folder / FILE, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'league'").fetchone():
                for statement in _SCHEMA.split(";"):
                    db.execute(statement)
                db.execute("INSERT INTO league VALUES (1, ?, ?, ?)", (FORMAT, kind, text))
            db.execute("COMMIT")
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.DatabaseError as error:
            raise LeagueError(f"{folder / FILE}: cannot be used ({error}); use another folder") from None
        finally:
            db.close()
        store = cls(folder)
        if store.kind != kind:
            raise LeagueError(f"{folder} holds a {store.kind}, not a {kind}; use another --out")
        if json.dumps(store.settings, sort_keys=True) != text:
            changed = sorted(k for k in {*settings, *store.settings} if settings.get(k) != store.settings.get(k))
            raise LeagueError(f"{folder} was begun with another {', '.join(changed)}; use another --out")
        return store

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        finally:
            db.close()

    # -- orders --------------------------------------------------------------------------------

    def add(self, orders: Iterable[GameOrder]) -> list[int]:
        """Add open games; their ids."""
        rows = [(o.players[0].name, o.players[1].name, o.series, o.to_json()) for o in orders]
        with self._transaction() as db:
            return [
                int(
                    db.execute(
                        "INSERT INTO game (player1, player2, series, content) VALUES (?, ?, ?, ?)", row
                    ).lastrowid
                    or 0
                )
                for row in rows
            ]

    def add_missing(self, orders: Iterable[GameOrder]) -> None:
        """Add those games of a plan that are not there yet: a kill while it was written costs nothing."""
        there = {game.order.game_id for game in self.games()}
        self.add(order for order in orders if order.game_id not in there)

    def next_open(self, busy: Iterable[int]) -> Game | None:
        """The first open game that is not being played and whose series waits for nobody; None without any."""
        taken = set(busy)
        with self._transaction() as db:
            waiting: set[str] = set()
            query = "SELECT id, content, series FROM game WHERE result IS NULL ORDER BY id"
            for number, content, series in db.execute(query):
                if number not in taken and (not series or series not in waiting):
                    return Game(number, self._with_past(db, GameOrder.from_json(content), number), None, None)
                if series:
                    waiting.add(series)
        return None

    def game(self, number: int) -> Game:
        """A game by id, with what its series has come to so far."""
        with self._transaction() as db:
            row = db.execute("SELECT id, content, result, sequence FROM game WHERE id = ?", (number,)).fetchone()
            if row is None:
                raise LeagueError(f"{self.path}: there is no game {number}")
            found = _game(row)
            return replace(found, order=self._with_past(db, found.order, number))

    def _with_past(self, db: sqlite3.Connection, order: GameOrder, number: int) -> GameOrder:
        if not order.series:
            return order
        query = "SELECT content, result FROM game WHERE series = ? AND id < ? AND result IS NOT NULL ORDER BY id"
        played = [
            (GameOrder.from_json(content), GameResult.from_json(result))
            for content, result in db.execute(query, (order.series, number))
        ]
        past = tuple(_remembered(earlier, result) for earlier, result in played if not result.void)
        return replace(order, past=past)

    # -- results -------------------------------------------------------------------------------

    def finish(self, number: int, result: GameResult) -> bool:
        """Write a result and the ratings that follow. False where the game had one already, which stays."""
        with self._transaction() as db:
            row = db.execute("SELECT player1, player2, result FROM game WHERE id = ?", (number,)).fetchone()
            if row is None or row[2] is not None:
                return False
            (sequence,) = db.execute("SELECT COALESCE(MAX(sequence), 0) + 1 FROM game").fetchone()
            now = datetime.now(UTC).isoformat(timespec="seconds")
            db.execute(
                "UPDATE game SET result = ?, sequence = ?, finished = ? WHERE id = ?",
                (result.to_json(), sequence, now, number),
            )
            if not result.void and row[0] != row[1]:
                _rate(db, sequence, row[0], row[1], result)
        return True

    def games(self) -> list[Game]:
        """All games, in the order in which they were made."""
        with self._transaction() as db:
            rows = db.execute("SELECT id, content, result, sequence FROM game ORDER BY id").fetchall()
        return [_game(row) for row in rows]

    def counts(self) -> tuple[int, int]:
        """How many games are finished, and how many there are."""
        with self._transaction() as db:
            finished, known = db.execute("SELECT COUNT(result), COUNT(*) FROM game").fetchone()
        return int(finished), int(known)

    def ratings(self) -> dict[str, Rating]:
        """Of everybody who has played."""
        with self._transaction() as db:
            rows = db.execute("SELECT name, mu, sigma FROM player").fetchall()
        return {name: Rating(mu, sigma) for name, mu, sigma in rows}

    def rating_history(self) -> list[tuple[int, str, Rating]]:
        """(how many-eth game, player, rating after it), in that order."""
        with self._transaction() as db:
            rows = db.execute("SELECT sequence, player, mu, sigma FROM rating ORDER BY sequence, rowid").fetchall()
        return [(sequence, player, Rating(mu, sigma)) for sequence, player, mu, sigma in rows]


def _game(row: tuple[int, str, str | None, int | None]) -> Game:
    result = GameResult.from_json(row[2]) if row[2] is not None else None
    return Game(row[0], GameOrder.from_json(row[1]), result, row[3])


def _remembered(order: GameOrder, result: GameResult) -> dict[str, Any]:
    """A game as `core.history` would have kept it for side 0."""
    return {
        "result": result.results[0],
        "finished": not result.errors[0],
        "map_name": order.map_name,
        "race": result.races[0],
        "enemy_race": result.races[1],
        "loops": result.loops,
        "notes": {"opening": result.openings[0]} if result.openings[0] else {},
    }


def _rate(db: sqlite3.Connection, sequence: int, first: str, second: str, result: GameResult) -> None:
    before = []
    for name in (first, second):
        row = db.execute("SELECT mu, sigma FROM player WHERE name = ?", (name,)).fetchone()
        before.append(MODEL.rating(mu=row[0], sigma=row[1], name=name) if row else MODEL.rating(name=name))
    after = MODEL.rate([[before[0]], [before[1]]], scores=[result.score(0), result.score(1)])
    for (rating,) in after:
        values = (rating.name, rating.mu, rating.sigma)
        db.execute("INSERT OR REPLACE INTO player (name, mu, sigma) VALUES (?, ?, ?)", values)
        db.execute("INSERT INTO rating (sequence, player, mu, sigma) VALUES (?, ?, ?, ?)", (sequence, *values))
