"""Xel'Naga towers: who has a ground unit beside one sees all that lies round it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.abilities.effects import lasting, sight
from cherrypy_bot.sim.abilities.effects.records import LastingRule
from cherrypy_bot.sim.state import NEUTRAL, NONE, PLAYERS
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World

CAPTURE_RANGE = 2.5
"""From the tower's edge to the unit's centre."""
PERIOD = 16.0
FREE = float(NONE)
"""`Effect.data` of a tower that nobody holds; else the player who does."""


def watch(game: Game) -> None:
    """Begin to watch all towers of the map (loop 0)."""
    w, u = game.world, game.world.units
    for row in w.rows_of(NEUTRAL):
        if w.rules.units[int(u.type_id[row])].kind == "tower":
            lasting.start(game, "tower", NEUTRAL, float(u.x[row]), float(u.y[row]), target=row, data=FREE)


def _look_round(game: Game, effect: Effect) -> Effect | None:
    """It belongs to its holder as long as one of their units stays; then whoever comes first has it."""
    w, u = game.world, game.world.units
    if not lasting.target_lives(w, effect):
        return None
    beside = _beside(w, effect)
    holder = int(effect.data)
    if holder in beside:
        return effect
    rule = w.rules.units[int(u.type_id[effect.target])]
    if holder != NONE:
        sight.light(game, holder, effect.x, effect.y, rule.sight, -1)
    if len(beside) != 1:  # both came in one look: nobody has it yet
        return effect._replace(data=FREE)
    sight.light(game, beside[0], effect.x, effect.y, rule.sight, 1)
    return effect._replace(data=float(beside[0]))


def _beside(w: World, effect: Effect) -> list[int]:
    """Players who have a unit on the ground near the tower."""
    u, n = w.units, int(w.clock.rows[0])
    reach = CAPTURE_RANGE + w.rules.units[int(u.type_id[effect.target])].radius
    near = (np.abs(u.x[:n] - effect.x) <= reach) & (np.abs(u.y[:n] - effect.y) <= reach) & (u.owner[:n] != NEUTRAL)
    near &= (u.alive[:n] == 1) & (u.hidden[:n] == 0) & (u.flying[:n] == 0) & (u.burrowed[:n] == 0)
    rows = np.flatnonzero(near & (np.hypot(u.x[:n] - effect.x, u.y[:n] - effect.y) <= reach)).tolist()
    owners = {int(u.owner[r]) for r in rows if not w.rules.units[int(u.type_id[r])].is_structure}
    return [p for p in range(PLAYERS) if p in owners]


LASTING = (LastingRule("tower", PERIOD, _look_round),)
