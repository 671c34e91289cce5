"""Seeded two-player maps: point-symmetric, with ladder-like bases, ramps and chokes.

`generate(seed)` draws a plan (rooms, levels, seams), builds its terrain, places the bases and checks the result;
a draw that breaks a rule is thrown away and the next one is tried, so a seed always gives the same map.
"""

from __future__ import annotations

import numpy as np

from cherrypy_bot.sim.maps import features, rooms, terrain
from cherrypy_bot.sim.maps.analysis import ground_distances
from cherrypy_bot.sim.maps.bases import Base, fit_base
from cherrypy_bot.sim.maps.model import MapData, MapError, Neutral
from cherrypy_bot.sim.maps.neutrals import PLATES, footprint_cells
from cherrypy_bot.sim.maps.ramps import Ramp, stencil
from cherrypy_bot.sim.maps.rooms import CHOKE, OPEN, RAMP, ROCKS, Bools, Plan
from cherrypy_bot.sim.maps.terrain import Terrain

SHIPPED_SEEDS = {"CherryGroveLE": 1, "OrchardLE": 12, "BlossomLE": 19}
"""Seed of every map that comes with the package; the files in `shipped/` hold what these give."""

MAX_DRAWS = 400
RUSH_DISTANCE = (135.0, 205.0)
NATURAL_DISTANCE = (22.0, 42.0)
THIRDS_WITHIN = 100.0
"""Walking distance from a main within which three bases lie besides the main and the natural."""

OWN_TWIN_SPACING = 28.0
"""Least distance of a base from its own twin across the middle."""

LEAST_BASES = 12


class _BadDrawError(Exception):
    """This draw broke a rule; the text says which."""


def generate(seed: int, name: str | None = None) -> MapData:
    """The map of a seed; the same seed and library versions give the same map.

    Raises `MapError` when no draw of the seed obeys all rules (try another seed).
    """
    reasons: dict[str, int] = {}
    for draw in range(MAX_DRAWS):
        rng = np.random.default_rng([seed, draw])
        try:
            return _draw_map(rng, name or f"Generated{seed}")
        except _BadDrawError as reason:
            reasons[str(reason)] = reasons.get(str(reason), 0) + 1
    most = max(reasons, key=lambda r: reasons[r])
    raise MapError(f"seed {seed}: none of {MAX_DRAWS} draws gave a fair map (mostly: {most}); use another seed")


def _draw_map(rng: np.random.Generator, name: str) -> MapData:
    width, height = (int(rng.choice((152, 160, 168, 176))) for _ in range(2))
    margins = [int(rng.choice((14, 16, 18))) for _ in range(2)]
    playable = (margins[0], margins[1], width - margins[0], height - margins[1])
    plan = _draw_plan(rng, (height, width), playable)
    ramps = _join_rooms(rng, plan)
    land = _symmetric(terrain.build(rng, plan, ramps, playable))
    bases = _place_bases(plan, land, ramps)
    land, extras = features.decorate(rng, plan, land, bases, ramps)
    m = _assemble(name, land, bases, ramps, extras, playable)
    return m if rng.random() < 0.5 else _flipped(m)


def _draw_plan(rng: np.random.Generator, shape: tuple[int, int], playable: tuple[int, int, int, int]) -> Plan:
    area = (playable[2] - playable[0]) * (playable[3] - playable[1])
    n = int(np.clip(round(area / 2 / rng.uniform(1050, 1250)), 6, 8))
    middle = bool(rng.random() < 0.75)
    sites = rooms.place_sites(rng, playable, n, middle)
    labels = rooms.label_rooms(rng, shape, playable, sites, n)
    levels = [0] * len(sites)
    plan = Plan(n=n, labels=labels, sites=sites, levels=levels)
    plan.seams = rooms.find_seams(labels)
    for room in range(1, n):
        levels[room] = levels[room + n] = int(rng.random() < 0.5)
    if middle:
        levels[2 * n] = int(rng.random() < 0.35)
    levels[0] = levels[n] = 2
    return plan


def _neighbours(plan: Plan, room: int) -> list[int]:
    return [b if a == room else a for a, b in plan.seams if room in (a, b)]


