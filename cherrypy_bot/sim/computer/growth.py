"""Structures of a computer player: bases, tech, gas, production, static defence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import tech
from cherrypy_bot.sim.computer import building, needs, placing
from cherrypy_bot.sim.computer.economy import Money, capacity, gas_buildings, gas_types, halls
from cherrypy_bot.sim.computer.view import View
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game

MINERALS_PER_WORKER_LOOP = 0.042
"""What one worker of a base that is not overfull brings (facts of mining: 56 to 60 a minute)."""
GAS_PER_BUILDING_LOOP = 0.121
SPENDING = {"Terran": 0.16, "Protoss": 0.19, "Zerg": 0.2}
"""Minerals that one production structure uses per loop."""


def expand(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Take the next base when the ones there are fill up."""
    hall = computer.id(computer.table.hall)
    all_halls = halls(computer, view, done=False)
    bases = len(all_halls) + view.ordered.get(hall, 0)
    wanted = computer.bases_wanted + (1 if computer.race == "Zerg" and computer.bases_wanted > 1 else 0)
    if bases >= wanted or bases > len(halls(computer, view)) or not bases:
        return
    workers = view.has(computer.id(computer.table.worker))
    enough = capacity(computer, game, view) - (6 if bases > 2 else 3)
    if bases == 1:
        enough = min(computer.style.first_expansion, enough, 16 if computer.race == "Zerg" else 99)
    slow = 1.0 if computer.level.attention >= 1.0 else 1.25
    if workers < min(enough * slow, enough + 3, computer.workers_wanted) or computer.army.threat > 0:
        return
    place = building.next_base(computer, game, view)
    if place is None:
        return
    rule = computer.plans.maker(hall)
    if not building.build(computer, game, view, money, hall, place) and not money.affords(rule.minerals):
        money.take(rule.minerals * 0.8)


