"""Whole little wars on the engine: Tactics and Micro with a spawned army and no economy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId
from sc2.player import Bot
from sc2.position import Point2

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.upc import Command, PositionArea, Upc
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2
from cherrypy_bot.ladder.report import MatchReport
from modules.micro import Micro
from modules.tactics import Mode, Tactics

MAP = "CherryGroveLE"
Spawn = tuple[UnitTypeId, int, Callable[[BotAI], Point2], bool]
"""Type, count, where, whether ours."""


class Order(Module):
    """Stands for Top: wants the enemy's start attacked when `attack` is set."""

    name = "order"
    posts = (Command.ATTACK,)

    def __init__(self, attack: bool = True) -> None:
        super().__init__()
        self.attack = attack

    def on_step(self, ctx: Context) -> None:
        if self.attack:
            goal = PositionArea(ctx.bot.enemy_start_locations[0], 10.0, "enemy start")
            ctx.board.post(Upc(Command.ATTACK, position=goal, note="win"))


class General(CherryBot):
    """Spawns what it is told at given loops and keeps a log of the main army."""

    def __init__(self, spawns: dict[int, Sequence[Spawn]], *, attack: bool = True) -> None:
        self.tactics = Tactics()
        super().__init__([Order(attack), self.tactics, Micro()], name="general")
        self.spawns = dict(spawns)
        self.log: list[tuple[int, str, str]] = []
        self._last: dict[str, Mode] = {}
        self.watch: Callable[[General], None] | None = None

    async def on_step(self, iteration: int) -> None:
        for loop in sorted(self.spawns):
            if loop <= self.state.game_loop:
                for kind, count, where, ours in self.spawns.pop(loop):
                    player = self.player_id if ours else 3 - self.player_id
                    await self.client.debug_create_unit([[kind, count, where(self), player]])
        await super().on_step(iteration)
        for task in self.board.tasks.running(owner="tactics"):
            entry: Any = task
            if task.units and self._last.get(entry.name) != entry.mode:
                self._last[entry.name] = entry.mode
                self.log.append((self.state.game_loop, entry.name, entry.mode.value))
        if self.watch is not None:
            self.watch(self)


class Sheep(BotAI):
    """Does nothing."""

    async def on_step(self, iteration: int) -> None:
        pass


def play(general: General, opponent: BotAI | None = None, *, loops: int = 6000) -> MatchReport:
    """Play a war; the report says who won."""
    quiet_python_sc2()
    return play_match(
        MatchSetup(
            (
                Contender("general", Bot(Race.Terran, general)),
                Contender("other", Bot(Race.Zerg, opponent or Sheep())),
            ),
            MAP,
            seed=3,
            loop_limit=loops,
        )
    )
