"""Which units a spell may be aimed at or reaches, and who stands in an area.

Filters are written as in the game's data: "Biological;Structure,Hallucination" needs the first and bars the others.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS
from cherrypy_bot.sim.state import NEUTRAL, NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.rules import Ruleset
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


@functools.cache
def _of_type(rules: Ruleset, field: str) -> npt.NDArray[np.bool_]:
    """What the rules say of each type, by type id."""
    answers = np.zeros(max(rules.units) + 1, dtype=np.bool_)
    for type_id, rule in rules.units.items():
        answers[type_id] = getattr(rule, field)
    return answers


_PROPERTIES: Final[Mapping[str, Callable[[World, int, Any, int], Any]]] = {
    "Air": lambda w, p, r, c: (w.units.flying[r] == 1) | _of_type(w.rules, "plane_air")[w.units.type_id[r]],
    "Ground": lambda w, p, r, c: w.units.flying[r] == 0,
    "Player": lambda w, p, r, c: w.units.owner[r] == p,
    "Enemy": lambda w, p, r, c: (w.units.owner[r] != p) & (w.units.owner[r] != NEUTRAL),
    "Neutral": lambda w, p, r, c: w.units.owner[r] == NEUTRAL,
    "Self": lambda w, p, r, c: r == c,
    "Hallucination": lambda w, p, r, c: w.units.hallucination[r] == 1,
    "Invulnerable": lambda w, p, r, c: w.units.invulnerable[r] == 1,
    "UnderConstruction": lambda w, p, r, c: w.units.build_left[r] > 0,
    "Burrowed": lambda w, p, r, c: w.units.burrowed[r] == 1,
    "Energy": lambda w, p, r, c: w.units.energy_max[r] > 0,
    "Worker": lambda w, p, r, c: _of_type(w.rules, "is_worker")[w.units.type_id[r]],
    "Larva": lambda w, p, r, c: _of_type(w.rules, "is_larva_or_egg")[w.units.type_id[r]],
    "Disguised": lambda w, p, r, c: w.units.disguised[r] == 1,
}
"""Per property that is no attribute: (world, player of the caster, row or rows, caster) -> whether each has it."""


def _ask(world: World, player: int, rows: Any, what: str, caster: int) -> Any:
    """Whether units have a property: bool of one row, bool array of many."""
    if what in ATTRIBUTE_BITS:
        u = world.units
        return (world.stats.attribute_bits[u.owner[rows], u.type_id[rows]] & ATTRIBUTE_BITS[what]) != 0
    return _PROPERTIES[what](world, player, rows, caster)


def has(world: World, player: int, row: int, what: str, caster: int = NONE) -> bool:
    """Whether a unit has a property, as a caster of `player` sees it."""
    return bool(_ask(world, player, row, what, caster))


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
    rows = np.flatnonzero((u.alive[:n] == 1) & (u.hidden[:n] == 0) & (dx * dx + dy * dy <= limit * limit))
    for what in wanted.needs:
        rows = rows[_ask(w, player, rows, what, caster)]
    for what in wanted.bars:
        rows = rows[~_ask(w, player, rows, what, caster)]
    found: list[int] = rows.tolist()
    return found
