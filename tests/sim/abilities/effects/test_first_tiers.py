"""Stim, shells, cloaks, blink, charge, shields, force fields, hallucinations, shades, transfusion, biles, bursts."""

import math

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import Result, available
from cherrypy_bot.sim.abilities.effects import buffs
from cherrypy_bot.sim.abilities.production import learn
from cherrypy_bot.sim.game import Command, Game
from tests.sim.abilities.scene import RULES, give, grow_creep, prepare, put, rows, until

STIM, BLINK, GUARDIAN, FIELD, TRANSFUSE, BILE, KD8 = 3675, 1442, 76, 1526, 1664, 2338, 2588


def _learn(game: Game, *names: str, player: int = 0) -> None:
    for one in names:
        learn(game, player, RULES.upgrade(one).id)


def _way(game: Game, row: int, loops: int) -> float:
    x = float(game.world.units.x[row])
    game.step(loops)
    return float(game.world.units.x[row]) - x


# -- Terran ----------------------------------------------------------------------------------------------
def test_stim_costs_life_and_makes_half_again_as_fast_for_240_loops() -> None:
    game = prepare("Terran")
    u = game.world.units
    marine, marauder = put(game, 0, "Marine", 20, 20), put(game, 0, "Marauder", 20, 24)
    assert give(game, marine, STIM) == Result.TECH_REQUIREMENTS_NOT_MET
    _learn(game, "Stimpack")
    give(game, marine, 16, at=(60, 20))
    plain = _way(game, marine, 16)
    assert game.command(0, Command(STIM, (marine, marauder))) == [1, 1]
    assert (u.hp[marine], u.hp[marauder]) == (35, 105)
    assert _way(game, marine, 16) == pytest.approx(1.5 * plain, rel=0.02)
    assert (u.attack_rate[marine], u.speed_factor[marauder]) == (1.5, 1.5)
    assert game.world.current[marine].kind == st.MOVE
    game.step(240 - 16)
    assert (u.attack_rate[marine], u.speed_factor[marine]) == (1, 1)
    u.hp[marine] = 10
    assert give(game, marine, STIM) == Result.NOT_ENOUGH_LIFE


def test_a_stimmed_marine_shoots_half_again_as_often() -> None:
    shots = []
    for stimmed in (False, True):
        game = prepare("Terran", "Terran")
        _learn(game, "Stimpack")
        marine, depot = put(game, 0, "Marine", 30, 30), put(game, 1, "SupplyDepot", 33, 30)
        if stimmed:
            give(game, marine, STIM)
        give(game, marine, 23, depot)
        game.step(230)
        shots.append((400 - game.world.units.hp[depot]) / 5)
    assert shots[1] / shots[0] == pytest.approx(1.5, rel=0.12)


def test_concussive_shells_slow_small_units_only() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    marauder, roach, ultra = (
        put(game, 0, "Marauder", 30, 30),
        put(game, 1, "Roach", 34, 30),
        put(game, 1, "Ultralisk", 30, 34),
    )
    give(game, roach, 18, player=1)
    give(game, marauder, 23, roach)
    game.step(20)
    assert u.speed_factor[roach] == 1
    _learn(game, "PunisherGrenades")
    until(game, lambda: u.speed_factor[roach] == 0.5, 40)
    give(game, marauder, 16, at=(5, 5))
    until(game, lambda: u.speed_factor[roach] == 1, 40)
    give(game, marauder, 23, ultra)
    game.step(40)
    assert u.speed_factor[ultra] == 1


def test_a_kd8_charge_hurts_and_throws_apart_32_loops_later() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    reaper, ling, ultra = (
        put(game, 0, "Reaper", 30, 30),
        put(game, 1, "Zergling", 34.5, 30),
        put(game, 1, "Ultralisk", 34, 31.5),
    )
    for row in (ling, ultra):
        give(game, row, 18, player=1)
    assert give(game, reaper, KD8, at=(34, 30)) == Result.SUCCESS
    until(game, lambda: rows(game, 0, "KD8Charge"))
    thrown = game.loop
    give(game, reaper, 16, at=(5, 5))
    hp = float(u.hp[ling])
    until(game, lambda: not rows(game, 0, "KD8Charge"))
    assert game.loop - thrown == 32
    assert hp - u.hp[ling] == pytest.approx(5, abs=0.1)
    assert u.x[ling] > 36
    assert math.dist((u.x[ultra], u.y[ultra]), (34, 31.5)) < 0.5
    assert give(game, reaper, KD8, at=(34, 30)) == Result.COOLDOWN


