"""How a planned opponent spends: the goals of its plan in order, each with what is left by those before it."""

from __future__ import annotations

from collections import Counter

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.dicts.unit_trained_from import UNIT_TRAINED_FROM
from sc2.dicts.upgrade_researched_from import UPGRADE_RESEARCHED_FROM
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2
from sc2.unit import Unit

from cherrypy_bot.opponents.census import Census
from cherrypy_bot.opponents.plans.plan import ADD_ON_OF, WORKER_OF, Army, Goal, Item, Place, Plan, Workers
from cherrypy_bot.opponents.sites import Sites
from cherrypy_bot.opponents.training import REACTORS, Bank, Training, can_queue
from cherrypy_bot.opponents.workers import Crew

U = UnitTypeId

HALLS = {U.COMMANDCENTER, U.NEXUS, U.HATCHERY}
GAS = {U.REFINERY, U.ASSIMILATOR, U.EXTRACTOR}
SUPPLY = {Race.Terran: U.SUPPLYDEPOT, Race.Protoss: U.PYLON, Race.Zerg: U.OVERLORD}
SUPPLY_GIVEN = 8
MAKERS = {
    U.BARRACKS,
    U.FACTORY,
    U.STARPORT,
    U.GATEWAY,
    U.WARPGATE,
    U.ROBOTICSFACILITY,
    U.STARGATE,
}
ADD_ON_ABILITY = {
    U.BARRACKSTECHLAB: AbilityId.BUILD_TECHLAB_BARRACKS,
    U.BARRACKSREACTOR: AbilityId.BUILD_REACTOR_BARRACKS,
    U.FACTORYTECHLAB: AbilityId.BUILD_TECHLAB_FACTORY,
    U.FACTORYREACTOR: AbilityId.BUILD_REACTOR_FACTORY,
    U.STARPORTTECHLAB: AbilityId.BUILD_TECHLAB_STARPORT,
    U.STARPORTREACTOR: AbilityId.BUILD_REACTOR_STARPORT,
}
ARMY_SUPPLY_CAP = 200
GUARD_FROM_SECONDS = 90.0
"""From then on a plan keeps its guard."""
GUARD_MOST = 30.0
"""A guard grows to so much supply."""
STATIC = {U.BUNKER, U.PHOTONCANNON, U.SPINECRAWLER}
STATIC_GUARD = 2.0
"""Supply that one of them stands for in a guard."""
GUARD_SHORT = 0.8
"""A guard smaller than this share of what it is to be asks for more structures that train it."""
SPARE_MINERALS = 280
"""What no goal needs and is above this goes into production, workers and cheap fighters..."""
SPARE_FROM_SECONDS = 150.0
"""...from then on."""
SPARE_WORKERS = 8
SPARE_MAKERS_PER_BASE = 4
SPARE_MAKER = {Race.Terran: U.BARRACKS, Race.Protoss: U.GATEWAY, Race.Zerg: U.HATCHERY}
CHEAP_FIGHTER = {Race.Terran: U.MARINE, Race.Protoss: U.ZEALOT, Race.Zerg: U.ZERGLING}
MOST_AT_ONCE = 14
"""So many units are started in one step at most."""
AT_ENEMY_CELLS = 34.0
"""Structures this near to the enemy's natural count for goals that are placed at the enemy."""
AHEAD_PROGRESS = 0.65
"""What a structure needs is this far when its price is kept back and its builder sets out."""
AHEAD_SECONDS = 12.0
"""No builder sets out longer than this before its structure can be paid."""
WALK_LOOPS = 32
"""Whether a builder has to set out is asked this often."""
WORKER_CELLS_PER_SECOND = 3.94
MINERALS_PER_SECOND = 0.92
"""What a worker brings."""
WORKERS_COST_PER_SECOND = 4.1
"""What a townhall takes that trains workers without a pause."""
GAS_PER_SECOND = 2.7
"""What a full gas building brings."""


