"""Boarding and getting off, bunkers that shoot, the nydus network, medivacs and shield batteries."""

import itertools
import math

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import Result, available
from cherrypy_bot.sim.abilities.effects import transports
from cherrypy_bot.sim.game import Command, Game
from tests.sim.abilities.effects.casting import learn_all
from tests.sim.abilities.scene import give, prepare, put, rows, until

LOAD, UNLOAD_AT, UNLOAD, HEAL = 3668, 3669, 3664, 386


def _inside(game: Game, transport: int) -> list[int]:
    return transports.passengers(game.world, transport)


def test_a_medivac_picks_up_flies_and_drops_one_every_16_loops() -> None:
    game = prepare("Terran")
    u = game.world.units
    medivac = put(game, 0, "Medivac", 30, 30)
    marines = [put(game, 0, "Marine", 26 + i, 26) for i in range(4)]
    for marine in marines:
        assert give(game, medivac, LOAD, marine, queue=True) == Result.SUCCESS
    until(game, lambda: len(_inside(game, medivac)) == 4, 300)
    assert u.hidden[marines].all()
    assert give(game, marines[0], 16, at=(10, 10)) == Result.YOU_CANT_ISSUE_COMMANDS_TO_THAT_UNIT
    assert give(game, medivac, UNLOAD_AT, at=(50, 20)) == Result.SUCCESS
    out = []
    for count in (3, 2, 1, 0):
        out.append(until(game, lambda n=count: len(_inside(game, medivac)) == n, 400))
    assert [b - a for a, b in itertools.pairwise(out)] == [16, 16, 16]
    assert all(math.dist((u.x[m], u.y[m]), (50, 20)) < 3 for m in marines)
    until(game, lambda: medivac not in game.world.current, 40)


def test_room_runs_out_and_what_does_not_fit_is_refused() -> None:
    game = prepare("Terran")
    medivac, bunker = put(game, 0, "Medivac", 30, 30), put(game, 0, "Bunker", 20.5, 40.5)
    thor, marine, hellion = (
        put(game, 0, "Thor", 31, 31),
        put(game, 0, "Marine", 29, 29),
        put(game, 0, "Hellion", 22, 42),
    )
    give(game, medivac, LOAD, thor)
    until(game, lambda: _inside(game, medivac) == [thor], 100)
    assert give(game, medivac, LOAD, marine) == Result.NOT_ENOUGH_ROOM_TO_LOAD_UNIT
    assert give(game, bunker, LOAD, hellion) == Result.CANT_LOAD_THAT_UNIT
    assert give(game, bunker, LOAD) == Result.MUST_TARGET_UNIT
    assert give(game, bunker, UNLOAD) == Result.NO_CARGO_TO_UNLOAD
    assert 407 in available(game, bunker, False)
    assert 408 not in available(game, bunker, False)


def test_a_right_click_boards() -> None:
    game = prepare("Terran")
    medivac, marine = put(game, 0, "Medivac", 30, 30), put(game, 0, "Marine", 20, 30)
    assert give(game, marine, 1, medivac) == Result.SUCCESS
    until(game, lambda: _inside(game, medivac) == [marine], 200)
    assert give(game, medivac, UNLOAD_AT, medivac) == Result.SUCCESS  # at once, wherever it is
    game.step(2)
    assert not _inside(game, medivac)


def test_passengers_die_with_a_medivac_and_leave_a_dying_bunker() -> None:
    game = prepare("Terran", "Terran")
    u = game.world.units
    medivac, bunker = put(game, 0, "Medivac", 30, 30), put(game, 0, "Bunker", 20.5, 40.5)
    lost, saved = put(game, 0, "Marine", 30, 29), put(game, 0, "Marine", 22, 42)
    give(game, lost, 1, medivac)
    give(game, saved, 1, bunker)
    until(game, lambda: _inside(game, medivac) and _inside(game, bunker), 100)
    viking, tank = put(game, 1, "VikingFighter", 33, 30), put(game, 1, "SiegeTank", 20, 34)
    u.hp[[medivac, bunker]] = 1
    give(game, viking, 23, medivac, player=1)
    give(game, tank, 23, bunker, player=1)
    until(game, lambda: not rows(game, 0, "Medivac", "Bunker"), 200)
    assert rows(game, 0, "Marine") == [saved]
    assert u.hidden[saved] == 0


