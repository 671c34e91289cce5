"""Ranks spots for each kind of structure and returns the best one that fits and keeps the ways open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2
from scipy import ndimage

from modules.items import GAS, TOWNHALLS
from modules.placement.bases import Base
from modules.placement.grid import (
    BoolGrid,
    FloatGrid,
    fitting,
    keeps_ways_open,
    mark,
    mark_disc,
    mark_line,
    same_level,
)

POWER_CELLS: Final = 6.5
PYLON_SPREAD_CELLS: Final = 5.0
TRIED_SPOTS: Final = 60
MAIN_CELLS: Final = 12.0
WITH_ADDON: Final = frozenset({U.BARRACKS, U.FACTORY, U.STARPORT})
POWERED: Final = frozenset(
    {
        U.GATEWAY, U.WARPGATE, U.FORGE, U.CYBERNETICSCORE, U.PHOTONCANNON, U.SHIELDBATTERY, U.TWILIGHTCOUNCIL,
        U.ROBOTICSFACILITY, U.STARGATE, U.TEMPLARARCHIVE, U.DARKSHRINE, U.ROBOTICSBAY, U.FLEETBEACON,
    }
)  # fmt: skip
"""What stands in a pylon's field or not at all."""
SMALL: Final = frozenset(
    {
        U.SUPPLYDEPOT, U.SUPPLYDEPOTLOWERED, U.PYLON, U.PHOTONCANNON, U.SHIELDBATTERY, U.DARKSHRINE, U.MISSILETURRET,
        U.SPINECRAWLER, U.SPORECRAWLER, U.SPIRE, U.GREATERSPIRE, U.TECHLAB, U.REACTOR, U.BARRACKSTECHLAB,
        U.BARRACKSREACTOR, U.FACTORYTECHLAB, U.FACTORYREACTOR, U.STARPORTTECHLAB, U.STARPORTREACTOR,
    }
)  # fmt: skip
TINY: Final = frozenset({U.SENSORTOWER, U.CREEPTUMOR, U.CREEPTUMORBURROWED, U.CREEPTUMORQUEEN})
NEAR_CELLS: Final = 15.0
"""What is asked for near a point is not built further away from it."""
GUN_CELLS: Final = 12.0
"""No townhall is begun this near to an enemy structure that shoots: its builder would not arrive."""
GROUND_GUNS: Final = frozenset({U.BUNKER, U.PHOTONCANNON, U.SPINECRAWLER, U.PLANETARYFORTRESS})
DEFENCES: Final = frozenset({U.BUNKER, U.PHOTONCANNON, U.SHIELDBATTERY, U.SPINECRAWLER})

Score = Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], npt.NDArray[np.float64]]


def size_of(kind: U) -> int:
    """Cells along one side of a structure's footprint."""
    if kind in TOWNHALLS:
        return 5
    return 2 if kind in SMALL else 1 if kind in TINY else 3


@dataclass(slots=True)
class Terrain:
    """What does not change during a match.

    Attributes:
        buildable, walkable: of the empty map. height: of the ground. keep: cells that stay free: mineral lines,
            ramps, places of townhalls.
        bases: see `bases.find_bases`. home: our start. front: the way the enemy comes into our main.
        ramp_depots, ramp_barracks: python-sc2's wall at the main ramp, () and None where there is none.
    """

    buildable: BoolGrid
    walkable: BoolGrid
    height: npt.NDArray[np.uint8]
    keep: BoolGrid
    bases: Sequence[Base]
    home: Point2
    front: Point2
    ramp_depots: Sequence[Point2] = ()
    ramp_barracks: Point2 | None = None
    main: BoolGrid = field(init=False)

    def __post_init__(self) -> None:
        self.main = same_level(self.height, self.walkable | self.buildable, self.home[0], self.home[1])


