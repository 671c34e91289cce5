"""Powers that change one unit for a while: frenzy, afterburners, strides, switches, recharge, contamination."""

import math

import pytest

from cherrypy_bot.sim.abilities import Result, available, creep
from cherrypy_bot.sim.abilities.effects import buffs
from tests.sim.abilities.effects.casting import caster_of, hold, learn_all
from tests.sim.abilities.scene import give, grow_creep, prepare, put, rows, until


def test_frenzy_doubles_the_speed_of_a_hydralisk_for_16_loops_every_224() -> None:
    game = prepare("Zerg")
    u = game.world.units
    hydra = put(game, 0, "Hydralisk", 30, 30)
    assert give(game, hydra, 4109) == Result.TECH_REQUIREMENTS_NOT_MET
    learn_all(game, "Frenzy")
    assert give(game, hydra, 4109) == Result.SUCCESS
    begun = game.loop
    assert u.speed_factor[hydra] == 2
    assert give(game, hydra, 4109) == Result.COOLDOWN
    assert until(game, lambda: u.speed_factor[hydra] == 1, 40) - begun == 16
    assert until(game, lambda: 4109 in available(game, hydra, False), 400) - begun == 224


def test_afterburners_make_a_medivac_fly_17_tenths_as_fast_for_128_loops() -> None:
    game = prepare("Terran")
    u = game.world.units
    ways = []
    for burn in (False, True):
        medivac = put(game, 0, "Medivac", 10, 40)
        if burn:
            assert give(game, medivac, 2116) == Result.SUCCESS
            assert give(game, medivac, 2116) == Result.COOLDOWN
        u.speed_now[medivac] = 99.0  # no time to accelerate
        give(game, medivac, 16, at=(60, 40))
        game.step(40)
        ways.append(float(u.x[medivac]) - 10)
    assert ways[1] / ways[0] == pytest.approx(1.7, rel=0.02)
    game.step(90)
    assert u.speed_factor[medivac] == 1


def test_a_shadow_stride_goes_eight_cells_and_keeps_the_templar_from_striking_for_16_loops() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    templar, marine = put(game, 0, "DarkTemplar", 30, 30), put(game, 1, "Marine", 38.9, 30)
    hold(game, marine)
    assert give(game, templar, 2700, at=(50, 30)) == Result.TECH_REQUIREMENTS_NOT_MET
    learn_all(game, "DarkTemplarBlinkUpgrade")
    game.step(1)
    assert give(game, templar, 2700, at=(50, 30)) == Result.SUCCESS
    assert (u.x[templar], u.y[templar]) == pytest.approx((38, 30))
    strode = game.loop
    assert give(game, templar, 2700, at=(30, 30)) == Result.COOLDOWN
    give(game, templar, 23, marine)
    until(game, lambda: u.hp[marine] < 45 or u.alive[marine] != 1, 80)
    assert game.loop - strode >= 16


@pytest.mark.parametrize(("kind", "on", "off"), [("Ghost", 36, 38), ("LurkerMPBurrowed", 2550, 2552)])
def test_who_holds_fire_does_not_shoot_until_told_to(kind: str, on: int, off: int) -> None:
    game = prepare("Terran", "Terran")
    u = game.world.units
    shooter, foe = put(game, 0, kind, 30, 30), put(game, 1, "Marauder", 33, 30)
    hold(game, foe)
    assert off not in available(game, shooter, False)
    assert give(game, shooter, on) == Result.SUCCESS
    game.step(80)
    assert u.hp[foe] == 125
    assert give(game, shooter, off) == Result.SUCCESS
    until(game, lambda: u.hp[foe] < 125, 80)


