"""Compiled looks over all units of a player: sums for the score, and what has changed since the last look.

Both go over every row once per observation; `score` and `alerts` say what the numbers mean to a client.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api.encode import Bytes, Ints
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.state import Rows

# what `add_up` counts
(
    FOOD_ARMY,
    FOOD_WORKERS,
    IDLE_WORKERS,
    ARMY,
    WARP_GATES,
    LARVAE,
    VALUE_UNITS,
    VALUE_STRUCTURES,
    MINERALS_ARMY,
    MINERALS_ECONOMY,
    MINERALS_TECHNOLOGY,
    GAS_ARMY,
    GAS_ECONOMY,
    GAS_TECHNOLOGY,
    VALUE,
) = range(15)
SUMS = 15

# kinds of units that alerts speak of by name, in the column `alert` of the table of types
PLAIN, MULE, MOTHERSHIP, ARCHON, NYDUS_WORM, INTERCEPTOR, COMMAND_CENTER, UPGRADED_HALL, GATE, MUTATED = range(10)
NAMED = {
    "MULE": MULE,
    "Mothership": MOTHERSHIP,
    "Archon": ARCHON,
    "NydusCanal": NYDUS_WORM,
    "Interceptor": INTERCEPTOR,
    "CommandCenter": COMMAND_CENTER,
    "OrbitalCommand": UPGRADED_HALL,
    "PlanetaryFortress": UPGRADED_HALL,
    "WarpGate": GATE,
    **dict.fromkeys(("Lair", "Hive", "GreaterSpire", "Baneling", "Ravager", "LurkerMP"), MUTATED),
    **dict.fromkeys(("BroodLord", "Overseer", "OverlordTransport"), MUTATED),
}

# what `look` finds
(
    ADDON_DONE,
    BUILDING_DONE,
    BUILDING_HURT,
    LARVA_HATCHED,
    MERGED,
    MORPHED,
    MOTHERSHIP_DONE,
    MULE_GONE,
    WORM_SEEN,
    UNIT_TRAINED,
    WORKER_TRAINED,
    UNIT_HURT,
    GAS_GONE,
    WARPED_IN,
    FIELD_GONE,
    HALL_UPGRADED,
    TRANSFORMED,
) = range(17)
FINDINGS = 17
_BUILDING, _HAS_GAS, _WORM, _FIELD = 1, 2, 4, 8


@njit
def add_up(u: Rows, n: int, t: Rows, player: int, sums: npt.NDArray[np.float64]) -> None:
    """Counts, supply and worth of a player's living units into `sums` [SUMS]; hallucinations are worth nothing."""
    for k in range(SUMS):
        sums[k] = 0.0
    for i in range(n):
        if not u[i].alive or u[i].owner != player or u[i].hallucination:
            continue
        kind = t[u[i].type_id]
        value = kind.minerals + kind.gas
        technology = kind.structure and not kind.economy
        if u[i].build_left <= 0.0:
            sums[VALUE_STRUCTURES if kind.structure else VALUE_UNITS] += value
            sums[WARP_GATES] += kind.warp_gate
        sums[LARVAE] += kind.larva
        if kind.army:
            sums[ARMY] += 1
            sums[FOOD_ARMY] += kind.supply
            sums[MINERALS_ARMY] += kind.minerals
            sums[GAS_ARMY] += kind.gas
        if kind.worker:
            sums[FOOD_WORKERS] += kind.supply
            if u[i].order == st.IDLE and not u[i].hidden:
                sums[IDLE_WORKERS] += 1
        if kind.economy:
            sums[MINERALS_ECONOMY] += kind.minerals
            sums[GAS_ECONOMY] += kind.gas
        if technology:
            sums[MINERALS_TECHNOLOGY] += kind.minerals
            sums[GAS_TECHNOLOGY] += kind.gas
        if kind.army or kind.economy or technology:
            sums[VALUE] += value


@njit
def _worked_on(u: Rows, n: int, player: int, node: int, recycle: int) -> bool:
    """Whether a worker of the player has a node as its own."""
    for i in range(n):
        works = u[i].alive == 1 and u[i].owner == player and u[i].order in (st.GATHER, st.RETURN)
        if works and u[i].node == node and u[i].node_recycle == recycle:
            return True
    return False


@njit
def look(
    u: Rows, n: int, t: Rows, player: int, known: int, since: int, was: Ints, types: Ints, bits: Bytes, found: Bytes
) -> None:
    """Set `found` [FINDINGS] to what is new among a player's units, and remember them for the next look.

    was, types: int32, bits: uint8, all [capacity]: recycle (-1: neither the player's nor a mineral field), type and
    state of each row at the last look, at loop `since`, when `known` rows were in use.
    """
    for k in range(FINDINGS):
        found[k] = 0
    for i in range(n):
        kind = t[u[i].type_id]
        own = u[i].alive == 1 and u[i].owner == player
        before = was[i] if i < known else -1
        same = own and before == u[i].recycle
        building = u[i].build_left > 0.0
        if before >= 0 and not same and t[types[i]].alert == MULE:
            found[MULE_GONE] = 1
        field = kind.mineral and u[i].alive == 1
        vanished = before >= 0 and bits[i] & _FIELD and not (field and before == u[i].recycle)
        if vanished and _worked_on(u, n, player, i, before):
            found[FIELD_GONE] = 1
        if same:
            if bits[i] & _BUILDING and not building:
                if kind.addon:
                    found[ADDON_DONE] = 1
                elif kind.structure:
                    found[BUILDING_DONE] = 1
                elif kind.alert == ARCHON:
                    found[MERGED] = 1
                else:
                    found[WARPED_IN] = 1
            if bits[i] & _HAS_GAS and u[i].contents <= 0:
                found[GAS_GONE] = 1
            if types[i] != u[i].type_id:
                if kind.alert == MUTATED:
                    if kind.structure or t[types[i]].egg:
                        found[MORPHED] = 1
                elif kind.structure:  # landing, lowering and taking root are not told
                    if kind.alert == UPGRADED_HALL and t[types[i]].alert == COMMAND_CENTER:
                        found[HALL_UPGRADED] = 1
                    elif kind.alert == GATE:
                        found[TRANSFORMED] = 1
                elif t[types[i]].egg:
                    found[WORKER_TRAINED if kind.worker else UNIT_TRAINED] = 1
        elif own and u[i].created_loop > 0:
            if kind.larva:
                found[LARVA_HATCHED] = 1
            elif kind.alert == MOTHERSHIP:
                found[MOTHERSHIP_DONE] = 1
            elif not kind.structure and not kind.egg and not building and kind.alert != INTERCEPTOR:
                if kind.worker:
                    found[WORKER_TRAINED] = 1
                elif u[i].life_left < 0.0:
                    found[UNIT_TRAINED] = 1
        if own and u[i].last_hurt_loop > since:
            found[BUILDING_HURT if kind.structure else UNIT_HURT] = 1
        was[i] = u[i].recycle if own or field else -1
        types[i] = u[i].type_id
        worm = not own and kind.alert == NYDUS_WORM and u[i].alive == 1
        if worm and not (i < known and bits[i] & _WORM):
            found[WORM_SEEN] = 1
        gas = kind.gas_building and u[i].contents > 0
        bits[i] = (
            (_BUILDING if building else 0)
            | (_HAS_GAS if gas else 0)
            | (_WORM if worm else 0)
            | (_FIELD if field else 0)
        )