def test_a_banshee_cloaks_while_it_has_energy() -> None:
    game = prepare("Terran")
    u = game.world.units
    banshee = put(game, 0, "Banshee", 30, 30)
    u.energy[banshee] = 40
    assert 392 not in available(game, banshee, False)
    _learn(game, "BansheeCloak")
    assert give(game, banshee, 3676) == Result.SUCCESS  # the general id
    assert u.cloaked[banshee] == 1
    assert u.energy[banshee] == 15
    assert 393 in available(game, banshee, False)
    assert 392 not in available(game, banshee, False)
    start = game.loop
    until(game, lambda: u.cloaked[banshee] == 0)
    assert game.loop - start == pytest.approx(15 / (0.914 / 16), abs=10)
    u.energy[banshee] = 50
    give(game, banshee, 392)
    assert give(game, banshee, 393) == Result.SUCCESS
    assert u.cloaked[banshee] == 0


# -- Protoss ---------------------------------------------------------------------------------------------
def test_blink_goes_eight_cells_at_most_and_forgets_orders() -> None:
    game = prepare("Protoss")
    u = game.world.units
    stalker = put(game, 0, "Stalker", 20, 20)
    game.step(1)
    _learn(game, "BlinkTech")
    give(game, stalker, 16, at=(40, 40))
    assert give(game, stalker, 3687, at=(45, 20)) == Result.SUCCESS  # into the dark, but not that far
    assert (u.x[stalker], u.y[stalker]) == (28, 20)
    assert stalker not in game.world.current
    assert give(game, stalker, BLINK, at=(25, 20)) == Result.COOLDOWN
    game.step(160)
    assert give(game, stalker, BLINK, at=(25, 20)) == Result.SUCCESS
    assert u.x[stalker] == 25


def test_blink_needs_sight_of_high_ground() -> None:
    game = prepare("Protoss")
    w = game.world
    w.grids.height[:, 30:] = 160
    stalker = put(game, 0, "Stalker", 27, 40)
    game.step(1)
    _learn(game, "BlinkTech")
    assert give(game, stalker, BLINK, at=(33, 40)) == Result.MUST_TARGET_VISIBLE_LOCATION
    put(game, 0, "Observer", 32, 40)
    game.step(1)
    assert give(game, stalker, BLINK, at=(33, 40)) == Result.SUCCESS


def test_zealots_charge_at_enemies_a_few_cells_away() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    zealot, tank = put(game, 0, "Zealot", 20, 20), put(game, 1, "SiegeTank", 28, 20)
    give(game, tank, 18, player=1)
    _learn(game, "Charge")
    give(game, zealot, 23, tank)
    until(game, lambda: buffs.has(game.world, zealot, buffs.CHARGING), 120)
    base = RULES.unit("Zealot").speed * 1.33
    assert _way(game, zealot, 4) > 4 * base
    until(game, lambda: not buffs.has(game.world, zealot, buffs.CHARGING), 57)
    assert u.speed_factor[zealot] == 1


def test_a_guardian_shield_takes_two_off_every_shot_but_not_off_blows() -> None:
    for attacker, loss in (("Marine", 6 - 1 - 2), ("Zergling", 5 - 1)):
        game = prepare("Protoss", "Terran")
        u = game.world.units
        sentry, zealot = put(game, 0, "Sentry", 30, 30), put(game, 0, "Zealot", 33, 30)
        u.energy[sentry], u.shield[zealot], u.last_hurt_loop[zealot] = 80, 0, 0
        assert give(game, sentry, GUARDIAN) == Result.SUCCESS
        assert buffs.has(game.world, zealot, buffs.GUARDIAN_SHIELD)
        foe = put(game, 1, attacker, 33.7, 31)
        u.can_attack[[sentry, zealot]] = 0
        give(game, foe, 23, zealot, player=1)
        for _ in range(60):
            if u.hp[zealot] == 100:
                game.step(1)
        assert 100 - u.hp[zealot] == pytest.approx(loss, abs=0.01)


def test_a_guardian_shield_follows_its_sentry_for_288_loops() -> None:
    game = prepare("Protoss")
    sentry, zealot = put(game, 0, "Sentry", 20, 20), put(game, 0, "Zealot", 40, 20)
    game.world.units.energy[sentry] = 160
    give(game, sentry, GUARDIAN)
    assert give(game, sentry, GUARDIAN) == Result.COOLDOWN
    give(game, sentry, 16, at=(38, 20))
    until(game, lambda: buffs.has(game.world, zealot, buffs.GUARDIAN_SHIELD), 280)
    game.step(300)
    assert not buffs.has(game.world, zealot, buffs.GUARDIAN_SHIELD)


