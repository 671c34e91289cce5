"""What goes on by itself: areas on the ground, delays, channels. Rows of `world.effects`, kinds in the tables.

An effect ticks at `due`, and every `period` of its rule later; it is over at `until`. Ticks at the very end come
first. Whatever a tick needs later it puts into the row that it returns.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim.abilities.effects.records import LastingRule
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import World

KINDS: dict[str, LastingRule] = {}
"""Every kind of effect by its name; filled by the subject files (see `table`)."""


def register(*rules: LastingRule) -> None:
    """Make kinds known."""
    for rule in rules:
        KINDS[rule.kind] = rule


def start(
    game: Game,
    kind: str,
    owner: int,
    x: float,
    y: float,
    *,
    first: float | None = None,
    lasts: float = math.inf,
    row: int = NONE,
    target: int = NONE,
    data: float = 0.0,
) -> Effect:
    """Begin an effect: first tick after `first` loops (default: one period), over after `lasts`.

    An effect that begins with a tick at once has `first` = 0: that tick runs now.
    """
    w, u = game.world, game.world.units
    rule = KINDS[kind]
    due = math.inf if rule.period <= 0 else w.loop + (rule.period if first is None else first)
    effect: Effect | None = Effect(
        kind,
        owner,
        x,
        y,
        due,
        w.loop + lasts,
        row,
        int(u.recycle[row]) if row != NONE else 0,
        target,
        int(u.recycle[target]) if target != NONE else 0,
        data,
    )
    begun = effect
    assert begun is not None
    if first == 0 and effect is not None:
        effect = rule.tick(game, effect._replace(due=effect.due + rule.period))
    if effect is not None:
        w.effects = (*w.effects, effect)
    return begun


def run(game: Game) -> None:
    """Tick and end what is due at this loop, in the order in which the effects began."""
    w = game.world
    if next_due(w) > w.loop:
        return
    for effect in w.effects:
        if min(effect.due, effect.until) > w.loop or not any(e is effect for e in w.effects):
            continue  # not yet; or another one has ended it in this loop
        left = _advance(game, effect)
        if left is None:
            drop(w, effect)
        else:
            w.effects = tuple(left if e is effect else e for e in w.effects)


def _advance(game: Game, effect: Effect) -> Effect | None:
    rule, now = KINDS[effect.kind], game.world.loop
    current: Effect | None = effect
    while current is not None and min(current.due, current.until) <= now:
        if current.due <= current.until:
            current = rule.tick(game, current._replace(due=current.due + rule.period))
        else:
            rule.end(game, current)
            current = None
    return current


def next_due(world: World) -> float:
    """Loop at which an effect needs attention next; inf when none does."""
    return min((min(e.due, e.until) for e in world.effects), default=math.inf)


def find(world: World, kind: str, *, row: int = NONE, target: int = NONE) -> Effect | None:
    """The first effect of a kind that a unit made, or that is about a unit."""
    u = world.units
    for effect in world.effects:
        if effect.kind != kind:
            continue
        if row != NONE and (effect.row != row or effect.recycle != u.recycle[row]):
            continue
        if target != NONE and (effect.target != target or effect.target_recycle != u.recycle[target]):
            continue
        return effect
    return None


def drop(world: World, effect: Effect) -> None:
    """End an effect without its consequences."""
    world.effects = tuple(e for e in world.effects if e is not effect)


def caster_lives(world: World, effect: Effect) -> bool:
    """Whether the unit that made the effect is still there."""
    return world.is_unit(effect.row, effect.recycle)


def target_lives(world: World, effect: Effect) -> bool:
    """Whether the unit that the effect is about is still there."""
    return world.is_unit(effect.target, effect.target_recycle)