def test_marines_in_a_bunker_shoot_as_often_as_outside_and_a_cell_farther() -> None:
    damage = []
    for sheltered in (False, True):
        game = prepare("Terran", "Terran")
        u = game.world.units
        bunker = put(game, 0, "Bunker", 30.5, 30.5)
        foe = put(game, 1, "CommandCenter", 40.5 if sheltered else 37.5, 30.5)
        gap = float(u.x[foe] - u.x[bunker]) - 1.875 - 2.75
        marines = [put(game, 0, "Marine", 32.8, 29 + i) for i in range(4)]
        if sheltered:
            assert 5 < gap < 6
            for marine in marines:
                give(game, marine, 1, bunker)
            until(game, lambda b=bunker, g=game: len(_inside(g, b)) == 4, 60)
        else:
            for marine in marines:
                give(game, marine, 23, foe)
            game.step(8)
        before = float(u.hp[foe])
        game.step(400)
        damage.append(before - float(u.hp[foe]))
    assert damage[1] == pytest.approx(damage[0], rel=0.06)
    assert damage[1] == pytest.approx(4 * 5 * 400 / 14.27, rel=0.06)


def test_a_bunker_does_not_reach_beyond_its_range() -> None:
    game = prepare("Terran", "Terran")
    bunker, foe = put(game, 0, "Bunker", 30.5, 30.5), put(game, 1, "CommandCenter", 41.5, 30.5)
    give(game, put(game, 0, "Marine", 30, 33), 1, bunker)
    game.step(200)
    assert _inside(game, bunker)
    assert game.world.units.hp[foe] == 1500


def test_a_warp_prism_picks_up_from_five_cells() -> None:
    game = prepare("Protoss")
    prism, zealot = put(game, 0, "WarpPrism", 30, 30), put(game, 0, "Zealot", 36, 30)
    give(game, zealot, 18)
    give(game, prism, LOAD, zealot)
    game.step(3)
    assert _inside(game, prism) == [zealot]


def test_a_command_center_calls_the_nearest_workers_in() -> None:
    game = prepare("Terran")
    hall = rows(game, 0, "CommandCenter")[0]
    scvs = [put(game, 0, "SCV", 14 + 0.5 * i, 12) for i in range(7)]
    assert give(game, hall, 416) == Result.SUCCESS
    until(game, lambda: len(_inside(game, hall)) == 5, 120)
    assert scvs[-1] not in _inside(game, hall)
    assert give(game, hall, 413) == Result.SUCCESS
    assert not _inside(game, hall)


def test_a_nydus_worm_lets_out_what_went_into_the_network() -> None:
    game = prepare("Zerg")
    u = game.world.units
    network = put(game, 0, "NydusNetwork", 20.5, 20.5)
    eyes = put(game, 0, "Overlord", 50, 20)
    game.step(1)
    assert give(game, network, 1768, at=(20, 50)) == Result.CANT_SEE_BUILD_LOCATION
    minerals = game.world.players.minerals[0]
    assert give(game, network, 1768, at=(50.5, 20.5)) == Result.SUCCESS
    assert minerals - game.world.players.minerals[0] == 75
    assert give(game, network, 1768, at=(45.5, 20.5)) == Result.COOLDOWN
    roaches = [put(game, 0, "Roach", 24, 18 + i) for i in range(3)]
    for roach in roaches:
        give(game, roach, 1, network)
    worm = rows(game, 0, "NydusCanal")[0]
    until(game, lambda: u.build_left[worm] <= 0, 330)
    assert len(_inside(game, worm)) == 3
    assert give(game, worm, 2371) == Result.SUCCESS
    until(game, lambda: not _inside(game, worm), 40)
    assert all(math.dist((u.x[r], u.y[r]), (50.5, 20.5)) < 4 for r in roaches)
    assert u.alive[eyes] == 1


def test_a_medivac_heals_nine_life_a_second_for_a_third_of_the_energy() -> None:
    game = prepare("Terran")
    u = game.world.units
    medivac, marauder = put(game, 0, "Medivac", 30, 30), put(game, 0, "Marauder", 31, 30)
    u.hp[marauder], u.energy[medivac] = 25, 50
    game.step(5)
    hp, energy, loop = float(u.hp[marauder]), float(u.energy[medivac]), game.loop
    game.step(100)
    assert u.hp[marauder] - hp == pytest.approx(56, abs=2)
    spent = energy + 0.035156 * (game.loop - loop) - u.energy[medivac]
    assert spent == pytest.approx((u.hp[marauder] - hp) / 3, rel=0.05)
    until(game, lambda: u.hp[marauder] == 125, 200)
    until(game, lambda: medivac not in game.world.current, 10)


