"""Places that build files name, as points of the map: computed once from the grids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sc2.position import Point2

from modules.placement.bases import Base, find_bases

PROXY_CELLS: Final = (38.0, 75.0)
"""A hidden base lies so far from the enemy to walk: near enough to reinforce, off the usual ways."""
IN_FRONT_CELLS: Final = 7.0
ENEMY_EDGE_CELLS: Final = 12.0


def find_places(bot: Any) -> dict[str, Point2]:
    """Points of `builds.PLACES` by name; those that the map does not have are left out."""
    info = bot.game_info
    walkable = (info.pathing_grid.data_numpy != 0) | (info.placement_grid.data_numpy != 0)
    try:
        ramp = Point2(bot.main_base_ramp.top_center)
    except Exception:  # python-sc2 raises bare Exceptions for ramps of unusual shape
        ramp = None
    enemies = list(bot.enemy_start_locations)
    return places_of(find_bases(bot, walkable), enemies[0] if enemies else None, ramp)


def places_of(bases: Sequence[Base], enemy: Point2 | None, ramp: Point2 | None) -> dict[str, Point2]:
    """The same from bases in the order in which we take them.

    Args:
        bases: ours first. enemy: its start, None when unknown. ramp: top of ours.
    """
    found: dict[str, Point2] = {"home": bases[0].position}
    if ramp is not None:
        found["ramp"] = ramp
    toward = enemy if enemy is not None else bases[-1].position
    for index, name in ((1, "natural"), (2, "third")):
        if len(bases) > index:
            found[name] = bases[index].position.towards(toward, IN_FRONT_CELLS)
    if enemy is None:
        return found
    others = [base for base in bases if base.position.distance_to(enemy) > 5.0]
    natural = min(others, key=lambda b: (b.enemy_distance, b.position), default=None)
    home = bases[0].position
    if natural is not None:
        found["enemy natural"] = natural.position.towards(home, IN_FRONT_CELLS)
        found["enemy main"] = enemy.towards(natural.position, -ENEMY_EDGE_CELLS)
        hidden = [
            base for base in others if base is not natural and PROXY_CELLS[0] <= base.enemy_distance <= PROXY_CELLS[1]
        ]
        # Away from the straight line between both mains, where scouts pass.
        hidden.sort(key=lambda b: (-_off_line(b.position, home, enemy), b.position))
        found["proxy"] = hidden[0].position if hidden else natural.position.towards(home, 25.0)
    return found


def _off_line(point: Point2, start: Point2, end: Point2) -> float:
    """Distance of a point from the line through two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(1e-6, float(dx * dx + dy * dy) ** 0.5)
    return abs(dx * (point[1] - start[1]) - dy * (point[0] - start[0])) / length
