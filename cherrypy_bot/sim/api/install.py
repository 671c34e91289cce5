"""A folder that looks like an installation of StarCraft II and starts the embedded engine.

With SC2PATH set to it, programs that look for the game's executable and maps there run on the engine, unchanged.
"""

from __future__ import annotations

import shlex
import stat
import sys
from pathlib import Path

import cherrypy_bot
from cherrypy_bot.sim.api.map_source import SUFFIX
from cherrypy_bot.sim.api.version import BASE_BUILD, DATA_VERSION, GAME_VERSION
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.maps import load_map, save_map, shipped_maps

_MARK = ".cherrypy-bot"
_FOLDERS = ("Maps", "Replays", "Support64", "SC2Data", "Battle.net")


class InstallError(SimError):
    """The tree cannot be written there."""


def install(directory: Path) -> Path:
    """Write the tree and return its path; an older tree of ours is brought up to date.

    Raises InstallError when the folder holds something else: a real installation is never touched.
    """
    directory = directory.expanduser().resolve()
    if directory.exists() and any(directory.iterdir()) and not (directory / _MARK).is_file():
        raise InstallError(f"{directory} is not empty and not ours; give a new or empty folder")
    try:
        _write(directory)
    except OSError as error:
        raise InstallError(f"cannot write {directory}: {error}; give a folder that can be written") from error
    return directory


def _write(directory: Path) -> None:
    base = directory / "Versions" / f"Base{BASE_BUILD}"
    for folder in (*(directory / name for name in _FOLDERS), base / "SC2.app" / "Contents" / "MacOS"):
        folder.mkdir(parents=True, exist_ok=True)
    (directory / _MARK).write_text("Written by cherrypy-bot sim install; safe to delete.\n")
    (directory / ".build.info").write_text(_build_info())
    for executable in (base / "SC2_x64", base / "SC2.app" / "Contents" / "MacOS" / "SC2"):
        executable.write_text(_script())
        executable.chmod(executable.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    for name in shipped_maps():
        save_map(load_map(name), directory / "Maps" / f"{name}{SUFFIX}")


def _script() -> str:
    """The executable: our server under this interpreter, whatever folder it is started from."""
    root = Path(cherrypy_bot.__file__).resolve().parent.parent
    return (
        "#!/bin/sh\n"
        f'PYTHONPATH={shlex.quote(str(root))}"${{PYTHONPATH:+:$PYTHONPATH}}"\n'
        "export PYTHONPATH\n"
        f'exec {shlex.quote(sys.executable)} -P -m cherrypy_bot.sim.api.server "$@"\n'
    )


def _build_info() -> str:
    columns = {"Branch!STRING:0": "us", "Active!DEC:1": "1", "Build Key!HEX:16": DATA_VERSION.lower()}
    columns |= {"Tags!STRING:0": "Linux enUS", "Version!STRING:0": f"{GAME_VERSION}"}
    return "|".join(columns) + "\n" + "|".join(columns.values()) + "\n"
