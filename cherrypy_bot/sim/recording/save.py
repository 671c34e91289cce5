"""A game as the bytes of a `.SC2Replay`.

The game itself is not slowed down by it: what the tracker says is found by playing the recorded commands again when
the replay is saved, at ten thousand loops a second or more. Only a game that debug requests have changed cannot be made
again; from its first such request on it is watched as it goes (`follow`).
"""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from cherrypy_bot.formats.bits import packed_events
from cherrypy_bot.formats.build_93333 import (
    CHAT,
    EVENT_BITS,
    GAME_EVENTS,
    LOADING_PROGRESS,
    MESSAGE_BITS,
    MESSAGES,
)
from cherrypy_bot.formats.mpq_writer import write_archive
from cherrypy_bot.formats.tracker_writer import encode_tracker
from cherrypy_bot.sim import replay
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import MapData, MapError, load_map, save_map
from cherrypy_bot.sim.recording import lobby
from cherrypy_bot.sim.recording.commands import GameEvents
from cherrypy_bot.sim.recording.lobby import LOOPS_PER_SECOND, Lobby
from cherrypy_bot.sim.recording.recorder import GameRecorder
from cherrypy_bot.sim.replay import Head, Playback, Player, ReplayError
from cherrypy_bot.sim.state import PLAYERS

log = logging.getLogger(__name__)

_ALL, _ALLIES = 0, 1
_UNIX_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def save(game: Game, players: Sequence[Player | str], played_at: datetime | None = None) -> bytes:
    """The replay of a game so far.

    Args:
        game: at its end, or anywhere before.
        players: who plays; a bare name is somebody who is no computer.
        played_at: when it ended, with a time zone; now, where nothing is said.

    Raises:
        ReplayError: where the recorded commands do not make this game again, as after its state was changed by hand.
    """
    record = replay.write(game, players)
    head = replay.head_of(game, players)
    recorder = _watched(game, head) or _watch_again(game, record)
    units = Counter(command.player for command in game.records)
    minutes = max(game.loop / LOOPS_PER_SECOND / 60, 1 / 60)
    apm = (units[0] / minutes, units[1] / minutes)
    size = (game.world.map.width, game.world.map.height)
    seats = Lobby(head, size, played_at or datetime.now(UTC), apm)
    started = int((seats.played_at - _UNIX_EPOCH).total_seconds() - game.loop / LOOPS_PER_SECOND)
    stream = GameEvents(game.world.rules, seats.users, max(started, 0)).stream(
        recorder.given, game.cameras, _leavers(head)
    )
    files = {
        "replay.details": lobby.details(seats),
        "replay.details.backup": lobby.details(seats),
        "replay.initData": lobby.init_data(seats),
        "replay.initData.backup": lobby.init_data(seats),
        "replay.attributes.events": lobby.attributes(seats),
        "replay.gamemetadata.json": lobby.metadata(seats),
        "replay.game.events": packed_events(stream, GAME_EVENTS, EVENT_BITS),
        "replay.message.events": packed_events(_messages(game, seats), MESSAGES, MESSAGE_BITS),
        "replay.tracker.events": encode_tracker(recorder.finish(game)),
        "replay.load.info": bytes(52),
        "replay.sync.events": b"",
        "replay.sync.history": b"",
        replay.RECORD_MEMBER: record,
    }
    if not _is_shipped(game.world.map):
        buffer = io.BytesIO()
        save_map(game.world.map, buffer)
        files[replay.MAP_MEMBER] = buffer.getvalue()
    return write_archive(lobby.header(seats), files)


def follow(game: Game) -> None:
    """Watch a game from now on, knowing what was before: to be called before a debug request first changes it.

    Games that are not recorded, and those already watched, are left alone; so are those whose commands do not make them
    again, which cannot be saved then.
    """
    if game.watcher is not None or game.altered or not game.recording:
        return
    try:
        game.watcher = _watch_again(game, replay.write(game, ("", "")))
    except ReplayError as error:
        log.warning("this game will not be saved: %s", error)


def _watched(game: Game, head: Head) -> GameRecorder | None:
    """The recorder that was there all the time, told who is a computer."""
    if not isinstance(game.watcher, GameRecorder):
        return None
    recorder = game.watcher.clone()
    recorder.settled(game, ())
    first, second = head.computers
    recorder.seat_humans((not first, not second))
    return recorder


def _watch_again(game: Game, record: bytes) -> GameRecorder:
    """Play the recorded commands again before a recorder, and make sure that they lead to this very state."""
    parsed = replay.read_record(record)
    playback = Playback(parsed, game.world.map)
    first, second = parsed.head.computers
    recorder = GameRecorder(playback.game, (not first, not second))
    playback.game.watcher = recorder
    playback.advance(parsed.head.loops)
    if playback.game.state_hash() != parsed.state_hash:
        raise ReplayError(
            "the recorded commands do not make this game again: its state was changed by hand; save it without that"
        )
    return recorder


def _leavers(head: Head) -> list[tuple[int, int]]:
    """(loop, player) of those who leave: the loser first, both at the end of a decided game."""
    order = sorted(range(PLAYERS), key=lambda player: head.results[player] != "Defeat")
    return [(head.loops, player) for player in order if head.results[player]]


def _messages(game: Game, seats: Lobby) -> list[tuple[int, int, int, Any]]:
    """Loading bars, then what was said."""
    found: list[tuple[int, int, int, Any]] = [
        (0, user, LOADING_PROGRESS, {"progress": 100}) for user in seats.users if user is not None
    ]
    for said in game.chat:
        user = seats.users[said.player]
        if user is not None and said.loop <= game.loop:
            recipient = _ALLIES if said.team else _ALL
            found.append(
                (said.loop, user, CHAT, {"recipient": recipient, "string": lobby.shortened(said.message, 2000)})
            )
    return sorted(found, key=lambda message: message[0])


def _is_shipped(map_data: MapData) -> bool:
    try:
        return load_map(map_data.name) is map_data
    except MapError:
        return False
