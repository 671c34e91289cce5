"""Casting: carries out the table of spells and stances, before any other behaviour decides.

Who casts, or is still at it, is decided: no later order breaks it off. Two casters do not spend the same on the same
enemies. Whether the game takes an order shows in the energy; abilities without a cost are remembered by caster.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2

from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.units import TagArray
from cherrypy_bot.core.upc import Command
from modules.micro.behaviours import Scene, Squad
from modules.micro.field import Battlefield, BoolArray, FloatArray
from modules.micro.spells import SPELLS, STANCES, Aim, Spell, Stance

MOST_BUSY_LOOPS: Final = 80
"""A caster that has carried a spell's order for longer does not get there; it fights again."""
REFUSED_LOOPS: Final = 22
"""An order that the game did not take is tried again after so long."""
WAIT_LOOPS: Final = 130
"""Siege tanks at the rally point go down after so long there."""
WAIT_CELLS: Final = 9.0
ZONE_RADIUS: Final = 5.0
"""Of a liberator's defender zone."""
_CAST_IDS: Final = np.array(
    [spell.ability.value for spell in SPELLS]
    + [ability.value for stance in STANCES for ability in (stance.down, stance.up)]
)
_CASTER_IDS: Final = np.array(
    [spell.caster.value for spell in SPELLS] + [form.value for s in STANCES for form in (s.moving, s.standing)]
)


@dataclass(frozen=True, slots=True)
class Cast:
    """An order to cast: row of the battlefield, ability, target (a tag) or place or neither, and the spell's name."""

    row: int
    ability: AbilityId
    target: int | None
    place: Point2 | None
    by: str


@dataclass(slots=True)
class _Spent:
    """A spell that is at work at an enemy or a place until a loop."""

    spell: Spell
    tag: int
    x: float
    y: float
    until: float