def _join_rooms(rng: np.random.Generator, plan: Plan) -> list[Ramp]:
    """Choose the natural and what each seam is; place the ramps. Both halves get the same."""
    taken = np.zeros(plan.labels.shape, dtype=np.bool_)
    ramps: list[Ramp] = []
    main = 0
    near = [r for r in _neighbours(plan, main) if r % plan.n != 0 and r < 2 * plan.n]
    near.sort(key=lambda r: abs(float(np.linalg.norm(plan.sites[r] - plan.sites[main])) - 28.0))
    for natural in near[:2]:
        levels = plan.levels.copy()
        plan.levels[natural] = plan.levels[plan.partner(natural)] = 1
        ramp = _find_ramp(plan, main, natural, 1, taken)
        if ramp is not None:
            plan.natural = natural
            _add_ramp(plan, ramps, ramp, main, natural, taken)
            break
        plan.levels[:] = levels
    else:
        raise _BadDrawError("no place for the main ramp")
    plan.seams = rooms.find_seams(plan.labels)
    for room in (b if a == main else a for a, b in list(plan.seams) if main in (a, b)):
        _set(plan, _key(main, room), thickness=float(rng.uniform(2.0, 3.0)))
    _join_natural(rng, plan, ramps, taken)
    _join_others(rng, plan, ramps, taken)
    return ramps


def _join_natural(rng: np.random.Generator, plan: Plan, ramps: list[Ramp], taken: Bools) -> None:
    """One way out of the natural: a choke on level ground or a ramp of middling width."""
    natural = plan.natural
    exits = [r for r in _neighbours(plan, natural) if r % plan.n and len(plan.seams[_key(natural, r)].points) >= 14]
    # away from the main's side of the map
    exits.sort(key=lambda r: -float(np.linalg.norm(plan.sites[r] - plan.sites[0])))
    for room in exits:
        key = _key(natural, room)
        if key == plan.twin(key):
            continue
        if plan.levels[room] == 1:
            _set(plan, key, kind=CHOKE, gap=float(rng.uniform(9.5, 12.5)), thickness=2.6)
            _back_door(rng, plan, exits, room)
            return
        ramp = _find_ramp(plan, natural, room, int(rng.integers(2, 4)), taken)
        if ramp is not None:
            _add_ramp(plan, ramps, ramp, natural, room, taken)
            _set(plan, key, kind=RAMP)
            _back_door(rng, plan, exits, room)
            return
    raise _BadDrawError("no way out of the natural")


def _back_door(rng: np.random.Generator, plan: Plan, exits: list[int], used: int) -> None:
    """On some maps rocks close a second, narrow way out of the natural."""
    for room in reversed(exits):
        key = _key(plan.natural, room)
        if room != used and plan.levels[room] == 1 and key != plan.twin(key) and rng.random() < 0.6:
            _set(plan, key, kind=ROCKS, gap=7.0, thickness=2.4)
            return


def _join_others(rng: np.random.Generator, plan: Plan, ramps: list[Ramp], taken: Bools) -> None:
    closed = {0, plan.n, plan.natural, plan.partner(plan.natural)}
    degree = dict.fromkeys(range(len(plan.levels)), 0)
    keys = [k for k in plan.seams if k <= plan.twin(k) and not closed & set(k)]
    order = rng.permutation(len(keys))
    for again in (False, True):
        for i in order:
            a, b = key = keys[int(i)]
            seam = plan.seams[key]
            if seam.kind != rooms.WALL or (again and min(degree[a], degree[b]) >= 2):
                continue
            length = len(seam.points)
            if plan.levels[a] == plan.levels[b]:
                roll = 0.7 if again else rng.random()
                if roll < 0.4:
                    _set(plan, key, kind=OPEN)
                elif roll < 0.85 and length >= 12:
                    gap = float(rng.uniform(8, min(17, length - 3)))
                    _set(plan, key, kind=CHOKE, gap=gap, thickness=float(rng.uniform(2.0, 3.6)))
                else:
                    _set(plan, key, ridge=bool(rng.random() < 0.6), thickness=float(rng.uniform(2.0, 4.5)))
                    continue
            else:
                if not again and rng.random() < 0.2:
                    continue
                high, low = (a, b) if plan.levels[a] > plan.levels[b] else (b, a)
                ramp = None
                for wide in (int(rng.integers(2, 5)), 2):
                    ramp = ramp or _find_ramp(plan, high, low, wide, taken)
                if ramp is None:
                    continue
                _add_ramp(plan, ramps, ramp, high, low, taken)
                _set(plan, key, kind=RAMP)
            for room in (a, b):
                degree[room] += 1
                degree[plan.partner(room)] += 1


