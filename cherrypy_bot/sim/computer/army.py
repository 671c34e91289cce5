"""The army of a computer player: defence of its bases, waves against the enemy, the hunt for the last
structure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.computer.economy import GATHER, halls
from cherrypy_bot.sim.computer.view import Rows, View
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.computer.player import Computer
    from cherrypy_bot.sim.game import Game

ATTACK = 3674
MOVE = 3794
HOME_REACH = 22.0
"""Enemies this near to an own structure are a threat."""
FIGHT_REACH = 13.0
"""Units within this distance take part in a fight."""
SPREAD = 9.0
"""A wave waits for its rear when its front is so much farther on."""
ARRIVED = 6.0
SAME_GOAL = 4.0
RETREAT_BELOW = 0.62
"""A wave goes home when it is worth less than this share of the enemies it meets."""
FALL_BACK_BELOW = 0.55
RALLY_OUT = 9.0
MOST_PULLED = 20
WORKER_FIGHTS = 12.0
"""What a worker is worth in a fight."""
SEEN_FADES = 0.9994
"""Per loop: how fast the memory of the enemy's army fades (half after 1,150 loops)."""
FULL_SUPPLY = 185.0


@dataclass
class ArmyMemory:
    """What the army remembers: rows are paired with their recycle count so that they stay the same unit.

    `wave`: units sent out. `waves`: how many left so far. `retreating`: the wave is on its way home.
    `threat`: worth of enemies at own bases. `enemy_seen`: fading memory of the largest enemy army seen at
    once. `visited`: loop when each base of the map was last seen. `pulled`: workers that fight.
    """

    wave: frozenset[tuple[int, int]] = frozenset()
    waves: int = 0
    retreating: bool = False
    threat: float = 0.0
    enemy_seen: float = 0.0
    last_loop: int = 0
    visited: dict[int, int] = field(default_factory=dict)
    pulled: frozenset[tuple[int, int]] = frozenset()

    def clone(self) -> ArmyMemory:
        """An independent copy."""
        return replace(self, visited=dict(self.visited))


def decide(computer: Computer, game: Game, view: View) -> None:
    """Defend first, then lead the wave, then gather at home."""
    memory, u = computer.army, game.world.units
    memory.enemy_seen *= SEEN_FADES ** max(game.loop - memory.last_loop, 0)
    memory.last_loop = game.loop
    armed = view.enemies[view.values.army[u.type_id[view.enemies]]]
    if computer.level.vision:
        armed = _out(game, view, armed)
    memory.enemy_seen = max(memory.enemy_seen, float(view.fight(armed).sum()))
    _remember_bases(computer, game)
    army = view.army()
    queens = army[u.type_id[army] == computer.id("Queen")]
    keys = {(int(r), int(u.recycle[r])): int(r) for r in army}
    memory.wave = frozenset(k for k in memory.wave if k in keys)
    wave = np.array(sorted(keys[k] for k in memory.wave), dtype=np.int64)
    home = army[~np.isin(army, wave)]
    threat = _threat(computer, game, view)
    _pull_workers(computer, game, view, threat, home)
    if threat is not None and computer.level.defends:
        own = float(view.fight(home).sum())
        if memory.threat > 1.3 * own and len(wave) and _far_from_target(computer, game, view, wave):
            home = army
            memory.wave = frozenset()
            wave = wave[:0]
        _defend(computer, game, view, home, threat, own)
        home = home[:0]
    fighters = home[~np.isin(home, queens)]
    if len(wave):
        _lead(computer, game, view, wave)
        _reinforce(computer, game, view, fighters, wave)
    elif threat is None:
        _launch(computer, game, view, fighters)
    _gather(computer, game, view, home[~np.isin(home, queens)])


def _out(game: Game, view: View, armed: Rows) -> Rows:
    """Those of the enemies that have left their bases. Who sees everything need not keep up with an army at home."""
    u, homes = game.world.units, view.enemy_structures()
    if not len(homes) or not len(armed):
        return armed
    gap = np.hypot(u.x[armed][:, None] - homes[None, :, 0], u.y[armed][:, None] - homes[None, :, 1])
    return armed[gap.min(axis=1) > HOME_REACH]


