"""What a computer player sees and owns at one moment, as arrays and counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.computer.plans import Plans
from cherrypy_bot.sim.rules import Ruleset
from cherrypy_bot.sim.world import World

Rows = npt.NDArray[np.int64]

STATIC_FACTOR = 1.6
"""A defensive structure fights like units of so many times its price."""


class Values:
    """Tables by unit type: `fight` (price of what fights, 0 for the rest), `army` and `structure` flags."""

    def __init__(self, rules: Ruleset) -> None:
        size = max(rules.units) + 1
        self.fight = np.zeros(size)
        self.army = np.zeros(size, dtype=np.bool_)
        self.structure = np.zeros(size, dtype=np.bool_)
        self.worker = np.zeros(size, dtype=np.bool_)
        self.minerals = np.zeros(size, dtype=np.bool_)
        for type_id, rule in rules.units.items():
            armed = any(rules.weapons[i].active and rules.weapons[i].damage > 0 for i in rule.weapons)
            price = rule.minerals + 1.2 * rule.gas
            self.structure[type_id] = rule.is_structure
            self.worker[type_id] = rule.is_worker
            self.minerals[type_id] = rule.is_mineral_field
            self.army[type_id] = armed and not rule.is_structure and not rule.is_worker and rule.speed > 0
            if armed:
                self.fight[type_id] = 12.0 if rule.is_worker else price
                if rule.is_structure:
                    self.fight[type_id] *= STATIC_FACTOR


_VALUES: dict[int, tuple[Ruleset, Values]] = {}


def values_of(rules: Ruleset) -> Values:
    """The value tables of a ruleset, made once."""
    kept = _VALUES.get(id(rules))
    if kept is None or kept[0] is not rules:
        kept = (rules, Values(rules))
        _VALUES[id(rules)] = kept
    return kept[1]


class View:
    """Own units and counts, visible enemies. Rows are row numbers of the world's units, int64.

    `own`, `types`, `done`: own rows, their types, whether they are finished. `enemies`: rows the player sees
    (all when `vision`). `counts`/`finished`: own units by type id, with and without what is under
    construction. `coming`: type id -> how many are in production or ordered from workers.
    """

    def __init__(self, world: World, player: int, plans: Plans, *, vision: bool = False) -> None:
        self.world, self.player = world, player
        u = world.units
        n = int(world.clock.rows[0])
        self.values = values_of(world.rules)
        alive = (u.alive[:n] == 1) & (u.hallucination[:n] == 0)
        self.own: Rows = np.flatnonzero(alive & (u.owner[:n] == player))
        self.types = u.type_id[self.own]
        self.done = u.build_left[self.own] <= 0
        size = len(self.values.fight)
        self.counts = np.bincount(self.types, minlength=size)
        self.finished = np.bincount(self.types[self.done], minlength=size)
        enemy = alive & (u.owner[:n] == 1 - player)
        if not vision:
            enemy &= ((u.seen[:n] >> player) & 1 == 1) & ((u.cloaked[:n] == 0) | ((u.detected[:n] >> player) & 1 == 1))
        self.enemies: Rows = np.flatnonzero(enemy)
        self._rows: dict[tuple[tuple[int, ...], bool], Rows] = {}
        self._minerals: Rows | None = None
        self.coming: dict[int, int] = {}
        for row, items in world.production.items():
            if u.owner[row] == player and u.alive[row] == 1:
                for item in items:
                    if item.product:
                        self.coming[item.product] = self.coming.get(item.product, 0) + item.count
        self.ordered: dict[int, int] = {}
        builders = self.own[self.values.worker[self.types]]
        for ability in u.order_ability[builders[u.order[builders] == st.APPROACH]].tolist():
            product = plans.build_abilities.get(ability)
            if product is not None:
                self.ordered[product] = self.ordered.get(product, 0) + 1
                self.coming[product] = self.coming.get(product, 0) + 1

    def rows(self, *types: int, done: bool = True) -> Rows:
        """Own rows of some types, by default only finished ones."""
        key = (types, done)
        if key not in self._rows:
            chosen = np.zeros(len(self.own), dtype=np.bool_)
            for type_id in types:
                if self.counts[type_id]:
                    chosen |= self.types == type_id
            if done:
                chosen &= self.done
            self._rows[key] = self.own[chosen]
        return self._rows[key]

    def has(self, *types: int) -> int:
        """Own units of some types, those under construction, in production and ordered included."""
        return int(sum(int(self.counts[t]) + self.coming.get(t, 0) for t in types))

    def mineral_fields(self) -> Rows:
        """Rows of all mineral fields that are left on the map."""
        if self._minerals is None:
            u, n = self.world.units, int(self.world.clock.rows[0])
            neutral = np.flatnonzero((u.alive[:n] == 1) & (u.owner[:n] == st.NEUTRAL) & (u.contents[:n] > 0))
            self._minerals = neutral[self.values.minerals[u.type_id[neutral]]]
        return self._minerals

    def army(self) -> Rows:
        """Own rows that fight and are no workers."""
        return self.own[self.values.army[self.types] & self.done]

    def fight(self, rows: Rows) -> npt.NDArray[np.float64]:
        """What each unit is worth in a fight, by price and life left."""
        u = self.world.units
        full = np.maximum(u.hp_max[rows] + u.shield_max[rows], 1.0)
        done = u.build_left[rows] <= 0
        value: npt.NDArray[np.float64] = (
            self.values.fight[u.type_id[rows]] * (0.3 + 0.7 * (u.hp[rows] + u.shield[rows]) / full) * done
        )
        return value

    def supply(self, rows: Rows) -> float:
        """Supply of some rows."""
        return float(self.world.stats.supply[self.player, self.world.units.type_id[rows]].sum())

    def enemy_structures(self) -> npt.NDArray[np.float64]:
        """Places of enemy structures seen now or remembered: float64 [k, 2]."""
        u = self.world.units
        rows = self.enemies[self.values.structure[u.type_id[self.enemies]]]
        places = list(zip(u.x[rows].tolist(), u.y[rows].tolist(), strict=True))
        seen_now = set(rows.tolist())
        visible = self.world.grids.vis_count[self.player]
        for (player, row), snapshot in self.world.snapshots.items():
            if player != self.player or snapshot.owner != 1 - self.player or row in seen_now:
                continue
            if visible[int(snapshot.y), int(snapshot.x)] == 0:
                places.append((snapshot.x, snapshot.y))
        return np.array(places, dtype=np.float64).reshape(-1, 2)

    def workers(self) -> Rows:
        """Own workers on the map."""
        return self.own[self.values.worker[self.types] & self.done]

    def order(self, rows: Rows, *kinds: int) -> npt.NDArray[np.bool_]:
        """Which of the rows carry out one of the order kinds."""
        orders = self.world.units.order[rows]
        chosen = np.zeros(len(rows), dtype=np.bool_)
        for kind in kinds:
            chosen |= orders == kind
        return chosen


WORKING = (st.GATHER, st.RETURN)
"""Order kinds of a worker that mines."""
