"""Units that mend others for energy: medivacs and shield batteries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders
from cherrypy_bot.sim.abilities.effects import buffs, damage, deeds, filters, lasting
from cherrypy_bot.sim.abilities.effects import cast as casting
from cherrypy_bot.sim.abilities.effects.filters import Filter, need
from cherrypy_bot.sim.abilities.effects.records import UNIT, Act, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.world import Effect, Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

HEAL, RECHARGE, AFTERBURNERS = 386, 4113, 2116
SCAN_MOVE = 19
PERIOD = 2
LOOK = 4


@dataclass(frozen=True, slots=True)
class Mending:
    """How one kind of mending works; amounts per loop, energy per point."""

    ability: int
    name: str
    caster: str
    filter: Filter
    amount: float
    energy: float
    reach: float
    look: float
    """how far a caster that has nothing to do looks for somebody to mend"""
    least_energy: float


MEDIVAC = Mending(
    HEAL,
    "heal",
    "Medivac",
    need("Biological,Player;Self,Structure,Invulnerable"),
    amount=0.5625,
    energy=1 / 3,
    reach=4.0,
    look=6.0,
    least_energy=2.0,
)
BATTERY = Mending(
    RECHARGE,
    "shield recharge",
    "ShieldBattery",
    need("Player;Self,UnderConstruction,Invulnerable"),
    amount=2.25,
    energy=1 / 3,
    reach=6.0,
    look=6.0,
    least_energy=10.0,
)
KINDS = {m.name: m for m in (MEDIVAC, BATTERY)}


def _missing(game: Game, mending: Mending, row: int) -> float:
    u = game.world.units
    if mending is BATTERY:
        return float(u.shield_max[row] - u.shield[row])
    return float(u.hp_max[row] - u.hp[row])


def _suits(mending: Mending) -> Callable[[Game, int, int], int]:
    def suits(game: Game, row: int, target: int) -> int:
        return Result.SUCCESS if _missing(game, mending, target) > 1e-6 else Result.REQUIRES_HEAL_TARGET

    return suits


def _act(mending: Mending) -> Act:
    def act(game: Game, cast: Cast) -> int:
        owner = int(game.world.units.owner[cast.row])
        lasting.start(game, mending.name, owner, cast.x, cast.y, row=cast.row, target=cast.target)
        return Result.SUCCESS

    return act


def _stop(mending: Mending) -> Callable[[Game, Cast], None]:
    def stop(game: Game, cast: Cast) -> None:
        effect = lasting.find(game.world, mending.name, row=cast.row)
        if effect is not None:
            lasting.drop(game.world, effect)

    return stop


def _mend(game: Game, effect: Effect) -> Effect | None:
    """Two loops of mending; over when the target is well or gone, or the energy is."""
    w, u = game.world, game.world.units
    mending, row, target = KINDS[effect.kind], effect.row, effect.target
    order = w.current.get(row) if lasting.caster_lives(w, effect) else None
    if order is None or order.kind != st.BUSY or order.ability != mending.ability or order.target != target:
        return None
    able = buffs.can_cast(w, row) and u.powered[row] == 1 and u.energy[row] > 0
    here = lasting.target_lives(w, effect) and not u.hidden[target] and _missing(game, mending, target) > 1e-6
    if not (able and here):
        casting.finish_channel(game, row, mending.ability)
        return None
    if deeds.gap(game, row, target) > mending.reach + 0.5:
        if u.immobile[row]:
            casting.finish_channel(game, row, mending.ability)
        else:
            orders.begin(game, row, order._replace(kind=st.APPROACH, data=0))
        return None
    amount = min(mending.amount * PERIOD, float(u.energy[row]) / mending.energy)
    given = min(amount, _missing(game, mending, target))
    if mending is BATTERY:
        damage.recharge(game, target, given)
    else:
        damage.heal(game, target, given)
    u.energy[row] = max(u.energy[row] - given * mending.energy, 0.0)
    return effect


def _look_round(mending: Mending) -> Callable[[Game, list[int]], None]:
    def run(game: Game, rows: list[int]) -> None:
        """Those that have nothing better to do look for somebody who needs them; one is enough for each."""
        w, u = game.world, game.world.units
        busy = {(e.target, e.target_recycle) for e in w.effects if e.kind == mending.name}
        for row in rows:
            on_the_way = u.order[row] == st.MOVE and u.order_ability[row] == SCAN_MOVE
            if (
                u.build_left[row] > 0
                or u.powered[row] == 0
                or u.hidden[row]
                or not (u.order[row] == st.IDLE or on_the_way)
            ):
                continue
            if u.energy[row] < mending.least_energy:
                continue
            if not casting.autocasts(w, row, mending.ability) or not buffs.can_cast(w, row):
                continue
            owner, x, y = int(u.owner[row]), float(u.x[row]), float(u.y[row])
            body = w.rules.units[int(u.type_id[row])].radius
            near = filters.near(game, owner, x, y, mending.look + body, mending.filter, edge=True, caster=row)
            near = [
                r
                for r in near
                if _missing(game, mending, r) > 1e-6
                and (r, int(u.recycle[r])) not in busy
                and (mending is MEDIVAC or not w.rules.units[int(u.type_id[r])].is_structure or _is_attacked(game, r))
            ]
            if not near:
                continue
            target = min(near, key=lambda r: (round(_health(game, mending, r), 3), deeds.gap(game, row, r), r))
            busy.add((target, int(u.recycle[target])))
            x, y = float(u.x[target]), float(u.y[target])
            order = Order(mending.ability, st.APPROACH, x, y, target, int(u.recycle[target]))
            if on_the_way and row in w.current:
                w.queues[row] = (w.current[row], *w.queues.get(row, ()))
            orders.begin(game, row, order)

    return run


def _is_attacked(game: Game, row: int) -> bool:
    """Structures are recharged while they are shot at."""
    w = game.world
    return w.loop - int(w.units.last_hurt_loop[row]) < w.rules.game.shield_regen_delay_loops


def _health(game: Game, mending: Mending, row: int) -> float:
    u = game.world.units
    most = float(u.shield_max[row] if mending is BATTERY else u.hp_max[row])
    return 1.0 - _missing(game, mending, row) / max(most, 1.0)


SPELLS = (
    *(
        Spell(
            m.ability,
            _act(m),
            UNIT,
            m.filter,
            reach=m.reach,
            channel=True,
            each=m is BATTERY,
            suits=_suits(m),
            on_break=_stop(m),
            autocast=True,
        )
        for m in KINDS.values()
    ),
    Spell(AFTERBURNERS, deeds.buff_self(buffs.AFTERBURNERS)),
)
LASTING = tuple(LastingRule(name, float(PERIOD), _mend) for name in KINDS)
UPKEEP = tuple(Upkeep(f"auto {m.name}", LOOK, frozenset({m.caster}), _look_round(m)) for m in KINDS.values())
