"""Where structures may stand: snapping, single queries with the game's reasons, and whole grids at once.

    result = can_place(game, 0, barracks, 40.5, 31.5)     # 1 = success, else an sc2 ActionResult
    cells = placement_grid(game, 0, pylon)                # uint8 [H, W], 1 where the centre cell may be

A structure's cells are offsets from the cell that holds its centre. An add-on is asked for at the position of
its building, as the game does: its cells are the building's and its own, and the building's are free when it
stands there already. Terrain need not be explored; structures that the player has never seen do not count
until the builder arrives (`actual=True`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import power
from cherrypy_bot.sim.rules import UnitRule
from cherrypy_bot.sim.state import NEUTRAL, NONE, U1

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

# s2clientprotocol.error_pb2.ActionResult
SUCCESS = 1
NOT_ENOUGH_MINERALS = 9
NOT_ENOUGH_GAS = 10
CANT_BUILD_ON_THAT = 42
CANT_BUILD_LOCATION_INVALID = 44
CANT_BUILD_ON_CREEP = 46
CANT_BUILD_TOO_CLOSE_TO_RESOURCES = 47
CANT_BUILD_OFF_CREEP = 49
CANT_BUILD_WITHOUT_POWER = 50

UNIT_MARGIN = 0.125
"""How far a unit's body may reach into the footprint without being in the way, in cells."""
ADDON_OFFSET = (2.5, -0.5)
"""An add-on's centre as seen from its building's."""


def snap(rule: UnitRule, x: float, y: float) -> tuple[float, float]:
    """Centre that the game would use: the middle of a cell for odd sides, a corner for even ones."""
    return _snap_side(rule.footprint_w, x), _snap_side(rule.footprint_h, y)


def _snap_side(size: int, value: float) -> float:
    if size == 0:
        return value
    return math.floor(value) + 0.5 if size % 2 else float(math.floor(value + 0.5))


def addon_position(x: float, y: float) -> tuple[float, float]:
    """Centre of the add-on of a building that stands at (x, y)."""
    return x + ADDON_OFFSET[0], y + ADDON_OFFSET[1]


def can_place(
    game: Game,
    player: int,
    type_id: int,
    x: float,
    y: float,
    *,
    ability_id: int = 0,
    builder: int = NONE,
    ignore_resources: bool = False,
    actual: bool = False,
) -> int:
    """Whether a player may place a structure with its centre at (x, y), snapped; an sc2 ActionResult, 1 =
    yes.

    `ability_id`: with it, and unless `ignore_resources`, the bank must hold the price of that ability.
    `builder`: row of the unit that places; it is never in its own way (an add-on's building neither).
    `actual`: count what the player cannot see as well, as at the moment of placing.
    """
    w = game.world
    rule = w.rules.units[type_id]
    if not (math.isfinite(x) and math.isfinite(y)):
        return CANT_BUILD_LOCATION_INVALID
    x, y = (math.floor(x) + 0.5, math.floor(y) + 0.5) if rule.is_addon else snap(rule, x, y)
    cx, cy = math.floor(x), math.floor(y)
    x0, y0, x1, y1 = w.map.playable
    cells = rule.placement_cells or rule.footprint
    if rule.is_gas_building:
        result = _on_geyser(game, player, x, y)
        if result != SUCCESS:
            return result
    else:
        ys = np.array([cy + dy for _, dy in cells], dtype=np.int64)
        xs = np.array([cx + dx for dx, _ in cells], dtype=np.int64)
        if len(xs) == 0 or xs.min() < x0 or ys.min() < y0 or xs.max() >= x1 or ys.max() >= y1:
            return CANT_BUILD_LOCATION_INVALID
        if not w.grids.terrain_place[ys, xs].all():
            return CANT_BUILD_LOCATION_INVALID
        blocked = w.grids.blocked_build[ys, xs].astype(np.int64)
        if blocked.any():
            for row in _structures_to_ignore(game, player, rule, builder, actual):
                blocked -= _covers(game, row, xs, ys)
            if (blocked > 0).any():
                return CANT_BUILD_LOCATION_INVALID
        creep = w.grids.creep[ys, xs]
        if rule.needs_creep and not creep.all():
            return CANT_BUILD_OFF_CREEP
        if rule.forbids_creep and creep.any():
            return CANT_BUILD_ON_CREEP
        if rule.near_resources_forbidden:
            ry = [cy + dy for _, dy in rule.near_resources_forbidden]
            rx = [cx + dx for dx, _ in rule.near_resources_forbidden]
            if w.grids.near_resources[ry, rx].any():
                return CANT_BUILD_TOO_CLOSE_TO_RESOURCES
    if rule.needs_power and not power.is_powered_at(game, player, x, y):
        return CANT_BUILD_WITHOUT_POWER
    if _units_in_the_way(game, player, rule, x, y, builder, actual):
        return CANT_BUILD_LOCATION_INVALID
    if ability_id and not ignore_resources:
        return _price_paid(game, player, ability_id, type_id)
    return SUCCESS


