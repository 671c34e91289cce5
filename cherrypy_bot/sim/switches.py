"""Debug switches of a player: rules of the game that a debug request has suspended for them.

    world.switches = switches.toggled(world, player, switches.FREE)

Who asks for a price, a food or a tech check asks `on` first; what has to be done over and over `hold` does before
every run of the kernels. The names are those of the API's DebugGameState.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim.state import NEUTRAL

if TYPE_CHECKING:
    from cherrypy_bot.sim.world import World

FREE = "free"  # nothing costs anything
FOOD = "food"  # supply is not checked
TECH_TREE = "tech_tree"  # requirements of units, structures and research are not checked
COOLDOWN = "cooldown"  # abilities are ready again at once
FAST_BUILD = "fast_build"  # construction, production and research take one loop
GOD = "god"  # own units cannot be hurt, own weapons do ten times their damage

GOD_DAMAGE = 10
"""How many times their damage the weapons do, and RequestData says they do (captures made under this switch)."""
_SAFE = 1e12
"""More damage than a game can deal between two looks at a unit."""
_LONGEST = 1 << 30
"""Loops; waits beyond it are marks of the engine's own, not cooldowns."""


def on(world: World, player: int, name: str) -> bool:
    """Whether a switch is on for a player."""
    return player < NEUTRAL and name in world.switches[player]


def toggle(world: World, player: int, name: str) -> None:
    """Switch on, or off again."""
    both = list(world.switches)
    both[player] = both[player] ^ {name}
    world.switches = (both[0], both[1])
    if name == GOD:
        _strengthen(world, player, 1 if name in both[player] else -1)
    hold(world)


def _strengthen(world: World, player: int, sign: int) -> None:
    """Add to the player's weapons what is missing to ten times the ruleset's damage, or take it away again."""
    weapons, plain = world.weapon_stats[player], world.rules.arrays
    weapons["damage"] += sign * (GOD_DAMAGE - 1) * plain.w_damage
    weapons["bonus"] += sign * (GOD_DAMAGE - 1) * plain.w_bonus
    if sign < 0:
        world.units.barrier[world.rows_of(player)] = 0.0


def hold(world: World) -> None:
    """What the switches ask for again and again; called before the kernels run."""
    u = world.units
    for player, names in enumerate(world.switches):
        if not names:
            continue
        rows = np.array(world.rows_of(player), dtype=np.intp)
        if GOD in names:
            u.barrier[rows] = _SAFE
        if FAST_BUILD in names:
            u.build_left[rows] = np.minimum(u.build_left[rows], 1.0)
            u.work_left[rows] = np.minimum(u.work_left[rows], 1.0)
        if COOLDOWN in names:
            mine = set(rows.tolist()) | {-1 - player}
            for key in [k for k, ready in world.cooldowns.items() if k[0] in mine and ready < _LONGEST]:
                del world.cooldowns[key]
