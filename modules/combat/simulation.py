"""The fight on paper: many fights side by side, in steps of a few loops, without chance.

Both sides start in ranks facing each other, short-ranged units in front, just out of the longest range. Every unit
walks to the nearest enemy that it can hurt and attacks it when in range, with its weapon's cooldown. Units do not
bump into each other; what bodies do to melee fighters is modelled by the places round a target. Damage of a step is
dealt at once on both sides, so swapping them swaps the result exactly.

Arrays have shape (fights, units of a side), padded with units that were never alive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from modules.combat.weapons import AIR, GROUND, WeaponTable

if TYPE_CHECKING:
    from modules.combat.predictor import Side

Array = npt.NDArray[np.float32]
Losses = npt.NDArray[np.float64]

STEP_LOOPS: Final = 4.0
HORIZON_LOOPS: Final = 900.0
"""A fight that lasts longer is counted as it stands."""

_COMPACT_STEPS = 12
_FAR = np.float32(1e9)
_UNARMED_PENALTY = np.float32(400.0)
"""Squared cells by which units that cannot fight seem farther away: the others are shot first."""
_MELEE_REACH = 1.5
_MELEE_SPEED = 0.75
"""Melee fighters walk round each other: their way is longer than the straight line."""
_MELEE_PLACES = 0.6
"""Share of the places round a target that melee attackers really get."""
_PITCH = 2.2
"""Cells between neighbours in the ranks, in mean radii."""
_FRONT = 2.0
"""Ranks are this much wider than deep."""
_UNKNOWN_VALUE = 50.0
"""Worth of a unit that costs nothing, such as a Broodling."""


@dataclass
class _Army:
    """One side of all fights of a chunk. Shape (fights, n) unless said otherwise."""

    x: Array
    y: Array
    health: Array
    shield: Array
    alive: npt.NDArray[np.bool_]
    charge: Array  # 1 = ready to attack
    stride: Array  # cells per step
    radius: Array
    per_step: Array  # (fights, n, 2) attacks per step against ground and air
    through: Array  # (fights, n, m) damage of an attack to hit points
    to_shield: Array  # (fights, n, m)
    reach: Array  # (fights, n, m) centre distance within which it hits, negative if never
    splash: Array  # (fights, n, 2)
    block: Array  # (fights, n, m) added to squared distances when choosing a target
    plane: npt.NDArray[np.int64]  # GROUND or AIR, where it can be hit
    suicide: npt.NDArray[np.bool_]
    value: Array
    life0: Array  # hit points and shields at the start

    def keep(self, going: npt.NDArray[np.bool_]) -> None:
        """Drop the fights that are over."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name)[going])

    def losses(self) -> Losses:
        """Share of its value that the side has lost, shape (fights,)."""
        life = np.where(self.alive, self.health + self.shield, 0.0)
        share = np.where(self.alive, 0.5 * (1.0 - life / np.maximum(self.life0, 1.0)), 1.0) * (self.life0 > 0.0)
        total: Any = (self.value * (self.life0 > 0.0)).sum(axis=1)
        result: Losses = (self.value * share).sum(axis=1, dtype=np.float64) / np.maximum(total, 1e-6)
        return result


@dataclass(frozen=True)
class _Deeds:
    """What one side does in a step."""

    to_health: Losses  # (fights, foes)
    to_shield: Losses  # (fights, foes)
    step_x: Array
    step_y: Array
    charge: Array
    spent: npt.NDArray[np.bool_]  # died with their attack


def simulate(weapons: WeaponTable, ours: Sequence[Side], theirs: Sequence[Side]) -> tuple[Losses, Losses]:
    """Fight `ours[i]` against `theirs[i]` for every i.

    Returns:
        Loss shares of ours and of theirs, shape (fights,), 0..1.
    """
    count = len(ours)
    loss_a, loss_b = np.zeros(count), np.zeros(count)
    if not any(map(len, ours)) or not any(map(len, theirs)):
        return loss_a, loss_b
    a, b = _armies(weapons, ours, theirs)
    running = np.arange(count)
    for step in range(int(HORIZON_LOOPS / STEP_LOOPS)):
        if step % _COMPACT_STEPS == 0:
            going = _undecided(a, b)
            if not going.all():
                over = running[~going]
                loss_a[over], loss_b[over] = a.losses()[~going], b.losses()[~going]
                running = running[going]
                if not len(running):
                    return loss_a, loss_b
                a.keep(going)
                b.keep(going)
        dx = b.x[:, None, :] - a.x[:, :, None]
        dy = b.y[:, None, :] - a.y[:, :, None]
        apart = dx * dx + dy * dy
        deeds_a = _act(a, b, apart)
        deeds_b = _act(b, a, np.ascontiguousarray(apart.transpose(0, 2, 1)))
        _apply(a, deeds_a, deeds_b)
        _apply(b, deeds_b, deeds_a)
        _bury(a, b)
        _bury(b, a)
    loss_a[running], loss_b[running] = a.losses(), b.losses()
    return loss_a, loss_b


