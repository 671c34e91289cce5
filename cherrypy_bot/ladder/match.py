"""One match on the embedded engine, in this process: two bots, or a bot and a built-in opponent.

Bots are python-sc2 players; `sc2.main.play_from_websocket` drives them exactly as it does on the ladder, over
a transport that hands the bytes to the engine instead of to a socket. All clients share one event loop that
waits for nothing outside the process, so the order in which they act is the same in every run.

    report = play_match(MatchSetup((first, second), "CherryGroveLE", seed=1))
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger
from s2clientprotocol import sc2api_pb2 as sc_pb
from sc2.main import play_from_websocket
from sc2.player import Bot
from sc2.portconfig import Portconfig

from cherrypy_bot.ladder.collector import short_pauses
from cherrypy_bot.ladder.contender import Contender, set_game_step
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.report import MatchReport, PlayerReport, Progress, Timing
from cherrypy_bot.ladder.spectate import WorldTrace, side
from cherrypy_bot.ladder.transport import MeasuredTransport
from cherrypy_bot.sim.api import (
    ComputerSeat,
    GameServer,
    InProcessTransport,
    ParticipantSeat,
    create_game_request,
)
from cherrypy_bot.sim.api.rehearsal import compile_engine

if TYPE_CHECKING:
    from loguru import Message

    from cherrypy_bot.sim.game import Game

__all__ = ["Contender", "MatchSetup", "play_match"]

TIE_LOOP = 80_640
"""The ladder calls a game that lasts this long (one hour) a tie."""
PROGRESS_SECONDS = 0.12
"""A spectator is told this often, in wall time."""


@dataclass(frozen=True)
class MatchSetup:
    """What decides a match: the same setup gives the same game to the last bit.

    Attributes:
        contenders: both sides; the first must be a bot.
        map_name: name or file of a map of the engine.
        seed: of the game.
        game_step: loops between two decisions of a bot, unless the bot sets its own.
        realtime: play at the speed of the clock instead of as fast as the bots decide.
        loop_limit: the game is a tie at this loop.
    """

    contenders: tuple[Contender, Contender]
    map_name: str
    seed: int = 1
    game_step: int = 4
    realtime: bool = False
    loop_limit: int = TIE_LOOP


_playing: ContextVar[int] = ContextVar("playing")
"""Index of the contender whose coroutine runs; tells apart whose errors python-sc2 logs."""


def play_match(
    setup: MatchSetup,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    replay: Path | None = None,
    traces: Mapping[int, Path] | None = None,
    world: WorldTrace | None = None,
    on_look: Callable[[Game], None] | None = None,
) -> MatchReport:
    """Plays a match to its end and reports it.

    Args:
        setup: who plays what; its bots must be fresh, a python-sc2 bot plays one game.
        on_progress: called about eight times a second.
        replay: where the game's command stream goes; None writes none.
        traces: where side 0 and side 1 write their decisions (the bots do; the report names the files).
        world: writes all that happens into a trace of its own.
        on_look: sees the game between any two requests, with all that no bot sees; it must change nothing.

    Raises:
        MatchError: the engine refuses the game, as for an unknown map.
    """
    compile_engine()
    with short_pauses():
        return asyncio.run(_RunningMatch(setup, on_progress, world, on_look).play(replay, traces or {}))


class _RunningMatch:
    """A match while it is played."""

    def __init__(
        self,
        setup: MatchSetup,
        on_progress: Callable[[Progress], None] | None,
        world: WorldTrace | None,
        on_look: Callable[[Game], None] | None,
    ) -> None:
        self._setup = setup
        self._on_look = on_look
        self._on_progress = on_progress
        self._world = world
        self._server = GameServer()
        self._game: Game | None = None
        self._started = self._shown = time.perf_counter()
        self._shown_loop = 0

    async def play(self, replay: Path | None, traces: Mapping[int, Path]) -> MatchReport:
        """Creates the game, lets everybody play, reports."""
        contenders = self._setup.contenders
        bots = [index for index, contender in enumerate(contenders) if isinstance(contender.player, Bot)]
        transports = {index: self._connect() for index in bots}
        await self._create_game(transports[bots[0]])
        # The engine needs no ports; python-sc2 joins a game between two bots only with some.
        ports = Portconfig(server_ports=[1, 2], player_ports=[[3, 4]]) if len(bots) > 1 else None
        errors: dict[int, str] = {}
        self._started = self._shown = time.perf_counter()
        with _errors_logged_to(errors):
            await asyncio.gather(*(self._play_one(index, transports[index], ports, errors) for index in bots))
        wall_seconds = time.perf_counter() - self._started
        game = self._game
        if game is None:
            raise MatchError(f"no game came about: {'; '.join(errors.values()) or 'nobody joined'}")
        if self._world is not None:
            self._world.close(game)
        saved = await self._save_replay(transports[bots[0]], replay)
        players = [
            _report(contender, index, game, transports.get(index), errors.get(index))
            for index, contender in enumerate(contenders)
        ]
        return MatchReport(
            map_name=self._setup.map_name,
            seed=self._setup.seed,
            engine="sim",
            game_step=self._setup.game_step,
            realtime=self._setup.realtime,
            loops=game.loop,
            wall_seconds=wall_seconds,
            players=(players[0], players[1]),
            state_hash=game.state_hash(),
            replay=saved,
            traces={contenders[index].name: str(path) for index, path in traces.items()},
        )

    def _connect(self) -> MeasuredTransport:
        return MeasuredTransport(InProcessTransport(self._server.connect()), self._look)

    async def _create_game(self, host: MeasuredTransport) -> None:
        """Sets the match up on the first bot's connection."""
        setup = self._setup
        named = Path(setup.map_name)
        request = create_game_request(
            str(named.resolve()) if named.is_file() else setup.map_name,
            [_seat(contender) for contender in setup.contenders],
            seed=setup.seed,
            realtime=setup.realtime,
        )
        await host.send_bytes(sc_pb.Request(create_game=request).SerializeToString())
        response = sc_pb.Response.FromString(await host.receive_bytes())
        refusal = "; ".join(response.error) or response.create_game.error_details
        if refusal or response.create_game.HasField("error"):
            raise MatchError(f"the engine cannot set up a game on {setup.map_name}: {refusal}")

    async def _play_one(
        self, index: int, transport: MeasuredTransport, ports: Portconfig | None, errors: dict[int, str]
    ) -> None:
        """Lets one bot play; one that stops before the game is over leaves it, which loses it."""
        _playing.set(index)
        player = self._setup.contenders[index].player
        assert isinstance(player, Bot)
        set_game_step(player.ai, self._setup.game_step)
        try:
            await play_from_websocket(transport, player, self._setup.realtime, portconfig=ports, should_close=False)
        except Exception as error:  # whatever a bot raises is its own defeat, not the end of the program
            errors.setdefault(index, _error_line(error))
        finally:
            if self._game is None or not self._game.over:
                await transport.close()

    async def _save_replay(self, transport: MeasuredTransport, path: Path | None) -> str | None:
        """Asks the game for its replay and writes it; None where none is wanted."""
        if path is None:
            return None
        await transport.send_bytes(sc_pb.Request(save_replay=sc_pb.RequestSaveReplay()).SerializeToString())
        response = sc_pb.Response.FromString(await transport.receive_bytes())
        if response.error:
            raise MatchError(f"the engine gave no replay: {'; '.join(response.error)}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(response.save_replay.data)
        return str(path)

    def _look(self) -> None:
        """Between two requests: ends a game that has lasted too long, and tells the spectator."""
        match = self._server.match
        if match is None or match.game is None:
            return
        game = self._game = match.game
        if game.loop >= self._setup.loop_limit and not game.over:
            game.finish(None)
        if self._world is not None:
            self._world.look(game)
        if self._on_look is not None:
            self._on_look(game)
        now = time.perf_counter()
        if self._on_progress is None or now - self._shown < PROGRESS_SECONDS:
            return
        speed = (game.loop - self._shown_loop) / (now - self._shown)
        self._shown, self._shown_loop = now, game.loop
        sides = tuple(
            side(game, index, contender.name, game.world.races[index].lower())
            for index, contender in enumerate(self._setup.contenders)
        )
        self._on_progress(Progress(game.loop, now - self._started, speed, sides))


def _seat(contender: Contender) -> ParticipantSeat | ComputerSeat:
    player = contender.player
    if isinstance(player, Bot):
        return ParticipantSeat(contender.name)
    build = player.ai_build.name if player.ai_build is not None else "RandomBuild"
    return ComputerSeat(player.race.name, player.difficulty.name, build)


def _report(
    contender: Contender, index: int, game: Game, transport: MeasuredTransport | None, error: str | None
) -> PlayerReport:
    """What one side has to show for itself."""
    return PlayerReport(
        name=contender.name,
        race=game.world.races[index].lower(),
        result=game.world.results[index] or "Undecided",
        orders=sum(len(record.tags) for record in game.records if record.player == index),
        step=Timing.of(transport.step_milliseconds) if transport is not None else None,
        modules=contender.modules(),
        switched_off=contender.modules_off(),
        error=error,
    )


def _error_line(error: BaseException) -> str:
    """Type, text and place of an exception in one line."""
    place = ""
    if error.__traceback__ is not None:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f" ({Path(frame.filename).name}:{frame.lineno})"
    return f"{type(error).__name__}: {error}{place}"


@contextmanager
def _errors_logged_to(errors: dict[int, str]) -> Iterator[None]:
    """Keeps the first exception that python-sc2 logs for each contender; those in on_start it only logs."""

    def keep(message: Message) -> None:
        exception = message.record["exception"]
        index = _playing.get(None)
        # faults of single modules are logged by the framework, and the bot plays on
        ended = (message.record["name"] or "").startswith("sc2")
        if ended and exception is not None and exception.value is not None and index is not None:
            errors.setdefault(index, _error_line(exception.value))

    sink = logger.add(keep, level="ERROR", format="{message}")
    try:
        yield
    finally:
        logger.remove(sink)
