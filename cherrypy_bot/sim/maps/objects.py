"""What stands on a map file's ground: units, start points, doodads that block, points that close off regions.

The `Objects` member is one flat XML list. Of its units only those count that a melee game keeps: resources, rocks,
towers, plates; critters and decoration are no part of a map. Names and ids are the game's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from cherrypy_bot.sim.maps.model import MapError, Neutral
from cherrypy_bot.sim.maps.mpq import Archive
from cherrypy_bot.sim.maps.neutrals import FRESH_CONTENTS
from cherrypy_bot.sim.maps.xml_events import read_elements

UNIT_TYPES: dict[str, int] = {
    "RichMineralField": 146,
    "RichMineralField750": 147,
    "XelNagaTower": 149,
    "MineralField": 341,
    "VespeneGeyser": 342,
    "SpacePlatformGeyser": 343,
    "RichVespeneGeyser": 344,
    "DestructibleDebris4x4": 364,
    "DestructibleDebris6x6": 365,
    "DestructibleRock4x4": 370,
    "DestructibleRock6x6": 371,
    "DestructibleRampDiagonalHugeULBR": 372,
    "DestructibleRampDiagonalHugeBLUR": 373,
    "DestructibleRampVerticalHuge": 374,
    "DestructibleRampHorizontalHuge": 375,
    "DestructibleDebrisRampDiagonalHugeULBR": 376,
    "DestructibleDebrisRampDiagonalHugeBLUR": 377,
    "UnbuildableRocksDestructible": 472,
    "UnbuildableBricksDestructible": 473,
    "UnbuildablePlatesDestructible": 474,
    "Debris2x2NonConjoined": 475,
    "MineralField750": 483,
    "CollapsibleTerranTowerDebris": 485,
    "CollapsibleRockTowerDiagonal": 588,
    "XelNagaHealingShrine": 606,
    "ProtossVespeneGeyser": 608,
    "DestructibleCityDebris4x4": 628,
    "DestructibleCityDebris6x6": 629,
    "DestructibleRockEx14x4": 638,
    "DestructibleRockEx16x6": 639,
    "DestructibleRockEx1DiagonalHugeULBR": 640,
    "DestructibleRockEx1DiagonalHugeBLUR": 641,
    "DestructibleRockEx1VerticalHuge": 642,
    "DestructibleRockEx1HorizontalHuge": 643,
    "DestructibleIce4x4": 648,
    "DestructibleIce6x6": 649,
    "DestructibleIceDiagonalHugeULBR": 650,
    "DestructibleIceDiagonalHugeBLUR": 651,
    "DestructibleIceVerticalHuge": 652,
    "DestructibleIceHorizontalHuge": 653,
    "LabMineralField": 665,
    "LabMineralField750": 666,
    "PurifierRichMineralField": 796,
    "PurifierRichMineralField750": 797,
    "DestructibleExpeditionGate6x6": 836,
    "PurifierVespeneGeyser": 880,
    "ShakurasVespeneGeyser": 881,
    "CollapsiblePurifierTowerDiagonal": 882,
    "PurifierMineralField": 884,
    "PurifierMineralField750": 885,
    "BattleStationMineralField": 886,
    "BattleStationMineralField750": 887,
    "InhibitorZoneSmall": 1982,
    "AccelerationZoneSmall": 1985,
    "AccelerationZoneLarge": 1987,
    "MineralField450": 1996,
    "MineralFieldOpaque": 1997,
    "MineralFieldOpaque900": 1998,
}
"""Units of a map file that become neutrals of the map: those that the engine's rules know."""

FIXED_TYPES: dict[str, int] = {
    "DestructibleRock2x4Vertical": 366,
    "DestructibleRock2x4Horizontal": 367,
    "DestructibleRock2x6Vertical": 368,
    "DestructibleRock2x6Horizontal": 369,
    "DestructibleRock6x6Weak": 613,
    "DestructibleCityDebris2x4Vertical": 624,
    "DestructibleCityDebris2x4Horizontal": 625,
    "DestructibleCityDebris2x6Vertical": 626,
    "DestructibleCityDebris2x6Horizontal": 627,
    "DestructibleCityDebrisHugeDiagonalBLUR": 630,
    "DestructibleCityDebrisHugeDiagonalULBR": 631,
    "DestructibleRockEx12x4Vertical": 634,
    "DestructibleRockEx12x4Horizontal": 635,
    "DestructibleRockEx12x6Vertical": 636,
    "DestructibleRockEx12x6Horizontal": 637,
    "DestructibleIce2x4Vertical": 644,
    "DestructibleIce2x4Horizontal": 645,
    "DestructibleIce2x6Vertical": 646,
    "DestructibleIce2x6Horizontal": 647,
}
"""Rocks that the engine's rules do not know yet: they become part of the terrain and stand for ever."""

