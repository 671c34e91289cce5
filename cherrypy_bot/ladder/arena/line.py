"""The line between one bot and the game: what the ladder lets through, what it changes, and how long the bot takes.

Before the game a bot may ping, join and quit. In the game debug requests are answered empty and go nowhere, fog stays
on, and the opponent's race reads Random until one of its units was seen. Every bot plays under the name it is
registered with.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import WSMsgType, web
from google.protobuf.message import DecodeError
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.ladder.arena.game import ArenaGame
from cherrypy_bot.ladder.arena.rules import FREE_LOOPS, ArenaRules, Ending, Verdict

T = TypeVar("T")
BEFORE_JOINING = frozenset({"ping", "join_game", "quit"})
NOT_FOR_BOTS = frozenset({"create_game", "restart_game", "start_replay", "quick_save", "quick_load", "save_map"})
LEAVING = frozenset({"leave_game", "quit"})
MAX_MESSAGE = 64 << 20
TAG = "Tag:"
"""Chat that begins with this goes into the match's result, as on the ladder."""
MAX_TAGS, LONGEST_TAG = 32, 255
MAX_WAITING = 64
"""So many unanswered messages are read ahead; a bot that sends more waits."""
_LATE_SECONDS = 0.05
"""A message that came in while the engine was working is read before its sender is called silent."""


class GoneError(Exception):
    """The bot hung up, left or was cut off; nobody reads an answer."""


