"""The part of a player's work that no recorded opening tells: who mines where, and what energy is spent on."""

from __future__ import annotations

import math

import numpy as np

from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.computer.economy import BASE_REACH, GATHER, PER_GAS, free_workers, halls
from cherrypy_bot.sim.computer.player import Computer
from cherrypy_bot.sim.computer.view import Rows, View
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import GATHER as GATHERING
from cherrypy_bot.sim.state import IDLE, NEUTRAL, NONE

INJECT, CHRONO, MULE = 251, 3755, 171
INJECT_BUFF, CHRONO_BUFF = 11, 281
INJECT_ENERGY, CHRONO_ENERGY, MULE_ENERGY = 25.0, 50.0, 50.0
SPLIT_LOOP = 24
"""Players send their first workers to fields of their own about a second after the start."""
LOOK_PERIOD = 8
"""Loops between two looks at the economy."""


class Housekeeper(Computer):
    """Keeps workers at work and spends energy; what is made is for subclasses to say."""

    def __init__(self, player: int, race: str, seed: int) -> None:
        super().__init__(player, race, difficulty=1, ai_build=2, seed=seed)
        self.casters: dict[int, list[int]] = {}

    def look_after(self, game: Game, view: View, gas_workers: int, busy: list[int]) -> None:
        """One look at workers and energy. `gas_workers`: how many gas shall have; `busy`: rows to leave alone."""
        self._gas(game, view, gas_workers, busy)
        self._minerals(game, view, busy)
        self._energy(game, view)

    def view(self, game: Game) -> View:
        return View(game.world, self.player, self.plans, vision=False)

    def first_workers(self, game: Game) -> None:
        """One worker to each field, the rest to the nearest ones, as players split them in the first second."""
        u = game.world.units
        view = self.view(game)
        fields = view.mineral_fields()
        fields = fields[np.hypot(u.x[fields] - self.home[0], u.y[fields] - self.home[1]) < BASE_REACH]
        fields = fields[np.argsort(np.hypot(u.x[fields] - self.home[0], u.y[fields] - self.home[1]), kind="stable")]
        workers = view.workers().tolist()
        for k in range(len(workers)):
            field = int(fields[k % len(fields)])
            row = min(workers, key=lambda r: (math.hypot(u.x[r] - u.x[field], u.y[r] - u.y[field]), r))
            workers.remove(row)
            self.give(game, GATHER, row, target=field)

    # -- workers -----------------------------------------------------------------------------------------
    def _gas(self, game: Game, view: View, gas_workers: int, busy: list[int]) -> None:
        """As many workers on gas as the real player had; the fullest buildings are filled first."""
        u = game.world.units
        buildings = view.rows(self.id(self.table.gas))
        if not len(buildings):
            return
        rows = view.workers()
        rows = rows[u.order[rows] == GATHERING]
        wanted = min(gas_workers, PER_GAS * len(buildings))
        for building_row in buildings.tolist():
            share = min(wanted, PER_GAS)
            wanted -= share
            on_it = rows[u.node[rows] == building_row]
            if len(on_it) < share:
                place = (float(u.x[building_row]), float(u.y[building_row]))
                near = free_workers(view, place, 3 * PER_GAS)
                near = near[~np.isin(u.node[near], buildings) & ~np.isin(near, busy)]
                if len(near):
                    self.give(game, GATHER, near[: share - len(on_it)], target=building_row)
            elif len(on_it) > share:
                leaving = on_it[(u.hidden[on_it] == 0) & (u.carry[on_it] == 0)][: len(on_it) - share]
                self._to_fields(game, view, leaving)

    def _minerals(self, game: Game, view: View, busy: list[int]) -> None:
        """New and idle workers go where there is room, thirds of a field to where is one; so do those that are too many
        at a base."""
        u = game.world.units
        rows = view.workers()
        new = u.created_loop[rows] > max(game.loop - LOOK_PERIOD, 0)
        free = rows[((u.order[rows] == IDLE) | new) & (u.hidden[rows] == 0) & ~np.isin(rows, busy)]
        bases = halls(self, view)
        fields = view.mineral_fields()
        if len(free):
            self._to_fields(game, view, free)
            return
        mining = rows[(u.order[rows] == GATHERING) & (u.node[rows] != NONE)]
        mining = mining[u.owner[u.node[mining]] == NEUTRAL]
        room = self._room(game, view, fields, bases)
        if room <= 0:
            return
        thirds = []
        for field in fields.tolist():
            here = mining[u.node[mining] == field]
            thirds += here[u.carry[here] == 0][: max(len(here) - 2, 0)].tolist()
        if thirds:
            self._to_fields(game, view, np.array(thirds[:room], dtype=np.int64))

    def _near(self, game: Game, fields: Rows, hall: int) -> Rows:
        u = game.world.units
        near: Rows = fields[np.hypot(u.x[fields] - u.x[hall], u.y[fields] - u.y[hall]) < BASE_REACH]
        return near

    def _room(self, game: Game, view: View, fields: Rows, bases: Rows) -> int:
        """Places for workers that are free on the fields of all bases."""
        rows = view.workers()
        nodes = game.world.units.node[rows]
        return sum(
            max(0, 2 - int((nodes == f).sum()))
            for hall in bases.tolist()
            for f in self._near(game, fields, hall).tolist()
        )

    def _to_fields(self, game: Game, view: View, workers: Rows) -> None:
        """Each worker to a field with the fewest workers, nearest first."""
        u = game.world.units
        bases, fields = halls(self, view), view.mineral_fields()
        near = np.unique(np.concatenate([self._near(game, fields, hall) for hall in bases.tolist()] or [fields]))
        if not len(near):
            return
        rows = view.workers()
        load = np.array([(u.node[rows] == f).sum() for f in near], dtype=np.float64)
        for row in workers.tolist():
            gap = np.hypot(u.x[near] - u.x[row], u.y[near] - u.y[row])
            best = int((gap + 200.0 * np.maximum(load - 1, 0)).argmin())
            load[best] += 1
            self.give(game, GATHER, row, target=int(near[best]))

    # -- energy ------------------------------------------------------------------------------------------
    def _energy(self, game: Game, view: View) -> None:
        if self.race == "Terran":
            self._mules(game, view)
        elif self.race == "Zerg":
            self._inject(game, view)

    def _mules(self, game: Game, view: View) -> None:
        u = game.world.units
        for hall in view.rows(self.id("OrbitalCommand")).tolist():
            near = self._near(game, view.mineral_fields(), hall)
            if u.energy[hall] >= MULE_ENERGY and len(near):
                self.give(game, MULE, hall, target=int(near[int(u.contents[near].argmax())]))

    def _inject(self, game: Game, view: View) -> None:
        w, u = game.world, game.world.units
        for queen in view.rows(self.id("Queen")).tolist():
            if u.energy[queen] < INJECT_ENERGY or u.order[queen] != IDLE:
                continue
            bases = [
                r
                for r in halls(self, view).tolist()
                if not any(kind == INJECT_BUFF for kind, _ in w.buffs.get(r, ()))
                and not any(order.target == r and order.ability == INJECT for order in w.current.values())
            ]
            if bases:
                hall = min(bases, key=lambda r: math.hypot(u.x[r] - u.x[queen], u.y[r] - u.y[queen]))
                self.give(game, INJECT, queen, target=hall)

    def boost(self, game: Game, rule: CommandRule) -> bool:
        """Chrono boost on a structure that works on such a command."""
        w, u = game.world, game.world.units
        sources = [r for r in w.rows_of(self.player, self.id("Nexus")) if u.energy[r] >= CHRONO_ENERGY]
        for row in w.rows_of(self.player, *self.types_with(game, rule.ability_id)) if sources else []:
            boosted = any(kind == CHRONO_BUFF for kind, _ in w.buffs.get(row, ()))
            works = any(item.ability == rule.ability_id for item in w.production.get(row, ()))
            if works and u.powered[row] and not boosted:
                return self.give(game, CHRONO, sources[0], target=row)
        return False

    def types_with(self, game: Game, ability: int) -> list[int]:
        """Unit types that can carry an ability out."""
        if ability not in self.casters:
            table = command_table(game.world.rules).rows
            self.casters[ability] = [t for t, rows in table.items() if ability in rows]
        return self.casters[ability]
