"""A match outlives its modules: each one in turn raises on every step, or sleeps, and the match goes on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sc2.data import AIBuild, Difficulty, Race
from sc2.player import Bot, Computer

from cherrypy_bot.config import build_bot, load_config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.loop import Limits
from cherrypy_bot.core.orders import UpcToCommand
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2

quiet_python_sc2()
CONFIG = load_config(Path(__file__).parent.parent.parent / "bots.yaml")
BOTS = ("cherry_terran", "cherry_protoss", "cherry_zerg")
STEPS = 40
HARD_MS = 150.0


def modules_of(name: str) -> list[str]:
    bot = build_bot(CONFIG.bot(name), 1)
    assert isinstance(bot, CherryBot)
    return [module.name for module in bot.modules if not isinstance(module, UpcToCommand)]


def play_with(name: str, module: str, on_step: Any) -> CherryBot:
    """A short match in which one module's step is replaced."""
    bot = build_bot(CONFIG.bot(name), 1, limits=Limits(hard_ms=HARD_MS))
    assert isinstance(bot, CherryBot)
    target = next(m for m in bot.modules if m.name == module)
    target.on_step = on_step  # type: ignore[method-assign]
    race = CONFIG.bot(name).race
    computer = Contender("computer", Computer(Race.Zerg, Difficulty.VeryEasy, AIBuild.Macro))
    setup = MatchSetup(
        (Contender(name, Bot(race, bot, name=name)), computer), "CherryGroveLE", game_step=8, loop_limit=8 * STEPS
    )
    report = play_match(setup)
    assert report.loops == 8 * STEPS
    assert report.players[0].result == "Tie"
    assert report.players[0].error is None
    return bot


CASES = [(name, module) for name in BOTS for module in modules_of(name)]


@pytest.mark.parametrize(("name", "module"), CASES)
def test_a_module_that_raises_on_every_step_is_switched_off(name: str, module: str) -> None:
    def broken(ctx: Any) -> None:
        raise RuntimeError("broken on purpose")

    bot = play_with(name, module, broken)
    assert module in bot.modules_off
    mine = [fault for fault in bot.faults if fault.module == module and fault.hook == "on_step"]
    assert 1 <= len(mine) <= Limits().faults


@pytest.mark.parametrize(("name", "module"), [case for case in CASES if case[0] == "cherry_zerg"])
def test_a_module_that_sleeps_is_switched_off(name: str, module: str) -> None:
    bot = play_with(name, module, lambda ctx: time.sleep(HARD_MS / 1000 * 1.1))
    assert module in bot.modules_off
