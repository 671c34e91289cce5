"""Death, score, what is left behind, and the end of the game."""

from cherrypy_bot.sim.abilities import deaths
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.state import NONE
from tests.sim.abilities.scene import give, prepare, put, rows, until


def _kill(game: Game, row: int, by: str = "Marauder") -> int:
    """Let an enemy of the row's owner kill it; the killer's row."""
    u = game.world.units
    u.hp[row], u.shield[row] = 1.0, 0.0
    other = 1 - int(u.owner[row])
    killer = put(game, other, by, float(u.x[row]) + 4, float(u.y[row]))
    game.step(1)
    assert give(game, killer, 23, row, player=other) == 1
    recycle = int(game.world.units.recycle[row])
    until(game, lambda: not game.world.is_unit(row, recycle))
    return killer


def test_a_death_is_remembered_with_who_saw_it_and_counted_for_both() -> None:
    game = prepare("Terran")
    marine = put(game, 0, "Marine", 30, 30)
    recycle = int(game.world.units.recycle[marine])
    killer = _kill(game, marine)
    assert game.world.dead[-1] == (game.loop, marine, recycle, 3)
    assert (game.world.players.lost_minerals[0], game.world.players.killed_minerals[1]) == (50, 50)
    assert game.world.units.kills[killer] == 1


def test_last_structure_lost_is_the_game_lost() -> None:
    game = prepare("Terran")
    put(game, 0, "Marine", 30, 30)
    _kill(game, rows(game, 0, "CommandCenter")[0])
    assert game.world.results == ("Defeat", "Victory")
    loop = game.loop
    game.step(100)
    assert game.loop == loop, "a decided game stands still"


def test_other_structures_keep_a_player_in_the_game() -> None:
    game = prepare("Terran")
    put(game, 0, "SupplyDepot", 30, 30)
    _kill(game, rows(game, 0, "CommandCenter")[0])
    assert not game.over


def test_larvae_die_with_their_pool() -> None:
    game = prepare("Zerg")
    put(game, 0, "SpawningPool", 40.5, 40.5)
    hall = rows(game, 0, "Hatchery")[0]
    mine, other = put(game, 0, "Larva", 10.5, 7.5), put(game, 0, "Larva", 40.5, 37.5)
    game.world.units.addon[mine] = hall
    game.world.grids.creep[:] = 1
    _kill(game, hall)
    assert rows(game, 0, "Larva") == [other]


def test_geyser_keeps_what_is_left_when_its_refinery_dies_and_can_be_built_on_again() -> None:
    game = prepare("Terran")
    geyser = rows(game, 2, "VespeneGeyser")[0]
    scv = put(game, 0, "SCV", 14, 18)
    give(game, scv, "Refinery", geyser)
    until(game, lambda: game.world.players.gas[0] > 10000)
    refinery = rows(game, 0, "Refinery")[0]
    left = game.world.units.contents[refinery]
    _kill(game, refinery)
    assert 0 < game.world.units.contents[geyser] <= left < 2250
    assert game.world.units.geyser[geyser] == NONE
    assert game.world.units.hidden[scv] == 0
    give(game, scv, 3665)
    assert give(game, scv, "Refinery", geyser) == 1


def test_dead_add_on_frees_its_barracks() -> None:
    game = prepare("Terran")
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    give(game, barracks, 3682)
    _kill(game, rows(game, 0, "BarracksTechLab")[0])
    assert game.world.units.addon[barracks] == NONE
    assert give(game, barracks, "Marine") == 1


def test_empty_mineral_field_vanishes_and_its_workers_take_another() -> None:
    game = prepare("Terran")
    u, patch = game.world.units, rows(game, 2, "MineralField")[0]
    scv = put(game, 0, "SCV", 15, 7)
    u.contents[patch] = 5
    give(game, scv, 3666, patch)
    until(game, lambda: patch not in rows(game, 2, "MineralField"))
    until(game, lambda: game.world.players.collected_minerals[0] == 10, 400)


def test_structure_that_dies_in_sight_is_not_remembered() -> None:
    game = prepare("Terran", "Zerg")
    pool = put(game, 1, "SpawningPool", 40.5, 40.5, seen=0)
    scout = put(game, 0, "Marine", 36, 40)
    game.step(2)
    give(game, scout, 3794, at=(15, 20))
    until(game, lambda: (0, pool) in game.world.snapshots)
    assert game.world.snapshots[(0, pool)].x == 40.5
    _kill(game, pool)
    assert (0, pool) not in game.world.snapshots


def test_player_does_not_learn_of_a_death_out_of_sight() -> None:
    game = prepare("Terran", "Zerg")
    pool = put(game, 1, "SpawningPool", 45.5, 20.5, seen=0)
    scout = put(game, 0, "Overlord", 40, 20)
    game.step(2)
    game.world.units.x[scout] = 5
    until(game, lambda: (0, pool) in game.world.snapshots)
    deaths.bury(game, pool, NONE)
    game.step(64)
    assert (0, pool) in game.world.snapshots
    game.world.units.x[scout] = 40
    game.step(20)
    assert (0, pool) not in game.world.snapshots
