"""What the ladder allows a bot, and how a match can end. Names and meaning are those of AI Arena's result types."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

TIE_LOOP = 80_640
"""One hour of game time at 22.4 loops a second."""
FREE_LOOPS = 1344
"""A bot's time per step is not judged in the first minute of the game, which has its set-up."""


@dataclass(frozen=True)
class ArenaRules:
    """Limits of a match; the defaults are the ladder's.

    Attributes:
        timeout_seconds: a bot that owes a message for so long has lost by time-out.
        loop_limit: the match is a tie at this game loop.
        alive_seconds: both processes must live so long after their start, or there is no match.
        connect_seconds: both must have joined by then, or there is no match.
        stall_seconds: a bot that goes on talking without a step for so long has lost by time-out.
        step_ms: a bot whose mean time per step exceeds this after the first minute of the game has lost by
            time-out; None judges nobody. The ladder's controller names 40.
        grace_seconds: after the end, bots have so long to finish by themselves.
    """

    timeout_seconds: float = 30.0
    loop_limit: int = TIE_LOOP
    alive_seconds: float = 2.0
    connect_seconds: float = 60.0
    stall_seconds: float = 300.0
    step_ms: float | None = None
    grace_seconds: float = 5.0


class Ending(StrEnum):
    """How a match ended, as the ladder names it: PlayerN is who won, crashed, timed out or came with a wrong race."""

    PLAYER1_WIN = "Player1Win"
    PLAYER2_WIN = "Player2Win"
    PLAYER1_CRASH = "Player1Crash"
    PLAYER2_CRASH = "Player2Crash"
    PLAYER1_TIMEOUT = "Player1TimeOut"
    PLAYER2_TIMEOUT = "Player2TimeOut"
    PLAYER1_RACE_MISMATCH = "Player1RaceMismatch"
    PLAYER2_RACE_MISMATCH = "Player2RaceMismatch"
    TIE = "Tie"
    INITIALIZATION_ERROR = "InitializationError"
    ERROR = "Error"

    @classmethod
    def of(cls, what: str, player: int) -> Ending:
        """The ending in which player 0 or 1 did `what`: "Win", "Crash", "TimeOut" or "RaceMismatch"."""
        return cls(f"Player{player + 1}{what}")

    @property
    def winner(self) -> int | None:
        """0 or 1; None where nobody won."""
        for what, wins in (("Win", 0), ("Crash", 1), ("TimeOut", 1)):
            if self.value.endswith(what) and self.value.startswith("Player"):
                return (int(self.value[6]) - 1 + wins) % 2
        return None

    @property
    def rated(self) -> bool:
        """Whether it changes ratings; matches that never came about do not."""
        return self.winner is not None or self is Ending.TIE


@dataclass(frozen=True)
class Verdict:
    """An ending and the sentence that says why."""

    ending: Ending
    reason: str


@dataclass(frozen=True)
class BotTimes:
    """What one bot needed.

    Attributes:
        avg_step_time: seconds per step, from an answer of the game to the bot's next request; None without steps.
        max_step_time: the longest step, in seconds.
        steps: how many were measured.
        exit_code: of its process; negative numbers are signals, None where it had to be killed.
    """

    avg_step_time: float | None
    max_step_time: float | None
    steps: int
    exit_code: int | None


@dataclass(frozen=True)
class ArenaResult:
    """A finished match; `as_dict` is the result file. `tags` are what each bot called it by chat."""

    bots: tuple[str, str]
    map_name: str
    seed: int
    verdict: Verdict
    game_steps: int
    wall_seconds: float
    times: tuple[BotTimes, BotTimes]
    replay: str | None = None
    tags: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def winner(self) -> str | None:
        """Name of the winner, None where nobody won."""
        index = self.verdict.ending.winner
        return self.bots[index] if index is not None else None

    def as_dict(self) -> dict[str, Any]:
        """Plain data; step times in seconds, as the ladder's own result file has them."""
        plain: dict[str, Any] = {
            "type": self.verdict.ending.value,
            "winner": self.winner,
            "reason": self.verdict.reason,
            "map": self.map_name,
            "seed": self.seed,
            "game_steps": self.game_steps,
            "wall_seconds": round(self.wall_seconds, 3),
            "replay": self.replay,
        }
        for index, (name, times) in enumerate(zip(self.bots, self.times, strict=True), start=1):
            plain[f"bot{index}"] = name
            plain[f"bot{index}_tags"] = list(self.tags[index - 1])
            for key, value in asdict(times).items():
                plain[f"bot{index}_{key}"] = round(value, 6) if isinstance(value, float) else value
        return plain
