"""GameInfo and Data: the map, the players, the rules.

python-sc2 asks for GameInfo in every step (for the pathing grid), so its parts are kept as bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import switches
from cherrypy_bot.sim.api import wire
from cherrypy_bot.sim.api.map_source import SUFFIX
from cherrypy_bot.sim.api.match import RACE_IDS, Match, Seat
from cherrypy_bot.sim.api.session import Reply, WireReply
from cherrypy_bot.sim.api.sight import Sight
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.api.view import image
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.setup import start_location
from cherrypy_bot.sim.state import NEUTRAL
from cherrypy_bot.sim.world import World

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.session import Session

_GAME_INFO_FIELD, _DATA_FIELD = 9, 13  # of Response
_MODS = (
    "Mods/Core.SC2Mod",
    "Mods/Liberty.SC2Mod",
    "Mods/Swarm.SC2Mod",
    "Mods/Void.SC2Mod",
    "Mods/VoidMulti.SC2Mod",
)
_PARTS: dict[str, Any] = {
    "ability_id": "abilities",
    "unit_type_id": "units",
    "upgrade_id": "upgrades",
    "buff_id": "buffs",
}
_PARTS["effect_id"] = "effects"


class InfoParts:
    """What of a seat's GameInfo does not change, and the pathing grid as it was last asked for."""

    def __init__(self, match: Match, seat: Seat, game: Game) -> None:
        m, all_known = game.world.map, match.running == sc.in_replay or not seat.is_participant
        head = sc.ResponseGameInfo(
            map_name=m.name,
            local_map_path=match.setup.map_path or m.name + SUFFIX,
            player_info=[_player_info(other, other is seat or all_known) for other in match.seats],
            options=seat.options,
            mod_names=_MODS,
        )
        self.head: bytes = head.SerializeToString()
        enemy = start_location(game.world, 1 - seat.player)
        x0, y0, x1, y1 = m.playable
        area = common.RectangleI(p0=common.PointI(x=x0, y=y0), p1=common.PointI(x=x1, y=y1))
        self._before = wire.message(1, common.Size2DI(x=m.width, y=m.height).SerializeToString())
        self._after = (
            wire.message(3, image(m.terrain_height, 8))
            + wire.message(4, image(game.world.grids.terrain_place, 1))
            + wire.message(5, area.SerializeToString())
            + wire.message(6, common.Point2D(x=enemy[0], y=enemy[1]).SerializeToString())
        )
        self._known: tuple[int, bytes] | None = None
        self._start_raw = b""

    def start_raw(self, world: World, sight: Sight) -> bytes:
        """StartRaw with the pathing grid as the player knows it: what was never seen does not block.

        So it is in the game: at the start the minerals of other bases do not show in its pathing grid either. Ground
        that cannot be built on reads as blocked all the same below what was never seen (rocks on ramps).
        """
        u, n = world.units, sight.rows
        secret = (u.alive[:n] == 1) & (u.owner[:n] != sight.player) & ~sight.visible
        secret &= (u.owner[:n] == NEUTRAL) | type_table(world.rules).structure[u.type_id[:n]]
        unknown = np.flatnonzero(secret & ~sight.remembered)
        known = (int(world.clock.path_version[0]), unknown.tobytes())
        if known != self._known:
            self._known = known
            pathing = world.grids.walk
            if len(unknown):
                pathing = pathing.copy()
                for row in unknown.tolist():
                    _open(world, pathing, row)
            self._start_raw = wire.message(4, self._before + wire.message(2, image(pathing, 1)) + self._after)
        return self._start_raw


def _open(world: World, pathing: npt.NDArray[np.uint8], row: int) -> None:
    """Take the footprint of a structure out of a pathing grid, where the ground can be built on."""
    rule = world.rules.units[int(world.units.type_id[row])]
    cx, cy = int(world.units.x[row]), int(world.units.y[row])
    for dx, dy in rule.footprint_path:
        if 0 <= cx + dx < world.map.width and 0 <= cy + dy < world.map.height:
            pathing[cy + dy, cx + dx] |= world.grids.terrain_place[cy + dy, cx + dx]


def game_info(session: Session, request: sc.RequestGameInfo) -> Reply:
    """The map as the player knows it."""
    match, seat = session.playing()
    game, view = match.game, seat.view
    assert game is not None
    assert view is not None
    if view.info_parts is None:
        view.info_parts = InfoParts(match, seat, game)
    parts = view.info_parts
    if not seat.options.raw:
        return WireReply(_GAME_INFO_FIELD, parts.head)
    return WireReply(_GAME_INFO_FIELD, parts.head + parts.start_raw(game.world, view.sight()))


def _player_info(seat: Seat, own: bool) -> sc.PlayerInfo:
    info = sc.PlayerInfo(player_id=seat.player_id, type=seat.kind, race_requested=seat.race_requested)
    if own:
        info.race_actual = RACE_IDS[seat.race]
    if not seat.is_participant:
        info.difficulty = seat.difficulty
        info.ai_build = seat.ai_build
    if seat.name:
        info.player_name = seat.name
    return info


def data(session: Session, request: sc.RequestData) -> Reply:
    """The rules, as far as asked for."""
    match, seat = session.playing()
    assert match.game is not None
    world = match.game.world
    rules, strong = world.rules, switches.on(world, seat.player, switches.GOD)
    asked = {part for flag, part in _PARTS.items() if getattr(request, flag)}
    if len(asked) == len(_PARTS) and not strong:
        return WireReply(_DATA_FIELD, rules.response_data_bytes())
    answer = rules.response_data()
    for part in _PARTS.values():
        if part not in asked:
            answer.ClearField(part)
    if strong:  # as the game's own data reads under this switch
        for weapon in (weapon for unit in answer.units for weapon in unit.weapons):
            weapon.damage *= switches.GOD_DAMAGE
            for bonus in weapon.damage_bonus:
                bonus.bonus *= switches.GOD_DAMAGE
    payload: bytes = answer.SerializeToString()
    return WireReply(_DATA_FIELD, payload)