def _undecided(a: _Army, b: _Army) -> npt.NDArray[np.bool_]:
    """Fights in which both sides can still hurt somebody.

    Where only one can, the end is known: all whom it can hurt are taken for dead.
    """
    both = a.alive[:, :, None] & b.alive[:, None, :]
    hurts_b: npt.NDArray[np.bool_] = np.any(both & (a.reach >= 0.0), axis=1)
    hurts_a: npt.NDArray[np.bool_] = np.any(both & (b.reach >= 0.0).transpose(0, 2, 1), axis=2)
    one, other = np.any(hurts_b, axis=1)[:, None], np.any(hurts_a, axis=1)[:, None]
    a.alive &= ~(hurts_a & other & ~one)
    b.alive &= ~(hurts_b & one & ~other)
    going: npt.NDArray[np.bool_] = (one & other)[:, 0]
    return going


def _act(me: _Army, foe: _Army, apart: Array) -> _Deeds:
    """Let every unit of `me` choose a target, walk or attack.

    Args:
        apart: squared centre distances (fights, me, foe), contiguous.
    """
    fights, n = me.x.shape
    m = foe.x.shape[1]
    score = apart + me.block
    target = score.argmin(axis=2)
    pair = np.arange(fights * n).reshape(fights, n) * m + target
    at = np.arange(fights)[:, None] * m + target
    valid = me.alive & (score.ravel()[pair] < _FAR)
    distance = np.sqrt(np.maximum(apart.ravel()[pair], 1e-6))
    reach = me.reach.ravel()[pair]
    near = valid & (distance <= reach + 1e-3)
    in_air = foe.plane.ravel()[at] == AIR
    rate = np.where(in_air, me.per_step[:, :, AIR], me.per_step[:, :, GROUND])
    fire = near & (me.charge >= 1.0)
    share = fire.astype(np.float32)
    foe_radius = foe.radius.ravel()[at]
    melee = near & (reach - me.radius - foe_radius < _MELEE_REACH)
    if melee.any():
        crowd = np.bincount(at.ravel(), melee.ravel(), minlength=fights * m)[at]
        places = np.maximum(_MELEE_PLACES * np.pi * (1.0 + foe_radius / me.radius), 1.0)
        share *= np.where(melee & (crowd > places), places / np.maximum(crowd, 1.0), 1.0)
    through, to_shield = me.through.ravel()[pair] * share, me.to_shield.ravel()[pair] * share
    hp = _sums(at, through, m)
    shield = _sums(at, to_shield, m)
    if me.splash.any():
        extra = np.where(in_air, me.splash[:, :, AIR], me.splash[:, :, GROUND])
        for plane, hit in ((GROUND, ~in_air), (AIR, in_air)):
            hp += _spread(foe, plane, extra * through * hit)
            shield += _spread(foe, plane, extra * to_shield * hit)
    walk = np.where(valid & ~near, np.minimum(me.stride, distance - reach) / distance, 0.0)
    return _Deeds(
        hp,
        shield,
        (foe.x.ravel()[at] - me.x) * walk,
        (foe.y.ravel()[at] - me.y) * walk,
        np.minimum(me.charge - fire + rate, 1.0 + rate),
        fire & me.suicide,
    )


def _sums(at: npt.NDArray[np.int64], amounts: Array, m: int) -> Losses:
    """Add up the attackers' amounts per unit of the foe, shape (fights, m)."""
    fights = len(at)
    sums: Any = np.bincount(at.ravel(), amounts.ravel(), minlength=fights * m)
    result: Losses = sums.reshape(fights, m)
    return result


def _spread(foe: _Army, plane: int, damage: Array) -> Losses:
    """Splash: damage (fights, attackers) shared evenly by all living foes of a plane, none gets it in full."""
    hit = foe.alive & (foe.plane == plane)
    count = hit.sum(axis=1)
    # The target itself has had its share: a lone unit takes no splash.
    each = damage.sum(axis=1) * np.where(count > 1, np.minimum(1.0, (count - 1) / 4.0) / np.maximum(count, 1), 0.0)
    result: Losses = hit * each[:, None]
    return result


def _apply(me: _Army, deeds: _Deeds, blows: _Deeds) -> None:
    """Move `me` and let it suffer; shields first, what they cannot take goes on to the hit points."""
    me.x += deeds.step_x
    me.y += deeds.step_y
    me.charge = deeds.charge
    taken = np.minimum(me.shield, blows.to_shield)
    over = np.where(blows.to_shield > 0.0, 1.0 - taken / np.maximum(blows.to_shield, 1e-6), 1.0)
    me.shield -= taken.astype(np.float32)
    me.health -= (blows.to_health * over).astype(np.float32)
    me.health[deeds.spent] = 0.0


