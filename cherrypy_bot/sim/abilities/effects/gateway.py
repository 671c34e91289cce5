"""Protoss gateway units: blink, charge, guardian shield, force fields, hallucinations, shades."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities.effects import buffs, deeds, filters, lasting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Act, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect, Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

BLINK, SHADOW_STRIDE, CHARGE, GUARDIAN_SHIELD, FORCE_FIELD = 1442, 2700, 1819, 76, 1526
SHADE, SHADE_CANCEL, ADEPT_CANCEL = 2544, 2596, 2594
BLINK_RANGE = 8.0
SHIELD_RADIUS, SHIELD_LOOPS = 4.5, 288.0
FIELD_RADIUS, FIELD_LOOPS, FIELD_RANDOM = 1.5, 240.0, 4.8008
FIELD_CELLS = 1.7
"""Cells whose middle lies within this distance are walled off."""
CHARGE_NEAR, CHARGE_FAR = 0.6, 4.0
CHARGE_PERIOD = 4
HALLUCINATION_LOOPS = 960.0
HALLUCINATIONS = {
    146: ("Archon", 1),
    148: ("Colossus", 1),
    150: ("HighTemplar", 2),
    152: ("Immortal", 1),
    154: ("Phoenix", 1),
    156: ("Probe", 4),
    158: ("Stalker", 2),
    160: ("VoidRay", 1),
    162: ("WarpPrism", 1),
    164: ("Zealot", 2),
    2114: ("Oracle", 1),
    2389: ("Disruptor", 1),
    2391: ("Adept", 2),
}
"""Ability id -> what appears, and how many."""
SHADE_LOOPS = 160.0


# -- blink -----------------------------------------------------------------------------------------------
def _blink(game: Game, cast: Cast) -> int:
    """To the point, or as far towards it as blink reaches."""
    w, u = game.world, game.world.units
    if buffs.has(w, cast.row, buffs.FUNGAL):
        return Result.CANT_FIND_TELEPORT_LOCATION
    dx, dy = cast.x - float(u.x[cast.row]), cast.y - float(u.y[cast.row])
    away = math.hypot(dx, dy)
    part = min(BLINK_RANGE / away, 1.0) if away > 0 else 0.0
    x, y = float(u.x[cast.row]) + dx * part, float(u.y[cast.row]) + dy * part
    if w.grids.vis_count[int(u.owner[cast.row]), math.floor(y), math.floor(x)] == 0:
        return Result.MUST_TARGET_VISIBLE_LOCATION
    if not deeds.teleport(game, cast.row, x, y):
        return Result.CANT_FIND_TELEPORT_LOCATION
    return Result.SUCCESS


def _shadow_stride(game: Game, cast: Cast) -> int:
    result = _blink(game, cast)
    if result == Result.SUCCESS:
        buffs.apply(game, cast.row, buffs.SHADOW_STRIDE)
    return result


# -- charge ----------------------------------------------------------------------------------------------
def _charge(game: Game, cast: Cast) -> int:
    buffs.apply(game, cast.row, buffs.CHARGING)
    return Result.SUCCESS


def _charge_by_itself(game: Game, rows: list[int]) -> None:
    """A zealot that goes for an enemy a few cells away charges; it stops charging when it has arrived."""
    from cherrypy_bot.sim.abilities.effects import cast as casting

    w, u = game.world, game.world.units
    for row in rows:
        target = int(u.prey[row])
        if target == NONE or not w.is_unit(target, int(u.prey_recycle[row])):
            continue
        away = deeds.gap(game, row, target)
        if CHARGE_NEAR < away < CHARGE_FAR and casting.autocasts(w, row, CHARGE):
            casting.by_itself(game, row, CHARGE, target)
        elif away <= CHARGE_NEAR:
            buffs.remove(game, row, buffs.CHARGING)


# -- sentry ----------------------------------------------------------------------------------------------
def _guardian_shield(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    lasting.start(game, "guardian shield", owner, cast.x, cast.y, first=0.0, lasts=SHIELD_LOOPS, row=cast.row)
    return Result.SUCCESS


def _shield_units(game: Game, effect: Effect) -> Effect | None:
    """The shield moves with its sentry."""
    w, u = game.world, game.world.units
    if not lasting.caster_lives(w, effect) or u.hidden[effect.row] or not buffs.can_cast(w, effect.row):
        return None
    effect = effect._replace(x=float(u.x[effect.row]), y=float(u.y[effect.row]))
    wanted = need("Player;Structure,Invulnerable")
    for row in filters.near(game, effect.owner, effect.x, effect.y, SHIELD_RADIUS, wanted, edge=True):
        buffs.apply(game, row, buffs.GUARDIAN_SHIELD)
    return effect


def _force_field(game: Game, cast: Cast) -> int:
    """A round wall: ground units cannot pass; it is nobody's."""
    w = game.world
    field = w.spawn(w.rules.unit("ForceField").id, int(w.units.owner[cast.row]), cast.x, cast.y)
    lasts = FIELD_LOOPS + w.random() * FIELD_RANDOM
    w.units.life_left[field] = lasts + 1
    w.units.invulnerable[field] = 1
    owner = int(w.units.owner[cast.row])
    effect = lasting.start(game, "force field", owner, cast.x, cast.y, lasts=lasts, target=field)
    _wall(game, effect, up=True)
    return Result.SUCCESS


def break_fields(game: Game, x: float, y: float, radius: float) -> None:
    """Force fields that reach into a circle are no more."""
    for effect in game.world.effects:
        if effect.kind == "force field" and math.hypot(effect.x - x, effect.y - y) <= FIELD_RADIUS + radius:
            lasting.drop(game.world, effect)
            _field_ends(game, effect)


