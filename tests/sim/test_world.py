"""Cloning, hashing, tags and the generator."""

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as hyp

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim import world
from cherrypy_bot.sim.kernels.common import random as kernel_random
from cherrypy_bot.sim.maps import load_map
from tests.sim.scenario import Scenario


def battle() -> Scenario:
    s = Scenario(load_map("CherryGroveLE"), empty=False)
    for p in (0, 1):
        for k in range(15):
            row = s.put("Marine", p, 80 + 6 * p, 70 + k)
            s.order(row, st.ATTACK_MOVE, 86 - 6 * p, 75)
    return s


def test_a_clone_goes_on_exactly_like_its_original() -> None:
    s = battle()
    s.run(60)
    twin = Scenario(load_map("CherryGroveLE"))
    twin.world = s.world.clone()
    assert twin.world.state_hash() == s.world.state_hash()
    s.run(120)
    assert twin.world.state_hash() != s.world.state_hash()
    twin.run(120)
    assert twin.world.state_hash() == s.world.state_hash()


def test_the_hash_does_not_depend_on_how_many_loops_are_asked_for_at_once() -> None:
    a, b = battle(), battle()
    a.run(100)
    for _ in range(100):
        b.run(1)
    assert a.world.state_hash() == b.world.state_hash()


def test_changing_a_clone_leaves_the_original_alone() -> None:
    s = battle()
    before = s.world.state_hash()
    twin = s.world.clone()
    twin.units.hp[:] = 1
    twin.grids.creep[:] = 1
    twin.stats.speed[:] = 0
    twin.players.minerals[:] = 0
    assert s.world.state_hash() == before
    assert s.world.stats.speed.any()


@given(hyp.integers(0, st.MAX_ROWS), hyp.integers(1, 0x3FFFF))
def test_tags_name_row_and_use(row: int, recycle: int) -> None:
    tag = st.tag_of(row, recycle)
    assert tag > 2**32
    assert st.row_of_tag(tag) == (row, recycle)


def test_a_reused_row_gets_another_tag() -> None:
    s = Scenario()
    row = s.put("Marine", 0, 20, 20)
    tag = s.world.tag(row)
    s.world.remove(row)
    again = s.put("Marine", 0, 20, 20)
    assert again == row
    assert s.world.tag(again) != tag
    assert s.world.row_of(tag) == st.NONE


def test_python_and_kernels_share_one_generator() -> None:
    a, b = Scenario(seed=7).world, Scenario(seed=7).world
    assert [a.random() for _ in range(5)] == [kernel_random(b.clock_rows) for _ in range(5)]
    assert a.clock.rng[0] == b.clock.rng[0]


def test_more_units_than_the_first_table_holds() -> None:
    s = Scenario()
    start = len(s.u.alive)
    rows = [s.put("Marine", 0, 5 + k % 50, 5 + k // 50 % 50) for k in range(start + 1)]
    assert len(s.u.alive) > start
    s.run(3)
    assert len(set(rows)) == len(rows)
    assert np.isfinite(s.u.x[rows]).all()


def test_a_clone_has_every_field_of_its_original() -> None:
    """A field that `clone` forgets would be that of a new world."""
    derived = {"map", "rules", "races", "workspace", "dead"}
    named = {*world._ARRAYS, *world._TABLES, *world._VALUES}
    assert named | derived == {field.name for field in dataclasses.fields(world.World)}
    original = battle().world
    twin = original.clone()
    for name in (*world._TABLES, *world._VALUES):
        assert getattr(twin, name) == getattr(original, name)
        assert not isinstance(getattr(twin, name), dict) or getattr(twin, name) is not getattr(original, name)
