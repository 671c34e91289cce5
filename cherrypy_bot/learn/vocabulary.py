"""The unit types and upgrades that the selector distinguishes, in a fixed order.

Forms of one thing share a column: a sieged tank is a tank, a flying Barracks a Barracks, a Warp Gate a Gateway. What
says nothing about a plan (eggs, broodlings, interceptors, MULEs, changelings) has none. Changing an order or adding an
entry changes what every number of a feature vector means: raise `FEATURES_VERSION` with it.

Prices are totals (a Baneling's includes its Zergling) of patch 5.0.14; a test compares them with the engine's rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

RACES: Final = ("terran", "protoss", "zerg")
WORKER, ARMY, SUPPORT, STRUCTURE, TOWNHALL, GAS, DEFENCE, MAKER, ADDON, TECH = (
    "worker", "army", "support", "structure", "townhall", "gas", "defence", "maker", "addon", "tech",
)  # fmt: skip
"""Kinds of types: mobile ones are worker, army or support (does not fight), all others are structures."""

# name minerals gas supply kind
_TERRAN: Final = """
SCV 50 0 1 worker
MARINE 50 0 1 army
MARAUDER 100 25 2 army
REAPER 50 50 1 army
GHOST 150 125 3 army
HELLION 100 0 2 army
HELLIONTANK 100 0 2 army
WIDOWMINE 75 25 2 army
CYCLONE 150 100 3 army
SIEGETANK 150 125 3 army
THOR 300 200 6 army
VIKINGFIGHTER 150 75 2 army
MEDIVAC 100 100 2 support
LIBERATOR 150 125 3 army
BANSHEE 150 100 3 army
RAVEN 100 150 2 support
BATTLECRUISER 400 300 6 army
COMMANDCENTER 400 0 0 townhall
ORBITALCOMMAND 550 0 0 townhall
PLANETARYFORTRESS 550 150 0 townhall
SUPPLYDEPOT 100 0 0 structure
REFINERY 75 0 0 gas
BARRACKS 150 0 0 maker
FACTORY 150 100 0 maker
STARPORT 150 100 0 maker
BARRACKSTECHLAB 50 25 0 addon
BARRACKSREACTOR 50 50 0 addon
FACTORYTECHLAB 50 25 0 addon
FACTORYREACTOR 50 50 0 addon
STARPORTTECHLAB 50 25 0 addon
STARPORTREACTOR 50 50 0 addon
ENGINEERINGBAY 125 0 0 tech
ARMORY 150 50 0 tech
FUSIONCORE 150 150 0 tech
GHOSTACADEMY 150 50 0 tech
BUNKER 100 0 0 defence
MISSILETURRET 100 0 0 defence
SENSORTOWER 100 50 0 structure
"""
_PROTOSS: Final = """
PROBE 50 0 1 worker
ZEALOT 100 0 2 army
STALKER 125 50 2 army
SENTRY 50 100 2 army
ADEPT 100 25 2 army
HIGHTEMPLAR 50 150 2 army
DARKTEMPLAR 125 125 2 army
ARCHON 175 275 4 army
IMMORTAL 250 100 4 army
COLOSSUS 300 200 6 army
DISRUPTOR 150 150 4 army
OBSERVER 25 75 1 support
WARPPRISM 250 0 2 support
PHOENIX 150 100 2 army
VOIDRAY 250 150 4 army
ORACLE 150 150 3 army
CARRIER 350 250 6 army
TEMPEST 250 175 4 army
MOTHERSHIP 400 400 8 army
NEXUS 400 0 0 townhall
PYLON 100 0 0 structure
ASSIMILATOR 75 0 0 gas
GATEWAY 150 0 0 maker
ROBOTICSFACILITY 150 100 0 maker
STARGATE 150 150 0 maker
CYBERNETICSCORE 150 0 0 tech
FORGE 150 0 0 tech
TWILIGHTCOUNCIL 150 100 0 tech
TEMPLARARCHIVE 150 200 0 tech
DARKSHRINE 150 150 0 tech
ROBOTICSBAY 150 150 0 tech
FLEETBEACON 300 200 0 tech
PHOTONCANNON 150 0 0 defence
SHIELDBATTERY 100 0 0 defence
"""
_ZERG: Final = """
DRONE 50 0 1 worker
LARVA 0 0 0 support
OVERLORD 100 0 0 support
OVERSEER 150 50 0 support
OVERLORDTRANSPORT 100 0 0 support
QUEEN 175 0 2 army
ZERGLING 25 0 0.5 army
BANELING 50 25 0.5 army
ROACH 75 25 2 army
RAVAGER 100 100 3 army
HYDRALISK 100 50 2 army
LURKERMP 150 150 3 army
INFESTOR 100 150 2 army
SWARMHOSTMP 100 75 3 army
MUTALISK 100 100 2 army
CORRUPTOR 150 100 2 army
BROODLORD 300 250 4 army
VIPER 100 200 3 army
ULTRALISK 275 200 6 army
HATCHERY 325 0 0 townhall
LAIR 475 100 0 townhall
HIVE 675 250 0 townhall
EXTRACTOR 75 0 0 gas
SPAWNINGPOOL 250 0 0 tech
EVOLUTIONCHAMBER 125 0 0 tech
ROACHWARREN 200 0 0 tech
BANELINGNEST 150 50 0 tech
HYDRALISKDEN 150 100 0 tech
LURKERDENMP 150 150 0 tech
INFESTATIONPIT 150 100 0 tech
SPIRE 250 200 0 tech
GREATERSPIRE 350 350 0 tech
ULTRALISKCAVERN 200 200 0 tech
NYDUSNETWORK 200 150 0 tech
NYDUSCANAL 75 75 0 structure
SPINECRAWLER 150 0 0 defence
SPORECRAWLER 125 0 0 defence
CREEPTUMOR 0 0 0 structure
"""

_FORMS: Final = {
    "SIEGETANKSIEGED": "SIEGETANK", "WIDOWMINEBURROWED": "WIDOWMINE", "THORAP": "THOR", "LIBERATORAG": "LIBERATOR",
    "VIKINGASSAULT": "VIKINGFIGHTER", "SUPPLYDEPOTLOWERED": "SUPPLYDEPOT", "BARRACKSFLYING": "BARRACKS",
    "FACTORYFLYING": "FACTORY", "STARPORTFLYING": "STARPORT", "COMMANDCENTERFLYING": "COMMANDCENTER",
    "ORBITALCOMMANDFLYING": "ORBITALCOMMAND", "REFINERYRICH": "REFINERY",
    "WARPGATE": "GATEWAY", "OBSERVERSIEGEMODE": "OBSERVER", "WARPPRISMPHASING": "WARPPRISM",
    "ASSIMILATORRICH": "ASSIMILATOR",
    "DRONEBURROWED": "DRONE", "OVERSEERSIEGEMODE": "OVERSEER", "QUEENBURROWED": "QUEEN",
    "ZERGLINGBURROWED": "ZERGLING", "BANELINGBURROWED": "BANELING", "BANELINGCOCOON": "BANELING",
    "ROACHBURROWED": "ROACH", "RAVAGERBURROWED": "RAVAGER", "RAVAGERCOCOON": "RAVAGER",
    "HYDRALISKBURROWED": "HYDRALISK", "LURKERMPBURROWED": "LURKERMP", "LURKERMPEGG": "LURKERMP",
    "INFESTORBURROWED": "INFESTOR", "SWARMHOSTBURROWEDMP": "SWARMHOSTMP", "BROODLORDCOCOON": "BROODLORD",
    "ULTRALISKBURROWED": "ULTRALISK", "OVERLORDCOCOON": "OVERSEER", "TRANSPORTOVERLORDCOCOON": "OVERLORDTRANSPORT",
    "EXTRACTORRICH": "EXTRACTOR", "SPINECRAWLERUPROOTED": "SPINECRAWLER", "SPORECRAWLERUPROOTED": "SPORECRAWLER",
    "CREEPTUMORBURROWED": "CREEPTUMOR", "CREEPTUMORQUEEN": "CREEPTUMOR",
}  # fmt: skip

_UPGRADES: Final = """
STIMPACK SHIELDWALL PUNISHERGRENADES TERRANINFANTRYWEAPONSLEVEL1 TERRANINFANTRYWEAPONSLEVEL2
TERRANINFANTRYWEAPONSLEVEL3 TERRANINFANTRYARMORSLEVEL1 TERRANINFANTRYARMORSLEVEL2 TERRANINFANTRYARMORSLEVEL3
TERRANVEHICLEWEAPONSLEVEL1 TERRANVEHICLEWEAPONSLEVEL2 TERRANVEHICLEWEAPONSLEVEL3 TERRANVEHICLEANDSHIPARMORSLEVEL1
TERRANVEHICLEANDSHIPARMORSLEVEL2 TERRANVEHICLEANDSHIPARMORSLEVEL3 TERRANSHIPWEAPONSLEVEL1 BANSHEECLOAK
BATTLECRUISERENABLESPECIALIZATIONS HIGHCAPACITYBARRELS DRILLCLAWS PERSONALCLOAKING WARPGATERESEARCH BLINKTECH CHARGE
ADEPTPIERCINGATTACK PSISTORMTECH EXTENDEDTHERMALLANCE GRAVITICDRIVE DARKTEMPLARBLINKUPGRADE
PROTOSSGROUNDWEAPONSLEVEL1 PROTOSSGROUNDWEAPONSLEVEL2 PROTOSSGROUNDWEAPONSLEVEL3 PROTOSSGROUNDARMORSLEVEL1
PROTOSSGROUNDARMORSLEVEL2 PROTOSSGROUNDARMORSLEVEL3 PROTOSSSHIELDSLEVEL1 PROTOSSAIRWEAPONSLEVEL1
PROTOSSAIRARMORSLEVEL1 VOIDRAYSPEEDUPGRADE ZERGLINGMOVEMENTSPEED ZERGLINGATTACKSPEED BURROW CENTRIFICALHOOKS
GLIALRECONSTITUTION TUNNELINGCLAWS EVOLVEGROOVEDSPINES EVOLVEMUSCULARAUGMENTS DIGGINGCLAWS LURKERRANGE
CHITINOUSPLATING ANABOLICSYNTHESIS OVERLORDSPEED NEURALPARASITE ZERGMISSILEWEAPONSLEVEL1 ZERGMISSILEWEAPONSLEVEL2
ZERGMISSILEWEAPONSLEVEL3 ZERGMELEEWEAPONSLEVEL1 ZERGMELEEWEAPONSLEVEL2 ZERGMELEEWEAPONSLEVEL3 ZERGGROUNDARMORSLEVEL1
ZERGGROUNDARMORSLEVEL2 ZERGGROUNDARMORSLEVEL3 ZERGFLYERWEAPONSLEVEL1 ZERGFLYERARMORSLEVEL1
"""
UPGRADES: Final = tuple(UpgradeId[name] for name in _UPGRADES.split())
"""Upgrades that have a feature."""
UPGRADE_COLUMN: Final = {upgrade.value: index for index, upgrade in enumerate(UPGRADES)}


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One column of counts.

    Attributes:
        name: of the unit type, in capitals as python-sc2 has it. id: its number in the game.
        race: of RACES. kind: see the constants above.
        minerals, gas: total price. supply: that one takes.
    """

    name: str
    id: int
    race: str
    kind: str
    minerals: int
    gas: int
    supply: float


