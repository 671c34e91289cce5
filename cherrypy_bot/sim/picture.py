"""A picture of a running match: the map, what each side has sight of, units by type and owner, attacks."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import draw
from cherrypy_bot.sim.state import NEUTRAL, PLAYERS

SIDE_COLOURS = ((213, 94, 0), (86, 180, 233))
"""Vermilion and sky blue: told apart by all kinds of colour vision."""
_CREEP = (92, 48, 110)
_FOG = 0.55
"""How dark a cell is that neither side sees."""


def draw_game(game: Game, scale: int = 6) -> Image.Image:
    """The whole map at this moment, `scale` pixels a cell, with a line of text per side on top."""
    world = game.world
    m = world.map
    bare = type(m)(**{**m.__dict__, "neutrals": (), "start_locations": ()})
    picture = _with_fog(game, draw(bare, scale), scale)
    pen = ImageDraw.Draw(picture)
    u = world.units

    def at(x: float, y: float) -> tuple[float, float]:
        return x * scale, (m.height - y) * scale

    for row in sorted(world.rows(), key=lambda r: (u.owner[r] != NEUTRAL, u.flying[r])):
        if u.hidden[row]:
            continue
        rule = world.rules.units[int(u.type_id[row])]
        owner = int(u.owner[row])
        if owner == NEUTRAL:
            colour = (70, 210, 120) if rule.is_geyser else (90, 150, 215) if rule.is_mineral_field else (120, 100, 80)
        else:
            colour = SIDE_COLOURS[owner]
        if rule.footprint:
            width, height = max(rule.footprint_w, 1), max(rule.footprint_h, 1)
            x0, y0 = at(u.x[row] - width / 2, u.y[row] + height / 2)
            x1, y1 = at(u.x[row] + width / 2, u.y[row] - height / 2)
            built = 1.0 - (u.build_left[row] / u.build_total[row] if u.build_total[row] else 0.0)
            pen.rectangle((x0, y0 + (y1 - y0) * (1 - built), x1 - 1, y1 - 1), fill=colour)
            pen.rectangle((x0, y0, x1 - 1, y1 - 1), outline=(20, 20, 24))
            continue
        x, y = at(u.x[row], u.y[row])
        r = max(rule.radius * scale, 2.0)
        if u.prey[row] >= 0 and u.cooldown[row] > 0:
            pen.line((x, y, *at(u.x[u.prey[row]], u.y[u.prey[row]])), fill=(255, 236, 139))
        shape = (x - r, y - r, x + r, y + r)
        if rule.is_worker:
            pen.ellipse((x - r * 0.7, y - r * 0.7, x + r * 0.7, y + r * 0.7), fill=colour)
        else:
            pen.ellipse(shape, fill=colour, outline=(255, 255, 255) if u.flying[row] else (20, 20, 24))
    _captions(game, pen)
    return picture


def _with_fog(game: Game, terrain: Image.Image, scale: int) -> Image.Image:
    world = game.world
    shade = np.where(world.grids.vis_count.sum(axis=0) > 0, 1.0, _FOG)
    creep = world.grids.creep[..., None] == 1
    big = np.repeat(np.repeat(shade[::-1], scale, axis=0), scale, axis=1)[..., None]
    spread = np.repeat(np.repeat(creep[::-1], scale, axis=0), scale, axis=1)
    pixels = np.asarray(terrain, dtype=np.float64)
    pixels = np.where(spread, 0.55 * pixels + 0.45 * np.array(_CREEP), pixels)
    return Image.fromarray((pixels * big).astype(np.uint8))


def _captions(game: Game, pen: ImageDraw.ImageDraw) -> None:
    seconds = int(game.loop / 22.4)
    pen.text((8, 6), f"{seconds // 60}:{seconds % 60:02d}", fill=(235, 235, 235), font_size=18)
    players = game.world.players
    for p in range(PLAYERS):
        text = (
            f"{game.world.races[p]}  {players.supply_used[p]:.0f}/{players.supply_cap[p]:.0f} supply  "
            f"{players.minerals[p]:.0f} minerals  {players.gas[p]:.0f} gas"
        )
        pen.text((70, 6 + 20 * p), text, fill=SIDE_COLOURS[p], font_size=16)
