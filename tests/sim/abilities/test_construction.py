"""Building: prices at the right moment, times, what becomes of the worker, halting, cancelling, add-ons."""

import math

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import Result
from cherrypy_bot.sim.state import NONE
from tests.sim.abilities.scene import RULES, give, grow_creep, name, prepare, put, rows, until


def test_price_is_taken_when_the_worker_arrives() -> None:
    game = prepare("Terran", minerals=100)
    scv = put(game, 0, "SCV", 20, 40)
    assert give(game, scv, "SupplyDepot", at=(40, 40)) == Result.SUCCESS
    game.step(10)
    assert game.world.players.minerals[0] == 100
    until(game, lambda: rows(game, 0, "SupplyDepot"))
    assert game.world.players.minerals[0] == 0
    depot = rows(game, 0, "SupplyDepot")[0]
    assert game.world.units.hp[depot] == pytest.approx(40)


def test_builder_whose_money_was_spent_on_the_way_gives_up_with_an_error() -> None:
    game = prepare("Terran", minerals=100)
    scv = put(game, 0, "SCV", 20, 40)
    give(game, scv, "SupplyDepot", at=(40, 40))
    game.world.players.minerals[0] = 99
    until(game, lambda: scv not in game.world.current)
    assert rows(game, 0, "SupplyDepot") == []
    assert game.errors[0][-1].result == Result.NOT_ENOUGH_MINERALS
    assert give(game, scv, "SupplyDepot", at=(40, 40)) == Result.NOT_ENOUGH_MINERALS


@pytest.mark.parametrize(
    ("race", "worker", "product", "needs"),
    [
        ("Terran", "SCV", "Barracks", "SupplyDepot"),
        ("Protoss", "Probe", "Gateway", "Nexus"),
        ("Zerg", "Drone", "SpawningPool", "Hatchery"),
    ],
)
def test_structure_takes_exactly_its_time_from_placing(race: str, worker: str, product: str, needs: str) -> None:
    game = prepare(race)
    put(game, 0, needs, 20.5, 50.5)
    put(game, 0, "Pylon", 36, 40)
    if race == "Zerg":
        grow_creep(game)
    builder = put(game, 0, worker, 30, 30)
    assert give(game, builder, product, at=(40.5, 40.5)) == Result.SUCCESS
    start = until(game, lambda: rows(game, 0, product))
    row = rows(game, 0, product)[0]
    done = until(game, lambda: game.world.units.build_left[row] == 0)
    assert done - start == 1040
    assert game.world.units.hp[row] == pytest.approx(RULES.unit(product).hp)


def test_probe_leaves_with_its_next_order_scv_stays_drone_is_gone() -> None:
    game = prepare("Protoss", "Zerg")
    w = game.world
    grow_creep(game)
    w.grids.creep[:30, :30] = 0
    probe, drone = put(game, 0, "Probe", 22, 25), put(game, 1, "Drone", 40, 40)
    game.step(1)
    assert give(game, probe, "Pylon", at=(25, 25)) == Result.SUCCESS
    assert give(game, probe, 3794, at=(15, 25), queue=True) == Result.SUCCESS
    assert give(game, drone, "EvolutionChamber", at=(42.5, 40.5), player=1) == Result.SUCCESS
    used = w.players.supply_used[1]
    until(game, lambda: rows(game, 0, "Pylon") and rows(game, 1, "EvolutionChamber"))
    assert w.current[probe].kind == st.MOVE
    assert rows(game, 1, "Drone") == []
    assert w.players.supply_used[1] == used - 1
    assert w.players.minerals[1] == 10000 - 75


def test_scv_builds_until_it_is_sent_away_and_another_goes_on() -> None:
    game = prepare("Terran")
    u = game.world.units
    scv, other = put(game, 0, "SCV", 30, 30), put(game, 0, "SCV", 50, 30)
    give(game, scv, "EngineeringBay", at=(33.5, 30.5))
    until(game, lambda: rows(game, 0, "EngineeringBay"))
    bay = rows(game, 0, "EngineeringBay")[0]
    game.step(100)
    assert u.build_left[bay] == 460
    assert give(game, scv, 3794, at=(20, 30)) == Result.SUCCESS
    game.step(100)
    assert u.build_left[bay] == 460
    assert give(game, other, 1, bay) == Result.SUCCESS
    until(game, lambda: u.build_left[bay] == 459)
    assert give(game, bay, 315) == Result.SUCCESS
    game.step(50)
    assert u.build_left[bay] == 459
    assert game.world.current.get(other) is None
    give(game, other, 1, bay)
    until(game, lambda: u.build_left[bay] == 0)
    assert u.order[other] == st.IDLE


