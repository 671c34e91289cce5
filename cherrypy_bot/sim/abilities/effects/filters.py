"""Which units a spell may be aimed at or reaches, and who stands in an area.

Filters are written as in the game's data: "Biological;Structure,Hallucination" needs the first and bars the others.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS
from cherrypy_bot.sim.state import NEUTRAL, NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World


@dataclass(frozen=True, slots=True)
class Filter:
    """Needed and barred properties of a target: attributes, planes, owners and states by their names."""

    needs: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()


@functools.cache
def need(text: str) -> Filter:
    """The filter that a text of the form "needs;bars" describes."""
    needs, _, bars = text.partition(";")
    return Filter(tuple(n for n in needs.split(",") if n), tuple(b for b in bars.split(",") if b))


_MUST = {
    "Biological": Result.MUST_TARGET_BIOLOGICAL_UNITS,
    "Mechanical": Result.MUST_TARGET_MECHANICAL_UNITS,
    "Psionic": Result.MUST_TARGET_PSIONIC_UNITS,
    "Massive": Result.MUST_TARGET_MASSIVE_UNITS,
    "Structure": Result.MUST_TARGET_STRUCTURES,
    "Air": Result.MUST_TARGET_AIR_UNITS,
    "Ground": Result.MUST_TARGET_GROUND_UNITS,
    "Player": Result.MUST_TARGET_YOUR_OWN_UNITS,
    "Enemy": Result.MUST_TARGET_ENEMY_UNITS,
    "Energy": Result.MUST_TARGET_ENERGY_CAPABLE_UNITS,
}
_CANT = {
    "Structure": Result.CANT_TARGET_STRUCTURES,
    "Massive": Result.CANT_TARGET_MASSIVE_UNITS,
    "Heroic": Result.CANT_TARGET_HEROIC_UNITS,
    "Air": Result.CANT_TARGET_AIR_UNITS,
    "Ground": Result.CANT_TARGET_GROUND_UNITS,
    "Player": Result.CANT_TARGET_YOUR_OWN_UNITS,
    "Enemy": Result.CANT_TARGET_ENEMY_UNITS,
    "Neutral": Result.CANT_TARGET_NEUTRAL_UNITS,
    "Self": Result.CANT_TARGET_CASTER,
    "Hallucination": Result.CANT_TARGET_HALLUCINATIONS,
    "Invulnerable": Result.CANT_TARGET_INVULNERABLE_UNITS,
    "UnderConstruction": Result.CANT_TARGET_UNDER_CONSTRUCTION_UNITS,
}


def _air(w: World, player: int, row: int, caster: int) -> bool:
    return bool(w.units.flying[row] == 1 or w.rules.units[int(w.units.type_id[row])].plane_air)


_PROPERTIES: Final[Mapping[str, Callable[[World, int, int, int], bool]]] = {
    "Air": _air,
    "Ground": lambda w, player, row, caster: bool(w.units.flying[row] == 0),
    "Player": lambda w, player, row, caster: int(w.units.owner[row]) == player,
    "Enemy": lambda w, player, row, caster: int(w.units.owner[row]) not in (player, NEUTRAL),
    "Neutral": lambda w, player, row, caster: int(w.units.owner[row]) == NEUTRAL,
    "Self": lambda w, player, row, caster: row == caster,
    "Hallucination": lambda w, player, row, caster: bool(w.units.hallucination[row] == 1),
    "Invulnerable": lambda w, player, row, caster: bool(w.units.invulnerable[row] == 1),
    "UnderConstruction": lambda w, player, row, caster: bool(w.units.build_left[row] > 0),
    "Burrowed": lambda w, player, row, caster: bool(w.units.burrowed[row] == 1),
    "Energy": lambda w, player, row, caster: bool(w.units.energy_max[row] > 0),
    "Worker": lambda w, player, row, caster: w.rules.units[int(w.units.type_id[row])].is_worker,
    "Larva": lambda w, player, row, caster: w.rules.units[int(w.units.type_id[row])].is_larva_or_egg,
    "Disguised": lambda w, player, row, caster: bool(w.units.disguised[row] == 1),
}
"""Asked a few hundred thousand times in a match: each looks at nothing but what it is about."""


def has(world: World, player: int, row: int, what: str, caster: int = NONE) -> bool:
    """Whether a unit has a property, as a caster of `player` sees it."""
    if what in ATTRIBUTE_BITS:
        u = world.units
        bits = world.stats.attribute_bits[int(u.owner[row]), int(u.type_id[row])]
        return bool(bits & ATTRIBUTE_BITS[what])
    return _PROPERTIES[what](world, player, row, caster)


def judge(world: World, player: int, row: int, wanted: Filter, caster: int = NONE) -> int:
    """SUCCESS when a unit passes a filter, else the ActionResult that says what is wrong with it."""
    for what in wanted.needs:
        if not has(world, player, row, what, caster):
            return _MUST.get(what, Result.CANT_TARGET_THAT_UNIT)
    for what in wanted.bars:
        if has(world, player, row, what, caster):
            return _CANT.get(what, Result.CANT_TARGET_THAT_UNIT)
    return Result.SUCCESS


def passes(world: World, player: int, row: int, wanted: Filter, caster: int = NONE) -> bool:
    """Whether a unit passes a filter."""
    return judge(world, player, row, wanted, caster) == Result.SUCCESS


def near(
    game: Game,
    player: int,
    x: float,
    y: float,
    radius: float,
    wanted: Filter = Filter(),
    *,
    edge: bool = False,
    caster: int = NONE,
) -> list[int]:
    """Rows on the map within `radius` of a point that pass a filter, in row order.

    A unit counts by its centre, or with `edge` as soon as its body reaches in.
    """
    w, u = game.world, game.world.units
    n = int(w.clock.rows[0])
    dx, dy = u.x[:n] - x, u.y[:n] - y
    limit: np.ndarray | float = radius
    if edge:
        limit = radius + w.stats.radius[NEUTRAL][u.type_id[:n]]
    inside = (u.alive[:n] == 1) & (u.hidden[:n] == 0) & (dx * dx + dy * dy <= limit * limit)
    rows = np.flatnonzero(inside).tolist()
    return [r for r in rows if passes(w, player, r, wanted, caster)]
