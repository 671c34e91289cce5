"""Putting up one structure: who builds it, where, and what it costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import placement, tech
from cherrypy_bot.sim.computer import placing
from cherrypy_bot.sim.computer.economy import BASE_REACH, Money, free_workers, halls
from cherrypy_bot.sim.computer.view import View
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game


def build(
    computer: Computer,
    game: Game,
    view: View,
    money: Money,
    type_id: int,
    place: tuple[float, float] | None = None,
) -> bool:
    """Send a worker to build a structure; False when it cannot be paid, placed or ordered now."""
    w = game.world
    rule = computer.plans.maker(type_id)
    if not money.affords(rule.minerals, rule.gas) or computer.commands_left < 1:
        return False
    if not tech.requirement_met(game, computer.player, rule, NONE):
        return False
    if rule.how == "morph":
        return _morph(computer, game, view, money, rule)
    target = NONE
    if w.rules.units[type_id].is_gas_building:
        target = _geyser(computer, game, view)
        if target == NONE:
            return False
        place = (float(w.units.x[target]), float(w.units.y[target]))
    elif place is None:
        place = place_for(computer, game, view, type_id)
    if place is None:
        return False
    builder = free_workers(view, place)
    if not len(builder):
        return False
    if not computer.give(game, rule.ability_id, builder, target=target, point=None if target != NONE else place):
        computer.shun(game, place)
        return False
    money.take(rule.minerals, rule.gas)
    view.coming[type_id] = view.coming.get(type_id, 0) + 1
    return True


def _morph(computer: Computer, game: Game, view: View, money: Money, rule: CommandRule) -> bool:
    """Turn an idle structure into a better one (a Hatchery into a Lair)."""
    for row in view.rows(rule.caster).tolist():
        if row not in game.world.production and computer.give(game, rule.ability_id, row):
            money.take(rule.minerals, rule.gas)
            view.coming[rule.product] = view.coming.get(rule.product, 0) + 1
            return True
    return False


def place_for(computer: Computer, game: Game, view: View, type_id: int) -> tuple[float, float] | None:
    """A free place for a structure at one of the own bases, the home base first; pylons where there are fewest."""
    u = game.world.units
    bases = halls(computer, view)
    if not len(bases):
        return None
    anchors = [(float(u.x[r]), float(u.y[r])) for r in bases]
    anchors.sort(key=lambda a: math.dist(a, computer.home))
    rule = game.world.rules.units[type_id]
    if rule.power_radius > 0 and len(anchors) > 1:
        pylons = view.rows(type_id, done=False)
        anchors.sort(key=lambda a: int((np.hypot(u.x[pylons] - a[0], u.y[pylons] - a[1]) < placing.REACH).sum()))
    for anchor in anchors:
        place = placing.find(computer, game, type_id, anchor, addon=rule.name in placing.ADDON_HOMES)
        if place is not None:
            return place
    return None


def _geyser(computer: Computer, game: Game, view: View) -> int:
    """A free geyser at an own finished base, nearest to home."""
    u = game.world.units
    shunned = computer.shunned(game)
    best: tuple[float, int] | None = None
    bases = halls(computer, view)
    for row in placement.free_geysers(game, computer.player):
        x, y = float(u.x[row]), float(u.y[row])
        if u.contents[row] <= 0 or any(math.dist((x, y), s) < 1 for s in shunned):
            continue
        if not (np.hypot(u.x[bases] - x, u.y[bases] - y) < BASE_REACH).any():
            continue
        gap = math.dist((x, y), computer.home)
        if best is None or gap < best[0]:
            best = (gap, row)
    return NONE if best is None else best[1]


def next_base(computer: Computer, game: Game, view: View) -> tuple[float, float] | None:
    """The nearest base on the ground that nobody is known to hold."""
    u = game.world.units
    taken = halls(computer, view, done=False)
    enemy = view.enemy_structures()
    shunned = computer.shunned(game)
    sites = computer.sites
    reach = sites.distances[computer.start]
    for index in computer.bases:
        x, y = (float(v) for v in sites.bases[index])
        if not np.isfinite(reach[int(y), int(x)]):
            continue
        if (np.hypot(u.x[taken] - x, u.y[taken] - y) < 6).any():
            continue
        if len(enemy) and (np.hypot(enemy[:, 0] - x, enemy[:, 1] - y) < 14).any():
            continue
        if any(math.dist((x, y), s) < 3 for s in shunned):
            continue
        return x, y
    return None
