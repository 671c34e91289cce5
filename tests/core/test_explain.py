"""Why did this unit do that: answered from a trace."""

from __future__ import annotations

import pytest
from loguru import logger
from sc2.position import Point2

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.explain import why
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.trace import Trace, read_trace
from cherrypy_bot.core.upc import Command, PositionArea, Upc
from tests.core.world import FakeMatch, unit

HERE = Point2((30.0, 31.0))


class Strategy(Module):
    def on_step(self, ctx: Context) -> None:
        if ctx.loop == 8:
            ctx.board.post(Upc.attack(position=PositionArea(HERE, 9.0), note="they expanded"))


class Tactics(Module):
    def on_step(self, ctx: Context) -> None:
        for upc in ctx.board.upcs(Command.ATTACK, sharp=False):
            ctx.board.consume(upc.id)
            task = ctx.board.add_task(Task("squad", upc_id=upc.id, work=Work.ARMY))
            ctx.board.claim(task, [1])
            ctx.board.post(upc.refine(units=(1,), position=HERE, note="closest squad"))
        if ctx.loop == 20:
            ctx.board.tasks.running(owner=self.name)[0].set(TaskStatus.SUCCESS)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    logger.remove()
    path = tmp_path_factory.mktemp("trace") / "t.cbtrace"
    match = FakeMatch(CherryBot([Strategy(), Tactics()], trace=path)).start(unit(1), unit(2))
    for _ in range(6):
        match.step(unit(1), unit(2))
    match.end()
    return read_trace(path)


def test_an_order_is_explained_until_the_next_one(trace: Trace) -> None:
    found = why(trace, 1, 14)
    assert found.lines() == [
        f"{found.kind} 1 at 0:00 (loop 14)",
        "task 1 'squad' of tactics: waiting",
        f"ordered at 0:00 (loop 8): {found.ability_name} on [30.0, 31.0]",
        "  from UPC #2 of tactics, attack: closest squad",
        "  from UPC #1 of strategy, attack: they expanded",
    ]


def test_an_ended_task_holds_nobody(trace: Trace) -> None:
    found = why(trace, 1, 24)
    assert found.known
    assert found.decided_by == "tactics: closest squad"
    assert found.task is None
    assert found.order_loop == 8


def test_before_its_first_order_there_is_nothing_to_explain(trace: Trace) -> None:
    expected = ["no task holds it", "it was given no order yet"]
    assert why(trace, 1, 4).lines()[1:] == expected
    assert why(trace, 2, 24).lines()[1:] == expected
