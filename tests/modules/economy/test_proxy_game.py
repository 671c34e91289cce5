"""Whole games: cannons that rise at our natural are broken by workers before they shoot."""

from __future__ import annotations

from pathlib import Path

import pytest
from sc2.bot_ai import BotAI
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.config import load_config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2

quiet_python_sc2()
UNTIL_LOOP = 4700
"""3:30; the first cannon would be finished at 1:45, and take the natural from 2:00 on."""


@pytest.mark.parametrize("name", ["cherry_protoss", "cherry_zerg"])
def test_no_cannon_at_our_natural_is_ever_finished(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    finished: set[int] = set()
    bases: list[int] = []
    step = CherryBot.on_step

    async def watched(self: CherryBot, iteration: int) -> None:
        await step(self, iteration)
        bot: BotAI = self
        finished.update(c.tag for c in bot.enemy_structures(U.PHOTONCANNON) if c.is_ready)
        bases.append(len(bot.townhalls.ready))

    monkeypatch.setattr(CherryBot, "on_step", watched)
    config = load_config(Path(__file__).parent.parent.parent.parent / "bots.yaml")
    sides = contenders(config, name, "protoss_cannon_rush", seed=651, game_step=8)
    report = play_match(MatchSetup(sides, "CherryGroveLE", seed=651, game_step=8, loop_limit=UNTIL_LOOP))
    assert report.players[0].error is None
    assert not finished
    assert bases[-1] == 2
