"""The parts of a replay that say who played what, where and how it ended: header, details, init data, attributes.

What a match on Battle.net has besides (accounts, clans, rewards, the map's place in the depot) is left empty, as the
game leaves it in games through its API.
"""

from __future__ import annotations

import hashlib
import html
import json
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cherrypy_bot.formats.bits import packed
from cherrypy_bot.formats.build_93333 import BUILD, INIT_DATA, VERSION
from cherrypy_bot.formats.versioned import (
    encode_array,
    encode_blob,
    encode_fourcc,
    encode_number,
    encode_optional,
    encode_struct,
    encode_uint8,
)
from cherrypy_bot.sim.replay import Head
from cherrypy_bot.sim.state import PLAYERS

LOOPS_PER_SECOND: Final = 22.4
DATA_VERSION: Final = "446907060311FB1CC29EB31E547BB9FD"
_MODS: Final = (
    "Core.SC2Mod",
    "Standard Data: Liberty.SC2Mod",
    "Standard Data: Swarm.SC2Mod",
    "Standard Data: Void.SC2Mod",
)
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_COLORS: Final = ((180, 20, 30), (0, 66, 255))
_RACES: Final = ("Terran", "Zerg", "Protoss")
_HUMAN, _COMPUTER = 2, 3
_OPEN_SLOTS: Final = 14
_RESULTS: Final = {"Victory": 1, "Defeat": 2, "Tie": 3}
_RESULT_NAMES: Final = {"Victory": "Win", "Defeat": "Loss", "Tie": "Tie"}
# API's Difficulty -> number in the lobby and value of the attribute
_LEVELS: Final = {
    "VeryEasy": (1, "VyEy"),
    "Easy": (2, "Easy"),
    "Medium": (3, "Medi"),
    "MediumHard": (4, "MdHd"),
    "Hard": (5, "Hard"),
    "Harder": (6, "HdVH"),
    "VeryHard": (7, "VyHd"),
    "CheatVision": (8, "ChVi"),
    "CheatMoney": (9, "ChRe"),
    "CheatInsane": (10, "Insa"),
}
_AI_BUILDS: Final = {"Rush": "AB02", "Timing": "AB03", "Power": "AB04", "Macro": "AB05", "Air": "AB06"}
_NAMESPACE: Final = 999


@dataclass(frozen=True)
class Lobby:
    """Who plays where.

    Attributes:
        head: of the command record.
        size: width and height of the map in cells.
        played_at: when the game ended.
        apm: actions a minute of both players.
    """

    head: Head
    size: tuple[int, int]
    played_at: datetime
    apm: tuple[float, float]

    @property
    def users(self) -> tuple[int | None, int | None]:
        """User number of each player, None for computers."""
        first, second = (not computer for computer in self.head.computers)
        return (0 if first else None), (int(first) if second else None)

    def handles(self) -> list[bytes]:
        """What the game depends on, by hash: its own data and the map."""
        names = [*_MODS, f"{self.head.map} on {self.head.ruleset}"]
        return [b"s2ma\0\0\0\0" + hashlib.sha256(name.encode()).digest() for name in names]


def shortened(text: str, size: int) -> bytes:
    """A text as UTF-8 of at most so many bytes, cut between characters."""
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore").encode()


def header(lobby: Lobby) -> bytes:
    """The content of the archive's user data."""
    numbers = (1, *VERSION, BUILD)
    empty_key = encode_struct({1: encode_blob(bytes(16))})
    return encode_struct(
        {
            0: encode_blob(b"StarCraft II replay\x1b11"),
            1: encode_struct({place: encode_number(value) for place, value in enumerate(numbers)}),
            2: encode_number(2),
            3: encode_number(lobby.head.loops),
            4: encode_uint8(1),
            5: encode_struct({1: encode_blob(bytes.fromhex(DATA_VERSION))}),
            6: encode_number(BUILD),
            7: empty_key,
            8: encode_uint8(0),
        }
    )


def details(lobby: Lobby) -> bytes:
    """`replay.details`."""
    ended = lobby.played_at.astimezone(UTC) - _EPOCH
    ticks = (ended.days * 86_400 + ended.seconds) * 10_000_000 + ended.microseconds * 10
    fields = {
        0: encode_optional(encode_array([_details_player(lobby, player) for player in range(PLAYERS)])),
        1: encode_blob(shortened(lobby.head.map, 1000)),
        2: encode_blob(b""),
        3: encode_struct({0: encode_blob(b"Minimap.tga")}),
        4: encode_uint8(0),
        5: encode_number(ticks),
        6: encode_number(0),
        7: encode_blob(b""),
        8: encode_blob(b""),
        9: encode_blob(b""),
        10: encode_optional(encode_array([encode_blob(handle) for handle in lobby.handles()])),
        11: encode_uint8(0),
        12: encode_number(4),
        13: encode_number(3),
        14: encode_optional(None),
        15: encode_number(0),
        16: encode_optional(encode_uint8(0)),
        17: encode_uint8(0),
    }
    return encode_struct(fields)


