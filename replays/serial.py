"""A `ReplayData` as JSON and back: for `--json`, and packed tightly for the cache.

The cache's form leaves out `timelines` (who lived where), which are most of the size and nothing of a summary.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from cherrypy_bot.formats.tracker import STATS
from replays.model import (
    Base,
    BuildItem,
    Economy,
    Engagement,
    Losses,
    PlayerData,
    ReplayData,
    Resource,
    Span,
    StatsTimeline,
    clock,
    seconds,
)

FORMAT: Final = 1
"""Changes with every change of the model or of what the readers find, so that old caches are not believed."""


def summary(replay: ReplayData) -> dict[str, Any]:
    """The facts of a replay in a few lines of JSON, for `replay info --json`."""
    return {
        "sha256": replay.sha256,
        "version": replay.version,
        "map": replay.map_name,
        "played_at": replay.played_at.isoformat() if replay.played_at is not None else None,
        "loops": replay.length,
        "seconds": round(replay.length_seconds, 1),
        "match_up": replay.match_up,
        "winner": replay.winner.name if replay.winner is not None else None,
        "start_workers": replay.start_workers,
        "players": [player_summary(player) for player in replay.players],
        "engagements": [engagement_row(engagement) for engagement in replay.engagements],
    }


def player_summary(player: PlayerData) -> dict[str, Any]:
    """One player's facts."""
    economy = player.economy
    return {
        "player_id": player.player_id,
        "name": player.name,
        "clan": player.clan,
        "race": player.race,
        "result": player.result,
        "human": player.human,
        "apm": player.apm,
        "mmr": player.mmr,
        "opening": player.opening,
        "opening_distance": None if player.opening_distance is None else round(player.opening_distance, 3),
        "spending_quotient": None if economy.spending_quotient is None else round(economy.spending_quotient, 1),
        "mean_income": round(economy.mean_income, 1),
        "mean_unspent": round(economy.mean_unspent, 1),
        "workers_made": economy.workers_made,
        "workers_lost": economy.workers_lost,
        "supply_blocked_seconds": round(economy.blocked_seconds, 1),
        "supply_blocks": [[block.start, block.end] for block in economy.supply_blocks],
        "bases": [plain(base) for base in player.bases],
    }


def build_row(item: BuildItem) -> dict[str, Any]:
    """One item of a build order with its time as a clock, for `replay builds --json`."""
    row: dict[str, Any] = plain(item)
    row["time"] = clock(item.start)
    row["seconds"] = round(seconds(item.start), 1)
    return row


def engagement_row(engagement: Engagement) -> dict[str, Any]:
    """One engagement with its time as a clock."""
    row: dict[str, Any] = plain(engagement)
    row["time"] = clock(engagement.start)
    row["x"], row["y"] = round(engagement.x, 1), round(engagement.y, 1)
    return row


def plain(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists; keys of dicts as text, as JSON has them."""
    if is_dataclass(value):
        return {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(element) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [plain(element) for element in value]
    return value


def dump(replay: ReplayData) -> bytes:
    """A replay without its timelines, packed."""
    row = {
        "format": FORMAT,
        "head": [
            replay.sha256,
            replay.version,
            replay.base_build,
            replay.map_name,
            replay.played_at.isoformat() if replay.played_at is not None else None,
            replay.length,
            replay.start_workers,
        ],
        "players": [_pack_player(player) for player in replay.players],
        "resources": [[resource.kind, resource.x, resource.y] for resource in replay.resources],
        "engagements": [_row(engagement) for engagement in replay.engagements],
    }
    return zlib.compress(json.dumps(row, separators=(",", ":")).encode(), 1)


def load(data: bytes) -> ReplayData:
    """The inverse of `dump`.

    Raises:
        ValueError: where the bytes were not made by this version of `dump`.
    """
    try:
        row = json.loads(zlib.decompress(data))
        if row["format"] != FORMAT:
            raise ValueError(f"it has format {row['format']}, this is {FORMAT}")
        sha256, version, base_build, map_name, played_at, length, start_workers = row["head"]
        first, second = (_unpack_player(player) for player in row["players"])
        return ReplayData(
            sha256=sha256,
            version=version,
            base_build=base_build,
            map_name=map_name,
            played_at=datetime.fromisoformat(played_at) if played_at is not None else None,
            length=length,
            start_workers=start_workers,
            players=(first, second),
            resources=tuple(Resource(*resource) for resource in row["resources"]),
            engagements=tuple(_unpack_engagement(engagement) for engagement in row["engagements"]),
        )
    except (zlib.error, KeyError, TypeError) as error:
        raise ValueError(f"it is damaged ({error})") from error


def _row(value: Any) -> list[Any]:
    """A dataclass as a list of its fields, in their order; those in it likewise."""
    return [_cell(getattr(value, entry.name)) for entry in fields(value)]


def _cell(value: Any) -> Any:
    if is_dataclass(value):
        return _row(value)
    if isinstance(value, dict):
        return {str(key): _cell(element) for key, element in value.items()}
    if isinstance(value, tuple):
        return [_cell(element) for element in value]
    return value


def _pack_player(player: PlayerData) -> list[Any]:
    return [
        _pack_stats(player.stats) if entry.name == "stats" else _cell(getattr(player, entry.name))
        for entry in fields(player)
    ]


def _unpack_player(row: list[Any]) -> PlayerData:
    values = dict(zip((entry.name for entry in fields(PlayerData)), row, strict=True))
    values["color"] = tuple(values["color"])
    values["start"] = tuple(values["start"])
    values["stats"] = _unpack_stats(values["stats"])
    values["build"] = tuple(BuildItem(*item) for item in values["build"])
    values["upgrades"] = tuple((loop, name) for loop, name in values["upgrades"])
    values["bases"] = tuple(Base(*base) for base in values["bases"])
    quotient, income, unspent, made, lost, blocks = values["economy"]
    values["economy"] = Economy(quotient, income, unspent, made, lost, tuple(Span(*block) for block in blocks))
    return PlayerData(**values)


def _unpack_engagement(row: list[Any]) -> Engagement:
    start, end, x, y, losses, killers, army_before = row
    return Engagement(
        start=start,
        end=end,
        x=x,
        y=y,
        losses={int(player): Losses(*lost) for player, lost in losses.items()},
        killers={int(player): kills for player, kills in killers.items()},
        army_before={int(player): value for player, value in army_before.items()},
    )


def _pack_stats(stats: StatsTimeline) -> list[str]:
    values = np.ascontiguousarray(stats.values, dtype="<i8")
    return [
        base64.b64encode(np.ascontiguousarray(stats.loops, dtype="<i4").tobytes()).decode(),
        # Columns lie together, so that their many equal bytes pack well.
        base64.b64encode(values.T.astype("<i8").tobytes()).decode(),
    ]


def _unpack_stats(row: list[str]) -> StatsTimeline:
    loops = np.frombuffer(base64.b64decode(row[0]), dtype="<i4")
    values = np.frombuffer(base64.b64decode(row[1]), dtype="<i8").reshape(len(STATS), len(loops)).T
    return StatsTimeline(loops.astype(np.int32), values.astype(np.int64))
