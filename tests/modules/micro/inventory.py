"""Every ability that a fighter can use, and who in the bot uses it: the table in docs/micro.md.

`python -m tests.modules.micro.inventory` prints it. What the engine knows as an ability with an effect is either in
one of Micro's tables or in `OTHERS`, with who casts it or why nobody does.
"""

from __future__ import annotations

from sc2.ids.ability_id import AbilityId as A

from cherrypy_bot.sim.abilities.effects.table import SPELLS as ENGINE_SPELLS
from modules.micro.escapes import ESCAPES, RETURNS
from modules.micro.spells import SPELLS, STANCES

_GAME = "the game itself: autocast or part of the weapon"
_MACRO = "`modules.economy.energy`"
_TWIN = "another id of the same order"
_WORTH = "nobody: energy goes to what is in the table"

OTHERS: dict[A, str] = {
    A.EFFECT_INJECTLARVA: _MACRO,
    A.EFFECT_CHRONOBOOSTENERGYCOST: _MACRO,
    A.CALLDOWNMULE_CALLDOWNMULE: _MACRO,
    A.SCANNERSWEEP_SCAN: _MACRO + ", at cloaked enemies next to the army",
    A.SUPPLYDROP_SUPPLYDROP: _WORTH,
    A.ENERGYRECHARGE_ENERGYRECHARGE: "nobody: of the newest balance patch, which the ladder does not have yet",
    A.EFFECT_REPAIR_SCV: "`modules.economy.repair`",
    A.EFFECT_REPAIR_MULE: "nobody",
    A.SALVAGEEFFECT_SALVAGE: "nobody",
    A.EFFECT_SALVAGE: "nobody",
    A.BEHAVIOR_HOLDFIREON_GHOST: "nobody",
    A.BEHAVIOR_HOLDFIREOFF_GHOST: "nobody",
    A.BEHAVIOR_HOLDFIREON_LURKER: "nobody",
    A.BEHAVIOR_HOLDFIREOFF_LURKER: "nobody",
    A.BEHAVIOR_CLOAKOFF_GHOST: "nobody: the cloak lasts as long as the energy",
    A.BEHAVIOR_CLOAKOFF_BANSHEE: "nobody: the cloak lasts as long as the energy",
    A.EFFECT_CHARGE: _GAME,
    A.ADEPTPHASESHIFT_ADEPTPHASESHIFT: "nobody",
    A.CANCEL_ADEPTSHADEPHASESHIFT: "nobody",
    A.CANCEL_ADEPTPHASESHIFT: "nobody",
    A.EXPLODE_EXPLODE: "nobody: banelings explode by attacking",
    A.BEHAVIOR_BUILDINGATTACKON: "nobody",
    A.BEHAVIOR_BUILDINGATTACKOFF: "nobody",
    A.BEHAVIOR_GENERATECREEPON: "nobody",
    A.BEHAVIOR_GENERATECREEPOFF: "nobody",
    A.EFFECT_STIM_MARINE_REDIRECT: _TWIN,
    A.EFFECT_STIM_MARAUDER_REDIRECT: _TWIN,
    A.MEDIVACHEAL_HEAL: _GAME + "; `heal` leaves a medivac alone that is at it",
    A.SHIELDBATTERYRECHARGEEX5_SHIELDBATTERYRECHARGE: _GAME,
    A.TACNUKESTRIKE_NUKECALLDOWN: "nobody: no build makes nukes",
    A.BUILD_INTERCEPTORS: _GAME,
    A.WIDOWMINEATTACK_WIDOWMINEATTACK: _GAME,
    A.CANCEL_LOCKON: "nobody",
    A.BUILDAUTOTURRET_AUTOTURRET: _WORTH,
    A.CANCEL_VOIDRAYPRISMATICALIGNMENT: "nobody",
    A.ORACLEREVELATION_ORACLEREVELATION: _WORTH,
    A.BEHAVIOR_PULSARBEAMOFF: "nobody: the beam lasts as long as the energy",
    A.ORACLESTASISTRAPACTIVATE_ACTIVATESTASISWARD: _GAME,
    A.MOTHERSHIPCLOAK_ORACLECLOAKFIELD: "nobody",
    A.EFFECT_MASSRECALL_NEXUS: "nobody",
    A.EFFECT_MASSRECALL_STRATEGICRECALL: "nobody",
    A.PURIFICATIONNOVA_PURIFICATIONNOVA: _GAME + ", when the ball's time is up",
    A.AMORPHOUSARMORCLOUD_AMORPHOUSARMORCLOUD: _WORTH,
    A.VIPERCONSUMESTRUCTURE_VIPERCONSUME: "nobody",
    A.CONTAMINATE_CONTAMINATE: "nobody",
    A.SPAWNCHANGELING_SPAWNCHANGELING: "nobody",
    A.EFFECT_LOCUSTSWOOP: "nobody: locusts fly on and land where they attack-move to",
    A.LOCUSTMPFLYINGSWOOPATTACK_LOCUSTMPFLYINGSWOOP: "nobody: locusts fly on and land where they attack-move to",
    **{ability: _WORTH for ability in A if "HALLUCINATION_" in ability.name},
}  # fmt: skip
"""Abilities that are in none of Micro's tables."""


def rows() -> dict[A, tuple[str, str, str]]:
    """Ability -> unit, name in the trace, table; of all of Micro's tables."""
    found: dict[A, tuple[str, str, str]] = {}
    for spell in SPELLS:
        found[spell.ability] = (spell.caster.name, spell.name, "spells")
    for stance in STANCES:
        waits = ", wait in position" if stance.waits else ""
        found[stance.down] = (stance.moving.name, f"take position{waits}", "stances")
        found[stance.up] = (stance.standing.name, "move on", "stances")
    for escape in ESCAPES:
        found[escape.ability] = (escape.unit.name, escape.name, "escapes")
    for back in RETURNS:
        found[back.ability] = (back.unit.name, back.name, "escapes")
    return found


def unknown() -> list[str]:
    """Abilities of the engine that stand nowhere."""
    known = {ability.value for ability in (*rows(), *OTHERS)}
    return [A(ability).name for ability in ENGINE_SPELLS if ability not in known]


def cast_table() -> str:
    """What Micro casts."""
    lines = ["| unit | ability | named in the trace | table |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {unit} | {ability.name} | {name} | {table} |"
        for ability, (unit, name, table) in sorted(rows().items(), key=lambda item: (item[1][0], item[0].name))
    ]
    return "\n".join(lines)


def other_table() -> str:
    """What somebody else casts, or nobody."""
    engine = {ability: why for ability, why in OTHERS.items() if ability.value in ENGINE_SPELLS}
    lines = ["| ability | who |", "| --- | --- |"]
    lines += [f"| {ability.name} | {why} |" for ability, why in sorted(engine.items(), key=lambda item: item[0].name)]
    return "\n".join(lines)


if __name__ == "__main__":
    print(cast_table(), other_table(), sep="\n\n")
