"""The engine's own record of a game: every command in its order, enough to play the game again to the last bit.

One JSON object per line: first the match (map, races, seed, ruleset, how it ended), then the commands. A replay of
the engine (`.SC2Replay`, see `sim.recording`) carries the record as the member `RECORD_MEMBER` of its archive.

    record = read_record(Path("game.SC2Replay").read_bytes())
    game = play(record)
    assert game.state_hash() == record.state_hash
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cherrypy_bot.formats.errors import FormatError
from cherrypy_bot.formats.mpq import MpqArchive, is_archive
from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.game import Command, CommandRecord, Game
from cherrypy_bot.sim.maps import MapData, load_map
from cherrypy_bot.sim.rules import load_ruleset

FORMAT = "cherrypy-bot command record"
VERSION = 2
RECORD_MEMBER = "cherrypy.record"
"""Name of the record in the archive of a replay."""
MAX_RECORD_BYTES = 64 << 20
MOST_LOOPS = 1 << 19
"""Loops until the game's clock is over."""
RACES = ("Terran", "Zerg", "Protoss")


class ReplayError(SimError):
    """A record that cannot be read or played again."""


@dataclass(frozen=True)
class Head:
    """What a record says before its commands."""

    map: str
    races: tuple[str, str]
    names: tuple[str, str]
    seed: int
    ruleset: str
    loops: int
    results: tuple[str, str]
    state_hash: str
    altered: bool  # debug requests changed the game: the commands alone do not make it again


@dataclass(frozen=True)
class Record:
    """A whole record."""

    head: Head
    commands: tuple[CommandRecord, ...]

    @property
    def state_hash(self) -> str:
        """Digest of the state in which the game was when the record was written."""
        return self.head.state_hash


def write(game: Game, names: Sequence[str]) -> bytes:
    """The record of a game so far, UTF-8."""
    head = Head(
        map=game.world.map.name,
        races=game.world.races,
        names=(names[0], names[1]),
        seed=game.seed,
        ruleset=game.world.rules.name,
        loops=game.loop,
        results=game.world.results,
        state_hash=game.state_hash(),
        altered=game.altered,
    )
    lines = [json.dumps({"format": FORMAT, "version": VERSION, **asdict(head)})]
    lines += [json.dumps(list(entry)) for entry in game.records]
    return ("\n".join(lines) + "\n").encode()


def read_record(data: bytes) -> Record:
    """The record in the bytes of a replay of this engine (`.SC2Replay`), or in those of a record by itself.

    Raises:
        ReplayError: with the line when it is none, is damaged, or of another version; replays of the game hold none.
    """
    if is_archive(data):
        try:
            found = MpqArchive(data).read(RECORD_MEMBER, MAX_RECORD_BYTES)
        except FormatError as error:
            raise ReplayError(f"{error}; the file is damaged, save the replay again") from error
        if found is None:
            raise ReplayError(
                "it holds no command record: it was not played on this engine, which plays only its own games again"
            )
        data = found
    return _parse_record(data)


def _parse_record(data: bytes) -> Record:
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError as error:
        raise ReplayError(f"this is no command record: {error}") from error
    if not lines:
        raise ReplayError("this is no command record: it is empty")
    head = _parse(lines[0], 1)
    if not isinstance(head, dict) or head.pop("format", None) != FORMAT:
        raise ReplayError("this is no command record: line 1 does not say so")
    version = head.pop("version", None)
    if version != VERSION:
        raise ReplayError(f"the record has version {version}; this program reads version {VERSION}")
    try:
        pairs = {name: tuple(head[name]) for name in ("races", "names", "results")}
        start = Head(**{**head, **pairs})
    except (KeyError, TypeError) as error:
        raise ReplayError(f"line 1 of the record lacks something or has too much: {error}") from error
    _check_head(start)
    commands = []
    for number, line in enumerate(lines[1:], start=2):
        entry = _parse(line, number)
        try:
            loop, player, ability, tags, target, x, y, has_point, queue = entry
            commands.append(CommandRecord(loop, player, ability, tuple(tags), target, x, y, has_point, queue))
        except (TypeError, ValueError) as error:
            raise ReplayError(f"line {number} of the record is no command: {error}") from error
        _check_command(commands, start, number)
    return Record(start, tuple(commands))