def test_an_overlord_drips_creep_where_it_hovers_once_there_is_a_lair() -> None:
    game = prepare("Zerg")
    u, g = game.world.units, game.world.grids
    lord = put(game, 0, "Overlord", 40, 40)
    assert give(game, lord, 1692) == Result.TECH_REQUIREMENTS_NOT_MET
    put(game, 0, "Lair", 20.5, 50.5)
    assert give(game, lord, 1692) == Result.SUCCESS
    until(game, lambda: g.creep[40, 40] == 1, 100)
    assert not g.creep[40, 50]
    assert give(game, lord, 16, at=(48, 40)) == Result.SUCCESS
    until(game, lambda: g.creep[40, 48] == 1, 400)
    assert give(game, lord, 1693) == Result.SUCCESS
    assert (lord, creep.GENERATES) not in game.world.marks
    until(game, lambda: not g.creep[38:43, 44:52].any(), 2000)
    assert u.alive[lord] == 1


def test_energy_recharge_gives_four_times_25_near_a_nexus_once_for_all() -> None:
    game = prepare("Protoss")
    u = game.world.units
    nexus = rows(game, 0, "Nexus")[0]
    sentry, far = caster_of(game, "Sentry", 16, 10, energy=20), caster_of(game, "Sentry", 40, 40, energy=20)
    u.energy[nexus] = 150
    assert give(game, nexus, 4126, far) == Result.TARGET_IS_OUT_OF_RANGE
    assert give(game, nexus, 4126, sentry) == Result.SUCCESS
    assert u.energy[nexus] == pytest.approx(100, abs=0.1)
    assert u.energy[sentry] == pytest.approx(45, abs=0.1)
    game.step(24)
    assert u.energy[sentry] == pytest.approx(120, abs=2)
    game.step(10)
    assert u.energy[sentry] == pytest.approx(120, abs=3)
    other = put(game, 0, "Nexus", 30.5, 10.5)
    u.energy[other] = 150
    assert give(game, other, 4126, sentry) == Result.COOLDOWN


def test_battery_overcharge_is_gone_since_energy_recharge_came() -> None:
    game = prepare("Protoss")
    nexus = rows(game, 0, "Nexus")[0]
    game.world.units.energy[nexus] = 200
    battery = put(game, 0, "ShieldBattery", 16, 16)
    assert 4107 not in available(game, nexus, True)
    assert give(game, nexus, 4107, battery) == Result.NOT_SUPPORTED


def test_a_contaminated_structure_makes_nothing_for_480_loops() -> None:
    game = prepare("Zerg", "Terran")
    w, u = game.world, game.world.units
    barracks = put(game, 1, "Barracks", 30.5, 30.5)
    give(game, barracks, "Marine", player=1)
    overseer = caster_of(game, "Overseer", 34, 30, energy=125)
    assert give(game, overseer, 1825, barracks) == Result.SUCCESS
    until(game, lambda: buffs.has(w, barracks, buffs.CONTAMINATED), 60)
    left, begun = float(u.work_left[barracks, 0]), game.loop
    game.step(400)
    assert u.work_left[barracks, 0] == left
    assert until(game, lambda: u.work_left[barracks, 0] < left, 100) - begun == pytest.approx(480, abs=2)


def test_a_contaminated_hatchery_makes_no_larvae() -> None:
    game = prepare("Zerg", "Zerg")
    w, u = game.world, game.world.units
    grow_creep(game)
    hatchery = rows(game, 1, "Hatchery")[0]
    u.larva_timer[hatchery] = 100
    buffs.apply(game, hatchery, buffs.CONTAMINATED)
    game.step(300)
    assert not rows(game, 1, "Larva")
    born = until(game, lambda: rows(game, 1, "Larva"), 400)
    assert born == pytest.approx(1 + 480 + 100, abs=3)
    assert not buffs.has(w, hatchery, buffs.CONTAMINATED)


