"""A program for the python-sc2 of 2019 (`sc2` on PyPI): started by programs.py in a process of its own.

Usage: plain_old_bot.py computer|duel
"""

import sys

import sc2
from sc2 import Difficulty, Race
from sc2.constants import NEXUS, PROBE
from sc2.player import Bot, Computer


class WorkerRush(sc2.BotAI):
    """All workers attack; the town hall trains more of them."""

    async def on_step(self, iteration):
        if iteration == 0:
            self._client.game_step = 8
            assert self.expansion_locations
            assert self.main_base_ramp.upper
        if iteration % 20 == 0:
            await self.do_actions([worker.attack(self.enemy_start_locations[0]) for worker in self.workers])
        idle = self.units(NEXUS).ready.noqueue
        if self.can_afford(PROBE) and idle:
            await self.do(idle.random.train(PROBE))

    def on_end(self, game_result):
        print("result", [game_result.name], flush=True)


class Idle(sc2.BotAI):
    """Does nothing at all."""

    async def on_step(self, iteration):
        self._client.game_step = 8


if __name__ == "__main__":
    rusher = Bot(Race.Protoss, WorkerRush())
    other = Bot(Race.Terran, Idle()) if sys.argv[1] == "duel" else Computer(Race.Zerg, Difficulty.VeryEasy)
    sc2.run_game(sc2.maps.get("CherryGroveLE"), [rusher, other], realtime=False, random_seed=3)
