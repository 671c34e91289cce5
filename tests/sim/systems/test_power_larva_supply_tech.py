"""Pylon power, larvae, supply and tech requirements."""

import pytest

from cherrypy_bot.sim.abilities import larva, power, supply, tech
from cherrypy_bot.sim.abilities.effects import buffs
from cherrypy_bot.sim.world import ProductionItem

from .scene import RULES, field, put, type_id


def command(ability_name_product, caster):
    """The command by which a caster makes a product (unit or upgrade name)."""
    for rules in RULES.commands.values():
        for rule in rules:
            made = RULES.units[rule.product].name if rule.product else ""
            if rule.upgrade:
                made = RULES.upgrades[rule.upgrade].name
            if made == ability_name_product and RULES.units[rule.caster].name == caster and rule.on_card:
                return rule
    raise LookupError(ability_name_product)


# -- power --------------------------------------------------------------------------------------------


def test_a_gateway_stops_when_its_last_pylon_dies_and_goes_on_with_a_new_one():
    game = field(("Protoss", "Zerg"))
    u = game.world.units
    pylon = put(game, 0, "Pylon", 30.0, 30.0)
    gateway = put(game, 0, "Gateway", 34.5, 30.5)
    power.update(game)
    assert (u.powered[gateway], u.work_rate[gateway]) == (1, 1.0)
    game.world.remove(pylon)
    power.update(game)
    assert (u.powered[gateway], u.work_rate[gateway]) == (0, 0.0)
    unfinished = put(game, 0, "Pylon", 32.0, 34.0, complete=False)
    power.update(game)
    assert u.powered[gateway] == 0
    u.build_left[unfinished] = 0.0
    power.update(game)
    assert (u.powered[gateway], u.work_rate[gateway]) == (1, 1.0)


def test_an_unpowered_cannon_cannot_attack():
    game = field(("Protoss", "Zerg"))
    cannon = put(game, 0, "PhotonCannon", 34.0, 30.0)
    power.update(game)
    assert game.world.units.can_attack[cannon] == 0
    put(game, 0, "Pylon", 30.0, 30.0)
    power.update(game)
    assert game.world.units.can_attack[cannon] == 1


def test_enemy_pylons_power_nothing():
    game = field(("Protoss", "Protoss"))
    gateway = put(game, 0, "Gateway", 34.5, 30.5)
    put(game, 1, "Pylon", 30.0, 30.0)
    power.update(game)
    assert game.world.units.powered[gateway] == 0
    assert [s[1:] for s in power.power_sources(game, 1)] == [(30.0, 30.0, 6.5)]
    assert power.power_sources(game, 0) == []


def test_chrono_boost_outlives_a_power_cut():
    game = field(("Protoss", "Zerg"))
    pylon = put(game, 0, "Pylon", 30.0, 30.0)
    gateway = put(game, 0, "Gateway", 34.5, 30.5)
    game.world.buffs[gateway] = ((buffs.CHRONO_BOOST, 400.0),)
    game.world.remove(pylon)
    power.update(game)
    put(game, 0, "Pylon", 30.0, 30.0)
    power.update(game)
    assert game.world.units.work_rate[gateway] == 1.5


# -- larvae -------------------------------------------------------------------------------------------


def test_three_larvae_lie_south_of_the_start_hatchery():
    game = field()
    hatchery = put(game, 1, "Hatchery", 32.5, 32.5)
    larva.start(game, hatchery, larva.START_LARVAE)
    u = game.world.units
    places = sorted((float(u.x[r]), float(u.y[r])) for r in larva.larvae_of(game, hatchery))
    assert places == [(31.5, 29.5), (32.5, 29.5), (33.5, 29.5)]
    assert u.larva_timer[hatchery] < 0


def test_the_timer_starts_with_the_first_egg_and_runs_240_loops():
    game = field()
    u = game.world.units
    hatchery = put(game, 1, "Hatchery", 32.5, 32.5)
    larva.start(game, hatchery, 3)
    first, second, _ = larva.larvae_of(game, hatchery)
    game.world.become(first, type_id("Egg"))
    larva.leave(game, first)
    assert u.larva_timer[hatchery] == 240
    u.larva_timer[hatchery] = 100.0
    game.world.become(second, type_id("Egg"))
    larva.leave(game, second)
    assert u.larva_timer[hatchery] == 100
    larva.on_timer(game, hatchery)
    assert larva.count(game, hatchery) == 2
    assert u.larva_timer[hatchery] == 240
    larva.on_timer(game, hatchery)
    assert larva.count(game, hatchery) == 3
    assert u.larva_timer[hatchery] < 0


def test_a_hatchery_never_holds_more_than_nineteen():
    game = field()
    hatchery = put(game, 1, "Hatchery", 32.5, 32.5)
    rows = [larva.spawn(game, hatchery) for _ in range(20)]
    assert rows[-1] == -1
    assert larva.count(game, hatchery) == 19
    u = game.world.units
    assert len({(float(u.x[r]), float(u.y[r])) for r in rows[:19]}) == 19


def test_larvae_lie_beside_the_cliff_not_in_it():
    game = field(("Zerg", "Terran"), cliff_x=30)
    u = game.world.units
    game.world.grids.terrain_walk[:27, :] = 0
    hatchery = put(game, 0, "Hatchery", 24.5, 29.5)
    spots = [larva.spawn(game, hatchery) for _ in range(9)]
    places = {(float(u.x[r]), float(u.y[r])) for r in spots}
    assert len(places) == 9
    assert all(game.world.grids.terrain_walk[int(y), int(x)] for x, y in places)


