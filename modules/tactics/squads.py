"""What Tactics tells Micro about a squad: the state of the UPC that it posts for it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from sc2.position import Point2

from cherrypy_bot.core.upc import UpcState


class Mode(enum.Enum):
    """What a squad is up to."""

    GATHER = "gather"
    REGROUP = "regroup"
    ATTACK = "attack"
    DEFEND = "defend"
    HUNT = "hunt"
    RETREAT = "retreat"


@dataclass(frozen=True, slots=True)
class SquadState(UpcState):
    """State of a squad's UPC; its command is ATTACK, MOVE or FLEE, its position the area it is sent to.

    Attributes:
        squad: its name, stable as long as the squad lives ("main", "defence 3").
        mode: what it is up to.
        home: where its units go when they leave the fight.
        enemies: tags of the enemies that it is set on, () when it is not set on any in particular.
        win: predicted probability of coming out ahead against them, 0.5 when there is nothing to predict.
    """

    squad: str
    mode: Mode
    home: Point2
    enemies: tuple[int, ...] = ()
    win: float = 0.5
