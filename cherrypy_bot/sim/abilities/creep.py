"""Creep: sources grow their patch cell by cell, and what no source covers recedes from its edge.

A source covers the cells of its footprint (a disc of 12 to 13 cells round a hatchery, 10 round a tumour) that
are walkable or buildable terrain, cliffs or not, nearest first. Five captured games show exactly those cells
covered round a grown hatchery. A finished source covers its start cells at once and then `CELLS_PER_STEP`
more in every growth period of the rules.

Only `world.creep_sources` (row -> (cells covered, loop of the next growth)), `world.creep_recedes` and the
grid decide the future; the order of cells follows from terrain and position.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import larva
from cherrypy_bot.sim.rules import CreepSource
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World

CELLS_PER_STEP = 10
"""The smallest growth that explains where and when tumours were placed in the replays of patches 5.0.0 to
5.0.16."""
WAKE_LOOPS = 16
"""Growth is applied in batches, at loops that are multiples of this, so that kernels run on undisturbed."""
NEVER = 1 << 60
GENERATES = "generates creep"
"""Mark of an overlord that is told to."""


@functools.cache
def _offsets(source: CreepSource) -> tuple[np.ndarray, int]:
    """(offsets [n, 2] nearest first with the start cells in front, number of start cells)."""
    start = set(source.start)
    cells = sorted(
        set(source.grown) | start,
        key=lambda c: (c not in start, c[0] * c[0] + c[1] * c[1], math.atan2(c[1], c[0])),
    )
    return np.array(cells, dtype=np.int64), len(start)


def _source(world: World, row: int) -> CreepSource | None:
    key = world.rules.units[int(world.units.type_id[row])].creep_source
    if not key and (row, GENERATES) in world.marks:
        key = "makeCreep2x2Overlord"
    return world.rules.game.creep_sources[key] if key else None


def _cells(world: World, row: int, source: CreepSource) -> tuple[np.ndarray, np.ndarray, int]:
    """(ys, xs, number of start cells) that a source can cover, in the order in which it does."""
    offsets, start = _offsets(source)
    xs = offsets[:, 0] + math.floor(world.units.x[row])
    ys = offsets[:, 1] + math.floor(world.units.y[row])
    good = (xs >= 0) & (ys >= 0) & (xs < world.map.width) & (ys < world.map.height)
    good[good] = (world.grids.terrain_walk[ys[good], xs[good]] | world.grids.terrain_place[ys[good], xs[good]]) > 0
    return ys[good], xs[good], int(good[:start].sum())


def add_source(game: Game, row: int, *, grown: bool = False) -> None:
    """A creep source came to be (hatchery finished, tumour burrowed); `grown` covers all of its patch at
    once.

    Does nothing for units that are no creep source and for sources already known (a lair stays its
    hatchery's).
    """
    w = game.world
    source = _source(w, row)
    if source is None or row in w.creep_sources:
        return
    ys, xs, start = _cells(w, row, source)
    covered = len(xs) if grown else start
    w.grids.creep[ys[:covered], xs[:covered]] = 1
    after = math.inf if covered >= len(xs) else w.loop + source.delay_loops + source.period_loops
    w.creep_sources[row] = (float(covered), after)


def remove_source(game: Game, row: int) -> None:
    """A creep source is gone: what only it covered begins to recede. Call it before the row is removed."""
    w = game.world
    if w.creep_sources.pop(row, None) is not None and w.creep_recedes < 0:
        w.creep_recedes = _multiple(w.loop + w.rules.game.creep_decay_loops)


def next_wakeup(game: Game) -> int:
    """Loop at which creep changes next."""
    w = game.world
    after = min((nxt for _, nxt in w.creep_sources.values()), default=math.inf)
    growth = NEVER if after == math.inf else _multiple(after)
    return min(growth, w.creep_recedes) if w.creep_recedes >= 0 else growth


def on_wakeup(game: Game) -> list[int]:
    """Grow and recede what is due at this loop; rows of larvae that lost their creep, for the caller to
    remove."""
    w = game.world
    for row in sorted(w.creep_sources):
        if w.creep_sources[row][1] <= w.loop and w.loop % WAKE_LOOPS == 0:
            _grow(w, row)
    if 0 <= w.creep_recedes <= w.loop:
        more = _recede(w)
        w.creep_recedes = _multiple(w.loop + w.rules.game.creep_decay_loops) if more else NONE
        return larva.off_creep(game)
    return []


def _multiple(loop: float) -> int:
    return math.ceil(loop / WAKE_LOOPS) * WAKE_LOOPS


def _grow(w: World, row: int) -> None:
    source = _source(w, row)
    if source is None:
        del w.creep_sources[row]
        return
    before, after = w.creep_sources[row]
    steps = math.floor((w.loop - after) / source.period_loops) + 1
    ys, xs, _ = _cells(w, row, source)
    covered = min(int(before) + steps * CELLS_PER_STEP, len(xs))
    w.grids.creep[ys[:covered], xs[:covered]] = 1
    after = math.inf if covered == len(xs) else after + steps * source.period_loops
    w.creep_sources[row] = (float(covered), after)


def _recede(w: World) -> bool:
    """Take one layer off the edge of the creep that no source covers; whether some is left."""
    creep = w.grids.creep
    bare = creep == 0
    edge = np.zeros_like(bare)
    edge[1:] |= bare[:-1]
    edge[:-1] |= bare[1:]
    edge[:, 1:] |= bare[:, :-1]
    edge[:, :-1] |= bare[:, 1:]
    loose = ~bare
    for row, (covered, _) in w.creep_sources.items():
        source = _source(w, row)
        if source is not None:
            ys, xs, _ = _cells(w, row, source)
            loose[ys[: int(covered)], xs[: int(covered)]] = False
    creep[loose & edge] = 0
    return bool((loose & ~edge).any())
