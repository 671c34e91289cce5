"""Runs modules: in order, isolated from each other, timed, and switched off when they keep failing."""

from __future__ import annotations

import inspect
import math
import traceback
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from loguru import logger

from cherrypy_bot.core.blackboard import Blackboard
from cherrypy_bot.core.module import Context, Module, overrides


@dataclass(frozen=True, slots=True)
class Limits:
    """When modules are deferred or switched off.

    Attributes:
        faults: this many failing steps in a row switch a module off.
        hard_ms, hard_steps, hard_window: a module that takes longer than `hard_ms` in `hard_steps` of its
            last `hard_window` steps is switched off.
        step_budget_ms: when the modules of a step have used this much, deferrable ones wait for the next
            step; None never defers. It makes a match depend on the speed of the machine, so it is for
            the ladder and real time, and off where matches must repeat exactly.
        max_deferrals: a module is deferred at most this many steps in a row.
    """

    faults: int = 5
    hard_ms: float = 1500.0
    hard_steps: int = 3
    hard_window: int = 100
    step_budget_ms: float | None = None
    max_deferrals: int = 4


@dataclass(slots=True)
class StatSummary:
    """A measured time, in milliseconds.

    Attributes:
        count, total, max: of all values.
        samples: all values in the order of measuring (8 bytes each).
    """

    count: int = 0
    total: float = 0.0
    max: float = 0.0
    samples: array[float] = field(default_factory=lambda: array("d"))

    @property
    def mean(self) -> float:
        """Mean, 0.0 before the first value."""
        return self.total / self.count if self.count else 0.0

    def percentile(self, percent: float) -> float:
        """The smallest value that at least `percent` of all values do not exceed; 0.0 before the first."""
        if not self.samples:
            return 0.0
        rank = math.ceil(percent / 100.0 * self.count)
        return sorted(self.samples)[max(rank, 1) - 1]

    def add(self, value: float) -> None:
        """Count one value."""
        self.count += 1
        self.total += value
        self.max = max(self.max, value)
        self.samples.append(value)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a module did wrong.

    Attributes:
        loop: when.
        module, hook: where (`on_step`, ...); module "core" is the framework itself.
        error: one line, exception type and message.
        upcs: ids that the module had consumed in that step.
        trace: the Python traceback, "" for overruns and switch-offs.
    """

    loop: int
    module: str
    hook: str
    error: str
    upcs: tuple[int, ...] = ()
    trace: str = ""


@dataclass(slots=True)
class ModuleState:
    """What the runner keeps about a module."""

    module: Module
    ctx: Context
    ms: StatSummary = field(default_factory=StatSummary)
    enabled: bool = True
    faults_in_row: int = 0
    overruns: int = 0
    deferred_in_row: int = 0
    deferred: int = 0
    hard_overruns: deque[int] = field(default_factory=deque)
    hooks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """One event hook to call on every module that has it."""

    hook: str
    arguments: tuple[Any, ...]


_MOST_FAULTS = 1000
_STEP = Event("on_step", ())


class ModuleRunner:
    """Calls the hooks of all modules and keeps the match alive whatever they do.

    A module that blocks forever cannot be stopped from inside the process; everything else can.

    Args:
        modules: in the order in which they run.
        make_context, refresh: make a module's context, and renew it before its hooks are called.
        limits: see `Limits`.
        faults: list to which what goes wrong is added.

    Attributes:
        states: per module, in order.
        faults: what went wrong, the first thousand.
    """

    def __init__(
        self,
        modules: Sequence[Module],
        make_context: Callable[[Module], Context],
        refresh: Callable[[Context], None],
        board: Blackboard,
        limits: Limits,
        faults: list[Fault],
    ) -> None:
        self.board = board
        self._refresh = refresh
        self.limits = limits
        self.faults = faults
        self.states = [ModuleState(module, make_context(module)) for module in modules]
        for state in self.states:
            # Lets a step skip the modules that do not listen to an event.
            state.hooks = frozenset(h for h in dir(Module) if h.startswith("on_") and overrides(state.module, h))
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._by_name = {state.module.name: state for state in self.states}

    async def start(self) -> None:
        """Call `on_start` of all modules."""
        for state in self.states:
            self._refresh(state.ctx)
            await self._call(state, Event("on_start", ()))

    async def end(self, result: Any) -> None:
        """Call `on_end` of the modules that are still on."""
        for state in self.states:
            if state.enabled:
                await self._call(state, Event("on_end", (result,)))

    async def step(self, events: Sequence[Event]) -> None:
        """Run all modules once, each after its events."""
        begun = perf_counter()
        budget = self.limits.step_budget_ms
        for state in self.states:
            if not state.enabled:
                continue
            self._refresh(state.ctx)
            late = budget is not None and (perf_counter() - begun) * 1000.0 > budget
            if late and state.module.deferrable and state.deferred_in_row < self.limits.max_deferrals:
                state.deferred_in_row += 1
                state.deferred += 1
                # Events do not come again, so only the step itself waits.
                await self._call_all(state, events)
                continue
            state.deferred_in_row = 0
            before = perf_counter()
            failed = await self._call_all(state, (*events, _STEP))
            self._judge(state, (perf_counter() - before) * 1000.0, failed)

    async def _call_all(self, state: ModuleState, events: Iterable[Event]) -> bool:
        """Call those hooks that the module has, one after the other; whether one of them failed."""
        failed = False
        for event in events:
            if event.hook in state.hooks:
                failed |= await self._call(state, event)
        return failed

    async def _call(self, state: ModuleState, event: Event) -> bool:
        """Call one hook; whether it failed, which is reported."""
        module = state.module
        with self.board.acting_as(module.name):
            try:
                result = getattr(module, event.hook)(state.ctx, *event.arguments)
                if inspect.isawaitable(result):
                    await result
            # SystemExit too: a module that calls exit() must not end the match.
            except (Exception, SystemExit) as error:
                self.report(module.name, event.hook, error)
                return True
        return False

    def _judge(self, state: ModuleState, ms: float, failed: bool) -> None:
        """Count time and faults of a step and switch the module off when it is beyond the limits."""
        name, limits = state.module.name, self.limits
        state.ms.add(ms)
        self.board.trace.time(name, ms)
        state.faults_in_row = state.faults_in_row + 1 if failed else 0
        if ms > state.module.budget_ms:
            state.overruns += 1
        if ms > limits.hard_ms:
            state.hard_overruns.append(self.board.step)
            logger.warning(f"[{self.board.loop}] {name}: took {ms:.0f} ms, hard limit {limits.hard_ms:.0f} ms")
        while state.hard_overruns and state.hard_overruns[0] <= self.board.step - limits.hard_window:
            state.hard_overruns.popleft()
        if state.module.essential:
            return
        if state.faults_in_row >= limits.faults:
            self.switch_off(name, f"it failed in {state.faults_in_row} steps in a row")
        elif len(state.hard_overruns) >= limits.hard_steps:
            self.switch_off(
                name,
                f"it took more than {limits.hard_ms:.0f} ms in {len(state.hard_overruns)} of its last steps",
            )

    def report(self, module: str, hook: str, error: BaseException) -> None:
        """Log a failure with loop, module and the UPCs held, and keep it in `faults`.

        The traceback is logged and kept the first time only: a module may fail in every step.
        """
        held = self.board.held(module)
        line = f"{type(error).__name__}: {error}"
        kind = (module, hook, type(error).__name__)
        self._seen[kind] += 1
        upcs = f" holding UPCs {', '.join(f'#{upc_id}' for upc_id in held)}" if held else ""
        text = f"[{self.board.loop}] {module}.{hook} failed{upcs}: {line}"
        if self._seen[kind] == 1:
            logger.opt(exception=error).error(text)
            details = "".join(traceback.format_exception(error))
        else:
            logger.warning(f"{text} (time {self._seen[kind]})")
            details = ""
        self._note(Fault(self.board.loop, module, hook, line, held, details))

    def switch_off(self, module: str, why: str) -> None:
        """Stop running a module; its tasks are cancelled, its units let go, its UPCs withdrawn."""
        self._by_name[module].enabled = False
        self._note(Fault(self.board.loop, module, "switched off", why))
        logger.error(f"[{self.board.loop}] {module}: switched off, {why}; the match goes on without it")
        self.board.drop_module(module, f"module {module} was switched off")

    def _note(self, fault: Fault) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(fault)
        self.board.trace.fault(fault.module, fault.hook, fault.error, fault.upcs)
