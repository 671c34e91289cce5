"""One client of the game: bytes of a `Request` in, bytes of a `Response` out, one at a time and in order.

`handle` answers at once. Requests that wait for the other player (join, step, player 2's actions) go through
`submit`, which calls back; `transport` and `server` build on it.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.message import DecodeError
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import wire
from cherrypy_bot.sim.api.errors import (
    GAME_ENDED,
    NOT_AFTER_END,
    NOT_IN_GAME,
    RequestError,
    WaitingForOthersError,
)
from cherrypy_bot.sim.errors import SimError

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.host import GameServer
    from cherrypy_bot.sim.api.match import Match, Seat

log = logging.getLogger(__name__)

Done = Callable[[bytes], None]
_ID_FIELD, _STATUS_FIELD = 97, 99


class WireReply(NamedTuple):
    """An answer that is already bytes: the payload of one field of `Response`."""

    field: int
    payload: bytes


Reply = sc.Response | WireReply


@dataclass
class Waiting:
    """An answer that is not due yet. `expired` answers when `deadline` (monotonic seconds) has passed."""

    ready: Callable[[], bool]
    finish: Callable[[], Reply | Waiting]
    deadline: float = float("inf")
    expired: Callable[[], Reply] | None = None
    loop: int = 0  # real time: the loop waited for


class Route(NamedTuple):
    """How one kind of request is served."""

    handler: Callable[[Session, Any], Reply | Waiting]
    statuses: frozenset[int]  # in which it is allowed
    late: str = NOT_AFTER_END  # the error once the game has ended


class Session:
    """A client's connection to the machine."""

    def __init__(self, server: GameServer) -> None:
        self.server = server
        self.seat: Seat | None = None
        self.created: Match | None = None  # the match this client set up and has not joined yet
        self.quit = False
        self.closed = False
        self._inbox: deque[tuple[bytes, Done]] = deque()
        self._waiting: tuple[Waiting, int, Done] | None = None

    # -- state -----------------------------------------------------------------------------------------
    @property
    def match(self) -> Match | None:
        """The match this client sits in."""
        return self.server.match if self.seat is not None else None

    @property
    def status(self) -> int:
        """The protocol's status for this client."""
        if self.quit:
            return sc.quit
        match = self.match
        if match is None or self.seat is None:
            return sc.init_game if self.created is not None and self.created is self.server.match else sc.launched
        if match.game is None:
            return sc.init_game
        return sc.ended if match.over else match.running

    def playing(self) -> tuple[Match, Seat]:
        """The running (or ended) match and this client's seat; RequestError without one."""
        match = self.match
        if match is None or self.seat is None or match.game is None:
            raise RequestError(NOT_IN_GAME)
        return match, self.seat

    # -- serving ---------------------------------------------------------------------------------------
    def handle(self, data: bytes) -> bytes:
        """Answer a request that waits for nobody; WaitingForOthersError when it does."""
        answers: list[bytes] = []
        self.submit(data, answers.append)
        if not answers:
            raise WaitingForOthersError(
                "this request is answered once the other player has acted too; use submit() or a transport"
            )
        return answers[0]

    def handle_request(self, request: sc.Request) -> sc.Response:
        """`handle` for message objects."""
        response: sc.Response = sc.Response.FromString(self.handle(request.SerializeToString()))
        return response

    def submit(self, data: bytes, done: Done) -> None:
        """Queue a request; `done` is called with the answer when it is due, in the order of arrival."""
        self._inbox.append((data, done))
        self._serve_inbox()
        self.server.settle()

    def resume(self) -> bool:
        """Answer the waiting request when its time has come; tells whether it did."""
        if self._waiting is None:
            return False
        waiting, request_id, done = self._waiting
        if waiting.ready():
            finish = waiting.finish
        elif waiting.expired is not None and time.monotonic() >= waiting.deadline:
            finish = waiting.expired
        else:
            return False
        self._waiting = None
        self._answer(finish, request_id, done)
        self._serve_inbox()
        return True

    @property
    def waiting(self) -> Waiting | None:
        """What the client waits for, if anything."""
        return self._waiting[0] if self._waiting is not None else None

    def drop(self) -> None:
        """The client is gone."""
        self.closed = True
        self._inbox.clear()
        self._waiting = None
        if self.seat is not None and self.match is not None:
            self.match.leave(self.seat)
        elif self.created is not None and self.server.match is self.created:
            self.server.match = None
        self.seat = self.created = None

    def _serve_inbox(self) -> None:
        while self._inbox and self._waiting is None:
            data, done = self._inbox.popleft()
            try:
                request = sc.Request.FromString(data)
            except DecodeError:
                done(self._failed(f"Could not parse the request: {len(data)} bytes are no Request message", 0))
                continue
            self._answer(lambda r=request: self._route(r), request.id, done)  # type: ignore[misc]

    def _route(self, request: sc.Request) -> Reply | Waiting:
        from cherrypy_bot.sim.api.routes import ROUTES

        kind: str | None = request.WhichOneof("request")
        route = ROUTES.get(kind) if kind is not None else None
        if kind is None or route is None:
            raise RequestError("The request holds no command that this game knows")
        match = self.match
        if match is not None and match.setup.realtime:
            match.tick()
        status = self.status
        if status not in route.statuses:
            if status == sc.ended:
                raise RequestError(route.late)
            if sc.in_game in route.statuses and status != sc.in_replay:
                raise RequestError(NOT_IN_GAME)
            raise RequestError(f"{kind} is not allowed in status {sc.Status.Name(status)}")
        return route.handler(self, getattr(request, kind))

    def _answer(self, produce: Callable[[], Reply | Waiting], request_id: int, done: Done) -> None:
        try:
            reply = produce()
        except SimError as error:
            done(self._failed(str(error), request_id))
            return
        except UnicodeDecodeError:  # protobuf lets broken text through and fails when it is read
            done(self._failed("The request holds text that is not UTF-8", request_id))
            return
        except Exception as error:  # a client must never take the game down
            log.exception("a request failed inside the engine")
            done(self._failed(f"internal error: {type(error).__name__}: {error}", request_id))
            return
        if isinstance(reply, Waiting):
            self._waiting = (reply, request_id, done)
            return
        if isinstance(reply, WireReply):
            data = wire.message(reply.field, reply.payload)
        else:
            data = reply.SerializeToString()
        done(data + self._tail(request_id))

    def _tail(self, request_id: int) -> bytes:
        echo = wire.uint(_ID_FIELD, request_id) if request_id else b""
        return echo + wire.uint(_STATUS_FIELD, self.status)

    def _failed(self, text: str, request_id: int) -> bytes:
        response = sc.Response(error=[text])
        data: bytes = response.SerializeToString()
        return data + self._tail(request_id)


__all__ = ["GAME_ENDED", "Reply", "Route", "Session", "Waiting", "WireReply"]
