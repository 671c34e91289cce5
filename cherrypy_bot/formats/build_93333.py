"""Layouts of the bit-packed parts of build 93333 (patch 5.0.14): init data, game events, messages.

The facts are those of Blizzard's s2protocol (protocol93333); fields have its names without their prefix. Only the
events that are written here are listed.
"""

from __future__ import annotations

from typing import Final

from cherrypy_bot.formats.bits import BOOL, Array, BitArray, Blob, Choice, Int, Layout, Optional, Struct

BUILD: Final = 93333
VERSION: Final = (5, 0, 14, BUILD)

_INT2, _INT3, _INT4, _INT5, _INT6, _INT8, _INT9, _INT16, _INT32 = (Int(n) for n in (2, 3, 4, 5, 6, 8, 9, 16, 32))
_SIGNED32 = Int(32, -(1 << 31))
_SIGNED8 = Int(8, -128)
_BLOB7, _BLOB8, _BLOB9, _BLOB10, _BLOB11 = (Blob(n) for n in (7, 8, 9, 10, 11))
_HANDLE = Blob(0, 40)
_USER = Optional(_INT4)
_RACE = Struct(("race", Optional(_INT8)))

_USER_INITIAL_DATA = Struct(
    ("name", _BLOB8),
    ("clanTag", Optional(_BLOB8)),
    ("clanLogo", Optional(_HANDLE)),
    ("highestLeague", Optional(_INT8)),
    ("combinedRaceLevels", Optional(_INT32)),
    ("randomSeed", _INT32),
    ("racePreference", _RACE),
    ("teamPreference", Struct(("team", Optional(_INT8)))),
    ("testMap", BOOL),
    ("testAuto", BOOL),
    ("examine", BOOL),
    ("customInterface", BOOL),
    ("testType", _INT32),
    ("observe", _INT2),
    ("hero", _BLOB9),
    ("skin", _BLOB9),
    ("mount", _BLOB9),
    ("toonHandle", _BLOB7),
    ("scaledRating", Optional(_SIGNED32)),
)

_GAME_OPTIONS = Struct(
    ("lockTeams", BOOL),
    ("teamsTogether", BOOL),
    ("advancedSharedControl", BOOL),
    ("randomRaces", BOOL),
    ("battleNet", BOOL),
    ("amm", BOOL),
    ("competitive", BOOL),
    ("practice", BOOL),
    ("cooperative", BOOL),
    ("noVictoryOrDefeat", BOOL),
    ("heroDuplicatesAllowed", BOOL),
    ("fog", _INT2),
    ("observers", _INT2),
    ("userDifficulty", _INT2),
    ("clientDebugFlags", Int(64)),
    ("buildCoachEnabled", BOOL),
)

_SLOT_DESCRIPTION = Struct(
    ("allowedColors", BitArray(6)),
    ("allowedRaces", BitArray(8)),
    ("allowedDifficulty", BitArray(6)),
    ("allowedControls", BitArray(8)),
    ("allowedObserveTypes", BitArray(2)),
    ("allowedAIBuilds", BitArray(8)),
)

_GAME_DESCRIPTION = Struct(
    ("randomValue", _INT32),
    ("gameCacheName", _BLOB10),
    ("gameOptions", _GAME_OPTIONS),
    ("gameSpeed", _INT3),
    ("gameType", _INT3),
    ("maxUsers", _INT5),
    ("maxObservers", _INT5),
    ("maxPlayers", _INT5),
    ("maxTeams", Int(4, 1)),
    ("maxColors", _INT6),
    ("maxRaces", Int(8, 1)),
    ("maxControls", _INT8),
    ("mapSizeX", _INT8),
    ("mapSizeY", _INT8),
    ("mapFileSyncChecksum", _INT32),
    ("mapFileName", _BLOB11),
    ("mapAuthorName", _BLOB8),
    ("modFileSyncChecksum", _INT32),
    ("slotDescriptions", Array(5, _SLOT_DESCRIPTION)),
    ("defaultDifficulty", _INT6),
    ("defaultAIBuild", _INT8),
    ("cacheHandles", Array(6, _HANDLE)),
    ("hasExtensionMod", BOOL),
    ("hasNonBlizzardExtensionMod", BOOL),
    ("isBlizzardMap", BOOL),
    ("isPremadeFFA", BOOL),
    ("isCoopMode", BOOL),
    ("isRealtimeMode", BOOL),
)

_SLOT = Struct(
    ("control", _INT8),
    ("userId", _USER),
    ("teamId", _INT4),
    ("colorPref", Struct(("color", Optional(_INT5)))),
    ("racePref", _RACE),
    ("difficulty", _INT6),
    ("aiBuild", _INT8),
    ("handicap", _INT32),
    ("observe", _INT2),
    ("logoIndex", _INT32),
    ("hero", _BLOB9),
    ("skin", _BLOB9),
    ("mount", _BLOB9),
    ("artifacts", Array(4, _BLOB9)),
    ("workingSetSlotId", Optional(_INT8)),
    ("rewards", Array(17, _INT32)),
    ("toonHandle", _BLOB7),
    ("licenses", Array(16, _INT32)),
    ("tandemLeaderId", _USER),
    ("commander", _BLOB9),
    ("commanderLevel", _INT32),
    ("hasSilencePenalty", BOOL),
    ("tandemId", _USER),
    ("commanderMasteryLevel", _INT32),
    ("commanderMasteryTalents", Array(3, _INT32)),
    ("trophyId", _INT32),
    ("rewardOverrides", Array(17, Struct(("key", _INT32), ("rewards", Array(17, _INT32))))),
    ("brutalPlusDifficulty", _INT32),
    ("retryMutationIndexes", Array(3, _INT32)),
    ("aCEnemyRace", _INT32),
    ("aCEnemyWaveType", _INT32),
    ("selectedCommanderPrestige", _INT32),
)

