"""Map files of the game (`.SC2Map`): from the archive to our format.

    m = read_sc2map(path.read_bytes(), path.name)

Pathing comes from cliffs, ramps, paint, blocking doodads and regions that the author closed; placement
is pathing less slopes and line-of-sight blockers. How well that meets the game's own grids, and what is left out, is
in docs/maps.md.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cherrypy_bot.sim.maps import cliffs
from cherrypy_bot.sim.maps.model import MapData, MapError
from cherrypy_bot.sim.maps.mpq import Archive
from cherrypy_bot.sim.maps.neutrals import footprint_cells
from cherrypy_bot.sim.maps.objects import Objects, read_objects
from cherrypy_bot.sim.maps.sc2map_layers import Layers, read_layers

MAX_BYTES = 128 << 20
"""Largest map file that is read; ladder maps have one to twenty million bytes."""

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]

_LOCALES = ("enUS", "enGB", "deDE", "esES", "esMX", "frFR", "itIT", "koKR", "plPL", "ptBR", "ruRU", "zhCN", "zhTW")
_MAX_STRINGS = 4 << 20
_MAX_NAME = 100


def read_sc2map(data: bytes, what: str) -> MapData:
    """The map in the bytes of a map file.

    `what` names the file in errors, and the map where the file does not say its name. Raises `MapError` for
    everything that is no complete, undamaged melee map of two players.
    """
    if len(data) > MAX_BYTES:
        raise MapError(f"{what}: {len(data)} bytes are too many for a map; give a .SC2Map of a melee map")
    archive = Archive(data, what)
    layers = read_layers(archive, what)
    objects = read_objects(archive, layers.width, layers.height, what)
    pathing = _pathing(layers, objects)
    placement = pathing & ~cliffs.slopes(layers)
    for x, y in objects.sight_blockers:
        placement[int(y), int(x)] = False
    m = MapData(
        name=_name(archive) or what.removesuffix(".SC2Map"),
        width=layers.width,
        height=layers.height,
        pathing=pathing,
        placement=placement,
        terrain_height=_height_bytes(layers),
        playable=layers.playable,
        start_locations=tuple(objects.starts),
        neutrals=tuple(objects.neutrals),
    ).check()
    for grid in (m.pathing, m.placement, m.terrain_height):
        grid.setflags(write=False)
    return m


def _pathing(layers: Layers, objects: Objects) -> Bools:
    """Bare ground: as if all neutrals that can go away were gone."""
    grid = cliffs.walkable(layers)
    for x, y, side in objects.blockers:
        left, bottom = round(x - side / 2), round(y - side / 2)
        grid[max(0, bottom) : max(0, bottom + side), max(0, left) : max(0, left + side)] = False
    for rock in objects.fixed:
        cells = footprint_cells(rock.type_id, rock.x, rock.y)
        cells = cells[(cells >= 0).all(axis=1) & (cells < grid.shape).all(axis=1)]
        grid[cells[:, 0], cells[:, 1]] = False
    return _without_closed_regions(grid, cliffs.cell_levels(layers), objects)


def _without_closed_regions(grid: Bools, levels: Ints, objects: Objects) -> Bools:
    """The grid less the regions that `objects.closed` points into.

    A point on a wall closes the regions that touch its cell: authors put them on the rims of pillars. The region of a
    start location is never closed.
    """
    regions = _regions(grid, levels)
    kept = {int(regions[int(y), int(x)]) for x, y in objects.starts}
    closed: set[int] = set()
    for x, y in objects.closed:
        column, row = int(x), int(y)
        here = int(regions[row, column])
        around = regions[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        closed.update([here] if here else np.unique(around).tolist())
    return np.asarray(grid & ~np.isin(regions, sorted(closed - kept - {0})))


def _regions(grid: Bools, levels: Ints) -> Ints:
    """A number for each connected piece of walkable ground, 0 elsewhere; corners join cells of the same level only."""
    height, width = grid.shape
    index = np.arange(height * width).reshape(height, width)
    pairs = []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = (slice(0, height - dy), slice(max(0, -dx), width - max(0, dx)))
        there = (slice(dy, height), slice(max(0, dx), width - max(0, -dx)))
        joined = grid[here] & grid[there]
        if dx and dy:
            joined &= levels[here] == levels[there]
        pairs.append((index[here][joined], index[there][joined]))
    first, second = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    links = coo_matrix((np.ones(len(first), dtype=np.int8), (first, second)), shape=(index.size, index.size))
    _, labels = connected_components(links, directed=False)
    return np.where(grid, labels.reshape(height, width) + 1, 0).astype(np.int32)


def _height_bytes(layers: Layers) -> npt.NDArray[np.uint8]:
    """The API's byte of each cell: the height of its bottom left vertex; 0 outside the playable area."""
    z = layers.z[:-1, :-1]
    grid = np.clip(np.rint((z + 16.0) * 255.0 / 32.0), 0, 255).astype(np.uint8)
    x0, y0, x1, y1 = layers.playable
    out = np.zeros_like(grid)
    out[y0:y1, x0:x1] = grid[y0:y1, x0:x1]
    return out


def _name(archive: Archive) -> str:
    """The map's name from the first locale that has one; empty when none has."""
    for locale in _LOCALES:
        strings = archive.read(f"{locale}.SC2Data\\LocalizedData\\GameStrings.txt", _MAX_STRINGS)
        for line in (strings or b"").decode("utf-8", "replace").splitlines():
            key, _, value = line.lstrip("\ufeff").partition("=")
            if key.strip() == "DocInfo/Name":
                name = re.sub(r"<[^>]*>|[^\w\s.,:;!?'()\[\]&+-]", "", value)
                name = " ".join(name.split())[:_MAX_NAME]
                if name:
                    return name
    return ""
