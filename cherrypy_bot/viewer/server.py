"""Serves the page and the traces of one folder.

A page reads on in the files that a match writes (`/api/trace?file=..&from=BYTES`), so a match knows nothing of its
spectators: there is nothing to queue for a slow one, and closing a page changes nothing. The server only reads.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from cherrypy_bot.viewer.arena import read_arenas
from cherrypy_bot.viewer.errors import ViewError
from cherrypy_bot.viewer.export import MODULES, STYLE, static_text
from cherrypy_bot.viewer.folder import GROWING_SECONDS, TraceFolder, build_matrix
from cherrypy_bot.viewer.league import read_leagues
from cherrypy_bot.viewer.reports import Reports
from cherrypy_bot.viewer.training import read_runs

CHUNK_BYTES: Final = 4 << 20
"""A page gets at most this much of a trace at once."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
REPORT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of reports on replays, which have no scripts and carry their style."""
TENSORBOARD: Final = "http://127.0.0.1:6006/"
"""Where TensorBoard listens when it is started without options."""
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE: Final = ("0.0.0.0", "::", "")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


class _Guard:
    """Adds the security headers to every answer and refuses requests that were meant for another host.

    A page of elsewhere can make a browser ask this server under a name of its own (DNS rebinding); the Host header
    then gives it away.
    """

    def __init__(self, app: App, host: str) -> None:
        self._app = app
        self._host = host

    async def __call__(
        self, scope: Scope, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                said = {name.lower() for name, _ in own}
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = own + [(name, value) for name, value in added if name not in said]
            await send(message)

        named = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        if not host_is_ours(named, self._host):
            answer = PlainTextResponse("this server answers under its own address only", status_code=421)
            await answer(scope, receive, guarded)  # type: ignore[arg-type]
            return
        await self._app(scope, receive, guarded)


def host_is_ours(named: str, bound: str) -> bool:
    """Whether a Host header names this server, which listens at `bound`."""
    name = named.rpartition("]")[0].removeprefix("[") if named.startswith("[") else named.partition(":")[0]
    if name in (*LOOPBACK, bound):
        return True
    if bound not in _EVERYWHERE:
        return False
    if name == socket.gethostname():
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def make_app(folder: TraceFolder, host: str = "127.0.0.1") -> App:
    """The application: the page, the list of matches, the traces, the reports."""
    reports = Reports(folder)

    def page(request: Request) -> Response:
        if request.url.path == "/" and folder.only is not None:
            return RedirectResponse(f"/match?name={quote(folder.only, safe='')}")
        return Response(static_text("index.html"), media_type="text/html")

    def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name == STYLE:
            return Response(static_text(name), media_type="text/css")
        if name in MODULES:
            return Response(static_text(name), media_type="text/javascript")
        return PlainTextResponse("there is no such file", status_code=404)

    def matches(request: Request) -> Response:
        found = [folder.describe(match) for match in folder.matches()]
        rows = [row | {"replay": reports.replay_of(row["name"])} for row in found if folder.only in (None, row["name"])]
        return JSONResponse({"matches": rows, "matrix": build_matrix(rows)})

    def match(request: Request) -> Response:
        try:
            found = folder.match(request.query_params.get("name", ""))
        except ViewError as error:
            return PlainTextResponse(str(error), status_code=404)
        return JSONResponse({"name": found.name, "files": found.files})

    def trace(request: Request) -> Response:
        try:
            path = folder.path(request.query_params.get("file", ""))
            begin = int(request.query_params.get("from", "0"))
        except ViewError as error:
            return PlainTextResponse(str(error), status_code=404)
        except ValueError:
            return PlainTextResponse("from is no number", status_code=400)
        if begin < 0:
            return PlainTextResponse("from is less than 0", status_code=400)
        with path.open("rb") as file:
            file.seek(begin)
            data = file.read(CHUNK_BYTES)
        growing = time.time() - path.stat().st_mtime < GROWING_SECONDS
        return Response(data, media_type="application/octet-stream", headers={"X-Growing": str(int(growing))})

    def report(request: Request) -> Response:
        try:
            page = reports.page(request.query_params.get("match", ""))
        except ViewError as error:
            return PlainTextResponse(str(error), status_code=404)
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})

    def arena(request: Request) -> Response:
        arenas = read_arenas(folder.root) if folder.only is None else []
        for one in arenas:
            for row in one["matches"]:
                row["name"] = name = (PurePosixPath(one["name"]) / "traces" / f"{row['id']:04d}").as_posix()
                row["trace"] = folder.has(name)
                row["replay"] = reports.replay_of(name)
        return JSONResponse({"arenas": arenas, "leagues": read_leagues(folder.root) if folder.only is None else []})

    def training(request: Request) -> Response:
        runs = read_runs(folder.root) if folder.only is None else []
        return JSONResponse({"runs": runs, "tensorboard": TENSORBOARD})

    routes = [
        Route("/", page),
        Route("/match", page, name="match"),
        Route("/static/{name}", static),
        Route("/api/matches", matches),
        Route("/api/match", match),
        Route("/api/trace", trace),
        Route("/api/arena", arena),
        Route("/api/training", training),
        Route("/report", report),
    ]
    return _Guard(Starlette(routes=routes), host)  # type: ignore[arg-type]


def listen(host: str, port: int) -> socket.socket:
    """A socket at the address; port 0 takes a free one. ViewError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        # From now on requests wait for the server instead of being refused.
        found.listen(128)
    except (OSError, OverflowError) as error:
        found.close()
        raise ViewError(f"cannot listen at {host}:{port} ({error}); give another --port or --host") from error
    return found


def url_of(bound: socket.socket, host: str, match: str | None = None) -> str:
    """Address of the page; where the server listens everywhere, the one on this machine."""
    port = bound.getsockname()[1]
    shown = "127.0.0.1" if host in _EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"match?name={quote(match, safe='')}" if match is not None else "")


def serve(folder: TraceFolder, bound: socket.socket, host: str) -> None:
    """Serve until interrupted."""
    config = uvicorn.Config(
        make_app(folder, host),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        # A few browsers' worth: more is no page of ours.
        limit_concurrency=64,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[bound])
