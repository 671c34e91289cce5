"""A tournament on disk: one SQLite file with its settings, its bots, their ratings and every match.

A match is finished in one transaction with the ratings that follow from it. So a process that is killed at any point
leaves a match either not played or finished, and ratings that are those of the finished matches.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from openskill.models import PlackettLuce

from cherrypy_bot.ladder.arena.entrants import Entrant
from cherrypy_bot.ladder.arena.rules import ArenaRules, Ending
from cherrypy_bot.ladder.errors import MatchError

FORMAT = 1
FILE = "arena.sqlite"
BUSY_SECONDS = 60.0
_SCHEMA = """
CREATE TABLE tournament (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, settings TEXT NOT NULL);
CREATE TABLE bot (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, race INTEGER,
    mu REAL NOT NULL, sigma REAL NOT NULL
);
CREATE TABLE match (
    id INTEGER PRIMARY KEY, round INTEGER NOT NULL,
    bot1 TEXT NOT NULL REFERENCES bot, bot2 TEXT NOT NULL REFERENCES bot, map TEXT NOT NULL, seed INTEGER NOT NULL,
    sequence INTEGER UNIQUE, type TEXT, winner TEXT, reason TEXT, game_steps INTEGER, wall_seconds REAL,
    bot1_avg_step_time REAL, bot2_avg_step_time REAL, replay TEXT, finished TEXT,
    bot1_opening TEXT, bot2_opening TEXT
);
"""
_ADDED = ("bot1_opening", "bot2_opening")
"""Columns that files of earlier versions lack."""
MODEL = PlackettLuce()


@dataclass(frozen=True)
class Settings:
    """What a tournament is played by, fixed when it begins.

    Attributes:
        mode: "round-robin" (everybody against everybody, `rounds` times) or "ladder" (each round pairs neighbours).
        keep_data: whether ./data lasts from match to match; then no bot plays two matches at a time.
        traces: whether every match writes the trace that `cherrypy-bot view` shows.
        python: what runs folders and zips.
    """

    mode: str = "round-robin"
    rounds: int = 1
    maps: tuple[str, ...] = ("CherryGroveLE",)
    seed: int = 1
    realtime: bool = False
    keep_data: bool = True
    replays: bool = False
    traces: bool = False
    python: str | None = None
    rules: ArenaRules = field(default_factory=ArenaRules)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """As written by `to_json`."""
        plain = json.loads(text)
        return cls(**{**plain, "maps": tuple(plain["maps"]), "rules": ArenaRules(**plain["rules"])})

    def to_json(self) -> str:
        """As text, the same for the same settings."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Pairing:
    """A match that is to be played."""

    round: int
    bot1: str
    bot2: str
    map_name: str
    seed: int


@dataclass(frozen=True)
class MatchRow:
    """A match of the tournament; `type` and what follows are None until it is finished.

    Attributes:
        sequence: how many-eth it was finished; ratings follow this order.
        bot1_avg_step_time, bot2_avg_step_time: seconds.
        bot1_opening, bot2_opening: the build order each began with; None where the bot tells nobody.
    """

    id: int
    round: int
    bot1: str
    bot2: str
    map: str
    seed: int
    sequence: int | None = None
    type: str | None = None
    winner: str | None = None
    reason: str | None = None
    game_steps: int | None = None
    wall_seconds: float | None = None
    bot1_avg_step_time: float | None = None
    bot2_avg_step_time: float | None = None
    replay: str | None = None
    finished: str | None = None
    bot1_opening: str | None = None
    bot2_opening: str | None = None


@dataclass(frozen=True)
class Rating:
    """A bot's rating by openskill's Plackett-Luce model: skill is believed to be normal around mu."""

    mu: float
    sigma: float

    @property
    def ordinal(self) -> float:
        """What the bot's skill surpasses with 99.7 % certainty, by which tables are sorted."""
        return self.mu - 3.0 * self.sigma