def _bury(me: _Army, foe: _Army) -> None:
    """Mark the dead and take them off the foe's list of targets."""
    dead = me.alive & (me.health <= 1e-3)
    if dead.any():
        me.alive &= ~dead
        fight, unit = np.nonzero(dead)
        foe.block[fight, :, unit] = _FAR


# -- setting up ------------------------------------------------------------------------------------


def _armies(weapons: WeaponTable, ours: Sequence[Side], theirs: Sequence[Side]) -> tuple[_Army, _Army]:
    """Padded arrays of both sides, drawn up facing each other along x."""
    a, b = _Padded(weapons, ours), _Padded(weapons, theirs)
    longest = np.maximum(a.longest, b.longest)
    return a.army(b, -1.0, longest), b.army(a, 1.0, longest)


class _Padded:
    """The units of one side of every fight, padded to the largest."""

    def __init__(self, weapons: WeaponTable, sides: Sequence[Side]) -> None:
        self.weapons = weapons
        sizes = np.array([len(side) for side in sides])
        n = max(int(sizes.max()), 1)
        self.there = np.arange(n)[None, :] < sizes[:, None]

        def pad(name: str, dtype: npt.DTypeLike) -> Any:
            whole = np.zeros(self.there.shape, dtype)
            whole[self.there] = np.concatenate([getattr(side, name) for side in sides])
            return whole

        self.type_id = weapons.known(pad("type_id", np.int64))
        self.health = pad("health", np.float32)
        self.shield = pad("shield", np.float32)
        self.flying = pad("flying", np.bool_)
        self.attack_level = pad("attack_level", np.float32)
        self.armor_level = pad("armor_level", np.float32)
        self.radius = weapons.radius[self.type_id].astype(np.float32)
        self.best_reach = np.where(self.there, weapons.reach[self.type_id].max(axis=2), -1.0)
        self.longest = self.best_reach.max(axis=1)

    def army(self, foe: _Padded, side: float, longest: Losses) -> _Army:
        """Drawn up on the left (side -1) or right (+1), `longest` range and a bit away from each other."""
        w, kind = self.weapons, self.type_id
        through, to_shield = w.attack(
            kind[:, :, None],
            foe.type_id[:, None, :],
            foe.flying[:, None, :],
            self.attack_level[:, :, None],
            foe.armor_level[:, None, :],
        )
        plane = foe.flying.astype(np.int64)
        weapon = np.take_along_axis(w.reach[kind], np.broadcast_to(plane[:, None, :], through.shape), axis=2)
        pair = self.there[:, :, None] & foe.there[:, None, :]
        usable = pair & (weapon >= 0.0)
        reach = np.where(usable, weapon + self.radius[:, :, None] + foe.radius[:, None, :], -1.0)
        harmless = np.where(foe.best_reach < 0.0, _UNARMED_PENALTY, 0.0)
        detour = np.where(self.best_reach < _MELEE_REACH, _MELEE_SPEED, 1.0)
        x, y = self._ranks(side, longest)
        value = np.where(w.value[kind] > 0.0, w.value[kind], _UNKNOWN_VALUE)
        return _Army(
            x=x,
            y=y,
            health=self.health.copy(),
            shield=self.shield.copy(),
            alive=self.there & (self.health > 0.0),
            charge=np.ones(kind.shape, np.float32),
            stride=(w.speed[kind] * STEP_LOOPS * detour).astype(np.float32),
            radius=self.radius,
            per_step=(STEP_LOOPS / w.cooldown[kind]).astype(np.float32),
            through=through.astype(np.float32),
            to_shield=to_shield.astype(np.float32),
            reach=reach.astype(np.float32),
            splash=w.splash[kind].astype(np.float32) * self.there[:, :, None],
            block=np.where(usable, harmless[:, None, :], _FAR).astype(np.float32),
            plane=self.flying.astype(np.int64),
            suicide=w.suicide[kind] & self.there,
            value=np.where(self.there, value, 0.0).astype(np.float32),
            life0=np.where(self.there, self.health + self.shield, 0.0).astype(np.float32),
        )

    def _ranks(self, side: float, longest: Losses) -> tuple[Array, Array]:
        """Positions in ranks along y, those with short weapons in front."""
        reach = np.where(self.there, self.best_reach, np.inf)
        # Unarmed ones stay behind.
        reach = np.where(self.there & (reach < 0.0), 100.0, reach)
        place = reach.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        count = np.maximum(self.there.sum(axis=1), 1)
        wide = np.ceil(np.sqrt(_FRONT * count)).astype(np.int64)[:, None]
        rank, file = place // wide, place % wide
        in_rank = np.minimum(wide, count[:, None] - rank * wide)
        pitch = _PITCH * (self.radius * self.there).sum(axis=1, keepdims=True) / count[:, None]
        x = side * (0.5 * (longest[:, None] + 2.0) + rank * pitch)
        y = (file - 0.5 * (in_rank - 1)) * pitch
        return x.astype(np.float32), y.astype(np.float32)