class Spending:
    """Walks through the goals of a plan.

    Args:
        bot: whose. plan: what to have. sites: finds places. crew: gives builders.
    """

    def __init__(self, bot: BotAI, plan: Plan, sites: Sites, crew: Crew) -> None:
        self._bot, self._plan, self._sites, self._crew = bot, plan, sites, crew
        self._training = Training(bot, sites)
        self._census = Census()
        self._bank = Bank(0, 0, 0)
        self._asked_place: dict[tuple[UnitTypeId, Place], int] = {}
        self._walk_due: dict[UnitTypeId | UpgradeId, int] = {}
        self.extra_goals: tuple[Item, ...] = ()
        self.extra_army: dict[UnitTypeId, float] = {}
        self.forward: Point2 | None = None
        self.in_danger = False

    async def spend(self, census: Census) -> None:
        """Starts what the plan wants next, as far as the money goes.

        Set before: `extra_goals` and `extra_army`, which come on top of the plan's; `forward`, where a warped-in
        unit is most useful, or None; `in_danger`, which puts fighters before everything but supply.
        """
        bot = self._bot
        self._census = census
        self._bank = Bank(bot.minerals - census.minerals, bot.vespene - census.vespene, bot.supply_left)
        self._training.begin(census, self._bank)
        self._training.forward = self.forward
        now = bot.time
        if not self.in_danger:
            self._next_morph()
            if bot.race != Race.Zerg:
                self._workers(self._worker_cap())
        await self._supply()
        if self.in_danger:
            await self._army(None)
        elif now > GUARD_FROM_SECONDS:
            guard = min(self._plan.guard * (now - GUARD_FROM_SECONDS) / 60, GUARD_MOST)
            await self._keep_guard(guard - STATIC_GUARD * sum(census.ready[kind] for kind in STATIC))
        for goal in (*self.extra_goals, *self._plan.goals):
            if goal.after_seconds > now:
                continue
            if isinstance(goal, Workers):
                if bot.race == Race.Zerg:
                    self._workers(goal.count)
            elif isinstance(goal, Army):
                await self._army(goal.supply)
            else:
                await self._goal(goal)
            if self._bank.minerals < 0 and self._bank.vespene < 0:
                break
        if self._bank.minerals > SPARE_MINERALS and now > SPARE_FROM_SECONDS:
            await self._spend_spare()

    async def _keep_guard(self, supply: float) -> None:
        """Fighters up to `supply`; where too few structures train them, one more comes before other goals."""
        bot, census = self._bot, self._census
        if supply <= 0:
            return
        await self._army(supply)
        maker = SPARE_MAKER[bot.race]
        if bot.race == Race.Zerg or bot.supply_army > GUARD_SHORT * supply or census.pending[maker]:
            return
        if (
            bot.townhalls.amount < 2
            or census.all(maker) >= 3
            or self._training.idle_building(maker, needs_lab=False) is not None
        ):
            return
        makers = [b for kind in (maker, U.WARPGATE) for b in census.structures[kind]]
        if not any(can_queue(b, 1) for b in makers if b.tag not in self._training.busy):
            await self._goal(Goal(maker, census.all(maker) + 1))

    async def _spend_spare(self) -> None:
        """What no goal takes: one more producer, a few more workers, fighters that cost no gas."""
        bot, census = self._bot, self._census
        cheap = CHEAP_FIGHTER[bot.race]
        if self._unlocked(cheap):
            for _ in range(4):
                if self._bank.minerals < SPARE_MINERALS or not await self._training.train(cheap, keep=False):
                    break
        self._workers(self._worker_cap() + SPARE_WORKERS)
        maker = SPARE_MAKER[bot.race]
        halls = bot.townhalls.ready.amount
        most = SPARE_MAKERS_PER_BASE * halls if bot.race != Race.Zerg else halls + 1
        if self._bank.minerals > SPARE_MINERALS and not census.pending[maker] and census.all(maker) < most:
            if bot.race == Race.Zerg and len(bot.larva) > 2:
                return
            await self._goal(Goal(maker, census.all(maker) + 1))

    def _worker_cap(self) -> int:
        """The most workers that a goal asks for now. Townhalls that train them never stand idle; larvae would."""
        now = self._bot.time
        return max(g.count for g in self._plan.goals if isinstance(g, Workers) and g.after_seconds <= now)

    def _next_morph(self) -> None:
        """The first missing add-on of each kind of structure, the first better townhall: nothing else begins there."""
        done: set[UnitTypeId] = set()
        for goal in self._plan.goals:
            if isinstance(goal, Workers | Army) or isinstance(goal.what, UpgradeId):
                continue
            if goal.what not in ADD_ON_OF and goal.what not in MORPHS:
                continue
            grows_on = ADD_ON_OF.get(goal.what, self._plan_hall())
            if grows_on in done or self._census.all(goal.what) >= goal.count:
                continue
            done.add(grows_on)
            if goal.after_seconds <= self._bot.time and self._unlocked(goal.what):
                cost = self._bot.calculate_cost(goal.what)
                self._morph_structure(goal.what, cost.minerals, cost.vespene)

    # -- supply ------------------------------------------------------------------------------------------
    async def _supply(self) -> None:
        """Supply before it is short; what is made in the time that a depot takes decides how early."""
        bot, census = self._bot, self._census
        provider = SUPPLY[bot.race]
        coming: float = SUPPLY_GIVEN * census.pending[provider]
        if bot.supply_cap + coming >= ARMY_SUPPLY_CAP:
            return
        halls = bot.townhalls.ready.amount
        if bot.race == Race.Zerg:
            margin = (
                2.0
                if bot.supply_cap < 22
                else 2.0 + 2.2 * halls + (0.08 * bot.supply_used if bot.supply_used > 30 else 0.0)
            )
        else:
            makers = sum(census.ready[kind] for kind in MAKERS) + sum(census.ready[kind] for kind in REACTORS)
            margin = 2.0 + halls + 2.2 * makers
        hall = HALLS & {self._plan_hall()}
        coming += sum(15 * census.pending[kind] for kind in hall) * (0.5 if bot.race != Race.Zerg else 0.0)
        if bot.supply_left + coming >= margin:
            return
        await self._goal(Goal(provider, census.all(provider) + (2 if bot.supply_used > 90 and coming == 0 else 1)))

    def _plan_hall(self) -> UnitTypeId:
        return {Race.Terran: U.COMMANDCENTER, Race.Protoss: U.NEXUS, Race.Zerg: U.HATCHERY}[self._bot.race]

    # -- goals -------------------------------------------------------------------------------------------
    async def _goal(self, goal: Goal) -> None:
        """Starts what is missing of one goal, or keeps its price back."""
        if isinstance(goal.what, UpgradeId):
            self._research(goal.what)
            return
        here = self._census.all(goal.what)
        if goal.place is Place.ENEMY:
            here = self._bot.structures(goal.what).closer_than(AT_ENEMY_CELLS, self._sites.enemy_bases[1]).amount
        missing = goal.count - here
        if missing <= 0:
            return
        cost = self._bot.calculate_cost(goal.what)
        built = goal.what not in ADD_ON_OF and WORKER_OF[self._bot.race] in UNIT_TRAINED_FROM[goal.what]
        if not self._unlocked(goal.what):
            if built and self._bot.tech_requirement_progress(goal.what) >= AHEAD_PROGRESS:
                if self._bank.covers(cost.minerals, cost.vespene):
                    await self._send_ahead(goal, 0.0)
                self._bank.pay(cost.minerals, cost.vespene)
            return
        if goal.what in ADD_ON_OF or goal.what in MORPHS:
            self._morph_structure(goal.what, cost.minerals, cost.vespene)
        elif built:
            await self._build(goal, cost.minerals, cost.vespene)
        else:
            for _ in range(min(missing, 4)):
                if not await self._training.train(goal.what, keep=True):
                    break

    def _unlocked(self, what: UnitTypeId) -> bool:
        return bool(self._bot.tech_requirement_progress(what) >= 1)

    def _research(self, upgrade: UpgradeId) -> None:
        bot = self._bot
        if upgrade in self._census.upgrades:
            return
        lab = UPGRADE_RESEARCHED_FROM[upgrade]
        labs = LABS.get(lab, {lab})
        if not any(structure.is_idle for kind in labs for structure in self._census.structures[kind]):
            return
        cost = bot.calculate_cost(upgrade)
        if self._bank.covers(cost.minerals, cost.vespene):
            if bot.research(upgrade):
                self._bank.pay(cost.minerals, cost.vespene)
        else:
            self._bank.pay(cost.minerals, cost.vespene)

    def _morph_structure(self, what: UnitTypeId, minerals: float, vespene: float) -> None:
        """Add-ons, lairs, orbital commands: an idle structure becomes or adds it."""
        makers = UNIT_TRAINED_FROM[what] if what not in ADD_ON_OF else {ADD_ON_OF[what]}
        free = [
            structure
            for kind in makers
            for structure in self._census.structures[kind]
            if structure.is_idle
            and structure.tag not in self._training.busy
            and (what not in ADD_ON_OF or not structure.has_add_on)
        ]
        if not free:
            busy = [structure.tag for kind in makers for structure in self._census.structures[kind]]
            if busy and what not in ADD_ON_OF:
                # The townhall is making a worker: do not let it begin another before this.
                self._training.busy.add(min(busy))
            return
        structure = min(free, key=lambda s: (s.distance_to(self._bot.start_location), s.tag))
        self._training.busy.add(structure.tag)
        if self._bank.covers(minerals, vespene):
            ability = self._bot.game_data.units[what.value].creation_ability
            if what in ADD_ON_ABILITY:
                structure(ADD_ON_ABILITY[what])
            elif ability is not None:
                structure(ability.exact_id)
        self._bank.pay(minerals, vespene)

    async def _build(self, goal: Goal, minerals: float, vespene: float) -> None:
        """Sends a builder where the price is there, or will be when it arrives."""
        what = goal.what
        assert isinstance(what, UnitTypeId)
        bank = self._bank
        if not bank.covers(minerals, vespene):
            await self._send_ahead(goal, self._seconds_until(minerals, vespene))
            bank.pay(minerals, vespene)
            return
        target = await self._place_for(goal)
        if target is None:
            return
        at = target.position if isinstance(target, Unit) else target
        builder = self._crew.builder(at, far=goal.place in (Place.PROXY, Place.ENEMY))
        if builder is None:
            return
        builder.build(what, target)
        self._sites.tried(at)
        self._bank.pay(minerals, vespene)

    def _seconds_until(self, minerals: float, vespene: float) -> float:
        """How long until the bank covers a price, as workers mine now."""
        bank, bot = self._bank, self._bot
        gas = sum(self._census.ready[kind] for kind in GAS)
        income = MINERALS_PER_SECOND * (float(bot.supply_workers) - 3 * gas)
        if bot.race != Race.Zerg:
            income -= WORKERS_COST_PER_SECOND * bot.townhalls.ready.amount
        wait = max(0.0, minerals - bank.minerals) / max(1.0, income)
        if vespene > 0 and bank.vespene < vespene:
            wait = max(wait, (vespene - bank.vespene) / (GAS_PER_SECOND * gas) if gas else AHEAD_SECONDS + 1)
        return wait

    async def _send_ahead(self, goal: Goal, wait_seconds: float) -> None:
        """A worker sets out now where the walk takes as long as the wait."""
        if wait_seconds > AHEAD_SECONDS or self._crew.walks_ahead or goal.place in (Place.PROXY, Place.ENEMY):
            return
        now = self._bot.state.game_loop
        if now < self._walk_due.get(goal.what, 0):
            return
        self._walk_due[goal.what] = now + WALK_LOOPS
        target = await self._place_for(goal)
        if target is None:
            return
        at = target.position if isinstance(target, Unit) else target
        walker = self._crew.nearest_miner(at)
        if walker is not None and walker.distance_to(at) / WORKER_CELLS_PER_SECOND >= wait_seconds - 0.7:
            self._crew.walk_ahead(at)

    async def _place_for(self, goal: Goal) -> Unit | Point2 | None:
        """Where the structure of a goal goes; None where there is no place now."""
        what = goal.what
        assert isinstance(what, UnitTypeId)
        if what in GAS:
            return self._sites.geyser()
        if what in HALLS:
            return self._sites.next_base()
        key, now = (what, goal.place), self._bot.state.game_loop
        if now < self._asked_place.get(key, 0):
            return None
        target = await self._sites.find(what, goal.place)
        if target is None:
            self._asked_place[key] = now + 45
        return target

    # -- units -------------------------------------------------------------------------------------------
    def _workers(self, count: int) -> None:
        bot, census = self._bot, self._census
        worker = WORKER_OF[bot.race]
        halls = census.ready[self._plan_hall()] + census.pending[self._plan_hall()]
        gas = sum(census.ready[kind] for kind in GAS)
        wanted = min(count, 16 * halls + 3 * gas + 2)
        # Workers inside gas buildings are not seen; supply knows them.
        here = max(census.ready[worker], int(bot.supply_workers)) + census.pending[worker]
        if here >= wanted:
            return
        if bot.race == Race.Zerg:
            for larva in bot.larva:
                if here >= wanted or not self._bank.covers(50, 0, 1):
                    break
                if larva.tag not in self._training.busy:
                    self._training.busy.add(larva.tag)
                    larva.train(worker)
                    self._bank.pay(50, 0, 1)
                    here += 1
            if here < wanted:
                self._bank.pay(50, 0)
            return
        for hall in bot.townhalls.ready:
            if here >= wanted:
                break
            if hall.tag in self._training.busy or not can_queue(hall, 1):
                continue
            if self._bank.covers(50, 0, 1):
                hall.train(worker)
                self._training.busy.add(hall.tag)
                here += 1
            self._bank.pay(50, 0, 1)

    async def _army(self, limit: float | None) -> None:
        """Trains by the composition: what lags most behind its share comes first."""
        bot = self._bot
        shares = {**self._plan.army}
        for kind, share in self.extra_army.items():
            shares[kind] = shares.get(kind, 0.0) + share
        made: Counter[UnitTypeId] = Counter()
        kept: set[UnitTypeId] = set()
        if limit is not None and bot.supply_army >= limit:
            return
        open_kinds = [kind for kind in shares if kind is not U.ARCHON and self._unlocked(kind)]
        if U.ARCHON in shares and self._unlocked(U.HIGHTEMPLAR):
            open_kinds.append(U.HIGHTEMPLAR)
            shares[U.HIGHTEMPLAR] = 2 * shares[U.ARCHON]
        for _ in range(MOST_AT_ONCE):
            order = sorted(
                open_kinds,
                key=lambda kind: ((self._had(kind) + made[kind]) / shares[kind], kind.value),
            )
            for kind in order:
                if kind in kept:
                    continue
                number = await self._training.train(kind, keep=True)
                if number:
                    made[kind] += number
                    break
                kept.add(kind)
            else:
                return
            if limit is not None and bot.supply_army + sum(made.values()) >= limit:
                return

    def _had(self, kind: UnitTypeId) -> float:
        """How many there are; templar count with the archons that they become."""
        census = self._census
        return census.all(kind) + (2 * census.all(U.ARCHON) if kind is U.HIGHTEMPLAR else 0)


MORPHS = {U.ORBITALCOMMAND, U.PLANETARYFORTRESS, U.LAIR, U.HIVE, U.GREATERSPIRE}
LABS = {
    U.SPIRE: {U.SPIRE, U.GREATERSPIRE},
    U.HATCHERY: {U.HATCHERY, U.LAIR, U.HIVE},
    U.LAIR: {U.LAIR, U.HIVE},
}
