"""What every scripted opponent does alike: keep workers busy, send waves, hunt the last structures."""

from __future__ import annotations

import random

from sc2.bot_ai import BotAI
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2
from sc2.unit import Unit
from sc2.units import Units

FIGHT_NEAR_CELLS = 14.0
"""An enemy this near to a fighter is fought before the wave walks on."""
HOME_CELLS = 18.0
"""An enemy this near to the own main is an attack on it."""
SEARCHED_CELLS = 6.0
"""A unit this near to a place has seen whether a structure stands there."""
HARMLESS = {UnitTypeId.OVERLORD, UnitTypeId.LARVA, UnitTypeId.EGG}
"""What no ground attack is sent for."""
WORKERS = {UnitTypeId.SCV, UnitTypeId.PROBE, UnitTypeId.DRONE}


class ScriptedBot(BotAI):
    """Base of the scripted opponents.

    Deterministic: the same observations give the same orders; chance comes only from `self.rng`, seeded at
    construction.

    Args:
        seed: seed of the bot's own random numbers (which places it searches first).
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.seed = seed
        self.rng = random.Random(seed)
        self._hunting_grounds: list[Point2] = []
        self._defending: set[int] = set()

    @property
    def enemy_start(self) -> Point2:
        """The enemy's start location (two-player maps have one)."""
        return self.enemy_start_locations[0]

    async def on_start(self) -> None:
        """Fixes the order in which places are searched once the enemy's main is empty."""
        enemy = self.enemy_start
        bases = sorted(self.expansion_locations_list, key=lambda base: (base.distance_to(enemy), base.x, base.y))
        near, far = bases[:4], bases[4:]
        self.rng.shuffle(far)
        self._hunting_grounds = near + far

    def mine_with_idle_workers(self) -> None:
        """Sends every idle worker that does not fight to the mineral field nearest to its own townhall."""
        if not self.townhalls or not self.mineral_field:
            return
        for worker in self.workers.idle.tags_not_in(self._defending):
            home = self.townhalls.closest_to(worker)
            patches = self.mineral_field.closer_than(12, home)
            worker.gather((patches or self.mineral_field).closest_to(worker))

    def fill_gas(self) -> None:
        """Keeps every own finished gas building at three workers."""
        for building in self.gas_buildings.ready:
            if building.has_vespene and building.assigned_harvesters < building.ideal_harvesters:
                miner = self.mineral_worker_near(building.position)
                if miner is not None:
                    miner.gather(building)

    def mineral_worker_near(self, place: Point2) -> Unit | None:
        """The nearest worker that mines minerals with empty hands, or None where nobody does."""
        gas_tags = self.gas_buildings.tags
        free = self.workers.filter(
            lambda worker: (
                worker.tag not in self._defending
                and not worker.is_carrying_resource
                and (worker.is_idle or (worker.is_gathering and worker.order_target not in gas_tags))
            )
        )
        return free.closest_to(place) if free else None

    def train_workers(self, worker: UnitTypeId, wanted: int) -> None:
        """Orders one worker at a time until `wanted` are alive or on their way."""
        if self.workers.amount + self.already_pending(worker) >= wanted or not self.can_afford(worker):
            return
        producers = self.larva if worker == UnitTypeId.DRONE else self.townhalls.ready.idle
        if producers:
            producers.first.train(worker)

    def enemies_at_home(self) -> Units:
        """Enemy units, harmless ones apart, that stand in the own main."""
        threats = self.enemy_units.exclude_type(HARMLESS).filter(lambda enemy: not enemy.is_flying)
        return threats.closer_than(HOME_CELLS, self.start_location)

    def next_target(self, unit: Unit) -> Point2:
        """Where a fighter without orders goes: near enemies, then known structures, then places to search."""
        near = self.enemy_units.exclude_type(HARMLESS).closer_than(FIGHT_NEAR_CELLS, unit)
        reachable = near.filter(lambda enemy: not enemy.is_flying or unit.can_attack_air)
        if reachable:
            return reachable.closest_to(unit).position
        if self.enemy_structures:
            standing = self.enemy_structures.filter(lambda found: not found.is_flying or unit.can_attack_air)
            if standing:
                return standing.closest_to(unit).position
        if not self._hunting_grounds:
            return self.enemy_start
        place = self._hunting_grounds[0]
        if unit.distance_to(place) < SEARCHED_CELLS:
            self._hunting_grounds.append(self._hunting_grounds.pop(0))
            place = self._hunting_grounds[0]
        return place

    def attack_with(self, fighters: Units) -> None:
        """Gives every idle fighter its next target; those that walk or fight keep their order."""
        for unit in fighters.idle:
            unit.attack(self.next_target(unit))
