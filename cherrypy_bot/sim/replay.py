"""The engine's own record of a game: every command in its order, enough to play the game again to the last bit.

One line of JSON each: first the match (map, races, seed, ruleset, how it ended), then the commands (lists), what was
said and where cameras went (objects), which matter to nobody but who watches. A replay of the engine (`.SC2Replay`,
see `sim.recording`) carries the record as the member `RECORD_MEMBER` of its archive, and the map where it is not
shipped.

    record = read_record(Path("game.SC2Replay").read_bytes())
    game = play(record)
    assert game.state_hash() == record.state_hash
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from cherrypy_bot.formats.errors import FormatError
from cherrypy_bot.formats.mpq import MpqArchive, is_archive
from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.game import CameraRecord, ChatRecord, Command, CommandRecord, Game
from cherrypy_bot.sim.maps import MapData, load_map, map_from_bytes
from cherrypy_bot.sim.rules import load_ruleset

FORMAT = "cherrypy-bot command record"
VERSION = 3
RECORD_MEMBER = "cherrypy.record"
"""Name of the record in the archive of a replay."""
MAP_MEMBER = "cherrypy.map"
"""Name of the map in the archive of a replay, in our own format; only maps that are not shipped are there."""
MAX_RECORD_BYTES = 64 << 20
MOST_LOOPS = 1 << 19
"""Loops until the game's clock is over."""
RACES = ("Terran", "Zerg", "Protoss")
_PAIRS = ("races", "names", "results", "computers", "requested", "levels", "builds")


class ReplayError(SimError):
    """A record that cannot be read or played again."""


class Player(NamedTuple):
    """Who plays, as far as the game itself does not know it; names as in the API's enums.

    `requested`: race, or Random; empty = the race played. `level` and `build`: of a computer.
    """

    name: str
    computer: bool = False
    requested: str = ""
    level: str = ""
    build: str = ""


@dataclass(frozen=True)
class Head:
    """What a record says before its commands; of the players as `Player` says it."""

    map: str
    races: tuple[str, str]
    names: tuple[str, str]
    seed: int
    ruleset: str
    loops: int
    results: tuple[str, str]
    state_hash: str
    altered: bool  # debug requests changed the game: the commands alone do not make it again
    computers: tuple[bool, bool] = (False, False)
    requested: tuple[str, str] = ("Random", "Random")
    levels: tuple[str, str] = ("", "")
    builds: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Record:
    """A whole record. `map_data`: the map, where the replay brought it along."""

    head: Head
    commands: tuple[CommandRecord, ...]
    chat: tuple[ChatRecord, ...] = ()
    cameras: tuple[CameraRecord, ...] = ()
    map_data: MapData | None = None

    @property
    def state_hash(self) -> str:
        """Digest of the state in which the game was when the record was written."""
        return self.head.state_hash


def head_of(game: Game, players: Sequence[Player | str]) -> Head:
    """What a record of the game so far says before its commands; a bare name is somebody who is no computer."""
    first, second = (Player(player) if isinstance(player, str) else player for player in players)
    races = game.world.races
    return Head(
        map=game.world.map.name,
        races=races,
        names=(first.name, second.name),
        seed=game.seed,
        ruleset=game.world.rules.name,
        loops=game.loop,
        results=game.world.results,
        state_hash=game.state_hash(),
        altered=game.altered,
        computers=(first.computer, second.computer),
        requested=(first.requested or races[0], second.requested or races[1]),
        levels=(first.level, second.level),
        builds=(first.build, second.build),
    )


def write(game: Game, players: Sequence[Player | str]) -> bytes:
    """The record of a game so far, UTF-8."""
    head = head_of(game, players)
    lines = [json.dumps({"format": FORMAT, "version": VERSION, **asdict(head)})]
    lines += [json.dumps(list(entry)) for entry in game.records]
    lines += [json.dumps({"chat": list(entry)}) for entry in game.chat]
    lines += [json.dumps({"camera": list(entry)}) for entry in game.cameras]
    return ("\n".join(lines) + "\n").encode()


def read_record(data: bytes) -> Record:
    """The record in the bytes of a replay of this engine (`.SC2Replay`), or in those of a record by itself.

    Raises:
        ReplayError: with the line when it is none, is damaged, or of another version; replays of the game hold none.
    """
    map_data = None
    if is_archive(data):
        try:
            archive = MpqArchive(data)
            found, packed_map = archive.read(RECORD_MEMBER, MAX_RECORD_BYTES), archive.read(MAP_MEMBER)
        except FormatError as error:
            raise ReplayError(f"{error}; the file is damaged, save the replay again") from error
        if found is None:
            raise ReplayError(
                "it holds no command record: it was not played on this engine, which plays only its own games again"
            )
        data = found
        map_data = map_from_bytes(packed_map, "the replay's map") if packed_map is not None else None
    return replace(_parse_record(data), map_data=map_data)


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
        pairs = {name: tuple(head[name]) for name in _PAIRS if name in head}
        start = Head(**{**head, **pairs})
    except (KeyError, TypeError) as error:
        raise ReplayError(f"line 1 of the record lacks something or has too much: {error}") from error
    _check_head(start)
    commands: list[CommandRecord] = []
    chat: list[ChatRecord] = []
    cameras: list[CameraRecord] = []
    for number, line in enumerate(lines[1:], start=2):
        entry = _parse(line, number)
        if isinstance(entry, dict):
            _remark(entry, number, start, chat, cameras)
            continue
        try:
            loop, player, ability, tags, target, x, y, has_point, queue = entry
            commands.append(CommandRecord(loop, player, ability, tuple(tags), target, x, y, has_point, queue))
        except (TypeError, ValueError) as error:
            raise ReplayError(f"line {number} of the record is no command: {error}") from error
        _check_command(commands, start, number)
    return Record(start, tuple(commands), tuple(chat), tuple(cameras))


def _remark(
    entry: dict[str, Any], number: int, head: Head, chat: list[ChatRecord], cameras: list[CameraRecord]
) -> None:
    """A line that changes nothing in the game: something said, or a look elsewhere."""
    try:
        if "chat" in entry:
            loop, player, message, team = entry["chat"]
            chat.append(ChatRecord(int(loop), int(player), str(message), bool(team)))
        else:
            loop, player, x, y = entry["camera"]
            cameras.append(CameraRecord(int(loop), int(player), float(x), float(y)))
        if player not in (0, 1) or not 0 <= loop <= head.loops:
            raise ValueError(f"player {player} at loop {loop} of {head.loops}")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ReplayError(f"line {number} of the record is neither command, chat nor camera: {error}") from error


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
    pairs = (head.races, head.names, head.results, head.requested, head.levels, head.builds)
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
        self.game = Game.new(
            map_data or record.map_data or load_map(head.map), head.races, head.seed, load_ruleset(head.ruleset)
        )
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
