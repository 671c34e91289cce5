"""Injects, chrono boosts, MULEs, supplies, scans: what they cost, when they pay, and what they may be aimed at."""

import pytest

from cherrypy_bot.sim.abilities import Result, available
from cherrypy_bot.sim.abilities.effects import buffs
from cherrypy_bot.sim.game import Game
from tests.sim.abilities.scene import RULES, give, grow_creep, prepare, put, rows, until

INJECT, CHRONO, MULE, SUPPLIES, SCAN = 251, 3755, 171, 255, 399


def _queen(game: Game, energy: float = 50.0, x: float = 16.0, y: float = 10.0) -> int:
    queen = put(game, 0, "Queen", x, y)
    game.world.units.energy[queen] = energy
    return queen


def test_an_inject_brings_three_larvae_641_loops_later_four_loops_apart() -> None:
    game = prepare("Zerg")
    grow_creep(game)
    hall, queen = rows(game, 0, "Hatchery")[0], _queen(game, x=14.0)
    game.world.units.larva_timer[hall] = 1e9  # no larvae of its own
    assert give(game, queen, INJECT, hall) == Result.SUCCESS
    until(game, lambda: buffs.has(game.world, hall, buffs.INJECT))
    cast = game.loop
    assert game.world.units.energy[queen] == pytest.approx(25, abs=0.2)
    births = []
    for count in (1, 2, 3):
        births.append(until(game, lambda count=count: len(rows(game, 0, "Larva")) == count, 700) - cast)
    assert births == [641, 645, 649]
    assert not buffs.has(game.world, hall, buffs.INJECT)


def test_injects_wait_in_line_and_begin_641_loops_apart() -> None:
    game = prepare("Zerg")
    grow_creep(game)
    hall = rows(game, 0, "Hatchery")[0]
    game.world.units.larva_timer[hall] = 1e9
    for queen in (_queen(game, x=14.0), _queen(game, x=14.0, y=12)):
        give(game, queen, INJECT, hall)
    until(game, lambda: len(rows(game, 0, "Larva")) == 1, 700)
    first = game.loop
    until(game, lambda: len(rows(game, 0, "Larva")) == 4, 700)
    assert game.loop - first == 641


def test_larvae_stop_at_nineteen() -> None:
    game = prepare("Zerg")
    grow_creep(game)
    hall = rows(game, 0, "Hatchery")[0]
    for number in range(7):
        give(game, _queen(game, x=14.0, y=6 + number), INJECT, hall)
    game.step(641 * 7 + 100)
    assert len(rows(game, 0, "Larva")) == 19


def test_an_inject_needs_energy_and_an_own_finished_hatchery() -> None:
    game = prepare("Zerg", "Zerg")
    grow_creep(game)
    queen, poor = _queen(game), _queen(game, energy=10)
    pool = put(game, 0, "SpawningPool", 20.5, 30.5)
    foe = put(game, 1, "Hatchery", 30.5, 10.5)
    hall = rows(game, 0, "Hatchery")[0]
    assert give(game, poor, INJECT, hall) == Result.NOT_ENOUGH_ENERGY
    assert give(game, queen, INJECT, pool) == Result.CANT_TARGET_THAT_UNIT
    assert give(game, queen, INJECT, foe) == Result.MUST_TARGET_YOUR_OWN_UNITS
    assert give(game, queen, INJECT, at=(10, 10)) == Result.MUST_TARGET_UNIT
    assert INJECT in available(game, queen, False)
    assert INJECT not in available(game, poor, False)


def test_chrono_boost_makes_probes_in_181_instead_of_272_loops() -> None:
    game = prepare("Protoss")
    nexus = rows(game, 0, "Nexus")[0]
    game.world.units.energy[nexus] = 50
    assert give(game, nexus, CHRONO, nexus) == Result.SUCCESS
    assert game.world.units.energy[nexus] < 1
    start = game.loop
    for _ in range(3):
        give(game, nexus, "Probe")
    born = [until(game, lambda n=n: len(rows(game, 0, "Probe")) == n) - start for n in (1, 2)]
    assert born[0] == pytest.approx(182, abs=1)
    assert born[1] - born[0] == pytest.approx(181, abs=1)
    until(game, lambda: not buffs.has(game.world, nexus, buffs.CHRONO_BOOST))
    assert game.loop - start == 448
    assert game.world.units.work_rate[nexus] == 1


def test_chrono_boost_shortens_the_recharge_of_a_warp_gate() -> None:
    game = prepare("Protoss")
    put(game, 0, "Pylon", 20, 20)
    gate, nexus = put(game, 0, "WarpGate", 24.5, 20.5), rows(game, 0, "Nexus")[0]
    put(game, 0, "CyberneticsCore", 20.5, 24.5)
    game.step(1)
    game.world.units.energy[nexus] = 100
    every = (r for listed in RULES.commands.values() for r in listed)
    zealot = next(r for r in every if r.how == "warp_in" and r.product == RULES.unit("Zealot").id)
    assert give(game, gate, zealot.ability_id, at=(22, 17)) == Result.SUCCESS
    plain = game.world.cooldowns[(gate, zealot.ability_id)] - game.loop
    assert give(game, nexus, CHRONO, gate) == Result.SUCCESS
    boosted = game.world.cooldowns[(gate, zealot.ability_id)] - game.loop
    assert boosted == pytest.approx(plain / 1.5, abs=1)
    game.step(boosted)
    assert give(game, gate, zealot.ability_id, at=(18, 17)) == Result.SUCCESS
    left = 448 - boosted
    again = game.world.cooldowns[(gate, zealot.ability_id)] - game.loop
    assert again == pytest.approx(left + plain - 1.5 * left, abs=1)


