"""Turns the tracker's events into the life of every unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cherrypy_bot.formats.tracker import (
    BORN,
    DIED,
    DONE,
    INIT,
    MAX_CELL,
    OWNER_CHANGE,
    POSITIONS,
    STATS_EVENT,
    TYPE_CHANGE,
    UPGRADE,
    TrackerEvent,
)
from replays.costs import Costs
from replays.errors import NotAReplayError
from replays.model import Resource, StatsTimeline, UnitLife

_TAG_SHIFT: Final = 18
_LARVA_EGG: Final = ("Larva", "Egg")
# Written at the start for each player: skins, dances and the like, which are no upgrades of the game.
_NO_UPGRADES: Final = ("Spray", "RewardDance", "GameHeart", "Voice", "Decal")


@dataclass(slots=True)
class Record:
    """All that the tracker says, sorted by subject.

    Attributes:
        units: of every owner, neutral ones apart, in order of their start.
        stats: by player id. upgrades: by player id, (loop, name) as finished.
        positions: by player id. resources: the map's.
    """

    units: list[UnitLife] = field(default_factory=list)
    stats: dict[int, StatsTimeline] = field(default_factory=dict)
    upgrades: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    positions: dict[int, NDArray[np.int32]] = field(default_factory=dict)
    resources: list[Resource] = field(default_factory=list)


def record_of(events: list[TrackerEvent], costs: Costs) -> Record:
    """Sorts the tracker's events into lives, statistics and upgrades.

    Raises:
        NotAReplayError: where an event lacks what its kind must have.
    """
    return _Recorder(costs).run(events)


class _Recorder:
    """Walks the events once; each kind has its method."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self._record = Record()
        self._by_tag: dict[int, UnitLife] = {}
        self._by_index: dict[int, UnitLife] = {}
        self._stat_loops: dict[int, list[int]] = {}
        self._stat_rows: dict[int, list[list[int]]] = {}
        self._seen_at: dict[int, list[tuple[int, int, int]]] = {}
        # Larvae that are eggs and units that are cocoons: since when.
        self._closed: dict[int, tuple[int, str]] = {}
        self._opened: dict[int, tuple[int, str]] = {}
        # Births of this loop whose creator the file does not name: the egg that opens next made them.
        self._orphans: list[UnitLife] = []

    def run(self, events: list[TrackerEvent]) -> Record:
        methods: dict[int, Callable[[int, list[Any]], None]] = {
            STATS_EVENT: self._stats,
            BORN: self._born,
            DIED: self._died,
            OWNER_CHANGE: self._owner_change,
            TYPE_CHANGE: self._type_change,
            UPGRADE: self._upgrade,
            INIT: self._init,
            DONE: self._done,
            POSITIONS: self._positions,
        }
        for loop, kind, fields in events:
            method = methods.get(kind)
            if method is not None:
                method(loop, fields)
        record = self._record
        for player, loops in self._stat_loops.items():
            record.stats[player] = StatsTimeline(
                np.asarray(loops, dtype=np.int32), np.asarray(self._stat_rows[player], dtype=np.int64)
            )
        for player, seen in self._seen_at.items():
            record.positions[player] = np.asarray(seen, dtype=np.int32).reshape(-1, 3)
        return record

    def _stats(self, loop: int, fields: list[Any]) -> None:
        player, values = fields[0], fields[1]
        if player is None or values.__class__ is not list:
            raise NotAReplayError("a statistic in it belongs to no player; the file is damaged")
        loops = self._stat_loops.setdefault(player, [])
        rows = self._stat_rows.setdefault(player, [])
        if loops and loops[-1] == loop:
            # The sample of a player who leaves on a regular one's loop repeats it.
            rows[-1] = values
            return
        loops.append(loop)
        rows.append(values)

    def _born(self, loop: int, fields: list[Any]) -> None:
        index, recycle, name, owner, _, x, y, made_by, made_by_recycle, ability = fields
        if None in (index, recycle, name, owner, x, y):
            raise NotAReplayError("a unit in it has no owner or place; the file is damaged")
        if owner == 0:
            if loop == 0:
                self._neutral(name, x, y)
            return
        if loop == 0 and name.startswith("Beacon"):
            return
        unit = self._add(index, recycle, owner, loop, name, x, y)
        unit.finished = loop
        if loop == 0:
            unit.starting = True
            return
        if made_by is not None and made_by_recycle is not None:
            unit.creator = (made_by << _TAG_SHIFT) + made_by_recycle
        unit.ability = ability or ""
        maker = self._by_tag.get(unit.creator) if unit.creator is not None else None
        if maker is None:
            if self._orphans and self._orphans[-1].finished != loop:
                self._orphans.clear()
            self._orphans.append(unit)
        elif maker.owner == owner:
            # Files of the engine tell that an egg opens before what comes out of it where both share an index.
            closed = self._closed.get(maker.tag) or self._opened.get(maker.tag)
            if closed is not None:
                unit.started, unit.started_by = closed

    def _init(self, loop: int, fields: list[Any]) -> None:
        index, recycle, name, owner, _, x, y = fields[:7]
        if None in (index, recycle, name, owner, x, y):
            raise NotAReplayError("a structure in it has no owner or place; the file is damaged")
        if owner == 0:
            return
        unit = self._add(index, recycle, owner, loop, name, x, y)
        unit.started, unit.started_by = loop, "init"

    def _done(self, loop: int, fields: list[Any]) -> None:
        unit = self._unit(fields)
        if unit is not None:
            unit.finished = loop

    def _died(self, loop: int, fields: list[Any]) -> None:
        unit = self._unit(fields)
        if unit is None or unit.died is not None:
            return
        unit.died = loop
        unit.killer = fields[2]
        if fields[5] is not None and fields[6] is not None:
            unit.killer_tag = (fields[5] << _TAG_SHIFT) + fields[6]
        unit.death_x = unit.x if fields[3] is None else fields[3]
        unit.death_y = unit.y if fields[4] is None else fields[4]

    def _type_change(self, loop: int, fields: list[Any]) -> None:
        unit, name = self._unit(fields), fields[2]
        if unit is None or name is None:
            return
        before = unit.name
        unit.names.append((loop, name))
        if name == "Egg" and before == "Larva":
            self._closed[unit.tag] = (loop, "egg")
        elif before == "Egg" and name == "Larva":
            self._egg_opens(loop, unit)
        elif self._costs.kind(name) == "egg":
            self._closed[unit.tag] = (loop, "cocoon")

    def _egg_opens(self, loop: int, egg: UnitLife) -> None:
        """Gives an egg's start to what came out of it where the file does not name the egg."""
        closed = self._closed.pop(egg.tag, None)
        if closed is not None:
            self._opened[egg.tag] = closed
        for unit in self._orphans:
            if closed is not None and unit.finished == loop and unit.owner == egg.owner:
                (unit.started, unit.started_by), unit.creator = closed, egg.tag
        self._orphans.clear()

    def _owner_change(self, loop: int, fields: list[Any]) -> None:
        """A unit that is given away (Neural Parasite, Changelings): it stays its maker's in the timelines."""

    def _upgrade(self, loop: int, fields: list[Any]) -> None:
        player, name = fields[0], fields[1]
        if player is None or name is None:
            raise NotAReplayError("an upgrade in it belongs to no player; the file is damaged")
        if loop > 0 and not name.startswith(_NO_UPGRADES):
            self._record.upgrades.setdefault(player, []).append((loop, name))

    def _positions(self, loop: int, fields: list[Any]) -> None:
        index, items = fields[0], fields[1]
        if index is None or items.__class__ is not list:
            return
        for step in range(0, len(items) - 2, 3):
            index += items[step]
            unit = self._by_index.get(index)
            x, y = items[step + 1], items[step + 2]
            if unit is not None and 0 <= x < MAX_CELL and 0 <= y < MAX_CELL:
                self._seen_at.setdefault(unit.owner, []).append((loop, x, y))

    def _neutral(self, name: str, x: int, y: int) -> None:
        if "MineralField" in name:
            self._record.resources.append(Resource("mineral", x, y))
        elif "Geyser" in name:
            self._record.resources.append(Resource("geyser", x, y))

    def _add(self, index: int, recycle: int, owner: int, loop: int, name: str, x: int, y: int) -> UnitLife:
        tag = (index << _TAG_SHIFT) + recycle
        unit = UnitLife(tag, owner, [(loop, name)], x, y)
        self._by_tag[tag] = self._by_index[index] = unit
        self._record.units.append(unit)
        return unit

    def _unit(self, fields: list[Any]) -> UnitLife | None:
        index, recycle = fields[0], fields[1]
        if index is None or recycle is None:
            raise NotAReplayError("an event in it names no unit; the file is damaged")
        return self._by_tag.get((index << _TAG_SHIFT) + recycle)
