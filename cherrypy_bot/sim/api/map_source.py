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


def map_from_bytes(data: bytes) -> MapData:
    """The map in a file's content; MapBrokenError when it is none."""
    try:
        return maps.map_from_bytes(data)
    except MapError as error:
        raise MapBrokenError(str(error)) from error


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
