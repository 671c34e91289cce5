"""Storms, snipes, nukes, mines, beams, parasites: how much, how far, how long, and what breaks them off."""

import math

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import Result, available
from cherrypy_bot.sim.abilities.effects import buffs, magazines
from cherrypy_bot.sim.abilities.production import learn
from cherrypy_bot.sim.game import Command, Game
from tests.sim.abilities.scene import RULES, give, grow_creep, name, prepare, put, rows, until


def _learn(game: Game, *names: str, player: int = 0) -> None:
    for one in names:
        learn(game, player, RULES.upgrade(one).id)


def _hold(game: Game, *units: int, player: int = 1) -> None:
    """Units that stay where they are and do not fight."""
    for row in units:
        give(game, row, 18, player=player)
        game.world.units.can_attack[row] = 0


def _caster(game: Game, kind: str, x: float = 30, y: float = 30, energy: float = 200) -> int:
    row = put(game, 0, kind, x, y)
    game.world.units.energy[row] = energy
    game.step(1)
    return row


# -- Protoss ---------------------------------------------------------------------------------------------
def test_a_storm_deals_80_to_who_stays_and_two_storms_no_more() -> None:
    for storms in (1, 2):
        game = prepare("Protoss", "Terran")
        u = game.world.units
        marauder = put(game, 1, "Marauder", 36, 30)
        hall = put(game, 1, "CommandCenter", 40.5, 30.5)
        _hold(game, marauder)
        _learn(game, "PsiStormTech")
        for number in range(storms):
            templar = _caster(game, "HighTemplar", y=30 + number)
            u.can_attack[templar] = 0
            assert give(game, templar, 1036, at=(36, 30)) == Result.SUCCESS
        game.step(90)
        assert 125 - u.hp[marauder] == 80
        assert u.hp[hall] == 1500
        assert not buffs.has(game.world, marauder, buffs.PSI_STORM)


def test_storm_has_a_price_a_range_and_needs_its_research() -> None:
    game = prepare("Protoss")
    templar = _caster(game, "HighTemplar", energy=100)
    assert give(game, templar, 1036, at=(36, 30)) == Result.TECH_REQUIREMENTS_NOT_MET
    _learn(game, "PsiStormTech")
    assert 1036 in available(game, templar, False)
    assert give(game, templar, 1036, at=(50, 30)) == Result.SUCCESS  # walks there first
    game.step(10)
    assert not game.world.effects
    until(game, lambda: bool(game.world.effects), 300)
    assert math.dist((game.world.units.x[templar], 30), (50, 30)) == pytest.approx(9.4, abs=0.5)
    assert give(game, templar, 1036, at=(50, 30)) == Result.NOT_ENOUGH_ENERGY


def test_feedback_burns_half_of_the_energy_as_damage() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    medivac, marine, templar = (
        put(game, 1, "Medivac", 35, 30),
        put(game, 1, "Marine", 34, 34),
        _caster(game, "HighTemplar"),
    )
    u.energy[medivac] = 100
    assert give(game, templar, 140, marine) == Result.MUST_TARGET_ENERGY_CAPABLE_UNITS
    assert give(game, templar, 140, medivac) == Result.SUCCESS
    until(game, lambda: u.energy[medivac] < 1, 10)
    assert 150 - u.hp[medivac] == pytest.approx(50, abs=0.5)


def test_two_templar_of_any_kind_merge_in_192_loops() -> None:
    game = prepare("Protoss")
    pairs = [put(game, 0, kind, 30 + 2 * i, 30) for i, kind in enumerate(("HighTemplar", "HighTemplar", "DarkTemplar"))]
    assert game.command(0, Command(1766, tuple(pairs[:2]))) == [1, 1]
    until(game, lambda: rows(game, 0, "Archon"), 60)
    begun = game.loop
    archon = rows(game, 0, "Archon")[0]
    assert not rows(game, 0, "HighTemplar")
    assert give(game, archon, 16, at=(5, 5)) == Result.BUILDING_IS_UNDER_CONSTRUCTION
    until(game, lambda: game.world.units.build_left[archon] <= 0)
    assert game.loop - begun == 192
    assert game.world.players.supply_used[0] == 4 + 2
    assert give(game, pairs[2], 1766) == Result.CANT_FIND_ENOUGH_TARGETS
    other = put(game, 0, "HighTemplar", 40, 30)
    assert give(game, pairs[2], 1767, other) == Result.SUCCESS
    until(game, lambda: len(rows(game, 0, "Archon")) == 2, 120)


