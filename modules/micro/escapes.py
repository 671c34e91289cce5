"""Escapes: what the badly hurt do to get away with one order. Blink back, jump home, burrow, afterburners.

A table as for spells: one row per ability. An escape is decided before spells and before every other behaviour.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from sc2.ids.ability_id import AbilityId as A
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2

from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.upc import Command
from modules.micro.behaviours import Scene, Squad
from modules.micro.casting import Cast
from modules.micro.field import Battlefield, BoolArray, IntArray
from modules.micro.spells import SECOND
from modules.micro.steps import step_back

DETECTORS: Final = np.array(
    [
        kind.value
        for kind in (
            U.OBSERVER, U.OBSERVERSIEGEMODE, U.OVERSEER, U.OVERSEERSIEGEMODE, U.RAVEN, U.PHOTONCANNON,
            U.MISSILETURRET, U.SPORECRAWLER,
        )
    ]
)  # fmt: skip
DETECTION_CELLS: Final = 12.0


class Way(enum.Enum):
    """Where an escape goes."""

    BACK = "back"
    HOME = "home"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Escape:
    """One ability that saves the unit that casts it.

    Attributes:
        name: what the trace calls it. unit, ability: who does what.
        way: BACK is a point away from the threats, HOME the squad's, HERE needs no place.
        below: share of life and shields under which it is time.
        cooldown: loops before the same unit does it again.
        cells: how far BACK goes. needs: upgrade without which there is none.
        hides: of no use where the enemy has a detector.
    """

    name: str
    unit: U
    ability: A
    way: Way
    below: float
    cooldown: float
    cells: float = 0.0
    needs: UpgradeId | None = None
    hides: bool = False


ESCAPES: Final[tuple[Escape, ...]] = (
    Escape(
        "blink back", U.STALKER, A.EFFECT_BLINK_STALKER, Way.BACK, 0.4, 7.5 * SECOND, cells=8.0,
        needs=UpgradeId.BLINKTECH,
    ),
    Escape(
        "shadow stride", U.DARKTEMPLAR, A.EFFECT_SHADOWSTRIDE, Way.BACK, 0.5, 15 * SECOND, cells=8.0,
        needs=UpgradeId.DARKTEMPLARBLINKUPGRADE,
    ),
    Escape("tactical jump", U.BATTLECRUISER, A.EFFECT_TACTICALJUMP, Way.HOME, 0.3, 72 * SECOND),
    Escape("afterburners", U.MEDIVAC, A.EFFECT_MEDIVACIGNITEAFTERBURNERS, Way.HERE, 0.8, 15 * SECOND),
    Escape(
        "burrow to heal", U.ROACH, A.BURROWDOWN_ROACH, Way.HERE, 0.35, 5 * SECOND, needs=UpgradeId.BURROW, hides=True
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Return:
    """How those come back that an escape changed into another type: at a share of life, or when they are seen."""

    name: str
    unit: U
    ability: A
    above: float


RETURNS: Final[tuple[Return, ...]] = (Return("dig out", U.ROACHBURROWED, A.BURROWUP_ROACH, 0.8),)

_UNITS: Final = np.array([escape.unit.value for escape in ESCAPES])
_AWAY: Final = np.array([back.unit.value for back in RETURNS])
_ORDERS: Final = np.array([escape.ability.value for escape in ESCAPES] + [back.ability.value for back in RETURNS])
_NEAR_CELLS: Final = 1.0
"""Who can reach us within so many cells more is a threat."""


class Escapes:
    """Decides who escapes in each step; remembers when everybody did last."""

    def __init__(self) -> None:
        self._ready: dict[int, float] = {}

    def decide(self, scene: Scene, squads: Iterable[Squad], loop: int, upgrades: Collection[UpgradeId]) -> list[Cast]:
        """Casts of this step; those who escape are decided as KEEP."""
        field = scene.field
        kinds = field.units.type_id[field.me]
        casts: list[Cast] = []
        busy = is_any_of(field.units.order_ability[field.me], _ORDERS)
        scene.decisions.keep(np.flatnonzero(busy), "escaping")
        if is_any_of(kinds, _AWAY).any():
            for back in RETURNS:
                casts += self._return(scene, back, np.flatnonzero(kinds == back.unit.value), loop)
        if not field.m or not is_any_of(kinds, _UNITS).any():
            return casts
        for squad in squads:
            if squad.command is Command.MOVE:
                continue
            of_squad = kinds[squad.rows]
            for escape in ESCAPES:
                if escape.needs is None or escape.needs in upgrades:
                    casts += self._escape(scene, squad, escape, squad.rows[of_squad == escape.unit.value], loop)
        return casts

    def _escape(self, scene: Scene, squad: Squad, escape: Escape, rows: IntArray, loop: int) -> list[Cast]:
        field = scene.field
        rows = rows[(field.life[rows] < escape.below * field.life_max[rows]) & (scene.decisions.kind[rows] == 0)]
        rows = rows[[self._ready.get(self._tag(field, row), 0.0) <= loop for row in rows.tolist()]]
        if not len(rows):
            return []
        threats = field.threatens[rows] & (field.gap[rows] - field.foe_reach[rows] < _NEAR_CELLS)
        chased = threats.any(axis=1)
        if escape.hides:
            chased &= ~_detected(field, rows)
        rows, threats = rows[chased], threats[chased]
        if not len(rows):
            return []
        x, y = step_back(field, rows, threats, squad.home)
        casts = []
        for index, row in enumerate(rows.tolist()):
            place = None
            if escape.way is Way.HOME:
                place = Point2(squad.home)
            elif escape.way is Way.BACK:
                here = Point2((float(field.x[row]), float(field.y[row])))
                place = here.towards(Point2((float(x[index]), float(y[index]))), escape.cells)
            self._ready[self._tag(field, row)] = loop + escape.cooldown
            casts.append(Cast(row, escape.ability, None, place, escape.name))
        scene.decisions.keep(rows, escape.name)
        return casts

    def _return(self, scene: Scene, back: Return, rows: IntArray, loop: int) -> list[Cast]:
        field = scene.field
        if not len(rows):
            return []
        healed = field.life[rows] >= back.above * field.life_max[rows]
        rows = rows[(healed | _detected(field, rows)) & (scene.decisions.kind[rows] == 0)]
        rows = rows[[self._ready.get(self._tag(field, row), 0.0) <= loop for row in rows.tolist()]]
        for row in rows.tolist():
            self._ready[self._tag(field, row)] = loop + SECOND
        scene.decisions.keep(rows, back.name)
        return [Cast(row, back.ability, None, None, back.name) for row in rows.tolist()]

    @staticmethod
    def _tag(field: Battlefield, row: int) -> int:
        return int(field.units.tag[field.me[row]])


def _detected(field: Battlefield, rows: IntArray) -> BoolArray:
    """Whether an enemy detector is near, shape (len(rows),)."""
    if not field.m:
        return np.zeros(len(rows), np.bool_)
    seers = field.gap[rows][:, is_any_of(field.foe_kind, DETECTORS)]
    return np.any(seers < DETECTION_CELLS, axis=1)
