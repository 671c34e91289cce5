"""What people call things in build files, and which unit, structure or upgrade that is."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Final

from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from modules.items import GAS_OF, Item

RACES: Final[Mapping[str, Race]] = {"terran": Race.Terran, "protoss": Race.Protoss, "zerg": Race.Zerg}

ALIASES: Final[Mapping[str, Item]] = {
    "adrenalglands": UpgradeId.ZERGLINGATTACKSPEED,
    "anabolicsynthesis": UpgradeId.ANABOLICSYNTHESIS,
    "blink": UpgradeId.BLINKTECH,
    "burrow": UpgradeId.BURROW,
    "carapace1": UpgradeId.ZERGGROUNDARMORSLEVEL1,
    "carapace2": UpgradeId.ZERGGROUNDARMORSLEVEL2,
    "centrifugalhooks": UpgradeId.CENTRIFICALHOOKS,
    "banelingspeed": UpgradeId.CENTRIFICALHOOKS,
    "chitinousplating": UpgradeId.CHITINOUSPLATING,
    "cloak": UpgradeId.BANSHEECLOAK,
    "combatshield": UpgradeId.SHIELDWALL,
    "concussiveshells": UpgradeId.PUNISHERGRENADES,
    "extendedthermallance": UpgradeId.EXTENDEDTHERMALLANCE,
    "lance": UpgradeId.EXTENDEDTHERMALLANCE,
    "gas": U.REFINERY,
    "gatewaywarp": UpgradeId.WARPGATERESEARCH,
    "glaives": UpgradeId.ADEPTPIERCINGATTACK,
    "graviticdrive": UpgradeId.GRAVITICDRIVE,
    "groovedspines": UpgradeId.EVOLVEGROOVEDSPINES,
    "groundarmor1": UpgradeId.PROTOSSGROUNDARMORSLEVEL1,
    "groundarmor2": UpgradeId.PROTOSSGROUNDARMORSLEVEL2,
    "groundweapons1": UpgradeId.PROTOSSGROUNDWEAPONSLEVEL1,
    "groundweapons2": UpgradeId.PROTOSSGROUNDWEAPONSLEVEL2,
    "infantryarmor1": UpgradeId.TERRANINFANTRYARMORSLEVEL1,
    "infantryarmor2": UpgradeId.TERRANINFANTRYARMORSLEVEL2,
    "infantryweapons1": UpgradeId.TERRANINFANTRYWEAPONSLEVEL1,
    "infantryweapons2": UpgradeId.TERRANINFANTRYWEAPONSLEVEL2,
    "infernalpreigniter": UpgradeId.HIGHCAPACITYBARRELS,
    "blueflame": UpgradeId.HIGHCAPACITYBARRELS,
    "lingspeed": UpgradeId.ZERGLINGMOVEMENTSPEED,
    "lurker": U.LURKERMP,
    "lurkerden": U.LURKERDENMP,
    "meleeattack1": UpgradeId.ZERGMELEEWEAPONSLEVEL1,
    "meleeattack2": UpgradeId.ZERGMELEEWEAPONSLEVEL2,
    "metabolicboost": UpgradeId.ZERGLINGMOVEMENTSPEED,
    "missileattack1": UpgradeId.ZERGMISSILEWEAPONSLEVEL1,
    "missileattack2": UpgradeId.ZERGMISSILEWEAPONSLEVEL2,
    "muscularaugments": UpgradeId.EVOLVEMUSCULARAUGMENTS,
    "plating1": UpgradeId.TERRANVEHICLEANDSHIPARMORSLEVEL1,
    "psistorm": UpgradeId.PSISTORMTECH,
    "roachspeed": UpgradeId.GLIALRECONSTITUTION,
    "shipweapons1": UpgradeId.TERRANSHIPWEAPONSLEVEL1,
    "airweapons1": UpgradeId.PROTOSSAIRWEAPONSLEVEL1,
    "airarmor1": UpgradeId.PROTOSSAIRARMORSLEVEL1,
    "flyerattack1": UpgradeId.ZERGFLYERWEAPONSLEVEL1,
    "flyercarapace1": UpgradeId.ZERGFLYERARMORSLEVEL1,
    "templararchives": U.TEMPLARARCHIVE,
    "vehicleweapons1": UpgradeId.TERRANVEHICLEWEAPONSLEVEL1,
    "vehicleweapons2": UpgradeId.TERRANVEHICLEWEAPONSLEVEL2,
    "warpgateresearch": UpgradeId.WARPGATERESEARCH,
    "yamatocannon": UpgradeId.BATTLECRUISERENABLESPECIALIZATIONS,
    "weaponrefit": UpgradeId.BATTLECRUISERENABLESPECIALIZATIONS,
}
"""How people call things whose names in the game's data differ."""


def plain(name: str) -> str:
    """A name without blanks, underscores, hyphens and capitals."""
    return "".join(name.split()).replace("_", "").replace("-", "").lower()


@functools.cache
def names(race: Race) -> dict[str, Item]:
    """Every name that a build file of the race may use."""
    found: dict[str, Item] = {plain(upgrade.name): upgrade for upgrade in UpgradeId}
    found |= {plain(unit.name): unit for unit in U}
    found |= ALIASES
    return {**found, "gas": GAS_OF[race]}
