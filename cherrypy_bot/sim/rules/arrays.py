"""The rules as arrays for kernels, one copy per player, and upgrades that change a player's copy.

Everything is C-contiguous and of a plain numpy type, so numba takes the tuple as an argument.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.rules.errors import RulesError
from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS, UnitRule, UpgradeEffect, UpgradeRule, WeaponRule

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bits = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

WEAPON_SLOTS = 4
BONUS_SLOTS = 3
SPLASH_SLOTS = 3
HIT_SLOTS = 4
BOUNCE_SLOTS = 2
ARC_SLOP_DEGREES = 11.25
"""The game's arc_slop: weapons may begin an attack when the target is so far outside their arc."""

# values of w_splash_shape
NO_SPLASH, RING, CONE, LINE, BEAM, WAVE, SEVERAL = range(7)
_SHAPES = {"": NO_SPLASH, "ring": RING, "cone": CONE, "line": LINE, "beam": BEAM}
_WAVE_WIDTH = 1.0
"""A line as wide as this is not a flame but a row of spines that runs along it."""


class TypeArrays(NamedTuple):
    """Unit fields are indexed by API unit type id ([T], T = highest id + 1; unknown types are all zero).

    Weapon fields (`w_...`) are indexed by weapon index ([W]). float64 unless noted; distances in cells,
    times in loops, speeds per loop.
    """

    radius: Floats
    """the API's radius: attack ranges count from it"""
    separation_radius: Floats
    inner_radius: Floats
    speed: Floats
    acceleration: Floats
    creep_multiplier: Floats
    """1 where the type has none"""
    turn_rate: Floats
    """radians per loop"""
    sight: Floats
    detection: Floats
    hp: Floats
    shields: Floats
    energy_max: Floats
    energy_regen: Floats
    hp_regen: Floats
    hp_regen_delay: Floats
    armor: Floats
    shield_armor: Floats
    attribute_bits: Ints
    flying: Flags
    plane: Bits
    """1 ground, 2 air, 3 both"""
    target_priority: Ints
    push_priority: Ints
    is_structure: Flags
    is_worker: Flags
    is_townhall: Flags
    cargo_size: Ints
    weapon: Ints
    """[T, 4] weapon indices that can be fired without an ability, -1 none"""
    supply: Floats
    energy_start: Floats
    height: Floats
    can_be_attacked: Flags
    deceleration: Floats
    flees: Flags
    """looks for no target by itself"""
    w_target: Bits
    """1 ground, 2 air"""
    w_damage: Floats
    w_bonus_bits: Ints
    """[W, 3] attribute bit of each bonus, 0 none"""
    w_bonus: Floats
    """[W, 3]"""
    w_hits: Ints
    w_range: Floats
    w_min_range: Floats
    """0 for weapons whose close range a hidden twin covers"""
    w_cooldown: Floats
    w_damage_point: Floats
    w_backswing: Floats
    w_delay_min: Floats
    w_delay_max: Floats
    w_missile_speed: Floats
    """cells per loop, 0 instant"""
    w_armor_reduction: Floats
    w_splash_radius: Floats
    """[W, 3] radius of each ring, 0 none; cone: from the attacker's edge"""
    w_splash_fraction: Floats
    """[W, 3]"""
    w_splash_friendly: Flags
    w_splash_shape: Bits
    """RING round the place of impact, CONE from the attacker, LINE from the attacker through the target, BEAM across
    the attack direction at the target, WAVE a line whose cells are hit one after another, SEVERAL other targets in
    range; explosions of banelings are not the weapon's"""
    w_splash_length: Floats
    w_splash_width: Floats
    w_splash_arc: Floats
    """radians, the whole angle"""
    w_targets: Ints
    """how many units one attack hits each (Mothership 4)"""
    w_hit_times: Floats
    """[W, 4] loops after the damage point at which each hit happens or is launched"""
    w_bounce_radius: Floats
    """[W, 2] how far from its last target the missile looks for another, 0 none"""
    w_bounce_share: Floats
    """[W, 2] share of the damage, upgrades included, that is left then"""
    w_arc: Floats
    """radians by which the target may be off the facing when the attack begins"""
    w_melee: Flags
    w_shield_bonus: Floats
    w_suicide: Flags
    w_moving: Flags
    """fires while it moves"""


