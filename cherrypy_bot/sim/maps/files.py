"""Maps on disk: one compressed NumPy archive per map, readable without pickle.

Keys: `format` (1), `name`, `pathing` and `placement` (packed bits), `terrain_height` (uint8), `size` (width,
height), `playable`, `starts` (n x 2), `neutral_type`, `neutral_xy` (n x 2), `neutral_contents`.
"""

from __future__ import annotations

import io
import tokenize
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from cherrypy_bot.sim.maps.model import MapData, MapError, Neutral

FORMAT = 1
SUFFIX = ".npz"
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
    found = sorted(folder.glob("*" + SUFFIX)) if folder is not None and folder.is_dir() else []
    return shipped_maps() + [str(path) for path in found]


def load_map(name_or_path: str) -> MapData:
    """A shipped map by name, or a map file by path (`.npz` may be left out); `MapError` when neither fits.

    >>> load_map("CherryGroveLE").name
    'CherryGroveLE'
    """
    wanted = name_or_path.removesuffix(SUFFIX)
    if wanted in shipped_maps():
        return _read(SHIPPED / (wanted + SUFFIX))
    for path in (Path(name_or_path), Path(name_or_path + SUFFIX)):
        if path.is_file():
            return _parse(path)
    raise MapError(
        f"no map called {name_or_path!r}: it is neither a shipped map ({', '.join(shipped_maps())}) "
        "nor a map file; give one of these names or the path of a .npz map"
    )


def save_map(m: MapData, path: Path) -> None:
    """Write a map; the same map always gives the same bytes. The folder must exist."""
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
def _read(path: Path) -> MapData:
    return _parse(path)


def _parse(path: Path) -> MapData:
    if path.stat().st_size > _MAX_BYTES:
        raise MapError(f"{path}: {path.stat().st_size} bytes is too large for a map; give a .npz map file")
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MAX_BYTES:
            raise MapError(f"{path}: unpacks to {unpacked} bytes, too large for a map; give a .npz map file")
        with np.load(path, allow_pickle=False) as data:
            if "format" not in data or int(data["format"]) != FORMAT:
                raise MapError(f"{path}: not a map of format {FORMAT}; import or generate it again")
            width, height = (int(v) for v in data["size"])
            cells = width * height

            def bits(key: str) -> np.ndarray:
                return np.unpackbits(data[key])[:cells].reshape(height, width).astype(np.bool_)

            x0, y0, x1, y1 = (int(v) for v in data["playable"])
            m = MapData(
                name=str(data["name"]),
                width=width,
                height=height,
                pathing=bits("pathing"),
                placement=bits("placement"),
                terrain_height=data["terrain_height"],
                playable=(x0, y0, x1, y1),
                start_locations=tuple((float(x), float(y)) for x, y in data["starts"]),
                neutrals=tuple(
                    Neutral(int(t), float(x), float(y), int(c))
                    for t, (x, y), c in zip(
                        data["neutral_type"], data["neutral_xy"], data["neutral_contents"], strict=True
                    )
                ),
            )
    except _UNREADABLE as error:
        raise MapError(f"{path}: not a readable map file ({error}); import or generate it again") from error
    m = m.check()
    for grid in (m.pathing, m.placement, m.terrain_height):
        grid.setflags(write=False)
    return m
