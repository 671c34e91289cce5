"""The process that plays matches of a tournament, one after the other:

    python -m cherrypy_bot.ladder.arena.worker out/arena/arena.sqlite

Standard input has the number of a match a line; standard output says `loop N` now and then and `done N` at its end.
A result goes to results/0017.json first and then into the database; both are written as a whole. When standard input
ends, whoever started this process is gone, and so is the match that is being played.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cherrypy_bot.core.history import OpponentHistory, PastMatch, replace_file
from cherrypy_bot.core.trace import SUFFIX
from cherrypy_bot.core.trace_read import opening_of
from cherrypy_bot.ladder.arena.entrants import DATA, lay_out
from cherrypy_bot.ladder.arena.match import ArenaMatch, BotCommand, MatchPlan, opponent_id
from cherrypy_bot.ladder.arena.rules import Ending
from cherrypy_bot.ladder.arena.store import MatchRow, Store
from cherrypy_bot.ladder.entry import TRACE_VARIABLE

LOOK_SECONDS = 0.5
_ROLES = ("", ".opponent")
_HEAD_BYTES = 1 << 18
_LONGEST_NAME = 64


def result_path(out: Path, match_id: int) -> Path:
    """Where a match's result file goes."""
    return out / "results" / f"{match_id:04d}.json"


def log_path(out: Path, match_id: int, name: str) -> Path:
    """Where a bot's output in a match goes."""
    return out / "logs" / f"{match_id:04d}.{name}.log"


def adopt(store: Store, match_id: int) -> bool:
    """Take over the result file of a match that the database does not know as finished; False where there is none."""
    path = result_path(store.path.parent, match_id)
    if not path.is_file():
        return False
    return store.finish(match_id, json.loads(path.read_text(encoding="utf-8")))


def record(store: Store, match_id: int, result: dict[str, Any]) -> None:
    """Write a result down, file first."""
    replace_file(result_path(store.path.parent, match_id), json.dumps({"match": match_id, **result}, indent=1) + "\n")
    store.finish(match_id, result)


def failed(row: MatchRow, reason: str) -> dict[str, Any]:
    """The result of a match that the arena itself could not play."""
    empty = dict.fromkeys(("winner", "replay", "bot1_avg_step_time", "bot2_avg_step_time"))
    facts = {"map": row.map, "seed": row.seed, "bot1": row.bot1, "bot2": row.bot2}
    return {"type": Ending.ERROR.value, "reason": reason, "game_steps": 0, "wall_seconds": 0.0, **facts, **empty}


def plan(store: Store, row: MatchRow, work: Path) -> MatchPlan:
    """Lay out both bots of a match. MatchError where their files cannot be had."""
    out, settings = store.path.parent.resolve(), store.settings
    entrants = {entrant.name: entrant for entrant in store.entrants()}
    first, second = (
        lay_out(
            entrants[name],
            work / f"bot{number}" / name,
            out / DATA / name if settings.keep_data else None,
            log_path(out, row.id, name),
            settings.python or sys.executable,
        )
        for number, name in enumerate((row.bot1, row.bot2), start=1)
    )
    if settings.traces:
        first, second = (
            _traced(command, trace_path(out, row.id, role))
            for command, role in zip((first, second), _ROLES, strict=True)
        )
    return MatchPlan(
        bots=(first, second),
        map_name=row.map,
        seed=row.seed,
        realtime=settings.realtime,
        rules=settings.rules,
        replay=out / "replays" / f"{row.id:04d}.SC2Replay" if settings.replays else None,
        trace=trace_path(out, row.id, ".world") if settings.traces else None,
    )


def trace_path(out: Path, match_id: int, role: str) -> Path:
    """Where a trace of a match goes; `role` as in docs/trace.md: "" the first bot's, ".opponent", ".world"."""
    return out / "traces" / f"{match_id:04d}{role}{SUFFIX}"


def _traced(command: BotCommand, path: Path) -> BotCommand:
    """The same bot, told where its decision trace may go; bots of other kinds do not know the variable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of a match that was called off
    return replace(command, environment={**command.environment, TRACE_VARIABLE: str(path)})


class Openings:
    """Which build order each bot began with, as its trace or what it remembers says; to be made before the match."""

    def __init__(self, plan: MatchPlan) -> None:
        self._plan = plan
        self._before = [self._remembered(player) for player in (0, 1)]

    def found(self) -> dict[str, str | None]:
        """`bot1_opening` and `bot2_opening` after the match; None where nothing says."""
        return {f"bot{player + 1}_opening": self._of(player) for player in (0, 1)}

    def _of(self, player: int) -> str | None:
        trace = self._plan.bots[player].environment.get(TRACE_VARIABLE)
        if trace is not None and Path(trace).is_file():
            with Path(trace).open("rb") as file:
                opening = opening_of(file.read(_HEAD_BYTES))
            if opening:
                return opening
        after = self._remembered(player)
        noted = after[-1].notes.get("opening") if after and after != self._before[player] else None
        return noted[:_LONGEST_NAME] if isinstance(noted, str) and noted.isprintable() and noted else None

    def _remembered(self, player: int) -> tuple[PastMatch, ...]:
        other = self._plan.bots[1 - player].name
        return OpponentHistory(self._plan.bots[player].folder / DATA).past(opponent_id(other))


async def play(store: Store, row: MatchRow) -> dict[str, Any]:
    """Play a match of the tournament."""
    work = store.path.parent.resolve() / "running" / f"{row.id:04d}"
    shutil.rmtree(work, ignore_errors=True)
    try:
        planned = plan(store, row, work)
        openings = Openings(planned)
        match = ArenaMatch(planned)
        playing = asyncio.ensure_future(match.play())
        try:
            while not playing.done():
                await asyncio.wait((playing,), timeout=LOOK_SECONDS)
                _say(f"loop {match.loop}")
        except asyncio.CancelledError:
            playing.cancel()
            await asyncio.wait((playing,))
            raise
        return {**playing.result().as_dict(), **openings.found()}
    finally:
        shutil.rmtree(work, ignore_errors=True)


async def play_and_record(store: Store, match_id: int) -> None:
    """Play a match unless it has a result already; the arena's own faults end this match, not the tournament."""
    row = store.match(match_id)
    if row.type is not None or adopt(store, match_id):
        return
    try:
        result = await play(store, row)
    except Exception as error:
        traceback.print_exc()
        result = failed(row, f"{type(error).__name__}: {' '.join(str(error).split())}")
    record(store, match_id, result)


async def serve(store: Store) -> None:
    """Play what standard input names until it ends; a match that is on then is called off."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        playing = asyncio.ensure_future(play_and_record(store, int(line)))
        ended = asyncio.ensure_future(reader.read(1))  # nothing comes before `done` but the end
        await asyncio.wait((playing, ended), return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            await asyncio.wait((playing,))
            return
        ended.cancel()
        await asyncio.wait((ended,))  # a stream has one reader at a time
        playing.result()
        _say(f"done {int(line)}")


def _say(line: str) -> None:
    """A line for whoever started this process; they may be gone, which standard input will tell too."""
    with contextlib.suppress(BrokenPipeError):
        print(line, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until standard input ends."""
    (path,) = sys.argv[1:] if argv is None else argv
    asyncio.run(serve(Store(Path(path))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
