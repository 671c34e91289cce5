"""A player that does anything it may: random available abilities at random targets, from a seed."""

from __future__ import annotations

import random

from cherrypy_bot.sim.abilities import available, placement
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.state import NONE


class RandomPlayer:
    """Gives a few commands at every call of `act`; keeps most workers mining so that there is money to spend."""

    def __init__(self, player: int, seed: int) -> None:
        self.player = player
        self.random = random.Random(seed)

    def act(self, game: Game) -> None:
        w, u = game.world, game.world.units
        rows = w.rows_of(self.player)
        minerals = [r for r in w.rows_of(2) if w.rules.units[int(u.type_id[r])].is_mineral_field]
        for row in rows:
            worker = w.rules.units[int(u.type_id[row])].is_worker
            if worker and row not in w.current:
                near = min(minerals, key=lambda m: (u.x[m] - u.x[row]) ** 2 + (u.y[m] - u.y[row]) ** 2)
                game.command(self.player, Command(3666, (row,), near))
        for _ in range(3):
            if not rows:
                return
            row = self.random.choice(rows)
            abilities = available(game, row, False)
            makers = [a for a in abilities if any(c.product or c.upgrade for c in w.rules.commands.get(a, ()))]
            names = {a: w.rules.abilities[a].name for a in abilities}
            abilities = [
                a for a in abilities if not names[a].startswith(("LIFT", "CANCEL")) or self.random.random() < 0.1
            ]
            makers = [a for a in makers if a in abilities]
            if makers and self.random.random() < 0.8:
                abilities = makers
            if abilities:
                self.command(game, row, self.random.choice(abilities))

    def command(self, game: Game, row: int, ability: int) -> int:
        w, u = game.world, game.world.units
        others = [r for r in w.rows() if r != row]
        spot = self.place(game, row, ability) if self.random.random() < 0.7 else None
        if spot is not None:
            return game.command(self.player, spot)[0]
        how = self.random.random()
        queue = self.random.random() < 0.2
        if how < 0.3 and others:
            return game.command(self.player, Command(ability, (row,), self.random.choice(others), queue=queue))[0]
        x = float(u.x[row]) + self.random.uniform(-12, 12)
        y = float(u.y[row]) + self.random.uniform(-12, 12)
        if self.random.random() < 0.1:
            x, y = self.random.uniform(-20, w.map.width + 20), self.random.uniform(-20, w.map.height + 20)
        rows = (row, *self.random.sample(others, min(2, len(others)))) if how > 0.95 else (row,)
        return game.command(self.player, Command(ability, rows, NONE, x, y, True, queue))[0]

    def place(self, game: Game, row: int, ability: int) -> Command | None:
        """A command to build at a place that is free, when the ability builds something."""
        w, u = game.world, game.world.units
        rules = [c for c in w.rules.commands.get(ability, ()) if c.caster == u.type_id[row]]
        if not rules or not rules[0].product or not w.rules.units[rules[0].product].footprint:
            return None
        product = w.rules.units[rules[0].product]
        if product.is_gas_building:
            geysers = placement.free_geysers(game, self.player)
            near = min(geysers, key=lambda g: (u.x[g] - u.x[row]) ** 2 + (u.y[g] - u.y[row]) ** 2, default=NONE)
            return Command(ability, (row,), near) if near != NONE else None
        for _ in range(20):
            x, y = (float(v[row]) + self.random.uniform(-10, 10) for v in (u.x, u.y))
            x, y = placement.snap(product, x, y)
            if placement.can_place(game, self.player, product.id, x, y) == 1:
                return Command(ability, (row,), NONE, x, y, True)
        return None
