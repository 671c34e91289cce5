"""How a planned opponent trains units: which structure, larva or unit makes one now, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.dicts.unit_train_build_abilities import TRAIN_INFO
from sc2.dicts.unit_trained_from import UNIT_TRAINED_FROM
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2
from sc2.unit import Unit

from cherrypy_bot.opponents.census import Census
from cherrypy_bot.opponents.sites import Sites

U = UnitTypeId

TECH_LABS = {U.BARRACKSTECHLAB, U.FACTORYTECHLAB, U.STARPORTTECHLAB}
MORPHED_FROM = {U.BANELING, U.RAVAGER, U.BROODLORD, U.OVERSEER, U.LURKERMP}
REACTORS = {U.BARRACKSREACTOR, U.FACTORYREACTOR, U.STARPORTREACTOR}
FLOAT_MINERALS = 450
"""With so much unspent a type of lesser need is trained while the one of greater need waits for gas."""
WARP_LOOPS = {U.HIGHTEMPLAR: 730, U.DARKTEMPLAR: 730, U.STALKER: 525, U.SENTRY: 525}
"""Loops until a warp gate is ready again; 460 after other units."""
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


class Training:
    """Starts units.

    Args:
        bot: whose. sites: where units are warped in and where it is safe to morph.

    Attributes:
        census, bank: of this step; set by `begin`.
        busy: structures, larvae and units that have their order of this step or must not begin anything.
        forward: where a warped-in unit is most useful; None means at home.
    """

    def __init__(self, bot: BotAI, sites: Sites) -> None:
        self._bot, self._sites = bot, sites
        self.census, self.bank = Census(), Bank(0, 0, 0)
        self.busy: set[int] = set()
        self._doubled: set[int] = set()
        self._warped: dict[int, int] = {}
        self.forward: Point2 | None = None

    def begin(self, census: Census, bank: Bank) -> None:
        """A new step."""
        self.census, self.bank = census, bank
        self.busy, self._doubled = set(), set()

    async def train(self, kind: UnitTypeId, keep: bool) -> int:
        """Starts one unit (two zerglings). 0 where nothing can make it now or, keeping back its price, pay it."""
        bot = self._bot
        maker = self._maker(kind)
        if maker is None:
            return 0
        cost = bot.calculate_cost(kind)
        supply = bot.calculate_supply_cost(kind)
        if not self.bank.covers(cost.minerals, cost.vespene, supply):
            if keep and self.bank.covers(0, 0, supply):
                self.bank.pay(cost.minerals, cost.vespene)
                if maker.type_id is not U.LARVA or self.bank.minerals < FLOAT_MINERALS - cost.minerals:
                    self.busy.add(maker.tag)
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
        if maker.tag not in self._doubled and not maker.orders and self.has_reactor(maker):
            self._doubled.add(maker.tag)  # it has room for a second one in this step
        else:
            self.busy.add(maker.tag)
        self.bank.pay(cost.minerals, cost.vespene, supply)
        return 2 if kind is U.ZERGLING else 1

    def _maker(self, kind: UnitTypeId) -> Unit | None:
        """What can make one now."""
        bot = self._bot
        for source in sorted(UNIT_TRAINED_FROM[kind], key=lambda s: s.value):
            info = TRAIN_INFO.get(source, {}).get(kind)
            if info is None:
                continue
            if source is U.LARVA:
                found = next((larva for larva in bot.larva if larva.tag not in self.busy), None)
            elif kind in MORPHED_FROM:
                found = self._to_morph(source)
            else:
                found = self.idle_building(source, needs_lab=bool(info.get("requires_techlab")))
            if found is not None:
                return found
        return None

    def _to_morph(self, source: UnitTypeId) -> Unit | None:
        """A unit at rest that is to become something else: not one in the middle of a fight."""
        bot = self._bot
        home = self._sites.newest_base()
        free = [u for u in bot.units(source) if u.tag not in self.busy and u.is_ready]
        near = [u for u in free if u.distance_to(home) < 40]
        return min(near, key=lambda u: (u.distance_to(home), u.tag), default=None)

    def idle_building(self, source: UnitTypeId, *, needs_lab: bool) -> Unit | None:
        bot = self._bot
        found: Unit | None = None
        for building in self.census.structures[source]:
            if building.tag in self.busy:
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
                if can_queue(building, 1):
                    return building
                continue
            lab = building.add_on_tag in self._labs()
            if needs_lab and not lab:
                continue
            if not can_queue(building, 2 if self.has_reactor(building) else 1):
                continue
            if not lab:
                return building
            if found is None:
                found = building
        return found

    def _labs(self) -> set[int]:
        return {lab.tag for kind in TECH_LABS for lab in self.census.structures[kind]}

    def has_reactor(self, building: Unit) -> bool:
        return building.has_add_on and any(
            reactor.tag == building.add_on_tag for kind in REACTORS for reactor in self.census.structures[kind]
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


def can_queue(building: Unit, slots: int) -> bool:
    """Whether it can begin a unit now, or will within moments."""
    orders = building.orders
    if len(orders) < slots:
        return True
    return len(orders) == slots and all(order.progress > QUEUE_AHEAD for order in orders[:slots])
