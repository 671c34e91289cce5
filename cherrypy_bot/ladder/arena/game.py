"""The game between two bots: the embedded engine, asked by bytes as the real one is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.spectate import WorldTrace
from cherrypy_bot.sim import recording
from cherrypy_bot.sim.api import GameServer, ParticipantSeat, create_game_request
from cherrypy_bot.sim.api.transport import answer_of, post
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import MapError, load_map


class ArenaGame:
    """One game on the engine with a session for each of two bots.

    With `trace` all that happens is written there, see `spectate.WorldTrace`.
    Raises MatchError where the engine does not know the map.
    """

    def __init__(
        self, map_name: str, seed: int, names: tuple[str, str], *, realtime: bool = False, trace: Path | None = None
    ) -> None:
        named = Path(map_name)
        self._names = names
        self._server = GameServer()
        self._sessions = [self._server.connect(), self._server.connect()]
        request = create_game_request(
            str(named.resolve()) if named.is_file() else map_name,
            [ParticipantSeat(name) for name in names],
            seed=seed,
            realtime=realtime,
        )
        _compile(map_name)
        response = self._sessions[0].handle_request(sc.Request(create_game=request))
        if response.error or response.create_game.HasField("error"):
            why = "; ".join(response.error) or response.create_game.error_details
            raise MatchError(f"the engine cannot set up a game on {map_name}: {why}")
        match = self._server.match
        assert match is not None
        self._match = match
        header = {"map": map_name, "match_seed": seed}
        self._world = WorldTrace(trace, header, names) if trace is not None else None

    @property
    def loop(self) -> int:
        """Game loop now; 0 before both have joined."""
        return self._match.loop

    @property
    def realtime(self) -> bool:
        """Whether the clock drives the game instead of the bots' steps."""
        return self._match.setup.realtime

    @property
    def over(self) -> bool:
        """Whether the game is decided."""
        return self._match.over

    @property
    def winner(self) -> int | None:
        """0 or 1 once somebody has won; None before and in a tie."""
        if self._match.game is None:
            return None
        results = self._match.game.world.results
        return results.index("Victory") if "Victory" in results else None

    @property
    def _game(self) -> Game:
        game = self._match.game
        assert game is not None
        return game

    def post(self, player: int, data: bytes) -> asyncio.Future[bytes]:
        """Hand over a bot's request; the future holds the answer, possibly already."""
        if self._world is not None and self._match.game is not None:
            self._world.look(self._match.game)
        return post(self._sessions[player], data)

    async def answer(self, player: int, pending: asyncio.Future[bytes]) -> bytes:
        """Wait for an answer, as long as the other bot takes. ConnectionResetError when this one was dropped."""
        return await answer_of(self._sessions[player], pending)

    def end_as_tie(self) -> None:
        """Nobody wins."""
        if self._match.game is not None and not self.over:
            self._game.finish(None)
            self._server.settle()

    def drop(self, player: int) -> None:
        """A bot is gone; the game is lost for it and the other learns of it in its next step."""
        self._server.disconnect(self._sessions[player])

    def end_trace(self) -> None:
        """Write the end of the trace, where there is one."""
        if self._world is not None:
            self._world.close(self._match.game)

    def save_replay(self, path: Path) -> bool:
        """Write the replay of the game; False where there was none."""
        if self._match.game is None:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(recording.save(self._game, self._names))
        return True


def _compile(map_name: str) -> None:
    """One loop of some game, so that no bot waits half a minute for the engine to be compiled."""
    try:
        Game.new(load_map(map_name), ("Terran", "Zerg"), seed=0).step(1)
    except MapError as error:
        raise MatchError(str(error)) from error