def _wall(game: Game, effect: Effect, *, up: bool) -> None:
    """Block the cells of a force field, or free those that nothing else blocks."""
    w = game.world
    cells = {
        (cx, cy)
        for cy in range(math.floor(effect.y - FIELD_CELLS), math.floor(effect.y + FIELD_CELLS) + 1)
        for cx in range(math.floor(effect.x - FIELD_CELLS), math.floor(effect.x + FIELD_CELLS) + 1)
        if math.hypot(cx + 0.5 - effect.x, cy + 0.5 - effect.y) <= FIELD_CELLS
        and 0 <= cx < w.map.width
        and 0 <= cy < w.map.height
    }
    if up:
        for cx, cy in cells:
            w.grids.walk[cy, cx] = 0
    else:
        w.open_cells(cells)
        for other in w.effects:
            if other.kind == "force field" and other.target != effect.target:
                _wall(game, other, up=True)
    w.clock.path_version[0] += 1


def _field_holds(game: Game, effect: Effect) -> Effect | None:
    """A massive unit on the ground breaks it, as does a bile that kills it."""
    w, u = game.world, game.world.units
    touched = lasting.target_lives(w, effect) and any(
        not w.rules.units[int(u.type_id[r])].is_structure
        for r in filters.near(
            game, effect.owner, effect.x, effect.y, FIELD_RADIUS + 0.6, need("Ground,Massive;Hallucination"), edge=True
        )
    )
    if touched or not lasting.target_lives(w, effect):
        _field_ends(game, effect)
        return None
    return effect


def _field_ends(game: Game, effect: Effect) -> None:
    from cherrypy_bot.sim.abilities import deaths

    if lasting.target_lives(game.world, effect):
        deaths.bury(game, effect.target, NONE, lost=False)
    _wall(game, effect, up=False)


def _hallucinate(ability: int) -> Act:
    name, count = HALLUCINATIONS[ability]

    def act(game: Game, cast: Cast) -> int:
        u = game.world.units
        owner = int(u.owner[cast.row])
        for number in range(count):
            angle = number * 2 * math.pi / count + float(u.facing[cast.row])
            x, y = cast.x + 0.7 * math.cos(angle), cast.y + 0.7 * math.sin(angle)
            row = deeds.summon(game, name, owner, x, y, life=HALLUCINATION_LOOPS)
            game.world.units.hallucination[row] = 1
        return Result.SUCCESS

    return act


# -- adept -----------------------------------------------------------------------------------------------
def _send_shade(game: Game, cast: Cast) -> int:
    """A shade walks where it likes for a while; then its adept stands there."""
    w, u = game.world, game.world.units
    from cherrypy_bot.sim.abilities import orders

    owner = int(u.owner[cast.row])
    shade = deeds.summon(game, "AdeptPhaseShift", owner, float(u.x[cast.row]), float(u.y[cast.row]))
    u = w.units
    u.invulnerable[shade] = 1
    u.facing[shade] = u.facing[cast.row]
    orders.begin(game, shade, Order(16, st.MOVE, cast.x, cast.y))
    lasting.start(game, "shade", owner, cast.x, cast.y, lasts=SHADE_LOOPS, row=cast.row, target=shade)
    return Result.SUCCESS


def _shade_arrives(game: Game, effect: Effect) -> None:
    from cherrypy_bot.sim.abilities import deaths, orders

    w, u = game.world, game.world.units
    if not lasting.target_lives(w, effect):
        return
    x, y = float(u.x[effect.target]), float(u.y[effect.target])
    deaths.bury(game, effect.target, NONE, lost=False)
    if lasting.caster_lives(w, effect) and not u.hidden[effect.row]:
        deeds.teleport(game, effect.row, x, y)
        orders.stop(game, effect.row)


def _end_shade(game: Game, cast: Cast) -> int:
    """CANCEL, given to the adept or to its shade."""
    from cherrypy_bot.sim.abilities import deaths

    w = game.world
    effect = lasting.find(w, "shade", row=cast.row) or lasting.find(w, "shade", target=cast.row)
    if effect is None:
        return Result.CANT_FIND_CANCEL_ORDER
    lasting.drop(w, effect)
    if lasting.target_lives(w, effect):
        deaths.bury(game, effect.target, NONE, lost=False)
    return Result.SUCCESS


def _has_shade(game: Game, row: int) -> int:
    w = game.world
    found = lasting.find(w, "shade", row=row) or lasting.find(w, "shade", target=row)
    return Result.SUCCESS if found else Result.CANT_FIND_CANCEL_ORDER


SPELLS = (
    Spell(BLINK, _blink, POINT, anywhere=True, blind=True, each=True, stops=True),
    Spell(SHADOW_STRIDE, _shadow_stride, POINT, anywhere=True, blind=True, each=True, stops=True),
    Spell(CHARGE, _charge, UNIT, need("Enemy;"), anywhere=True, each=True, autocast=True),
    Spell(GUARDIAN_SHIELD, _guardian_shield),
    Spell(FORCE_FIELD, _force_field, POINT),
    *(Spell(ability, _hallucinate(ability)) for ability in HALLUCINATIONS),
    Spell(SHADE, _send_shade, POINT, anywhere=True, blind=True, each=True),
    Spell(SHADE_CANCEL, _end_shade, condition=_has_shade),
    Spell(ADEPT_CANCEL, _end_shade, condition=_has_shade),
)
LASTING = (
    LastingRule("guardian shield", 8.0, _shield_units, api=2, radius=SHIELD_RADIUS),
    LastingRule("force field", 4.0, _field_holds, _field_ends),
    LastingRule("shade", end=_shade_arrives),
)
UPKEEP = (Upkeep("charge", CHARGE_PERIOD, frozenset({"Zealot"}), _charge_by_itself, upgrade="Charge"),)
