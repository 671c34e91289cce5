"""RequestQuery: ways, available abilities, building placement."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from s2clientprotocol import common_pb2 as common
from s2clientprotocol import error_pb2 as error
from s2clientprotocol import query_pb2 as query
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import abilities, kernels
from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import placement, warp
from cherrypy_bot.sim.api.errors import RequestError
from cherrypy_bot.sim.api.session import Reply
from cherrypy_bot.sim.game import Game

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.match import Seat
    from cherrypy_bot.sim.api.session import Session

MAX_QUERIES = 100_000
"""Questions in one request; more are answered with an error."""


def answer(session: Session, request: query.RequestQuery) -> Reply:
    """Answers to all questions, in their order."""
    match, seat = session.playing()
    game = match.game
    assert game is not None
    asked = len(request.pathing) + len(request.abilities) + len(request.placements)
    if asked > MAX_QUERIES:
        raise RequestError(f"{asked} questions in one query; ask at most {MAX_QUERIES}")
    free = request.ignore_resource_requirements
    return sc.Response(
        query=query.ResponseQuery(
            pathing=[query.ResponseQueryPathing(distance=_distance(game, seat, one)) for one in request.pathing],
            abilities=[_abilities(game, seat, one, free) for one in request.abilities],
            placements=[
                query.ResponseQueryBuildingPlacement(result=_placement(game, seat, one, free))
                for one in request.placements
            ],
        )
    )


def _distance(game: Game, seat: Seat, one: query.RequestQueryPathing) -> float:
    """Length of the way, 0 when there is none."""
    world = game.world
    cliff = False
    if one.HasField("unit_tag"):
        row = _known_row(seat, one.unit_tag)
        if row == st.NONE:
            return 0.0
        x, y = float(world.units.x[row]), float(world.units.y[row])
        if world.units.flying[row]:
            return _inside(game, one.end_pos) * math.dist((x, y), (one.end_pos.x, one.end_pos.y))
        cliff = world.rules.units[int(world.units.type_id[row])].name in ("Reaper", "Colossus")
    elif _inside(game, one.start_pos):
        x, y = one.start_pos.x, one.start_pos.y
    else:
        return 0.0
    if not _inside(game, one.end_pos):
        return 0.0
    distance = kernels.path_distance(world, x, y, one.end_pos.x, one.end_pos.y, cliff=cliff)
    return max(distance, 0.0)


def _inside(game: Game, point: common.Point2D) -> bool:
    m = game.world.map
    return math.isfinite(point.x) and math.isfinite(point.y) and 0 <= point.x < m.width and 0 <= point.y < m.height


def _known_row(seat: Seat, tag: int) -> int:
    assert seat.view is not None
    return seat.view.sight().row_of(tag)


def _abilities(
    game: Game, seat: Seat, one: query.RequestQueryAvailableAbilities, free: bool
) -> query.ResponseQueryAvailableAbilities:
    world = game.world
    out = query.ResponseQueryAvailableAbilities(unit_tag=one.unit_tag)
    row = world.row_of(one.unit_tag)
    if row == st.NONE or world.units.owner[row] != seat.player:
        return out
    out.unit_type_id = int(world.units.type_id[row])
    out.abilities.extend(offered(game, row, ignore_resources=free))
    return out


def offered(game: Game, row: int, *, ignore_resources: bool) -> list[common.AvailableAbility]:
    """What the unit in a row could do now."""
    found = []
    for ability in abilities.available(game, row, ignore_resources):
        rule = game.world.rules.abilities.get(ability)
        point = rule is not None and rule.target in ("Point", "PointOrUnit", "PointOrNone")
        found.append(common.AvailableAbility(ability_id=ability, requires_point=point))
    return found


def _placement(game: Game, seat: Seat, one: query.RequestQueryBuildingPlacement, free: bool) -> Any:
    """sc2 ActionResult of placing what an ability builds."""
    world = game.world
    exact = [one.ability_id, *world.rules.general_to_exact.get(one.ability_id, ())]
    commands = [rule for ability in exact for rule in world.rules.commands.get(ability, ()) if rule.product]
    race = world.races[seat.player]
    commands.sort(key=lambda rule: world.rules.units[rule.product].race != race)
    if not commands:
        return error.Error
    if not _inside(game, one.target_pos):
        return error.CantBuildLocationInvalid
    rule = commands[0]
    if rule.how == "warp_in":
        fits = warp.place_free(game, seat.player, rule.product, one.target_pos.x, one.target_pos.y)
        return error.Success if fits else error.CantWarpInUnitsThere
    builder = world.row_of(one.placing_unit_tag) if one.HasField("placing_unit_tag") else st.NONE
    if builder != st.NONE and world.units.owner[builder] != seat.player:
        builder = st.NONE
    return placement.can_place(
        game,
        seat.player,
        rule.product,
        one.target_pos.x,
        one.target_pos.y,
        ability_id=rule.ability_id,
        builder=builder,
        ignore_resources=free,
    )
