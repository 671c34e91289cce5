"""What one row of the rules says: units, weapons, abilities, commands, upgrades and the game's globals.

All distances are cells, all times loops (16 per normal second, 22.4 per real one), all speeds per loop.
"""

from dataclasses import dataclass

from cherrypy_bot.sim.rules.requirements import Requirement

Cell = tuple[int, int]
"""Offset (dx, dy) from the cell that holds a structure's centre: cell index = floor(centre) + offset."""

ATTRIBUTE_BITS: dict[str, int] = {
    name: 1 << value
    for value, name in enumerate(
        (
            "Light",
            "Armored",
            "Biological",
            "Mechanical",
            "Robotic",
            "Psionic",
            "Massive",
            "Structure",
            "Hover",
            "Heroic",
            "Summoned",
        ),
        start=1,
    )
}
"""Attribute name to bit; the bit's number is the value of the API's Attribute enum."""

GROUND, AIR = 1, 2
"""Bits of planes: what a unit is in, what a weapon can hit."""


@dataclass(frozen=True, slots=True)
class UnitRule:
    """One unit type. Costs are the API's totals; what a player pays is in CommandRule."""

    id: int
    name: str
    race: str
    """Terran, Protoss, Zerg or Neutral"""
    kind: str
    """unit, structure, unit_mode, structure_mode, egg_or_larva, temporary, resource, destructible, ..."""
    minerals: int
    gas: int
    supply: float
    """food it uses"""
    supply_provided: float
    build_loops: float
    """the API's build_time"""
    hp: float
    hp_start: float
    shields: float
    energy_start: float
    energy_max: float
    energy_regen: float
    """per loop"""
    hp_regen: float
    """per loop"""
    hp_regen_delay_loops: float
    armor: float
    shield_armor: float
    speed: float
    """cells per loop"""
    acceleration: float
    """cells per loop squared; 0 for what cannot move"""
    deceleration: float
    """cells per loop squared; 0 = stops at once"""
    creep_multiplier: float
    turn_rate: float
    """radians per loop"""
    radius: float
    """the API's radius"""
    unit_radius: float
    separation_radius: float
    inner_radius: float
    sight: float
    detection: float
    is_flying: bool
    plane_ground: bool
    plane_air: bool
    """a Colossus is in both planes"""
    height: float
    """above the ground"""
    attributes: frozenset[str]
    attribute_bits: int
    cargo_size: int
    cargo_capacity: int
    weapons: tuple[int, ...]
    """weapon indices, first choice first"""
    is_structure: bool
    is_worker: bool
    is_townhall: bool
    is_gas_building: bool
    is_mineral_field: bool
    is_geyser: bool
    is_rich: bool
    is_addon: bool
    is_burrowed: bool
    is_cloaked: bool
    """always cloaked (burrowed types included)"""
    is_larva_or_egg: bool
    is_army: bool
    can_be_attacked: bool
    """neither invulnerable nor untargetable"""
    flees: bool
    """looks for no target by itself (workers, overlords)"""
    prevents_defeat: bool
    """a player who owns one has not lost"""
    flags: frozenset[str]
    """all flags of the table, the named ones above included"""
    target_priority: int
    push_priority: int
    footprint: tuple[Cell, ...]
    """cells that block building"""
    footprint_path: tuple[Cell, ...]
    """cells that block ground units"""
    footprint_w: int
    footprint_h: int
    """box of the footprint in cells; 0 for units"""
    placement_cells: tuple[Cell, ...]
    """cells that must be free to place it (an add-on includes its building's)"""
    needs_power: bool
    needs_creep: bool
    forbids_creep: bool
    near_resources_forbidden: tuple[Cell, ...]
    """town halls: cells that must not be marked by resources"""
    near_resources_cells: tuple[Cell, ...]
    """resources and gas buildings: cells they mark against town halls"""
    power_radius: float
    fast_power_radius: float
    """pylon power whose source lies within it warps in fast"""
    creep_source: str
    """key of GameConstants.creep_sources, or empty"""
    lifetime_loops: float
    """0 = lives until killed"""
    lifetime_random_loops: float
    resource_amount: int
    repair_loops: float
    """one worker repairs it from nothing to full in so many loops; 0 = cannot be repaired"""
    unit_alias: int
    tech_alias: tuple[int, ...]
    tech_requirement: int
    require_attached: bool
    ability_id: int
    """ability that makes it, as ResponseData says"""

    @property
    def plane_bits(self) -> int:
        """GROUND and AIR bits."""
        return GROUND * self.plane_ground + AIR * self.plane_air


@dataclass(frozen=True, slots=True)
class WeaponUpgrade:
    """What each level of a weapon upgrade family adds to one weapon."""

    family: str
    """upgrade names are family + "Level1".."Level3" """
    damage: float
    bonus: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class WeaponRule:
    """One weapon; damage numbers are per hit."""

    index: int
    name: str
    target: str
    """Ground, Air or Any"""
    target_bits: int
    damage: float
    bonus: tuple[tuple[str, float], ...]
    shield_bonus: float
    hits: int
    hit_times: tuple[float, ...]
    """loops after the damage point; empty = all at once"""
    attacks: int
    """number of attacks that the API reports"""
    range: float
    min_range: float
    cooldown: float
    damage_point: float
    backswing: float
    random_delay_min: float
    random_delay_max: float
    arc: float
    """degrees in which it fires without turning"""
    moving: str
    """'' stops to fire, 'slowing', 'moving' fires on the move"""
    armor_reduction: int
    missile_speed: float
    """cells per loop, 0 = instant"""
    splash: tuple[tuple[float, float], ...]
    """(radius, fraction) rings"""
    splash_shape: str
    """'', ring, cone, line or beam"""
    splash_length: float
    splash_width: float
    splash_arc: float
    splash_friendly: bool
    suicide: bool
    bounces: tuple[tuple[float, float, float], ...]
    """(radius, damage, damage per upgrade level)"""
    upgrades: tuple[WeaponUpgrade, ...]
    launches: int
    """unit type that carries the damage, 0 none"""
    melee: bool
    hidden: bool
    twin_of: str
    """hidden close-range copy of this weapon"""
    active: bool
    """can be fired without an ability"""
    in_response_data: bool
    effect: str


