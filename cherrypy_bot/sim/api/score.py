"""PlayerCommon and Score of an observation."""

from __future__ import annotations

import numpy as np
from s2clientprotocol import sc2api_pb2 as sc
from s2clientprotocol import score_pb2 as score

from cherrypy_bot.sim.api import tally
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.rules.worth import CATEGORIES, worth_of
from cherrypy_bot.sim.world import World

_VITALS = ("life", "shields", "energy")
_CATEGORIES = ("none", "army", "economy", "technology", "upgrade")
_LOOPS_PER_SECOND = 16.0
"""Times in the score are seconds at the speed "normal", as all of the API's: in captures of loop 42, three workers that
were idle for 41 loops have 7.6875 seconds, and a barracks that nobody used has 2.5625."""
_BY_CATEGORY = (
    "food_used",
    "killed_minerals",
    "killed_vespene",
    "lost_minerals",
    "lost_vespene",
    "friendly_fire_minerals",
    "friendly_fire_vespene",
    "used_minerals",
    "used_vespene",
    "total_used_minerals",
    "total_used_vespene",
)


class ScoreWriter:
    """Keeps the two messages of a player and fills in what changed."""

    def __init__(self, player: int) -> None:
        self.player = player
        self._common = sc.PlayerCommon(player_id=player + 1)
        self._score = score.Score(score_type=score.Score.Melee)
        details = self._score.score_details
        for name in _BY_CATEGORY:
            part = getattr(details, name)
            for category in _CATEGORIES:
                setattr(part, category, 0)
        for name in ("total_damage_dealt", "total_damage_taken", "total_healed"):
            part = getattr(details, name)
            part.life = part.shields = part.energy = 0
        for name in ("idle_production_time", "idle_worker_time", "killed_value_units", "killed_value_structures"):
            setattr(details, name, 0)
        self._sums = np.zeros(tally.SUMS)
        self._fallen = self._looked = 0
        self._idle = self._idle_production = 0.0
        self._rates: list[tuple[int, float, float]] = []

    def write(self, world: World) -> tuple[bytes, bytes]:
        """Serialized PlayerCommon and Score."""
        p, bank = self.player, world.players
        tally.add_up(world.unit_rows, int(world.clock.rows[0]), type_table(world.rules).columns, p, self._sums)
        sums = self._sums.tolist()
        c = self._common
        c.minerals, c.vespene = max(int(bank.minerals[p]), 0), max(int(bank.gas[p]), 0)
        c.food_cap, c.food_used = int(bank.supply_cap[p]), int(bank.supply_used[p])
        c.food_army, c.food_workers = int(sums[tally.FOOD_ARMY]), int(sums[tally.FOOD_WORKERS])
        c.idle_worker_count, c.army_count = int(sums[tally.IDLE_WORKERS]), int(sums[tally.ARMY])
        c.warp_gate_count, c.larva_count = int(sums[tally.WARP_GATES]), int(sums[tally.LARVAE])

        d = self._score.score_details
        d.total_value_units, d.total_value_structures = sums[tally.VALUE_UNITS], sums[tally.VALUE_STRUCTURES]
        d.collected_minerals, d.collected_vespene = bank.collected_minerals[p], bank.collected_gas[p]
        d.spent_minerals, d.spent_vespene = bank.spent_minerals[p], bank.spent_gas[p]
        d.food_used.army, d.food_used.economy = sums[tally.FOOD_ARMY], sums[tally.FOOD_WORKERS]
        for part, first in ((d.used_minerals, tally.MINERALS_ARMY), (d.used_vespene, tally.GAS_ARMY)):
            part.army, part.economy, part.technology = sums[first : first + 3]
        upgrades = world.upgrades[p]
        if upgrades:
            d.used_minerals.upgrade = sum(world.rules.upgrades[u].minerals for u in upgrades)
            d.used_vespene.upgrade = sum(world.rules.upgrades[u].gas for u in upgrades)
        self._count_fallen(world)
        for total, used, lost in (
            (d.total_used_minerals, d.used_minerals, d.lost_minerals),
            (d.total_used_vespene, d.used_vespene, d.lost_vespene),
        ):
            for name in _CATEGORIES:
                setattr(total, name, getattr(used, name) + getattr(lost, name))
        for vital, kind in (
            (d.total_damage_dealt, "dealt"),
            (d.total_damage_taken, "taken"),
            (d.total_healed, "healed"),
        ):
            vital.life, vital.shields, vital.energy = (float(getattr(bank, f"{kind}_{what}")[p]) for what in _VITALS)
        passed = max(world.loop - self._looked, 0) / _LOOPS_PER_SECOND
        self._looked = world.loop
        self._idle += passed * sums[tally.IDLE_WORKERS]
        d.idle_worker_time = self._idle
        self._idle_production += passed * self._unused(world)
        d.idle_production_time = self._idle_production
        d.collection_rate_minerals, d.collection_rate_vespene = self._rate(world)
        self._score.score = int(sums[tally.VALUE]) + c.minerals + c.vespene
        return c.SerializeToString(), self._score.SerializeToString()

    def _unused(self, world: World) -> int:
        """Own finished structures that could train a unit and do not."""
        u, n = world.units, int(world.clock.rows[0])
        able = type_table(world.rules).produces[u.type_id[:n]] & (u.owner[:n] == self.player)
        able &= (u.alive[:n] == 1) & (u.build_left[:n] <= 0)
        return sum(row not in world.production for row in np.flatnonzero(able).tolist())

    def _count_fallen(self, world: World) -> None:
        """Lost, killed and shot down by the own side, by category; only when somebody died since."""
        count = sum(world.fallen.values())
        if count == self._fallen:
            return
        self._fallen = count
        d, table, worth = self._score.score_details, type_table(world.rules), worth_of(world.rules).value
        sums: dict[tuple[str, str], float] = {}
        structures = units = 0.0
        for (owner, by, type_id), number in world.fallen.items():
            minerals, gas = number * float(table.minerals[type_id]), number * float(table.gas[type_id])
            groups = ["lost"] * (owner == self.player) + ["friendly_fire"] * (owner == by == self.player)
            if by == self.player != owner:
                groups.append("killed")
                structures += (minerals + gas) * bool(table.structure[type_id])
                units += (minerals + gas) * (not table.structure[type_id])
            for group in groups:
                for resource, shares in zip(("minerals", "vespene"), worth[:, :, type_id], strict=True):
                    for what, share in zip(CATEGORIES, shares, strict=True):
                        key = (f"{group}_{resource}", what)
                        sums[key] = sums.get(key, 0.0) + number * float(share)
        for group in ("lost", "friendly_fire", "killed"):
            for resource in ("minerals", "vespene"):
                for what in _CATEGORIES:
                    setattr(getattr(d, f"{group}_{resource}"), what, sums.get((f"{group}_{resource}", what), 0.0))
        d.killed_value_units, d.killed_value_structures = units, structures

    def _rate(self, world: World) -> tuple[float, float]:
        """Income per 1344 loops over the last 240 loops, or since the observation before when that is longer ago."""
        p, loop = self.player, world.loop
        now = (loop, float(world.players.collected_minerals[p]), float(world.players.collected_gas[p]))
        while self._rates and self._rates[-1][0] > loop:  # quick_load went back
            self._rates.pop()
        self._rates.append(now)
        while len(self._rates) > 2 and self._rates[1][0] <= loop - 240:
            self._rates.pop(0)
        first = self._rates[0]
        if loop <= first[0]:
            return 0.0, 0.0
        scale = 1344.0 / max(loop - first[0], 1)
        return (now[1] - first[1]) * scale, (now[2] - first[2]) * scale
