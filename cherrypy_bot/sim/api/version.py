"""The game version that the engine answers with: the patch AI Arena plays."""

GAME_VERSION = "5.0.14.93333"
BASE_BUILD = 93333
DATA_BUILD = 93333
DATA_VERSION = "446907060311FB1CC29EB31E547BB9FD"
"""The data hash that python-sc2's version table has for this build."""
LOOPS_PER_SECOND = 22.4
END_OF_TIME_LOOP = 1 << 19
"""The loop at which the game's clock overflows and every game is over (sc2api.proto, ResponseStep)."""
