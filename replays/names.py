"""The game's internal names as players say them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_CALLED: Final = {
    "AdeptPiercingAttack": "Resonating Glaives",
    "AnabolicSynthesis": "Anabolic Synthesis",
    "BansheeCloak": "Cloaking Field",
    "BansheeSpeed": "Hyperflight Rotors",
    "BattlecruiserEnableSpecializations": "Weapon Refit",
    "BlinkTech": "Blink",
    "CarrierLaunchSpeedUpgrade": "Graviton Catapult",
    "CentrificalHooks": "Centrifugal Hooks",
    "DarkTemplarBlinkUpgrade": "Shadow Stride",
    "DiggingClaws": "Adaptive Talons",
    "DrillClaws": "Drilling Claws",
    "EvolveGroovedSpines": "Grooved Spines",
    "EvolveMuscularAugments": "Muscular Augments",
    "HellionTank": "Hellbat",
    "HiSecAutoTracking": "Hi-Sec Auto Tracking",
    "HighCapacityBarrels": "Infernal Pre-Igniter",
    "LiberatorAGRangeUpgrade": "Advanced Ballistics",
    "LurkerDenMP": "Lurker Den",
    "LurkerMP": "Lurker",
    "LurkerRange": "Seismic Spines",
    "ObserverGraviticBooster": "Gravitic Boosters",
    "OverlordTransport": "Overlord with ventral sacs",
    "PersonalCloaking": "Personal Cloaking",
    "PhoenixRangeUpgrade": "Anion Pulse-Crystals",
    "PsiStormTech": "Psionic Storm",
    "PunisherGrenades": "Concussive Shells",
    "SCV": "SCV",
    "ShieldWall": "Combat Shield",
    "SwarmHostMP": "Swarm Host",
    "TempestGroundAttackUpgrade": "Tectonic Destabilizers",
    "TerranBuildingArmor": "Neosteel Armor",
    "VikingFighter": "Viking",
    "VoidRaySpeedUpgrade": "Flux Vanes",
    "WarpGateResearch": "Warp Gate",
    "overlordspeed": "Pneumatized Carapace",
    "overlordtransport": "Mutate Ventral Sacs",
    "zerglingattackspeed": "Adrenal Glands",
    "zerglingmovementspeed": "Metabolic Boost",
}
_SAME_IN_PLURAL: Final = frozenset({"High Templar", "Dark Templar", "Barracks", "Templar Archive"})
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=1024)
def display_name(name: str) -> str:
    """SupplyDepot -> Supply Depot, zerglingmovementspeed -> Metabolic Boost; control characters never pass."""
    known = _CALLED.get(name)
    if known is not None:
        return known
    spaced = _WORD.sub(" ", name)
    return "".join(char if char.isprintable() else " " for char in spaced)[:64]


def counted(count: int, name: str) -> str:
    """1 Marine, 12 Marines, 2 Colossi, 3 High Templar."""
    title = display_name(name)
    return f"{count} {title if count == 1 else _plural(title)}"


def _plural(title: str) -> str:
    if title in _SAME_IN_PLURAL:
        return title
    if title == "Colossus":
        return "Colossi"
    if title.endswith("y") and title[-2:-1] not in "aeiou":
        return f"{title[:-1]}ies"
    return f"{title}es" if title.endswith(("s", "x", "ch", "sh")) else f"{title}s"


def opening_title(name: str) -> str:
    """gate_expand_stargate -> gate expand stargate."""
    return name.replace("_", " ")
