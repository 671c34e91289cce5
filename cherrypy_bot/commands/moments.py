"""Moments of a game as people write them: 4:30."""

from __future__ import annotations

import re

from cherrypy_bot.core.errors import ConfigError
from cherrypy_bot.ladder.report import LOOPS_PER_SECOND


def loop_at(text: str) -> int:
    """The game loop of a time such as 4:30 (minutes and seconds). Raises ConfigError for anything else."""
    found = re.fullmatch(r"(\d{1,4}):([0-5]\d)", text)
    if found is None:
        raise ConfigError(f"'{text}' is no time; write minutes and seconds, as in --at 4:30")
    return round((int(found[1]) * 60 + int(found[2])) * LOOPS_PER_SECOND)
