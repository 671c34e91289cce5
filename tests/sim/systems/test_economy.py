"""Two bases: rich fields, workers that are sent over, workers that get in the way."""

from __future__ import annotations

import math

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.maps import Neutral
from tests.sim.systems.scene import RULES, field, put, type_id

GATHER = 3666
HOME, SECOND = (12.5, 12.5), (12.5, 44.5)


def _line(kind: str, x: float, y: float) -> tuple[Neutral, ...]:
    """Four fields in a row, six to seven cells above a town hall's centre."""
    return tuple(Neutral(type_id(kind), x - 3.5 + 2 * k, y + 7.0 - (k in (1, 2)) * 0.5 + 0.5, 1800) for k in range(4))


def _two_bases(kind: str = "MineralField") -> tuple[Game, list[int], list[int]]:
    """A game with a town hall at each of two mineral lines; the fields of the first and of the second."""
    game = field(neutrals=(*_line("MineralField", *HOME), *_line(kind, *SECOND)))
    put(game, 1, "Hatchery", 53.5, 53.5)
    for x, y in (HOME, SECOND):
        put(game, 0, "CommandCenter", x, y)
    u = game.world.units
    fields = [r for r in game.world.rows_of(st.NEUTRAL) if RULES.units[int(u.type_id[r])].is_mineral_field]
    return game, [r for r in fields if u.y[r] < 32], [r for r in fields if u.y[r] > 32]


def _gather(game: Game, workers: list[int], node: int) -> None:
    assert game.command(0, Command(GATHER, tuple(workers), node)) == [1] * len(workers)


def _minute(game: Game) -> float:
    before = float(game.world.players.collected_minerals[0])
    game.step(1344)
    return float(game.world.players.collected_minerals[0]) - before


@pytest.mark.parametrize(("kind", "load"), [("MineralField", 5), ("RichMineralField", 7), ("RichMineralField750", 7)])
def test_a_load_of_a_rich_field_is_seven_minerals(kind: str, load: int) -> None:
    game, _, second = _two_bases(kind)
    worker = put(game, 0, "SCV", SECOND[0], SECOND[1] + 4)
    game.step(1)
    full = float(game.world.units.contents[second[0]])
    _gather(game, [worker], second[0])
    for _ in range(200):
        game.step(1)
        if game.world.players.collected_minerals[0]:
            break
    assert game.world.players.collected_minerals[0] == load
    assert full - game.world.units.contents[second[0]] == load


def test_workers_sent_to_a_second_base_stay_there_and_bring_more() -> None:
    """Sixteen on four fields are eight too many; sent over, they deliver at the nearer hall and do not come back."""
    game, first, second = _two_bases()
    u = game.world.units
    workers = [put(game, 0, "SCV", HOME[0] - 3.5 + 0.5 * k, HOME[1] + 4) for k in range(16)]
    game.step(1)
    for k, worker in enumerate(workers):
        _gather(game, [worker], first[k % 4])
    game.step(400)
    crowded = _minute(game)
    sent = workers[8:]
    for k, worker in enumerate(sent):
        _gather(game, [worker], second[k % 4])
    game.step(400)
    spread = _minute(game)
    assert spread > 1.4 * crowded
    assert all(math.dist((u.x[r], u.y[r]), SECOND) < 12 for r in sent)
    assert {int(u.node[r]) for r in sent} == set(second)


def test_workers_that_harvest_pass_through_others() -> None:
    """SCVs that hold their place in a closed row do not keep one that mines from its field."""
    game, first, _ = _two_bases()
    u = game.world.units
    worker = put(game, 0, "SCV", HOME[0], HOME[1] + 3.5)
    wall = [put(game, 0, "SCV", HOME[0] - 6 + 0.75 * k, HOME[1] + 4.6) for k in range(17)]
    for row in wall:
        game.command(0, Command(18, (row,), st.NONE))
    game.step(1)
    _gather(game, [worker], first[1])
    game.step(250)
    assert game.world.players.collected_minerals[0] >= 5
    assert all(abs(u.y[r] - HOME[1] - 4.6) < 0.1 for r in wall)
