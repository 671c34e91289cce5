"""Bases of the map: where a townhall stands, what it mines, how far it is to walk there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sc2.position import Point2

from modules.placement.grid import BoolGrid, FloatGrid, nearest_cell, walking_distance

RESOURCES_WITHIN_CELLS = 11.0
FAR_CELLS = 1000.0
ENEMY_WEIGHT = 0.35
"""How much a base's nearness to the enemy counts against it."""


@dataclass(frozen=True, slots=True)
class Base:
    """One place for a townhall.

    Attributes:
        position: of the townhall's centre.
        resources: positions of its patches and geysers.
        home_distance, enemy_distance: to walk from our and the enemy's start, in cells.
    """

    position: Point2
    resources: tuple[Point2, ...]
    home_distance: float
    enemy_distance: float


def find_bases(bot: Any, walkable: BoolGrid) -> list[Base]:
    """All bases of the map, the most natural next ones for us first; our start is the first."""
    home = bot.start_location
    enemies = bot.enemy_start_locations
    from_home = walking_distance(walkable, home[0], home[1])
    from_enemy = walking_distance(walkable, enemies[0][0], enemies[0][1]) if enemies else None
    places = [home] + [p for p in bot.expansion_locations_list if p.distance_to(home) > 3.0]
    resources = [*bot.mineral_field, *bot.vespene_geyser]
    found = []
    for place in places:
        near = tuple(r.position for r in resources if r.distance_to(place) < RESOURCES_WITHIN_CELLS)
        to_enemy = _at(from_enemy, walkable, place) if from_enemy is not None else FAR_CELLS
        found.append(Base(Point2((place[0], place[1])), near, _at(from_home, walkable, place), to_enemy))
    return sorted(found, key=lambda b: (b.home_distance - ENEMY_WEIGHT * b.enemy_distance, b.position))


def _at(distances: FloatGrid, walkable: BoolGrid, place: Point2) -> float:
    """Distance at a base; its own cells may be covered by the townhall."""
    window = distances[
        max(0, int(place[1]) - 4) : int(place[1]) + 5,
        max(0, int(place[0]) - 4) : int(place[0]) + 5,
    ]
    finite = window[np.isfinite(window)]
    if len(finite):
        return float(finite.min())
    cell = nearest_cell(walkable, place[0], place[1])
    value = distances[cell] if cell is not None else np.inf
    return float(value) if np.isfinite(value) else FAR_CELLS
