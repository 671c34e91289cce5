"""The game's own API in front of the engine: sessions, observations, queries, servers, the SC2PATH tree.

`GameServer` is one machine that holds a match, `Session` one client of it, `InProcessTransport` what python-sc2's
`Client` takes for a websocket, `server.serve` the real websocket. Imports the engine, nothing of the bot.
"""

from cherrypy_bot.sim.api.host import GameServer
from cherrypy_bot.sim.api.match import ComputerSeat, ParticipantSeat, create_game_request
from cherrypy_bot.sim.api.session import Session
from cherrypy_bot.sim.api.transport import InProcessTransport

__all__ = [
    "ComputerSeat",
    "GameServer",
    "InProcessTransport",
    "ParticipantSeat",
    "Session",
    "create_game_request",
]
