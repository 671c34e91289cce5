"""`cherrypy-bot sim replay`: plays a match's record again, proves it, draws a moment of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console

from cherrypy_bot.commands.moments import loop_at
from cherrypy_bot.sim import replay
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.picture import draw_game
from cherrypy_bot.sim.replay import ReplayError


def run(console: Console, file: Path, at: str | None, output: Path | None, *, as_json: bool) -> None:
    """Plays the record and says whether it came out the same. ReplayError when it cannot be read or differs."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ReplayError(f"{file} cannot be read ({error.strerror}); name a .SC2Replay that `play` wrote") from error
    try:
        record = replay.read_record(data)
    except ReplayError as error:
        raise ReplayError(f"{file}: {error}") from error
    moment = min(loop_at(at), record.head.loops) if at is not None else record.head.loops
    picture = None

    def look(game: Game) -> None:
        nonlocal picture
        if picture is None and game.loop >= moment:
            picture = draw_game(game)

    game = replay.play(record, every=16 if output is not None else 0, look=look if output is not None else None)
    same = game.state_hash() == record.state_hash
    if output is not None and picture is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        picture.save(output)
    facts = {
        "map": record.head.map,
        "names": list(record.head.names),
        "races": list(record.head.races),
        "results": list(game.world.results),
        "loops": game.loop,
        "commands": len(record.commands),
        "state_hash": game.state_hash(),
        "same": same,
        "picture": str(output) if output is not None else None,
    }
    if as_json:
        sys.stdout.write(json.dumps(facts) + "\n")
    else:
        sides = " v ".join(f"{n} ({r})" for n, r in zip(record.head.names, game.world.results, strict=True))
        console.print(f"{sides} on {record.head.map}: {game.loop:,} loops, {len(record.commands):,} commands")
        if output is not None:
            console.print(f"drew {at or 'the end'} to {output}", soft_wrap=True)
        console.print(f"state hash {game.state_hash()}: {'the same game' if same else 'NOT the recorded game'}")
    if not same:
        raise ReplayError(f"{file} was recorded with other rules: its commands lead to another state here")
