"""What many spells do: give a buff, hurt everybody in an area, move a unit at once, bring new units into the world."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import orders
from cherrypy_bot.sim.abilities.effects import buffs, damage, filters
from cherrypy_bot.sim.abilities.effects.filters import Filter
from cherrypy_bot.sim.abilities.effects.records import Act, Cast
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NEUTRAL, NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

RINGS = 12
"""How far (in half cells) a place for a unit is looked for round the wished one."""


def buff_self(buff: int) -> Act:
    """A spell that gives its caster a buff."""

    def act(game: Game, cast: Cast) -> int:
        buffs.apply(game, cast.row, buff)
        return Result.SUCCESS

    return act


def unbuff_self(buff: int) -> Act:
    """A switch that takes a buff of the caster away."""

    def act(game: Game, cast: Cast) -> int:
        buffs.remove(game, cast.row, buff)
        return Result.SUCCESS

    return act


def blast(
    game: Game,
    owner: int,
    x: float,
    y: float,
    rings: tuple[tuple[float, float], ...],
    amount: float,
    wanted: Filter,
    source: int = NONE,
    *,
    edge: bool = False,
    armor: bool = False,
    bonus: tuple[tuple[str, float], ...] = (),
    shield_bonus: float = 0.0,
    spare: tuple[int, ...] = (),
) -> list[int]:
    """Hurt everybody round a place: `rings` are (radius, share), the inner first. Returns the rows that it reached."""
    w, u = game.world, game.world.units
    reached = []
    for row in filters.near(game, owner, x, y, rings[-1][0], wanted, edge=edge):
        if row in spare or u.alive[row] != 1 or u.owner[row] == NEUTRAL:
            continue
        apart = math.hypot(u.x[row] - x, u.y[row] - y)
        if edge:
            apart -= w.rules.units[int(u.type_id[row])].radius
        share = next(s for r, s in rings if apart <= r + 1e-9)
        reached.append(row)
        scaled = tuple((name, more * share) for name, more in bonus)
        more_to_shields = shield_bonus * share
        damage.hurt(
            game, row, amount * share, source, armor=armor, bonus=scaled, shield_bonus=more_to_shields, by=owner
        )
    return reached


def room_for(game: Game, type_id: int, x: float, y: float, *, flying: bool | None = None) -> tuple[float, float] | None:
    """The place nearest to a point where a unit of a type may be; None when there is none near."""
    w = game.world
    rule = w.rules.units[type_id]
    if rule.is_flying if flying is None else flying:
        return min(max(x, 0.5), w.map.width - 0.5), min(max(y, 0.5), w.map.height - 0.5)
    for ring in range(RINGS):
        for turn in range(max(1, 8 * ring)):
            angle = turn * 2 * math.pi / max(1, 8 * ring)
            px, py = x + 0.5 * ring * math.cos(angle), y + 0.5 * ring * math.sin(angle)
            if 0 <= px < w.map.width and 0 <= py < w.map.height and w.grids.walk[math.floor(py), math.floor(px)]:
                return px, py
    return None


def teleport(game: Game, row: int, x: float, y: float) -> bool:
    """Put a unit at a place, or as near as it fits; False when it fits nowhere near."""
    u = game.world.units
    place = room_for(game, int(u.type_id[row]), x, y, flying=bool(u.flying[row]))
    if place is None:
        return False
    u.x[row], u.y[row] = place
    u.guard_x[row], u.guard_y[row] = place
    u.way_valid[row] = 0
    u.prey[row] = NONE
    u.windup[row] = -1.0
    u.speed_now[row] = 0.0
    return True


def summon(game: Game, name: str, owner: int, x: float, y: float, *, life: float = 0.0, random: float = 0.0) -> int:
    """Bring a finished unit into the world as near to a place as it fits, idle; `life`: loops until it is gone."""
    w = game.world
    kind = w.rules.unit(name).id
    px, py = room_for(game, kind, x, y) or (x, y)
    row = w.spawn(kind, owner, px, py)
    if life > 0:
        w.units.life_left[row] = life + (w.random() * random if random else 0.0)
    orders.idle(w, row)
    return row


def gap(game: Game, row: int, other: int) -> float:
    """Distance between the edges of two units."""
    w, u = game.world, game.world.units
    bodies = w.rules.units[int(u.type_id[row])].radius + w.rules.units[int(u.type_id[other])].radius
    return math.hypot(u.x[row] - u.x[other], u.y[row] - u.y[other]) - bodies


def flight(game: Game, row: int, x: float, y: float, speed: float) -> float:
    """Loops that a missile of `speed` cells per normal second (16 loops) takes from a unit to a place, at least 1."""
    u = game.world.units
    return max(math.ceil(math.hypot(u.x[row] - x, u.y[row] - y) / (speed / 16.0)), 1)


def rests(game: Game, row: int) -> bool:
    """Whether a unit stands idle."""
    return row not in game.world.current and row not in game.world.queues
