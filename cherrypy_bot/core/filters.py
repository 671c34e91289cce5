"""Filters that every posted UPC passes: broken tuples are rejected, units that cannot act taken out.

A filter gets the board and the UPC and returns the UPC, a changed copy, or a sentence on why it is rejected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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
    if any(type(tag) is not int for tag in upc.tags):
        if isinstance(upc.units, tuple):
            changes["units"] = tuple(int(tag) for tag in upc.units)
        else:
            changes["units"] = {int(tag): float(p) for tag, p in upc.units.items()}
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
    position = upc.position
    points = [position.center] if isinstance(position, PositionArea) else [] if position is None else [position]
    if isinstance(upc.state, CreateState) and upc.state.near is not None:
        points.append(upc.state.near)
    for point in points:
        # Written so that NaN fails too.
        if not (abs(point[0]) <= _MOST_CELLS and abs(point[1]) <= _MOST_CELLS):
            return f"position ({point[0]}, {point[1]}) is not on any map"
    if isinstance(position, PositionArea) and not (math.isfinite(position.radius) and position.radius >= 0):
        return f"radius {position.radius} is no length"
    if not math.isfinite(upc.priority):
        return f"priority {upc.priority} is not finite"
    if not isinstance(upc.command, Command) and not upc.command:
        return "it has no command"
    for part in (upc.command, upc.units):
        if isinstance(part, Mapping) and not all(0.0 <= p <= 1.0 for p in part.values()):
            return "a probability lies outside 0..1"
    return upc


def alive(board: Blackboard, upc: Upc) -> Upc | str:
    """Take dead units out; reject the UPC when it named units and none is left."""
    return _keep(upc, board.living, "all of its units are dead")


def unclaimed(board: Blackboard, upc: Upc) -> Upc | str:
    """Take out units held by a task that this UPC does not come from.

    It comes from a task when the task realises one of its ancestors, or when the task's owner posted it
    or one of its ancestors.
    """
    if not upc.units:
        return upc
    sources = {upc.source}
    ancestors = set()
    if upc.parent is not None:
        for ancestor in board.chain(upc.parent):
            sources.add(ancestor.source)
            ancestors.add(ancestor.id)

    def ours(tag: int) -> bool:
        claim = board.claims.holder(tag)
        if claim is None or claim.owner in sources:
            return True
        task = board.tasks.get(claim.task_id)
        return task is not None and task.upc_id in ancestors

    return _keep(upc, ours, "all of its units are held by other tasks")


def _keep(upc: Upc, wanted: Callable[[int], bool], otherwise: str) -> Upc | str:
    tags = upc.tags
    kept = [tag for tag in tags if wanted(tag)]
    if len(kept) == len(tags):
        return upc
    if not kept:
        return otherwise
    if isinstance(upc.units, tuple):
        return replace(upc, units=tuple(kept))
    return replace(upc, units={tag: upc.units[tag] for tag in kept})


DEFAULT_FILTERS: Final[tuple[UpcFilter, ...]] = (normal, sane, alive, unclaimed)
"""In this order: each one relies on those before it."""
