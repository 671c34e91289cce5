"""The loop itself: every phase of a game loop in its order, many loops in one call."""

from __future__ import annotations

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.kernels.bodies import step_units
from cherrypy_bot.sim.kernels.combat import fight
from cherrypy_bot.sim.kernels.common import (
    Banks,
    Cells,
    PathCache,
    Rules,
    Scratch,
    Sight,
    Ticks,
    Volleys,
    index_units,
    turn,
)
from cherrypy_bot.sim.kernels.hits import land_hits
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.kernels.mining import mine, release_nodes
from cherrypy_bot.sim.kernels.movement import intend
from cherrypy_bot.sim.kernels.timers import run_timers
from cherrypy_bot.sim.kernels.vision import update_neutral_seen, update_seen, update_sight
from cherrypy_bot.sim.state import NONE, Rows

NEUTRAL_PERIOD = 16
"""Every so many loops the resources and rocks are checked for who sees them."""


@njit
def run_loops(
    u: Rows,
    m: Volleys,
    g: Cells,
    vis: Sight,
    players: Banks,
    clock: Ticks,
    s: Rules,
    scratch: Scratch,
    cache: PathCache,
    loops: int,
) -> int:
    """Advance by at most `loops` loops; stops after a loop that left events. Returns the loops done.

    Order of a loop: timers, then every unit decides (weapons, mining, way), then all move, hits land, sight
    follows.
    """
    clock[0].events = 0
    done = 0
    while done < loops:
        clock[0].loop += 1
        done += 1
        index_units(u, s, clock, scratch)
        run_timers(u, s, clock, scratch)
        release_nodes(u, scratch)
        for k in range(scratch.counts[0]):
            i = turn(clock, scratch, k)
            scratch.rows[i].wants = 0
            if u[i].build_left > 0.0:
                continue
            order = u[i].order
            walk_to = NONE
            if order == st.GATHER or order == st.RETURN:
                walk_to = mine(u, s, players, clock, scratch, i)
                if walk_to < 0:
                    continue
            elif u[i].hidden == 1:
                continue
            elif s.unit[u[i].owner, u[i].type_id].weapon[0] >= 0:
                if fight(u, s, m, clock, scratch, i):
                    continue
            elif order == st.IDLE:
                continue
            intend(u, g, s, clock, cache, scratch, i, walk_to)
        step_units(u, g, s, clock, scratch)
        if clock[0].missiles > 0:
            land_hits(u, s, m, players, clock, scratch)
        update_sight(u, g, vis, s, scratch)
        update_seen(u, vis, s, clock, scratch)
        if clock[0].loop % NEUTRAL_PERIOD == 0:
            update_neutral_seen(u, vis, s, clock, scratch)
        if clock[0].events > 0:
            break
    return done


@njit
def look(u: Rows, g: Cells, vis: Sight, s: Rules, clock: Ticks, scratch: Scratch) -> None:
    """Bring sight up to date without letting time pass (loop 0, debug spawns)."""
    clock[0].events = 0
    index_units(u, s, clock, scratch)
    update_sight(u, g, vis, s, scratch)
    update_seen(u, vis, s, clock, scratch)
    update_neutral_seen(u, vis, s, clock, scratch)
