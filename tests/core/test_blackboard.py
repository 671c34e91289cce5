"""The blackboard: keys, posts, filters, expiry, chains, order."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2

from cherrypy_bot.core.blackboard import FILTERED, Blackboard
from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.errors import BlackboardError, TaskError
from cherrypy_bot.core.keys import KEYS, Key
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.upc import Command, CreateState, GatherState, OrderState, PositionArea, Upc

OPENING: Key[str] = Key("test.opening", str, "", owner="strategy", doc="Build order at loop 0")
SATURATION: Key[float] = Key("test.saturation", float, 0.0, doc="Workers over ideal")
PROXY: Key[Point2 | None] = Key("test.proxy", Point2 | None, None)
COUNTS: Key[dict[str, int]] = Key("test.counts", dict[str, int], {})

HERE = Point2((3.0, 4.0))


@pytest.fixture
def board() -> Blackboard:
    board = Blackboard()
    board.begin_step(4)
    return board


# -- keys ------------------------------------------------------------------------------------------


def test_a_key_has_its_default_until_it_is_put(board: Blackboard) -> None:
    assert board.get(OPENING) == ""
    board.put(OPENING, "12pool")
    assert board.get(OPENING) == "12pool"


def test_a_default_is_not_shared_between_boards(board: Blackboard) -> None:
    board.get(COUNTS)["drone"] = 1
    assert Blackboard().get(COUNTS) == {}


@pytest.mark.parametrize(
    ("key", "value"), [(OPENING, 3), (OPENING, None), (SATURATION, "full"), (SATURATION, True), (COUNTS, [1])]
)
def test_a_wrongly_typed_value_is_an_error(board: Blackboard, key: Key[Any], value: Any) -> None:
    with pytest.raises(BlackboardError, match=re.escape(f"'{key.name}' holds")):
        board.put(key, value)


def test_an_int_is_a_float_and_a_union_takes_its_parts(board: Blackboard) -> None:
    board.put(SATURATION, 1)
    board.put(PROXY, HERE)
    board.put(PROXY, None)
    assert board.get(SATURATION) == 1


def test_only_the_owner_writes_a_key(board: Blackboard) -> None:
    with board.acting_as("tactics"), pytest.raises(BlackboardError, match=r"belongs to module 'strategy'"):
        board.put(OPENING, "12pool")
    with board.acting_as("strategy"):
        board.put(OPENING, "12pool")
    with board.acting_as("tactics"):
        assert board.get(OPENING) == "12pool"


def test_an_undeclared_key_is_an_error(board: Blackboard) -> None:
    wrong: Any = "test.opening"
    with pytest.raises(BlackboardError, match="declare Key"):
        board.get(wrong)
    with pytest.raises(BlackboardError, match=r"no blackboard key is called 'test\.nothing'"):
        KEYS.find("test.nothing")


def test_a_key_declared_twice_must_mean_the_same() -> None:
    assert Key("test.opening", str, "", owner="strategy") == KEYS.find("test.opening").__class__(
        "test.opening", str, "", owner="strategy"
    )
    with pytest.raises(BlackboardError, match="declared twice"):
        Key("test.opening", int, 0, owner="strategy")
    with pytest.raises(BlackboardError, match="its default 3 is no str"):
        Key("test.wrong", str, 3)


# -- posting and consuming -------------------------------------------------------------------------


def test_a_post_gets_an_id_and_the_running_module_as_source(board: Blackboard) -> None:
    with board.acting_as("strategy"):
        first = board.post(Upc.scout())
        second = board.post(Upc.scout())
    assert (first, second) == (1, 2)
    upc = board.upc(first)
    assert upc is not None
    assert upc.source == "strategy"


def test_queries_filter_and_keep_the_order_of_posting(board: Blackboard) -> None:
    scout = board.post(Upc.scout(position=HERE))
    queen = board.post(Upc.create(UnitTypeId.QUEEN))
    mostly = board.post(Upc({Command.SCOUT: 0.8, Command.HARASS: 0.2}))
    move = board.post(Upc.move(units=(1,), position=HERE).with_(source="micro"))
    assert [u.id for u in board.upcs()] == [scout, queen, mostly, move]
    assert [u.id for u in board.upcs(Command.SCOUT)] == [scout]
    assert [u.id for u in board.upcs(Command.SCOUT, min_probability=0.5)] == [scout, mostly]
    assert [u.id for u in board.upcs(kind=CreateState)] == [queen]
    assert board.upcs(kind=GatherState) == []
    assert [u.id for u in board.upcs(source="micro")] == [move]
    assert [u.id for u in board.upcs(sharp=True)] == [move]


def test_a_upc_is_consumed_once(board: Blackboard) -> None:
    upc_id = board.post(Upc.scout())
    with board.acting_as("scouting"):
        assert board.consume(upc_id).id == upc_id
    assert board.upcs() == []
    assert board.consumer(upc_id) == "scouting"
    assert board.held("scouting") == (upc_id,)
    with pytest.raises(BlackboardError, match="'scouting' has consumed it"):
        board.consume(upc_id)
    with pytest.raises(BlackboardError, match="never posted"):
        board.consume(99)


def test_what_nobody_consumes_expires_at_the_end_of_the_step(board: Blackboard) -> None:
    expiring = board.post(Upc.scout())
    lasting = board.post(Upc.scout(lasting=True))
    board.end_step()
    board.begin_step(8)
    assert [u.id for u in board.upcs()] == [lasting]
    with pytest.raises(BlackboardError, match="expired"):
        board.consume(expiring)
    board.consume(lasting)
    board.end_step()
    board.begin_step(12)
    assert board.upcs() == []


def test_withdrawing_and_reprioritising_a_waiting_upc(board: Blackboard) -> None:
    upc_id = board.post(Upc.create(UnitTypeId.DRONE, priority=1.0, lasting=True))
    assert board.reprioritise(upc_id, 4.0)
    assert board.upcs()[0].priority == 4.0
    assert board.withdraw(upc_id, "enough drones")
    assert board.upcs() == []
    assert not board.withdraw(upc_id)
    assert not board.reprioritise(upc_id, 1.0)


def test_posting_what_is_on_the_board_already_is_an_error(board: Blackboard) -> None:
    upc = board.consume(board.post(Upc.scout()))
    with pytest.raises(BlackboardError, match="posted already"):
        board.post(upc)
    with pytest.raises(BlackboardError, match="never posted"):
        board.post(Upc.scout(parent=77))
    wrong: Any = {"command": "scout"}
    with pytest.raises(BlackboardError, match="takes a Upc"):
        board.post(wrong)


def test_chains_lead_to_the_root(board: Blackboard) -> None:
    with board.acting_as("strategy"):
        root = board.consume(board.post(Upc.attack(position=PositionArea(HERE, 8.0))))
    with board.acting_as("tactics"):
        middle = board.consume(board.post(root.refine(units=(1, 2))))
    with board.acting_as("micro"):
        leaf = board.post(middle.refine(units=(1,), position=HERE))
    assert [(u.id, u.source) for u in board.chain(leaf)] == [(3, "micro"), (2, "tactics"), (1, "strategy")]
    assert board.chain(99) == []


def test_a_chain_survives_as_long_as_a_unit_acts_on_it(board: Blackboard) -> None:
    root = board.consume(board.post(Upc.attack(position=PositionArea(HERE, 8.0), note="timing")))
    leaf = board.post(root.refine(units=(5,), position=HERE))
    board.consume(leaf)
    board.ordered(5, leaf)
    gone = board.consume(board.post(Upc.scout())).id
    for step in range(300):
        board.end_step()
        board.begin_step(8 + 4 * step)
    assert [u.id for u in board.chain(leaf)] == [leaf, root.id]
    assert board.explain(5) == ["#2 ? ATTACK (timing)", "#1 ? ATTACK (timing)"]
    assert board.upc(gone) is None, "what nothing refers to is forgotten"


# -- filters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "upc",
    [
        Upc.move(units=(1,), position=Point2((math.nan, 3.0))),
        Upc.move(units=(1,), position=Point2((3.0, math.inf))),
        Upc.move(units=(1,), position=Point2((1e9, 3.0))),
        Upc.move(units=(1,), position=PositionArea(Point2((math.nan, 1.0)), 2.0)),
        Upc.move(units=(1,), position=PositionArea(HERE, math.nan)),
        Upc.create(UnitTypeId.HATCHERY, near=Point2((math.nan, 1.0))),
        Upc.scout(priority=math.nan),
        Upc.attack(units={1: 1.5}, position=HERE),
        Upc({Command.ATTACK: -0.1}),
        Upc({}),
    ],
)
def test_what_is_no_number_is_rejected(board: Blackboard, upc: Upc) -> None:
    assert board.post(upc) == FILTERED
    assert board.upcs() == []


@pytest.mark.parametrize("position", ["ab", 3, object(), (1,), {"x": 1}])
def test_a_position_that_python_sc2_could_not_send_is_rejected(board: Blackboard, position: Any) -> None:
    assert board.post(Upc.move(units=(1,), position=position)) == FILTERED


def test_numpy_tags_and_positions_become_plain_ones(board: Blackboard) -> None:
    position: Any = np.array([3, 4], np.float32)
    units: Any = tuple(np.array([7, 8], np.uint64))
    upc = board.upc(board.post(Upc.move(units=units, position=position)))
    assert upc is not None
    assert [type(tag) for tag in upc.tags] == [int, int]
    assert type(upc.position) is Point2
    assert upc.position == HERE


def test_dead_units_are_dropped(board: Blackboard) -> None:
    board.living = lambda tag: tag != 2
    upc = board.upc(board.post(Upc.attack(units=(1, 2, 3), position=HERE)))
    assert upc is not None
    assert upc.units == (1, 3)
    spread = board.upc(board.post(Upc.attack(units={2: 0.4, 3: 0.6}, position=HERE)))
    assert spread is not None
    assert spread.units == {3: 0.6}
    assert board.post(Upc.attack(units=(2,), position=HERE)) == FILTERED


def test_units_claimed_elsewhere_are_removed(board: Blackboard) -> None:
    with board.acting_as("economy"):
        board.claim(board.add_task(Task("mine", work=Work.GATHER)), [1])
    with board.acting_as("tactics"):
        upc = board.upc(board.post(Upc.attack(units=(1, 2), position=HERE)))
        assert upc is not None
        assert upc.units == (2,)
        assert board.post(Upc.attack(units=(1,), position=HERE)) == FILTERED
    with board.acting_as("economy"):
        assert board.post(Upc.move(units=(1,), position=HERE))


def test_a_refinement_of_a_tasks_upc_may_use_the_tasks_units(board: Blackboard) -> None:
    with board.acting_as("strategy"):
        wish = board.post(Upc.attack(position=PositionArea(HERE, 5.0)))
    with board.acting_as("tactics"):
        board.consume(wish)
        task = board.add_task(Task("squad", upc_id=wish, work=Work.ARMY))
        assert board.claim(task, [1, 2]) == [1, 2]
        squad = board.post(Upc.attack(units=(1, 2), position=HERE, parent=wish))
    with board.acting_as("micro"):
        move = board.upc(board.post(board.consume(squad).refine(units=(1,), command=Command.FLEE)))
        assert move is not None
        assert move.units == (1,)


# -- tasks and claims through the board ------------------------------------------------------------


def test_claims_need_a_running_task_of_this_board(board: Blackboard) -> None:
    with pytest.raises(TaskError, match="add it with"):
        board.claim(Task("loose"), [1])
    task = board.add_task(Task("squad"))
    task.set(TaskStatus.SUCCESS)
    with pytest.raises(TaskError, match="ended as SUCCESS"):
        board.claim(task, [1])


def test_dead_units_cannot_be_claimed_and_leave_their_task(board: Blackboard) -> None:
    dead = {2}
    board.living = lambda tag: tag not in dead
    task = board.add_task(Task("squad"))
    assert board.claim(task, [1, 2, 3]) == [1, 3]
    dead.add(3)
    board.begin_step(8)
    assert task.units == (1,)


def test_a_switched_off_module_leaves_nothing_behind(board: Blackboard) -> None:
    with board.acting_as("tactics"):
        task = board.add_task(Task("squad"))
        board.claim(task, [1])
        board.post(Upc.scout(lasting=True))
    kept = board.post(Upc.scout(lasting=True))
    board.drop_module("tactics", "it failed")
    assert task.status is TaskStatus.CANCELLED
    assert board.claims.holder(1) is None
    assert [u.id for u in board.upcs()] == [kept]


def test_timers_count_loops(board: Blackboard) -> None:
    timers = board.timers
    assert not timers.expired("scout")
    timers.start("scout", 10)
    assert timers.running("scout")
    assert timers.remaining("scout") == 10
    board.begin_step(14)
    assert timers.expired("scout")
    timers.stop("scout")
    assert not timers.expired("scout")
    assert [timers.every("replan", 8), timers.every("replan", 8)] == [True, False]
    board.begin_step(22)
    assert timers.every("replan", 8)


@given(st.lists(st.sampled_from(["post", "consume", "withdraw", "lasting", "step"]), max_size=50))
def test_the_same_actions_leave_the_same_board(actions: list[str]) -> None:
    def play() -> list[tuple[int, str]]:
        board = Blackboard()
        board.begin_step(0)
        for number, action in enumerate(actions):
            waiting = board.upcs()
            if action in ("post", "lasting"):
                board.post(Upc.order(Command.SCOUT, target=number, lasting=action == "lasting"))
            elif action == "consume" and waiting:
                board.consume(waiting[number % len(waiting)].id)
            elif action == "withdraw" and waiting:
                board.withdraw(waiting[0].id)
            elif action == "step":
                board.end_step()
                board.begin_step(number)
        waiting = board.upcs(kind=OrderState)
        assert [u.id for u in waiting] == sorted(u.id for u in waiting), "oldest first"
        return [(u.id, u.describe()) for u in waiting]

    assert play() == play()
