"""The small behaviours that a unit's chain is made of; each decides for the rows that it has an idea for.

A behaviour gets all undecided units of one squad and kind at once. It acts (attack, go), holds (keep) or passes by
leaving rows undecided; what it decides carries its name into the trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.upc import Command
from modules.micro.field import ATTACK_MOVE, MOVE, Battlefield, BoolArray, Decisions, FloatArray, IntArray
from modules.micro.steps import step_back
from modules.micro.targets import share_bodies, share_fire


@dataclass(frozen=True, slots=True)
class Squad:
    """What a squad was told, as the behaviours need it.

    Attributes:
        name: for the trace. command: ATTACK, MOVE or FLEE.
        x, y, radius: where it is sent. home: where its units leave the fight to.
        rows: of the battlefield.
        upc_id, priority: of the squad's UPC.
        waits: it gathers somewhere and stays there.
    """

    name: str
    command: Command
    x: float
    y: float
    radius: float
    home: tuple[float, float]
    rows: IntArray
    upc_id: int
    priority: float
    waits: bool = False


@dataclass(slots=True)
class Scene:
    """One step: the battlefield, the decisions so far, and what has been given out.

    Attributes:
        spoken_for: (m,) damage on its way to each enemy. crowd: (m,) melee fighters at each enemy.
    """

    field: Battlefield
    decisions: Decisions
    spoken_for: FloatArray
    crowd: FloatArray


class Behaviour(Protocol):
    """One link of a chain."""

    name: ClassVar[str]

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Decide for those of `rows` (undecided, of one squad) that this behaviour has an idea for."""
        ...


class FinishAttack:
    """Hold while the weapon winds up: a new order now would lose the shot."""

    name: ClassVar[str] = "finish attack"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """The cooldown starts with the wind-up; up to one loop later the order that ends it could arrive."""
        field = scene.field
        since = field.period[rows] - field.cooldown[rows]
        busy = (field.cooldown[rows] > 0.0) & (since <= field.wind_up[rows] + _ORDER_DELAY_LOOPS)
        scene.decisions.keep(rows[busy], self.name)


class LeaveHurt:
    """Get out of their range while the weapon reloads when badly hurt and not slower than they are.

    Attackers turn to somebody else, who has more life left; the hurt unit comes back to shoot. On the engine it is
    the greatest single gain of all behaviours: 12 fights each of roaches, stalkers and marines against their like
    went from a margin of 0.0 to +0.7 and more.
    """

    name: ClassVar[str] = "leave hurt"

    def __init__(self, life_share: float = 0.35) -> None:
        self.life_share = life_share

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Only when others of the squad fight on, or everybody would leave in turn."""
        field = scene.field
        if len(squad.rows) < 3 or not field.m:
            return
        loading = field.cooldown[rows] > _LOADING_STEPS * field.step_loops
        hurt = rows[loading & (field.life[rows] < self.life_share * field.life_max[rows])]
        if not len(hurt):
            return
        slack = _slack(field, hurt)
        close = field.threatens[hurt] & (slack < _SAFE_CELLS)
        slower = field.foe_speed[None, :] <= field.speed[hurt][:, None] * 1.05
        leave = close.any(axis=1) & (~close | slower).all(axis=1)
        _back_off(scene, squad, hurt[leave], close[leave], self.name)


class Kite:
    """Step back from enemies with shorter arms while the weapon reloads."""

    name: ClassVar[str] = "kite"

    def __init__(self, least_advantage: float = 1.0) -> None:
        self.least_advantage = least_advantage

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Not when the weapon is ready before the next decision: then it is time to shoot."""
        field = scene.field
        if not field.m:
            return
        loading = rows[field.cooldown[rows] > field.step_loops]
        if not len(loading):
            return
        shorter = field.threatens[loading] & field.can_hit[loading] & (field.foe_speed > 0.0)[None, :]
        shorter &= field.foe_reach[loading] + self.least_advantage < field.reach[loading]
        wait = np.minimum(field.cooldown[loading], 2.0 * field.step_loops)
        coming = shorter & (_slack(field, loading) < field.foe_speed[None, :] * wait[:, None] + _KITE_MARGIN_CELLS)
        go = coming.any(axis=1)
        _back_off(scene, squad, loading[go], coming[go], self.name)