_LOBBY_STATE = Struct(
    ("phase", _INT3),
    ("maxUsers", _INT5),
    ("maxObservers", _INT5),
    ("slots", Array(5, _SLOT)),
    ("randomSeed", _INT32),
    ("hostUserId", _USER),
    ("isSinglePlayer", BOOL),
    ("pickedMapTag", _INT8),
    ("gameDuration", _INT32),
    ("defaultDifficulty", _INT6),
    ("defaultAIBuild", _INT8),
)

INIT_DATA: Final = Struct(
    (
        "syncLobbyState",
        Struct(
            ("userInitialData", Array(5, _USER_INITIAL_DATA)),
            ("gameDescription", _GAME_DESCRIPTION),
            ("lobbyState", _LOBBY_STATE),
        ),
    )
)

# -- game events -----------------------------------------------------------------------------------------
_POINT = Struct(("x", Int(20)), ("y", Int(20)), ("z", _SIGNED32))
_ABILITY = Struct(("abilLink", _INT16), ("abilCmdIndex", _INT5), ("abilCmdData", Optional(_INT8)))
_TARGET_UNIT = Struct(
    ("targetUnitFlags", _INT16),
    ("timer", _INT8),
    ("tag", _INT32),
    ("snapshotUnitLink", _INT16),
    ("snapshotControlPlayerId", _USER),
    ("snapshotUpkeepPlayerId", _USER),
    ("snapshotPoint", _POINT),
)
_INDICES = Array(9, _INT9)
_DELTA = Struct(
    ("subgroupIndex", _INT9),
    (
        "removeMask",
        Choice(2, ("None", None), ("Mask", BitArray(9)), ("OneIndices", _INDICES), ("ZeroIndices", _INDICES)),
    ),
    (
        "addSubgroups",
        Array(
            9,
            Struct(
                ("unitLink", _INT16), ("subgroupPriority", _INT8), ("intraSubgroupPriority", _INT8), ("count", _INT9)
            ),
        ),
    ),
    ("addUnitTags", Array(9, _INT32)),
)

FINISHED_LOADING, USER_OPTIONS, COMMAND, SELECTION, CAMERA, USER_LEAVES = 5, 7, 27, 28, 49, 101
COMMAND_STATE, TARGET_POINT, TARGET_UNIT, LOADING_TIME, PLAYING_TIME = 103, 104, 105, 116, 117
EVENT_BITS: Final = 7

GAME_EVENTS: Final[dict[int, Layout]] = {
    FINISHED_LOADING: Struct(),
    USER_OPTIONS: Struct(
        ("gameFullyDownloaded", BOOL),
        ("developmentCheatsEnabled", BOOL),
        ("testCheatsEnabled", BOOL),
        ("multiplayerCheatsEnabled", BOOL),
        ("syncChecksummingEnabled", BOOL),
        ("isMapToMapTransition", BOOL),
        ("debugPauseEnabled", BOOL),
        ("useGalaxyAsserts", BOOL),
        ("platformMac", BOOL),
        ("cameraFollow", BOOL),
        ("baseBuildNum", _INT32),
        ("buildNum", _INT32),
        ("versionFlags", _INT32),
        ("hotkeyProfile", _BLOB9),
    ),
    COMMAND: Struct(
        ("cmdFlags", Int(27)),
        ("abil", Optional(_ABILITY)),
        ("data", Choice(2, ("None", None), ("TargetPoint", _POINT), ("TargetUnit", _TARGET_UNIT), ("Data", _INT32))),
        ("sequence", Int(32, 1)),
        ("otherUnit", Optional(_INT32)),
        ("unitGroup", Optional(_INT32)),
    ),
    SELECTION: Struct(("controlGroupId", _INT4), ("delta", _DELTA)),
    CAMERA: Struct(
        ("target", Optional(Struct(("x", _INT16), ("y", _INT16)))),
        ("distance", Optional(_INT16)),
        ("pitch", Optional(_INT16)),
        ("yaw", Optional(_INT16)),
        ("reason", Optional(_SIGNED8)),
        ("follow", BOOL),
    ),
    USER_LEAVES: Struct(("leaveReason", _INT4)),
    COMMAND_STATE: Struct(("state", _INT2), ("sequence", Optional(Int(32, 1)))),
    TARGET_POINT: Struct(("target", _POINT)),
    TARGET_UNIT: Struct(("target", _TARGET_UNIT)),
    LOADING_TIME: Struct(("syncTime", _INT32)),
    PLAYING_TIME: Struct(("syncTime", _INT32)),
}

CHAT, LOADING_PROGRESS = 0, 2
MESSAGE_BITS: Final = 4
MESSAGES: Final[dict[int, Layout]] = {
    CHAT: Struct(("recipient", _INT3), ("string", _BLOB11)),
    LOADING_PROGRESS: Struct(("progress", _SIGNED32)),
}
