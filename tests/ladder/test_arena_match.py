"""One arena match: every way in which a bot can end one gets the ladder's word for it, and none hangs the arena."""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from pathlib import Path

import pytest
from s2clientprotocol import common_pb2 as common

from cherrypy_bot.ladder.arena.match import opponent_id
from cherrypy_bot.ladder.arena.rules import Ending
from cherrypy_bot.ladder.errors import MatchError
from tests.ladder.arena_support import QUICK, play, small_bot

SHORT = replace(QUICK, timeout_seconds=2.0, loop_limit=20_000)
"""For bots that shall time out."""


@pytest.mark.parametrize(
    ("behaviour", "ending", "winner", "why"),
    [
        ("leave", "Player1Win", "idle", "left the game"),
        ("quit", "Player1Win", "idle", "left the game"),
        ("crash_step", "Player2Crash", "idle", "hung up"),
        ("exit", "Player2Crash", "idle", "hung up"),
        ("crash_import", "InitializationError", None, "exit code 1"),
    ],
)
def test_how_a_match_ends(behaviour: str, ending: str, winner: str | None, why: str, tmp_path: Path) -> None:
    result = play(tmp_path, small_bot("idle", tmp_path), small_bot(behaviour, tmp_path))
    plain = result.as_dict()
    assert (plain["type"], plain["winner"]) == (ending, winner)
    assert why in plain["reason"]
    assert behaviour in plain["reason"]
    assert (plain["bot1_tags"], plain["bot2_tags"]) == ([], ["leaving", "early"] if behaviour == "leave" else [])
    if ending == "Player1Win":
        assert "result: 1" in log(tmp_path, "idle")  # the survivor learns that it has won


def test_a_rush_wins_and_who_does_nothing_loses(tmp_path: Path) -> None:
    result = play(tmp_path, small_bot("win", tmp_path), small_bot("idle", tmp_path), replay=tmp_path / "m.SC2Replay")
    plain = result.as_dict()
    assert (plain["type"], plain["winner"]) == ("Player1Win", "win")
    assert 1000 < plain["game_steps"] < 6000
    assert 0.0 < plain["bot1_avg_step_time"] < 0.5
    assert plain["bot1_steps"] >= plain["game_steps"] // 16 - 1
    assert (plain["bot1_exit_code"], plain["bot2_exit_code"]) == (0, 0)
    assert "result: 1" in log(tmp_path, "win")
    # once its units were seen the opponent's race is no secret
    assert f"players: (1, 'win', {common.Terran}) (2, 'idle', {common.Random})" in log(tmp_path, "win")
    assert f"met: (1, 'win', {common.Terran}) (2, 'idle', {common.Terran})" in log(tmp_path, "win")
    assert "result: 2" in log(tmp_path, "idle")
    assert (tmp_path / "m.SC2Replay").stat().st_size > 0


def test_the_loop_limit_is_a_tie_at_exactly_that_loop(tmp_path: Path) -> None:
    rules = replace(QUICK, loop_limit=1001)
    result = play(tmp_path, small_bot("idle", tmp_path, "one"), small_bot("idle", tmp_path, "two"), rules)
    assert result.verdict.ending is Ending.TIE
    assert (result.game_steps, result.winner) == (1001, None)
    assert "result: 3" in log(tmp_path, "one")


def test_a_bot_that_loops_forever_times_out_and_the_other_goes_on_to_win(tmp_path: Path) -> None:
    started = time.monotonic()
    result = play(tmp_path, small_bot("hang", tmp_path), small_bot("idle", tmp_path), SHORT)
    assert result.verdict.ending is Ending.PLAYER1_TIMEOUT
    assert result.times[0].exit_code is None  # it had to be killed
    assert "result: 1" in log(tmp_path, "idle")
    assert time.monotonic() - started < 20


def test_two_bots_that_loop_forever_do_not_hang_the_arena(tmp_path: Path) -> None:
    rules = replace(SHORT, grace_seconds=0.5)
    result = play(tmp_path, small_bot("hang", tmp_path, "one"), small_bot("hang", tmp_path, "two"), rules)
    assert result.verdict.ending in (Ending.PLAYER1_TIMEOUT, Ending.PLAYER2_TIMEOUT)


