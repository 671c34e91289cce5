"""Burning and starving structures, repair and its price, salvage, and creep that spreads by tumours."""

import pytest

from cherrypy_bot.sim.abilities import Result, available
from cherrypy_bot.sim.game import Command
from tests.sim.abilities.scene import give, grow_creep, name, prepare, put, rows, until

REPAIR, SALVAGE, SPREAD, QUEEN_TUMOR = 316, 4128, 1733, 1694


def test_terran_structures_below_a_third_burn_down_at_three_a_second() -> None:
    game = prepare("Terran")
    u = game.world.units
    hurt, well, pool = (put(game, 0, n, 20.5 + 6 * i, 30.5) for i, n in enumerate(("Barracks", "Barracks", "Armory")))
    u.hp[hurt], u.hp[well] = 333, 334
    u.hp[pool] = 10
    game.step(1600)
    assert u.hp[hurt] == pytest.approx(333 - 1600 / 5.332, abs=4)
    assert u.hp[well] == 334
    assert pool not in rows(game, 0, "Armory")


def test_structures_under_construction_do_not_burn() -> None:
    game = prepare("Terran")
    site = put(game, 0, "Barracks", 30.5, 30.5, complete=False)
    game.world.units.build_rate[site] = 0
    game.step(64)
    assert game.world.units.hp[site] == 100


def test_zerg_structures_off_creep_starve_and_those_on_creep_do_not() -> None:
    game = prepare("Zerg")
    u = game.world.units
    off, on = put(game, 0, "SpawningPool", 40.5, 20.5), put(game, 0, "SpawningPool", 20.5, 40.5)
    game.world.grids.creep[35:46, 15:26] = 1
    game.step(533 + 16)
    assert u.hp[off] == pytest.approx(1000 - 100 + 549 * 0.01709, abs=4)
    assert u.hp[on] == 1000
    game.world.grids.creep[:] = 1
    now = float(u.hp[off])
    game.step(64)
    assert u.hp[off] >= now - 3


def test_a_worker_repairs_a_command_center_in_1600_loops_for_a_quarter_of_its_price() -> None:
    game = prepare("Terran", minerals=1000)
    w, u = game.world, game.world.units
    hall, scv = rows(game, 0, "CommandCenter")[0], put(game, 0, "SCV", 14, 10)
    u.hp[hall] = 750
    assert give(game, scv, REPAIR, hall) == Result.SUCCESS
    start = game.loop
    until(game, lambda: u.hp[hall] == 1500)
    assert game.loop - start == pytest.approx(805, abs=6)  # with the walk
    assert w.players.minerals[0] == pytest.approx(1000 - 50, abs=1)
    until(game, lambda: scv not in w.current, 10)


def test_two_workers_repair_twice_as_fast_and_none_without_money() -> None:
    game = prepare("Terran", minerals=20)
    w, u = game.world, game.world.units
    hall = rows(game, 0, "CommandCenter")[0]
    scvs = [put(game, 0, "SCV", 14, 9 + i) for i in range(2)]
    u.hp[hall] = 600
    game.command(0, Command(REPAIR, tuple(scvs), hall))
    game.step(20)
    before = float(u.hp[hall])
    game.step(80)
    assert u.hp[hall] - before == pytest.approx(80 * 2 * 1500 / 1600, abs=4)
    game.step(800)
    assert w.players.minerals[0] < 1
    assert u.hp[hall] == pytest.approx(600 + 22 / 100 * 1500, abs=10)  # each owes up to one


def test_repair_wants_a_damaged_machine() -> None:
    game = prepare("Terran")
    scv, marine, tank = put(game, 0, "SCV", 14, 10), put(game, 0, "Marine", 20, 20), put(game, 0, "SiegeTank", 22, 22)
    game.world.units.hp[marine] = 10
    assert give(game, scv, REPAIR, marine) == Result.MUST_TARGET_MECHANICAL_UNITS
    assert give(game, scv, REPAIR, tank) == Result.REQUIRES_REPAIR_TARGET
    game.world.units.hp[tank] = 100
    assert give(game, scv, 1, tank) == Result.SUCCESS  # a right click means it too
    assert game.world.current[scv].ability == REPAIR
    until(game, lambda: game.world.units.hp[tank] > 120)


def test_workers_repair_by_themselves_only_when_told_to() -> None:
    game = prepare("Terran")
    scv, tank = put(game, 0, "SCV", 22, 20), put(game, 0, "SiegeTank", 22, 24)
    game.world.units.hp[tank] = 100
    game.step(64)
    assert game.world.units.hp[tank] == 100
    assert give(game, scv, -REPAIR) == Result.SUCCESS
    until(game, lambda: game.world.units.hp[tank] == 175, 1000)


def test_salvage_pays_three_quarters_back_after_80_loops_unless_damaged() -> None:
    game = prepare("Terran", minerals=0)
    bunker, other = put(game, 0, "Bunker", 30.5, 30.5), put(game, 0, "Bunker", 40.5, 30.5)
    assert give(game, bunker, SALVAGE) == give(game, other, SALVAGE) == Result.SUCCESS
    assert SALVAGE not in available(game, bunker, False)
    game.step(40)
    game.world.units.last_hurt_loop[other] = game.loop
    game.step(41)
    assert rows(game, 0, "Bunker") == [other]
    assert game.world.players.minerals[0] == 75
    assert SALVAGE in available(game, other, False)


def test_a_queen_and_then_every_tumour_once_spreads_creep() -> None:
    game = prepare("Zerg")
    queen = put(game, 0, "Queen", 16, 16)
    game.world.units.energy[queen] = 60
    grow_creep(game)
    assert give(game, queen, 3691, at=(20, 20)) == Result.SUCCESS  # the general id
    until(game, lambda: rows(game, 0, "CreepTumorBurrowed"))
    tumour = rows(game, 0, "CreepTumorBurrowed")[0]
    burrowed = game.loop
    assert give(game, tumour, SPREAD, at=(26, 20)) == Result.COOLDOWN
    until(game, lambda: SPREAD in available(game, tumour, False))
    assert game.loop - burrowed == 304
    assert give(game, tumour, SPREAD, at=(33, 20)) == Result.TARGET_IS_OUT_OF_RANGE
    assert give(game, tumour, 3691, at=(29, 20)) == Result.SUCCESS
    assert give(game, tumour, SPREAD, at=(20, 28)) == Result.NOT_ENOUGH_CHARGES
    new = rows(game, 0, "CreepTumor")[0]
    placed = game.loop
    until(game, lambda: game.world.units.build_left[new] <= 0)
    assert game.loop - placed == 240
    until(game, lambda: name(game, new) == "CreepTumorBurrowed")
    assert game.world.units.cloaked[new]


def test_a_tumour_needs_creep_in_sight() -> None:
    game = prepare("Zerg")
    tumour = put(game, 0, "CreepTumorBurrowed", 30, 30)
    game.step(1)
    game.world.grids.creep[25:35, 25:31] = 1
    assert give(game, tumour, SPREAD, at=(36, 30)) == 49  # CantBuildTooFarFromCreepSource
    assert give(game, tumour, SPREAD, at=(27, 30)) == Result.SUCCESS
