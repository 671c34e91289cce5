"""`cherrypy-bot doctor`: what this machine has, what it lacks, and what that means."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cherrypy_bot.ladder.installed import find_installation

OK = "ok"
MISSING = "missing"
BROKEN = "broken"
STYLES = {OK: "green", MISSING: "yellow", BROKEN: "bold red"}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what was looked at.
        state: "ok", "missing" (something does not work without it) or "broken" (nothing works).
        found: what is there.
        means: what follows for the user.
    """

    name: str
    state: str
    found: str
    means: str


def checks(config_path: Path | None) -> list[Check]:
    """All checks, in the order in which a newcomer needs them to pass."""
    return [
        _python(),
        _package("burnysc2", "python-sc2: bots talk to the game through it"),
        _numba(),
        _numba_cache(),
        _engine_maps(),
        *_configuration(config_path),
        _torch(),
        *_starcraft(),
    ]


def table(found: Iterable[Check]) -> Table:
    """The checks as a table for people."""
    result = Table(show_header=True, header_style="bold")
    for column in ("", "what", "found", "what it means"):
        result.add_column(column, overflow="fold")
    for check in found:
        style = STYLES[check.state]
        result.add_row(f"[{style}]{check.state}[/]", escape(check.name), escape(check.found), escape(check.means))
    return result


def run(console: Console, config_path: Path | None, *, as_json: bool) -> int:
    """Prints the checks; the exit code is 1 only where something is broken."""
    found = checks(config_path)
    if as_json:
        sys.stdout.write(json.dumps({check.name: asdict(check) for check in found}, indent=2) + "\n")
    else:
        console.print(table(found))
    return int(any(check.state == BROKEN for check in found))


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _package(package: str, purpose: str) -> Check:
    version = _version(package)
    if version is None:
        return Check(package, BROKEN, "not installed", f"{purpose}; install it with `make install`")
    return Check(package, OK, version, purpose)


def _python() -> Check:
    return Check("python", OK, platform.python_version(), "3.11 and 3.12 are tested; older ones do not start")


def _numba() -> Check:
    version = _version("numba")
    if version is None:
        return Check(
            "numba",
            MISSING,
            "not installed",
            "the embedded engine cannot run here; bots still play on an installed game and on the ladder",
        )
    return Check("numba", OK, version, "compiles the embedded engine")


def _numba_cache() -> Check:
    """Looks for compiled kernels where the engine keeps them; without them the first game waits."""
    if _version("numba") is None:
        return Check("numba cache", MISSING, "no numba", "see numba")
    from cherrypy_bot.sim.kernels.jit import CACHE_DIR, is_compiled

    if not is_compiled():
        return Check(
            "numba cache",
            MISSING,
            f"no kernels of this version in {CACHE_DIR}",
            "the first game compiles the engine (once, about half a minute)",
        )
    files = [path for path in CACHE_DIR.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    return Check(
        "numba cache",
        OK,
        f"{len(files)} files, {size:.1f} MB in {CACHE_DIR}",
        "games start without compiling",
    )


def _torch() -> Check:
    version = _version("torch")
    if version is None:
        return Check("torch", MISSING, "not installed", "bots play without a learned selector; nothing trains")
    import torch

    device = "with CUDA" if torch.cuda.is_available() else "CPU"
    return Check("torch", OK, f"{version} ({device})", "learned models run and train on it")


def _engine_maps() -> Check:
    from cherrypy_bot.sim.maps import shipped_maps

    names = shipped_maps()
    if not names:
        return Check("engine maps", BROKEN, "none", "the embedded engine has nothing to play on; reinstall")
    return Check("engine maps", OK, ", ".join(names), "what --map takes on the embedded engine")


def _configuration(config_path: Path | None) -> list[Check]:
    from cherrypy_bot.commands.settings import load_settings
    from cherrypy_bot.config import ConfigError

    try:
        config = load_settings(config_path)
    except ConfigError as error:
        return [Check("bots.yaml", BROKEN, str(error), "no bot can be named until this is mended")]
    return [Check("bots.yaml", OK, ", ".join(config.bots), "what BOT and --opponent take")]


def _starcraft() -> list[Check]:
    installation = find_installation()
    if installation.base is None:
        return [
            Check(
                "StarCraft II",
                MISSING,
                "; ".join(installation.looked),
                "--engine sc2 does not work; the embedded engine needs no game. Set SC2PATH to use one",
            )
        ]
    return [
        Check("StarCraft II", OK, str(installation.executable), "--engine sc2 starts this"),
        Check(
            "StarCraft II maps",
            OK if installation.maps else MISSING,
            ", ".join(installation.maps) or f"none in {installation.base}",
            "what --map takes with --engine sc2",
        ),
    ]
