"""Economy spells of a computer player: injects, chrono boosts, MULEs. Only what the engine carries out is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import effects
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.computer import levels, needs
from cherrypy_bot.sim.computer.economy import BASE_REACH, Money, halls
from cherrypy_bot.sim.computer.view import View
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game

INJECT, CHRONO, MULE = 251, 3755, 171
INJECT_BUFF, CHRONO_BUFF = 11, 281
INJECT_ENERGY, CHRONO_ENERGY, MULE_ENERGY = 25, 50, 50
ATTENTION = 0.8
"""Levels that look less often at their economy do not cast at all."""


def decide(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Spend the energy of queens, Nexuses and orbital commands; make the orbital commands."""
    if computer.level.attention < ATTENTION:
        return
    if computer.race == "Zerg":
        _inject(computer, game, view)
    elif computer.race == "Protoss":
        _chrono(computer, game, view)
    else:
        _orbital(computer, game, view, money)
        _mules(computer, game, view)


def _can(computer: Computer, game: Game, ability: int, caster: str) -> bool:
    """Whether the engine carries an ability of a type of caster out."""
    rules = game.world.rules
    rows = command_table(rules).find(ability, computer.id(caster))
    return bool(rows) and effects.supported(rows[0])


def _has_buff(game: Game, row: int, buff: int) -> bool:
    return any(kind == buff for kind, _ in game.world.buffs.get(row, ()))


def _inject(computer: Computer, game: Game, view: View) -> None:
    """Each hatchery gets an inject from the nearest queen with energy when none is running."""
    if not _can(computer, game, INJECT, "Queen") or computer.army.threat > 0:
        return
    u = game.world.units
    queens = view.rows(computer.id("Queen"))
    queens = queens[u.energy[queens] >= INJECT_ENERGY]
    for hall in halls(computer, view).tolist():
        queens = queens[u.order_ability[queens] != INJECT]
        if not len(queens):
            return
        if _has_buff(game, hall, INJECT_BUFF):
            continue
        gap = np.hypot(u.x[queens] - u.x[hall], u.y[queens] - u.y[hall])
        queen = int(queens[int(gap.argmin())])
        if float(gap.min()) < 40 and not computer.give(game, INJECT, queen, target=hall):
            return


def _chrono(computer: Computer, game: Game, view: View) -> None:
    """Probes first, gateways later: always something that is at work and not boosted yet."""
    if not _can(computer, game, CHRONO, "Nexus"):
        return
    w, u = game.world, game.world.units
    names = [("Nexus",), ("Stargate", "Gateway", "CyberneticsCore")]
    if view.has(computer.id("Probe")) > 0.55 * computer.workers_wanted or computer.ai_build == levels.RUSH:
        names.reverse()
    for nexus in view.rows(computer.id("Nexus")).tolist():
        if u.energy[nexus] < CHRONO_ENERGY:
            continue
        targets = [
            row
            for group in names
            for row in view.rows(*(computer.id(name) for name in group)).tolist()
            if row in w.production and u.powered[row] and not _has_buff(game, row, CHRONO_BUFF)
        ]
        if targets and not computer.give(game, CHRONO, nexus, target=targets[0]):
            return


def _orbital(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Command centers become orbital commands, one at a time, when the engine knows MULEs."""
    if computer.ai_build == levels.RUSH or not _can(computer, game, MULE, "OrbitalCommand"):
        return
    rule = computer.plans.maker(computer.id("OrbitalCommand"))
    if not view.finished[computer.id("Barracks")] or view.coming.get(rule.product, 0):
        return
    if needs.is_exposed(computer, game, view):
        return
    for row in view.rows(rule.caster).tolist():
        if row in game.world.production or computer.army.threat > 0:
            continue
        if money.affords(rule.minerals) and computer.give(game, rule.ability_id, row):
            view.coming[rule.product] = view.coming.get(rule.product, 0) + 1
        money.take(rule.minerals)
        return


def _mules(computer: Computer, game: Game, view: View) -> None:
    """A MULE on the fullest mineral field of the base whenever there is energy."""
    u = game.world.units
    fields = view.mineral_fields()
    for hall in view.rows(computer.id("OrbitalCommand")).tolist():
        if u.energy[hall] < MULE_ENERGY:
            continue
        near = fields[np.hypot(u.x[fields] - u.x[hall], u.y[fields] - u.y[hall]) < BASE_REACH]
        if not len(near):
            near = fields
        if not len(near):
            return
        best = int(near[int(u.contents[near].argmax())])
        if best == NONE or not computer.give(game, MULE, hall, target=best):
            return
