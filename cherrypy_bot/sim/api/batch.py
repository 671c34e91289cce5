"""Units that are fully seen (or shimmer), class by class, as columns for the layouts."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from s2clientprotocol import raw_pb2 as raw

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api import layouts, orders
from cherrypy_bot.sim.api.layouts import Layout
from cherrypy_bot.sim.api.sight import Sight
from cherrypy_bot.sim.api.types import TypeTable, type_table
from cherrypy_bot.sim.state import NEUTRAL
from cherrypy_bot.sim.world import World

Rows = npt.NDArray[np.intp]
NEUTRAL_ID = 16
"""Owner of neutral units in the API."""
_SCREEN_HALF_WIDTH, _SCREEN_BELOW, _SCREEN_ABOVE = 13.0, 8.0, 10.0
"""Roughly the part of the ground that the camera shows, in cells from its centre."""
_HARVEST_REACH = 10.0
"""A mineral field within this many cells belongs to a town hall's line."""


class Batch:
    """The units of one observation that a player sees; `write` methods take rows of one class."""

    def __init__(
        self,
        world: World,
        sight: Sight,
        camera: tuple[float, float],
        table_layouts: dict[str, Layout],
        order_writer: orders.OrderWriter,
    ) -> None:
        self.world, self.sight, self.camera = world, sight, camera
        self.player = sight.player
        self.layouts, self.order_writer = table_layouts, order_writer
        self.table: TypeTable = type_table(world.rules)

    def _common(self, rows: Rows) -> dict[str, Any]:
        w, u = self.world, self.world.units
        types = u.type_id[rows]
        x, y = u.x[rows], u.y[rows]
        flying = u.flying[rows]
        ground = w.grids.height[y.astype(np.intp), x.astype(np.intp)]
        z = -16.0 + 32.0 / 255.0 * ground + self.table.height[types] * (flying == 1)
        dx, dy = x - self.camera[0], y - self.camera[1]
        total = u.build_total[rows]
        progress = np.ones(len(rows))
        building = u.build_left[rows] > 0
        if building.any():
            progress[building] = 1.0 - u.build_left[rows][building] / np.maximum(total[building], 1e-9)
        return {
            "tag": st.TAG_BASE | (rows.astype(np.int64) << 18) | (u.recycle[rows].astype(np.int64) & 0x3FFFF),
            "unit_type": types,
            "x": x,
            "y": y,
            "z": z,
            "facing": u.facing[rows],
            "radius": w.stats.radius[NEUTRAL][types],
            "build_progress": progress,
            "is_on_screen": (np.abs(dx) < _SCREEN_HALF_WIDTH) & (dy > -_SCREEN_BELOW) & (dy < _SCREEN_ABOVE),
            "health": u.hp[rows],
            "health_max": u.hp_max[rows],
            "shield": u.shield[rows],
            "shield_max": u.shield_max[rows],
            "energy": u.energy[rows],
            "energy_max": u.energy_max[rows],
            "is_flying": flying,
            "is_burrowed": u.burrowed[rows],
        }

    def _levels(self, values: dict[str, Any], types: npt.NDArray[np.int32], owner: int) -> None:
        attack, armor, shield = self.table.levels(self.world.upgrades[owner])
        values["attack_upgrade_level"] = attack[types]
        values["armor_upgrade_level"] = armor[types]
        values["shield_upgrade_level"] = shield[types]

    def neutral(self, layout: str, rows: Rows) -> bytes:
        """Resources, rocks, towers."""
        if len(rows) == 0:
            return b""
        values = self._common(rows)
        contents = self.world.units.contents[rows]
        values.update(
            display_type=raw.Visible,
            alliance=raw.Neutral,
            owner=NEUTRAL_ID,
            cloak=raw.NotCloaked,
            mineral_contents=contents,
            vespene_contents=contents,
        )
        return self.layouts[layout].encode(len(rows), values)

    def own(self, layout: str, rows: Rows) -> bytes:
        """The player's units, with what only they know."""
        if len(rows) == 0:
            return b""
        u, player = self.world.units, self.player
        values = self._common(rows)
        types = u.type_id[rows]
        self._levels(values, types, player)
        working = (u.order[rows] != st.IDLE) | (u.work_left[rows].max(axis=1) >= 0)
        assigned, ideal = self.harvesters
        values.update(
            display_type=raw.Visible,
            alliance=raw.Self,
            owner=player + 1,
            cloak=np.where(u.cloaked[rows] == 1, raw.CloakedAllied, raw.NotCloaked),
            is_active=working,
            is_hallucination=u.hallucination[rows],
            is_powered=(u.powered[rows] == 1) & self.table.needs_power[types],
            assigned_harvesters=assigned[rows],
            ideal_harvesters=ideal[rows],
            weapon_cooldown=np.maximum(u.cooldown[rows], 0.0),
        )
        return self.layouts[layout].encode(len(rows), values, self._own_tails(rows, types))

    def _own_tails(self, rows: Rows, types: npt.NDArray[np.int32]) -> list[bytes]:
        w, u, sight = self.world, self.world.units, self.sight
        write = self.order_writer.orders
        tails, constant = [], self.table.tails
        space, addons, gas = self.table.cargo_max, self.table.addon, self.table.gas_building
        for row, type_id, carry, prey, other, flying in zip(
            rows.tolist(),
            types.tolist(),
            u.carry[rows].tolist(),
            u.prey[rows].tolist(),
            u.addon[rows].tolist(),
            u.flying[rows].tolist(),
            strict=True,
        ):
            tail = constant.get(type_id, b"")
            if row in w.current or row in w.production or row in w.queues:
                tail += write(w, sight, row)
            if carry or row in w.buffs:
                tail += orders.buffs(w, row, carry)
            if prey >= 0:
                tail += orders.engaged(w, row)
            if other >= 0 and not flying and not addons[type_id] and self.table.structure[type_id]:
                tail += orders.addon(w, row)
            if row in w.rallies or row in w.worker_rallies:
                tail += orders.rally(w, sight, row)
            if type_id in space:
                inside = self.passengers.get(row, [])
                if inside or not self.table.townhall[type_id]:
                    tail += orders.cargo(w, row, space[type_id], inside)
            if gas[type_id]:
                tail += layouts.vespene(int(u.contents[row]))
            tails.append(tail)
        return tails

    def enemy(self, layout: str, rows: Rows) -> bytes:
        """The other player's units."""
        if len(rows) == 0:
            return b""
        w, u = self.world, self.world.units
        values = self._common(rows)
        types = u.type_id[rows]
        self._levels(values, types, 1 - self.player)
        values.update(
            display_type=raw.Visible,
            alliance=raw.Enemy,
            owner=2 - self.player,
            cloak=np.where(u.cloaked[rows] == 1, raw.CloakedDetected, raw.NotCloaked),
            is_active=(u.order[rows] != st.IDLE) | (u.work_left[rows].max(axis=1) >= 0),
            is_powered=(u.powered[rows] == 1) & self.table.needs_power[types],
        )
        constant, gas, tails = self.table.tails, self.table.gas_building, []
        for row, type_id, carry in zip(rows.tolist(), types.tolist(), u.carry[rows].tolist(), strict=True):
            tail = constant.get(type_id, b"")
            if carry or row in w.buffs:
                tail += orders.buffs(w, row, carry)
            if gas[type_id]:
                tail += layouts.vespene(int(u.contents[row]))
            tails.append(tail)
        return self.layouts[layout].encode(len(rows), values, tails)

    def placeholders(self) -> bytes:
        """Structures that own builders are on their way to place."""
        w, u = self.world, self.world.units
        sites: list[tuple[int, float, float]] = []
        for row, order in w.current.items():
            if order.kind != st.APPROACH or u.owner[row] != self.player:
                continue
            product = self.table.built_by.get(order.ability)
            if product is not None:
                sites.append((product, float(u.goal_x[row]), float(u.goal_y[row])))
        if not sites:
            return b""
        types = np.array([site[0] for site in sites], dtype=np.int32)
        x, y = np.array([site[1] for site in sites]), np.array([site[2] for site in sites])
        values = {
            "display_type": raw.Placeholder,
            "alliance": raw.Self,
            "tag": np.zeros(len(sites), dtype=np.int64),
            "unit_type": types,
            "owner": self.player + 1,
            "x": x,
            "y": y,
            "z": -16.0 + 32.0 / 255.0 * w.grids.height[y.astype(np.intp), x.astype(np.intp)],
            "facing": 4.712389,
            "radius": w.stats.radius[NEUTRAL][types],
        }
        return self.layouts["PLACEHOLDER"].encode(len(sites), values)

    def hidden(self, rows: Rows) -> bytes:
        """Cloaked enemies that nobody detects."""
        values = self._common(rows)
        values.update(display_type=raw.Hidden, alliance=raw.Enemy, cloak=raw.Cloaked)
        return self.layouts["HIDDEN"].encode(len(rows), values)

    # -- shared by the batch -----------------------------------------------------------------------
    @cached_property
    def passengers(self) -> dict[int, list[int]]:
        """Rows inside each own transport."""
        u, n = self.world.units, self.sight.rows
        by_carrier: dict[int, list[int]] = {}
        inside = (u.alive[:n] == 1) & (u.hidden[:n] == 1) & (u.carrier[:n] >= 0)
        for row in np.flatnonzero(inside & (u.owner[:n] == self.player)).tolist():
            by_carrier.setdefault(int(u.carrier[row]), []).append(row)
        return by_carrier

    @cached_property
    def harvesters(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Assigned and ideal harvesters of every row (0 for all but town halls and gas buildings)."""
        return _harvesters(self.world, self.player, self.sight.rows, self.table)


def _harvesters(
    world: World, player: int, n: int, table: TypeTable
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    u = world.units
    assigned, ideal = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    types = u.type_id[:n]
    mine = (u.alive[:n] == 1) & (u.owner[:n] == player) & (u.build_left[:n] <= 0)
    gathering = mine & (u.order[:n] == st.GATHER) & (u.node[:n] >= 0)
    nodes = u.node[:n][gathering]
    load = np.bincount(nodes[nodes < n], minlength=n)
    gas = mine & table.gas_building[types]
    assigned[gas] = load[gas]
    ideal[gas] = np.where(u.contents[:n][gas] > 0, world.rules.game.ideal_workers_per_gas, 0)
    halls = np.flatnonzero(mine & table.townhall[types] & (u.flying[:n] == 0))
    fields = np.flatnonzero((u.alive[:n] == 1) & table.mineral[types])
    if len(halls) and len(fields):
        gap = np.hypot(u.x[fields][:, None] - u.x[halls][None, :], u.y[fields][:, None] - u.y[halls][None, :])
        nearest = gap.argmin(axis=1)
        near = gap[np.arange(len(fields)), nearest] <= _HARVEST_REACH
        home = halls[nearest[near]]
        np.add.at(ideal, home, world.rules.game.ideal_workers_per_mineral)
        np.add.at(assigned, home, load[fields[near]])
    return assigned, ideal
