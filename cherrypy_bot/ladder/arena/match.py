"""One arena match: starts the game and both bots, watches them, and says how it ended.

    result = asyncio.run(ArenaMatch(plan).play())

The bots are processes that get the ladder's arguments and nothing else. None of what they do, crashing at import and
never connecting included, keeps the match from ending.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import hashlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import portpicker
from aiohttp import web

from cherrypy_bot.ladder.arena.game import ArenaGame
from cherrypy_bot.ladder.arena.line import BotLine
from cherrypy_bot.ladder.arena.rules import ArenaResult, ArenaRules, BotTimes, Ending, Verdict
from cherrypy_bot.ladder.errors import MatchError

HOST = "127.0.0.1"
_LAST_WORDS_SECONDS = 5.0
"""After a process has ended, what it sent before is still being served for so long."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class BotCommand:
    """How a bot is started.

    Attributes:
        name: under which it plays; the two of a match differ.
        arguments: program and its own arguments; the ladder's are added.
        folder: where it runs; ./data in there is what it remembers.
        environment: of the process.
        race: the API's number of the race it is registered with; None for any.
        log: where its output goes, None for nowhere.
    """

    name: str
    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    race: int | None = None
    log: Path | None = None


@dataclass(frozen=True)
class MatchPlan:
    """What decides a match; the first bot is player 1."""

    bots: tuple[BotCommand, BotCommand]
    map_name: str
    seed: int = 1
    realtime: bool = False
    rules: ArenaRules = field(default_factory=ArenaRules)
    replay: Path | None = None
    trace: Path | None = None