def _key(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _set(plan: Plan, key: tuple[int, int], **values: object) -> None:
    for k in {key, plan.twin(key)}:
        seam = plan.seams.get(k)
        if seam is None:
            raise _BadDrawError("a seam without its twin")
        for attribute, value in values.items():
            setattr(seam, attribute, value)


def _find_ramp(plan: Plan, high: int, low: int, wide: int, taken: Bools) -> Ramp | None:
    """The ramp nearest to the middle of a seam whose stencil touches only its two rooms and no other ramp."""
    seam = plan.seams.get(_key(high, low))
    if seam is None:
        return None
    height, width = plan.labels.shape
    up = plan.sites[high] - plan.sites[low]
    points = seam.points[np.argsort(np.linalg.norm(seam.points - rooms.middle_of(seam.points), axis=1))]
    ways = [(sx, sy) for sx in (1, -1) for sy in (1, -1) if sx * up[0] + sy * up[1] > 0.25 * np.hypot(*up)]
    ways.sort(key=lambda w: -(w[0] * up[0] + w[1] * up[1]))
    for x, y in points[:30:2]:
        for sx, sy in ways:
            ramp = Ramp(int(x), int(y), sx, sy, wide, plan.levels[low])
            cells = stencil(ramp, 3)
            ys, xs = (
                np.concatenate([part[i] for part in (cells.ramp, cells.cliff, cells.upper, cells.lower)])
                for i in (0, 1)
            )
            if ys.min() < 3 or xs.min() < 3 or ys.max() >= height - 3 or xs.max() >= width - 3:
                continue
            rooms_here = plan.labels[ys, xs]
            if not np.isin(rooms_here, (high, low)).all() or taken[ys, xs].any():
                continue
            if (plan.labels[ys - 3, xs - 3] < 0).any() or (plan.labels[ys + 3, xs + 3] < 0).any():
                continue
            wanted = (plan.labels[cells.upper] == high).mean() + (plan.labels[cells.lower] == low).mean()
            if wanted >= 1.5:
                return ramp
    return None


def _add_ramp(plan: Plan, ramps: list[Ramp], ramp: Ramp, high: int, low: int, taken: Bools) -> None:
    height, width = plan.labels.shape
    for each, a, b in (
        (ramp, high, low),
        (ramp.mirrored(width, height), plan.partner(high), plan.partner(low)),
    ):
        terrain.claim(plan, each, a, b)
        ramps.append(each)
        cells = stencil(each, 4)
        for part in (cells.ramp, cells.cliff, cells.upper, cells.lower):
            taken[part] = True


def _symmetric(land: Terrain) -> Terrain:
    return Terrain(*(terrain.symmetric(g) for g in (land.walk, land.ramp, land.height, land.cover)))


def _place_bases(plan: Plan, land: Terrain, ramps: list[Ramp]) -> list[Base]:
    """One base per room of the lower half and its partner; main first, natural second."""
    height, width = plan.labels.shape
    doors_of: dict[int, list[tuple[float, float]]] = {room: [] for room in range(len(plan.levels))}
    for (a, b), seam in plan.seams.items():
        if seam.kind in (OPEN, CHOKE, ROCKS):
            step = max(1, len(seam.points) // 3)
            spots = [rooms.middle_of(seam.points)] if seam.kind != OPEN else list(seam.points[step // 2 :: step])
            for room in (a, b):
                doors_of[room] += [(float(x), float(y)) for x, y in spots]
    for ramp in ramps:
        for room in {int(plan.labels[ramp.y + k * ramp.sy, ramp.x + k * ramp.sx]) for k in (-5, 5)} - {-1}:
            doors_of[room].append((ramp.x + 0.5, ramp.y + 0.5))
    bases: list[Base] = []
    order = [0, plan.natural, *(r for r in range(1, plan.n) if r % plan.n != plan.natural % plan.n)]
    for room in order:
        doors = np.array(doors_of[room]).reshape(-1, 2)
        x, y = plan.sites[room]
        wanted = (14.0, 17.0) if room == 0 else (10.0, 16.0) if room == plan.natural else (9.0, 99.0)
        base = fit_base(land, plan.labels == room, (float(x), float(y)), doors, bases, wanted)
        if base is None:
            if room in (0, plan.natural):
                raise _BadDrawError("no room for the main or the natural")
            continue
        partner = base.mirrored(width, height)
        if np.hypot(base.x - partner.x, base.y - partner.y) < OWN_TWIN_SPACING:
            continue
        bases += [base, partner]
    if len(bases) < LEAST_BASES:
        raise _BadDrawError("too few bases")
    return bases


def _assemble(
    name: str,
    land: Terrain,
    bases: list[Base],
    ramps: list[Ramp],
    extras: list[Neutral],
    playable: tuple[int, int, int, int],
) -> MapData:
    main, natural = bases[0], bases[2]
    walk = terrain.connected_to(land.walk, main.x, main.y)
    if (land.walk & ~walk).sum() > 400:
        raise _BadDrawError("a part of the map cannot be reached")
    if not all(walk[int(b.y), int(b.x)] for b in bases):
        raise _BadDrawError("a base cannot be reached")
    blocked = walk.copy()
    neutrals = [n for base in bases for n in base.neutrals()] + extras
    for n in neutrals:
        cells = footprint_cells(n.type_id, n.x, n.y)
        blocked[cells[:, 0], cells[:, 1]] = False
    distance = ground_distances(blocked, main.x, main.y)
    rush = distance[int(bases[1].y), int(bases[1].x)]
    if not RUSH_DISTANCE[0] <= rush <= RUSH_DISTANCE[1]:
        raise _BadDrawError("rush distance out of bounds")
    if not NATURAL_DISTANCE[0] <= distance[int(natural.y), int(natural.x)] <= NATURAL_DISTANCE[1]:
        raise _BadDrawError("natural too near or too far")
    if min(distance[int(b.y), int(b.x)] for b in bases[4:]) < distance[int(natural.y), int(natural.x)] + 8:
        raise _BadDrawError("another base is as near as the natural")
    nearest = sorted(float(distance[int(b.y), int(b.x)]) for b in bases)
    if nearest[4] > THIRDS_WITHIN:
        raise _BadDrawError("fewer than three thirds")
    if _steepest(walk, land.height) > 4:
        raise _BadDrawError("a step without a ramp")
    closed = walk.copy()
    closed[stencil(ramps[0]).ramp] = False
    if terrain.connected_to(closed, main.x, main.y)[int(natural.y), int(natural.x)]:
        raise _BadDrawError("the main has a second way in")
    neutrals += [_plates(ramp) for ramp in ramps[:2]]
    height, width = walk.shape
    return MapData(
        name=name,
        width=width,
        height=height,
        pathing=walk,
        placement=np.asarray(walk & land.build),
        terrain_height=land.height.astype(np.uint8),
        playable=playable,
        start_locations=tuple((b.x, b.y) for b in bases[:2]),
        neutrals=tuple(neutrals),
    ).check()


def _steepest(walk: Bools, height: rooms.Ints) -> int:
    """Largest difference of height bytes between walkable cells that touch, corners included."""
    worst = 0
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = (slice(0, walk.shape[0] - dy), slice(max(0, -dx), walk.shape[1] - max(0, dx)))
        there = (slice(dy, None), slice(max(0, dx), walk.shape[1] - max(0, -dx)))
        step = np.abs(height[here] - height[there])[walk[here] & walk[there]]
        worst = max(worst, int(step.max(initial=0)))
    return worst


def _plates(ramp: Ramp) -> Neutral:
    """Unbuildable plates at the foot of a main ramp, as ladder maps have them."""
    x, y = ramp.x + 0.5, ramp.y + 0.5
    return Neutral(PLATES, float(round(x - 2.75 * ramp.sx)), float(round(y - 2.75 * ramp.sy)), 0)


def _flipped(m: MapData) -> MapData:
    """The map mirrored left to right, so that mains also start in the other two corners."""
    x0, y0, x1, y1 = m.playable
    return MapData(
        name=m.name,
        width=m.width,
        height=m.height,
        pathing=m.pathing[:, ::-1].copy(),
        placement=m.placement[:, ::-1].copy(),
        terrain_height=m.terrain_height[:, ::-1].copy(),
        playable=(m.width - x1, y0, m.width - x0, y1),
        start_locations=tuple((m.width - x, y) for x, y in m.start_locations),
        neutrals=tuple(Neutral(n.type_id, m.width - n.x, n.y, n.contents) for n in m.neutrals),
    )
