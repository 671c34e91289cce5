"""One match behind the API: who sits where, how far everyone has stepped, when the game may go on.

The game advances when every participant has asked for it, to the nearest of their goals; whoever has reached
their goal is answered. Actions take effect when they arrive, in the order of the seats: an action of player 2
waits until player 1 has stepped (or gone) in the same loop, so that the course of a game never depends on
which client happened to be quicker. Observations are those of the loop's start, before any of its actions.

A program that plays both sides may act for both before it steps for either, as pysc2 does, and would wait for ever.
So an action waits `PATIENCE_SECONDS` at most; from then on in this match, player 2 acts as soon as player 1 has acted.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from s2clientprotocol import common_pb2 as common
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api.session import Waiting
from cherrypy_bot.sim.api.version import END_OF_TIME_LOOP, LOOPS_PER_SECOND
from cherrypy_bot.sim.game import ComputerPlayer, Game
from cherrypy_bot.sim.maps import MapData

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.session import Reply, Session
    from cherrypy_bot.sim.api.view import View

RACE_NAMES: dict[int, str] = {common.Terran: "Terran", common.Zerg: "Zerg", common.Protoss: "Protoss"}
RACE_IDS: dict[str, Any] = {name: number for number, name in RACE_NAMES.items()}
RESULTS = {"Victory": sc.Victory, "Defeat": sc.Defeat, "Tie": sc.Tie}
PATIENCE_SECONDS = 3.0
"""How long actions of player 2 wait for the step of player 1."""
SHORT_PATIENCE_SECONDS = 0.05
"""The same, once that was in vain in this match."""
_MOST_REALTIME_LOOPS = 224
"""Real time never makes up more than ten seconds at once; a slower engine runs a slower game."""


class ParticipantSeat(NamedTuple):
    """A seat for a client: a bot or a human."""

    name: str = ""


class ComputerSeat(NamedTuple):
    """A seat for a built-in opponent; names as in the API's enums."""

    race: str = "Random"
    difficulty: str = "Easy"
    ai_build: str = "RandomBuild"


def create_game_request(
    map_name: str,
    players: Sequence[ParticipantSeat | ComputerSeat],
    *,
    seed: int | None = None,
    realtime: bool = False,
    disable_fog: bool = False,
) -> sc.RequestCreateGame:
    """The request that sets up a match on a map; unknown race or difficulty names raise ValueError."""
    request = sc.RequestCreateGame(local_map=sc.LocalMap(map_path=map_name), realtime=realtime, disable_fog=disable_fog)
    if seed is not None:
        request.random_seed = seed & 0xFFFFFFFF
    for player in players:
        if isinstance(player, ComputerSeat):
            request.player_setup.add(
                type=sc.Computer,
                race=common.Race.Value(player.race),
                difficulty=sc.Difficulty.Value(player.difficulty),
                ai_build=sc.AIBuild.Value(player.ai_build),
            )
        else:
            request.player_setup.add(type=sc.Participant, player_name=player.name)
    return request


def unsupported(options: sc.InterfaceOptions) -> str:
    """Why a client cannot be answered as its options ask; empty when it can."""
    if options.HasField("render"):
        return "no pictures are rendered here; leave out options.render"
    if options.HasField("feature_layer"):
        return "there are no feature layers here; leave out options.feature_layer and ask for options.raw"
    if options.raw_crop_to_playable_area:
        return "coordinates are those of the whole map here; do not crop"
    return ""


@dataclass
class Seat:
    """A player of the match; `player` is the engine's index, player_id in the API is one more."""

    player: int
    kind: Any  # enum numbers are Any: protobuf's stubs tell them from int
    race_requested: Any = common.Random
    race: str = ""
    difficulty: Any = sc.Easy
    ai_build: Any = sc.RandomBuild
    name: str = ""
    session: Session | None = None
    taken: bool = False
    left: bool = False
    options: sc.InterfaceOptions = field(default_factory=sc.InterfaceOptions)
    goal: int = 0  # loop asked for by the last step
    acted_loop: int = -1  # loop of the last action request
    controls_enemy: bool = False  # debug
    map_revealed: bool = False
    impartial: bool = False  # watches everybody's units, as allies' ones
    view: View | None = None
    chat: list[sc.ChatReceived] = field(default_factory=list)
    actions: list[sc.Action] = field(default_factory=list)
    camera: tuple[float, float] = (0.0, 0.0)
    selection: tuple[int, ...] = ()  # tags; only under the option raw_affects_selection

    @property
    def is_participant(self) -> bool:
        """Whether a client sits here."""
        return self.kind == sc.Participant

    @property
    def player_id(self) -> int:
        """Number in the API."""
        return self.player + 1


@dataclass
class MatchSetup:
    """What create_game said."""

    map_data: MapData
    map_path: str
    seed: int
    realtime: bool
    disable_fog: bool


