"""A python-sc2 program that knows nothing of this project: started by test_install in a process of its own.

Usage: plain_bot.py computer|duel
"""

import sys

from sc2 import maps
from sc2.bot_ai import BotAI
from sc2.data import Difficulty, Race, Result
from sc2.ids.unit_typeid import UnitTypeId
from sc2.main import run_game
from sc2.player import Bot, Computer


class WorkerRush(BotAI):
    """All workers attack; the town hall trains more of them."""

    async def on_start(self) -> None:
        self.client.game_step = 8
        assert self.expansion_locations_list
        assert self.main_base_ramp.upper

    async def on_step(self, iteration: int) -> None:
        if iteration % 20 == 0:
            for worker in self.workers:
                worker.attack(self.enemy_start_locations[0])
        if self.can_afford(UnitTypeId.PROBE) and self.townhalls.idle:
            self.townhalls.idle.random.train(UnitTypeId.PROBE)

    async def on_end(self, game_result: Result) -> None:
        print("ended at", self.state.game_loop, game_result)


class Idle(BotAI):
    """Does nothing at all."""

    async def on_start(self) -> None:
        self.client.game_step = 8

    async def on_step(self, iteration: int) -> None:
        pass


if __name__ == "__main__":
    rusher = Bot(Race.Protoss, WorkerRush())
    other = Bot(Race.Terran, Idle()) if sys.argv[1] == "duel" else Computer(Race.Zerg, Difficulty.VeryEasy)
    outcome = run_game(maps.get("CherryGroveLE"), [rusher, other], realtime=False, random_seed=3, game_time_limit=1200)
    print("result", [r.name for r in (outcome if isinstance(outcome, list) else [outcome])])