def technology(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Structures that the army's mix asks for, one at a time."""
    workers = view.has(computer.id(computer.table.worker))
    from_workers = 17 if computer.race == "Zerg" and computer.bases_wanted > 1 else 13
    if workers < min(from_workers, computer.workers_wanted - 2):
        return
    for wish in needs.wishes(computer, view):
        needed = needs.missing(computer, view, computer.id(wish.unit))
        if needed is None:
            continue
        rule = computer.plans.maker(needed)
        if not tech.requirement_met(game, computer.player, rule, NONE):
            continue
        if not building.build(computer, game, view, money, needed) and not money.affords(rule.minerals, rule.gas):
            money.take(rule.minerals, rule.gas)
        return


def gas(computer: Computer, game: Game, view: View, money: Money) -> None:
    """As many gas buildings as the mix uses gas."""
    rules = game.world.rules
    gas = computer.id(computer.table.gas)
    first = {"Terran": "Barracks", "Protoss": "Gateway", "Zerg": "SpawningPool"}[computer.race]
    if not view.has(computer.id(first), computer.id("WarpGate")):
        return
    if computer.race == "Zerg" and view.has(computer.id("Drone")) < min(19, computer.workers_wanted - 1):
        return
    wishes = needs.wishes(computer, view)
    minerals = sum(w.weight * computer.plans.maker(computer.id(w.unit)).minerals for w in wishes)
    vespene = sum(w.weight * computer.plans.maker(computer.id(w.unit)).gas for w in wishes)
    upgrades = computer.level.upgrades and computer.style.upgrades
    if vespene == 0 and not upgrades:
        return
    workers = view.has(computer.id(computer.table.worker))
    share = vespene / max(minerals, 1.0) + (0.08 if upgrades else 0.0)
    wanted = share * (workers * MINERALS_PER_WORKER_LOOP * 0.6) / GAS_PER_BUILDING_LOOP
    wanted = min(math.ceil(wanted), 2 * len(halls(computer, view)), max(workers // (8 if workers > 24 else 11), 1))
    players = game.world.players
    if players.gas[computer.player] > 500 and players.minerals[computer.player] < 300:
        return
    kinds = gas_types(computer)
    finished = int(view.finished[list(kinds)].sum())
    empty = finished - len(gas_buildings(computer, game, view))
    coming = view.has(*kinds) - finished
    if view.has(*kinds) - empty >= wanted or coming >= 2:
        return
    if not building.build(computer, game, view, money, gas) and not money.affords(rules.units[gas].minerals):
        money.take(rules.units[gas].minerals)


def producers(computer: Computer, game: Game, view: View, money: Money) -> None:
    """More production structures while income is larger than what they use."""
    producer = computer.id(computer.table.producer)
    workers = int(view.counts[computer.id(computer.table.worker)])
    income = workers * 0.85 * MINERALS_PER_WORKER_LOOP
    if needs.wants_workers(computer, game, view):
        income -= len(halls(computer, view)) * 50 / needs.WORKER_LOOPS
    if computer.race == "Zerg":
        larvae = int(view.finished[computer.id("Larva")])
        have = len(halls(computer, view, done=False)) + view.ordered.get(producer, 0)
        rich = money.minerals > 300 and larvae <= 1 and view.counts[computer.id("SpawningPool")] > 0
        if not rich or have >= min(computer.level.producers, computer.bases_wanted + 4):
            return
        if have <= len(halls(computer, view)) + (1 if computer.level.bases > 2 else 0):
            place = building.next_base(computer, game, view) if computer.bases_wanted > 1 else None
            building.build(computer, game, view, money, producer, place)
        return
    wanted = min(math.ceil(income / SPENDING[computer.race] - 0.3), computer.level.producers)
    rich = game.world.players.minerals[computer.player] > 600
    have = needs.producer_count(computer, view)
    coming = have - needs.producer_count(computer, view, done=True)
    limit = 1 if have < 3 else 3
    if have >= wanted + (2 if rich else 0) or have >= computer.level.producers or coming >= limit:
        return
    producer = _next_producer(computer, view)
    if needs.missing(computer, view, producer) is not None or have == 0:
        return
    rule = computer.plans.maker(producer)
    if not building.build(computer, game, view, money, producer) and not money.affords(rule.minerals):
        money.take(rule.minerals * 0.5)


def _next_producer(computer: Computer, view: View) -> int:
    """The structure of which the mix has too few: by the time that its share of the army takes to make."""
    shares: dict[int, float] = {}
    for wish in needs.wishes(computer, view):
        rule = computer.plans.maker(computer.id(wish.unit))
        if view.finished[rule.caster]:
            shares[rule.caster] = shares.get(rule.caster, 0.0) + wish.weight * rule.time_loops
    if not shares:
        return computer.id(computer.table.producer)
    return min(sorted(shares), key=lambda caster: view.has(caster) / shares[caster])


def static_defence(computer: Computer, game: Game, view: View, money: Money) -> None:
    """A few defensive structures per base for those who sit long."""
    name = computer.table.static
    if not name or not computer.level.static_defence:
        return
    bases = halls(computer, view)
    workers = view.has(computer.id(computer.table.worker))
    if computer.race == "Zerg":
        # larvae, not minerals, limit its army: what is left over goes into crawlers
        if workers < 20 or not needs.is_exposed(computer, game, view) or money.minerals < 150:
            return
    elif not computer.style.static_defence or workers < 30 or money.minerals < 350:
        return
    static = computer.id(name)
    if view.has(static) >= computer.level.static_defence * len(bases):
        return
    needed = needs.missing(computer, view, static)
    if needed is not None:
        building.build(computer, game, view, money, needed)
        return
    u = game.world.units
    guards = view.rows(static, done=False)
    for hall in bases.tolist():
        x, y = float(u.x[hall]), float(u.y[hall])
        if (np.hypot(u.x[guards] - x, u.y[guards] - y) < 12).sum() >= computer.level.static_defence:
            continue
        place = placing.find(computer, game, static, (x, y))
        if place is not None and building.build(computer, game, view, money, static, place):
            return
