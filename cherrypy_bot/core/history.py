"""What came of earlier matches against the same opponent: one small JSON file per opponent, kept in the data folder.

    record = OpponentHistory(Path("data")).begin("their-id", map_name="TorchesAIE", race="Zerg", enemy_race="Terran")
    record.past                           # PastMatch, oldest first; this match is not among them
    record.note(opening="roach_timing")   # what a module wants to remember of this match
    record.finish("Victory", loops=9000)

A match is written as lost when it begins, so that one that ends in a crash stays lost. Every write replaces the file
as a whole: a process killed at any point leaves the old text or the new one. A data folder that cannot be read or
written costs the memory, never the match. Modules find the record as `ctx.bot.history`; None where nobody keeps one.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from loguru import logger

FOLDER: Final = "history"
KEPT_MATCHES: Final = 500
"""Older matches against the same opponent are forgotten."""
RESULTS: Final = ("Victory", "Defeat", "Tie")
RUSH_NOTE: Final = "enemy_rush"
"""Note of when an early attack of the enemy came or was seen coming: game loop, 0 for none."""
Fact = str | int | float | bool


@dataclass(frozen=True, slots=True)
class PastMatch:
    """One match against an opponent.

    Attributes:
        result: "Victory", "Defeat" or "Tie".
        finished: False where the bot did not live to see the result, which then is "Defeat".
        loops: length in game loops; 0 where it is not known.
        notes: what modules wrote down, as {"opening": "roach_timing"}.
    """

    result: str = "Defeat"
    finished: bool = False
    map_name: str = ""
    race: str = ""
    enemy_race: str = ""
    loops: int = 0
    notes: Mapping[str, Fact] = field(default_factory=dict)


class MatchRecord:
    """The record of the match that is being played.

    Attributes:
        opponent_id: whom it is against.
        past: earlier matches against them, oldest first.
        match: this one as far as it is known.
    """

    def __init__(self, path: Path, opponent_id: str, past: tuple[PastMatch, ...], match: PastMatch) -> None:
        self.opponent_id = opponent_id
        self.past = past
        self.match = match
        self._path = path
        self._save()

    def note(self, **facts: Fact) -> None:
        """Remember facts of this match; written at once."""
        self.match = replace(self.match, notes={**self.match.notes, **facts})
        self._save()

    def finish(self, result: str, loops: int = 0, enemy_race: str = "") -> None:
        """Write down how it ended and, where it was found out, the enemy's race.

        Anything but RESULTS leaves it the loss it began as.
        """
        if result in RESULTS:
            known = enemy_race or self.match.enemy_race
            self.match = replace(self.match, result=result, finished=True, loops=loops, enemy_race=known)
            self._save()

    def _save(self) -> None:
        matches = [*self.past, self.match][-KEPT_MATCHES:]
        text = json.dumps({"opponent_id": self.opponent_id, "matches": [asdict(match) for match in matches]}, indent=1)
        try:
            replace_file(self._path, text + "\n")
        except OSError as error:
            logger.warning(f"the match against {self.opponent_id} is not remembered: {error}")


class OpponentHistory:
    """The files of all opponents in one data folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def path(self, opponent_id: str) -> Path:
        """The file of an opponent; ids that are no file names get one that no other id has."""
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", opponent_id)[:80].strip(".")
        if plain != opponent_id:
            plain += f"-{zlib.crc32(opponent_id.encode()):08x}"
        return self._folder / f"{plain}.json"

    def past(self, opponent_id: str) -> tuple[PastMatch, ...]:
        """Matches against an opponent, oldest first; a file that cannot be read counts as none and is set aside."""
        path = self.path(opponent_id)
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))["matches"]
            return tuple(_match(entry) for entry in entries)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            logger.warning(f"{path} is no history ({type(error).__name__}: {error}); it is set aside")
            _set_aside(path)
            return ()

    def begin(self, opponent_id: str, *, map_name: str = "", race: str = "", enemy_race: str = "") -> MatchRecord:
        """Open the record of a match; it is a loss until `finish` says otherwise."""
        match = PastMatch(map_name=map_name, race=race, enemy_race=enemy_race)
        return MatchRecord(self.path(opponent_id), opponent_id, self.past(opponent_id), match)


def replace_file(path: Path, text: str) -> None:
    """Write a file so that a reader, or a process killed halfway, finds the old text or the new one. OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half_done = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with half_done.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half_done, path)
    finally:
        half_done.unlink(missing_ok=True)


def _match(entry: Mapping[str, Any]) -> PastMatch:
    """A match as written; ValueError or TypeError for anything else. Keys of later versions are ignored."""
    if entry["result"] not in RESULTS or not isinstance(entry.get("notes", {}), dict):
        raise ValueError(f"{entry!r} is no match")
    return PastMatch(**{key: entry[key] for key in PastMatch.__dataclass_fields__ if key in entry})


def _set_aside(path: Path) -> None:
    try:
        path.replace(path.with_name(path.name + ".broken"))
    except OSError as error:
        logger.warning(f"{path} cannot be set aside: {error}")
