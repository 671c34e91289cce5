"""Features of the selector out of replays, real ones and the engine's own, by the code that makes them in a match.

    rows = rows_of(read_replay(path))         # one row per player per EVALUATE_LOOPS
    rows.inputs                               # float32 [N, FEATURE_COUNT]

A replay does not hold everything that a player knew. What it cannot tell stays None in the view, so the features carry
their masks; `MISSING` says what and why, and goes into every file that is written.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.learn import vocabulary
from cherrypy_bot.learn.features import FEATURES_VERSION, feature_names, features
from cherrypy_bot.learn.view import EVALUATE_LOOPS, StateView
from replays.errors import ReplayError, shown
from replays.model import PlayerData, ReplayData, UnitLife

RESULTS: Final = {"Win": 1.0, "Loss": 0.0, "Tie": 0.5}
MISSING: Final = {
    "enemy": "what a player had seen of the enemy: a replay holds no vision; `truth` has what the enemy really had",
    "enemy bases": "which of the enemy's bases were known, for the same reason",
    "forecast": "what the player planned",
    "build": "which of our build orders was played; the dataset's `opening` is a recognised one",
    "grids": "where everything stood: positions are told of units that fought, every 15 s",
    "map": "size of the playable area and number of places for bases: a replay holds no terrain",
}
"""Fields of a view that a replay cannot fill, and why."""
APPROXIMATE: Final = {
    "bank, supply used, supply cap": "the game's last sample, up to 160 loops old",
    "pending": "starts of trained units and research are done less the building time (early under chrono boost); what "
    "waits paid for in a queue is not in it",
    "enemy race": "taken as known from the start, also of an opponent who picked Random",
    "own workers, supply of the army": "workers inside gas buildings count, in a match nobody sees them; what is in "
    "production is no army",
    "larvae": "left out",
}
"""Fields that it fills, but not exactly."""
_EGGS: Final = ("Egg", "Cocoon", "LurkerMPEgg")


@dataclass(frozen=True, slots=True)
class Rows:
    """Both players of one replay, every EVALUATE_LOOPS.

    Attributes:
        replay: SHA-256 of the file. player_id, loop: shape (N,). result: 1 win, 0 loss, 0.5 tie, NaN unknown.
        inputs: float32 [N, FEATURE_COUNT].
        truth: uint16 [N, TYPE_COUNT], the other player's living units by type, finished or not, as in
            `episodes.Episode`. No player knew them.
        unknown: names of units and upgrades that the features have no number for, with how often they occurred.
    """

    replay: str
    player_id: npt.NDArray[np.int8]
    loop: npt.NDArray[np.int32]
    result: npt.NDArray[np.float32]
    inputs: npt.NDArray[np.float32]
    truth: npt.NDArray[np.uint16]
    unknown: dict[str, int]


def rows_of(replay: ReplayData) -> Rows:
    """The rows of a replay. ReplayError where it came from a cache, which keeps no units."""
    if replay.timelines is None:
        raise ReplayError(f"{replay.sha256[:16]}: it came from the cache, without its units; read the file itself")
    lives = _Lives(replay.timelines.units)
    loops = range(0, replay.length + 1, EVALUATE_LOOPS)
    views = [view for player in replay.players for view in views_of(replay, player.player_id)]
    players = [player for player in replay.players for _ in loops]
    return Rows(
        replay=replay.sha256,
        player_id=np.array([player.player_id for player in players], np.int8),
        loop=np.array([view.loop for view in views], np.int32),
        result=np.array([RESULTS.get(player.result, np.nan) for player in players], np.float32),
        inputs=np.stack([features(view) for view in views]),
        truth=np.stack(
            [
                lives.alive(_other(replay, player).player_id, view.loop)
                for player, view in zip(players, views, strict=True)
            ]
        ),
        unknown=dict(lives.unknown + _unknown_upgrades(replay)),
    )


def views_of(replay: ReplayData, player_id: int) -> Iterator[StateView]:
    """What a player knew at loop 0 and every EVALUATE_LOOPS, as far as the replay tells (see MISSING)."""
    if replay.timelines is None:
        raise ReplayError(f"{replay.sha256[:16]}: it came from the cache, without its units; read the file itself")
    player = next(one for one in replay.players if one.player_id == player_id)
    other = _other(replay, player)
    mine = [life for life in replay.timelines.units if life.owner == player_id]
    morphs = [
        (item.start, item.done, number)
        for item in player.build
        if item.done is not None and (item.kind == "morph" or item.start_source == "cocoon")
        for number in [type_id(item.name)]
        if number is not None
    ]
    upgrades = [(item.start, item.done, number) for item in player.build if item.kind == "upgrade"
                for number in [upgrade_id(item.name)] if number is not None]  # fmt: skip
    stats = player.stats
    supply_used, supply_cap = stats.supply_used, stats.supply_cap
    for loop in range(0, replay.length + 1, EVALUATE_LOOPS):
        own: Counter[int] = Counter()
        pending: Counter[int] = Counter()
        for life in mine:
            _count(life, loop, own, pending)
        pending.update(number for start, done, number in morphs if start <= loop < done)
        ours = vocabulary.counts(np.fromiter(own.elements(), np.int64, own.total()))
        halls = vocabulary.counts(np.fromiter((own + pending).elements(), np.int64, (own + pending).total()))
        row = max(0, bisect_right(stats.loops.tolist(), loop) - 1)
        workers, army = vocabulary.KINDS[vocabulary.WORKER], ~vocabulary.KINDS[vocabulary.WORKER]
        yield StateView(
            loop=loop,
            race=player.race.lower(),
            enemy_race=other.race.lower(),
            own=dict(own),
            pending=dict(pending),
            minerals=float(stats.at("minerals", loop)),
            vespene=float(stats.at("vespene", loop)),
            supply_used=float(supply_used[row]),
            supply_cap=float(supply_cap[row]),
            supply_army=float((vocabulary.SUPPLY * ours)[army].sum()),
            supply_workers=float(ours[workers].sum()),
            bases=int(halls[vocabulary.KINDS[vocabulary.TOWNHALL]].sum()),
            upgrades=frozenset(number for _, done, number in upgrades if done is not None and done <= loop),
            upgrades_pending=frozenset(
                number for start, done, number in upgrades if start <= loop and (done is None or done > loop)
            ),
        )


def write_rows(path: Path, found: Iterable[Rows]) -> int:
    """Write the rows of many replays as .npz or .parquet, by the ending; how many rows it were.

    Both hold `replay`, `player_id`, `loop`, `result`, the inputs, the truth, their names, FEATURES_VERSION and MISSING.
    The .npz needs all rows in memory; the .parquet is written replay by replay.

    Raises ReplayError where the ending is another, pyarrow or a replay is missing, or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".npz":
            return _write_npz(path, list(found))
        if path.suffix == ".parquet":
            return _write_parquet(path, found)
    except OSError as error:
        raise ReplayError(f"{shown(path)}: it cannot be written ({error.strerror}); name another file") from error
    raise ReplayError(f"{shown(path)}: its ending is neither .npz nor .parquet; name a file with one of them")


