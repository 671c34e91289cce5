"""What one game is and what came of it, as plain data that travels between processes and machines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from cherrypy_bot.learn.league.errors import LeagueError

GAME_STEP: Final = 22
"""Loops between two decisions of a bot in training: one second, as measured in docs/league.md."""
LOOP_LIMIT: Final = 22_400
"""A game of training is a tie after so many loops (1,000 seconds of the game)."""

ASSIGNED: Final = "assigned"
"""Fact of a cell: "opening" where a plan that knows nothing of the game gave side 0 its opening, each as often as any
other. Such an opening counts as drawn at random."""


@dataclass(frozen=True)
class Player:
    """Who plays and how.

    Attributes:
        name: in tables and ratings; the same name is the same player.
        bot: name in bots.yaml, or computer:RACE:LEVEL[:BUILD].
        strategy: options of the strategy module instead of those of bots.yaml, as {"policy": "explore"}.
    """

    name: str
    bot: str
    strategy: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GameOrder:
    """A game to be played; the same order gives the same game.

    Attributes:
        players: both sides; the first is no computer.
        map_name: of the engine, a map file, or generated:SEED.
        group: the league, matrix or evaluation that the game belongs to; part of its id.
        collect: sides whose episodes are kept.
        cell: what the game counts for, as facts that tables are made by.
        series: games of one series are played one after the other, and side 0 remembers the earlier ones as the
            ladder would let it; "" for games that know nothing of each other.
        past: what side 0 remembers: fields of `core.history.PastMatch`, filled in when the game is handed out.
    """

    players: tuple[Player, Player]
    map_name: str
    seed: int
    game_step: int = GAME_STEP
    loop_limit: int = LOOP_LIMIT
    group: str = ""
    collect: tuple[int, ...] = ()
    cell: Mapping[str, str] = field(default_factory=dict)
    series: str = ""
    past: tuple[Mapping[str, Any], ...] = ()

    @property
    def game_id(self) -> str:
        """16 hexadecimal digits that follow from what is played."""
        plain = asdict(self)
        for name in ("collect", "cell", "past"):
            del plain[name]
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """As text, the same for the same order."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> GameOrder:
        """As written by `to_json`. LeagueError for anything else."""
        try:
            plain = json.loads(text)
            first, second = (Player(**player) for player in plain["players"])
            rest = {**plain, "collect": tuple(plain["collect"]), "past": tuple(plain["past"])}
            return cls(**{**rest, "players": (first, second)})
        except (ValueError, TypeError, KeyError) as error:
            raise LeagueError(f"{text[:60]!r} is no order of a game ({type(error).__name__}: {error})") from None


@dataclass(frozen=True)
class GameResult:
    """What came of a game.

    Attributes:
        results: per side "Victory", "Defeat" or "Tie".
        ended: "decided", "tie" or "limit" (the loop limit came first, which is a tie).
        openings: per side the build at loop 0, "" where nothing is known.
        decisions: per side how often its policy decided after the opening.
        races: per side, lower case.
        void: why the game counts for nothing, "" where it counts: the other side crashed, or the match failed.
        errors: per side what ended its play, "" where nothing did.
        kept: episodes that were kept. dropped: why the others were not, one entry per episode.
        wall_seconds, cpu_seconds: of the process that played it.
    """

    results: tuple[str, str]
    ended: str
    loops: int
    races: tuple[str, str]
    openings: tuple[str, str] = ("", "")
    decisions: tuple[int, int] = (0, 0)
    void: str = ""
    errors: tuple[str, str] = ("", "")
    kept: int = 0
    dropped: tuple[str, ...] = ()
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0

    def score(self, side: int) -> float:
        """1 for a win of this side, 0 for a loss, 0.5 for a tie."""
        return {"Victory": 1.0, "Defeat": 0.0}.get(self.results[side], 0.5)

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> GameResult:
        """As written by `to_json`. LeagueError for anything else."""
        try:
            plain = json.loads(text)
            tuples: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
            }
            return cls(**tuples)
        except (ValueError, TypeError, AttributeError) as error:
            raise LeagueError(f"{text[:60]!r} is no result of a game ({type(error).__name__}: {error})") from None


def failed(why: str) -> GameResult:
    """The result of an order that could not be played at all."""
    return GameResult(("Tie", "Tie"), "tie", 0, ("", ""), void=" ".join(why.split()) or "no reason was given")
