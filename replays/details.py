"""What a replay's header, details and metadata say: version, map, time, who sat where and how it ended."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cherrypy_bot.formats.errors import FormatError
from cherrypy_bot.formats.mpq import MpqArchive
from cherrypy_bot.formats.tracker import MAX_LOOPS
from cherrypy_bot.formats.versioned import decode
from replays.errors import NotAReplayError, UnsupportedReplayError

_RESULTS: Final = {1: "Win", 2: "Loss", 3: "Tie"}
_METADATA_RESULTS: Final = ("Win", "Loss", "Tie")
_EXPANSIONS: Final = {1: "Wings of Liberty", 2: "Heart of the Swarm"}
_SIGNATURE: Final = b"StarCraft II replay"
_HUMAN, _COMPUTER = 2, 3
_WINDOWS_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_LONGEST_NAME: Final = 64
_SUBJECT: Final = "replay.details"


@dataclass(frozen=True, slots=True)
class Header:
    """From the archive's user data: `version` as the game shows it, `length` in loops."""

    version: str
    base_build: int
    length: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A player as the replay's details list it, before anything is known of the game.

    Attributes:
        apm, mmr: from the game's own metadata, None where the file has none.
    """

    position: int
    name: str
    clan: str
    human: bool
    result: str
    color: tuple[int, int, int]
    apm: float | None
    mmr: int | None


@dataclass(frozen=True, slots=True)
class Details:
    """The two seats of a 1v1, the map's name and when the game was played (UTC)."""

    seats: tuple[Seat, Seat]
    map_name: str
    played_at: datetime | None


def read_header(archive: MpqArchive) -> Header:
    """The header, checked to be one of Legacy of the Void.

    Raises:
        NotAReplayError: where it is none. UnsupportedReplayError: where the replay is of an older expansion.
    """
    fields, _ = decode(archive.user_data)
    version = fields.get(1) if isinstance(fields, dict) else None
    if not isinstance(version, dict) or not str(fields.get(0)).startswith(str(_SIGNATURE)[:-1]):
        raise NotAReplayError("its header is no StarCraft II replay's; give a .SC2Replay file")
    numbers = [_number(version.get(number)) for number in (1, 2, 3, 4)]
    base_build = _number(version.get(5)) or numbers[3]
    length = _number(fields.get(3))
    if numbers[0] < 3:
        expansion = _EXPANSIONS.get(numbers[0], "an unknown version")
        raise UnsupportedReplayError(
            f"it is of {expansion} ({'.'.join(map(str, numbers))}); only replays of Legacy of the Void (3.0 and newer) "
            "say enough to be read"
        )
    if not 0 <= length <= MAX_LOOPS or not 0 <= base_build < 1 << 31:
        raise NotAReplayError("its header makes no sense; the file is damaged")
    return Header(".".join(map(str, numbers)), base_build, length)


def read_details(archive: MpqArchive) -> Details:
    """Who played, where and when.

    Raises:
        NotAReplayError: where the details are missing or damaged. UnsupportedReplayError: where it is no 1v1.
    """
    raw = archive.read(_SUBJECT) or archive.read(f"{_SUBJECT}.backup")
    if not raw:
        raise NotAReplayError("it has no details of its players; the file is damaged")
    fields, _ = decode(raw)
    players = fields.get(0) if isinstance(fields, dict) else None
    if not isinstance(players, list) or not all(isinstance(player, dict) for player in players):
        raise NotAReplayError("its list of players makes no sense; the file is damaged")
    map_name = clean_text(fields.get(1)) or "unknown map"
    metadata = _metadata(archive)
    seats = [
        _seat(position, player, metadata.get(position + 1, {}))
        for position, player in enumerate(players)
        if _number(player.get(7)) == 0 and _number(player.get(4)) in (_HUMAN, _COMPUTER)
    ]
    if len(seats) != 2:
        raise UnsupportedReplayError(f"it has {len(seats)} players (map {map_name}); only 1v1 games can be read")
    first, second = seats
    return Details((first, second), map_name, _time(fields.get(5)))


def clean_text(value: object) -> str:
    """A text of the file as it may be shown: decoded, markup removed, no control characters, bounded in length."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return "".join(char if char.isprintable() else " " for char in value).strip()[:_LONGEST_NAME]


def _seat(position: int, player: dict[int, Any], metadata: dict[str, Any]) -> Seat:
    raw = player.get(0)
    name = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    # A clan tag comes before the name, as escaped markup: &lt;TAG&gt;<sp/>Name
    clan, separator, rest = name.partition("<sp/>")
    if not separator:
        clan, rest = "", name
    color = player.get(3)
    result = _RESULTS.get(_number(player.get(8)))
    if result is None:
        result = next((known for known in _METADATA_RESULTS if known == metadata.get("Result")), "Unknown")
    apm, mmr = metadata.get("APM"), metadata.get("MMR")
    return Seat(
        position=position,
        name=clean_text(html.unescape(rest)) or f"player {position + 1}",
        clan=clean_text(html.unescape(clan)).removeprefix("<").removesuffix(">"),
        human=_number(player.get(4)) == _HUMAN,
        result=result,
        color=_color(color if isinstance(color, dict) else {}),
        apm=float(apm) if isinstance(apm, int | float) and 0 <= apm < 1e5 else None,
        mmr=mmr if isinstance(mmr, int) and 0 <= mmr < 1e5 else None,
    )


def _metadata(archive: MpqArchive) -> dict[int, dict[str, Any]]:
    """The players of the game's own JSON by their number; empty where there is none (before 3.15) or it is damaged."""
    try:
        raw = archive.read("replay.gamemetadata.json")
        if not raw:
            return {}
        players = json.loads(raw)["Players"]
        return {player["PlayerID"]: player for player in players if isinstance(player["PlayerID"], int)}
    except (FormatError, ValueError, TypeError, KeyError, RecursionError):
        # Only actions per minute and rating come from here; the game itself is told by other parts.
        return {}


def _color(fields: dict[int, Any]) -> tuple[int, int, int]:
    red, green, blue = (min(255, max(0, _number(fields.get(number)))) for number in (1, 2, 3))
    return red, green, blue


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _time(value: object) -> datetime | None:
    """A Windows file time (100 ns since 1601) as UTC, None where it is not of this century."""
    if not isinstance(value, int) or not 0 < value < 1 << 58:
        return None
    moment = _WINDOWS_EPOCH + timedelta(microseconds=value // 10)
    return moment if 2010 <= moment.year < 2100 else None