def test_chrono_boost_is_for_structures_that_make_something() -> None:
    game = prepare("Protoss")
    nexus, pylon = rows(game, 0, "Nexus")[0], put(game, 0, "Pylon", 20, 20)
    assert give(game, nexus, CHRONO, pylon) == Result.CANT_TARGET_THAT_UNIT


def test_a_mule_brings_25_a_trip_beside_a_worker_and_lives_1506_to_1510_loops() -> None:
    game = prepare("Terran", minerals=0)
    w = game.world
    orbital, patch = put(game, 0, "OrbitalCommand", 25.5, 8.5), rows(game, 2, "MineralField")[1]
    scv = put(game, 0, "SCV", 16, 9)
    give(game, scv, 3666, patch)
    game.step(300)
    before, contents = w.players.collected_minerals[0], w.units.contents[patch]
    assert give(game, orbital, MULE, patch) == Result.SUCCESS
    start = game.loop
    assert len(rows(game, 0, "MULE")) == 1
    until(game, lambda: not rows(game, 0, "MULE"))
    assert 1506 <= game.loop - start <= 1511
    mined = contents - w.units.contents[patch]
    alone = 5 * round(1506 / 120)
    trips = (w.players.collected_minerals[0] - before - alone) / 25
    assert 8 <= trips <= 10  # about 225 minerals
    assert mined > 0
    assert w.players.minerals[0] == w.players.collected_minerals[0]


def test_two_mules_do_not_share_a_field() -> None:
    game = prepare("Terran")
    orbital, patch = put(game, 0, "OrbitalCommand", 25.5, 8.5), rows(game, 2, "MineralField")[1]
    game.world.units.energy[orbital] = 100
    give(game, orbital, MULE, patch)
    give(game, orbital, MULE, patch)
    game.step(140)
    targets = {game.world.units.node[m] for m in rows(game, 0, "MULE")}
    assert len(targets) == 2


def test_extra_supplies_give_eight_food_and_a_hundred_life_once() -> None:
    game = prepare("Terran")
    w = game.world
    orbital, depot = put(game, 0, "OrbitalCommand", 25.5, 8.5), put(game, 0, "SupplyDepot", 30, 30)
    w.units.energy[orbital] = 150
    give(game, rows(game, 0, "CommandCenter")[0], "SCV")
    cap = w.players.supply_cap[0]
    assert give(game, orbital, SUPPLIES, depot) == Result.SUCCESS
    assert give(game, orbital, SUPPLIES, depot) == Result.CANT_TARGET_THAT_UNIT
    game.step(63)
    assert w.players.supply_cap[0] == cap
    game.step(1)
    assert (w.players.supply_cap[0] - cap, w.units.hp_max[depot], w.units.hp[depot]) == (8, 500, 500)
    lower = next(a for a in available(game, depot, False) if "LOWER" in RULES.abilities[a].name)
    give(game, depot, lower)
    game.step(60)
    assert RULES.units[int(w.units.type_id[depot])].name == "SupplyDepotLowered"
    assert (w.units.hp_max[depot], w.players.supply_cap[0] - cap) == (500, 8)


def test_a_scan_shows_and_detects_for_196_loops() -> None:
    game = prepare("Terran", "Protoss")
    w = game.world
    orbital = put(game, 0, "OrbitalCommand", 25.5, 8.5)
    templar = put(game, 1, "DarkTemplar", 45, 45, seen=2)
    hall = rows(game, 1, "Nexus")[0]
    game.step(1)
    seen_before = w.grids.vis_count[0].copy()
    assert w.units.seen[templar] & 1 == 0
    assert give(game, orbital, SCAN, at=(46, 46)) == Result.SUCCESS
    game.step(1)
    assert w.units.seen[templar] & 1
    assert w.units.detected[templar] & 1
    assert w.units.seen[hall] & 1
    game.step(197)
    assert w.units.seen[templar] & 1 == 0
    assert (w.grids.vis_count[0] == seen_before).all()
    assert all(e.kind != "scan" for e in w.effects)


def test_clones_go_on_with_injects_mules_and_scans_as_the_original_does() -> None:
    game = prepare("Terran", "Zerg")
    orbital, patch = put(game, 0, "OrbitalCommand", 25.5, 8.5), rows(game, 2, "MineralField")[0]
    game.world.units.energy[orbital] = 200
    give(game, orbital, MULE, patch)
    give(game, orbital, SCAN, at=(46, 46))
    game.step(90)
    twin = game.clone()
    assert twin.state_hash() == game.state_hash()
    game.step(400)
    for _ in range(200):
        twin.step(2)
    assert twin.state_hash() == game.state_hash()
