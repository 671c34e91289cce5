"""Runs modules: in order, isolated from each other, timed, and switched off when they keep failing."""

from __future__ import annotations

import inspect
import traceback
from collections import deque
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
    hard_ms: float = 500.0
    hard_steps: int = 3
    hard_window: int = 100
    step_budget_ms: float | None = None
    max_deferrals: int = 4


@dataclass(slots=True)
class StatSummary:
    """Count, total and maximum of a measured time, in milliseconds."""

    count: int = 0
    total: float = 0.0
    max: float = 0.0

    @property
    def mean(self) -> float:
        """Mean, 0.0 before the first value."""
        return self.total / self.count if self.count else 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.count += 1
        self.total += value
        self.max = max(self.max, value)


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


class ModuleRunner:
    """Calls the hooks of all modules and keeps the match alive whatever they do.

    A module that blocks forever cannot be stopped from inside the process; everything else can.

    Attributes:
        states: per module, in order.
        faults: everything that went wrong so far.
    """

    def __init__(
        self,
        modules: Sequence[Module],
        make_context: Callable[[Module], Context],
        board: Blackboard,
        limits: Limits,
        faults: list[Fault],
    ) -> None:
        self.board = board
        self.limits = limits
        self.faults = faults
        self.states = [ModuleState(module, make_context(module)) for module in modules]
        for state in self.states:
            # Lets a step skip the modules that do not listen to an event.
            state.hooks = frozenset(h for h in dir(Module) if h.startswith("on_") and overrides(state.module, h))
        self._by_name = {state.module.name: state for state in self.states}

    async def start(self) -> None:
        """Call `on_start` of all modules."""
        for state in self.states:
            await self._guarded(state, [Event("on_start", ())], ())

    async def end(self, result: Any) -> None:
        """Call `on_end` of the modules that are still on."""
        for state in self.states:
            if state.enabled:
                await self._guarded(state, [Event("on_end", (result,))], ())

    async def step(self, refresh: Callable[[Context], None], events: Sequence[Event]) -> None:
        """Run all modules once; `refresh` renews a context first."""
        begun = perf_counter()
        step_event = Event("on_step", ())
        for state in self.states:
            if not state.enabled:
                continue
            budget = self.limits.step_budget_ms
            late = budget is not None and (perf_counter() - begun) * 1000.0 > budget
            if late and state.module.deferrable and state.deferred_in_row < self.limits.max_deferrals:
                state.deferred_in_row += 1
                state.deferred += 1
                # Events are not repeated in the next step, so they are delivered even now.
                refresh(state.ctx)
                await self._guarded(state, events, state.hooks)
                continue
            state.deferred_in_row = 0
            refresh(state.ctx)
            before = perf_counter()
            failed = await self._guarded(state, [*events, step_event], state.hooks)
            self._judge(state, (perf_counter() - before) * 1000.0, failed)

    async def _guarded(self, state: ModuleState, events: Iterable[Event], hooks: Iterable[str]) -> bool:
        """Call hooks one after the other; whether one of them failed. Each failure is reported."""
        failed = False
        wanted = hooks or None
        module = state.module
        with self.board.acting_as(module.name):
            for event in events:
                if wanted is not None and event.hook not in wanted:
                    continue
                try:
                    result = getattr(module, event.hook)(state.ctx, *event.arguments)
                    if inspect.isawaitable(result):
                        await result
                # SystemExit too: a module that calls exit() must not end the match.
                except (Exception, SystemExit) as error:
                    failed = True
                    self.report(module.name, event.hook, error)
        return failed

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
        """Log a failure with loop, module and the UPCs held, and keep it in `faults`."""
        held = self.board.held(module)
        line = f"{type(error).__name__}: {error}"
        self._note(Fault(self.board.loop, module, hook, line, held, "".join(traceback.format_exception(error))))
        upcs = f" holding UPCs {', '.join(f'#{upc_id}' for upc_id in held)}" if held else ""
        logger.opt(exception=error).error(f"[{self.board.loop}] {module}.{hook} failed{upcs}: {line}")

    def switch_off(self, module: str, why: str) -> None:
        """Stop running a module; its tasks are cancelled, its units let go, its UPCs withdrawn."""
        self._by_name[module].enabled = False
        self._note(Fault(self.board.loop, module, "switched off", why))
        logger.error(f"[{self.board.loop}] {module}: switched off, {why}; the match goes on without it")
        self.board.drop_module(module, f"module {module} was switched off")

    def _note(self, fault: Fault) -> None:
        self.faults.append(fault)
        self.board.trace.fault(fault.module, fault.hook, fault.error, fault.upcs)
