"""The wall at the natural: it stands on free ground, and leaves a gap that big units pass and crowds do not."""

from __future__ import annotations

import numpy as np
import pytest
from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.player import Bot
from sc2.position import Point2
from scipy import ndimage

from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from modules.keys import Wall
from modules.placement.grid import BoolGrid, fitting, mark, nearest_cell
from modules.placement.spots import POWER_CELLS
from modules.placement.walls import LEAST_GAP_CELLS, WIDEST_GAP_CELLS, find_wall, natural_wall
from tests.reference import REFERENCE, needs_reference

HOME, NATURAL, ENEMY = Point2((15.5, 30.5)), Point2((45.5, 30.5)), Point2((105.5, 30.5))


def corridor(width: int) -> BoolGrid:
    """Two fields that only a corridor joins, x = 55 to 62."""
    ground = np.zeros((61, 121), np.bool_)
    ground[5:56, 5:55] = ground[5:56, 63:116] = True
    bottom = 30 - width // 2
    ground[bottom : bottom + width, 55:63] = True
    return ground


def joined(ground: BoolGrid, size: int, one: Point2, other: Point2) -> bool:
    """Whether a square of so many cells gets from near one point to near another."""
    fits = fitting(ground, size)
    labels, _ = ndimage.label(fits)
    first, second = nearest_cell(fits, *one), nearest_cell(fits, *other)
    assert first is not None
    assert second is not None
    return bool(labels[first] == labels[second])


def walled(ground: BoolGrid, wall: Wall) -> BoolGrid:
    closed = ground.copy()
    for spot, size in ((wall.gateway, 3), (wall.core, 3), (wall.pylon, 2)):
        mark(closed, spot[0], spot[1], size, value=False)
    return closed


@pytest.mark.parametrize("width", [7, 8, 9, 10])
def test_three_structures_close_a_corridor_but_for_a_gap(width: int) -> None:
    ground = corridor(width)
    wall = natural_wall(ground, ground, NATURAL, HOME, ENEMY)
    assert wall is not None
    assert LEAST_GAP_CELLS <= wall.gap <= WIDEST_GAP_CELLS
    closed = walled(ground, wall)
    mark(closed, NATURAL[0], NATURAL[1], 5, value=False)
    inside, outside = Point2((50.0, 40.0)), Point2((70.0, 40.0))
    assert joined(closed, wall.gap, inside, outside)
    assert not joined(closed, wall.gap + 1, inside, outside)


def test_no_wall_where_the_choke_is_too_wide() -> None:
    ground = corridor(22)
    assert natural_wall(ground, ground, NATURAL, HOME, ENEMY) is None


def test_gateway_and_core_have_places_of_their_own_in_a_wall() -> None:
    wall = Wall(Point2((1.5, 1.5)), Point2((5.5, 1.5)), Point2((3.0, 4.0)), 2)
    assert wall.spots(U.GATEWAY) == (wall.gateway, wall.core)
    assert wall.spots(U.PYLON) == (wall.pylon,)
    assert wall.spots(U.NEXUS) == ()


class Surveyor(BotAI):  # type: ignore[misc]
    """Asks for the wall and keeps the map."""

    async def on_start(self) -> None:
        info = self.game_info
        self.buildable = info.placement_grid.data_numpy != 0
        self.wall = find_wall(self)

    async def on_step(self, iteration: int) -> None:
        await self.client.leave()


def survey(map_name: str) -> Surveyor:
    bots = [Surveyor(), Surveyor()]
    first, second = (Contender(f"surveyor {n}", Bot(Race.Protoss, bot)) for n, bot in enumerate(bots))
    play_match(MatchSetup((first, second), map_name, loop_limit=8))
    return bots[0]


def check(map_name: str) -> None:
    bot = survey(map_name)
    wall = bot.wall
    assert wall is not None
    standing = np.zeros_like(bot.buildable)
    for spot, size in ((wall.gateway, 3), (wall.core, 3), (wall.pylon, 2)):
        footprint = np.zeros_like(standing)
        mark(footprint, spot[0], spot[1], size)
        assert footprint.sum() == size * size
        assert bot.buildable[footprint].all()
        assert not standing[footprint].any()
        standing |= footprint
    for spot in (wall.gateway, wall.core):
        assert spot.distance_to(wall.pylon) <= POWER_CELLS
    assert LEAST_GAP_CELLS <= wall.gap <= WIDEST_GAP_CELLS


def test_a_shipped_map_has_a_wall() -> None:
    check("BlossomLE")


@needs_reference
@pytest.mark.parametrize("name", ["AutomatonLE", "StasisLE"])
def test_real_maps_have_a_wall(name: str) -> None:
    assert REFERENCE is not None
    check(str(REFERENCE / "maps" / "sc2map" / f"{name}.SC2Map"))
