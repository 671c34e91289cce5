"""The blackboard: the only place where modules meet.

It holds UPC tuples with their origin, tasks, claims on units, typed values and timers. Everything is
iterated in the order in which it was put there, so that a match can be repeated.

A step goes `begin_step` -> modules post and consume -> `end_step`, which drops every UPC that nobody
consumed and that is not `lasting`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from cherrypy_bot.core.claims import ClaimTable, FaultHandler, Release, ReleaseCallback, Work
from cherrypy_bot.core.errors import BlackboardError, TaskError
from cherrypy_bot.core.filters import DEFAULT_FILTERS, UpcFilter
from cherrypy_bot.core.keys import KEYS, Key, fits, type_name
from cherrypy_bot.core.tasks import Task, TaskBook, TaskStatus
from cherrypy_bot.core.timers import Timers
from cherrypy_bot.core.trace import TraceWriter
from cherrypy_bot.core.trace_values import board_value
from cherrypy_bot.core.upc import Command, Upc, UpcState

T = TypeVar("T")
TaskT = TypeVar("TaskT", bound=Task)

FILTERED = 0
"""What `post` returns for a UPC that a filter rejected; no UPC has this id."""

_SWEEP_EVERY_STEPS = 256
_VALUES_EVERY_STEPS = 16
_ALL_VALUES_EVERY_STEPS = 64


def _always_alive(tag: int) -> bool:
    return True


class Blackboard:
    """UPCs, tasks, claims, values and timers of one bot in one match.

    Attributes:
        loop, step: game loop and number of the running step.
        acting: name of the module that runs now, "" between modules.
        tasks, claims, timers: their books; use `add_task` and `claim` to write.
        filters: applied to every post in this order, see `filters`.
        living: tells whether a tag of ours is alive; set by the bot.
    """

    def __init__(self, trace: TraceWriter | None = None, on_fault: FaultHandler | None = None) -> None:
        self.loop = 0
        self.step = 0
        self.acting = ""
        self.tasks = TaskBook()
        self.claims = ClaimTable(on_fault)
        self.timers = Timers()
        self.filters: list[UpcFilter] = list(DEFAULT_FILTERS)
        self.living: Callable[[int], bool] = _always_alive
        self.trace = trace if trace is not None else TraceWriter(None)
        self._on_fault = on_fault
        self._values: dict[str, Any] = {}
        self._upcs: dict[int, Upc] = {}
        self._waiting: dict[int, Upc] = {}
        self._consumers: dict[int, str] = {}
        self._held: dict[str, list[int]] = {}
        self._roots: dict[int, int] = {}
        self._unwritten: set[str] = set()
        self._board_text: dict[str, str] = {}
        self._traced_tasks: dict[int, tuple[TaskStatus, tuple[int, ...]]] = {}
        self._lineage: dict[int, tuple[frozenset[int], frozenset[str]]] = {}
        self._next_id = 1

    # -- values --------------------------------------------------------------------------------

    def get(self, key: Key[T]) -> T:
        """Value of `key`, its default before the first `put`. BlackboardError when it is not declared."""
        self._check(key)
        if key.name not in self._values:
            self._values[key.name] = copy.deepcopy(key.default)
        value: T = self._values[key.name]
        return value

    def put(self, key: Key[T], value: T) -> None:
        """Set `key`.

        Raises BlackboardError when it is not declared, the type is wrong, or another module owns it.
        """
        self._check(key)
        if not fits(value, key.type):
            raise BlackboardError(
                f"key '{key.name}' holds {type_name(key.type)}, not {type(value).__name__} ({value!r:.80})"
            )
        if self.acting and key.owner and key.owner != self.acting:
            raise BlackboardError(f"key '{key.name}' belongs to module '{key.owner}'; '{self.acting}' may only read it")
        # Simple values that stay the same, as most do that are put in every step, need no look.
        if not isinstance(value, str | bool) or self._values.get(key.name) != value:
            self._unwritten.add(key.name)
        self._values[key.name] = value

    def _check(self, key: Key[Any]) -> None:
        if not isinstance(key, Key):
            raise BlackboardError(f"blackboard keys are Key objects, not {key!r}; declare Key({key!r}, type, default)")
        KEYS.find(key.name)

    # -- UPCs ----------------------------------------------------------------------------------

    def post(self, upc: Upc) -> int:
        """Put a UPC on the board and return its id, or `FILTERED` (0) when a filter rejected it.

        The stored tuple may differ from `upc`: filters take out units that are dead or claimed elsewhere.
        """
        if not isinstance(upc, Upc):
            raise BlackboardError(f"post() takes a Upc, not {type(upc).__name__}")
        if upc.id:
            raise BlackboardError(f"UPC {upc.describe()} was posted already; post upc.refine(...) to decide more of it")
        if upc.parent is not None and not 0 < upc.parent < self._next_id:
            raise BlackboardError(
                f"UPC parent #{upc.parent} was never posted; use the id that post() returned, or None"
            )
        source = upc.source or self.acting
        for check in self.filters:
            verdict = check(self, upc)
            if isinstance(verdict, str):
                self.trace.reject(upc.stamped(FILTERED, source), verdict)
                return FILTERED
            upc = verdict
        upc = upc.stamped(self._next_id, source)
        self._next_id += 1
        self._upcs[upc.id] = upc
        self._waiting[upc.id] = upc
        self.trace.post(upc)
        return upc.id

    def post_all(self, upcs: Iterable[Upc]) -> list[int]:
        """Post several; the ids of those that passed the filters."""
        return [upc_id for upc_id in map(self.post, upcs) if upc_id]

    def upcs(
        self,
        command: Command | None = None,
        kind: type[UpcState] | None = None,
        *,
        source: str | None = None,
        sharp: bool | None = None,
        min_probability: float = 1.0,
    ) -> list[Upc]:
        """UPCs that wait for a consumer, oldest first.

        Args:
            command: only those that mean it with at least `min_probability`.
            kind: only those whose state is an instance of it.
            source: only those posted by this module.
            sharp: only sharp ones (True) or only vague ones (False).
        """
        found = []
        for upc in self._waiting.values():
            if command is not None and upc.probability(command) < min_probability:
                continue
            if kind is not None and not isinstance(upc.state, kind):
                continue
            if source is not None and upc.source != source:
                continue
            if sharp is not None and upc.sharp is not sharp:
                continue
            found.append(upc)
        return found

    def upc(self, upc_id: int) -> Upc | None:
        """The UPC with this id: waiting, consumed or an ancestor of such; None when forgotten."""
        return self._upcs.get(upc_id)

    def consume(self, upc_id: int, by: str | None = None) -> Upc:
        """Take a waiting UPC: from now on the consumer answers for it.

        Raises BlackboardError when it is not waiting.
        """
        upc = self._waiting.pop(upc_id, None)
        if upc is None:
            raise BlackboardError(f"UPC #{upc_id} cannot be consumed: {self._fate(upc_id)}")
        consumer = by if by is not None else self.acting
        self._consumers[upc_id] = consumer
        self._held.setdefault(consumer, []).append(upc_id)
        self.trace.consume(upc_id, consumer)
        return upc

    def withdraw(self, upc_id: int, why: str = "") -> bool:
        """Take a UPC back that nobody has consumed; whether it was still there."""
        if self._waiting.pop(upc_id, None) is None:
            return False
        self.trace.withdraw(upc_id, why)
        return True

    def reprioritise(self, upc_id: int, priority: float) -> bool:
        """Change the priority of a waiting UPC in place; whether it was still waiting."""
        upc = self._waiting.get(upc_id)
        if upc is None:
            return False
        if upc.priority != priority:
            self._upcs[upc_id] = self._waiting[upc_id] = replace(upc, priority=priority)
            self.trace.reprioritise(upc_id, priority)
        return True

    def waiting(self, upc_id: int) -> bool:
        """Whether the UPC waits for a consumer."""
        return upc_id in self._waiting

    def consumer(self, upc_id: int) -> str | None:
        """Who consumed the UPC, None when nobody did or it is forgotten."""
        return self._consumers.get(upc_id)

    def held(self, module: str) -> tuple[int, ...]:
        """UPCs that `module` consumed in this step, for the report when it fails."""
        return tuple(self._held.get(module, ()))

    def chain(self, upc_id: int) -> list[Upc]:
        """The UPC, what it was refined from, and so on to the root or to a forgotten ancestor."""
        found: list[Upc] = []
        next_id: int | None = upc_id
        while next_id is not None:
            upc = self._upcs.get(next_id)
            if upc is None:
                break
            found.append(upc)
            next_id = upc.parent
        return found

    def descends_from(self, upc_id: int) -> tuple[frozenset[int], frozenset[str]]:
        """Ids and sources of the UPC and all its ancestors."""
        known = self._lineage.get(upc_id)
        if known is None:
            chain = self.chain(upc_id)
            known = (frozenset(upc.id for upc in chain), frozenset(upc.source for upc in chain))
            self._lineage[upc_id] = known
        return known

    def ordered(self, tag: int, upc_id: int) -> None:
        """Remember that the unit acts on this UPC, so that its chain stays explainable."""
        self._roots[tag] = upc_id

    def last_order(self, tag: int) -> int | None:
        """The UPC that the unit's last order came from."""
        return self._roots.get(tag)

    def explain(self, tag: int) -> list[str]:
        """Why a unit does what it does: the task that holds it, then its last order's chain, newest first."""
        lines = []
        claim = self.claims.holder(tag)
        if claim is not None:
            task = self.tasks.get(claim.task_id)
            name = f" '{task.name}'" if task is not None else ""
            since = f"{claim.work.name} since loop {claim.since_loop}"
            lines.append(f"task {claim.task_id}{name} of {claim.owner}, {since}")
        upc_id = self._roots.get(tag)
        if upc_id is not None:
            lines.extend(upc.describe() for upc in self.chain(upc_id))
        return lines

    def _fate(self, upc_id: int) -> str:
        if upc_id in self._consumers:
            return f"'{self._consumers[upc_id] or 'somebody'}' has consumed it"
        if 0 < upc_id < self._next_id:
            return "it expired or was withdrawn"
        return "it was never posted (0 means that a filter rejected it)"

    # -- tasks and claims ----------------------------------------------------------------------

    def add_task(self, task: TaskT) -> TaskT:
        """Put a task on the board; its owner is the running module unless it names one."""
        self.tasks.add(task, self, self.acting)
        return task

    def claim(
        self,
        task: Task,
        tags: Iterable[int],
        *,
        work: Work | None = None,
        priority: float | None = None,
        on_release: ReleaseCallback | None = None,
    ) -> list[int]:
        """Give units to a task; the tags that it got or already had.

        Work and priority are the task's unless given. `on_release(tag, why)`, or the task's `on_unit_lost`
        when none is given, is called when a unit is taken away or dies.
        """
        if not task.id or self.tasks.get(task.id) is not task:
            raise TaskError(f"task '{task.name}' is not on this blackboard; add it with board.add_task(task) first")
        if task.finished:
            raise TaskError(f"task {task.id} '{task.name}' ended as {task.status.name}; it cannot claim units")
        return [
            tag
            for tag in tags
            if self.living(tag)
            and self.claims.claim(
                tag,
                task_id=task.id,
                owner=task.owner,
                work=work or task.work,
                priority=task.priority if priority is None else priority,
                on_release=on_release or _tell(task),
            )
        ]

    def release(self, tags: Iterable[int]) -> None:
        """Let units go."""
        for tag in tags:
            self.claims.release(tag)

    def task_of_unit(self, tag: int) -> Task | None:
        """The task that holds the unit."""
        claim = self.claims.holder(tag)
        return self.tasks.get(claim.task_id) if claim is not None else None

    def drop_module(self, module: str, why: str) -> None:
        """Cancel all tasks of a module and withdraw what it posted; for modules that are switched off."""
        for task in self.tasks.running(owner=module):
            try:
                task.cancel(why)
            except Exception as error:
                self._fault(module, "on_cancel", error)
                if not task.finished:
                    task.set(TaskStatus.CANCELLED, why)
        for upc in self.upcs(source=module):
            self.withdraw(upc.id, why)

    # -- the step ------------------------------------------------------------------------------

    @contextmanager
    def acting_as(self, module: str) -> Iterator[None]:
        """Everything posted, consumed and added inside is `module`'s."""
        before, self.acting = self.acting, module
        try:
            yield
        finally:
            self.acting = before

    def begin_step(self, loop: int) -> None:
        """Start a step: let dead units go and update the tasks."""
        self.loop = self.timers.loop = self.claims.loop = loop
        self.step += 1
        self._held.clear()
        self.trace.begin_step(loop)
        self.claims.release_dead(self.living)
        for task in self.tasks.in_update_order():
            if task.finished:
                continue
            with self.acting_as(task.owner):
                try:
                    task.update()
                except Exception as error:
                    self._fault(task.owner, f"task '{task.name}'", error)
                    if not task.finished:
                        task.set(TaskStatus.FAILURE, f"its update raised {type(error).__name__}")

    def end_step(self) -> None:
        """End a step: expire what nobody consumed, trace what changed, forget what nothing refers to."""
        for upc in [upc for upc in self._waiting.values() if not upc.lasting]:
            del self._waiting[upc.id]
        self._lineage.clear()
        self._trace_tasks()
        self._trace_values()
        self.tasks.forget_ended(self.step)
        if self.step % _SWEEP_EVERY_STEPS == 0:
            self._sweep()
        self.trace.end_step()

    def _trace_tasks(self) -> None:
        if not self.trace.enabled:
            return
        seen = {}
        for task in self.tasks.all():
            now = (task.status, task.units)
            seen[task.id] = now
            if self._traced_tasks.get(task.id) != now:
                self.trace.task(task)
        self._traced_tasks = seen

    def _trace_values(self) -> None:
        """Trace values that changed: simple ones at once, others every few steps, also those changed in place."""
        if not self.trace.enabled:
            return
        full = self.step % _ALL_VALUES_EVERY_STEPS == 1
        composite = self.step % _VALUES_EVERY_STEPS == 1
        if not full and not self._unwritten:
            return
        changed = {}
        for name in sorted(self._values if full else self._unwritten):
            value = self._values[name]
            if not composite and not isinstance(value, str | int | float | bool | None):
                continue
            self._unwritten.discard(name)
            shown, text = board_value(value)
            if self._board_text.get(name) != text:
                self._board_text[name] = text
                changed[name] = shown
        if changed:
            self.trace.board(changed)

    def _sweep(self) -> None:
        """Forget UPCs that no waiting UPC, task or unit's last order descends from."""
        self._roots = {tag: upc_id for tag, upc_id in self._roots.items() if self.living(tag)}
        wanted = [*self._waiting, *self._roots.values()]
        for task in self.tasks.all():
            wanted.extend(task.watched_upcs)
        keep: set[int] = set()
        for upc_id in wanted:
            next_id: int | None = upc_id
            while next_id is not None and next_id not in keep and next_id in self._upcs:
                keep.add(next_id)
                next_id = self._upcs[next_id].parent
        self._upcs = {upc_id: upc for upc_id, upc in self._upcs.items() if upc_id in keep}
        self._consumers = {upc_id: by for upc_id, by in self._consumers.items() if upc_id in keep}

    def _fault(self, module: str, hook: str, error: Exception) -> None:
        if self._on_fault is None:
            raise error
        self._on_fault(module, hook, error)


def _tell(task: Task) -> ReleaseCallback:
    def tell(tag: int, why: Release) -> None:
        if why is not Release.DONE:
            task.on_unit_lost(tag, why)

    return tell
