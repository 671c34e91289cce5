"""Training and research: the queue of a structure, what is at work in it, and what comes out.

`world.production[row]` holds the items; the first of them are at work, in the order of their slots
(`work_left[row, slot] >= 0`), the rest wait. A structure with a reactor works on two items at once. Items are
started by commands and by `settle`, which runs after all events of a loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities import bank, checks, larva, morphs, rally, supply
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.rules import CommandRule, TypeArrays, apply_upgrade
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import ProductionItem, World

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

QUEUE = 5
QUEUE_WITH_REACTOR = 8
REACTORS = ("Reactor", "BarracksReactor", "FactoryReactor", "StarportReactor")


# -- commands --------------------------------------------------------------------------------------------
def train(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """Queue a unit; its price is taken now, its food when its turn comes."""
    result = train_result(game, row, rule)
    if result != Result.SUCCESS:
        return result
    _enqueue(game, row, rule)
    return Result.SUCCESS


def train_result(game: Game, row: int, rule: CommandRule, *, free: bool = False) -> int:
    """Whether a unit could be queued now; an ActionResult."""
    result = checks.working(game, row)
    if result == Result.SUCCESS:
        result = checks.affordable(game, int(game.world.units.owner[row]), rule, row, free=free)
    if result == Result.SUCCESS:
        result = _room(game.world, row)
    return result


def research(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """Queue a research."""
    result = research_result(game, row, rule)
    if result != Result.SUCCESS:
        return result
    _enqueue(game, row, rule)
    return Result.SUCCESS


def research_result(game: Game, row: int, rule: CommandRule, *, free: bool = False) -> int:
    """Whether an upgrade could be researched now: not known yet, and in no queue of the player."""
    w = game.world
    player = int(w.units.owner[row])
    if not rule.on_card:
        return Result.NOT_SUPPORTED
    if rule.upgrade in w.upgrades[player] or _is_queued(w, player, rule.upgrade):
        return Result.TECH_REQUIREMENTS_NOT_MET
    result = _level_reached(w, player, rule.upgrade)
    if result == Result.SUCCESS:
        result = checks.working(game, row)
    if result == Result.SUCCESS:
        result = checks.affordable(game, player, rule, row, free=free)
    if result == Result.SUCCESS:
        result = _room(w, row)
    return result


def larva_train(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """A larva becomes an egg."""
    w, u = game.world, game.world.units
    player = int(u.owner[row])
    result = checks.affordable(game, player, rule, row)
    if result != Result.SUCCESS:
        return result
    bank.pay(w, player, rule.minerals, rule.gas)
    hatchery = int(u.addon[row])
    if hatchery != NONE and u.alive[hatchery] == 1:
        worker = w.rules.units[rule.product].is_worker
        targets = (w.worker_rallies if worker else w.rallies).get(hatchery)
        if targets:
            w.rallies[row] = targets
    w.become(row, w.rules.unit("Egg").id)
    u.hp[row] = u.hp_max[row]
    larva.leave(game, row)
    w.production[row] = (item_of(rule),)
    _start(w, row, 0, 0, rule.time_loops)
    supply.recount(game)
    return Result.SUCCESS


def cancel_last(game: Game, row: int, rule: CommandRule, command: Command) -> int:
    """CANCEL_LAST: take the newest item out of the queue and give its whole price back. Eggs die of it."""
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    items = w.production.get(row, ())
    if not items or items[-1].ability == 0:
        return Result.CANT_FIND_CANCEL_ORDER
    last = items[-1]
    bank.refund(w, int(u.owner[row]), last.minerals, last.gas, w.rules.game.refund_queue)
    if w.rules.units[int(u.type_id[row])].is_larva_or_egg:
        w.production.pop(row)
        deaths.bury(game, row, NONE, lost=False)
        return Result.SUCCESS
    running = [slot for slot in range(2) if u.work_left[row, slot] >= 0]
    if len(items) <= len(running):
        u.work_left[row, running[-1]] = -1.0
    _set_items(w, row, items[:-1])
    settle(game)
    return Result.SUCCESS


# -- what happens in a queue -----------------------------------------------------------------------------
def item_of(rule: CommandRule) -> ProductionItem:
    """The queue entry of a command."""
    return ProductionItem(
        rule.ability_id, rule.product, rule.upgrade, rule.minerals, rule.gas, rule.time_loops, rule.count
    )


def slots_of(world: World, row: int) -> int:
    """How many things a structure makes at once: 2 with a finished reactor."""
    u = world.units
    addon = int(u.addon[row])
    if addon == NONE or u.alive[addon] != 1 or u.build_left[addon] > 0:
        return 1
    return 2 if world.rules.units[int(u.type_id[addon])].name in REACTORS else 1


def settle(game: Game) -> None:
    """Start everything that waits and can be started, in row order, and count supply anew."""
    w, u = game.world, game.world.units
    supply.recount(game)
    for row in sorted(w.production):
        items = w.production[row]
        if u.alive[row] != 1 or u.build_left[row] > 0:
            continue
        for slot in range(slots_of(w, row)):
            if u.work_left[row, slot] >= 0:
                continue
            running = int(u.work_left[row, 0] >= 0) + int(u.work_left[row, 1] >= 0)
            if len(items) <= running:
                break
            item = items[running]
            food = w.rules.units[item.product].supply * item.count if item.product else 0.0
            if food > 0 and supply.free(game, int(u.owner[row])) < food:
                break
            # the follower of an item that was finished in this loop has been at work since then
            follows = u.work_total[row, slot] == -float(w.loop)
            before = int(u.work_left[row, 0] >= 0) if slot == 1 else 0
            items = _moved(items, running, before)
            w.production[row] = items
            _start(w, row, slot, before, item.loops - (1.0 if follows else 0.0))
            supply.recount(game)


def on_done(game: Game, row: int, slot: int) -> None:
    """EV_WORK_DONE: the item of a slot is finished."""
    from cherrypy_bot.sim.abilities.effects import magazines

    w, u = game.world, game.world.units
    items = w.production.get(row, ())
    index = int(u.work_left[row, 0] >= 0) if slot == 1 else 0
    u.work_left[row, slot] = -1.0
    u.work_total[row, slot] = -float(w.loop)
    if index >= len(items):
        return
    item = items[index]
    if item.product and morphs.is_morph(w, row, item):
        w.production.pop(row)
        morphs.finish_item(game, row, item)
        return
    _set_items(w, row, items[:index] + items[index + 1 :])
    if item.upgrade:
        learn(game, int(u.owner[row]), item.upgrade)
    elif w.rules.units[int(u.type_id[row])].is_larva_or_egg:
        _hatch(game, row, item)
    elif not magazines.store(game, row, item.product):
        for _ in range(item.count):
            born = spawn_beside(game, row, item.product)
            rally.follow(game, born, row)
        if row not in w.production:
            morphs.auto_warpgate(game, row)


def learn(game: Game, player: int, upgrade: int) -> None:
    """A research is finished: change the player's tables and the units that live already."""
    w, u = game.world, game.world.units
    if upgrade in w.upgrades[player]:
        return
    known = list(w.upgrades)
    known[player] = known[player] | {upgrade}
    w.upgrades = (known[0], known[1])
    mine = TypeArrays(*(array[player] for array in w.stats))
    before = (mine.hp.copy(), mine.shields.copy(), mine.energy_max.copy())
    apply_upgrade(mine, w.rules.upgrades[upgrade])
    rows = np.array(w.rows_of(player), dtype=np.int64)
    if len(rows):
        types = u.type_id[rows]
        for value, limit, table, old in (
            (u.hp, u.hp_max, mine.hp, before[0]),
            (u.shield, u.shield_max, mine.shields, before[1]),
            (u.energy, u.energy_max, mine.energy_max, before[2]),
        ):
            raised = np.where(u.hallucination[rows] == 1, 0.0, table[types] - old[types])
            limit[rows] += raised
            value[rows] = np.clip(value[rows] + (raised if value is not u.energy else 0.0), 0.0, limit[rows])
    for row in rows.tolist():
        morphs.auto_warpgate(game, row)


