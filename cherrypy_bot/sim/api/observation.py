"""The observation request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api.session import Reply, Waiting, WireReply

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.session import Session

_FIELD = 10  # Response.observation


def observation(session: Session, request: sc.RequestObservation) -> Reply | Waiting:
    """What the player sees; in real time it may wait for a loop."""
    match, seat = session.playing()
    view = seat.view
    assert view is not None

    def answer() -> Reply:
        return WireReply(_FIELD, view.observe(request.disable_fog))

    if match.setup.realtime and request.game_loop > match.loop and not match.over:
        return Waiting(
            ready=lambda: match.loop >= request.game_loop or match.over, finish=answer, loop=request.game_loop
        )
    return answer()
