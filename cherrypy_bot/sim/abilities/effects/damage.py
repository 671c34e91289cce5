"""Damage, healing and energy that Python deals out: spells, decay, repair. Weapons hit in the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game


def hurt(
    game: Game,
    row: int,
    amount: float,
    source: int = NONE,
    *,
    armor: bool = False,
    bonus: tuple[tuple[str, float], ...] = (),
    shield_bonus: float = 0.0,
    decay: bool = False,
) -> bool:
    """Deal damage to a unit, shields first; whether it died of it.

    Spells ignore armour (`armor` = False). `bonus`: more against attributes; `shield_bonus`: more against what is
    left of the shields. `decay`: does not count as being attacked (no interruption of regeneration and the like).
    """
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    if u.alive[row] != 1 or u.invulnerable[row]:
        return False
    owner, kind = int(u.owner[row]), int(u.type_id[row])
    bits = int(w.stats.attribute_bits[owner, kind])
    amount += sum(more for name, more in bonus if bits & ATTRIBUTE_BITS[name])
    if u.hallucination[row]:
        amount *= 2
    least = w.rules.game.damage_minimum
    if u.barrier[row] > 0 and not decay:
        absorbed = min(amount, float(u.barrier[row]))
        u.barrier[row] -= absorbed
        amount -= absorbed
        if amount <= 0:
            u.last_hurt_loop[row] = w.loop
            return False
    if u.shield[row] > 0 and not decay:
        total = amount + shield_bonus
        if armor:
            total = max(total - float(w.stats.shield_armor[owner, kind]), least)
        if total <= u.shield[row]:
            u.shield[row] -= total
            amount = 0.0
        else:
            amount = max(min(amount, total - float(u.shield[row])), 0.0)
            u.shield[row] = 0.0
    if amount > 0:
        if armor and u.build_left[row] <= 0:
            amount = max(amount - float(w.stats.armor[owner, kind]) - float(u.armor_bonus[row]), least)
        u.hp[row] -= amount
    if u.disguised[row]:
        u.hp[row] = 0.0
    if not decay:
        u.last_hurt_loop[row] = w.loop
    if u.hp[row] > 1e-9:
        return False
    u.hp[row] = 0.0
    if source != NONE and u.alive[source] == 1:
        u.kills[source] += 1
    else:
        source = NONE
    deaths.bury(game, row, source)
    return True


def heal(game: Game, row: int, amount: float) -> float:
    """Give life back; how much there was room for."""
    u = game.world.units
    given = min(amount, max(float(u.hp_max[row] - u.hp[row]), 0.0))
    u.hp[row] += given
    return given


def drain(game: Game, row: int, amount: float) -> float:
    """Take energy away; how much there was to take."""
    u = game.world.units
    taken = min(amount, float(u.energy[row]))
    u.energy[row] -= taken
    return taken
