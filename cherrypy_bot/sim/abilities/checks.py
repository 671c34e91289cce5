"""Conditions that several kinds of commands share: price, food, tech, energy, and what reports a late failure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import bank, supply, tech
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

ENERGY = {1694: 25.0}
"""Energy that an ability takes where the rules leave it out (BUILD_CREEPTUMOR_QUEEN)."""


def energy_of(rule: CommandRule) -> float:
    """Energy that a command takes."""
    return rule.energy or ENERGY.get(rule.ability_id, 0.0)


def affordable(game: Game, player: int, rule: CommandRule, row: int, *, free: bool = False) -> int:
    """SUCCESS when tech, price, food and energy of a command are there; `free` leaves price and food out."""
    w = game.world
    if not tech.requirement_met(game, player, rule, row):
        return Result.BUILD_TECH_REQUIREMENTS_NOT_MET if rule.how == "build" else Result.TECH_REQUIREMENTS_NOT_MET
    if free:
        return Result.SUCCESS
    result = bank.affords(w, player, rule.minerals, rule.gas)
    if result != Result.SUCCESS:
        return result
    if rule.supply > 0 and supply.free(game, player) < rule.supply:
        return Result.NOT_ENOUGH_FOOD
    if w.units.energy[row] < energy_of(rule):
        return Result.NOT_ENOUGH_ENERGY
    return Result.SUCCESS


def working(game: Game, row: int) -> int:
    """SUCCESS when a structure is finished, powered and not busy with a morph or an add-on."""
    w, u = game.world, game.world.units
    if u.build_left[row] > 0:
        return Result.BUILDING_IS_UNDER_CONSTRUCTION
    if u.powered[row] == 0:
        return Result.CANT_TRAIN_TOO_FAR_FROM_POWER
    current = w.current.get(row)
    if current is not None and current.kind == st.BUSY:
        return Result.CANT_QUEUE_THAT_ORDER
    return Result.SUCCESS


def point_ok(x: float, y: float) -> bool:
    """Whether a point is made of finite numbers that a map could hold."""
    return math.isfinite(x) and math.isfinite(y) and abs(x) < 1e6 and abs(y) < 1e6


def clamp(game: Game, x: float, y: float) -> tuple[float, float]:
    """The nearest point on the map."""
    m = game.world.map
    return min(max(x, 0.5), m.width - 0.5), min(max(y, 0.5), m.height - 0.5)


def visible(game: Game, player: int, row: int) -> bool:
    """Whether a player may target the unit in a row: own, neutral, or seen and not cloaked."""
    u = game.world.units
    if row == NONE or u.alive[row] != 1:
        return False
    if u.owner[row] in (player, st.NEUTRAL):
        return True
    bit = 1 << player
    if u.cloaked[row] and not int(u.detected[row]) & bit:
        return False
    if int(u.seen[row]) & bit:
        return True
    snapshot = game.world.snapshots.get((player, row))
    return snapshot is not None and snapshot.recycle == u.recycle[row]


def report(game: Game, row: int, ability: int, result: int) -> None:
    """Tell the owner that an order failed while it was carried out."""
    from cherrypy_bot.sim.game import ActionError

    owner = int(game.world.units.owner[row])
    if 0 <= owner < st.PLAYERS:
        game.errors[owner].append(ActionError(game.world.tag(row), ability, int(result)))