def test_caustic_spray_eats_structures_slowly_and_then_fast() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    corruptor, hall = caster_of(game, "Corruptor", 30, 30), put(game, 1, "CommandCenter", 36.5, 30.5)
    marine = put(game, 1, "Marine", 30, 50)
    assert give(game, corruptor, 2324, marine) != Result.SUCCESS
    assert give(game, corruptor, 2324, hall) == Result.SUCCESS
    until(game, lambda: u.hp[hall] < 1500, 60)
    game.step(96)
    assert 1500 - u.hp[hall] == pytest.approx(30, abs=6)
    before = float(u.hp[hall])
    game.step(64)
    assert before - u.hp[hall] == pytest.approx(5 * 64 / 3.2, abs=10)
    give(game, corruptor, 16, at=(20, 30))
    before = float(u.hp[hall])
    game.step(30)
    assert u.hp[hall] == before


def test_time_warp_slows_enemies_that_walk_and_shoot_in_it() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    ship = caster_of(game, "Mothership", 20, 40)
    u.can_attack[ship] = 0
    marine, zealot, far = put(game, 1, "Marine", 26, 40), put(game, 0, "Zealot", 26, 41), put(game, 1, "Marine", 40, 20)
    hold(game, marine)
    give(game, zealot, 18)
    assert give(game, ship, 2244, at=(26, 40)) == Result.SUCCESS
    game.step(10)
    assert u.speed_factor[marine] == 1  # the bubble still grows
    game.step(10)
    assert (u.speed_factor[marine], u.attack_rate[marine]) == pytest.approx((0.6, 0.6))
    assert u.speed_factor[zealot] == u.speed_factor[far] == 1
    game.step(170)
    assert u.speed_factor[marine] == u.attack_rate[marine] == 1
    assert give(game, ship, 2244, at=(26, 40)) == Result.COOLDOWN


def test_a_mothership_recalls_what_stands_within_five_cells() -> None:
    game = prepare("Protoss")
    u = game.world.units
    ship = caster_of(game, "Mothership", 50, 20)
    near, far = put(game, 0, "Zealot", 22, 40), put(game, 0, "Zealot", 30, 40)
    assert give(game, ship, 142, at=(20, 40)) == Result.SUCCESS
    game.step(90)
    assert math.dist((u.x[near], u.y[near]), (50, 20)) < 5
    assert (u.x[far], u.y[far]) == (30, 40)


@pytest.mark.parametrize(("shooter", "full", "halved"), [("Banshee", 24, True), ("Marauder", 10, False)])
def test_a_microbial_shroud_halves_what_flyers_shoot_at_the_ground(shooter: str, full: float, halved: bool) -> None:
    """Nothing has to be researched for it in this patch; what shoots from the ground does full damage."""
    assert _volley(shooter, shroud=False) == pytest.approx(full, abs=0.2)
    assert _volley(shooter, shroud=True) == pytest.approx(full / 2 if halved else full, abs=0.2)


def _volley(shooter: str, *, shroud: bool) -> float:
    """Damage of one attack on a zergling."""
    game = prepare("Zerg", "Terran")
    u = game.world.units
    infestor, ling = caster_of(game, "Infestor", 24, 30), put(game, 0, "Zergling", 30, 30)
    hold(game, ling, infestor, player=0)
    if shroud:
        assert give(game, infestor, 4111, at=(30, 30)) == Result.SUCCESS
        game.step(2)
        assert u.energy[infestor] == pytest.approx(125, abs=0.2)
        assert buffs.has(game.world, ling, buffs.ARMOR_CLOUD)
    give(game, put(game, 1, shooter, 33, 30), 23, ling, player=1)
    until(game, lambda: u.hp[ling] < 34, 60)
    game.step(4)
    return 35 - float(u.hp[ling])


def test_a_shroud_lasts_240_loops_and_80_more_on_who_was_in_it() -> None:
    game = prepare("Zerg")
    infestor, ling = caster_of(game, "Infestor", 24, 30), put(game, 0, "Zergling", 30, 30)
    give(game, infestor, 4111, at=(30, 30))
    begun = game.loop
    until(game, lambda: buffs.has(game.world, ling, buffs.ARMOR_CLOUD), 30)
    over = until(game, lambda: not buffs.has(game.world, ling, buffs.ARMOR_CLOUD), 400)
    assert over - begun == pytest.approx(320, abs=10)
