"""Workers of a computer player: who mines where, who takes gas, who has nothing to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.computer.view import Rows, View
from cherrypy_bot.sim.state import NEUTRAL, NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game

GATHER = 3666
PER_GAS = 3
BASE_REACH = 11.0
"""Mineral fields within this distance belong to a town hall."""


@dataclass
class Money:
    """What is left to spend in this decision."""

    minerals: float
    gas: float
    supply: float

    @classmethod
    def of(cls, game: Game, player: int) -> Money:
        """The bank and the free supply of a player."""
        p = game.world.players
        return cls(
            float(p.minerals[player]),
            float(p.gas[player]),
            float(p.supply_cap[player] - p.supply_used[player]),
        )

    def affords(self, minerals: float, gas: float = 0.0, supply: float = 0.0) -> bool:
        """Whether all three are there."""
        return self.minerals >= minerals and self.gas >= gas and (supply <= 0 or self.supply >= supply)

    def take(self, minerals: float, gas: float = 0.0, supply: float = 0.0) -> None:
        """Spend, or set aside; may go below zero, then nothing else is affordable."""
        self.minerals -= minerals
        self.gas -= gas
        self.supply -= max(supply, 0.0)


def halls(computer: Computer, view: View, *, done: bool = True) -> Rows:
    """Own town halls."""
    return view.rows(*(computer.id(h) for h in computer.table.halls), done=done)


def capacity(computer: Computer, game: Game, view: View) -> int:
    """Workers that the finished bases can use: two per mineral field, three per gas building."""
    near = _fields_at(game, halls(computer, view), view.mineral_fields())
    return 2 * int(near.sum()) + PER_GAS * len(gas_buildings(computer, game, view))


def gas_types(computer: Computer) -> tuple[int, int]:
    """Types of the race's gas building, on a plain and on a rich geyser."""
    return computer.id(computer.table.gas), computer.id(f"{computer.table.gas}Rich")


def gas_buildings(computer: Computer, game: Game, view: View) -> Rows:
    """Own finished gas buildings with gas left."""
    rows = view.rows(*gas_types(computer))
    return rows[game.world.units.contents[rows] > 0]


def free_workers(view: View, near: tuple[float, float], count: int = 1) -> Rows:
    """Workers that can be taken off the minerals, nearest first: mining ones without cargo before others."""
    u = view.world.units
    rows = view.workers()
    rows = rows[(u.hidden[rows] == 0) & view.order(rows, st.GATHER, st.IDLE, st.RETURN)]
    rows = rows[u.carry[rows] != st.CARRY_GAS]
    busy = u.node[rows] != NONE
    on_gas = np.zeros(len(rows), dtype=np.bool_)
    on_gas[busy] = u.owner[u.node[rows[busy]]] == view.player
    gap = np.hypot(u.x[rows] - near[0], u.y[rows] - near[1])
    gap = gap + 6.0 * (u.carry[rows] != st.CARRY_NONE) + 15.0 * on_gas
    gap = gap + 3.0 * (u.gather_phase[rows] == st.G_HARVEST)
    nearest: Rows = rows[np.argsort(gap, kind="stable")[:count]]
    return nearest


def workers(computer: Computer, game: Game, view: View) -> None:
    """Give idle workers work, fill the gas buildings and move workers from crowded bases to others."""
    u = game.world.units
    own_halls = halls(computer, view)
    fields = view.mineral_fields()
    if not len(own_halls) or not len(fields):
        return
    _fill_gas(computer, game, view)
    rows = view.workers()
    idle = rows[view.order(rows, st.IDLE) & (u.hidden[rows] == 0)]
    loads = _loads(game, view, own_halls, fields)
    if len(idle):
        _spread(computer, game, view, idle, fields, int(own_halls[int(np.argmin(loads))]))
        return
    if len(own_halls) > 1 and computer.level.attention >= 0.8:
        _balance(computer, game, view, own_halls, fields, loads)


def _spread(computer: Computer, game: Game, view: View, idle: Rows, fields: Rows, hall: int) -> None:
    """Send idle workers to the least crowded fields of a base, nearest first; one decision, one command's
    worth."""
    u = game.world.units
    near = fields[np.hypot(u.x[fields] - u.x[hall], u.y[fields] - u.y[hall]) < BASE_REACH]
    if not len(near):
        near = fields
    rows = view.workers()
    load = np.array([(u.node[rows] == f).sum() for f in near], dtype=np.float64)
    for row in idle.tolist():
        gap = np.hypot(u.x[near] - u.x[row], u.y[near] - u.y[row])
        best = int((gap + 12.0 * load).argmin())
        load[best] += 1
        computer.give(game, GATHER, row, target=int(near[best]), cost=1.0 / len(idle))