def placement_grid(game: Game, player: int, type_id: int, window: tuple[int, int, int, int] | None = None) -> U1:
    """Centre cells where a structure may be placed, as far as the player knows: uint8, 1 = yes.

    `window`: (x0, y0, x1, y1) in cells, upper ends exclusive; the answer then has that shape, else the map's
    [H, W]. The centre cell is floor of the centre. Units that stand in the way are not looked at.
    """
    w, g = game.world, game.world.grids
    rule = w.rules.units[type_id]
    width, height = w.map.width, w.map.height
    bx0, by0, bx1, by1 = window or (0, 0, width, height)
    answer = np.zeros((max(by1 - by0, 0), max(bx1 - bx0, 0)), dtype=np.uint8)
    cells = rule.placement_cells or rule.footprint
    if rule.is_gas_building:
        for row in free_geysers(game, player):
            gx, gy = math.floor(w.units.x[row]), math.floor(w.units.y[row])
            if bx0 <= gx < bx1 and by0 <= gy < by1:
                answer[gy - by0, gx - bx0] = 1
        return answer
    if not cells:
        return answer
    x0, y0, x1, y1 = w.map.playable
    bad = np.ones((height, width), dtype=bool)
    inside = np.s_[y0:y1, x0:x1]
    bad[inside] = (g.terrain_place[inside] == 0) | (g.blocked_build[inside] > 0)
    for row in _structures_to_ignore(game, player, rule, NONE, False):
        if w.units.owner[row] != player:
            fx, fy = _footprint_cells(game, row)
            lifted = g.blocked_build[fy, fx] <= 1
            bad[fy[lifted], fx[lifted]] = g.terrain_place[fy[lifted], fx[lifted]] == 0
    if rule.needs_creep:
        bad |= g.creep == 0
    if rule.forbids_creep:
        bad |= g.creep > 0
    _mark(answer, bad, cells, (bx0, by0))
    if rule.near_resources_forbidden:
        near = np.zeros_like(answer)
        _mark(near, g.near_resources > 0, rule.near_resources_forbidden, (bx0, by0))
        answer &= near
    if rule.needs_power:
        centre = 0.5 * (rule.footprint_w % 2)
        answer &= power.power_grid(game, player, (bx0, by0, bx1, by1), centre)
    return answer


def _mark(answer: U1, bad: np.ndarray, cells: tuple[tuple[int, int], ...], origin: tuple[int, int]) -> None:
    """answer[y, x] = 1 where none of the cells around (origin + (x, y)) is bad or off the map."""
    high, wide = answer.shape
    reach = max(max(abs(dx), abs(dy)) for dx, dy in cells)
    padded = np.ones((bad.shape[0] + 2 * reach, bad.shape[1] + 2 * reach), dtype=bool)
    padded[reach : reach + bad.shape[0], reach : reach + bad.shape[1]] = bad
    taken = np.zeros((high, wide), dtype=bool)
    for dx, dy in cells:
        oy, ox = origin[1] + dy + reach, origin[0] + dx + reach
        taken |= padded[oy : oy + high, ox : ox + wide]
    answer[...] = ~taken


def free_geysers(game: Game, player: int) -> list[int]:
    """Rows of geysers on which, as far as the player knows, no gas building stands."""
    w, u = game.world, game.world.units
    rows = []
    for row in w.rows_of(NEUTRAL):
        if not w.rules.units[int(u.type_id[row])].is_geyser:
            continue
        top = int(u.geyser[row])
        if top == NONE or u.alive[top] != 1 or not _known(game, player, top):
            rows.append(row)
    return rows


def geyser_at(game: Game, x: float, y: float) -> int:
    """Row of the geyser whose centre lies within half a cell of (x, y), NONE when there is none."""
    w, u = game.world, game.world.units
    for row in w.rows_of(NEUTRAL):
        if w.rules.units[int(u.type_id[row])].is_geyser and abs(u.x[row] - x) < 0.51 and abs(u.y[row] - y) < 0.51:
            return row
    return NONE


