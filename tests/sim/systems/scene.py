"""A flat field with two empty sides, on which tests put what they talk about."""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import MapData, Neutral
from cherrypy_bot.sim.rules import load_ruleset
from cherrypy_bot.sim.setup import new_world

SIZE = 64
RULES = load_ruleset()


def field(
    races: tuple[str, str] = ("Terran", "Zerg"),
    neutrals: tuple[Neutral, ...] = (),
    *,
    cliff_x: int | None = None,
) -> Game:
    """A game at loop 0 on 64 x 64 flat cells (border of 2), all start units taken away again.

    `cliff_x`: the ground from this column on is one cliff level higher, with two unwalkable columns before
    it.
    """
    open_cells = np.zeros((SIZE, SIZE), dtype=np.bool_)
    open_cells[2:-2, 2:-2] = True
    height = np.full((SIZE, SIZE), 127, dtype=np.uint8)
    if cliff_x is not None:
        height[:, cliff_x:] = 143
        open_cells[:, cliff_x - 2 : cliff_x] = False
    map_data = MapData(
        name="Field",
        width=SIZE,
        height=SIZE,
        pathing=open_cells,
        placement=open_cells.copy(),
        terrain_height=height,
        playable=(2, 2, SIZE - 2, SIZE - 2),
        start_locations=((10.5, 10.5), (53.5, 53.5)),
        neutrals=neutrals,
    )
    world = new_world(map_data, races, 1, RULES)
    for row in list(world.rows()):
        if world.units.owner[row] < 2:
            world.remove(row)
    world.grids.explored[:] = 1
    return Game(world, 1)


def put(game: Game, player: int, name: str, x: float, y: float, *, complete: bool = True, seen: int = 3) -> int:
    """Spawn a unit by its name and return its row; `seen` are the bits of the players who see it."""
    row = game.world.spawn(RULES.unit(name).id, player, x, y, complete=complete)
    game.world.units.seen[row] = seen
    return row


def type_id(name: str) -> int:
    """API unit type id of a name."""
    return RULES.unit(name).id