class CloseUp:
    """Step forward while the weapon reloads when comrades right behind cannot get into range past us.

    In the open everybody finds a place; on a ramp or between structures the first to come into range would stop there,
    and the rest of the army stand behind them and watch.
    """

    name: ClassVar[str] = "close up"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Not the hurt, not when the enemy is near enough already, and not towards those who must come to us."""
        field = scene.field
        if not field.m or len(squad.rows) < 3:
            return
        shooters = squad.rows[field.best_reach[squad.rows] > _CHARGE_REACH]
        gap = field.nearest[shooters]
        out = ~field.in_range[shooters].any(axis=1) & (gap < field.best_reach[shooters] + _BEHIND_CELLS)
        stuck = shooters[out]
        if not len(stuck):
            return
        able = field.cooldown[rows] > field.step_loops
        able &= field.in_range[rows].any(axis=1) & (field.life[rows] > 0.5 * field.life_max[rows])
        able &= (field.nearest[rows] > 0.4 * field.best_reach[rows]) & (field.best_reach[rows] > _CHARGE_REACH)
        front = rows[able]
        if not len(front):
            return
        apart = np.hypot(field.x[front][:, None] - field.x[stuck], field.y[front][:, None] - field.y[stuck])
        behind = (apart < _BEHIND_CELLS) & (field.nearest[stuck][None, :] > field.nearest[front][:, None] + 0.5)
        front = front[behind.any(axis=1)]
        target = np.where(field.can_hit[front] | field.threatens[front], field.gap[front], np.inf).argmin(axis=1)
        dx, dy = field.foe_x[target] - field.x[front], field.foe_y[target] - field.y[front]
        away = np.maximum(np.hypot(dx, dy), 0.1)
        step = _STEP_UP_CELLS / away
        scene.decisions.go(front, MOVE, field.x[front] + dx * step, field.y[front] + dy * step, self.name)


class FocusFire:
    """Shoot at what is in range: dangerous, nearly dead, and not dead already by the others' shots."""

    name: ClassVar[str] = "focus fire"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Units without an enemy in range pass."""
        field = scene.field
        if not field.m:
            return
        shooters = rows[field.in_range[rows].any(axis=1)]
        targets = share_fire(field, shooters, field.in_range[shooters], scene.spoken_for)
        scene.decisions.attack(shooters[targets >= 0], targets[targets >= 0], self.name)


class FinishOff:
    """Melee: of the enemies in reach hit the one nearest to death, and nobody twice who is dead by one blow."""

    name: ClassVar[str] = "finish off"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Those without an enemy in reach pass."""
        field = scene.field
        if not field.m:
            return
        fighters = rows[field.in_range[rows].any(axis=1)]
        targets = share_fire(field, fighters, field.in_range[fighters], scene.spoken_for)
        scene.decisions.attack(fighters[targets >= 0], targets[targets >= 0], self.name)
        np.add.at(scene.crowd, targets[targets >= 0], 1.0)


class Charge:
    """Melee: run at near enemies, spread over all of them, so that they are surrounded."""

    name: ClassVar[str] = "charge"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Enemies beyond a short run are left to the attack-move."""
        field = scene.field
        if not field.m:
            return
        near = field.can_hit[rows] & (field.gap[rows] < _CHARGE_CELLS)
        runners = near.any(axis=1)
        fighters = rows[runners]
        targets = share_bodies(field, fighters, near[runners], scene.crowd)
        scene.decisions.attack(fighters[targets >= 0], targets[targets >= 0], self.name)


class ShootInPassing:
    """On the way elsewhere: shoot when the weapon is ready and an enemy is in range anyway."""

    name: ClassVar[str] = "shoot in passing"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Only where nobody is about to reach the unit."""
        field = scene.field
        if not field.m:
            return
        ready = field.in_range[rows].any(axis=1) & (field.cooldown[rows] <= field.step_loops)
        ready &= ~(field.threatens[rows] & (_slack(field, rows) < 1.0) & (field.foe_speed > 0.0)[None, :]).any(axis=1)
        shooters = rows[ready]
        targets = share_fire(field, shooters, field.in_range[shooters], scene.spoken_for)
        scene.decisions.attack(shooters[targets >= 0], targets[targets >= 0], self.name)


