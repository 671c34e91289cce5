"""The table of scripted opponents: what is played, what is kept, how it is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.pool_matrix import keep, read_results, rows_of, schedule, score, scripted_opponents
from benchmarks.win_matrix import Game, Outcome


def games(number: int) -> list[Game]:
    return schedule(["a", "b"], ["x", "y", "z"], ["m1", "m2", "m3"], number, 16, 1000)


def test_every_pair_meets_once_before_any_meets_twice_and_maps_take_turns() -> None:
    planned = games(2)
    assert len(planned) == len(set(planned)) == 12
    assert {game.seed for game in planned[:6]} == {1}
    assert {game.map_name for game in planned if game.bot == "a"} == {"m1", "m2", "m3"}
    first, second = planned[0], planned[6]
    assert (first.bot, first.opponent) == (second.bot, second.opponent)
    assert first.map_name != second.map_name


def test_kept_games_are_read_again_and_a_line_cut_off_is_played_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "results.jsonl"
    one, two, three = games(1)[:3]
    keep(file, Outcome(one, "Victory", 500, None))
    keep(file, Outcome(two, "Tie", 1000, None))
    file.write_bytes(file.read_bytes()[:-7])
    assert set(read_results(file)) == {one}
    keep(file, Outcome(three, "Defeat", 700, "ValueError: x"))
    found = read_results(file)
    assert set(found) == {one, three}
    assert found[three].error == "ValueError: x"


def test_a_line_that_is_no_game_is_named(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text('{"game": {}}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"results\.jsonl, line 1 is no kept game"):
        read_results(file)


def test_ties_are_not_won_and_half_is_not_more_often_than_not() -> None:
    results = ("Victory", "Tie", "Victory", "Defeat")
    played = [Outcome(game, result, 1, None) for game, result in zip(games(1), results, strict=False)]
    assert score(played) == (2, 1, 1)
    (row,) = rows_of([Outcome(o.game, o.result, 1, None) for o in played if o.game.bot == "a"], ["a"])
    assert row.value == pytest.approx(200 / 3)
    assert row.met
    even = rows_of([Outcome(games(1)[k], r, 1, None) for k, r in enumerate(("Victory", "Defeat"))], ["a"])
    assert even[0].met is False


def test_the_pool_has_a_rush_an_all_in_a_timing_and_a_macro_plan_of_every_race() -> None:
    names = scripted_opponents()
    assert len(names) >= 12
    for race in ("terran", "protoss", "zerg"):
        assert f"worker_rush_{race}" in names
        assert f"one_base_rush_{race}" in names
        assert sum(name.startswith(f"{race}_") for name in names) >= 4
