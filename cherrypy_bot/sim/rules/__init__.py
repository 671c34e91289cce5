"""Game data as tables: units, weapons, abilities, commands, upgrades and globals of a patch.

`load_ruleset()` gives them as records and as arrays for kernels. The tables live in `data/<patch>/`; a
header comment in each says patch and columns. Anything in `cherrypy_bot.sim` may import this package; it
imports nothing of the engine.
"""

from cherrypy_bot.sim.rules.arrays import TypeArrays, apply_effect, apply_upgrade, copy_for_player
from cherrypy_bot.sim.rules.errors import RulesError
from cherrypy_bot.sim.rules.records import (
    AIR,
    ATTRIBUTE_BITS,
    GROUND,
    AbilityRule,
    CommandRule,
    CreepSource,
    EffectRule,
    GameConstants,
    UnitRule,
    UpgradeEffect,
    UpgradeRule,
    WeaponRule,
    WeaponUpgrade,
)
from cherrypy_bot.sim.rules.requirements import Requirement, satisfied
from cherrypy_bot.sim.rules.ruleset import DEFAULT_RULESET, Ruleset, load_ruleset

__all__ = [
    "AIR",
    "ATTRIBUTE_BITS",
    "DEFAULT_RULESET",
    "GROUND",
    "AbilityRule",
    "CommandRule",
    "CreepSource",
    "EffectRule",
    "GameConstants",
    "Requirement",
    "RulesError",
    "Ruleset",
    "TypeArrays",
    "UnitRule",
    "UpgradeEffect",
    "UpgradeRule",
    "WeaponRule",
    "WeaponUpgrade",
    "apply_effect",
    "apply_upgrade",
    "copy_for_player",
    "load_ruleset",
    "satisfied",
]
