"""Plays an order in this process and makes its episodes.

played = play_order(order, config)
played.result.results        # ("Victory", "Defeat")
played.episodes              # what the sides of order.collect saw and did
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from sc2.player import Bot

from cherrypy_bot.config import Config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.history import MatchRecord, PastMatch
from cherrypy_bot.ladder.contender import Contender
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders
from cherrypy_bot.ladder.report import MatchReport
from cherrypy_bot.learn.episodes import Episode
from cherrypy_bot.learn.league.maps import find_map
from cherrypy_bot.learn.league.orders import ASSIGNED, GameOrder, GameResult
from cherrypy_bot.learn.view import EVALUATE_LOOPS, NO_BUILD, SelectorRecord
from cherrypy_bot.learn.vocabulary import TYPE_COUNT, counts
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.state import PLAYERS
from modules.keys import SELECTOR_RECORD

STRATEGY: Final = "strategy"
SHORTEST_LOOPS: Final = 22 * 60
"""A game that was over within a minute says nothing about builds."""
FEWEST_ORDERS_PER_MINUTE: Final = 5
"""An opponent that gives fewer orders did not play."""
LOOPS_PER_MINUTE: Final = 1344
_WINDOW_LOOPS: Final = 64
"""A bot evaluates in its first step after a multiple of EVALUATE_LOOPS; no step is longer than this."""

Counts = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Played:
    """A game that was played: its result and the episodes worth keeping."""

    result: GameResult
    episodes: tuple[Episode, ...]


class Truth:
    """Counts both players' living units around every evaluation, which no bot can see."""

    def __init__(self) -> None:
        self._counts: dict[int, tuple[Counts, ...]] = {}

    def look(self, game: Game) -> None:
        """Called between two requests; counts once per loop, where evaluations may fall."""
        loop = game.loop
        if loop % EVALUATE_LOOPS < _WINDOW_LOOPS and loop not in self._counts:
            self._counts[loop] = tuple(_living(game, player) for player in range(PLAYERS))

    def of(self, player: int, loop: int) -> Counts:
        """uint16[U] of a player at a loop, or at the last one counted before it."""
        found = loop if loop in self._counts else max((at for at in self._counts if at <= loop), default=None)
        return self._counts[found][player] if found is not None else np.zeros(TYPE_COUNT, np.uint16)


def _living(game: Game, player: int) -> Counts:
    units, rows = game.world.units, int(game.world.clock.rows[0])
    mine = (units.alive[:rows] == 1) & (units.owner[:rows] == player) & (units.hallucination[:rows] == 0)
    return np.minimum(counts(units.type_id[:rows][mine]), 65_535).astype(np.uint16)


def play_order(order: GameOrder, config: Config) -> Played:
    """Play a game to its end.

    Raises ConfigError for players that cannot be made, MatchError and MapError where the engine refuses the game.
    """
    started, started_cpu = time.perf_counter(), time.process_time()
    options = {side: {STRATEGY: dict(p.strategy)} for side, p in enumerate(order.players) if p.strategy}
    sides = contenders(
        config,
        order.players[0].bot,
        order.players[1].bot,
        seed=order.seed,
        game_step=order.game_step,
        options=options,
    )
    truth = Truth()
    with tempfile.TemporaryDirectory(prefix="league") as folder:
        if order.series:
            _remember(sides[0], order, Path(folder))
        setup = MatchSetup(
            sides,
            str(find_map(order.map_name)),
            seed=order.seed,
            game_step=order.game_step,
            loop_limit=order.loop_limit,
        )
        report = play_match(setup, on_look=truth.look if order.collect else None)
    records = [_record(side) for side in sides]
    result = _result(order, report, records)
    episodes, dropped = [], []
    for side in order.collect:
        why = unfit(report, side, records[side])
        record = records[side]
        if why or record is None:
            dropped.append(why)
            continue
        episodes.append(_episode(order, report, result, side, record, truth))
    result = replace(
        result,
        kept=len(episodes),
        dropped=tuple(dropped),
        wall_seconds=round(time.perf_counter() - started, 3),
        cpu_seconds=round(time.process_time() - started_cpu, 3),
    )
    return Played(result, tuple(episodes))


