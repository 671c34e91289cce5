"""Looking at a running game of the embedded engine without taking part.

`side` is what the progress line shows. `WorldTrace` writes the whole truth of a match as a trace of its own, beside
those of the bots, which hold only what each bot saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.trace import TraceWriter
from cherrypy_bot.core.trace_world import NEUTRAL_OWNER, GridChannel, Names, UnitChannel, quantised
from cherrypy_bot.ladder.report import Side
from cherrypy_bot.sim.abilities.effects import KINDS
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.state import ATTACK_MOVE, CARRY_GAS, CARRY_MINERALS, IDLE, NEUTRAL, PLAYERS, TAG_BASE
from cherrypy_bot.sim.world import World

WORLD = "world"
"""Value of `bot` in the header of a world's trace."""

_SLOW_LOOPS = 16
"""Sight, creep and banks are written this often."""
_RACE_IDS = {"terran": 1, "zerg": 2, "protoss": 3}


def side(game: Game, player: int, name: str, race: str) -> Side:
    """How one player (0 or 1) stands: supply, workers, army value (minerals + gas of living fighters)."""
    world = game.world
    workers, army_value = _forces(world, player)
    return Side(
        name=name,
        race=race,
        supply_used=float(world.players.supply_used[player]),
        supply_cap=min(200.0, float(world.players.supply_cap[player])),
        workers=workers,
        army_value=army_value,
    )


def world_trace_path(trace: Path) -> Path:
    """Where the world's trace goes that belongs to a bot's: `X.cbtrace` -> `X.world.cbtrace`."""
    return trace.with_name(f"{trace.name.removesuffix('.cbtrace')}.{WORLD}.cbtrace")


