"""How a planned opponent spends: the goals of its plan in order, each with what is left by those before it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.dicts.unit_train_build_abilities import TRAIN_INFO
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
TECH_LABS = {U.BARRACKSTECHLAB, U.FACTORYTECHLAB, U.STARPORTTECHLAB}
REACTORS = {U.BARRACKSREACTOR, U.FACTORYREACTOR, U.STARPORTREACTOR}
ADD_ON_ABILITY = {
    U.BARRACKSTECHLAB: AbilityId.BUILD_TECHLAB_BARRACKS,
    U.BARRACKSREACTOR: AbilityId.BUILD_REACTOR_BARRACKS,
    U.FACTORYTECHLAB: AbilityId.BUILD_TECHLAB_FACTORY,
    U.FACTORYREACTOR: AbilityId.BUILD_REACTOR_FACTORY,
    U.STARPORTTECHLAB: AbilityId.BUILD_TECHLAB_STARPORT,
    U.STARPORTREACTOR: AbilityId.BUILD_REACTOR_STARPORT,
}
ARMY_SUPPLY_CAP = 200
GUARD_FROM_SECONDS = 110.0
"""From then on a plan keeps its guard."""
FLOAT_MINERALS = 450
"""With so much unspent a type of lesser need is trained while the one of greater need waits for gas."""
WARP_LOOPS = {U.HIGHTEMPLAR: 730, U.DARKTEMPLAR: 730, U.STALKER: 525, U.SENTRY: 525}
"""Loops until a warp gate is ready again; 460 after other units."""
MOST_AT_ONCE = 14
"""So many units are started in one step at most."""
AT_ENEMY_CELLS = 34.0
"""Structures this near to the enemy's natural count for goals that are placed at the enemy."""
AHEAD_SHARE = 0.6
"""The builder of a townhall sets out when this share of its price is there."""
QUEUE_AHEAD = 0.9
"""A building may queue its next unit when its last one is this far."""


@dataclass
class Bank:
    """What can still be spent in this step; negative where it is already promised."""

    minerals: float
    vespene: float
    supply: float

    def covers(self, minerals: float, vespene: float, supply: float = 0.0) -> bool:
        """Whether all of it is there. What costs nothing of a kind does not care about debts of that kind."""
        return (
            (minerals <= 0 or self.minerals >= minerals)
            and (vespene <= 0 or self.vespene >= vespene)
            and (supply <= 0 or self.supply >= supply)
        )

    def pay(self, minerals: float, vespene: float, supply: float = 0.0) -> None:
        """Takes it off, also to keep it back."""
        self.minerals -= minerals
        self.vespene -= vespene
        self.supply -= supply