class FightOnTheWay:
    """On the way elsewhere: fight when enemies are upon us that we cannot outrun."""

    name: ClassVar[str] = "fight on the way"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Faster enemies within their reach are fought where we stand."""
        field = scene.field
        if not field.m:
            return
        upon = field.threatens[rows] & field.can_hit[rows] & (_slack(field, rows) < 1.0)
        upon &= field.foe_speed[None, :] >= field.speed[rows][:, None]
        stuck = rows[upon.any(axis=1)]
        scene.decisions.go(stuck, ATTACK_MOVE, squad.x, squad.y, self.name)


class StayBehind:
    """Units without weapons follow their squad and keep out of the enemy's range."""

    name: ClassVar[str] = "stay behind"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Near the middle of those that can fight; home when there are none."""
        field = scene.field
        armed = squad.rows[field.best_reach[squad.rows] > 0.0]
        if len(armed):
            x, y = float(field.x[armed].mean()), float(field.y[armed].mean())
        else:
            x, y = squad.home
        if field.m:
            close = field.threatens[rows] & (_slack(field, rows) < 2.0)
            go = close.any(axis=1)
            _back_off(scene, squad, rows[go], close[go], self.name)
            rows = rows[~go]
        # Medivacs heal on the way, and when they have nothing to do, but not while they only move.
        menders = field.kind[rows] == U.MEDIVAC.value
        healing = menders & (field.units.order_ability[field.me[rows]] == AbilityId.MEDIVACHEAL_HEAL.value)
        scene.decisions.keep(rows[healing], "heal")
        scene.decisions.go(rows[menders & ~healing], ATTACK_MOVE, x, y, self.name)
        scene.decisions.go(rows[~menders], MOVE, x, y, self.name)


class Stand:
    """Sieged, burrowed and deployed units shoot by themselves; orders to move would be for nothing."""

    name: ClassVar[str] = "stand"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Everybody."""
        scene.decisions.keep(rows, self.name)


class Advance:
    """The default: attack-move to where the squad is sent."""

    name: ClassVar[str] = "advance"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Everybody."""
        scene.decisions.go(rows, ATTACK_MOVE, squad.x, squad.y, self.name)


class GoThere:
    """Walk to where the squad is sent; those who have arrived stay."""

    name: ClassVar[str] = "go there"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Everybody; near the place an attack-move lets them defend themselves."""
        field = scene.field
        apart = np.hypot(field.x[rows] - squad.x, field.y[rows] - squad.y)
        there = apart <= max(squad.radius, 1.0)
        scene.decisions.keep(rows[there & (field.nearest[rows] > _CHARGE_CELLS)], self.name)
        rows, there = rows[scene.decisions.kind[rows] == 0], there[scene.decisions.kind[rows] == 0]
        scene.decisions.go(rows[there], ATTACK_MOVE, squad.x, squad.y, self.name)
        scene.decisions.go(rows[~there], MOVE, squad.x, squad.y, self.name)


class FleeHome:
    """Run home."""

    name: ClassVar[str] = "flee home"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Everybody."""
        scene.decisions.go(rows, MOVE, squad.x, squad.y, self.name)


_ORDER_DELAY_LOOPS = 1.0
_SAFE_CELLS = 1.5
_LOADING_STEPS = 1.5
_KITE_MARGIN_CELLS = 1.8
_CHARGE_CELLS = 8.0
_CHARGE_REACH = 1.5
_BEHIND_CELLS = 3.0
_STEP_UP_CELLS = 2.0


def _slack(field: Battlefield, rows: IntArray) -> FloatArray:
    """How far each enemy must still come to reach each of `rows`, shape (len(rows), m)."""
    slack: FloatArray = field.gap[rows] - field.foe_reach[rows]
    return slack


def _back_off(scene: Scene, squad: Squad, rows: IntArray, threats: BoolArray, by: str) -> None:
    """Move rows away from their threats."""
    if len(rows):
        x, y = step_back(scene.field, rows, threats, squad.home)
        scene.decisions.go(rows, MOVE, x, y, by)
