"""Reports of finished matches."""

from __future__ import annotations

import json

from cherrypy_bot.ladder.report import MatchReport, PlayerReport, Timing


def finished(first: str, second: str) -> MatchReport:
    return MatchReport(
        map_name="CherryGroveLE",
        seed=3,
        engine="sim",
        game_step=4,
        realtime=False,
        loops=2240,
        wall_seconds=2.0,
        players=(
            PlayerReport("cherry_terran", "terran", first, 12, Timing.of([1.0, 3.0]), {"macro": Timing.of([0.5])}),
            PlayerReport("computer:zerg:Easy", "zerg", second, 30),
        ),
    )


def test_timing_of_known_durations() -> None:
    timing = Timing.of([float(value) for value in range(1, 101)])
    assert (timing.mean, timing.p95, timing.max, timing.count) == (50.5, 96.0, 100.0, 100)


def test_timing_of_nothing_is_zero() -> None:
    assert Timing.of([]) == Timing(0.0, 0.0, 0.0, 0)


def test_the_winner_is_named() -> None:
    assert finished("Victory", "Defeat").winner == "cherry_terran"
    assert finished("Defeat", "Victory").winner == "computer:zerg:Easy"


def test_a_tie_has_no_winner() -> None:
    assert finished("Tie", "Tie").winner is None
    assert finished("Undecided", "Undecided").winner is None


def test_speed_is_game_time_over_wall_time() -> None:
    report = finished("Victory", "Defeat")
    assert report.game_seconds == 100.0
    assert report.x_realtime == 50.0


def test_the_report_is_one_json_object_with_what_callers_rely_on() -> None:
    plain = json.loads(json.dumps(finished("Victory", "Defeat").as_dict()))
    assert plain["results"] == {"cherry_terran": "Victory", "computer:zerg:Easy": "Defeat"}
    assert plain["winner"] == "cherry_terran"
    assert plain["orders"] == {"cherry_terran": 12, "computer:zerg:Easy": 30}
    assert plain["milliseconds"] == {
        "cherry_terran": {
            "step": {"mean": 2.0, "p95": 3.0, "max": 3.0, "count": 2},
            "macro": {"mean": 0.5, "p95": 0.5, "max": 0.5, "count": 1},
        }
    }
    for key in (
        "loops",
        "game_seconds",
        "x_realtime",
        "state_hash",
        "replay",
        "trace",
        "seed",
        "map",
        "versions",
    ):
        assert key in plain
    assert plain["versions"]["burnysc2"]
