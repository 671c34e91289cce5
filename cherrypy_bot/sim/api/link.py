"""Two processes, one game: the joining game process hands its client's requests to the hosting one.

Both clients name the same ports when they join. The process that created the game listens on the server's
game port once its own client has joined; the other connects there and from then on passes frames through: four
bytes of length, then a `Request` one way, a `Response` the other. When one process dies, the other's client wins.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
import time

from google.protobuf.message import DecodeError
from s2clientprotocol import error_pb2 as error_pb
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api.errors import NOT_AFTER_END
from cherrypy_bot.sim.api.host import GameServer
from cherrypy_bot.sim.api.lifecycle import JOIN_SECONDS
from cherrypy_bot.sim.api.transport import answer_of, post

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
"""Both processes run on one machine, as the game's own multiplayer through the API does."""
HELLO = b"cherrypy-bot game link 1\n"
MAX_FRAME = 64 << 20
_RETRY_SECONDS = 0.1


class LinkError(Exception):
    """The other process is not there, not ours, or gone."""


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """One frame; LinkError when the other side is gone or sends nonsense."""
    try:
        (size,) = struct.unpack("<I", await reader.readexactly(4))
        if size > MAX_FRAME:
            raise LinkError(f"a frame of {size} bytes is no request of ours")
        return await reader.readexactly(size)
    except (asyncio.IncompleteReadError, OSError) as error:
        raise LinkError("the other game process has gone") from error


async def write_frame(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send one frame; LinkError when the other side is gone."""
    try:
        writer.write(struct.pack("<I", len(data)) + data)
        await writer.drain()
    except (OSError, RuntimeError) as error:
        raise LinkError("the other game process has gone") from error


class LinkHost:
    """The hosting side: waits for the joining process and serves it like a client."""

    def __init__(self, machine: GameServer) -> None:
        self._machine = machine
        self._server: asyncio.Server | None = None

    async def open(self, port: int) -> None:
        """Listen on a port; LinkError when it cannot be had."""
        await self.close()
        try:
            self._server = await asyncio.start_server(self._serve, ADDRESS, port)
        except (OSError, OverflowError) as error:
            raise LinkError(f"cannot listen on port {port} for the other player: {error}") from error

    async def close(self) -> None:
        """Stop listening; a player who has joined stays."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = self._machine.connect()
        tasks: list[asyncio.Future[bytes]] = []
        try:
            if await asyncio.wait_for(reader.readexactly(len(HELLO)), JOIN_SECONDS) != HELLO:
                return
            writer.write(HELLO)
            data = await read_frame(reader)
            while True:
                request = asyncio.ensure_future(read_frame(reader))  # notices at once when the other is gone
                answer = asyncio.ensure_future(answer_of(session, post(session, data)))
                tasks = [request, answer]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if not answer.done() and request.exception() is not None:
                    return
                await write_frame(writer, await answer)
                data = await request
        except (LinkError, OSError, ConnectionResetError, asyncio.IncompleteReadError, TimeoutError):
            return
        except asyncio.CancelledError:  # the process ends; asyncio's streams would print where it was
            return
        finally:
            for task in tasks:
                task.cancel()
            self._machine.disconnect(session)
            writer.close()


class RemoteGame:
    """The joining side: a client's requests go to the hosting process, and its answers come back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._player_id = 0
        self._loop = 0
        self._last_observation = sc.ResponseObservation()
        self._kept: dict[str, sc.Response] = {}  # the last game_info and data
        self._in_game = False
        self._ended = False
        self._lost = False

    @classmethod
    async def connect(cls, port: int, seconds: float = JOIN_SECONDS) -> RemoteGame:
        """Find the hosting process; LinkError when it does not appear in time."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                reader, writer = await asyncio.open_connection(ADDRESS, port)
                writer.write(HELLO)
                left = max(deadline - time.monotonic(), _RETRY_SECONDS)
                if await asyncio.wait_for(reader.readexactly(len(HELLO)), left) == HELLO:
                    return cls(reader, writer)
                writer.close()
                raise LinkError(f"what listens on port {port} is not a game of ours")
            except (OSError, OverflowError, asyncio.IncompleteReadError, TimeoutError) as error:
                if time.monotonic() >= deadline or isinstance(error, OverflowError):
                    raise LinkError(f"nobody hosts a game on port {port}") from error
            await asyncio.sleep(_RETRY_SECONDS)

    async def ask(self, request: sc.Request, data: bytes) -> bytes:
        """Pass a request on; once the host is gone, answer as a game that this player has won."""
        if not self._lost:
            try:
                await write_frame(self._writer, data)
                answer = await read_frame(self._reader)
                self._note(answer)
                return answer
            except LinkError as error:
                log.warning("the hosting game process has gone: %s", error)
                self._lost = True
                if not self._in_game:
                    raise
        alone: bytes = self._alone(request).SerializeToString()
        return alone

    def _note(self, answer: bytes) -> None:
        response = sc.Response.FromString(answer)
        self._in_game = response.status in (sc.in_game, sc.ended)
        self._ended = response.status == sc.ended
        kind = response.WhichOneof("response")
        if kind == "observation":
            self._last_observation = response.observation
            self._loop = response.observation.observation.game_loop
        elif kind == "step":
            self._loop = response.step.simulation_loop
        elif kind == "join_game":
            self._player_id = response.join_game.player_id
        elif kind in ("game_info", "data"):
            self._kept[kind] = response

    def _alone(self, request: sc.Request) -> sc.Response:
        """Answers without a host: the last known state, and the result.

        As when the other player leaves, a client that is in the middle of its decisions may end them: its actions
        are taken and go nowhere. With its next step or observation the game has ended.
        """
        response = sc.Response()
        kind = request.WhichOneof("request")
        if kind in self._kept:
            response.CopyFrom(self._kept[kind])
            response.ClearField("id")
        elif kind == "observation":
            seen = response.observation
            seen.observation.CopyFrom(self._last_observation.observation)
            if self._ended and self._last_observation.player_result:
                seen.player_result.extend(self._last_observation.player_result)
            else:
                seen.player_result.add(player_id=self._player_id, result=sc.Victory)
                seen.player_result.add(player_id=3 - self._player_id, result=sc.Defeat)
        elif kind == "step":
            response.step.simulation_loop = self._loop
        elif kind == "leave_game":
            response.leave_game.SetInParent()
        elif self._ended:
            response.error.append(NOT_AFTER_END)
        elif kind == "action":
            response.action.result.extend([error_pb.Success] * len(request.action.actions))
        elif kind == "query":
            for _ in request.query.pathing:
                response.query.pathing.add()
            for _ in request.query.placements:
                response.query.placements.add(result=error_pb.CantFindPlacementLocation)
            for one in request.query.abilities:
                response.query.abilities.add(unit_tag=one.unit_tag)
        elif kind == "debug":
            response.debug.SetInParent()
        else:
            response.error.append(NOT_AFTER_END)
        self._ended = self._ended or kind in ("observation", "step")
        response.status = sc.launched if kind == "leave_game" else sc.ended if self._ended else sc.in_game
        if request.id:
            response.id = request.id
        return response

    async def close(self) -> None:
        """Hang up; a match that is still on is lost."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def parse(data: bytes) -> sc.Request | None:
    """The request in some bytes, None when they hold none."""
    try:
        request: sc.Request = sc.Request.FromString(data)
    except DecodeError:
        return None
    return request