def test_a_graviton_beam_makes_a_ground_unit_a_target_in_the_air_for_160_loops() -> None:
    game = prepare("Protoss", "Zerg")
    u = game.world.units
    roach, ultra, phoenix = put(game, 1, "Roach", 33, 30), put(game, 1, "Ultralisk", 30, 34), _caster(game, "Phoenix")
    friend = put(game, 0, "Phoenix", 30, 27)
    _hold(game, ultra)
    assert give(game, phoenix, 173, ultra) == Result.CANT_TARGET_MASSIVE_UNITS
    assert give(game, phoenix, 173, roach) == Result.SUCCESS
    until(game, lambda: u.flying[roach] == 1, 10)
    lifted, x = game.loop, float(u.x[roach])
    assert u.can_attack[roach] == 0
    give(game, roach, 16, at=(10, 10), player=1)
    until(game, lambda: u.hp[roach] < 140, 60)  # the other phoenix shoots at it
    assert u.x[roach] == x
    u.can_attack[friend] = 0
    u.hp[roach] = 145
    until(game, lambda: u.flying[roach] == 0, 200)
    assert game.loop - lifted == pytest.approx(160, abs=2)
    assert phoenix not in game.world.current


def test_void_rays_aligned_beat_armour_60_percent_faster() -> None:
    damage = []
    for aligned in (False, True):
        game = prepare("Protoss", "Terran")
        hall, ray = put(game, 1, "CommandCenter", 34.5, 30.5), put(game, 0, "VoidRay", 30, 30)
        if aligned:
            assert give(game, ray, 2393) == Result.SUCCESS
        give(game, ray, 23, hall)
        game.step(30)
        before = float(game.world.units.hp[hall])
        game.step(200)
        damage.append(before - float(game.world.units.hp[hall]))
    assert damage[1] / damage[0] == pytest.approx(15 / 9, rel=0.08)


def test_a_pulsar_beam_shoots_while_it_is_on_and_there_is_energy() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    oracle, marine = _caster(game, "Oracle", energy=60), put(game, 1, "SCV", 33, 30)
    _hold(game, marine)
    game.step(60)
    assert u.hp[marine] == 45
    assert give(game, oracle, 2375) == Result.SUCCESS
    assert 2375 not in available(game, oracle, False)
    until(game, lambda: u.alive[marine] != 1 or u.hp[marine] < 45, 60)
    begun = game.loop
    until(game, lambda: not buffs.has(game.world, oracle, buffs.ORACLE_WEAPON), 2000)
    assert game.loop - begun == pytest.approx((60 - 25) / (1.4375 / 16), abs=60)
    assert u.can_attack[oracle] == 0


def test_revelation_shows_where_units_go_and_breaks_their_cloak() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    oracle, banshee = _caster(game, "Oracle", 20, 30), put(game, 1, "Banshee", 31, 30)
    _learn(game, "BansheeCloak", player=1)
    u.energy[banshee] = 200
    give(game, banshee, 392, player=1)
    put(game, 0, "Observer", 22, 30)
    assert give(game, oracle, 2146, at=(30, 30)) == Result.SUCCESS
    until(game, lambda: buffs.has(game.world, banshee, buffs.REVELATION), 40)
    assert u.cloaked[banshee] == 0
    give(game, banshee, 16, at=(60, 60), player=1)
    give(game, oracle, 16, at=(5, 5))
    for observer in rows(game, 0, "Observer"):
        give(game, observer, 16, at=(5, 5))
    game.step(200)
    assert u.seen[banshee] & 1
    game.step(260)
    assert u.cloaked[banshee] == 1
    assert u.seen[banshee] & 1 == 0


def test_a_stasis_ward_freezes_who_comes_near() -> None:
    game = prepare("Protoss", "Zerg")
    u = game.world.units
    oracle = _caster(game, "Oracle", 25, 30)
    assert give(game, oracle, 2505, at=(30.5, 30.5)) == Result.SUCCESS
    until(game, lambda: rows(game, 0, "OracleStasisTrap"), 100)
    trap = rows(game, 0, "OracleStasisTrap")[0]
    until(game, lambda: u.build_left[trap] <= 0, 100)
    assert u.cloaked[trap] == 1
    ling = put(game, 1, "Zergling", 40, 30.5)
    give(game, ling, 16, at=(20, 30.5), player=1)
    until(game, lambda: buffs.has(game.world, ling, buffs.STASIS_TRAP), 200)
    frozen, x = game.loop, float(u.x[ling])
    assert u.invulnerable[ling] == 1
    game.step(100)
    assert u.x[ling] == x
    assert not rows(game, 0, "OracleStasisTrap")
    until(game, lambda: not buffs.has(game.world, ling, buffs.STASIS_TRAP), 500)
    assert game.loop - frozen == 480
    until(game, lambda: u.x[ling] < 22, 200)


