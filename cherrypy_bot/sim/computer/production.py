"""What a computer player makes and in which order: supply, workers, bases, tech, producers, army,
upgrades."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import placement, tech
from cherrypy_bot.sim.computer import levels, placing
from cherrypy_bot.sim.computer.economy import BASE_REACH, Money, capacity, free_workers, gas_buildings, halls
from cherrypy_bot.sim.computer.plans import asked_for
from cherrypy_bot.sim.computer.races import Wish
from cherrypy_bot.sim.computer.view import View
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game

WORKER_LOOPS = 272.0
MINERALS_PER_WORKER_LOOP = 0.042
"""What one worker of a base that is not overfull brings (facts of mining: 56 to 60 a minute)."""
GAS_PER_BUILDING_LOOP = 0.121
SPENDING = {"Terran": 0.16, "Protoss": 0.19, "Zerg": 0.2}
"""Minerals that one production structure uses per loop."""
SAFETY = 600.0
SAFE_UNTIL = 3400
SAFE_ARMY = 2200.0
"""From `SAFE_UNTIL` on an army should be worth `SAFETY` more every minute, up to `SAFE_ARMY`: what first
attacks bring."""
SUPPLY_PER_PRODUCER_LOOP = {"Terran": 0.0042, "Protoss": 0.0033, "Zerg": 0.004}


def decide(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Spend on what matters most first; a purchase that must wait sets its price aside."""
    for product, count in view.ordered.items():
        rule = computer.plans.units[product]
        money.take(rule.minerals * count, rule.gas * count)
    _supply(computer, game, view, money)
    if computer.race == "Zerg":
        _larvae_for_supply_and_drones(computer, game, view, money)
    else:
        _workers(computer, game, view, money)
        if computer.army.threat > 0 or _army_value(computer, view) < _army_floor(computer, game, view):
            _train(computer, game, view, money)
    _expand(computer, game, view, money)
    _tech(computer, game, view, money)
    _gas(computer, game, view, money)
    _producers(computer, game, view, money)
    if computer.race == "Zerg":
        _queens(computer, game, view, money)
        _larvae_for_army(computer, game, view, money)
    else:
        _addons(computer, game, view, money)
        _train(computer, game, view, money)
    _upgrades(computer, game, view, money)
    _static(computer, game, view, money)


# -- supply ----------------------------------------------------------------------------------------------
def _supply(computer: Computer, game: Game, view: View, money: Money) -> None:
    supply = computer.id(computer.table.supply)
    players = game.world.players
    coming = 8 * (view.has(supply) - int(view.finished[supply]))
    cap = float(players.supply_cap[computer.player])
    if cap + coming >= game.world.rules.food_ceiling:
        return
    loops = computer.table.supply_loops
    bases = len(halls(computer, view))
    use = bases * loops / WORKER_LOOPS if _wants_workers(computer, game, view) else 0.0
    use += _producer_count(computer, view, done=True) * loops * SUPPLY_PER_PRODUCER_LOOP[computer.race]
    needed = 1.0 + use
    if float(players.supply_used[computer.player]) < 13 and coming:
        return
    if money.supply + coming >= needed:
        return
    rule = computer.plans.maker(supply)
    if computer.race == "Zerg":
        _from_larva(computer, game, view, money, supply)
    elif not _build(computer, game, view, money, supply):
        urgent = money.supply + coming <= needed / 2
        if urgent and not money.affords(rule.minerals):
            money.take(rule.minerals)


# -- workers ---------------------------------------------------------------------------------------------
def _worker_target(computer: Computer, game: Game, view: View) -> int:
    bases = halls(computer, view, done=False)
    room = capacity(computer, game, view) + 2
    growing = len(bases) - len(halls(computer, view))
    return min(computer.workers_wanted, room + 12 * growing)


def _wants_workers(computer: Computer, game: Game, view: View) -> bool:
    return view.has(computer.id(computer.table.worker)) < _worker_target(computer, game, view)