def build_arrays(units: Mapping[int, UnitRule], weapons: Sequence[WeaponRule]) -> TypeArrays:
    """The arrays of a ruleset before any upgrade."""
    count = max(units, default=0) + 1
    columns: dict[str, Any] = {}

    def unit_column(field: str, source: str, kind: type[np.generic], fill: float = 0) -> None:
        column = np.full(count, fill, kind)
        for index, unit in units.items():
            column[index] = getattr(unit, source)
        columns[field] = column

    for field in [
        "radius",
        "separation_radius",
        "inner_radius",
        "speed",
        "acceleration",
        "turn_rate",
        "sight",
        "detection",
        "hp",
        "shields",
        "energy_max",
        "energy_regen",
        "hp_regen",
        "armor",
        "shield_armor",
        "supply",
        "energy_start",
        "height",
        "deceleration",
    ]:
        unit_column(field, field, np.float64)
    unit_column("creep_multiplier", "creep_multiplier", np.float64, 1.0)
    unit_column("hp_regen_delay", "hp_regen_delay_loops", np.float64)
    unit_column("plane", "plane_bits", np.uint8)
    for field in ("attribute_bits", "target_priority", "push_priority", "cargo_size"):
        unit_column(field, field, np.int32)
    for field in ("is_structure", "is_worker", "is_townhall", "can_be_attacked", "flees"):
        unit_column(field, field, np.bool_)
    unit_column("flying", "is_flying", np.bool_)
    slots = np.full((count, WEAPON_SLOTS), -1, np.int32)
    for index, unit in units.items():
        usable = [w for w in unit.weapons if weapons[w].active and not weapons[w].twin_of][:WEAPON_SLOTS]
        slots[index, : len(usable)] = usable
    columns["weapon"] = slots

    def weapon_column(field: str, source: str, kind: type[np.generic]) -> None:
        columns[field] = np.array([getattr(w, source) for w in weapons], kind)

    for field in [
        "damage",
        "range",
        "cooldown",
        "damage_point",
        "backswing",
        "missile_speed",
        "armor_reduction",
        "shield_bonus",
    ]:
        weapon_column("w_" + field, field, np.float64)
    weapon_column("w_delay_min", "random_delay_min", np.float64)
    weapon_column("w_delay_max", "random_delay_max", np.float64)
    weapon_column("w_target", "target_bits", np.uint8)
    for field in ("splash_friendly", "melee", "suicide"):
        weapon_column("w_" + field, field, np.bool_)
    columns.update(_shapes_and_times(weapons))
    columns["w_moving"] = np.array([w.moving == "moving" for w in weapons], np.bool_)
    covered = {w.twin_of for w in weapons if w.twin_of}
    columns["w_min_range"] = np.array([0.0 if w.name in covered else w.min_range for w in weapons], np.float64)
    bits = np.zeros((len(weapons), BONUS_SLOTS), np.int32)
    bonus = np.zeros((len(weapons), BONUS_SLOTS), np.float64)
    ring_radius = np.zeros((len(weapons), SPLASH_SLOTS), np.float64)
    ring_fraction = np.zeros((len(weapons), SPLASH_SLOTS), np.float64)
    for w in weapons:
        for slot, (attribute, amount) in enumerate(w.bonus[:BONUS_SLOTS]):
            bits[w.index, slot], bonus[w.index, slot] = ATTRIBUTE_BITS[attribute], amount
        for slot, (radius, fraction) in enumerate(w.splash[:SPLASH_SLOTS]):
            ring_radius[w.index, slot], ring_fraction[w.index, slot] = radius, fraction
    columns.update(w_bonus_bits=bits, w_bonus=bonus, w_splash_radius=ring_radius, w_splash_fraction=ring_fraction)
    return TypeArrays(**columns)


