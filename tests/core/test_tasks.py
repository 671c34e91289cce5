"""Tasks and proxies: five statuses, mirrored and cancelled."""

from __future__ import annotations

import pytest
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.core.blackboard import Blackboard
from cherrypy_bot.core.claims import Release, Work
from cherrypy_bot.core.errors import TaskError
from cherrypy_bot.core.tasks import MultiProxyTask, ProxyPolicy, ProxyTask, Task, TaskStatus
from cherrypy_bot.core.upc import Upc


@pytest.fixture
def board() -> Blackboard:
    board = Blackboard()
    board.begin_step(0)
    return board


def next_step(board: Blackboard) -> None:
    board.end_step()
    board.begin_step(board.loop + 4)


def wish(board: Blackboard) -> int:
    return board.post(Upc.create(UnitTypeId.SPAWNINGPOOL, lasting=True))


def take(board: Blackboard, upc_id: int, by: str = "production") -> Task:
    with board.acting_as(by):
        board.consume(upc_id)
        return board.add_task(Task("pool", upc_id=upc_id, work=Work.BUILD))


@pytest.mark.parametrize("end", [TaskStatus.SUCCESS, TaskStatus.FAILURE, TaskStatus.CANCELLED])
def test_an_end_is_final_and_lets_the_units_go(board: Blackboard, end: TaskStatus) -> None:
    task = board.add_task(Task("squad"))
    board.claim(task, [1, 2])
    task.set(TaskStatus.ONGOING)
    assert task.units == (1, 2)
    task.set(end, "because")
    assert task.units == ()
    assert board.claims.holder(1) is None
    with pytest.raises(TaskError, match=f"ended as {end.name}"):
        task.set(TaskStatus.ONGOING)
    task.cancel()
    assert task.status is end


def test_an_ended_task_stays_for_one_whole_step(board: Blackboard) -> None:
    upc_id = wish(board)
    task = take(board, upc_id)
    task.set(TaskStatus.SUCCESS)
    next_step(board)
    assert board.tasks.of_upc(upc_id) is task
    next_step(board)
    assert board.tasks.of_upc(upc_id) is None
    assert board.tasks.last_status(upc_id) is TaskStatus.SUCCESS


def test_one_upc_has_one_running_task(board: Blackboard) -> None:
    upc_id = wish(board)
    take(board, upc_id)
    with pytest.raises(TaskError, match=f"UPC #{upc_id} is realised by task 1"):
        board.add_task(Task("again", upc_id=upc_id))


def test_a_task_belongs_to_the_module_that_added_it(board: Blackboard) -> None:
    task = take(board, wish(board))
    assert task.owner == "production"
    assert board.tasks.all(owner="production") == [task]
    assert board.tasks.running(owner="economy") == []
    assert board.tasks.all(status=TaskStatus.WAITING) == [task]
    with pytest.raises(TaskError, match="on a blackboard already"):
        board.add_task(task)
    with pytest.raises(TaskError, match="not on a blackboard yet"):
        _ = Task("loose").board


def test_a_task_hears_of_units_that_died_or_were_taken() -> None:
    class Squad(Task):
        lost: list[tuple[int, Release]]

        def on_unit_lost(self, tag: int, why: Release) -> None:
            self.lost = [*getattr(self, "lost", []), (tag, why)]

    board = Blackboard()
    alive = {1, 2, 3}
    board.living = alive.__contains__
    board.begin_step(0)
    squad = board.add_task(Squad("squad", owner="tactics", work=Work.ARMY))
    board.claim(squad, [1, 2, 3])
    board.claim(board.add_task(Task("defence", owner="defence", work=Work.DEFEND)), [1])
    alive.discard(2)
    board.begin_step(4)
    board.release([3])
    assert squad.lost == [(1, Release.TAKEN), (2, Release.DIED)]


def test_a_failing_update_fails_the_task_and_is_reported() -> None:
    class Broken(Task):
        def update(self) -> None:
            raise RuntimeError("oops")

    faults: list[tuple[str, str]] = []
    board = Blackboard(on_fault=lambda module, hook, error: faults.append((module, hook)))
    task = board.add_task(Broken("broken", owner="tactics"))
    other = board.add_task(Task("other", owner="tactics"))
    board.begin_step(0)
    assert task.status is TaskStatus.FAILURE
    assert not other.finished
    assert faults == [("tactics", "task 'broken'")]


