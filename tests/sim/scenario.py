"""Little worlds for tests of the rules: a flat field, units where the test wants them, loops in which they act.

s = Scenario()
marine = s.put("Marine", 0, 20, 20)
ling = s.put("Zergling", 1, 24, 20)
s.order(marine, st.ATTACK_MOVE, 24, 20)
s.run(200)
assert not s.lives(ling)
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.maps import MapData, Neutral
from cherrypy_bot.sim.rules import Ruleset, load_ruleset
from cherrypy_bot.sim.setup import new_world


def flat_map(size: int = 64, neutrals: tuple[Neutral, ...] = ()) -> MapData:
    """A field without cliffs; walls are cut into `pathing` by the test."""
    grid = np.ones((size, size), dtype=np.bool_)
    return MapData(
        name="Flat",
        width=size,
        height=size,
        pathing=grid,
        placement=grid.copy(),
        terrain_height=np.full((size, size), 150, dtype=np.uint8),
        playable=(0, 0, size, size),
        start_locations=((size - 6.5, size - 6.5), (6.5, size - 6.5)),
        neutrals=neutrals,
    )


class Scenario:
    """Kernels alone: deaths are buried, finished orders become idle, nothing else of Python's part acts."""

    def __init__(self, map_data: MapData | None = None, *, seed: int = 1, empty: bool = True) -> None:
        self.rules: Ruleset = load_ruleset()
        self.world = new_world(map_data or flat_map(), ("Terran", "Zerg"), seed, self.rules)
        if empty:
            for row in [*self.world.rows_of(0), *self.world.rows_of(1)]:
                self.world.remove(row)
        self.events: list[tuple[int, int, int, int]] = []
        kernels.refresh(self.world)

    @property
    def u(self) -> st.Units:
        return self.world.units

    def put(self, name: str, owner: int, x: float, y: float) -> int:
        row = self.world.spawn(self.rules.unit(name).id, owner, x, y)
        kernels.refresh(self.world)
        return row

    def order(self, row: int, kind: int, x: float = 0.0, y: float = 0.0, target: int = st.NONE) -> None:
        u = self.u
        u.order[row] = kind
        u.goal_x[row], u.goal_y[row] = x, y
        u.target[row] = target
        u.target_recycle[row] = u.recycle[target] if target >= 0 else 0
        u.way_valid[row] = 0
        u.best_left[row] = 1e18

    def gather(self, row: int, node: int) -> None:
        self.order(row, st.GATHER, target=node)
        self.u.node[row], self.u.node_recycle[row] = node, self.u.recycle[node]
        self.u.gather_phase[row] = st.G_TO_NODE

    def run(self, loops: int) -> None:
        goal = self.world.loop + loops
        while self.world.loop < goal:
            for kind, row, arg in kernels.advance(self.world, goal - self.world.loop):
                self.events.append((self.world.loop, kind, row, arg))
                if kind == st.EV_DIED:
                    self.world.remove(row)
                elif kind == st.EV_ORDER_DONE:
                    self.u.order[row] = st.IDLE

    def run_until(self, condition: object, limit: int = 5000) -> int:
        """Run loop by loop until `condition()` holds; loops it took, AssertionError at the limit."""
        assert callable(condition)
        start = self.world.loop
        while not condition():
            assert self.world.loop - start < limit, f"not within {limit} loops"
            self.run(1)
        return self.world.loop - start

    def lives(self, row: int) -> bool:
        return bool(self.u.alive[row] == 1)

    def place(self, row: int) -> tuple[float, float]:
        return float(self.u.x[row]), float(self.u.y[row])
