"""Snipes, EMP, nukes, mines, locks, zones, ravens, cruisers."""

import pytest

from cherrypy_bot.sim.abilities import Result, available
from cherrypy_bot.sim.abilities.effects import buffs
from tests.sim.abilities.effects.casting import caster_of, hold, learn_all
from tests.sim.abilities.scene import give, grow_creep, name, prepare, put, rows, until


def test_a_snipe_takes_32_loops_and_any_damage_stops_it() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    queen, ghost = put(game, 1, "Queen", 36, 30), caster_of(game, "Ghost", energy=120)
    hold(game, queen)
    assert give(game, ghost, 2714, queen) == Result.SUCCESS
    until(game, lambda: u.energy[ghost] < 80, 10)
    begun, hp = game.loop, float(u.hp[queen])
    assert 2715 in available(game, ghost, False)
    until(game, lambda: u.hp[queen] < hp - 100, 40)
    assert game.loop - begun == 32
    assert hp - u.hp[queen] == pytest.approx(170, abs=1)  # queens are psionic
    energy = float(u.energy[ghost])
    give(game, ghost, 2714, queen)
    game.step(8)
    u.last_hurt_loop[ghost] = game.loop
    game.step(8)
    assert ghost not in game.world.current
    assert u.energy[ghost] == pytest.approx(energy, abs=1)


def test_an_emp_takes_100_shields_and_energy_and_shows_the_cloaked() -> None:
    game = prepare("Terran", "Protoss")
    u = game.world.units
    templar, dark = put(game, 1, "HighTemplar", 36, 30), put(game, 1, "DarkTemplar", 36.5, 30.5)
    hold(game, templar, dark)
    u.energy[templar] = 150
    ghost = caster_of(game, "Ghost")
    u.can_attack[ghost] = 0
    assert give(game, ghost, 1628, at=(36, 30)) == Result.SUCCESS
    until(game, lambda: u.shield[templar] == 0, 20)
    assert u.energy[templar] == pytest.approx(50, abs=2)
    assert (u.shield[dark], u.cloaked[dark]) == (0, 0)
    game.step(162)
    assert u.cloaked[dark] == 1


def test_a_nuke_is_armed_called_and_falls_in_320_loops() -> None:
    game = prepare("Terran", "Zerg")
    w, u = game.world, game.world.units
    grow_creep(game)
    academy, _ = put(game, 0, "GhostAcademy", 20.5, 40.5), put(game, 0, "Factory", 30.5, 50.5)
    pool, hatchery = put(game, 1, "SpawningPool", 40.5, 30.5), rows(game, 1, "Hatchery")[0]
    ghost = caster_of(game, "Ghost", 30, 30)
    assert give(game, ghost, 1622, at=(40, 30)) == Result.NOT_ENOUGH_CHARGES
    assert give(game, academy, 710) == Result.SUCCESS
    start = game.loop
    until(game, lambda: (academy, "nuke") in w.marks, 1000)
    assert game.loop - start == pytest.approx(960, abs=1)
    assert give(game, academy, 710) == Result.CANT_HOLD_ANY_MORE_AMMO
    assert give(game, ghost, 1622, at=(40, 30)) == Result.SUCCESS
    until(game, lambda: (academy, "nuke") not in w.marks, 20)
    called = game.loop
    assert give(game, ghost, 16, at=(10, 10)) == Result.SUCCESS
    game.step(50)
    assert u.x[ghost] > 29  # it stays with its beam
    hp = float(u.hp[pool])
    until(game, lambda: u.hp[pool] < hp - 300, 300)
    assert game.loop - called == 320
    assert hp - u.hp[pool] == pytest.approx(500, abs=3)
    assert u.hp[hatchery] == 1500


def test_a_nuke_whose_ghost_dies_does_not_fall() -> None:
    game = prepare("Terran", "Zerg")
    w, u = game.world, game.world.units
    grow_creep(game)
    academy, pool = put(game, 0, "GhostAcademy", 20.5, 40.5), put(game, 1, "SpawningPool", 40.5, 30.5)
    ghost = caster_of(game, "Ghost", 30, 30)
    w.marks[(academy, "nuke")] = 1.0
    give(game, ghost, 1622, at=(40, 30))
    game.step(100)
    ling = put(game, 1, "Zergling", 30, 31)
    u.hp[ghost] = 1
    give(game, ling, 23, ghost, player=1)
    game.step(400)
    assert u.hp[pool] > 990 - 20


def test_a_widow_mine_aims_24_loops_hits_hard_and_reloads() -> None:
    game = prepare("Terran", "Protoss")
    u = game.world.units
    mine = put(game, 0, "WidowMineBurrowed", 30, 30)
    archon, zealot = put(game, 1, "Archon", 34, 30), put(game, 1, "Zealot", 34.8, 31)
    hold(game, archon, zealot)
    start = game.loop
    shield = float(u.shield[archon])
    until(game, lambda: u.shield[archon] < shield, 60)
    assert 24 <= game.loop - start <= 36
    assert shield - u.shield[archon] == 160
    assert 50 - u.shield[zealot] == 50
    assert u.cloaked[mine] == 0  # shows itself while it reloads
    before = float(u.shield[archon])
    game.step(300)
    assert u.shield[archon] >= before
    assert give(game, mine, 2099, archon) == Result.COOLDOWN
    until(game, lambda: u.shield[archon] < shield - 100, 500)


