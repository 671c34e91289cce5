"""What counts as a base under attack."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from s2clientprotocol import common_pb2
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

import modules.strategy.threats as subject
from tests.modules.production.test_makers import table, unit

HOME = Point2((30.0, 30.0))


def place(tag: int, kind: U, x: float, y: float, alliance: int = 1) -> Any:
    return unit(tag, kind, alliance=alliance, pos=common_pb2.Point(x=x, y=y))


def threats(monkeypatch: Any, *units: Any) -> tuple[Any, ...]:
    seen = table(*units)
    for kind in (U.NEXUS, U.GATEWAY, U.PYLON):
        seen.facts.structure[kind.value] = True
    ctx = SimpleNamespace(units=seen, loop=100)
    monkeypatch.setattr(subject, "type_power", lambda ctx: np.full(3000, 50.0))
    monkeypatch.setattr(subject, "power_of", lambda ctx, rows: 50.0 * len(rows))
    return subject.find_threats(ctx, [HOME], {})  # type: ignore[arg-type]


def test_enemies_at_a_structure_of_a_base_threaten_it(monkeypatch: Any) -> None:
    units = (place(1, U.NEXUS, 30, 30), place(2, U.GATEWAY, 58, 30), place(3, U.MARINE, 62, 30, 4))
    assert [t.tags for t in threats(monkeypatch, *units)] == [(3,)]


def test_enemies_at_a_pylon_far_from_home_threaten_no_base(monkeypatch: Any) -> None:
    units = (place(1, U.NEXUS, 30, 30), place(2, U.PYLON, 130, 130), place(3, U.SCV, 132, 130, 4))
    assert threats(monkeypatch, *units) == ()
