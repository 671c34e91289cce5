"""Maps of the embedded engine."""

from cherrypy_bot.sim.maps.analysis import describe, ground_distances, rush_distance
from cherrypy_bot.sim.maps.draw import draw
from cherrypy_bot.sim.maps.files import list_maps, load_map, save_map, shipped_maps
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
    "pathing_with_neutrals",
    "rush_distance",
    "save_map",
    "shipped_maps",
]
