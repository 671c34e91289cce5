"""RequestDebug: things that no player could do. They take effect at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from s2clientprotocol import debug_pb2 as debug_pb
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim import abilities, kernels, recording, switches
from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import construction, deaths, placement, production
from cherrypy_bot.sim.api.errors import NOT_AFTER_END, RequestError
from cherrypy_bot.sim.api.session import Reply, Waiting
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.state import NEUTRAL

if TYPE_CHECKING:
    from cherrypy_bot.sim.api.match import Match, Seat
    from cherrypy_bot.sim.api.session import Session

MAX_UNITS = 4_000
"""Units that may live in a game after a debug command; more are refused."""
RESOURCES = 5000
"""What `minerals`, `gas` and `all_resources` add, as in the game."""
_SEARCH_CELLS = 24
_SWITCHES = {
    getattr(debug_pb, name): name
    for name in (
        switches.FREE,
        switches.FOOD,
        switches.TECH_TREE,
        switches.COOLDOWN,
        switches.FAST_BUILD,
        switches.GOD,
    )
}
_OWNERS = {1: 0, 2: 1, 0: NEUTRAL, 16: NEUTRAL}


def debug(session: Session, request: sc.RequestDebug) -> Reply | Waiting:
    """Carry out all commands, when it is this player's turn."""
    match, seat = session.playing()
    if not seat.is_participant:
        raise RequestError("observers change nothing; debug requests are for players")

    def act() -> Reply:
        if match.over:
            raise RequestError(NOT_AFTER_END)
        changing = any(_changes_state(command) for command in request.debug)
        if changing:
            recording.follow(_game(match))  # the commands alone will not make this game again
        try:
            for command in request.debug:
                kind = command.WhichOneof("command")
                if kind is not None:
                    _COMMANDS[kind](match, seat, getattr(command, kind))
        finally:
            if changing:
                _settle(match)
            _look_anew(match)
        return sc.Response(debug=sc.ResponseDebug())

    return match.at_their_turn(seat, act)


def _settle(match: Match) -> None:
    """Sight, supply and power after the state was changed by hand."""
    game = _game(match)
    game.altered = True
    abilities.power.update(game)
    abilities.supply.recount(game)
    for kind, row, arg in kernels.refresh(game.world):
        abilities.on_event(game, kind, row, arg)
    deaths.decide(game)


def _look_anew(match: Match) -> None:
    for other in match.clients:
        if other.view is not None:
            other.view.forget()


def _changes_state(command: debug_pb.DebugCommand) -> bool:
    """Whether the game goes on differently for it; drawings and what a client may see and command do not count."""
    kind = command.WhichOneof("command")
    if kind == "game_state":
        return command.game_state not in (debug_pb.show_map, debug_pb.control_enemy)
    return kind not in (None, "draw", "score")


def _game(match: Match) -> Game:
    assert match.game is not None
    return match.game


# -- units -------------------------------------------------------------------------------------------------
def _create_unit(match: Match, seat: Seat, command: debug_pb.DebugCreateUnit) -> None:
    game = _game(match)
    world = game.world
    rule = world.rules.units.get(command.unit_type)
    if rule is None:
        raise RequestError(f"there is no unit type {command.unit_type} to create")
    owner = _OWNERS.get(command.owner)
    if owner is None:
        raise RequestError(f"there is no player {command.owner}; units belong to 1, 2 or 0 (neutral)")
    x, y = command.pos.x, command.pos.y
    if not (math.isfinite(x) and math.isfinite(y) and 0 <= x < world.map.width and 0 <= y < world.map.height):
        raise RequestError(f"({x}, {y}) is not on the map")
    count = max(command.quantity, 1)
    alive = int(world.units.alive[: world.clock.rows[0]].sum())
    if alive + count > MAX_UNITS:
        raise RequestError(f"{count} more units would make {alive + count}; this game holds at most {MAX_UNITS}")
    spots = _spots(game, command.unit_type, owner, x, y)
    for _ in range(count):
        px, py = next(spots, (x, y))
        row = world.spawn(command.unit_type, owner, px, py)
        if rule.is_structure and owner != NEUTRAL:
            construction.on_built(game, row)
        if rule.resource_amount and owner == NEUTRAL:
            world.units.contents[row] = rule.resource_amount


