"""Who plays in the arena: bots of bots.yaml, folders with a run.py, packed zips; each gets a folder to run in.

On the ladder a bot runs where its files were unpacked, and its folder ./data comes back in its next match. So here:
the files are laid out anew for every match, and ./data leads to a folder that stays.
"""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cherrypy_bot.config import ConfigError, load_config
from cherrypy_bot.ladder.arena.match import BotCommand
from cherrypy_bot.ladder.errors import MatchError

ROOT = Path(__file__).resolve().parents[3]
RUN = "run.py"
DATA = "data"


@dataclass(frozen=True)
class Entrant:
    """Somebody who plays.

    Attributes:
        name: in tables and in the game; no two entrants share one.
        kind: "config" (a bot of bots.yaml), "folder" or "zip".
        source: the bots.yaml, the folder or the zip.
        race: the API's number of the race it is registered with; None where nothing says.
    """

    name: str
    kind: str
    source: Path
    race: int | None = None


def find_entrants(texts: Sequence[str], config: Path | None) -> list[Entrant]:
    """What the user named, in order: names of bots.yaml, folders, zips. ConfigError or MatchError for anything else."""
    found = [_entrant(text, config) for text in texts]
    for index, entrant in enumerate(found):
        if any(other.name == entrant.name for other in found[:index]):
            raise MatchError(f"two bots are called {entrant.name}; rename the folder or zip of one")
    return found


def _entrant(text: str, config: Path | None) -> Entrant:
    path = Path(text).expanduser()
    if path.suffix == ".zip" or os.sep in text or path.is_dir():
        return _from_files(path)
    loaded = load_config(config)
    try:
        spec = loaded.bot(text)
    except ConfigError as error:
        raise ConfigError(f"{error} (a bot may also be a folder with a {RUN}, or a zip)") from error
    return Entrant(spec.name, "config", Path(loaded.file).resolve(), spec.race.value)


def _from_files(path: Path) -> Entrant:
    if path.is_dir():
        if not (path / RUN).is_file():
            raise MatchError(f"{path} has no {RUN}, which is what the ladder starts; add one")
        return Entrant(path.resolve().name, "folder", path.resolve())
    if not zipfile.is_zipfile(path):
        why = "is no zip file" if path.is_file() else "does not exist"
        raise MatchError(f"{path} {why}; give a name of bots.yaml, a folder with a {RUN}, or a zip of one")
    with zipfile.ZipFile(path) as archive:
        if RUN not in archive.namelist():
            raise MatchError(f"{path} has no {RUN} at its root, which is what the ladder starts; pack it anew")
    return Entrant(path.stem, "zip", path.resolve())


def interpreter(python: str | None) -> str | None:
    """The full path of an interpreter that the user named, None for None. MatchError where there is none."""
    if python is None:
        return None
    found = shutil.which(python)
    if found is None:
        raise MatchError(f"there is no interpreter {python}; give --python the path of one")
    return os.path.abspath(found)  # not resolved: a link into a virtual environment is what makes it one


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a bot's zip. MatchError for one that would write outside the folder, or that is damaged."""
    try:
        with zipfile.ZipFile(archive) as files:
            for name in files.namelist():
                target = (folder / name).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise MatchError(f"{archive} would write to {name}, outside its folder; it is not unpacked")
            files.extractall(folder)
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise MatchError(f"{archive} cannot be unpacked: {error}") from error


def lay_out(entrant: Entrant, folder: Path, data: Path | None, log: Path, python: str = sys.executable) -> BotCommand:
    """Put a bot's files into an empty folder and say how it is started there.

    Args:
        data: the folder that ./data leads to, made (from the bot's own) where there is none; None gives a fresh one.
        python: what runs folders and zips; bots of bots.yaml run under this interpreter.

    Raises MatchError where the files cannot be had.
    """
    folder.mkdir(parents=True)
    if entrant.kind == "zip":
        unpack(entrant.source, folder)
    elif entrant.kind == "folder":
        ignore = shutil.ignore_patterns("__pycache__", ".git", ".venv")
        try:
            shutil.copytree(entrant.source, folder, ignore=ignore, dirs_exist_ok=True)
        except (OSError, shutil.Error) as error:
            raise MatchError(f"{entrant.source} cannot be copied: {error}") from error
    _lay_out_data(folder / DATA, data)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment |= {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    if entrant.kind != "config":
        return BotCommand(entrant.name, (python, RUN), folder, environment, entrant.race, log)
    environment["PYTHONPATH"] = str(ROOT)
    entry = (sys.executable, "-m", "cherrypy_bot.ladder.entry")
    arguments = (*entry, "--bot", entrant.name, "--config", str(entrant.source))
    return BotCommand(entrant.name, arguments, folder, environment, entrant.race, log)


def _lay_out_data(place: Path, kept: Path | None) -> None:
    if kept is None:
        place.mkdir(exist_ok=True)
        return
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            shutil.copytree(place, kept)
        else:
            kept.mkdir()
    if place.is_dir():
        shutil.rmtree(place)
    place.symlink_to(kept.resolve(), target_is_directory=True)