@dataclass(frozen=True, slots=True)
class AbilityRule:
    """One ability id, field by field as AbilityData of ResponseData; None = the game leaves the field out."""

    id: int
    name: str
    link_name: str
    link_index: int | None
    button_name: str
    friendly_name: str
    hotkey: str
    remaps_to: int
    available: bool
    target: str
    """None, Point, Unit, PointOrUnit, PointOrNone, or empty where the game leaves it out"""
    allow_minimap: bool | None
    allow_autocast: bool | None
    is_building: bool | None
    footprint_radius: float | None
    is_instant_placement: bool | None
    cast_range: float | None


@dataclass(frozen=True, slots=True)
class CommandRule:
    """What one ability does for one type of caster."""

    ability_id: int
    caster: int
    how: str
    """train, larva_train, build, warp_in, addon, morph, merge, arm, research, effect, move, stop, ..."""
    product: int
    """unit type made, 0 none"""
    count: int
    via: int
    """egg or cocoon it passes through, 0 none"""
    upgrade: int
    minerals: int
    gas: int
    """what the player pays"""
    supply: float
    """food it adds; -1 for a Drone that becomes a structure"""
    time_loops: float
    stats_change_loops: float
    """a morph has the new type's stats from then on"""
    body_change_loops: float
    """a morph has the new type's body from then on; 0: from the beginning, or with the stats"""
    random_delay_loops: float
    """a change of mode begins up to so many loops late"""
    requirement: Requirement
    energy: float
    cooldown_loops: float
    range: float
    on_card: bool


@dataclass(frozen=True, slots=True)
class UpgradeEffect:
    """One change of a field: kind "unit" or "weapon" changes arrays, "raw" is a path of the game's data."""

    kind: str
    entry: str
    index: int
    """unit type id or weapon index, -1 for raw"""
    field: str
    op: str
    """add, subtract, set, multiply or divide"""
    value: float
    text: str
    """the value as written, for raw changes that are not numbers"""


@dataclass(frozen=True, slots=True)
class UpgradeRule:
    """One upgrade."""

    id: int
    name: str
    minerals: int
    gas: int
    research_loops: float
    ability_id: int
    researched_at: tuple[int, ...]
    obtainable: bool
    effects: tuple[UpgradeEffect, ...]
    """changes of units and weapons"""
    raw: tuple[UpgradeEffect, ...]
    """all other changes"""


@dataclass(frozen=True, slots=True)
class EffectRule:
    """An effect that observations show on the ground, as a Psi Storm."""

    id: int
    name: str
    radius: float
    """cells it covers (ResponseData says 0)"""


@dataclass(frozen=True, slots=True)
class CreepSource:
    """How creep grows from one kind of source."""

    period_loops: float
    """loops per growth step"""
    delay_loops: float
    start: tuple[Cell, ...]
    """covered at once by a source that just came to be"""
    grown: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GameConstants:
    """Numbers that belong to no unit; game.yaml explains each."""

    start_gas: int
    start_townhall: dict[str, str]
    start_worker: dict[str, str]
    start_extra: dict[str, dict[str, int]]
    damage_minimum: float
    acquire_leash_radius: float
    acquire_leash_reset_radius: float
    acquire_scan_range: float
    call_for_help_radius: float
    call_for_help_period_loops: float
    range_slop: float
    attack_reveal_loops: float
    death_reveal_radius: float
    death_reveal_loops: float
    penalty_reveal_loops: float
    hp_start_factor: float
    shield_start_factor: float
    sight_while_constructing: float
    refund_structure: float
    refund_morph: float
    refund_queue: float
    salvage_factor: float
    salvage_loops: float
    shield_regen: float
    shield_regen_delay_loops: float
    burn_down_below: float
    burn_down_damage: float
    burn_down_period_loops: float
    off_creep_damage: float
    off_creep_period_loops: float
    repair_cost_factor: float
    repair_range: float
    larva_interval_loops: float
    larva_natural_max: int
    larva_limit: int
    inject_energy: float
    inject_delay_loops: float
    inject_larvae: int
    inject_release_interval_loops: float
    inject_queen_locked_loops: float
    chrono_energy: float
    chrono_duration_loops: float
    chrono_rate: float
    warp_in_loops: float
    warp_in_fast_loops: float
    power_height_limit: float
    mineral_trip: int
    mineral_trip_rich: int
    gas_trip: int
    gas_trip_rich: int
    mule_trip: int
    mule_time_factor: float
    mineral_harvest_loops: float
    gas_harvest_loops: float
    mineral_return_delay_loops: float
    resource_acquire_radius: float
    ideal_workers_per_mineral: int
    ideal_workers_per_gas: int
    stalemate_loops: float
    game_limit_loops: int
    addon_offset_x: float
    addon_offset_y: float
    creep_decay_loops: float
    creep_sources: dict[str, CreepSource]
