"""Storms, feedback, archons, beams, wards, novas, barriers, recalls, carriers."""

import itertools
import math

import pytest

from cherrypy_bot.sim.abilities import Result, available
from cherrypy_bot.sim.abilities.effects import buffs, damage, magazines
from cherrypy_bot.sim.game import Command, Game
from tests.sim.abilities.effects.casting import caster_of, hold, learn_all
from tests.sim.abilities.scene import give, prepare, put, rows, until


def test_a_storm_deals_80_to_who_stays_and_two_storms_no_more() -> None:
    for storms in (1, 2):
        game = prepare("Protoss", "Terran")
        u = game.world.units
        marauder = put(game, 1, "Marauder", 36, 30)
        hall = put(game, 1, "CommandCenter", 40.5, 30.5)
        hold(game, marauder)
        learn_all(game, "PsiStormTech")
        for number in range(storms):
            templar = caster_of(game, "HighTemplar", y=30 + number)
            u.can_attack[templar] = 0
            assert give(game, templar, 1036, at=(36, 30)) == Result.SUCCESS
        game.step(90)
        assert 125 - u.hp[marauder] == 80
        assert u.hp[hall] == 1500
        assert not buffs.has(game.world, marauder, buffs.PSI_STORM)


def test_storm_has_a_price_a_range_and_needs_its_research() -> None:
    game = prepare("Protoss")
    templar = caster_of(game, "HighTemplar", energy=100)
    assert give(game, templar, 1036, at=(36, 30)) == Result.TECH_REQUIREMENTS_NOT_MET
    learn_all(game, "PsiStormTech")
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
        caster_of(game, "HighTemplar"),
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
    roach, ultra, phoenix = put(game, 1, "Roach", 33, 30), put(game, 1, "Ultralisk", 30, 34), caster_of(game, "Phoenix")
    friend = put(game, 0, "Phoenix", 30, 27)
    hold(game, ultra)
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


def test_an_aligned_void_ray_hits_armour_for_six_more_as_often_as_before_and_flies_slower() -> None:
    for aligned in (False, True):
        game = prepare("Protoss", "Terran")
        u = game.world.units
        hall, ray = put(game, 1, "CommandCenter", 34.5, 30.5), put(game, 0, "VoidRay", 30, 30)
        if aligned:
            assert give(game, ray, 2393) == Result.SUCCESS
            assert u.speed_factor[ray] == 0.75
        give(game, ray, 23, hall)
        hits = _hits_on(game, hall, 8)
        assert {amount for _, amount in hits} == {(16 if aligned else 10) - 1}
        gaps = [b - a for (a, _), (b, _) in itertools.pairwise(hits)]
        assert 7 <= min(gaps) <= max(gaps) <= 10


def _hits_on(game: Game, row: int, count: int) -> list[tuple[int, float]]:
    """(loop, damage) of the next hits on a unit."""
    u, hits = game.world.units, []
    while len(hits) < count:
        before = float(u.hp[row])
        game.step(1)
        if u.hp[row] < before:
            hits.append((game.loop, before - float(u.hp[row])))
    return hits


def test_alignment_does_nothing_against_light_units_and_flux_vanes_make_it_slower_still() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    learn_all(game, "VoidRaySpeedUpgrade")
    ray, marine = put(game, 0, "VoidRay", 30, 30), put(game, 1, "Marine", 33, 30)
    hold(game, marine)
    assert give(game, ray, 2393) == Result.SUCCESS
    assert u.speed_factor[ray] == pytest.approx(0.621)
    give(game, ray, 23, marine)
    assert _hits_on(game, marine, 1)[0][1] == 6
    game.step(330)
    assert u.speed_factor[ray] == 1
    assert u.armored_bonus[ray] == 0


def test_a_pulsar_beam_shoots_while_it_is_on_and_there_is_energy() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    oracle, marine = caster_of(game, "Oracle", energy=60), put(game, 1, "SCV", 33, 30)
    hold(game, marine)
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
    oracle, banshee = caster_of(game, "Oracle", 20, 30), put(game, 1, "Banshee", 31, 30)
    learn_all(game, "BansheeCloak", player=1)
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
    oracle = caster_of(game, "Oracle", 25, 30)
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
    hold(game, archon)
    disruptor = caster_of(game, "Disruptor")
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


def test_an_immortals_barrier_takes_100_damage_from_the_first_hit_on() -> None:
    """Armour and shields' armour do not count against what it absorbs: four hits of 25, and all of them."""
    game = prepare("Protoss", "Terran")
    u = game.world.units
    immortal, tank = put(game, 0, "Immortal", 30, 30), put(game, 1, "SiegeTank", 36, 30)
    u.can_attack[immortal] = 0
    give(game, immortal, 18)
    give(game, tank, 23, immortal, player=1)
    until(game, lambda: u.barrier[immortal] == 75, 60)
    assert u.shield[immortal] == 100
    game.step(2)
    assert buffs.has(game.world, immortal, buffs.IMMORTAL_OVERLOAD)
    u.attack_rate[tank] = 4
    until(game, lambda: u.barrier[immortal] == 0, 40)
    assert u.shield[immortal] == 100
    until(game, lambda: u.shield[immortal] < 100, 40)
    assert u.shield[immortal] == 75
    game.step(2)
    assert not buffs.has(game.world, immortal, buffs.IMMORTAL_OVERLOAD)


def test_a_barrier_ends_after_48_loops_and_is_ready_again_after_720() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    immortal = put(game, 0, "Immortal", 30, 30)
    game.step(4)
    damage.hurt(game, immortal, 30)
    hit = game.loop
    assert u.shield[immortal] == 100
    until(game, lambda: u.barrier[immortal] == 0, 60)
    assert game.loop - hit == pytest.approx(48, abs=2)
    damage.hurt(game, immortal, 30)
    assert u.shield[immortal] == 70
    until(game, lambda: u.barrier[immortal] == 100, 800)
    assert game.loop - hit == pytest.approx(720, abs=4)


def test_hallucinated_and_lifted_immortals_have_no_barrier() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    false, true = put(game, 0, "Immortal", 30, 30), put(game, 0, "Immortal", 34, 30)
    u.hallucination[false] = 1
    buffs.apply(game, true, buffs.GRAVITON_BEAM)
    game.step(4)
    assert u.barrier[[false, true]].tolist() == [0, 0]


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
    ship, zealot, far = caster_of(game, "Mothership"), put(game, 0, "Zealot", 33, 30), put(game, 0, "Zealot", 45, 30)
    assert give(game, ship, 4124) == Result.SUCCESS
    assert (u.cloaked[zealot], u.cloaked[far], u.cloaked[ship]) == (1, 0, 0)
    game.step(460)
    assert u.cloaked[zealot] == 0
