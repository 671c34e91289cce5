"""Where a computer player puts its structures: near a base, off the mineral lines, never in anyone's way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import placement

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game

REACH = 15
"""How far from its anchor a structure may stand, in cells."""
ADDON_HOMES = ("Barracks", "Factory", "Starport")
LANE = 1
"""Free cells round every structure, so that units walk between them."""


def find(
    computer: Computer, game: Game, type_id: int, anchor: tuple[float, float], *, addon: bool = False
) -> tuple[float, float] | None:
    """The best free place for a structure near an anchor, None when there is none within reach.

    `addon`: leave room for an add-on at its side.
    """
    w = game.world
    rule = w.rules.units[type_id]
    ax, ay = math.floor(anchor[0]), math.floor(anchor[1])
    x0, y0 = max(ax - REACH, 0), max(ay - REACH, 0)
    x1, y1 = min(ax + REACH + 1, w.map.width), min(ay + REACH + 1, w.map.height)
    good = placement.placement_grid(game, computer.player, type_id, (x0, y0, x1, y1)).astype(np.bool_)
    if not good.any():
        return None
    cells = set(rule.placement_cells or rule.footprint)
    if addon:
        cells |= {(dx + 2, dy) for dx, dy in cells} | {(dx + 3, dy) for dx, dy in cells}
    margin = {(dx + i, dy + j) for dx, dy in cells for i in (-LANE, 0, LANE) for j in (-LANE, 0, LANE)}
    _forbid(good, (w.grids.blocked_build > 0) | _addon_room(computer, game), margin, x0, y0)
    _forbid(good, computer.sites.reserved, cells, x0, y0)
    if addon:
        _forbid(good, (w.grids.terrain_place == 0) | (w.grids.creep > 0), cells, x0, y0)
    for other in computer.shunned(game):
        dy, dx = math.floor(other[1]) - y0, math.floor(other[0]) - x0
        good[max(dy - 2, 0) : max(dy + 3, 0), max(dx - 2, 0) : max(dx + 3, 0)] = False
    ys, xs = np.nonzero(good)
    if not len(xs):
        return None
    centre = 0.5 * (rule.footprint_w % 2)
    px, py = xs + x0 + centre, ys + y0 + centre
    cost = np.hypot(px - anchor[0], py - anchor[1])
    if rule.power_radius > 0:
        cost = _pylon_cost(computer, game, px, py, cost)
    cost = cost + computer.rng.random(len(cost)) * 0.5
    best = int(cost.argmin())
    return float(px[best]), float(py[best])


def _addon_room(computer: Computer, game: Game) -> np.ndarray:
    """Cells beside own structures that may still get an add-on."""
    w, u = game.world, game.world.units
    room = np.zeros(w.grids.blocked_build.shape, dtype=np.bool_)
    if computer.table.addons:
        for row in w.rows_of(computer.player, *(computer.id(name) for name in ADDON_HOMES)):
            x, y = placement.addon_position(float(u.x[row]), float(u.y[row]))
            room[int(y) - 1 : int(y) + 1, int(x) - 1 : int(x) + 1] = True
    return room


def _pylon_cost(computer: Computer, game: Game, px: np.ndarray, py: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Pylons spread out: each gives power to ground that has none yet, and leaves room round itself."""
    u = game.world.units
    spread = np.abs(cost - 7.0)
    for row in game.world.rows_of(computer.player, computer.ids[computer.table.supply]):
        gap = np.hypot(px - u.x[row], py - u.y[row])
        spread = spread + np.maximum(0.0, 6.0 - gap) * 1.5
    return spread


def _forbid(good: np.ndarray, bad: np.ndarray, cells: set[tuple[int, int]], x0: int, y0: int) -> None:
    """Strike out every centre cell of a window for which one of the cells round it is bad."""
    high, wide = good.shape
    reach = max(max(abs(dx), abs(dy)) for dx, dy in cells)
    padded = np.ones((high + 2 * reach, wide + 2 * reach), dtype=np.bool_)
    top, left = max(y0 - reach, 0), max(x0 - reach, 0)
    bottom, right = min(y0 + high + reach, bad.shape[0]), min(x0 + wide + reach, bad.shape[1])
    padded[top - y0 + reach : bottom - y0 + reach, left - x0 + reach : right - x0 + reach] = bad[top:bottom, left:right]
    for dx, dy in cells:
        good &= ~padded[reach + dy : reach + dy + high, reach + dx : reach + dx + wide]
