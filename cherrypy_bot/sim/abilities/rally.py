"""Rally points: where structures send what they make, and where it steps out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import gathering, orders
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import GENERAL_RALLY_WORKERS, MOVE
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NEUTRAL, NONE
from cherrypy_bot.sim.world import Order, Rally

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

MAX_RALLIES = 10
GAP = 0.05
"""Room between a structure's body and the unit that steps out, in cells."""
DIRECTIONS = 24
RINGS = 6
SAME_LEVEL = 8
"""Height bytes within which ground counts as the same cliff level."""


def set_rally(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """RALLY on a point or a unit; a rally on the structure itself clears it."""
    w, u = game.world, game.world.units
    workers = w.rules.abilities[rule.ability_id].remaps_to == GENERAL_RALLY_WORKERS
    table = w.worker_rallies if workers else w.rallies
    if command.target == row:
        table.pop(row, None)
        return Result.SUCCESS
    if command.target != NONE:
        t = command.target
        target = Rally(float(u.x[t]), float(u.y[t]), t, int(u.recycle[t]))
    elif command.has_point:
        target = Rally(command.x, command.y)
    else:
        return Result.MUST_TARGET_VISIBLE_LOCATION
    before = table.get(row, ()) if command.queue else ()
    if len(before) >= MAX_RALLIES:
        return Result.RALLY_QUEUE_IS_FULL
    table[row] = (*before, target)
    return Result.SUCCESS


def targets_of(game: Game, producer: int, product: int) -> tuple[Rally, ...]:
    """Rally targets that a structure has for a type it makes (town halls keep one list for workers)."""
    w = game.world
    rule = w.rules.units[int(w.units.type_id[producer])]
    workers = w.rules.units[product].is_worker and rule.is_townhall
    return (w.worker_rallies if workers else w.rallies).get(producer, ())


def follow(game: Game, row: int, producer: int) -> None:
    """Send a new unit along its producer's rally targets."""
    follow_targets(game, row, targets_of(game, producer, int(game.world.units.type_id[row])))


def follow_targets(game: Game, row: int, targets: tuple[Rally, ...]) -> None:
    """Send a new unit along rally targets: workers gather, others walk or follow; idle without a target."""
    w, u = game.world, game.world.units
    orders.idle(w, row)
    if u.immobile[row]:
        return
    first = True
    for target in targets:
        if target.target == NONE or not w.is_unit(target.target, target.target_recycle):
            order = Order(MOVE, st.MOVE, target.x, target.y)
        elif first and gathering.send(game, row, target.target):
            first = False
            continue
        elif u.owner[target.target] == NEUTRAL:
            order = Order(MOVE, st.MOVE, target.x, target.y)
        else:
            order = Order(MOVE, st.FOLLOW, target.x, target.y, target.target, target.target_recycle)
        orders.give(game, row, order, queue=not first)
        first = False


def exit_point(game: Game, producer: int, product: int) -> tuple[float, float]:
    """Free place next to a structure for a unit that it made, on the side of its first rally target.

    Without a rally it is the south side. Ground units step out on walkable ground of the structure's own level;
    when nothing near is free the structure's own place is taken and the unit walks out by itself.
    """
    w, u = game.world, game.world.units
    px, py = float(u.x[producer]), float(u.y[producer])
    body = w.rules.units[int(u.type_id[producer])]
    rule = w.rules.units[product]
    targets = targets_of(game, producer, product)
    towards = -math.pi / 2
    if targets:
        towards = math.atan2(targets[0].y - py, targets[0].x - px)
    if rule.is_flying:
        return px, py
    start = max(body.radius, body.footprint_w / 2) + rule.radius + GAP
    level = _height(game, px, py)
    for ring in range(RINGS):
        distance = start + 0.5 * ring
        for turn in range(DIRECTIONS):
            side = (turn + 1) // 2 * (1 if turn % 2 else -1)
            angle = towards + side * 2 * math.pi / DIRECTIONS
            x, y = px + math.cos(angle) * distance, py + math.sin(angle) * distance
            if _walkable(game, x, y) and abs(_height(game, x, y) - level) < SAME_LEVEL:
                return x, y
    return px, py


def _height(game: Game, x: float, y: float) -> int:
    m = game.world.map
    cx = min(max(math.floor(x), 0), m.width - 1)
    cy = min(max(math.floor(y), 0), m.height - 1)
    return int(game.world.grids.height[cy, cx])


def _walkable(game: Game, x: float, y: float) -> bool:
    m = game.world.map
    cx, cy = math.floor(x), math.floor(y)
    return 0 <= cx < m.width and 0 <= cy < m.height and bool(game.world.grids.walk[cy, cx])