class Match:
    """Two seats around a game and any number beside it; the game exists once every client has joined."""

    def __init__(self, setup: MatchSetup, seats: tuple[Seat, Seat], observers: tuple[Seat, ...] = ()) -> None:
        self.setup = setup
        self.seats = seats
        self.observers = observers
        self.running: Any = sc.in_game  # status of its clients until the end
        self.recorded = True  # whether save_replay may ask for it
        self.game: Game | None = None
        self.saved: Game | None = None
        self.acting_together = False  # somebody acts for both players before stepping for either
        self._clock_start = 0.0
        self._clock_loop = 0
        self._gone: list[int] = []  # players who left while the other client was deciding

    # -- seats -----------------------------------------------------------------------------------------
    @property
    def participants(self) -> list[Seat]:
        """Seats of clients, in order."""
        return [seat for seat in self.seats if seat.is_participant]

    @property
    def clients(self) -> list[Seat]:
        """Participants and observers: the game waits for the steps of all of them."""
        return [*self.participants, *self.observers]

    @property
    def solo(self) -> bool:
        """Whether one client plays a computer."""
        return len(self.participants) == 1

    def free_seat(self) -> Seat | None:
        """The first seat that waits for a client."""
        return next((seat for seat in self.clients if not seat.taken), None)

    @property
    def full(self) -> bool:
        """Whether every client has joined."""
        return self.free_seat() is None

    @property
    def deserted(self) -> bool:
        """Whether every client has gone again."""
        return all(seat.left for seat in self.participants)

    # -- the game --------------------------------------------------------------------------------------
    def start(self) -> None:
        """Make the game; every participant has joined."""
        from cherrypy_bot.sim.api.view import View

        chance = random.Random(self.setup.seed)
        for seat in self.seats:
            seat.race = RACE_NAMES.get(seat.race_requested) or chance.choice(("Terran", "Zerg", "Protoss"))
        game = Game.new(self.setup.map_data, (self.seats[0].race, self.seats[1].race), seed=self.setup.seed)
        game.computers = [self._computer(seat) for seat in self.seats if not seat.is_participant]
        self.game = game
        self.saved = None
        self.acting_together = False
        for seat in self.clients:
            seat.acted_loop = -1
            seat.goal, seat.left, seat.controls_enemy = 0, seat.left and not seat.is_participant, False
            seat.map_revealed = self.setup.disable_fog or seat.impartial
            seat.chat, seat.actions, seat.selection = [], [], ()
            seat.view = View(self, seat)
        self._gone.clear()
        self._clock_start, self._clock_loop = time.monotonic(), 0

    def _computer(self, seat: Seat) -> ComputerPlayer:
        from cherrypy_bot.sim.computer import Computer

        return Computer(seat.player, seat.race, seat.difficulty, seat.ai_build, self.setup.seed)

    @property
    def loop(self) -> int:
        """Game loop now, 0 before the game."""
        return self.game.loop if self.game is not None else 0

    @property
    def over(self) -> bool:
        """Whether the game is decided."""
        return self.game is not None and self.game.over

    def may_act(self, seat: Seat) -> bool:
        """Whether it is this seat's turn to change the state in this loop (see the module's text)."""
        if self.setup.realtime or self.over:
            return True
        return all(
            other.left or other.goal > self.loop or (self.acting_together and other.acted_loop == self.loop)
            for other in self.participants
            if other.player < seat.player
        )

    def at_their_turn(self, seat: Seat, act: Callable[[], Reply]) -> Reply | Waiting:
        """Do something that changes the state when it is this seat's turn, or when waiting for that is in vain."""
        if self.may_act(seat):
            return act()

        def in_vain() -> Reply:
            self.acting_together = True
            return act()

        patience = SHORT_PATIENCE_SECONDS if self.acting_together else PATIENCE_SECONDS
        return Waiting(lambda: self.may_act(seat), act, time.monotonic() + patience, in_vain)

    def try_advance(self) -> bool:
        """Step the game to the nearest goal when every client has stepped; tells whether it moved."""
        if self.game is None or self.over or self.setup.realtime or not self.full:
            return False
        goals = [seat.goal for seat in self.clients if not seat.left]
        if not goals or min(goals) <= self.loop:
            return False
        if self._gone:
            self.game.leave(self._gone.pop(0))
        else:
            self._run(min(goals))
        return True

    def tick(self, now: float | None = None) -> None:
        """Real time: bring the game to where the clock is."""
        if self.game is None or self.over or not self.setup.realtime:
            return
        now = time.monotonic() if now is None else now
        due = self._clock_loop + int((now - self._clock_start) * LOOPS_PER_SECOND)
        if due - self.loop > _MOST_REALTIME_LOOPS:
            due = self.loop + _MOST_REALTIME_LOOPS
            self._clock_loop, self._clock_start = due, now
        if due > self.loop:
            self._run(due)

    def seconds_to(self, loop: int) -> float:
        """Real time: seconds until the clock reaches a loop; never negative."""
        due = self._clock_start + (loop - self._clock_loop) / LOOPS_PER_SECOND
        return max(0.0, due - time.monotonic())

    def _run(self, loop: int) -> None:
        assert self.game is not None
        self.game.step(min(loop, END_OF_TIME_LOOP) - self.loop)
        if self.loop >= END_OF_TIME_LOOP:
            self.game.finish(None)

    def leave(self, seat: Seat) -> None:
        """A client goes: the game is lost for them when it was still on.

        As in the game, the other client learns of it when it steps, never in the middle of its decisions.
        """
        seat.left = True
        seat.session = None
        if self.game is None or self.over or not seat.is_participant:
            return
        self._gone.append(seat.player)
        if self.deserted or self.setup.realtime:
            self.game.leave(self._gone.pop(0))

    def player_results(self) -> list[sc.PlayerResult]:
        """Results by player id; empty while the game is on."""
        if self.game is None or not self.over:
            return []
        return [
            sc.PlayerResult(player_id=seat.player_id, result=RESULTS[self.game.world.results[seat.player]])
            for seat in self.seats
        ]

    # -- quick save ------------------------------------------------------------------------------------
    def save(self) -> None:
        """Remember the state of the game in memory."""
        assert self.game is not None
        self.saved = self.game.clone()

    def restore(self) -> bool:
        """Go back to the remembered state; False when there is none."""
        if self.saved is None:
            return False
        self.game = self.saved.clone()
        for seat in self.clients:
            seat.goal = self.loop
            if seat.view is not None:
                seat.view.forget()
        self._clock_start, self._clock_loop = time.monotonic(), self.loop
        return True
