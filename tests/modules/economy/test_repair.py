"""SCVs that repair: whom, how many, and that it works in a game."""

from __future__ import annotations

from typing import Any

import pytest
from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.player import Bot

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.type_facts import TypeFacts
from cherrypy_bot.core.units import UnitTable
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2
from modules.economy.repair import MOST_SHARE, Repair, patients
from tests.modules.production.test_makers import unit


def table(*units: tuple[U, float, float]) -> UnitTable:
    """An Orbital Command at 0 and units as (type, share of life, x)."""
    facts = TypeFacts(max(kind.value for kind in U) + 1)
    for kind in (U.ORBITALCOMMAND, U.BUNKER, U.BARRACKS, U.SUPPLYDEPOT):
        facts.structure[kind.value] = True
    made = [unit(1, U.ORBITALCOMMAND, health=1500, health_max=1500)]
    for tag, (kind, share, x) in enumerate(units, 2):
        proto = unit(tag, kind, health=200 * share, health_max=200)
        proto.pos.x = x
        made.append(proto)
    return UnitTable(made, facts)


@pytest.mark.parametrize(
    ("kind", "share", "x", "under_attack", "crew"),
    [
        (U.BUNKER, 0.95, 10.0, True, 4),
        (U.BUNKER, 1.0, 10.0, True, 0),
        (U.BUNKER, 0.5, 30.0, True, 0),  # too far away
        (U.SIEGETANKSIEGED, 0.5, 10.0, True, 3),
        (U.SIEGETANK, 0.9, 10.0, False, 0),
        (U.MARINE, 0.3, 10.0, False, 0),  # flesh
        (U.BARRACKS, 0.3, 10.0, False, 2),
        (U.BARRACKS, 0.3, 10.0, True, 0),  # soldiers are there
    ],
)
def test_who_is_worth_a_crew(kind: U, share: float, x: float, under_attack: bool, crew: int) -> None:
    assert sum(number for _, number in patients(table((kind, share, x)), under_attack)) == crew


def test_defences_come_before_machines_and_these_before_houses() -> None:
    whole = table((U.BARRACKS, 0.2, 5.0), (U.SIEGETANK, 0.2, 5.0), (U.BUNKER, 0.8, 5.0))
    assert [U(int(whole.type_id[row])) for row, _ in patients(whole, False)] == [U.BUNKER, U.SIEGETANK, U.BARRACKS]


class Hurt(CherryBot):
    """Has a bunker at half its life next to its base, and watches it."""

    def __init__(self) -> None:
        super().__init__([Repair()], name="hurt", game_step=8)
        self.life: list[float] = []
        self.most = 0

    async def on_step(self, iteration: int) -> None:
        bunkers = self.structures(U.BUNKER)
        if iteration == 0:
            place = self.start_location.towards(self.game_info.map_center, 9)
            await self.client.debug_create_unit([[U.BUNKER, 1, place, self.player_id]])
        elif bunkers and not self.life:
            await self.client.debug_set_unit_value([bunkers.first.tag], 2, 200)
            self.life.append(200.0)
        elif bunkers:
            self.life.append(bunkers.first.health)
            self.most = max(self.most, len(self.board.tasks.running(owner="repair")) and len(self.crew()))
        await super().on_step(iteration)
        if self.state.game_loop > 900:
            await self.client.leave()

    def crew(self) -> list[Any]:
        return [tag for task in self.board.tasks.running(owner="repair") for tag in task.units]


class Nobody(BotAI):
    """Does nothing."""

    async def on_step(self, iteration: int) -> None:
        """Nothing."""


def test_a_hurt_bunker_is_repaired_by_a_few_and_they_are_free_again() -> None:
    quiet_python_sc2()
    bot = Hurt()
    setup = MatchSetup(
        (Contender("hurt", Bot(Race.Terran, bot)), Contender("nobody", Bot(Race.Terran, Nobody()))),
        "CherryGroveLE",
        seed=1,
        game_step=8,
    )
    play_match(setup)
    assert bot.faults == []
    assert bot.life[-1] == 400.0
    assert 1 <= bot.most <= MOST_SHARE * 12
    assert bot.crew() == []
