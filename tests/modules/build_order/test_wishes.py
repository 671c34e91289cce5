"""What a build wants: its opening in order, then workers, bases, army, and fighters first when it burns."""

from __future__ import annotations

from dataclasses import replace

from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U

from modules.build_order.builds import builds_of
from modules.build_order.conditions import Facts
from modules.build_order.planner import Fill, Wish
from modules.build_order.wishes import Situation, opening_wishes, wishes
from modules.items import TOWNHALLS, Item
from tests.modules.support import catalogue

TERRAN, ZERG, PROTOSS = (catalogue(race) for race in (Race.Terran, Race.Zerg, Race.Protoss))
REAPER = builds_of(Race.Terran)["reaper_expand"]
ROACH = builds_of(Race.Zerg)["roach_timing"]
GATE = builds_of(Race.Protoss)["gate_expand"]
START = Situation(have={U.SCV: 12, U.COMMANDCENTER: 1}, finished={U.SCV: 12, U.COMMANDCENTER: 1})


def items(found: list[Wish | Fill]) -> list[Item | str]:
    return [wish.item if isinstance(wish, Wish) else "army" for wish in found]


def test_an_opening_is_wished_in_its_order() -> None:
    found = [wish.item for wish in opening_wishes(REAPER, START, TERRAN)]
    assert found[:4] == [U.SUPPLYDEPOT, U.BARRACKS, U.REFINERY, U.REAPER]


def test_a_step_waits_for_its_supply() -> None:
    depot = opening_wishes(REAPER, START, TERRAN)[0]
    assert depot.not_before == 2 * 272
    assert opening_wishes(REAPER, replace(START, supply_used=14), TERRAN)[0].not_before == 0


def test_what_stands_is_not_wished_again() -> None:
    now = replace(START, have={**START.have, U.SUPPLYDEPOT: 1}, supply_used=15)
    assert opening_wishes(REAPER, now, TERRAN)[0].item is U.BARRACKS


def test_an_opening_does_not_make_lost_fighters_again() -> None:
    done = {step.item: 9 for step in REAPER.opening} | {U.SCV: 22, U.COMMANDCENTER: 2}
    lost = replace(START, have={**done, U.REAPER: 0}, made={U.REAPER: 1})
    assert opening_wishes(REAPER, lost, TERRAN) == []


def test_zerg_drones_up_between_the_steps() -> None:
    now = Situation(have={U.DRONE: 12, U.HATCHERY: 1, U.OVERLORD: 1})
    found = [(wish.item, wish.count) for wish in opening_wishes(ROACH, now, ZERG)]
    assert found[:4] == [(U.DRONE, 13), (U.OVERLORD, 2), (U.DRONE, 16), (U.HATCHERY, 2)]


def test_drones_that_became_structures_are_counted() -> None:
    have = {U.DRONE: 16, U.HATCHERY: 2, U.OVERLORD: 2}
    found = [(wish.item, wish.count) for wish in opening_wishes(ROACH, Situation(have=have), ZERG)]
    # 17 drones, one became the hatchery; two more make supply 18 for the extractor
    assert (U.DRONE, 18) in found


def test_workers_come_first_while_the_target_is_not_reached() -> None:
    now = replace(START, opening_over=True, workers=15)
    assert wishes(REAPER, now, TERRAN)[0] == Wish(U.SCV, 16, latest=272)


def test_no_base_left_is_the_first_wish() -> None:
    assert items(wishes(REAPER, replace(START, bases=0), TERRAN))[0] is U.COMMANDCENTER


def test_in_an_emergency_there_are_no_bases_and_fighters_before_more_workers() -> None:
    now = replace(START, opening_over=True, workers=20, emergency=True, minerals=2000.0)
    found = items(wishes(REAPER, now, TERRAN))
    assert not set(found) & TOWNHALLS
    assert found.index("army") < [i for i, x in enumerate(found) if x is U.SCV][1]


