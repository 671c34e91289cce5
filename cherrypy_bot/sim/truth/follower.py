"""A player that does what a real one did: each item as soon as the real player started it and the bank allows.

It knows loops and names alone, so places, builders and producers are its own choice: structures stand where the
built-in opponents would put them, builders set off early enough to be there in time, gas gets as many workers as the
real player's gas income tells. Energy is spent as anyone would spend it: MULEs and injects at once, chrono boost on
what is late.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from cherrypy_bot.sim.abilities import production, tech
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.computer import building, placing
from cherrypy_bot.sim.computer.economy import PER_GAS, Money, free_workers
from cherrypy_bot.sim.computer.view import View
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.truth.housekeeping import LOOK_PERIOD, SPLIT_LOOP, Housekeeper

MOVE = 16
CHECKED_ITEMS = 12
"""So many items that are due or late are looked at in one loop, the earliest first."""
RESERVE = 600
"""A morph or add-on of the next so many loops keeps its structure from longer work."""
RESERVE_SLACK = 60.0
"""Loops that such an item may be held up."""
FOLLOW_UP = 3.0
"""The next item joins a queue when so many loops of the item at work are left, so that no loop is lost."""
LATE = 30
"""Chrono boost goes to a producer whose next item is so many loops late."""
SET_OFF = 8.0
"""Loops that a builder takes to get going."""
GIVE_UP = 240
"""A builder that has not placed its structure for so long is called back."""
DETOUR = 1.15
"""Ways are so much longer than the distance field says (bodies, turns)."""
MOST_COMMANDS = 1e9
ALONE = ("morph", "addon")
"""Commands that need a structure which makes nothing else."""


@dataclass
class Item:
    """One thing that the real player made; `due`: the loop at which he started it."""

    kind: str
    name: str
    due: int
    started: int | None = None
    boosted: bool = False
    """the real player had chrono boost on it"""
    builder: int = NONE
    tag: int = 0
    place: tuple[float, float] | None = None
    target: int = NONE
    ordered: int = 0


class Follower(Housekeeper):
    """Plays one opening.

    Args:
        items: what to make, any order. gas_workers: loop -> how many workers the real player had on gas.
    """

    def __init__(
        self, player: int, race: str, items: list[Item], gas_workers: Callable[[int], int], seed: int = 1
    ) -> None:
        super().__init__(player, race, seed)
        self.items = sorted(items, key=lambda item: item.due)
        self.waiting = list(self.items)
        self.gas_workers = gas_workers
        self.reserved: dict[int, int] = {}

    # -- every loop --------------------------------------------------------------------------------------
    def act(self, game: Game) -> None:
        """Start what is due, then look after workers and energy from time to time."""
        if self.last_loop < 0:
            self._meet(game)
        self.last_loop = game.loop
        self.commands_left = MOST_COMMANDS
        if game.loop == SPLIT_LOOP:
            self.first_workers(game)
        self._watch_builders(game)
        self._make(game)
        if game.loop % LOOK_PERIOD == 0:
            view = self.view(game)
            self._send_builders(game, view)
            busy = [item.builder for item in self.waiting if item.builder != NONE]
            gas_workers = PER_GAS if self._lacks_gas(game) else 0
            self.look_after(game, view, max(gas_workers, self.gas_workers(game.loop)), busy)
            self._chrono(game)

    # -- making things -----------------------------------------------------------------------------------
    def _make(self, game: Game) -> None:
        due = [item for item in self.waiting if item.due <= game.loop][:CHECKED_ITEMS]
        if not due:
            return
        money = Money.of(game, self.player)
        claimed: set[int] = set()
        self.reserved = self._reserve(game)
        for item in due:
            if item.ordered:
                rule = self._rule(game, item)
                money.take(rule.minerals, rule.gas)
                continue
            if self._start(game, item, money, claimed):
                item.started = game.loop
                self.waiting.remove(item)
                if item.boosted:
                    self.boost(game, self._rule(game, item))

    def _lacks_gas(self, game: Game) -> bool:
        """Whether something that is due waits for gas; the real player left the geyser a trip later."""
        gas = float(game.world.players.gas[self.player])
        return any(item.due <= game.loop and self._rule(game, item).gas > gas for item in self.waiting[:CHECKED_ITEMS])

    def _reserve(self, game: Game) -> dict[int, int]:
        """Structures that morph or get an add-on soon: row -> loop."""
        kept: dict[int, int] = {}
        for item in self.waiting:
            if item.due > game.loop + RESERVE:
                break
            if item.kind == "structure" and item.due > game.loop:
                rule = self._rule(game, item)
                if rule.how in ALONE:
                    rows = [r for r in self._free(game, rule) if r not in kept]
                    if rows:
                        kept[min(rows, key=lambda r: (self._left(game, r), r))] = item.due
        return kept

    def _rule(self, game: Game, item: Item) -> CommandRule:
        rules = game.world.rules
        if item.kind == "upgrade":
            return self.plans.upgrades[rules.upgrade(item.name).id][0]
        return self.plans.maker(rules.unit(item.name).id)

    def _start(self, game: Game, item: Item, money: Money, claimed: set[int]) -> bool:
        """Try to start one item; what only lacks money sets its price aside."""
        rule = self._rule(game, item)
        if rule.how == "build":
            self._order_structure(game, item, rule, money)
            return False
        warp = self._warp_rule(game, rule)
        if warp is not None:
            return self._warp_in(game, warp, money)
        if rule.supply > 0 and money.supply < rule.supply:
            return False
        row = self._producer(game, rule, claimed)
        if row == NONE:
            return False
        if not money.affords(rule.minerals, rule.gas):
            money.take(rule.minerals, rule.gas)
            claimed.add(row)
            return False
        if not self.give(game, rule.ability_id, row):
            return False
        money.take(rule.minerals, rule.gas, rule.supply)
        claimed.add(row)
        return True

    def _free(self, game: Game, rule: CommandRule) -> list[int]:
        """Own finished units that the command is for, however busy they are."""
        u = game.world.units
        return [
            row
            for row in game.world.rows_of(self.player, *self.types_with(game, rule.ability_id))
            if u.build_left[row] <= 0
            and u.powered[row]
            and not (rule.how == "addon" and u.addon[row] != NONE)
            and tech.requirement_met(game, self.player, rule, row)
        ]

    def _producer(self, game: Game, rule: CommandRule, claimed: set[int]) -> int:
        """An own unit that can start the command now, the idlest first; one that must wait for it is claimed."""
        alone = rule.how in ALONE
        rows = [row for row in self._free(game, rule) if row not in claimed]
        if not alone:
            done = game.loop + rule.time_loops - RESERVE_SLACK
            rows = [r for r in rows if r not in self.reserved or done + self._left(game, r) <= self.reserved[r]]
        if not rows:
            return NONE
        best = min(rows, key=lambda r: (self._left(game, r), r))
        if self._left(game, best) <= (0.0 if alone else FOLLOW_UP):
            return best
        if alone:
            claimed.add(best)
        return NONE

    def _left(self, game: Game, row: int) -> float:
        """Loops until a structure can take one more item."""
        w, u = game.world, game.world.units
        if row in w.current and w.rules.units[int(u.type_id[row])].is_structure:
            return math.inf
        items = w.production.get(row, ())
        slots = production.slots_of(w, row)
        if len(items) < slots:
            return 0.0
        if len(items) > slots:
            return math.inf
        return min(float(left) for left in u.work_left[row, :slots]) / max(float(u.work_rate[row]), 0.01)

    # -- structures --------------------------------------------------------------------------------------
    def _send_builders(self, game: Game, view: View) -> None:
        """Builders walk ahead, to be there when it is time."""
        u = game.world.units
        for item in self.waiting[: 2 * CHECKED_ITEMS]:
            if item.kind != "structure" or item.builder != NONE or item.due > game.loop + 1000:
                continue
            rule = self._rule(game, item)
            if rule.how != "build":
                continue
            known = self._spot(game, view, item, rule)
            if known is None:
                continue
            spot, target = known
            builders = free_workers(view, spot)
            if not len(builders):
                return
            row = int(builders[0])
            way = self._way(game, (float(u.x[row]), float(u.y[row])), spot)
            if item.due > game.loop + LOOK_PERIOD + SET_OFF + way / (float(self._speed(game, row))):
                continue
            item.builder, item.tag = row, game.world.tag(row)
            item.place, item.target = spot, target
            self.give(game, MOVE, row, point=spot)
            view = self.view(game)

    def _speed(self, game: Game, row: int) -> float:
        return game.world.rules.units[int(game.world.units.type_id[row])].speed

    def _way(self, game: Game, start: tuple[float, float], end: tuple[float, float]) -> float:
        """Cells to walk: straight, or by the ground from the start location where that is longer."""
        grid = self.sites.distances[self.start]
        far = float(grid[int(end[1]), int(end[0])]) - float(grid[int(start[1]), int(start[0])])
        straight = math.dist(start, end)
        return DETOUR * max(straight, far if math.isfinite(far) else 0.0)

    def _spot(self, game: Game, view: View, item: Item, rule: CommandRule) -> tuple[tuple[float, float], int] | None:
        """Where a structure goes, and the geyser it goes on; at a pylon that is not finished where it needs power."""
        w, u = game.world, game.world.units
        product = w.rules.units[rule.product]
        if product.is_gas_building:
            taken = {i.target for i in self.waiting if i.builder != NONE}
            target = building._geyser(self, game, view)
            if target == NONE or target in taken:
                return None
            return (float(u.x[target]), float(u.y[target])), target
        if product.is_townhall:
            place = building.next_base(self, game, view)
            return None if place is None else (place, NONE)
        addon = product.name in placing.ADDON_HOMES
        place = placing.find(self, game, rule.product, self.home, addon=addon)
        if place is None and product.needs_power:
            pylons = w.rows_of(self.player, self.id("Pylon"))
            if pylons:
                place = (float(u.x[pylons[-1]]), float(u.y[pylons[-1]]))
        return None if place is None else (place, NONE)

    def _order_structure(self, game: Game, item: Item, rule: CommandRule, money: Money) -> None:
        """It is time: the builder gets its order once the bank allows."""
        w = game.world
        if not tech.requirement_met(game, self.player, rule, NONE):
            return
        if not money.affords(rule.minerals, rule.gas):
            money.take(rule.minerals, rule.gas)
            return
        view = self.view(game)
        if item.builder == NONE or w.tag(item.builder) != item.tag or not w.units.alive[item.builder]:
            known = self._spot(game, view, item, rule)
            if known is None:
                return
            item.place, item.target = known
            builders = free_workers(view, item.place)
            if not len(builders):
                return
            item.builder = int(builders[0])
            item.tag = w.tag(item.builder)
        elif w.rules.units[rule.product].needs_power or w.rules.units[rule.product].needs_creep:
            known = self._spot(game, view, item, rule)
            item.place = known[0] if known else item.place
        money.take(rule.minerals, rule.gas)
        point = None if item.target != NONE else item.place
        if self.give(game, rule.ability_id, item.builder, target=item.target, point=point):
            item.ordered = game.loop
        else:
            self._forget(game, item)

    def _forget(self, game: Game, item: Item) -> None:
        """The structure cannot stand there: another place, another builder."""
        if item.place is not None:
            self.shun(game, item.place)
        if game.world.units.alive[item.builder] and game.world.tag(item.builder) == item.tag:
            self.give(game, MOVE, item.builder, point=self.home)
        item.builder, item.place, item.target, item.ordered = NONE, None, NONE, 0

    def _watch_builders(self, game: Game) -> None:
        """Note what was placed; call back builders that came to nothing."""
        w, u = game.world, game.world.units
        for item in [i for i in self.waiting if i.ordered]:
            place = item.place or self.home
            found = [
                r
                for r in w.rows_of(self.player, w.rules.unit(item.name).id)
                if u.created_loop[r] >= item.ordered and math.hypot(u.x[r] - place[0], u.y[r] - place[1]) < 2
            ]
            if found:
                item.started = int(u.created_loop[found[0]])
                self.waiting.remove(item)
            elif game.loop - item.ordered > GIVE_UP or (game.loop > item.ordered + 2 and self._dropped(game, item)):
                self._forget(game, item)

    def _dropped(self, game: Game, item: Item) -> bool:
        w = game.world
        if w.tag(item.builder) != item.tag or not w.units.alive[item.builder]:
            return True
        current = w.current.get(item.builder)
        return current is None or current.data != w.rules.unit(item.name).id

    # -- warp gates --------------------------------------------------------------------------------------
    def _warp_rule(self, game: Game, rule: CommandRule) -> CommandRule | None:
        """How a warp gate makes the unit, where no gateway is left to train it."""
        w = game.world
        if self.race != "Protoss" or w.rules.units[rule.caster].name != "Gateway" or rule.how != "train":
            return None
        gates = w.rows_of(self.player, self.id("WarpGate"))
        if not gates or w.rows_of(self.player, self.id("Gateway")):
            return None
        rows = command_table(w.rules).rows[self.id("WarpGate")].values()
        return next((r for r in rows if r.how == "warp_in" and r.product == rule.product), None)

    def _warp_in(self, game: Game, rule: CommandRule, money: Money) -> bool:
        w, u = game.world, game.world.units
        if rule.supply > 0 and money.supply < rule.supply:
            return False
        if not money.affords(rule.minerals, rule.gas):
            money.take(rule.minerals, rule.gas)
            return False
        gates = [
            r
            for r in w.rows_of(self.player, self.id("WarpGate"))
            if w.cooldowns.get((r, rule.ability_id), 0) <= game.loop and u.powered[r]
        ]
        for gate in gates[:1]:
            for pylon in w.rows_of(self.player, self.id("Pylon")):
                for k in range(12):
                    turn = k * math.pi / 6
                    point = (float(u.x[pylon]) + 4 * math.cos(turn), float(u.y[pylon]) + 4 * math.sin(turn))
                    if u.build_left[pylon] <= 0 and self.give(game, rule.ability_id, gate, point=point):
                        money.take(rule.minerals, rule.gas, rule.supply)
                        return True
        return False

    def _chrono(self, game: Game) -> None:
        """On whatever makes the next item of those that are late."""
        for item in self.waiting:
            if item.due > game.loop - LATE:
                return
            rule = self._rule(game, item)
            if rule.how != "build" and self.boost(game, rule):
                return