class BotLine:
    """One bot's connection to the game.

    Args:
        player: 0 or 1.
        name: under which it plays.
        race: that it is registered with; None lets it join with any.
        judge: is told the verdict that this bot brings about; only the match's first one counts.

    Attributes:
        joined: set when the bot is in the game. may_join: joins are answered once this is set.
        step_seconds: the bot's own time of every step, in order.
        kinds: kinds of requests before the join, in order.
        tags: what the bot put on the match by chat messages like "Tag:all_in", in order and once each.
    """

    def __init__(
        self,
        player: int,
        name: str,
        race: int | None,
        game: ArenaGame,
        rules: ArenaRules,
        judge: Callable[[Verdict], None],
    ) -> None:
        self.player, self.name = player, name
        self.joined, self.may_join = asyncio.Event(), asyncio.Event()
        self.step_seconds: list[float] = []
        self.kinds: list[str] = []
        self.tags: list[str] = []
        self._race, self._game, self._rules, self._judge = race, game, rules, judge
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_WAITING)
        self._hung_up = asyncio.Event()
        self._connected = False
        self._left = False
        self._enemy_seen = False
        self._thinking_seconds = 0.0
        self._stepped_at: float | None = None

    # -- the connection ------------------------------------------------------------------------
    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """The websocket handler of this bot's port."""
        socket = web.WebSocketResponse(timeout=1.0, max_msg_size=MAX_MESSAGE, compress=False, decode_text=False)
        await socket.prepare(request)
        if self._connected:
            await socket.close(message=b"another client plays here")
            return socket
        self._connected = True
        answering = asyncio.ensure_future(self._answer_all(socket))
        try:
            async for message in socket:
                if message.type in (WSMsgType.BINARY, WSMsgType.TEXT):  # see sim.api.server
                    await self._inbox.put(message.data)
        finally:
            self.cut()
            await answering
        return socket

    def cut(self) -> None:
        """Nothing more is answered but what has come already."""
        self._hung_up.set()
        with contextlib.suppress(asyncio.QueueFull):
            self._inbox.put_nowait(None)  # wakes up who waits for a message

    async def _answer_all(self, socket: web.WebSocketResponse) -> None:
        try:
            while True:
                answered = time.perf_counter()
                data = await self._next()
                self._thinking_seconds += time.perf_counter() - answered
                answer = await self._answer(data)
                if socket.closed:
                    raise GoneError
                await self._send(socket, answer)
        except Exception as error:
            if not isinstance(error, GoneError | ConnectionResetError):
                self._judge(Verdict(Ending.ERROR, f"serving {self.name} failed: {type(error).__name__}: {error}"))
            elif self.joined.is_set() and not self._game.over and not self._left:
                self._end("Crash", "hung up")
            self._game.drop(self.player)
        finally:
            await socket.close()

    async def _next(self) -> bytes:
        """The bot's next message; GoneError when there will be none."""
        if self._hung_up.is_set() and self._inbox.empty():
            raise GoneError
        limit = self._rules.timeout_seconds if self.joined.is_set() and not self._game.over else None
        try:
            data = await asyncio.wait_for(self._inbox.get(), limit)
        except TimeoutError:
            await asyncio.sleep(_LATE_SECONDS)
            if self._inbox.empty():
                self._end("TimeOut", f"sent nothing for {limit:g} s")
                raise GoneError from None
            data = self._inbox.get_nowait()
        if data is None:
            raise GoneError
        return data

    async def _send(self, socket: web.WebSocketResponse, answer: bytes) -> None:
        limit = self._rules.timeout_seconds
        try:
            async with asyncio.timeout(limit):
                await socket.send_bytes(answer)
        except TimeoutError:
            self._end("TimeOut", f"read no answer for {limit:g} s")
            raise GoneError from None

    def _end(self, what: str, how: str) -> None:
        self._judge(Verdict(Ending.of(what, self.player), f"{self.name} {how} in loop {self._game.loop}"))

    # -- requests ------------------------------------------------------------------------------
    async def _answer(self, data: bytes) -> bytes:
        try:
            request = sc.Request.FromString(data)
        except DecodeError:
            return await self._pass_on(data)  # the game has its own words for that
        kind: str | None = request.WhichOneof("request")
        if not self.joined.is_set():
            return await self._before_the_game(request, kind, data)
        if kind != "step":
            self._check_stall()
        if kind in NOT_FOR_BOTS:
            return _refusal(request, f"{kind} is not for bots")
        if kind == "debug":
            return _reply(request, sc.Response(debug=sc.ResponseDebug(), status=self._status))
        if kind in LEAVING:
            return await self._leave(request, kind, data)
        if self._left:
            return _refusal(request, "Not in a game")
        if kind == "step":
            return await self._step(request)
        if kind == "observation":
            return await self._observe(request)
        if kind == "action":
            self._note_tags(request.action)
        answer = await self._pass_on(data)
        return self._hide_race(answer) if kind == "game_info" and not self._enemy_seen else answer

    async def _before_the_game(self, request: sc.Request, kind: str | None, data: bytes) -> bytes:
        self.kinds.append(kind or "nothing")
        if kind not in BEFORE_JOINING:
            return _refusal(request, f"{kind} is not allowed before the game; join it first", sc.init_game)
        if kind == "quit":
            self._judge(Verdict(Ending.INITIALIZATION_ERROR, f"{self.name} quit before the game"))
            raise GoneError
        if kind == "ping":
            return await self._pass_on(data)
        asked = request.join_game
        if self._race is not None and asked.race != self._race:
            names = common.Race.Name(asked.race), common.Race.Name(self._race)
            self._end("RaceMismatch", f"joined as {names[0]} and is registered as {names[1]}")
            raise GoneError
        asked.player_name = self.name
        await self._unless_hung_up(self.may_join.wait())
        answer = await self._pass_on(request.SerializeToString())
        if not sc.Response.FromString(answer).join_game.HasField("error"):
            self.joined.set()
            self._thinking_seconds, self._stepped_at = 0.0, time.perf_counter()
        return answer

    async def _leave(self, request: sc.Request, kind: str, data: bytes) -> bytes:
        if not self._game.over and not self._left:
            verdict = Ending.of("Win", 1 - self.player)
            self._judge(Verdict(verdict, f"{self.name} left the game in loop {self._game.loop}"))
        if kind == "quit":
            self._left = True
            self._game.drop(self.player)
            return _reply(request, sc.Response(quit=sc.ResponseQuit(), status=sc.quit))
        if self._left:
            return _refusal(request, "Not in a game")
        self._left = True
        return await self._pass_on(data)

    async def _step(self, request: sc.Request) -> bytes:
        self._measure()
        # beyond the last loop there is nothing: the tie is called there exactly
        request.step.count = max(1, min(request.step.count, self._rules.loop_limit - self._game.loop))
        answer = await self._pass_on(request.SerializeToString())
        self._stepped_at = time.perf_counter()
        self._check_length()
        return answer

    def _note_tags(self, request: sc.RequestAction) -> None:
        for action in request.actions:
            try:
                message = str(action.action_chat.message)
            except UnicodeDecodeError:  # the game has its own words for text that is none
                continue
            tag = message.removeprefix(TAG).strip()[:LONGEST_TAG]
            if message.startswith(TAG) and tag and tag not in self.tags and len(self.tags) < MAX_TAGS:
                self.tags.append(tag)

    async def _observe(self, request: sc.Request) -> bytes:
        request.observation.ClearField("disable_fog")
        if self._game.realtime:
            self._measure()
            self._check_length()
        answer = await self._pass_on(request.SerializeToString())
        if not self._enemy_seen:
            units = sc.Response.FromString(answer).observation.observation.raw_data.units
            self._enemy_seen = any(unit.alliance == raw.Enemy for unit in units)
        return answer

    def _hide_race(self, answer: bytes) -> bytes:
        response = sc.Response.FromString(answer)
        for info in response.game_info.player_info:
            if info.player_id != self.player + 1:
                info.race_requested = common.Random
                info.ClearField("race_actual")
        hidden: bytes = response.SerializeToString()
        return hidden

    async def _pass_on(self, data: bytes) -> bytes:
        """The game's answer; GoneError when the bot hangs up meanwhile."""
        pending = self._game.post(self.player, data)
        if pending.done():
            return pending.result()
        return await self._unless_hung_up(self._game.answer(self.player, pending))

    async def _unless_hung_up(self, waiting: Coroutine[Any, Any, T]) -> T:
        """What is waited for; GoneError when the bot hangs up first."""
        answer = asyncio.ensure_future(waiting)
        hung_up = asyncio.ensure_future(self._hung_up.wait())
        try:
            await asyncio.wait((answer, hung_up), return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise GoneError
        finally:
            answer.cancel()
            hung_up.cancel()

    @property
    def _status(self) -> Any:  # enum numbers are Any: protobuf's stubs tell them from int
        return sc.ended if self._game.over else sc.in_game

    # -- time ----------------------------------------------------------------------------------
    def _measure(self) -> None:
        """Close a step's account; what came before the first step was set-up. In real time observations are steps."""
        if self._game.loop > 0:
            self.step_seconds.append(self._thinking_seconds)
        self._thinking_seconds = 0.0
        limit = self._rules.step_ms
        if limit is None or self._game.loop < FREE_LOOPS or self._game.over:
            return
        mean = 1000.0 * sum(self.step_seconds) / len(self.step_seconds)
        if mean > limit:
            self._end("TimeOut", f"took {mean:.1f} ms a step, {limit:g} are allowed,")
            raise GoneError

    def _check_length(self) -> None:
        if self._game.loop >= self._rules.loop_limit:
            self._game.end_as_tie()

    def _check_stall(self) -> None:
        """A bot that only ever looks holds up the game, unless the clock drives it."""
        limit = self._rules.stall_seconds
        if self._stepped_at is None or self._game.over or self._game.realtime:
            return
        if time.perf_counter() - self._stepped_at < limit:
            return
        self._end("TimeOut", f"talked for {limit:g} s without a step")
        raise GoneError


def _reply(request: sc.Request, response: sc.Response) -> bytes:
    if request.id:
        response.id = request.id
    data: bytes = response.SerializeToString()
    return data


def _refusal(request: sc.Request, text: str, status: Any = sc.in_game) -> bytes:
    return _reply(request, sc.Response(error=[text], status=status))
