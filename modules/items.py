"""What can be made, by whom, from what: costs, times and requirements of every unit, structure and upgrade.

Numbers come from the game itself (`bot.game_data`), relations from python-sc2's tables. `Catalogue.from_bot`
builds it at the start of a match; everything else in here is pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sc2.data import Attribute, Race
from sc2.dicts.unit_research_abilities import RESEARCH_INFO
from sc2.dicts.unit_train_build_abilities import TRAIN_INFO
from sc2.dicts.upgrade_researched_from import UPGRADE_RESEARCHED_FROM
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

if TYPE_CHECKING:
    from sc2.bot_ai import BotAI

Item: TypeAlias = U | UpgradeId

WORKERS: Final = frozenset({U.SCV, U.PROBE, U.DRONE, U.MULE})
TOWNHALLS: Final = frozenset(
    {U.COMMANDCENTER, U.ORBITALCOMMAND, U.PLANETARYFORTRESS, U.NEXUS, U.HATCHERY, U.LAIR, U.HIVE}
)
GAS: Final = frozenset({U.REFINERY, U.ASSIMILATOR, U.EXTRACTOR, U.REFINERYRICH, U.ASSIMILATORRICH, U.EXTRACTORRICH})
SUPPLY_EACH: Final = 8
"""What a depot, pylon or overlord gives."""

WORKER_OF: Final = {Race.Terran: U.SCV, Race.Protoss: U.PROBE, Race.Zerg: U.DRONE}
TOWNHALL_OF: Final = {Race.Terran: U.COMMANDCENTER, Race.Protoss: U.NEXUS, Race.Zerg: U.HATCHERY}
SUPPLY_OF: Final = {Race.Terran: U.SUPPLYDEPOT, Race.Protoss: U.PYLON, Race.Zerg: U.OVERLORD}
GAS_OF: Final = {Race.Terran: U.REFINERY, Race.Protoss: U.ASSIMILATOR, Race.Zerg: U.EXTRACTOR}

BASIC: Final[Mapping[U, tuple[U, ...]]] = {
    U.SUPPLYDEPOTLOWERED: (U.SUPPLYDEPOT,),
    U.ORBITALCOMMAND: (U.COMMANDCENTER,),
    U.PLANETARYFORTRESS: (U.COMMANDCENTER,),
    U.ORBITALCOMMANDFLYING: (U.ORBITALCOMMAND, U.COMMANDCENTER),
    U.COMMANDCENTERFLYING: (U.COMMANDCENTER,),
    U.BARRACKSFLYING: (U.BARRACKS,),
    U.FACTORYFLYING: (U.FACTORY,),
    U.STARPORTFLYING: (U.STARPORT,),
    U.LAIR: (U.HATCHERY,),
    U.HIVE: (U.LAIR, U.HATCHERY),
    U.GREATERSPIRE: (U.SPIRE,),
    U.WARPGATE: (U.GATEWAY,),
    U.REFINERYRICH: (U.REFINERY,),
    U.ASSIMILATORRICH: (U.ASSIMILATOR,),
    U.EXTRACTORRICH: (U.EXTRACTOR,),
    U.OVERSEER: (U.OVERLORD,),
    U.OVERSEERSIEGEMODE: (U.OVERSEER, U.OVERLORD),
    U.OVERLORDTRANSPORT: (U.OVERLORD,),
    U.SIEGETANKSIEGED: (U.SIEGETANK,),
    U.QUEENBURROWED: (U.QUEEN,),
    U.ROACHBURROWED: (U.ROACH,),
    U.ZERGLINGBURROWED: (U.ZERGLING,),
    U.SPINECRAWLERUPROOTED: (U.SPINECRAWLER,),
    U.SPORECRAWLERUPROOTED: (U.SPORECRAWLER,),
}
"""What else a unit of a type counts as when the question is "do we have one"."""

TECHLABS: Final = {U.BARRACKSTECHLAB: U.BARRACKS, U.FACTORYTECHLAB: U.FACTORY, U.STARPORTTECHLAB: U.STARPORT}
REACTORS: Final = {U.BARRACKSREACTOR: U.BARRACKS, U.FACTORYREACTOR: U.FACTORY, U.STARPORTREACTOR: U.STARPORT}
ADDONS: Final[Mapping[U, U]] = {**TECHLABS, **REACTORS}
"""Add-on type and the structure it belongs to."""
ADDON_ABILITIES: Final = {
    U.BARRACKSTECHLAB: AbilityId.BUILD_TECHLAB_BARRACKS,
    U.FACTORYTECHLAB: AbilityId.BUILD_TECHLAB_FACTORY,
    U.STARPORTTECHLAB: AbilityId.BUILD_TECHLAB_STARPORT,
    U.BARRACKSREACTOR: AbilityId.BUILD_REACTOR_BARRACKS,
    U.FACTORYREACTOR: AbilityId.BUILD_REACTOR_FACTORY,
    U.STARPORTREACTOR: AbilityId.BUILD_REACTOR_STARPORT,
}
_MORPHS: Final = {
    U.ORBITALCOMMAND: (U.COMMANDCENTER,),
    U.PLANETARYFORTRESS: (U.COMMANDCENTER,),
    U.LAIR: (U.HATCHERY,),
    U.HIVE: (U.LAIR,),
    U.GREATERSPIRE: (U.SPIRE,),
}
_UNIT_MORPHS: Final = frozenset({U.BANELING, U.RAVAGER, U.LURKERMP, U.BROODLORD, U.OVERSEER, U.OVERLORDTRANSPORT})
"""Units that other units turn into; everything else that a mobile unit makes is an ability, not a product."""
_REQUIRES: Final[Mapping[Item, tuple[U, ...]]] = {
    U.RAVAGER: (U.ROACHWARREN,),
    U.HIVE: (U.INFESTATIONPIT,),
    U.LAIR: (U.SPAWNINGPOOL,),
    U.GREATERSPIRE: (U.HIVE,),
}
"""Where python-sc2's tables are wrong or silent."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One thing that can be made.

    Attributes:
        item: unit, structure or upgrade.
        minerals, gas: what the player pays for one order.
        supply: that one order takes; negative never (a Drone's supply is freed, see `consumes`).
        provides: supply that it gives when finished.
        time_loops: from the order to the finished thing.
        makers: types that make it; the first is the usual one.
        requires: structures and upgrades that must be finished (any better form of a structure counts).
        techlab: its maker needs a tech lab.
        consumes: the maker turns into it (larva, Drone, morphing townhall).
        amount: how many appear per order.
        structure, addon, morph: what kind of thing it is; `structure` needs a place and a worker.
        radius: half the side of its footprint in cells, 0 for what needs no place.
    """

    item: Item
    minerals: int
    gas: int
    supply: float
    provides: int
    time_loops: int
    makers: tuple[U, ...]
    requires: tuple[Item, ...]
    techlab: bool = False
    consumes: bool = False
    amount: int = 1
    structure: bool = False
    addon: bool = False
    morph: bool = False
    radius: float = 0.0

    @property
    def name(self) -> str:
        """Name of the item in lower case."""
        return self.item.name.lower()


class Catalogue(Mapping[Item, ItemFacts]):
    """Everything one race can make.

    Attributes:
        race: whose.
        worker, townhall, supply, gas: its basic types.
    """

    def __init__(self, race: Race, facts: Mapping[Item, ItemFacts], abilities: Mapping[int, Item]) -> None:
        self.race = race
        self.worker: U = WORKER_OF[race]
        self.townhall: U = TOWNHALL_OF[race]
        self.supply: U = SUPPLY_OF[race]
        self.gas: U = GAS_OF[race]
        self._facts = dict(facts)
        self._abilities = dict(abilities)

    def __getitem__(self, item: Item) -> ItemFacts:
        return self._facts[item]

    def __iter__(self) -> Iterator[Item]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    @cached_property
    def static_defence(self) -> tuple[U, ...]:
        """Structures that shoot at ground units and that a worker builds, cheapest tech first."""
        return {
            Race.Terran: (U.BUNKER,),
            Race.Protoss: (U.PHOTONCANNON,),
            Race.Zerg: (U.SPINECRAWLER,),
        }[self.race]

    @cached_property
    def morphing(self) -> frozenset[Item]:
        """Units that can turn into other units."""
        return frozenset(maker for item in _UNIT_MORPHS if item in self for maker in self[item].makers)

    def made_by_ability(self, ability: int) -> Item | None:
        """What an order with this ability id makes, None when it makes nothing that is known."""
        return self._abilities.get(ability)

    def by_name(self, name: str) -> Item | None:
        """The item called `name`, blanks, underscores and case aside; None when there is none."""
        return self._by_name.get("".join(name.split()).replace("_", "").lower())

    @cached_property
    def _by_name(self) -> dict[str, Item]:
        return {item.name.replace("_", "").lower(): item for item in self._facts}

    @classmethod
    def from_bot(cls, bot: BotAI) -> Catalogue:
        """Read costs and times from the game; townhalls' supply from what the player starts with."""
        race = bot.race
        facts: dict[Item, ItemFacts] = {}
        start_supply = int(bot.supply_cap) - (SUPPLY_EACH if race == Race.Zerg else 0)
        for item, makers in _units_of(race):
            found = _unit_facts(bot, race, item, makers, start_supply)
            if found is not None:
                facts[item] = found
        for upgrade, maker in UPGRADE_RESEARCHED_FROM.items():
            found = _upgrade_facts(bot, facts, upgrade, maker)
            if found is not None:
                facts[upgrade] = found
        return cls(race, facts, _abilities(bot, facts))


def counts_as(kind: U) -> tuple[U, ...]:
    """The type and every simpler one that it stands for."""
    return (kind, *BASIC.get(kind, ()))


def _units_of(race: Race) -> Iterator[tuple[U, tuple[U, ...]]]:
    """Products that the race's worker, larva and structures lead to, with their makers."""
    reached: dict[U, list[U]] = {}
    open_types = [WORKER_OF[race], *([U.LARVA] if race == Race.Zerg else []), TOWNHALL_OF[race]]
    seen = set(open_types)
    while open_types:
        maker = open_types.pop(0)
        for product in TRAIN_INFO.get(maker, {}):
            reached.setdefault(product, []).append(maker)
            if product not in seen:
                seen.add(product)
                open_types.append(product)
        for morph, sources in _MORPHS.items():
            if maker in sources and morph not in seen:
                seen.add(morph)
                open_types.append(morph)
        if maker == U.GATEWAY and U.WARPGATE not in seen:
            seen.add(U.WARPGATE)
            open_types.append(U.WARPGATE)
    for product, makers in reached.items():
        yield product, tuple(makers)
    for morph, sources in _MORPHS.items():
        if morph not in reached and sources[0] in seen:
            yield morph, sources
    for addon, parent in ADDONS.items():
        if parent in seen:
            yield addon, (parent,)


def _unit_facts(bot: Any, race: Race, item: U, makers: tuple[U, ...], start_supply: int) -> ItemFacts | None:
    data = bot.game_data.units.get(item.value)
    if data is None or (data.creation_ability is None and item not in ADDON_ABILITIES):
        return None
    entry = TRAIN_INFO.get(makers[0], {}).get(item, {})
    is_structure = Attribute.Structure in data.attributes
    addon = item in ADDONS
    morph = item in _MORPHS or item in _UNIT_MORPHS
    by_worker = makers[0] == WORKER_OF[race]
    maker_data = bot.game_data.units[makers[0].value]
    if not (morph or by_worker or makers[0] == U.LARVA or Attribute.Structure in maker_data.attributes):
        return None
    cost = bot.calculate_cost(U.TECHLAB if item in TECHLABS else U.REACTOR if item in REACTORS else item)
    time = data.cost.time or 0
    if addon and not time:
        time = bot.game_data.units[(U.TECHLAB if item in TECHLABS else U.REACTOR).value].cost.time or 0
    needed = _REQUIRES.get(item)
    if needed is None:
        named = entry.get("required_building")
        needed = (named,) if named is not None else ()
    provides = start_supply if item == TOWNHALL_OF[race] else SUPPLY_EACH if item == SUPPLY_OF[race] else 0
    makes_supply = is_structure or item in SUPPLY_OF.values()
    supply = 0.0 if makes_supply else max(0.0, float(bot.calculate_supply_cost(item)))
    amount = 2 if item == U.ZERGLING else 1
    minerals, gas = cost.minerals, cost.vespene
    if item == U.ZERGLING:
        # The game's data holds the price of one; they are ordered in pairs.
        minerals, gas = 2 * data.cost.minerals, 2 * data.cost.vespene
    return ItemFacts(
        item=item,
        minerals=int(minerals),
        gas=int(gas),
        supply=supply,
        provides=provides,
        time_loops=round(time),
        makers=makers,
        requires=needed,
        techlab=bool(entry.get("requires_techlab")),
        consumes=morph or makers[0] in (U.LARVA, U.DRONE),
        amount=amount,
        structure=is_structure and by_worker,
        addon=addon,
        morph=morph,
        radius=float(data.footprint_radius or 0.0) if is_structure and by_worker else 0.0,
    )


def _upgrade_facts(bot: Any, known: Mapping[Item, ItemFacts], upgrade: UpgradeId, maker: U) -> ItemFacts | None:
    if maker not in known and maker not in TOWNHALLS:
        return None
    if maker in TOWNHALLS and TOWNHALL_OF[bot.race] not in counts_as(maker):
        return None
    data = bot.game_data.upgrades.get(upgrade.value)
    info = RESEARCH_INFO.get(maker, {}).get(upgrade)
    if data is None or info is None:
        return None
    needs: list[Item] = [x for x in (info.get("required_building"), info.get("required_upgrade")) if x is not None]
    return ItemFacts(
        item=upgrade,
        minerals=int(data.cost.minerals),
        gas=int(data.cost.vespene),
        supply=0.0,
        provides=0,
        time_loops=round(data.cost.time or 0),
        makers=(maker,),
        requires=tuple(needs),
    )


def _abilities(bot: Any, facts: Mapping[Item, ItemFacts]) -> dict[int, Item]:
    """Ability ids of orders, and what they make."""
    found: dict[int, Item] = {}
    for item, fact in facts.items():
        if isinstance(item, UpgradeId):
            info = RESEARCH_INFO[fact.makers[0]][item]
            found[AbilityId(info["ability"]).value] = item
            continue
        data = bot.game_data.units[item.value]
        if item in ADDON_ABILITIES:
            found[ADDON_ABILITIES[item].value] = item
        elif data.creation_ability is not None:
            found[data.creation_ability.exact_id.value] = item
        for maker in fact.makers:
            info = TRAIN_INFO.get(maker, {}).get(item)
            if info is not None:
                found[AbilityId(info["ability"]).value] = item
    return found
