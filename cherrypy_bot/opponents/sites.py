"""Where scripted opponents put structures."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2
from sc2.unit import Unit

from cherrypy_bot.opponents.plans.plan import Place

U = UnitTypeId
Points = npt.NDArray[np.float64]

WITH_ADD_ON = {U.BARRACKS, U.FACTORY, U.STARPORT}
SMALL = {
    U.SUPPLYDEPOT,
    U.PYLON,
    U.PHOTONCANNON,
    U.SHIELDBATTERY,
    U.MISSILETURRET,
    U.SPINECRAWLER,
    U.SPORECRAWLER,
    U.DARKSHRINE,
    U.SPIRE,
}
"""Two cells wide; everything else that is placed by search is three."""
NEEDS_POWER_EXCEPT = {U.PYLON, U.NEXUS, U.ASSIMILATOR}
PYLON_FIELD_CELLS = 6.0
MAIN_CELLS = 24.0
"""Structures of the main stand this near to its townhall."""
MINERAL_LINE_CELLS = 3.5
"""Nothing is built so near to the line between a townhall and its minerals."""
PROXY_CELLS = 38.0
"""A hidden structure stands about this far from the enemy's natural."""
ASKED_AT_ONCE = 12
MOST_ASKED = 160
TAKEN_LOOPS = 450
"""A place where something stands is not asked for again for so long."""
BLOCKED_LOOPS = 900
"""A place that an order did not lead to is left alone for so long."""