def test_a_bot_that_only_looks_times_out(tmp_path: Path) -> None:
    rules = replace(QUICK, stall_seconds=1.0)
    result = play(tmp_path, small_bot("idle", tmp_path), small_bot("look_forever", tmp_path), rules)
    assert result.verdict.ending is Ending.PLAYER2_TIMEOUT
    assert "without a step" in result.verdict.reason


def test_a_bot_that_floods_the_game_times_out_and_fills_no_memory(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rules = replace(QUICK, timeout_seconds=3.0)
    result = play(tmp_path, small_bot("flood", tmp_path), small_bot("idle", tmp_path), rules)
    assert result.verdict.ending is Ending.PLAYER1_TIMEOUT
    assert "read no answer" in result.verdict.reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


def test_a_bot_that_never_connects_makes_no_match(tmp_path: Path) -> None:
    rules = replace(QUICK, connect_seconds=3.0)
    result = play(tmp_path, small_bot("idle", tmp_path), small_bot("never_connect", tmp_path), rules)
    assert result.verdict.ending is Ending.INITIALIZATION_ERROR
    assert "never_connect did not join" in result.verdict.reason  # a busy machine may name the other one too
    assert result.times[1].exit_code is None


def test_a_slow_bot_times_out_only_where_its_mean_time_is_judged(tmp_path: Path) -> None:
    rules = replace(QUICK, step_ms=25.0)
    result = play(tmp_path, small_bot("idle", tmp_path), small_bot("slow", tmp_path), rules)
    assert result.verdict.ending is Ending.PLAYER2_TIMEOUT
    assert "25 are allowed" in result.verdict.reason
    assert result.game_steps >= 1344  # the first minute is free
    average = result.times[1].avg_step_time
    assert average is not None
    assert 0.03 <= average < 0.2


def test_bots_get_the_ladders_arguments_and_nothing_else(tmp_path: Path) -> None:
    play(tmp_path, small_bot("leave", tmp_path), small_bot("idle", tmp_path))
    words = log(tmp_path, "leave").splitlines()[0].split()
    assert words[0] == "arguments:"
    assert words[1::2] == ["--GamePort", "--StartPort", "--LadderServer", "--OpponentId"]
    assert words[-1] == opponent_id("idle")
    assert "idle" not in words[-1]


def test_debug_is_answered_empty_fog_stays_and_the_race_is_hidden(tmp_path: Path) -> None:
    rules = replace(QUICK, loop_limit=200)
    play(tmp_path, small_bot("cheat", tmp_path), small_bot("idle", tmp_path), rules)
    said = log(tmp_path, "cheat").splitlines()
    assert "debug: debug 7 3" in said  # an empty answer with the request's id, in game
    assert "create: create_game is not for bots" in said
    # its own units are the start's 13, larvae and debugged marines would show; no enemy is in sight of the start
    assert "units: 13 0" in said
    names = f"players: (1, 'cheat', {common.Terran}) (2, 'idle', {common.Random})"
    assert names in said


def test_before_the_join_only_ping_join_and_quit_are_answered(tmp_path: Path) -> None:
    play(tmp_path, small_bot("early", tmp_path), small_bot("leave", tmp_path))
    said = log(tmp_path, "early")
    assert "early: data is not allowed before the game" in said
    assert "joined: 1" in said


def test_a_bot_that_joins_with_another_race_than_its_own_is_told_apart(tmp_path: Path) -> None:
    first = small_bot("idle", tmp_path, race=common.Zerg)
    result = play(tmp_path, first, small_bot("leave", tmp_path))
    assert result.verdict.ending is Ending.PLAYER1_RACE_MISMATCH
    assert "joined as Terran and is registered as Zerg" in result.verdict.reason
    assert not result.verdict.ending.rated


def test_a_program_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    broken = replace(small_bot("idle", tmp_path), arguments=("/nowhere/python",))
    with pytest.raises(MatchError, match="idle cannot be started"):
        play(tmp_path, broken, small_bot("leave", tmp_path))


def test_winners_follow_from_the_endings() -> None:
    assert Ending.PLAYER1_CRASH.winner == 1
    assert Ending.PLAYER2_TIMEOUT.winner == 0
    assert Ending.PLAYER2_WIN.winner == 1
    assert [ending for ending in Ending if ending.winner is None and ending.rated] == [Ending.TIE]
    assert Ending.of("Crash", 0) is Ending.PLAYER1_CRASH


def log(folder: Path, name: str) -> str:
    return (folder / name / "log.txt").read_text(encoding="utf-8")
