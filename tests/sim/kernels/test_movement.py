"""Ways, bodies and walls."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as hyp
from scipy.ndimage import distance_transform_edt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim import state as st
from tests.sim.scenario import Scenario, flat_map


def walled(*walls: tuple[int, int, int, int]) -> Scenario:
    """A field with walls given as (x0, y0, x1, y1) of blocked cells, ends exclusive."""
    m = flat_map()
    for x0, y0, x1, y1 in walls:
        m.pathing[y0:y1, x0:x1] = False
    return Scenario(m)


def test_a_marine_walks_at_its_speed() -> None:
    s = Scenario()
    marine = s.put("Marine", 0, 10, 20)
    s.order(marine, st.MOVE, 40, 20)
    s.run(160)
    assert s.u.x[marine] == pytest.approx(10 + 160 * 2.25 / 16, abs=0.05)


def test_an_order_to_move_ends_at_its_goal() -> None:
    s = Scenario()
    marine = s.put("Marine", 0, 10, 20)
    s.order(marine, st.MOVE, 20, 25)
    s.run_until(lambda: s.u.order[marine] == st.IDLE, 300)
    assert math.dist(s.place(marine), (20, 25)) < 0.1


def test_walls_are_walked_around() -> None:
    s = walled((20, 0, 22, 40))
    marine = s.put("Marine", 0, 15, 10)
    s.order(marine, st.MOVE, 30, 10)
    for _ in range(800):
        s.run(1)
        x, y = s.place(marine)
        assert s.world.grids.walk[int(y), int(x)] == 1
        if s.u.order[marine] == st.IDLE:
            break
    assert math.dist(s.place(marine), (30, 10)) < 0.2


def test_what_is_walled_off_is_given_up() -> None:
    s = walled((25, 25, 36, 36))
    s.world.grids.walk[30, 30] = 1
    s.world.clock.path_version[0] += 1
    marine = s.put("Marine", 0, 10, 30)
    s.order(marine, st.MOVE, 30.5, 30.5)
    s.run_until(lambda: s.u.order[marine] == st.IDLE, 1500)


def test_who_cannot_reach_the_goal_walks_as_near_to_it_as_the_ground_allows() -> None:
    # The goal lies in a closed room behind a long wall; the way round the wall ends right in front of the room.
    s = walled((20, 0, 22, 40), (30, 8, 35, 13))
    s.world.grids.walk[10, 32] = 1
    s.world.clock.path_version[0] += 1
    marine = s.put("Marine", 0, 15, 10)
    s.order(marine, st.MOVE, 32.5, 10.5)
    s.run_until(lambda: s.u.order[marine] == st.IDLE, 1500)
    assert math.dist(s.place(marine), (32.5, 10.5)) < 4.0
    assert kernels.path_distance(s.world, 15.0, 10.0, 32.5, 10.5) < 0


def test_flyers_ignore_walls() -> None:
    s = walled((20, 0, 22, 64))
    medivac = s.put("Medivac", 0, 15, 10)
    s.order(medivac, st.MOVE, 30, 10)
    s.run(200)
    assert math.dist(s.place(medivac), (30, 10)) < 0.2


def test_bodies_do_not_stand_in_each_other() -> None:
    s = Scenario()
    rows = [s.put("Zealot", 0, 20 + 0.01 * k, 20) for k in range(12)]
    s.run(200)
    for a in rows:
        for b in rows:
            if a < b:
                assert math.dist(s.place(a), s.place(b)) > 0.72  # twice the zealot's separation radius, a little give


def test_a_unit_on_its_way_pushes_idle_comrades_but_not_those_that_hold() -> None:
    for kind, moved in ((st.IDLE, True), (st.HOLD, False)):
        s = Scenario()
        walker = s.put("Zealot", 0, 15, 20)
        other = s.put("Zealot", 0, 20, 20.1)
        s.order(other, kind)
        s.order(walker, st.MOVE, 26, 20)
        s.run(150)
        assert (math.dist(s.place(other), (20, 20.1)) > 0.2) is moved
        assert s.u.x[walker] > 25


def test_a_crowd_arrives_and_rests() -> None:
    s = Scenario()
    rows = [s.put("Marine", 0, 10 + k % 5, 10 + k // 5) for k in range(30)]
    for row in rows:
        s.order(row, st.MOVE, 40, 40)
    s.run_until(lambda: all(s.u.order[r] == st.IDLE for r in rows), 1500)
    assert max(math.dist(s.place(r), (40, 40)) for r in rows) < 5


def test_reapers_cross_cliffs_that_marines_walk_around() -> None:
    s = walled((20, 0, 23, 60))
    s.world.grids.cliff_walk[:60, 20:23] = 1
    reaper, marine = s.put("Reaper", 0, 17, 10), s.put("Marine", 0, 17, 12)
    for row in (reaper, marine):
        s.order(row, st.MOVE, 27, 10)
    s.run(100)
    assert s.u.x[reaper] > 25
    assert s.u.x[marine] < 23


@settings(max_examples=25, deadline=None)
@given(hyp.integers(0, 2**31 - 1))
def test_ground_distance_is_the_shortest_way(seed: int) -> None:
    """Against scipy's Dijkstra on the same cells with the same steps."""
    rng = np.random.default_rng(seed)
    m = flat_map(32)
    m.pathing[:] = rng.random((32, 32)) > 0.3
    s = Scenario(m)
    walk = s.world.grids.walk
    cells = np.argwhere(walk == 1)
    (ay, ax), (by, bx) = cells[rng.integers(len(cells))], cells[rng.integers(len(cells))]
    index = -np.ones((32, 32), dtype=int)
    index[walk == 1] = np.arange(len(cells))
    edges = []
    for y, x in cells:
        for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
            ny, nx = y + dy, x + dx
            if not (0 <= ny < 32 and 0 <= nx < 32 and walk[ny, nx]):
                continue
            if dy and dx and not (walk[y, nx] and walk[ny, x]):
                continue
            edges.append((index[y, x], index[ny, nx], 7 if dy and dx else 5))
    a, b, c = zip(*edges, strict=True)
    graph = coo_matrix((c, (a, b)), shape=(len(cells), len(cells)))
    expected = dijkstra(graph, directed=False, indices=[index[by, bx]])[0, index[ay, ax]] / 5
    got = kernels.path_distance(s.world, ax + 0.5, ay + 0.5, bx + 0.5, by + 0.5)
    if math.isinf(expected):
        assert got < 0
    else:
        straight = math.dist((ax, ay), (bx, by))
        assert got == pytest.approx(expected) or got == pytest.approx(straight)


