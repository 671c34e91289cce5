"""Tasks: the record of a UPC being realised, its status and the units allocated to it.

A module that consumes a UPC usually opens a task for it. The module that posted the UPC watches that
task, directly or through a `ProxyTask`, and so learns whether its wish came true.

Example:
    >>> task = board.add_task(Task("roach warren", upc_id=wish.id, work=Work.BUILD, priority=5.0))
    >>> board.claim(task, [drone.tag])
    >>> task.set(TaskStatus.ONGOING)
    >>> task.set(TaskStatus.SUCCESS, "placed")          # lets its units go
"""

from __future__ import annotations

import enum
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from cherrypy_bot.core.claims import Release, Work
from cherrypy_bot.core.errors import TaskError

if TYPE_CHECKING:
    from cherrypy_bot.core.blackboard import Blackboard


class TaskStatus(enum.Enum):
    """Where a task stands. The last three are final."""

    WAITING = "waiting"
    ONGOING = "ongoing"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to the task."""
        return self in _FINAL


_FINAL = frozenset({TaskStatus.SUCCESS, TaskStatus.FAILURE, TaskStatus.CANCELLED})


class Task:
    """One activity of one module. Subclass it to keep task data on the blackboard.

    Attributes:
        id: given by the blackboard when added, 0 before that.
        name: for people ("scout natural").
        owner: module that runs it; the running module's name when left empty.
        upc_id: the UPC that it realises, None when it started by itself.
        work: kind of work, decides whose units it may take (`claims.MAY_TAKE`).
        priority: greater is more important.
        status, why: where it stands and the reason given last.
    """

    def __init__(
        self,
        name: str,
        *,
        upc_id: int | None = None,
        owner: str = "",
        work: Work = Work.ARMY,
        priority: float = 0.0,
    ) -> None:
        self.id = 0
        self.name = name
        self.owner = owner
        self.upc_id = upc_id
        self.work = work
        self.priority = priority
        self.status = TaskStatus.WAITING
        self.why = ""
        self.finished_step = -1
        self._board: Blackboard | None = None

    @property
    def board(self) -> Blackboard:
        """The blackboard that it was added to; TaskError before that."""
        if self._board is None:
            raise TaskError(f"task '{self.name}' is not on a blackboard yet; add it with board.add_task(task)")
        return self._board

    @property
    def finished(self) -> bool:
        """Whether its status is final."""
        return self.status.finished

    @property
    def units(self) -> tuple[int, ...]:
        """Tags that it holds, oldest claim first."""
        return self._board.claims.of_task(self.id) if self._board is not None else ()

    @property
    def watched_upcs(self) -> tuple[int, ...]:
        """UPCs that the blackboard must not forget while the task is on it."""
        return (self.upc_id,) if self.upc_id is not None else ()

    def attach(self, board: Blackboard, task_id: int, owner: str) -> None:
        """Called by the blackboard when the task is added."""
        self._board = board
        self.id = task_id
        self.owner = self.owner or owner

    def set(self, status: TaskStatus, why: str = "") -> None:
        """Change the status. A final one lets all units go and cannot be changed any more (TaskError)."""
        if self.finished:
            raise TaskError(f"task {self.id} '{self.name}' ended as {self.status.name}; it cannot become {status.name}")
        self.status = status
        self.why = why
        if status.finished and self._board is not None:
            self.finished_step = self._board.step
            self._board.claims.release_task(self.id, Release.DONE)

    def cancel(self, why: str = "") -> None:
        """Stop it from outside: CANCELLED, units let go. Nothing happens when it has ended."""
        if not self.finished:
            self.on_cancel()
            self.set(TaskStatus.CANCELLED, why)

    def on_cancel(self) -> None:
        """Override to clean up; called once, while the units are still held."""

    def on_unit_lost(self, tag: int, why: Release) -> None:
        """Override to hear that a unit died or was taken by another task."""

    def update(self) -> None:
        """Override to look after the task; called at the start of every step until it ends."""


class ProxyTask(Task):
    """Mirrors the task of another UPC: the basis of retries and of switching build orders.

    WAITING while nobody has taken the UPC up, then the status of the task for it. When the UPC
    expired without a taker, or its task vanished, FAILURE. Cancelling cancels that task, or takes the
    UPC off the blackboard while it waits.
    """

    def __init__(self, name: str, target_upc_id: int, *, upc_id: int | None = None, owner: str = "") -> None:
        super().__init__(name, upc_id=upc_id, owner=owner)
        self.target_upc_id = target_upc_id

    @property
    def watched_upcs(self) -> tuple[int, ...]:
        """Its own UPC and the one it follows."""
        return (*super().watched_upcs, self.target_upc_id)

    @property
    def target(self) -> Task | None:
        """The mirrored task, None while there is none."""
        return self.board.tasks.of_upc(self.target_upc_id)

    def update(self) -> None:
        """Take over the child's status."""
        status, why = child_status(self.board, self.target_upc_id)
        if status is not self.status:
            self.set(status, why)

    def on_cancel(self) -> None:
        """Pass the cancellation on."""
        cancel_child(self.board, self.target_upc_id, f"proxy '{self.name}' was cancelled")


