"""What goes wrong at the API's seam."""

from __future__ import annotations

from cherrypy_bot.sim.errors import SimError


class RequestError(SimError):
    """A request that cannot be served in this state; its text becomes `Response.error`."""


class WaitingForOthersError(SimError):
    """A blocking call was made for a request that waits for the other player; use a transport instead."""


NOT_IN_GAME = "Not in a game"
"""The game's own words; python-sc2 looks for the next two literally."""
GAME_ENDED = "Game has already ended"
NOT_AFTER_END = "Not supported if game has already ended"
