"""Maps of the embedded engine: our format, the game's map files, a seeded generator, the importer, pictures.

Whoever sets up, lists or shows a game may import this package; it needs only NumPy, SciPy, Pillow and the API's
protobuf classes, nothing else of the engine.

    m = load_map("CherryGroveLE")        # or a file: ours (.npz) or the game's (.SC2Map)
    m = generate(seed=7)
    m = import_map(game_info, first_observation)
    draw(m).save("map.png")

How the real game treats its grids (twelve captured ladder maps, seven of them at loop 0 of a normal game), and so do
we:

- `pathing_grid` at the start is what the asking player knows: his own town hall (5x5 without corners) and the
  resources, rocks and towers he sees are blocked. Those he does not see read as walkable where the ground can be built
  on, and as blocked where it cannot (rocks on ramps, on painted ground). Plates block nothing.
- `placement_grid` is terrain alone: walkable ground that is neither ramp nor painted. Resources, structures and the
  three cells around resources are *not* cut out of it; those rules apply when something is placed.
- `terrain_height` h is a world height of -16 + 32 h / 255. Plateaus are 16 apart: 191 (z 7.97) low ground, 207 (9.98)
  natural, 223 (11.98) main; one map in twelve lies a level lower. Cliff tops and walls have the height of one side.
- Ramps climb along diagonals over nine diagonals of cells, two bytes each, walkable and not buildable, in widths of
  16, 34, 52, 70, 88, 106 cells (`ramps`). Every main has one ramp of 16 cells, 14 to 18 cells from its town hall.
- Flat ground that is walkable and not buildable blocks vision.
- 13 to 18 bases, the next town hall mostly 21 to 30 away; ground distance from main to natural 25 to 39, to the
  third to fifth base 49 to 90, main to main 161 to 196. Walkable share of the grid 0.2 to 0.54.
- A base has four fields of 1800, four of 900 and two geysers of 2250; fields are centred at (x.0, y.5), geysers and
  town halls at (x.5, y.5) (`resource_lines`).

`MapData.pathing` is the bare terrain: everything that can go away is taken off. What the game would answer is
`pathing_with_neutrals` less structures; on all seven fresh captures that gives the game's grid back cell for cell.
Not all of it can be taken off an imported map: the collapsing towers of one map stay part of the terrain, since no
capture shows the ground below them. Map files (`sc2map`, with `mpq`, `sc2map_layers`, `cliffs`, `objects`) do tell.
"""

from cherrypy_bot.sim.maps.analysis import describe, ground_distances, rush_distance
from cherrypy_bot.sim.maps.draw import draw
from cherrypy_bot.sim.maps.files import list_maps, load_map, map_from_bytes, save_map, shipped_maps
from cherrypy_bot.sim.maps.generator import SHIPPED_SEEDS, generate
from cherrypy_bot.sim.maps.importer import import_map
from cherrypy_bot.sim.maps.model import MapData, MapError, Neutral
from cherrypy_bot.sim.maps.neutrals import footprint_cells, pathing_with_neutrals

__all__ = [
    "SHIPPED_SEEDS",
    "MapData",
    "MapError",
    "Neutral",
    "describe",
    "draw",
    "footprint_cells",
    "generate",
    "ground_distances",
    "import_map",
    "list_maps",
    "load_map",
    "map_from_bytes",
    "pathing_with_neutrals",
    "rush_distance",
    "save_map",
    "shipped_maps",
]