def play(
    record: Record,
    map_data: MapData | None = None,
    *,
    every: int = 0,
    look: Callable[[Game], None] | None = None,
) -> Game:
    """Play a record again and return the game at its end.

    `map_data` is needed for maps that are not shipped. `look` is called every `every` loops and at the end.
    Raises ReplayError when the game was changed by debug requests, MapError for an unknown map.
    """
    playback = Playback(record, map_data)
    game, period = playback.game, every or max(record.head.loops, 1)
    playback.advance(0)
    while not playback.over:
        playback.advance((game.loop // period + 1) * period)
        if look is not None and every and not playback.over and game.loop % every == 0:
            look(game)
    if look is not None:
        look(game)
    return game


def _check_head(head: Head) -> None:
    pairs = (head.races, head.names, head.results)
    texts = (head.map, head.ruleset, head.state_hash, *(text for pair in pairs for text in pair))
    if not all(isinstance(text, str) for text in texts) or any(len(pair) != 2 for pair in pairs):
        raise ReplayError("line 1 of the record does not name a map and two players")
    if not set(head.races) <= set(RACES) or not all(isinstance(n, int) for n in (head.seed, head.loops)):
        raise ReplayError(f"line 1 of the record has races other than {', '.join(RACES)} or no seed and length")
    if not 0 <= head.loops <= MOST_LOOPS:
        raise ReplayError(f"line 1 of the record says {head.loops} loops; a game has at most {MOST_LOOPS}")


def _check_command(commands: list[CommandRecord], head: Head, number: int) -> None:
    """Whether the last command is one that a game could have recorded there."""
    entry = commands[-1]
    before = commands[-2].loop if len(commands) > 1 else 0
    whole = (entry.loop, entry.player, entry.ability, entry.target, *entry.tags)
    if not all(isinstance(n, int) and abs(n) < 1 << 63 for n in whole) or abs(entry.ability) >= 1 << 31:
        raise ReplayError(f"line {number} of the record is no command: ids and loops are whole numbers")
    if not before <= entry.loop <= head.loops or entry.player not in (0, 1):
        raise ReplayError(f"line {number} of the record is no command of this game: loop {entry.loop}")
    if not all(isinstance(n, (int, float)) and abs(n) < 1e6 for n in (entry.x, entry.y)):
        raise ReplayError(f"line {number} of the record is no command: its place is on no map")


class Playback:
    """A record on its way: a game that is given the recorded commands as it goes on.

    Raises ReplayError when the game was changed by debug requests, MapError for an unknown map, and whatever else the
    game's set-up refuses.
    """

    def __init__(self, record: Record, map_data: MapData | None = None) -> None:
        head = record.head
        if head.altered:
            raise ReplayError("debug requests changed this game; its commands alone do not make it again")
        self.record = record
        self.game = Game.new(map_data or load_map(head.map), head.races, head.seed, load_ruleset(head.ruleset))
        self.given = 0
        """Commands given so far; those of the loop that comes next are not among them."""

    @property
    def over(self) -> bool:
        """Whether the end of the record is reached."""
        return self.game.over or (self.game.loop >= self.record.head.loops and self.given == len(self.record.commands))

    def advance(self, loop: int) -> None:
        """Go on to a loop, or to the end; at the end the game has the recorded result."""
        game, head, commands = self.game, self.record.head, self.record.commands
        while self.given < len(commands) and commands[self.given].loop < min(loop, head.loops) and not game.over:
            entry = commands[self.given]
            game.step(max(entry.loop - game.loop, 0))
            _give(game, entry)
            self.given += 1
        game.step(max(min(loop, head.loops) - game.loop, 0))
        if game.loop >= head.loops:
            for entry in commands[self.given :]:
                _give(game, entry)
            self.given = len(commands)
            if not game.over and all(head.results):
                game.finish(head.results.index("Victory") if "Victory" in head.results else None)


def _give(game: Game, entry: CommandRecord) -> None:
    world = game.world
    rows = tuple(world.row_of(tag) for tag in entry.tags)
    command = Command(
        ability=entry.ability,
        rows=rows,
        target=world.row_of(entry.target) if entry.target else st.NONE,
        x=entry.x,
        y=entry.y,
        has_point=entry.has_point,
        queue=entry.queue,
    )
    game.command(entry.player, command)


def _parse(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ReplayError(f"line {number} of the record is damaged: {error}") from error
