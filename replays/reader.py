"""Reads a `.SC2Replay` into a `ReplayData`, from the file alone: nothing is fetched, no map is needed."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Final

from cherrypy_bot.formats.errors import FormatError
from cherrypy_bot.formats.mpq import ARCHIVE_MAGIC, USER_DATA_MAGIC, MpqArchive
from cherrypy_bot.formats.tracker import STATS, decode_tracker
from replays.builds import Supply, build_order, estimate_starts, supply_changes
from replays.costs import TOWN_HALLS, WORKERS, Costs, costs_of
from replays.details import Seat, read_details, read_header
from replays.economy import RATES_PER_MINUTE_SINCE_BUILD, bases_of, economy_of
from replays.engagements import engagements_of
from replays.errors import NotAReplayError, ReplayError, UnsupportedReplayError, shown
from replays.model import LOOPS_PER_MINUTE, PlayerData, ReplayData, StatsTimeline, Timelines
from replays.openings import UNKNOWN, recognise
from replays.units import Record, record_of

MAX_FILE_BYTES: Final = 32 << 20
"""No real replay is as large: an hour of a professional game is 1 MB."""
_OLD_MINUTE_LOOPS: Final = 960
_FEWEST_WORKERS: Final = 8


def read_replay(path: Path) -> ReplayData:
    """Reads one replay file.

    Raises:
        ReplayError: where the file cannot be read, is no replay or damaged (`NotAReplayError`), or of a kind that is
            not read here (`UnsupportedReplayError`). The text names the file.

    Example:
        >>> replay = read_replay(Path("game.SC2Replay"))
        >>> [(item.name, item.start) for item in replay.players[0].build if item.kind == "structure"]
    """
    data = load_file(path)
    try:
        return parse_replay(data)
    except ReplayError as error:
        raise type(error)(f"{shown(path)}: {error}") from error


def load_file(path: Path) -> bytes:
    """The bytes of a file that may be a replay.

    Raises:
        ReplayError: where it cannot be read, or is larger than any replay.
    """
    try:
        size = path.stat().st_size
        if path.is_file() and size > MAX_FILE_BYTES:
            raise NotAReplayError(
                f"{shown(path)}: it has {size >> 20} MB and no replay is as large; give a .SC2Replay file"
            )
        return path.read_bytes()
    except OSError as error:
        raise ReplayError(f"{shown(path)}: it cannot be read ({error.strerror}); give a .SC2Replay file") from error


def parse_replay(data: bytes) -> ReplayData:
    """Reads a replay from its bytes.

    Raises:
        ReplayError: as `read_replay`, without the file's name.
    """
    if data[:4] != USER_DATA_MAGIC:
        raise NotAReplayError(_what_it_is_instead(data))
    try:
        return _parse(data)
    except FormatError as error:
        raise NotAReplayError(f"{error}; the file is damaged, fetch it again") from error


def _what_it_is_instead(data: bytes) -> str:
    """Says what a file without the replay's first bytes seems to be."""
    if not data:
        return "the file is empty; fetch it again"
    if data[:4] == ARCHIVE_MAGIC:
        return "it is an MPQ archive but no replay (a map or a mod?); give a .SC2Replay file"
    if data[:26] == b"Warcraft III recorded game":
        return "it is a Warcraft III replay; only StarCraft II's can be read"
    if data[:2] == b"PK":
        return "it is a zip archive; unpack it and give the .SC2Replay files in it"
    if data[12:16] in (b"reRS", b"seRS"):
        return "it is a StarCraft I replay; only StarCraft II's can be read"
    return "it does not begin as a replay does; give a .SC2Replay file"


