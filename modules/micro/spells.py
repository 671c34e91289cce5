"""The table of abilities that fighters use in a fight: who casts what at whom, and what makes it worth it.

One row per ability. `casting.py` carries them out; a new spell is a new row.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from sc2.data import Attribute
from sc2.ids.ability_id import AbilityId as A
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from modules.micro.field import Battlefield, BoolArray, FloatArray

SECOND: Final = 22.4


class Aim(enum.Enum):
    """What a spell is cast at."""

    SELF = "self"
    ENEMY = "enemy"
    AREA = "area"
    FRIEND = "friend"


Worth = Callable[[Battlefield], FloatArray]
"""What each enemy adds to the worth of a spell, shape (m,); for FRIEND what each of ours does, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One ability of one type of fighter.

    Attributes:
        name: what the trace calls it. caster, ability: who does what.
        aim: SELF is cast when the worth of the enemies within `reach` adds up to `least`; ENEMY and FRIEND go to the
            target worth most; AREA to where the worth within `radius` adds up to most.
        reach: cells from edge to edge for ENEMY, FRIEND and SELF, from the caster's edge to the middle for AREA.
        worth, least: what is counted, and how much of it is enough.
        energy: what it costs. cooldown: loops before the same caster casts it again, for those without energy.
        lasts: loops in which nobody casts the same at the same target or place.
        needs: upgrade without which there is none. harms_friends: our own units in the area count against it.
        spares_life: share of its life that the caster must have.
    """

    name: str
    caster: U
    ability: A
    aim: Aim
    reach: float
    worth: Worth
    least: float
    radius: float = 0.0
    energy: float = 0.0
    cooldown: float = 0.0
    lasts: float = 0.0
    needs: UpgradeId | None = None
    harms_friends: bool = False
    spares_life: float = 0.0


def _has(field: Battlefield, attribute: Attribute) -> BoolArray:
    found: BoolArray = field.weapons.attributes[field.foe_kind, attribute.value]
    return found


def _fighters(field: Battlefield) -> BoolArray:
    """Armed enemies that are no structures."""
    found: BoolArray = field.weapons.armed(field.foe_kind) & ~_has(field, Attribute.Structure)
    return found


def _price(field: Battlefield) -> FloatArray:
    """What armed enemies cost, minerals and 1.5 times gas."""
    cost: FloatArray = np.where(field.weapons.armed(field.foe_kind), field.weapons.value[field.foe_kind], 0.0)
    return cost


def armed_near(field: Battlefield) -> FloatArray:
    """What armed enemies cost, structures with weapons too."""
    return _price(field)


def shooters(field: Battlefield) -> FloatArray:
    """One for each enemy that shoots from afar."""
    reach = field.weapons.reach[field.foe_kind].max(axis=1)
    return np.where(_fighters(field) & (reach > 2.0), 1.0, 0.0)


def _damage(amount: float, field: Battlefield, whom: BoolArray) -> FloatArray:
    """What that much damage really takes from each of these enemies."""
    taken: FloatArray = np.where(whom, np.minimum(field.foe_life, amount), 0.0)
    return taken


def stormed(field: Battlefield) -> FloatArray:
    """80 damage to units."""
    return _damage(80.0, field, _fighters(field))


def biled(field: Battlefield) -> FloatArray:
    """60 damage after 2.5 s: those who stand still are hit, others seldom."""
    still = field.foe_speed <= 0.0
    hit = _damage(60.0, field, field.weapons.armed(field.foe_kind))
    result: FloatArray = np.where(still, 2.0 * hit, 0.6 * hit)
    return result


def rooted(field: Battlefield) -> FloatArray:
    """30 damage, and nobody goes anywhere."""
    return _damage(30.0, field, _fighters(field))


def shattered(field: Battlefield) -> FloatArray:
    """145 damage to ground units."""
    return _damage(145.0, field, _fighters(field) & ~field.foe_flying)


def shields(field: Battlefield) -> FloatArray:
    """Shields and energy that an EMP takes."""
    shield, energy = field.units.shield[field.foe], field.units.energy[field.foe]
    taken: FloatArray = np.minimum(shield, 100.0) + np.where(_fighters(field), np.minimum(energy, 100.0), 0.0)
    return taken


def energy(field: Battlefield) -> FloatArray:
    """Energy of casters."""
    left: FloatArray = np.where(_has(field, Attribute.Structure), 0.0, field.units.energy[field.foe])
    return left


def biological(field: Battlefield) -> FloatArray:
    """Price of biological enemies that have at least 80 life."""
    whom = _has(field, Attribute.Biological) & (field.foe_life >= 80.0)
    return np.where(whom, _price(field), 0.0)


def machines(field: Battlefield) -> FloatArray:
    """Price of mechanical and psionic fighters."""
    whom = (_has(field, Attribute.Mechanical) | _has(field, Attribute.Psionic)) & _fighters(field)
    return np.where(whom, _price(field), 0.0)


def big(field: Battlefield) -> FloatArray:
    """Price of enemies with much life left."""
    return np.where(field.foe_life >= 150.0, _price(field), 0.0)


def big_units(field: Battlefield) -> FloatArray:
    """The same without structures."""
    return np.where(_fighters(field), big(field), 0.0)


def liftable(field: Battlefield) -> FloatArray:
    """Price of ground units that are not massive."""
    whom = _fighters(field) & ~field.foe_flying & ~_has(field, Attribute.Massive)
    return np.where(whom, _price(field), 0.0)


def armoured(field: Battlefield) -> FloatArray:
    """One for each armoured enemy worth shooting at."""
    return np.where(_has(field, Attribute.Armored), 1.0, 0.0)


def light_ground(field: Battlefield) -> FloatArray:
    """One for each light enemy on the ground."""
    return np.where(_has(field, Attribute.Light) & ~field.foe_flying, 1.0, 0.0)


def units(field: Battlefield) -> FloatArray:
    """One for each fighter."""
    return np.where(_fighters(field), 1.0, 0.0)


def flyers(field: Battlefield) -> FloatArray:
    """Price of fighters in the air."""
    return np.where(_fighters(field) & field.foe_flying, _price(field), 0.0)


def ground_shooters(field: Battlefield) -> FloatArray:
    """Price of ranged fighters on the ground."""
    return np.where((shooters(field) > 0.0) & ~field.foe_flying, _price(field), 0.0)


def rushing(field: Battlefield) -> FloatArray:
    """One for each small melee fighter on the ground that is on its way to us and not here yet."""
    reach = field.weapons.reach[field.foe_kind].max(axis=1)
    whom = _fighters(field) & ~field.foe_flying & (reach < 2.0) & ~_has(field, Attribute.Massive)
    near = field.gap.min(axis=0) if field.n else np.full(field.m, np.inf)
    return np.where(whom & (near > 1.5) & (near < 7.0), 1.0, 0.0)


def guns(field: Battlefield) -> FloatArray:
    """Price of structures, as long as there is nobody in the air to fight."""
    whom = _has(field, Attribute.Structure) & ~bool((_fighters(field) & field.foe_flying).any())
    return np.where(whom, field.weapons.value[field.foe_kind], 0.0)


def wounds(field: Battlefield) -> FloatArray:
    """Life that our badly hurt biological units lack."""
    flesh = field.weapons.attributes[field.kind, Attribute.Biological.value]
    hurt = flesh & (field.life < 0.5 * field.life_max)
    return np.where(hurt, field.life_max - field.life, 0.0)


SPELLS: Final[tuple[Spell, ...]] = (
    # Terran
    Spell(
        "stim", U.MARINE, A.EFFECT_STIM_MARINE, Aim.SELF, 6.0, armed_near, 100.0,
        cooldown=11 * SECOND, needs=UpgradeId.STIMPACK, spares_life=0.7,
    ),
    Spell(
        "stim", U.MARAUDER, A.EFFECT_STIM_MARAUDER, Aim.SELF, 7.0, armed_near, 100.0,
        cooldown=11 * SECOND, needs=UpgradeId.STIMPACK, spares_life=0.6,
    ),
    Spell("KD8 charge", U.REAPER, A.KD8CHARGE_KD8CHARGE, Aim.AREA, 5.0, units, 2.0, radius=1.8, cooldown=15 * SECOND),
    Spell("snipe", U.GHOST, A.EFFECT_GHOSTSNIPE, Aim.ENEMY, 10.0, biological, 150.0, energy=50.0, lasts=40.0),
    Spell("EMP", U.GHOST, A.EMP_EMP, Aim.AREA, 10.0, shields, 180.0, radius=1.5, energy=75.0, lasts=20.0),
    Spell("lock on", U.CYCLONE, A.LOCKON_LOCKON, Aim.ENEMY, 7.0, big_units, 100.0, cooldown=10 * SECOND, lasts=60.0),
    Spell(
        "Yamato cannon", U.BATTLECRUISER, A.YAMATO_YAMATOGUN, Aim.ENEMY, 10.0, big, 150.0,
        cooldown=72 * SECOND, lasts=70.0, needs=UpgradeId.BATTLECRUISERENABLESPECIALIZATIONS,
    ),
    Spell(
        "interference matrix", U.RAVEN, A.EFFECT_INTERFERENCEMATRIX, Aim.ENEMY, 9.0, machines, 250.0,
        energy=75.0, lasts=11 * SECOND,
    ),
    Spell(
        "anti-armor missile", U.RAVEN, A.EFFECT_ANTIARMORMISSILE, Aim.ENEMY, 10.0, units, 1.0,
        radius=2.9, energy=75.0, lasts=21 * SECOND,
    ),
    Spell(
        "cloak", U.BANSHEE, A.BEHAVIOR_CLOAKON_BANSHEE, Aim.SELF, 9.0, shooters, 1.0,
        energy=40.0, cooldown=60 * SECOND, needs=UpgradeId.BANSHEECLOAK,
    ),
    Spell(
        "cloak", U.GHOST, A.BEHAVIOR_CLOAKON_GHOST, Aim.SELF, 8.0, shooters, 3.0,
        energy=125.0, cooldown=60 * SECOND, needs=UpgradeId.PERSONALCLOAKING,
    ),
    # Protoss
    Spell(
        "guardian shield", U.SENTRY, A.GUARDIANSHIELD_GUARDIANSHIELD, Aim.SELF, 9.0, shooters, 3.0,
        energy=75.0, lasts=11 * SECOND,
    ),
    Spell(
        "force field", U.SENTRY, A.FORCEFIELD_FORCEFIELD, Aim.AREA, 9.0, rushing, 2.0,
        radius=1.7, energy=50.0, lasts=10 * SECOND,
    ),
    Spell(
        "time warp", U.MOTHERSHIP, A.EFFECT_TIMEWARP, Aim.AREA, 9.0, ground_shooters, 400.0,
        radius=3.5, energy=100.0, lasts=10 * SECOND,
    ),
    Spell(
        "psionic storm", U.HIGHTEMPLAR, A.PSISTORM_PSISTORM, Aim.AREA, 9.0, stormed, 200.0,
        radius=1.5, energy=75.0, lasts=3 * SECOND, needs=UpgradeId.PSISTORMTECH, harms_friends=True,
    ),
    Spell("feedback", U.HIGHTEMPLAR, A.FEEDBACK_FEEDBACK, Aim.ENEMY, 10.0, energy, 75.0, energy=50.0, lasts=20.0),
    Spell(
        "prismatic alignment", U.VOIDRAY, A.EFFECT_VOIDRAYPRISMATICALIGNMENT, Aim.SELF, 6.0, armoured, 1.0,
        cooldown=43 * SECOND,
    ),
    Spell(
        "pulsar beam", U.ORACLE, A.BEHAVIOR_PULSARBEAMON, Aim.SELF, 5.0, light_ground, 1.0,
        energy=40.0, cooldown=15 * SECOND,
    ),
    Spell(
        "purification nova", U.DISRUPTOR, A.EFFECT_PURIFICATIONNOVA, Aim.AREA, 9.0, shattered, 200.0,
        radius=1.5, cooldown=22 * SECOND, lasts=3 * SECOND, harms_friends=True,
    ),
    Spell(
        "graviton beam", U.PHOENIX, A.GRAVITONBEAM_GRAVITONBEAM, Aim.ENEMY, 4.0, liftable, 150.0,
        energy=50.0, lasts=8 * SECOND,
    ),
    # Zerg
    Spell(
        "corrosive bile", U.RAVAGER, A.EFFECT_CORROSIVEBILE, Aim.AREA, 9.0, biled, 36.0,
        radius=0.8, cooldown=7.2 * SECOND, lasts=20.0, harms_friends=True,
    ),
    Spell(
        "fungal growth", U.INFESTOR, A.FUNGALGROWTH_FUNGALGROWTH, Aim.AREA, 10.0, rooted, 110.0,
        radius=2.0, energy=75.0, lasts=3 * SECOND,
    ),
    Spell(
        "neural parasite", U.INFESTOR, A.NEURALPARASITE_NEURALPARASITE, Aim.ENEMY, 8.0, big_units, 400.0,
        energy=100.0, lasts=11 * SECOND, needs=UpgradeId.NEURALPARASITE,
    ),
    Spell(
        "parasitic bomb", U.VIPER, A.PARASITICBOMB_PARASITICBOMB, Aim.ENEMY, 8.0, flyers, 150.0,
        energy=125.0, lasts=7 * SECOND,
    ),
    Spell(
        "blinding cloud", U.VIPER, A.BLINDINGCLOUD_BLINDINGCLOUD, Aim.AREA, 11.0, ground_shooters, 400.0,
        radius=2.0, energy=100.0, lasts=6 * SECOND,
    ),
    Spell("abduct", U.VIPER, A.EFFECT_ABDUCT, Aim.ENEMY, 9.0, big_units, 350.0, energy=75.0, lasts=30.0),
    Spell(
        "transfusion", U.QUEEN, A.TRANSFUSION_TRANSFUSION, Aim.FRIEND, 7.0, wounds, 75.0, energy=50.0, lasts=60.0
    ),
    Spell(
        "frenzy", U.HYDRALISK, A.HYDRALISKFRENZY_HYDRALISKFRENZY, Aim.SELF, 7.0, armed_near, 100.0,
        cooldown=320.0, needs=UpgradeId.FRENZY,
    ),
    Spell(
        "caustic spray", U.CORRUPTOR, A.CAUSTICSPRAY_CAUSTICSPRAY, Aim.ENEMY, 6.0, guns, 75.0,
        cooldown=33 * SECOND, lasts=10 * SECOND,
    ),
    Spell(
        "locusts", U.SWARMHOSTMP, A.EFFECT_SPAWNLOCUSTS, Aim.AREA, 15.0, units, 1.0, radius=4.0, cooldown=43 * SECOND
    ),
)  # fmt: skip
"""Of two spells that the same caster could cast the one that stands first is cast."""


@dataclass(frozen=True, slots=True)
class Stance:
    """A type that fights only, or better, where it stands still.

    Attributes:
        moving, standing: the two forms. down, up: the abilities that change them.
        reach: edge to edge; it goes down when the price of armed enemies within is `least`, and up again when there
            has been no enemy within `reach` and `slack` cells more for `patience` loops.
        nearest: not with an enemy nearer than this. air: it hits flyers too. aimed: down takes the place it covers.
        waits: it goes down at the rally point too.
    """

    moving: U
    standing: U
    down: A
    up: A
    reach: float
    least: float
    patience: float
    nearest: float = 0.0
    slack: float = 2.5
    air: bool = False
    aimed: bool = False
    waits: bool = False


STANCES: Final[tuple[Stance, ...]] = (
    Stance(
        U.SIEGETANK, U.SIEGETANKSIEGED, A.SIEGEMODE_SIEGEMODE, A.UNSIEGE_UNSIEGE, 12.5, 100.0, 40.0,
        nearest=3.0, waits=True,
    ),
    Stance(U.LURKERMP, U.LURKERMPBURROWED, A.BURROWDOWN_LURKER, A.BURROWUP_LURKER, 7.5, 50.0, 40.0, waits=True),
    Stance(
        U.WIDOWMINE, U.WIDOWMINEBURROWED, A.BURROWDOWN_WIDOWMINE, A.BURROWUP_WIDOWMINE, 7.0, 50.0, 60.0,
        air=True, waits=True,
    ),
    Stance(
        U.LIBERATOR, U.LIBERATORAG, A.MORPH_LIBERATORAGMODE, A.MORPH_LIBERATORAAMODE, 9.0, 75.0, 60.0, aimed=True,
    ),
)  # fmt: skip
