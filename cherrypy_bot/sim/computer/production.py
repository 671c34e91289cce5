"""What a computer player makes and in which order; supply, workers, units, add-ons and upgrades."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import tech
from cherrypy_bot.sim.computer import building, growth, larvae, levels, needs
from cherrypy_bot.sim.computer.economy import Money, halls
from cherrypy_bot.sim.computer.plans import asked_for
from cherrypy_bot.sim.computer.view import View
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game

SUPPLY_PER_PRODUCER_LOOP = {"Terran": 0.0042, "Protoss": 0.0033, "Zerg": 0.008}
"""Supply that one production structure turns out per loop."""


def decide(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Spend on what matters most first; a purchase that must wait sets its price aside."""
    for product, count in view.ordered.items():
        rule = computer.plans.units[product]
        money.take(rule.minerals * count, rule.gas * count)
    _supply(computer, game, view, money)
    if computer.race == "Zerg":
        larvae.drones(computer, game, view, money)
    else:
        _workers(computer, game, view, money)
        if needs.is_exposed(computer, game, view):
            _train(computer, game, view, money)
            growth.technology(computer, game, view, money)
            growth.producers(computer, game, view, money)
    growth.expand(computer, game, view, money)
    growth.technology(computer, game, view, money)
    growth.gas(computer, game, view, money)
    growth.producers(computer, game, view, money)
    if computer.race == "Zerg":
        larvae.queens(computer, game, view, money)
        larvae.fighters(computer, game, view, money)
    else:
        _addons(computer, game, view, money)
        _train(computer, game, view, money)
    _upgrades(computer, game, view, money)
    growth.static_defence(computer, game, view, money)


def _supply(computer: Computer, game: Game, view: View, money: Money) -> None:
    supply = computer.id(computer.table.supply)
    players = game.world.players
    coming = 8 * (view.has(supply) - int(view.finished[supply]))
    cap = float(players.supply_cap[computer.player])
    if cap + coming >= game.world.rules.food_ceiling:
        return
    loops = computer.table.supply_loops
    bases = len(halls(computer, view))
    use = bases * loops / needs.WORKER_LOOPS if needs.wants_workers(computer, game, view) else 0.0
    use += needs.producer_count(computer, view, done=True) * loops * SUPPLY_PER_PRODUCER_LOOP[computer.race]
    needed = 1.0 + use
    if float(players.supply_used[computer.player]) < 13 and coming:
        return
    if money.supply + coming >= needed:
        return
    rule = computer.plans.maker(supply)
    if computer.race == "Zerg":
        made = larvae.from_larva(computer, game, view, money, supply)
        if not made and money.supply + coming <= needed / 2:
            money.take(rule.minerals)
    elif not building.build(computer, game, view, money, supply):
        urgent = money.supply + coming <= needed / 2
        if urgent and not money.affords(rule.minerals):
            money.take(rule.minerals)


def _workers(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Each town hall makes workers one after the other."""
    worker = computer.id(computer.table.worker)
    rule = computer.plans.maker(worker)
    missing = needs.worker_target(computer, game, view) - view.has(worker)
    for hall in halls(computer, view).tolist():
        if missing <= 0:
            return
        if not needs.has_room(computer, game, hall) or not money.affords(rule.minerals, 0, rule.supply):
            continue
        if computer.give(game, rule.ability_id, hall):
            money.take(rule.minerals, 0, rule.supply)
            missing -= 1


def _train(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Every idle production structure makes the unit the army lacks most, the most wanted units first."""
    homes = _addon_homes(computer, view) if computer.table.addons else []
    for _ in range(2):
        wanted = []
        for caster in sorted({rule.caster for rule in needs.mix_rules(computer)}):
            waits = (caster, True) in homes and computer.level.attention >= 0.6
            for row in view.rows(caster).tolist():
                if waits and game.world.units.addon[row] == NONE and money.affords(50):
                    continue
                if needs.has_room(computer, game, row):
                    wish = needs.next_wish(computer, game, view, money, caster, row)
                    if wish is not None:
                        wanted.append((wish[0], row, wish[1]))
        for _, row, rule in sorted(wanted, key=lambda w: w[:2]):
            if not money.affords(0, rule.gas, rule.supply):
                continue
            if money.affords(rule.minerals) and not computer.give(game, rule.ability_id, row):
                continue
            money.take(rule.minerals, rule.gas, rule.supply)
            view.coming[rule.product] = view.coming.get(rule.product, 0) + rule.count
        if not money.affords(50):
            return


def _addons(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Tech labs and reactors: for the race's producer in the order of its table, for others what their units
    need."""
    addons = computer.table.addons
    if not addons or computer.ai_build == levels.RUSH or computer.level.attention < 0.6:
        return
    u = game.world.units
    for caster, labs_only in _addon_homes(computer, view):
        for row in view.rows(caster).tolist():
            if u.addon[row] != NONE or row in game.world.production or row in game.world.current:
                continue
            if labs_only:
                name = f"{game.world.rules.units[caster].name}TechLab"
            else:
                name = addons[sum(view.has(computer.id(kind)) for kind in set(addons)) % len(addons)]
            rule = computer.plans.maker(computer.id(name))
            place = (float(u.x[row]), float(u.y[row]))
            if not money.affords(rule.minerals, rule.gas) or place in computer.shunned(game):
                continue
            if computer.give(game, rule.ability_id, row):
                money.take(rule.minerals, rule.gas)
                view.coming[rule.product] = view.coming.get(rule.product, 0) + 1
            else:
                computer.shun(game, place)


def _addon_homes(computer: Computer, view: View) -> list[tuple[int, bool]]:
    """(type of structure that wants add-ons, whether it wants tech labs only)."""
    producer = computer.id(computer.table.producer)
    homes = [(producer, False)]
    for rule in needs.mix_rules(computer):
        kinds = {kind for kind, _ in asked_for(rule.requirement)}
        if rule.caster != producer and "attached" in kinds and (rule.caster, True) not in homes:
            homes.append((rule.caster, True))
    return homes


def _upgrades(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Research in the order of the race's table, once the economy stands."""
    if not (computer.level.upgrades and computer.style.upgrades):
        return
    w = game.world
    if view.has(computer.id(computer.table.worker)) < 26 or computer.army.threat > 0:
        return
    running = {item.upgrade for items in w.production.values() for item in items if item.upgrade}
    for name in computer.table.upgrades:
        upgrade = w.rules.upgrade(name).id
        if upgrade in w.upgrades[computer.player] or upgrade in running:
            continue
        for rule in computer.plans.upgrades.get(upgrade, ()):
            if not view.has(rule.caster):
                if w.rules.units[rule.caster].is_addon:
                    continue
                needed = needs.missing(computer, view, rule.caster) or rule.caster
                if money.minerals > 250:
                    building.build(computer, game, view, money, needed)
                return
            for row in view.rows(rule.caster).tolist():
                if row in w.production or not money.affords(rule.minerals, rule.gas):
                    continue
                if tech.requirement_met(game, computer.player, rule, row) and computer.give(game, rule.ability_id, row):
                    money.take(rule.minerals, rule.gas)
                    return