@functools.lru_cache(maxsize=4096)
def type_id(name: str) -> int | None:
    """A unit type's number from the game's own name for it (SiegeTankSieged), None where there is none."""
    found = UnitTypeId.__members__.get(name.upper())
    return found.value if found is not None else None


@functools.lru_cache(maxsize=1024)
def upgrade_id(name: str) -> int | None:
    """An upgrade's number from the game's own name for it (zerglingmovementspeed), None where there is none."""
    found = UpgradeId.__members__.get(name.upper())
    return found.value if found is not None else None


def _other(replay: ReplayData, player: PlayerData) -> PlayerData:
    first, second = replay.players
    return second if player.player_id == first.player_id else first


def _count(life: UnitLife, loop: int, own: Counter[int], pending: Counter[int]) -> None:
    """Count one unit as finished or as begun, where it is either."""
    if life.died is not None and life.died <= loop:
        return
    if life.finished is not None and life.finished <= loop:
        name = life.name_at(loop)
        number = type_id(name)
        if number is None or name in _EGGS or name.endswith(_EGGS):
            return
        own[number] += 1
        return
    if life.started is not None and life.started <= loop:
        number = type_id(life.names[0][1])
        if number is not None:
            pending[number] += 1


class _Lives:
    """Who lived when, by player and column of the vocabulary."""

    def __init__(self, lives: Sequence[UnitLife]) -> None:
        self._lives = lives
        self.unknown = Counter(life.name for life in lives if type_id(life.name) is None)

    def alive(self, owner: int, loop: int) -> npt.NDArray[np.uint16]:
        """Living units of a player by column, finished or not."""
        numbers = [
            number
            for life in self._lives
            if life.owner == owner and (life.died is None or life.died > loop) and _begun(life) <= loop
            for number in [type_id(life.name_at(loop))]
            if number is not None
        ]
        return np.minimum(vocabulary.counts(np.array(numbers, np.int64)), 65_535).astype(np.uint16)