def test_there_are_no_more_medivacs_than_marines_to_heal() -> None:
    stand = dict.fromkeys((U.BARRACKS, U.FACTORY, U.STARPORT, U.FACTORYTECHLAB), 1)
    few = {**START.have, **stand, U.MARINE: 2, U.MEDIVAC: 3}
    now = replace(START, opening_over=True, have=few, finished=few)
    for case in (now, replace(now, emergency=True), replace(now, alarm=True)):
        fills = [wish for wish in wishes(REAPER, case, TERRAN) if isinstance(wish, Fill)]
        assert fills
        assert all(U.MEDIVAC not in fill.ratio for fill in fills)
    many = replace(now, have={**few, U.MARINE: 24})
    assert any(U.MEDIVAC in w.ratio for w in wishes(REAPER, many, TERRAN) if isinstance(w, Fill))


def test_under_alarm_fighters_come_before_workers_and_supply_before_it_is_short() -> None:
    now = replace(START, alarm=True, supply_used=20, supply_coming=23)
    found = items(wishes(REAPER, now, TERRAN))
    assert found.index(U.SUPPLYDEPOT) < found.index("army") < found.index(U.SCV)
    plenty = wishes(REAPER, replace(now, supply_coming=31), TERRAN)
    assert not any(isinstance(wish, Wish) and wish.note == "supply for fighters" for wish in plenty)


def test_under_attack_what_can_be_made_now_is_made_whatever_the_army_is_to_be() -> None:
    now = Situation(
        have={U.DRONE: 18, U.HATCHERY: 2, U.SPAWNINGPOOL: 1},
        finished={U.DRONE: 18, U.HATCHERY: 2, U.SPAWNINGPOOL: 1},
        workers=18,
        emergency=True,
    )
    assert next(w for w in wishes(ROACH, now, ZERG) if isinstance(w, Fill)).ratio == {U.ZERGLING: 1.0}
    ready = replace(now, finished={**now.finished, U.ROACHWARREN: 1})
    assert next(w for w in wishes(ROACH, ready, ZERG) if isinstance(w, Fill)).ratio == {U.ROACH: 1}


def zerg_under_alarm(**have: int) -> Situation:
    stands = {U.DRONE: 24, U.HATCHERY: 2, U.SPAWNINGPOOL: 1, **{U[name.upper()]: count for name, count in have.items()}}
    return Situation(have=stands, finished=stands, workers=24, ready_bases=2, bases=2, alarm=True, opening_over=True)


def test_zerg_goes_on_under_an_alarm_once_its_army_is_large_enough() -> None:
    assert Wish(U.DRONE, 29) not in wishes(ROACH, zerg_under_alarm(zergling=8), ZERG)
    many = wishes(ROACH, zerg_under_alarm(zergling=16, queen=2), ZERG)
    assert Wish(U.DRONE, 29) in many
    # What is seen of the enemy counts: more of it wants more zerglings.
    seen = replace(zerg_under_alarm(zergling=16, queen=2), facts=Facts(seen={U.ZERGLING: 24, U.DRONE: 30}))
    assert Wish(U.DRONE, 29) not in wishes(ROACH, seen, ZERG)


def test_zerg_spends_under_alarm_what_larvae_cannot() -> None:
    now = replace(zerg_under_alarm(zergling=4), minerals=700.0, facts=Facts(vespene=100.0))
    for situation in (now, replace(now, emergency=True)):
        found = items(wishes(ROACH, situation, ZERG))
        assert found.index("army") < found.index(U.ROACHWARREN) < found.index(U.QUEEN) < found.index(U.SPINECRAWLER)


def test_the_next_base_comes_at_the_builds_worker_count() -> None:
    now = replace(START, opening_over=True, bases=2, ready_bases=2, workers=39)
    assert U.COMMANDCENTER not in items(wishes(REAPER, now, TERRAN))
    assert U.COMMANDCENTER in items(wishes(REAPER, replace(now, workers=40), TERRAN))


def test_minerals_that_pile_up_become_production() -> None:
    now = replace(START, opening_over=True, bases=2, ready_bases=2, workers=42, finished={U.BARRACKS: 5})
    few = [w for w in wishes(REAPER, now, TERRAN) if isinstance(w, Wish) and w.item is U.BARRACKS]
    rich = replace(now, minerals=800.0)
    many = [w for w in wishes(REAPER, rich, TERRAN) if isinstance(w, Wish) and w.item is U.BARRACKS]
    assert max(w.count for w in many) > max(w.count for w in few)