def test_a_nova_explodes_after_48_loops_and_hurts_shields_twice() -> None:
    game = prepare("Protoss", "Protoss")
    u = game.world.units
    archon, marine = put(game, 1, "Archon", 36, 30), put(game, 0, "Zealot", 36, 31)
    _hold(game, archon)
    disruptor = _caster(game, "Disruptor")
    u.can_attack[marine] = 0
    give(game, marine, 18)
    shield = float(u.shield[archon])
    assert give(game, disruptor, 2346, at=(36, 30.2)) == Result.SUCCESS
    start = game.loop
    until(game, lambda: not rows(game, 0, "DisruptorPhased"), 60)
    assert game.loop - start == 48
    assert shield - u.shield[archon] == 200
    assert rows(game, 0, "Zealot") == []  # 100 shields and life: 100 + 100 to the shields kills it
    assert u.hp[disruptor] == 100
    assert give(game, disruptor, 2346, at=(36, 30)) == Result.COOLDOWN


def test_an_immortal_takes_100_less_after_the_first_hit() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    immortal = put(game, 0, "Immortal", 30, 30)
    tank = put(game, 1, "SiegeTank", 36, 30)
    u.can_attack[immortal] = 0
    give(game, immortal, 18)
    give(game, tank, 23, immortal, player=1)
    until(game, lambda: u.shield[immortal] != 100, 60)
    first = 100 - 25
    game.step(3)
    assert u.shield[immortal] == pytest.approx(first + 100, abs=0.5)
    game.step(40)
    assert u.shield[immortal] > first + 20
    game.step(12)
    assert u.shield[immortal] <= first
    assert not buffs.has(game.world, immortal, buffs.IMMORTAL_OVERLOAD)


def test_a_nexus_recalls_units_after_80_loops() -> None:
    game = prepare("Protoss")
    u = game.world.units
    nexus = rows(game, 0, "Nexus")[0]
    u.energy[nexus] = 60
    stalkers = [put(game, 0, "Stalker", 50 + i, 30) for i in range(3)]
    left = put(game, 0, "Stalker", 56, 30)
    assert give(game, nexus, 3757, at=(51, 30)) == Result.SUCCESS
    give(game, stalkers[0], 16, at=(60, 60))
    game.step(79)
    assert u.x[stalkers[0]] > 49
    game.step(2)
    assert all(math.dist((u.x[s], u.y[s]), (u.x[nexus], u.y[nexus])) < 8 for s in stalkers)
    assert u.x[left] == 56
    assert give(game, nexus, 3757, at=(56, 30)) in (Result.COOLDOWN, Result.NOT_ENOUGH_ENERGY)


def test_carriers_launch_interceptors_that_fight_come_back_and_are_replaced() -> None:
    game = prepare("Protoss", "Terran", minerals=1000)
    w, u = game.world, game.world.units
    carrier, depot = put(game, 0, "Carrier", 30, 30), put(game, 1, "CommandCenter", 38.5, 30.5)
    game.step(12)
    assert len(magazines.interceptors(w, carrier)) == 4
    give(game, carrier, 23, depot)
    until(game, lambda: not u.hidden[magazines.interceptors(w, carrier)].any(), 120)
    until(game, lambda: u.hp[depot] < 1480, 200)
    until(game, lambda: len(magazines.interceptors(w, carrier)) == 8, 1000)
    assert w.players.minerals[0] == 1000 - 4 * 15
    give(game, carrier, 16, at=(10, 40))
    until(game, lambda: u.hidden[magazines.interceptors(w, carrier)].all(), 600)
    w.units.hp[carrier] = w.units.shield[carrier] = 0.5
    viking = put(game, 1, "VikingFighter", float(u.x[carrier]) + 5, float(u.y[carrier]))
    give(game, viking, 23, carrier, player=1)
    until(game, lambda: not rows(game, 0, "Carrier", "Interceptor"), 300)