def _details_player(lobby: Lobby, player: int) -> bytes:
    head = lobby.head
    red, green, blue = _COLORS[player]
    color = {0: 255, 1: red, 2: green, 3: blue}
    toon = {0: encode_number(0), 1: encode_fourcc(b"\0\0S2"), 2: encode_number(0), 4: encode_number(0)}
    return encode_struct(
        {
            0: encode_blob(html.escape(head.names[player], quote=False).encode("utf-8", "replace")),
            1: encode_struct(toon),
            2: encode_blob(head.races[player].encode()),
            3: encode_struct({place: encode_number(value) for place, value in color.items()}),
            4: encode_number(_COMPUTER if head.computers[player] else _HUMAN),
            5: encode_number(player),
            6: encode_number(100),
            7: encode_number(0),
            8: encode_number(_RESULTS.get(head.results[player], 0)),
            9: encode_optional(encode_number(player)),
            10: encode_blob(b""),
        }
    )


def init_data(lobby: Lobby) -> bytes:
    """`replay.initData`."""
    head, users = lobby.head, lobby.users
    humans = [player for player in range(PLAYERS) if users[player] is not None]
    value = {
        "userInitialData": [_user(head.names[player], head.requested[player]) for player in humans]
        + [_user("", "") for _ in range(_OPEN_SLOTS + PLAYERS - len(humans))],
        "gameDescription": _game_description(lobby),
        "lobbyState": _lobby_state(lobby),
    }
    return packed(INIT_DATA, {"syncLobbyState": value})


def _race_number(name: str) -> int | None:
    return _RACES.index(name) if name in _RACES else None


def _user(name: str, race: str) -> dict[str, Any]:
    numbers = ("randomSeed", "testMap", "testAuto", "examine", "customInterface", "testType", "observe")
    texts = ("hero", "skin", "mount", "toonHandle")
    return {
        **dict.fromkeys(numbers, 0),
        **dict.fromkeys(texts, b""),
        "name": shortened(name, 255),
        "clanTag": b"",
        "clanLogo": None,
        "highestLeague": 0,
        "combinedRaceLevels": 0,
        "racePreference": {"race": _race_number(race)},
        "teamPreference": {"team": None},
        "scaledRating": None,
    }


def _game_description(lobby: Lobby) -> dict[str, Any]:
    head = lobby.head
    flags = (
        "lockTeams", "teamsTogether", "advancedSharedControl", "randomRaces", "battleNet", "amm", "competitive",
        "practice", "cooperative", "noVictoryOrDefeat", "heroDuplicatesAllowed", "fog", "observers", "userDifficulty",
        "clientDebugFlags", "buildCoachEnabled",
    )  # fmt: skip
    off = ("hasExtensionMod", "hasNonBlizzardExtensionMod", "isBlizzardMap", "isPremadeFFA", "isCoopMode")
    slot = {
        "allowedColors": (16, 0xFFFF),
        "allowedRaces": (3, 7),
        "allowedDifficulty": (32, 0xFFFFFFFF),
        "allowedControls": (255, (1 << 255) - 1),
        "allowedObserveTypes": (3, 7),
        "allowedAIBuilds": (255, (1 << 255) - 1),
    }
    return {
        **dict.fromkeys(off, 0),
        "randomValue": head.seed & 0xFFFFFFFF,
        "gameCacheName": b"Dflt",
        "gameOptions": dict.fromkeys(flags, 0) | {"lockTeams": 1},
        "gameSpeed": 4,
        "gameType": 0,
        "maxUsers": PLAYERS,
        "maxObservers": _OPEN_SLOTS,
        "maxPlayers": PLAYERS,
        "maxTeams": PLAYERS,
        "maxColors": 16,
        "maxRaces": 3,
        "maxControls": 1,
        "mapSizeX": min(lobby.size[0], 255),
        "mapSizeY": min(lobby.size[1], 255),
        "mapFileSyncChecksum": 0,
        "mapFileName": b"",
        "mapAuthorName": b"",
        "modFileSyncChecksum": 0,
        "slotDescriptions": [slot] * (PLAYERS + _OPEN_SLOTS),
        "defaultDifficulty": 3,
        "defaultAIBuild": 0,
        "cacheHandles": lobby.handles(),
        "isRealtimeMode": 0,
    }


