"""Which map create_game means: a name, a path as clients send it, or the bytes of a map file.

A map file is one of the game's own (.SC2Map) or one in our format. The files that `install` puts into the Maps folder
are our own maps under the game's suffix, so a name, a relative path, an absolute path and the file's content all lead
to the same map.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from cherrypy_bot.sim import maps
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.maps import MapData, MapError, load_map, shipped_maps

SUFFIX = ".SC2Map"
MAX_SAVED = 16
MAX_PATH = 260
"""Longest path the protocol allows, in characters."""


class MapMissingError(SimError):
    """No such map."""


class MapBrokenError(SimError):
    """The map is there but cannot be played."""


def find_map(name_or_path: str, folders: tuple[Path, ...]) -> MapData:
    """The map a client names; MapMissingError or MapBrokenError with the reason."""
    if len(name_or_path) > MAX_PATH or "\0" in name_or_path:
        raise MapMissingError(f"a map path has at most {MAX_PATH} printable characters")
    path = PurePosixPath(name_or_path.replace("\\", "/"))
    stem = path.name.removesuffix(SUFFIX)
    if stem in shipped_maps():
        return load_map(stem)
    plain = Path(*path.parts) if path.parts else Path(stem)
    candidates = [plain] if plain.is_absolute() else [folder / plain for folder in folders]
    candidates += [folder / f"{stem}{suffix}" for folder in folders for suffix in (SUFFIX, ".npz")]
    for candidate in candidates:
        if _is_file(candidate):
            return _read(candidate)
    raise MapMissingError(
        f"no map {name_or_path!r}; shipped are {', '.join(shipped_maps())}, see available_maps for the others"
    )


def find_recorded(name: str, folders: tuple[Path, ...]) -> MapData:
    """The map that a replay names; its file's name often has no blanks where the map's name has some."""
    try:
        return find_map(name, folders)
    except MapMissingError:
        if " " not in name:
            raise
        return find_map(name.replace(" ", ""), folders)


def map_from_bytes(data: bytes) -> MapData:
    """The map in a file's content; MapBrokenError when it is none."""
    try:
        return maps.map_from_bytes(data)
    except MapError as error:
        raise MapBrokenError(str(error)) from error


class SavedMaps:
    """Maps that clients sent with save_map, by the path they gave; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._maps: dict[str, MapData] = {}

    def keep(self, path: str, data: bytes) -> None:
        """Remember a map file's content; MapBrokenError when the path or the map is none."""
        if not path or len(path) > MAX_PATH or "\0" in path:
            raise MapBrokenError(f"a map path has 1 to {MAX_PATH} printable characters")
        found = map_from_bytes(data)
        self._maps.pop(path, None)
        self._maps[path] = found
        if len(self._maps) > MAX_SAVED:
            del self._maps[next(iter(self._maps))]

    def find(self, path: str) -> MapData | None:
        """The map that was saved under a path."""
        return self._maps.get(path)


def available(folders: tuple[Path, ...]) -> list[str]:
    """Local map paths as available_maps lists them: relative to the Maps folder."""
    names = {f"{name}{SUFFIX}" for name in shipped_maps()}
    for folder in folders:
        if folder.is_dir():
            names.update(str(p.relative_to(folder)) for p in folder.rglob(f"*{SUFFIX}") if p.is_file())
    return sorted(names)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # names that no file system takes
        return False


def _read(path: Path) -> MapData:
    try:
        return load_map(str(path))
    except (MapError, OSError) as error:
        raise MapBrokenError(str(error)) from error
