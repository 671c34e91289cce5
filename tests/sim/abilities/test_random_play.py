"""Games of players that do anything they may: nothing raises, the books balance, cutting time up changes nothing."""

import numpy as np
import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import supply
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import load_map
from cherrypy_bot.sim.state import NONE
from tests.sim.abilities import invariants
from tests.sim.abilities.random_player import RandomPlayer

MATCHUPS = [("Terran", "Zerg"), ("Protoss", "Terran"), ("Zerg", "Protoss")]
BANK = 5000.0
LOOPS = 3200


def _play(races: tuple[str, str], seed: int, cuts: tuple[int, ...]) -> Game:
    game = Game.new(load_map("CherryGroveLE"), races, seed=seed)
    game.world.players.minerals[:] = game.world.players.gas[:] = BANK
    players = [RandomPlayer(p, 2 * seed + p) for p in (0, 1)]
    while game.loop < LOOPS and not game.over:
        for player in players:
            player.act(game)
            player.act(game)
        for loops in cuts:
            game.step(loops)
        _check_books(game)
    return game


def _check_books(game: Game) -> None:
    w, u, p = game.world, game.world.units, game.world.players
    assert (p.minerals >= 0).all()
    assert (p.gas >= 0).all()
    assert np.allclose(BANK + p.collected_minerals, p.minerals + p.spent_minerals)
    assert np.allclose(BANK + p.collected_gas, p.gas + p.spent_gas)
    kept = p.supply_used.copy(), p.supply_cap.copy()
    supply.recount(game)
    assert (kept[0] == p.supply_used).all()
    assert (kept[1] == p.supply_cap).all()
    for row, items in w.production.items():
        assert u.alive[row] == 1
        assert (u.work_left[row] >= 0).sum() <= len(items)
    for row in w.rows():
        kind = w.rules.units[int(u.type_id[row])].name
        current = w.current.get(row)
        if current is None:
            assert u.order[row] == st.IDLE, kind
        else:
            assert u.order[row] in (current.kind, st.BUSY), kind
        if u.work_left[row].max() >= 0:
            assert row in w.production, kind
        if u.carrier[row] != NONE and not u.hidden[row]:
            assert u.carrier[u.carrier[row]] == row, kind
        if u.addon[row] != NONE and kind != "Larva":
            assert u.addon[u.addon[row]] == row, kind


@pytest.mark.parametrize("races", MATCHUPS)
def test_a_game_of_random_players_is_the_same_however_time_is_cut_up(races: tuple[str, str]) -> None:
    whole, cut = _play(races, 7, (16,)), _play(races, 7, (1, 2, 5, 8))
    assert whole.state_hash() == cut.state_hash()
    assert whole.errors == cut.errors


@pytest.mark.parametrize("races", MATCHUPS)
def test_no_loop_of_a_random_game_breaks_an_invariant_and_clones_stay_equal(races: tuple[str, str]) -> None:
    """The short form of `python -m tests.sim.abilities.invariants --games 50`."""
    one = invariants.watched(races, 3, "OrchardLE")
    one.play(1600)
    assert one.problems == []
    assert one.loops == 1600
    assert one.twins == 5
    assert one.commands["accepted"] > 300


def test_broken_invariants_are_found() -> None:
    def problems(name: str) -> list[str]:
        game = Game.new(load_map("OrchardLE"), ("Terran", "Zerg"), seed=1)
        game.step(10)
        assert invariants.check(game) == []
        w, u = game.world, game.world.units
        row = w.rows_of(0, w.rules.unit("SCV").id)[0]
        if name == "bank":
            w.players.minerals[0] = -1
        elif name == "supply":
            w.players.supply_used[0] = 99
        elif name == "wall":
            y, x = np.argwhere(w.grids.terrain_walk == 0)[500]
            u.x[row], u.y[row] = x + 0.5, y + 0.5
        elif name == "map":
            u.x[row] = -3
        elif name == "life":
            u.hp[row] = 999
        elif name == "reference":
            u.addon[row] = len(u.alive) - 1
        elif name == "table":
            w.rallies[len(u.alive) - 1] = ()
        return invariants.check(game)

    for name, text in (
        ("bank", "negative bank"),
        ("supply", "counted"),
        ("wall", "stands in a wall"),
        ("map", "off the map"),
        ("life", "hp 999"),
        ("reference", "where nobody is"),
        ("table", "rallies has an entry"),
    ):
        assert [text in problem for problem in problems(name)] == [True], name
