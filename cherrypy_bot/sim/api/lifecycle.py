"""Requests that begin and end things: ping, maps, create, join, restart, leave, quit, saves, replays."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from s2clientprotocol import common_pb2 as common
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import recording
from cherrypy_bot.sim.api import map_source, version
from cherrypy_bot.sim.api.errors import RequestError
from cherrypy_bot.sim.api.match import RACE_NAMES, Match, MatchSetup, Seat, unsupported
from cherrypy_bot.sim.api.session import Reply, Waiting
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.replay import Player

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.session import Session

JOIN_SECONDS = 180.0
"""How long a joined client waits for the others; python-sc2 gives a game as long to start."""
_RACES = (*RACE_NAMES, common.Random)


def ping(session: Session, request: sc.RequestPing) -> Reply:
    """Versions."""
    return sc.Response(
        ping=sc.ResponsePing(
            game_version=version.GAME_VERSION,
            data_version=version.DATA_VERSION,
            data_build=version.DATA_BUILD,
            base_build=version.BASE_BUILD,
        )
    )


def available_maps(session: Session, request: sc.RequestAvailableMaps) -> Reply:
    """Maps that create_game can play on."""
    names = map_source.available(session.server.map_folders)
    return sc.Response(available_maps=sc.ResponseAvailableMaps(local_map_paths=names))


# -- create ------------------------------------------------------------------------------------------------
def create_game(session: Session, request: sc.RequestCreateGame) -> Reply:
    """Set up a match of two players; the clients then join."""
    server, old = session.server, session.server.match
    if old is not None and not old.over and any(seat.taken and not seat.left for seat in old.participants):
        raise RequestError("a game is being played here; leave it first")
    error = sc.ResponseCreateGame
    try:
        if request.HasField("battlenet_map_name"):
            map_path = str(request.battlenet_map_name)  # text that is not UTF-8 comes as bytes
            map_data = map_source.find_map(map_path, server.map_folders)
        elif request.local_map.map_data:
            map_path = str(request.local_map.map_path)
            map_data = map_source.map_from_bytes(request.local_map.map_data)
        elif request.local_map.map_path:
            map_path = str(request.local_map.map_path)
            map_data = server.saved_maps.find(map_path) or map_source.find_map(map_path, server.map_folders)
        else:
            return _not_created(error.MissingMap, "name a map: local_map.map_path, map_data or battlenet_map_name")
    except map_source.MapMissingError as reason:
        by_name = request.HasField("battlenet_map_name")
        return _not_created(error.InvalidMapName if by_name else error.InvalidMapPath, str(reason))
    except map_source.MapBrokenError as reason:
        return _not_created(error.InvalidMapData, str(reason))
    setups = [p for p in request.player_setup if p.type != sc.Observer]
    if not setups:
        return _not_created(error.MissingPlayerSetup, "say who plays: two entries of player_setup")
    if len(setups) != 2 or not any(p.type == sc.Participant for p in setups):
        return _not_created(error.InvalidPlayerSetup, "a match has two players, at least one of them a participant")
    if any(p.type == sc.Computer and p.race not in _RACES for p in setups):
        return _not_created(error.InvalidPlayerSetup, "a computer player needs a race: Terran, Zerg, Protoss or Random")
    seed = request.random_seed if request.HasField("random_seed") else int.from_bytes(os.urandom(4), "little")
    first, second = (
        Seat(
            player=index,
            kind=p.type,
            race_requested=p.race if p.type == sc.Computer else common.Random,
            difficulty=p.difficulty if p.HasField("difficulty") else sc.Easy,
            ai_build=p.ai_build if p.HasField("ai_build") else sc.RandomBuild,
            name=str(p.player_name),
            taken=p.type == sc.Computer,
        )
        for index, p in enumerate(setups)
    )
    observers = tuple(Seat(player=0, kind=sc.Observer) for p in request.player_setup if p.type == sc.Observer)
    for other in server.sessions:
        if other.match is old:
            other.seat = None
    server.match = session.created = Match(
        MatchSetup(map_data, map_path, seed, request.realtime, request.disable_fog), (first, second), observers
    )
    return sc.Response(create_game=sc.ResponseCreateGame())


def _not_created(error: Any, details: str) -> Reply:
    return sc.Response(create_game=sc.ResponseCreateGame(error=error, error_details=details))


# -- join --------------------------------------------------------------------------------------------------
def join_game(session: Session, request: sc.RequestJoinGame) -> Reply | Waiting:
    """Take a seat; answered when every client has one."""
    match, error = session.server.match, sc.ResponseJoinGame
    if session.seat is not None:
        raise RequestError("this client has already joined")
    if not request.HasField("participation"):
        return _not_joined(error.MissingParticipation, "say which race to play, or which player to observe")
    observes = request.HasField("observed_player_id")
    if observes and request.observed_player_id > 2:
        return _not_joined(error.InvalidObservedPlayerId, "observe player 1 or 2, or 0 for both")
    if not observes and request.race not in _RACES:
        return _not_joined(error.MissingParticipation, "play Terran, Zerg, Protoss or Random")
    if not request.HasField("options"):
        return _not_joined(error.MissingOptions, "say which interfaces to answer with: options.raw and options.score")
    refusal = unsupported(request.options)
    if refusal:
        return _not_joined(error.FeatureUnsupported, refusal)
    if match is None or (match.full and match.over):
        return _not_joined(error.MissingPorts, "no game was created here, and no ports say where to join one")
    if observes and not match.observers:
        return _not_joined(
            error.InvalidObservedPlayerId, "this game has no place for observers: create it with one in player_setup"
        )
    seat = next((one for one in match.observers if not one.taken), None) if observes else _seat_for(session, match)
    if seat is None:
        return _not_joined(error.GameFull, "every seat of this game is taken")
    seat.taken, seat.session = True, session
    if observes:
        seat.player, seat.impartial = max(request.observed_player_id, 1) - 1, not request.observed_player_id
    else:
        seat.race_requested = request.race
    seat.name = str(request.player_name) or seat.name
    seat.options.CopyFrom(request.options)
    session.seat, session.created = seat, None

    def joined() -> Reply:
        places = [one is seat for one in match.observers]
        number = len(match.seats) + 1 + places.index(True) if observes else seat.player_id
        return sc.Response(join_game=sc.ResponseJoinGame(player_id=number))

    def given_up() -> Reply:
        seat.taken, seat.session, session.seat = False, None, None
        return _not_joined(error.NetworkError, f"the other player did not join within {JOIN_SECONDS:.0f} s")

    if match.full:
        try:
            match.start()
        except SimError as reason:  # the map or the rules do not carry a game
            session.server.match = None
            for other in match.clients:
                if other.session is not None:
                    other.session.seat = None
            return _not_joined(error.LaunchError, str(reason))
        return joined()
    return Waiting(
        ready=lambda: match.game is not None or session.seat is None,
        finish=lambda: joined() if match.game is not None else _not_joined(error.LaunchError, "the game failed"),
        deadline=time.monotonic() + JOIN_SECONDS,
        expired=given_up,
    )


def _seat_for(session: Session, match: Match) -> Seat | None:
    """The host's is the first participant's seat, whoever joins first."""
    free = [seat for seat in match.participants if not seat.taken]
    if not free:
        return None
    host_waits = session.created is not match and any(s.created is match for s in session.server.sessions)
    return free[-1] if host_waits else free[0]


def _not_joined(error: Any, details: str) -> Reply:
    return sc.Response(join_game=sc.ResponseJoinGame(error=error, error_details=details))


# -- in the game -------------------------------------------------------------------------------------------
def restart_game(session: Session, request: sc.RequestRestartGame) -> Reply:
    """The same match once more, from loop 0."""
    match, _ = session.playing()
    if not match.solo:
        raise RequestError("only a game against a computer can be restarted")
    match.start()
    return sc.Response(restart_game=sc.ResponseRestartGame(need_hard_reset=False))


def step(session: Session, request: sc.RequestStep) -> Reply | Waiting:
    """Advance the game; with two clients, once both have stepped."""
    match, seat = session.playing()
    if match.setup.realtime:
        raise RequestError("step is not available in realtime mode")
    count = max(request.count, 1)
    if count > version.END_OF_TIME_LOOP:
        raise RequestError(f"a step of {count} loops is longer than a game can be ({version.END_OF_TIME_LOOP})")
    seat.goal = match.loop + count

    def stepped() -> Reply:
        return sc.Response(step=sc.ResponseStep(simulation_loop=match.loop))

    match.try_advance()
    if match.loop >= seat.goal or match.over:
        return stepped()
    return Waiting(ready=lambda: match.loop >= seat.goal or match.over, finish=stepped)


def leave_game(session: Session, request: sc.RequestLeaveGame) -> Reply:
    """Give up and go back to the start screen."""
    _leave(session)
    return sc.Response(leave_game=sc.ResponseLeaveGame())


def quit_game(session: Session, request: sc.RequestQuit) -> Reply:
    """Close the game; a match that is on is lost."""
    _leave(session)
    session.quit = True
    return sc.Response(quit=sc.ResponseQuit())


def _leave(session: Session) -> None:
    server, match, seat = session.server, session.match, session.seat
    if session.created is not None and server.match is session.created:
        server.match = None
    session.seat = session.created = None
    if match is not None and seat is not None:
        match.leave(seat)
        if match.deserted:
            server.match = None


def quick_save(session: Session, request: sc.RequestQuickSave) -> Reply:
    """Remember this moment."""
    match, _ = session.playing()
    if not match.solo:
        raise RequestError("quick_save needs a game against a computer")
    match.save()
    return sc.Response(quick_save=sc.ResponseQuickSave())


def quick_load(session: Session, request: sc.RequestQuickLoad) -> Reply:
    """Go back to the remembered moment."""
    match, _ = session.playing()
    if not match.solo or not match.restore():
        raise RequestError("nothing was saved with quick_save in this game")
    return sc.Response(quick_load=sc.ResponseQuickLoad())


def map_command(session: Session, request: sc.RequestMapCommand) -> Reply:
    """Melee maps have no triggers."""
    return sc.Response(
        map_command=sc.ResponseMapCommand(
            error=sc.ResponseMapCommand.NoTriggerError, error_details="this map has no triggers"
        )
    )


def save_map(session: Session, request: sc.RequestSaveMap) -> Reply:
    """Keep a map under a path that create_game can name; in memory, clients write no files here."""
    try:
        session.server.saved_maps.keep(str(request.map_path), request.map_data)
    except map_source.MapBrokenError as reason:
        refusal = sc.ResponseSaveMap(error=sc.ResponseSaveMap.InvalidMapData)
        return sc.Response(save_map=refusal, error=[str(reason)])
    return sc.Response(save_map=sc.ResponseSaveMap())


def save_replay(session: Session, request: sc.RequestSaveReplay) -> Reply:
    """The game so far as the content of a `.SC2Replay` file."""
    match, _ = session.playing()
    assert match.game is not None
    if match.running == sc.in_replay and not match.recorded:
        raise RequestError("start the replay with record_replay to save it again")
    try:
        data = recording.save(match.game, [_recorded(seat) for seat in match.seats])
    except SimError as reason:
        raise RequestError(f"the replay cannot be saved: {reason}") from reason
    return sc.Response(save_replay=sc.ResponseSaveReplay(data=data))


def _recorded(seat: Seat) -> Player:
    """What a replay says of a seat besides the game itself."""
    race = common.Race.Name(seat.race_requested)
    if seat.is_participant:
        return Player(seat.name, requested=race)
    level, build = sc.Difficulty.Name(seat.difficulty), sc.AIBuild.Name(seat.ai_build)
    return Player(seat.name or f"A.I. ({level})", True, race, level, build)
