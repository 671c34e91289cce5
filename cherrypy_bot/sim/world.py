"""The world of one game: all state, how units enter and leave it, and how it is copied and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.maps import MapData
from cherrypy_bot.sim.rules import Ruleset, TypeArrays
from cherrypy_bot.sim.state import I2, NONE, U1, Clock, Grids, Missiles, Players, Rows, Units
from cherrypy_bot.sim.stats import stat_views


class Order(NamedTuple):
    """One order of a unit: what the API shows and what the kernels do with it."""

    ability: int  # exact API ability id
    kind: int  # order kind of `state`
    x: float = 0.0
    y: float = 0.0
    target: int = NONE  # row
    target_recycle: int = 0
    data: int = 0  # what the ability needs besides (product type id, slot, ...)


class ProductionItem(NamedTuple):
    """One entry of a structure's production queue; the price is kept for the refund."""

    ability: int
    product: int  # unit type id, 0 for research
    upgrade: int  # upgrade id, 0 for units
    minerals: int
    gas: int
    loops: float
    count: int = 1  # type: ignore[assignment]  # zerglings come in pairs; hides tuple.count, which nobody needs


class Rally(NamedTuple):
    """A rally target: a point, or a unit when `target` is a row."""

    x: float
    y: float
    target: int = NONE
    target_recycle: int = 0


class Effect(NamedTuple):
    """Something that goes on by itself: an area on the ground, a channel, a delay (see `abilities.effects`)."""

    kind: str  # which rule it follows
    owner: int
    x: float
    y: float
    due: float  # loop of its next tick; inf = none
    until: float  # loop at which it is over; inf = when a tick says so
    row: int = NONE  # who made it
    recycle: int = 0
    target: int = NONE  # row that it is about
    target_recycle: int = 0
    data: float = 0.0


class Snapshot(NamedTuple):
    """A structure or resource as a player last saw it."""

    type_id: int
    owner: int
    x: float
    y: float
    hp: float
    shield: float
    build_progress: float
    contents: int
    recycle: int


_BLANK = st.new_rows(Units, 1)
# fields of World by how they are copied
_ARRAYS = (
    "unit_rows",
    "missile_rows",
    "player_rows",
    "clock_rows",
    "cells",
    "vis",
    "unit_stats",
    "weapon_stats",
)
_TABLES = (
    "queues",
    "current",
    "production",
    "rallies",
    "worker_rallies",
    "buffs",
    "marks",
    "snapshots",
    "creep_sources",
    "cooldowns",
    "fallen",
)
_VALUES = (
    "upgrades",
    "effects",
    "autocast",
    "creep_recedes",
    "switches",
    "results",
)


