"""The planner: prerequisites first, money and supply never overdrawn, greater wishes never pushed back."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from modules.build_order.planner import Fill, Maker, PlanState, Step, Wish, larva_times, plan
from modules.items import Catalogue, counts_as
from tests.modules.support import RACES, catalogue

TERRAN = catalogue(Race.Terran)
ZERG = catalogue(Race.Zerg)
PROTOSS = catalogue(Race.Protoss)
FIGHTER = {Race.Terran: U.MARINE, Race.Zerg: U.ZERGLING, Race.Protoss: U.ZEALOT}


def start(race: Race, minerals: float = 50.0, **changes: object) -> PlanState:
    """The first moment of a game."""
    known = catalogue(race)
    have = {known.worker: 12, known.townhall: 1}
    if race == Race.Zerg:
        have[U.OVERLORD] = 1
    values = {
        "minerals": minerals,
        "mineral_rate": 12 * 0.0425,
        "supply_used": 12,
        "supply_cap": 14 if race == Race.Zerg else 15,
        "have": have,
        "makers": (Maker(known.townhall),),
        "larvae": larva_times(3, [240], 240, 2000) if race == Race.Zerg else (),
        "workers": 12,
    }
    return PlanState(**{**values, **changes})  # type: ignore[arg-type]


def names(steps: list[Step]) -> list[str]:
    return [step.item.name for step in steps]


def test_a_marine_needs_a_depot_and_a_barracks_first() -> None:
    steps = plan(start(Race.Terran), [Wish(U.MARINE)], TERRAN)
    assert names(steps) == ["SUPPLYDEPOT", "BARRACKS", "MARINE"]
    depot, barracks, marine = steps
    assert barracks.start >= depot.ready
    assert marine.start >= barracks.ready


def test_a_marauder_needs_gas_and_a_tech_lab_too() -> None:
    steps = plan(start(Race.Terran), [Wish(U.MARAUDER)], TERRAN)
    assert {"SUPPLYDEPOT", "REFINERY", "BARRACKS", "BARRACKSTECHLAB"} <= set(names(steps))
    assert steps[-1].item is U.MARAUDER
    assert steps[-1].start >= next(s.ready for s in steps if s.item is U.BARRACKSTECHLAB)


def test_roaches_bring_their_whole_tech_with_them() -> None:
    steps = plan(start(Race.Zerg), [Wish(U.ROACH, 2)], ZERG)
    assert {"SPAWNINGPOOL", "ROACHWARREN", "EXTRACTOR"} <= set(names(steps))
    assert names(steps)[-1] == "ROACH"


def test_supply_is_there_before_what_needs_it() -> None:
    state = start(Race.Protoss, 2000.0, supply_used=15)
    steps = plan(state, [Wish(U.PROBE, 14)], PROTOSS)
    assert names(steps)[0] == "PYLON"
    assert steps[1].start >= steps[0].ready


def test_supply_is_not_built_long_before_it_is_needed() -> None:
    state = start(Race.Terran, 2000.0, supply_used=12)
    steps = plan(state, [Wish(U.SCV, 20)], TERRAN)
    depot = next(step for step in steps if step.item is U.SUPPLYDEPOT)
    fourth = [step for step in steps if step.item is U.SCV][3]
    assert depot.start > 0
    assert depot.ready <= fourth.start
    assert fourth.start - depot.ready <= 272


def test_what_exists_or_comes_is_not_ordered_again() -> None:
    state = start(Race.Terran, coming=((U.SUPPLYDEPOT, 100),), locked=((U.BARRACKS, 0.0),))
    steps = plan(state, [Wish(U.SUPPLYDEPOT), Wish(U.BARRACKS)], TERRAN)
    assert [(s.item, s.locked) for s in steps] == [(U.BARRACKS, True)]


def test_what_is_on_its_way_serves_as_a_requirement_whatever_the_order() -> None:
    state = start(Race.Terran, 500.0, locked=((U.BARRACKS, 600.0), (U.BARRACKS, 700.0), (U.SUPPLYDEPOT, 20.0)))
    steps = plan(state, [], TERRAN)
    assert sorted(names(steps)) == ["BARRACKS", "BARRACKS", "SUPPLYDEPOT"]
    assert all(step.locked for step in steps)


def test_the_price_of_what_is_on_its_way_is_free_until_its_worker_is_there() -> None:
    state = start(
        Race.Terran, 150.0, have={U.SCV: 12, U.COMMANDCENTER: 1, U.SUPPLYDEPOT: 1}, locked=((U.BARRACKS, 900.0),)
    )
    scv = next(step for step in plan(state, [Wish(U.SCV, 13)], TERRAN) if step.item is U.SCV)
    assert scv.start == 0


def test_a_slot_makes_something_short_before_what_it_is_kept_for() -> None:
    makers = (Maker(U.BARRACKS),)
    have = {U.SCV: 20, U.COMMANDCENTER: 1, U.SUPPLYDEPOT: 2, U.BARRACKS: 1}
    state = start(Race.Terran, 100.0, gas=0.0, gas_rate=0.1, supply_cap=40, makers=makers, have=have, workers=20)
    steps = plan(state, [Wish(U.BARRACKSREACTOR, 1), Fill({U.MARINE: 1}, {}, within=100)], TERRAN)
    assert [step.item for step in steps] == [U.BARRACKSREACTOR, U.MARINE]
    assert steps[1].ready <= steps[0].start


def test_an_orbital_command_counts_as_a_command_center() -> None:
    state = start(Race.Terran, have={U.SCV: 12, U.ORBITALCOMMAND: 1, U.COMMANDCENTER: 1})
    assert plan(state, [Wish(U.COMMANDCENTER, 1)], TERRAN) == []


def test_nothing_is_planned_that_cannot_be_paid_for_ever() -> None:
    assert plan(start(Race.Terran, 0.0, mineral_rate=0.0), [Wish(U.SCV, 13)], TERRAN) == []


def test_without_workers_only_what_exists_produces() -> None:
    state = start(Race.Terran, 400.0, workers=0, mineral_rate=0.0, have={U.COMMANDCENTER: 1})
    assert names(plan(state, [Wish(U.BARRACKS), Wish(U.SCV, 1)], TERRAN)) == ["SCV"]


def test_an_upgrade_waits_for_the_one_before_it() -> None:
    state = start(Race.Terran, 3000.0, gas=3000.0, gas_rate=0.1, workers=16)
    steps = plan(state, [Wish(UpgradeId.TERRANINFANTRYWEAPONSLEVEL2)], TERRAN)
    found = {step.item: step for step in steps}
    first, second = found[UpgradeId.TERRANINFANTRYWEAPONSLEVEL1], found[UpgradeId.TERRANINFANTRYWEAPONSLEVEL2]
    assert second.start >= first.ready
    assert second.start >= found[U.ARMORY].ready


def test_army_fills_every_slot_in_the_wanted_ratio() -> None:
    makers = [Maker(U.BARRACKS, 0, techlab=True, addon=True), Maker(U.BARRACKS), Maker(U.BARRACKS)]
    state = start(
        Race.Terran,
        5000.0,
        gas=1000.0,
        gas_rate=0.1,
        supply_cap=100,
        makers=makers,
        have={U.SCV: 12, U.COMMANDCENTER: 1, U.BARRACKS: 3, U.BARRACKSTECHLAB: 1},
    )
    steps = plan(state, [Fill({U.MARINE: 2, U.MARAUDER: 1}, {}, within=100)], TERRAN)
    assert Counter(names(steps)) == {"MARINE": 2, "MARAUDER": 1}
    assert all(step.start == 0 for step in steps)


def test_a_fill_leaves_out_what_has_no_tech_yet() -> None:
    state = start(Race.Zerg, 1000.0, have={U.DRONE: 12, U.HATCHERY: 1, U.SPAWNINGPOOL: 1, U.OVERLORD: 1})
    steps = plan(state, [Fill({U.ROACH: 1, U.ZERGLING: 1}, {}, within=10)], ZERG)
    assert set(names(steps)) <= {"ZERGLING", "OVERLORD"}
    assert "ZERGLING" in names(steps)


def test_no_supply_is_planned_for_fighters_that_come_too_late_in_spite_of_it() -> None:
    state = start(
        Race.Protoss,
        60.0,
        mineral_rate=0.15,
        supply_used=23,
        supply_cap=23,
        have={U.PROBE: 20, U.NEXUS: 1, U.PYLON: 1, U.GATEWAY: 1},
        makers=(Maker(U.GATEWAY),),
        workers=20,
    )
    fill = Fill({U.ZEALOT: 1}, {}, within=700)
    assert plan(state, [fill], PROTOSS) == []
    # The money and supply of the Pylon that was taken back are there for what follows.
    after = [Wish(U.FORGE), Wish(U.ZEALOT, 1)]
    assert plan(state, [fill, *after], PROTOSS) == plan(state, after, PROTOSS)
    rich = dataclasses.replace(state, minerals=300.0)
    assert names(plan(rich, [Fill({U.ZEALOT: 1}, {}, within=700, most=1)], PROTOSS)) == ["PYLON", "ZEALOT"]


def test_larvae_limit_zerg() -> None:
    state = start(Race.Zerg, 5000.0, supply_cap=100)
    steps = plan(state, [Wish(U.DRONE, 18)], ZERG)
    assert [step.start for step in steps[:4]] == [0, 0, 0, 240]


def test_planning_is_fast_enough_for_a_long_list() -> None:
    import time

    state = start(Race.Terran, 500.0, supply_cap=15)
    wishes = [Wish(U.SCV, 22), Wish(U.ORBITALCOMMAND), Wish(U.COMMANDCENTER, 2), Wish(U.BARRACKS, 3)]
    best = math.inf
    for _ in range(3):
        begun = time.perf_counter()
        plan(state, [*wishes, Fill({U.MARINE: 3, U.MARAUDER: 1}, {})], TERRAN)
        best = min(best, time.perf_counter() - begun)
    assert best < 0.1  # typically 1 ms; the bound only catches blow-ups


# -- properties -----------------------------------------------------------------------------------


def balances(state: PlanState, steps: list[Step], known: Catalogue) -> list[tuple[float, float]]:
    """Bank of minerals and gas right after every start, with the income of the state alone."""
    found = []
    spent_m = spent_g = 0.0
    gas = [(s.ready, 3 * 0.0397) for s in steps if s.item == known.gas]
    for step in sorted(steps, key=lambda s: s.start):
        spent_m += known[step.item].minerals
        spent_g += known[step.item].gas
        flow = sum(rate * max(0.0, step.start - ready) for ready, rate in gas)
        found.append(
            (
                state.minerals + state.mineral_rate * step.start - spent_m,
                state.gas + state.gas_rate * step.start + flow - spent_g,
            )
        )
    return found


def wishes_of(known: Catalogue) -> st.SearchStrategy[list[Wish]]:
    items = [item for item in known if item in WANTED or isinstance(item, UpgradeId)]
    one = st.builds(Wish, st.sampled_from(items), st.integers(1, 6))
    return st.lists(one, min_size=1, max_size=8)


WANTED = {
    U.SCV, U.MARINE, U.MARAUDER, U.REAPER, U.HELLION, U.BARRACKS, U.FACTORY, U.COMMANDCENTER, U.ORBITALCOMMAND,
    U.REFINERY, U.SUPPLYDEPOT, U.BARRACKSREACTOR, U.BARRACKSTECHLAB, U.SIEGETANK,
    U.PROBE, U.ZEALOT, U.STALKER, U.SENTRY, U.NEXUS, U.GATEWAY, U.PYLON, U.ASSIMILATOR, U.IMMORTAL,
    U.DRONE, U.ZERGLING, U.ROACH, U.QUEEN, U.HATCHERY, U.EXTRACTOR, U.OVERLORD, U.LAIR, U.SPINECRAWLER,
}  # fmt: skip


@st.composite
def situations(draw: st.DrawFn) -> tuple[Catalogue, PlanState, list[Wish]]:
    race = draw(st.sampled_from(RACES))
    known = catalogue(race)
    state = start(
        race,
        draw(st.floats(0, 2000)),
        gas=draw(st.floats(0, 500)),
        mineral_rate=draw(st.floats(0, 1.5)),
        gas_rate=draw(st.sampled_from([0.0, 0.12, 0.24])),
    )
    return known, state, draw(wishes_of(known))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(situations())
def test_the_bank_is_never_overdrawn(situation: tuple[Catalogue, PlanState, list[Wish]]) -> None:
    known, state, wishes = situation
    for minerals, gas in balances(state, plan(state, wishes, known), known):
        assert minerals >= -1.0
        assert gas >= -1.0


@settings(max_examples=150, deadline=None, derandomize=True)
@given(situations())
def test_prerequisites_are_finished_before_what_needs_them(
    situation: tuple[Catalogue, PlanState, list[Wish]],
) -> None:
    known, state, wishes = situation
    steps = plan(state, wishes, known)
    for step in steps:
        for needed in known[step.item].requires:
            ready = [
                other.ready
                for other in steps
                if other.item == needed or (isinstance(other.item, U) and needed in counts_as(other.item))
            ]
            assert state.have.get(needed, 0) or min(ready, default=math.inf) <= step.start


@settings(max_examples=150, deadline=None, derandomize=True)
@given(situations())
def test_supply_never_exceeds_what_is_given(situation: tuple[Catalogue, PlanState, list[Wish]]) -> None:
    known, state, wishes = situation
    steps = plan(state, wishes, known)
    used = state.supply_used
    for step in sorted(steps, key=lambda s: (s.start, known[s.item].supply)):
        facts = known[step.item]
        used += facts.supply
        if known.race == Race.Zerg and facts.makers[0] == U.DRONE:
            used -= 1
        cap = state.supply_cap + sum(known[o.item].provides for o in steps if o.ready <= step.start)
        if facts.supply > 0:
            assert used <= cap


@settings(max_examples=100, deadline=None, derandomize=True)
@given(situations(), st.integers(0, 5))
def test_a_lesser_wish_never_delays_a_greater_one(
    situation: tuple[Catalogue, PlanState, list[Wish]], index: int
) -> None:
    known, state, wishes = situation
    alone = plan(state, wishes, known)
    fighters = Fill({FIGHTER[known.race]: 1}, {}, within=640)
    more = plan(state, [*wishes, Wish(known.worker, 12 + index), fighters, Wish(known.townhall, 2)], known)
    assert more[: len(alone)] == alone


@pytest.mark.parametrize("race", RACES)
def test_every_unit_can_be_planned_from_nothing(race: Race) -> None:
    known = catalogue(race)
    for item, facts in known.items():
        if facts.minerals <= 0 or item in (U.LOCUSTMPFLYING, U.AUTOTURRET):
            continue
        state = start(race, 5000.0, gas=5000.0, gas_rate=0.1, supply_cap=100, workers=30)
        steps = plan(state, [Wish(item, 100)], known)
        assert any(step.item == item for step in steps), item


@settings(max_examples=100, deadline=None, derandomize=True)
@given(situations())
def test_a_townhall_makes_one_thing_at_a_time(situation: tuple[Catalogue, PlanState, list[Wish]]) -> None:
    known, state, wishes = situation
    steps = plan(state, [*wishes, Wish(known.worker, 22)], known)
    made = [s for s in steps if known[s.item].makers[0] is known.townhall]
    halls = [0.0] + [s.ready for s in steps if s.item is known.townhall]
    for step in made:
        at_once = sum(other.start <= step.start < other.ready for other in made)
        assert at_once <= sum(ready <= step.start for ready in halls)
