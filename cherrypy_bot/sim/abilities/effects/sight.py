"""Sight and detection that do not come from a unit's own eyes: scans, revelations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game


def light(game: Game, player: int, x: float, y: float, radius: float, sign: int) -> None:
    """Let a player see (+1) or no longer see (-1) a circle of cells, cliffs or not."""
    w = game.world
    cx, cy, reach = math.floor(x), math.floor(y), math.floor(radius)
    x0, x1 = max(cx - reach, 0), min(cx + reach, w.map.width - 1) + 1
    y0, y1 = max(cy - reach, 0), min(cy + reach, w.map.height - 1) + 1
    ys, xs = np.mgrid[y0:y1, x0:x1]
    inside = (xs - cx) ** 2 + (ys - cy) ** 2 <= radius * radius
    w.grids.vis_count[player, y0:y1, x0:x1] += np.where(inside, sign, 0).astype(np.int16)
    if sign > 0:
        w.grids.explored[player, y0:y1, x0:x1] |= inside.astype(np.uint8)


def detect(game: Game, player: int, x: float, y: float, radius: float) -> None:
    """Break the cloak of enemies in a circle for this loop (the kernels look anew in every loop)."""
    w, u = game.world, game.world.units
    n = int(w.clock.rows[0])
    cloaked = (u.alive[:n] == 1) & (u.cloaked[:n] == 1) & (u.owner[:n] != player)
    for row in np.flatnonzero(cloaked).tolist():
        body = float(w.stats.radius[int(u.owner[row]), int(u.type_id[row])])
        if math.hypot(u.x[row] - x, u.y[row] - y) <= radius + body:
            u.detected[row] |= 1 << player
