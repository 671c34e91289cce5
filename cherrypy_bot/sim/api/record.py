"""What save_replay returns: the engine's own record of a game, from which it can be played again.

One JSON object per line: first the match (map, races, seed, ruleset), then every command in its order.
"""

from __future__ import annotations

import json

from cherrypy_bot.sim.api.match import Match

FORMAT = "cherrypy-bot command record"
VERSION = 1


def write(match: Match) -> bytes:
    """The record of a match so far, UTF-8."""
    game = match.game
    assert game is not None
    head = {
        "format": FORMAT,
        "version": VERSION,
        "map": match.setup.map_data.name,
        "races": list(game.world.races),
        "seed": game.seed,
        "ruleset": game.world.rules.name,
        "loops": game.loop,
        "results": list(game.world.results),
        "names": [seat.name for seat in match.seats],
    }
    lines = [json.dumps(head)]
    lines += [json.dumps(entry._asdict()) for entry in game.records]
    return ("\n".join(lines) + "\n").encode()