def _workers(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Each town hall makes workers one after the other."""
    worker = computer.id(computer.table.worker)
    rule = computer.plans.maker(worker)
    missing = _worker_target(computer, game, view) - view.has(worker)
    for hall in halls(computer, view).tolist():
        if missing <= 0:
            return
        if not _has_room(computer, game, hall) or not money.affords(rule.minerals, 0, rule.supply):
            continue
        if computer.give(game, rule.ability_id, hall):
            money.take(rule.minerals, 0, rule.supply)
            missing -= 1


def _has_room(computer: Computer, game: Game, row: int) -> bool:
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


# -- larvae ----------------------------------------------------------------------------------------------
def _from_larva(computer: Computer, game: Game, view: View, money: Money, type_id: int) -> bool:
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


def _army_floor(computer: Computer, game: Game, view: View) -> float:
    """Fighting value that comes before growth: more drones, another base, more production."""
    workers = view.has(computer.id(computer.table.worker))
    by_now = min(SAFETY * (game.loop - SAFE_UNTIL) / 1344, SAFE_ARMY) * computer.level.attention
    return max(25.0 * (workers - 18), 0.9 * computer.army.enemy_seen, by_now)


def _army_value(computer: Computer, view: View) -> float:
    """Price of the army that is there and in eggs."""
    army = view.army()
    army = army[view.world.units.type_id[army] != computer.id("Queen")]
    made = float(view.fight(army).sum())
    for wish in computer.table.mix(computer.ai_build):
        type_id = computer.id(wish.unit)
        made += view.coming.get(type_id, 0) * float(view.values.fight[type_id])
    return made


def _larvae_for_supply_and_drones(computer: Computer, game: Game, view: View, money: Money) -> None:
    drone = computer.id(computer.table.worker)
    can_fight = view.finished[computer.id("SpawningPool")] > 0
    for _ in range(20):
        if view.has(drone) >= _worker_target(computer, game, view):
            return
        danger = computer.army.threat > 0 or _army_value(computer, view) < _army_floor(computer, game, view)
        if can_fight and danger:
            return
        if not _from_larva(computer, game, view, money, drone):
            return


def _larvae_for_army(computer: Computer, game: Game, view: View, money: Money) -> None:
    for _ in range(30):
        larvae = view.rows(computer.id("Larva"))
        larvae = larvae[game.world.units.type_id[larvae] == computer.id("Larva")]
        if not len(larvae):
            return
        wish = _next_wish(computer, game, view, money, computer.id("Larva"), int(larvae[0]))
        if wish is None or not _from_larva(computer, game, view, money, wish[1].product):
            return


def _queens(computer: Computer, game: Game, view: View, money: Money) -> None:
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
        if _has_room(computer, game, hall) and computer.give(game, rule.ability_id, hall):
            money.take(rule.minerals, 0, rule.supply)
            return


# -- structures ------------------------------------------------------------------------------------------
def _build(
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
        place = _place(computer, game, view, type_id)
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


def _place(computer: Computer, game: Game, view: View, type_id: int) -> tuple[float, float] | None:
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


def _expand(computer: Computer, game: Game, view: View, money: Money) -> None:
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
        enough = min(computer.style.first_expansion, enough + 3, 16 if computer.race == "Zerg" else 99)
    slow = 1.0 if computer.level.attention >= 1.0 else 1.25
    if workers < min(enough * slow, computer.workers_wanted) or computer.army.threat > 0:
        return
    place = _next_base(computer, game, view)
    if place is None:
        return
    rule = computer.plans.maker(hall)
    if not _build(computer, game, view, money, hall, place) and not money.affords(rule.minerals):
        money.take(rule.minerals * 0.8)


def _next_base(computer: Computer, game: Game, view: View) -> tuple[float, float] | None:
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


def _wishes(computer: Computer, view: View) -> list[Wish]:
    workers = view.has(computer.id(computer.table.worker))
    return [wish for wish in computer.table.mix(computer.ai_build) if workers >= wish.from_workers]


def _missing(computer: Computer, view: View, type_id: int) -> int | None:
    """The structure to build next so that a type can be made: None when all is there or on its way."""
    rule = computer.plans.maker(type_id)
    w = view.world
    for kind, ids in asked_for(rule.requirement):
        if kind == "have" and not any(view.has(i) for i in ids):
            cheapest = min(ids, key=lambda i: w.rules.units[i].minerals + w.rules.units[i].gas)
            return _missing(computer, view, cheapest) or cheapest
        if kind == "have" and not any(view.finished[i] for i in ids):
            return None
    supply = computer.id(computer.table.supply)
    if w.rules.units[type_id].needs_power and not view.has(supply):
        return supply
    caster = w.rules.units[rule.caster]
    if caster.is_structure and not caster.is_townhall and not view.has(rule.caster):
        return _missing(computer, view, rule.caster) or rule.caster
    return None


def _tech(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Structures that the army's mix asks for, one at a time."""
    workers = view.has(computer.id(computer.table.worker))
    from_workers = 17 if computer.race == "Zerg" and computer.bases_wanted > 1 else 13
    if workers < min(from_workers, computer.workers_wanted - 2):
        return
    for wish in _wishes(computer, view):
        needed = _missing(computer, view, computer.id(wish.unit))
        if needed is None:
            continue
        rule = computer.plans.maker(needed)
        if not tech.requirement_met(game, computer.player, rule, NONE):
            continue
        if not _build(computer, game, view, money, needed) and not money.affords(rule.minerals, rule.gas):
            money.take(rule.minerals, rule.gas)
        return


def _gas(computer: Computer, game: Game, view: View, money: Money) -> None:
    """As many gas buildings as the mix uses gas."""
    rules = game.world.rules
    gas = computer.id(computer.table.gas)
    first = {"Terran": "Barracks", "Protoss": "Gateway", "Zerg": "SpawningPool"}[computer.race]
    if not view.has(computer.id(first), computer.id("WarpGate")):
        return
    if computer.race == "Zerg" and view.has(computer.id("Drone")) < min(19, computer.workers_wanted - 1):
        return
    wishes = _wishes(computer, view)
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
    empty = int(view.finished[gas]) - len(gas_buildings(computer, game, view))
    coming = view.has(gas) - int(view.finished[gas])
    if view.has(gas) - empty >= wanted or coming >= 2:
        return
    if not _build(computer, game, view, money, gas) and not money.affords(rules.units[gas].minerals):
        money.take(rules.units[gas].minerals)


def _producer_count(computer: Computer, view: View, *, done: bool = False) -> int:
    types = {computer.id(computer.table.producer)}
    for wish in computer.table.mix(computer.ai_build):
        caster = computer.plans.maker(computer.id(wish.unit)).caster
        if view.world.rules.units[caster].is_structure:
            types.add(caster)
    types.add(computer.id("WarpGate"))
    if done:
        return int(sum(int(view.finished[t]) for t in types))
    return view.has(*types)


def _producers(computer: Computer, game: Game, view: View, money: Money) -> None:
    """More production structures while income is larger than what they use."""
    producer = computer.id(computer.table.producer)
    workers = int(view.counts[computer.id(computer.table.worker)])
    income = workers * 0.85 * MINERALS_PER_WORKER_LOOP
    if _wants_workers(computer, game, view):
        income -= len(halls(computer, view)) * 50 / WORKER_LOOPS
    if computer.race == "Zerg":
        larvae = int(view.finished[computer.id("Larva")])
        have = len(halls(computer, view, done=False)) + view.ordered.get(producer, 0)
        rich = money.minerals > 300 and larvae <= 1 and view.counts[computer.id("SpawningPool")] > 0
        if not rich or have >= min(computer.level.producers, computer.bases_wanted + 4):
            return
        if have <= len(halls(computer, view)) + (1 if computer.level.bases > 2 else 0):
            place = _next_base(computer, game, view) if computer.bases_wanted > 1 else None
            _build(computer, game, view, money, producer, place)
        return
    wanted = min(math.ceil(income / SPENDING[computer.race] - 0.3), computer.level.producers)
    rich = game.world.players.minerals[computer.player] > 600
    have = _producer_count(computer, view)
    coming = have - _producer_count(computer, view, done=True)
    limit = 1 if have < 3 else 3
    if have >= wanted + (2 if rich else 0) or have >= computer.level.producers or coming >= limit:
        return
    producer = _next_producer(computer, view)
    if _missing(computer, view, producer) is not None or have == 0:
        return
    rule = computer.plans.maker(producer)
    if not _build(computer, game, view, money, producer) and not money.affords(rule.minerals):
        money.take(rule.minerals * 0.5)


def _next_producer(computer: Computer, view: View) -> int:
    """The structure of which the mix has too few: by the time that its share of the army takes to make."""
    shares: dict[int, float] = {}
    for wish in _wishes(computer, view):
        rule = computer.plans.maker(computer.id(wish.unit))
        if view.finished[rule.caster]:
            shares[rule.caster] = shares.get(rule.caster, 0.0) + wish.weight * rule.time_loops
    if not shares:
        return computer.id(computer.table.producer)
    return min(sorted(shares), key=lambda caster: view.has(caster) / shares[caster])


# -- army ------------------------------------------------------------------------------------------------
def _next_wish(
    computer: Computer, game: Game, view: View, money: Money, caster: int, row: int
) -> tuple[float, CommandRule] | None:
    """What a caster should make: the part of the mix farthest behind its weight that gas, supply and tech
    allow."""
    choices = []
    for wish in _wishes(computer, view):
        rule = computer.plans.maker(computer.id(wish.unit))
        if rule.caster == caster:
            choices.append((view.has(rule.product) / (wish.weight * rule.count), rule.product, rule))
    for behind, _, rule in sorted(choices, key=lambda choice: choice[:2]):
        if money.affords(0, rule.gas, rule.supply) and tech.requirement_met(game, computer.player, rule, row):
            return behind, rule
    return None


def _train(computer: Computer, game: Game, view: View, money: Money) -> None:
    """Every idle production structure makes the unit the army lacks most, the most wanted units first."""
    homes = _addon_homes(computer, view) if computer.table.addons else []
    for _ in range(2):
        wanted = []
        for caster in sorted({rule.caster for rule in _mix_rules(computer)}):
            waits = (caster, True) in homes and computer.level.attention >= 0.6
            for row in view.rows(caster).tolist():
                if waits and game.world.units.addon[row] == NONE and money.affords(50):
                    continue
                if _has_room(computer, game, row):
                    wish = _next_wish(computer, game, view, money, caster, row)
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


def _mix_rules(computer: Computer) -> list[CommandRule]:
    return [computer.plans.maker(computer.id(wish.unit)) for wish in computer.table.mix(computer.ai_build)]


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
    for rule in _mix_rules(computer):
        kinds = {kind for kind, _ in asked_for(rule.requirement)}
        if rule.caster != producer and "attached" in kinds and (rule.caster, True) not in homes:
            homes.append((rule.caster, True))
    return homes


# -- extras ----------------------------------------------------------------------------------------------
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
                needed = _missing(computer, view, rule.caster) or rule.caster
                if money.minerals > 250:
                    _build(computer, game, view, money, needed)
                return
            for row in view.rows(rule.caster).tolist():
                if row in w.production or not money.affords(rule.minerals, rule.gas):
                    continue
                if tech.requirement_met(game, computer.player, rule, row) and computer.give(game, rule.ability_id, row):
                    money.take(rule.minerals, rule.gas)
                    return


def _static(computer: Computer, game: Game, view: View, money: Money) -> None:
    """A few defensive structures per base for those who sit long."""
    name = computer.table.static
    if not name or not computer.level.static_defence:
        return
    bases = halls(computer, view)
    workers = view.has(computer.id(computer.table.worker))
    if computer.race == "Zerg":
        # larvae, not minerals, limit its army: what is left over goes into crawlers
        behind = _army_value(computer, view) < _army_floor(computer, game, view)
        if workers < 20 or not behind or money.minerals < 150:
            return
    elif not computer.style.static_defence or workers < 30 or money.minerals < 350:
        return
    static = computer.id(name)
    if view.has(static) >= computer.level.static_defence * len(bases):
        return
    needed = _missing(computer, view, static)
    if needed is not None:
        _build(computer, game, view, money, needed)
        return
    u = game.world.units
    guards = view.rows(static, done=False)
    for hall in bases.tolist():
        x, y = float(u.x[hall]), float(u.y[hall])
        if (np.hypot(u.x[guards] - x, u.y[guards] - y) < 12).sum() >= computer.level.static_defence:
            continue
        place = placing.find(computer, game, static, (x, y))
        if place is not None and _build(computer, game, view, money, static, place):
            return
