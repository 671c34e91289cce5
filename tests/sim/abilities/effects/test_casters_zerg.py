"""Fungal, parasites, clouds, pulls, bombs, changelings, locusts, broodlings; clones of it all."""

import itertools

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import Result
from cherrypy_bot.sim.abilities.effects import buffs
from tests.sim.abilities.effects.casting import caster_of, hold, learn_all
from tests.sim.abilities.scene import give, grow_creep, name, prepare, put, rows, until


def test_fungal_growth_deals_25_and_slows_to_a_quarter() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    marine, infestor = put(game, 1, "Marine", 37, 30), caster_of(game, "Infestor")
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
    thor, infestor = put(game, 1, "Thor", 36, 30), caster_of(game, "Infestor")
    hold(game, thor)
    assert give(game, infestor, 249, thor) == Result.TECH_REQUIREMENTS_NOT_MET
    learn_all(game, "NeuralParasite")
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
    thor, infestor = put(game, 1, "Thor", 36, 30), caster_of(game, "Infestor")
    u.can_attack[thor] = 0
    learn_all(game, "NeuralParasite")
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
    viper = caster_of(game, "Viper")
    assert give(game, viper, 2063, at=(37, 30)) == Result.SUCCESS
    until(game, lambda: u.can_attack[marine] == 0, 20)
    assert u.can_attack[scv] == 1
    game.step(140)
    assert u.can_attack[marine] == 1


def test_abduct_pulls_a_unit_to_the_viper() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    tank, viper = put(game, 1, "SiegeTank", 38, 30), caster_of(game, "Viper")
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
        hold(game, *ships)
        for number in range(bombs):
            assert give(game, caster_of(game, "Viper", y=30 + number), 2542, ships[number]) == Result.SUCCESS
        game.step(200)
        losses.append(550 - float(u.hp[ships[0]]))
    assert losses[0] == pytest.approx(3 * 37, abs=4)
    assert losses[1] == pytest.approx(losses[0], abs=10)


def test_a_viper_drinks_a_structure() -> None:
    game = prepare("Zerg")
    u = game.world.units
    pool, viper = put(game, 0, "SpawningPool", 33.5, 30.5), caster_of(game, "Viper", energy=50)
    game.world.grids.creep[:] = 1
    assert give(game, viper, 2073, pool) == Result.SUCCESS
    game.step(20 * 16 + 8)
    assert 1000 - u.hp[pool] == pytest.approx(150 - 328 * 0.017, abs=8)
    assert u.energy[viper] == pytest.approx(50 + 50 + 328 * 0.035, abs=2)
    assert viper not in game.world.current


def test_changelings_look_like_the_enemy() -> None:
    game = prepare("Zerg", "Terran")
    overseer = caster_of(game, "Overseer")
    assert give(game, overseer, 181) == Result.SUCCESS
    changeling = rows(game, 0, "Changeling")[0]
    game.step(16)
    assert name(game, changeling) == "Changeling"
    put(game, 1, "Marine", 36, 30)
    until(game, lambda: name(game, changeling) == "ChangelingMarine", 16)
    assert game.world.units.can_attack[changeling] == 0


def test_nobody_shoots_at_a_disguised_changeling_by_itself_and_one_shot_kills_it() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    changeling, marine = put(game, 0, "Changeling", 30, 30), put(game, 1, "Marine", 34, 30)
    tank, bunker = put(game, 1, "SiegeTankSieged", 36, 34), put(game, 1, "Bunker", 30.5, 35.5)
    u.can_attack[[marine, tank]] = 0
    game.step(16)
    assert name(game, changeling) == "ChangelingMarine"
    u.can_attack[[marine, tank]] = 1
    give(game, put(game, 1, "Marine", 30, 37), 1, bunker, player=1)
    game.step(200)
    assert u.alive[changeling] == 1
    assert u.hp[changeling] == 45
    give(game, marine, 23, changeling, player=1)
    until(game, lambda: u.alive[changeling] != 1, 40)


def test_locusts_fly_land_and_fight_for_400_loops() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    host, depot = caster_of(game, "SwarmHostMP"), put(game, 1, "SupplyDepot", 45, 30)
    assert give(game, host, 2704, at=(45, 30)) == Result.SUCCESS
    start = game.loop
    assert len(rows(game, 0, "LocustMPFlying")) == 2
    until(game, lambda: rows(game, 0, "LocustMP"), 200)
    until(game, lambda: u.hp[depot] < 400, 60)
    until(game, lambda: not rows(game, 0, "LocustMP", "LocustMPFlying"), 420)
    assert 400 <= game.loop - start <= 410
    assert give(game, host, 2704, at=(45, 30)) == Result.COOLDOWN


def test_a_brood_lord_throws_its_two_broodlings_and_then_one_every_40_loops() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    lord, hall = put(game, 0, "BroodLord", 30, 30), put(game, 1, "CommandCenter", 40.5, 30.5)
    give(game, lord, 23, hall)
    until(game, lambda: u.hp[hall] < 1500, 120)
    assert 1500 - u.hp[hall] == 2 * (20 - 1)
    assert len(rows(game, 0, "Broodling")) == 2
    first = game.loop
    last, thrown, hits = rows(game, 0, "Broodling"), [first, first], 2
    while hits < 6:
        game.step(1)
        new = [r for r in rows(game, 0, "Broodling") if r not in last or u.created_loop[r] == game.loop]
        thrown += [game.loop] * len(new)
        hits += len(new)
        last = rows(game, 0, "Broodling")
    assert [b - a for a, b in itertools.pairwise(thrown[1:])] == pytest.approx([40] * 4, abs=3)
    give(game, lord, 16, at=(5, 5))
    gone = until(game, lambda: not rows(game, 0, "Broodling"), 160)
    assert 80 <= gone - thrown[-1] <= 86


@pytest.mark.parametrize(("structure", "count"), [("Hatchery", 9), ("NydusNetwork", 6), ("SpineCrawler", 0)])
def test_broodlings_come_out_of_a_destroyed_structure_and_live_128_loops(structure: str, count: int) -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    grow_creep(game)
    house = put(game, 0, structure, 30.5, 30.5)
    u.hp[house] = 1
    give(game, put(game, 1, "Marine", 33, 33), 23, house, player=1)
    dead = until(game, lambda: u.alive[house] != 1, 120)
    game.step(9)
    assert len(rows(game, 0, "Broodling")) == count
    if count:
        u.can_attack[rows(game, 1, "Marine")] = 0
        gone = until(game, lambda: not rows(game, 0, "Broodling"), 160)
        assert 128 <= gone - dead - 8 <= 134


def test_effects_are_part_of_clones_and_hashes() -> None:
    game = prepare("Protoss", "Terran")
    learn_all(game, "PsiStormTech")
    templar, marine = caster_of(game, "HighTemplar"), put(game, 1, "Marauder", 36, 30)
    hold(game, marine)
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