def _rows(race: str, text: str) -> Iterable[TypeRow]:
    for line in text.split("\n"):
        if line:
            name, minerals, gas, supply, kind = line.split()
            yield TypeRow(name, U[name].value, race, kind, int(minerals), int(gas), float(supply))


TYPES: Final = (*_rows("terran", _TERRAN), *_rows("protoss", _PROTOSS), *_rows("zerg", _ZERG))
"""Every column of counts; `Episode.truth` has the same."""
TYPE_COUNT: Final = len(TYPES)
NAMES: Final = tuple(row.name for row in TYPES)
KINDS: Final = {kind: np.array([row.kind == kind for row in TYPES]) for kind in sorted({row.kind for row in TYPES})}
"""Mask over columns per kind."""
PRICE: Final[npt.NDArray[np.float32]] = np.array([row.minerals + row.gas for row in TYPES], np.float32)
SUPPLY: Final[npt.NDArray[np.float32]] = np.array([row.supply for row in TYPES], np.float32)

_MOST_TYPES: Final = 4096
_BY_NAME: Final = {name: column for column, name in enumerate(NAMES)}
_COLUMN: Final = np.full(_MOST_TYPES, -1, np.int16)
for _name, _column in _BY_NAME.items():
    _COLUMN[U[_name].value] = _column
for _form, _base in _FORMS.items():
    _COLUMN[U[_form].value] = _BY_NAME[_base]
_COLUMN.setflags(write=False)


def column(type_id: int) -> int:
    """Column of a unit type id (of any form of it), -1 where it has none."""
    return int(_COLUMN[type_id]) if 0 <= type_id < _MOST_TYPES else -1


def columns(type_ids: npt.NDArray[np.integer]) -> npt.NDArray[np.int16]:
    """Column of each unit type id; same shape, -1 where there is none."""
    known: npt.NDArray[np.int16] = _COLUMN[np.where((type_ids >= 0) & (type_ids < _MOST_TYPES), type_ids, 0)]
    return known


def counts(type_ids: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """How many of each column there are among unit type ids, shape (TYPE_COUNT,)."""
    found = columns(type_ids)
    return np.bincount(found[found >= 0], minlength=TYPE_COUNT)
