"""Entry point for the ladder: joins the game that a match controller has prepared, and plays it.

    python -m cherrypy_bot.ladder.entry --bot cherry_terran --LadderServer 127.0.0.1 --GamePort 5000 --StartPort 5001

The controller's arguments are parsed leniently (unknown ones are ignored), with argparse: what runs here has neither
typer nor numba. Nothing but the join is sent before the game has begun. What is learned about the opponent is kept in
the folder ./data, which the ladder carries from match to match. With --computer and --map the game is created first,
on any server of the game's API.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
from sc2.bot_ai import BotAI
from sc2.controller import Controller
from sc2.data import Result
from sc2.main import play_from_websocket
from sc2.maps import Map
from sc2.player import AbstractPlayer, Bot, Computer
from sc2.portconfig import Portconfig

from cherrypy_bot.config import ComputerSpec, Config, ConfigError, build_bot, load_config, parse_opponent
from cherrypy_bot.core.bot import LADDER_STEP_BUDGET_MS
from cherrypy_bot.core.history import MatchRecord, OpponentHistory
from cherrypy_bot.core.loop import Limits
from cherrypy_bot.ladder.collector import short_pauses
from cherrypy_bot.ladder.errors import MatchError

USER_ERROR = 2
CONNECT_SECONDS = 60.0
"""How long a game that is still starting is waited for."""
DATA = Path("data")
"""The folder that the ladder keeps for a bot between its matches."""
TRACE_VARIABLE = "CHERRYPY_BOT_TRACE"
"""Environment variable that says where the decision trace goes, for whoever starts bots whose arguments it must not
touch (the arena); `--trace` goes before it."""


@dataclass(frozen=True)
class LadderArguments:
    """What the controller says, and who plays."""

    bot: str | None
    config: Path | None
    host: str
    game_port: int
    start_port: int | None
    opponent_id: str | None
    realtime: bool
    computer: str | None
    map_name: str | None
    seed: int
    trace: Path | None
    data: Path


def parse_arguments(argv: Sequence[str]) -> LadderArguments:
    """Reads the controller's arguments; unknown ones are ignored."""
    parser = argparse.ArgumentParser(prog="cherrypy_bot.ladder.entry", description=__doc__, allow_abbrev=False)
    parser.add_argument("--LadderServer", default="127.0.0.1", help="address of the game")
    parser.add_argument("--GamePort", type=int, required=True, help="port of the game's API")
    parser.add_argument("--StartPort", type=int, default=None, help="first of the ports that the players share")
    parser.add_argument("--OpponentId", default=None, help="who the opponent is, for what is learned about them")
    parser.add_argument("--RealTime", action="store_true", help="play at the speed of the clock")
    parser.add_argument("--bot", default=None, help="a bot of the configuration (its default)")
    parser.add_argument("--config", type=Path, default=None, help="configuration (./bots.yaml)")
    parser.add_argument("--computer", default=None, help="create a game against computer:RACE:LEVEL[:BUILD] first")
    parser.add_argument("--map", default=None, help="map of the game to create")
    parser.add_argument(
        "--seed", type=int, default=None, help="of the game to create and of the bot (another each time)"
    )
    parser.add_argument("--trace", type=Path, default=None, help="where the decision trace goes")
    parser.add_argument("--data", type=Path, default=DATA, help="folder that is kept between matches (./data)")
    known, _ = parser.parse_known_args(argv)
    trace = known.trace or (Path(os.environ[TRACE_VARIABLE]) if os.environ.get(TRACE_VARIABLE) else None)
    return LadderArguments(
        bot=known.bot,
        config=known.config,
        host=known.LadderServer,
        game_port=known.GamePort,
        start_port=known.StartPort,
        opponent_id=known.OpponentId,
        realtime=known.RealTime,
        computer=known.computer,
        map_name=known.map,
        seed=known.seed if known.seed is not None else secrets.randbits(31),
        trace=trace,
        data=known.data,
    )


def ladder_ports(start_port: int) -> Portconfig:
    """The ports that ladder bots derive from the first: two for the server, two for the other player.

    Of the five ports after the first, StartPort + 1 was the shared port, which the game no longer asks for.
    """
    return Portconfig(server_ports=[start_port + 2, start_port + 3], player_ports=[[start_port + 4, start_port + 5]])


