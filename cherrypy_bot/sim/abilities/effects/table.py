"""The tables of all subjects together: importing this module fills them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities.effects import (
    broods,
    bunkers,
    burrows,
    cast,
    decay,
    gateway,
    ghosts,
    healing,
    infantry,
    infestation,
    lasting,
    machines,
    macro,
    magazines,
    mules,
    nexus,
    repair,
    stargate,
    swarm,
    templar,
    towers,
    transports,
    upkeep,
)

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

_SUBJECTS = (
    macro,
    mules,
    repair,
    decay,
    infantry,
    gateway,
    swarm,
    transports,
    bunkers,
    healing,
    templar,
    ghosts,
    magazines,
    machines,
    stargate,
    nexus,
    infestation,
    broods,
    towers,
    burrows,
)
"""In the order in which their upkeep runs."""
ON_DEATH: dict[str, Callable[[Game, int], None]] = {}
"""What the death of units of a type sets off, by their name."""

for _subject in _SUBJECTS:
    cast.register(*getattr(_subject, "SPELLS", ()))
    lasting.register(*getattr(_subject, "LASTING", ()))
    upkeep.register(*getattr(_subject, "UPKEEP", ()))
    ON_DEATH.update(getattr(_subject, "ON_DEATH", {}))

SPELLS, KINDS, UPKEEP = cast.SPELLS, lasting.KINDS, upkeep.TABLE
