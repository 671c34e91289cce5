"""Tasks of production: an order that was given, and a structure that a worker is sent to build."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2
from sc2.unit import Unit

from cherrypy_bot.core.claims import Release, Work
from cherrypy_bot.core.module import Context
from cherrypy_bot.core.tasks import Task
from modules.items import GAS, Item, counts_as

SAME_PLACE_CELLS = 0.8
NEAR_CELLS = 3.5
WALK_FACTOR = 1.25
"""Paths are so much longer than straight lines, about."""
WORKER_CELLS_PER_LOOP = 0.176


class TrainTask(Task):
    """A structure, larva or townhall was ordered to make something; over as soon as the game shows it.

    Attributes:
        item: what. maker: tag. since_loop: when it was ordered.
    """

    def __init__(self, item: Item, maker: int, *, upc_id: int, since_loop: int) -> None:
        super().__init__(f"make {item.name.lower()}", upc_id=upc_id, work=Work.BUILD)
        self.item = item
        self.maker = maker
        self.since_loop = since_loop


class BuildTask(Task):
    """A worker walks to a place, pays and builds there; a lost worker is replaced.

    Attributes:
        item: the structure. position: of its centre. target: geyser, None for anything but gas.
        worker: tag, 0 while there is none. since_loop: when it began.
        placed: tag of the structure once it stands, 0 before.
        attempts: build orders given. last_try_loop: when the last one was.
    """

    def __init__(
        self,
        item: U,
        position: Point2,
        target: int | None,
        *,
        upc_id: int,
        priority: float,
        since_loop: int,
        bot: Any,
    ) -> None:
        super().__init__(f"build {item.name.lower()}", upc_id=upc_id, work=Work.BUILD, priority=priority)
        self.item = item
        self.position = position
        self.target = target
        self.worker = 0
        self.since_loop = since_loop
        self.placed = 0
        self.attempts = 0
        self.last_try_loop = -1000
        self._bot = bot

    @property
    def unpaid_item(self) -> U | None:
        """What is still to be paid: the structure until it stands, then None."""
        return None if self.placed or self.find_structure() else self.item

    def find_structure(self) -> int:
        """Tag of the structure if it stands, 0 otherwise."""
        if self.placed:
            return self.placed
        for structure in self._bot.structures:
            if same_place(structure.position, self.position) and (
                structure.type_id is self.item
                or self.item in counts_as(structure.type_id)
                or (self.item in GAS and structure.type_id in GAS)
            ):
                self.placed = int(structure.tag)
                break
        return self.placed

    def walk_loops(self, ctx: Context) -> float:
        """How long its worker still walks, about; 0 while it has none."""
        row = ctx.units.row(self.worker) if self.worker else -1
        if row < 0:
            return 0.0
        away = math.hypot(ctx.units.x[row] - self.position[0], ctx.units.y[row] - self.position[1])
        return max(0.0, away - NEAR_CELLS) * WALK_FACTOR / WORKER_CELLS_PER_LOOP

    def on_unit_lost(self, tag: int, why: Release) -> None:
        """Somebody else must go."""
        if tag == self.worker:
            self.worker = 0


def same_place(a: Point2, b: Point2) -> bool:
    """Whether two positions are the same place for a structure."""
    return abs(a[0] - b[0]) < SAME_PLACE_CELLS and abs(a[1] - b[1]) < SAME_PLACE_CELLS


def geyser_at(geysers: Iterable[Unit], position: Point2, known: int) -> int:
    """Tag of the geyser at a position, `known` where none is seen: what was out of sight has another tag once seen."""
    return next((int(geyser.tag) for geyser in geysers if same_place(geyser.position, position)), known)
