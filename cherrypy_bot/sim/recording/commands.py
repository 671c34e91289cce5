"""The players' orders as game events: what they selected, what they ordered, where they looked.

A command of the engine names its units; in the game a player selects them first. So each command whose units are not
selected yet comes behind a selection of exactly those. Where a player repeats an order with another target the game
writes only the new target, and so does this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from cherrypy_bot.formats.build_93333 import (
    BUILD,
    CAMERA,
    COMMAND,
    COMMAND_STATE,
    FINISHED_LOADING,
    LOADING_TIME,
    PLAYING_TIME,
    SELECTION,
    TARGET_POINT,
    TARGET_UNIT,
    USER_LEAVES,
    USER_OPTIONS,
)
from cherrypy_bot.sim.abilities.table import SMART, command_table
from cherrypy_bot.sim.game import CameraRecord, CommandRecord
from cherrypy_bot.sim.recording.catalog import ability_link, unit_link
from cherrypy_bot.sim.rules import Ruleset
from cherrypy_bot.sim.state import PLAYERS

GLOBAL_USER: Final = 16
MOST_SELECTED: Final = 500
ACTIVE_SELECTION: Final = 10
_QUEUED, _SMART, _AUTOCAST, _AUTOCAST_ON, _USER = 0x2, 0x8, 0x40, 0x80, 0x100
_FIXED: Final = 4096
_CAMERA_FIXED: Final = 256
_LARGEST: Final = 255.99
"""Cells; the largest place that the file's numbers hold."""
_TARGET_FLAGS: Final = 111
_PRIORITY: Final = 32

Event = tuple[int, int, int, dict[str, Any]]


class Target(NamedTuple):
    """What the record does not say of a command's target unit: its type, owner and place when it was given."""

    type_name: str
    owner: int
    x: float
    y: float


class Given(NamedTuple):
    """A command with what was true of its units when it was given. `types`: type name by tag."""

    record: CommandRecord
    types: dict[int, str]
    target: Target | None


