"""The Terran wall at the main ramp: closed while its depots are up, open when they are down, on every map."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.player import Bot

from cherrypy_bot.core.module import Context
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from modules.placement.module import analyse
from tests.reference import REFERENCE, needs_reference

BUILT_LOOP = 8
END_LOOP = 90


class Mason(BotAI):  # type: ignore[misc]
    """Gets the wall's structures where our placement wants them, looks whether one walks through, lowers them.

    Attributes:
        closed: no way leads from the enemy's start to the main base while the depots are up.
        opened: one does when they are down. stood: whether every structure of the wall was made.
        aside: whether the Barracks stands aside to have room for its add-on.
    """

    closed: bool | None = None
    opened: bool | None = None
    stood = False
    aside = False

    async def on_start(self) -> None:
        self.client.game_step = BUILT_LOOP
        terrain = analyse(cast(Context, SimpleNamespace(bot=self)))
        self.depots = list(terrain.ramp_depots)
        self.inside = self.start_location.towards(self.game_info.map_center, -4.0)
        me = self.player_id
        await self.client.debug_create_unit([[U.SUPPLYDEPOT, 1, spot, me] for spot in self.depots])
        barracks = terrain.ramp_barracks
        assert barracks is not None
        await self.client.debug_create_unit([[U.BARRACKS, 1, barracks, me]])
        # Where the middle of the ramp has no room for an add-on, the Barracks stands aside and its add-on in the hole.
        self.aside = barracks != self.main_base_ramp.barracks_in_middle
        if self.aside:
            await self.client.debug_create_unit([[U.BARRACKSREACTOR, 1, barracks.offset((2.5, -0.5)), me]])

    async def walks_in(self) -> bool:
        outside = self.enemy_start_locations[0].towards(self.game_info.map_center, 5.0)
        return await self.client.query_pathing(outside, self.inside) is not None

    async def on_step(self, iteration: int) -> None:
        loop = self.state.game_loop
        depots = self.structures(U.SUPPLYDEPOT)
        if self.closed is None and depots:
            standing = len(depots) + len(self.structures(U.BARRACKS)) + len(self.structures(U.BARRACKSREACTOR))
            self.stood = standing == 3 + self.aside
            self.closed = not await self.walks_in()
            for depot in depots:
                depot(AbilityId.MORPH_SUPPLYDEPOT_LOWER)
        elif loop >= END_LOOP:
            self.opened = await self.walks_in()
            if self.player_id == 2:
                await self.client.leave()


def check(map_name: str) -> None:
    """Both start positions: the ramp of one turns its Barracks aside, that of the other does not."""
    masons = [Mason(), Mason()]
    first, second = (Contender(f"mason {n}", Bot(Race.Terran, mason)) for n, mason in enumerate(masons))
    play_match(MatchSetup((first, second), map_name, loop_limit=END_LOOP + 40))
    for mason in masons:
        assert mason.stood
        assert mason.closed is True
        assert mason.opened is True
    assert {mason.aside for mason in masons} == {False, True}


@pytest.mark.parametrize("name", ["CherryGroveLE", "OrchardLE", "BlossomLE"])
def test_the_wall_closes_a_shipped_map(name: str) -> None:
    check(name)


@needs_reference
@pytest.mark.parametrize("name", ["AutomatonLE", "KairosJunctionLE", "StasisLE"])
def test_the_wall_closes_a_real_map(name: str) -> None:
    assert REFERENCE is not None
    check(str(REFERENCE / "maps" / "sc2map" / f"{name}.SC2Map"))
