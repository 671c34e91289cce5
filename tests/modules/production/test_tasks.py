"""Tasks of production: what they aim at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sc2.position import Point2

from modules.production.tasks import geyser_at


def geyser(tag: int, place: tuple[float, float]) -> Any:
    return SimpleNamespace(tag=tag, position=Point2(place))


def test_a_geyser_that_came_into_sight_has_another_tag() -> None:
    seen = [geyser(7, (45.5, 109.5)), geyser(8, (59.5, 109.5))]
    assert geyser_at(seen, Point2((59.5, 109.5)), known=99) == 8
    assert geyser_at(seen, Point2((20.5, 20.5)), known=99) == 99
