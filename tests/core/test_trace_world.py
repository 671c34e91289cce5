"""The world in a trace: what is read at a loop is what was seen at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from loguru import logger
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.keys import Key
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.trace import Trace, TraceWriter, read_trace
from cherrypy_bot.core.trace_values import MOST_TEXT, board_value, plain
from cherrypy_bot.core.trace_world import UNIT_LOOPS, GridChannel, UnitChannel
from tests.core.world import FakeMatch, enemy, mineral, unit

MOOD: Key[str] = Key("trace_test_mood", str, "calm", owner="moody", doc="For these tests.")
COUNTS: Key[dict[str, int]] = Key("trace_test_counts", dict, {}, owner="moody", doc="Changed in place.")


class Moody(Module):
    def on_step(self, ctx: Context) -> None:
        if ctx.loop == 2 * UNIT_LOOPS:
            ctx.board.put(MOOD, "angry")
            ctx.log.info("now I am angry")
        ctx.board.get(COUNTS)["steps"] = ctx.loop // 4


def ordered(tag: int, x: float) -> Any:
    """A marine of ours on its way to attack (40, 41)."""
    marine = unit(tag, UnitTypeId.MARINE, x, 12.0, health=45.0, health_max=45.0)
    order = marine.orders.add(ability_id=AbilityId.ATTACK.value)
    order.target_world_space_pos.x, order.target_world_space_pos.y = 40.0, 41.0
    return marine


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    logger.remove()
    path = tmp_path_factory.mktemp("trace") / "t.cbtrace"
    bot = CherryBot([Moody()], trace=path, game_step=4)
    match = FakeMatch(bot).start(unit(1), mineral(9))
    match.step(unit(1, x=10.0), mineral(9), loops=UNIT_LOOPS)
    match.step(ordered(1, 10.5), enemy(2, health=30.5), mineral(9), loops=UNIT_LOOPS)
    for _ in range(80):
        match.step(ordered(1, 11.0), mineral(9), loops=UNIT_LOOPS)
    match.end()
    assert bot.faults == []
    return read_trace(path)


def loops(trace: Trace) -> list[int]:
    return [changes.loop for changes in trace.units]


def test_the_map_and_the_players_come_first(trace: Trace) -> None:
    assert trace.map["name"] == "Flat"
    assert trace.map["size"] == [64, 64]
    assert trace.players["1"] == {"race": 2, "me": True}
    height = next(grid for grid in trace.grids if grid.name == "height")
    assert height.values is not None
    assert (height.values == 255).all()
    walkable = trace.grid_at("pathing", 0)
    assert walkable is not None
    assert walkable.all()


def test_units_are_where_they_were_seen(trace: Trace) -> None:
    first, second = loops(trace)[:2]
    before = trace.units_at(first)
    assert before.tags.tolist() == [1, 9]
    assert before.column("x").tolist() == [10 * tf.PER_CELL, 5 * tf.PER_CELL]
    assert before.column("owner").tolist() == [1, 16]
    after = trace.units_at(second)
    assert sorted(after.tags.tolist()) == [1, 2, 9]
    mine = after.tags.tolist().index(1)
    assert after.column("x")[mine] == 10.5 * tf.PER_CELL
    assert after.column("ability")[mine] == AbilityId.ATTACK.value
    assert after.column("goal_x")[mine] == 40 * tf.PER_CELL
    assert after.column("health")[after.tags.tolist().index(2)] == 31, "points are rounded up"


def test_a_unit_that_is_not_seen_any_more_is_not_there(trace: Trace) -> None:
    assert sorted(trace.units_at(10_000).tags.tolist()) == [1, 9]


def test_nothing_is_written_of_units_that_stay_as_they_are(trace: Trace) -> None:
    moving = loops(trace)
    assert len(moving) <= 4, f"units changed at {moving}"


def test_ids_are_named_once(trace: Trace) -> None:
    assert trace.types[str(UnitTypeId.MARINE.value)]["name"] == "MARINE"
    assert trace.abilities[str(AbilityId.ATTACK.value)] == "ATTACK"


def test_the_blackboard_is_kept_as_changes(trace: Trace) -> None:
    moods = [
        (r["loop"], r["board"]["trace_test_mood"]) for r in trace.records if "trace_test_mood" in r.get("board", {})
    ]
    assert moods == [(2 * UNIT_LOOPS, "angry")]
    counts = [r["board"]["trace_test_counts"] for r in trace.records if "trace_test_counts" in r.get("board", {})]
    assert len(counts) > 1, "values that are changed in place are noticed too"


def test_what_modules_log_is_kept_without_its_prefix(trace: Trace) -> None:
    logs = [(r["loop"], line) for r in trace.records for line in r.get("logs", ())]
    assert logs == [(2 * UNIT_LOOPS, ["INFO", "moody", "now I am angry"])]


def test_chat_is_kept_as_it_was_said(tmp_path: Path) -> None:
    logger.remove()
    bot = CherryBot([Moody()], trace=tmp_path / "t.cbtrace")
    match = FakeMatch(bot).start(unit(1))
    match.step(unit(1))
    bot.state.response_observation.chat.add(player_id=2, message="<b>gl hf</b>")
    bot.trace.begin_step(8)
    bot._record_world()
    match.end()
    assert bot.faults == []
    chat = [
        (record["loop"], record["chat"]) for record in read_trace(tmp_path / "t.cbtrace").records if "chat" in record
    ]
    assert chat == [(8, [[2, "<b>gl hf</b>"]])]


def test_a_fault_of_the_recorder_ends_its_part_and_not_the_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger.remove()

    def broken(*_: Any) -> None:
        raise RuntimeError("no table today")

    monkeypatch.setattr("cherrypy_bot.core.trace_world.WorldRecorder.step", broken)
    bot = CherryBot([Moody()], trace=tmp_path / "t.cbtrace")
    match = FakeMatch(bot).start(unit(1))
    for _ in range(3):
        match.step(unit(1))
    match.end()
    assert [(fault.module, fault.hook) for fault in bot.faults] == [("core", "trace")]
    assert read_trace(tmp_path / "t.cbtrace").complete


VALUES = hnp.arrays(np.uint16, st.tuples(st.just(len(tf.COLUMNS)), st.integers(0, 6)))
STEPS = st.lists(st.tuples(st.permutations(range(1, 7)), VALUES), min_size=1, max_size=8)


@settings(max_examples=120, deadline=None)
@given(steps=STEPS)
def test_any_sequence_of_tables_is_read_back(steps: list[tuple[list[int], Any]], tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("t") / "t.cbtrace"
    channel, writer = UnitChannel(), TraceWriter(path)
    for loop, (order, values) in enumerate(steps):
        tags = np.array(order[: values.shape[1]], np.uint64)
        values[tf.FLAGS] |= tf.PRESENT
        new = channel.enter(tags)
        body = channel.changes(loop, new, values.copy())
        if body is not None:
            writer.raw(tf.UNITS, body)
    writer.close()
    trace = read_trace(path)
    assert trace.complete
    for loop, (order, values) in enumerate(steps):
        seen = trace.units_at(loop)
        found = {tag: seen.columns[row].tolist() for row, tag in enumerate(seen.tags.tolist())}
        assert found == {tag: values[:, row].tolist() for row, tag in enumerate(order[: values.shape[1]])}


@settings(max_examples=60, deadline=None)
@given(grids=st.lists(hnp.arrays(np.bool_, (9, 13)), min_size=1, max_size=5))
def test_grids_are_read_back(grids: list[Any], tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("t") / "t.cbtrace"
    channel, writer = GridChannel("creep"), TraceWriter(path)
    writer.raw(tf.BITS, channel.changes(0, np.ones((9, 13), np.bool_)) or b"")
    for loop, grid in enumerate(grids, start=1):
        body = channel.changes(loop, grid)
        if body is not None:
            writer.raw(tf.BITS, body)
    writer.close()
    trace = read_trace(path)
    for loop, grid in enumerate(grids, start=1):
        found = trace.grid_at("creep", loop)
        assert found is not None
        assert (found == grid).all()


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from([tf.UNITS, tf.BITS, tf.BYTES]), body=st.binary(max_size=80))
def test_records_of_nonsense_are_refused_with_a_sentence(kind: int, body: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("t") / "t.cbtrace"
    writer = TraceWriter(path)
    writer.raw(kind, body)
    writer.close()
    trace = read_trace(path)
    assert trace.complete or "holds no records of ours" in trace.problem


def test_long_values_of_the_blackboard_are_cut() -> None:
    shown, text = board_value(["x" * 100] * 50)
    assert isinstance(shown, str)
    assert len(shown) == MOST_TEXT + 3
    assert len(text) > MOST_TEXT
    assert plain({UnitTypeId.MARINE: {3, 1}, "at": np.float32(0.5)}) == {"MARINE": [1, 3], "at": 0.5}
