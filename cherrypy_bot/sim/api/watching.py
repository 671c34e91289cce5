"""Replays: start_replay, replay_info, and what an observer may do.

A replay of this engine holds the commands of a game, so watching it is playing the game again: the watcher sits in the
seat of the player it observes, steps as it likes and acts on nothing. `replay.read_record` says which bytes hold
a record: those that save_replay gives, and a record by itself.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2clientprotocol import common_pb2 as common
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import replay
from cherrypy_bot.sim.api import map_source, replay_metadata, version
from cherrypy_bot.sim.api.errors import RequestError
from cherrypy_bot.sim.api.match import RACE_IDS, RESULTS, Match, MatchSetup, Seat, unsupported
from cherrypy_bot.sim.api.session import Reply
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.game import CommandRecord
from cherrypy_bot.sim.maps import MapData

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.session import Session

MAX_REPLAY_BYTES = 64 << 20
MAX_PATH = 260
USER_REPLAYS = Path("Documents") / "StarCraft II" / "Replays"
"""Below the home folder: where python-sc2 wants replays to lie on Linux."""


class ReplayMissingError(SimError):
    """No such replay file."""


class ReplayMatch(Match):
    """A recorded game and the one who watches it."""

    def __init__(
        self, record: replay.Record, map_data: MapData, request: sc.RequestStartReplay, *, realtime: bool
    ) -> None:
        head = record.head
        seats = tuple(
            Seat(player=p, kind=sc.Participant, race_requested=RACE_IDS[head.races[p]], name=head.names[p], taken=True)
            for p in (0, 1)
        )
        setup = MatchSetup(map_data, head.map + map_source.SUFFIX, head.seed, realtime, request.disable_fog)
        super().__init__(setup, (seats[0], seats[1]))
        self.record = record
        self.running, self.recorded = sc.in_replay, request.record_replay
        self.watcher = self.seats[max(request.observed_player_id, 1) - 1]
        self.watcher.options.CopyFrom(request.options)
        self.watcher.impartial = not request.observed_player_id
        self._all_seen = request.disable_fog or self.watcher.impartial

    @property
    def participants(self) -> list[Seat]:
        """Only the watcher decides when the game goes on."""
        return [self.watcher]

    @property
    def over(self) -> bool:
        """Whether the end of the record is reached."""
        return self.game is not None and self._playback.over

    def start(self) -> None:
        """Set up the recorded game; SimError when its map or rules do not carry one."""
        from cherrypy_bot.sim.api.view import View

        self._playback = replay.Playback(self.record, self.setup.map_data)
        self.game = self._playback.game
        for seat in self.seats:
            seat.race = self.record.head.races[seat.player]
        self.watcher.map_revealed = self._all_seen
        self.watcher.view = View(self, self.watcher)
        self._clock_start, self._clock_loop = time.monotonic(), 0

    def _run(self, loop: int) -> None:
        assert self.game is not None
        before = self._playback.given
        self._playback.advance(loop)
        for entry in self.record.commands[before : self._playback.given]:
            if entry.player == self.watcher.player:
                self.watcher.actions.append(_as_action(entry))
        self.game.errors[1 - self.watcher.player].clear()

    def leave(self, seat: Seat) -> None:
        """The watcher goes; nobody loses by it."""
        seat.left = True
        seat.session = None

    def player_results(self) -> list[sc.PlayerResult]:
        """The recorded results at the end; Undecided where the record ends before the game did."""
        if not self.over:
            return []
        results = self.record.head.results
        found = [sc.PlayerResult(player_id=p + 1, result=RESULTS.get(results[p], sc.Undecided)) for p in (0, 1)]
        if self.watcher.impartial:  # python-sc2 looks for the result of the player it observes
            found.insert(0, sc.PlayerResult(player_id=0, result=sc.Undecided))
        return found


def _as_action(entry: CommandRecord) -> sc.Action:
    if entry.ability < 0:
        toggle = raw.ActionRawToggleAutocast(ability_id=-entry.ability, unit_tags=entry.tags)
        return sc.Action(game_loop=entry.loop, action_raw=raw.ActionRaw(toggle_autocast=toggle))
    command = raw.ActionRawUnitCommand(ability_id=entry.ability, unit_tags=entry.tags, queue_command=entry.queue)
    if entry.target:
        command.target_unit_tag = entry.target
    elif entry.has_point:
        command.target_world_space_pos.CopyFrom(common.Point2D(x=entry.x, y=entry.y))
    return sc.Action(game_loop=entry.loop, action_raw=raw.ActionRaw(unit_command=command))


# -- requests ----------------------------------------------------------------------------------------------
def start_replay(session: Session, request: sc.RequestStartReplay) -> Reply:
    """Watch a recorded game from its first loop."""
    error = sc.ResponseStartReplay
    if request.WhichOneof("replay") is None:
        return _not_started(error.MissingReplay, "name a replay: replay_path or replay_data")
    if not request.HasField("options"):
        return _not_started(error.MissingOptions, "say which interfaces to answer with: options.raw and options.score")
    refusal = unsupported(request.options)
    if refusal:
        return _not_started(error.LaunchError, refusal)
    if request.observed_player_id not in (0, 1, 2):
        return _not_started(error.InvalidObservedPlayerId, "observe player 1 or 2, or 0 for a view without fog")
    old = session.server.match
    if old is not None and session.match is not old and not old.over:
        raise RequestError("a game is being played here; leave it first")
    try:
        record = replay.read_record(_bytes_of(session, request))
    except ReplayMissingError as reason:
        return _not_started(error.InvalidReplayPath, str(reason))
    except SimError as reason:
        return _not_started(error.InvalidReplayData, str(reason))
    try:
        if request.map_data:
            map_data = map_source.map_from_bytes(request.map_data)
        elif record.map_data is not None:
            map_data = record.map_data
        else:
            map_data = map_source.find_recorded(record.head.map, session.server.map_folders)
    except map_source.MapBrokenError as reason:
        return _not_started(error.InvalidMapData, str(reason))
    except map_source.MapMissingError as reason:
        return _not_started(error.LaunchError, f"{reason}; or give its file as map_data")
    match = ReplayMatch(record, map_data, request, realtime=request.realtime)
    try:
        match.start()
    except SimError as reason:
        return _not_started(error.LaunchError, str(reason))
    for other in session.server.sessions:
        if other.match is old:
            other.seat = None
    session.server.match, session.created = match, None
    session.seat, match.watcher.session = match.watcher, session
    return sc.Response(start_replay=sc.ResponseStartReplay())


def _not_started(error: Any, details: str) -> Reply:
    return sc.Response(start_replay=sc.ResponseStartReplay(error=error, error_details=details))


def replay_info(session: Session, request: sc.RequestReplayInfo) -> Reply:
    """What a replay file says of itself: our own, and those of the game."""
    error = sc.ResponseReplayInfo
    if request.WhichOneof("replay") is None:
        return _no_info(error.MissingReplay, "name a replay: replay_path or replay_data")
    try:
        data = _bytes_of(session, request)
    except ReplayMissingError as reason:
        return _no_info(error.InvalidReplayPath, str(reason))
    try:
        return sc.Response(replay_info=_describe(replay.read_record(data).head))
    except SimError as not_ours:
        try:
            return sc.Response(replay_info=replay_metadata.describe(data))
        except replay_metadata.MetadataError as reason:
            if replay_metadata.is_replay(data):
                return _no_info(error.ParsingError, str(reason))
            return _no_info(error.InvalidReplayData, str(not_ours))


def _no_info(error: Any, details: str) -> Reply:
    return sc.Response(replay_info=sc.ResponseReplayInfo(error=error, error_details=details))


def _describe(head: replay.Head) -> sc.ResponseReplayInfo:
    info = sc.ResponseReplayInfo(
        map_name=head.map,
        local_map_path=head.map + map_source.SUFFIX,
        game_duration_loops=head.loops,
        game_duration_seconds=head.loops / version.LOOPS_PER_SECOND,
        game_version=version.GAME_VERSION,
        data_version=version.DATA_VERSION,
        data_build=version.DATA_BUILD,
        base_build=version.BASE_BUILD,
    )
    for p in (0, 1):
        race = RACE_IDS[head.races[p]]
        player = sc.PlayerInfo(player_id=p + 1, type=sc.Participant, race_requested=race, race_actual=race)
        player.player_name = head.names[p]
        result = sc.PlayerResult(player_id=p + 1, result=RESULTS.get(head.results[p], sc.Undecided))
        info.player_info.add(player_info=player, player_result=result)
    return info


def _bytes_of(session: Session, request: sc.RequestStartReplay | sc.RequestReplayInfo) -> bytes:
    """The content of the replay that a request gives or names; ReplayMissingError where there is none."""
    if request.WhichOneof("replay") == "replay_data":
        return request.replay_data
    name = str(request.replay_path)  # text that is not UTF-8 comes as bytes
    if not name or len(name) > MAX_PATH or "\0" in name:
        raise ReplayMissingError(f"a replay's path has 1 to {MAX_PATH} printable characters")
    path = Path(name.replace("\\", "/"))
    folders = [maps.parent / "Replays" for maps in session.server.map_folders] + [Path.home() / USER_REPLAYS]
    for file in [path] if path.is_absolute() else [folder / path for folder in folders]:
        try:
            if not file.is_file():
                continue
            if file.stat().st_size > MAX_REPLAY_BYTES:
                raise ReplayMissingError(f"{name} is larger than {MAX_REPLAY_BYTES >> 20} MB; that is no replay")
            return file.read_bytes()
        except (OSError, ValueError) as reason:
            raise ReplayMissingError(f"{name} cannot be read: {reason}") from reason
    raise ReplayMissingError(f"no replay {name!r}; give its full path, or put it into {folders[0]}")


def obs_action(session: Session, request: sc.RequestObserverAction) -> Reply:
    """Where an observer looks. Only the camera's place matters to an observation without pictures."""
    match, seat = session.playing()
    if not isinstance(match, ReplayMatch) and seat.is_participant:
        raise RequestError("observer actions are for observers; this client plays")
    for one in request.actions:
        if one.HasField("camera_move"):
            place = one.camera_move.world_pos
            if not (0 <= place.x <= match.setup.map_data.width and 0 <= place.y <= match.setup.map_data.height):
                raise RequestError(f"({place.x}, {place.y}) is not on the map")
            seat.camera = (place.x, place.y)
            if seat.view is not None:
                seat.view.forget()
    return sc.Response(obs_action=sc.ResponseObserverAction())
