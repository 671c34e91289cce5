"""What many games have in common: openings by match-up with win rates, and how a named player plays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from replays.model import PlayerData, ReplayData


@dataclass(frozen=True, slots=True)
class Side:
    """One player's side of one game, small enough to keep thousands of."""

    name: str
    race: str
    opponent: str
    opponent_race: str
    result: str
    opening: str
    map_name: str
    length_seconds: float
    loops: int = 0
    opponent_opening: str = "unknown"
    sha256: str = ""

    @property
    def match_up(self) -> str:
        """TvZ: the own race first."""
        return f"{self.race[0]}v{self.opponent_race[0]}"


@dataclass(frozen=True, slots=True)
class OpeningRecord:
    """How an opening did in a match-up; `games` are those with a decided result."""

    match_up: str
    opening: str
    games: int
    wins: int
    mean_seconds: float

    @property
    def win_rate(self) -> float:
        """Share of wins."""
        return self.wins / self.games if self.games else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the win rate."""
        if not self.games:
            return 0.0, 1.0
        z, n, p = 1.96, self.games, self.win_rate
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


def sides_of(replay: ReplayData) -> tuple[Side, Side]:
    """Both players' sides of a game."""
    first, second = replay.players

    def side(player: PlayerData, other: PlayerData) -> Side:
        return Side(
            name=player.name,
            race=player.race,
            opponent=other.name,
            opponent_race=other.race,
            result=player.result,
            opening=player.opening,
            map_name=replay.map_name,
            length_seconds=replay.length_seconds,
            loops=replay.length,
            opponent_opening=other.opening,
            sha256=replay.sha256,
        )

    return side(first, second), side(second, first)


def openings_by_match_up(sides: Iterable[Side], *, player: str | None = None) -> list[OpeningRecord]:
    """Openings with their games and wins, by match-up, the most played first.

    Args:
        player: count only this player's sides, in whatever spelling of upper and lower case.
    """
    wanted = player.casefold() if player is not None else None
    groups: defaultdict[tuple[str, str], list[Side]] = defaultdict(list)
    for side in sides:
        if wanted is not None and side.name.casefold() != wanted:
            continue
        if side.result in ("Win", "Loss"):
            groups[(side.match_up, side.opening)].append(side)
    records = [
        OpeningRecord(
            match_up=match_up,
            opening=opening,
            games=len(group),
            wins=sum(side.result == "Win" for side in group),
            mean_seconds=sum(side.length_seconds for side in group) / len(group),
        )
        for (match_up, opening), group in groups.items()
    ]
    records.sort(key=lambda record: (record.match_up, -record.games, record.opening))
    return records
