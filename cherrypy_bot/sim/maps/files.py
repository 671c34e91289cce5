"""Maps on disk: our own format, and the game's map files (`sc2map`), told apart by their first bytes.

Ours is one compressed NumPy archive per map, readable without pickle. Keys: `format` (1), `name`, `pathing` and
`placement` (packed bits), `terrain_height` (uint8), `size` (width, height), `playable`, `starts` (n x 2),
`neutral_type`, `neutral_xy` (n x 2), `neutral_contents`.
"""

from __future__ import annotations

import io
import tokenize
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np

from cherrypy_bot.sim.maps import sc2map
from cherrypy_bot.sim.maps.model import MapData, MapError, Neutral
from cherrypy_bot.sim.maps.mpq import is_archive

FORMAT = 1
SUFFIX = ".npz"
GAME_SUFFIX = ".SC2Map"
SHIPPED = Path(__file__).with_name("shipped")
_MAX_BYTES = 4_000_000  # ten times what the largest map needs
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_UNREADABLE = (
    # a missing or misshapen array
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    OverflowError,
    SyntaxError,
    tokenize.TokenError,
    # a damaged, encrypted or exotic archive
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy and zipfile raise on files that are no maps; found by damaging good ones at random."""


def shipped_maps() -> list[str]:
    """Names of the maps that come with the package, sorted."""
    return sorted(p.stem for p in SHIPPED.glob("*" + SUFFIX))


def list_maps(folder: Path | None = None) -> list[str]:
    """What `load_map` accepts: the shipped names, then the map files in `folder` as paths."""
    found: list[Path] = []
    if folder is not None and folder.is_dir():
        found = sorted(path for suffix in (SUFFIX, GAME_SUFFIX) for path in folder.glob("*" + suffix))
    return shipped_maps() + [str(path) for path in found]


def load_map(name_or_path: str) -> MapData:
    """A shipped map by name, or a map file by path; `MapError` when neither fits.

    Files are our own (`.npz`, the suffix may be left out) or the game's (`.SC2Map`); their content decides which.

    >>> load_map("CherryGroveLE").name
    'CherryGroveLE'
    """
    wanted = name_or_path.removesuffix(SUFFIX)
    if wanted in shipped_maps():
        return _shipped(SHIPPED / (wanted + SUFFIX))
    for path in (Path(name_or_path), Path(name_or_path + SUFFIX)):
        try:
            if path.is_file():
                return _read(path)
        except (OSError, ValueError) as error:
            raise MapError(f"{name_or_path[:200]!r} cannot be read ({error}); give the path of a map file") from error
    raise MapError(
        f"no map called {name_or_path!r}: it is neither a shipped map ({', '.join(shipped_maps())}) "
        "nor a map file; give one of these names or the path of a .SC2Map or .npz map"
    )


def map_from_bytes(data: bytes, what: str = "the map data") -> MapData:
    """The map in the content of a map file, ours or the game's; `what` names it in errors (`MapError`)."""
    if is_archive(data):
        return sc2map.read_sc2map(data, what)
    return _parse(data, what)


def save_map(m: MapData, path: Path | IO[bytes]) -> None:
    """Write a map to a file by path, or to an open one; the same map always gives the same bytes.

    The folder must exist.
    """
    m.check()
    arrays: dict[str, object] = {
        "format": np.array(FORMAT),
        "name": np.array(m.name),
        "size": np.array((m.width, m.height), dtype=np.int32),
        "pathing": np.packbits(m.pathing),
        "placement": np.packbits(m.placement),
        "terrain_height": m.terrain_height,
        "playable": np.array(m.playable, dtype=np.int32),
        "starts": np.array(m.start_locations, dtype=np.float64).reshape(-1, 2),
        "neutral_type": np.array([n.type_id for n in m.neutrals], dtype=np.int32),
        "neutral_xy": np.array([(n.x, n.y) for n in m.neutrals], dtype=np.float64).reshape(-1, 2),
        "neutral_contents": np.array([n.contents for n in m.neutrals], dtype=np.int32),
    }
    # np.savez stamps the time of day into the archive; fixed dates keep shipped files comparable byte for byte
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key, value in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(value), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(key + ".npy", _ZIP_DATE), buffer.getvalue(), zipfile.ZIP_DEFLATED)


@lru_cache(maxsize=8)
def _shipped(path: Path) -> MapData:
    return _read(path)


def _read(path: Path) -> MapData:
    size = path.stat().st_size
    if size > sc2map.MAX_BYTES:
        raise MapError(f"{path}: {size} bytes is too large for a map; give a .SC2Map or .npz map file")
    data = path.read_bytes()
    return map_from_bytes(data, path.name if is_archive(data) else str(path))


def _parse(data: bytes, what: str) -> MapData:
    """A map in our own format."""
    if len(data) > _MAX_BYTES:
        raise MapError(f"{what}: {len(data)} bytes is too large for a map; give a .SC2Map or .npz map file")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MAX_BYTES:
            raise MapError(f"{what}: unpacks to {unpacked} bytes, too large for a map; give a .npz map file")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            if "format" not in arrays or int(arrays["format"]) != FORMAT:
                raise MapError(f"{what}: not a map of format {FORMAT}; import or generate it again")
            width, height = (int(v) for v in arrays["size"])
            cells = width * height

            def bits(key: str) -> np.ndarray:
                return np.unpackbits(arrays[key])[:cells].reshape(height, width).astype(np.bool_)

            x0, y0, x1, y1 = (int(v) for v in arrays["playable"])
            m = MapData(
                name=str(arrays["name"]),
                width=width,
                height=height,
                pathing=bits("pathing"),
                placement=bits("placement"),
                terrain_height=arrays["terrain_height"],
                playable=(x0, y0, x1, y1),
                start_locations=tuple((float(x), float(y)) for x, y in arrays["starts"]),
                neutrals=tuple(
                    Neutral(int(t), float(x), float(y), int(c))
                    for t, (x, y), c in zip(
                        arrays["neutral_type"], arrays["neutral_xy"], arrays["neutral_contents"], strict=True
                    )
                ),
            )
    except _UNREADABLE as error:
        raise MapError(f"{what}: not a readable map file ({error}); import or generate it again") from error
    m = m.check()
    for grid in (m.pathing, m.placement, m.terrain_height):
        grid.setflags(write=False)
    return m