def test_a_force_field_blocks_the_ground_for_241_to_245_loops() -> None:
    game = prepare("Protoss", "Zerg")
    w, u = game.world, game.world.units
    w.cells[st.TERRAIN_WALK][:29, 30:32] = w.cells[st.WALK][:29, 30:32] = 0
    w.cells[st.TERRAIN_WALK][31:, 30:32] = w.cells[st.WALK][31:, 30:32] = 0
    w.clock.path_version[0] += 1
    sentry, ling = put(game, 0, "Sentry", 24, 34), put(game, 1, "Zergling", 36, 30)
    u.energy[sentry] = 60
    give(game, sentry, FIELD, at=(31, 30))
    until(game, lambda: rows(game, 0, "ForceField"))
    cast = game.loop
    give(game, ling, 16, at=(20, 30), player=1)
    game.step(100)
    assert u.x[ling] > 31
    until(game, lambda: not rows(game, 0, "ForceField"))
    assert 240 <= game.loop - cast <= 245
    give(game, ling, 16, at=(20, 30), player=1)
    until(game, lambda: u.x[ling] < 21, 300)


def test_massive_units_and_biles_break_force_fields() -> None:
    game = prepare("Protoss", "Zerg")
    u = game.world.units
    sentry = put(game, 0, "Sentry", 30, 30)
    u.energy[sentry] = 100
    give(game, sentry, FIELD, at=(35, 30))
    give(game, sentry, FIELD, at=(25, 30), queue=True)
    until(game, lambda: len(rows(game, 0, "ForceField")) == 2)
    put(game, 1, "Ultralisk", 38, 30)
    until(game, lambda: len(rows(game, 0, "ForceField")) == 1, 8)
    ravager = put(game, 1, "Ravager", 20, 26)
    assert give(game, ravager, BILE, at=(25, 30), player=1) == Result.SUCCESS
    until(game, lambda: not rows(game, 0, "ForceField"), 60)
    assert game.world.grids.walk[24:36, 20:40].all()


def test_hallucinations_look_real_do_no_harm_and_take_it_twice() -> None:
    game = prepare("Protoss", "Terran")
    w, u = game.world, game.world.units
    sentry = put(game, 0, "Sentry", 30, 30)
    u.energy[sentry] = 160
    supply = float(w.players.supply_used[0])
    assert give(game, sentry, 164) == Result.SUCCESS
    fakes = rows(game, 0, "Zealot")
    assert len(fakes) == 2
    start = game.loop
    foe = put(game, 1, "Marine", 33, 30)
    give(game, foe, 18, player=1)
    u.can_attack[sentry] = 0
    give(game, fakes[0], 23, foe)
    until(game, lambda: u.shield[fakes[0]] < 50 or u.shield[fakes[1]] < 50, 200)
    lost = 100 - u.shield[fakes[0]] - u.shield[fakes[1]]
    assert lost == pytest.approx(12, abs=0.01)
    u.can_attack[foe] = 0
    give(game, fakes[0], 23, foe)
    game.step(100)
    assert u.hp[foe] == 45
    assert w.players.supply_used[0] == supply + 0 or w.players.supply_used[0] == 2
    assert give(game, fakes[0], 1819, foe) != Result.SUCCESS
    until(game, lambda: not rows(game, 0, "Zealot"), 1000)
    assert game.loop - start == 960


def test_an_adept_follows_its_shade_after_160_loops_unless_called_back() -> None:
    game = prepare("Protoss")
    u = game.world.units
    stays, goes = put(game, 0, "Adept", 20, 30), put(game, 0, "Adept", 20, 20)
    assert game.command(0, Command(2544, (goes, stays), x=40.0, y=20.0, has_point=True)) == [1, 1]
    shades = rows(game, 0, "AdeptPhaseShift")
    assert len(shades) == 2
    game.step(100)
    assert give(game, shades[1], 2596) == Result.SUCCESS
    assert 2594 in available(game, goes, False)
    game.step(61)
    assert not rows(game, 0, "AdeptPhaseShift")
    assert u.x[goes] > 35
    assert math.dist((u.x[stays], u.y[stays]), (20, 30)) < 1
    assert give(game, goes, 2544, at=(50, 20)) == Result.COOLDOWN


