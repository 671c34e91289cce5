"""Which unit types lie on maps, what they hold when fresh, and which cells they block.

Type ids are the game's. Footprints are as seen on the captured ladder maps: mineral fields block two cells,
geysers nine, towers four, rocks the cells of their name (6x6 without its four corners), and the unbuildable plates
at the foot of main ramps block nothing, they only forbid building.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.maps.model import MapData, Neutral

MINERAL_FIELD = 341
MINERAL_FIELD_750 = 483
GEYSER = 342
TOWER = 149
PLATES = 474
ROCK_6X6 = 639

FRESH_CONTENTS: dict[int, int] = {
    # MineralField, RichMineralField, Lab, Purifier, PurifierRich, BattleStation, Opaque
    **dict.fromkeys((341, 146, 665, 884, 796, 886, 1997), 1800),
    # their 750 kinds (the name kept an old amount), Opaque900
    **dict.fromkeys((483, 147, 666, 885, 797, 887, 1998), 900),
    # VespeneGeyser, SpacePlatform, Rich, Protoss, Purifier, Shakuras
    **dict.fromkeys((342, 343, 344, 608, 880, 881), 2250),
    1996: 450,  # MineralField450; maps usually set their own small amount
}
"""Unit type -> minerals or vespene that a fresh one holds. Its keys are all types that can be mined."""

GEYSERS = frozenset((342, 343, 344, 608, 880, 881))
MINERALS = frozenset(FRESH_CONTENTS) - GEYSERS

Offsets = tuple[tuple[int, int], ...]


def _box(width: int, height: int, cut_corners: bool = False) -> Offsets:
    """Cells of a box around a centre, as `(dx, dy)` from the cell right above the centre."""
    xs = range(-(width // 2), width - width // 2)
    ys = range(-(height // 2), height - height // 2)
    corners = {(x, y) for x in (xs[0], xs[-1]) for y in (ys[0], ys[-1])} if cut_corners else set()
    return tuple((x, y) for y in ys for x in xs if (x, y) not in corners)


# dy -> first and last dx of the huge diagonal rocks from bottom left to upper right
_DIAGONAL_ROWS = {4: (1, 4), 3: (0, 4), 2: (-1, 4), 1: (-2, 4), 0: (-3, 3)}
_DIAGONAL_ROWS |= {-1 - dy: (-1 - last, -1 - first) for dy, (first, last) in _DIAGONAL_ROWS.items()}
_BOTTOM_LEFT_UP_RIGHT = tuple(
    (dx, dy) for dy, (first, last) in sorted(_DIAGONAL_ROWS.items()) for dx in range(first, last + 1)
)
_UP_LEFT_BOTTOM_RIGHT = tuple((-1 - dx, dy) for dx, dy in _BOTTOM_LEFT_UP_RIGHT)

_GEYSER_CELLS = _box(3, 3)
_FOOTPRINTS: dict[int, Offsets] = {
    **dict.fromkeys(MINERALS, _box(2, 1)),
    **dict.fromkeys(GEYSERS, _GEYSER_CELLS),
    **dict.fromkeys((TOWER, 475), _box(2, 2)),  # Xel'Naga tower, Debris2x2
    485: _box(5, 5, cut_corners=True),  # CollapsibleTerranTowerDebris
    **dict.fromkeys((364, 370, 628, 638, 648), _box(4, 4)),  # 4x4: debris, rock, city debris, rock ex1, ice
    **dict.fromkeys((365, 371, 613, 629, 639, 649, 836), _box(6, 6, cut_corners=True)),  # 6x6
    **dict.fromkeys((366, 624, 634, 644), _box(2, 4)),
    **dict.fromkeys((367, 625, 635, 645), _box(4, 2)),
    **dict.fromkeys((368, 626, 636, 646), _box(2, 6)),
    **dict.fromkeys((369, 627, 637, 647), _box(6, 2)),
    **dict.fromkeys((374, 642, 652), _box(4, 12)),
    **dict.fromkeys((375, 643, 653), _box(12, 4)),
    **dict.fromkeys((373, 377, 630, 641, 651), _BOTTOM_LEFT_UP_RIGHT),
    **dict.fromkeys((372, 376, 631, 640, 650), _UP_LEFT_BOTTOM_RIGHT),
}

TOWN_HALL_CELLS = _box(5, 5, cut_corners=True)
"""Cells that a town hall blocks, relative to the cell of its centre."""


def is_resource(type_id: int) -> bool:
    """True for everything workers can mine."""
    return type_id in FRESH_CONTENTS


def footprint_cells(type_id: int, x: float, y: float) -> npt.NDArray[np.intp]:
    """Cells that a neutral blocks for ground units, as an int array `(n, 2)` of `(y, x)`; empty if none.

    An odd footprint is centred in a cell (x.5), an even one on a corner (x.0).
    """
    offsets = _FOOTPRINTS.get(type_id, ())
    cells = [(int(np.floor(y)) + dy, int(np.floor(x)) + dx) for dx, dy in offsets]
    return np.array(cells, dtype=np.intp).reshape(-1, 2)


def cells_on_map(m: MapData, cells: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Those of `cells`, `(n, 2)` of `(y, x)`, that lie on the map."""
    inside = (cells >= 0).all(axis=1) & (cells[:, 0] < m.height) & (cells[:, 1] < m.width)
    return np.asarray(cells[inside])


def pathing_with_neutrals(m: MapData, neutrals: tuple[Neutral, ...] | None = None) -> npt.NDArray[np.bool_]:
    """`m.pathing` less the footprints of `neutrals` (all of the map's by default), as a new array."""
    grid = m.pathing.copy()
    for n in m.neutrals if neutrals is None else neutrals:
        cells = cells_on_map(m, footprint_cells(n.type_id, n.x, n.y))
        grid[cells[:, 0], cells[:, 1]] = False
    return grid
