"""Switches of a build's steps reach the modules that carry them out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from sc2.data import Difficulty, Race
from sc2.player import Bot, Computer

from cherrypy_bot.config import build_bot, load_config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2
from modules.build_order.changes import Active, Changes, Conditional
from modules.build_order.conditions import Condition, Term
from modules.keys import BUILD_CHANGES, GAS_WORKERS, SCOUTS_WANTED, STANCE
from modules.strategy.module import Strategy

quiet_python_sc2()


class Switched(Strategy):
    """Plays its build with three switches at the first loops."""

    name = "strategy"

    def on_start(self, ctx: object) -> None:
        """Adds the switches."""
        super().on_start(ctx)  # type: ignore[arg-type]
        assert self._planned is not None
        when = Condition(((Term("from", number=40),),))
        entries = tuple(
            Conditional(name, when, changes)
            for name, changes in (
                ("gas", Changes(gas_workers=0)),
                ("scout", Changes(scout=True)),
                ("hold", Changes(stance="hold")),
            )
        )
        self._planned = dataclasses.replace(self._planned, conditionals=entries)
        self._active = Active(self._planned)


def test_gas_scout_and_stance_switches_are_published_and_a_worker_goes() -> None:
    config = load_config(Path(__file__).parents[3] / "bots.yaml")
    made = build_bot(config.bot("cherry_terran"), 1)
    assert isinstance(made, CherryBot)
    modules = [m for m in made.modules if type(m).__name__ != "UpcToCommand"]
    bot = CherryBot([Switched() if m.name == "strategy" else m for m in modules], seed=1)
    computer = Contender("computer", Computer(Race.Zerg, Difficulty.VeryEasy))
    player = Contender("bot", Bot(Race.Terran, bot, name="bot"))
    play_match(MatchSetup((player, computer), "CherryGroveLE", game_step=8, loop_limit=160))
    assert bot.faults == []
    assert bot.board.get(GAS_WORKERS) == 0
    assert bot.board.get(SCOUTS_WANTED) == 1
    assert bot.board.get(STANCE) == "hold"
    assert set(bot.board.get(BUILD_CHANGES)) == {"gas", "scout", "hold"}
    assert [t.name for t in bot.board.tasks.running(owner="scouting") if t.name == "worker scout"] == ["worker scout"]
