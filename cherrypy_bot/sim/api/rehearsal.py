"""Has the engine compiled before somebody's clock runs."""

from __future__ import annotations

from s2clientprotocol import common_pb2, sc2api_pb2

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim.api.host import GameServer
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.maps import shipped_maps


def compile_engine() -> bool:
    """Play the first loops of a game that nobody sees, if these sources were never compiled on this machine.

    Takes about half a minute then. Returns whether it did. Raises SimError when the engine refuses its own game.
    """
    if kernels.is_compiled():
        return False
    server = GameServer()
    session = server.connect()
    for request in _opening_requests():
        answers: list[bytes] = []
        session.submit(request.SerializeToString(), answers.append)
        problem = "; ".join(sc2api_pb2.Response.FromString(answers[0]).error) if answers else "no answer"
        if problem:
            raise SimError(f"the engine cannot start: {problem}")
    server.disconnect(session)
    return True


def _opening_requests() -> list[sc2api_pb2.Request]:
    create = sc2api_pb2.RequestCreateGame(local_map=sc2api_pb2.LocalMap(map_path=shipped_maps()[0]), random_seed=1)
    create.player_setup.add(type=sc2api_pb2.Participant)
    create.player_setup.add(type=sc2api_pb2.Computer, race=common_pb2.Terran, difficulty=sc2api_pb2.VeryEasy)
    join = sc2api_pb2.RequestJoinGame(race=common_pb2.Zerg, options=sc2api_pb2.InterfaceOptions(raw=True, score=True))
    look = sc2api_pb2.Request(observation=sc2api_pb2.RequestObservation())
    return [
        sc2api_pb2.Request(create_game=create),
        sc2api_pb2.Request(join_game=join),
        look,
        sc2api_pb2.Request(step=sc2api_pb2.RequestStep(count=2)),
        look,
    ]
