"""One match on the engine: set up, given orders, stepped, cloned, hashed.

    game = Game(load_map("CherryGroveLE"), ("Terran", "Zerg"), seed=1)
    game.command(0, Command(ability=560, rows=(row,)))     # player 0: train a marine
    game.step(16)

The kernels carry the world from loop to loop and stop at the end of a loop that produced events; `abilities`
handles those in Python, then the kernels go on. Nothing here knows the API's messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from cherrypy_bot.sim import abilities, kernels, switches
from cherrypy_bot.sim.maps import MapData
from cherrypy_bot.sim.rules import Ruleset, load_ruleset
from cherrypy_bot.sim.setup import first_field, new_world
from cherrypy_bot.sim.state import NONE, PLAYERS
from cherrypy_bot.sim.world import World

HARVEST_GATHER = 3666
RALLY_WORKERS = 3690
WATCH_PERIOD = 80
"""Loops after which a watcher looks at the latest: statistics are due at 160, positions at 240."""


class Command(NamedTuple):
    """An order as a player gives it: any ability id (general ids too), units by row, at most one target.

    A negative ability id switches the autocast of that ability.
    """

    ability: int
    rows: tuple[int, ...]
    target: int = NONE  # row of the target unit
    x: float = 0.0
    y: float = 0.0
    has_point: bool = False
    queue: bool = False


class CommandRecord(NamedTuple):
    """A command as it was given, for the replay: rows become tags so that the file explains itself."""

    loop: int
    player: int
    ability: int
    tags: tuple[int, ...]
    target: int
    x: float
    y: float
    has_point: bool
    queue: bool


class ComputerPlayer(Protocol):
    """A built-in opponent: looks at the game and gives commands for its player."""

    player: int

    def act(self, game: Game) -> None:
        """Called every `abilities.COMPUTER_PERIOD` loops."""
        ...

    def clone(self) -> ComputerPlayer:
        """An independent copy with the same memory."""
        ...


class ChatRecord(NamedTuple):
    """What a player said."""

    loop: int
    player: int
    message: str
    team: bool  # to the own team alone


class CameraRecord(NamedTuple):
    """Where a player's camera was sent, in cells."""

    loop: int
    player: int
    x: float
    y: float


class Watcher(Protocol):
    """Somebody who looks on and changes nothing, as `sim.recording` does for replays."""

    def settled(self, game: Game, events: Sequence[tuple[int, int, int]]) -> None:
        """After every change that Python makes, with the kernels' events that led to it, and every `WATCH_PERIOD`."""
        ...

    def died(self, game: Game, row: int, killer: int, lost: bool) -> None:
        """A unit is about to be taken off the map; arguments as of `abilities.deaths.bury`."""
        ...

    def clone(self) -> Watcher:
        """An independent copy that goes on with a clone of the game."""
        ...


class ActionError(NamedTuple):
    """A command that a unit could not carry out."""

    tag: int
    ability: int
    result: int  # sc2 ActionResult


