"""From table rows to records; every name is resolved here and every fault names file, line and column."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, TypeVar

from cherrypy_bot.sim.rules.errors import RulesError
from cherrypy_bot.sim.rules.records import (
    AIR,
    ATTRIBUTE_BITS,
    GROUND,
    AbilityRule,
    Cell,
    CommandRule,
    CreepSource,
    GameConstants,
    UnitRule,
    UpgradeEffect,
    UpgradeRule,
    WeaponRule,
    WeaponUpgrade,
)
from cherrypy_bot.sim.rules.requirements import Requirement, RequirementError, parse
from cherrypy_bot.sim.rules.tables import Layers, Row

RACES = ("Terran", "Protoss", "Zerg", "Neutral")
HOW_MAKES = ("train", "larva_train", "build", "warp_in", "addon", "morph", "merge", "arm")
_TARGET_BITS = {"Ground": GROUND, "Air": AIR, "Any": GROUND | AIR}
_PLANES = {"none": 0, "ground": GROUND, "air": AIR, "ground+air": GROUND | AIR}
_OPS = ("add", "subtract", "set", "multiply", "divide")
_UNIT_FIELDS = frozenset(
    [
        "speed",
        "creep_multiplier",
        "acceleration",
        "armor",
        "shield_armor",
        "shields",
        "hp",
        "energy_start",
        "energy_max",
        "energy_regen",
        "hp_regen",
        "sight",
        "cargo_size",
        "supply",
    ]
)
_WEAPON_FIELDS = frozenset(["damage", "range", "min_range", "cooldown", "rate"])

T = TypeVar("T")


def fixed(value: float) -> float:
    """The game's fixed point: the nearest multiple of 1/4096."""
    return math.floor(value * 4096 + 0.5) / 4096


def _named(row: Row, column: str, ids: dict[str, T], what: str, default: T) -> T:
    name = row.text(column)
    if not name:
        return default
    if name not in ids:
        raise row.error(f"'{name}' is not a {what} of this ruleset", column)
    return ids[name]


def _all_named(row: Row, column: str, ids: dict[str, T], what: str) -> tuple[T, ...]:
    for name in row.words(column):
        if name not in ids:
            raise row.error(f"'{name}' is not a {what} of this ruleset", column)
    return tuple([ids[name] for name in row.words(column)])


def _type_ids(row: Row, column: str, ids: dict[str, int]) -> tuple[int, ...]:
    """Unit names, or plain ids of types outside the melee game."""
    out = []
    for name in row.words(column):
        if name not in ids and not name.isdigit():
            raise row.error(f"'{name}' is neither a unit of this ruleset nor an id", column)
        out.append(ids[name] if name in ids else int(name))
    return tuple(out)


@dataclasses.dataclass(frozen=True, slots=True)
class Footprint:
    """One row of footprints.csv."""

    width: int
    height: int
    blocks_building: tuple[Cell, ...]
    blocks_pathing: tuple[Cell, ...]
    must_be_free: tuple[Cell, ...]
    away_from_resources: tuple[Cell, ...]
    near_resources: tuple[Cell, ...]
    creep: str
    creep_cells: tuple[Cell, ...]


NO_FOOTPRINT = Footprint(0, 0, (), (), (), (), (), "", ())


def load_footprints(layers: Layers) -> dict[str, Footprint]:
    """Footprints by name."""
    out = {}
    for row in layers.table("footprints.csv", "name"):
        if row.text("creep") not in ("", "needs", "forbids"):
            raise row.error(f"'{row.text('creep')}' must be needs, forbids or empty", "creep")
        out[row.text("name")] = Footprint(
            row.integer("width"),
            row.integer("height"),
            row.rectangles("blocks_building"),
            row.rectangles("blocks_pathing"),
            row.rectangles("must_be_free"),
            row.rectangles("away_from_resources"),
            row.rectangles("near_resources"),
            row.text("creep"),
            row.rectangles("creep_cells"),
        )
    return out


