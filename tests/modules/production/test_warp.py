"""Warp-ins: near home in peace, at the forward pylon in an attack, each at a place of its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from s2clientprotocol import common_pb2, raw_pb2
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.tasks import TaskStatus
from modules.keys import ATTACK, ATTACK_TARGET, HOLD, RALLY, STANCE
from modules.production.warp import COOLDOWN_LOOPS, REFUSED_LOOPS, WarpGates, WarpTask
from tests.modules.production.test_makers import table, unit

HOME, FORWARD, TARGET = (30.0, 30.0), (120.0, 120.0), Point2((150.0, 150.0))


def at(tag: int, kind: U, place: tuple[float, float], **fields: Any) -> raw_pb2.Unit:
    return unit(tag, kind, pos=common_pb2.Point(x=place[0], y=place[1]), radius=1.0, **fields)


def context(*units: raw_pb2.Unit, stance: str = HOLD, loop: int = 1000) -> Any:
    values = {RALLY: Point2((40.0, 40.0)), ATTACK_TARGET: TARGET, STANCE: stance}
    bot = SimpleNamespace(
        start_location=Point2(HOME), in_map_bounds=lambda spot: True, in_pathing_grid=lambda spot: spot[0] > 20
    )
    return SimpleNamespace(units=table(*units), board=SimpleNamespace(get=values.__getitem__), bot=bot, loop=loop)


PYLONS = (at(1, U.PYLON, HOME), at(2, U.PYLON, FORWARD), at(3, U.NEXUS, (34.0, 30.0)))


@pytest.mark.parametrize(("stance", "place"), [(HOLD, HOME), (ATTACK, FORWARD)])
def test_an_attack_is_reinforced_at_the_forward_pylon(stance: str, place: tuple[float, float]) -> None:
    ctx = context(*PYLONS, stance=stance)
    gates = WarpGates()
    gates.new_step(ctx)
    spot = gates.spot(ctx)
    assert spot is not None
    assert spot.distance_to(Point2(place)) <= 6.5


def test_units_of_one_step_come_to_different_places_beside_what_stands_there() -> None:
    ctx = context(*PYLONS, at(4, U.GATEWAY, (30.0, 33.0)))
    gates = WarpGates()
    gates.new_step(ctx)
    spots = [spot for spot in (gates.spot(ctx) for _ in range(5)) if spot is not None]
    assert len(spots) == 5
    assert all(a.distance_to(b) >= 1.5 for i, a in enumerate(spots) for b in spots[:i])
    assert all(spot.distance_to(Point2((30.0, 33.0))) >= 2.0 for spot in spots)


def test_without_a_finished_pylon_there_is_no_place() -> None:
    ctx = context(at(1, U.PYLON, HOME, build_progress=0.5))
    gates = WarpGates()
    gates.new_step(ctx)
    assert gates.spot(ctx) is None


def order(gates: WarpGates, ctx: Any) -> WarpTask:
    gates.ordered(7, U.STALKER, ctx.loop)
    task = WarpTask(U.STALKER, 7, Point2((32.0, 32.0)), upc_id=1, since_loop=ctx.loop)
    task.status = TaskStatus.ONGOING
    return task


def test_a_gate_recharges_after_a_warp_in() -> None:
    gates, ctx = WarpGates(), context()
    task = order(gates, ctx)
    assert gates.ready_loop[7] == 1000 + COOLDOWN_LOOPS[U.STALKER]
    gates.watch(context(at(9, U.STALKER, (32.0, 32.0), build_progress=0.1), loop=1004), task)
    assert task.status is TaskStatus.SUCCESS
    assert gates.new_step(context(loop=1000 + COOLDOWN_LOOPS[U.STALKER])) == frozenset()


def test_a_refused_warp_in_is_tried_again_soon_and_elsewhere() -> None:
    gates, ctx = WarpGates(), context()
    task = order(gates, ctx)
    gates.watch(context(loop=1030), task)
    assert task.status is TaskStatus.FAILURE
    assert gates.ready_loop[7] == 1030 + REFUSED_LOOPS