BLOCKING_DOODADS: dict[str, int] = {
    "PathingBlocker1x1": 1,
    "PathingBlocker2x2": 2,
    "PathingandSightBlocker1x1Doodad": 1,
    "PathingandSightBlocker2x2Doodad": 2,
    "BraxisAlphaBarrels": 1,
    "DOM_Crate": 1,
}
"""Doodads that nobody walks through -> side of the square of cells that they block.

Sides of the blockers are their names' (698 cells under 176 of them on one map, none walkable); crates and barrels
measured on open ground of the same map, where all eight block the cell of their centre. Types of doodads seen on open
ground without blocking it (stones, stairs, decals, plants of the small kinds; 700 of them) are left out, and so is
every type that no map shows away from cliffs and paint: what those block is not known.
"""

SIGHT_BLOCKER_SUFFIX = "Curtain"
"""Types of line-of-sight blockers end in it. Each makes the cell of its centre unbuildable and leaves it walkable: all
437 of three types that stand on walkable ground do."""

MAX_UNITS = 2_000
_MAX_BYTES = 32 << 20
_NO_FOOTPRINT = "NoDoodadFootprint"


@dataclass
class Objects:
    """The objects that matter to a game, positions in cells."""

    neutrals: list[Neutral] = field(default_factory=list)
    fixed: list[Neutral] = field(default_factory=list)
    starts: list[tuple[float, float]] = field(default_factory=list)
    blockers: list[tuple[float, float, int]] = field(default_factory=list)
    """Doodads that block: x, y, side of the square."""
    sight_blockers: list[tuple[float, float]] = field(default_factory=list)
    closed: list[tuple[float, float]] = field(default_factory=list)
    """Points whose whole region the map's author closed to walkers."""


def read_objects(archive: Archive, width: int, height: int, what: str) -> Objects:
    """The objects of an archive; what lies off the map is dropped. `MapError` where the list cannot be read."""
    data = archive.read("Objects", _MAX_BYTES)
    if data is None:
        raise MapError(f"{what} holds no Objects; give a complete .SC2Map file of a melee map")
    out = Objects()
    doodad: tuple[str, float, float] | None = None
    for tag, attributes in read_elements(data, f"{what}: Objects"):
        if max(len(part) for part in (out.neutrals, out.fixed, out.starts, out.closed)) > MAX_UNITS:
            raise MapError(
                f"{what} places more than {MAX_UNITS} units or points of a kind; give the file of a melee map"
            )
        if tag == "Flag":
            if attributes.get("Index") == _NO_FOOTPRINT and attributes.get("Value") == "1":
                doodad = None
            continue
        if doodad is not None:
            _add_doodad(out, *doodad)
            doodad = None
        if not tag.startswith("Object"):
            continue
        place = _position(attributes.get("Position", ""), f"{what}: Objects")
        if place is None or not (0 <= place[0] < width and 0 <= place[1] < height):
            continue
        if tag == "ObjectUnit":
            _add_unit(out, attributes, *place)
        elif tag == "ObjectPoint":
            _add_point(out, attributes.get("Type", ""), *place)
        elif tag == "ObjectDoodad":
            doodad = (attributes.get("Type", ""), *place)
    if doodad is not None:
        _add_doodad(out, *doodad)
    return out


def _position(text: str, what: str) -> tuple[float, float] | None:
    """x and y of "x,y,z"; None when the object has none."""
    parts = text.split(",")
    if len(parts) < 2:
        return None
    try:
        x, y = float(parts[0]), float(parts[1])
    except ValueError as error:
        raise MapError(f"{what}: position {text[:40]!r} is no pair of numbers; save the map again") from error
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def _add_unit(out: Objects, attributes: dict[str, str], x: float, y: float) -> None:
    name = attributes.get("UnitType", "")
    x, y = round(2 * x) / 2, round(2 * y) / 2
    if name in UNIT_TYPES:
        type_id = UNIT_TYPES[name]
        contents = FRESH_CONTENTS.get(type_id, 0)
        amount = attributes.get("Resources", "")
        if contents and amount.isdecimal() and len(amount) <= 6:
            contents = int(amount)  # walls of a few minerals
        out.neutrals.append(Neutral(type_id, x, y, contents))
    elif name in FIXED_TYPES:
        out.fixed.append(Neutral(FIXED_TYPES[name], x, y, 0))


def _add_point(out: Objects, kind: str, x: float, y: float) -> None:
    if kind == "StartLoc":
        out.starts.append((math.floor(x) + 0.5, math.floor(y) + 0.5))
    elif kind == "BlockPathing":
        out.closed.append((x, y))


def _add_doodad(out: Objects, name: str, x: float, y: float) -> None:
    if name in BLOCKING_DOODADS:
        out.blockers.append((x, y, BLOCKING_DOODADS[name]))
    elif name.endswith(SIGHT_BLOCKER_SUFFIX):
        out.sight_blockers.append((x, y))