def unit_rows(layers: Layers) -> tuple[list[tuple[str, Row]], dict[str, int]]:
    """(race, row) of all units and the ids by name."""
    rows = []
    ids: dict[str, int] = {}
    taken: dict[int, str] = {}
    for race in RACES:
        for row in layers.table(race.lower() + "_units.csv", "name"):
            name, index = row.text("name"), row.integer("id", -1)
            if index < 0:
                raise row.error(f"unit '{name}' needs the API's unit type id", "id")
            if name in ids or index in taken:
                raise row.error(f"unit '{name}' with id {index} is in the tables twice", "name")
            ids[name], taken[index] = index, name
            rows.append((race, row))
    return rows, ids


def load_units(
    rows: list[tuple[str, Row]],
    ids: dict[str, int],
    weapons: dict[str, int],
    footprints: dict[str, Footprint],
) -> dict[int, UnitRule]:
    """Units by id, in the order of ids."""
    out = {}
    for race, row in rows:
        unit = _unit(race, row, ids, weapons, footprints)
        out[unit.id] = unit
    return dict(sorted(out.items()))


def _unit(
    race: str, row: Row, ids: dict[str, int], weapons: dict[str, int], footprints: dict[str, Footprint]
) -> UnitRule:
    number, flags = row.number, frozenset(row.words("flags"))
    attributes = row.words("attributes")
    for attribute in attributes:
        if attribute not in ATTRIBUTE_BITS:
            raise row.error(f"'{attribute}' is not an attribute; known: {', '.join(ATTRIBUTE_BITS)}", "attributes")
    plane = _PLANES.get(row.text("plane") or "none")
    if plane is None:
        raise row.error(f"'{row.text('plane')}' must be ground, air, ground+air or none", "plane")
    stamp = _named(row, "footprint", footprints, "footprint", NO_FOOTPRINT)
    place = _named(row, "placement", footprints, "footprint", stamp)
    return UnitRule(
        id=row.integer("id"),
        name=row.text("name"),
        race=race,
        kind=row.text("kind"),
        minerals=row.integer("minerals"),
        gas=row.integer("gas"),
        supply=number("supply"),
        supply_provided=number("supply_provided"),
        build_loops=number("build_loops"),
        hp=number("hp"),
        hp_start=number("hp_start", number("hp")),
        shields=number("shields"),
        energy_start=number("energy_start"),
        energy_max=number("energy_max"),
        energy_regen=fixed(number("energy_regen")) / 16,
        hp_regen=fixed(number("hp_regen")) / 16,
        hp_regen_delay_loops=number("hp_regen_delay"),
        armor=number("armor"),
        shield_armor=number("shield_armor"),
        speed=fixed(number("speed")) / 16,
        acceleration=fixed(number("acceleration")) / 256,
        deceleration=fixed(number("deceleration")) / 256,
        creep_multiplier=fixed(number("creep_multiplier", 1.0)),
        turn_rate=math.radians(number("turn_rate")) / 16,
        radius=number("radius"),
        unit_radius=number("unit_radius"),
        separation_radius=number("separation_radius"),
        inner_radius=number("inner_radius"),
        sight=number("sight"),
        detection=number("detection"),
        is_flying=row.flag("flying"),
        plane_ground=bool(plane & GROUND),
        plane_air=bool(plane & AIR),
        height=number("height"),
        attributes=frozenset(attributes),
        attribute_bits=sum(ATTRIBUTE_BITS[a] for a in attributes),
        cargo_size=row.integer("cargo_size"),
        cargo_capacity=row.integer("cargo_capacity"),
        weapons=_all_named(row, "weapons", weapons, "weapon"),
        is_structure="Structure" in attributes,
        is_worker="worker" in flags,
        is_townhall="townhall" in flags,
        is_gas_building="gas_building" in flags,
        is_mineral_field="mineral_field" in flags,
        is_geyser="geyser" in flags,
        is_rich="rich" in flags,
        is_addon="addon" in flags,
        is_burrowed="burrowed" in flags,
        is_cloaked="cloaked" in flags or "burrowed" in flags,
        is_larva_or_egg="larva_or_egg" in flags,
        is_army="army" in flags,
        can_be_attacked=not flags & {"invulnerable", "untargetable"},
        flees="flees" in flags,
        prevents_defeat="prevents_defeat" in flags,
        flags=flags,
        target_priority=row.integer("target_priority"),
        push_priority=row.integer("push_priority"),
        footprint=stamp.blocks_building,
        footprint_path=stamp.blocks_pathing,
        footprint_w=stamp.width,
        footprint_h=stamp.height,
        placement_cells=place.must_be_free,
        needs_power="needs_power" in flags,
        needs_creep=place.creep == "needs",
        forbids_creep=place.creep == "forbids",
        near_resources_forbidden=place.away_from_resources,
        near_resources_cells=stamp.near_resources,
        power_radius=number("power_radius"),
        fast_power_radius=number("fast_power_radius"),
        creep_source=row.text("creep_source"),
        lifetime_loops=number("lifetime"),
        lifetime_random_loops=number("lifetime_random"),
        resource_amount=row.integer("resource_amount"),
        repair_loops=number("repair_loops"),
        unit_alias=sum(_type_ids(row, "unit_alias", ids)[:1]),
        tech_alias=_type_ids(row, "tech_alias", ids),
        tech_requirement=sum(_type_ids(row, "tech_requirement", ids)[:1]),
        require_attached=row.flag("require_attached"),
        ability_id=row.integer("ability_id"),
    )


