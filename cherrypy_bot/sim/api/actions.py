"""RequestAction: orders, autocast, camera and chat, one result per action."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from s2clientprotocol import error_pb2 as error
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api.errors import NOT_AFTER_END, RequestError
from cherrypy_bot.sim.api.session import Reply, Waiting
from cherrypy_bot.sim.api.sight import SNAPSHOT_TAG
from cherrypy_bot.sim.game import CameraRecord, ChatRecord, Command

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.match import Match, Seat
    from cherrypy_bot.sim.api.session import Session

MAX_ACTIONS = 10_000
"""Actions in one request; more are answered with an error."""
MAX_CHAT = 255
"""Longest chat message, in characters."""


def action(session: Session, request: sc.RequestAction) -> Reply | Waiting:
    """Carry out all actions, in their order, when it is this player's turn."""
    match, seat = session.playing()
    if not seat.is_participant:
        raise RequestError("observers do not act; obs_action moves their camera")
    if len(request.actions) > MAX_ACTIONS:
        raise RequestError(f"{len(request.actions)} actions in one request; send at most {MAX_ACTIONS}")

    def act() -> Reply:
        if match.over:
            raise RequestError(NOT_AFTER_END)
        for other in match.clients:
            deciding = other.goal <= match.loop  # who waits for a later loop will not look at this one
            if other.view is not None and not other.left and deciding:
                other.view.prepare()
        results = [_act(match, seat, one) for one in request.actions]
        seat.acted_loop = match.loop
        return sc.Response(action=sc.ResponseAction(result=results))

    return match.at_their_turn(seat, act)


def _act(match: Match, seat: Seat, one: sc.Action) -> Any:
    result: Any = error.NotSupported
    if one.HasField("action_chat"):
        result = _chat(match, seat, one.action_chat)
    elif one.HasField("action_raw"):
        kind = one.action_raw.WhichOneof("action")
        if kind is not None:
            result = _RAW[kind](match, seat, one.action_raw)
    if result == error.Success:
        done = sc.Action(game_loop=match.loop)
        done.MergeFrom(one)
        seat.actions.append(done)
    return result


def _chat(match: Match, seat: Seat, chat: sc.ActionChat) -> Any:
    said = sc.ChatReceived(player_id=seat.player_id, message=str(chat.message)[:MAX_CHAT])
    if match.game is not None:
        team = chat.channel == sc.ActionChat.Team
        match.game.chat.append(ChatRecord(match.loop, seat.player, said.message, team))
    for other in match.clients:
        if other is seat or chat.channel != sc.ActionChat.Team:
            other.chat.append(said)
    return error.Success


def _unit_command(match: Match, seat: Seat, one: raw.ActionRaw) -> Any:
    assert match.game is not None
    assert seat.view is not None
    game, order = match.game, one.unit_command
    world, sight = game.world, seat.view.sight()
    named = [world.row_of(tag) for tag in order.unit_tags if tag < SNAPSHOT_TAG]
    alive = [row for row in named if row != st.NONE]
    rows = [row for row in alive if world.units.owner[row] == seat.player]
    player = seat.player
    if not rows and seat.controls_enemy:
        player = 1 - seat.player
        rows = [row for row in alive if world.units.owner[row] == player]
    if not rows:
        return error.YouCantControlThatUnit if alive else error.CouldntAllocateUnit
    target, x, y, has_point = st.NONE, 0.0, 0.0, False
    if order.HasField("target_unit_tag"):
        target = sight.row_of(order.target_unit_tag)
        if target == st.NONE:
            ghost = sight.ghost(order.target_unit_tag)
            if ghost is None:
                return error.CantTargetThatUnit
            x, y, has_point = ghost[0], ghost[1], True
    elif order.HasField("target_world_space_pos"):
        x, y, has_point = order.target_world_space_pos.x, order.target_world_space_pos.y, True
        if not (math.isfinite(x) and math.isfinite(y)):
            return error.MustTargetVisibleLocation
        x = min(max(x, 0.0), world.map.width - 0.01)
        y = min(max(y, 0.0), world.map.height - 0.01)
    command = Command(order.ability_id, tuple(rows), target, x, y, has_point, order.queue_command)
    results = game.command(player, command)
    if seat.options.raw_affects_selection:
        seat.selection = tuple(world.tag(row) for row in rows)
    return error.Success if error.Success in results else results[0]


def _toggle_autocast(match: Match, seat: Seat, one: raw.ActionRaw) -> Any:
    assert match.game is not None
    toggle, world = one.toggle_autocast, match.game.world
    named = [world.row_of(tag) for tag in toggle.unit_tags if tag < SNAPSHOT_TAG]
    rows = [row for row in named if row != st.NONE and world.units.owner[row] == seat.player]
    if not rows:
        return error.CouldntAllocateUnit
    if toggle.ability_id <= 0:
        return error.NotSupported
    results = match.game.command(seat.player, Command(-toggle.ability_id, tuple(rows)))
    return error.Success if error.Success in results else results[0]


def _camera_move(match: Match, seat: Seat, one: raw.ActionRaw) -> Any:
    place = one.camera_move.center_world_space
    if not (math.isfinite(place.x) and math.isfinite(place.y)):
        return error.MustTargetVisibleLocation
    m = match.setup.map_data
    seat.camera = (min(max(place.x, 0.0), float(m.width)), min(max(place.y, 0.0), float(m.height)))
    if match.game is not None:
        match.game.cameras.append(CameraRecord(match.loop, seat.player, *seat.camera))
    return error.Success


_RAW: dict[str, Callable[[Match, Seat, raw.ActionRaw], Any]] = {
    "unit_command": _unit_command,
    "toggle_autocast": _toggle_autocast,
    "camera_move": _camera_move,
}
