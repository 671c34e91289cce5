"""Buffs: the table of them, how units get and lose them, and what that changes for the kernels.

`world.buffs[row]` holds (buff id, loop of its end); a new application of a buff refreshes it. Whenever a unit's
buffs change, its factors (speed, attack rate, armour) and states (armed, sheltered, cloaked) are made anew from the
table.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities.effects.records import BuffRule

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World

GRAVITON_BEAM = 5
GHOST_CLOAK, BANSHEE_CLOAK = 6, 7
INJECT = 11
GHOST_HOLD_FIRE = 12
EMP_DECLOAK = 16
FUNGAL = 17
GUARDIAN_SHIELD = 18
NEURAL_PARASITE = 22
STIM_MARAUDER = 24
SUPPLY_DROP = 25
STIM_MARINE = 27
PSI_STORM = 28
CLOAK_FIELD_EFFECT = 29
CHARGING = 30
SLOW = 33
CONTAMINATED = 36
BLINDING_CLOUD_STRUCTURE = 38
REVELATION = 49
NEXUS_INVULNERABILITY = 52
CONSUMED = 59
BLINDING_CLOUD = 83
AFTERBURNERS = 89
ORACLE_WEAPON = 99
IMMORTAL_OVERLOAD = 102
PURIFICATION_NOVA = 111
LOCK_ON = 116
TEMPORAL_FIELD = 121
PRISMATIC_ALIGNMENT = 122
STASIS_TRAP = 129
PARASITIC_BOMB = 132
LURKER_HOLD_FIRE = 136
SNIPING = 145
INTERFERENCE = 277
CHRONO_BOOST = 281
TRANSFUSION = 288
CLOAK_FIELD = 294
ARMOR_CLOUD = 297
ANTI_ARMOR = 298
FRENZY = 302
# known to the engine alone
BUSY_QUEEN, PULLED, RECALLED, JUMPING, ARRIVED, SHADOW_STRIDE, SALVAGING, TRAPPED, SUPPLY_UNDER_WAY, DISGUISED = range(
    -10, 0
)
RELOADING, LOCKED, NOVA_CASTER = -11, -12, -13

_RULES = (
    BuffRule(GRAVITON_BEAM, "GravitonBeam", stun=True, lift=True, reveal=True),
    BuffRule(GHOST_CLOAK, "GhostCloak", cloak=True),
    BuffRule(BANSHEE_CLOAK, "BansheeCloak", cloak=True),
    BuffRule(INJECT, "QueenSpawnLarvaTimer"),
    BuffRule(GHOST_HOLD_FIRE, "GhostHoldFire", disarm=True),
    BuffRule(EMP_DECLOAK, "EMPDecloak", 160, reveal=True),
    BuffRule(FUNGAL, "FungalGrowth", 64, speed=0.25, reveal=True),
    BuffRule(GUARDIAN_SHIELD, "GuardianShield", 9.6016, armor=2),
    BuffRule(NEURAL_PARASITE, "NeuralParasite"),
    BuffRule(STIM_MARAUDER, "StimpackMarauder", 240, speed=1.5, attack=1.5),
    BuffRule(SUPPLY_DROP, "SupplyDrop", life=100),
    BuffRule(STIM_MARINE, "Stimpack", 240, speed=1.5, attack=1.5),
    BuffRule(PSI_STORM, "PsiStorm", 10.6641),
    BuffRule(CLOAK_FIELD_EFFECT, "CloakFieldEffect", 2.9414, cloak=True),
    BuffRule(CHARGING, "Charging", 56, speed=2.2),
    BuffRule(SLOW, "Slow", 24, speed=0.5),
    BuffRule(CONTAMINATED, "Contaminated", 480),
    BuffRule(BLINDING_CLOUD_STRUCTURE, "BlindingCloudStructure", 10, disarm=True),
    BuffRule(REVELATION, "OracleRevelation", 448, reveal=True),
    BuffRule(NEXUS_INVULNERABILITY, "NexusInvulnerability", 320, shelter=True),
    BuffRule(CONSUMED, "ViperConsumeStructure"),
    BuffRule(BLINDING_CLOUD, "BlindingCloud", 10, disarm=True),
    BuffRule(AFTERBURNERS, "MedivacSpeedBoost", 128, speed=1.7),
    BuffRule(ORACLE_WEAPON, "OracleWeapon"),
    BuffRule(IMMORTAL_OVERLOAD, "ImmortalOverload", 48),
    BuffRule(PURIFICATION_NOVA, "PurificationNova", 48, shelter=True),
    BuffRule(LOCK_ON, "LockOn"),
    BuffRule(TEMPORAL_FIELD, "TemporalField", 2, speed=0.6, attack=0.6),
    BuffRule(
        PRISMATIC_ALIGNMENT,
        "VoidRaySwarmDamageBoost",
        320,
        speed=0.75,
        armored=6,
        upgraded=("VoidRaySpeedUpgrade", 0.621),
    ),
    BuffRule(STASIS_TRAP, "OracleStasisTrapTarget", 480, stun=True, shelter=True, reveal=True),
    BuffRule(PARASITIC_BOMB, "ParasiticBomb", 160),
    BuffRule(LURKER_HOLD_FIRE, "LurkerHoldFire", disarm=True),
    BuffRule(SNIPING, "ChannelSnipeCombat", 32),
    BuffRule(INTERFERENCE, "RavenScramblerMissile", 240, disarm=True, mute=True, reveal=True),
    BuffRule(CHRONO_BOOST, "ChronoBoostEnergyCost", 448),
    BuffRule(TRANSFUSION, "Transfusion", 160),
    BuffRule(CLOAK_FIELD, "CloakField", 448),
    BuffRule(ARMOR_CLOUD, "AmorphousArmorcloud", 80, air_damage=0.5),
    BuffRule(ANTI_ARMOR, "RavenShredderMissileArmorReductionUISubtruct", 480, armor=-2),
    BuffRule(FRENZY, "HydraliskFrenzy", 16, speed=2),
    BuffRule(BUSY_QUEEN, "QueenSpawnLarva", 24),
    BuffRule(PULLED, "Yoink", 32, stun=True, reveal=True),
    BuffRule(RECALLED, "NexusMassRecallWarpOut", 80, root=True, disarm=True, mute=True),
    BuffRule(JUMPING, "HyperjumpTeleport", 96, stun=True, shelter=True),
    BuffRule(ARRIVED, "NexusRecalled", 16, root=True, disarm=True, mute=True),
    BuffRule(SHADOW_STRIDE, "DarkTemplarBlinkAttackDelay", 16, disarm=True),
    BuffRule(SALVAGING, "SalvageShared", 80, disarm=True),
    BuffRule(TRAPPED, "OracleStasisTrapCaster", 34.56, shelter=True),
    BuffRule(SUPPLY_UNDER_WAY, "SupplyDropEnRoute", 64),
    BuffRule(RELOADING, "WidowMineReloading", 640, reveal=True),
    BuffRule(LOCKED, "LockOnDisableAttack", disarm=True),
    BuffRule(NOVA_CASTER, "PurificationNovaTargettedCaster", 48, speed=0.25, disarm=True),
    BuffRule(DISGUISED, "ChangelingDisable", disarm=True, disguise=True),
)
RULES: dict[int, BuffRule] = {rule.id: rule for rule in _RULES}
"""Every buff that the engine gives, by id."""


def has(world: World, row: int, buff: int) -> bool:
    """Whether a unit has a buff."""
    return any(b == buff for b, _ in world.buffs.get(row, ()))


def left(world: World, row: int, buff: int) -> float:
    """Loops that a buff still lasts; 0 when the unit has none."""
    return next((until - world.loop for b, until in world.buffs.get(row, ()) if b == buff), 0.0)


def apply(game: Game, row: int, buff: int, loops: float | None = None) -> None:
    """Give a unit a buff, or refresh it; `loops` instead of the buff's own duration."""
    w = game.world
    lasts = RULES[buff].loops if loops is None else loops
    until = w.loop + lasts if lasts > 0 else math.inf
    others = [(b, t) for b, t in w.buffs.get(row, ()) if b != buff]
    w.buffs[row] = tuple(sorted([*others, (buff, until)]))
    recompute(game, row)