# -- at home ---------------------------------------------------------------------------------------------
def _threat(computer: Computer, game: Game, view: View) -> tuple[float, float] | None:
    """Where to defend: the enemy nearest to an own structure, None when none is near. Sets
    `memory.threat`."""
    u = game.world.units
    memory = computer.army
    memory.threat = 0.0
    enemies = view.enemies
    enemies = enemies[view.values.fight[u.type_id[enemies]] > 0]
    homes = view.own[view.values.structure[view.types]]
    if not len(enemies) or not len(homes):
        return None
    gap = np.hypot(u.x[enemies][:, None] - u.x[homes][None, :], u.y[enemies][:, None] - u.y[homes][None, :])
    nearest = gap.min(axis=1)
    near = nearest < HOME_REACH
    workers = view.values.worker[u.type_id[enemies]]
    if not (near & ~workers).any() and int((near & workers).sum()) < 3:
        return None
    memory.threat = float(view.fight(enemies[near]).sum())
    worst = int(np.where(near, nearest, np.inf).argmin())
    return float(u.x[enemies[worst]]), float(u.y[enemies[worst]])


def _defend(computer: Computer, game: Game, view: View, home: Rows, threat: tuple[float, float], own: float) -> None:
    """Fight the threat; when it is too strong fall back together to the farthest base and make a stand
    there."""
    u = game.world.units
    bases = halls(computer, view)
    if computer.level.regroups and len(bases) and own < FALL_BACK_BELOW * computer.army.threat:
        gap = np.hypot(u.x[bases] - threat[0], u.y[bases] - threat[1])
        last = int(bases[int(gap.argmax())])
        if gap.max() > 1.5 * FIGHT_REACH:
            _send(computer, game, home, MOVE, (float(u.x[last]), float(u.y[last])))
            return
    _send(computer, game, home, ATTACK, threat)


def _pull_workers(computer: Computer, game: Game, view: View, threat: tuple[float, float] | None, home: Rows) -> None:
    """Workers help when the army cannot hold, and go back to work when the danger is over."""
    u = game.world.units
    memory = computer.army
    alive = frozenset(k for k in memory.pulled if game.world.is_unit(*k))
    memory.pulled = alive
    rows = np.array(sorted(k[0] for k in alive), dtype=np.int64)
    if threat is None or not computer.level.pulls_workers:
        if len(rows):
            fields, bases = view.mineral_fields(), halls(computer, view)
            if len(fields) and len(bases):
                near = np.hypot(u.x[fields] - u.x[bases[0]], u.y[fields] - u.y[bases[0]])
                computer.give(game, GATHER, rows, target=int(fields[int(near.argmin())]))
            memory.pulled = frozenset()
        return
    bases = halls(computer, view)
    if not len(bases) or np.hypot(u.x[bases] - threat[0], u.y[bases] - threat[1]).min() > 12:
        return
    own = float(view.fight(home).sum())
    workers = view.workers()
    most = min(len(workers) - 4, MOST_PULLED)
    if memory.threat > own + WORKER_FIGHTS * most:
        # a lost cause: workers who mine are worth more than workers who die
        return
    if memory.threat > 1.1 * own + WORKER_FIGHTS * len(rows):
        missing = math.ceil((1.3 * memory.threat - own) / WORKER_FIGHTS) - len(rows)
        workers = workers[(u.hidden[workers] == 0) & view.order(workers, st.GATHER, st.IDLE, st.RETURN)]
        near = np.argsort(np.hypot(u.x[workers] - threat[0], u.y[workers] - threat[1]), kind="stable")
        called = workers[near[: max(0, min(missing, most - len(rows)))]]
        if len(called):
            rows = np.concatenate([rows, called])
            memory.pulled = frozenset((int(r), int(u.recycle[r])) for r in rows)
    _send(computer, game, rows, ATTACK, threat)


