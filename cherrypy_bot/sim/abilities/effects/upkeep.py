"""What units do by themselves and the kernels do not do for them: heal, burn, recharge, charge at the enemy.

Each entry of the table names types of units and a period; at every loop that the period divides its `run` gets the
rows of these units. Loops are fixed multiples, so the result does not depend on how time is cut up into steps.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.abilities.effects.records import Upkeep
from cherrypy_bot.sim.rules import Ruleset

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World

TABLE: list[Upkeep] = []
"""All upkeep, in the order in which it runs; filled by the subject files (see `table`)."""
NEVER = 1 << 60


def register(*entries: Upkeep) -> None:
    """Make upkeep known."""
    TABLE.extend(entries)


@functools.cache
def _bits(rules: Ruleset, count: int) -> npt.NDArray[np.int64]:
    """Per type id: bit k set when TABLE[k] is about it."""
    bits = np.zeros(max(rules.units) + 1, dtype=np.int64)
    for unit in rules.units.values():
        for k, entry in enumerate(TABLE[:count]):
            if unit.name in entry.types or entry.flag in unit.flags:
                bits[unit.id] |= 1 << k
    return bits


def _present(world: World) -> tuple[npt.NDArray[np.int64], int]:
    """(bits per row, all bits together) of the living units."""
    u, n = world.units, int(world.clock.rows[0])
    bits = np.where(u.alive[:n] == 1, _bits(world.rules, len(TABLE))[u.type_id[:n]], 0)
    return bits, int(np.bitwise_or.reduce(bits)) if n else 0


def _wanted(world: World, entry: Upkeep) -> bool:
    if not entry.upgrade:
        return True
    upgrade = world.rules.upgrade(entry.upgrade).id
    return any(upgrade in known for known in world.upgrades)


def run(game: Game) -> None:
    """Do what is due at this loop."""
    w = game.world
    due = [k for k, entry in enumerate(TABLE) if w.loop % entry.period == 0]
    if not due:
        return
    bits, every = _present(w)
    for k in due:
        if every >> k & 1 and _wanted(w, TABLE[k]):
            u = w.units
            rows = np.flatnonzero((bits >> k & 1) == 1).tolist()
            owners = _owners(w, TABLE[k])
            TABLE[k].run(game, [r for r in rows if u.alive[r] == 1 and int(u.owner[r]) in owners])


def _owners(world: World, entry: Upkeep) -> tuple[int, ...]:
    if not entry.upgrade:
        return (0, 1)
    upgrade = world.rules.upgrade(entry.upgrade).id
    return tuple(p for p, known in enumerate(world.upgrades) if upgrade in known)


def next_due(world: World) -> int:
    """Loop at which upkeep runs next."""
    _, every = _present(world)
    due = NEVER
    for k, entry in enumerate(TABLE):
        if every >> k & 1 and _wanted(world, entry):
            due = min(due, (world.loop // entry.period + 1) * entry.period)
    return due
