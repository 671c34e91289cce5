"""Small fights made of hand-built protobuf units, without any game."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.blackboard import Blackboard
from cherrypy_bot.core.type_facts import TypeFacts
from cherrypy_bot.core.units import UnitTable
from cherrypy_bot.core.upc import Command, PositionArea, Upc
from modules.combat.weapon_facts import RADII
from modules.micro import Micro
from modules.micro.behaviours import Scene, Squad
from modules.micro.field import Battlefield, BoolArray, Decisions
from modules.micro.micro import enemies_near
from modules.tactics.squads import Mode, SquadState
from tests.core import world
from tests.modules.combat.armies import LIFE, weapons

SIZE = 64
HOME = Point2((5.0, 32.0))
GOAL = Point2((55.0, 32.0))


def fighter(tag: int, kind: U, x: float, y: float, *, enemy: bool = False, **fields: Any) -> Any:
    """An unhurt unit of its type, ready to shoot unless `fields` say otherwise."""
    health, shield = LIFE.get(kind.name, (100, 0))
    values = {
        "alliance": 4 if enemy else 1,
        "owner": 2 if enemy else 1,
        "radius": RADII.get(kind, 0.5),
        "health": health,
        "health_max": health,
        "shield": shield,
        "shield_max": shield,
        **fields,
    }
    return world.unit(tag, kind, x, y, **values)


def table(*units: Any) -> UnitTable:
    """A unit table with the structures' mask of the fake game."""
    facts = TypeFacts(max(kind.value for kind in U) + 1)
    for kind in world.STRUCTURES:
        facts.structure[kind.value] = True
    return UnitTable(units, facts)


def scene(*units: Any, paths: BoolArray | None = None, step_loops: int = 4) -> Scene:
    """The battlefield of these units; ours are those of alliance 1, in the given order."""
    whole = table(*units)
    me = np.flatnonzero(whole.own)
    grid = np.ones((SIZE, SIZE), np.bool_) if paths is None else paths
    field = Battlefield(whole, weapons(), me, enemies_near(whole, me), grid, step_loops)
    return Scene(field, Decisions(field.n), np.zeros(field.m), np.zeros(field.m))


def squad(of: Scene, command: Command = Command.ATTACK) -> Squad:
    """One squad of all of ours, sent to GOAL."""
    return Squad("main", command, GOAL[0], GOAL[1], 3.0, (HOME[0], HOME[1]), np.arange(of.field.n), 1, 0.0)


class Table:
    """A Micro module at a blackboard, fed with one squad per step."""

    def __init__(self) -> None:
        self.board = Blackboard()
        self.micro = Micro()
        self.loop = 0
        self.ctx: Any = SimpleNamespace(
            board=self.board,
            units=table(),
            loop=0,
            bot=SimpleNamespace(
                client=SimpleNamespace(game_step=4),
                state=SimpleNamespace(upgrades=set(), effects=set()),
                game_data=None,
                game_info=SimpleNamespace(pathing_grid=SimpleNamespace(data_numpy=np.ones((SIZE, SIZE), np.uint8))),
            ),
        )
        self.micro.use(weapons(), np.ones((SIZE, SIZE), np.bool_))

    def step(self, *units: Any, command: Command = Command.ATTACK, tags: tuple[int, ...] | None = None) -> list[Upc]:
        """One step; the UPCs that Micro posted."""
        self.loop += 4
        self.ctx.units, self.ctx.loop = table(*units), self.loop
        mine = tuple(unit.tag for unit in units if unit.alliance == 1) if tags is None else tags
        self.board.begin_step(self.loop)
        self.board.post(
            Upc(
                command,
                units=mine,
                position=PositionArea(GOAL, 3.0, "goal"),
                state=SquadState("main", Mode.ATTACK, HOME),
                source="tactics",
            )
        )
        with self.board.acting_as("micro"):
            self.micro.on_step(self.ctx)
        posted = self.board.upcs(source="micro")
        self.board.end_step()
        return posted
