"""What a Zerg computer makes of its larvae, and its queens."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import tech
from cherrypy_bot.sim.computer import levels, needs
from cherrypy_bot.sim.computer.economy import Money, halls
from cherrypy_bot.sim.computer.view import View

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game


def from_larva(computer: Computer, game: Game, view: View, money: Money, type_id: int) -> bool:
    """Turn one larva into an egg of a type; False when that is not possible now."""
    rule = computer.plans.maker(type_id)
    larvae = view.rows(computer.id("Larva"))
    larvae = larvae[game.world.units.type_id[larvae] == computer.id("Larva")]
    if not len(larvae) or not money.affords(rule.minerals, rule.gas, rule.supply):
        return False
    if not tech.requirement_met(game, computer.player, rule, int(larvae[0])):
        return False
    if not computer.give(game, rule.ability_id, int(larvae[0])):
        return False
    money.take(rule.minerals, rule.gas, rule.supply)
    view.coming[type_id] = view.coming.get(type_id, 0) + rule.count
    return True


def drones(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Drones, as long as the army is large enough to be safe."""
    drone = computer.id(computer.table.worker)
    can_fight = view.finished[computer.id("SpawningPool")] > 0
    for _ in range(20):
        if view.has(drone) >= needs.worker_target(computer, game, view):
            return
        if can_fight and needs.is_exposed(computer, game, view):
            return
        if not from_larva(computer, game, view, money, drone):
            return


def fighters(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Fighters from the larvae that are left; as many at once as the level may have production structures."""
    hatching = sum(view.coming.get(rule.product, 0) / rule.count for rule in needs.mix_rules(computer))
    for _ in range(max(0, math.ceil(computer.level.producers - hatching))):
        larvae = view.rows(computer.id("Larva"))
        larvae = larvae[game.world.units.type_id[larvae] == computer.id("Larva")]
        if not len(larvae):
            return
        wish = needs.next_wish(computer, game, view, money, computer.id("Larva"), int(larvae[0]))
        if wish is None or not from_larva(computer, game, view, money, wish[1].product):
            return


def queens(computer: Computer, game: Game, view: View, money: Money) -> None:
    """One queen for each base, as defender."""
    if computer.level.attention < 0.8 or computer.ai_build == levels.RUSH:
        return
    queen = computer.id("Queen")
    rule = computer.plans.maker(queen)
    bases = halls(computer, view)
    if view.has(queen) >= len(bases) or view.finished[computer.id("SpawningPool")] == 0:
        return
    if not money.affords(rule.minerals, 0, rule.supply):
        return
    for hall in bases.tolist():
        if needs.has_room(computer, game, hall) and computer.give(game, rule.ability_id, hall):
            money.take(rule.minerals, 0, rule.supply)
            return
