"""Dodging: out of storms, biles, nukes and everything else that hurts whoever stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from sc2.ids.effect_id import EffectId
from sc2.ids.unit_typeid import UnitTypeId as U

from modules.micro.behaviours import Scene
from modules.micro.field import MOVE, FloatArray

HURTS_ALL: Final = {
    EffectId.PSISTORMPERSISTENT: 1.5,
    EffectId.RAVAGERCORROSIVEBILECP: 0.5,
    EffectId.NUKEPERSISTENT: 8.0,
}
"""Radius of effects that spare nobody, in cells."""
HURTS_ENEMIES: Final = {
    EffectId.LIBERATORTARGETMORPHDELAYPERSISTENT: 5.0,
    EffectId.LIBERATORTARGETMORPHPERSISTENT: 5.0,
    EffectId.BLINDINGCLOUDCP: 2.0,
    EffectId.LURKERMP: 0.5,
}
"""The same for those that matter only when an enemy made them; they leave flyers alone."""
NOVA_CELLS: Final = 2.2
"""An enemy disruptor's ball."""
MARGIN_CELLS: Final = 0.4
OUT_CELLS: Final = 1.2
ENEMY: Final = 4
"""Value of the API's Alliance."""
STAYS: Final = frozenset(
    kind.value
    for kind in (U.SIEGETANKSIEGED, U.LURKERMPBURROWED, U.WIDOWMINEBURROWED, U.LIBERATORAG, U.DISRUPTORPHASED)
)


def dangers(effects: Iterable[Any], scene: Scene) -> FloatArray:
    """Rows (x, y, radius, spares flyers 0 or 1) of what to keep out of, shape (k, 4).

    Args:
        effects: python-sc2's `EffectData`. scene: for the enemy's disruptor balls.
    """
    found: list[tuple[float, float, float, float]] = []
    for effect in effects:
        radius = HURTS_ALL.get(effect.id)
        ground = 0.0
        if radius is None and int(getattr(effect.alliance, "value", effect.alliance)) == ENEMY:
            radius, ground = HURTS_ENEMIES.get(effect.id), 1.0
        if radius is not None:
            found += [(float(p[0]), float(p[1]), radius, ground) for p in effect.positions]
    field = scene.field
    for column in np.flatnonzero(field.foe_kind == U.DISRUPTORPHASED.value).tolist():
        found.append((float(field.foe_x[column]), float(field.foe_y[column]), NOVA_CELLS, 1.0))
    return np.array(found, np.float64).reshape(-1, 4)


def dodge(scene: Scene, places: FloatArray) -> None:
    """Let everybody who stands in one of the places (k, 4) walk straight out of it."""
    field = scene.field
    if not len(places) or not field.n:
        return
    dx = field.x[:, None] - places[None, :, 0]
    dy = field.y[:, None] - places[None, :, 1]
    apart = np.hypot(dx, dy)
    depth = places[None, :, 2] + field.radius[:, None] + MARGIN_CELLS - apart
    depth[field.flying[:, None] & (places[None, :, 3] > 0.0)] = -1.0
    worst = depth.argmax(axis=1)
    mine = np.arange(field.n)
    inside = depth[mine, worst] > 0.0
    inside &= ~np.isin(field.kind, list(STAYS)) & (scene.decisions.kind == 0)
    rows = np.flatnonzero(inside)
    if not len(rows):
        return
    column = worst[rows]
    away = np.maximum(apart[rows, column], 1e-6)
    # Who stands right in the middle leaves in a direction of its own.
    turn = rows * 2.399963
    ux = np.where(away > 0.05, dx[rows, column] / away, np.cos(turn))
    uy = np.where(away > 0.05, dy[rows, column] / away, np.sin(turn))
    way = depth[rows, column] + OUT_CELLS
    scene.decisions.go(rows, MOVE, field.x[rows] + ux * way, field.y[rows] + uy * way, "dodge")