def _rally(computer: Computer, game: Game, view: View) -> tuple[float, float]:
    """A place before the base that is nearest to the enemy, on the way to it."""
    u = game.world.units
    bases = halls(computer, view)
    if not len(bases):
        return computer.home
    sites = computer.sites
    grid = sites.distances[1 - computer.start]
    reach = [float(grid[int(u.y[r]), int(u.x[r])]) for r in bases]
    front = int(bases[int(np.argmin(reach))])
    x, y = float(u.x[front]), float(u.y[front])
    size = int(RALLY_OUT) + 2
    y0, x0 = max(int(y) - size, 0), max(int(x) - size, 0)
    part = grid[y0 : int(y) + size + 1, x0 : int(x) + size + 1]
    ys, xs = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
    gap = np.hypot(xs + x0 + 0.5 - x, ys + y0 + 0.5 - y)
    cost = np.where((gap > RALLY_OUT - 2) & (gap < RALLY_OUT + 1), part, np.inf)
    if not np.isfinite(cost).any():
        return x, y
    best = np.unravel_index(int(cost.argmin()), cost.shape)
    return float(best[1]) + x0 + 0.5, float(best[0]) + y0 + 0.5


def _gather(computer: Computer, game: Game, view: View, home: Rows) -> None:
    """Idle units at home stand together before the front base."""
    u = game.world.units
    if not len(home):
        return
    place = _rally(computer, game, view)
    away = np.hypot(u.x[home] - place[0], u.y[home] - place[1]) > ARRIVED + 0.12 * len(home)
    _send(computer, game, home[away & view.order(home, st.IDLE)], ATTACK, place)


# -- abroad ----------------------------------------------------------------------------------------------
def _launch(computer: Computer, game: Game, view: View, fighters: Rows) -> None:
    """Start a wave when the army is large enough for this level and build."""
    memory, level, style = computer.army, computer.level, computer.style
    supply = view.supply(fighters)
    needed = level.attack_supply * style.attack * style.growth ** min(memory.waves, 6)
    full = float(game.world.players.supply_used[computer.player]) >= FULL_SUPPLY
    late = memory.waves > 0 or game.loop >= level.attack_loop * style.attack_loop
    broke = _cannot_grow(computer, game, view)
    if not len(fighters) or not ((supply >= max(needed, 3.0) and late) or full or broke):
        return
    u = game.world.units
    memory.wave = frozenset((int(r), int(u.recycle[r])) for r in fighters)
    memory.waves += 1
    memory.retreating = False
    _lead(computer, game, view, fighters)


def _cannot_grow(computer: Computer, game: Game, view: View) -> bool:
    """Nothing left to build an army with: all in."""
    return not len(view.workers()) and game.world.players.minerals[computer.player] < 50


def _reinforce(computer: Computer, game: Game, view: View, fighters: Rows, wave: Rows) -> None:
    """Fresh units follow a wave that still fights once they are a good part of it."""
    memory, u = computer.army, game.world.units
    if memory.retreating or not len(fighters):
        return
    if view.supply(fighters) >= 0.35 * max(view.supply(wave), 6.0):
        memory.wave = memory.wave | {(int(r), int(u.recycle[r])) for r in fighters}
        target = _target(computer, game, view, fighters)
        if target is not None:
            _send(computer, game, fighters, ATTACK, target)


def _lead(computer: Computer, game: Game, view: View, wave: Rows) -> None:
    """Send the wave on, hold it together, take it home when it loses."""
    memory, u = computer.army, game.world.units
    x, y = float(np.median(u.x[wave])), float(np.median(u.y[wave]))
    enemies = view.enemies[view.values.fight[u.type_id[view.enemies]] > 0]
    near = enemies[np.hypot(u.x[enemies] - x, u.y[enemies] - y) < FIGHT_REACH]
    theirs = float(view.fight(near).sum())
    if memory.retreating:
        rally = _rally(computer, game, view)
        if math.dist((x, y), rally) < 2 * ARRIVED:
            memory.wave, memory.retreating = frozenset(), False
        else:
            _send(computer, game, wave, MOVE, rally)
        return
    if computer.level.retreats and theirs > 0:
        ours = float(view.fight(wave[np.hypot(u.x[wave] - x, u.y[wave] - y) < FIGHT_REACH + 4]).sum())
        if ours < RETREAT_BELOW * theirs and ours > 0:
            memory.retreating = True
            _send(computer, game, wave, MOVE, _rally(computer, game, view))
            return
    target = _target(computer, game, view, wave)
    if target is None:
        _hunt(computer, game, view, wave)
        return
    if computer.level.regroups and not len(near) and len(wave) > 3:
        grid = computer.sites.distances[1 - computer.start]
        left = grid[u.y[wave].astype(np.int64), u.x[wave].astype(np.int64)]
        left = np.where(np.isfinite(left), left, np.hypot(u.x[wave] - target[0], u.y[wave] - target[1]))
        behind = float(np.percentile(left, 70))
        ahead = left < behind - SPREAD
        if ahead.any() and math.dist((x, y), target) > 18:
            _send(computer, game, wave[ahead], ATTACK, (x, y))
            wave = wave[~ahead]
    _send(computer, game, wave, ATTACK, target)


