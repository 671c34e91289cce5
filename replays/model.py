"""What a replay says, as plain data. `replays.reader` makes it, everything else reads it.

Times are game loops (22.4 a second, 1344 a minute) unless a name ends in `_seconds`; positions are map cells with
the origin bottom left; values are minerals and vespene together; supply is as the game shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cherrypy_bot.formats.tracker import STATS

LOOPS_PER_SECOND: Final = 22.4
LOOPS_PER_MINUTE: Final = 1344
SUPPLY_LIMIT: Final = 200

_COLUMN: Final = {name: index for index, name in enumerate(STATS)}


def seconds(loop: float) -> float:
    """Game loops as seconds at the speed that matches are played at ("Faster")."""
    return loop / LOOPS_PER_SECOND


def clock(loop: float) -> str:
    """Game loops as the game's clock shows them: 7:03."""
    whole = int(seconds(loop))
    return f"{whole // 60}:{whole % 60:02d}"


@dataclass(slots=True)
class UnitLife:
    """One unit or structure from its start to its death.

    Attributes:
        tag: the game's id: index and recycle count in one number.
        owner: player id. names: (loop, type name) from the first to the last.
        started: loop its production began, None where it is not known (see `started_by`).
        started_by: how `started` is known, as `BuildItem.start_source`.
        finished: loop it was complete, None where it never was.
        died: loop it was gone, None where it saw the end. killer: who did it; the owner itself for a cancelled
            or salvaged structure and a Baneling that exploded; None where no one did it (a Drone becoming a
            structure, an expired MULE).
        x, y: where it began. death_x, death_y: where it ended.
        creator: tag of the unit that made it. ability: the ability that did.
    """

    tag: int
    owner: int
    names: list[tuple[int, str]]
    x: int
    y: int
    started: int | None = None
    started_by: str = ""
    finished: int | None = None
    died: int | None = None
    killer: int | None = None
    killer_tag: int | None = None
    death_x: int = 0
    death_y: int = 0
    creator: int | None = None
    ability: str = ""
    starting: bool = False

    @property
    def name(self) -> str:
        """Its last type name."""
        return self.names[-1][1]

    def name_at(self, loop: int) -> str:
        """Its type name at a loop."""
        found = self.names[0][1]
        for since, name in self.names:
            if since > loop:
                break
            found = name
        return found


