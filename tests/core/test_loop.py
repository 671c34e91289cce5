"""Isolation: a module that raises, sleeps or exits does not end the match."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

import pytest
from loguru import logger
from sc2.position import Point2
from sc2.unit import Unit

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.loop import Limits, StatSummary
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.orders import UpcToCommand
from cherrypy_bot.core.tasks import Task
from cherrypy_bot.core.upc import Upc
from tests.core.world import FakeMatch, unit


class Mover(Module):
    """Moves unit 1 to a new place in every step."""

    steps: int = 0

    def on_step(self, ctx: Context) -> None:
        self.steps += 1
        ctx.board.post(Upc.move(units=(1,), position=Point2((float(self.steps), 1.0))))


class Raising(Module):
    def on_step(self, ctx: Context) -> None:
        raise ValueError(f"step {ctx.loop}")


class Sometimes(Module):
    """Fails in four steps of five."""

    def on_step(self, ctx: Context) -> None:
        if ctx.loop % 20:
            raise ValueError("again")


class Clock:
    """Stands in for perf_counter, so that a busy machine cannot change what the tests see."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("cherrypy_bot.core.loop.perf_counter", clock)
    return clock


class Slow(Module):
    """Takes this long on the test's clock in every `every`th step."""

    def __init__(self, clock: Clock, seconds: float = 0.03, every: int = 1) -> None:
        super().__init__()
        self.clock, self.seconds, self.every = clock, seconds, every

    def on_step(self, ctx: Context) -> None:
        if ctx.board.step % self.every == 0:
            self.clock.now += self.seconds


class Exiting(Module):
    async def on_step(self, ctx: Context) -> None:
        await asyncio.sleep(0)
        raise SystemExit(1)


class BadStart(Module):
    steps: int = 0

    def on_start(self, ctx: Context) -> None:
        raise KeyError("nothing")

    def on_step(self, ctx: Context) -> None:
        self.steps += 1


class BadEvents(Module):
    def on_unit_created(self, ctx: Context, unit: Unit) -> None:
        raise TypeError("event")


@pytest.fixture(autouse=True)
def quiet() -> object:
    logger.remove()
    return None


def play(match: FakeMatch, steps: int) -> int:
    """Orders of that many steps."""
    return sum(len(match.step(unit(1))) for _ in range(steps))


@pytest.mark.parametrize("broken", [Raising, Exiting])
@pytest.mark.parametrize("first", [True, False])
def test_a_module_that_fails_in_every_step_is_switched_off_and_the_match_goes_on(
    broken: type[Module], first: bool
) -> None:
    mover = Mover()
    modules = [broken(), mover] if first else [mover, broken()]
    bot = CherryBot(modules)
    match = FakeMatch(bot).start(unit(1))
    assert play(match, 12) == 12
    assert bot.modules_off == (broken.name,)
    assert [fault.hook for fault in bot.faults] == ["on_step"] * 5 + ["switched off"]
    assert bot.module_ms[broken.name].count == 5
    assert bot.module_ms["mover"].count == 12
    match.end()


def test_a_fault_says_loop_module_and_the_upcs_held() -> None:
    class Taker(Module):
        def on_step(self, ctx: Context) -> None:
            for upc in ctx.board.upcs():
                ctx.board.consume(upc.id)
            raise ValueError("took it and fell")

    bot = CherryBot([Mover(), Taker()])
    lines: list[str] = []
    logger.add(lines.append, format="{message}")
    FakeMatch(bot).start(unit(1)).step(unit(1), loops=40)
    fault = bot.faults[0]
    assert (fault.loop, fault.module, fault.hook, fault.upcs) == (40, "taker", "on_step", (1,))
    assert fault.error == "ValueError: took it and fell"
    assert "test_loop.py" in fault.trace
    assert "[40] taker.on_step failed holding UPCs #1: ValueError: took it and fell" in "".join(lines)


def test_a_success_in_between_keeps_a_module_on() -> None:
    bot = CherryBot([Sometimes()])
    play(FakeMatch(bot).start(unit(1)), 20)
    assert bot.modules_off == ()
    assert len(bot.faults) == 16
    assert sum(bool(fault.trace) for fault in bot.faults) == 1, "one traceback per kind of fault"


def test_a_module_that_sleeps_is_switched_off() -> None:
    class Sleeping(Module):
        def on_step(self, ctx: Context) -> None:
            time.sleep(0.2)

    bot = CherryBot([Sleeping(), Mover()], limits=Limits(hard_ms=150.0))
    match = FakeMatch(bot).start(unit(1))
    assert play(match, 5) == 5
    assert bot.modules_off == ("sleeping",)
    assert bot.module_ms["sleeping"].count == 3