class Spending:
    """Walks through the goals of a plan.

    Args:
        bot: whose. plan: what to have. sites: finds places. crew: gives builders.
    """

    def __init__(self, bot: BotAI, plan: Plan, sites: Sites, crew: Crew) -> None:
        self._bot, self._plan, self._sites, self._crew = bot, plan, sites, crew
        self._census = Census()
        self._bank = Bank(0, 0, 0)
        self._busy: set[int] = set()
        self._doubled: set[int] = set()
        self._warped: dict[int, int] = {}
        self._asked_place: dict[tuple[UnitTypeId, Place], int] = {}
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
        self._census, self._busy, self._doubled = census, set(), set()
        self._bank = Bank(bot.minerals - census.minerals, bot.vespene - census.vespene, bot.supply_left)
        now = bot.time
        if not self.in_danger:
            self._next_morph()
            if bot.race != Race.Zerg:
                self._workers(self._worker_cap())
        await self._supply()
        if self.in_danger:
            await self._army(None)
        elif now > GUARD_FROM_SECONDS:
            await self._army(self._plan.guard * (now - GUARD_FROM_SECONDS) / 60)
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

    def _worker_cap(self) -> int:
        """The most workers that a goal asks for now. Townhalls that train them never stand idle; larvae would."""
        now = self._bot.time
        return max(g.count for g in self._plan.goals if isinstance(g, Workers) and g.after_seconds <= now)

    def _next_morph(self) -> None:
        """The first add-on or better townhall that is missing: its structure must not begin something else now."""
        for goal in self._plan.goals:
            if isinstance(goal, Workers | Army) or isinstance(goal.what, UpgradeId):
                continue
            if goal.what not in ADD_ON_OF and goal.what not in MORPHS:
                continue
            if self._census.all(goal.what) < goal.count:
                if goal.after_seconds <= self._bot.time and self._unlocked(goal.what):
                    cost = self._bot.calculate_cost(goal.what)
                    self._morph_structure(goal.what, cost.minerals, cost.vespene)
                return

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
        if missing <= 0 or not self._unlocked(goal.what):
            return
        cost = self._bot.calculate_cost(goal.what)
        if goal.what in ADD_ON_OF or goal.what in MORPHS:
            self._morph_structure(goal.what, cost.minerals, cost.vespene)
        elif WORKER_OF[self._bot.race] in UNIT_TRAINED_FROM[goal.what]:
            await self._build(goal, cost.minerals, cost.vespene)
        else:
            for _ in range(min(missing, 4)):
                if not await self._train(goal.what, keep=True):
                    break

    def _unlocked(self, what: UnitTypeId) -> bool:
        return bool(self._bot.tech_requirement_progress(what) >= 1)

    def _research(self, upgrade: UpgradeId) -> None:
        bot = self._bot
        if upgrade in self._census.upgrades:
            return
        lab = UPGRADE_RESEARCHED_FROM[upgrade]
        if not any(structure.is_idle for structure in bot.structures(LABS.get(lab, {lab})).ready):
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
            for structure in self._bot.structures(makers).ready
            if structure.is_idle
            and structure.tag not in self._busy
            and (what not in ADD_ON_OF or not structure.has_add_on)
        ]
        if not free:
            busy = self._bot.structures(makers).ready
            if busy and what not in ADD_ON_OF:
                # The townhall is making a worker: do not let it begin another before this.
                self._busy.add(busy.first.tag)
            return
        structure = min(free, key=lambda s: (s.distance_to(self._bot.start_location), s.tag))
        self._busy.add(structure.tag)
        if self._bank.covers(minerals, vespene):
            ability = self._bot.game_data.units[what.value].creation_ability
            if what in ADD_ON_ABILITY:
                structure(ADD_ON_ABILITY[what])
            elif ability is not None:
                structure(ability.exact_id)
        self._bank.pay(minerals, vespene)

    async def _build(self, goal: Goal, minerals: float, vespene: float) -> None:
        """Sends a builder where the price is there."""
        what = goal.what
        assert isinstance(what, UnitTypeId)
        bot = self._bot
        if not self._bank.covers(minerals, vespene):
            if what in HALLS and self._bank.minerals > AHEAD_SHARE * minerals:
                base = self._sites.next_base()
                if base is not None:
                    self._crew.walk_ahead(base)
            self._bank.pay(minerals, vespene)
            return
        target: Unit | Point2 | None
        if what in GAS:
            target = self._sites.geyser()
        elif what in HALLS:
            target = self._sites.next_base()
        else:
            key, now = (what, goal.place), bot.state.game_loop
            if now < self._asked_place.get(key, 0):
                return
            target = await self._sites.find(what, goal.place)
            if target is None:
                self._asked_place[key] = now + 45
        if target is None:
            return
        at = target.position if isinstance(target, Unit) else target
        builder = self._crew.builder(at, far=goal.place in (Place.PROXY, Place.ENEMY))
        if builder is None:
            return
        builder.build(what, target)
        self._sites.tried(at)
        self._bank.pay(minerals, vespene)

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
                if larva.tag not in self._busy:
                    self._busy.add(larva.tag)
                    larva.train(worker)
                    self._bank.pay(50, 0, 1)
                    here += 1
            if here < wanted:
                self._bank.pay(50, 0)
            return
        for hall in bot.townhalls.ready:
            if here >= wanted:
                break
            if hall.tag in self._busy or not _can_queue(hall, 1):
                continue
            if self._bank.covers(50, 0, 1):
                hall.train(worker)
                self._busy.add(hall.tag)
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
                number = await self._train(kind, keep=True)
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

    async def _train(self, kind: UnitTypeId, keep: bool) -> int:
        """Starts one unit (two zerglings). 0 where nothing can make it now or, keeping back its price, pay it."""
        bot = self._bot
        maker = self._maker(kind)
        if maker is None:
            return 0
        cost = bot.calculate_cost(kind)
        supply = bot.calculate_supply_cost(kind)
        if not self._bank.covers(cost.minerals, cost.vespene, supply):
            if keep and self._bank.covers(0, 0, supply):
                self._bank.pay(cost.minerals, cost.vespene)
                if maker.type_id is not U.LARVA or self._bank.minerals < FLOAT_MINERALS - cost.minerals:
                    self._busy.add(maker.tag)
            return 0
        if maker.type_id is U.WARPGATE:
            place = await self._warp_place(kind)
            if place is None or maker.warp_in(kind, place) is False:
                return 0
            self._warped[maker.tag] = bot.state.game_loop + WARP_LOOPS.get(kind, 460)
        elif kind in MORPHED_FROM:
            ability = TRAIN_INFO[maker.type_id][kind]["ability"]
            assert isinstance(ability, AbilityId)
            maker(ability)
        else:
            maker.train(kind)
        if maker.tag not in self._doubled and not maker.orders and self._reactor(maker):
            self._doubled.add(maker.tag)  # it has room for a second one in this step
        else:
            self._busy.add(maker.tag)
        self._bank.pay(cost.minerals, cost.vespene, supply)
        return 2 if kind is U.ZERGLING else 1

    def _maker(self, kind: UnitTypeId) -> Unit | None:
        """What can make one now."""
        bot = self._bot
        for source in sorted(UNIT_TRAINED_FROM[kind], key=lambda s: s.value):
            info = TRAIN_INFO.get(source, {}).get(kind)
            if info is None:
                continue
            if source is U.LARVA:
                found = next((larva for larva in bot.larva if larva.tag not in self._busy), None)
            elif kind in MORPHED_FROM:
                found = self._to_morph(source)
            else:
                found = self._idle_building(source, needs_lab=bool(info.get("requires_techlab")))
            if found is not None:
                return found
        return None

    def _to_morph(self, source: UnitTypeId) -> Unit | None:
        """A unit at rest that is to become something else: not one in the middle of a fight."""
        bot = self._bot
        home = self._sites.newest_base()
        free = [u for u in bot.units(source) if u.tag not in self._busy and u.is_ready]
        near = [u for u in free if u.distance_to(home) < 40]
        return min(near, key=lambda u: (u.distance_to(home), u.tag), default=None)

    def _idle_building(self, source: UnitTypeId, *, needs_lab: bool) -> Unit | None:
        bot = self._bot
        found: Unit | None = None
        for building in bot.structures(source).ready:
            if building.tag in self._busy:
                continue
            if bot.race == Race.Protoss and not building.is_powered and source is not U.NEXUS:
                continue
            if source is U.WARPGATE:
                if bot.state.game_loop < self._warped.get(building.tag, 0):
                    continue
                return building
            if source is U.GATEWAY and UpgradeId.WARPGATERESEARCH in bot.state.upgrades:
                continue
            if bot.race != Race.Terran:
                if _can_queue(building, 1):
                    return building
                continue
            lab = building.add_on_tag in self._labs()
            if needs_lab and not lab:
                continue
            if not _can_queue(building, 2 if self._reactor(building) else 1):
                continue
            if not lab:
                return building
            if found is None:
                found = building
        return found

    def _labs(self) -> set[int]:
        return {lab.tag for lab in self._bot.structures(TECH_LABS).ready}

    def _reactor(self, building: Unit) -> bool:
        return building.has_add_on and any(
            reactor.tag == building.add_on_tag for reactor in self._bot.structures(REACTORS).ready
        )

    async def _warp_place(self, kind: UnitTypeId) -> Point2 | None:
        """Beside the pylon that is nearest to where units are wanted."""
        bot = self._bot
        pylons = bot.structures(U.PYLON).ready
        if not pylons:
            return None
        wanted = self.forward or self._sites.newest_base()
        for pylon in sorted(pylons, key=lambda p: (p.distance_to(wanted), p.tag))[:3]:
            place = await bot.find_placement(
                AbilityId.WARPGATETRAIN_ZEALOT,
                pylon.position.towards(wanted, 3),
                max_distance=6,
                random_alternative=False,
                placement_step=1,
            )
            if place is not None:
                return place
        return None


MORPHS = {U.ORBITALCOMMAND, U.PLANETARYFORTRESS, U.LAIR, U.HIVE, U.GREATERSPIRE}
MORPHED_FROM = {U.BANELING, U.RAVAGER, U.BROODLORD, U.OVERSEER, U.LURKERMP}
LABS = {
    U.SPIRE: {U.SPIRE, U.GREATERSPIRE},
    U.HATCHERY: {U.HATCHERY, U.LAIR, U.HIVE},
    U.LAIR: {U.LAIR, U.HIVE},
}


def _can_queue(building: Unit, slots: int) -> bool:
    """Whether it can begin a unit now, or will within moments."""
    orders = building.orders
    if len(orders) < slots:
        return True
    return len(orders) == slots and all(order.progress > QUEUE_AHEAD for order in orders[:slots])
