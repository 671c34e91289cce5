"""UPC tuples: who (units), where (position), what (command), and a typed state.

Modules talk to each other in UPC tuples. A vague one ("create a Roach Warren, any drone, near the
main") is consumed by a module that can decide more, which posts a refined one with the first as its
parent. A *sharp* tuple has one outcome in every part; `UpcToCommand` makes a game order of it.

Example:
    >>> wish = Upc.create(UnitTypeId.ROACHWARREN, priority=5.0, note="roaches against hellions")
    >>> wish_id = board.post(wish)
    ...                                     # in a later module
    >>> for wish in board.upcs(command=Command.CREATE):
    ...     board.consume(wish.id)
    ...     board.post(wish.refine(units=(drone.tag,), position=spot, note="closest idle drone"))
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2

from cherrypy_bot.core.errors import UpcError


class Command(enum.Enum):
    """What a UPC asks for. The first ten become game orders when sharp, the rest are for modules."""

    CREATE = "create"
    GATHER = "gather"
    ATTACK = "attack"
    MOVE = "move"
    FLEE = "flee"
    CAST = "cast"
    REPAIR = "repair"
    STOP = "stop"
    HOLD = "hold"
    CANCEL = "cancel"
    HARASS = "harass"
    SCOUT = "scout"
    DEFEND = "defend"

    DELETE = "attack"  # noqa: PIE796 - an alias on purpose
    """CherryPi's name for ATTACK: make whatever is there go away."""


_NEEDS_A_PLACE = frozenset(
    {
        Command.GATHER,
        Command.ATTACK,
        Command.MOVE,
        Command.FLEE,
        Command.REPAIR,
        Command.HARASS,
        Command.SCOUT,
        Command.DEFEND,
    }
)


@dataclass(frozen=True, slots=True)
class PositionArea:
    """A uniform distribution over a disc: "somewhere here".

    Attributes:
        center: middle of the disc, in map cells.
        radius: of the disc, in map cells.
        name: for logs and traces ("enemy natural").
    """

    center: Point2
    radius: float
    name: str = ""

    def contains(self, point: Point2) -> bool:
        """Whether `point` lies in the disc."""
        return math.hypot(point[0] - self.center[0], point[1] - self.center[1]) <= self.radius


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcState:
    """Typed extra of a UPC; subclass it (frozen) for payloads of your own.

    Attributes:
        ability: give exactly this ability instead of the command's usual one.
        target: tag of the unit that the order aims at, instead of a position.
        queued: append to the unit's orders (shift-click) instead of replacing them.
    """

    ability: AbilityId | None = None
    target: int | None = None
    queued: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState(UpcState):
    """The state of plain orders: nothing beyond ability, target and queued."""


@dataclass(frozen=True, slots=True)
class CreateState(UpcState):
    """What to create.

    Attributes:
        what: unit, structure or upgrade.
        near: where it is wanted when the UPC itself leaves the position open.
        amount: how many; a sharp UPC creates one per unit in `units`.
    """

    what: UnitTypeId | UpgradeId
    near: Point2 | None = None
    amount: int = 1


class Resource(enum.Enum):
    """What a worker is sent for."""

    MINERALS = "minerals"
    VESPENE = "vespene"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class GatherState(UpcState):
    """What to gather; `target` is the patch or gas structure once that is decided."""

    resource: Resource = Resource.ANY


UnitSpec: TypeAlias = tuple[int, ...] | Mapping[int, float]
CommandSpec: TypeAlias = Command | Mapping[Command, float]
PositionSpec: TypeAlias = Point2 | PositionArea | None