def test_a_proxy_mirrors_the_task_of_its_upc(board: Blackboard) -> None:
    upc_id = wish(board)
    proxy = board.add_task(ProxyTask("want a pool", upc_id, owner="build_order"))
    next_step(board)
    assert proxy.status is TaskStatus.WAITING
    task = take(board, upc_id)
    task.set(TaskStatus.ONGOING)
    next_step(board)
    assert proxy.status is TaskStatus.ONGOING
    task.set(TaskStatus.FAILURE, "no place")
    next_step(board)
    assert (proxy.status, proxy.why) == (TaskStatus.FAILURE, "no place")


def test_a_proxy_fails_when_nobody_takes_the_upc_up(board: Blackboard) -> None:
    proxy = board.add_task(ProxyTask("scout", board.post(Upc.scout())))
    next_step(board)
    assert (proxy.status, proxy.why) == (TaskStatus.FAILURE, "nobody took the UPC up")


def test_a_proxy_of_a_consumed_upc_without_a_task_goes_on(board: Blackboard) -> None:
    upc_id = board.post(Upc.scout())
    proxy = board.add_task(ProxyTask("scout", upc_id))
    board.consume(upc_id, "scouting")
    for _ in range(300):
        next_step(board)
    assert proxy.status is TaskStatus.ONGOING


def test_cancelling_a_proxy_cancels_the_child(board: Blackboard) -> None:
    upc_id = wish(board)
    proxy = board.add_task(ProxyTask("want a pool", upc_id))
    task = take(board, upc_id)
    board.claim(task, [1])
    proxy.cancel("switched build orders")
    assert task.status is TaskStatus.CANCELLED
    assert proxy.status is TaskStatus.CANCELLED
    assert board.claims.holder(1) is None


def test_cancelling_a_proxy_withdraws_a_waiting_upc(board: Blackboard) -> None:
    upc_id = wish(board)
    board.add_task(ProxyTask("want a pool", upc_id)).cancel()
    assert not board.waiting(upc_id)


def test_a_proxy_of_a_proxy_follows_in_the_same_step(board: Blackboard) -> None:
    upc_id = wish(board)
    middle_upc = board.post(Upc.scout(lasting=True))
    outer = board.add_task(ProxyTask("outer", middle_upc))
    board.consume(middle_upc, "build_order")
    inner = board.add_task(ProxyTask("inner", upc_id, upc_id=middle_upc))
    take(board, upc_id).set(TaskStatus.SUCCESS)
    next_step(board)
    assert (inner.status, outer.status) == (TaskStatus.SUCCESS, TaskStatus.SUCCESS)


@pytest.mark.parametrize(
    ("policy", "successes", "expected"),
    [
        (ProxyPolicy.ALL, 3, TaskStatus.SUCCESS),
        (ProxyPolicy.ALL, 2, TaskStatus.ONGOING),
        (ProxyPolicy.MOST, 2, TaskStatus.SUCCESS),
        (ProxyPolicy.MOST, 1, TaskStatus.ONGOING),
        (ProxyPolicy.ANY, 1, TaskStatus.SUCCESS),
        (ProxyPolicy.ANY, 0, TaskStatus.ONGOING),
    ],
)
def test_policies_of_a_multi_proxy(
    board: Blackboard, policy: ProxyPolicy, successes: int, expected: TaskStatus
) -> None:
    upcs = [wish(board) for _ in range(3)]
    tasks = [take(board, upc_id) for upc_id in upcs]
    proxy = board.add_task(MultiProxyTask("three pools", upcs, policies={TaskStatus.SUCCESS: policy}))
    for number, task in enumerate(tasks):
        task.set(TaskStatus.SUCCESS if number < successes else TaskStatus.ONGOING)
    next_step(board)
    assert proxy.status is expected


def test_a_multi_proxy_whose_children_ended_without_a_policy_fails(board: Blackboard) -> None:
    upcs = [wish(board) for _ in range(2)]
    proxy = board.add_task(MultiProxyTask("both", upcs, policies={TaskStatus.FAILURE: ProxyPolicy.ALL}))
    for upc_id, end in zip(upcs, (TaskStatus.SUCCESS, TaskStatus.FAILURE), strict=True):
        take(board, upc_id).set(end)
    next_step(board)
    assert proxy.status is TaskStatus.FAILURE
    with pytest.raises(TaskError, match="at least one UPC"):
        MultiProxyTask("none", [])


def test_cancelling_a_multi_proxy_cancels_all_children(board: Blackboard) -> None:
    upcs = [wish(board) for _ in range(2)]
    task = take(board, upcs[0])
    proxy = board.add_task(MultiProxyTask("both", upcs))
    proxy.cancel()
    assert task.status is TaskStatus.CANCELLED
    assert not board.waiting(upcs[1])