def lose_queue(game: Game, row: int) -> None:
    """A structure dies: what was in its queue is paid back; eggs, cocoons and morphs are lost."""
    w, u = game.world, game.world.units
    items = w.production.pop(row, ())
    if w.rules.units[int(u.type_id[row])].is_larva_or_egg:
        return
    for item in items:
        if not (item.product and morphs.is_morph(w, row, item)):
            bank.refund(w, int(u.owner[row]), item.minerals, item.gas, w.rules.game.refund_queue)


def spawn_beside(game: Game, row: int, product: int) -> int:
    """Put a finished unit next to its producer, on the side of the rally point."""
    w, u = game.world, game.world.units
    x, y = rally.exit_point(game, row, product)
    return w.spawn(product, int(u.owner[row]), x, y)


def _hatch(game: Game, egg: int, item: ProductionItem) -> None:
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    x, y, owner = float(u.x[egg]), float(u.y[egg]), int(u.owner[egg])
    targets = w.rallies.get(egg, ())
    deaths.bury(game, egg, NONE, lost=False)
    for number in range(item.count):
        born = w.spawn(item.product, owner, x + 0.25 * number, y)
        rally.follow_targets(game, born, targets)


def _enqueue(game: Game, row: int, rule: CommandRule) -> None:
    w = game.world
    bank.pay(w, int(w.units.owner[row]), rule.minerals, rule.gas)
    w.production[row] = (*w.production.get(row, ()), item_of(rule))
    settle(game)


def _start(w: World, row: int, slot: int, index: int, loops: float) -> None:
    w.units.work_left[row, slot] = w.units.work_total[row, slot] = loops


def _moved(items: tuple[ProductionItem, ...], old: int, new: int) -> tuple[ProductionItem, ...]:
    rest = items[:old] + items[old + 1 :]
    return (*rest[:new], items[old], *rest[new:])


def _set_items(w: World, row: int, items: tuple[ProductionItem, ...]) -> None:
    if items:
        w.production[row] = items
    else:
        w.production.pop(row, None)


def _room(w: World, row: int) -> int:
    limit = QUEUE_WITH_REACTOR if slots_of(w, row) == 2 else QUEUE
    items = w.production.get(row, ())
    if items and items[0].product and morphs.is_morph(w, row, items[0]):
        return Result.CANT_QUEUE_THAT_ORDER
    return Result.SUCCESS if len(items) < limit else Result.QUEUE_IS_FULL


def _is_queued(w: World, player: int, upgrade: int) -> bool:
    return any(
        item.upgrade == upgrade for row, items in w.production.items() if w.units.owner[row] == player for item in items
    )


def _level_reached(w: World, player: int, upgrade: int) -> int:
    """Upgrades with levels are learned one after the other."""
    name = w.rules.upgrades[upgrade].name
    if name[-6:-1] == "Level" and name[-1] in "23":
        below = w.rules.upgrade(name[:-1] + str(int(name[-1]) - 1)).id
        if below not in w.upgrades[player]:
            return Result.TECH_REQUIREMENTS_NOT_MET
    return Result.SUCCESS
