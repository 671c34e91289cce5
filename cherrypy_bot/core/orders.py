"""UpcToCommand: the last module of every bot; makes game orders of sharp UPCs.

`ORDERS` says which ability a command stands for. Orders that a unit carries out already are not sent
again. All orders of a step leave in one batch, which python-sc2 sends when the step ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final

from sc2.dicts.generic_redirect_abilities import GENERIC_REDIRECT_ABILITIES
from sc2.dicts.unit_research_abilities import RESEARCH_INFO
from sc2.dicts.unit_train_build_abilities import TRAIN_INFO
from sc2.dicts.upgrade_researched_from import UPGRADE_RESEARCHED_FROM
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.unit import Unit
from sc2.unit_command import UnitCommand

from cherrypy_bot.core.errors import CoreError
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.upc import Command, CreateState, Upc

ORDERS: Final[Mapping[Command, AbilityId | None]] = MappingProxyType(
    {
        Command.CREATE: None,
        Command.CAST: None,
        Command.GATHER: AbilityId.HARVEST_GATHER,
        Command.ATTACK: AbilityId.ATTACK,
        Command.MOVE: AbilityId.MOVE_MOVE,
        Command.FLEE: AbilityId.MOVE_MOVE,
        Command.REPAIR: AbilityId.EFFECT_REPAIR,
        Command.STOP: AbilityId.STOP,
        Command.HOLD: AbilityId.HOLDPOSITION,
        Command.CANCEL: AbilityId.CANCEL,
    }
)
"""Ability of each command that becomes an order; None where the state decides it.

Other commands are for modules."""

_SAME_PLACE_CELLS = 0.1
"""The game rounds the positions of orders; closer than this is the same place."""

_GENERIC: Final[dict[int, int]] = {exact.value: general.value for exact, general in GENERIC_REDIRECT_ABILITIES.items()}


class OrderError(CoreError):
    """A sharp UPC names something that no order can do; the message says what."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order for one unit, before it is sent."""

    unit: Unit
    ability: AbilityId
    target: Any
    queued: bool
    upc: Upc


class UpcToCommand(Module):
    """Consumes sharp UPCs, most important first, and orders their units about.

    A unit gets one order per step, plus queued ones; of two UPCs for the same unit the one with the greater
    priority wins (the older one of equals) and the other is recorded as refused.
    """

    name: ClassVar[str] = "upc_to_command"
    consumes: ClassVar[tuple[Command, ...]] = tuple(ORDERS)
    essential: ClassVar[bool] = True

    def on_step(self, ctx: Context) -> None:
        """Translate this step's sharp UPCs."""
        ready = [upc for upc in ctx.board.upcs(sharp=True) if upc.sharp_command in ORDERS]
        if not ready:
            return
        ready.sort(key=lambda upc: (upc.state is not None and upc.state.queued, -upc.priority, upc.id))
        world = _World(ctx)
        taken: dict[int, int] = {}
        orders: list[Order] = []
        for upc in ready:
            ctx.board.consume(upc.id)
            try:
                orders.extend(self._orders(ctx, world, upc, taken))
            except OrderError as error:
                ctx.trace.refuse(upc.id, str(error))
                ctx.log.debug(f"{upc.describe()} refused: {error}")
        self._send(ctx, orders)

    def _orders(self, ctx: Context, world: _World, upc: Upc, taken: dict[int, int]) -> list[Order]:
        """New orders that follow from one UPC."""
        queued = upc.state is not None and upc.state.queued
        target = world.target(upc)
        orders = []
        for tag in upc.sharp_units or ():
            unit = world.own.get(tag)
            if unit is None:
                ctx.trace.refuse(upc.id, f"unit {tag} cannot be ordered now: it is inside something or gone")
                continue
            if tag in taken and not queued:
                ctx.trace.refuse(upc.id, f"unit {tag} follows UPC #{taken[tag]} in this step already")
                continue
            ability = ability_of(upc, unit, ctx.bot.game_data)
            taken.setdefault(tag, upc.id)
            ctx.board.ordered(tag, upc.id)
            if queued or not world.does_already(tag, upc, ability):
                orders.append(Order(unit, ability, target, queued, upc))
        return orders

    def _send(self, ctx: Context, orders: list[Order]) -> None:
        """Hand the orders to python-sc2, equal ones next to each other: it sends those as one action."""
        groups: dict[Any, list[Order]] = {}
        for number, order in enumerate(orders):
            # Queued orders must keep their sequence, so each is its own group.
            key = (number,) if order.queued else (order.ability, order.target)
            groups.setdefault(key, []).append(order)
        chains: dict[int, list[int]] = {}
        for group in groups.values():
            for order in group:
                ctx.bot.do(UnitCommand(order.ability, order.unit, order.target, order.queued))
                ctx.bot.orders_given += 1
                if ctx.trace.enabled:
                    upc_id = order.upc.id
                    if upc_id not in chains:
                        chains[upc_id] = [upc.id for upc in ctx.board.chain(upc_id)]
                    target = order.target.tag if isinstance(order.target, Unit) else order.target
                    ctx.trace.order(order.unit.tag, order.ability.value, target, order.queued, chains[upc_id])


