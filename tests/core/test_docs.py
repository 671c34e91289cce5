"""The example module of docs/core.md works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from loguru import logger
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.upc import Upc
from tests.core.world import FakeMatch, unit

DOC = Path(__file__).resolve().parents[2] / "docs" / "core.md"
GOAL = Point2((40.0, 40.0))


class Asking(Module):
    def on_step(self, ctx: Context) -> None:
        ctx.board.post(Upc.scout(position=GOAL, priority=1.0))


def test_the_example_scouts_with_the_closest_worker_and_notices_its_death() -> None:
    logger.remove()
    code = re.search(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.S)
    assert code is not None
    names: dict[str, Any] = {"__name__": "example"}
    exec(code.group(1), names)
    bot = CherryBot([Asking(), names["Scouting"]()])
    far, near = unit(1, UnitTypeId.DRONE, 10.0), unit(2, UnitTypeId.DRONE, 30.0)
    match = FakeMatch(bot).start(far, near)
    [order] = match.step(far, near)
    assert (order.unit.tag, order.ability, order.target) == (2, AbilityId.MOVE_MOVE, GOAL)
    assert match.step(far, near) == [], "one scout at a time"
    [order] = match.step(far, dead=(2,))
    assert order.unit.tag == 1
    assert bot.board.get(names["SCOUTS_LOST"]) == 1
    assert bot.faults == []
