"""Warp-in: units that a warp gate calls to any place with power."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import bank, checks, power, supply
from cherrypy_bot.sim.abilities.effects import buffs
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.rules import CommandRule

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game


FAR = 1 << 39
"""Cooldowns beyond this never run out; they mark something else."""


def warp_in(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """WARPGATETRAIN at a point: the unit appears there at once and is ready after its warp-in."""
    result = warp_result(game, row, rule)
    if result != Result.SUCCESS:
        return result
    w = game.world
    player = int(w.units.owner[row])
    if not command.has_point:
        return Result.MUST_TARGET_VISIBLE_LOCATION
    x, y = command.x, command.y
    if not place_free(game, player, rule.product, x, y):
        return Result.CANT_WARP_IN_UNITS_THERE
    bank.pay(w, player, rule.minerals, rule.gas)
    born = w.spawn(rule.product, player, x, y, complete=False)
    loops = w.rules.game.warp_in_fast_loops + 1 if is_fast(game, player, x, y) else w.rules.game.warp_in_loops
    w.units.build_left[born] = w.units.build_total[born] = loops
    boost_left = buffs.left(w, row, buffs.CHRONO_BOOST)
    ready = w.loop + math.ceil(_boosted(rule.cooldown_loops, boost_left, w.rules.game.chrono_rate))
    for ability, other in command_table(w.rules).rows[int(w.units.type_id[row])].items():
        if other.how == "warp_in":
            w.cooldowns[(row, ability)] = ready
    supply.recount(game)
    return Result.SUCCESS


def _boosted(work: float, boost_left: float, rate: float) -> float:
    """Loops that a recharge of `work` loops takes while a chrono boost lasts for some of them."""
    return work / rate if work <= boost_left * rate else boost_left + work - boost_left * rate


def boost(game: Game, row: int, before: float) -> None:
    """A chrono boost has begun on a warp gate (`before`: loops that were left of an earlier one)."""
    w, rate = game.world, game.world.rules.game.chrono_rate
    now_left = buffs.left(w, row, buffs.CHRONO_BOOST)
    for key in [k for k, ready in w.cooldowns.items() if k[0] == row and w.loop < ready < FAR]:
        rest = w.cooldowns[key] - w.loop
        work = min(rest, before) * rate + max(rest - before, 0.0)
        w.cooldowns[key] = w.loop + math.ceil(_boosted(work, now_left, rate))


def warp_result(game: Game, row: int, rule: CommandRule, *, free: bool = False) -> int:
    """Whether the gate could warp the unit in now, the place left aside; an ActionResult."""
    w = game.world
    result = checks.working(game, row)
    if result == Result.SUCCESS and w.cooldowns.get((row, rule.ability_id), 0) > w.loop:
        result = Result.COOLDOWN
    if result == Result.SUCCESS:
        result = checks.affordable(game, int(w.units.owner[row]), rule, row, free=free)
    return result


def place_free(game: Game, player: int, product: int, x: float, y: float) -> bool:
    """Whether a unit fits at a point: visible, walkable, powered, and no other ground unit there."""
    w, u, g = game.world, game.world.units, game.world.grids
    cx, cy = math.floor(x), math.floor(y)
    if not (0 <= cx < w.map.width and 0 <= cy < w.map.height):
        return False
    if not g.walk[cy, cx] or g.vis_count[player, cy, cx] == 0 or not power.is_powered_at(game, player, x, y):
        return False
    n = int(w.clock.rows[0])
    near = (u.alive[:n] == 1) & (u.flying[:n] == 0) & (u.hidden[:n] == 0) & (u.immobile[:n] == 0)
    rows = np.flatnonzero(near & (np.abs(u.x[:n] - x) < 2) & (np.abs(u.y[:n] - y) < 2))
    radius = w.rules.units[product].separation_radius
    for other in rows.tolist():
        apart = math.hypot(u.x[other] - x, u.y[other] - y)
        if apart < radius + w.rules.units[int(u.type_id[other])].separation_radius - 0.05:
            return False
    return True


def is_fast(game: Game, player: int, x: float, y: float) -> bool:
    """Whether a source of power that reaches the point stands near a nexus or a warp gate (or is a warp prism)."""
    w, u = game.world, game.world.units
    anchors = [
        (float(u.x[r]), float(u.y[r]), w.rules.units[int(u.type_id[r])].fast_power_radius)
        for r in w.rows_of(player)
        if w.rules.units[int(u.type_id[r])].fast_power_radius > 0
    ]
    for row, sx, sy, radius in power.power_sources(game, player):
        if math.hypot(x - sx, y - sy) > radius:
            continue
        if not w.rules.units[int(u.type_id[row])].is_structure:
            return True
        if any(math.hypot(ax - sx, ay - sy) <= fast for ax, ay, fast in anchors):
            return True
    return False
