"""Watches a game for all that its replay will say: tracker events, and commands with the units they were given to."""

from __future__ import annotations

from collections.abc import Sequence

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.game import CommandRecord, Game
from cherrypy_bot.sim.recording.commands import Given, Target
from cherrypy_bot.sim.recording.tracker import TrackerRecorder


class GameRecorder(TrackerRecorder):
    """A tracker recorder that also keeps what the units of each command were before it was carried out."""

    def __init__(self, game: Game, humans: tuple[bool, bool] = (True, True)) -> None:
        super().__init__(game, humans)
        self.given: list[Given] = []

    def clone(self) -> GameRecorder:
        """An independent copy that goes on with a clone of the game."""
        twin = super().clone()
        assert isinstance(twin, GameRecorder)
        twin.given = list(self.given)
        return twin

    def settled(self, game: Game, events: Sequence[tuple[int, int, int]]) -> None:
        """Keep new commands first: a drone that places a structure is gone after its command."""
        for record in game.records[len(self.given) :]:
            self.given.append(self._look_at(game, record))
        super().settled(game, events)

    def _look_at(self, game: Game, record: CommandRecord) -> Given:
        w = game.world
        types = {tag: name for tag in record.tags if (name := self.type_before(w, tag)) is not None}
        name = self.type_before(w, record.target) if record.target else None
        if name is None:
            return Given(record, types, None)
        row, u = st.row_of_tag(record.target)[0], w.units
        return Given(record, types, Target(name, int(u.owner[row]), float(u.x[row]), float(u.y[row])))
