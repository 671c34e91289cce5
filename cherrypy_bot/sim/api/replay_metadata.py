"""replay_info of replays that the game wrote: its own `replay.gamemetadata.json` says all but the names."""

from __future__ import annotations

import json
from typing import Any

from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.formats.errors import FormatError
from cherrypy_bot.formats.mpq import MpqArchive, is_archive
from cherrypy_bot.sim.api.match import RACE_IDS
from cherrypy_bot.sim.api.version import LOOPS_PER_SECOND
from cherrypy_bot.sim.errors import SimError

_MEMBER, _MAX_BYTES, _MAX_PLAYERS = "replay.gamemetadata.json", 1 << 20, 16
_RACES = {"Terr": "Terran", "Zerg": "Zerg", "Prot": "Protoss"}
_RESULTS = {"Win": sc.Victory, "Loss": sc.Defeat, "Tie": sc.Tie}


class MetadataError(SimError):
    """No replay of the game, or one without readable metadata."""


def is_replay(data: bytes) -> bool:
    """Whether the bytes could be a replay file of the game."""
    return is_archive(data)


def describe(data: bytes) -> sc.ResponseReplayInfo:
    """What the game's metadata tells; MetadataError when there is none."""
    try:
        text = MpqArchive(data).read(_MEMBER, _MAX_BYTES) if is_archive(data) else None
        found = json.loads(text) if text is not None else None
    except (FormatError, ValueError, RecursionError) as error:
        raise MetadataError(f"the replay's metadata cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise MetadataError(f"the replay has no {_MEMBER}; the game writes it since patch 3.0")
    try:
        return _info(found)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise MetadataError(f"the replay's metadata is damaged: {error}") from error


def _info(found: dict[str, Any]) -> sc.ResponseReplayInfo:
    seconds = float(found.get("Duration", 0))
    info = sc.ResponseReplayInfo(
        map_name=str(found.get("Title", "")),
        game_duration_loops=round(seconds * LOOPS_PER_SECOND),
        game_duration_seconds=seconds,
        game_version=str(found.get("GameVersion", "")),
        data_version=str(found.get("DataVersion", "")),
        data_build=_build(found.get("DataBuild", 0)),
        base_build=_build(found.get("BaseBuild", 0)),
    )
    for player in found.get("Players", [])[:_MAX_PLAYERS]:
        number = int(player.get("PlayerID", 0))
        extra = info.player_info.add(player_apm=round(player.get("APM", 0)), player_mmr=round(player.get("MMR", 0)))
        extra.player_info.player_id = extra.player_result.player_id = number
        extra.player_info.type = sc.Participant
        extra.player_result.result = _RESULTS.get(str(player.get("Result")), sc.Undecided)
        for field, key in (("race_requested", "SelectedRace"), ("race_actual", "AssignedRace")):
            race = _RACES.get(str(player.get(key)))
            if race is not None:
                setattr(extra.player_info, field, RACE_IDS[race])
    return info


def _build(value: Any) -> int:
    """A build number, which stands there as 93333 or as "Base93333"."""
    return int(str(value).removeprefix("Base"))
