"""A client's view of the match: builds its observations.

The body of an observation is made once per loop, from the state in which the loop began, and kept; errors,
actions and chat since the last observation are added to each.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
from s2clientprotocol import common_pb2 as common_pb
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import effects, queries, wire
from cherrypy_bot.sim.api.alerts import AlertWatch
from cherrypy_bot.sim.api.orders import point3
from cherrypy_bot.sim.api.score import ScoreWriter
from cherrypy_bot.sim.api.sight import Sight
from cherrypy_bot.sim.api.types import type_table
from cherrypy_bot.sim.api.units import NOBODY, UnitWriter
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.setup import start_location
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.game_info import InfoParts
    from cherrypy_bot.sim.api.match import Match, Seat

_OBSERVATION_FIELD = 3  # of ResponseObservation


class View:
    """One participant's observations of one match."""

    def __init__(self, match: Match, seat: Seat) -> None:
        assert match.game is not None
        self.match, self.seat = match, seat
        self._units = UnitWriter(NOBODY if seat.impartial else seat.player, seat.options)
        self._score = ScoreWriter(seat.player)
        self._alerts = AlertWatch(seat.player, match.game.world)
        self._body: tuple[int, bool, bytes] | None = None  # (loop, revealed, bytes)
        self._sight: tuple[int, bool, Sight] | None = None
        self._observed_loop = -1
        self._dead_now: tuple[int, bytes] = (-1, b"")
        self.info_parts: InfoParts | None = None
        seat.camera = start_location(match.game.world, seat.player)

    @property
    def game(self) -> Game:
        """The match's game; quick_load replaces it."""
        assert self.match.game is not None
        return self.match.game

    def forget(self) -> None:
        """The state was replaced or changed from outside (quick_load, debug)."""
        self._body = self._sight = None
        self._observed_loop = min(self._observed_loop, self.game.loop - 1)

    def sight(self, revealed: bool = False) -> Sight:
        """What the player sees now; cached for the loop."""
        revealed = revealed or self.seat.map_revealed
        key = (self.game.loop, revealed)
        if self._sight is None or self._sight[:2] != key:
            self._sight = (*key, Sight(self.game.world, self.seat.player, revealed))
        return self._sight[2]

    def prepare(self) -> None:
        """Keep the loop's observation before anybody's actions change the state."""
        self._observation(self.seat.map_revealed)

    def observe(self, disable_fog: bool) -> bytes:
        """Serialized ResponseObservation."""
        game, seat = self.game, self.seat
        head = sc.ResponseObservation(actions=seat.actions, chat=seat.chat, player_result=self.match.player_results())
        errors = game.errors[seat.player] if seat.is_participant else []
        for error in errors:
            head.action_errors.add(unit_tag=error.tag, ability_id=abs(error.ability), result=error.result)
        body = self._observation(disable_fog or self.seat.map_revealed)
        seat.actions, seat.chat = [], []
        errors.clear()
        data: bytes = head.SerializeToString()
        return data + wire.message(_OBSERVATION_FIELD, body)

    def _observation(self, revealed: bool) -> bytes:
        loop = self.game.loop
        if self._body is None or self._body[:2] != (loop, revealed):
            self._body = (loop, revealed, self._build(revealed))
        return self._body[2]

    def _build(self, revealed: bool) -> bytes:
        world, options = self.game.world, self.seat.options
        common, score = self._score.write(world)
        out = wire.message(1, common)
        if self.seat.selection:
            out += self._abilities()
        if options.score:
            out += wire.message(4, score)
        if options.raw:
            out += wire.message(5, self._raw(revealed))
        out += wire.uint(9, world.loop)
        return out + b"".join(wire.uint(10, alert) for alert in self._alerts.look(world))

    def _abilities(self) -> bytes:
        """Observation.abilities: what any of the selected units could do now."""
        world = self.game.world
        offered: dict[int, common_pb.AvailableAbility] = {}
        for row in map(world.row_of, self.seat.selection):
            if row != NONE and world.units.owner[row] == self.seat.player:
                offered |= {one.ability_id: one for one in queries.offered(self.game, row, ignore_resources=False)}
        return b"".join(wire.message(3, offered[ability].SerializeToString()) for ability in sorted(offered))

    def _raw(self, revealed: bool) -> bytes:
        """Serialized ObservationRaw."""
        world, seat = self.game.world, self.seat
        sight = self.sight(revealed)
        parts = [
            wire.message(1, self._player()),
            self._units.write(world, sight, seat.camera, seat.selection),
            wire.message(3, self._map_state(sight)),
        ]
        dead = self._dead()
        if dead:
            parts.append(wire.message(4, dead))
        parts.append(effects.write(world, seat.player, sight))
        parts.append(self._radar(sight))
        return b"".join(parts)

    def _radar(self, sight: Sight) -> bytes:
        """RadarRing of own sensor towers and of those of the enemy that are seen."""
        world, table = self.game.world, type_table(self.game.world.rules)
        u, out = world.units, b""
        for row in sight.radars[sight.visible[sight.radars]].tolist():
            place = wire.message(1, point3(world, float(u.x[row]), float(u.y[row])))
            reach = float(table.columns["radar"][u.type_id[row]])
            out += wire.message(6, place + wire.float32(2, reach))
        return out

    def _player(self) -> bytes:
        """PlayerRaw: power, camera, upgrades."""
        world, seat, u = self.game.world, self.seat, self.game.world.units
        power = type_table(world.rules).power
        n = int(world.clock.rows[0])
        giving = (power[u.type_id[:n]] > 0) & (u.owner[:n] == seat.player) & (u.alive[:n] == 1)
        out = b""
        for row in np.flatnonzero(giving & (u.build_left[:n] <= 0) & (u.hidden[:n] == 0)).tolist():
            out += wire.message(
                1,
                wire.message(1, point3(world, float(u.x[row]), float(u.y[row])))
                + wire.float32(2, float(power[u.type_id[row]]))
                + wire.uint(3, world.tag(row)),
            )
        camera = struct.pack("<BfBf", 0x0D, seat.camera[0], 0x15, seat.camera[1])
        out += wire.message(2, camera)
        return out + b"".join(wire.uint(3, upgrade) for upgrade in sorted(world.upgrades[seat.player]))

    def _map_state(self, sight: Sight) -> bytes:
        """MapState: what is hidden (0), remembered (1) and seen (2), and where creep is."""
        world = self.game.world
        visibility = world.grids.explored[self.seat.player].astype(np.uint8)
        visibility[sight.vision] = 2
        creep = world.grids.creep & (visibility > 0)  # creep where nobody has been is not known
        return wire.message(1, image(visibility, 8)) + wire.message(2, image(creep, 1))

    def _dead(self) -> bytes:
        """Event: tags of units that died since the last observation and that the player saw."""
        game, bit, since = self.game, 1 << self.seat.player, self._observed_loop
        if self._dead_now[0] == game.loop and since == game.loop:
            return self._dead_now[1]
        out = b""
        for loop, row, recycle, seen in reversed(game.world.dead):
            if loop <= since:
                break
            if seen & bit:
                out = wire.uint(1, (1 << 32) | (row << 18) | (recycle & 0x3FFFF)) + out
        self._observed_loop = game.loop
        self._dead_now = (game.loop, out)
        return out


def image(grid: np.ndarray, bits: int) -> bytes:
    """Serialized ImageData of a grid [H, W], row 0 (the bottom) first, most significant bit first."""
    height, width = grid.shape
    data = np.packbits(grid > 0).tobytes() if bits == 1 else np.ascontiguousarray(grid, dtype=np.uint8).tobytes()
    size = wire.uint(1, width) + wire.uint(2, height)
    return wire.uint(1, bits) + wire.message(2, size) + wire.message(3, data)