@dataclass(slots=True)
class Scene:
    """What stands now.

    Attributes:
        structures: (type, position) of everybody's.
        townhalls: positions of ours, finished or not, oldest first.
        pylons: positions of our finished ones (Protoss). coming_pylons: of those being built or on the way.
        creep: cells with creep, None for other races.
        planned: (type, position) of what is on its way. blocked: positions that were refused lately.
        enemies: positions of enemy structures. guns: of those that shoot.
        geysers: positions and tags of those in sight.
    """

    structures: Sequence[tuple[U, Point2]] = ()
    townhalls: Sequence[Point2] = ()
    pylons: Sequence[Point2] = ()
    coming_pylons: Sequence[Point2] = ()
    creep: BoolGrid | None = None
    planned: Sequence[tuple[U, Point2]] = ()
    blocked: Sequence[Point2] = ()
    enemies: Sequence[Point2] = ()
    guns: Sequence[Point2] = ()
    geysers: Sequence[tuple[Point2, int]] = ()


def keep_free(shape: tuple[int, int], bases: Iterable[Base], ramp_cells: Iterable[tuple[int, int]]) -> BoolGrid:
    """Cells where only townhalls may be built: mineral lines, the townhalls' places, ramps and round them."""
    keep = np.zeros(shape, np.bool_)
    for base in bases:
        for resource in base.resources:
            mark_line(keep, base.position, resource, 1.6)
        mark(keep, base.position[0], base.position[1], 7)
    ramps = np.zeros(shape, np.bool_)
    for x, y in ramp_cells:
        if 0 <= y < shape[0] and 0 <= x < shape[1]:
            ramps[y, x] = True
    return keep | ndimage.binary_dilation(ramps, iterations=3)