def test_lock_on_fires_20_times_while_the_cyclone_moves_away() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    cyclone, ultra = put(game, 0, "Cyclone", 30, 30), put(game, 1, "Ultralisk", 38, 30)
    hold(game, ultra)
    assert give(game, cyclone, 2350, ultra) == Result.SUCCESS
    until(game, lambda: buffs.has(game.world, ultra, buffs.LOCK_ON), 60)
    begun, hp = game.loop, float(u.hp[ultra])
    give(game, cyclone, 16, at=(28, 30))
    game.step(165)
    assert hp - u.hp[ultra] == pytest.approx(10 * 20, abs=4)
    until(game, lambda: not buffs.has(game.world, ultra, buffs.LOCK_ON), 200)
    assert game.loop - begun == 320
    u.x[ultra] = 36
    give(game, cyclone, 23, ultra)
    until(game, lambda: buffs.has(game.world, ultra, buffs.LOCK_ON), 120)  # by itself
    u.x[ultra] = 60
    game.step(20)
    assert not buffs.has(game.world, ultra, buffs.LOCK_ON)


def test_a_liberator_shoots_only_into_its_circle() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    liberator = put(game, 0, "Liberator", 30, 30)
    inside, outside = put(game, 1, "Ultralisk", 35, 32), put(game, 1, "Ultralisk", 30, 22)
    for row in (inside, outside):
        give(game, row, 18, player=1)
    assert give(game, liberator, 2558, at=(35, 30)) == Result.SUCCESS
    until(game, lambda: name(game, liberator) == "LiberatorAG", 80)
    game.step(60)
    assert 500 - u.hp[inside] >= 70
    assert u.hp[outside] == 500
    assert give(game, liberator, 2560) == Result.SUCCESS
    until(game, lambda: name(game, liberator) == "Liberator", 60)
    assert give(game, liberator, 16, at=(10, 10)) == Result.SUCCESS
    until(game, lambda: u.x[liberator] < 12, 300)


def test_ravens_build_turrets_jam_machines_and_strip_armour() -> None:
    game = prepare("Terran", "Terran")
    u = game.world.units
    raven = caster_of(game, "Raven")
    tank, marine = put(game, 1, "SiegeTank", 36, 30), put(game, 1, "Marine", 36, 32)
    learn_all(game, "InterferenceMatrix")
    assert give(game, raven, 1764, at=(31, 27)) == Result.SUCCESS
    until(game, lambda: rows(game, 0, "AutoTurret"), 30)
    u.can_attack[rows(game, 0, "AutoTurret")] = 0
    hold(game, marine)
    assert give(game, raven, 3747, marine) == Result.CANT_TARGET_THAT_UNIT
    assert give(game, raven, 3747, tank) == Result.SUCCESS
    until(game, lambda: buffs.has(game.world, tank, buffs.INTERFERENCE), 60)
    assert u.can_attack[tank] == 0
    assert give(game, raven, 3753, tank) == Result.SUCCESS
    until(game, lambda: u.armor_bonus[tank] == -2, 60)
    assert u.armor_bonus[marine] == -2
    game.step(190)
    assert not rows(game, 0, "AutoTurret")
    game.step(60)
    assert u.can_attack[tank] == 1


def test_yamato_deals_240_and_a_tactical_jump_goes_anywhere() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    cruiser, ultra = put(game, 0, "Battlecruiser", 30, 30), put(game, 1, "Ultralisk", 39, 30)
    hold(game, ultra)
    u.can_attack[cruiser] = 0
    game.step(1)
    assert give(game, cruiser, 401, ultra) == Result.TECH_REQUIREMENTS_NOT_MET
    learn_all(game, "BattlecruiserEnableSpecializations")
    assert give(game, cruiser, 401, ultra) == Result.SUCCESS
    hp = float(u.hp[ultra])
    until(game, lambda: u.hp[ultra] < hp - 100, 80)
    assert hp - u.hp[ultra] == pytest.approx(240, abs=1)
    game.step(2)
    assert give(game, cruiser, 2358, at=(8, 50)) == Result.SUCCESS
    start = game.loop
    until(game, lambda: u.invulnerable[cruiser] == 1, 40)
    assert game.loop - start == pytest.approx(24, abs=2)
    until(game, lambda: u.y[cruiser] == 50, 120)
    assert game.loop - start == pytest.approx(22.4 + 86.4, abs=4)
    until(game, lambda: cruiser not in game.world.current, 20)
    assert u.invulnerable[cruiser] == 0