def _parse(data: bytes) -> ReplayData:
    archive = MpqArchive(data)
    header = read_header(archive)
    details = read_details(archive)
    raw_events = archive.read("replay.tracker.events")
    if not raw_events:
        raise NotAReplayError("it has no tracker events, which tell what was built; the file is damaged")
    costs = costs_of(header.base_build)
    record = record_of(decode_tracker(raw_events), costs)
    ids = _player_ids(record)
    start_workers = _check_melee(record, ids)
    if header.base_build < RATES_PER_MINUTE_SINCE_BUILD:
        record.stats = {player: _per_minute(stats) for player, stats in record.stats.items()}
    length = max(header.length, 1)
    first, second = (
        _player(seat, player, record, costs, length, start_workers)
        for seat, player in zip(details.seats, ids, strict=True)
    )
    both = [unit for unit in record.units if unit.owner in ids]
    return ReplayData(
        sha256=hashlib.sha256(data).hexdigest(),
        version=header.version,
        base_build=header.base_build,
        map_name=details.map_name,
        played_at=details.played_at,
        length=length,
        start_workers=start_workers,
        players=(first, second),
        resources=tuple(record.resources),
        engagements=engagements_of(both, {player: record.stats[player] for player in ids}, costs),
        timelines=Timelines(
            units=tuple(unit for unit in both if unit.name not in ("Larva", "Egg")),
            positions={player: record.positions[player] for player in ids if player in record.positions},
        ),
    )


def _player_ids(record: Record) -> tuple[int, int]:
    """The numbers that events use for the two seats, in the order of the seats.

    The details list players in the order of these numbers, observers apart; whoever begins with a town hall plays.
    """
    owners = sorted({unit.owner for unit in record.units if unit.starting and unit.names[0][1] in TOWN_HALLS})
    if len(owners) != 2:
        raise UnsupportedReplayError(
            f"{len(owners)} of its players begin with a town hall (an arcade map?); only melee games can be read"
        )
    first, second = owners
    return first, second


def _check_melee(record: Record, ids: tuple[int, int]) -> int:
    """The number of workers at the start, where both players begin a melee game of Legacy of the Void."""
    workers = Counter(unit.owner for unit in record.units if unit.starting and unit.names[0][1] in WORKERS)
    for player in ids:
        if player not in record.stats:
            raise NotAReplayError("a player has no statistics; the file is damaged")
    fewest = min(workers[player] for player in ids)
    if fewest < _FEWEST_WORKERS:
        raise UnsupportedReplayError(
            f"its players begin with {fewest} workers, so it was played by an older expansion's rules; "
            "only games of Legacy of the Void can be read"
        )
    return fewest


def _player(seat: Seat, player: int, record: Record, costs: Costs, length: int, start_workers: int) -> PlayerData:
    units = [unit for unit in record.units if unit.owner == player]
    stats = record.stats[player]
    estimate_starts(units, costs)
    supply = Supply(stats, *supply_changes(units, costs))
    upgrades = record.upgrades.get(player, [])
    hall = next(unit for unit in units if unit.starting and unit.names[0][1] in TOWN_HALLS)
    race = TOWN_HALLS[hall.names[0][1]]
    build = build_order(units, upgrades, supply, costs, length)
    opening = recognise(race, build, length, start_workers)
    return PlayerData(
        player_id=player,
        name=seat.name,
        clan=seat.clan,
        race=race,
        result=seat.result,
        human=seat.human,
        apm=seat.apm,
        mmr=seat.mmr,
        color=seat.color,
        start=(hall.x, hall.y),
        stats=stats,
        build=build,
        upgrades=tuple(upgrades),
        bases=bases_of(units, costs),
        economy=economy_of(stats, units, supply.blocks(length), length),
        opening=opening.name if opening is not None else UNKNOWN,
        opening_distance=opening.distance if opening is not None else None,
    )


def _per_minute(stats: StatsTimeline) -> StatsTimeline:
    """Collection rates of the oldest replays, per 960 loops, as per minute."""
    values = stats.values.copy()
    for name in ("minerals_rate", "vespene_rate"):
        column = STATS.index(name)
        values[:, column] = values[:, column] * LOOPS_PER_MINUTE // _OLD_MINUTE_LOOPS
    return StatsTimeline(stats.loops, values)