class ProxyPolicy(enum.Enum):
    """How many of several children must have a status for the proxy to take it over."""

    ANY = "any"
    MOST = "most"
    ALL = "all"

    def holds(self, matching: int, total: int) -> bool:
        """Whether `matching` of `total` children satisfy the policy."""
        if self is ProxyPolicy.ANY:
            return matching > 0
        return matching * 2 > total if self is ProxyPolicy.MOST else matching == total


DEFAULT_POLICIES: Final[Mapping[TaskStatus, ProxyPolicy]] = {
    TaskStatus.SUCCESS: ProxyPolicy.ALL,
    TaskStatus.FAILURE: ProxyPolicy.ANY,
    TaskStatus.CANCELLED: ProxyPolicy.ANY,
    TaskStatus.ONGOING: ProxyPolicy.ANY,
    TaskStatus.WAITING: ProxyPolicy.ALL,
}


class MultiProxyTask(Task):
    """Mirrors several tasks at once.

    The statuses are tried in the order SUCCESS, FAILURE, CANCELLED, ONGOING, WAITING; the first whose
    policy holds is taken over. When none holds and every child has ended it is FAILURE (they will
    not change any more); otherwise the status stays as it was.
    """

    def __init__(
        self,
        name: str,
        target_upc_ids: Sequence[int],
        *,
        upc_id: int | None = None,
        owner: str = "",
        policies: Mapping[TaskStatus, ProxyPolicy] | None = None,
    ) -> None:
        if not target_upc_ids:
            raise TaskError(f"proxy task '{name}' needs at least one UPC to follow")
        super().__init__(name, upc_id=upc_id, owner=owner)
        self.target_upc_ids = tuple(target_upc_ids)
        self.policies: dict[TaskStatus, ProxyPolicy] = {**DEFAULT_POLICIES, **(policies or {})}

    @property
    def watched_upcs(self) -> tuple[int, ...]:
        """Its own UPC and those it follows."""
        return (*super().watched_upcs, *self.target_upc_ids)

    def update(self) -> None:
        """Take over the children's status as the policies say."""
        statuses = [child_status(self.board, upc_id)[0] for upc_id in self.target_upc_ids]
        for status in DEFAULT_POLICIES:
            matching = statuses.count(status)
            if matching and self.policies[status].holds(matching, len(statuses)):
                if status is not self.status:
                    self.set(status, f"{matching} of {len(statuses)} children: {status.name}")
                return
        if all(status.finished for status in statuses):
            self.set(TaskStatus.FAILURE, "all children ended and no policy holds")

    def on_cancel(self) -> None:
        """Pass the cancellation on to every child."""
        for upc_id in self.target_upc_ids:
            cancel_child(self.board, upc_id, f"proxy '{self.name}' was cancelled")


