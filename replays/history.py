"""Games of replays as a bot's memory of its opponents: the files that strategy reads (`cherrypy_bot.core.history`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cherrypy_bot.core.history import RUSH_NOTE, OpponentHistory
from replays.errors import ReplayError, shown
from replays.model import LOOPS_PER_SECOND
from replays.openings import UNKNOWN, early_attack
from replays.statistics import Side

RESULTS: Final = {"Win": "Victory", "Loss": "Defeat", "Tie": "Tie"}
REPLAY_NOTE: Final = "replay"
OPENING_NOTE: Final = "opening"
"""As strategy notes what it played (`learn.bandits` reads it)."""
_SHORT_HASH: Final = 16


@dataclass(frozen=True, slots=True)
class Added:
    """What came of one opponent: how many games were new, known before, or without a result."""

    opponent: str
    new: int
    known: int
    undecided: int


def add_to_history(data: Path, sides: Iterable[Side], player: str) -> list[Added]:
    """Write every game of a player into the history files of a data folder, oldest first as given.

    A game is noted by its replay, so that it is not counted twice; the opponent's opening goes with it as
    `enemy_opening`, when its early attack comes as `enemy_rush` (loop, 0 for none; nothing where the opening is
    unknown), and the player's opening, where it was recognised, as `opening`: what bandits over openings count.
    The opponent's name in the replay stands for the id that a ladder gives.

    Raises:
        ReplayError: where nobody of that name plays, or the folder cannot be written.
    """
    history = OpponentHistory(data)
    counts: dict[str, list[int]] = {}
    for side in sides:
        if side.name.casefold() != player.casefold():
            continue
        count = counts.setdefault(side.opponent, [0, 0, 0])
        result = RESULTS.get(side.result)
        mark = side.sha256[:_SHORT_HASH]
        if result is None:
            count[2] += 1
        elif any(match.notes.get(REPLAY_NOTE) == mark for match in history.past(side.opponent)):
            count[1] += 1
        else:
            record = history.begin(side.opponent, map_name=side.map_name, race=side.race, enemy_race=side.opponent_race)
            record.note(**{REPLAY_NOTE: mark, "enemy_opening": side.opponent_opening})
            if side.opponent_opening != UNKNOWN:
                record.note(**{RUSH_NOTE: round(early_attack(side.opponent_opening) * LOOPS_PER_SECOND)})
            if side.opening != UNKNOWN:
                record.note(**{OPENING_NOTE: side.opening})
            record.finish(result, loops=side.loops)
            if not history.path(side.opponent).is_file():
                raise ReplayError(f"{shown(data)} cannot be written; name another folder")
            count[0] += 1
    if not counts:
        raise ReplayError(f"no player is called {player!r} in these replays")
    return [Added(opponent, *count) for opponent, count in counts.items()]