def _spots(game: Game, type_id: int, owner: int, x: float, y: float) -> Iterator[tuple[float, float]]:
    """Places for units of a type, nearest first."""
    world = game.world
    rule = world.rules.units[type_id]
    structure = rule.is_structure and owner != NEUTRAL
    pitch = 1.0 if structure else max(2 * rule.radius, 0.5)
    reach = range(-_SEARCH_CELLS, _SEARCH_CELLS + 1)
    around = sorted((dx * dx + dy * dy, dx, dy) for dx in reach for dy in reach)
    for _, dx, dy in around:
        px, py = x + dx * pitch, y + dy * pitch
        if not (0 <= px < world.map.width and 0 <= py < world.map.height):
            continue
        if structure:
            px, py = placement.snap(rule, px, py)
            if _fits(game, owner, type_id, px, py):
                yield px, py
        elif rule.is_flying or world.grids.walk[int(py), int(px)]:
            yield px, py


def _fits(game: Game, owner: int, type_id: int, x: float, y: float) -> bool:
    """Whether a structure's cells are free; creep and power are the creator's business."""
    world = game.world
    cx, cy = math.floor(x), math.floor(y)
    for dx, dy in world.rules.units[type_id].footprint:
        px, py = cx + dx, cy + dy
        if not (0 <= px < world.map.width and 0 <= py < world.map.height):
            return False
        if world.grids.blocked_build[py, px] or not world.grids.terrain_place[py, px]:
            return False
    return True


def _kill_unit(match: Match, seat: Seat, command: debug_pb.DebugKillUnit) -> None:
    game = _game(match)
    for tag in command.tag:
        row = game.world.row_of(tag)
        if row != st.NONE:
            deaths.bury(game, row, st.NONE)


def _unit_value(match: Match, seat: Seat, command: debug_pb.DebugSetUnitValue) -> None:
    game = _game(match)
    u, row = game.world.units, game.world.row_of(command.unit_tag)
    if row == st.NONE:
        raise RequestError(f"there is no unit with tag {command.unit_tag}")
    if not math.isfinite(command.value):
        raise RequestError("a unit's value must be a finite number")
    name, limit = {
        debug_pb.DebugSetUnitValue.Energy: ("energy", u.energy_max),
        debug_pb.DebugSetUnitValue.Life: ("hp", u.hp_max),
        debug_pb.DebugSetUnitValue.Shields: ("shield", u.shield_max),
    }[command.unit_value]
    value = min(max(command.value, 0.0), float(limit[row]))
    if name == "hp" and value == 0.0:
        deaths.bury(game, row, st.NONE)
    else:
        getattr(u, name)[row] = value


# -- the game ----------------------------------------------------------------------------------------------
def _game_state(match: Match, seat: Seat, switch: int) -> None:
    """Most are switches that a second request turns off; resources and upgrades are given once more each time."""
    game = _game(match)
    players = game.world.players
    if switch in _SWITCHES:
        switches.toggle(game.world, seat.player, _SWITCHES[switch])
    elif switch == debug_pb.upgrade:
        _give_upgrades(game, seat.player)
    elif switch == debug_pb.show_map:
        seat.map_revealed = not seat.map_revealed
    elif switch == debug_pb.control_enemy:
        seat.controls_enemy = not seat.controls_enemy
    else:  # minerals, gas, all_resources
        if switch != debug_pb.gas:
            players.minerals[seat.player] += RESOURCES
        if switch != debug_pb.minerals:
            players.gas[seat.player] += RESOURCES


def _give_upgrades(game: Game, player: int) -> None:
    """All upgrades that can be researched; of those with levels the next one."""
    world = game.world
    known, rules = world.upgrades[player], world.rules.upgrades
    for rule in rules.values():
        stem, level = rule.name[:-1], rule.name[-1]
        below = stem.endswith("Level") and level in "23" and world.rules.upgrade(f"{stem}{int(level) - 1}").id
        if rule.obtainable and (not below or below in known):
            production.learn(game, player, rule.id)


def _end_game(match: Match, seat: Seat, command: debug_pb.DebugEndGame) -> None:
    game = _game(match)
    if command.end_result == debug_pb.DebugEndGame.DeclareVictory:
        game.finish(seat.player)
    else:
        game.leave(seat.player)


def _accept(match: Match, seat: Seat, command: Any) -> None:
    """Drawings and scores change nothing that anybody could see here."""


def _test_process(match: Match, seat: Seat, command: debug_pb.DebugTestProcess) -> None:
    raise RequestError("this game neither hangs nor crashes on demand")


_COMMANDS: dict[str, Callable[[Match, Seat, Any], None]] = {
    "draw": _accept,
    "score": _accept,
    "game_state": _game_state,
    "create_unit": _create_unit,
    "kill_unit": _kill_unit,
    "unit_value": _unit_value,
    "end_game": _end_game,
    "test_process": _test_process,
}