def child_status(board: Blackboard, upc_id: int) -> tuple[TaskStatus, str]:
    """Status of the task for `upc_id` as its poster sees it, and why."""
    task = board.tasks.of_upc(upc_id)
    if task is not None:
        return task.status, task.why
    last = board.tasks.last_status(upc_id)
    if last is not None:
        if last.finished:
            return last, "ended"
        return TaskStatus.FAILURE, "its task vanished"
    if board.waiting(upc_id):
        return TaskStatus.WAITING, ""
    consumer = board.consumer(upc_id)
    if consumer is None:
        return TaskStatus.FAILURE, "nobody took the UPC up"
    return TaskStatus.ONGOING, f"consumed by {consumer}, which opened no task"


def cancel_child(board: Blackboard, upc_id: int, why: str) -> None:
    """Cancel the task for `upc_id`, or withdraw the UPC while nobody has taken it up."""
    task = board.tasks.of_upc(upc_id)
    if task is not None:
        task.cancel(why)
    elif board.waiting(upc_id):
        board.withdraw(upc_id, why)


class TaskBook:
    """All tasks of one bot, in the order in which they were added.

    A task that ended stays through the following step, so that every module sees its end once; after
    that `last_status` still knows it (the newest `MEMORY` UPC ids).
    """

    MEMORY = 4096

    def __init__(self) -> None:
        self._tasks: dict[int, Task] = {}
        self._by_upc: dict[int, Task] = {}
        self._last: OrderedDict[int, TaskStatus] = OrderedDict()
        self._next_id = 1

    def __len__(self) -> int:
        return len(self._tasks)

    def add(self, task: Task, board: Blackboard, owner: str) -> Task:
        """Put a task on the board; used through `Blackboard.add_task`."""
        if task.id:
            raise TaskError(f"task '{task.name}' is on a blackboard already; make a new task")
        if task.upc_id is not None:
            other = self._by_upc.get(task.upc_id)
            if other is not None and not other.finished:
                raise TaskError(
                    f"UPC #{task.upc_id} is realised by task {other.id} '{other.name}' of {other.owner};"
                    " cancel that one first or use a ProxyTask"
                )
        task.attach(board, self._next_id, owner)
        self._next_id += 1
        self._tasks[task.id] = task
        if task.upc_id is not None:
            self._by_upc[task.upc_id] = task
        return task

    def get(self, task_id: int) -> Task | None:
        """The task with this id while it is on the board."""
        return self._tasks.get(task_id)

    def of_upc(self, upc_id: int) -> Task | None:
        """The task that realises a UPC while it is on the board."""
        return self._by_upc.get(upc_id)

    def all(self, *, owner: str | None = None, status: TaskStatus | None = None) -> list[Task]:
        """Tasks on the board, oldest first, optionally of one module or with one status."""
        return [
            task
            for task in self._tasks.values()
            if (owner is None or task.owner == owner) and (status is None or task.status is status)
        ]

    def running(self, *, owner: str | None = None) -> list[Task]:
        """Tasks that have not ended."""
        return [t for t in self._tasks.values() if not t.finished and (owner is None or t.owner == owner)]

    def last_status(self, upc_id: int) -> TaskStatus | None:
        """Last known status of the task for a UPC, also after it left the board."""
        task = self._by_upc.get(upc_id)
        return task.status if task is not None else self._last.get(upc_id)

    def in_update_order(self) -> Iterable[Task]:
        """Plain tasks oldest first, then proxies newest first: a proxy of a proxy comes after it."""
        proxies = [t for t in self._tasks.values() if isinstance(t, ProxyTask | MultiProxyTask)]
        plain = [t for t in self._tasks.values() if not isinstance(t, ProxyTask | MultiProxyTask)]
        return [t for t in (*plain, *reversed(proxies)) if not t.finished]

    def forget_ended(self, before_step: int) -> None:
        """Drop tasks that ended before `before_step`."""
        for task in [t for t in self._tasks.values() if t.finished and t.finished_step < before_step]:
            del self._tasks[task.id]
            if task.upc_id is not None:
                self._last[task.upc_id] = task.status
                self._last.move_to_end(task.upc_id)
                if self._by_upc.get(task.upc_id) is task:
                    del self._by_upc[task.upc_id]
        while len(self._last) > self.MEMORY:
            self._last.popitem(last=False)
