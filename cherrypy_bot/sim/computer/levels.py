"""How good an opponent is and what it is up to: one row per Difficulty and per AIBuild of the API."""

from __future__ import annotations

from dataclasses import dataclass

VERY_EASY, EASY, MEDIUM, MEDIUM_HARD, HARD, HARDER, VERY_HARD = range(1, 8)
CHEAT_VISION, CHEAT_MONEY, CHEAT_INSANE = 8, 9, 10
RANDOM_BUILD, RUSH, TIMING, POWER, MACRO, AIR = range(1, 7)


@dataclass(frozen=True)
class Level:
    """What one Difficulty may do."""

    period: int
    """loops between two decisions"""
    apm: float
    """commands per minute of game time (1344 loops)"""
    attention: float
    """chance that a decision looks at the economy and production at all"""
    workers: int
    """most workers"""
    bases: int
    """most town halls"""
    producers: int
    """most production structures"""
    attack_supply: float
    """army supply that the first wave waits for"""
    attack_loop: int
    """loop before which no wave leaves"""
    defends: bool
    """sends the army against enemies seen near its own structures"""
    pulls_workers: bool
    """workers fight when the army cannot hold the base"""
    retreats: bool
    """a wave that is losing goes home"""
    regroups: bool
    """a wave waits for its slower units"""
    upgrades: bool
    """researches weapons and armour"""
    static_defence: int
    """defensive structures per base"""
    vision: bool = False
    """sees everything"""
    income: float = 0.0
    """share of what was mined that it gets on top"""


LEVELS: dict[int, Level] = {
    VERY_EASY: Level(160, 24, 0.5, 14, 1, 1, 5, 7000, False, False, False, False, False, 0),
    EASY: Level(112, 45, 0.6, 17, 1, 2, 9, 6200, True, False, False, False, False, 0),
    MEDIUM: Level(80, 70, 0.7, 23, 2, 3, 14, 5600, True, False, False, False, False, 0),
    MEDIUM_HARD: Level(64, 100, 0.78, 30, 2, 5, 20, 5200, True, True, False, False, False, 0),
    HARD: Level(52, 130, 0.83, 36, 2, 6, 27, 4900, True, True, True, False, False, 0),
    HARDER: Level(46, 145, 0.84, 39, 2, 7, 29, 4800, True, True, True, False, False, 1),
    VERY_HARD: Level(16, 400, 1.0, 66, 4, 20, 44, 4000, True, True, True, True, True, 2),
    CHEAT_VISION: Level(16, 400, 1.0, 66, 4, 20, 44, 4000, True, True, True, True, True, 2, True),
    CHEAT_MONEY: Level(16, 500, 1.0, 66, 4, 26, 44, 4000, True, True, True, True, True, 2, True, 0.5),
    CHEAT_INSANE: Level(16, 600, 1.0, 66, 4, 34, 44, 4000, True, True, True, True, True, 2, True, 1.0),
}
"""By the API's Difficulty."""


@dataclass(frozen=True)
class BuildStyle:
    """What one AIBuild changes; factors apply to the level's numbers."""

    name: str
    workers: float
    bases: int
    """most town halls, whatever the level"""
    attack: float
    """army supply of the first wave"""
    attack_loop: float
    growth: float
    """each later wave waits for so much more"""
    first_expansion: int
    """workers from which the second base is wanted"""
    upgrades: bool
    static_defence: bool


BUILDS: dict[int, BuildStyle] = {
    RUSH: BuildStyle("Rush", 0.42, 1, 0.3, 0.0, 1.3, 99, False, False),
    TIMING: BuildStyle("Timing", 0.75, 2, 0.8, 0.9, 1.2, 19, True, False),
    POWER: BuildStyle("Power", 1.0, 3, 1.3, 1.2, 1.3, 20, True, True),
    MACRO: BuildStyle("Macro", 1.0, 9, 1.1, 1.1, 1.3, 17, True, True),
    AIR: BuildStyle("Air", 0.9, 3, 0.7, 1.3, 1.2, 20, True, True),
}
"""By the API's AIBuild; RandomBuild is one of these, drawn from the game's seed."""