def _shapes_and_times(weapons: Sequence[WeaponRule]) -> dict[str, Any]:
    """Columns for where and when the hits of an attack fall."""
    count = len(weapons)
    columns: dict[str, Any] = {
        "w_splash_shape": np.zeros(count, np.uint8),
        "w_targets": np.ones(count, np.int32),
        "w_hits": np.ones(count, np.int32),
        "w_hit_times": np.zeros((count, HIT_SLOTS)),
        "w_bounce_radius": np.zeros((count, BOUNCE_SLOTS)),
        "w_bounce_share": np.zeros((count, BOUNCE_SLOTS)),
        "w_splash_length": np.array([w.splash_length for w in weapons], np.float64),
        "w_splash_width": np.array([w.splash_width for w in weapons], np.float64),
        "w_splash_arc": np.radians([w.splash_arc for w in weapons]),
        "w_arc": np.radians([w.arc / 2 + ARC_SLOP_DEGREES for w in weapons]),
    }
    for w in weapons:
        shape = _SHAPES[w.splash_shape]
        if shape == LINE and w.splash_width >= _WAVE_WIDTH:
            shape = WAVE
        hits = w.hits
        if w.attacks > len(w.hit_times) > 0:  # fewer times than attacks: the attacks go to units of their own
            columns["w_targets"][w.index], hits, shape = w.attacks, len(w.hit_times), SEVERAL
        if hits > HIT_SLOTS or len(w.bounces) > BOUNCE_SLOTS:
            raise RulesError(f"weapon {w.name} has more than {HIT_SLOTS} hits or {BOUNCE_SLOTS} bounces")
        columns["w_splash_shape"][w.index], columns["w_hits"][w.index] = shape, hits
        columns["w_hit_times"][w.index, : len(w.hit_times)] = w.hit_times
        for slot, (radius, damage, _) in enumerate(w.bounces):
            columns["w_bounce_radius"][w.index, slot] = radius
            columns["w_bounce_share"][w.index, slot] = damage / w.damage
    return columns


def copy_for_player(arrays: TypeArrays) -> TypeArrays:
    """A deep copy that upgrades of one player may change."""
    columns: dict[str, Any] = {name: column.copy() for name, column in arrays._asdict().items()}
    return TypeArrays(**columns)


_UNIT_SCALE = {"speed": 16.0, "acceleration": 256.0, "energy_regen": 16.0, "hp_regen": 16.0}
"""The tables give these per normal second (squared); a loop is a sixteenth of it."""


def _changed(old: float, op: str, value: float) -> float:
    if op == "add":
        return old + value
    if op == "subtract":
        return old - value
    if op == "set":
        return value
    if op == "multiply":
        return old * value
    if op == "divide":
        return old / value
    raise RulesError(f"an upgrade has the unknown op '{op}'; use add, subtract, set, multiply or divide")


def apply_effect(arrays: TypeArrays, effect: UpgradeEffect) -> None:
    """Apply one change of a unit or weapon to a player's arrays."""
    index = effect.index
    if effect.kind == "unit":
        scale = 1.0 if effect.op in ("multiply", "divide") else _UNIT_SCALE.get(effect.field, 1.0)
        column = getattr(arrays, effect.field)
        column[index] = _changed(float(column[index]), effect.op, effect.value / scale)
    elif effect.field.startswith("bonus:"):
        bit = ATTRIBUTE_BITS[effect.field[len("bonus:") :]]
        slot = next((s for s in range(BONUS_SLOTS) if arrays.w_bonus_bits[index, s] in (bit, 0)), None)
        if slot is None:
            raise RulesError(f"weapon {index} has no free slot for the bonus of upgrade field {effect.field}")
        arrays.w_bonus_bits[index, slot] = bit
        arrays.w_bonus[index, slot] = _changed(float(arrays.w_bonus[index, slot]), effect.op, effect.value)
    elif effect.field == "rate":
        arrays.w_cooldown[index] /= 1.0 + effect.value
    else:
        column = getattr(arrays, "w_" + effect.field)
        column[index] = _changed(float(column[index]), effect.op, effect.value)


def apply_upgrade(arrays: TypeArrays, upgrade: UpgradeRule) -> None:
    """Change a player's arrays in place as a finished upgrade does.

    Raised maxima (hp, shields) hold for units made later; units that live already are the engine's to adjust.
    """
    for effect in upgrade.effects:
        apply_effect(arrays, effect)