def _mining_at(game: Game, view: View, own_halls: Rows) -> tuple[Rows, np.ndarray]:
    """(workers on minerals, index of the town hall nearest to each one's field)."""
    u = game.world.units
    rows = view.workers()
    rows = rows[(u.node[rows] != NONE) & view.order(rows, st.GATHER, st.RETURN)]
    nodes = u.node[rows]
    on_minerals = u.owner[nodes] == NEUTRAL
    rows, nodes = rows[on_minerals], nodes[on_minerals]
    gap = np.hypot(u.x[nodes][:, None] - u.x[own_halls][None, :], u.y[nodes][:, None] - u.y[own_halls][None, :])
    return rows, gap.argmin(axis=1) if len(rows) else np.zeros(0, dtype=np.int64)


def _fields_at(game: Game, own_halls: Rows, fields: Rows) -> np.ndarray:
    u = game.world.units
    gap = np.hypot(u.x[fields][:, None] - u.x[own_halls][None, :], u.y[fields][:, None] - u.y[own_halls][None, :])
    near: np.ndarray = (gap < BASE_REACH).sum(axis=0)
    return near


def _loads(game: Game, view: View, own_halls: Rows, fields: Rows) -> np.ndarray:
    """Workers per place on minerals of each base; infinite where nothing is left to mine."""
    _, at = _mining_at(game, view, own_halls)
    places = 2.0 * _fields_at(game, own_halls, fields)
    counts = np.bincount(at, minlength=len(own_halls)).astype(np.float64)
    return np.where(places > 0, counts / np.maximum(places, 1.0), np.inf)


def _balance(computer: Computer, game: Game, view: View, own_halls: Rows, fields: Rows, loads: np.ndarray) -> None:
    """Move a few workers from the fullest base to the emptiest."""
    rows, at = _mining_at(game, view, own_halls)
    counts = np.bincount(at, minlength=len(own_halls))
    full = int(np.where(counts > 0, loads, -1.0).argmax())
    empty = int(loads.argmin())
    if not np.isfinite(loads[empty]) or loads[full] < 1.05 or loads[full] - loads[empty] < 0.25:
        return
    places = 2 * _fields_at(game, own_halls, fields)
    spare = int(counts[full]) - int(places[full])
    room = int(places[empty]) - int(counts[empty])
    count = min(max(spare, 1), max(room, 0), 8)
    u = game.world.units
    movable = rows[(at == full) & (u.carry[rows] == st.CARRY_NONE)][:count]
    _spread(computer, game, view, movable, fields, int(own_halls[empty]))


def _fill_gas(computer: Computer, game: Game, view: View) -> None:
    """Three workers on each gas building; fewer while far more gas than minerals lies in the bank."""
    u = game.world.units
    players = game.world.players
    surplus = float(players.gas[computer.player]) - float(players.minerals[computer.player])
    wanted = PER_GAS if surplus < 200 else 2 if surplus < 300 else 1 if surplus < 450 else 0
    buildings = gas_buildings(computer, game, view)
    rows = view.workers()
    rows = rows[view.order(rows, st.GATHER, st.RETURN)]
    nodes = u.node[rows]
    for building in buildings.tolist():
        on_it = rows[nodes == building]
        if len(on_it) > wanted + (wanted > 0):
            leaving = on_it[(u.hidden[on_it] == 0) & (u.carry[on_it] == st.CARRY_NONE)][: len(on_it) - wanted]
            own_halls = halls(computer, view)
            gap = np.hypot(u.x[own_halls] - u.x[building], u.y[own_halls] - u.y[building])
            hall = int(own_halls[int(gap.argmin())])
            _spread(computer, game, view, leaving, view.mineral_fields(), hall)
        elif len(on_it) < wanted and surplus < 100 and len(rows) >= 10:
            place = (float(u.x[building]), float(u.y[building]))
            more = free_workers(view, place, PER_GAS - len(on_it))
            more = more[~np.isin(u.node[more], buildings)]
            if len(more):
                computer.give(game, GATHER, more, target=building)
                return