def test_a_mothership_cloaks_what_is_near_it() -> None:
    game = prepare("Protoss")
    u = game.world.units
    ship, zealot, far = _caster(game, "Mothership"), put(game, 0, "Zealot", 33, 30), put(game, 0, "Zealot", 45, 30)
    assert give(game, ship, 4124) == Result.SUCCESS
    assert (u.cloaked[zealot], u.cloaked[far], u.cloaked[ship]) == (1, 0, 0)
    game.step(460)
    assert u.cloaked[zealot] == 0


# -- Terran ----------------------------------------------------------------------------------------------
def test_a_snipe_takes_32_loops_and_any_damage_stops_it() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    queen, ghost = put(game, 1, "Queen", 36, 30), _caster(game, "Ghost", energy=120)
    _hold(game, queen)
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
    _hold(game, templar, dark)
    u.energy[templar] = 150
    ghost = _caster(game, "Ghost")
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
    ghost = _caster(game, "Ghost", 30, 30)
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
    ghost = _caster(game, "Ghost", 30, 30)
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
    _hold(game, archon, zealot)
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
    _hold(game, ultra)
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
    raven = _caster(game, "Raven")
    tank, marine = put(game, 1, "SiegeTank", 36, 30), put(game, 1, "Marine", 36, 32)
    _learn(game, "InterferenceMatrix")
    assert give(game, raven, 1764, at=(31, 27)) == Result.SUCCESS
    until(game, lambda: rows(game, 0, "AutoTurret"), 30)
    u.can_attack[rows(game, 0, "AutoTurret")] = 0
    _hold(game, marine)
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
    _hold(game, ultra)
    u.can_attack[cruiser] = 0
    game.step(1)
    assert give(game, cruiser, 401, ultra) == Result.TECH_REQUIREMENTS_NOT_MET
    _learn(game, "BattlecruiserEnableSpecializations")
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


# -- Zerg ------------------------------------------------------------------------------------------------
def test_fungal_growth_deals_25_and_slows_to_a_quarter() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    marine, infestor = put(game, 1, "Marine", 37, 30), _caster(game, "Infestor")
    u.can_attack[marine] = 0
    assert give(game, infestor, 74, at=(37, 30)) == Result.SUCCESS
    until(game, lambda: buffs.has(game.world, marine, buffs.FUNGAL), 30)
    assert u.speed_factor[marine] == 0.25
    game.step(70)
    assert 45 - u.hp[marine] == pytest.approx(25, abs=0.01)
    assert u.speed_factor[marine] == 1


def test_a_neural_parasite_takes_control_until_its_infestor_dies() -> None:
    game = prepare("Zerg", "Terran")
    w, u = game.world, game.world.units
    thor, infestor = put(game, 1, "Thor", 36, 30), _caster(game, "Infestor")
    _hold(game, thor)
    assert give(game, infestor, 249, thor) == Result.TECH_REQUIREMENTS_NOT_MET
    _learn(game, "NeuralParasite")
    supply = float(w.players.supply_used[1])
    assert give(game, infestor, 249, thor) == Result.SUCCESS
    until(game, lambda: u.owner[thor] == 0, 20)
    assert give(game, thor, 16, at=(33, 33)) == Result.SUCCESS
    assert w.players.supply_used[1] <= supply
    until(game, lambda: u.y[thor] > 32, 60)
    u.hp[infestor], u.can_attack[thor] = 1, 0
    give(game, put(game, 1, "Marine", 30, 33), 23, infestor, player=1)
    until(game, lambda: u.owner[thor] == 1, 120)
    assert not buffs.has(w, thor, buffs.NEURAL_PARASITE)


def test_a_neural_parasite_lasts_240_loops() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    thor, infestor = put(game, 1, "Thor", 36, 30), _caster(game, "Infestor")
    u.can_attack[thor] = 0
    _learn(game, "NeuralParasite")
    give(game, infestor, 249, thor)
    until(game, lambda: u.owner[thor] == 0, 20)
    begun = game.loop
    until(game, lambda: u.owner[thor] == 1, 300)
    assert game.loop - begun == 240
    assert infestor not in game.world.current


def test_a_blinding_cloud_silences_guns_but_not_claws() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    marine, scv = put(game, 1, "Marine", 37, 30), put(game, 1, "SCV", 37, 31)
    viper = _caster(game, "Viper")
    assert give(game, viper, 2063, at=(37, 30)) == Result.SUCCESS
    until(game, lambda: u.can_attack[marine] == 0, 20)
    assert u.can_attack[scv] == 1
    game.step(140)
    assert u.can_attack[marine] == 1


