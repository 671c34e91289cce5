"""Turning into something else: cocoons, better town halls, modes, warp gates and what they call."""

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import Result, available
from tests.sim.abilities.scene import RULES, ability, give, name, prepare, put, rows, until


@pytest.mark.parametrize(
    ("caster", "product", "tech", "loops"),
    [
        ("Hatchery", "Lair", "SpawningPool", 1279),
        ("CommandCenter", "OrbitalCommand", "Barracks", 559),
        ("CommandCenter", "PlanetaryFortress", "EngineeringBay", 799),
        ("Zergling", "Baneling", "BanelingNest", 319),
        ("Overlord", "Overseer", "Lair", 266),
    ],
)
def test_morph_takes_the_time_seen_in_replays(caster: str, product: str, tech: str, loops: int) -> None:
    game = prepare("Zerg" if caster in ("Hatchery", "Zergling", "Overlord") else "Terran")
    put(game, 0, tech, 40.5, 40.5)
    row = put(game, 0, caster, 30.5, 30.5)
    put(game, 0, "Overlord", 20, 20)
    before, start = game.world.players.minerals[0], game.loop
    assert give(game, row, product) == Result.SUCCESS
    assert before - game.world.players.minerals[0] == ability(product, "morph").minerals
    assert until(game, lambda: name(game, row) == product) - start == loops
    assert game.world.units.hp[row] == RULES.unit(product).hp


def test_hatchery_that_becomes_a_lair_trains_no_queen_and_gives_three_quarters_back() -> None:
    game = prepare("Zerg", minerals=400, gas=100)
    hall = rows(game, 0, "Hatchery")[0]
    put(game, 0, "SpawningPool", 30.5, 30.5)
    assert give(game, hall, "Lair") == Result.SUCCESS
    assert give(game, hall, "Queen") in (Result.CANT_QUEUE_THAT_ORDER, Result.NOT_ENOUGH_FOOD)
    assert (game.world.players.minerals[0], game.world.players.gas[0]) == (250, 0)
    game.step(50)
    assert give(game, hall, 3659) == Result.SUCCESS
    assert (game.world.players.minerals[0], game.world.players.gas[0]) == (362, 75)
    assert name(game, hall) == "Hatchery"
    assert hall not in game.world.production


def test_cancelled_baneling_is_a_zergling_again() -> None:
    game = prepare("Zerg")
    put(game, 0, "BanelingNest", 40.5, 40.5)
    put(game, 0, "Overlord", 20, 20)
    zergling = put(game, 0, "Zergling", 30, 30)
    give(game, zergling, "Baneling")
    assert name(game, zergling) == "BanelingCocoon"
    assert give(game, zergling, 3794, at=(10, 40)) == Result.NOT_SUPPORTED
    assert give(game, zergling, 3659) == Result.SUCCESS
    assert name(game, zergling) == "Zergling"
    assert game.world.units.hp_max[zergling] == 35


def test_lowered_depot_can_be_walked_over_and_raised_again() -> None:
    game = prepare("Terran")
    depot = put(game, 0, "SupplyDepot", 30, 30)
    walk = game.world.grids.walk
    assert walk[30, 30] == 0
    assert give(game, depot, 556) == Result.SUCCESS
    game.step(22)
    assert (name(game, depot), walk[30, 30]) == ("SupplyDepotLowered", 1)
    game.step(1)
    assert game.world.players.supply_cap[0] == 23
    assert give(game, depot, 558) == Result.SUCCESS
    game.step(22)
    assert (name(game, depot), walk[30, 30]) == ("SupplyDepot", 0)


def test_unit_that_changes_mode_takes_its_next_order_afterwards() -> None:
    game = prepare("Terran")
    tank = put(game, 0, "SiegeTank", 30, 30)
    u = game.world.units
    assert give(game, tank, 388) == Result.SUCCESS
    game.step(10)
    assert give(game, tank, 3794, at=(40, 30)) in (Result.NOT_SUPPORTED, Result.UNIT_CANT_MOVE)
    assert give(game, tank, 3665) == Result.SUCCESS
    assert u.order[tank] == st.BUSY, "the change of mode goes on"
    game.step(60)
    assert name(game, tank) == "SiegeTankSieged"
    assert u.immobile[tank] == 1
    assert give(game, tank, 3794, at=(40, 30)) in (Result.NOT_SUPPORTED, Result.UNIT_CANT_MOVE)
    assert give(game, tank, 390) == Result.SUCCESS
    assert give(game, tank, 3794, at=(40, 30), queue=True) == Result.SUCCESS
    until(game, lambda: u.x[tank] > 35)


def test_burrowed_roach_is_hidden_until_it_comes_up() -> None:
    game = prepare("Zerg")
    u = game.world.units
    roach = put(game, 0, "Roach", 30, 30)
    assert give(game, roach, 3661) == Result.TECH_REQUIREMENTS_NOT_MET
    game.world.upgrades = (frozenset({RULES.upgrade("Burrow").id}), frozenset())
    assert give(game, roach, 3661) == Result.SUCCESS
    game.step(12)
    assert (u.burrowed[roach], u.cloaked[roach]) == (1, 1)
    assert give(game, roach, 3662) == Result.SUCCESS
    game.step(20)
    assert (u.burrowed[roach], name(game, roach)) == (0, "Roach")


def test_idle_gateways_become_warp_gates_when_it_is_researched() -> None:
    game = prepare("Protoss")
    put(game, 0, "Pylon", 30, 30)
    idle, busy = put(game, 0, "Gateway", 33.5, 30.5), put(game, 0, "Gateway", 26.5, 30.5)
    core = put(game, 0, "CyberneticsCore", 30.5, 34.5)
    assert give(game, core, "WarpGateResearch") == Result.SUCCESS
    game.step(2000)
    give(game, busy, "Zealot")
    until(game, lambda: game.world.upgrades[0])
    game.step(161)
    assert (name(game, idle), name(game, busy)) == ("WarpGate", "Gateway")
    game.step(600)
    assert name(game, busy) == "WarpGate"


def test_warp_in_needs_power_is_slow_far_from_a_gate_and_recharges() -> None:
    game = prepare("Protoss")
    u = game.world.units
    put(game, 0, "Pylon", 30, 30)
    far = put(game, 0, "Pylon", 30, 52)
    gate = put(game, 0, "WarpGate", 33.5, 30.5)
    put(game, 0, "CyberneticsCore", 30.5, 34.5)
    game.step(1)
    assert give(game, gate, "Stalker", at=(30, 26)) == Result.NOT_SUPPORTED, "that is the gateway's ability"
    assert give(game, gate, 1414, at=(45, 30)) == Result.CANT_WARP_IN_UNITS_THERE
    start = game.loop
    assert give(game, gate, 1414, at=(30, 26)) == Result.SUCCESS
    stalker = rows(game, 0, "Stalker")[0]
    assert give(game, gate, 1414, at=(28, 26)) == Result.COOLDOWN
    assert 1413 not in available(game, gate, True)
    assert until(game, lambda: u.build_left[stalker] == 0) - start == 81
    assert give(game, stalker, 3794, at=(30, 20)) == Result.SUCCESS
    game.step(512)
    start = game.loop
    assert give(game, gate, 1413, at=(float(u.x[far]), 49)) == Result.SUCCESS
    zealot = rows(game, 0, "Zealot")[0]
    assert until(game, lambda: u.build_left[zealot] == 0) - start == 256
