"""Filters that every posted UPC passes: broken tuples are rejected, units that cannot act taken out.

A filter gets the board and the UPC and returns the UPC, a changed copy, or a sentence on why it is rejected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sc2.position import Point2

from cherrypy_bot.core.upc import Command, CreateState, PositionArea, Upc

if TYPE_CHECKING:
    from cherrypy_bot.core.blackboard import Blackboard

UpcFilter: TypeAlias = "Callable[[Blackboard, Upc], Upc | str]"


_MOST_CELLS = 1024.0
"""No map is larger."""


def normal(board: Blackboard, upc: Upc) -> Upc | str:
    """Turn numpy tags and number pairs into ints and Point2: what python-sc2 and JSON understand.

    A position that is no pair of numbers is rejected here, because python-sc2 would fail on it only when
    it sends the orders, outside of any module.
    """
    changes: dict[str, Any] = {}
    for tag in upc.units:
        if type(tag) is int:
            continue
        if isinstance(upc.units, tuple):
            changes["units"] = tuple(int(t) for t in upc.units)
        else:
            changes["units"] = {int(t): float(p) for t, p in upc.units.items()}
        break
    position = upc.position
    if position is not None and not isinstance(position, PositionArea):
        try:
            x, y = position[0], position[1]
            if not (type(position) is Point2 and type(x) is float and type(y) is float):
                changes["position"] = Point2((float(x), float(y)))
        except (TypeError, ValueError, LookupError):
            return f"position {position!r:.60} is no Point2; give unit.position, or target=unit.tag"
    return replace(upc, **changes) if changes else upc


def sane(board: Blackboard, upc: Upc) -> Upc | str:
    """Reject positions, priorities and probabilities that are no numbers, and empty commands."""
    position, state = upc.position, upc.state
    area = position if isinstance(position, PositionArea) else None
    points: list[Any] = [area.center if area is not None else position]
    if isinstance(state, CreateState):
        points.append(state.near)
    for point in points:
        # Written so that NaN fails too.
        if point is not None and not (abs(point[0]) <= _MOST_CELLS and abs(point[1]) <= _MOST_CELLS):
            return f"position ({point[0]}, {point[1]}) is not on any map"
    if area is not None and not 0.0 <= area.radius <= _MOST_CELLS:
        return f"radius {area.radius} is no length on any map"
    if not math.isfinite(upc.priority):
        return f"priority {upc.priority} is not finite"
    if not isinstance(upc.command, Command):
        if not upc.command:
            return "it has no command"
        if not _probable(upc.command.values()):
            return "a probability of its commands lies outside 0..1"
    if not isinstance(upc.units, tuple) and not _probable(upc.units.values()):
        return "a probability of its units lies outside 0..1"
    return upc


def _probable(probabilities: Iterable[float]) -> bool:
    return all(0.0 <= p <= 1.0 for p in probabilities)


def alive(board: Blackboard, upc: Upc) -> Upc | str:
    """Take dead units out; reject the UPC when it named units and none is left."""
    living = board.living
    gone = [tag for tag in upc.units if not living(tag)]
    return _without(upc, gone, "all of its units are dead") if gone else upc


def unclaimed(board: Blackboard, upc: Upc) -> Upc | str:
    """Take out units held by a task that this UPC does not come from.

    It comes from a task when the task realises one of its ancestors, or when the task's owner posted it
    or one of its ancestors.
    """
    source = upc.source or board.acting
    held = []
    for tag in upc.units:
        claim = board.claims.holder(tag)
        if claim is None or claim.owner == source:
            continue
        if upc.parent is not None:
            ancestors, sources = board.descends_from(upc.parent)
            if claim.owner in sources:
                continue
            task = board.tasks.get(claim.task_id)
            if task is not None and task.upc_id in ancestors:
                continue
        held.append(tag)
    return _without(upc, held, "all of its units are held by other tasks") if held else upc


def _without(upc: Upc, tags: Sequence[int], otherwise: str) -> Upc | str:
    """The UPC without `tags`, or `otherwise` when no unit is left."""
    dropped = set(tags)
    kept = [tag for tag in upc.units if tag not in dropped]
    if not kept:
        return otherwise
    if isinstance(upc.units, tuple):
        return replace(upc, units=tuple(kept))
    return replace(upc, units={tag: upc.units[tag] for tag in kept})


DEFAULT_FILTERS: Final[tuple[UpcFilter, ...]] = (normal, sane, alive, unclaimed)
"""In this order: each one relies on those before it."""
