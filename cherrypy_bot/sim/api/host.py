"""One machine: it holds at most one match and serves its clients.

In-process, bot against computer:

    server = GameServer()
    client = sc2.client.Client(InProcessTransport(server.connect()))

and bot against bot: two `connect()`s on one server; the session that sends create_game gets the first seat.
"""

from __future__ import annotations

from pathlib import Path

from cherrypy_bot.sim.api.map_source import SavedMaps
from cherrypy_bot.sim.api.match import Match
from cherrypy_bot.sim.api.session import Session


class GameServer:
    """A match and the sessions around it. `map_folders` are searched for maps that are not shipped."""

    def __init__(self, map_folders: tuple[Path, ...] = ()) -> None:
        self.map_folders = map_folders
        self.saved_maps = SavedMaps()
        self.match: Match | None = None
        self.sessions: list[Session] = []
        self._settling = False

    def connect(self) -> Session:
        """A new client."""
        session = Session(self)
        self.sessions.append(session)
        return session

    def disconnect(self, session: Session) -> None:
        """A client is gone without a word: its match is lost for it, and it is never answered again."""
        if session in self.sessions:
            self.sessions.remove(session)
        session.drop()
        if self.match is not None and self.match.deserted:
            self.match = None
        self.settle()

    def settle(self) -> None:
        """Advance the game as far as the clients have stepped and answer everyone whose wait is over."""
        if self._settling:
            return
        self._settling = True
        try:
            moving = True
            while moving:
                moving = False
                if self.match is not None:
                    moving = self.match.try_advance()
                for session in self._in_seat_order():
                    moving = session.resume() or moving
        finally:
            self._settling = False

    def _in_seat_order(self) -> list[Session]:
        return sorted(self.sessions, key=lambda s: s.seat.player if s.seat is not None else 99)