@dataclass(frozen=True, slots=True)
class BuildItem:
    """One thing that a player decided to make.

    Attributes:
        name: type name of the unit, structure or upgrade. kind: worker, unit, support, structure, townhall, addon,
            upgrade; `morph` for what was made of another structure (Lair, Orbital Command).
        start: loop it was begun. start_source: how that is known: `init` (placed or warped in, exact), `egg` and
            `cocoon` (exact), `estimate` (done less the building time; early where chrono boost was used).
        done: loop it was complete, None where it never was.
        status: done, cancelled, destroyed (before it was done) or unfinished (when the game ended).
        lost: loop the finished thing died at, None where it saw the end.
        supply, supply_cap: as they stood just before it was begun.
        count: how many at once; 2 for a pair of Zerglings. tag: the unit's, 0 for upgrades.
    """

    name: str
    kind: str
    start: int
    start_source: str
    done: int | None
    status: str
    lost: int | None
    supply: float
    supply_cap: float
    count: int = 1
    tag: int = 0
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class StatsTimeline:
    """The game's own statistics of a player: loop 1, every 160 loops, and when the player leaves.

    Attributes:
        loops: shape (n,), int32, ascending. values: shape (n, 39), int64, columns in the order of `STATS`.
    """

    loops: NDArray[np.int32]
    values: NDArray[np.int64]

    def column(self, name: str) -> NDArray[np.int64]:
        """One of the 39 values over time, shape (n,); names are those of `cherrypy_bot.formats.tracker.STATS`."""
        return self.values[:, _COLUMN[name]]

    def total(self, *names: str) -> NDArray[np.int64]:
        """The sum of several columns over time, shape (n,)."""
        return self.values[:, [_COLUMN[name] for name in names]].sum(axis=1)

    @property
    def income(self) -> NDArray[np.int64]:
        """Minerals and vespene collected per minute, the game's mean over the last 240 loops."""
        return self.total("minerals_rate", "vespene_rate")

    @property
    def unspent(self) -> NDArray[np.int64]:
        """Minerals and vespene in the bank."""
        return self.total("minerals", "vespene")

    @property
    def army_value(self) -> NDArray[np.int64]:
        """Value of the finished army units alive."""
        return self.total("minerals_army", "vespene_army")

    @property
    def lost_value(self) -> NDArray[np.int64]:
        """Value lost so far, everything together."""
        kinds = ("army", "economy", "technology")
        return self.total(*(f"{what}_lost_{kind}" for what in ("minerals", "vespene") for kind in kinds))

    @property
    def supply_used(self) -> NDArray[np.float64]:
        """Supply in use, things in production included."""
        return self.column("supply_used_4096") / 4096.0

    @property
    def supply_cap(self) -> NDArray[np.float64]:
        """Supply that the player's structures or Overlords provide, at most 200."""
        return np.minimum(self.column("supply_made_4096") / 4096.0, SUPPLY_LIMIT)

    def at(self, name: str, loop: int) -> int:
        """One value in the last sample at or before a loop; the first sample's before that."""
        row = max(0, int(np.searchsorted(self.loops, loop, side="right")) - 1)
        return int(self.values[row, _COLUMN[name]])


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the game, from loop `start` to before loop `end`."""

    start: int
    end: int

    @property
    def loops(self) -> int:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Base:
    """A town hall: where, when begun, when done, when lost, and by whom (a player's id)."""

    name: str
    x: int
    y: int
    started: int
    finished: int | None
    lost: int | None
    lost_to: int | None
    starting: bool = False


@dataclass(frozen=True, slots=True)
class Economy:
    """How a player kept its money at work.

    Attributes:
        spending_quotient: 35 * (0.00137 * income - ln(unspent)) + 240 after the community's formula, income per
            960 loops as when it was fitted; None where the game was too short to say.
        mean_income: value collected per minute. mean_unspent: value in the bank. Both over the samples from the
            first minute to the end.
        workers_made: beside those of the start. workers_lost: killed by anyone.
        supply_blocks: stretches of a second or more with all supply used, below 200.
    """

    spending_quotient: float | None
    mean_income: float
    mean_unspent: float
    workers_made: int
    workers_lost: int
    supply_blocks: tuple[Span, ...]

    @property
    def blocked_seconds(self) -> float:
        """How long the player could not have made a unit for want of supply."""
        return seconds(sum(block.loops for block in self.supply_blocks))


@dataclass(frozen=True, slots=True)
class Losses:
    """What one player lost in an engagement: value, and how many of what; `workers` and `structures` are parts."""

    value: int
    units: dict[str, int]
    workers: int
    structures: int


@dataclass(frozen=True, slots=True)
class Engagement:
    """A fight: deaths that lie close together in time and space.

    Attributes:
        start, end: loops of its first and last death. x, y: mean place of the deaths, weighted by value.
        losses: by player id. killers: by player id, type name to kills, where the game says who killed.
        army_before: by player id, army value in the last sample before it.
    """

    start: int
    end: int
    x: float
    y: float
    losses: dict[int, Losses]
    killers: dict[int, dict[str, int]]
    army_before: dict[int, int]

    @property
    def value(self) -> int:
        """Value lost by both sides."""
        return sum(side.value for side in self.losses.values())


@dataclass(frozen=True, slots=True)
class Timelines:
    """What happened to every unit; large, so not kept in caches.

    Attributes:
        units: both players' units and structures, larvae, beacons and critters left out, in order of their start.
        positions: by player id, shape (n, 3), int32: loop, x, y of units that the game reported (every 15 s, those
            that recently fought).
    """

    units: tuple[UnitLife, ...]
    positions: dict[int, NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class PlayerData:
    """One of the two players.

    Attributes:
        player_id: the number that events use, 1 or 2. name: without the clan tag, which is in `clan`.
        race: Terran, Protoss or Zerg. result: Win, Loss, Tie or Unknown. human: False for the built-in AI.
        apm: actions per minute as the game's own record says, None where the file has none. mmr: likewise.
        color: red, green, blue. start: cell of the first town hall.
        upgrades: (loop, name) as finished. builds: in order of their start.
    """

    player_id: int
    name: str
    clan: str
    race: str
    result: str
    human: bool
    apm: float | None
    mmr: int | None
    color: tuple[int, int, int]
    start: tuple[int, int]
    stats: StatsTimeline
    build: tuple[BuildItem, ...]
    upgrades: tuple[tuple[int, str], ...]
    bases: tuple[Base, ...]
    economy: Economy
    opening: str = "unknown"
    opening_distance: float | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A mineral field or geyser of the map."""

    kind: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class ReplayData:
    """A 1v1 replay.

    Attributes:
        sha256: of the file. version: as the game shows it, 5.0.14.93333. base_build: decides the costs.
        map_name: as the file has it, in the language of the game that wrote it.
        played_at: when, UTC, None where the file says nothing sensible. length: loops.
        start_workers: 12, or 8 from 5.0.16 on. resources: the map's mineral fields and geysers.
        timelines: None where this came from a cache.
    """

    sha256: str
    version: str
    base_build: int
    map_name: str
    played_at: datetime | None
    length: int
    start_workers: int
    players: tuple[PlayerData, PlayerData]
    resources: tuple[Resource, ...]
    engagements: tuple[Engagement, ...]
    timelines: Timelines | None = field(default=None, compare=False)

    @property
    def length_seconds(self) -> float:
        """Length at the speed that matches are played at."""
        return seconds(self.length)

    @property
    def winner(self) -> PlayerData | None:
        """Who won, None where no one did or the file does not say."""
        return next((player for player in self.players if player.result == "Win"), None)

    @property
    def match_up(self) -> str:
        """TvZ and the like, in the order of the players."""
        return "v".join(player.race[0] for player in self.players)
