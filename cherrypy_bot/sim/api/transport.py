"""Clients in the same process: an object that python-sc2 takes for its websocket.

server = GameServer()
transport = InProcessTransport(server.connect())
client = sc2.client.Client(transport)
result = await sc2.main.play_from_websocket(transport, bot, realtime=False, portconfig=None)
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from aiohttp import WSMessage, WSMsgType

from cherrypy_bot.sim.api.session import Session

_LOOK_SECONDS = 1.0
"""How often a waiting client looks whether its deadline has passed."""


def post(session: Session, data: bytes) -> asyncio.Future[bytes]:
    """Submit one request; the future holds its answer, possibly already."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[bytes] = loop.create_future()

    def deliver(answer: bytes) -> None:
        if not future.done():
            future.set_result(answer)

    def done(answer: bytes) -> None:
        try:
            here = asyncio.get_running_loop() is loop
        except RuntimeError:
            here = False
        if here:
            deliver(answer)
        else:
            loop.call_soon_threadsafe(deliver, answer)

    session.submit(data, done)
    return future


async def answer_of(session: Session, future: asyncio.Future[bytes]) -> bytes:
    """Wait for the answer; in real time the clock runs meanwhile. ConnectionResetError when the game goes."""
    while not future.done():
        await asyncio.wait([future], timeout=_pause(session))
        if not future.done():
            if session.match is not None:
                session.match.tick()
            session.server.settle()
            if session.closed:
                raise ConnectionResetError("the game was closed while a request waited for its answer")
    return future.result()


def _pause(session: Session) -> float:
    """Seconds until a waiting request is worth another look."""
    waiting, match = session.waiting, session.match
    if waiting is None:
        return _LOOK_SECONDS
    if match is not None and match.setup.realtime and waiting.loop:
        return match.seconds_to(waiting.loop)
    return max(0.0, min(_LOOK_SECONDS, waiting.deadline - time.monotonic()))


class InProcessTransport:
    """One client's end: `send_bytes` and `receive_bytes` as python-sc2's Protocol calls them.

    `thinking_seconds` is the time the client has spent between an answer and its next request, that is, the
    bot's own time without the engine's and without waiting for the other player.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.thinking_seconds = 0.0
        self._answers: deque[asyncio.Future[bytes]] = deque()
        self._answered_at: float | None = None

    @property
    def closed(self) -> bool:
        """Whether `close` was called or the game was quit."""
        return self.session.closed

    async def send_bytes(self, data: bytes, compress: int | None = None) -> None:
        """Hand over a request; TypeError when closed, as python-sc2 expects of a dead socket."""
        if self.closed:
            raise TypeError("the connection to the game is closed")
        if self._answered_at is not None:
            self.thinking_seconds += time.perf_counter() - self._answered_at
            self._answered_at = None
        self._answers.append(post(self.session, data))

    async def receive_bytes(self, *, timeout: float | None = None) -> bytes:
        """The answer to the oldest unanswered request; waits for the other player where the game does.

        A cancelled call may be repeated: the answer is kept until it was handed out.
        """
        if not self._answers:
            raise TypeError("no request waits for an answer, or the connection to the game is closed")
        try:
            answer = await asyncio.wait_for(answer_of(self.session, self._answers[0]), timeout)
        except ConnectionResetError as error:
            raise TypeError(str(error)) from error
        self._answers.popleft()
        if self.session.quit:
            await self.close()
        # a bot whose requests never wait must still let other tasks of its loop run
        await asyncio.sleep(0)
        self._answered_at = time.perf_counter()
        return answer

    async def receive(self, timeout: float | None = None) -> WSMessage:
        """`receive_bytes` as a websocket message, for proxies."""
        return WSMessage(WSMsgType.BINARY, await self.receive_bytes(timeout=timeout), None)

    async def close(self, *, code: int = 1000, message: bytes = b"") -> bool:
        """Go away; a match that is still on is lost."""
        if not self.closed:
            self.session.server.disconnect(self.session)
        return True