@dataclass(frozen=True, slots=True)
class Upc:
    """One (units, position, command) tuple with its state and its origin.

    Attributes:
        command: one command, or a distribution {command: probability}.
        units: tags that all take part, or a distribution {tag: probability} to choose from; () = open.
        position: a point, an area to choose from, or None = open.
        state: typed payload, see `UpcState`.
        priority: greater is more important.
        note: why, for people reading the trace.
        parent: id of the UPC that this one refines, None for a root.
        lasting: stays on the blackboard until consumed; otherwise it expires at the end of its step.
        id: given by the blackboard when posted; 0 before that.
        source: name of the module that posted it; given by the blackboard when left empty.
    """

    command: CommandSpec
    units: UnitSpec = ()
    position: PositionSpec = None
    state: UpcState | None = None
    priority: float = 0.0
    note: str = ""
    parent: int | None = None
    lasting: bool = False
    id: int = 0
    source: str = ""

    # -- reading -------------------------------------------------------------------------------

    @property
    def sharp_command(self) -> Command | None:
        """The one command it stands for, or None while that is open."""
        command = self.command
        if isinstance(command, Command):
            return command
        sure = [c for c, p in command.items() if p >= 1.0]
        return sure[0] if len(sure) == 1 else None

    @property
    def sharp_units(self) -> tuple[int, ...] | None:
        """Tags that take part for certain, or None while that is open."""
        units = self.units
        if isinstance(units, tuple):
            return units or None
        if units and all(p >= 1.0 for p in units.values()):
            return tuple(units)
        return None

    @property
    def target(self) -> int | None:
        """Tag of the unit aimed at, if the state names one."""
        return self.state.target if self.state is not None else None

    @property
    def sharp(self) -> bool:
        """Whether units, position and command have one outcome each: ready to become an order."""
        if self.sharp_units is None or type(self.position) is PositionArea:
            return False
        command = self.sharp_command
        if command is None:
            return False
        if command is Command.CREATE:
            return isinstance(self.state, CreateState)
        if command in _NEEDS_A_PLACE:
            return self.position is not None or self.target is not None
        return True

    @property
    def tags(self) -> tuple[int, ...]:
        """All tags that may take part, certain or not."""
        return self.units if isinstance(self.units, tuple) else tuple(self.units)

    def probability(self, command: Command) -> float:
        """Probability that this UPC means `command`."""
        if isinstance(self.command, Command):
            return 1.0 if self.command is command else 0.0
        return float(self.command.get(command, 0.0))

    @property
    def what(self) -> UnitTypeId | UpgradeId | None:
        """What a CREATE creates; None for other states."""
        return self.state.what if isinstance(self.state, CreateState) else None

    def describe(self) -> str:
        """One line for logs: `#12 strategy CREATE ROACHWARREN (why)`."""
        command = self.sharp_command
        verb = command.name if command is not None else "/".join(_names(self.command))
        what = f" {self.what.name}" if self.what is not None else ""
        note = f" ({self.note})" if self.note else ""
        return f"#{self.id} {self.source or '?'} {verb}{what}{note}"

    # -- making --------------------------------------------------------------------------------

    def refine(self, **changes: Any) -> Upc:
        """A copy with `changes` whose parent is this one; id and source are left to the blackboard.

        Raises UpcError when this UPC has not been posted: it has no id that a child could name.
        """
        if not self.id:
            raise UpcError("refine() needs a UPC from the blackboard; post this one first or change it with with_()")
        # Written out instead of dataclasses.replace, which takes three times as long, a hundred times a step.
        base: dict[str, Any] = {
            "command": self.command,
            "units": self.units,
            "position": self.position,
            "state": self.state,
            "priority": self.priority,
            "note": self.note,
            "parent": self.id,
        }
        base.update(changes)
        return Upc(**base)

    def stamped(self, upc_id: int, source: str) -> Upc:
        """A copy with id and source, for the blackboard."""
        return Upc(
            self.command,
            self.units,
            self.position,
            self.state,
            self.priority,
            self.note,
            self.parent,
            self.lasting,
            upc_id,
            source,
        )

    def with_(self, **changes: Any) -> Upc:
        """A copy with `changes` and the same parent, for tuples not posted yet."""
        return replace(self, **changes)

    @classmethod
    def create(
        cls,
        what: UnitTypeId | UpgradeId,
        *,
        near: Point2 | None = None,
        amount: int = 1,
        target: int | None = None,
        ability: AbilityId | None = None,
        queued: bool = False,
        **rest: Any,
    ) -> Upc:
        """Create a unit, structure or upgrade. `target` is the geyser for gas structures."""
        state = CreateState(what, near, amount, ability=ability, target=target, queued=queued)
        return cls(Command.CREATE, state=state, **rest)

    @classmethod
    def gather(
        cls,
        *,
        resource: Resource = Resource.ANY,
        target: int | None = None,
        queued: bool = False,
        **rest: Any,
    ) -> Upc:
        """Gather from `target` (tag of a patch or gas structure), or let a module choose."""
        return cls(Command.GATHER, state=GatherState(resource, target=target, queued=queued), **rest)

    @classmethod
    def order(
        cls,
        command: CommandSpec,
        *,
        target: int | None = None,
        ability: AbilityId | None = None,
        queued: bool = False,
        **rest: Any,
    ) -> Upc:
        """Any command with the plain state: attack, move, flee, cast, stop, scout, ..."""
        plain = target is None and ability is None and not queued
        state = None if plain else OrderState(ability=ability, target=target, queued=queued)
        return cls(command, state=state, **rest)

    @classmethod
    def attack(cls, **rest: Any) -> Upc:
        """Attack a position (attack-move) or `target`."""
        return cls.order(Command.ATTACK, **rest)

    @classmethod
    def move(cls, **rest: Any) -> Upc:
        """Move to a position, or follow `target`."""
        return cls.order(Command.MOVE, **rest)

    @classmethod
    def flee(cls, **rest: Any) -> Upc:
        """Get away to a position."""
        return cls.order(Command.FLEE, **rest)

    @classmethod
    def scout(cls, **rest: Any) -> Upc:
        """Have a position looked at."""
        return cls.order(Command.SCOUT, **rest)

    @classmethod
    def harass(cls, **rest: Any) -> Upc:
        """Hurt the enemy's economy at a position."""
        return cls.order(Command.HARASS, **rest)

    @classmethod
    def cast(cls, ability: AbilityId, **rest: Any) -> Upc:
        """Use `ability`, on a position, on `target` or on nothing."""
        return cls.order(Command.CAST, ability=ability, **rest)

    @classmethod
    def stop(cls, **rest: Any) -> Upc:
        """Drop all orders."""
        return cls.order(Command.STOP, **rest)

    @classmethod
    def cancel(cls, **rest: Any) -> Upc:
        """Cancel what the units build, train or morph into."""
        return cls.order(Command.CANCEL, **rest)


def _names(command: CommandSpec) -> list[str]:
    return [command.name] if isinstance(command, Command) else [c.name for c in command]