class _World:
    """Units and their current orders by tag, looked up once per step."""

    def __init__(self, ctx: Context) -> None:
        self.own: dict[int, Unit] = {unit.tag: unit for unit in ctx.bot.all_own_units}
        self._bot = ctx.bot
        self._all: dict[int, Unit] | None = None
        table = ctx.units
        self._row = table.row
        # Lists: picking single numbers out of arrays is slow.
        self._ability: list[int] = table.order_ability.tolist()
        self._target: list[int] = table.order_target.tolist()
        self._x: list[float] = table.order_x.tolist()
        self._y: list[float] = table.order_y.tolist()

    def target(self, upc: Upc) -> Any:
        """What the order aims at: a Unit, a position or None. OrderError when the unit is out of sight."""
        if upc.target is None:
            return upc.position
        if self._all is None:
            self._all = {unit.tag: unit for unit in self._bot.all_units}
        unit = self._all.get(upc.target)
        if unit is None:
            raise OrderError(f"its target {upc.target} is not in sight")
        return unit

    def does_already(self, tag: int, upc: Upc, ability: AbilityId) -> bool:
        """Whether the unit's current order is the one that `upc` would give."""
        row = self._row(tag)
        if row < 0:
            return False
        current = self._ability[row]
        command = upc.sharp_command
        if command is Command.STOP:
            return current == 0
        wanted = ability.value
        if current != wanted and _GENERIC.get(current, current) != _GENERIC.get(wanted, wanted):
            return False
        if upc.target is not None:
            return self._target[row] == upc.target
        position: Any = upc.position
        if position is not None:
            # NaN, where the order has no position, is no distance.
            return math.hypot(self._x[row] - position[0], self._y[row] - position[1]) <= _SAME_PLACE_CELLS
        # Training a second unit or using a spell again looks the same, but is something new.
        return command is Command.HOLD


def ability_of(upc: Upc, unit: Unit, game_data: Any) -> AbilityId:
    """The ability that makes `unit` do what `upc` says. OrderError when there is none."""
    state = upc.state
    if state is not None and state.ability is not None:
        if not isinstance(state.ability, AbilityId):
            raise OrderError(f"{state.ability!r} is no AbilityId")
        return state.ability
    command = upc.sharp_command
    if isinstance(state, CreateState) and command is Command.CREATE:
        return creation_ability(unit.type_id, state.what, upc.position is not None, game_data)
    ability = ORDERS[command] if command is not None else None
    if ability is None:
        raise OrderError(f"{upc.describe()} names no ability; use Upc.cast(ability, ...)")
    return ability


def creation_ability(
    producer: UnitTypeId, what: UnitTypeId | UpgradeId, has_position: bool, game_data: Any
) -> AbilityId:
    """The ability with which a unit of type `producer` makes `what`. OrderError when it cannot."""
    if isinstance(what, UpgradeId):
        info = RESEARCH_INFO.get(producer, {}).get(what)
        if info is None and what in UPGRADE_RESEARCHED_FROM:
            # Lair, Hive and Greater Spire do what they could before they morphed.
            info = RESEARCH_INFO[UPGRADE_RESEARCHED_FROM[what]].get(what)
        if info is None:
            raise OrderError(f"{producer.name} cannot research {what.name}")
        return AbilityId(info["ability"])
    info = TRAIN_INFO.get(producer, {}).get(what)
    if info is not None:
        if info.get("requires_placement_position") and not has_position:
            raise OrderError(f"{producer.name} needs a position to create {what.name}")
        return AbilityId(info["ability"])
    data = game_data.units.get(what.value)
    made_by = data.creation_ability if data is not None else None
    if made_by is None:
        raise OrderError(f"{producer.name} cannot create {what.name}: the game has no ability for that")
    return AbilityId(made_by.exact_id)
