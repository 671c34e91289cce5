"""Recalls, disruptor novas, the immortals' barrier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders
from cherrypy_bot.sim.abilities.effects import buffs, deeds, filters, lasting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, Act, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect, Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

NEXUS_RECALL, MOTHERSHIP_RECALL = 3757, 142
NOVA, NOVA_NOW = 2346, 2344
RECALL_LOOPS, NEXUS_RADIUS, MOTHERSHIP_RADIUS = 80.0, 2.5, 5.0
NOVA_LOOPS, NOVA_RADIUS, NOVA_DAMAGE = 48.0, 1.5, 100.0
BARRIER, BARRIER_AMOUNT, BARRIER_LOOPS, BARRIER_RELOAD = 2328, 100.0, 48.0, 720
BARRIER_PERIOD = 2


# -- recall ----------------------------------------------------------------------------------------------
def _recall(radius: float) -> Act:
    def act(game: Game, cast: Cast) -> int:
        """Own units round the place are with the caster after a while; until then they cannot act."""
        w, u = game.world, game.world.units
        owner = int(u.owner[cast.row])
        wanted = need("Player;Structure,Larva,Invulnerable,UnderConstruction")
        found = [
            r
            for r in filters.near(game, owner, cast.x, cast.y, radius, wanted)
            if r != cast.row and not buffs.has(w, r, buffs.RECALLED)
        ]
        for row in found:
            buffs.apply(game, row, buffs.RECALLED)
            lasting.start(game, "recalled", owner, cast.x, cast.y, lasts=RECALL_LOOPS, row=cast.row, target=row)
        return Result.SUCCESS if found else Result.CANT_FIND_ENOUGH_TARGETS

    return act


def _comes_home(game: Game, effect: Effect) -> None:
    w, u = game.world, game.world.units
    if not lasting.target_lives(w, effect):
        return
    buffs.remove(game, effect.target, buffs.RECALLED)
    if not lasting.caster_lives(w, effect):
        return
    home = effect.row
    dx, dy = float(u.x[effect.target]) - effect.x, float(u.y[effect.target]) - effect.y
    away = 3.5 if w.rules.units[int(u.type_id[home])].is_structure else 0.0
    deeds.teleport(game, effect.target, float(u.x[home]) + dx, float(u.y[home]) - away + dy)
    orders.stop(game, effect.target)
    buffs.apply(game, effect.target, buffs.ARRIVED)


# -- disruptor -------------------------------------------------------------------------------------------
def _send_nova(game: Game, cast: Cast) -> int:
    """A nova flies where it is sent, and explodes after 48 loops."""
    w, u = game.world, game.world.units
    owner = int(u.owner[cast.row])
    nova = deeds.summon(game, "DisruptorPhased", owner, float(u.x[cast.row]), float(u.y[cast.row]))
    w.units.invulnerable[nova] = 1
    orders.begin(game, nova, Order(16, st.MOVE, cast.x, cast.y))
    lasting.start(game, "nova", owner, cast.x, cast.y, lasts=NOVA_LOOPS, row=cast.row, target=nova)
    buffs.apply(game, cast.row, buffs.NOVA_CASTER)
    return Result.SUCCESS


def _nova_explodes(game: Game, effect: Effect) -> None:
    """Everybody on the ground round it, own units too, but no disruptors of its own."""
    from cherrypy_bot.sim.abilities import deaths

    w, u = game.world, game.world.units
    if not lasting.target_lives(w, effect):
        return
    x, y = float(u.x[effect.target]), float(u.y[effect.target])
    own = w.rows_of(effect.owner, w.rules.unit("Disruptor").id)
    deaths.bury(game, effect.target, NONE, lost=False)
    source = effect.row if lasting.caster_lives(w, effect) else NONE
    deeds.blast(
        game,
        effect.owner,
        x,
        y,
        ((NOVA_RADIUS, 1.0),),
        NOVA_DAMAGE,
        need("Ground;Invulnerable"),
        source,
        edge=True,
        shield_bonus=NOVA_DAMAGE,
        spare=tuple(own),
    )


def _explode_now(game: Game, cast: Cast) -> int:
    effect = lasting.find(game.world, "nova", target=cast.row)
    if effect is None:
        return Result.NOT_SUPPORTED
    lasting.drop(game.world, effect)
    _nova_explodes(game, effect)
    return Result.SUCCESS


# -- immortal --------------------------------------------------------------------------------------------
def _raise_barriers(game: Game, rows: list[int]) -> None:
    """An immortal whose barrier has recharged is ready: its first hit, too, is absorbed, and begins the barrier's
    48 loops."""
    w, u = game.world, game.world.units
    for row in rows:
        rises = lasting.find(w, "barrier", target=row)
        able = u.build_left[row] <= 0 and not u.hallucination[row] and buffs.can_cast(w, row)
        if rises is not None:
            if not able or u.barrier[row] <= 0:
                lasting.drop(w, rises)
                _barrier_ends(game, rises)
        elif not able or w.cooldowns.get((row, BARRIER), 0) > w.loop:
            u.barrier[row] = 0.0
        elif u.barrier[row] == 0.0:
            u.barrier[row] = BARRIER_AMOUNT
        elif u.barrier[row] < BARRIER_AMOUNT:
            _begin_barrier(game, row)


def _begin_barrier(game: Game, row: int) -> None:
    w, u = game.world, game.world.units
    since = int(u.last_hurt_loop[row]) if w.loop - int(u.last_hurt_loop[row]) < BARRIER_PERIOD else w.loop
    w.cooldowns[(row, BARRIER)] = since + BARRIER_RELOAD
    lasts = since + BARRIER_LOOPS - w.loop
    buffs.apply(game, row, buffs.IMMORTAL_OVERLOAD, lasts + 1)
    effect = lasting.start(
        game, "barrier", int(u.owner[row]), float(u.x[row]), float(u.y[row]), lasts=lasts, target=row
    )
    if u.barrier[row] <= 0:
        lasting.drop(w, effect)
        _barrier_ends(game, effect)


def _barrier_ends(game: Game, effect: Effect) -> None:
    if lasting.target_lives(game.world, effect):
        game.world.units.barrier[effect.target] = 0.0
        buffs.remove(game, effect.target, buffs.IMMORTAL_OVERLOAD)


SPELLS = (
    Spell(NEXUS_RECALL, _recall(NEXUS_RADIUS), POINT, anywhere=True, blind=True, shared=True),
    Spell(MOTHERSHIP_RECALL, _recall(MOTHERSHIP_RADIUS), POINT, anywhere=True, blind=True),
    Spell(NOVA, _send_nova, POINT, anywhere=True, blind=True, each=False),
    Spell(NOVA_NOW, _explode_now),
)
LASTING = (
    LastingRule("recalled", end=_comes_home),
    LastingRule("nova", end=_nova_explodes),
    LastingRule("barrier", end=_barrier_ends),
)
UPKEEP = (Upkeep("barriers", BARRIER_PERIOD, frozenset({"Immortal"}), _raise_barriers),)
