"""What each behaviour does with a unit in a plain situation."""

from __future__ import annotations

import numpy as np
import pytest
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.upc import Command
from modules.micro import behaviours as b
from modules.micro.chains import CHAINS, GUIDED, RANGED, STANDING, run_chain
from modules.micro.field import ATTACK_MOVE, ATTACK_UNIT, KEEP, MOVE, UNDECIDED
from tests.modules.micro.battles import GOAL, fighter, scene, squad


def decide(behaviour: b.Behaviour, of: b.Scene, command: Command = Command.ATTACK) -> None:
    behaviour.decide(of, squad(of, command), np.arange(of.field.n))


def ranged(of: b.Scene) -> None:
    run_chain(CHAINS[Command.ATTACK, RANGED], of, squad(of), np.arange(of.field.n))


@pytest.mark.parametrize(
    ("kind", "cooldown", "kept"),
    [(U.MARINE, 13.5, True), (U.MARINE, 9.0, False), (U.MARINE, 0.0, False), (U.STALKER, 27.0, True)],
)
def test_a_weapon_that_winds_up_is_not_disturbed(kind: U, cooldown: float, kept: bool) -> None:
    field = scene(fighter(1, kind, 20, 32, weapon_cooldown=cooldown), fighter(9, U.ZEALOT, 22, 32, enemy=True))
    decide(b.FinishAttack(), field)
    assert (int(field.decisions.kind[0]) == KEEP) is kept


def test_a_loading_marine_steps_back_from_a_zealot_and_a_loaded_one_shoots() -> None:
    loading = scene(fighter(1, U.MARINE, 20, 32, weapon_cooldown=9), fighter(9, U.ZEALOT, 21.2, 32, enemy=True))
    ranged(loading)
    assert loading.decisions.kind[0] == MOVE
    assert loading.decisions.by[0] == "kite"
    assert loading.decisions.x[0] < 18.0
    loaded = scene(fighter(1, U.MARINE, 20, 32), fighter(9, U.ZEALOT, 21.2, 32, enemy=True))
    ranged(loaded)
    assert loaded.decisions.kind[0] == ATTACK_UNIT
    assert loaded.decisions.by[0] == "focus fire"


def test_a_zealot_far_off_or_a_roach_out_of_reach_is_no_reason_to_step_back() -> None:
    far = scene(fighter(1, U.MARINE, 20, 32, weapon_cooldown=9), fighter(9, U.ZEALOT, 25, 32, enemy=True))
    decide(b.Kite(), far)
    assert far.decisions.kind[0] == UNDECIDED
    # a stalker's arms are longer than a marine's: stepping back only costs shots
    longer = scene(fighter(1, U.MARINE, 20, 32, weapon_cooldown=9), fighter(9, U.STALKER, 22, 32, enemy=True))
    decide(b.Kite(), longer)
    assert longer.decisions.kind[0] == UNDECIDED


def test_nobody_kites_into_a_wall() -> None:
    paths = np.ones((64, 64), np.bool_)
    paths[:, :20] = False
    walled = scene(
        fighter(1, U.MARINE, 20.5, 32, weapon_cooldown=9), fighter(9, U.ZEALOT, 21.8, 32, enemy=True), paths=paths
    )
    decide(b.Kite(), walled)
    assert walled.decisions.kind[0] == MOVE
    assert paths[int(walled.decisions.y[0]), int(walled.decisions.x[0])]
    flying = scene(
        fighter(1, U.VOIDRAY, 20.5, 32, weapon_cooldown=7.5, is_flying=True),
        fighter(9, U.HYDRALISK, 21.8, 32, enemy=True),
        paths=paths,
        step_loops=1,
    )
    decide(b.Kite(0.5), flying)
    assert flying.decisions.x[0] < 20.0


def test_the_front_rank_makes_room_for_those_who_cannot_reach_past_it() -> None:
    front, back = fighter(1, U.STALKER, 20, 32, weapon_cooldown=20), fighter(2, U.STALKER, 18.6, 32)
    third, foe = fighter(3, U.STALKER, 18.6, 33), fighter(9, U.MARINE, 26.9, 32, enemy=True)
    crowded = scene(front, back, third, foe)
    decide(b.CloseUp(), crowded)
    assert crowded.decisions.kind.tolist() == [MOVE, UNDECIDED, UNDECIDED]
    assert crowded.decisions.x[0] > 21.0
    hurt = scene(fighter(1, U.STALKER, 20, 32, weapon_cooldown=20, health=20, shield=0), back, third, foe)
    decide(b.CloseUp(), hurt)
    assert hurt.decisions.kind[0] == UNDECIDED
    in_line = scene(front, fighter(2, U.STALKER, 20, 34), fighter(3, U.STALKER, 20, 30), foe)
    decide(b.CloseUp(), in_line)
    assert in_line.decisions.kind[0] == UNDECIDED


def test_fire_is_shared_so_that_nobody_is_killed_twice() -> None:
    marines = [fighter(tag, U.MARINE, 20, 30 + tag) for tag in range(1, 5)]
    lings = [fighter(8 + n, U.ZERGLING, 22, 31 + n, enemy=True, health=12) for n in range(2)]
    fight = scene(*marines, *lings)
    decide(b.FocusFire(), fight)
    assert sorted(fight.decisions.target.tolist()) == [0, 0, 1, 1]


