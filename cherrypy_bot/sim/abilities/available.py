"""Which abilities a unit could use now: the answer to the API's query."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import addons, checks, construction, effects, morphs, production, warp
from cherrypy_bot.sim.abilities.commands import HANDLERS, WHILE_BUILDING
from cherrypy_bot.sim.abilities.effects import cast, magazines, transports
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

Test = Callable[["Game", int, CommandRule, bool], bool]


def available(game: Game, row: int, ignore_resources: bool) -> list[int]:
    """Exact ids of the abilities that the unit in a row could use now, ascending.

    Tech, queues, energy and recharge count; price and food do too unless `ignore_resources`. Targets and places
    are not looked at. Empty for a unit that does not live.
    """
    w, u = game.world, game.world.units
    if not 0 <= row < int(w.clock.rows[0]) or u.alive[row] != 1:
        return []
    found = []
    for ability, rule in command_table(w.rules).rows.get(int(u.type_id[row]), {}).items():
        if rule.how not in HANDLERS or not effects.supported(rule):
            continue
        if u.build_left[row] > 0 and rule.how not in WHILE_BUILDING:
            continue
        test = _TESTS.get(rule.how)
        if test is None or test(game, row, rule, ignore_resources):
            found.append(ability)
    return sorted(found)


def _mobile(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    return not game.world.units.immobile[row]


def _carries(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    return bool(game.world.units.carry[row] != st.CARRY_NONE)


def _larva(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    owner = int(game.world.units.owner[row])
    return checks.affordable(game, owner, rule, row, free=free) == Result.SUCCESS


def _queued(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    items = game.world.production.get(row, ())
    return bool(items) and not (items[-1].product and morphs.is_morph(game.world, row, items[-1]))


def _morphing(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    items = game.world.production.get(row, ())
    return bool(items) and items[0].ability + 1 == rule.ability_id


def _unfinished(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    return bool(game.world.units.build_left[row] > 0)


def _halts(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    return construction.is_building(game.world, row)


def _addon_rises(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    u = game.world.units
    addon = int(u.addon[row])
    return addon != NONE and bool(u.build_left[addon] > 0)


def _loaded(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    return bool(transports.passengers(game.world, row))


def _casting(game: Game, row: int, rule: CommandRule, free: bool) -> bool:
    if rule.ability_id in cast.SPELLS:
        return cast.ready(game, row, rule, free=free) == Result.SUCCESS
    order = game.world.current.get(row)
    busy = order is not None and order.kind == st.BUSY
    return busy and order is not None and order.data in (cast.PREPARES, cast.CHANNELS)


def _result(of: Callable[..., int]) -> Test:
    return lambda game, row, rule, free: of(game, row, rule, free=free) == Result.SUCCESS


_TESTS: dict[str, Test] = {
    "move": _mobile,
    "scan_move": _mobile,
    "patrol": _mobile,
    "return": _carries,
    "train": _result(production.train_result),
    "research": _result(production.research_result),
    "build": _result(construction.build_result),
    "addon": _result(addons.build_result),
    "morph": _result(morphs.morph_result),
    "warp_in": _result(warp.warp_result),
    "larva_train": _larva,
    "cancel_last": _queued,
    "cancel_morph": _morphing,
    "cancel_building": _unfinished,
    "halt": _halts,
    "cancel_addon": _addon_rises,
    "effect": _result(cast.ready),
    "cancel": _casting,
    "arm": _result(magazines.arm_result),
    "unload_all": _loaded,
    "unload_at": _loaded,
    "unload_unit": _loaded,
}
"""When each kind of command is available; kinds that are missing always are."""
