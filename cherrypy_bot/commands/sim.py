"""`cherrypy-bot sim serve` and `sim install`: the embedded engine as a game of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console

from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.sim.api.install import install as write_tree
from cherrypy_bot.sim.api.server import PATH
from cherrypy_bot.sim.api.server import serve as serve_api


def serve(console: Console, host: str, port: int, maps: list[Path]) -> None:
    """Serves the API until a client quits the game or the user interrupts."""
    console.print(f"serving the game's API at ws://{host}:{port}{PATH}; stop with Ctrl-C", soft_wrap=True)
    try:
        asyncio.run(serve_api(host, port, maps))
    except OSError as error:
        raise MatchError(f"cannot listen at {host}:{port} ({error.strerror}); choose another --port") from error


def install(console: Console, directory: Path) -> None:
    """Writes the tree and says how to use it."""
    written = write_tree(directory)
    console.print(f"wrote a StarCraft II tree that starts this engine to {written}", soft_wrap=True)
    console.print(f"any python-sc2 program plays on it with: SC2PATH={written} python your_bot.py", soft_wrap=True)