def _lobby_state(lobby: Lobby) -> dict[str, Any]:
    return {
        "phase": 0,
        "maxUsers": PLAYERS,
        "maxObservers": _OPEN_SLOTS,
        "slots": [_slot(lobby, place) for place in range(PLAYERS + _OPEN_SLOTS)],
        "randomSeed": lobby.head.seed & 0xFFFFFFFF,
        "hostUserId": 0,
        "isSinglePlayer": 0,
        "pickedMapTag": 0,
        "gameDuration": 0,
        "defaultDifficulty": 3,
        "defaultAIBuild": 0,
    }


def _slot(lobby: Lobby, place: int) -> dict[str, Any]:
    """A seat; those behind the players' are open."""
    taken = place < PLAYERS
    computer = taken and lobby.head.computers[place]
    numbers = (
        "aiBuild", "logoIndex", "commanderLevel", "hasSilencePenalty", "commanderMasteryLevel", "trophyId",
        "brutalPlusDifficulty", "aCEnemyRace", "aCEnemyWaveType", "selectedCommanderPrestige",
    )  # fmt: skip
    return {
        **dict.fromkeys(numbers, 0),
        **dict.fromkeys(("hero", "skin", "mount", "toonHandle", "commander"), b""),
        **{name: [] for name in ("rewards", "licenses", "rewardOverrides")},
        "control": (_COMPUTER if computer else _HUMAN) if taken else 0,
        "userId": lobby.users[place] if taken else None,
        "teamId": place if taken else 0,
        "colorPref": {"color": place + 1 if taken else None},
        "racePref": {"race": _race_number(lobby.head.requested[place]) if taken else None},
        "difficulty": _level(lobby.head, place)[0] if taken else 3,
        "handicap": 100,
        "observe": 0,
        "artifacts": [b"", b"", b""],
        "workingSetSlotId": place if taken else None,
        "tandemLeaderId": None,
        "tandemId": None,
        "commanderMasteryTalents": [0] * 6,
        "retryMutationIndexes": [0] * 4,
    }


def _level(head: Head, player: int) -> tuple[int, str]:
    return _LEVELS.get(head.levels[player], _LEVELS["Medium"])


def attributes(lobby: Lobby) -> bytes:
    """`replay.attributes.events`: what the lobby showed."""
    rows: list[tuple[int, int, str]] = []
    for player in range(PLAYERS):
        head, scope, team = lobby.head, player + 1, f"T{player + 1}"
        rows += [
            (500, scope, "Comp" if head.computers[player] else "Humn"),
            (2002, scope, team),
            (3001, scope, head.requested[player][:4] if head.requested[player] in _RACES else "RAND"),
            (3002, scope, f"tc{scope:02}"),
            (3003, scope, " 100"),
            (3004, scope, _level(head, player)[1]),
            (3007, scope, "Part"),
            (3008, scope, "Obs"),
            (3102, scope, _AI_BUILDS.get(head.builds[player], "AB00")),
        ]
    shared = {1000: "Dflt", 1001: "yes", 2000: "t2", 2001: "1v1", 3000: "Fasr", 3006: "10", 3009: "Priv", 3010: "yes"}
    rows += [(number, 16, value) for number, value in {**shared, 3015: "0", 4000: "Norm"}.items()]
    parts = [struct.pack("<BII", 0, 0, len(rows))]
    parts += [
        struct.pack("<IIB", _NAMESPACE, number, scope) + value.encode().rjust(4, b"\0")[::-1]
        for number, scope, value in rows
    ]
    return b"".join(parts)


def metadata(lobby: Lobby) -> bytes:
    """`replay.gamemetadata.json`."""
    head = lobby.head
    players = []
    for player in range(PLAYERS):
        race = head.requested[player]
        players.append(
            {
                "PlayerID": player + 1,
                "APM": round(lobby.apm[player], 1),
                "Result": _RESULT_NAMES.get(head.results[player], "Undecided"),
                "SelectedRace": race[:4] if race in _RACES else "RAND",
                "AssignedRace": head.races[player][:4],
            }
        )
    return json.dumps(
        {
            "Title": head.map,
            "GameVersion": ".".join(map(str, VERSION)),
            "DataBuild": str(BUILD),
            "DataVersion": DATA_VERSION,
            "BaseBuild": f"Base{BUILD}",
            "Duration": round(head.loops / LOOPS_PER_SECOND),
            "IsNotAvailable": True,
            "Players": players,
        },
        indent=4,
    ).encode()