class Store:
    """The tournament in a file. Every call is one transaction; several processes may work on one file."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise MatchError(f"there is no tournament at {path}; name the bots that shall play one")
        self.path = path
        try:
            with self._transaction() as db:
                found = db.execute("SELECT format, settings FROM tournament").fetchone()
        except sqlite3.DatabaseError as error:
            raise MatchError(f"{path} holds no tournament ({error}); give another --out") from error
        if found is None or found[0] != FORMAT:
            raise MatchError(f"{path} was written by another version; give another --out")
        self.settings = Settings.from_json(found[1])
        with self._transaction() as db:
            columns = {row[1] for row in db.execute("PRAGMA table_info(match)")}
            for name in _ADDED:
                if name not in columns:
                    db.execute(f"ALTER TABLE match ADD COLUMN {name} TEXT")

    @classmethod
    def create(cls, path: Path, settings: Settings, entrants: Sequence[Entrant], pairings: Iterable[Pairing]) -> Store:
        """Begin a tournament. The file comes into being complete or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half_done = path.with_name(path.name + ".part")
        half_done.unlink(missing_ok=True)
        fresh = MODEL.rating()
        db = sqlite3.connect(half_done)
        try:
            db.executescript(_SCHEMA)
            db.execute("INSERT INTO tournament VALUES (1, ?, ?)", (FORMAT, settings.to_json()))
            db.executemany(
                "INSERT INTO bot VALUES (?, ?, ?, ?, ?, ?)",
                [(e.name, e.kind, str(e.source), e.race, fresh.mu, fresh.sigma) for e in entrants],
            )
            _insert(db, pairings)
            db.commit()
        finally:
            db.close()
        half_done.replace(path)
        return cls(path)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        finally:
            db.close()

    def entrants(self) -> list[Entrant]:
        """Everybody, in the order of their names in the command."""
        with self._transaction() as db:
            rows = db.execute("SELECT name, kind, source, race FROM bot ORDER BY rowid").fetchall()
        return [Entrant(name, kind, Path(source), race) for name, kind, source, race in rows]

    def ratings(self) -> dict[str, Rating]:
        """The rating of every bot."""
        with self._transaction() as db:
            return _ratings(db)

    def matches(self) -> list[MatchRow]:
        """All matches there are so far, played or not, by id."""
        with self._transaction() as db:
            rows = db.execute(f"SELECT {', '.join(MatchRow.__dataclass_fields__)} FROM match ORDER BY id").fetchall()
        return [MatchRow(*row) for row in rows]

    def match(self, match_id: int) -> MatchRow:
        """One match. MatchError where there is none."""
        found = next((row for row in self.matches() if row.id == match_id), None)
        if found is None:
            raise MatchError(f"{self.path} has no match {match_id}")
        return found

    def add_round(self, number: int, pairings: Iterable[Pairing]) -> bool:
        """Add a round's matches, unless it is there already."""
        with self._transaction() as db:
            if db.execute("SELECT 1 FROM match WHERE round = ? LIMIT 1", (number,)).fetchone() is not None:
                return False
            _insert(db, pairings)
        return True

    def finish(self, match_id: int, result: Mapping[str, Any]) -> bool:
        """Write down a result (`ArenaResult.as_dict`) and the new ratings; False where the match has one already."""
        with self._transaction() as db:
            row = db.execute("SELECT bot1, bot2, type FROM match WHERE id = ?", (match_id,)).fetchone()
            if row is None or row[2] is not None:
                return False
            db.execute(
                "UPDATE match SET sequence = (SELECT COALESCE(MAX(sequence), 0) + 1 FROM match), type = :type,"
                " winner = :winner, reason = :reason, game_steps = :game_steps, wall_seconds = :wall_seconds,"
                " bot1_avg_step_time = :bot1_avg_step_time, bot2_avg_step_time = :bot2_avg_step_time,"
                " replay = :replay, finished = datetime('now'),"
                " bot1_opening = :bot1_opening, bot2_opening = :bot2_opening WHERE id = :id",
                {**dict.fromkeys(_ADDED), **result, "id": match_id},
            )
            ratings = _ratings(db)
            after = rate(ratings[row[0]], ratings[row[1]], Ending(result["type"]))
            for name, rating in zip(row[:2], after, strict=True):
                db.execute("UPDATE bot SET mu = ?, sigma = ? WHERE name = ?", (rating.mu, rating.sigma, name))
        return True


def rate(first: Rating, second: Rating, ending: Ending) -> tuple[Rating, Rating]:
    """Ratings after a match; unchanged where the ending is not rated."""
    if not ending.rated:
        return first, second
    ranks = [1.0, 1.0] if ending.winner is None else [1.0, 2.0] if ending.winner == 0 else [2.0, 1.0]
    teams = [[MODEL.rating(mu=rating.mu, sigma=rating.sigma)] for rating in (first, second)]
    (one,), (two,) = MODEL.rate(teams, ranks=ranks)
    return Rating(one.mu, one.sigma), Rating(two.mu, two.sigma)


def _ratings(db: sqlite3.Connection) -> dict[str, Rating]:
    rows = db.execute("SELECT name, mu, sigma FROM bot ORDER BY rowid").fetchall()
    return {name: Rating(mu, sigma) for name, mu, sigma in rows}


def _insert(db: sqlite3.Connection, pairings: Iterable[Pairing]) -> None:
    db.executemany(
        "INSERT INTO match (round, bot1, bot2, map, seed) VALUES (?, ?, ?, ?, ?)",
        [(p.round, p.bot1, p.bot2, p.map_name, p.seed) for p in pairings],
    )