def _on_geyser(game: Game, player: int, x: float, y: float) -> int:
    row = geyser_at(game, x, y)
    if row == NONE:
        return CANT_BUILD_LOCATION_INVALID
    top = int(game.world.units.geyser[row])
    if top != NONE and game.world.units.alive[top] == 1:
        return CANT_BUILD_ON_THAT
    return SUCCESS


def _known(game: Game, player: int, row: int) -> bool:
    """Whether the player knows of a structure: own, seen now, or remembered."""
    w, u = game.world, game.world.units
    if u.owner[row] in (player, NEUTRAL) or (u.seen[row] >> player) & 1:
        return True
    snapshot = w.snapshots.get((player, row))
    return snapshot is not None and snapshot.recycle == u.recycle[row]


def _structures_to_ignore(game: Game, player: int, rule: UnitRule, builder: int, actual: bool) -> list[int]:
    """Rows of structures whose cells do not block this player's placement."""
    w, u = game.world, game.world.units
    rows: list[int] = []
    if builder != NONE and w.rules.units[int(u.type_id[builder])].is_structure:
        rows.append(builder)
    if not actual:
        n = int(w.clock.rows[0])
        enemies = (u.alive[:n] == 1) & (u.owner[:n] == 1 - player) & (u.immobile[:n] == 1)
        hidden = np.flatnonzero(enemies & ((u.seen[:n] >> player) & 1 == 0))
        rows += [
            int(r) for r in hidden if w.rules.units[int(u.type_id[r])].footprint and not _known(game, player, int(r))
        ]
    return rows


def _footprint_cells(game: Game, row: int) -> tuple[np.ndarray, np.ndarray]:
    w, u = game.world, game.world.units
    cells = np.array(w.rules.units[int(u.type_id[row])].footprint, dtype=np.int64).reshape(-1, 2)
    return cells[:, 0] + math.floor(u.x[row]), cells[:, 1] + math.floor(u.y[row])


def _covers(game: Game, row: int, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """1 for each of the cells that the structure in a row stands on."""
    fx, fy = _footprint_cells(game, row)
    width = game.world.map.width
    return np.isin(ys * width + xs, fy * width + fx).astype(np.int64)


def _units_in_the_way(game: Game, player: int, rule: UnitRule, x: float, y: float, builder: int, actual: bool) -> bool:
    """Ground units over the footprint that will not step aside: visible enemies, and own ones that cannot
    move."""
    w, u = game.world, game.world.units
    n = int(w.clock.rows[0])
    cells = rule.placement_cells or rule.footprint
    if not cells:
        return False
    cx, cy = math.floor(x), math.floor(y)
    left = cx + min(dx for dx, _ in cells)
    right = cx + max(dx for dx, _ in cells) + 1
    low = cy + min(dy for _, dy in cells)
    high = cy + max(dy for _, dy in cells) + 1
    near = (u.alive[:n] == 1) & (u.flying[:n] == 0) & (u.hidden[:n] == 0)
    near &= (u.x[:n] > left - 2) & (u.x[:n] < right + 2) & (u.y[:n] > low - 2) & (u.y[:n] < high + 2)
    for row in np.flatnonzero(near).tolist():
        other = w.rules.units[int(u.type_id[row])]
        if row == builder or other.footprint or (other.is_larva_or_egg and u.owner[row] == player):
            continue
        if u.owner[row] == player and u.immobile[row] == 0:
            continue
        if not actual and u.owner[row] != player and not _seen_unit(game, player, row):
            continue
        gap_x = max(left - u.x[row], 0.0, u.x[row] - right)
        gap_y = max(low - u.y[row], 0.0, u.y[row] - high)
        if math.hypot(gap_x, gap_y) < other.radius - UNIT_MARGIN:
            return True
    return False


def _seen_unit(game: Game, player: int, row: int) -> bool:
    u = game.world.units
    seen = (int(u.seen[row]) >> player) & 1
    hidden = u.cloaked[row] and not (int(u.detected[row]) >> player) & 1
    return bool(seen) and not hidden


def _price_paid(game: Game, player: int, ability_id: int, type_id: int) -> int:
    players = game.world.players
    for command in game.world.rules.commands.get(ability_id, ()):
        if command.product == type_id:
            if players.minerals[player] < command.minerals:
                return NOT_ENOUGH_MINERALS
            if players.gas[player] < command.gas:
                return NOT_ENOUGH_GAS
            break
    return SUCCESS
