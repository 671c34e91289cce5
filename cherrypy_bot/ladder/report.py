"""What came of a match, and how it stands while it runs."""

from __future__ import annotations

import importlib.metadata
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LOOPS_PER_SECOND = 22.4
"""Game loops per real second at the speed matches are played ("Faster")."""


@dataclass(frozen=True)
class Timing:
    """Wall time of something that happened many times, in milliseconds each."""

    mean: float
    p95: float
    max: float
    count: int

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Timing:
        """Summary of measured durations; all zero where nothing was measured."""
        if not milliseconds:
            return cls(0.0, 0.0, 0.0, 0)
        ordered = sorted(milliseconds)
        p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        return cls(statistics.fmean(ordered), p95, ordered[-1], len(ordered))

    def as_dict(self) -> dict[str, float | int]:
        """The same as plain numbers, rounded to a microsecond."""
        return {
            "mean": round(self.mean, 3),
            "p95": round(self.p95, 3),
            "max": round(self.max, 3),
            "count": self.count,
        }


@dataclass(frozen=True)
class PlayerReport:
    """One side of a finished match.

    Attributes:
        name: name in bots.yaml, or the computer's ("computer:zerg:VeryHard").
        race: lower case, the race that was played.
        result: "Victory", "Defeat", "Tie" or "Undecided".
        orders: orders given to units, counted once per unit; None where nobody counted.
        step: wall time of a whole decision step of the bot; None for a computer.
        modules: wall time per module of the bot per step; empty for bots without modules.
        switched_off: modules that were taken out of the match for raising or overrunning.
        error: what ended the bot's play before the game did, None where nothing did.
    """

    name: str
    race: str
    result: str
    orders: int | None
    step: Timing | None = None
    modules: dict[str, Timing] = field(default_factory=dict)
    switched_off: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class MatchReport:
    """A finished match; `as_dict` is what `cherrypy-bot play --json` prints."""

    map_name: str
    seed: int
    engine: str
    game_step: int
    realtime: bool
    loops: int
    wall_seconds: float
    players: tuple[PlayerReport, PlayerReport]
    state_hash: str | None = None
    replay: str | None = None
    traces: Mapping[str, str] = field(default_factory=dict)

    @property
    def winner(self) -> str | None:
        """Name of the side with a victory; None for a tie or an undecided game."""
        winners = [player.name for player in self.players if player.result == "Victory"]
        return winners[0] if len(winners) == 1 else None

    @property
    def game_seconds(self) -> float:
        """Length of the game on its own clock."""
        return self.loops / LOOPS_PER_SECOND

    @property
    def x_realtime(self) -> float:
        """How many times faster than on the ladder's clock it was played."""
        return self.game_seconds / self.wall_seconds if self.wall_seconds > 0 else 0.0

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data; `milliseconds` is keyed by player, then module ("step" is all of it)."""
        return {
            "map": self.map_name,
            "seed": self.seed,
            "engine": self.engine,
            "game_step": self.game_step,
            "realtime": self.realtime,
            "results": {player.name: player.result for player in self.players},
            "winner": self.winner,
            "loops": self.loops,
            "game_seconds": round(self.game_seconds, 2),
            "wall_seconds": round(self.wall_seconds, 3),
            "x_realtime": round(self.x_realtime, 2),
            "state_hash": self.state_hash,
            "replay": self.replay,
            "trace": next(iter(self.traces.values()), None),
            "traces": dict(self.traces),
            "orders": {player.name: player.orders for player in self.players},
            "milliseconds": {
                player.name: {
                    "step": player.step.as_dict(),
                    **{name: timing.as_dict() for name, timing in player.modules.items()},
                }
                for player in self.players
                if player.step is not None
            },
            "races": {player.name: player.race for player in self.players},
            "switched_off": {player.name: list(player.switched_off) for player in self.players},
            "errors": {player.name: player.error for player in self.players if player.error is not None},
            "versions": versions(),
        }


@dataclass(frozen=True)
class Side:
    """One side of a running match, as seen by a spectator."""

    name: str
    race: str
    supply_used: float
    supply_cap: float
    workers: int
    army_value: int


@dataclass(frozen=True)
class Progress:
    """A running match: what the progress line shows.

    Attributes:
        loop: game loop now.
        wall_seconds: since loop 0.
        loops_per_second: over the last stretch, not since the start.
        sides: both players; empty where the engine does not show them (an installed game).
    """

    loop: int
    wall_seconds: float
    loops_per_second: float
    sides: tuple[Side, ...] = ()


def versions() -> dict[str, str | None]:
    """What a result depends on besides map, seed and bots. None where a package is absent."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in ("cherrypy_bot", "burnysc2", "numpy", "numba", "torch"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = None
    return found