@dataclass
class Game:
    """A running match between two players."""

    world: World
    seed: int
    computers: list[ComputerPlayer] = field(default_factory=list)
    records: list[CommandRecord] = field(default_factory=list)
    errors: tuple[list[ActionError], list[ActionError]] = field(default_factory=lambda: ([], []))
    recording: bool = True
    altered: bool = False  # debug requests changed the state: the records alone do not make this game again
    on_loop: Callable[[Game], None] | None = None  # tests look at every loop here
    watcher: Watcher | None = None
    chat: list[ChatRecord] = field(default_factory=list)
    cameras: list[CameraRecord] = field(default_factory=list)

    @classmethod
    def new(
        cls,
        map_data: MapData,
        races: tuple[str, str],
        seed: int,
        ruleset: Ruleset | None = None,
    ) -> Game:
        """A game at loop 0 with the start units of both races; the seed decides who starts where."""
        game = cls(new_world(map_data, races, seed, ruleset or load_ruleset()), seed)
        abilities.setup(game)
        kernels.refresh(game.world)
        game._first_orders()
        return game

    def _first_orders(self) -> None:
        """At loop 0 all workers go for the field straight ahead, and the town hall sends new ones there."""
        for player in range(PLAYERS):
            field_row = first_field(self.world, player)
            if field_row == NONE:
                continue
            types = self.world.rules.units
            rows = self.world.rows_of(player)
            workers = tuple(r for r in rows if types[int(self.world.units.type_id[r])].is_worker)
            halls = tuple(r for r in rows if types[int(self.world.units.type_id[r])].is_townhall)
            abilities.command(self, player, Command(HARVEST_GATHER, workers, target=field_row))
            abilities.command(self, player, Command(RALLY_WORKERS, halls, target=field_row))

    @property
    def loop(self) -> int:
        """Game loop now."""
        return self.world.loop

    @property
    def over(self) -> bool:
        """Whether both players have a result."""
        return all(self.world.results)

    def command(self, player: int, command: Command) -> list[int]:
        """Give an order; one sc2 ActionResult per unit (1 = success). Failures are also kept in `errors`."""
        if self.recording:
            w = self.world
            self.records.append(
                CommandRecord(
                    w.loop,
                    player,
                    command.ability,
                    tuple(w.tag(r) for r in command.rows),
                    w.tag(command.target) if command.target != NONE else 0,
                    command.x,
                    command.y,
                    command.has_point,
                    command.queue,
                )
            )
        results = abilities.command(self, player, command)
        for row, result in zip(command.rows, results, strict=True):
            if result != 1:
                self.errors[player].append(ActionError(self.world.tag(row), command.ability, result))
        if self.watcher is not None:
            self.watcher.settled(self, ())
        return results

    def step(self, loops: int) -> None:
        """Advance by `loops` game loops, or to the loop in which the game is decided."""
        goal = self.loop + loops
        while self.loop < goal and not self.over:
            if self.loop % abilities.COMPUTER_PERIOD == 0:
                for computer in self.computers:
                    if not self.world.results[computer.player]:
                        computer.act(self)
            stop = min(goal, abilities.next_wakeup(self))
            if self.computers:
                stop = min(stop, (self.loop // abilities.COMPUTER_PERIOD + 1) * abilities.COMPUTER_PERIOD)
            if self.on_loop is not None:
                stop = self.loop + 1
            if self.watcher is not None:
                stop = min(stop, (self.loop // WATCH_PERIOD + 1) * WATCH_PERIOD)
            if any(self.world.switches):
                switches.hold(self.world)
            events = kernels.advance(self.world, max(stop - self.loop, 1))
            for kind, row, arg in events:
                abilities.on_event(self, kind, row, arg)
            abilities.on_wakeup(self)
            if self.watcher is not None:
                self.watcher.settled(self, events)
            if self.on_loop is not None:
                self.on_loop(self)

    def clone(self) -> Game:
        """An independent copy that continues exactly as this one would."""
        return Game(
            world=self.world.clone(),
            seed=self.seed,
            computers=[c.clone() for c in self.computers],
            records=list(self.records),
            errors=(list(self.errors[0]), list(self.errors[1])),
            recording=self.recording,
            altered=self.altered,
            watcher=self.watcher.clone() if self.watcher is not None else None,
            chat=list(self.chat),
            cameras=list(self.cameras),
        )

    def state_hash(self) -> str:
        """Digest of the state; equal for equal games on one platform."""
        return self.world.state_hash()

    def leave(self, player: int) -> None:
        """A player gives up: defeat for them, victory for the other."""
        if not self.world.results[player]:
            self.finish(1 - player)

    def finish(self, winner: int | None) -> None:
        """Decide the game: index of the winner, or None for a tie."""
        if self.over:
            return
        if winner is None:
            self.world.results = ("Tie", "Tie")
        else:
            self.world.results = ("Victory", "Defeat") if winner == 0 else ("Defeat", "Victory")