class WorldTrace:
    """Writes everything that happens in a game of the engine.

    Args:
        path: file to write.
        header: facts about the match.
        players: names of player 1 and 2.
        every_loops: the game is looked at when this much time has passed since the last look.
        flush_seconds: see `TraceWriter`.
    """

    def __init__(
        self,
        path: Path,
        header: dict[str, Any],
        players: Sequence[str],
        *,
        every_loops: int = 4,
        flush_seconds: float = 0.5,
    ) -> None:
        self._writer = TraceWriter(path, {"bot": WORLD, "names": list(players), **header}, flush_seconds=flush_seconds)
        self._players = tuple(players)
        self._every = every_loops
        self._due = self._slow_due = 0
        self._units = UnitChannel()
        self._creep = GridChannel("creep")
        self._sight = [(GridChannel(f"visible{p + 1}"), GridChannel(f"explored{p + 1}")) for p in range(PLAYERS)]
        self._names: Names | None = None
        self._effects: list[Any] = []
        self._dead = 0

    def look(self, game: Game) -> None:
        """Write what changed, when it is time."""
        if game.loop < self._due or not self._writer.enabled:
            return
        self._due = game.loop + self._every
        world, writer = game.world, self._writer
        if self._names is None:
            self._names = Names(lambda number: _described(world, number))
            self._start(world)
        writer.begin_step(game.loop)
        self._write_units(world, self._names)
        if game.loop >= self._slow_due:
            self._slow_due = game.loop + _SLOW_LOOPS
            self._write_slow(world)
        self._write_events(world)
        writer.end_step()

    def close(self, game: Game | None) -> None:
        """Write the end of the match; None where no game came about."""
        if game is None:
            self._writer.close(results={})
            return
        self._due = self._slow_due = 0
        self.look(game)
        results = dict(zip(self._players, game.world.results, strict=True))
        self._writer.close(results=results)

    def _start(self, world: World) -> None:
        m = world.map
        self._writer.json(
            {
                "map": {
                    "name": m.name,
                    "size": [m.width, m.height],
                    "playable": list(m.playable),
                    "starts": [list(place) for place in m.start_locations],
                },
                "players": {
                    str(p + 1): {"race": _RACE_IDS.get(world.races[p].lower(), 0), "name": self._players[p]}
                    for p in range(PLAYERS)
                },
            }
        )
        self._writer.raw(tf.BYTES, tf.bytes_record("height", m.terrain_height))
        for name, grid in (("pathing", m.pathing), ("placement", m.placement)):
            body = GridChannel(name).changes(0, grid)
            if body is not None:
                self._writer.raw(tf.BITS, body)

    def _write_units(self, world: World, names: Names) -> None:
        n = int(world.clock.rows[0])
        u = world.units
        rows = np.flatnonzero((u.alive[:n] == 1) & (u.hidden[:n] == 0))
        tags = TAG_BASE | (rows << 18) | (u.recycle[rows] & 0x3FFFF)
        new = self._units.enter(tags.astype(np.uint64))
        known = names.new(u.type_id[rows], u.order_ability[rows])
        if known:
            self._writer.json(known)
        body = self._units.changes(world.loop, new, self._columns(world, rows))
        if body is not None:
            self._writer.raw(tf.UNITS, body)

    def _columns(self, world: World, rows: npt.NDArray[np.intp]) -> tf.U16:
        u = world.units
        values = np.zeros((len(tf.COLUMNS), len(rows)), np.float32)
        for column, source in (
            (tf.X, u.x),
            (tf.Y, u.y),
            (tf.HEALTH, u.hp),
            (tf.HEALTH_MAX, u.hp_max),
            (tf.SHIELD, u.shield),
            (tf.SHIELD_MAX, u.shield_max),
            (tf.ENERGY, u.energy),
            (tf.TYPE, u.type_id),
            (tf.ABILITY, u.order_ability),
            (tf.CONTENTS, u.contents),
        ):
            values[column] = source[rows]
        owner = u.owner[rows]
        values[tf.OWNER] = np.where(owner == NEUTRAL, NEUTRAL_OWNER, owner + 1)
        values[tf.FLAGS] = (
            tf.PRESENT
            + tf.FLYING * (u.flying[rows] == 1)
            + tf.BURROWED * (u.burrowed[rows] == 1)
            + tf.CLOAKED * (u.cloaked[rows] == 1)
            + tf.HALLUCINATION * (u.hallucination[rows] == 1)
            + tf.FIRING * ((u.prey[rows] >= 0) & (u.cooldown[rows] > 0))
            + tf.MINERALS * (u.carry[rows] == CARRY_MINERALS)
            + tf.GAS * (u.carry[rows] == CARRY_GAS)
        )
        total = u.build_total[rows]
        values[tf.BUILD] = 1.0 - np.divide(u.build_left[rows], total, out=np.zeros(len(rows)), where=total > 0)
        values[tf.RADIUS] = world.stats.radius[owner, u.type_id[rows]]
        order = u.order[rows]
        busy = order != IDLE
        prey = np.where(u.prey[rows] >= 0, u.prey[rows], np.where(busy, u.target[rows], -1))
        aims = prey >= 0
        target = np.zeros(len(rows), np.uint64)
        target[aims] = TAG_BASE | (prey[aims].astype(np.int64) << 18) | (u.recycle[prey[aims]] & 0x3FFFF)
        values[tf.TARGET] = self._units.numbers(target)
        going = busy & (order <= ATTACK_MOVE) & (u.target[rows] < 0)
        values[tf.GOAL_X] = np.where(going, u.goal_x[rows], 0.0)
        values[tf.GOAL_Y] = np.where(going, u.goal_y[rows], 0.0)
        return quantised(values)

    def _write_slow(self, world: World) -> None:
        grids = world.grids
        channels = [(self._creep, grids.creep == 1)]
        for p, (visible, explored) in enumerate(self._sight):
            channels += [(visible, grids.vis_count[p] > 0), (explored, grids.explored[p] == 1)]
        for channel, grid in channels:
            body = channel.changes(world.loop, grid)
            if body is not None:
                self._writer.raw(tf.BITS, body)
        bank = world.players
        banks = {}
        for p in range(PLAYERS):
            workers, army = _forces(world, p)
            supply_cap = min(200.0, float(bank.supply_cap[p]))
            used = float(bank.supply_used[p])
            banks[str(p + 1)] = [int(bank.minerals[p]), int(bank.gas[p]), used, supply_cap, workers, army]
        self._writer.put("bank", banks)

    def _write_events(self, world: World) -> None:
        # The engine forgets old deaths, so those after the last look are told by their loop.
        dead = [
            TAG_BASE | (row << 18) | (recycle & 0x3FFFF) for loop, row, recycle, _ in world.dead if loop > self._dead
        ]
        self._dead = world.loop
        if dead:
            self._writer.put("dead", dead)
        effects = [
            [effect.kind, _radius(effect.kind), [[round(effect.x, 2), round(effect.y, 2)]]]
            for effect in world.effects
            if _radius(effect.kind) > 0
        ]
        if effects != self._effects:
            self._effects = effects
            self._writer.put("effects", effects)


def _radius(kind: str) -> float:
    """Radius in cells of an effect that shows on the map, 0 for those that do not."""
    rule = KINDS.get(kind)
    return float(rule.radius) if rule is not None and rule.api else 0.0


def _described(world: World, number: int) -> dict[str, Any]:
    rule = world.rules.units[number]
    found: dict[str, Any] = {"name": rule.name, "cost": [rule.minerals, rule.gas]}
    if rule.is_structure:
        found["structure"] = 1
    if rule.is_worker:
        found["worker"] = 1
    return found


def _forces(world: World, player: int) -> tuple[int, int]:
    """Workers and army value of a player."""
    rows = int(world.clock.rows[0])
    units = world.units
    mine = (units.alive[:rows] == 1) & (units.owner[:rows] == player) & (units.hallucination[:rows] == 0)
    types, counts = np.unique(units.type_id[:rows][mine], return_counts=True)
    workers = army_value = 0
    for type_id, count in zip(types.tolist(), counts.tolist(), strict=True):
        rule = world.rules.units[type_id]
        if rule.is_worker:
            workers += count
        elif rule.is_army:
            army_value += count * (rule.minerals + rule.gas)
    return workers, army_value
