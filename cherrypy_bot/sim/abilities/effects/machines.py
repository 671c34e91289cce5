"""Terran machines and ships: widow mines, lock-on, liberator zones, raven spells, Yamato cannon, tactical jump."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders, placement
from cherrypy_bot.sim.abilities.effects import buffs, damage, deeds, filters, lasting
from cherrypy_bot.sim.abilities.effects import cast as casting
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import POINT, UNIT, Act, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect, Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

MINE_ATTACK, LOCK_ON, LOCK_ON_CANCEL = 2099, 2350, 2354
LIBERATOR_AG, LIBERATOR_AA = 2558, 2560
AUTO_TURRET, INTERFERENCE, ANTI_ARMOR = 1764, 3747, 3753
YAMATO, JUMP = 401, 2358
MINE_RANGE, MINE_RELOAD = 5.0, 640.0
MINE_DAMAGE, MINE_SHIELDS, MINE_SPLASH, MINE_SPLASH_SHIELDS, MINE_RADIUS = 125.0, 35.0, 40.0, 25.0, 1.5
MINE_SPEED = 28.0
LOCK_RANGE, LOCK_BREAK, LOCK_PERIOD, LOCK_LOOPS = 7.0, 15.0, 16.0, 320.0
LOCK_DAMAGE, LOCK_DAMAGE_MORE, LOCK_RELOAD = 20.0, 30.0, 64
AG_RANGE, AG_RANGE_MORE, AG_RADIUS, AG_LOOPS, AA_LOOPS = 5.0, 2.0, 5.0, 64.668, 32.668
TURRET_LIFE, TURRET_RANDOM = 176.0, 4.8008
ARMOR_RADIUS, ARMOR_SPEED = 2.88, 16.0
INTERFERENCE_SPEED = 30.0
YAMATO_DAMAGE, YAMATO_SPEED = 240.0, 20.0
JUMP_CHARGE, JUMP_LEAVE, JUMP_GONE, JUMP_ARRIVE = 22.3984, 9.6, 76.8, 9.6


# -- widow mine ------------------------------------------------------------------------------------------
def _is_dug_in(game: Game, row: int) -> int:
    w = game.world
    dug = w.rules.units[int(w.units.type_id[row])].name == "WidowMineBurrowed"
    return Result.SUCCESS if dug else Result.NOT_SUPPORTED


def _launch_mine(game: Game, cast: Cast) -> int:
    w, u = game.world, game.world.units
    owner = int(u.owner[cast.row])
    flight = deeds.flight(game, cast.row, float(u.x[cast.target]), float(u.y[cast.target]), MINE_SPEED)
    if w.rules.upgrade("DrillClaws").id not in w.upgrades[owner]:
        buffs.apply(game, cast.row, buffs.RELOADING, MINE_RELOAD)  # it shows itself until it has reloaded
    lasting.start(game, "widow missile", owner, cast.x, cast.y, lasts=flight, row=cast.row, target=cast.target)
    return Result.SUCCESS


def _mine_hits(game: Game, effect: Effect) -> None:
    """The target in full, everybody round it with less; own mines are spared."""
    w, u = game.world, game.world.units
    source = effect.row if lasting.caster_lives(w, effect) else NONE
    x, y, spare = effect.x, effect.y, [effect.row]
    if lasting.target_lives(w, effect) and not u.hidden[effect.target]:
        x, y = float(u.x[effect.target]), float(u.y[effect.target])
        spare.append(effect.target)
        damage.hurt(game, effect.target, MINE_DAMAGE, source, shield_bonus=MINE_SHIELDS, by=effect.owner)
    mines = w.rows_of(effect.owner, w.rules.unit("WidowMine").id, w.rules.unit("WidowMineBurrowed").id)
    deeds.blast(
        game,
        effect.owner,
        x,
        y,
        ((MINE_RADIUS, 1.0),),
        MINE_SPLASH,
        need(";Structure,Invulnerable"),
        source,
        edge=True,
        shield_bonus=MINE_SPLASH_SHIELDS,
        spare=(*spare, *mines),
    )


def _mines_aim(game: Game, rows: list[int]) -> None:
    """A mine that is dug in and loaded aims at the nearest enemy unit in range."""
    w, u = game.world, game.world.units
    for row in rows:
        ready = w.cooldowns.get((row, MINE_ATTACK), 0) <= w.loop and u.order[row] == st.IDLE
        if not ready or u.hidden[row] or not casting.autocasts(w, row, MINE_ATTACK) or not buffs.can_cast(w, row):
            continue
        target = _nearest_foe(game, row, MINE_RANGE, need("Enemy;Structure,Invulnerable,Larva,Disguised"))
        if target != NONE:
            x, y = float(u.x[target]), float(u.y[target])
            orders.begin(game, row, Order(MINE_ATTACK, st.APPROACH, x, y, target, int(u.recycle[target])))


def _nearest_foe(game: Game, row: int, reach: float, wanted: filters.Filter) -> int:
    """Nearest visible enemy within a range, edge to edge."""
    w, u = game.world, game.world.units
    owner, x, y = int(u.owner[row]), float(u.x[row]), float(u.y[row])
    body = w.rules.units[int(u.type_id[row])].radius
    near = filters.near(game, owner, x, y, reach + body, wanted, edge=True)
    near = [r for r in near if sees(game, owner, r)]
    return min(near, key=lambda r: (deeds.gap(game, row, r), r), default=NONE)


def sees(game: Game, player: int, row: int) -> bool:
    """Whether a player sees a unit, cloaks broken."""
    u = game.world.units
    hidden = u.cloaked[row] == 1 and not int(u.detected[row]) >> player & 1
    return bool(int(u.seen[row]) >> player & 1) and not hidden


# -- cyclone ---------------------------------------------------------------------------------------------
def _not_locked(game: Game, row: int) -> int:
    locked = lasting.find(game.world, "lock on", row=row) is not None
    return Result.CANT_QUEUE_THAT_ORDER if locked else Result.SUCCESS


def _lock_on(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    buffs.apply(game, cast.target, buffs.LOCK_ON)
    buffs.apply(game, cast.row, buffs.LOCKED)
    lasting.start(game, "lock on", owner, cast.x, cast.y, lasts=LOCK_LOOPS, row=cast.row, target=cast.target)
    return Result.SUCCESS


def _lock_fires(game: Game, effect: Effect) -> Effect | None:
    """A missile every 16 loops while the target is not too far away; the cyclone may move."""
    w, u = game.world, game.world.units
    if not lasting.caster_lives(w, effect) or u.hidden[effect.row] or not buffs.can_cast(w, effect.row):
        _unlock(game, effect)
        return None
    here = lasting.target_lives(w, effect) and not u.hidden[effect.target] and not u.invulnerable[effect.target]
    if (
        not here
        or deeds.gap(game, effect.row, effect.target) > LOCK_BREAK
        or not sees(game, effect.owner, effect.target)
    ):
        _unlock(game, effect)
        return None
    better = w.rules.upgrade("CycloneLockOnDamageUpgrade").id in w.upgrades[effect.owner]
    if damage.hurt(game, effect.target, LOCK_DAMAGE_MORE if better else LOCK_DAMAGE, effect.row):
        _unlock(game, effect)
        return None
    return effect


def _unlock(game: Game, effect: Effect) -> None:
    w = game.world
    if lasting.target_lives(w, effect):
        buffs.remove(game, effect.target, buffs.LOCK_ON)
    if lasting.caster_lives(w, effect):
        buffs.remove(game, effect.row, buffs.LOCKED)
        w.cooldowns[(effect.row, LOCK_ON)] = w.loop + LOCK_RELOAD


def _cancel_lock(game: Game, cast: Cast) -> int:
    effect = lasting.find(game.world, "lock on", row=cast.row)
    if effect is None:
        return Result.CANT_FIND_CANCEL_ORDER
    lasting.drop(game.world, effect)
    _unlock(game, effect)
    return Result.SUCCESS


def _is_locked(game: Game, row: int) -> int:
    locked = lasting.find(game.world, "lock on", row=row) is not None
    return Result.SUCCESS if locked else Result.CANT_FIND_CANCEL_ORDER


def _locks_by_itself(game: Game, rows: list[int]) -> None:
    w, u = game.world, game.world.units
    for row in rows:
        prey = int(u.prey[row])
        if prey == NONE or not w.is_unit(prey, int(u.prey_recycle[row])) or not casting.autocasts(w, row, LOCK_ON):
            continue
        if deeds.gap(game, row, prey) <= LOCK_RANGE:
            casting.by_itself(game, row, LOCK_ON, prey)


# -- liberator -------------------------------------------------------------------------------------------
def _zone_range(game: Game, row: int) -> float:
    w = game.world
    better = w.rules.upgrade("LiberatorAGRangeUpgrade").id in w.upgrades[int(w.units.owner[row])]
    return AG_RANGE + (AG_RANGE_MORE if better else 0.0)


def _defend(game: Game, cast: Cast) -> int:
    """Turn into the mode that shoots at the ground inside a circle, and stay there."""
    w, u = game.world, game.world.units
    owner = int(u.owner[cast.row])
    w.marks[(cast.row, "zone x")], w.marks[(cast.row, "zone y")] = cast.x, cast.y
    lasting.start(game, "liberator zone coming", owner, cast.x, cast.y, lasts=AG_LOOPS, row=cast.row)
    _change_mode(game, cast, "LiberatorAG", AG_LOOPS)
    u.facing[cast.row] = math.atan2(cast.y - u.y[cast.row], cast.x - u.x[cast.row]) % (2 * math.pi)
    return Result.SUCCESS


def _fly_on(game: Game, cast: Cast) -> int:
    effect = lasting.find(game.world, "liberator zone", row=cast.row)
    if effect is not None:
        lasting.drop(game.world, effect)
    _change_mode(game, cast, "Liberator", AA_LOOPS)
    return Result.SUCCESS


def _change_mode(game: Game, cast: Cast, name: str, loops: float) -> None:
    w, u = game.world, game.world.units
    order = Order(cast.ability, st.BUSY, cast.x, cast.y, data=w.rules.unit(name).id)
    w.queues.pop(cast.row, None)
    orders.begin(game, cast.row, order)
    u.timer[cast.row] = loops


def _zone_begins(game: Game, effect: Effect) -> None:
    if lasting.caster_lives(game.world, effect):
        lasting.start(game, "liberator zone", effect.owner, effect.x, effect.y, row=effect.row)


def _zone_holds(game: Game, effect: Effect) -> Effect | None:
    w = game.world
    if not lasting.caster_lives(w, effect) or w.units.type_id[effect.row] != w.rules.unit("LiberatorAG").id:
        return None
    return effect


def _shoot_into_zones(game: Game, rows: list[int]) -> None:
    """The kernels would shoot at everything in range: outside its circle a liberator holds its fire."""
    w, u = game.world, game.world.units
    for row in rows:
        x, y = w.marks.get((row, "zone x"), -1.0), w.marks.get((row, "zone y"), -1.0)
        owner = int(u.owner[row])
        targets = filters.near(game, owner, x, y, AG_RADIUS, need("Enemy,Ground;Structure,Invulnerable,Disguised"))
        targets = [r for r in targets if sees(game, owner, r)]
        able = u.order[row] == st.IDLE and buffs.can_cast(w, row) and bool(targets)
        u.can_attack[row] = able
        if able and int(u.prey[row]) not in targets:
            prey = min(targets, key=lambda r: (deeds.gap(game, row, r), r))
            u.prey[row], u.prey_recycle[row] = prey, u.recycle[prey]


# -- raven -----------------------------------------------------------------------------------------------
def _auto_turret(game: Game, cast: Cast) -> int:
    w = game.world
    rule, owner = w.rules.unit("AutoTurret"), int(w.units.owner[cast.row])
    x, y = placement.snap(rule, cast.x, cast.y)
    if placement.can_place(game, owner, rule.id, x, y, builder=cast.row, actual=True) != Result.SUCCESS:
        return Result.CANT_BUILD_LOCATION_INVALID
    turret = w.spawn(rule.id, owner, x, y)
    w.units.life_left[turret] = TURRET_LIFE + w.random() * TURRET_RANDOM
    return Result.SUCCESS


def _can_be_jammed(game: Game, row: int, target: int) -> int:
    w, player = game.world, int(game.world.units.owner[row])
    fits = any(filters.has(w, player, target, what) for what in ("Mechanical", "Psionic"))
    return Result.SUCCESS if fits else Result.CANT_TARGET_THAT_UNIT


def _missile(kind: str, speed: float) -> Act:
    """A spell whose missile takes its time to the target."""

    def act(game: Game, cast: Cast) -> int:
        u = game.world.units
        flight = deeds.flight(game, cast.row, float(u.x[cast.target]), float(u.y[cast.target]), speed)
        owner = int(u.owner[cast.row])
        lasting.start(game, kind, owner, cast.x, cast.y, lasts=flight, row=cast.row, target=cast.target)
        return Result.SUCCESS

    return act


def _jam(game: Game, effect: Effect) -> None:
    if lasting.target_lives(game.world, effect):
        buffs.apply(game, effect.target, buffs.INTERFERENCE)


def _strip_armor(game: Game, effect: Effect) -> None:
    """Everybody round the target, friend and foe."""
    u = game.world.units
    x, y = effect.x, effect.y
    if lasting.target_lives(game.world, effect):
        x, y = float(u.x[effect.target]), float(u.y[effect.target])
    for row in filters.near(game, effect.owner, x, y, ARMOR_RADIUS, need(";Structure,Invulnerable,Neutral"), edge=True):
        buffs.apply(game, row, buffs.ANTI_ARMOR)


# -- battlecruiser ---------------------------------------------------------------------------------------
def _yamato_hits(game: Game, effect: Effect) -> None:
    if lasting.target_lives(game.world, effect):
        source = effect.row if lasting.caster_lives(game.world, effect) else NONE
        damage.hurt(game, effect.target, YAMATO_DAMAGE, source, by=effect.owner)


def _jump(game: Game, cast: Cast) -> int:
    """Leave, be gone, and arrive: invulnerable all the while."""
    owner = int(game.world.units.owner[cast.row])
    buffs.apply(game, cast.row, buffs.JUMPING, JUMP_LEAVE + JUMP_GONE + JUMP_ARRIVE)
    lasting.start(
        game,
        "tactical jump",
        owner,
        cast.x,
        cast.y,
        first=JUMP_LEAVE,
        lasts=JUMP_LEAVE + JUMP_GONE,
        row=cast.row,
    )
    return Result.SUCCESS


def _vanish(game: Game, effect: Effect) -> Effect | None:
    if not lasting.caster_lives(game.world, effect):
        return None
    game.world.units.hidden[effect.row] = 1
    return effect._replace(due=math.inf)


def _appear(game: Game, effect: Effect) -> None:
    if lasting.caster_lives(game.world, effect):
        game.world.units.hidden[effect.row] = 0
        deeds.teleport(game, effect.row, effect.x, effect.y)


SPELLS = (
    Spell(
        MINE_ATTACK,
        _launch_mine,
        UNIT,
        need("Enemy;Structure,Invulnerable"),
        prep=24,
        condition=_is_dug_in,
        autocast=True,
    ),
    Spell(
        LOCK_ON,
        _lock_on,
        UNIT,
        need("Enemy;Invulnerable"),
        condition=_not_locked,
        autocast=True,
        cooldown=96,
    ),
    Spell(LOCK_ON_CANCEL, _cancel_lock, condition=_is_locked),
    Spell(LIBERATOR_AG, _defend, POINT, reach_of=_zone_range, blind=True, each=True),
    Spell(LIBERATOR_AA, _fly_on),
    Spell(AUTO_TURRET, _auto_turret, POINT),
    Spell(
        INTERFERENCE,
        _missile("interference", INTERFERENCE_SPEED),
        UNIT,
        need("Enemy;Structure,Invulnerable"),
        suits=_can_be_jammed,
    ),
    Spell(ANTI_ARMOR, _missile("anti-armor", ARMOR_SPEED), UNIT, need(";Structure,Neutral,Self,Invulnerable")),
    Spell(
        YAMATO,
        _missile("yamato", YAMATO_SPEED),
        UNIT,
        need("Enemy;Invulnerable"),
        prep=48,
        slop=10.0,
        locked=True,
    ),
    Spell(JUMP, _jump, POINT, anywhere=True, blind=True, each=True, prep=JUMP_CHARGE, locked=True, finish=96),
)
LASTING = (
    LastingRule("widow missile", end=_mine_hits),
    LastingRule("lock on", LOCK_PERIOD, _lock_fires, _unlock),
    LastingRule("liberator zone coming", end=_zone_begins, api=8, radius=AG_RADIUS),
    LastingRule("liberator zone", 8.0, _zone_holds, api=9, radius=AG_RADIUS),
    LastingRule("interference", end=_jam),
    LastingRule("anti-armor", end=_strip_armor),
    LastingRule("yamato", end=_yamato_hits),
    LastingRule("tactical jump", 1.0, _vanish, _appear),
)
UPKEEP = (
    Upkeep("mines", 2, frozenset({"WidowMineBurrowed"}), _mines_aim),
    Upkeep("auto lock on", 4, frozenset({"Cyclone"}), _locks_by_itself),
    Upkeep("liberator zones", 2, frozenset({"LiberatorAG"}), _shoot_into_zones),
)