class Sites:
    """Finds places; remembers which ones did not work.

    Args:
        bot: whose.
        rng: for small differences between games.
    """

    def __init__(self, bot: BotAI, rng: random.Random) -> None:
        self._bot = bot
        self._tried: dict[Point2, int] = {}
        self._taken: dict[tuple[UnitTypeId, Point2], int] = {}
        self._turn = rng.uniform(-0.5, 0.5)
        self._proxy_side = rng.choice((-1.0, 1.0))
        self.bases: list[Point2] = []
        self.enemy_bases: list[Point2] = []

    async def start(self) -> None:
        """Orders the map's bases by the way on foot from either start."""
        bot = self._bot
        own, enemy = bot.start_location, bot.enemy_start_locations[0]
        self.bases = await self._by_way(own.towards(bot.game_info.map_center, 4), own)
        self.enemy_bases = await self._by_way(own.towards(bot.game_info.map_center, 4), enemy)

    async def _by_way(self, walker: Point2, start: Point2) -> list[Point2]:
        """All bases, nearest to `start` first, on foot where a way can be asked for."""
        bot = self._bot
        origin = start.towards(bot.game_info.map_center, 4)
        others = sorted(bot.expansion_locations_list, key=lambda base: (base.distance_to(start), base.x))
        near, far = others[:5], others[5:]
        ways: list[tuple[float, Point2]] = []
        for base in near:
            way = 0.0 if base.distance_to(start) < 2 else await bot.client.query_pathing(origin, base.towards(start, 3))
            ways.append((way if way is not None else 999.0, base))
        ways.sort(key=lambda entry: (entry[0], entry[1].x))
        return [base for _, base in ways] + far

    def next_base(self) -> Point2 | None:
        """Where the next townhall goes: the nearest base that nobody has."""
        taken = [hall.position for hall in self._bot.townhalls]
        taken += [structure.position for structure in self._bot.enemy_structures]
        for base in self.bases:
            if self._open(base) and all(base.distance_to(other) > 6 for other in taken):
                return base
        return None

    def newest_base(self) -> Point2:
        """The own base that lies furthest along the order of bases: the one that is attacked first."""
        held = [b for b in self.bases[:4] if any(hall.distance_to(b) < 4 for hall in self._bot.townhalls)]
        return held[-1] if held else self._bot.start_location

    def tried(self, place: Point2) -> None:
        """An order to build at `place` was given; it is not chosen again for a while."""
        self._tried[place] = self._bot.state.game_loop

    def _open(self, place: Point2) -> bool:
        tried = self._tried.get(place)
        return tried is None or self._bot.state.game_loop - tried > BLOCKED_LOOPS

    async def find(self, what: UnitTypeId, where: Place) -> Point2 | None:
        """A place for `what`, or None where there is none now."""
        now = self._bot.state.game_loop
        places = [
            place
            for place in self._candidates(what, where)
            if self._open(place) and now >= self._taken.get((what, place), 0)
        ]
        for start in range(0, min(len(places), MOST_ASKED), ASKED_AT_ONCE):
            some = places[start : start + ASKED_AT_ONCE]
            fits = await self._bot.can_place(what, some)
            if what in WITH_ADD_ON and any(fits):
                depots = [place.offset((2.5, -0.5)) for place in some]
                room = await self._bot.can_place(AbilityId.TERRANBUILD_SUPPLYDEPOT, depots)
                fits = [a and b for a, b in zip(fits, room, strict=True)]
            for place, fit in zip(some, fits, strict=True):
                if fit:
                    return place
                self._taken[what, place] = now + TAKEN_LOOPS
        return None

    def geyser(self) -> Unit | None:
        """The nearest free geyser at an own townhall."""
        bot = self._bot
        taken = {building.position for building in bot.gas_buildings}
        for hall in sorted(bot.townhalls, key=lambda hall: (not hall.is_ready, hall.distance_to(bot.start_location))):
            if not hall.is_ready and hall.build_progress < 0.7:
                continue
            free = [g for g in bot.vespene_geyser.closer_than(11, hall) if g.position not in taken]
            free = [g for g in free if g.has_vespene and self._open(g.position)]
            if free:
                return min(free, key=lambda g: (g.distance_to(hall), g.tag))
        return None

    def proxy_spot(self) -> Point2:
        """Where hidden structures go: off the straight way between the enemy's natural and the middle."""
        bot = self._bot
        natural = self.enemy_bases[1]
        middle = bot.game_info.map_center
        angle = math.atan2(middle.y - natural.y, middle.x - natural.x) + 0.7 * self._proxy_side
        for distance in (PROXY_CELLS, PROXY_CELLS - 6, PROXY_CELLS + 6, PROXY_CELLS - 12):
            for turn in (0.0, -0.35, 0.35, -0.7, 0.7, -1.1, 1.1):
                at = Point2(
                    (
                        natural.x + distance * math.cos(angle + turn * self._proxy_side),
                        natural.y + distance * math.sin(angle + turn * self._proxy_side),
                    )
                )
                if bot.game_info.playable_area.width and self._inside(at) and bot.in_placement_grid(at):
                    return at
        return natural.towards(middle, PROXY_CELLS)

    def _inside(self, at: Point2) -> bool:
        area = self._bot.game_info.playable_area
        return area.x + 3 < at.x < area.x + area.width - 3 and area.y + 3 < at.y < area.y + area.height - 3

    # -- candidates --------------------------------------------------------------------------------------
    def _candidates(self, what: UnitTypeId, where: Place) -> Sequence[Point2]:
        bot = self._bot
        half = 0.0 if what in SMALL else 0.5
        if where is Place.PROXY:
            return _spiral(self.proxy_spot(), half, 3.0 if half else 2.0, 12)
        if where is Place.ENEMY:
            return self._at_the_enemy(what)
        if where is Place.FRONT:
            anchor = self.newest_base().towards(bot.game_info.map_center, 6.5)
            if bot.race == Race.Protoss and what not in NEEDS_POWER_EXCEPT:
                return self._powered(half, 2.0, near=anchor)
            return _spiral(anchor, half, 2.0, 10)
        if where is Place.BASES:
            return self._behind_minerals(what, half)
        if bot.race == Race.Protoss and what not in NEEDS_POWER_EXCEPT:
            return self._off_minerals(self._powered(half, 2.0 if not half else 3.5, near=self._main_anchor()))
        if what is U.PYLON:
            return self._pylons()
        if bot.race == Race.Zerg:
            return self._off_minerals(_spiral(self._hall().towards(bot.game_info.map_center, 6), half, 2.0, 10))
        if what in WITH_ADD_ON:
            return self._off_minerals(_spiral(self._main_anchor(), half, (7.0, 3.0), MAIN_CELLS))
        return self._off_minerals(_spiral(self._side_anchor(), half, 2.0 if not half else 3.0, MAIN_CELLS))

    def _hall(self) -> Point2:
        bot = self._bot
        return bot.townhalls.closest_to(bot.start_location).position if bot.townhalls else bot.start_location

    def _main_anchor(self) -> Point2:
        bot = self._bot
        return _turned(self._hall(), bot.game_info.map_center, 8.5, self._turn)

    def _side_anchor(self) -> Point2:
        """Depots and the like: on the other side than what produces."""
        return _turned(self._hall(), self._bot.game_info.map_center, 9.0, self._turn + 1.9)

    def _pylons(self) -> Sequence[Point2]:
        """The first before the main, later ones apart from the others, later still at other bases."""
        bot = self._bot
        pylons = bot.structures(U.PYLON)
        anchor = self._main_anchor() if pylons.amount < 8 or bot.townhalls.amount < 2 else self.newest_base()
        places = self._off_minerals(_spiral(anchor, 0.0, 2.0, 16))
        apart = 4.5 if pylons.amount < 14 else 2.5
        return [place for place in places if all(place.distance_to(pylon) > apart for pylon in pylons)]

    def _powered(self, half: float, gap: float, near: Point2) -> list[Point2]:
        """Cells in the fields of finished pylons, those nearest to `near` first."""
        places: list[Point2] = []
        pylons = sorted(self._bot.structures(U.PYLON).ready, key=lambda p: (p.distance_to(near), p.tag))
        for pylon in pylons[:8]:
            field = _spiral(pylon.position, half, gap, PYLON_FIELD_CELLS - 0.6)
            places += [place for place in field if place.distance_to(pylon) < PYLON_FIELD_CELLS]
        return places

    def _at_the_enemy(self, what: UnitTypeId) -> list[Point2]:
        """Cannons and their pylons: at the edge of the enemy's natural or main, whichever is nearer to walk."""
        bot = self._bot
        main, natural = self.enemy_bases[0], self.enemy_bases[1]
        anchor = natural.towards(bot.start_location, 7.5)
        if bot.structures(U.PHOTONCANNON).ready.closer_than(16, natural).amount >= 3:
            anchor = main.towards(natural, 9.0)
        if what is U.PYLON:
            near = [p for p in bot.structures(U.PYLON) if p.distance_to(anchor) < 12]
            return [p for p in _spiral(anchor, 0.0, 2.0, 12) if all(p.distance_to(other) > 3.5 for other in near)]
        enemy = bot.enemy_structures.closest_to(anchor).position if bot.enemy_structures else natural
        fields = [p for p in self._powered(0.0, 2.0, near=enemy) if p.distance_to(anchor) < 22]
        return sorted(fields, key=lambda p: (round(p.distance_to(enemy)), p.x, p.y))

    def _behind_minerals(self, what: UnitTypeId, half: float) -> list[Point2]:
        """At the base that has fewest of `what`: between the townhall and its minerals, at the edge."""
        bot = self._bot
        here = bot.structures(what)
        halls = sorted(bot.townhalls.ready, key=lambda h: (here.closer_than(10, h).amount, h.tag))
        if not halls:
            return []
        hall = halls[0].position
        patches = bot.mineral_field.closer_than(10, hall)
        anchor = hall.towards(patches.center, 4.5) if patches else hall
        if bot.race == Race.Protoss and what not in NEEDS_POWER_EXCEPT:
            return self._powered(half, 2.0, near=anchor)
        return _spiral(anchor, half, 1.0, 7)

    def _off_minerals(self, places: Iterable[Point2]) -> list[Point2]:
        """Those of `places` that leave the ways between townhalls and resources free."""
        bot = self._bot
        halls, resources = [], []
        for hall in bot.townhalls:
            near = list(bot.mineral_field.closer_than(9, hall)) + list(bot.vespene_geyser.closer_than(9, hall))
            halls += [hall.position] * len(near)
            resources += [resource.position for resource in near]
        listed = list(places)
        if not listed or not halls:
            return listed
        nearest = _distances_to_segments(_points(listed), _points(halls), _points(resources)).min(axis=1)
        return [place for place, cells in zip(listed, nearest.tolist(), strict=True) if cells > MINERAL_LINE_CELLS]