def test_protoss_without_room_wants_a_pylon() -> None:
    now = replace(START, opening_over=True, have={U.PYLON: 2}, no_room=frozenset({U.GATEWAY}))
    assert Wish(U.PYLON, 3, "room to build") in wishes(GATE, now, PROTOSS)


def test_one_addon_at_a_time() -> None:
    finished = {U.BARRACKS: 3, U.COMMANDCENTER: 2}
    now = replace(START, opening_over=True, bases=2, ready_bases=2, workers=40, finished=finished)
    found = [w for w in wishes(REAPER, now, TERRAN) if isinstance(w, Wish) and w.note == "add-on"]
    assert [(w.item, w.count) for w in found] == [(U.BARRACKSTECHLAB, 1)]
    building = replace(now, have={U.BARRACKSTECHLAB: 1})
    assert not [w for w in wishes(REAPER, building, TERRAN) if isinstance(w, Wish) and w.note == "add-on"]


def test_protoss_builds_the_first_steps_before_one_more_probe() -> None:
    now = Situation(have={U.PROBE: 14, U.NEXUS: 1}, finished={U.PROBE: 14, U.NEXUS: 1}, workers=14, supply_used=14)
    assert items(wishes(GATE, now, PROTOSS))[:2] == [U.PYLON, U.PROBE]
    assert items(wishes(GATE, replace(now, supply_used=13, workers=13), PROTOSS))[:2] == [U.PROBE, U.PYLON]


def test_a_later_step_does_not_come_before_an_earlier_one_that_waits() -> None:
    build = builds_of(Race.Protoss)["proxy_gates"]
    have = {U.PROBE: 20, U.NEXUS: 1, U.PYLON: 2, U.GATEWAY: 2, U.ASSIMILATOR: 1}
    near = {(U.PYLON, "proxy"): 1, (U.GATEWAY, "proxy"): 2}
    now = Situation(have=have, finished=have, near=near, workers=20, supply_used=22)
    found = items(wishes(build, now, PROTOSS))
    assert found.index(U.ZEALOT) < found.index(U.CYBERNETICSCORE)


def gateways(**army: int) -> Situation:
    have: dict[Item, int] = {
        U.PROBE: 46, U.NEXUS: 2, U.PYLON: 6, U.GATEWAY: 4, U.CYBERNETICSCORE: 1, U.ASSIMILATOR: 3,
        **{U[name.upper()]: count for name, count in army.items()},
    }  # fmt: skip
    return Situation(
        have=have, finished=have, workers=46, bases=2, ready_bases=2, supply_used=70, opening_over=True,
        facts=Facts(loop=6000, supply=70, workers=46, bases=2),
    )  # fmt: skip


def test_a_third_nexus_waits_for_fighters() -> None:
    assert U.NEXUS not in items(wishes(GATE, gateways(stalker=6), PROTOSS))
    safe = gateways(stalker=13)
    assert U.NEXUS in items(wishes(GATE, safe, PROTOSS))
    marines = replace(safe, facts=replace(safe.facts, seen={U.MARINE: 22}))
    assert U.NEXUS not in items(wishes(GATE, marines, PROTOSS))


def test_shield_batteries_stand_beside_fighters_against_an_early_attack() -> None:
    for now in (replace(gateways(stalker=3), alarm=True), replace(gateways(stalker=3), emergency=True)):
        assert Wish(U.SHIELDBATTERY, 4, "battery") in wishes(GATE, now, PROTOSS)
    assert U.SHIELDBATTERY not in items(wishes(GATE, replace(gateways(), alarm=True), PROTOSS))


def test_protoss_goes_on_under_an_alarm_with_enough_army() -> None:
    few, enough = (replace(gateways(zealot=count), alarm=True, workers=24) for count in (5, 7))
    assert U.ROBOTICSFACILITY not in items(wishes(GATE, few, PROTOSS))
    assert U.ROBOTICSFACILITY in items(wishes(GATE, enough, PROTOSS))