def _far_from_target(computer: Computer, game: Game, view: View, wave: Rows) -> bool:
    target = _target(computer, game, view, wave)
    u = game.world.units
    return target is None or math.dist((float(u.x[wave].mean()), float(u.y[wave].mean())), target) > 25


def _target(computer: Computer, game: Game, view: View, wave: Rows) -> tuple[float, float] | None:
    """The nearest known enemy structure, else the enemy's start until it was seen, else None."""
    u = game.world.units
    known = view.enemy_structures()
    if len(known):
        x, y = float(np.median(u.x[wave])), float(np.median(u.y[wave]))
        best = int(np.hypot(known[:, 0] - x, known[:, 1] - y).argmin())
        return float(known[best, 0]), float(known[best, 1])
    start = game.world.map.start_locations[1 - computer.start]
    explored = game.world.grids.explored[computer.player]
    if not explored[int(start[1]), int(start[0])]:
        return start
    return None


def _remember_bases(computer: Computer, game: Game) -> None:
    visible = game.world.grids.vis_count[computer.player]
    for index in computer.bases:
        x, y = computer.sites.bases[index]
        if visible[int(y), int(x)] > 0:
            computer.army.visited[index] = game.loop


def _hunt(computer: Computer, game: Game, view: View, wave: Rows) -> None:
    """No structure is known: idle units spread over the bases not seen for longest, then over dark ground."""
    memory = computer.army
    idle = wave[view.order(wave, st.IDLE)]
    if not len(idle):
        return
    stale = [i for i in computer.bases if game.loop - memory.visited.get(i, -100000) > 900]
    stale.sort(key=lambda i: (memory.visited.get(i, -100000), i))
    parties = np.array_split(idle, min(len(idle), max(3, len(idle) // 4)))
    dark = None
    for number, party in enumerate(parties):
        if number < len(stale):
            place = tuple(float(v) for v in computer.sites.bases[stale[number]])
        else:
            if dark is None:
                visible = game.world.grids.vis_count[computer.player] > 0
                reach = np.isfinite(computer.sites.distances[computer.start])
                dark = np.argwhere(reach & ~visible)
            if not len(dark):
                return
            spot = dark[int(computer.rng.integers(len(dark)))]
            place = (float(spot[1]) + 0.5, float(spot[0]) + 0.5)
        if not computer.give(game, ATTACK, party, point=(place[0], place[1])):
            return


def _send(computer: Computer, game: Game, rows: Rows, ability: int, place: tuple[float, float]) -> None:
    """Order those that are not on their way to the place already; who is fighting is left to fight."""
    if not len(rows):
        return
    u = game.world.units
    kind = st.ATTACK_MOVE if ability == ATTACK else st.MOVE
    same_goal = np.hypot(u.goal_x[rows] - place[0], u.goal_y[rows] - place[1]) < SAME_GOAL
    on_the_way = (u.order[rows] == kind) & same_goal
    there = (u.order[rows] == st.IDLE) & (np.hypot(u.x[rows] - place[0], u.y[rows] - place[1]) < ARRIVED)
    going = ~on_the_way & ~there
    if ability == ATTACK:
        going &= (u.prey[rows] == NONE) | (u.order[rows] == st.MOVE)
    if going.any():
        computer.give(game, ability, rows[going], point=place)