# -- Zerg ------------------------------------------------------------------------------------------------
def test_transfusion_heals_75_and_then_50_more_in_160_loops() -> None:
    game = prepare("Zerg")
    u = game.world.units
    queen, ultra = put(game, 0, "Queen", 16, 16), put(game, 0, "Ultralisk", 20, 16)
    u.energy[queen], u.hp[ultra] = 60, 100
    assert give(game, queen, TRANSFUSE, ultra) == Result.TECH_REQUIREMENTS_NOT_MET  # off creep
    grow_creep(game)
    assert give(game, queen, TRANSFUSE, queen) == Result.CANT_TARGET_CASTER
    assert give(game, queen, TRANSFUSE, ultra) == Result.SUCCESS
    until(game, lambda: u.hp[ultra] > 170, 40)
    now = float(u.hp[ultra])
    assert now == pytest.approx(175, abs=1)
    game.step(162)
    assert u.hp[ultra] == pytest.approx(now + 50 + 162 * 0.01709, abs=1)


def test_a_bile_lands_48_loops_later_on_friend_and_foe() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    ravager, roach, marine = (
        put(game, 0, "Ravager", 20, 20),
        put(game, 0, "Roach", 28, 20),
        put(game, 1, "Marine", 28.5, 20.6),
    )
    far = put(game, 1, "Marine", 31, 20)
    u.can_attack[[marine, far, roach, ravager]] = 0
    for row, player in ((roach, 0), (marine, 1), (far, 1)):
        give(game, row, 18, player=player)
    assert give(game, ravager, BILE, at=(28, 20)) == Result.SUCCESS
    until(game, lambda: BILE not in available(game, ravager, False))
    cast = game.loop
    give(game, ravager, 16, at=(20, 40))
    hp = float(u.hp[roach])
    until(game, lambda: u.hp[roach] < hp - 50)
    assert game.loop - cast == 48
    assert marine not in rows(game, 1, "Marine")
    assert u.hp[far] == 45


def test_banelings_burst_when_they_attack_when_told_and_when_killed() -> None:
    for how in ("attack", "told", "killed"):
        game = prepare("Zerg", "Terran")
        w, u = game.world, game.world.units
        bane = put(game, 0, "Baneling", 30, 30)
        marines = [put(game, 1, "Marine", 31.4 + 0.8 * i, 30) for i in range(3)]
        marauder, depot = put(game, 1, "Marauder", 31, 31.2), put(game, 1, "SupplyDepot", 31, 28)
        u.can_attack[[*marines, marauder]] = 0
        for row in (*marines, marauder):
            give(game, row, 18, player=1)
        if how == "attack":
            give(game, bane, 23, marines[0])
        elif how == "told":
            assert give(game, bane, 42) == Result.SUCCESS
        else:
            u.hp[bane] = 1
            killer = put(game, 1, "Marine", 26, 30)
            give(game, bane, 18)
            u.can_attack[bane] = 0
            give(game, killer, 23, bane, player=1)
        until(game, lambda g=game: not rows(g, 0, "Baneling"), 100)
        game.step(1)
        hurt = [45 - float(u.hp[m]) for m in marines[:2] if u.alive[m] == 1]
        assert hurt == [35, 35], how
        assert 125 - u.hp[marauder] == 15, how
        assert 400 - u.hp[depot] == 80, how
        assert w.players.lost_minerals[0] == 50


def test_a_baneling_bursts_in_the_very_loop_in_which_it_reaches_its_prey() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    bane = put(game, 0, "Baneling", 30, 30)
    marine, second = put(game, 1, "Marine", 36, 30), put(game, 1, "Marine", 37, 30)
    for row in (marine, second):
        give(game, row, 18, player=1)
    u.can_attack[[marine, second]] = 0
    give(game, bane, 23, marine)
    until(game, lambda: u.alive[bane] != 1, 100)
    assert u.hp[[marine, second]].tolist() == [10, 10]


def test_banelings_go_for_structures_only_when_switched() -> None:
    for switched in (False, True):
        game = prepare("Zerg", "Terran")
        u = game.world.units
        bane, depot = put(game, 0, "Baneling", 30, 30), put(game, 1, "SupplyDepot", 34, 30)
        assert 2082 not in available(game, bane, False)
        if switched:
            assert give(game, bane, 2081) == Result.SUCCESS
            assert 2082 in available(game, bane, False)
        give(game, bane, 23, at=(33, 36))
        game.step(120)
        assert 400 - u.hp[depot] == (80 if switched else 0)
    assert u.alive[bane] != 1
