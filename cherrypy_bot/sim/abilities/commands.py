"""A player's command: who may carry it out, what it means for each unit, and the first steps of plain orders."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import (
    addons,
    checks,
    construction,
    effects,
    gathering,
    morphs,
    orders,
    production,
    rally,
    warp,
)
from cherrypy_bot.sim.abilities.effects import cast, magazines, repair, templar, transports
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import SMART, CommandTable, command_table
from cherrypy_bot.sim.rules import AIR, GROUND, CommandRule
from cherrypy_bot.sim.state import NEUTRAL, NONE
from cherrypy_bot.sim.world import Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Command, Game

Handler = Callable[["Game", int, CommandRule, "Command"], int]

ONE_CASTER = frozenset({"train", "larva_train", "research", "build", "warp_in", "arm"})
"""Given to several units at once, such a command is carried out by one of them."""
WHILE_BUILDING = frozenset({"cancel_building", "halt", "rally", "smart"})
"""What a structure under construction accepts."""


def command(game: Game, player: int, given: Command) -> list[int]:
    """Give a command; one ActionResult per unit of `given.rows`, 1 = success. Never raises for odd values.

    A unit that another one stood in for (see `ONE_CASTER`) reports success.
    """
    table = command_table(game.world.rules)
    if given.ability < 0:
        return [_toggle(game, player, row, -given.ability) for row in given.rows]
    given, problem = _sane(game, player, given)
    if problem == Result.SUCCESS and not table.is_known(given.ability):
        problem = Result.NOT_SUPPORTED
    results: list[int] = []
    casters: list[tuple[int, int, list[CommandRule]]] = []
    for index, row in enumerate(given.rows):
        result = _controls(game, player, row)
        if result == Result.SUCCESS:
            result = problem
        found: list[CommandRule] = []
        if result == Result.SUCCESS:
            found = _meaning(game, table, row, given)
            result = Result.SUCCESS if found else Result.NOT_SUPPORTED
        if result == Result.SUCCESS:
            casters.append((index, row, found))
        results.append(int(result))
    alone = [c for c in casters if _is_for_one(c[2][0])]
    for index, row, found in casters:
        if not _is_for_one(found[0]):
            results[index] = _first_success(game, row, found, given)
    if alone:
        _one_of(game, alone, given, results)
    return results


def _toggle(game: Game, player: int, row: int, ability: int) -> int:
    result = _controls(game, player, row)
    return result if result != Result.SUCCESS else cast.toggle(game, row, ability)


def _is_for_one(rule: CommandRule) -> bool:
    return rule.how in ONE_CASTER or (rule.how == "effect" and cast.one_caster(rule))


def _sane(game: Game, player: int, given: Command) -> tuple[Command, int]:
    """The command with its point on the map, and what is wrong with its target for everybody."""
    if given.target != NONE:
        if not 0 <= given.target < int(game.world.clock.rows[0]):
            return given, Result.ERROR
        if not checks.visible(game, player, given.target):
            return given, Result.MUST_TARGET_VISIBLE_UNIT
    if given.has_point:
        if not checks.point_ok(given.x, given.y):
            return given, Result.ERROR
        x, y = checks.clamp(game, given.x, given.y)
        given = given._replace(x=x, y=y)
    return given, Result.SUCCESS


def _controls(game: Game, player: int, row: int) -> int:
    w, u = game.world, game.world.units
    if not 0 <= row < int(w.clock.rows[0]) or u.alive[row] != 1:
        return Result.ERROR
    if u.owner[row] != player:
        return Result.YOU_CANT_CONTROL_THAT_UNIT
    if u.hidden[row] and u.order[row] != st.GATHER:
        return Result.YOU_CANT_ISSUE_COMMANDS_TO_THAT_UNIT
    return Result.SUCCESS


def _meaning(game: Game, table: CommandTable, row: int, given: Command) -> list[CommandRule]:
    """Rows of the command table that the given ability means for a unit, best first."""
    return table.find(given.ability, orders.type_then(game.world, row, queue=given.queue))


def _first_success(game: Game, row: int, found: list[CommandRule], given: Command) -> int:
    """Try the meanings of a general id in turn; the first error counts when all fail."""
    first: int = Result.NOT_SUPPORTED
    for number, rule in enumerate(found):
        result = _carry_out(game, row, rule, given)
        if result == Result.SUCCESS:
            return int(result)
        if number == 0 or first == Result.CANT_FIND_CANCEL_ORDER:
            first = result
    return int(first)


def _one_of(game: Game, casters: list[tuple[int, int, list[CommandRule]]], given: Command, results: list[int]) -> None:
    """Let the best placed of several units carry out a command that only one of them shall.

    Builders: the nearest. Casters: the nearest that can. Structures: the one with the least to do.
    """
    w, u = game.world, game.world.units

    def rank(caster: tuple[int, int, list[CommandRule]]) -> tuple[float, int]:
        _, row, found = caster
        if found[0].how in ("build", "effect"):
            x, y = given.x, given.y
            if given.target != NONE:
                x, y = float(u.x[given.target]), float(u.y[given.target])
            return math.hypot(u.x[row] - x, u.y[row] - y), caster[0]
        return float(len(w.production.get(row, ()))), caster[0]

    first: tuple[int, int] | None = None
    for index, row, found in sorted(casters, key=rank):
        result = _first_success(game, row, found, given)
        if result == Result.SUCCESS:
            return
        if first is None:
            first = (index, result)
    if first is not None:
        results[first[0]] = first[1]


def _carry_out(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    u = game.world.units
    if not effects.supported(rule):
        return Result.NOT_SUPPORTED
    if u.build_left[row] > 0 and rule.how not in WHILE_BUILDING:
        return Result.BUILDING_IS_UNDER_CONSTRUCTION
    handler = HANDLERS.get(rule.how)
    return Result.NOT_SUPPORTED if handler is None else handler(game, row, rule, given)


# -- plain orders ----------------------------------------------------------------------------------------
def _at(game: Game, player: int, ability: int, kind: int, unit_kind: int, given: Command) -> Order | None:
    """The order at a command's target: `unit_kind` at a unit, `kind` at a point, None without a target.

    What is only remembered is gone to, not followed.
    """
    u = game.world.units
    if given.target != NONE:
        t = given.target
        if not _in_sight(game, player, t):
            return Order(ability, kind, float(u.x[t]), float(u.y[t]))
        return Order(ability, unit_kind, float(u.x[t]), float(u.y[t]), t, int(u.recycle[t]))
    if given.has_point:
        return Order(ability, kind, given.x, given.y)
    return None


def _in_sight(game: Game, player: int, row: int) -> bool:
    u = game.world.units
    return bool(u.owner[row] in (player, NEUTRAL) or int(u.seen[row]) >> player & 1)


def move(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """MOVE to a point, or after a unit."""
    if orders.immobile_then(game.world, row, queue=given.queue):
        return Result.UNIT_CANT_MOVE
    if given.target == row:
        return Result.CANT_TARGET_THAT_UNIT
    order = _at(game, int(game.world.units.owner[row]), rule.ability_id, st.MOVE, st.FOLLOW, given)
    if order is None:
        return Result.MUST_TARGET_VISIBLE_LOCATION
    return orders.give(game, row, order, queue=given.queue)


def patrol(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """PATROL between here and a point."""
    if orders.immobile_then(game.world, row, queue=given.queue):
        return Result.UNIT_CANT_MOVE
    order = _at(game, int(game.world.units.owner[row]), rule.ability_id, st.PATROL, st.PATROL, given)
    if order is None:
        return Result.MUST_TARGET_VISIBLE_LOCATION
    return orders.give(game, row, order._replace(target=NONE, target_recycle=0), queue=given.queue)


def attack(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """ATTACK a unit, or move to a point and fight on the way."""
    w, u = game.world, game.world.units
    target = given.target
    if target == NONE:
        if not given.has_point:
            return Result.MUST_TARGET_VISIBLE_LOCATION
        if orders.immobile_then(w, row, queue=given.queue):
            return Result.UNIT_CANT_MOVE
        order = Order(rule.ability_id, st.ATTACK_MOVE, given.x, given.y)
        return orders.give(game, row, order, queue=given.queue)
    if target == row:
        return Result.CANT_TARGET_THAT_UNIT
    if u.invulnerable[target]:
        return Result.CANT_TARGET_INVULNERABLE_UNITS
    planes = w.rules.units[int(u.type_id[target])].plane_bits
    mine = w.rules.units[int(u.type_id[row])]
    if not any(w.rules.weapons[i].target_bits & planes for i in mine.weapons):
        return (
            Result.CANT_TARGET_AIR_UNITS
            if planes == AIR
            else (Result.CANT_TARGET_GROUND_UNITS if planes == GROUND else Result.CANT_TARGET_THAT_UNIT)
        )
    at_unit = _at(game, int(u.owner[row]), rule.ability_id, st.ATTACK_MOVE, st.ATTACK_UNIT, given)
    if at_unit is None or (at_unit.kind == st.ATTACK_MOVE and orders.immobile_then(w, row, queue=given.queue)):
        return Result.MUST_TARGET_VISIBLE_UNIT
    return orders.give(game, row, at_unit, queue=given.queue)


def hold(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """HOLDPOSITION: fight what comes into range, never move."""
    u = game.world.units
    order = Order(rule.ability_id, st.HOLD, float(u.x[row]), float(u.y[row]))
    return orders.give(game, row, order, queue=given.queue)


def stop(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """STOP: forget all orders."""
    if not given.queue:
        orders.stop(game, row)
    return Result.SUCCESS


# -- smart -----------------------------------------------------------------------------------------------
def smart(game: Game, row: int, rule: CommandRule, given: Command) -> int:
    """SMART: what a right click on this target means for this unit."""
    w, u = game.world, game.world.units
    table = command_table(w.rules)
    own = orders.type_then(w, row, queue=given.queue)
    if u.build_left[row] > 0 and not w.rules.units[own].is_structure:
        return Result.BUILDING_IS_UNDER_CONSTRUCTION
    target = given.target
    if target == NONE and not given.has_point:
        return Result.MUST_TARGET_VISIBLE_LOCATION
    if target != NONE and u.owner[target] == u.owner[row]:
        if transports.may_board(game, row, target) == Result.SUCCESS and not transports.is_hall(w, target):
            return transports.board(game, row, target, queue=given.queue)
        if transports.may_board(game, target, row) == Result.SUCCESS and not transports.is_hall(w, row):
            return transports.load(game, row, transports.load_rule(w, row), given)
    for how in _smart_meanings(game, row, target, orders.immobile_then(w, row, queue=given.queue)):
        if how == "resume":
            if construction.resume(game, row, target, queue=given.queue) == Result.SUCCESS:
                return Result.SUCCESS
            continue
        found = [r for r in table.rows.get(own, {}).values() if r.how == how]
        if how == "repair":
            found = [table.rows[own][repair.REPAIRS[w.rules.units[own].name]]]
        if how == "rally" and target != NONE and w.rules.units[int(u.type_id[target])].is_mineral_field:
            found = found[::-1]  # a hatchery sends workers to minerals, everything else elsewhere
        if found:
            return _carry_out(game, row, found[0], given)
    return Result.UNIT_CANT_MOVE


def _smart_meanings(game: Game, row: int, target: int, immobile: bool) -> list[str]:
    """Kinds of commands that a right click may mean, in the order in which they are looked for."""
    w, u = game.world, game.world.units
    if target == NONE:
        return ["rally"] if immobile else ["move", "rally"]
    rule = w.rules.units[int(u.type_id[target])]
    owner = u.owner[target]
    plain = ["rally"] if immobile else ["move"]
    if rule.is_mineral_field or (rule.is_gas_building and owner == u.owner[row] and u.build_left[target] <= 0):
        return ["gather", *plain]
    if owner == NEUTRAL:
        return plain
    if owner != u.owner[row]:
        return ["attack", *plain]
    if rule.is_townhall and u.carry[row] != st.CARRY_NONE and u.build_left[target] <= 0:
        return ["return", *plain]
    if w.rules.units[int(u.type_id[row])].name in repair.REPAIRS and repair.possible(game, row, target):
        return ["repair", *plain]
    if u.build_left[target] > 0 and u.carrier[target] == NONE and not immobile:
        return ["resume", *plain] if w.rules.units[int(u.type_id[row])].name == "SCV" else plain
    return plain


HANDLERS: dict[str, Handler] = {
    "smart": smart,
    "move": move,
    "scan_move": move,
    "patrol": patrol,
    "attack": attack,
    "hold_position": hold,
    "stop": stop,
    "gather": gathering.gather,
    "return": gathering.return_cargo,
    "rally": rally.set_rally,
    "train": production.train,
    "larva_train": production.larva_train,
    "research": production.research,
    "cancel_last": production.cancel_last,
    "build": construction.build,
    "cancel_building": construction.cancel,
    "halt": construction.halt,
    "addon": addons.build,
    "cancel_addon": addons.cancel,
    "morph": morphs.morph,
    "cancel_morph": morphs.cancel,
    "warp_in": warp.warp_in,
    "effect": cast.cast,
    "cancel": cast.cancel,
    "arm": magazines.arm,
    "merge": templar.merge,
    "load": transports.load,
    "unload_all": transports.unload_all,
    "unload_at": transports.unload_at,
    "unload_unit": transports.unload_unit,
}
"""What carries out each kind of command. Kinds that are missing are refused (see `effects.REFUSED`)."""

__all__ = ["HANDLERS", "SMART", "command"]