def load_weapons(layers: Layers, unit_ids: dict[str, int]) -> list[WeaponRule]:
    """Weapons in the order of the table."""
    out = []
    for index, row in enumerate(layers.table("weapons.csv", "name")):
        number = row.number
        target = _TARGET_BITS.get(row.text("target"))
        if target is None:
            raise row.error(f"'{row.text('target')}' must be Ground, Air or Any", "target")
        out.append(
            WeaponRule(
                index=index,
                name=row.text("name"),
                target=row.text("target"),
                target_bits=target,
                damage=number("damage"),
                bonus=_bonus(row, row.pairs("bonus"), "bonus"),
                shield_bonus=number("shield_bonus"),
                hits=row.integer("hits", 1),
                hit_times=tuple(_floats(row, "hit_times", " ")),
                attacks=row.integer("attacks", 1),
                range=fixed(number("range")),
                min_range=fixed(number("min_range")),
                cooldown=fixed(number("cooldown") / 16) * 16,
                damage_point=fixed(number("damage_point") / 16) * 16,
                backswing=fixed(number("backswing") / 16) * 16,
                random_delay_min=number("delay_min"),
                random_delay_max=number("delay_max"),
                arc=number("arc"),
                moving=row.text("moving"),
                armor_reduction=row.integer("armor_reduction"),
                missile_speed=number("missile_speed") / 16,
                splash=tuple([(a, b) for a, b in (_floats_of(row, "splash", w) for w in row.words("splash"))]),
                splash_shape=row.text("splash_shape"),
                splash_length=number("splash_length"),
                splash_width=number("splash_width"),
                splash_arc=number("splash_arc"),
                splash_friendly=row.flag("splash_friendly"),
                suicide=row.flag("suicide"),
                bounces=tuple([(a, b, c) for a, b, c in (_floats_of(row, "bounces", w) for w in row.words("bounces"))]),
                upgrades=_weapon_upgrades(row),
                launches=_named(row, "launches", unit_ids, "unit", 0),
                melee=row.flag("melee"),
                hidden=row.flag("hidden"),
                twin_of=row.text("twin_of"),
                active=row.flag("active"),
                in_response_data=row.flag("in_response_data"),
                effect=row.text("effect"),
            )
        )
    return out


def _floats(row: Row, column: str, separator: str) -> list[float]:
    return [x for word in row.words(column) for x in _floats_of(row, column, word)]