def unfit(report: MatchReport, side: int, record: SelectorRecord | None) -> str:
    """Why a side's match is no example to learn from; "" where it is one."""
    mine, other = report.players[side], report.players[1 - side]
    minutes = report.loops / LOOPS_PER_MINUTE
    if mine.error is not None:
        return "crashed"
    if mine.switched_off:
        return "a module was switched off"
    if other.error is not None:
        return "the opponent crashed"
    if report.loops < SHORTEST_LOOPS:
        return "too short"
    if other.step is not None and (other.orders or 0) < FEWEST_ORDERS_PER_MINUTE * minutes:
        return "the opponent did not play"
    if record is None or not len(record):
        return "no evaluations"
    return ""


def _ai(contender: Contender) -> CherryBot | None:
    player = contender.player
    return player.ai if isinstance(player, Bot) and isinstance(player.ai, CherryBot) else None


def _record(contender: Contender) -> SelectorRecord | None:
    ai = _ai(contender)
    return ai.board.get(SELECTOR_RECORD) if ai is not None else None


def _remember(contender: Contender, order: GameOrder, folder: Path) -> None:
    """Give the bot the memory that the ladder would have let it keep."""
    ai = _ai(contender)
    if ai is None:
        return
    past = tuple(PastMatch(**match) for match in order.past)
    now = PastMatch(map_name=order.map_name)
    ai.history = MatchRecord(folder / "history.json", order.players[1].name, past, now)


def _result(order: GameOrder, report: MatchReport, records: list[SelectorRecord | None]) -> GameResult:
    first, second = report.players
    decided = "Victory" in (first.result, second.result)
    ended = "decided" if decided else "limit" if report.loops >= order.loop_limit else "tie"
    return GameResult(
        results=(_named(first.result), _named(second.result)),
        ended=ended,
        loops=report.loops,
        races=(first.race, second.race),
        openings=(_opening(records[0]), _opening(records[1])),
        decisions=(_decisions(records[0]), _decisions(records[1])),
        void=f"{second.name} crashed: {second.error}" if second.error else "",
        errors=(first.error or "", second.error or ""),
    )


def _named(result: str) -> str:
    return result if result in ("Victory", "Defeat") else "Tie"


def _opening(record: SelectorRecord | None) -> str:
    if record is None or not len(record) or record.switch[0] == NO_BUILD:
        return ""
    return record.builds[record.switch[0]]


def _decisions(record: SelectorRecord | None) -> int:
    return sum(build != NO_BUILD for build in record.switch[1:]) if record is not None else 0


def _episode(
    order: GameOrder, report: MatchReport, result: GameResult, side: int, record: SelectorRecord, truth: Truth
) -> Episode:
    names = {"Victory": "won", "Defeat": "lost"}
    return Episode(
        game_id=order.game_id,
        side=side,
        race=report.players[side].race,
        enemy_race=report.players[1 - side].race,
        opponent=order.players[1 - side].name,
        map_name=order.map_name,
        seed=order.seed,
        game_step=order.game_step,
        policy=str(order.players[side].strategy.get("policy", "fixed")),
        builds=record.builds,
        result=result.score(side),
        ended=names.get(result.results[side], result.ended),
        loops=report.loops,
        features_version=record.features_version,
        times=np.array(record.loops, np.int32),
        inputs=np.array(record.inputs, np.float32),
        build=np.array(record.build, np.int16),
        switch=np.array(record.switch, np.int16),
        random=_random(order, side, record),
        truth=np.array([truth.of(1 - side, loop) for loop in record.loops], np.uint16),
        values=_values(record),
        notes={"player": order.players[side].name, "strategy": dict(order.players[side].strategy), **order.cell},
    )


def _random(order: GameOrder, side: int, record: SelectorRecord) -> npt.NDArray[np.bool_]:
    """bool[T]: which decisions nothing in the game led to."""
    found = np.array(record.random, np.bool_)
    if side == 0 and order.cell.get(ASSIGNED) == "opening":
        found[0] |= record.switch[0] != NO_BUILD
    return found


def _values(record: SelectorRecord) -> npt.NDArray[np.float32]:
    """float32[T, B]; no columns where the policy never had values."""
    if not any(record.values):
        return np.zeros((len(record), 0), np.float32)
    rows: list[list[float]] = [[_value(values, name) for name in record.builds] for values in record.values]
    return np.array(rows, np.float32)


def _value(values: Mapping[str, float], name: str) -> float:
    return float(values.get(name, np.nan))
