"""Fog, cliffs, cloak and detection."""

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim import state as st
from tests.sim.scenario import Scenario, flat_map


def seen(s: Scenario, row: int, player: int) -> bool:
    return bool((s.u.seen[row] >> player) & 1)


def test_sight_is_a_circle_that_moves_along() -> None:
    s = Scenario()
    marine = s.put("Marine", 0, 20.5, 20.5)
    vis = s.world.grids.vis_count[0]
    assert vis[20, 28] > 0
    assert vis[20, 31] == 0
    s.order(marine, st.MOVE, 40.5, 20.5)
    s.run(300)
    assert vis[20, 20] == 0
    assert vis[20, 45] > 0
    assert s.world.grids.explored[0][20, 20] == 1
    assert vis.min() == 0


def test_taking_sight_away_leaves_nothing() -> None:
    s = Scenario()
    rows = [s.put("Marine", 0, 10 + k, 20) for k in range(5)]
    for row in rows:
        s.world.remove(row)
    assert not s.world.grids.vis_count.any()


def test_high_ground_is_not_seen_from_below() -> None:
    m = flat_map()
    m.terrain_height[:, 24:] = 182
    s = Scenario(m)
    low, high = s.put("Marine", 0, 20.5, 20.5), s.put("Marine", 1, 26.5, 20.5)
    assert not seen(s, high, 0)
    assert seen(s, low, 1)


def test_flyers_see_up() -> None:
    m = flat_map()
    m.terrain_height[:, 24:] = 182
    s = Scenario(m)
    s.put("Overlord", 0, 20.5, 20.5)
    high = s.put("Marine", 1, 26.5, 20.5)
    assert seen(s, high, 0)


def test_cloaked_units_cannot_be_attacked_without_detection() -> None:
    s = Scenario()
    marine = s.put("Marine", 0, 20, 20)
    templar = s.put("DarkTemplar", 1, 23, 20)
    s.order(templar, st.BUSY)
    s.run(60)
    assert s.u.hp[templar] + s.u.shield[templar] == s.u.hp_max[templar] + s.u.shield_max[templar]
    s.put("Overseer", 0, 21, 20)
    s.run(60)
    assert s.u.prey[marine] == templar
    assert s.u.shield[templar] < s.u.shield_max[templar]


def test_a_structure_going_out_of_sight_leaves_a_snapshot_event() -> None:
    s = Scenario()
    marine = s.put("Marine", 0, 20, 20)
    depot = s.put("SupplyDepot", 1, 25, 20)
    s.order(marine, st.MOVE, 5, 20)
    s.run(200)
    assert any(kind == st.EV_HIDDEN_SNAPSHOT and row == depot and arg == 0 for _, kind, row, arg in s.events)


def test_looking_does_not_let_time_pass() -> None:
    s = Scenario()
    s.put("Marine", 0, 20, 20)
    before = s.world.state_hash()
    kernels.refresh(s.world)
    assert s.world.state_hash() == before