def _floats_of(row: Row, column: str, word: str) -> list[float]:
    try:
        return [float(part) for part in word.split(":")]
    except ValueError:
        raise row.error(f"'{word}' must be numbers joined by ':'", column) from None


def _bonus(row: Row, pairs: list[tuple[str, float]], column: str) -> tuple[tuple[str, float], ...]:
    for name, _ in pairs:
        if name not in ATTRIBUTE_BITS:
            raise row.error(f"'{name}' is not an attribute; known: {', '.join(ATTRIBUTE_BITS)}", column)
    return tuple(pairs)


def _weapon_upgrades(row: Row) -> tuple[WeaponUpgrade, ...]:
    out = []
    for part in filter(None, row.text("upgrades").split("; ")):
        family, *words = part.split()
        pairs = []
        for word in words:
            name, _, amount = word.partition(":")
            pairs.append((name, _floats_of(row, "upgrades", amount)[0]))
        damage = sum(amount for name, amount in pairs if name == "damage")
        out.append(WeaponUpgrade(family, damage, _bonus(row, [p for p in pairs if p[0] != "damage"], "upgrades")))
    return tuple(out)


def _maybe_flag(row: Row, column: str) -> bool | None:
    return row.flag(column) if row.text(column) else None


def _maybe_number(row: Row, column: str) -> float | None:
    return row.number(column) if row.text(column) else None


def ability(row: Row) -> AbilityRule:
    """One row of abilities.csv or other_abilities.csv."""
    return AbilityRule(
        id=row.integer("id"),
        name=row.text("name"),
        link_name=row.text("link_name"),
        link_index=row.integer("link_index") if row.text("link_index") else None,
        button_name=row.text("button_name"),
        friendly_name=row.text("friendly_name"),
        hotkey=row.text("hotkey"),
        remaps_to=row.integer("remaps_to"),
        available=row.flag("available"),
        target=row.text("target"),
        allow_minimap=_maybe_flag(row, "allow_minimap"),
        allow_autocast=_maybe_flag(row, "allow_autocast"),
        is_building=_maybe_flag(row, "is_building"),
        footprint_radius=_maybe_number(row, "footprint_radius"),
        is_instant_placement=_maybe_flag(row, "is_instant_placement"),
        cast_range=_maybe_number(row, "cast_range"),
    )


def load_commands(
    layers: Layers, units: dict[str, int], upgrades: dict[str, int], abilities: dict[int, AbilityRule]
) -> dict[int, list[CommandRule]]:
    """Commands by exact ability id, casters in the order of the table."""
    out: dict[int, list[CommandRule]] = {}
    parsed: dict[str, Requirement] = {}
    for row in layers.table("commands.csv", "ability_id", "caster", "product"):
        index = row.integer("ability_id")
        if index not in abilities:
            raise row.error(f"ability {index} is not in abilities.csv", "ability_id")
        text = row.text("requirement")
        if text not in parsed:
            try:
                parsed[text] = parse(text, units.__getitem__, upgrades.__getitem__)
            except RequirementError as problem:
                raise row.error(str(problem), "requirement") from problem
        product = _named(row, "product", units, "unit", 0)
        if row.text("how") in HOW_MAKES and not product:
            raise row.error(f"a command that is '{row.text('how')}' needs a product", "product")
        out.setdefault(index, []).append(
            CommandRule(
                ability_id=index,
                caster=_named(row, "caster", units, "unit", 0),
                how=row.text("how"),
                product=product,
                count=row.integer("count", 1),
                via=_named(row, "via", units, "unit", 0),
                upgrade=_named(row, "upgrade", upgrades, "upgrade", 0),
                minerals=row.integer("minerals"),
                gas=row.integer("gas"),
                supply=row.number("supply"),
                time_loops=row.number("time_loops"),
                stats_change_loops=row.number("stats_change"),
                body_change_loops=row.number("body_change"),
                random_delay_loops=row.number("random_delay"),
                requirement=parsed[text],
                energy=row.number("energy"),
                cooldown_loops=row.number("cooldown"),
                range=row.number("range"),
                on_card=row.flag("on_card"),
            )
        )
    return out