def test_scv_that_dies_leaves_the_structure_unfinished() -> None:
    game = prepare("Terran")
    u = game.world.units
    scv = put(game, 0, "SCV", 30, 30)
    give(game, scv, "EngineeringBay", at=(33.5, 30.5))
    until(game, lambda: rows(game, 0, "EngineeringBay"))
    bay = rows(game, 0, "EngineeringBay")[0]
    u.hp[scv] = 1
    killer = put(game, 1, "Marine", 30, 26)
    give(game, killer, 23, scv, player=1)
    until(game, lambda: not rows(game, 0, "SCV"))
    left = u.build_left[bay]
    game.step(30)
    assert u.build_left[bay] == left > 0
    assert u.carrier[bay] == NONE


def test_cancelled_structure_pays_three_quarters_and_frees_the_builder() -> None:
    game = prepare("Terran", minerals=150)
    put(game, 0, "SupplyDepot", 50, 50)
    scv = put(game, 0, "SCV", 30, 30)
    give(game, scv, "Barracks", at=(33.5, 30.5))
    until(game, lambda: rows(game, 0, "Barracks"))
    barracks = rows(game, 0, "Barracks")[0]
    game.step(20)
    assert give(game, barracks, 3659) == Result.SUCCESS
    assert game.world.players.minerals[0] == math.floor(0.75 * 150)
    assert rows(game, 0, "Barracks") == []
    assert game.world.units.order[scv] == st.IDLE
    assert game.world.grids.walk[30, 33] == 1


def test_cancelled_extractor_gives_the_drone_back() -> None:
    game = prepare("Zerg", minerals=25)
    geyser = rows(game, 2, "VespeneGeyser")[0]
    drone = put(game, 0, "Drone", 14, 18)
    assert give(game, drone, "Extractor", geyser) == Result.SUCCESS
    until(game, lambda: rows(game, 0, "Extractor"))
    extractor = rows(game, 0, "Extractor")[0]
    assert (game.world.players.supply_used[0], game.world.units.geyser[geyser]) == (0, extractor)
    assert give(game, extractor, 314) == Result.SUCCESS
    assert game.world.players.minerals[0] == 18
    assert (len(rows(game, 0, "Drone")), game.world.players.supply_used[0]) == (1, 1)
    assert game.world.units.geyser[geyser] == NONE


def test_scv_that_built_a_refinery_harvests_there_and_three_can() -> None:
    game = prepare("Terran")
    u = game.world.units
    geyser = rows(game, 2, "VespeneGeyser")[0]
    scv = put(game, 0, "SCV", 14, 18)
    assert give(game, scv, "Refinery", at=(10.5, 18.5)) == Result.MUST_TARGET_UNIT
    assert give(game, scv, "Refinery", rows(game, 2, "MineralField")[0]) == Result.CANT_BUILD_ON_THAT
    assert give(game, scv, "Refinery", geyser) == Result.SUCCESS
    until(game, lambda: rows(game, 0, "Refinery"))
    refinery = rows(game, 0, "Refinery")[0]
    until(game, lambda: u.build_left[refinery] == 0)
    assert (u.order[scv], u.node[scv]) == (st.GATHER, refinery)
    game.step(600)
    assert game.world.players.gas[0] > 10000
    assert u.contents[refinery] == 2250 - (game.world.players.gas[0] - 10000) - u.carry_amount[scv]


def test_own_idle_units_step_off_the_site() -> None:
    game = prepare("Terran")
    scv, marine = put(game, 0, "SCV", 30, 30), put(game, 0, "Marine", 35.5, 30.5)
    assert give(game, scv, "EngineeringBay", at=(35.5, 30.5)) == Result.SUCCESS
    until(game, lambda: rows(game, 0, "EngineeringBay"), 200)
    game.step(30)
    u = game.world.units
    assert max(abs(u.x[marine] - 35.5), abs(u.y[marine] - 30.5)) > 1.5


def test_enemy_unit_on_the_site_prevents_placing() -> None:
    game = prepare("Terran")
    scv = put(game, 0, "SCV", 30, 30)
    assert give(game, scv, "EngineeringBay", at=(45.5, 30.5)) == Result.SUCCESS
    put(game, 1, "Marine", 45.5, 30.5)
    until(game, lambda: scv not in game.world.current)
    assert rows(game, 0, "EngineeringBay") == []
    assert game.errors[0][-1].result == Result.CANT_BUILD_LOCATION_INVALID


