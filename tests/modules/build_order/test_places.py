"""Named places, and what the wishes make of structures that belong there."""

from __future__ import annotations

from dataclasses import replace

from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from modules.build_order.builds import builds_of
from modules.build_order.conditions import Facts
from modules.build_order.hooks import one_base_ahead
from modules.build_order.places import places_of
from modules.build_order.planner import Wish
from modules.build_order.wishes import Situation, opening_wishes
from modules.placement.bases import Base
from tests.modules.support import catalogue

PROTOSS = catalogue(Race.Protoss)
CANNONS = builds_of(Race.Protoss)["cannon_rush"]


def base(x: float, y: float, home: float, enemy: float) -> Base:
    return Base(Point2((x, y)), (), home, enemy)


OURS = [base(20, 20, 0, 200), base(40, 20, 25, 180), base(60, 20, 45, 160)]
THEIRS = [base(180, 100, 160, 50), base(160, 180, 180, 25), base(180, 180, 200, 0)]


def test_places_lie_where_their_names_say() -> None:
    enemy = Point2((180, 180))
    places = places_of([*OURS, *THEIRS], enemy, Point2((30, 20)))
    assert places["home"] == OURS[0].position
    assert places["natural"].distance_to(OURS[1].position) < 8
    assert places["enemy natural"].distance_to(THEIRS[1].position) < 8
    assert places["proxy"] == THEIRS[0].position
    assert 5 < places["enemy main"].distance_to(enemy) < 15


def test_without_a_known_enemy_there_are_only_places_of_ours() -> None:
    assert set(places_of([*OURS, *THEIRS], None, None)) == {"home", "natural", "third"}


def start(**changes: object) -> Situation:
    now = Situation(have={U.PROBE: 15, U.NEXUS: 1}, finished={U.PROBE: 15, U.NEXUS: 1}, workers=15, supply_used=17)
    return replace(now, **changes)  # type: ignore[arg-type]


def test_a_pylon_far_away_is_not_the_one_at_home() -> None:
    far = {(U.PYLON, "enemy natural"): 1}
    found = opening_wishes(CANNONS, start(have={U.PROBE: 15, U.NEXUS: 1, U.PYLON: 1}, near=far), PROTOSS)
    assert (found[0].item, found[0].near, found[0].count) == (U.PYLON, "", 2)
    assert all(wish.near != "enemy natural" for wish in found if wish.item is U.PYLON)


def test_what_stands_far_away_is_asked_for_once() -> None:
    have = {U.PROBE: 15, U.NEXUS: 1, U.PYLON: 1}
    found = [wish for wish in opening_wishes(CANNONS, start(have=have), PROTOSS) if wish.item is U.PYLON]
    assert [(wish.near, wish.count) for wish in found] == [("enemy natural", 2), ("enemy main", 3)]


def test_a_step_waits_for_its_condition() -> None:
    cannons = [w for w in opening_wishes(CANNONS, start(), PROTOSS) if w.item is U.PHOTONCANNON]
    assert cannons == []
    ready = start(facts=Facts(finished={U.FORGE: 1}))
    assert [w.count for w in opening_wishes(CANNONS, ready, PROTOSS) if w.item is U.PHOTONCANNON] == [2, 5]


def test_the_hook_takes_a_base_more_than_the_enemy_has() -> None:
    brood_lord = builds_of(Race.Zerg)["brood_lord"]
    now = Situation(bases=2, ready_bases=2, opening_over=True, facts=Facts(seen={U.COMMANDCENTER: 2}))
    zerg = catalogue(Race.Zerg)
    assert one_base_ahead(brood_lord, now, [], zerg) == [Wish(U.HATCHERY, 3, "one base ahead")]
    assert one_base_ahead(brood_lord, replace(now, threatened=True), [], zerg) == []
    assert one_base_ahead(brood_lord, replace(now, bases=3), [], zerg) == []
