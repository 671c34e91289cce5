"""Small replays written from scratch, so that tests say what is in them and need no files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cherrypy_bot.formats.mpq_writer import write_archive
from cherrypy_bot.formats.tracker import (
    BORN,
    DIED,
    DONE,
    INIT,
    SETUP,
    STATS,
    STATS_EVENT,
    TYPE_CHANGE,
    UPGRADE,
    TrackerEvent,
)
from cherrypy_bot.formats.tracker_writer import encode_tracker
from cherrypy_bot.formats.versioned import (
    encode_array,
    encode_blob,
    encode_fourcc,
    encode_number,
    encode_optional,
    encode_struct,
    encode_uint8,
)

BUILD = 93333
LENGTH = 8000
WORKERS = {"Terran": "SCV", "Protoss": "Probe", "Zerg": "Drone"}
HALLS = {"Terran": "CommandCenter", "Protoss": "Nexus", "Zerg": "Hatchery"}
STARTS = {1: (30, 30), 2: (120, 120)}


def header(*, version: tuple[int, int, int, int] = (5, 0, 14, BUILD), length: int = LENGTH) -> bytes:
    """A replay's header, the content of the archive's user data."""
    numbers = {0: 1, 1: version[0], 2: version[1], 3: version[2], 4: version[3], 5: version[3]}
    return encode_struct(
        {
            0: encode_blob(b"StarCraft II replay\x1b11"),
            1: encode_struct({key: encode_number(value) for key, value in numbers.items()}),
            2: encode_number(2),
            3: encode_number(length),
        }
    )


def details(names: list[str], races: list[str], results: list[int], *, map_name: str = "Test LE") -> bytes:
    """The details part: a human in every seat."""
    players = [
        encode_struct(
            {
                0: encode_blob(name.encode()),
                1: encode_struct({0: encode_number(1), 1: encode_fourcc(b"\0\0S2")}),
                2: encode_blob(race.encode()),
                3: encode_struct({number: encode_number(200 - 40 * number) for number in range(4)}),
                4: encode_number(2),
                5: encode_number(seat),
                6: encode_number(100),
                7: encode_number(0),
                8: encode_number(result),
                9: encode_optional(encode_number(seat)),
            }
        )
        for seat, (name, race, result) in enumerate(zip(names, races, results, strict=True))
    ]
    return encode_struct(
        {
            0: encode_optional(encode_array(players)),
            1: encode_blob(map_name.encode()),
            4: encode_uint8(1),
            5: encode_number(134_000_000_000_000_000),
        }
    )


@dataclass
class Game:
    """A game in the making; methods add what the game would have recorded.

    Example:
        >>> game = Game("Terran", "Zerg")
        >>> depot = game.place(1, "SupplyDepot", 400, done=880)
        >>> game.kill(depot, 3000, by=2)
        >>> replay = parse_replay(game.replay())
    """

    first: str = "Terran"
    second: str = "Protoss"
    names: list[str] = field(default_factory=lambda: ["Ann", "Ben"])
    results: list[int] = field(default_factory=lambda: [1, 2])
    map_name: str = "Test LE"
    length: int = LENGTH
    events: list[TrackerEvent] = field(default_factory=list)
    workers: int = 12

    def __post_init__(self) -> None:
        self._next_index = 1
        self._owners: dict[int, int] = {}
        self.halls: dict[int, int] = {}
        for player, race in ((1, self.first), (2, self.second)):
            self._add(0, SETUP, [player, 1, player - 1, player - 1])
            self.halls[player] = self.born(player, HALLS[race], 0)
            for _ in range(self.workers):
                self.born(player, WORKERS[race], 0)
            self.stats(player, 1, supply_used_4096=12 * 4096, supply_made_4096=15 * 4096)

    def born(
        self,
        player: int,
        name: str,
        loop: int,
        *,
        by: int | None = None,
        ability: str = "",
        at: tuple[int, int] | None = None,
    ) -> int:
        """A finished unit; returns its index. `by` is its maker's."""
        x, y = at or STARTS[player]
        index = self._index(player)
        maker = (None, None, None) if by is None else (by, 1, ability)
        self._add(loop, BORN, [index, 1, name, player, player, x, y, *maker])
        return index

    def place(
        self, player: int, name: str, loop: int, *, done: int | None = None, at: tuple[int, int] | None = None
    ) -> int:
        """A structure placed or a unit warped in; returns its index."""
        x, y = at or STARTS[player]
        index = self._index(player)
        self._add(loop, INIT, [index, 1, name, player, player, x, y])
        if done is not None:
            self._add(done, DONE, [index, 1])
        return index

    def become(self, index: int, name: str, loop: int) -> None:
        """A type change."""
        self._add(loop, TYPE_CHANGE, [index, 1, name])

    def kill(
        self, index: int, loop: int, *, by: int | None, at: tuple[int, int] = (60, 60), with_unit: int | None = None
    ) -> None:
        """A death; `by` is the killing player, None where no one did it."""
        killer = (None, None) if with_unit is None else (with_unit, 1)
        self._add(loop, DIED, [index, 1, by, *at, *killer])

    def upgrade(self, player: int, name: str, loop: int) -> None:
        """A finished upgrade."""
        self._add(loop, UPGRADE, [player, name, 1])

    def stats(self, player: int, loop: int, **values: int) -> None:
        """A sample of statistics; what is not given is 0."""
        row = [0] * len(STATS)
        for name, value in values.items():
            row[STATS.index(name)] = value
        self._add(loop, STATS_EVENT, [player, row])

    def tracker(self) -> bytes:
        """The tracker events part."""
        return encode_tracker(sorted(self.events, key=lambda event: event.loop))

    def replay(self, **parts: bytes) -> bytes:
        """The bytes of the replay file; `parts` add or replace files of the archive (`.` written as `_`)."""
        files = {
            "replay.details": details(self.names, [self.first, self.second], self.results, map_name=self.map_name),
            "replay.tracker.events": self.tracker(),
        }
        files.update({name.replace("_", "."): content for name, content in parts.items()})
        return write_archive(header(length=self.length), files)

    def _index(self, player: int) -> int:
        index = self._next_index
        self._next_index += 1
        self._owners[index] = player
        return index

    def _add(self, loop: int, kind: int, fields: list[Any]) -> None:
        self.events.append(TrackerEvent(loop, kind, [*fields, *[None] * (10 - len(fields))]))
