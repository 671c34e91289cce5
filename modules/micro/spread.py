"""Splash: not to stand together where one hit strikes many, and to steer our own into the thickest of them."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.type_sets import is_any_of
from modules.micro.behaviours import Scene, Squad
from modules.micro.field import MOVE, Battlefield, BoolArray, FloatArray, IntArray
from modules.micro.spells import shattered

RUNNERS: Final = np.array([kind.value for kind in (U.BANELING, U.BANELINGBURROWED)])
"""Splash that runs up to us: away from it as well as apart."""
GUNS: Final = np.array(
    [
        kind.value
        for kind in (
            U.SIEGETANKSIEGED, U.COLOSSUS, U.HIGHTEMPLAR, U.LURKERMPBURROWED, U.ARCHON, U.WIDOWMINEBURROWED,
            U.HELLIONTANK, U.INFESTOR, U.RAVAGER, U.DISRUPTOR, U.THOR, U.PLANETARYFORTRESS, U.LIBERATOR,
        )
    ]
)  # fmt: skip
"""Splash that reaches us from afar: only apart."""
RUNNER_CELLS: Final = 5.0
GUN_CELLS: Final = 2.0
"""Splash that can reach us within so many cells more counts."""
APART_CELLS: Final = 2.0
"""Comrades nearer than this, middle to middle, are too near."""
STEP_CELLS: Final = 2.0
NOVA_RADIUS: Final = 1.5
OWN_SHARE: Final = 1.5
"""A point of our own life counts so many of theirs."""
MOST_LIFE: Final = 130.0
"""Units with more life than this are not what splash is for."""


class Split:
    """Step away from comrades, and from banelings, while the weapon reloads."""

    name: ClassVar[str] = "split"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """Small units near an enemy whose hits strike many; those who stand alone pass."""
        field = scene.field
        if not field.m:
            return
        runners, guns = is_any_of(field.foe_kind, RUNNERS), is_any_of(field.foe_kind, GUNS)
        if not (runners | guns).any():
            return
        rows = rows[(field.cooldown[rows] > field.step_loops) & (field.life_max[rows] <= MOST_LIFE)]
        if not len(rows):
            return
        slack = np.where(field.threatens[rows], field.gap[rows] - np.maximum(field.foe_reach[rows], 0.0), np.inf)
        # High templar and infestors have no weapon, or none to speak of: what counts is how near they are.
        slack = np.where(guns[None, :] & ~field.threatens[rows], field.gap[rows] - 8.0, slack)
        hunted = (slack < RUNNER_CELLS) & runners[None, :]
        shelled = ((slack < GUN_CELLS) & guns[None, :]).any(axis=1)
        concerned = hunted.any(axis=1) | shelled
        rows, hunted = rows[concerned], hunted[concerned]
        if not len(rows):
            return
        push_x, push_y, crowded = _crowd(field, rows, squad.rows)
        dx, dy = field.x[rows][:, None] - field.foe_x, field.y[rows][:, None] - field.foe_y
        weight = np.where(hunted, 1.0 / np.maximum(np.hypot(dx, dy), 0.3) ** 2, 0.0)
        x, y = push_x + (weight * dx).sum(axis=1), push_y + (weight * dy).sum(axis=1)
        length = np.hypot(x, y)
        go = (crowded | hunted.any(axis=1)) & (length > 1e-3)
        x = field.x[rows] + STEP_CELLS * x / np.maximum(length, 1e-3)
        y = field.y[rows] + STEP_CELLS * y / np.maximum(length, 1e-3)
        go &= field.flying[rows] | _open(field, x, y)
        scene.decisions.go(rows[go], MOVE, x[go], y[go], self.name)


class SteerNova:
    """A disruptor's ball runs after the enemies that it takes the most from, and away from our own."""

    name: ClassVar[str] = "steer nova"

    def decide(self, scene: Scene, squad: Squad, rows: IntArray) -> None:
        """To the thickest of them that it still reaches; without any it goes where it was sent."""
        field = scene.field
        if not field.m:
            scene.decisions.keep(rows, self.name)
            return
        worth = shattered(field)
        apart = np.hypot(field.foe_x[:, None] - field.foe_x, field.foe_y[:, None] - field.foe_y)
        hit = (apart <= NOVA_RADIUS + 0.5 * field.foe_radius) @ worth
        others = np.setdiff1d(np.arange(field.n), rows)
        ours = np.hypot(field.foe_x[:, None] - field.x[others], field.foe_y[:, None] - field.y[others])
        hit -= OWN_SHARE * ((ours <= NOVA_RADIUS + 0.5) @ np.where(field.flying[others], 0.0, field.life[others]))
        for row in rows.tolist():
            value = hit / (1.0 + 0.15 * np.maximum(field.gap[row], 0.0))
            best = int(value.argmax())
            if value[best] > 0.0:
                one = np.array([row])
                scene.decisions.go(one, MOVE, float(field.foe_x[best]), float(field.foe_y[best]), self.name)
                # The next ball goes elsewhere.
                hit[apart[best] <= 2.0 * NOVA_RADIUS] *= 0.2
            else:
                scene.decisions.keep(np.array([row]), self.name)


def _crowd(field: Battlefield, rows: IntArray, comrades: IntArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Where comrades that are too near push each of `rows`, and whether there are any; shapes (len(rows),)."""
    dx = field.x[rows][:, None] - field.x[comrades]
    dy = field.y[rows][:, None] - field.y[comrades]
    apart = np.hypot(dx, dy)
    close = (apart < APART_CELLS) & (rows[:, None] != comrades)
    force = np.where(close, (APART_CELLS - apart) / np.maximum(apart, 0.1), 0.0)
    return (force * dx).sum(axis=1), (force * dy).sum(axis=1), close.any(axis=1)


def _open(field: Battlefield, x: FloatArray, y: FloatArray) -> BoolArray:
    """Whether ground units can stand there."""
    if not field.paths.size:
        return np.ones(len(x), np.bool_)
    height, width = field.paths.shape
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    cells = (np.clip(y, 0, height - 1).astype(np.int64), np.clip(x, 0, width - 1).astype(np.int64))
    free: BoolArray = inside & field.paths[cells]
    return free
