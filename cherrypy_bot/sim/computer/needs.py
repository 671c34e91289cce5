"""What a computer player needs: how many workers, which army, which structure next, and whether it is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities import tech
from cherrypy_bot.sim.computer.economy import Money, capacity, halls
from cherrypy_bot.sim.computer.plans import asked_for
from cherrypy_bot.sim.computer.races import Wish
from cherrypy_bot.sim.computer.view import View
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game

WORKER_LOOPS = 272.0
SAFETY = 550.0
SAFE_UNTIL = 2700
SAFE_ARMY = 2200.0
"""From `SAFE_UNTIL` on an army should be worth `SAFETY` more every minute, up to `SAFE_ARMY`: what first
attacks bring."""


def worker_target(computer: Computer, game: Game, view: View) -> int:
    """How many workers it wants now: what its bases can use, up to what its level and build allow."""
    bases = halls(computer, view, done=False)
    room = capacity(computer, game, view) + 2
    growing = len(bases) - len(halls(computer, view))
    return min(computer.workers_wanted, room + 12 * growing)


def wants_workers(computer: Computer, game: Game, view: View) -> bool:
    """Whether there are too few workers, those in production included."""
    return view.has(computer.id(computer.table.worker)) < worker_target(computer, game, view)


def has_room(computer: Computer, game: Game, row: int) -> bool:
    """Whether a producer stands idle, or will before the next decision."""
    w, u = game.world, game.world.units
    if u.powered[row] == 0 or u.build_left[row] > 0:
        return False
    current = w.current.get(row)
    if current is not None and current.ability:
        return False
    addon = int(u.addon[row])
    slots = 1
    if addon != NONE and u.alive[addon] == 1 and u.build_left[addon] <= 0:
        slots = 2 if "Reactor" in w.rules.units[int(u.type_id[addon])].name else 1
    items = w.production.get(row, ())
    if len(items) < slots:
        return True
    running = u.work_left[row][u.work_left[row] >= 0]
    ends_soon = len(running) > 0 and float(running.min()) < computer.level.period + 8
    return len(items) == slots and ends_soon and computer.level.attention >= 1.0


def wishes(computer: Computer, view: View) -> list[Wish]:
    """The parts of the army's mix that the economy is large enough for."""
    workers = view.has(computer.id(computer.table.worker))
    return [wish for wish in computer.mix if workers >= wish.from_workers]


def mix_rules(computer: Computer) -> list[CommandRule]:
    """The commands that make the units of the mix."""
    return [computer.plans.maker(computer.id(wish.unit)) for wish in computer.mix]


def missing(computer: Computer, view: View, type_id: int) -> int | None:
    """The structure to build next so that a type can be made: None when all is there or on its way."""
    rule = computer.plans.maker(type_id)
    w = view.world
    for kind, ids in asked_for(rule.requirement):
        if kind == "have" and not any(view.has(i) for i in ids):
            cheapest = min(ids, key=lambda i: w.rules.units[i].minerals + w.rules.units[i].gas)
            return missing(computer, view, cheapest) or cheapest
        if kind == "have" and not any(view.finished[i] for i in ids):
            return None
    supply = computer.id(computer.table.supply)
    if w.rules.units[type_id].needs_power and not view.has(supply):
        return supply
    caster = w.rules.units[rule.caster]
    if caster.is_structure and not caster.is_townhall and not view.has(rule.caster):
        return missing(computer, view, rule.caster) or rule.caster
    return None


def producer_count(computer: Computer, view: View, *, done: bool = False) -> int:
    """Structures that make the units of the mix; with `done` only finished ones."""
    types = {computer.id(computer.table.producer)}
    for wish in computer.mix:
        caster = computer.plans.maker(computer.id(wish.unit)).caster
        if view.world.rules.units[caster].is_structure:
            types.add(caster)
    types.add(computer.id("WarpGate"))
    if done:
        return int(sum(int(view.finished[t]) for t in types))
    return view.has(*types)


def next_wish(
    computer: Computer, game: Game, view: View, money: Money, caster: int, row: int
) -> tuple[float, CommandRule] | None:
    """What a caster should make: the part of the mix farthest behind its weight that gas, supply and tech
    allow."""
    choices = []
    for wish in wishes(computer, view):
        rule = computer.plans.maker(computer.id(wish.unit))
        if rule.caster == caster:
            choices.append((view.has(rule.product) / (wish.weight * rule.count), rule.product, rule))
    for behind, _, rule in sorted(choices, key=lambda choice: choice[:2]):
        if money.affords(0, rule.gas, rule.supply) and tech.requirement_met(game, computer.player, rule, row):
            return behind, rule
    return None


def army_value(computer: Computer, view: View) -> float:
    """Price of what could fight now or soon: the army and what is in production; what stays at home counts half."""
    army = view.army()
    made = float(view.fight(army).sum())
    made -= 0.5 * float(view.fight(view.rows(computer.id("Queen"))).sum())
    if computer.table.static:
        made += 0.3 * float(view.fight(view.rows(computer.id(computer.table.static))).sum())
    for rule in mix_rules(computer):
        made += view.coming.get(rule.product, 0) * float(view.values.fight[rule.product])
    return made


def army_floor(computer: Computer, game: Game, view: View) -> float:
    """Fighting value that comes before growth: more drones, another base, upgrades."""
    workers = view.has(computer.id(computer.table.worker))
    by_now = min(SAFETY * (game.loop - SAFE_UNTIL) / 1344, SAFE_ARMY) * computer.level.attention
    return max(25.0 * (workers - 18), 0.9 * computer.army.enemy_seen, by_now)


def is_exposed(computer: Computer, game: Game, view: View) -> bool:
    """Whether enemies are at home, or the army is smaller than is safe by now."""
    return computer.army.threat > 0 or army_value(computer, view) < army_floor(computer, game, view)