class GameEvents:
    """Makes the stream of one game. `users`: the user number of each player, None for computers."""

    def __init__(self, rules: Ruleset, users: tuple[int | None, int | None], started: int) -> None:
        self._rules, self._users = rules, users
        self._selected: dict[int, tuple[int, ...]] = {}
        self._sequence = [0] * PLAYERS
        self._last: dict[int, tuple[Any, ...]] = {}
        self._started = started

    def stream(
        self, given: Sequence[Given], cameras: Sequence[CameraRecord], left: Sequence[tuple[int, int]]
    ) -> list[Event]:
        """All events in the order of their loops; `left`: (loop, player) who leave the game."""
        events = list(self._beginning())
        for one in given:
            events += self._command(one)
        for camera in cameras:
            user = self._users[camera.player]
            if user is not None:
                events.append((camera.loop, user, CAMERA, _camera(camera)))
        for loop, player in left:
            user = self._users[player]
            if user is not None:
                events.append((loop, user, USER_LEAVES, {"leaveReason": 0}))
        return sorted(events, key=lambda event: event[0])

    def _beginning(self) -> Iterator[Event]:
        yield 0, GLOBAL_USER, LOADING_TIME, {"syncTime": self._started}
        off = ("development", "test", "multiplayer")
        for user in self._users:
            if user is None:
                continue
            options: dict[str, Any] = {f"{kind}CheatsEnabled": 0 for kind in off}
            options |= dict.fromkeys(
                ("syncChecksummingEnabled", "isMapToMapTransition", "debugPauseEnabled", "useGalaxyAsserts"), 0
            )
            options |= {"gameFullyDownloaded": 1, "platformMac": 0, "cameraFollow": 0, "hotkeyProfile": b""}
            options |= {"baseBuildNum": BUILD, "buildNum": BUILD, "versionFlags": 0}
            yield 0, user, USER_OPTIONS, options
        yield 0, GLOBAL_USER, FINISHED_LOADING, {}
        yield 0, GLOBAL_USER, PLAYING_TIME, {"syncTime": self._started}

    def _command(self, given: Given) -> Iterator[Event]:
        record = given.record
        user = self._users[record.player]
        tags = tuple(tag for tag in record.tags if tag in given.types)[:MOST_SELECTED]
        if user is None or not tags:
            return
        if self._selected.get(record.player) != tags:
            yield record.loop, user, SELECTION, self._selection(record.player, tags, given.types)
            self._last.pop(record.player, None)
        ability = self._ability(abs(record.ability), given.types[tags[0]])
        flags = _USER | (_QUEUED if record.queue else 0) | (_SMART if ability is None else 0)
        if record.ability < 0:
            flags |= _AUTOCAST | _AUTOCAST_ON
        kind, target = _target(given)
        again = (kind, flags, tuple((ability or {}).values()))
        self._sequence[record.player] += 1
        if kind != "None" and not record.queue and self._last.get(record.player) == again:
            number = TARGET_POINT if kind == "TargetPoint" else TARGET_UNIT
            yield record.loop, user, number, {"target": target}
            yield record.loop, user, COMMAND_STATE, {"state": 1, "sequence": self._sequence[record.player]}
            return
        self._last[record.player] = again
        yield (
            record.loop,
            user,
            COMMAND,
            {
                "cmdFlags": flags,
                "abil": ability,
                "data": (kind, target),
                "sequence": self._sequence[record.player],
                "otherUnit": None,
                "unitGroup": None,
            },
        )

    def _selection(self, player: int, tags: tuple[int, ...], types: dict[int, str]) -> dict[str, Any]:
        groups: dict[str, list[int]] = {}
        for tag in tags:
            groups.setdefault(types[tag], []).append(tag)
        first = player not in self._selected
        self._selected[player] = tags
        return {
            "controlGroupId": ACTIVE_SELECTION,
            "delta": {
                "subgroupIndex": 0,
                "removeMask": ("None", None) if first else ("ZeroIndices", []),
                "addSubgroups": [
                    {
                        "unitLink": unit_link(name),
                        "subgroupPriority": _PRIORITY,
                        "intraSubgroupPriority": 1,
                        "count": len(members),
                    }
                    for name, members in groups.items()
                ],
                "addUnitTags": [tag & 0xFFFFFFFF for members in groups.values() for tag in members],
            },
        }

    def _ability(self, ability: int, caster: str) -> dict[str, Any] | None:
        """The exact ability that an id means for a type of unit; None is a right click."""
        if ability == SMART:
            return None
        found = command_table(self._rules).find(ability, self._rules.unit(caster).id)
        rule = self._rules.abilities.get(found[0].ability_id if found else ability)
        link = ability_link(rule.link_name) if rule is not None else None
        if rule is None or link is None:
            return None
        return {"abilLink": link, "abilCmdIndex": (rule.link_index or 0) & 0x1F, "abilCmdData": None}


def _point(x: float, y: float) -> dict[str, int]:
    """A place in the file's fixed point; commands off the map are told at its edge."""
    return {"x": round(_within(x) * _FIXED), "y": round(_within(y) * _FIXED), "z": 0}


def _within(coordinate: float) -> float:
    return min(max(coordinate, 0.0), _LARGEST)


def _target(given: Given) -> tuple[str, Any]:
    record, target = given.record, given.target
    if target is not None:
        owner = target.owner + 1 if target.owner < PLAYERS else 0
        return "TargetUnit", {
            "targetUnitFlags": _TARGET_FLAGS,
            "timer": 0,
            "tag": record.target & 0xFFFFFFFF,
            "snapshotUnitLink": unit_link(target.type_name),
            "snapshotControlPlayerId": owner,
            "snapshotUpkeepPlayerId": owner,
            "snapshotPoint": _point(target.x, target.y),
        }
    if record.has_point:
        return "TargetPoint", _point(record.x, record.y)
    return "None", None


def _camera(camera: CameraRecord) -> dict[str, Any]:
    place = {"x": round(_within(camera.x) * _CAMERA_FIXED), "y": round(_within(camera.y) * _CAMERA_FIXED)}
    return {"target": place, "distance": None, "pitch": None, "yaw": None, "reason": None, "follow": 0}
