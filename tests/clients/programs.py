"""The table of other people's SC2 clients, and a run of each against the computer and of two against each other.

    python -m tests.clients.programs                 # installs what is missing from PyPI, plays, prints a table
    python -m tests.clients.programs pysc2-4.0.0     # only this one

Every client gets a virtual environment under .venv-clients and a StarCraft II tree through SC2PATH; it launches the
game itself. Interpreters are looked for on the PATH and among pyenv's; a client whose interpreter is missing is said to
be skipped. Exit code 1 when a client that ran did not come to its result.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cherrypy_bot.sim.api.install import install

ROOT = Path(__file__).resolve().parents[2]
VENVS = ROOT / ".venv-clients"
HERE = Path(__file__).parent
PLAIN_BOT = ROOT / "tests" / "sim" / "api" / "plain_bot.py"
GAME_SECONDS = 300


@dataclass(frozen=True)
class Program:
    """One client.

    Attributes:
        name: package and version. python: its interpreter, as in "3.10".
        requirements: what pip installs, wheels alone.
        arguments: the program and what comes before "computer" or "duel".
        won: what it prints when its first player won, by kind of game.
    """

    name: str
    python: str
    requirements: tuple[str, ...]
    arguments: tuple[str, ...]
    won: tuple[str, str] = ("result ['Victory']", "result ['Victory', 'Defeat']")

    @property
    def interpreter(self) -> Path:
        """Where its environment's interpreter is, or will be."""
        return VENVS / self.name / "bin" / "python"


_PYSC2_WON = ("rewards [1]", "rewards [1, -1]")
PROGRAMS = (
    Program("sc2-0.11.2", "3.7", ("sc2==0.11.2", "protobuf<3.21", "websockets<8"), (str(HERE / "plain_old_bot.py"),),
            ("result ['Victory']", "result ['Victory']")),
    Program("burnysc2-5.0.12", "3.9", ("burnysc2==5.0.12", "protobuf<3.21", "six"), (str(PLAIN_BOT),)),
    Program("burnysc2-6.5.0", "3.10", ("burnysc2==6.5.0",), (str(PLAIN_BOT),)),
    Program("burnysc2-7.2.1", "3.11", ("burnysc2==7.2.1",), (str(PLAIN_BOT),)),
    Program("burnysc2-7.3.0", "3.12", ("burnysc2==7.3.0",), (str(PLAIN_BOT),)),
    Program("pysc2-4.0.0", "3.10", ("pysc2==4.0.0", "protobuf<3.21", "numpy<1.24"),
            (str(HERE / "plain_pysc2.py"), "pysc2"), _PYSC2_WON),
    Program("pysc2-evolved-1.1.1", "3.11", ("pysc2-evolved==1.1.1",),
            (str(HERE / "plain_pysc2.py"), "pysc2_evolved"), _PYSC2_WON),
)  # fmt: skip


def play(program: Program, kind: str, tree: Path, folder: Path) -> str:
    """Output of one game of `kind` "computer" or "duel"; AssertionError unless the first player won."""
    environment = {**os.environ, "SC2PATH": str(tree)}
    for name in ("PYTHONPATH", "PYTHONSAFEPATH"):
        environment.pop(name, None)
    done = subprocess.run(
        [str(program.interpreter), *program.arguments, kind],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=GAME_SECONDS,
        check=False,
    )
    expected = program.won[kind == "duel"]
    assert expected in done.stdout, f"{program.name} {kind}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def find_python(version: str) -> str | None:
    """An interpreter of a minor version that starts, None where there is none."""
    places = [f"python{version}"]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    if pyenv.is_dir():
        places += [str(p / "bin" / "python") for p in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    for place in places:
        found = shutil.which(place)
        if found is None:
            continue
        tried = subprocess.run([found, "-c", "print(1)"], capture_output=True, check=False)
        if tried.returncode == 0:
            return found
    return None


def set_up(program: Program) -> str | None:
    """Make the client's environment; what is missing for it, None when it is there."""
    if program.interpreter.exists():
        return None
    python = find_python(program.python)
    if python is None:
        return f"no Python {program.python} was found"
    folder = program.interpreter.parents[1]
    pip = [str(program.interpreter), "-m", "pip", "install", "-q", "--prefer-binary", *program.requirements]
    try:
        subprocess.run([python, "-m", "venv", str(folder)], check=True, capture_output=True)
        subprocess.run(pip, check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return f"it cannot be installed: {error.stderr.decode(errors='replace').strip().splitlines()[-1]}"
    return None


def main(argv: Sequence[str] | None = None) -> int:
    """Installs and plays."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("names", nargs="*", help="clients (all)")
    names = parser.parse_args(argv).names
    unknown = set(names) - {program.name for program in PROGRAMS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(p.name for p in PROGRAMS)}")
    failed = False
    with tempfile.TemporaryDirectory() as work:
        tree = install(Path(work) / "StarCraft II")
        for program in PROGRAMS:
            if names and program.name not in names:
                continue
            missing = set_up(program)
            if missing is not None:
                print(f"{program.name:22} skipped: {missing}", flush=True)
                continue
            for kind in ("computer", "duel"):
                started = time.perf_counter()
                try:
                    play(program, kind, tree, Path(work))
                    outcome = "won"
                except (AssertionError, subprocess.TimeoutExpired) as error:
                    failed, outcome = True, f"FAILED: {error}"
                print(f"{program.name:22} {kind:9} {outcome} ({time.perf_counter() - started:.1f} s)", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
