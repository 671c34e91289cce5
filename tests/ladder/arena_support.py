"""Small bots as the arena starts them."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from cherrypy_bot.ladder.arena.match import ArenaMatch, BotCommand, MatchPlan
from cherrypy_bot.ladder.arena.rules import ArenaResult, ArenaRules

SMALL_BOT = Path(__file__).with_name("small_bot.py")
QUICK = ArenaRules(
    timeout_seconds=20.0,
    alive_seconds=0.3,
    connect_seconds=30.0,
    stall_seconds=20.0,
    grace_seconds=5.0,
    loop_limit=6000,
)
"""The ladder's rules with shorter times; a bot still has time to start on a busy machine."""


def small_bot(behaviour: str, folder: Path, name: str | None = None, race: int | None = None) -> BotCommand:
    """A bot of `small_bot.BEHAVIOURS`, run in a folder of its own."""
    name = name or behaviour
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    return BotCommand(
        name=name,
        arguments=(sys.executable, str(SMALL_BOT), behaviour),
        folder=home,
        environment={**os.environ, "PYTHONUNBUFFERED": "1"},
        race=race,
        log=home / "log.txt",
    )


def play(
    folder: Path, first: BotCommand, second: BotCommand, rules: ArenaRules = QUICK, **changes: object
) -> ArenaResult:
    """A match between two bots, within its time."""
    plan = replace(MatchPlan((first, second), "OrchardLE", seed=3, rules=rules), **changes)  # type: ignore[arg-type]

    async def limited() -> ArenaResult:
        return await asyncio.wait_for(ArenaMatch(plan).play(), 60)

    return asyncio.run(limited())