class SpotFinder:
    """Answers for one moment of a match. `find` gives the position of a structure's centre, or None."""

    def __init__(self, terrain: Terrain, scene: Scene) -> None:
        self._terrain = terrain
        self._scene = scene
        occupied = np.zeros_like(terrain.buildable)
        solid = np.zeros_like(terrain.buildable)
        for kind, position in (*scene.structures, *scene.planned):
            size = size_of(kind)
            mark(occupied, position[0], position[1], size)
            if kind is not U.SUPPLYDEPOTLOWERED:
                mark(solid, position[0], position[1], size)
            if kind in WITH_ADDON:
                mark(occupied, position[0] + 2.5, position[1] - 0.5, 2)
                mark(solid, position[0] + 2.5, position[1] - 0.5, 2)
        for position in scene.blocked:
            mark(occupied, position[0], position[1], 2)
        self._open = terrain.buildable & ~occupied
        self._free = self._open & ~terrain.keep
        self._walkable = terrain.walkable & ~solid

    def find(self, kind: U, near: Point2 | None = None) -> Point2 | None:
        """The best spot for a structure; `near` asks for one close to a point instead of the usual place."""
        spot = self._find(kind, near)
        far = spot is not None and near is not None and kind not in TOWNHALLS and spot.distance_to(near) > NEAR_CELLS
        return None if far else spot

    def is_free(self, kind: U, spot: Point2) -> bool:
        """Whether a structure can stand at a spot, with power where it needs some."""
        size = size_of(kind)
        left, bottom = round(spot[0] - size / 2), round(spot[1] - size / 2)
        powered = kind not in POWERED or bool(self._powered(size, spot)[bottom, left])
        return powered and bool(fitting(self._open, size)[bottom, left])

    def _find(self, kind: U, near: Point2 | None) -> Point2 | None:
        if kind in TOWNHALLS:
            return self.townhall()
        if kind is U.SUPPLYDEPOT and near is None:
            return self._at_ramp() or self._ranked(2, 2, self._edge_score)
        if kind is U.PYLON:
            return self._pylon(near)
        if kind in DEFENCES and near is None:
            near = self._front_of_newest_base()
        if near is None and self._main_is_lost():
            near = self._scene.townhalls[0]
        size = size_of(kind)
        if kind is U.BARRACKS and near is None and self._barracks_at_ramp():
            return self._terrain.ramp_barracks
        width = 5 if kind in WITH_ADDON else size
        mask = None
        if kind in POWERED:
            mask = self._powered(size, near)
        elif self._scene.creep is not None:
            mask = self._fits_creep(size)
        score = self._home_score if near is None else _near_score(near)
        if near is None:
            spot = self._ranked(width, size, score, mask, self._terrain.main)
            if spot is not None:
                return self._with_addon(spot, kind)
        spot = self._ranked(width, size, score, mask)
        return self._with_addon(spot, kind) if spot is not None else None

    def _main_is_lost(self) -> bool:
        """Whether we have bases and none of them is where we started."""
        halls = self._scene.townhalls
        return bool(halls) and all(hall.distance_to(self._terrain.home) > MAIN_CELLS for hall in halls)

    def townhall(self) -> Point2 | None:
        """The next free base."""
        taken = [*self._scene.townhalls, *self._scene.enemies, *self._scene.blocked]
        taken += [position for _, position in self._scene.planned]
        guns = self._scene.guns
        for base in self._terrain.bases:
            if any(base.position.distance_to(gun) < GUN_CELLS for gun in guns):
                continue
            if all(base.position.distance_to(place) > 6.0 for place in taken):
                return base.position
        return None

    def gas(self) -> tuple[Point2, int] | None:
        """Position and tag of the next free geyser at our bases, oldest base first."""
        used = [p for kind, p in (*self._scene.structures, *self._scene.planned) if kind in GAS]
        used += list(self._scene.blocked)
        for hall in self._scene.townhalls:
            near = [g for g in self._scene.geysers if g[0].distance_to(hall) < 10.0]
            for geyser in sorted(near, key=lambda g: (g[0].distance_to(hall), g[1])):
                if all(geyser[0].distance_to(place) > 1.5 for place in used):
                    return geyser
        return None

    # -- kinds ---------------------------------------------------------------------------------

    def _with_addon(self, spot: Point2, kind: U) -> Point2:
        """The ranked footprint covers structure and add-on; its centre is not the structure's."""
        return Point2((spot[0] - 1.0, spot[1])) if kind in WITH_ADDON else spot

    def _at_ramp(self) -> Point2 | None:
        """A free corner of the wall; depots are lowered, so the way stays open."""
        fits = fitting(self._open, 2)
        for depot in self._terrain.ramp_depots[:2]:
            left, bottom = round(depot[0] - 1), round(depot[1] - 1)
            if fits[bottom, left]:
                return depot
        return None

    def _barracks_at_ramp(self) -> bool:
        """Whether the wall's Barracks can be built: the place is free and the depots can be walked over."""
        spot = self._terrain.ramp_barracks
        if spot is None or len(self._terrain.ramp_depots) < 2:
            return False
        left, bottom = round(spot[0] - 1.5), round(spot[1] - 1.5)
        addon_left, addon_bottom = left + 3, bottom
        return bool(fitting(self._open, 3)[bottom, left] and fitting(self._open, 2)[addon_bottom, addon_left])

    def _pylon(self, near: Point2 | None) -> Point2 | None:
        """Where most new room gets power, not far from home; the first one in front of the townhall."""
        if near is not None:
            return self._ranked(2, 2, _near_score(near))
        pylons = (*self._scene.pylons, *self._scene.coming_pylons)
        if not pylons:
            toward = self._terrain.home.towards(self._terrain.front, 7.0)
            return self._ranked(2, 2, _near_score(toward), None, self._terrain.main)
        room = fitting(self._free, 3).astype(np.float64)
        for pylon in pylons:
            dark = np.ones(room.shape, np.bool_)
            mark_disc(dark, pylon[0] - 1, pylon[1] - 1, POWER_CELLS, value=False)
            room *= dark
        gain = ndimage.uniform_filter(room, size=11, mode="constant")
        spread = np.ones(room.shape, np.bool_)
        for pylon in pylons:
            mark_disc(spread, pylon[0], pylon[1], PYLON_SPREAD_CELLS, value=False)
        halls = self._scene.townhalls or (self._terrain.home,)

        def score(xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            away = np.min([np.hypot(xs - hall[0], ys - hall[1]) for hall in halls], axis=0)
            columns = np.clip(xs.astype(np.int64), 0, room.shape[1] - 1)
            lines = np.clip(ys.astype(np.int64), 0, room.shape[0] - 1)
            return away - 25.0 * gain[lines, columns] + 100.0 * (away > 16.0)

        return self._ranked(2, 2, score, spread) or self._ranked(2, 2, score)

    def _front_of_newest_base(self) -> Point2:
        halls = self._scene.townhalls or (self._terrain.home,)
        return halls[-1].towards(self._terrain.front if len(halls) == 1 else self._terrain.bases[-1].position, 6.0)

    def _powered(self, size: int, near: Point2 | None) -> BoolGrid:
        """Lower left cells of footprints whose centre has power; far away also by a pylon that is still to come."""
        mask = np.zeros_like(self._free)
        pylons = self._scene.pylons or self._scene.coming_pylons
        if near is not None:
            pylons = (*self._scene.pylons, *self._scene.coming_pylons)
        for x, y in pylons:
            # The disc is over centres; a footprint's lower left cell lies size/2 before it.
            mark_disc(mask, x - size / 2 + 0.5, y - size / 2 + 0.5, POWER_CELLS - 0.1)
        return mask

    def _fits_creep(self, size: int) -> BoolGrid:
        creep = self._scene.creep
        return fitting(creep, size) if creep is not None else np.ones_like(self._free)

    # -- scores: smaller is better -------------------------------------------------------------

    def _home_score(self, xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Not too near and not far from the townhall, rather on the side of the front."""
        home, front = self._terrain.home, self._terrain.front
        away = np.hypot(xs - home[0], ys - home[1])
        return np.abs(away - 9.0) + 0.25 * np.hypot(xs - front[0], ys - front[1])

    def _edge_score(self, xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """At the edge of the main, where depots are in nobody's way."""
        inside: FloatGrid = ndimage.distance_transform_cdt(self._terrain.main, metric="chessboard").astype(np.float64)
        home = self._terrain.home
        lines, columns = ys.astype(np.int64), xs.astype(np.int64)
        off = ~self._terrain.main[lines, columns]
        return inside[lines, columns] * 2.0 + 0.3 * np.hypot(xs - home[0], ys - home[1]) + 200.0 * off

    def _ranked(
        self, width: int, height: int, score: Score, mask: BoolGrid | None = None, region: BoolGrid | None = None
    ) -> Point2 | None:
        """The free footprint with the smallest score that keeps the ways open."""
        fits = fitting(self._free, width, height)
        if mask is not None:
            fits &= mask
        if region is not None:
            fits &= fitting(region, width, height)
        bottoms, lefts = np.nonzero(fits)
        if not len(lefts):
            return None
        xs = (lefts + width / 2).astype(np.float64)
        ys = (bottoms + height / 2).astype(np.float64)
        scores = score(xs, ys)
        count = min(TRIED_SPOTS, len(scores))
        best = np.argpartition(scores, count - 1)[:count]
        for index in best[np.lexsort((lefts[best], bottoms[best], scores[best]))].tolist():
            left, bottom = int(lefts[index]), int(bottoms[index])
            if keeps_ways_open(self._walkable, left, bottom, width, height):
                return Point2((float(xs[index]), float(ys[index])))
        return None


def _near_score(near: Point2) -> Score:
    def score(xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.hypot(xs - near[0], ys - near[1])

    return score


__all__ = ["Scene", "SpotFinder", "Terrain", "keep_free", "size_of"]