def test_structures_need_their_tech_free_ground_and_power() -> None:
    game = prepare("Terran", "Protoss")
    scv, probe = put(game, 0, "SCV", 30, 30), put(game, 1, "Probe", 40, 40)
    game.step(1)
    assert give(game, scv, "Barracks", at=(40.5, 30.5)) == Result.BUILD_TECH_REQUIREMENTS_NOT_MET
    assert give(game, scv, "EngineeringBay", at=(10.5, 10.5)) == Result.CANT_BUILD_LOCATION_INVALID
    assert give(game, scv, "CommandCenter", at=(23.5, 10.5)) == 47, "too close to resources"
    assert give(game, probe, "Gateway", at=(30.5, 40.5), player=1) == 50, "no pylon"


def test_add_on_keeps_its_barracks_busy_and_gives_it_tech() -> None:
    game = prepare("Terran")
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    start = game.loop
    assert give(game, barracks, 3682) == Result.SUCCESS
    lab = rows(game, 0, "BarracksTechLab")[0]
    u = game.world.units
    assert (u.x[lab], u.y[lab]) == (33, 30)
    assert give(game, barracks, "Marine") == Result.CANT_QUEUE_THAT_ORDER
    assert give(game, barracks, "Marauder") == Result.CANT_QUEUE_THAT_ORDER
    assert until(game, lambda: u.build_left[lab] == 0) - start == 400
    assert give(game, barracks, "Marauder") == Result.SUCCESS
    assert give(game, barracks, 3683) == Result.CANT_QUEUE_THAT_ORDER


def test_add_on_can_be_cancelled_from_its_barracks() -> None:
    game = prepare("Terran", minerals=50, gas=50)
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    give(game, barracks, 3683)
    game.step(10)
    assert give(game, barracks, 3659) == Result.SUCCESS
    assert (game.world.players.minerals[0], game.world.players.gas[0]) == (37, 37)
    assert rows(game, 0, "BarracksReactor") == []
    assert game.world.units.addon[barracks] == NONE
    assert game.world.units.order[barracks] == st.IDLE


def test_lift_leaves_the_tech_lab_and_a_factory_that_lands_there_takes_it() -> None:
    game = prepare("Terran")
    barracks, factory = put(game, 0, "Barracks", 30.5, 30.5), put(game, 0, "Factory", 45.5, 30.5)
    give(game, barracks, 3682)
    game.step(401)
    lab = rows(game, 0, "BarracksTechLab")[0]
    assert give(game, barracks, 3679) == give(game, factory, 3679) == Result.SUCCESS
    game.step(33)
    assert (name(game, barracks), name(game, lab)) == ("BarracksFlying", "TechLab")
    assert give(game, barracks, 3794, at=(30.5, 45)) == Result.SUCCESS
    game.step(150)
    assert give(game, factory, 3678, at=(30.5, 30.5)) == Result.SUCCESS
    until(game, lambda: name(game, factory) == "Factory")
    assert name(game, lab) == "FactoryTechLab"
    assert give(game, factory, "SiegeTank") == Result.SUCCESS
    assert give(game, barracks, 3678, at=(30.5, 30.5)) == Result.CANT_LAND_LOCATION_INVALID


def test_hatchery_brings_creep_supply_and_later_a_larva() -> None:
    game = prepare("Zerg")
    drone = put(game, 0, "Drone", 36, 36)
    assert give(game, drone, "Hatchery", at=(40.5, 36.5)) == Result.SUCCESS
    until(game, lambda: len(rows(game, 0, "Hatchery")) == 2)
    hatchery = rows(game, 0, "Hatchery")[1]
    assert game.world.grids.creep[36, 36] == 0
    cap = game.world.players.supply_cap[0]
    until(game, lambda: game.world.units.build_left[hatchery] == 0)
    assert game.world.players.supply_cap[0] == cap + 6
    assert game.world.grids.creep[36, 38] == 1
    game.step(245)
    assert len(rows(game, 0, "Larva")) >= 1


def test_queen_places_a_creep_tumor_for_energy() -> None:
    game = prepare("Zerg")
    grow_creep(game)
    queen = put(game, 0, "Queen", 30, 30)
    game.world.units.energy[queen] = 24
    assert give(game, queen, "CreepTumorQueen", at=(33, 30)) == Result.NOT_ENOUGH_ENERGY
    game.world.units.energy[queen] = 26
    assert give(game, queen, "CreepTumorQueen", at=(33, 30)) == Result.SUCCESS
    until(game, lambda: rows(game, 0, "CreepTumorBurrowed"), 500)
    assert game.world.units.energy[queen] < 15
    assert rows(game, 0, "CreepTumorBurrowed")[0] in game.world.creep_sources
