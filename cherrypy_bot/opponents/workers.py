"""Workers, queens and the energy of townhalls of a planned opponent."""

from __future__ import annotations

from collections.abc import Iterable

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.buff_id import BuffId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2
from sc2.unit import Unit
from sc2.units import Units

U = UnitTypeId

BALANCE_LOOPS = 48
"""Workers are moved between bases and gas this often."""
INJECT_ENERGY = 25
INJECT_EVERY_LOOPS = 112
CALL_ENERGY = 50
SCAN_KEPT = 50
"""Orbital commands keep so much back once scans are wanted."""
GAS_FLOAT = 300
"""With so much gas and few minerals, gas workers go back to minerals..."""
GAS_SHORT = 120
"""...until it is down to this."""
AHEAD_LOOPS = 500
"""A builder that set out before the money was there goes back to mining after so long."""
CHRONO_ORDER = (
    U.CYBERNETICSCORE,
    U.TWILIGHTCOUNCIL,
    U.STARGATE,
    U.ROBOTICSFACILITY,
    U.FORGE,
    U.NEXUS,
    U.GATEWAY,
)


class Crew:
    """Everybody who does not fight.

    Args:
        bot: whose.
    """

    def __init__(self, bot: BotAI) -> None:
        self._bot = bot
        self._balance_due = 0
        self._rich = False
        self._inject_due: dict[int, int] = {}
        self._called: set[int] = set()
        self.fighting: set[int] = set()
        self.scout: int | None = None
        self.far_builders: set[int] = set()
        self.wants_scans = False
        self._ahead: tuple[int, Point2, int] | None = None

    # -- mining ------------------------------------------------------------------------------------------
    def mine(self) -> None:
        """Idle workers first; now and then the rest is spread over the bases."""
        bot = self._bot
        self._called = set()
        halls = bot.townhalls.ready
        if not halls or not bot.mineral_field:
            return
        away = self.fighting | self.far_builders | ({self.scout} if self.scout else set())
        if self._ahead is not None:
            if bot.state.game_loop > self._ahead[2]:
                self._ahead = None
            else:
                away = away | {self._ahead[0]}
        short = [hall for hall in halls if hall.assigned_harvesters < hall.ideal_harvesters]
        for worker in bot.workers.idle:
            if worker.tag in away:
                continue
            home = min(short or halls, key=lambda hall: (hall.distance_to(worker), hall.tag))
            self._send_to_minerals(worker, home)
        if bot.state.game_loop >= self._balance_due:
            self._balance_due = bot.state.game_loop + BALANCE_LOOPS
            self._balance(halls, away)
        if bot.race == Race.Terran:
            self._finish_buildings()

    def _send_to_minerals(self, worker: Unit, home: Unit) -> None:
        patches = self._bot.mineral_field.closer_than(10, home) or self._bot.mineral_field
        worker.gather(patches.closest_to(worker))

    def _balance(self, halls: Units, away: set[int]) -> None:
        """Gas buildings get three; townhalls with too many give to those with too few."""
        bot = self._bot
        gas_tags = {building.tag: building for building in bot.gas_buildings.ready}
        hall_tags = {hall.tag for hall in halls}
        miners: list[Unit] = []
        on_gas: list[Unit] = []
        for worker in bot.workers:
            if worker.tag in away or not worker.orders or worker.is_constructing_scv:
                continue
            target = worker.order_target
            if target in gas_tags:
                on_gas.append(worker)
            elif worker.is_gathering or (worker.is_returning and target in hall_tags):
                miners.append(worker)
        if bot.vespene > GAS_FLOAT and bot.minerals < 250:
            self._rich = True
        elif bot.vespene < GAS_SHORT or bot.minerals > 500:
            self._rich = False
        for building in gas_tags.values():
            if self._rich or not building.has_vespene or not halls.closer_than(11, building):
                for worker in on_gas:
                    if worker.order_target == building.tag:
                        self._send_to_minerals(worker, halls.closest_to(worker))
                continue
            missing = building.ideal_harvesters - building.assigned_harvesters
            for _ in range(missing):
                if len(miners) <= 6:
                    break
                miner = min(miners, key=lambda w: (w.is_carrying_resource, w.distance_to(building), w.tag))
                miners.remove(miner)
                miner.gather(building, queue=False)
        needy = [hall for hall in halls if hall.assigned_harvesters < hall.ideal_harvesters - 1]
        for hall in halls:
            surplus = hall.assigned_harvesters - hall.ideal_harvesters
            if surplus <= 1 or not needy:
                continue
            near = [w for w in miners if w.distance_to(hall) < 10 and not w.is_carrying_resource]
            goal = min(needy, key=lambda other: (other.distance_to(hall), other.tag))
            room = goal.ideal_harvesters - goal.assigned_harvesters
            for worker in sorted(near, key=lambda w: w.tag)[: min(surplus, room, 8)]:
                self._send_to_minerals(worker, goal)

    def _finish_buildings(self) -> None:
        """SCVs take over what a dead one left unfinished."""
        bot = self._bot
        for site in bot.structures_without_construction_SCVs:
            if site.type_id in (U.SUPPLYDEPOTLOWERED,) or site.is_flying:
                continue
            worker = self.builder(site.position, far=False)
            if worker is not None:
                worker.smart(site)

    def builder(self, at: Point2, *, far: bool) -> Unit | None:
        """A worker to build at `at`: the nearest that mines with empty hands, else None.

        far: one that stays out there is taken first, and the one sent stays.
        """
        bot = self._bot
        if far:
            self.far_builders &= bot.workers.tags
            stay = bot.workers.tags_in(self.far_builders)
            for worker in stay:
                if worker.tag not in self._called and not (worker.is_constructing_scv or _has_build_order(worker)):
                    self._called.add(worker.tag)
                    return worker
            if stay:
                return None
        if self._ahead is not None and self._ahead[1].distance_to(at) < 3:
            worker = bot.workers.find_by_tag(self._ahead[0])
            self._ahead = None
            if worker is not None:
                self._called.add(worker.tag)
                return worker
        found = self.nearest_miner(at)
        if found is None:
            return None
        self._called.add(found.tag)
        if far:
            self.far_builders.add(found.tag)
        return found

    @property
    def walks_ahead(self) -> bool:
        """Whether a builder is on its way to where there is no money for its structure yet."""
        return self._ahead is not None

    def nearest_miner(self, at: Point2) -> Unit | None:
        """The worker nearest to `at` that may be called: it mines minerals with empty hands, or idles."""
        bot = self._bot
        gas = bot.gas_buildings.tags
        free = [
            worker
            for worker in bot.workers
            if worker.tag not in self._called
            and worker.tag not in self.fighting
            and worker.tag not in self.far_builders
            and worker.tag != self.scout
            and (self._ahead is None or worker.tag != self._ahead[0])
            and not worker.is_carrying_resource
            and (worker.is_idle or (worker.is_gathering and worker.order_target not in gas))
        ]
        return min(free, key=lambda worker: (worker.distance_to(at), worker.tag), default=None)

    def walk_ahead(self, at: Point2) -> None:
        """A worker sets out for `at`, where something is built as soon as there is the money; `builder` returns it."""
        if self._ahead is None:
            worker = self.builder(at, far=False)
            if worker is not None:
                worker.move(at)
                self._ahead = (worker.tag, at, self._bot.state.game_loop + AHEAD_LOOPS)

    def send_ahead(self, at: Point2) -> None:
        """A worker walks to `at` to build there later."""
        if self.far_builders & self._bot.workers.tags:
            return
        worker = self.builder(at, far=True)
        if worker is not None:
            worker.move(at)

    # -- scouting ----------------------------------------------------------------------------------------
    def look_around(self, places: Iterable[Point2]) -> None:
        """Sends one worker past `places` and home again."""
        worker = self.builder(self._bot.start_location, far=False)
        if worker is None:
            return
        self.scout = worker.tag
        for index, place in enumerate(places):
            worker.move(place, queue=index > 0)
        worker.move(self._bot.start_location, queue=True)

    def end_scouting(self) -> None:
        """A scout that is back, or dead, is a scout no more."""
        if self.scout is not None:
            worker = self._bot.workers.find_by_tag(self.scout)
            if worker is None or worker.is_idle:
                self.scout = None

    # -- energy ------------------------------------------------------------------------------------------
    def use_energy(self, inject: bool) -> None:
        """Larvae, MULEs, chrono boosts."""
        race = self._bot.race
        if race == Race.Zerg and inject:
            self._inject()
        elif race == Race.Terran:
            self._call_mules()
        elif race == Race.Protoss:
            self._boost()

    def _inject(self) -> None:
        bot, now = self._bot, self._bot.state.game_loop
        taken: set[int] = set()
        for queen in bot.units(U.QUEEN).sorted(lambda q: q.tag):
            halls = [hall for hall in bot.townhalls.ready if hall.tag not in taken]
            if not halls:
                return
            hall = min(halls, key=lambda h: (h.distance_to(queen), h.tag))
            taken.add(hall.tag)
            if queen.energy >= INJECT_ENERGY and now >= self._inject_due.get(queen.tag, 0):
                if bot.enemy_units.closer_than(9, queen).amount > 2:
                    continue
                self._inject_due[queen.tag] = now + INJECT_EVERY_LOOPS
                queen(AbilityId.EFFECT_INJECTLARVA, hall)

    def _call_mules(self) -> None:
        bot = self._bot
        for orbital in bot.townhalls(U.ORBITALCOMMAND).ready:
            if orbital.energy < CALL_ENERGY + (SCAN_KEPT if self.wants_scans else 0):
                continue
            for hall in sorted(bot.townhalls.ready, key=lambda h: (-h.ideal_harvesters, h.tag)):
                patches = bot.mineral_field.closer_than(9, hall)
                if patches:
                    best = max(patches, key=lambda patch: (patch.mineral_contents, patch.tag))
                    orbital(AbilityId.CALLDOWNMULE_CALLDOWNMULE, best)
                    break

    def _boost(self) -> None:
        bot = self._bot
        if not bot.structures(U.PYLON):
            return  # probes made faster would only delay the first pylon, and all that it unlocks
        for nexus in bot.townhalls(U.NEXUS).ready:
            if nexus.energy < CALL_ENERGY:
                continue
            for kind in CHRONO_ORDER:
                busy = [
                    structure
                    for structure in bot.structures(kind).ready
                    if structure.orders
                    and structure.orders[0].progress < 0.6
                    and not structure.has_buff(BuffId.CHRONOBOOSTENERGYCOST)
                ]
                if busy:
                    nexus(AbilityId.EFFECT_CHRONOBOOSTENERGYCOST, min(busy, key=lambda s: s.tag))
                    return

    # -- defence -----------------------------------------------------------------------------------------
    def defend(self, threats: Units, wanted: int) -> None:
        """`wanted` workers fight `threats` at home; the others, and all when it is 0, mine."""
        bot = self._bot
        self.fighting &= bot.workers.tags
        if wanted <= 0 or not threats:
            for worker in bot.workers.tags_in(self.fighting):
                if bot.townhalls and bot.mineral_field:
                    self._send_to_minerals(worker, bot.townhalls.closest_to(worker))
            self.fighting.clear()
            return
        middle = threats.center
        if len(self.fighting) < wanted:
            free = [
                worker
                for worker in bot.workers
                if worker.tag not in self.fighting
                and worker.tag not in self.far_builders
                and worker.tag != self.scout
                and not worker.is_constructing_scv
                and worker.health + worker.shield > 15
            ]
            free.sort(key=lambda worker: (worker.distance_to(middle), worker.tag))
            self.fighting |= {worker.tag for worker in free[: wanted - len(self.fighting)]}
        for worker in bot.workers.tags_in(self.fighting):
            target = threats.closest_to(worker)
            if worker.order_target != target.tag:
                worker.attack(target)


def _has_build_order(worker: Unit) -> bool:
    return bool(worker.orders) and not (worker.is_gathering or worker.is_moving)
