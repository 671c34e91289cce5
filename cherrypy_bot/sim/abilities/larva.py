"""Larvae: when a hatchery makes one, where it lies, and what takes it away.

A larva belongs to the hatchery whose row is in its `addon` field. A hatchery, lair or hive runs its
`larva_timer` only while it has fewer than three larvae; the kernels count it down and report EV_LARVA. At the
start it has three (replays: births at loop 0 at (0, -3), (1, -3), (-1, -3) from the hatchery), later ones
appear at (0, -3).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

START_LARVAE = 3
SPOTS = (
    (0.0, -3.0),
    (1.0, -3.0),
    (-1.0, -3.0),
    (2.0, -3.0),
    (-2.0, -3.0),
    (3.0, -3.0),
    (-3.0, -3.0),
    *((3.0, float(y)) for y in range(-2, 4)),
    *((-3.0, float(y)) for y in range(-2, 4)),
)
"""Where larvae lie, from the hatchery's centre, nearest to its south side first; one spot per possible
larva."""


def count(game: Game, hatchery: int) -> int:
    """Larvae that belong to a hatchery."""
    return len(larvae_of(game, hatchery))


def larvae_of(game: Game, hatchery: int) -> list[int]:
    """Rows of the larvae of a hatchery, in row order."""
    w, u = game.world, game.world.units
    n = int(w.clock.rows[0])
    larva = w.rules.unit("Larva").id
    rows: list[int] = np.flatnonzero((u.alive[:n] == 1) & (u.type_id[:n] == larva) & (u.addon[:n] == hatchery)).tolist()
    return rows


def start(game: Game, hatchery: int, larvae: int = 0) -> None:
    """A hatchery was finished (or the game began): give it its first larvae and start its timer.

    A built hatchery begins with one larva after `larva_interval_loops`; those of the start have three.
    """
    for _ in range(larvae):
        spawn(game, hatchery)
    refresh(game, hatchery)


def refresh(game: Game, hatchery: int) -> None:
    """Start or stop the timer after the number of larvae changed; a running timer goes on."""
    w, u = game.world, game.world.units
    if u.build_left[hatchery] > 0 or count(game, hatchery) >= w.rules.game.larva_natural_max:
        u.larva_timer[hatchery] = -1.0
    elif u.larva_timer[hatchery] < 0:
        u.larva_timer[hatchery] = w.rules.game.larva_interval_loops


def on_timer(game: Game, hatchery: int) -> None:
    """EV_LARVA: the timer ran out. One larva appears and the timer starts again while there is room."""
    game.world.units.larva_timer[hatchery] = -1.0
    if count(game, hatchery) < game.world.rules.game.larva_natural_max:
        spawn(game, hatchery)
    refresh(game, hatchery)


def spawn(game: Game, hatchery: int) -> int:
    """Put one more larva at a hatchery; its row, or NONE at the limit of 19."""
    w, u = game.world, game.world.units
    others = larvae_of(game, hatchery)
    if len(others) >= w.rules.game.larva_limit:
        return NONE
    hx, hy = float(u.x[hatchery]), float(u.y[hatchery])
    walk = w.grids.terrain_walk
    spots = [s for s in SPOTS if walk[math.floor(hy + s[1]), math.floor(hx + s[0])]] or [SPOTS[0]]
    taken = {(round(float(u.x[r]) - hx), round(float(u.y[r]) - hy)) for r in others}
    dx, dy = next((s for s in spots if (round(s[0]), round(s[1])) not in taken), spots[0])
    row = w.spawn(w.rules.unit("Larva").id, int(u.owner[hatchery]), hx + dx, hy + dy)
    w.units.addon[row] = hatchery
    return row


def leave(game: Game, larva: int) -> None:
    """A larva turns into an egg: it no longer belongs to its hatchery, whose timer may start."""
    u = game.world.units
    hatchery = int(u.addon[larva])
    u.addon[larva] = NONE
    if hatchery != NONE and u.alive[hatchery] == 1:
        refresh(game, hatchery)


def orphans(game: Game, hatchery: int) -> list[int]:
    """Larvae that die now because their hatchery is gone; the caller removes them."""
    return larvae_of(game, hatchery)


def off_creep(game: Game) -> list[int]:
    """Larvae that lie on bare ground and die; the caller removes them."""
    w, u = game.world, game.world.units
    n = int(w.clock.rows[0])
    rows = np.flatnonzero((u.alive[:n] == 1) & (u.type_id[:n] == w.rules.unit("Larva").id))
    bare = w.grids.creep[u.y[rows].astype(np.int64), u.x[rows].astype(np.int64)] == 0
    dying: list[int] = rows[bare].tolist()
    return dying