def build_ladder_bot(arguments: LadderArguments, config: Config) -> Bot:
    """The bot that plays, as a python-sc2 player; its modules keep to the ladder's time per step. ConfigError."""
    name = arguments.bot or config.defaults.bot
    if name is None:
        raise ConfigError("no bot was named and the configuration's defaults have none; use --bot NAME")
    spec = config.bot(name)
    header = {"opponent_id": arguments.opponent_id} if arguments.opponent_id is not None else {}
    limits = spec.limits or Limits()
    if limits.step_budget_ms is None:
        limits = replace(limits, step_budget_ms=LADDER_STEP_BUDGET_MS)
    spec = replace(spec, limits=limits)
    ai = build_bot(spec, arguments.seed, trace=arguments.trace, header=header)
    if arguments.opponent_id is not None:
        ai.opponent_id = arguments.opponent_id
        keep_history(ai, arguments.opponent_id, OpponentHistory(arguments.data))
    return Bot(spec.race, ai, name=name)


def keep_history(ai: BotAI, opponent_id: str, history: OpponentHistory) -> None:
    """Makes a bot remember its match: lost from its first moment on, the result at its end. Sets `ai.history`."""
    on_start, on_end = ai.on_start, ai.on_end

    async def on_start_with_history() -> None:
        ai.history = history.begin(
            opponent_id, map_name=ai.game_info.map_name, race=ai.race.name, enemy_race=ai.enemy_race.name
        )
        await on_start()

    async def on_end_with_history(result: Result) -> None:
        record: MatchRecord | None = getattr(ai, "history", None)
        if record is not None:
            loops = ai.state.game_loop if hasattr(ai, "state") else 0
            record.finish(result.name, loops, ai.enemy_race.name)
        await on_end(result)

    ai.on_start, ai.on_end = on_start_with_history, on_end_with_history


async def play(arguments: LadderArguments, config: Config) -> Result | None:
    """Joins (and, where asked to, creates) the game and plays it. None where the connection broke."""
    bot = build_ladder_bot(arguments, config)
    async with aiohttp.ClientSession() as session:
        ws = await _connect(session, f"ws://{arguments.host}:{arguments.game_port}/sc2api")
        if arguments.computer is not None:
            await _create_game(Controller(ws, None), bot, arguments, config)
        ports = ladder_ports(arguments.start_port) if arguments.start_port is not None else None
        with short_pauses():
            result: Result | None = await play_from_websocket(ws, bot, arguments.realtime, portconfig=ports)
        return result


async def _connect(session: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
    """Connects to a game that may still be starting."""
    deadline = asyncio.get_running_loop().time() + CONNECT_SECONDS
    while True:
        try:
            return await session.ws_connect(url, max_msg_size=0)
        except aiohttp.ClientConnectorError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise MatchError(f"no game answers at {url} ({error}); start it, or give its --GamePort") from error
            await asyncio.sleep(0.25)


async def _create_game(controller: Controller, bot: Bot, arguments: LadderArguments, config: Config) -> None:
    opponent = parse_opponent(arguments.computer or "", config)
    if not isinstance(opponent, ComputerSpec):
        raise MatchError(f"--computer takes computer:RACE:LEVEL[:BUILD], not {arguments.computer}")
    map_name = arguments.map_name or config.defaults.map
    if map_name is None:
        raise MatchError("no map was named and the configuration's defaults have none; use --map NAME")
    players: list[AbstractPlayer] = [bot, Computer(opponent.race, opponent.difficulty, opponent.ai_build)]
    response = await controller.create_game(
        Map(Path(f"{map_name}.SC2Map")), players, arguments.realtime, random_seed=arguments.seed
    )
    if response.create_game.HasField("error"):
        raise MatchError(f"the game cannot be created on {map_name}: {response.create_game.error_details}")


def main(argv: Sequence[str] | None = None) -> int:
    """Plays one game; prints the result. Exit code 0 for any result, 1 without one, 2 for a mistake."""
    arguments = parse_arguments(sys.argv[1:] if argv is None else argv)
    try:
        result = asyncio.run(play(arguments, load_config(arguments.config)))
    except (ConfigError, MatchError) as error:
        sys.stderr.write(f"cherrypy_bot: {' '.join(str(error).split())}\n")
        return USER_ERROR
    print(f"result: {result.name if result is not None else 'none'}")
    return 0 if result is not None else 1


if __name__ == "__main__":
    sys.exit(main())
