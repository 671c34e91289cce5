"""Queues of structures: price, food, time, reactors, eggs, research."""

from cherrypy_bot.sim.abilities import Result
from cherrypy_bot.sim.game import Game
from tests.sim.abilities.scene import RULES, ability, give, name, prepare, put, rows, until


def _hall(game: Game) -> int:
    return rows(game, 0, "CommandCenter", "Nexus", "Hatchery")[0]


def test_two_scvs_in_a_row_are_271_loops_apart_and_the_first_takes_272() -> None:
    game = prepare("Terran")
    hall, start = _hall(game), game.loop
    assert give(game, hall, "SCV") == give(game, hall, "SCV") == Result.SUCCESS
    first = until(game, lambda: len(rows(game, 0, "SCV")) == 1)
    second = until(game, lambda: len(rows(game, 0, "SCV")) == 2)
    assert (first - start, second - first) == (272, 271)


def test_price_is_taken_when_queued_and_given_back_in_full_when_cancelled() -> None:
    game = prepare("Terran", minerals=120)
    hall = _hall(game)
    assert give(game, hall, "SCV") == give(game, hall, "SCV") == Result.SUCCESS
    assert game.world.players.minerals[0] == 20
    assert give(game, hall, "SCV") == Result.NOT_ENOUGH_MINERALS
    assert give(game, hall, 3671) == give(game, hall, 3671) == Result.SUCCESS
    assert game.world.players.minerals[0] == 120
    assert give(game, hall, 3671) == Result.CANT_FIND_CANCEL_ORDER
    game.step(300)
    assert rows(game, 0, "SCV") == []


def test_queue_holds_five() -> None:
    game = prepare("Terran")
    results = [give(game, _hall(game), "SCV") for _ in range(6)]
    assert results == [Result.SUCCESS] * 5 + [Result.QUEUE_IS_FULL]


