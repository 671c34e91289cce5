"""Real openings played again: the same items as soon as the real player made them, and what becomes of the economy.

Each replay of `facts/openings.json` is one game with both players (`follower.Follower`), on the replay's map where the
folder holds it, else on a shipped one. Every 160 loops the real timeline has one row; the engine's numbers are taken
at the same loops and in the same way: minerals and gas mined are the integral of the collection rate, which is what was
delivered in the trailing 240 loops.
"""

from __future__ import annotations

import lzma
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from s2clientprotocol import sc2api_pb2

from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import MapData, load_map
from cherrypy_bot.sim.maps.importer import import_map
from cherrypy_bot.sim.rules import Ruleset, load_ruleset
from cherrypy_bot.sim.truth import source
from cherrypy_bot.sim.truth.follower import Follower, Item

LAST_LOOP = 5000
ROW_LOOPS = 160
RATE_LOOPS = 240
LOOPS_PER_MINUTE = 1344
GAS_OF_A_WORKER = 54.0
"""Gas a minute that one worker brings."""
GAS_AHEAD = (160, 420)
"""A change of the number of gas workers shows in the rates of rows so many loops later."""
RECORDED_ITEMS = 25
LATE = 16
"""An item that starts so many loops after the real one counts as the first difference."""
BOOSTED = 0.97
"""A worker born in less than this share of its time after the one before was chrono boosted (on one base)."""
DEFAULT_MAP = "CherryGroveLE"
QUANTITIES = ("minerals", "gas", "workers", "supply", "supply_cap")
LEAST = {"minerals": 1.0, "gas": 100.0, "workers": 1.0, "supply": 1.0, "supply_cap": 1.0}
"""Real values below this are too small to compare by share."""
CHECKPOINTS = (1000, 2000, 3000, 4000, 5000)


@dataclass(frozen=True)
class Row:
    """One line of a timeline; minerals and gas: mined since the start. bank: minerals in it."""

    loop: int
    minerals: float
    gas: float
    workers: float
    supply: float
    supply_cap: float
    bank: float


@dataclass
class Opening:
    """What one player of a replay did."""

    replay: str
    release: str
    map_name: str
    player: int
    race: str
    items: list[Item]
    rows: list[Row]
    gas_rates: list[tuple[int, float]]
    left_out: list[str] = field(default_factory=list)

    @property
    def ruleset(self) -> str:
        """The engine's ruleset that is nearest to the replay's patch."""
        return "5.0.16" if self.patch >= (5, 0, 16) else "5.0.14"

    @property
    def exact(self) -> bool:
        """Whether the ruleset is that of the replay's own patch."""
        return self.patch >= (5, 0, 14)

    @property
    def patch(self) -> tuple[int, ...]:
        """The first three numbers of the release."""
        return tuple(int(part) for part in self.release.split(".")[:3])

    def gas_workers(self, loop: int) -> int:
        """Workers that the real player had on gas, told from the gas that came in a little later."""
        soon = [rate for at, rate in self.gas_rates if loop + GAS_AHEAD[0] <= at <= loop + GAS_AHEAD[1]]
        return round(max(soon, default=0.0) / GAS_OF_A_WORKER)


@dataclass
class Outcome:
    """One opening beside its second performance."""

    opening: Opening
    rows: list[Row]
    first_difference: tuple[int, str, int] | None
    """loop, item, loops that it started late; None where all started in time"""
    never: list[str]
    """items that were due and did not start"""

    def pairs(self) -> list[tuple[Row, Row]]:
        """(real, engine) rows of the same loops."""
        ours = {row.loop: row for row in self.rows}
        return [(real, ours[real.loop]) for real in self.opening.rows if real.loop in ours]

    def delta(self, quantity: str, loop: int) -> float | None:
        """Engine over real, less 1, at the last row up to a loop; None where there is nothing to compare."""
        for real, ours in reversed(self.pairs()):
            if real.loop <= loop:
                told = loop - real.loop < ROW_LOOPS and getattr(real, quantity) >= LEAST[quantity]
                return getattr(ours, quantity) / getattr(real, quantity) - 1.0 if told else None
        return None

    def typical(self, quantity: str) -> float | None:
        """Median over the rows of the absolute share by which engine and game differ."""
        shares = [
            abs(getattr(ours, quantity) / getattr(real, quantity) - 1.0)
            for real, ours in self.pairs()
            if getattr(real, quantity) >= LEAST[quantity]
        ]
        return statistics.median(shares) if shares else None