def test_medivacs_on_a_scan_move_stop_to_heal_and_go_on() -> None:
    game = prepare("Terran")
    u = game.world.units
    medivac, marine = put(game, 0, "Medivac", 20, 30), put(game, 0, "Marine", 30, 30)
    u.hp[marine] = 10
    give(game, medivac, 3674, at=(50, 30))
    until(game, lambda: u.hp[marine] == 45, 400)
    assert u.x[medivac] < 36
    until(game, lambda: u.x[medivac] > 49, 400)


def test_two_medivacs_heal_two_marines() -> None:
    game = prepare("Terran")
    u = game.world.units
    medivacs = [put(game, 0, "Medivac", 30 + i, 30) for i in range(2)]
    marines = [put(game, 0, "Marine", 30 + i, 32) for i in range(2)]
    u.hp[marines] = 10
    game.step(12)
    assert (u.hp[marines] > 12).all()
    assert {game.world.current[m].target for m in medivacs} == set(marines)


def test_healing_can_be_switched_off_and_refuses_machines() -> None:
    game = prepare("Terran")
    u = game.world.units
    medivac, marine, tank = (
        put(game, 0, "Medivac", 30, 30),
        put(game, 0, "Marine", 31, 30),
        put(game, 0, "SiegeTank", 33, 30),
    )
    u.hp[[marine, tank]] = 10
    assert give(game, medivac, -HEAL) == Result.SUCCESS
    game.step(40)
    assert u.hp[marine] == 10
    assert give(game, medivac, HEAL, tank) == Result.MUST_TARGET_BIOLOGICAL_UNITS
    assert give(game, medivac, HEAL, marine) == Result.SUCCESS
    until(game, lambda: u.hp[marine] > 12, 30)


def test_a_shield_battery_recharges_36_a_second() -> None:
    game = prepare("Protoss")
    u = game.world.units
    put(game, 0, "Pylon", 30, 34)
    battery, stalker = put(game, 0, "ShieldBattery", 30, 30), put(game, 0, "Archon", 33, 30)
    u.energy[battery] = 60
    u.shield[stalker] = 50
    u.last_hurt_loop[stalker] = 10000
    game.step(6)
    shield, energy = float(u.shield[stalker]), float(u.energy[battery])
    game.step(20)
    given = float(u.shield[stalker]) - shield
    assert given == pytest.approx(45, abs=5)
    assert energy - u.energy[battery] == pytest.approx(given / 3, abs=1)


def test_orders_break_an_unload_off() -> None:
    game = prepare("Terran")
    medivac = put(game, 0, "Medivac", 30, 30)
    marines = [put(game, 0, "Marine", 30 + i, 31) for i in range(4)]
    for marine in marines:
        give(game, marine, 1, medivac)
    until(game, lambda: len(_inside(game, medivac)) == 4, 60)
    give(game, medivac, UNLOAD_AT, at=(32, 30))
    until(game, lambda: len(_inside(game, medivac)) == 3, 60)
    game.command(0, Command(16, (medivac,), x=40.0, y=40.0, has_point=True))
    game.step(60)
    assert len(_inside(game, medivac)) == 3
    assert game.world.units.order[medivac] in (st.MOVE, st.IDLE)


def test_marines_and_marauders_take_stimpacks_inside_a_bunker() -> None:
    game = prepare("Terran", "Zerg")
    w, u = game.world, game.world.units
    bunker = put(game, 0, "Bunker", 30.5, 30.5)
    crew = [put(game, 0, "Marine", 33, 30), put(game, 0, "Marauder", 33, 31)]
    learn_all(game, "Stimpack")
    assert 1683 not in available(game, bunker, False)
    for row in crew:
        give(game, row, 1, bunker)
    until(game, lambda: u.hidden[crew].all(), 200)
    hydra = put(game, 1, "Ultralisk", 30.5, 36)
    u.can_attack[hydra] = 0
    assert give(game, bunker, 1683) == Result.SUCCESS
    assert give(game, bunker, 1684) == Result.SUCCESS
    assert u.hp[crew].tolist() == [35, 105]
    assert u.attack_rate[crew].tolist() == [1.5, 1.5]
    game.step(241)
    assert u.attack_rate[crew].tolist() == [1, 1]
    assert not w.buffs
