"""One-base rushes, one plan per race: 12 pool, three Barracks, four Gateways.

They attack in waves until one side is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2
from sc2.unit import Unit
from sc2.units import Units

from cherrypy_bot.opponents.scripted import ScriptedBot

RALLY_CELLS = 9.0
"""Fighters gather so far from the townhall, towards the middle of the map."""
INJECT_ENERGY = 25
INJECT_EVERY_LOOPS = 112
"""A refused injection is tried again after so many loops, not at every step."""
SPARE_MINERALS = 350
"""So much unspent means that one more producer is needed."""
PULL_AT = 3
"""So many attackers in the main are too many to leave to the fighters alone; a scout is not."""
GAS_BUILDINGS = {UnitTypeId.REFINERY, UnitTypeId.ASSIMILATOR, UnitTypeId.EXTRACTOR}


@dataclass(frozen=True)
class RushPlan:
    """One race's rush, as data.

    Attributes:
        worker: what mines.
        workers: how many workers to keep.
        supply: what gives supply, and how much each gives.
        supply_margin: the next supply provider is ordered when fewer than this many supply are free.
        buildings: structures in the order they are built; one that repeats is built again.
        producers: what trains the army (larva for Zerg).
        army: unit types by preference; the first that can be afforded and is unlocked is trained.
        spare: what is built for money that the rest cannot spend, up to `most_spare` of it.
        most_spare: see `spare`; those that `buildings` names count.
        wave: fighters of the first attack; every later wave waits for `next_wave`.
        next_wave: fighters of later attacks.
    """

    worker: UnitTypeId
    workers: int
    supply: UnitTypeId
    supply_margin: int
    buildings: tuple[UnitTypeId, ...]
    producers: tuple[UnitTypeId, ...]
    army: tuple[UnitTypeId, ...]
    spare: UnitTypeId
    most_spare: int
    wave: int
    next_wave: int


PLANS = {
    Race.Zerg: RushPlan(
        worker=UnitTypeId.DRONE,
        workers=14,
        supply=UnitTypeId.OVERLORD,
        supply_margin=2,
        buildings=(UnitTypeId.SPAWNINGPOOL,),
        producers=(UnitTypeId.LARVA,),
        army=(UnitTypeId.ZERGLING,),
        spare=UnitTypeId.HATCHERY,
        most_spare=3,
        wave=6,
        next_wave=12,
    ),
    Race.Terran: RushPlan(
        worker=UnitTypeId.SCV,
        workers=16,
        supply=UnitTypeId.SUPPLYDEPOT,
        supply_margin=4,
        buildings=(UnitTypeId.BARRACKS,) * 3,
        producers=(UnitTypeId.BARRACKS,),
        army=(UnitTypeId.MARINE,),
        spare=UnitTypeId.BARRACKS,
        most_spare=5,
        wave=12,
        next_wave=12,
    ),
    Race.Protoss: RushPlan(
        worker=UnitTypeId.PROBE,
        workers=19,
        supply=UnitTypeId.PYLON,
        supply_margin=5,
        buildings=(
            UnitTypeId.GATEWAY,
            UnitTypeId.ASSIMILATOR,
            UnitTypeId.CYBERNETICSCORE,
            UnitTypeId.GATEWAY,
            UnitTypeId.GATEWAY,
            UnitTypeId.GATEWAY,
        ),
        producers=(UnitTypeId.GATEWAY,),
        army=(UnitTypeId.STALKER, UnitTypeId.ZEALOT),
        spare=UnitTypeId.GATEWAY,
        most_spare=6,
        wave=6,
        next_wave=6,
    ),
}


class OneBaseRush(ScriptedBot):
    """Plays the rush of its race: Zerg 12 pool with one queen, Terran three Barracks, Protoss four Gateways.

    Example:
        >>> from sc2.player import Bot
        >>> player = Bot(Race.Terran, OneBaseRush(seed=1))
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._attacking: set[int] = set()
        self._waves_sent = 0
        self._inject_due: dict[int, int] = {}

    @property
    def plan(self) -> RushPlan:
        """The plan of the race that is played."""
        return PLANS[self.race]

    @property
    def rally(self) -> Point2:
        """Where fighters gather between waves."""
        return self.start_location.towards(self.game_info.map_center, RALLY_CELLS)

    async def on_step(self, iteration: int) -> None:
        """Economy, structures and production first; then the fighters."""
        self.mine_with_idle_workers()
        self.fill_gas()
        if self.townhalls:
            next_building = self._next_building()
            await self._build_supply()
            if next_building is not None:
                await self._build(next_building)
            self._train_queen()
            self._train_army(saving_for=next_building)
            if self.race != Race.Zerg or self.structures(UnitTypeId.SPAWNINGPOOL):
                self.train_workers(self.plan.worker, self.plan.workers)
        self._fight()

    def _unlocked(self, what: UnitTypeId) -> bool:
        """True where the structure that `what` needs is finished."""
        return bool(self.tech_requirement_progress(what) >= 1)

    def _next_building(self) -> UnitTypeId | None:
        """What to build now: the first unlocked structure of the plan that is missing, then spare ones."""
        needed: dict[UnitTypeId, int] = {}
        for building in self.plan.buildings:
            needed[building] = needed.get(building, 0) + 1
            here = self.structures(building).ready.amount + self.already_pending(building)
            if here < needed[building] and self._unlocked(building):
                return building
        spare = self.plan.spare
        here = self.structures(spare).ready.amount + self.already_pending(spare)
        return spare if self.minerals > SPARE_MINERALS and here < self.plan.most_spare else None

    async def _build_supply(self) -> None:
        provider = self.plan.supply
        pending = self.already_pending(provider)
        producing = max(1, self.structures(self.plan.producers[0]).ready.amount)
        margin = self.plan.supply_margin + producing
        if self.supply_cap >= 200 or self.supply_left >= margin or pending >= (1 if self.supply_cap < 60 else 2):
            return
        if provider == UnitTypeId.OVERLORD:
            waiting_for_pool = not self.structures(UnitTypeId.SPAWNINGPOOL)
            if not waiting_for_pool and self.larva and self.can_afford(provider):
                self.larva.first.train(provider)
            return
        await self._build(provider)

    async def _build(self, building: UnitTypeId) -> None:
        """Sends a mineral worker to put `building` near the townhall where it can be paid for."""
        if not self.can_afford(building):
            return
        worker = self.mineral_worker_near(self.rally)
        if worker is None:
            return
        if building in GAS_BUILDINGS:
            taken = {structure.position for structure in self.gas_buildings}
            free = self.vespene_geyser.filter(lambda geyser: geyser.position not in taken)
            free = free.closer_than(12, self.townhalls.first)
            if free:
                worker.build(building, free.closest_to(worker))
            return
        place = await self.find_placement(
            building,
            self._building_ground(building),
            max_distance=24,
            random_alternative=False,
            placement_step=2 if building == UnitTypeId.SUPPLYDEPOT else 3,
        )
        if place is not None:
            worker.build(building, place)

    def _building_ground(self, building: UnitTypeId) -> Point2:
        """Where the search for a place starts: off the mineral line, Protoss in a pylon's field."""
        home = self.townhalls.first.position
        if self.race == Race.Protoss and building != UnitTypeId.PYLON:
            pylons = self.structures(UnitTypeId.PYLON).ready
            if pylons:
                return pylons.closest_to(self.rally).position
        distance = 5.0 if self.race == Race.Zerg else RALLY_CELLS
        return home.towards(self.game_info.map_center, distance)

    def _train_queen(self) -> None:
        """Zerg: one queen for every townhall, and its larvae injections."""
        if self.race != Race.Zerg or not self.structures(UnitTypeId.SPAWNINGPOOL).ready:
            return
        queens = self.units(UnitTypeId.QUEEN)
        wanted = self.townhalls.ready.amount
        if queens.amount + self.already_pending(UnitTypeId.QUEEN) < wanted and self.can_afford(UnitTypeId.QUEEN):
            for hall in self.townhalls.ready.idle:
                hall.train(UnitTypeId.QUEEN)
                break
        for queen in queens.idle:
            if queen.energy >= INJECT_ENERGY and self.state.game_loop >= self._inject_due.get(queen.tag, 0):
                self._inject_due[queen.tag] = self.state.game_loop + INJECT_EVERY_LOOPS
                queen(AbilityId.EFFECT_INJECTLARVA, self.townhalls.closest_to(queen))

    def _train_army(self, saving_for: UnitTypeId | None) -> None:
        """Trains at every idle producer, keeping back the price of the structure that is due."""
        kept = self.calculate_cost(saving_for).minerals if saving_for is not None else 0
        if self.units(self.plan.army[-1]).amount >= self.plan.wave:
            kept = 0
        for producer in self._idle_producers():
            for unit_type in self.plan.army:
                cost = self.calculate_cost(unit_type).minerals
                if self._unlocked(unit_type) and self.can_afford(unit_type) and self.minerals - cost >= kept:
                    producer.train(unit_type)
                    break

    def _idle_producers(self) -> Units:
        if self.race == Race.Zerg:
            return self.larva
        producers = self.structures(set(self.plan.producers)).ready.idle
        return producers.filter(lambda building: building.is_powered) if self.race == Race.Protoss else producers

    def _fight(self) -> None:
        """Sends a wave when enough fighters wait; the rest defend; a hard-pressed main calls its workers."""
        fighters = self.units(set(self.plan.army))
        self._attacking &= fighters.tags
        at_home = fighters.tags_not_in(self._attacking)
        wave = self.plan.wave if self._waves_sent == 0 else self.plan.next_wave
        threats = self.enemies_at_home()
        if at_home.amount >= wave and not threats:
            self._attacking |= at_home.tags
            self._waves_sent += 1
            for unit in at_home:
                unit.attack(self.next_target(unit))
            at_home = at_home.subgroup([])
        self.attack_with(fighters.tags_in(self._attacking))
        if threats:
            for unit in at_home.idle:
                unit.attack(threats.closest_to(unit).position)
            self._defend_with_workers(threats, at_home)
        else:
            self._send_workers_back()
            for unit in at_home.idle:
                if unit.distance_to(self.rally) > 5:
                    unit.attack(self.rally)

    def _defend_with_workers(self, threats: Units, at_home: Units) -> None:
        """Pulls workers when the main is attacked by more than its fighters can hold, until it is clear again."""
        defending = self.workers.tags_in(self._defending)
        outnumbered = threats.amount > 2 * at_home.amount
        if not defending and (threats.amount < PULL_AT or not outnumbered):
            return
        wanted = min(threats.amount - 2 * at_home.amount + 3, self.workers.amount)
        if defending.amount < wanted:
            available = self.workers.filter(
                lambda worker: worker.tag not in self._defending and not _is_building(worker)
            )
            for worker in available.sorted_by_distance_to(threats.center)[: wanted - defending.amount]:
                self._defending.add(worker.tag)
                worker.attack(threats.closest_to(worker).position)
        for worker in defending.idle:
            worker.attack(threats.closest_to(worker).position)

    def _send_workers_back(self) -> None:
        """Ends the workers' part in a defence: they mine again."""
        for worker in self.workers.tags_in(self._defending):
            if self.mineral_field:
                worker.gather(self.mineral_field.closest_to(worker))
        self._defending.clear()


def _is_building(worker: Unit) -> bool:
    return bool(worker.is_constructing_scv)