def test_larvae_are_orphaned_with_their_own_hatchery_only():
    game = field()
    one, two = put(game, 1, "Hatchery", 22.5, 32.5), put(game, 1, "Hatchery", 42.5, 32.5)
    larva.start(game, one, 3)
    larva.start(game, two, 1)
    assert larva.orphans(game, one) == larva.larvae_of(game, one)
    assert len(larva.orphans(game, two)) == 1


# -- supply -------------------------------------------------------------------------------------------


def test_supply_counts_units_and_finished_providers():
    game = field(("Terran", "Zerg"))
    put(game, 0, "CommandCenter", 20.5, 20.5)
    put(game, 0, "SupplyDepot", 30.0, 30.0)
    put(game, 0, "SupplyDepot", 34.0, 30.0, complete=False)
    for i in range(3):
        put(game, 0, "Marine", 40.0 + i, 40.0)
    put(game, 0, "SiegeTank", 45.0, 45.0)
    supply.recount(game)
    assert game.world.players.supply_used[0] == 6
    assert game.world.players.supply_cap[0] == 23
    assert supply.free(game, 0) == 17


def test_running_production_uses_supply_but_waiting_items_do_not():
    game = field()
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    marine = ProductionItem(560, type_id("Marine"), 0, 50, 0, 400.0)
    game.world.production[barracks] = (marine, marine, marine)
    game.world.units.work_left[barracks, 0] = 400.0
    supply.recount(game)
    assert game.world.players.supply_used[0] == 1
    game.world.units.work_left[barracks, 1] = 400.0
    supply.recount(game)
    assert game.world.players.supply_used[0] == 2


def test_an_egg_of_zerglings_uses_one_and_a_bane_cocoon_a_half():
    game = field()
    egg = put(game, 1, "Egg", 30.5, 30.5)
    game.world.production[egg] = (ProductionItem(1343, type_id("Zergling"), 0, 50, 0, 384.0, 2),)
    game.world.units.work_left[egg, 0] = 384.0
    cocoon = put(game, 1, "BanelingCocoon", 33.0, 30.5)
    game.world.production[cocoon] = (ProductionItem(80, type_id("Baneling"), 0, 25, 25, 320.0),)
    game.world.units.work_left[cocoon, 0] = 320.0
    put(game, 1, "Overlord", 20.0, 20.0)
    supply.recount(game)
    assert game.world.players.supply_used[1] == 1.5
    assert game.world.players.supply_cap[1] == 8


def test_the_cap_stops_at_two_hundred():
    game = field()
    for i in range(30):
        put(game, 1, "Overlord", 10.0 + i, 20.0)
    supply.recount(game)
    assert game.world.players.supply_cap[1] == 200


# -- tech ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("product", "caster", "has"),
    [
        ("Barracks", "SCV", "SupplyDepot"),
        ("Barracks", "SCV", "SupplyDepotLowered"),
        ("Factory", "SCV", "BarracksFlying"),
        ("CyberneticsCore", "Probe", "WarpGate"),
        ("SpawningPool", "Drone", "Hive"),
        ("HydraliskDen", "Drone", "Hive"),
        ("EngineeringBay", "SCV", "OrbitalCommand"),
    ],
)
def test_a_requirement_is_met_by_what_the_structure_became(product, caster, has):
    game = field()
    rule = command(product, caster)
    worker = put(game, 0, caster, 10.5, 10.5)
    assert not tech.requirement_met(game, 0, rule, worker)
    put(game, 1, has, 30.5, 30.5)
    assert not tech.requirement_met(game, 0, rule, worker)
    row = put(game, 0, has, 40.5, 40.5)
    game.world.units.build_left[row] = 10.0
    assert not tech.requirement_met(game, 0, rule, worker)
    game.world.units.build_left[row] = 0.0
    assert tech.requirement_met(game, 0, rule, worker)


def test_marauders_need_the_tech_lab_of_their_own_barracks():
    game = field()
    with_lab, without = put(game, 0, "Barracks", 20.5, 20.5), put(game, 0, "Barracks", 30.5, 20.5)
    lab = put(game, 0, "BarracksTechLab", 23.0, 20.0)
    game.world.units.addon[with_lab] = lab
    game.world.units.addon[lab] = with_lab
    rule = command("Marauder", "Barracks")
    assert tech.requirement_met(game, 0, rule, with_lab)
    assert not tech.requirement_met(game, 0, rule, without)
    game.world.units.build_left[lab] = 100.0
    assert not tech.requirement_met(game, 0, rule, with_lab)


def test_second_levels_need_the_first_and_the_structure():
    game = field()
    bay = put(game, 0, "EngineeringBay", 20.5, 20.5)
    rule = command("TerranInfantryWeaponsLevel2", "EngineeringBay")
    put(game, 0, "Armory", 30.5, 30.5)
    assert not tech.requirement_met(game, 0, rule, bay)
    first = RULES.upgrade("TerranInfantryWeaponsLevel1").id
    game.world.upgrades = (frozenset({first}), frozenset())
    assert tech.requirement_met(game, 0, rule, bay)


def test_marines_need_nothing():
    game = field()
    barracks = put(game, 0, "Barracks", 20.5, 20.5)
    assert tech.requirement_met(game, 0, command("Marine", "Barracks"), barracks)
