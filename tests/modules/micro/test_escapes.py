"""Who gets away with one order, and who stands apart from comrades."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sc2.ids.ability_id import AbilityId as A
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.upc import Command
from modules.micro.behaviours import Scene
from modules.micro.casting import Cast
from modules.micro.escapes import ESCAPES, Escapes
from modules.micro.field import KEEP, MOVE, UNDECIDED
from modules.micro.spread import Split, SteerNova
from tests.modules.micro.battles import HOME, fighter, scene, squad

ALL = frozenset(escape.needs for escape in ESCAPES if escape.needs is not None)


def escapes(of: Scene, who: Escapes | None = None, loop: int = 1000, command: Command = Command.ATTACK) -> list[Cast]:
    return (who or Escapes()).decide(of, [squad(of, command)], loop, ALL)


def foe(kind: U = U.ROACH, x: float = 23.0) -> Any:
    return fighter(9, kind, x, 32, enemy=True)


def hurt(kind: U, health: float = 20.0, **fields: Any) -> Any:
    return fighter(1, kind, 20, 32, health=health, shield=0, **fields)


def test_a_badly_hurt_stalker_blinks_away_from_the_enemy_once() -> None:
    who, fight = Escapes(), scene(hurt(U.STALKER), fighter(2, U.STALKER, 20, 34), foe())
    (blink,) = escapes(fight, who)
    assert (blink.row, blink.ability, blink.by) == (0, A.EFFECT_BLINK_STALKER, "blink back")
    assert blink.place is not None
    assert blink.place[0] < 14.0
    assert fight.decisions.kind.tolist() == [KEEP, UNDECIDED]
    assert escapes(scene(hurt(U.STALKER), foe()), who, loop=1020) == []
    assert len(escapes(scene(hurt(U.STALKER), foe()), who, loop=1400)) == 1


@pytest.mark.parametrize(
    "fight", [(hurt(U.STALKER), foe(x=40.0)), (hurt(U.STALKER, 150.0), foe()), (hurt(U.STALKER), foe(U.OBSERVER))]
)
def test_nobody_blinks_who_is_healthy_or_not_in_danger(fight: tuple[Any, ...]) -> None:
    assert escapes(scene(*fight)) == []


def test_without_the_research_nobody_blinks() -> None:
    fight = scene(hurt(U.STALKER), foe())
    assert Escapes().decide(fight, [squad(fight)], 1000, frozenset()) == []


def test_a_battlecruiser_jumps_home() -> None:
    (jump,) = escapes(scene(hurt(U.BATTLECRUISER, 100.0, health_max=550, is_flying=True), foe(U.HYDRALISK)))
    assert (jump.ability, jump.place) == (A.EFFECT_TACTICALJUMP, HOME)


def test_a_roach_burrows_to_heal_where_nobody_sees_it_and_digs_out_again() -> None:
    (down,) = escapes(scene(hurt(U.ROACH), foe()))
    assert down.ability is A.BURROWDOWN_ROACH
    assert escapes(scene(hurt(U.ROACH), foe(), fighter(8, U.OVERSEER, 24, 32, enemy=True))) == []
    assert escapes(scene(fighter(1, U.ROACHBURROWED, 20, 32, health=40, health_max=145), foe())) == []
    (up,) = escapes(scene(fighter(1, U.ROACHBURROWED, 20, 32, health=140, health_max=145), foe()))
    assert up.ability is A.BURROWUP_ROACH
    seen = fighter(1, U.ROACHBURROWED, 20, 32, health=40, health_max=145)
    assert len(escapes(scene(seen, foe(U.OVERSEER)))) == 1


def test_who_escapes_is_not_called_back() -> None:
    away = scene(hurt(U.STALKER, orders=[{"ability_id": A.EFFECT_BLINK_STALKER.value}]), foe())
    assert escapes(away) == []
    assert away.decisions.kind.tolist() == [KEEP]


def marines(cooldown: float) -> list[Any]:
    return [fighter(tag, U.MARINE, 20, 31 + 0.8 * tag, weapon_cooldown=cooldown) for tag in (1, 2, 3)]


def test_marines_split_before_banelings_while_they_reload() -> None:
    fight = scene(*marines(10.0), foe(U.BANELING, 24.0))
    Split().decide(fight, squad(fight), np.arange(3))
    assert fight.decisions.kind.tolist() == [MOVE] * 3
    ys = fight.decisions.y
    assert ys[2] - ys[0] > 2 * (fight.field.y[2] - fight.field.y[0]) - 1.5
    assert (fight.decisions.x < 20.0).all()


@pytest.mark.parametrize(("kind", "cooldown"), [(U.BANELING, 0.0), (U.ROACH, 10.0)])
def test_a_loaded_weapon_is_fired_and_single_shots_need_no_split(kind: U, cooldown: float) -> None:
    fight = scene(*marines(cooldown), foe(kind, 24.0))
    Split().decide(fight, squad(fight), np.arange(3))
    assert fight.decisions.kind.tolist() == [UNDECIDED] * 3


def test_a_nova_runs_into_the_thickest_of_the_enemy_and_two_into_different_ones() -> None:
    left = [fighter(20 + n, U.ROACH, 24, 30 + 0.7 * n, enemy=True) for n in range(3)]
    right = [fighter(30 + n, U.ROACH, 24, 38 + 0.7 * n, enemy=True) for n in range(2)]
    balls = [fighter(tag, U.DISRUPTORPHASED, 20, 33 + tag) for tag in (1, 2)]
    fight = scene(*balls, *left, *right)
    SteerNova().decide(fight, squad(fight), np.arange(2))
    assert fight.decisions.kind.tolist() == [MOVE, MOVE]
    assert fight.decisions.y[0] < 33.0
    assert fight.decisions.y[1] > 37.0


def test_a_nova_does_not_run_into_our_own() -> None:
    ours = [fighter(tag, U.ZEALOT, 24, 31 + 0.8 * tag) for tag in (2, 3, 4)]
    fight = scene(fighter(1, U.DISRUPTORPHASED, 20, 33), *ours, fighter(9, U.ROACH, 24.5, 33, enemy=True))
    SteerNova().decide(fight, squad(fight), np.array([0]))
    assert fight.decisions.kind[0] == KEEP