def test_without_food_nothing_can_be_ordered_and_what_waits_begins_when_there_is_food() -> None:
    game = prepare("Terran")
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    for i in range(13):
        put(game, 0, "Marine", 40 + i % 5, 40 + i // 5)
    game.step(1)
    assert give(game, barracks, "Marine") == give(game, barracks, "Marine") == Result.SUCCESS
    assert give(game, _hall(game), "SCV") == Result.SUCCESS, "what waits has not taken its food"
    assert give(game, barracks, "Marine") == Result.NOT_ENOUGH_FOOD
    game.step(450)
    assert len(rows(game, 0, "Marine")) == 14
    assert (game.world.units.work_left[barracks] < 0).all(), "the second marine waits for food"
    depot = put(game, 0, "SupplyDepot", 50, 20, complete=False)
    game.step(int(RULES.unit("SupplyDepot").build_loops))
    assert game.world.units.build_left[depot] == 0
    assert game.world.units.work_left[barracks, 0] == 400


def test_supply_counts_what_is_at_work_not_what_waits() -> None:
    game = prepare("Terran")
    for _ in range(3):
        give(game, _hall(game), "SCV")
    assert game.world.players.supply_used[0] == 1


def test_reactor_works_on_two_and_holds_eight() -> None:
    game = prepare("Terran")
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    reactor = put(game, 0, "BarracksReactor", 33.0, 30.0)
    game.world.units.addon[barracks], game.world.units.addon[reactor] = reactor, barracks
    start = game.loop
    results = [give(game, barracks, "Marine") for _ in range(9)]
    assert results == [Result.SUCCESS] * 8 + [Result.QUEUE_IS_FULL]
    first = until(game, lambda: len(rows(game, 0, "Marine")) > 0)
    assert (first - start, len(rows(game, 0, "Marine"))) == (400, 2)
    second = until(game, lambda: len(rows(game, 0, "Marine")) > 2)
    assert (second - first, len(rows(game, 0, "Marine"))) == (399, 4)


def test_cancelling_keeps_the_other_slot_of_a_reactor_at_work() -> None:
    game = prepare("Terran")
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    reactor = put(game, 0, "BarracksReactor", 33.0, 30.0)
    game.world.units.addon[barracks], game.world.units.addon[reactor] = reactor, barracks
    give(game, barracks, "Marine")
    game.step(100)
    give(game, barracks, "Reaper")
    game.step(10)
    assert give(game, barracks, 306) == Result.SUCCESS
    start = game.loop
    assert until(game, lambda: len(rows(game, 0, "Marine")) == 1) - start == 290
    assert rows(game, 0, "Reaper") == []


def test_marauder_needs_a_tech_lab_of_its_own_barracks() -> None:
    game = prepare("Terran")
    barracks, other = put(game, 0, "Barracks", 30.5, 30.5), put(game, 0, "Barracks", 40.5, 40.5)
    lab = put(game, 0, "BarracksTechLab", 33.0, 30.0)
    game.world.units.addon[barracks], game.world.units.addon[lab] = lab, barracks
    assert give(game, barracks, "Marauder") == Result.SUCCESS
    assert give(game, other, "Marauder") == Result.TECH_REQUIREMENTS_NOT_MET


def test_new_unit_walks_to_the_rally_point_and_new_worker_mines_at_it() -> None:
    game = prepare("Terran")
    hall, u = _hall(game), game.world.units
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    patch = rows(game, 2, "MineralField")[0]
    assert give(game, barracks, 3673, at=(30, 45)) == give(game, hall, 3690, patch) == Result.SUCCESS
    give(game, barracks, "Marine")
    give(game, hall, "SCV")
    game.step(400)
    marine, scv = rows(game, 0, "Marine")[0], rows(game, 0, "SCV")[0]
    assert u.y[marine] > 31.5, "it steps out on the side of the rally point"
    assert game.world.current[scv].target == patch
    game.step(200)
    assert abs(u.x[marine] - 30) + abs(u.y[marine] - 45) < 0.5


def test_unit_in_production_is_paid_back_when_its_structure_dies() -> None:
    game = prepare("Terran")
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    before = game.world.players.minerals[0]
    give(game, barracks, "Marine")
    game.world.units.hp[barracks] = 1.0
    killer = put(game, 1, "Marauder", 33.0, 30.5)
    assert give(game, killer, 23, barracks, player=1) == Result.SUCCESS
    until(game, lambda: not rows(game, 0, "Barracks"))
    assert game.world.players.minerals[0] == before


def test_research_takes_exactly_its_time_and_changes_units_that_live() -> None:
    game = prepare("Terran")
    lab, u = put(game, 0, "BarracksTechLab", 30, 30), game.world.units
    marine, enemy = put(game, 0, "Marine", 40, 40), put(game, 1, "Marine", 20, 50)
    u.hp[marine] = 40
    start = game.loop
    assert give(game, lab, "ShieldWall") == Result.SUCCESS
    assert give(game, lab, "ShieldWall") == Result.TECH_REQUIREMENTS_NOT_MET, "once is enough"
    shield = RULES.upgrade("ShieldWall").id
    assert until(game, lambda: shield in game.world.upgrades[0]) - start == 1760
    assert (u.hp_max[marine], u.hp[marine], u.hp_max[enemy]) == (55, 50, 45)
    assert u.hp_max[put(game, 0, "Marine", 45, 45)] == 55
    assert give(game, lab, "ShieldWall") == Result.TECH_REQUIREMENTS_NOT_MET


def test_weapon_levels_come_one_after_the_other_by_one_general_ability() -> None:
    game = prepare("Terran")
    bay = put(game, 0, "EngineeringBay", 30.5, 30.5)
    put(game, 0, "Armory", 40.5, 40.5)
    for level in (1, 2, 3):
        assert give(game, bay, 3698) == Result.SUCCESS
        until(game, lambda level=level: len(game.world.upgrades[0]) == level)
    names = {RULES.upgrades[i].name for i in game.world.upgrades[0]}
    assert names == {f"TerranInfantryWeaponsLevel{i}" for i in (1, 2, 3)}
    assert give(game, bay, 3698) == Result.TECH_REQUIREMENTS_NOT_MET


def test_larva_becomes_an_egg_and_two_zerglings_after_exactly_the_egg_time() -> None:
    game = prepare("Zerg")
    put(game, 0, "SpawningPool", 30.5, 30.5)
    put(game, 0, "Overlord", 20, 20)
    larva = put(game, 0, "Larva", 10.5, 7.5)
    game.world.units.addon[larva] = _hall(game)
    start = game.loop
    assert give(game, larva, "Zergling") == Result.SUCCESS
    assert name(game, larva) == "Egg"
    assert game.world.players.supply_used[0] == 1
    assert until(game, lambda: len(rows(game, 0, "Zergling")) > 0) - start == 384
    assert len(rows(game, 0, "Zergling")) == 2
    assert rows(game, 0, "Egg") == []
    assert game.world.players.supply_used[0] == 1


def test_taking_a_larva_starts_the_hatchery_timer_and_a_larva_comes_after_240_loops() -> None:
    game = Game.new(prepare("Zerg").world.map, ("Zerg", "Zerg"), 1)
    u = game.world.units
    hall = rows(game, 0, "Hatchery")[0]
    larvae = rows(game, 0, "Larva")
    assert len(larvae) == 3
    assert u.larva_timer[hall] < 0
    game.step(100)
    assert give(game, larvae[0], "Drone") == Result.SUCCESS
    start = game.loop
    assert until(game, lambda: len(rows(game, 0, "Larva")) == 3) - start == 240


def test_drones_hatch_to_the_worker_rally_others_to_the_unit_rally() -> None:
    game = prepare("Zerg")
    hall, patch = _hall(game), rows(game, 2, "MineralField")[0]
    put(game, 0, "SpawningPool", 30.5, 30.5)
    put(game, 0, "Overlord", 20, 20)
    give(game, hall, 3690, patch)
    give(game, hall, 3673, at=(30, 40))
    for product in ("Drone", "Zergling"):
        larva = put(game, 0, "Larva", 10.5, 7.5)
        game.world.units.addon[larva] = hall
        assert give(game, larva, product) == Result.SUCCESS
    game.step(390)
    assert game.world.current[rows(game, 0, "Drone")[0]].target == patch
    assert all(game.world.current[r].x == 30 for r in rows(game, 0, "Zergling"))


def test_cancelled_egg_is_gone_and_paid_back() -> None:
    game = prepare("Zerg", minerals=50)
    larva = put(game, 0, "Larva", 10.5, 7.5)
    put(game, 0, "Overlord", 20, 20)
    game.step(1)
    assert give(game, larva, "Drone") == Result.SUCCESS
    game.step(50)
    assert give(game, larva, 3671) == Result.SUCCESS
    assert game.world.players.minerals[0] == 50
    assert rows(game, 0, "Egg", "Larva") == []


def test_unpowered_gateway_trains_nothing() -> None:
    game = prepare("Protoss")
    pylon = put(game, 0, "Pylon", 30, 30)
    gateway = put(game, 0, "Gateway", 33.5, 30.5)
    assert give(game, gateway, "Zealot") == Result.SUCCESS
    game.step(100)
    killer = put(game, 1, "Marauder", 30, 27)
    game.world.units.hp[pylon] = 1.0
    game.world.units.shield[pylon] = 0.0
    assert give(game, killer, 23, pylon, player=1) == Result.SUCCESS
    until(game, lambda: not rows(game, 0, "Pylon"))
    left = game.world.units.work_left[gateway, 0]
    game.step(50)
    assert game.world.units.work_left[gateway, 0] == left > 0
    assert give(game, gateway, "Zealot") == Result.CANT_TRAIN_TOO_FAR_FROM_POWER


def test_price_in_the_tables_is_what_the_bank_loses() -> None:
    game = prepare("Protoss", minerals=1000, gas=1000)
    put(game, 0, "Pylon", 30, 30)
    put(game, 0, "CyberneticsCore", 30.5, 33.5)
    gateway = put(game, 0, "Gateway", 33.5, 30.5)
    game.step(1)
    assert give(game, gateway, "Stalker") == Result.SUCCESS
    rule = ability("Stalker", "train")
    players = game.world.players
    assert (players.minerals[0], players.gas[0]) == (1000 - rule.minerals, 1000 - rule.gas) == (875, 950)
    assert players.spent_minerals[0] == 125