def _begun(life: UnitLife) -> int:
    """Loop from which a unit stands on the map: structures when placed, trained units when finished."""
    if life.started_by == "init" and life.started is not None:
        return life.started
    return life.finished if life.finished is not None else life.names[0][0]


def _unknown_upgrades(replay: ReplayData) -> Counter[str]:
    return Counter(name for player in replay.players for _, name in player.upgrades if upgrade_id(name) is None)


def _write_npz(path: Path, found: list[Rows]) -> int:
    if not found:
        raise ReplayError(f"{shown(path)}: no replay could be read, so nothing is written")
    columns: dict[str, Any] = {
        "replay": np.concatenate([np.full(len(rows.loop), rows.replay) for rows in found]),
        **{
            name: np.concatenate([getattr(rows, name) for rows in found])
            for name in ("player_id", "loop", "result", "inputs", "truth")
        },
    }
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        np.savez_compressed(
            file,
            **columns,
            input_names=np.array(feature_names()),
            truth_names=np.array(vocabulary.NAMES),
            features_version=np.array(FEATURES_VERSION),
            missing=np.array([f"{name}: {why}" for name, why in MISSING.items()]),
        )
    part.replace(path)
    return len(columns["loop"])


def _write_parquet(path: Path, found: Iterable[Rows]) -> int:
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise ReplayError(
            "writing Parquet needs pyarrow, which is not installed; pip install 'cherrypy_bot[replays]', or name a .npz"
        ) from None
    truth_names = [f"truth: {name}" for name in vocabulary.NAMES]
    facts = {
        "features_version": str(FEATURES_VERSION),
        **{f"missing: {name}": why for name, why in MISSING.items()},
    }
    schema = arrow.schema(
        [("replay", arrow.dictionary(arrow.int32(), arrow.string())), ("player_id", arrow.int8()),
         ("loop", arrow.int32()), ("result", arrow.float32())]
        + [(name, arrow.float32()) for name in feature_names()]
        + [(name, arrow.uint16()) for name in truth_names],
        metadata=facts,
    )  # fmt: skip
    count = 0
    part = path.with_name(path.name + ".part")
    try:
        with parquet.ParquetWriter(part, schema, compression="zstd") as writer:
            for rows in found:
                columns: dict[str, Any] = {
                    "replay": [rows.replay] * len(rows.loop),
                    "player_id": rows.player_id,
                    "loop": rows.loop,
                    "result": rows.result,
                    **dict(zip(feature_names(), rows.inputs.T, strict=True)),
                    **dict(zip(truth_names, rows.truth.T, strict=True)),
                }
                writer.write_table(arrow.Table.from_pydict(columns, schema=schema))
                count += len(rows.loop)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count
