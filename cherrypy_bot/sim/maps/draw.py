"""A picture of a map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from cherrypy_bot.sim.maps.model import MapData
from cherrypy_bot.sim.maps.neutrals import GEYSERS, MINERALS, PLATES, TOWER, footprint_cells

_GROUND = np.array([(88, 99, 72), (122, 134, 92), (168, 174, 128), (206, 206, 168)], dtype=np.float64)
_VOID = np.array((18, 22, 30), dtype=np.float64)
_CLIFF = np.array((62, 56, 52), dtype=np.float64)
_RAMP = np.array((190, 160, 110), dtype=np.float64)


def draw(m: MapData, scale: int = 4) -> Image.Image:
    """A picture with `scale` pixels a cell, north up.

    Ground is lighter the higher it is, ramps are sand, cliffs brown, the void dark; minerals blue, geysers green,
    rocks brown, towers yellow; the players' starts red and blue, plates violet.
    """
    picture = Image.fromarray(_terrain(m)).resize((m.width * scale, m.height * scale), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(picture)

    def box(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        return x0 * scale, (m.height - y1) * scale, x1 * scale - 1, (m.height - y0) * scale - 1

    for n in m.neutrals:
        if n.type_id in MINERALS:
            colour = (90, 170, 255) if n.contents > 900 else (60, 130, 215)
        elif n.type_id in GEYSERS:
            colour = (70, 210, 120)
        elif n.type_id == TOWER:
            colour = (250, 220, 80)
        else:
            colour = (120, 84, 60)
        for y, x in footprint_cells(n.type_id, n.x, n.y):
            pen.rectangle(box(x, y, x + 1, y + 1), fill=colour)
        if n.type_id == PLATES:
            pen.rectangle(box(n.x - 1, n.y - 1, n.x + 1, n.y + 1), outline=(160, 110, 200))
    for (x, y), colour in zip(m.start_locations, ((220, 60, 50), (60, 90, 230)), strict=False):
        pen.rectangle(box(x - 2.5, y - 2.5, x + 2.5, y + 2.5), fill=colour)
    x0, y0, x1, y1 = m.playable
    pen.rectangle(box(x0, y0, x1, y1), outline=(90, 90, 100))
    return picture


def _terrain(m: MapData) -> npt.NDArray[np.uint8]:
    """Colours of the bare terrain, `[height, width, 3]`, north up."""
    heights = m.terrain_height.astype(np.float64)
    level = np.clip((heights - 175.0) / 16.0, 0.0, 2.999)
    below = level.astype(np.intp)
    share = (level - below)[..., None]
    ground = _GROUND[below] * (1 - share) + _GROUND[below + 1] * share
    rgb = np.where((heights < 150)[..., None], _VOID, _CLIFF + 10.0 * below[..., None])
    rgb = np.where(m.pathing[..., None], ground, rgb)
    rgb = np.where((m.pathing & ~m.placement)[..., None], 0.45 * ground + 0.55 * _RAMP, rgb)
    return np.ascontiguousarray(rgb[::-1].astype(np.uint8))
