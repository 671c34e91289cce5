"""Records: a game played again from its commands is the same game."""

import json

import pytest

from cherrypy_bot.formats.mpq_writer import write_archive
from cherrypy_bot.sim import replay
from cherrypy_bot.sim.computer import Computer
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import load_map
from cherrypy_bot.sim.replay import ReplayError

LOOPS = 4000


@pytest.fixture(scope="module")
def played() -> Game:
    game = Game.new(load_map("OrchardLE"), ("Zerg", "Protoss"), seed=5)
    game.computers = [Computer(0, "Zerg", 5, 1, 1), Computer(1, "Protoss", 5, 2, 2)]
    game.step(LOOPS)
    return game


def test_the_commands_make_the_same_game_again(played: Game) -> None:
    record = replay.read_record(replay.write(played, ["a", "b"]))
    assert len(record.commands) > 50
    again = replay.play(record)
    assert again.loop == LOOPS
    assert again.state_hash() == record.state_hash == played.state_hash()


def test_looking_on_the_way_changes_nothing(played: Game) -> None:
    loops: list[int] = []
    record = replay.read_record(replay.write(played, ["a", "b"]))
    again = replay.play(record, every=672, look=lambda game: loops.append(game.loop))
    assert again.state_hash() == played.state_hash()
    assert loops == [672, 1344, 2016, 2688, 3360, LOOPS]


def test_a_player_who_leaves_has_lost_in_the_record_too() -> None:
    game = Game.new(load_map("OrchardLE"), ("Terran", "Terran"), seed=1)
    game.step(100)
    game.leave(0)
    again = replay.play(replay.read_record(replay.write(game, ["a", "b"])))
    assert again.world.results == ("Defeat", "Victory")
    assert again.state_hash() == game.state_hash()


def test_a_game_changed_by_debug_says_so(played: Game) -> None:
    game = played.clone()
    game.altered = True
    with pytest.raises(ReplayError, match="debug"):
        replay.play(replay.read_record(replay.write(game, ["a", "b"])))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda lines: [], "empty"),
        (lambda lines: ["{}", *lines[1:]], "line 1"),
        (lambda lines: [json.dumps({**json.loads(lines[0]), "version": 99}), *lines[1:]], "version 99"),
        (lambda lines: [json.dumps({k: v for k, v in json.loads(lines[0]).items() if k != "races"})], "line 1"),
        (lambda lines: [*lines[:3], lines[3][:7]], "line 4"),
        (lambda lines: [*lines[:3], "[1, 2]"], "line 4"),
        (lambda lines: [*lines[:3], '{"chat": [1, 2]}'], "line 4"),
        (lambda lines: [*lines[:3], '{"camera": [1, 7, 1.0, 1.0]}'], "line 4 .* player 7"),
        (lambda lines: [*lines[:3], '{"camera": [1e400, 0, 1.0, 1.0]}'], "line 4"),
        (lambda lines: [*lines[:3], '{"else": 1}'], "line 4"),
    ],
)
def test_damaged_records_are_refused_with_the_line(played: Game, damage: object, says: str) -> None:
    assert callable(damage)
    lines = replay.write(played, ["a", "b"]).decode().splitlines()
    with pytest.raises(ReplayError, match=says):
        replay.read_record("\n".join(damage(lines)).encode())


def test_bytes_of_another_kind_are_refused() -> None:
    with pytest.raises(ReplayError, match="no command record"):
        replay.read_record(b"\xff\xfe\x00MPQ")


def test_a_record_is_found_in_an_archive_too(played: Game) -> None:
    data = replay.write(played, ["a", "b"])
    packed = write_archive(b"", {replay.RECORD_MEMBER: data, "replay.details": b"x"})
    assert replay.read_record(packed) == replay.read_record(data)
    with pytest.raises(ReplayError, match="not played on this engine"):
        replay.read_record(write_archive(b"", {"replay.details": b"x"}))
    with pytest.raises(ReplayError, match="damaged"):
        replay.read_record(packed[:-30])
