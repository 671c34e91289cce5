"""The built-in opponents: one macro and army engine, driven by tables of races, levels and builds.

`Computer` is what a match is played against: `Computer(1, "Zerg", difficulty=7, ai_build=2, seed=5)`. It
gives orders like any player and knows only what its player sees (the cheating levels excepted). Only `api`
and tests import this package; it imports `abilities`, `rules` and the game, never the bot framework.
"""

from cherrypy_bot.sim.computer.levels import BUILDS, LEVELS, BuildStyle, Level
from cherrypy_bot.sim.computer.player import Computer

__all__ = ["BUILDS", "LEVELS", "BuildStyle", "Computer", "Level"]