def read_openings(path: Path) -> list[Opening]:
    """The openings of a folder, in the file's order, players of one replay side by side.

    Raises:
        TruthError: there are none, or the file does not have the form.
    """
    file = source.facts(path, "openings.json") if path.is_dir() else None
    if file is None:
        raise source.TruthError(f"{path} holds no facts/openings.json; give the folder with recorded openings")
    told = source.read_json(file)
    try:
        columns = {name: i for i, name in enumerate(told["meta"]["timeline_columns"])}
        return [
            _opening(name, replay, number, player, columns)
            for name, replay in told["replays"].items()
            for number, player in enumerate(replay["players"])
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise source.TruthError(f"{file} does not have the form of recorded openings ({error!r})") from error


def _opening(
    name: str, replay: dict[str, Any], number: int, player: dict[str, Any], columns: dict[str, int]
) -> Opening:
    opening = Opening(name, replay["release"], replay["map"], number, player["race"], [], [], [])
    rules = load_ruleset(opening.ruleset)
    worker = {"Terran": "SCV", "Protoss": "Probe", "Zerg": "Drone"}[player["race"]]
    loops = rules.unit(worker).build_loops - (0 if player["race"] == "Zerg" else 1)
    before = 0
    for birth in player["worker_births"]:
        item = Item("worker", worker, max(int(birth - loops), 1))
        if player["race"] == "Protoss" and birth - before < BOOSTED * loops:
            item.due, item.boosted = max(before, 1), True
        opening.items.append(item)
        before = int(birth)
    end = replay["game_loops"]
    for item in player["build"]:
        if item["done"] is None and item["start"] + 2 * _time_of(rules, item["name"]) < end:
            opening.left_out.append(item["name"])  # cancelled or destroyed; when is not known
        else:
            opening.items.append(Item(item["kind"], item["name"], int(item["start"])))
    last = player["build"][-1]["start"] if len(player["build"]) >= RECORDED_ITEMS else end
    timeline = [dict(zip(columns, row, strict=True)) for row in player["timeline"]]
    opening.gas_rates = [(row["loop"], float(row["vespene_rate"])) for row in timeline]
    mined = gas = 0.0
    for row in timeline:
        if row["loop"] % ROW_LOOPS or row["loop"] > min(LAST_LOOP, last, end):
            continue
        mined += row["minerals_rate"] * ROW_LOOPS / LOOPS_PER_MINUTE
        gas += row["vespene_rate"] * ROW_LOOPS / LOOPS_PER_MINUTE
        opening.rows.append(
            Row(row["loop"], mined, gas, row["workers"], row["food_used"], row["food_made"], row["minerals"])
        )
    return opening


def _time_of(rules: Ruleset, name: str) -> float:
    upgrade = next((u for u in rules.upgrades.values() if u.name == name), None)
    return upgrade.research_loops if upgrade is not None else rules.unit(name).build_loops


def play_openings(
    path: Path, map_name: str = DEFAULT_MAP, progress: Callable[[str], None] | None = None
) -> list[Outcome]:
    """Play every opening of a folder (about three seconds a game).

    Args:
        map_name: where to play when the folder does not hold the replay's map.
        progress: told the replay's name before each game.

    Raises:
        TruthError: no openings. MapError: no such map.
    """
    by_replay: dict[str, list[Opening]] = {}
    for opening in read_openings(path):
        by_replay.setdefault(opening.replay, []).append(opening)
    outcomes: list[Outcome] = []
    for replay, players in by_replay.items():
        if progress is not None:
            progress(replay)
        outcomes += play_replay(players, _map_of(path, players[0].map_name) or load_map(map_name))
    return outcomes


def _map_of(path: Path, name: str) -> MapData | None:
    """The replay's own map, where the folder holds what the game says of it."""
    stem = "".join(c for c in name if c.isalnum())
    parts = [path / "maps" / f"{stem}.{kind}.pb.xz" for kind in ("game_info", "observation")]
    if not all(part.is_file() for part in parts):
        return None
    try:
        info, observation = (lzma.decompress(part.read_bytes()) for part in parts)
        return import_map(
            sc2api_pb2.ResponseGameInfo.FromString(info), sc2api_pb2.ResponseObservation.FromString(observation)
        )
    except (DecodeError, lzma.LZMAError) as error:
        raise source.TruthError(f"{parts[0]} or {parts[1]} is not what the game says of a map ({error})") from error


def play_replay(players: list[Opening], map_data: MapData, seed: int = 1) -> list[Outcome]:
    """Both players of one replay in one game.

    Raises:
        TruthError: not two players.
    """
    if len(players) != 2:
        raise source.TruthError(
            f"{players[0].replay} has {len(players)} players; openings of one against one are played"
        )
    races = (players[0].race, players[1].race)
    game = Game.new(map_data, races, seed, load_ruleset(players[0].ruleset))
    followers = [
        Follower(number, opening.race, [Item(i.kind, i.name, i.due) for i in opening.items], opening.gas_workers, seed)
        for number, opening in enumerate(players)
    ]
    end = max((row.loop for opening in players for row in opening.rows), default=0)
    mined: tuple[list[float], list[float]] = ([0.0], [0.0])
    gas: tuple[list[float], list[float]] = ([0.0], [0.0])
    rows: tuple[list[Row], list[Row]] = ([], [])
    totals = [[0.0, 0.0], [0.0, 0.0]]
    while game.loop < end and not game.over:
        for follower in followers:
            follower.act(game)
        game.step(1)
        bank = game.world.players
        for number in range(2):
            mined[number].append(float(bank.collected_minerals[number]))
            gas[number].append(float(bank.collected_gas[number]))
            if game.loop % ROW_LOOPS == 0:
                totals[number][0] += _delivered(mined[number]) * ROW_LOOPS
                totals[number][1] += _delivered(gas[number]) * ROW_LOOPS
                rows[number].append(_row(game, number, *totals[number]))
    return [
        _outcome(opening, follower, rows[number], end)
        for number, (opening, follower) in enumerate(zip(players, followers, strict=True))
    ]


def _delivered(collected: list[float]) -> float:
    """Mined per loop over the trailing 240 loops, or since the start."""
    loops = min(RATE_LOOPS, len(collected) - 1)
    return (collected[-1] - collected[-1 - loops]) / loops


def _row(game: Game, number: int, minerals: float, gas: float) -> Row:
    w, players = game.world, game.world.players
    workers = sum(
        rule.is_worker and rule.name != "MULE"
        for rule in (w.rules.units[int(w.units.type_id[r])] for r in w.rows_of(number))
    )
    return Row(
        game.loop,
        minerals,
        gas,
        float(workers),
        float(players.supply_used[number]),
        float(players.supply_cap[number]),
        float(players.minerals[number]),
    )


def _outcome(opening: Opening, follower: Follower, rows: list[Row], end: int) -> Outcome:
    last = opening.rows[-1].loop if opening.rows else 0
    due = [item for item in follower.items if item.due <= last]
    late = [
        (item.due, item.name, (item.started if item.started is not None else end) - item.due)
        for item in due
        if item.started is None or item.started - item.due > LATE
    ]
    never = [item.name for item in due if item.started is None and item.due <= last - 2 * ROW_LOOPS]
    return Outcome(opening, rows, late[0] if late else None, never)


def summary(outcomes: list[Outcome]) -> dict[str, dict[str, float | None]]:
    """Medians over openings: for each quantity the typical difference, and the signed one at each checkpoint."""
    out: dict[str, dict[str, float | None]] = {}
    for quantity in QUANTITIES:
        typical = [t for t in (o.typical(quantity) for o in outcomes) if t is not None]
        out[quantity] = {"typical": statistics.median(typical) if typical else None}
        for loop in CHECKPOINTS:
            deltas = [d for d in (o.delta(quantity, loop) for o in outcomes) if d is not None]
            out[quantity][str(loop)] = statistics.median(deltas) if deltas else None
    return out