def _copied(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A copy byte by byte: NumPy copies records field by field, which takes six times as long."""
    return array.reshape(-1).view(np.uint8).copy().view(array.dtype).reshape(array.shape)


@dataclass
class World:
    """State of one game. Arrays are changed in place; dicts hold immutable tuples that are replaced."""

    map: MapData
    rules: Ruleset
    races: tuple[str, str]
    unit_rows: Rows
    missile_rows: Rows
    player_rows: Rows
    clock_rows: Rows
    cells: U1  # [LAYERS, H, W], see Grids
    vis: I2  # [players, H, W]
    unit_stats: Rows  # [3, types]: the rules of player 0, player 1 and neutrals, with their upgrades
    weapon_stats: Rows  # [3, weapons]
    queues: dict[int, tuple[Order, ...]] = field(default_factory=dict)  # row -> orders after the current one
    current: dict[int, Order] = field(default_factory=dict)  # row -> the order being carried out
    production: dict[int, tuple[ProductionItem, ...]] = field(default_factory=dict)
    rallies: dict[int, tuple[Rally, ...]] = field(default_factory=dict)
    worker_rallies: dict[int, tuple[Rally, ...]] = field(default_factory=dict)
    upgrades: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
    buffs: dict[int, tuple[tuple[int, float], ...]] = field(default_factory=dict)  # row -> ((buff id, until), ...)
    effects: tuple[Effect, ...] = ()  # in the order in which they began
    marks: dict[tuple[int, str], float] = field(default_factory=dict)  # (row, what) -> number kept for a unit
    autocast: frozenset[tuple[int, int]] = frozenset()  # (row, ability) switched away from the default
    snapshots: dict[tuple[int, int], Snapshot] = field(default_factory=dict)  # (player, row)
    creep_sources: dict[int, tuple[float, float]] = field(default_factory=dict)  # row -> (cells, next growth loop)
    creep_recedes: int = NONE  # loop at which creep that no source covers recedes next
    cooldowns: dict[tuple[int, int], int] = field(default_factory=dict)  # (row, ability) -> loop when ready
    workspace: object | None = None  # tables of the kernels; derived, neither copied nor hashed
    fallen: dict[tuple[int, int, int], int] = field(default_factory=dict)
    """(owner, owner of the killer or NONE, type) -> how many died; for the score, decides nothing and is not hashed"""
    switches: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())  # debug, see `sim.switches`
    results: tuple[str, str] = ("", "")  # "Victory", "Defeat", "Tie"; "" = undecided
    dead: list[tuple[int, int, int, int]] = field(default_factory=list)  # (loop, row, recycle, bits of players who saw)

    def __post_init__(self) -> None:
        self.units: Units = st.views(Units, self.unit_rows)
        self.missiles: Missiles = st.views(Missiles, self.missile_rows)
        self.players: Players = st.views(Players, self.player_rows)
        self.clock: Clock = st.views(Clock, self.clock_rows)
        self.grids: Grids = st.grid_views(self.cells, self.vis)
        self.stats: TypeArrays = stat_views(self.unit_stats, self.weapon_stats)

    # -- reading ---------------------------------------------------------------------------------------
    @property
    def loop(self) -> int:
        """Game loop now."""
        return int(self.clock.loop[0])

    def rows(self) -> Iterator[int]:
        """Rows that hold a unit, in order."""
        return iter(np.flatnonzero(self.units.alive[: self.clock.rows[0]] == 1).tolist())

    def rows_of(self, owner: int, *types: int) -> list[int]:
        """Rows of an owner, restricted to the given types when any are given."""
        n = int(self.clock.rows[0])
        u = self.units
        mask = (u.alive[:n] == 1) & (u.owner[:n] == owner)
        if types:
            mask &= np.isin(u.type_id[:n], types)
        rows: list[int] = np.flatnonzero(mask).tolist()
        return rows

    def is_unit(self, row: int, recycle: int) -> bool:
        """Whether (row, recycle) still lives."""
        return 0 <= row < self.clock.rows[0] and self.units.alive[row] == 1 and self.units.recycle[row] == recycle

    def row_of(self, tag: int) -> int:
        """Row of a living unit by its tag, NONE when there is no such unit."""
        row, recycle = st.row_of_tag(tag)
        return row if tag >= st.TAG_BASE and self.is_unit(row, recycle) else NONE

    def tag(self, row: int) -> int:
        """API tag of the unit in a row."""
        return st.tag_of(row, int(self.units.recycle[row]))

    # -- changing --------------------------------------------------------------------------------------
    def random(self) -> float:
        """Next number of the game's generator in [0, 1)."""
        mask = 0xFFFFFFFFFFFFFFFF
        z = (int(self.clock.rng[0]) + 0x9E3779B97F4A7C15) & mask
        self.clock.rng[0] = np.array(z, dtype=np.uint64).astype(np.int64)
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return ((z ^ (z >> 31)) >> 11) / float(1 << 53)

    def spawn(self, type_id: int, owner: int, x: float, y: float, *, complete: bool = True) -> int:
        """Put a unit on the map and return its row; an incomplete structure starts at a tenth of its life.

        The caller checks the place. Blocks the grids for structures; does not touch supply (see
        `abilities.supply`). Raises SimError when the tag space of the game is exhausted.
        """
        rule = self.rules.units[type_id]
        row = self._free_row()
        u = self.units
        recycle = u.recycle[row] + 1
        self.unit_rows[row : row + 1] = _BLANK
        u.recycle[row] = recycle
        u.alive[row] = 1
        u.type_id[row] = type_id
        u.owner[row] = owner
        u.created_loop[row] = self.loop
        u.x[row] = u.guard_x[row] = u.goal_x[row] = x
        u.y[row] = u.guard_y[row] = u.goal_y[row] = y
        u.facing[row] = 4.712389
        u.powered[row] = 1
        u.speed_factor[row] = u.attack_rate[row] = u.work_rate[row] = u.build_rate[row] = u.air_damage[row] = 1.0
        u.life_left[row] = u.timer[row] = u.windup[row] = u.larva_timer[row] = -1.0
        u.work_left[row] = -1.0
        u.last_hurt_loop[row] = -100000
        for index in (
            u.target,
            u.prey,
            u.weapon,
            u.node,
            u.harvester,
            u.geyser,
            u.addon,
            u.carrier,
            u.vis_cell,
        ):
            index[row] = NONE
        self.become(row, type_id)
        if complete:
            u.hp[row], u.shield[row] = u.hp_max[row], u.shield_max[row]
        else:
            u.build_left[row] = u.build_total[row] = rule.build_loops
            u.can_attack[row] = 0
            u.hp[row] = max(1.0, u.hp_max[row] * self.rules.game.hp_start_factor)
            u.shield[row] = u.shield_max[row] * self.rules.game.hp_start_factor
        u.energy[row] = rule.energy_start
        self.block(row, 1)
        return row

    def become(self, row: int, type_id: int) -> None:
        """Give a row another type (morphs); life keeps its missing part, footprints are the caller's."""
        rule = self.rules.units[type_id]
        u, s, o = self.units, self.stats, int(self.units.owner[row])
        missing_hp = u.hp_max[row] - u.hp[row] if u.hp_max[row] > 0 else 0.0
        missing_shield = u.shield_max[row] - u.shield[row] if u.shield_max[row] > 0 else 0.0
        u.type_id[row] = type_id
        u.hp_max[row], u.shield_max[row] = s.hp[o, type_id], s.shields[o, type_id]
        u.energy_max[row] = s.energy_max[o, type_id]
        u.hp[row] = max(1.0, u.hp_max[row] - missing_hp)
        u.shield[row] = max(0.0, u.shield_max[row] - missing_shield)
        u.energy[row] = min(u.energy[row], u.energy_max[row])
        u.flying[row] = s.flying[o, type_id]
        u.burrowed[row] = u.sunk[row] = rule.is_burrowed
        u.cloaked[row] = rule.is_cloaked or rule.is_burrowed
        u.immobile[row] = rule.is_structure or rule.speed == 0.0
        u.invulnerable[row] = not rule.can_be_attacked
        u.can_attack[row] = u.build_left[row] <= 0.0 and any(self.rules.weapons[w].active for w in rule.weapons)

    def block(self, row: int, sign: int) -> None:
        """Enter (+1) or take out (-1) the footprint of the unit in a row from the grids."""
        u, g = self.units, self.grids
        rule = self.rules.units[int(u.type_id[row])]
        if u.flying[row]:
            return
        cx, cy = int(np.floor(u.x[row])), int(np.floor(u.y[row]))
        for dx, dy in rule.footprint:
            if 0 <= cx + dx < self.map.width and 0 <= cy + dy < self.map.height:
                g.blocked_build[cy + dy, cx + dx] = int(g.blocked_build[cy + dy, cx + dx]) + sign
        for dx, dy in rule.near_resources_cells:
            if 0 <= cx + dx < self.map.width and 0 <= cy + dy < self.map.height:
                g.near_resources[cy + dy, cx + dx] = int(g.near_resources[cy + dy, cx + dx]) + sign
        if rule.footprint_path:
            for dx, dy in rule.footprint_path:
                if 0 <= cx + dx < self.map.width and 0 <= cy + dy < self.map.height:
                    g.walk[cy + dy, cx + dx] = 0 if sign > 0 else g.terrain_walk[cy + dy, cx + dx]
            self.clock.path_version[0] += 1

    def open_cells(self, cells: set[tuple[int, int]]) -> None:
        """Let ground units on cells (x, y) again where neither terrain nor a structure forbids it."""
        u, g = self.units, self.grids
        for cx, cy in cells:
            g.walk[cy, cx] = g.terrain_walk[cy, cx]
        for row in self.rows():
            rule = self.rules.units[int(u.type_id[row])]
            if not rule.footprint_path or u.flying[row]:
                continue
            cx, cy = int(np.floor(u.x[row])), int(np.floor(u.y[row]))
            for dx, dy in rule.footprint_path:
                if (cx + dx, cy + dy) in cells:
                    g.walk[cy + dy, cx + dx] = 0
        self.clock.path_version[0] += 1

    def remove(self, row: int) -> None:
        """Take a unit off the map for good (death or consumption); everything that refers to it is dropped."""
        self.block(row, -1)
        u = self.units
        cell = int(u.vis_cell[row])
        if cell >= 0:
            from cherrypy_bot.sim.kernels.vision import count_sight

            count_sight(self.unit_rows, self.cells, self.vis, row, -1)
        u.alive[row] = 0
        for table in (
            self.queues,
            self.current,
            self.production,
            self.rallies,
            self.worker_rallies,
            self.buffs,
            self.creep_sources,
        ):
            table.pop(row, None)  # type: ignore[attr-defined]
        for key in [k for k in self.marks if k[0] == row]:
            del self.marks[key]
        if self.autocast:
            self.autocast = frozenset(k for k in self.autocast if k[0] != row)

    def _free_row(self) -> int:
        n = int(self.clock.rows[0])
        free = np.flatnonzero(self.units.alive[:n] == 0)
        if len(free):
            return int(free[0])
        if n >= st.MAX_ROWS:
            raise SimError(f"the game holds {n} units, more than the API's tags can name")
        if n == len(self.units.alive):
            self._grow()
        self.clock.rows[0] = n + 1
        return n

    def _grow(self) -> None:
        old = self.unit_rows
        self.unit_rows = st.new_rows(Units, 2 * len(old))
        self.unit_rows[: len(old)] = old
        self.units = st.views(Units, self.unit_rows)

    # -- copying ---------------------------------------------------------------------------------------
    def clone(self) -> World:
        """An independent copy; the map and the rules are shared (they never change)."""
        arrays: dict[str, Any] = {name: _copied(getattr(self, name)) for name in _ARRAYS}
        twin = World(self.map, self.rules, self.races, **arrays)
        for name in _TABLES:
            setattr(twin, name, dict(getattr(self, name)))
        for name in _VALUES:
            setattr(twin, name, getattr(self, name))
        twin.dead = list(self.dead)
        return twin

    def state_hash(self) -> str:
        """Hex digest of everything that decides what happens next; equal states, equal digests."""
        digest = hashlib.blake2b(digest_size=16)
        blocks = (
            self.unit_rows[: self.clock.rows[0]],
            self.missile_rows[: self.clock.missiles[0]],
            self.player_rows,
            self.clock_rows,
            self.cells,
            self.vis,
        )
        for block in blocks:
            digest.update(np.ascontiguousarray(block).tobytes())
        tables = (
            sorted(self.queues.items()),
            sorted(self.current.items()),
            sorted(self.production.items()),
            sorted(self.rallies.items()),
            sorted(self.worker_rallies.items()),
            [sorted(group) for group in self.upgrades],
            sorted(self.buffs.items()),
            self.effects,
            sorted(self.marks.items()),
            sorted(self.autocast),
            sorted(self.snapshots.items()),
            sorted(self.creep_sources.items()),
            self.creep_recedes,
            sorted(self.cooldowns.items()),
            self.results,
        )
        digest.update(repr(tables).encode())
        if any(self.switches):
            digest.update(repr([sorted(names) for names in self.switches]).encode())
        return digest.hexdigest()
