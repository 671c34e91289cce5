"""A weapon table made of the engine's own data, and units as a fight needs them."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

from sc2.game_data import GameData
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.sim.rules import load_ruleset
from cherrypy_bot.sim.rules.response import build
from modules.combat import CombatPredictor, Side, WeaponTable

LIFE = {
    "MARINE": (45, 0),
    "MARAUDER": (125, 0),
    "REAPER": (60, 0),
    "HELLION": (90, 0),
    "SIEGETANKSIEGED": (175, 0),
    "THOR": (400, 0),
    "MEDIVAC": (150, 0),
    "ZEALOT": (100, 50),
    "STALKER": (80, 80),
    "SENTRY": (40, 40),
    "ADEPT": (70, 70),
    "IMMORTAL": (200, 100),
    "COLOSSUS": (250, 150),
    "VOIDRAY": (150, 100),
    "ZERGLING": (35, 0),
    "BANELING": (30, 0),
    "ROACH": (145, 0),
    "QUEEN": (175, 0),
    "HYDRALISK": (90, 0),
    "ULTRALISK": (500, 0),
    "MUTALISK": (120, 0),
}
"""Hit points and shields of some types."""

FLYERS = {"VOIDRAY", "MUTALISK", "MEDIVAC"}


@cache
def fake_bot() -> Any:
    """Enough of a python-sc2 bot to look at unit types."""
    data = GameData(build(load_ruleset()))
    return SimpleNamespace(game_data=data, state=SimpleNamespace(game_loop=0, upgrades=set()))


@cache
def weapons() -> WeaponTable:
    """Weapons as a bot derives them at the start of a match on the engine."""
    return WeaponTable.from_bot(fake_bot())


@cache
def predictor() -> CombatPredictor:
    """A predictor on these weapons."""
    return CombatPredictor(weapons())


def side(**counts: int) -> Side:
    """`side(marine=5, medivac=1)`: unhurt units."""
    parts = [
        Side.make((UnitTypeId[name.upper()], count, *LIFE[name.upper()]), flying=name.upper() in FLYERS)
        for name, count in counts.items()
    ]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole
