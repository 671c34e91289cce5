"""Pylon power: who gives it, who stands in it, and what an unpowered structure cannot do.

A structure is powered when its centre lies within the radius of an own, finished source that is not on lower
ground. Only events change power (a source done or dead, a structure placed), so `update` runs on events.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.state import U1

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World

CLIFF = 8
"""Height byte difference (of 255 for 32 cells) from which ground counts as a higher cliff level: one cell."""


def sources(world: World, player: int) -> list[tuple[int, float, float, float]]:
    """(row, x, y, radius) of every source of power of a player, in row order; structures must be finished."""
    u = world.units
    found = []
    for row in world.rows_of(player):
        radius = world.rules.units[int(u.type_id[row])].power_radius
        if radius > 0 and u.build_left[row] <= 0 and u.hidden[row] == 0:
            found.append((row, float(u.x[row]), float(u.y[row]), radius))
    return found


def power_sources(game: Game, player: int) -> list[tuple[int, float, float, float]]:
    """(row, x, y, radius) of every source of power of a player, for observations."""
    return sources(game.world, player)


def is_powered_at(game: Game, player: int, x: float, y: float) -> bool:
    """Whether the centre of a structure at (x, y) would be powered."""
    return _reached(game.world, sources(game.world, player), x, y)


def _level(world: World, x: float, y: float) -> int:
    height = world.grids.height
    row = min(max(math.floor(y), 0), height.shape[0] - 1)
    column = min(max(math.floor(x), 0), height.shape[1] - 1)
    return int(height[row, column])


def _reached(world: World, found: list[tuple[int, float, float, float]], x: float, y: float) -> bool:
    level = _level(world, x, y)
    return any(
        math.hypot(x - sx, y - sy) <= radius and (level - _level(world, sx, sy) < CLIFF or world.units.flying[row] == 1)
        for row, sx, sy, radius in found
    )


def power_grid(game: Game, player: int, window: tuple[int, int, int, int], centre: float) -> U1:
    """Cells of a window (x0, y0, x1, y1) whose point (cell + centre) is powered: uint8 [y1 - y0, x1 - x0]."""
    w = game.world
    x0, y0, x1, y1 = window
    ys, xs = np.mgrid[y0:y1, x0:x1]
    powered = np.zeros(ys.shape, dtype=bool)
    level = w.grids.height[np.clip(ys, 0, w.map.height - 1), np.clip(xs, 0, w.map.width - 1)].astype(np.int64)
    for row, sx, sy, radius in sources(w, player):
        near = (xs + centre - sx) ** 2 + (ys + centre - sy) ** 2 <= radius * radius
        if w.units.flying[row] == 0:
            near &= level - _level(w, sx, sy) < CLIFF
        powered |= near
    return powered.astype(np.uint8)


def update(game: Game) -> None:
    """Recompute `powered` of every structure that needs it, and stop or resume its work and its weapon."""
    from cherrypy_bot.sim.abilities.effects import buffs

    w, u = game.world, game.world.units
    for player, race in enumerate(w.races):
        if race != "Protoss":
            continue
        found = sources(w, player)
        for row in w.rows_of(player):
            rule = w.rules.units[int(u.type_id[row])]
            if not rule.needs_power:
                continue
            powered = _reached(w, found, float(u.x[row]), float(u.y[row]))
            if powered == bool(u.powered[row]):
                continue
            u.powered[row] = powered
            buffs.recompute(game, row)
