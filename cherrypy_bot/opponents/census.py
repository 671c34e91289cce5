"""What a scripted opponent has, has under way and has promised to pay, counted once per step."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.dicts.upgrade_researched_from import UPGRADE_RESEARCHED_FROM
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.unit import Unit

from cherrypy_bot.opponents.plans.plan import ADD_ON_OF, BUILDERS

U = UnitTypeId

SAME_AS: Mapping[UnitTypeId, UnitTypeId] = {
    U.ORBITALCOMMAND: U.COMMANDCENTER,
    U.ORBITALCOMMANDFLYING: U.COMMANDCENTER,
    U.COMMANDCENTERFLYING: U.COMMANDCENTER,
    U.PLANETARYFORTRESS: U.COMMANDCENTER,
    U.SUPPLYDEPOTLOWERED: U.SUPPLYDEPOT,
    U.REFINERYRICH: U.REFINERY,
    U.ASSIMILATORRICH: U.ASSIMILATOR,
    U.EXTRACTORRICH: U.EXTRACTOR,
    U.WARPGATE: U.GATEWAY,
    U.LAIR: U.HATCHERY,
    U.HIVE: U.HATCHERY,
    U.GREATERSPIRE: U.SPIRE,
    U.SPINECRAWLERUPROOTED: U.SPINECRAWLER,
    U.SPORECRAWLERUPROOTED: U.SPORECRAWLER,
    U.SIEGETANKSIEGED: U.SIEGETANK,
    U.VIKINGASSAULT: U.VIKINGFIGHTER,
    U.THORAP: U.THOR,
    U.WIDOWMINEBURROWED: U.WIDOWMINE,
    U.OBSERVERSIEGEMODE: U.OBSERVER,
    U.OVERSEERSIEGEMODE: U.OVERSEER,
    U.OVERLORDCOCOON: U.OVERSEER,
    U.BANELINGCOCOON: U.BANELING,
    U.RAVAGERCOCOON: U.RAVAGER,
    U.BROODLORDCOCOON: U.BROODLORD,
    U.ROACHBURROWED: U.ROACH,
    U.ZERGLINGBURROWED: U.ZERGLING,
    U.BANELINGBURROWED: U.BANELING,
}
"""A thing's other forms count as the thing. A lair counts as a hatchery and as a lair; `Census` sees to that."""
MORPHED = {
    U.ORBITALCOMMAND,
    U.PLANETARYFORTRESS,
    U.LAIR,
    U.HIVE,
    U.GREATERSPIRE,
}
"""Counted under their own name too."""
COCOONS = {U.OVERLORDCOCOON, U.BANELINGCOCOON, U.RAVAGERCOCOON, U.BROODLORDCOCOON}
IN_COCOONS = {U.OVERSEER, U.BANELING, U.RAVAGER, U.BROODLORD}
"""Their cocoon is counted; its order is not."""


@dataclass
class Census:
    """Counts of one step.

    Attributes:
        ready: finished, by type.
        pending: under construction, in production, or ordered from a worker, by type.
        minerals, vespene: price of what workers are on their way to build, not paid yet.
        upgrades: known or being researched.
        structures: finished ones by what they are now.
    """

    ready: Counter[UnitTypeId] = field(default_factory=Counter)
    pending: Counter[UnitTypeId] = field(default_factory=Counter)
    minerals: int = 0
    vespene: int = 0
    upgrades: set[UpgradeId] = field(default_factory=set)
    structures: defaultdict[UnitTypeId, list[Unit]] = field(default_factory=lambda: defaultdict(list))

    def all(self, what: UnitTypeId) -> int:
        """Finished and under way."""
        return self.ready[what] + self.pending[what]


class Clerk:
    """Takes the census; knows from the game's data which ability makes what.

    Args:
        bot: whose.
    """

    def __init__(self, bot: BotAI) -> None:
        self._bot = bot
        self._makes: dict[int, UnitTypeId] = {}
        for unit in bot.game_data.units.values():
            ability = unit.creation_ability
            if ability is not None and unit.id not in SAME_AS:
                self._makes.setdefault(ability.exact_id.value, unit.id)
        for morphed in MORPHED:
            ability = bot.game_data.units[morphed.value].creation_ability
            if ability is not None:
                self._makes[ability.exact_id.value] = morphed
        self._researches: dict[int, UpgradeId] = {}
        for upgrade in UPGRADE_RESEARCHED_FROM:
            data = bot.game_data.upgrades.get(upgrade.value)
            if data is not None and data.research_ability is not None:
                self._researches[data.research_ability.exact_id.value] = upgrade

    def count(self) -> Census:
        """All own units, once."""
        bot, census = self._bot, Census()
        census.upgrades |= bot.state.upgrades
        begun: Counter[UnitTypeId] = Counter()
        ordered: Counter[UnitTypeId] = Counter()
        for unit in bot.all_own_units:
            type_id = unit.type_id
            kind = SAME_AS.get(type_id, type_id)
            if not unit.is_ready:
                begun[kind] += 1
            elif type_id in COCOONS:
                census.pending[kind] += 1
            else:
                census.ready[kind] += 1
                if unit.is_structure:
                    census.structures[type_id].append(unit)
                    if type_id in MORPHED:
                        census.ready[type_id] += 1
                        if type_id is U.HIVE:
                            census.ready[U.LAIR] += 1
            for order in unit.orders:
                ability = order.ability.exact_id.value
                made = self._makes.get(ability)
                if made is None:
                    upgrade = self._researches.get(ability)
                    if upgrade is not None:
                        census.upgrades.add(upgrade)
                elif made not in IN_COCOONS:
                    ordered[made] += 2 if made is U.ZERGLING else 1
                    if type_id in BUILDERS:
                        self._owe(census, made)
        for kind, number in begun.items():
            census.pending[kind] += number
        for kind, number in ordered.items():
            overlap = bot.race == Race.Terran or kind in ADD_ON_OF
            # An SCV keeps its order while it builds, so order and building site are the same thing.
            census.pending[kind] = max(number, census.pending[kind]) if overlap else census.pending[kind] + number
        if bot.race == Race.Terran:
            for kind, number in begun.items():
                self._owe(census, kind, -min(number, ordered[kind]))
        census.minerals, census.vespene = max(0, census.minerals), max(0, census.vespene)
        return census

    def _owe(self, census: Census, what: UnitTypeId, number: int = 1) -> None:
        cost = self._bot.calculate_cost(what)
        census.minerals += number * cost.minerals
        census.vespene += number * cost.vespene