def _turned(center: Point2, towards: Point2, distance: float, angle: float) -> Point2:
    direction = math.atan2(towards.y - center.y, towards.x - center.x) + angle
    return Point2((center.x + distance * math.cos(direction), center.y + distance * math.sin(direction)))


def _spiral(anchor: Point2, half: float, gap: float | tuple[float, float], reach: float) -> list[Point2]:
    """A lattice around `anchor`, nearest first. `half` moves it off the cells' edges (structures of odd width)."""
    gap_x, gap_y = gap if isinstance(gap, tuple) else (gap, gap)
    middle_x, middle_y = math.floor(anchor.x) + half, math.floor(anchor.y) + half
    steps_x, steps_y = int(reach / gap_x), int(reach / gap_y)
    places = []
    for i in range(-steps_x, steps_x + 1):
        for j in range(-steps_y, steps_y + 1):
            x, y = middle_x + i * gap_x, middle_y + j * gap_y
            if half == 0.5:
                x, y = math.floor(x) + 0.5, math.floor(y) + 0.5
            else:
                x, y = float(math.floor(x)), float(math.floor(y))
            if math.hypot(x - anchor.x, y - anchor.y) <= reach + 1:
                places.append(Point2((x, y)))
    return sorted(places, key=lambda p: (p.distance_to(anchor), p.x, p.y))


def _points(points: Sequence[Point2]) -> Points:
    """float64[n, 2]."""
    return np.array([(point.x, point.y) for point in points], dtype=np.float64).reshape(-1, 2)


def _distances_to_segments(points: Points, starts: Points, ends: Points) -> Points:
    """float64[n, m]: how far each of n points is from each of m segments."""
    along = ends - starts
    length = np.maximum((along**2).sum(axis=1), 1e-9)
    offset = points[:, None, :] - starts[None, :, :]
    share = np.clip((offset * along).sum(axis=2) / length, 0.0, 1.0)
    away = offset - share[:, :, None] * along
    return np.asarray(np.hypot(away[:, :, 0], away[:, :, 1]))
