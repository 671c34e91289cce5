"""All workers attack at the first loop; whoever is born later mines until the next handful is complete."""

from __future__ import annotations

from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.opponents.scripted import ScriptedBot

WORKER_OF = {Race.Terran: UnitTypeId.SCV, Race.Protoss: UnitTypeId.PROBE, Race.Zerg: UnitTypeId.DRONE}
REINFORCEMENT = 6
"""So many workers mine at home before they, too, go."""


class WorkerRush(ScriptedBot):
    """Attacks with every worker of the start, reinforces in groups of six. Any race.

    Example:
        >>> from sc2.player import Bot
        >>> player = Bot(Race.Zerg, WorkerRush(seed=1))
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._rushing: set[int] = set()

    async def on_start(self) -> None:
        """Sends every worker at once."""
        await super().on_start()
        for worker in self.workers:
            self._rushing.add(worker.tag)
            worker.attack(self.enemy_start)

    async def on_step(self, iteration: int) -> None:
        """Trains workers, keeps the rush going, sends the next group when it is complete."""
        self.train_workers(WORKER_OF[self.race], wanted=self.workers.amount + 1)
        rushers = self.workers.tags_in(self._rushing)
        at_home = self.workers.tags_not_in(self._rushing)
        if at_home.amount >= REINFORCEMENT:
            self._rushing |= at_home.tags
            for worker in at_home:
                worker.attack(self.enemy_start)
        else:
            for worker in at_home.idle:
                if self.mineral_field:
                    worker.gather(self.mineral_field.closest_to(worker))
        self.attack_with(rushers)
