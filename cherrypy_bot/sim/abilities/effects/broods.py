"""What Zerg units bring forth: changelings, locusts, broodlings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import orders
from cherrypy_bot.sim.abilities.effects import buffs, deeds, filters, lasting, machines
from cherrypy_bot.sim.abilities.effects.filters import need
from cherrypy_bot.sim.abilities.effects.records import ANY, POINT, Cast, LastingRule, Spell, Upkeep
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE
from cherrypy_bot.sim.world import Effect, Order

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

CHANGELING, LOCUSTS = 181, 2704
SWOOPS = (2387, 2706)
CHANGELING_LIFE, LIFE_RANDOM = 2400.0, 4.8008
DISGUISE_RADIUS = 10.0
DISGUISES = {"Terran": "ChangelingMarine", "Protoss": "ChangelingZealot", "Zerg": "ChangelingZergling"}
LOCUST_LIFE, LOCUST_RANDOM = 400.0, 8.0
SWOOP_RANGE, SWOOP_LOOPS = 6.0, 8.0
WORTH_LANDING = need("Enemy,Ground;Invulnerable,Larva,Disguised")
BROODLING_LIFE, BROODLING_THROWN_LIFE, SPILL_DELAY = 128.0, 80.0, 8.0
STRIKE_PERIOD = 2
ESCORTS, ESCORT_LOOPS, ESCORT_SPEED = 2, 40.0, 8.0
HELD, GROWN = "escorts", "escort grown"
"""Marks of a brood lord: escorts that it holds, loop at which the next one has grown."""
SPILLED = {"broodlings_6": 6, "broodlings_9": 9}
"""Broodlings that come out of a destroyed structure, by the flag of its type."""


# -- changelings -----------------------------------------------------------------------------------------
def _spawn_changeling(game: Game, cast: Cast) -> int:
    owner = int(game.world.units.owner[cast.row])
    place = deeds.room_for(game, game.world.rules.unit("Changeling").id, cast.x, cast.y)
    if place is None:
        return Result.CANT_FIND_PLACEMENT_LOCATION
    deeds.summon(game, "Changeling", owner, *place, life=CHANGELING_LIFE, random=LIFE_RANDOM)
    return Result.SUCCESS


def _disguise(game: Game, rows: list[int]) -> None:
    """A changeling near the enemy takes the shape of one of theirs."""
    w, u = game.world, game.world.units
    for row in rows:
        owner, x, y = int(u.owner[row]), float(u.x[row]), float(u.y[row])
        if not filters.near(game, owner, x, y, DISGUISE_RADIUS, need("Enemy;Larva")):
            continue
        name = DISGUISES[w.races[1 - owner]]
        theirs = w.upgrades[1 - owner]
        if name == "ChangelingMarine" and w.rules.upgrade("ShieldWall").id in theirs:
            name = "ChangelingMarineShield"
        elif name == "ChangelingZergling" and w.rules.upgrade("zerglingmovementspeed").id in theirs:
            name = "ChangelingZerglingWings"
        w.become(row, w.rules.unit(name).id)
        buffs.apply(game, row, buffs.DISGUISED)


# -- locusts ---------------------------------------------------------------------------------------------
def _spawn_locusts(game: Game, cast: Cast) -> int:
    """Two locusts fly to the place; they land by themselves where they meet an enemy."""
    _w, u = game.world, game.world.units
    owner, x, y = int(u.owner[cast.row]), float(u.x[cast.row]), float(u.y[cast.row])
    for side in (-0.5, 0.5):
        locust = deeds.summon(game, "LocustMPFlying", owner, x + side, y, life=LOCUST_LIFE, random=LOCUST_RANDOM)
        orders.begin(game, locust, Order(19, st.MOVE, cast.x + side, cast.y))
    return Result.SUCCESS


def _swoop(game: Game, cast: Cast) -> int:
    _land(game, cast.row, cast.x, cast.y)
    return Result.SUCCESS


def _land(game: Game, row: int, x: float, y: float) -> None:
    """The locust comes down beside its target."""
    w, u = game.world, game.world.units
    orders.stop(game, row)
    dx, dy = float(u.x[row]) - x, float(u.y[row]) - y
    away = math.hypot(dx, dy) or 1.0
    near = min(away, 1.0)
    w.become(row, w.rules.unit("LocustMP").id)
    buffs.recompute(game, row)
    deeds.teleport(game, row, x + dx / away * near, y + dy / away * near)


def _locusts_look(game: Game, rows: list[int]) -> None:
    """Flying locusts that were not told to fly on land at the nearest enemy on the ground."""
    w, u = game.world, game.world.units
    for row in rows:
        if u.order[row] not in (st.IDLE, st.MOVE) or (u.order[row] == st.MOVE and u.order_ability[row] == 16):
            continue
        owner, x, y = int(u.owner[row]), float(u.x[row]), float(u.y[row])
        near = filters.near(game, owner, x, y, SWOOP_RANGE, WORTH_LANDING, edge=True)
        near = [r for r in near if machines.sees(game, owner, r)]
        target = min(near, key=lambda r: (deeds.gap(game, row, r), r), default=NONE)
        if target != NONE:
            _land(game, row, float(u.x[target]), float(u.y[target]))
        elif u.order[row] == st.IDLE and w.grids.walk[int(y), int(x)]:
            _land(game, row, x, y)


# -- broodlings ------------------------------------------------------------------------------------------
def _strike(game: Game, rows: list[int]) -> None:
    """Brood lords throw all escorts that they hold at what they attack: two at first, then each as it has grown.

    One escort grows at a time. Each deals its damage and goes on fighting as a broodling where it fell.
    """
    w, u = game.world, game.world.units
    for row in rows:
        held = int(w.marks.get((row, HELD), ESCORTS))
        if held < ESCORTS and w.loop >= w.marks[(row, GROWN)]:
            held += 1
            w.marks[(row, HELD)] = float(held)
            w.marks[(row, GROWN)] += ESCORT_LOOPS
        prey = int(u.prey[row])
        attacks = prey != NONE and w.is_unit(prey, int(u.prey_recycle[row])) and u.cooldown[row] > 0
        if not attacks or held == 0 or u.can_attack[row] == 0 or u.hallucination[row]:
            continue
        weapon = int(w.stats.weapon[int(u.owner[row]), int(u.type_id[row]), 0])
        if deeds.gap(game, row, prey) > float(w.stats.w_range[int(u.owner[row]), weapon]) + 1.0:
            continue
        if held == ESCORTS:
            w.marks[(row, GROWN)] = w.loop + ESCORT_LOOPS
        w.marks[(row, HELD)] = 0.0
        for _ in range(held):
            _throw(game, row, prey)


def _throw(game: Game, row: int, prey: int) -> None:
    w, u = game.world, game.world.units
    escort = next(x.index for x in w.rules.weapons if x.name == "BroodlingEscort")
    owner, x, y = int(u.owner[row]), float(u.x[prey]), float(u.y[prey])
    flight = deeds.flight(game, row, x, y, ESCORT_SPEED)
    kernels.launch(w, row, escort, prey, int(flight))
    lasting.start(game, "broodlings", owner, x, y, lasts=flight, target=prey, data=1.0)


def _broodlings_land(game: Game, effect: Effect) -> None:
    w, u = game.world, game.world.units
    x, y = effect.x, effect.y
    if lasting.target_lives(w, effect):
        x, y = float(u.x[effect.target]), float(u.y[effect.target])
    brood(game, effect.owner, x, y, int(effect.data), BROODLING_THROWN_LIFE)


def brood(game: Game, owner: int, x: float, y: float, count: int, life: float = BROODLING_LIFE) -> None:
    """Broodlings appear round a place."""
    for number in range(count):
        angle = number * 2.399963
        place = x + 0.8 * math.cos(angle), y + 0.8 * math.sin(angle)
        deeds.summon(game, "Broodling", owner, *place, life=life, random=LIFE_RANDOM)


def spill(game: Game, row: int) -> None:
    """A Zerg structure is destroyed: broodlings come out a moment later."""
    u = game.world.units
    flags = game.world.rules.units[int(u.type_id[row])].flags
    count = sum(SPILLED[f] for f in flags & SPILLED.keys())
    if count and u.build_left[row] <= 0:
        x, y = float(u.x[row]), float(u.y[row])
        lasting.start(game, "spilled", int(u.owner[row]), x, y, lasts=SPILL_DELAY, data=float(count))


def _spilled(game: Game, effect: Effect) -> None:
    brood(game, effect.owner, effect.x, effect.y, int(effect.data))


SPELLS = (
    Spell(CHANGELING, _spawn_changeling),
    Spell(LOCUSTS, _spawn_locusts, POINT, anywhere=True, blind=True, each=True),
    *(Spell(ability, _swoop, ANY, need("Ground;Invulnerable"), each=True) for ability in SWOOPS),
)
LASTING = (LastingRule("broodlings", end=_broodlings_land), LastingRule("spilled", end=_spilled))
UPKEEP = (
    Upkeep("disguise", 8, frozenset({"Changeling"}), _disguise),
    Upkeep("locusts", 4, frozenset({"LocustMPFlying"}), _locusts_look),
    Upkeep("brood lords", STRIKE_PERIOD, frozenset({"BroodLord"}), _strike),
)
