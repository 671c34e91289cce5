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
from cherrypy_bot.sim import abilities
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
    commands = []
    for number, line in enumerate(lines[1:], start=2):
        entry = _parse(line, number)
        try:
            loop, player, ability, tags, target, x, y, has_point, queue = entry
            commands.append(CommandRecord(loop, player, ability, tuple(tags), target, x, y, has_point, queue))
        except (TypeError, ValueError) as error:
            raise ReplayError(f"line {number} of the record is no command: {error}") from error
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
    head = record.head
    if head.altered:
        raise ReplayError("debug requests changed this game; its commands alone do not make it again")
    game = Game.new(map_data or load_map(head.map), head.races, head.seed, load_ruleset(head.ruleset))
    for entry in record.commands:
        _run_to(game, entry.loop, every, look)
        _give(game, entry)
    _run_to(game, head.loops, every, look)
    if not game.over and all(head.results):
        game.finish(head.results.index("Victory") if "Victory" in head.results else None)
    if look is not None:
        look(game)
    return game


def _run_to(game: Game, loop: int, every: int, look: Callable[[Game], None] | None) -> None:
    while game.loop < loop and not game.over:
        stop = loop if not every else min(loop, (game.loop // every + 1) * every)
        game.step(stop - game.loop)
        if look is not None and every and game.loop % every == 0:
            look(game)


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
    abilities.command(game, entry.player, command)


def _parse(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ReplayError(f"line {number} of the record is damaged: {error}") from error
