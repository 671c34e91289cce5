"""Which behaviours a unit tries, in which order: one chain per kind of fighter and command."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.upc import Command
from modules.micro import behaviours as b
from modules.micro.escapes import RETURNS
from modules.micro.field import Battlefield, IntArray
from modules.micro.spells import STANCES
from modules.micro.spread import Split, SteerNova

MELEE: Final = 0
RANGED: Final = 1
UNARMED: Final = 2
STANDING: Final = 3
GUIDED: Final = 4
"""Kinds of fighter."""

_MELEE_REACH = 1.5
_STANDING_IDS: Final = np.array([stance.standing.value for stance in STANCES] + [back.unit.value for back in RETURNS])

Chain = tuple[b.Behaviour, ...]

CHAINS: Final[Mapping[tuple[Command, int], Chain]] = MappingProxyType(
    {
        (Command.ATTACK, MELEE): (b.FinishAttack(), b.FinishOff(), b.Charge(), b.Advance()),
        (Command.ATTACK, RANGED): (
            b.FinishAttack(),
            Split(),
            b.Kite(),
            b.LeaveHurt(),
            b.CloseUp(),
            b.FocusFire(),
            b.Advance(),
        ),
        (Command.ATTACK, UNARMED): (b.StayBehind(),),
        (Command.MOVE, MELEE): (b.FinishAttack(), b.FightOnTheWay(), b.GoThere()),
        (Command.MOVE, RANGED): (b.FinishAttack(), b.ShootInPassing(), b.FightOnTheWay(), b.GoThere()),
        (Command.MOVE, UNARMED): (b.GoThere(),),
        (Command.FLEE, MELEE): (b.FleeHome(),),
        (Command.FLEE, RANGED): (b.FinishAttack(), b.ShootInPassing(), b.FleeHome()),
        (Command.FLEE, UNARMED): (b.FleeHome(),),
        (Command.ATTACK, GUIDED): (SteerNova(),),
        (Command.MOVE, GUIDED): (SteerNova(),),
        (Command.FLEE, GUIDED): (SteerNova(),),
        (Command.ATTACK, STANDING): (b.Stand(),),
        (Command.MOVE, STANDING): (b.Stand(),),
        (Command.FLEE, STANDING): (b.Stand(),),
    }
)
"""The first behaviour that has an idea decides."""


def fighter_kinds(field: Battlefield) -> IntArray:
    """Kind of fighter of each of ours, shape (n,)."""
    reach = field.best_reach
    kinds: IntArray = np.where(reach < 0.0, UNARMED, np.where(reach < _MELEE_REACH, MELEE, RANGED))
    kinds[is_any_of(field.kind, _STANDING_IDS)] = STANDING
    kinds[field.kind == UnitTypeId.DISRUPTORPHASED.value] = GUIDED
    return kinds


def run_chain(chain: Chain, scene: b.Scene, squad: b.Squad, rows: IntArray) -> None:
    """Let the behaviours decide for `rows` until all are decided or the chain ends."""
    for behaviour in chain:
        behaviour.decide(scene, squad, rows)
        rows = rows[scene.decisions.kind[rows] == 0]
        if not len(rows):
            return
