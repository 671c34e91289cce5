"""The players' rules as records: one row per owner and type, changed by that owner's upgrades.

The tables of `rules.TypeArrays` become two blocks of records, unit types and weapons, with an axis for the
owner (player 0, player 1, neutral) in front. `World.stats` shows the same memory as `TypeArrays` again.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim.rules import Ruleset, TypeArrays
from cherrypy_bot.sim.state import PLAYERS, Rows

OWNERS = PLAYERS + 1
_WEAPON_PREFIX = "w_"


def _pack(columns: dict[str, np.ndarray]) -> Rows:  # type: ignore[type-arg]
    names = sorted(columns, key=lambda n: (-columns[n].dtype.itemsize, n))
    fields = [(n, columns[n].dtype, columns[n].shape[1:]) for n in names]
    count = len(columns[names[0]])
    rows = np.zeros((OWNERS, count), dtype=np.dtype(fields, align=True))
    for name in names:
        rows[name][:] = columns[name]
    return rows


def stat_records(arrays: TypeArrays) -> tuple[Rows, Rows]:
    """(unit types [3, T], weapons [3, W]) as records; weapon fields lose their prefix."""
    every = arrays._asdict()
    units = {n: a for n, a in every.items() if not n.startswith(_WEAPON_PREFIX)}
    weapons = {n.removeprefix(_WEAPON_PREFIX): a for n, a in every.items() if n.startswith(_WEAPON_PREFIX)}
    return _pack(units), _pack(weapons)


def arm_switched(units: Rows, weapons: Rows, rules: Ruleset) -> None:
    """Let kernels know weapons that an ability switches on (Oracle): `can_attack` says whether it is on.

    Launchers (Carrier, Brood Lord) get no hits: what they launch does the harm.
    """
    for unit in rules.units.values():
        switched = [i for i in unit.weapons if not rules.weapons[i].active and not rules.weapons[i].hidden]
        if switched and units["weapon"][0, unit.id, 0] < 0:
            units["weapon"][:, unit.id, 0] = switched[0]
    for weapon in rules.weapons:
        if weapon.launches:
            weapons["hits"][:, weapon.index] = 0


def stat_views(units: Rows, weapons: Rows) -> TypeArrays:
    """The records as `TypeArrays` whose arrays have the owner as their first axis."""
    fields = {
        name: weapons[name.removeprefix(_WEAPON_PREFIX)] if name.startswith(_WEAPON_PREFIX) else units[name]
        for name in TypeArrays._fields
    }
    return TypeArrays(**fields)


def stats_of(stats: TypeArrays, owner: int) -> TypeArrays:
    """One owner's rules, the same memory: what `rules.apply_upgrade` changes."""
    return TypeArrays(*(array[owner] for array in stats))
