"""The game as a process: a websocket at /sc2api, started and spoken to as StarCraft II is.

    python -m cherrypy_bot.sim.api.server -listen 127.0.0.1 -port 5000 -dataDir DIR

Arguments are the game's; those that mean nothing here (display mode, temporary folder, ...) are accepted. A client
that comes back to a game against the computer finds it as it left it; in a game of two, hanging up is giving up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import WSMsgType, web
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim.api.host import GameServer
from cherrypy_bot.sim.api.link import LinkError, LinkHost, RemoteGame, parse
from cherrypy_bot.sim.api.session import Session
from cherrypy_bot.sim.api.transport import answer_of, post

log = logging.getLogger(__name__)

PATH = "/sc2api"
DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 5000
MAX_MESSAGE = 64 << 20
"""Largest request, in bytes; create_game may carry a map."""


class ApiServer:
    """One game process: a machine, its websocket, and its links to other processes."""

    def __init__(self, map_folders: Sequence[Path] = ()) -> None:
        self.machine = GameServer(tuple(map_folders))
        self.links = LinkHost(self.machine)
        self.stop = asyncio.Event()
        self._kept: Session | None = None  # of a client that may come back

    async def run(self, host: str, port: int) -> None:
        """Serve until a client quits the game or `stop` is set. OSError when the port cannot be had."""
        app = web.Application()
        app.router.add_get(PATH, self._connected)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            log.info("listening on ws://%s:%d%s", host, port, PATH)
            await self.stop.wait()
        finally:
            await self.links.close()
            await runner.cleanup()

    async def _connected(self, request: web.Request) -> web.WebSocketResponse:
        # clients that send their bytes in text frames (websocket-client does) are understood, as the game does
        socket = web.WebSocketResponse(timeout=1.0, max_msg_size=MAX_MESSAGE, compress=False, decode_text=False)
        await socket.prepare(request)
        session, self._kept = self._kept or self.machine.connect(), None
        client = _Client(self, session)
        inbox: asyncio.Queue[bytes] = asyncio.Queue()
        answering = asyncio.ensure_future(self._answer(client, socket, inbox))
        try:
            async for message in socket:
                if message.type in (WSMsgType.BINARY, WSMsgType.TEXT):
                    inbox.put_nowait(message.data)
        finally:
            answering.cancel()
            await client.gone()
        return socket

    async def _answer(self, client: _Client, socket: web.WebSocketResponse, inbox: asyncio.Queue[bytes]) -> None:
        try:
            while not client.quit:
                await socket.send_bytes(await client.ask(await inbox.get()))
            self.stop.set()
            await socket.close()
        except (ConnectionResetError, RuntimeError) as error:
            log.info("a client has gone: %s", error)

    def keep(self, session: Session) -> bool:
        """Keep a session for a client that may come back; False when its match cannot wait."""
        match = session.match
        waits = session.status == sc.launched or (match is not None and match.solo)
        if waits and self._kept is None and session.waiting is None:
            self._kept = session
            return True
        return False


class _Client:
    """A websocket's client: served here, or through the process that hosts its game."""

    def __init__(self, server: ApiServer, session: Session) -> None:
        self._server, self._session = server, session
        self._remote: RemoteGame | None = None
        self.quit = False

    async def ask(self, data: bytes) -> bytes:
        """The answer to a request."""
        if self._remote is not None:
            return await self._ask_remote(self._remote, data)
        if self._session.status in (sc.launched, sc.init_game):
            request = parse(data)
            if request is not None and request.HasField("join_game") and request.join_game.HasField("server_ports"):
                if self._session.status == sc.launched and self._server.machine.match is None:
                    return await self._join_elsewhere(request, data)
                return await self._join_here(request, data)
        answer = await answer_of(self._session, post(self._session, data))
        self.quit = self._session.quit
        return answer

    async def _join_here(self, request: sc.Request, data: bytes) -> bytes:
        """Host: take a seat, then let the other process in."""
        links, waiting = self._server.links, post(self._session, data)
        if not waiting.done():
            try:
                await links.open(request.join_game.server_ports.game_port)
            except LinkError as error:
                self._server.machine.disconnect(self._session)
                self._session = self._server.machine.connect()
                return _not_joined(request, str(error))
        try:
            return await answer_of(self._session, waiting)
        finally:
            await links.close()

    async def _join_elsewhere(self, request: sc.Request, data: bytes) -> bytes:
        """Joining process: the game is another process's; find it and pass everything on."""
        try:
            remote = await RemoteGame.connect(request.join_game.server_ports.game_port)
            answer = await remote.ask(request, data)
        except LinkError as error:
            return _not_joined(request, str(error))
        if sc.Response.FromString(answer).join_game.HasField("error"):
            await remote.close()
        else:
            self._remote = remote
        return answer

    async def _ask_remote(self, remote: RemoteGame, data: bytes) -> bytes:
        request = parse(data)
        kind = request.WhichOneof("request") if request is not None else None
        if request is None or kind == "quit":
            if kind == "quit":
                await self._hang_up()
            answer = await answer_of(self._session, post(self._session, data))
            self.quit = self._session.quit
            return answer
        answer = await remote.ask(request, data)
        if kind == "leave_game" and sc.Response.FromString(answer).status == sc.launched:
            await self._hang_up()
        return answer

    async def _hang_up(self) -> None:
        if self._remote is not None:
            remote, self._remote = self._remote, None
            await remote.close()

    async def gone(self) -> None:
        """The websocket was closed."""
        await self._hang_up()
        if self._session.quit or not self._server.keep(self._session):
            self._server.machine.disconnect(self._session)


def _not_joined(request: sc.Request, details: str) -> bytes:
    refusal = sc.ResponseJoinGame(error=sc.ResponseJoinGame.NetworkError, error_details=details)
    response = sc.Response(join_game=refusal, status=sc.launched)
    if request.id:
        response.id = request.id
    data: bytes = response.SerializeToString()
    return data


async def serve(host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, map_folders: Sequence[Path] = ()) -> None:
    """Serve clients until one quits the game, or SIGINT or SIGTERM. OSError when the port cannot be had."""
    server = ApiServer(map_folders)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, server.stop.set)
    await server.run(host, port)


def parse_arguments(arguments: Sequence[str]) -> tuple[str, int, list[Path]]:
    """Host, port and map folders from the game's command line; everything else is ignored."""
    values: dict[str, str] = {}
    previous = ""
    for argument in arguments:
        if argument.startswith("-") and not argument.lstrip("-").isdigit():
            previous = argument.lstrip("-").lower()
        elif previous:
            values[previous], previous = argument, ""
    port = values.get("port", str(DEFAULT_PORT))
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise SystemExit(f"-port {port}: give a port between 1 and 65535")
    folders = [Path(values["datadir"]) / name for name in ("Maps", "maps")] if "datadir" in values else []
    return values.get("listen", DEFAULT_HOST), int(port), [f for f in folders if f.is_dir()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the process; 2 when the port cannot be had."""
    host, port, folders = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if not kernels.is_compiled():
        log.warning("the first game compiles the engine, which takes up to a minute; later ones start at once")
    try:
        asyncio.run(serve(host, port, folders))
    except OSError as error:
        print(f"cannot listen on {host}:{port}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