def remove(game: Game, row: int, buff: int) -> None:
    """Take a buff away; nothing happens when the unit has none."""
    w = game.world
    held = w.buffs.get(row, ())
    kept = tuple(b for b in held if b[0] != buff)
    if len(kept) == len(held):
        return
    if kept:
        w.buffs[row] = kept
    else:
        del w.buffs[row]
    recompute(game, row)


def expire(game: Game) -> None:
    """Take away what has run out by now."""
    w = game.world
    for row in [r for r, held in w.buffs.items() if any(until <= w.loop for _, until in held)]:
        kept = tuple(b for b in w.buffs[row] if b[1] > w.loop)
        if kept:
            w.buffs[row] = kept
        else:
            del w.buffs[row]
        recompute(game, row)


def next_end(world: World) -> float:
    """Loop at which a buff runs out next; inf when none does."""
    return min((until for held in world.buffs.values() for _, until in held), default=math.inf)


def can_cast(world: World, row: int) -> bool:
    """Whether nothing keeps a unit from using abilities."""
    return not any(RULES[b].mute or RULES[b].stun for b, _ in world.buffs.get(row, ()))


def recompute(game: Game, row: int) -> None:
    """Make a unit's factors and states anew from its type, its upgrades and its buffs."""
    w, u = game.world, game.world.units
    held = [RULES[b] for b, _ in w.buffs.get(row, ())]
    rule = w.rules.units[int(u.type_id[row])]
    still = any(b.stun or b.root for b in held)
    u.speed_factor[row] = 0.0 if still else math.prod(_speed(w, row, b) for b in held)
    u.attack_rate[row] = math.prod(b.attack for b in held)
    u.armor_bonus[row] = sum(b.armor for b in held)
    u.armored_bonus[row] = sum(b.armored for b in held)
    u.air_damage[row] = math.prod(b.air_damage for b in held)
    u.disguised[row] = any(b.disguise for b in held)
    armed = any(w.rules.weapons[i].active for i in rule.weapons) or any(b.id == ORACLE_WEAPON for b in held)
    u.can_attack[row] = (
        armed and u.build_left[row] <= 0 and u.powered[row] == 1 and not any(b.disarm or b.stun for b in held)
    )
    u.invulnerable[row] = not rule.can_be_attacked or any(b.shelter for b in held)
    hidden = rule.is_cloaked or rule.is_burrowed or any(b.cloak for b in held)
    u.cloaked[row] = hidden and not any(b.reveal for b in held)
    u.flying[row] = rule.is_flying or any(b.lift for b in held)
    most = float(w.stats.hp[int(u.owner[row]), int(u.type_id[row])]) + sum(b.life for b in held)
    if most != u.hp_max[row]:
        u.hp[row] = min(max(float(u.hp[row] + most - u.hp_max[row]), 1.0), most)
        u.hp_max[row] = most
    rate = chrono_rate(w, row)
    u.work_rate[row] = rate if u.powered[row] == 1 else 0.0


def _speed(world: World, row: int, buff: BuffRule) -> float:
    """Factor of a buff on speed, which an upgrade may change."""
    if buff.upgraded is not None:
        name, factor = buff.upgraded
        if world.rules.upgrade(name).id in world.upgrades[int(world.units.owner[row])]:
            return factor
    return buff.speed


def chrono_rate(world: World, row: int) -> float:
    """How fast a structure works: chrono boost, contamination."""
    if has(world, row, CONTAMINATED):
        return 0.0
    return world.rules.game.chrono_rate if has(world, row, CHRONO_BOOST) else 1.0
