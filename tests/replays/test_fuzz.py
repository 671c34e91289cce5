"""Damaged replays are refused with one line or still read; the short form of benchmarks/fuzz_replays.py."""

from __future__ import annotations

import time

import pytest

from benchmarks.replay_mutations import mutations, survives
from cherrypy_bot.formats.tracker import BORN, DIED, INIT, POSITIONS, STATS_EVENT, TYPE_CHANGE, UPGRADE, TrackerEvent
from cherrypy_bot.formats.tracker_writer import encode_tracker
from cherrypy_bot.formats.versioned import encode_choice, encode_number, encode_struct
from tests.reference import needs_reference
from tests.replays.real import GOOD, path_of
from tests.replays.synthetic import Game

SEED = 20_260_101


def full_game() -> bytes:
    """A small game with an event of every kind."""
    game = Game("Zerg", "Protoss")
    for loop in range(160, 8000, 160):
        for player in (1, 2):
            game.stats(player, loop, minerals=loop, supply_used_4096=12 * 4096, supply_made_4096=14 * 4096)
    larva = game.born(1, "Larva", 5, by=game.halls[1])
    game.become(larva, "Egg", 100)
    game.born(1, "Drone", 372, by=larva, ability="LarvaTrain")
    game.become(larva, "Larva", 372)
    game.kill(game.place(1, "Hatchery", 1000, done=2600, at=(60, 40)), 5000, by=2)
    for _ in range(6):
        game.kill(game.place(2, "Zealot", 1500, done=1580), 3000, by=1)
    game.upgrade(2, "WarpGateResearch", 4000)
    game.events.append(TrackerEvent(3360, POSITIONS, [1, [0, 30, 30, 1, 40, 40], *[None] * 8]))
    return game.replay()


def check(samples: list[bytes], count: int, seed: int) -> None:
    refused = 0
    for data in mutations(samples, count, seed):
        started = time.perf_counter()
        line = survives(data)
        assert time.perf_counter() - started < 10
        if line is not None:
            refused += 1
            assert line.isprintable()
    assert count * 0.3 < refused < count


def test_damaged_small_games() -> None:
    check([full_game()], 400, SEED)


@needs_reference
def test_damaged_real_games() -> None:
    samples = [path_of(entry["file"]).read_bytes() for entry in GOOD if entry["bytes"] < 62_000]
    check(samples, 150, SEED)


@pytest.mark.parametrize("kind", [BORN, INIT, DIED, TYPE_CHANGE, UPGRADE, STATS_EVENT, POSITIONS])
@pytest.mark.parametrize("missing", range(7))
def test_an_event_that_lacks_a_field(kind: int, missing: int) -> None:
    """Each event once without each of its fields: refused, or the field is one that may be absent."""
    whole = {
        BORN: {0: 900, 1: 1, 3: 1, 4: 1, 5: 30, 6: 30},
        INIT: {0: 900, 1: 1, 3: 1, 4: 1, 5: 30, 6: 30},
        DIED: {0: 1, 1: 1, 3: 30, 4: 30},
        TYPE_CHANGE: {0: 1, 1: 1},
        UPGRADE: {0: 1, 2: 1},
        STATS_EVENT: {0: 1},
        POSITIONS: {0: 1},
    }[kind]
    fields = {number: encode_number(value) for number, value in whole.items() if number != missing}
    event = encode_choice(0, encode_number(0)) + encode_number(kind) + encode_struct(fields)
    game = Game()
    stream = game.tracker() + event
    line = survives(game.replay(replay_tracker_events=stream))
    assert line is None or line.isprintable()


def test_events_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file may unpack to millions of events; they must not become millions of objects."""
    monkeypatch.setattr("cherrypy_bot.formats.tracker.MAX_EVENTS", 5000)
    game = Game()
    flood = encode_tracker([TrackerEvent(0, TYPE_CHANGE, [1, 1, "", *[None] * 7])]) * 6000
    line = survives(game.replay(replay_tracker_events=game.tracker() + flood))
    assert line is not None
    assert "more tracker events than any game" in line
