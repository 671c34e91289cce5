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
from pathlib import Path
from typing import Any

from cherrypy_bot.core.history import replace_file
from cherrypy_bot.core.trace import SUFFIX
from cherrypy_bot.ladder.arena.entrants import DATA, lay_out
from cherrypy_bot.ladder.arena.match import ArenaMatch, MatchPlan
from cherrypy_bot.ladder.arena.rules import Ending
from cherrypy_bot.ladder.arena.store import MatchRow, Store

LOOK_SECONDS = 0.5


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
    return MatchPlan(
        bots=(first, second),
        map_name=row.map,
        seed=row.seed,
        realtime=settings.realtime,
        rules=settings.rules,
        replay=out / "replays" / f"{row.id:04d}.SC2Replay" if settings.replays else None,
        trace=out / "traces" / f"{row.id:04d}.world{SUFFIX}" if settings.traces else None,
    )


async def play(store: Store, row: MatchRow) -> dict[str, Any]:
    """Play a match of the tournament."""
    work = store.path.parent.resolve() / "running" / f"{row.id:04d}"
    shutil.rmtree(work, ignore_errors=True)
    try:
        match = ArenaMatch(plan(store, row, work))
        playing = asyncio.ensure_future(match.play())
        try:
            while not playing.done():
                await asyncio.wait((playing,), timeout=LOOK_SECONDS)
                _say(f"loop {match.loop}")
        except asyncio.CancelledError:
            playing.cancel()
            await asyncio.wait((playing,))
            raise
        return playing.result().as_dict()
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