def test_a_module_beyond_the_hard_limit_is_switched_off(clock: Clock) -> None:
    bot = CherryBot([Slow(clock), Mover()], limits=Limits(hard_ms=20.0, hard_steps=3))
    assert play(FakeMatch(bot).start(unit(1)), 6) == 6
    assert bot.modules_off == ("slow",)
    times = bot.module_ms["slow"]
    assert (times.count, times.max, times.mean) == (3, pytest.approx(30.0), pytest.approx(30.0))
    assert bot.faults[-1].error == "it took more than 20 ms in 3 of its last steps"


def test_percentiles_of_times() -> None:
    times = StatSummary()
    assert (times.mean, times.percentile(99)) == (0.0, 0.0)
    for value in range(100, 0, -1):
        times.add(float(value))
    assert (times.count, times.total, times.max, times.mean) == (100, 5050.0, 100.0, 50.5)
    assert [times.percentile(p) for p in (0, 1, 50, 99, 100)] == [1.0, 1.0, 50.0, 99.0, 100.0]
    assert times.samples[0] == 100.0


@pytest.mark.parametrize(("every", "off"), [(10, ()), (9, ("slow",))])
def test_rare_overruns_are_forgiven(clock: Clock, every: int, off: tuple[str, ...]) -> None:
    bot = CherryBot([Slow(clock, every=every)], limits=Limits(hard_ms=20.0, hard_steps=3, hard_window=20))
    play(FakeMatch(bot).start(unit(1)), 60)
    assert bot.modules_off == off


def test_over_the_step_budget_deferrable_modules_wait_but_not_for_ever(clock: Clock) -> None:
    class Patient(Mover):
        deferrable: ClassVar[bool] = True

    patient, firm = Patient(), Mover()
    bot = CherryBot([Slow(clock), patient, firm], limits=Limits(step_budget_ms=25.0, max_deferrals=4))
    play(FakeMatch(bot).start(unit(1)), 10)
    assert firm.steps == 10
    assert patient.steps == 2, "every fifth step"


def test_a_deferred_module_still_hears_its_events(clock: Clock) -> None:
    heard: list[int] = []

    class Patient(Module):
        deferrable: ClassVar[bool] = True

        def on_unit_created(self, ctx: Context, unit: Unit) -> None:
            heard.append(unit.tag)

        def on_step(self, ctx: Context) -> None:
            heard.append(-1)

    bot = CherryBot([Slow(clock), Patient()], limits=Limits(step_budget_ms=25.0))
    FakeMatch(bot).start(unit(1)).step(unit(1), unit(2))
    assert heard == [2]


def test_without_a_budget_nothing_is_deferred(clock: Clock) -> None:
    class Patient(Mover):
        deferrable: ClassVar[bool] = True

    patient = Patient()
    play(FakeMatch(CherryBot([Slow(clock), patient])).start(unit(1)), 4)
    assert patient.steps == 4


def test_a_module_whose_start_fails_still_gets_its_steps() -> None:
    module = BadStart()
    bot = CherryBot([module])
    play(FakeMatch(bot).start(unit(1)), 3)
    assert module.steps == 3
    assert [(fault.hook, fault.loop) for fault in bot.faults] == [("on_start", 0)]


def test_failing_event_hooks_count_as_faults_of_their_step() -> None:
    bot = CherryBot([BadEvents(), Mover()])
    match = FakeMatch(bot).start(unit(1))
    assert len(match.step(unit(1), unit(2))) == 1
    assert [fault.hook for fault in bot.faults] == ["on_unit_created"]


def test_units_of_a_switched_off_module_are_free_again() -> None:
    class Hoarder(Module):
        def on_step(self, ctx: Context) -> None:
            if not ctx.board.tasks.running(owner=self.name):
                ctx.board.claim(ctx.board.add_task(Task("mine", work=Work.ARMY)), [1])
            raise ValueError("greedy")

    bot = CherryBot([Hoarder(), Mover()])
    match = FakeMatch(bot).start(unit(1))
    assert play(match, 4) == 0, "the mover's unit is held by the hoarder"
    assert play(match, 4) == 4


def test_the_last_module_is_never_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = CherryBot([Mover()])
    match = FakeMatch(bot).start(unit(1))
    real = UpcToCommand.on_step

    def broken(self: UpcToCommand, ctx: Context) -> None:
        raise ValueError("no")

    monkeypatch.setattr(UpcToCommand, "on_step", broken)
    assert play(match, 10) == 0
    monkeypatch.setattr(UpcToCommand, "on_step", real)
    assert play(match, 3) == 3
    assert bot.modules_off == ()


def test_a_broken_observation_is_a_fault_of_the_core_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = CherryBot([Mover()])
    match = FakeMatch(bot).start(unit(1))
    with monkeypatch.context() as patched:
        patched.setattr(bot.memory, "update", lambda *_: 1 / 0)
        match.step(unit(1))
    assert [(fault.module, fault.hook) for fault in bot.faults] == [("core", "on_step")]
    assert play(match, 2) == 2