class Casting:
    """Decides who casts what in each step; remembers when everybody cast last."""

    def __init__(self) -> None:
        self._ready: dict[tuple[int, int], float] = {}
        self._begun: dict[int, int] = {}
        self._spent: list[_Spent] = []
        self._alone: dict[int, int] = {}
        self._waiting: dict[int, int] = {}
        self._zones: dict[int, tuple[float, float]] = {}

    def decide(self, scene: Scene, squads: Iterable[Squad], loop: int, upgrades: Collection[UpgradeId]) -> list[Cast]:
        """Casts of this step; those who cast or are at it are decided as KEEP."""
        field = scene.field
        casters = is_any_of(field.units.type_id[field.me], _CASTER_IDS)
        if not casters.any():
            return []
        self._spent = [spent for spent in self._spent if spent.until > loop]
        busy = self._busy(field, loop)
        scene.decisions.keep(np.flatnonzero(busy), "casting")
        casts: list[Cast] = []
        squads = list(squads)
        for stance in STANCES:
            casts += self._stand(scene, squads, stance, loop)
        if field.m:
            fighting = np.zeros(field.n, np.bool_)
            for squad in squads:
                fighting[squad.rows] = squad.command in (Command.ATTACK, Command.FLEE)
            for spell in SPELLS:
                if spell.needs is None or spell.needs in upgrades:
                    casts += self._cast(scene, spell, loop, fighting)
        return casts

    def _busy(self, field: Battlefield, loop: int) -> BoolArray:
        """Who carries the order of a spell, and not for too long."""
        busy: BoolArray = is_any_of(field.units.order_ability[field.me], _CAST_IDS)
        begun: dict[int, int] = {}
        for row in np.flatnonzero(busy).tolist():
            tag = int(field.units.tag[field.me[row]])
            begun[tag] = self._begun.get(tag, loop)
            busy[row] = loop - begun[tag] <= MOST_BUSY_LOOPS
        self._begun = begun
        return busy

    # -- spells --------------------------------------------------------------------------------

    def _cast(self, scene: Scene, spell: Spell, loop: int, fighting: BoolArray) -> list[Cast]:
        field, decisions = scene.field, scene.decisions
        kind = field.units.type_id[field.me] == spell.caster.value
        able = kind & fighting & (decisions.kind == 0) & (field.units.energy[field.me] >= spell.energy)
        able &= field.life >= spell.spares_life * field.life_max
        rows = [
            row
            for row in np.flatnonzero(able).tolist()
            if self._ready.get((int(field.units.tag[field.me[row]]), spell.ability.value), 0.0) <= loop
        ]
        if not rows:
            return []
        worth = spell.worth(field)
        if worth.sum() < spell.least:
            return []
        friends = self._friends_in(field, spell) if spell.harms_friends else None
        casts = []
        for row in rows:
            cast = self._aim(field, spell, row, worth, friends, loop)
            if cast is None:
                continue
            casts.append(cast)
            tag = int(field.units.tag[field.me[row]])
            wait = max(spell.cooldown, REFUSED_LOOPS if spell.energy else 0.0)
            self._ready[tag, spell.ability.value] = loop + wait
            decisions.keep(np.array([row]), spell.name)
        return casts

    def _aim(
        self, field: Battlefield, spell: Spell, row: int, worth: FloatArray, friends: FloatArray | None, loop: int
    ) -> Cast | None:
        """One caster's cast, or None when nothing is worth it."""
        if spell.aim is Aim.SELF:
            if spell.lasts and self._worked_on(spell, 0, float(field.x[row]), float(field.y[row]), spell.reach):
                return None
            if worth[field.gap[row] <= spell.reach].sum() < spell.least:
                return None
            self._spend(spell, 0, float(field.x[row]), float(field.y[row]), loop)
            return Cast(row, spell.ability, None, None, spell.name)
        if spell.aim is Aim.FRIEND:
            away = np.hypot(field.x - field.x[row], field.y - field.y[row]) - field.radius - field.radius[row]
            fit = np.where(away <= spell.reach, worth, 0.0)
            fit[row] = 0.0
            return self._at_unit(spell, row, fit, field.units.tag[field.me], field.x, field.y, loop)
        if spell.aim is Aim.ENEMY:
            fit = np.where(field.gap[row] <= spell.reach, worth, 0.0)
            return self._at_unit(spell, row, fit, field.units.tag[field.foe], field.foe_x, field.foe_y, loop)
        apart = np.hypot(field.foe_x[:, None] - field.foe_x[None, :], field.foe_y[:, None] - field.foe_y[None, :])
        inside = apart <= spell.radius + 0.5 * field.foe_radius[None, :]
        # Of places worth the same the one in the middle: units move.
        total: FloatArray = inside @ worth - 1e-3 * (inside * apart).sum(axis=1)
        if friends is not None:
            total = total - friends
        reachable = field.gap[row] + field.foe_radius <= spell.reach
        for column in np.argsort(-np.where(reachable, total, -np.inf), kind="stable").tolist():
            if not reachable[column] or total[column] < spell.least:
                return None
            x, y = float(field.foe_x[column]), float(field.foe_y[column])
            if not self._worked_on(spell, 0, x, y, 2.0 * spell.radius):
                self._spend(spell, 0, x, y, loop)
                return Cast(row, spell.ability, None, Point2((x, y)), spell.name)
        return None

    def _at_unit(
        self, spell: Spell, row: int, fit: FloatArray, tags: TagArray, x: FloatArray, y: FloatArray, loop: int
    ) -> Cast | None:
        for column in np.argsort(-fit, kind="stable").tolist():
            if fit[column] < spell.least:
                return None
            tag = int(tags[column])
            if not self._worked_on(spell, tag, float(x[column]), float(y[column]), spell.radius):
                self._spend(spell, tag, float(x[column]), float(y[column]), loop)
                return Cast(row, spell.ability, tag, None, spell.name)
        return None

    def _friends_in(self, field: Battlefield, spell: Spell) -> FloatArray:
        """Twice the life of ours that an area round each enemy would take, shape (m,)."""
        apart = np.hypot(field.foe_x[:, None] - field.x[None, :], field.foe_y[:, None] - field.y[None, :])
        near = apart <= spell.radius + 0.7 + field.radius[None, :]
        cost: FloatArray = 2.0 * np.where(near, np.minimum(field.life, 80.0)[None, :], 0.0).sum(axis=1)
        return cost

    def _worked_on(self, spell: Spell, tag: int, x: float, y: float, cells: float) -> bool:
        """Whether the same spell is at work there already."""
        return any(
            s.spell.ability is spell.ability and ((tag and s.tag == tag) or np.hypot(s.x - x, s.y - y) < cells)
            for s in self._spent
        )

    def _spend(self, spell: Spell, tag: int, x: float, y: float, loop: int) -> None:
        if spell.lasts:
            self._spent.append(_Spent(spell, tag, x, y, loop + spell.lasts))

    # -- stances -------------------------------------------------------------------------------

    def _stand(self, scene: Scene, squads: list[Squad], stance: Stance, loop: int) -> list[Cast]:
        """Who goes down and who gets up; those who stand are left to shoot by themselves or by focus fire."""
        field, decisions = scene.field, scene.decisions
        kinds = field.units.type_id[field.me]
        casts: list[Cast] = []
        for squad in squads:
            of_squad = kinds[squad.rows]
            if stance.moving.value in of_squad:
                for row in squad.rows[of_squad == stance.moving.value].tolist():
                    cast = self._down(field, squad, stance, row, loop)
                    if cast is not None and decisions.kind[row] == 0:
                        casts.append(cast)
                        decisions.keep(np.array([row]), cast.by)
            if stance.standing.value in of_squad:
                for row in squad.rows[of_squad == stance.standing.value].tolist():
                    if decisions.kind[row] != 0:
                        continue
                    if self._leaves(field, squad, stance, row, loop):
                        casts.append(Cast(row, stance.up, None, None, "move on"))
                        decisions.keep(np.array([row]), "move on")
        return casts

    def _targets(self, field: Battlefield, stance: Stance) -> BoolArray:
        armed: BoolArray = field.weapons.armed(field.foe_kind)
        return armed if stance.air else armed & ~field.foe_flying

    def _down(self, field: Battlefield, squad: Squad, stance: Stance, row: int, loop: int) -> Cast | None:
        tag = int(field.units.tag[field.me[row]])
        if squad.command is Command.FLEE:
            return None
        if field.m:
            fit = self._targets(field, stance) & (field.gap[row] <= stance.reach)
            close = bool((field.gap[row][self._targets(field, stance)] < stance.nearest).any())
            price = float(field.weapons.value[field.foe_kind][fit].sum())
            if price >= stance.least and not close:
                self._alone.pop(tag, None)
                place = None
                if stance.aimed:
                    nearest = int(np.where(fit, field.gap[row], np.inf).argmin())
                    place = Point2((float(field.foe_x[nearest]), float(field.foe_y[nearest])))
                    self._zones[tag] = (place[0], place[1])
                return Cast(row, stance.down, None, place, "take position")
        there = np.hypot(field.x[row] - squad.x, field.y[row] - squad.y) <= squad.radius + WAIT_CELLS
        if not (stance.waits and squad.command is Command.MOVE and there and squad.waits):
            self._waiting.pop(tag, None)
            return None
        if loop - self._waiting.setdefault(tag, loop) < WAIT_LOOPS:
            return None
        return Cast(row, stance.down, None, None, "wait in position")

    def _covered(self, field: Battlefield, stance: Stance, row: int, tag: int) -> BoolArray:
        """Which enemies are near what a standing unit can hit: its reach, or its zone when it was aimed at a place."""
        zone = self._zones.get(tag)
        if not stance.aimed or zone is None:
            return field.gap[row] <= stance.reach + stance.slack
        near: BoolArray = np.hypot(field.foe_x - zone[0], field.foe_y - zone[1]) <= ZONE_RADIUS + stance.slack
        return near

    def _leaves(self, field: Battlefield, squad: Squad, stance: Stance, row: int, loop: int) -> bool:
        tag = int(field.units.tag[field.me[row]])
        if field.m and (self._targets(field, stance) & self._covered(field, stance, row, tag)).any():
            self._alone[tag] = loop
            return False
        away = float(np.hypot(field.x[row] - squad.x, field.y[row] - squad.y))
        if squad.command is Command.MOVE and stance.waits and away <= squad.radius + WAIT_CELLS + 4.0:
            return False
        since = self._alone.setdefault(tag, loop)
        patience = stance.patience
        if squad.command is Command.ATTACK and away <= stance.reach and not stance.aimed:
            patience *= 3
        if loop - since < patience:
            return False
        del self._alone[tag]
        return True
