"""One game becomes a result and episodes: what the bot saw, what was true, and what is left out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cherrypy_bot.config import Config, ConfigError, load_config
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2
from cherrypy_bot.learn.episodes import decode, encode
from cherrypy_bot.learn.league.maps import find_map
from cherrypy_bot.learn.league.orders import ASSIGNED, GameOrder, GameResult, Player, failed
from cherrypy_bot.learn.league.play import Played, play_order, unfit
from cherrypy_bot.learn.view import EVALUATE_LOOPS, SelectorRecord
from cherrypy_bot.learn.vocabulary import NAMES
from cherrypy_bot.sim.maps import MapError, load_map
from modules.build_order.builds import builds_of
from tests.learn.samples import same

ROOT = Path(__file__).resolve().parent.parent.parent
LOOPS = 2240
EXPLORE = {"policy": "explore", "explore_rate": 1.0}


@pytest.fixture(scope="module")
def config() -> Config:
    quiet_python_sc2()
    return load_config(ROOT / "bots.yaml")


def mirror(seed: int = 3) -> GameOrder:
    players = (Player("zerg explorer", "cherry_zerg", EXPLORE), Player("protoss plan", "cherry_protoss"))
    return GameOrder(players, "CherryGroveLE", seed, loop_limit=LOOPS, collect=(0, 1), cell={"kind": "test"})


@pytest.fixture(scope="module")
def played(config: Config) -> Played:
    return play_order(mirror(), config)


def test_a_game_between_two_of_our_bots_gives_two_episodes(played: Played) -> None:
    first, second = played.episodes
    assert (first.side, second.side) == (0, 1)
    assert first.game_id == second.game_id == mirror().game_id
    assert (first.race, first.enemy_race, second.race) == ("zerg", "protoss", "protoss")
    assert (first.opponent, second.opponent) == ("protoss plan", "zerg explorer")
    assert (first.policy, second.policy) == ("explore", "fixed")
    assert first.notes["kind"] == "test"
    assert played.result.kept == 2
    assert played.result.dropped == ()


def test_a_game_that_reaches_its_limit_is_worth_a_half_for_both(played: Played) -> None:
    assert played.result.ended == "limit"
    assert [one.result for one in played.episodes] == [0.5, 0.5]
    assert [one.ended for one in played.episodes] == ["limit", "limit"]
    assert played.result.score(0) == 0.5


def test_evaluations_come_every_five_seconds_from_the_first_loop(played: Played) -> None:
    times = played.episodes[0].times
    assert times[0] == 0
    assert abs(len(times) - LOOPS / EVALUATE_LOOPS) <= 1
    assert (np.abs(np.diff(times) - EVALUATE_LOOPS) < 22).all()
    assert (times % EVALUATE_LOOPS < 22).all()


def test_the_opening_and_random_decisions_are_in_the_episode(played: Played) -> None:
    first, second = played.episodes
    assert first.random[0]
    assert first.builds[first.switch[0]] == played.result.openings[0]
    assert first.build[1] == first.switch[0]
    assert (first.random[1:] & (first.switch[1:] >= 0)).any()
    assert not second.random.any()
    assert played.result.decisions[0] >= 1


def test_the_truth_is_what_the_enemy_has_not_what_was_seen_of_it(played: Played) -> None:
    first, second = played.episodes
    at_start = dict(zip(NAMES, first.truth[0].tolist(), strict=True))
    assert {name: n for name, n in at_start.items() if n} == {"NEXUS": 1, "PROBE": 12}
    enemy = dict(zip(NAMES, second.truth[0].tolist(), strict=True))
    assert (enemy["HATCHERY"], enemy["DRONE"], enemy["OVERLORD"]) == (1, 12, 1)
    assert first.truth[-1, NAMES.index("PROBE")] > 12
    assert first.truth[-1, NAMES.index("GATEWAY")] >= 1


def test_an_order_gives_the_same_game_and_episodes_again(config: Config, played: Played) -> None:
    again = play_order(GameOrder.from_json(mirror().to_json()), config)
    assert again.result.loops == played.result.loops
    assert all(same(decode(encode(a)), b) for a, b in zip(again.episodes, played.episodes, strict=True))


def test_an_opening_that_a_plan_assigned_counts_as_drawn(config: Config) -> None:
    for assigned in ({}, {ASSIGNED: "opening"}):
        order = GameOrder(
            (Player("a", "cherry_zerg", {"policy": "fixed", "build": "roach_timing"}), Player("b", "cherry_terran")),
            "CherryGroveLE",
            5,
            loop_limit=1400,
            collect=(0, 1),
            cell=assigned,
        )
        mine, other = play_order(order, config).episodes
        assert mine.builds[mine.switch[0]] == "roach_timing"
        assert mine.random.tolist() == [bool(assigned), *[False] * (len(mine.random) - 1)]
        assert not other.random.any()


def test_a_fixed_build_is_played_and_a_series_is_remembered(config: Config) -> None:
    build = next(name for name, entry in builds_of(config.bot("cherry_zerg").race).items() if entry.is_opening)
    past = ({"result": "Defeat", "race": "zerg", "notes": {"opening": build}},)
    players = (Player("z", "cherry_zerg", {"build": build}), Player("c", "computer:terran:VeryEasy"))
    order = GameOrder(players, "CherryGroveLE", 1, loop_limit=300, collect=(0,), series="s", past=past)
    found = play_order(order, config)
    assert found.result.openings[0] == build
    assert found.result.dropped == ("too short",)
    assert found.episodes == ()


def test_ids_follow_from_what_is_played_not_from_how_it_is_counted() -> None:
    order = mirror()
    assert order.game_id != mirror(seed=4).game_id
    assert order.game_id == GameOrder(order.players, "CherryGroveLE", 3, loop_limit=LOOPS).game_id
    result = failed("no\nreason")
    assert GameResult.from_json(result.to_json()) == result


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"error": "ValueError: x"}, "crashed"),
        ({"switched_off": ("tactics",)}, "a module was switched off"),
        ({"other_error": "ValueError: x"}, "the opponent crashed"),
        ({"loops": 500}, "too short"),
        ({"other_orders": 3}, "the opponent did not play"),
        ({"record": None}, "no evaluations"),
        ({}, ""),
    ],
)
def test_matches_that_teach_nothing_are_left_out_with_a_reason(wrong: dict[str, object], why: str) -> None:
    record = SelectorRecord(["a"], 1)
    record.add(0, np.zeros(3, np.float32), build="", switch="a", random=False, values={})
    mine = SimpleNamespace(error=wrong.get("error"), switched_off=wrong.get("switched_off", ()))
    other = SimpleNamespace(error=wrong.get("other_error"), orders=wrong.get("other_orders", 500), step=object())
    report = SimpleNamespace(players=(mine, other), loops=wrong.get("loops", 9000))
    assert unfit(report, 0, wrong.get("record", record)) == why  # type: ignore[arg-type]


def test_options_for_what_has_no_such_module_are_refused(config: Config) -> None:
    with pytest.raises(ConfigError, match="no modules that could be given options"):
        contenders(config, "cherry_zerg", "computer:zerg:Easy", seed=1, options={1: {"strategy": {}}})
    with pytest.raises(ConfigError, match="no module called dance"):
        contenders(config, "cherry_zerg", "cherry_zerg", seed=1, options={0: {"dance": {}}})
    with pytest.raises(ConfigError, match="strength"):
        contenders(config, "cherry_zerg", "cherry_zerg", seed=1, options={0: {"strategy": {"strength": 9}}})


def test_generated_maps_are_made_once_and_kept(tmp_path: Path) -> None:
    path = find_map("generated:5", tmp_path)
    assert load_map(path).name == "Generated5"
    assert find_map("generated:5", tmp_path) == path
    assert find_map("OrchardLE") == "OrchardLE"
    with pytest.raises(MapError, match="generated:7"):
        find_map("generated:x", tmp_path)