def test_abduct_pulls_a_unit_to_the_viper() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    tank, viper = put(game, 1, "SiegeTank", 38, 30), _caster(game, "Viper")
    assert give(game, viper, 2067, tank) == Result.SUCCESS
    until(game, lambda: u.x[tank] < 33, 40)
    assert u.can_attack[tank] == 0
    game.step(40)
    assert u.can_attack[tank] == 1


def test_parasitic_bombs_hurt_everyone_near_and_do_not_add_up() -> None:
    losses = []
    for bombs in (1, 2):
        game = prepare("Zerg", "Terran")
        u = game.world.units
        ships = [put(game, 1, "Battlecruiser", 36 + i, 30) for i in range(2)]
        _hold(game, *ships)
        for number in range(bombs):
            assert give(game, _caster(game, "Viper", y=30 + number), 2542, ships[number]) == Result.SUCCESS
        game.step(200)
        losses.append(550 - float(u.hp[ships[0]]))
    assert losses[0] == pytest.approx(3 * 37, abs=4)
    assert losses[1] == pytest.approx(losses[0], abs=10)


def test_a_viper_drinks_a_structure() -> None:
    game = prepare("Zerg")
    u = game.world.units
    pool, viper = put(game, 0, "SpawningPool", 33.5, 30.5), _caster(game, "Viper", energy=50)
    game.world.grids.creep[:] = 1
    assert give(game, viper, 2073, pool) == Result.SUCCESS
    game.step(20 * 16 + 8)
    assert 1000 - u.hp[pool] == pytest.approx(150 - 328 * 0.017, abs=8)
    assert u.energy[viper] == pytest.approx(50 + 50 + 328 * 0.035, abs=2)
    assert viper not in game.world.current


def test_changelings_look_like_the_enemy() -> None:
    game = prepare("Zerg", "Terran")
    overseer = _caster(game, "Overseer")
    assert give(game, overseer, 181) == Result.SUCCESS
    changeling = rows(game, 0, "Changeling")[0]
    game.step(16)
    assert name(game, changeling) == "Changeling"
    put(game, 1, "Marine", 36, 30)
    until(game, lambda: name(game, changeling) == "ChangelingMarine", 16)
    assert game.world.units.can_attack[changeling] == 0


def test_locusts_fly_land_and_fight_for_400_loops() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    host, depot = _caster(game, "SwarmHostMP"), put(game, 1, "SupplyDepot", 45, 30)
    assert give(game, host, 2704, at=(45, 30)) == Result.SUCCESS
    start = game.loop
    assert len(rows(game, 0, "LocustMPFlying")) == 2
    until(game, lambda: rows(game, 0, "LocustMP"), 200)
    until(game, lambda: u.hp[depot] < 400, 60)
    until(game, lambda: not rows(game, 0, "LocustMP", "LocustMPFlying"), 420)
    assert 400 <= game.loop - start <= 410
    assert give(game, host, 2704, at=(45, 30)) == Result.COOLDOWN


def test_brood_lords_leave_broodlings_and_so_do_dying_hatcheries() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    lord, hall = put(game, 0, "BroodLord", 30, 30), put(game, 1, "CommandCenter", 40.5, 30.5)
    give(game, lord, 23, hall)
    until(game, lambda: len(rows(game, 0, "Broodling")) >= 2, 120)
    give(game, lord, 16, at=(5, 5))
    until(game, lambda: not rows(game, 0, "Broodling"), 260)
    hatchery = rows(game, 0, "Hatchery")[0]
    u.hp[hatchery] = 1
    give(game, put(game, 1, "Marine", 14, 14), 23, hatchery, player=1)
    until(game, lambda: not rows(game, 0, "Hatchery"), 60)
    assert len(rows(game, 0, "Broodling")) == 9


def test_effects_are_part_of_clones_and_hashes() -> None:
    game = prepare("Protoss", "Terran")
    _learn(game, "PsiStormTech")
    templar, marine = _caster(game, "HighTemplar"), put(game, 1, "Marauder", 36, 30)
    _hold(game, marine)
    give(game, templar, 1036, at=(36, 30))
    game.step(20)
    twin = game.clone()
    assert twin.state_hash() == game.state_hash()
    twin.world.effects = twin.world.effects[:-1]
    assert twin.state_hash() != game.state_hash()
    twin = game.clone()
    game.step(80)
    for _ in range(40):
        twin.step(2)
    assert twin.state_hash() == game.state_hash()
    assert game.world.units.order[templar] == st.IDLE
