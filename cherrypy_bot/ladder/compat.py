"""One match with the bot in the ladder's environment: older python-sc2, no numba, the engine in another process.

    python -m cherrypy_bot.ladder.compat --python .venv-ladder/bin/python

Starts the embedded engine as a server in this interpreter and the bot's ladder entry point in the other one; they
share nothing but the websocket. Exit code 0 only when the game came to a result.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import portpicker

ROOT = Path(__file__).resolve().parents[2]
MATCH_SECONDS = 900
ASK_VERSIONS = (
    "import importlib.metadata as m, importlib.util as u, json, platform;"
    "print(json.dumps({'python': platform.python_version(), 'burnysc2': m.version('burnysc2'),"
    " 'numba': u.find_spec('numba') is not None, 'typer': u.find_spec('typer') is not None}))"
)


def environment() -> dict[str, str]:
    """The bot's environment: the project's root importable, as in a packed bot's folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def ladder_versions(python: Path) -> dict[str, object]:
    """What the other interpreter has: its version, python-sc2's, and whether numba and typer are there."""
    answer = subprocess.run(
        [str(python), "-c", ASK_VERSIONS], capture_output=True, text=True, check=True, env=environment(), cwd=ROOT
    )
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def play(python: Path, bot: str | None, opponent: str, map_name: str | None, seed: int) -> int:
    """Plays the match; the bot process's exit code."""
    port = portpicker.pick_unused_port()
    server = subprocess.Popen([sys.executable, "-m", "cherrypy_bot.sim.api.server", "-port", str(port)], cwd=ROOT)
    arguments = ["--GamePort", str(port), "--computer", opponent, "--seed", str(seed)]
    arguments += ["--bot", bot] if bot is not None else []
    arguments += ["--map", map_name] if map_name is not None else []
    started = time.perf_counter()
    try:
        finished = subprocess.run(
            [str(python), "-m", "cherrypy_bot.ladder.entry", *arguments],
            cwd=ROOT,
            env=environment(),
            timeout=MATCH_SECONDS,
            check=False,
        )
    finally:
        server.terminate()
        server.wait(timeout=20)
    print(f"{time.perf_counter() - started:.1f} s")
    return finished.returncode


def main(argv: Sequence[str] | None = None) -> int:
    """Checks the other environment, then plays."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--python", type=Path, required=True, help="interpreter of the ladder's environment")
    parser.add_argument("--bot", default=None, help="a bot of bots.yaml (its default)")
    parser.add_argument("--opponent", default="computer:zerg:Easy", help="built-in opponent")
    parser.add_argument("--map", default=None, help="map (bots.yaml's default)")
    parser.add_argument("--seed", type=int, default=1, help="of the game and of the bot")
    options = parser.parse_args(argv)
    versions = ladder_versions(options.python)
    print(f"the bot's side: {versions}")
    if versions["numba"] or versions["typer"]:
        print(
            "numba or typer is installed there, so the match would prove nothing; run make distclean", file=sys.stderr
        )
        return 2
    return play(options.python, options.bot, options.opponent, options.map, options.seed)


if __name__ == "__main__":
    sys.exit(main())
