"""Enemies at our bases: found in the unit table, one `Threat` per base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from sc2.position import Point2

from cherrypy_bot.core.module import Context
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import FloatArray, IntArray
from modules.items import WORKERS
from modules.keys import Threat
from modules.power import DEFENCES, power_of, type_power

BASE_CELLS: Final = 24.0
"""An enemy this near to a townhall is at that base."""
STRUCTURE_CELLS: Final = 9.0
"""An enemy this near to a structure of ours is at the nearest base."""
OUTPOST_CELLS: Final = 34.0
"""A structure further than this from all our townhalls (a proxy, a forward pylon) is no base to defend."""
_WORKER_IDS: Final = [kind.value for kind in WORKERS]
_DEFENCE_IDS: Final = [kind.value for kind in DEFENCES]


def find_threats(ctx: Context, bases: Sequence[Point2], known: Mapping[Point2, Threat]) -> tuple[Threat, ...]:
    """Threats of this step, strongest first.

    Args:
        bases: our townhalls; without any, our structures are what is threatened.
        known: threats of the step before by base, for their age.
    """
    table = ctx.units
    rows = _fighters(ctx)
    if not len(rows):
        return ()
    structures = np.flatnonzero(table.own & table.structure)
    if not bases:
        if not len(structures):
            return ()
        bases = [Point2((float(table.x[structures[0]]), float(table.y[structures[0]])))]
    places = np.array([[base[0], base[1]] for base in bases])
    away = np.hypot(table.x[rows, None] - places[None, :, 0], table.y[rows, None] - places[None, :, 1])
    nearest = away.argmin(axis=1)
    close = away.min(axis=1) <= BASE_CELLS
    reach = np.hypot(table.x[structures, None] - places[None, :, 0], table.y[structures, None] - places[None, :, 1])
    structures = structures[reach.min(axis=1) <= OUTPOST_CELLS] if len(structures) else structures
    if len(structures):
        _, gap = table.closest_of(rows, structures)
        close |= gap <= STRUCTURE_CELLS
    found = []
    for index, base in enumerate(bases):
        chosen = np.flatnonzero(close & (nearest == index))
        if len(chosen):
            chosen = chosen[np.argsort(away[chosen, index], kind="stable")]
            found.append(_threat(ctx, base, rows[chosen], known))
    return tuple(sorted(found, key=lambda t: -t.power))


def _fighters(ctx: Context) -> IntArray:
    """Rows of enemies that can hurt us: units that fight, and structures that shoot."""
    table = ctx.units
    worth: FloatArray = type_power(ctx)
    kinds = np.minimum(table.type_id, len(worth) - 1)
    shoots = ~table.structure | is_any_of(table.type_id, _DEFENCE_IDS)
    return np.flatnonzero(table.enemy & table.visible & shoots & (worth[kinds] > 0))


def _threat(ctx: Context, base: Point2, rows: IntArray, known: Mapping[Point2, Threat]) -> Threat:
    table = ctx.units
    x, y = float(table.x[rows].mean()), float(table.y[rows].mean())
    before = known.get(base)
    return Threat(
        base=base,
        center=Point2((x, y)),
        radius=float(np.hypot(table.x[rows] - x, table.y[rows] - y).max()),
        tags=tuple(int(tag) for tag in table.tag[rows]),
        workers=int(is_any_of(table.type_id[rows], _WORKER_IDS).sum()),
        power=power_of(ctx, rows),
        since_loop=before.since_loop if before is not None else ctx.loop,
    )
