"""Energy: what Chrono Boost goes to, when orbital commands scan."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from s2clientprotocol import raw_pb2
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.type_facts import TypeFacts
from cherrypy_bot.core.units import UnitTable
from modules.economy.energy import Energy
from tests.modules.production.test_makers import table, unit


def working(tag: int, kind: U, ability: AbilityId, **fields: Any) -> raw_pb2.Unit:
    return unit(tag, kind, orders=((ability, 0.5),), **fields)


@pytest.mark.parametrize(("supply_left", "target"), [(8, 1), (1, 2)])
def test_chrono_boost_is_for_probes_unless_supply_runs_out(supply_left: int, target: int) -> None:
    units = table(
        working(1, U.NEXUS, AbilityId.NEXUSTRAIN_PROBE, energy=60.0),
        working(2, U.GATEWAY, AbilityId.GATEWAYTRAIN_ZEALOT),
    )
    posted: list[Any] = []
    board = SimpleNamespace(post=posted.append, timers=SimpleNamespace(every=lambda *_: True), get=lambda key: None)
    bot = SimpleNamespace(race=Race.Protoss, supply_left=supply_left)
    ctx: Any = SimpleNamespace(units=units, board=board, bot=bot, loop=100)
    energy = Energy()
    energy.on_start(ctx)
    energy.on_step(ctx)
    assert [upc.target for upc in posted] == [target]


def scans(*units: raw_pb2.Unit, seen: frozenset[U] = frozenset()) -> list[AbilityId]:
    """What an orbital command with these units around casts."""
    posted: list[Any] = []
    board = SimpleNamespace(
        post=posted.append, timers=SimpleNamespace(every=lambda *_: True), get=lambda key: dict.fromkeys(seen)
    )
    facts = TypeFacts(max(kind.value for kind in U) + 1)
    patch = unit(50, U.MINERALFIELD, alliance=3, mineral_contents=900)
    whole = UnitTable([*units, patch], facts)
    ctx: Any = SimpleNamespace(units=whole, board=board, bot=SimpleNamespace(race=Race.Terran), loop=100)
    energy = Energy()
    energy.on_start(ctx)
    energy.on_step(ctx)
    energy.on_step(ctx)
    return [upc.state.ability for upc in posted]


def at(kind: U, tag: int, x: float, **fields: Any) -> raw_pb2.Unit:
    made = unit(tag, kind, **fields)
    made.pos.x = x
    return made


MARINES = tuple(at(U.MARINE, 10 + n, 30.0) for n in range(4))
HIDDEN = at(U.DARKTEMPLAR, 20, 33.0, alliance=4, cloak=1)


def test_an_orbital_command_scans_cloaked_enemies_next_to_fighters_once() -> None:
    assert scans(at(U.ORBITALCOMMAND, 1, 0.0, energy=60.0), *MARINES, HIDDEN) == [AbilityId.SCANNERSWEEP_SCAN]


@pytest.mark.parametrize(
    "others",
    [
        (*MARINES[:2], HIDDEN),  # too few to kill it
        (*MARINES, at(U.DARKTEMPLAR, 20, 60.0, alliance=4, cloak=1)),  # too far away
        (*MARINES, at(U.DARKTEMPLAR, 20, 33.0, alliance=4, cloak=2)),  # seen already
        (*MARINES, HIDDEN, at(U.RAVEN, 30, 34.0)),  # about to be seen
    ],
)
def test_no_scan_is_wasted(others: tuple[raw_pb2.Unit, ...]) -> None:
    assert AbilityId.SCANNERSWEEP_SCAN not in scans(at(U.ORBITALCOMMAND, 1, 0.0, energy=60.0), *others)


@pytest.mark.parametrize(("energy", "mules"), [(60.0, 0), (101.0, 1)])
def test_one_scan_is_kept_against_enemies_that_hide(energy: float, mules: int) -> None:
    orbital = at(U.ORBITALCOMMAND, 1, 0.0, energy=energy)
    assert len(scans(orbital, seen=frozenset({U.BANSHEE}))) == mules
    assert len(scans(orbital)) == 1