def opponent_id(name: str) -> str:
    """What the other bot is told this one is called: the same in every match, and not its name."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


class ArenaMatch:
    """A match while it is played. Raises MatchError where the engine does not know the map."""

    def __init__(self, plan: MatchPlan) -> None:
        self.plan = plan
        names = (plan.bots[0].name, plan.bots[1].name)
        self._game = ArenaGame(plan.map_name, plan.seed, names, realtime=plan.realtime, trace=plan.trace)
        self._verdict: Verdict | None = None
        self._judged = asyncio.Event()
        self.lines = tuple(
            BotLine(player, bot.name, bot.race, self._game, plan.rules, self._judge)
            for player, bot in enumerate(plan.bots)
        )
        self._processes: list[asyncio.subprocess.Process] = []

    @property
    def loop(self) -> int:
        """Game loop now, for whoever shows progress."""
        return self._game.loop

    async def play(self) -> ArenaResult:
        """From the start of both bots to the verdict."""
        started = time.perf_counter()
        async with contextlib.AsyncExitStack() as stack:
            ports = [await self._open(stack, line) for line in self.lines]
            start_port = portpicker.pick_unused_port()
            for player, port in enumerate(ports):
                self._processes.append(await self._start(stack, player, port, start_port))
            watching = [asyncio.ensure_future(self._watch(player)) for player in (0, 1)]
            watching.append(asyncio.ensure_future(self._begin()))
            watching.append(asyncio.ensure_future(self._until_over()))
            try:
                await self._judged.wait()
                await self._let_finish()
            finally:
                for task in watching:
                    task.cancel()
        self._game.end_trace()
        replay = self.plan.replay
        saved = replay is not None and self._game.save_replay(replay)
        assert self._verdict is not None
        return ArenaResult(
            bots=(self.plan.bots[0].name, self.plan.bots[1].name),
            map_name=self.plan.map_name,
            seed=self.plan.seed,
            verdict=self._verdict,
            game_steps=self._game.loop,
            wall_seconds=time.perf_counter() - started,
            times=(self._times(0), self._times(1)),
            replay=str(replay) if saved else None,
            tags=(tuple(self.lines[0].tags), tuple(self.lines[1].tags)),
        )

    # -- the verdict ---------------------------------------------------------------------------
    def _judge(self, verdict: Verdict) -> None:
        """The first verdict is the match's."""
        if self._verdict is None:
            self._verdict = verdict
            self._judged.set()

    async def _begin(self) -> None:
        """Both must live for a moment, then both must join."""
        rules = self.plan.rules
        await asyncio.sleep(rules.alive_seconds)
        for player, process in enumerate(self._processes):
            if process.returncode is not None:
                return self._not_begun(player, f"ended by itself (exit code {process.returncode}) before the game")
        for line in self.lines:
            line.may_join.set()
        joining = asyncio.gather(*(line.joined.wait() for line in self.lines))
        try:
            await asyncio.wait_for(joining, rules.connect_seconds)
        except TimeoutError:
            late = [line.player for line in self.lines if "join_game" not in line.kinds] or [0]
            also = f" and {self.plan.bots[late[1]].name}" if len(late) > 1 else ""
            self._not_begun(late[0], f"{also.strip()} did not join within {rules.connect_seconds:g} s".strip())
        return None

    def _not_begun(self, player: int, why: str) -> None:
        self._judge(Verdict(Ending.INITIALIZATION_ERROR, f"{self.plan.bots[player].name} {why}"))

    async def _watch(self, player: int) -> None:
        """A process that ends before the game does."""
        line, process = self.lines[player], self._processes[player]
        code = await process.wait()
        if not line.joined.is_set():
            self._not_begun(player, f"ended by itself (exit code {code}) before the game")
            return
        await asyncio.sleep(_LAST_WORDS_SECONDS)  # usually the line notices first
        self._judge(Verdict(Ending.of("Crash", player), f"the process of {line.name} ended (exit code {code})"))

    async def _until_over(self) -> None:
        """The game decides."""
        while not self._game.over:
            await asyncio.sleep(0.02)
        winner = self._game.winner
        if winner is None:
            self._judge(Verdict(Ending.TIE, f"a tie in loop {self._game.loop}"))
        else:
            name = self.plan.bots[winner].name
            self._judge(Verdict(Ending.of("Win", winner), f"{name} won in loop {self._game.loop}"))

    async def _let_finish(self) -> None:
        """Cut off who lost by the clock, and let the others come to their end."""
        assert self._verdict is not None
        ending = self._verdict.ending
        for player, line in enumerate(self.lines):
            if ending in (Ending.of("TimeOut", player), Ending.of("RaceMismatch", player)):
                line.cut()
                _kill(self._processes[player])
        if ending is Ending.INITIALIZATION_ERROR:
            return
        ends = [process.wait() for process in self._processes]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*ends), self.plan.rules.grace_seconds)

    def _times(self, player: int) -> BotTimes:
        seconds, code = self.lines[player].step_seconds, self._processes[player].returncode
        killed = code == -signal.SIGKILL
        if not seconds:
            return BotTimes(None, None, 0, None if killed else code)
        return BotTimes(sum(seconds) / len(seconds), max(seconds), len(seconds), None if killed else code)

    # -- processes and ports -------------------------------------------------------------------
    async def _open(self, stack: contextlib.AsyncExitStack, line: BotLine) -> int:
        """Open a bot's port; the system picks it."""
        app = web.Application()
        app.router.add_get("/sc2api", line.serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        stack.callback(line.cut)
        site = web.TCPSite(runner, HOST, 0)
        await site.start()
        port: int = runner.addresses[0][1]
        return port

    async def _start(
        self, stack: contextlib.AsyncExitStack, player: int, port: int, start_port: int
    ) -> asyncio.subprocess.Process:
        bot, other = self.plan.bots[player], self.plan.bots[1 - player]
        output = stack.enter_context(_log(bot.log))
        ladder = ["--GamePort", str(port), "--StartPort", str(start_port), "--LadderServer", HOST]
        ladder += ["--OpponentId", opponent_id(other.name)]
        ladder += ["--RealTime"] if self.plan.realtime else []
        try:
            process = await asyncio.create_subprocess_exec(
                *bot.arguments,
                *ladder,
                cwd=bot.folder,
                env=dict(bot.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        except OSError as error:
            raise MatchError(f"{bot.name} cannot be started: {error}") from error
        stack.push_async_callback(_end, process)
        return process


def _log(path: Path | None) -> BinaryIO:
    target = path if path is not None else Path(os.devnull)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.open("wb")


def _die_with_parent() -> None:
    """In the new process: when the arena is killed, its bots go with it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill(process: asyncio.subprocess.Process) -> None:
    """End a bot and whatever it started."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def _end(process: asyncio.subprocess.Process) -> None:
    _kill(process)
    await process.wait()
