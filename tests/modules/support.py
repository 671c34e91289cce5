"""Catalogues of the three races from the engine's rules, for tests of the pure parts."""

from __future__ import annotations

import functools
from typing import Any

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.game_data import GameData

from cherrypy_bot.sim.rules import load_ruleset
from cherrypy_bot.sim.rules.response import build
from modules.items import Catalogue

START_SUPPLY = {Race.Terran: 15, Race.Protoss: 15, Race.Zerg: 14}
RACES = (Race.Terran, Race.Protoss, Race.Zerg)


@functools.cache
def game_data() -> GameData:
    """What python-sc2 makes of the rules."""
    return GameData(build(load_ruleset()))


@functools.cache
def catalogue(race: Race) -> Catalogue:
    """Everything a race can make."""
    bot: Any = BotAI()
    bot.game_data = game_data()
    bot.race = race
    bot.supply_cap = START_SUPPLY[race]
    return Catalogue.from_bot(bot)