def test_ground_units_keep_off_walls_they_do_not_touch() -> None:
    """The way round a corner leaves room for the body."""
    s = walled((20, 0, 22, 40))
    zealot = s.put("Zealot", 0, 15, 10)
    s.order(zealot, st.MOVE, 30, 10)
    free = distance_transform_edt(s.world.grids.walk)
    near = []
    for _ in range(700):
        s.run(1)
        x, y = s.place(zealot)
        near.append(free[int(y), int(x)])
    assert min(near) >= 1


def test_who_stands_in_a_structure_gets_out_over_it_but_not_into_a_cliff() -> None:
    m = flat_map()
    m.pathing[:, 34:] = False
    s = Scenario(m)
    s.put("Barracks", 1, 32.5, 30.5)
    inside = [s.put("Marine", 0, 33.4, 29.6 + 0.1 * k) for k in range(12)]
    for row in inside:
        s.order(row, st.MOVE, 20, 30)
    for _ in range(200):
        s.run(1)
        assert all(s.place(row)[0] < 34 for row in inside)
    assert all(s.place(row)[0] < 31 for row in inside)


@pytest.mark.parametrize("kind", [st.HOLD, st.IDLE])
def test_a_gap_that_a_unit_fills_is_closed_to_enemies_and_open_when_it_dies(kind: int) -> None:
    """A zealot in a gap one cell wide: zerglings do not get past it, whether it holds or merely stands there."""
    s = walled((30, 0, 31, 20), (30, 21, 31, 64))
    zealot = s.put("Zealot", 0, 30.5, 20.5)
    s.order(zealot, kind)
    s.u.can_attack[zealot] = 0
    lings = [s.put("Zergling", 1, 24, 17 + k) for k in range(6)]
    for row in lings:
        s.order(row, st.MOVE, 40, 20.5)
    s.run(300)
    assert max(float(s.u.x[r]) for r in lings) < 30.5
    s.world.remove(zealot)
    for row in lings:
        s.order(row, st.MOVE, 40, 20.5)
    s.run(400)
    assert min(float(s.u.x[r]) for r in lings) > 32