def load_upgrades(
    layers: Layers, units: dict[str, int], weapons: dict[str, int]
) -> tuple[dict[int, UpgradeRule], dict[str, int]]:
    """Upgrades by id, and the ids by name."""
    rows = layers.table("upgrades.csv", "name")
    ids = {row.text("name"): row.integer("id") for row in rows}
    effects: dict[str, list[UpgradeEffect]] = {}
    for row in layers.table("upgrade_effects.csv", "upgrade", "kind", "entry", "field", "op", "value"):
        name = row.text("upgrade")
        if name not in ids:
            raise row.error(f"'{name}' is not in upgrades.csv", "upgrade")
        effects.setdefault(name, []).append(_upgrade_effect(row, units, weapons))
    out = {}
    for row in rows:
        name = row.text("name")
        changes = effects.get(name, [])
        out[ids[name]] = UpgradeRule(
            id=ids[name],
            name=name,
            minerals=row.integer("minerals"),
            gas=row.integer("gas"),
            research_loops=row.number("research_loops"),
            ability_id=row.integer("ability_id"),
            researched_at=_all_named(row, "researched_at", units, "unit"),
            obtainable=row.flag("obtainable"),
            effects=tuple([c for c in changes if c.kind != "raw"]),
            raw=tuple([c for c in changes if c.kind == "raw"]),
        )
    return dict(sorted(out.items())), ids


def _upgrade_effect(row: Row, units: dict[str, int], weapons: dict[str, int]) -> UpgradeEffect:
    kind, entry, field, op, text = (row.text(c) for c in ("kind", "entry", "field", "op", "value"))
    if kind == "raw":
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        return UpgradeEffect(kind, entry, -1, field, op, value, text)
    if op not in _OPS:
        raise row.error(f"'{op}' must be one of {', '.join(_OPS)}", "op")
    if kind == "unit" and field in _UNIT_FIELDS:
        index = _named(row, "entry", units, "unit", -1)
    elif kind == "weapon" and (field in _WEAPON_FIELDS or field.removeprefix("bonus:") in ATTRIBUTE_BITS):
        index = _named(row, "entry", weapons, "weapon", -1)
    else:
        raise row.error(f"a '{kind}' has no field '{field}'; write it as kind raw", "field")
    return UpgradeEffect(kind, entry, index, field, op, row.number("value"), text)


def load_constants(layers: Layers, footprints: dict[str, Footprint]) -> GameConstants:
    """The globals of game.yaml; every key must be there and of the right kind."""
    path = layers.folders[-1] / "game.yaml"
    values = dict(layers.game)
    sources: dict[str, CreepSource] = {}
    for name, entry in _mapping(values.get("creep_sources"), "creep_sources", path).items():
        for key in ("start", "grown"):
            if entry.get(key) not in footprints:
                raise RulesError(f"'{entry.get(key)}' is not in footprints.csv", path, 0, f"creep_sources.{name}.{key}")
        sources[name] = CreepSource(
            float(entry.get("period_loops", 0)),
            float(entry.get("delay_loops", 0)),
            footprints[entry["start"]].creep_cells,
            footprints[entry["grown"]].creep_cells,
        )
    values["creep_sources"] = sources
    arguments: dict[str, Any] = {}
    converters: dict[Any, Callable[[Any], Any]] = {float: float, int: int}
    for field in dataclasses.fields(GameConstants):
        if field.name not in values:
            raise RulesError("the key is missing", path, 0, field.name)
        try:
            arguments[field.name] = converters.get(field.type, lambda x: x)(values[field.name])
        except (TypeError, ValueError):
            raise RulesError(f"'{values[field.name]}' is not a number", path, 0, field.name) from None
    return GameConstants(**arguments)


def _mapping(value: Any, key: str, path: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RulesError("must be a mapping", path, 0, key)
    return value
