"""Who casts what at whom, and who keeps out of what."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sc2.ids.ability_id import AbilityId as A
from sc2.ids.effect_id import EffectId
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.core.upc import Command
from modules.micro.behaviours import Scene, Squad
from modules.micro.casting import WAIT_LOOPS, Cast, Casting
from modules.micro.dodge import dangers, dodge
from modules.micro.field import KEEP, MOVE, UNDECIDED
from modules.micro.spells import SPELLS, STANCES
from tests.modules.micro.battles import fighter, scene, squad

ALL = frozenset(spell.needs for spell in SPELLS if spell.needs is not None)


def cast(of: Scene, caster: Casting | None = None, loop: int = 1000, command: Command = Command.ATTACK) -> list[Cast]:
    return (caster or Casting()).decide(of, [squad(of, command)], loop, ALL)


def zealots(count: int, x: float = 26.0) -> list[Any]:
    return [fighter(100 + n, U.ZEALOT, x, 30 + 0.8 * n, enemy=True) for n in range(count)]


def roaches(count: int, x: float = 26.0) -> list[Any]:
    return [fighter(200 + n, U.ROACH, x, 30 + 0.8 * n, enemy=True) for n in range(count)]


def test_marines_stim_once_when_fighters_are_near_and_only_when_healthy() -> None:
    fight = scene(fighter(1, U.MARINE, 20, 32), fighter(2, U.MARINE, 20, 31, health=20), *zealots(2, 24.0))
    caster = Casting()
    (stim,) = cast(fight, caster)
    assert (stim.row, stim.ability) == (0, A.EFFECT_STIM_MARINE)
    assert fight.decisions.kind.tolist() == [KEEP, UNDECIDED]
    again = scene(fighter(1, U.MARINE, 20, 32), *zealots(2, 24.0))
    assert cast(again, caster, loop=1100) == []
    assert len(cast(scene(fighter(1, U.MARINE, 20, 32), *zealots(2, 24.0)), caster, loop=1300)) == 1


def test_nothing_is_cast_without_its_upgrade_at_a_distance_or_on_the_march() -> None:
    near = scene(fighter(1, U.MARINE, 20, 32), *zealots(2, 24.0))
    assert Casting().decide(near, [squad(near)], 1000, frozenset()) == []
    assert cast(scene(fighter(1, U.MARINE, 20, 32), *zealots(2, 34.0))) == []
    assert cast(scene(fighter(1, U.MARINE, 20, 32), *zealots(2, 24.0)), command=Command.MOVE) == []


def test_two_templar_do_not_storm_the_same_place() -> None:
    templar = [fighter(tag, U.HIGHTEMPLAR, 20, 31 + tag, energy=80) for tag in (1, 2)]
    both = cast(scene(*templar, *roaches(3)))
    assert len(both) == 1
    far = [fighter(300 + n, U.ROACH, 26, 38 + 0.8 * n, enemy=True) for n in range(3)]
    two = cast(scene(*templar, *roaches(3), *far))
    assert len(two) == 2
    assert {round(c.place.y) for c in two if c.place is not None} == {31, 39}
    assert cast(scene(fighter(1, U.HIGHTEMPLAR, 20, 32, energy=70), *roaches(3))) == []


def test_nobody_storms_their_own() -> None:
    ours = [fighter(10 + n, U.ZEALOT, 25.2, 30 + 0.8 * n) for n in range(3)]
    assert cast(scene(fighter(1, U.HIGHTEMPLAR, 20, 32, energy=80), *ours, *roaches(3))) == []


def test_feedback_hits_the_one_with_most_energy() -> None:
    (feedback,) = cast(
        scene(
            fighter(1, U.HIGHTEMPLAR, 20, 32, energy=60),
            fighter(7, U.INFESTOR, 26, 32, enemy=True, energy=80),
            fighter(8, U.INFESTOR, 26, 34, enemy=True, energy=150),
        )
    )
    assert (feedback.ability, feedback.target) == (A.FEEDBACK_FEEDBACK, 8)


def test_a_queen_mends_the_worst_hurt_and_not_herself() -> None:
    (mend,) = cast(
        scene(
            fighter(1, U.QUEEN, 20, 32, energy=60, health=40),
            fighter(2, U.ROACH, 22, 32, health=60),
            fighter(3, U.QUEEN, 22, 34, health=50),
            *zealots(1),
        )
    )
    assert (mend.row, mend.target) == (0, 3)


def test_one_guardian_shield_is_enough() -> None:
    sentries = [fighter(tag, U.SENTRY, 20, 31 + tag, energy=100) for tag in (1, 2)]
    assert len(cast(scene(*sentries, *roaches(4)))) == 1
    assert A.GUARDIANSHIELD_GUARDIANSHIELD not in [c.ability for c in cast(scene(*sentries, *zealots(4)))]


def test_a_caster_under_way_is_left_alone() -> None:
    order = [{"ability_id": A.PSISTORM_PSISTORM.value}]
    fight = scene(fighter(1, U.HIGHTEMPLAR, 20, 32, energy=200, orders=order), *roaches(3))
    assert cast(fight) == []
    assert fight.decisions.kind[0] == KEEP


@pytest.mark.parametrize(("x", "down"), [(30.0, True), (40.0, False), (22.0, False)])
def test_tanks_siege_within_their_range_and_not_with_the_enemy_upon_them(x: float, down: bool) -> None:
    fight = scene(fighter(1, U.SIEGETANK, 20, 32), *roaches(2, x))
    assert [c.ability for c in cast(fight)] == ([A.SIEGEMODE_SIEGEMODE] if down else [])


def test_tanks_get_up_some_time_after_the_last_enemy() -> None:
    caster = Casting()
    empty = scene(fighter(1, U.SIEGETANKSIEGED, 20, 32))
    assert cast(empty, caster) == []
    assert cast(scene(fighter(1, U.SIEGETANKSIEGED, 20, 32), *roaches(2, 32.0)), caster, loop=1030) == []
    assert cast(empty, caster, loop=1060) == []
    (up,) = cast(scene(fighter(1, U.SIEGETANKSIEGED, 20, 32)), caster, loop=1110)
    assert up.ability is A.UNSIEGE_UNSIEGE


def test_liberators_leave_a_zone_that_the_enemy_has_left() -> None:
    caster = Casting()
    (down,) = cast(scene(fighter(1, U.LIBERATOR, 20, 32, is_flying=True), *roaches(2, 28.0)), caster)
    assert down.ability is A.MORPH_LIBERATORAGMODE
    for loop, x, ups in ((1100, 29.0, 0), (1110, 20.0, 0), (1190, 20.0, 1)):
        assert len(cast(scene(fighter(1, U.LIBERATORAG, 20, 32, is_flying=True), *roaches(2, x)), caster, loop)) == ups


def test_tanks_wait_in_position_at_the_rally_point() -> None:
    caster = Casting()
    fight = scene(fighter(1, U.SIEGETANK, 20, 32))
    there = Squad("main", Command.MOVE, 21.0, 32.0, 5.0, (5.0, 32.0), np.arange(1), 1, 0.0, waits=True)
    assert caster.decide(fight, [there], 1000, ALL) == []
    (down,) = caster.decide(fight, [there], 1000 + WAIT_LOOPS, ALL)
    assert down.ability is A.SIEGEMODE_SIEGEMODE
    sieged = scene(fighter(1, U.SIEGETANKSIEGED, 20, 32))
    assert caster.decide(sieged, [there], 3000, ALL) == []


def test_every_spell_names_a_caster_with_energy_or_a_cooldown() -> None:
    assert all(spell.energy > 0 or spell.cooldown > 0 for spell in SPELLS)
    assert len({(spell.caster, spell.ability) for spell in SPELLS}) == len(SPELLS)
    assert len({stance.moving for stance in STANCES}) == len(STANCES)
    assert UpgradeId.STIMPACK in ALL


def effect(kind: EffectId, x: float, y: float, alliance: int = 4) -> Any:
    return SimpleNamespace(id=kind, positions={(x, y)}, alliance=alliance, radius=0.0)


def test_units_walk_out_of_storms_whoever_made_them_and_others_stay() -> None:
    fight = scene(fighter(1, U.MARINE, 20, 32), fighter(2, U.MARINE, 25, 32))
    dodge(fight, dangers([effect(EffectId.PSISTORMPERSISTENT, 20.5, 32, alliance=1)], fight))
    assert fight.decisions.kind.tolist() == [MOVE, UNDECIDED]
    assert np.hypot(fight.decisions.x[0] - 20.5, fight.decisions.y[0] - 32) > 1.9
    assert fight.decisions.by[0] == "dodge"


def test_flyers_do_not_mind_what_hits_the_ground_and_our_own_liberators_harm_nobody() -> None:
    fight = scene(fighter(1, U.VIKINGFIGHTER, 20, 32, is_flying=True), fighter(2, U.MARINE, 20, 32))
    zone = EffectId.LIBERATORTARGETMORPHPERSISTENT
    dodge(fight, dangers([effect(zone, 20.0, 33.0, alliance=1)], fight))
    assert fight.decisions.kind.tolist() == [UNDECIDED, UNDECIDED]
    dodge(fight, dangers([effect(zone, 20.0, 33.0)], fight))
    assert fight.decisions.kind.tolist() == [UNDECIDED, MOVE]
