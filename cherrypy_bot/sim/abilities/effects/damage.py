"""Damage, healing and energy that Python deals out: spells, decay, repair. Weapons hit in the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim.rules.records import ATTRIBUTE_BITS
from cherrypy_bot.sim.state import NONE, PLAYERS

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
    by: int = NONE,
) -> bool:
    """Deal damage to a unit, shields first; whether it died of it.

    Spells ignore armour (`armor` = False). `bonus`: more against attributes; `shield_bonus`: more against what is
    left of the shields. `decay`: does not count as being attacked (no interruption of regeneration and the like).
    `by`: the player who gets the damage in the score where no source does.
    """
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    if u.alive[row] != 1 or u.invulnerable[row]:
        return False
    owner, kind = int(u.owner[row]), int(u.type_id[row])
    life, shield = float(u.hp[row]), float(u.shield[row])
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
    if not u.hallucination[row]:
        by = int(u.owner[source]) if source != NONE else by
        _count(game, owner, by, "life", life - max(float(u.hp[row]), 0.0))
        _count(game, owner, by, "shields", shield - float(u.shield[row]))
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
    _count_healed(game, row, "life", given)
    return given


def recharge(game: Game, row: int, amount: float) -> float:
    """Give shields back; how much there was room for."""
    u = game.world.units
    given = min(amount, max(float(u.shield_max[row] - u.shield[row]), 0.0))
    u.shield[row] += given
    _count_healed(game, row, "shields", given)
    return given


def energize(game: Game, row: int, amount: float) -> float:
    """Give energy; how much there was room for."""
    u = game.world.units
    given = min(amount, max(float(u.energy_max[row] - u.energy[row]), 0.0))
    u.energy[row] += given
    _count_healed(game, row, "energy", given)
    return given


def drain(game: Game, row: int, amount: float, by: int = NONE) -> float:
    """Take energy away, for player `by` when that is an attack; how much there was to take."""
    u = game.world.units
    taken = min(amount, float(u.energy[row]))
    u.energy[row] -= taken
    if by != NONE and not u.hallucination[row]:
        _count(game, int(u.owner[row]), by, "energy", taken)
    return taken


def break_shields(game: Game, row: int, amount: float, by: int) -> float:
    """Take shields alone away, for player `by`; how much there was to take."""
    u = game.world.units
    taken = min(amount, float(u.shield[row]))
    u.shield[row] -= taken
    if not u.hallucination[row]:
        _count(game, int(u.owner[row]), by, "shields", taken)
    return taken


def _count(game: Game, owner: int, by: int, what: str, amount: float) -> None:
    """Enter what `by` took from a unit of a player into the score of both."""
    players = game.world.players
    if amount <= 0 or owner >= PLAYERS:
        return
    getattr(players, f"taken_{what}")[owner] += amount
    if by == 1 - owner:
        getattr(players, f"dealt_{what}")[by] += amount


def _count_healed(game: Game, row: int, what: str, amount: float) -> None:
    owner = int(game.world.units.owner[row])
    if owner < PLAYERS and not game.world.units.hallucination[row]:
        getattr(game.world.players, f"healed_{what}")[owner] += amount