def test_the_dangerous_are_shot_before_the_harmless_and_the_hurt_before_the_whole() -> None:
    fight = scene(
        fighter(1, U.MARINE, 20, 32),
        fighter(7, U.SUPPLYDEPOT, 21, 32, enemy=True),
        fighter(8, U.ZERGLING, 23, 32, enemy=True),
        fighter(9, U.ZERGLING, 24, 32, enemy=True, health=6),
    )
    decide(b.FocusFire(), fight)
    assert fight.field.units.tag[fight.field.foe[fight.decisions.target[0]]] == 9


def test_what_cannot_be_seen_or_hit_is_no_target() -> None:
    fight = scene(
        fighter(1, U.ROACH, 20, 32),
        fighter(7, U.VOIDRAY, 21, 32, enemy=True, is_flying=True),
        fighter(8, U.DARKTEMPLAR, 22, 32, enemy=True, cloak=1),
        fighter(9, U.LARVA, 21, 33, enemy=True),
    )
    decide(b.FocusFire(), fight)
    assert fight.decisions.kind[0] == UNDECIDED
    decide(b.Advance(), fight)
    assert fight.decisions.kind[0] == ATTACK_MOVE
    assert (fight.decisions.x[0], fight.decisions.y[0]) == (GOAL[0], GOAL[1])


def test_melee_fighters_spread_over_the_enemies() -> None:
    lings = [fighter(tag, U.ZERGLING, 20, 30 + 0.8 * tag) for tag in range(1, 7)]
    marines = [fighter(10 + n, U.MARINE, 23, 32 + n, enemy=True) for n in range(3)]
    fight = scene(*lings, *marines)
    decide(b.Charge(), fight)
    counts = np.bincount(fight.decisions.target, minlength=3)
    assert (fight.decisions.kind == ATTACK_UNIT).all()
    assert counts.max() <= 3
    assert counts.min() >= 1


def test_a_badly_hurt_stalker_leaves_while_it_reloads_and_comes_back_to_shoot() -> None:
    others = [fighter(tag, U.STALKER, 20, 28 + tag, weapon_cooldown=20) for tag in (2, 3)]
    foe = fighter(9, U.STALKER, 25, 32, enemy=True)
    hurt = scene(fighter(1, U.STALKER, 20, 32, weapon_cooldown=20, health=30, shield=0), *others, foe)
    decide(b.LeaveHurt(), hurt)
    assert hurt.decisions.kind.tolist() == [MOVE, UNDECIDED, UNDECIDED]
    assert hurt.decisions.x[0] < 20.0
    loaded = scene(fighter(1, U.STALKER, 20, 32, health=30, shield=0), *others, foe)
    decide(b.LeaveHurt(), loaded)
    assert loaded.decisions.kind[0] == UNDECIDED


def test_nobody_runs_from_what_is_faster() -> None:
    others = [fighter(tag, U.MARINE, 20, 28 + tag, weapon_cooldown=10) for tag in (2, 3)]
    fight = scene(
        fighter(1, U.MARINE, 20, 32, weapon_cooldown=10, health=5), *others, fighter(9, U.REAPER, 22, 32, enemy=True)
    )
    decide(b.LeaveHurt(), fight)
    assert fight.decisions.kind[0] == UNDECIDED


def test_medivacs_follow_and_keep_away_from_what_shoots_at_them() -> None:
    army = [fighter(tag, U.MARINE, 20, 30 + tag) for tag in (1, 2, 3)]
    fight = scene(
        *army,
        fighter(4, U.MEDIVAC, 10, 32, is_flying=True),
        fighter(5, U.MEDIVAC, 24, 32, is_flying=True),
        fighter(9, U.STALKER, 29, 32, enemy=True),
    )
    b.StayBehind().decide(fight, squad(fight), np.array([3, 4]))
    assert fight.decisions.kind.tolist()[3:] == [ATTACK_MOVE, MOVE]  # which heals on the way
    assert (fight.decisions.x[3], fight.decisions.y[3]) == (20.0, 32.0)
    assert fight.decisions.x[4] < 24.0


def test_on_the_way_home_a_loaded_weapon_is_fired_unless_they_are_upon_us() -> None:
    alone = scene(fighter(1, U.STALKER, 20, 32), fighter(9, U.ZEALOT, 25, 32, enemy=True))
    decide(b.ShootInPassing(), alone, Command.FLEE)
    assert alone.decisions.kind[0] == ATTACK_UNIT
    upon = scene(fighter(1, U.STALKER, 20, 32), fighter(9, U.ZEALOT, 21.3, 32, enemy=True))
    decide(b.ShootInPassing(), upon, Command.FLEE)
    assert upon.decisions.kind[0] == UNDECIDED


def test_with_nobody_about_every_behaviour_passes_or_walks() -> None:
    for (command, kind), chain in CHAINS.items():
        empty = scene(fighter(1, U.MARINE, 20, 32))
        run_chain(chain, empty, squad(empty, command), np.arange(1))
        assert empty.decisions.kind[0] in ((KEEP,) if kind in (STANDING, GUIDED) else (ATTACK_MOVE, MOVE))
