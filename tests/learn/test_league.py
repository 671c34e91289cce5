"""A league on disk: what is finished stays finished, whoever is killed; who meets whom; what the planner prefers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cherrypy_bot.config import load_config
from cherrypy_bot.learn.episodes import read_episodes
from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import GameOrder, GameResult, Player
from cherrypy_bot.learn.league.planner import FLOOR, LeaguePlanner, priority
from cherrypy_bot.learn.league.pool import BUILD, COMPUTER, SCRIPTED, SNAPSHOT, learners, openings, pool
from cherrypy_bot.learn.league.run import locked, run_games
from cherrypy_bot.learn.league.split import HELD_OUT, PARTS, TRAINING, load_split, scripted
from cherrypy_bot.learn.league.store import EPISODES, Game, Store
from cherrypy_bot.learn.league.workers import ROOT, LocalPlayers
from cherrypy_bot.sim.maps import shipped_maps

CONFIG = load_config(ROOT / "bots.yaml")
SETTINGS = {"seed": 1}
WON = GameResult(("Victory", "Defeat"), "decided", 9000, ("zerg", "terran"), openings=("roach_timing", ""))


def order(seed: int, first: str = "a", second: str = "b", **facts: object) -> GameOrder:
    return GameOrder((Player(first, "cherry_zerg"), Player(second, "x")), "CherryGroveLE", seed, **facts)  # type: ignore[arg-type]


def short(seed: int, loops: int = 1500) -> GameOrder:
    """A game that takes a second to play."""
    players = (Player("zerg explore", "cherry_zerg", {"policy": "explore"}), Player("c", "computer:terran:VeryEasy"))
    return GameOrder(players, "CherryGroveLE", seed, loop_limit=loops, group="test", collect=(0,))


class Silent:
    """Watches and says nothing."""

    def __init__(self) -> None:
        self.games: list[Game] = []

    def finished(self, game: Game) -> None:
        self.games.append(game)

    def waiting(self) -> None:
        return


# -- store ---------------------------------------------------------------------------------------


def test_a_result_is_written_once_with_the_ratings_that_follow(tmp_path: Path) -> None:
    store = Store.create(tmp_path, "league", SETTINGS)
    first, second = store.add([order(1), order(2)])
    assert store.finish(first, WON)
    assert not store.finish(first, WON)
    assert store.counts() == (1, 2)
    ratings = store.ratings()
    assert ratings["a"].mu > ratings["b"].mu
    assert [name for _, name, _ in store.rating_history()] == ["a", "b"]
    assert store.finish(second, GameResult(("Tie", "Tie"), "tie", 0, ("", ""), void="nobody came"))
    assert store.ratings() == ratings
    assert [game.sequence for game in Store(tmp_path).games()] == [1, 2]


def test_games_of_a_series_wait_for_each_other_and_remember(tmp_path: Path) -> None:
    store = Store.create(tmp_path, "evaluation", SETTINGS)
    numbers = store.add([order(1, series="s"), order(2, series="s"), order(3, series="t")])
    first = store.next_open(())
    assert first is not None
    assert first.id == numbers[0]
    assert first.order.past == ()
    other = store.next_open({numbers[0]})
    assert other is not None
    assert other.id == numbers[2]
    assert store.next_open({numbers[0], numbers[2]}) is None
    store.finish(numbers[0], WON)
    second = store.next_open({numbers[2]})
    assert second is not None
    assert second.id == numbers[1]
    (past,) = second.order.past
    assert (past["result"], past["notes"], past["race"]) == ("Victory", {"opening": "roach_timing"}, "zerg")


def test_a_folder_of_another_kind_or_with_other_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LeagueError, match="there is no such league"):
        Store(tmp_path)
    Store.create(tmp_path, "league", SETTINGS)
    with pytest.raises(LeagueError, match="holds a league, not a matrix"):
        Store.create(tmp_path, "matrix", SETTINGS)
    with pytest.raises(LeagueError, match="begun with another seed"):
        Store.create(tmp_path, "league", {"seed": 2})
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "league.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(LeagueError, match="cannot be"):
        Store.create(broken, "league", SETTINGS)


def test_a_plan_that_was_half_written_is_completed_without_repeating(tmp_path: Path) -> None:
    store = Store.create(tmp_path, "matrix", SETTINGS)
    plan = [order(seed) for seed in range(5)]
    store.add(plan[:2])
    store.add_missing(plan)
    assert [game.order.seed for game in store.games()] == [0, 1, 2, 3, 4]


# -- who meets whom ------------------------------------------------------------------------------


def test_opponents_that_are_neither_always_nor_never_beaten_are_preferred() -> None:
    assert priority(0, 0) == 1.0
    assert priority(5, 10) == 1.0
    assert priority(10, 10) < 0.5 * priority(7, 10)
    assert priority(100, 100) == FLOOR
    assert priority(0, 100) == FLOOR


def test_the_planner_meets_open_opponents_more_often_and_nobody_never() -> None:
    split = load_split()
    members = [member for member in pool(CONFIG, split) if member.kind == SCRIPTED][:3]
    mine = learners(CONFIG, ["zerg"], {"policy": "explore"})
    easy, open_, hard = (member.player.name for member in members)
    results = {easy: ("Victory", "Defeat"), hard: ("Defeat", "Victory")}
    past = []
    for number, name in enumerate([easy, hard] * 30):
        game = order(number, "zerg explore", name)
        past.append(Game(number, game, GameResult(results[name], "decided", 9000, ("zerg", "")), number))
    planner = LeaguePlanner("g", mine, members, ["CherryGroveLE"], 1, past)
    met = [planner.next().players[1].name for _ in range(400)]
    assert met.count(open_) > 3 * met.count(easy) > 0
    assert met.count(open_) > 3 * met.count(hard) > 0


def test_the_same_seed_and_results_plan_the_same_games_also_after_a_stop() -> None:
    split = load_split()
    members = pool(CONFIG, split)
    mine = learners(CONFIG, ["zerg", "terran"], {"policy": "explore"})
    straight = LeaguePlanner("g", mine, members, split.training_maps, 4)
    plan = [straight.next() for _ in range(12)]
    games = [Game(number, one, None, None) for number, one in enumerate(plan[:5])]
    resumed = LeaguePlanner("g", mine, members, split.training_maps, 4, games)
    assert [resumed.next() for _ in range(7)] == plan[5:]
    assert {one.players[0].name for one in plan} == {"zerg explore", "terran explore"}
    assert {one.map_name for one in plan} <= set(split.training_maps)


def test_the_pool_has_every_kind_and_nobody_who_is_held_out(tmp_path: Path) -> None:
    (tmp_path / "zerg-1.safetensors").write_bytes(b"")
    split = load_split()
    members = pool(CONFIG, split, tmp_path)
    assert {member.kind for member in members} == {SCRIPTED, COMPUTER, BUILD, SNAPSHOT}
    names = [member.player.name for member in members]
    assert len(set(names)) == len(names)
    assert not split.held_out & set(names)
    assert f"zerg {openings('zerg')[0]}" in names
    (tmp_path / "mine.safetensors").write_bytes(b"")
    with pytest.raises(LeagueError, match="called after its race"):
        pool(CONFIG, split, tmp_path)


def test_at_least_a_third_of_the_scripted_opponents_and_some_of_every_race_are_held_out() -> None:
    split = load_split()
    known = scripted(CONFIG)
    assert split.held_out <= set(known), f"{split.held_out - set(known)} are no opponents of bots.yaml"
    assert 3 * len(split.held_out) >= len(known), f"hold out {len(known) // 3 + 1 - len(split.held_out)} more"
    for part in PARTS:
        races = {CONFIG.bot(name).race for name in split.opponents(CONFIG, part)}
        assert len(races) == 3, part


def test_a_shipped_map_is_held_out_and_no_map_is_in_both_parts() -> None:
    split = load_split()
    assert set(shipped_maps()) & set(split.maps(HELD_OUT))
    assert set(shipped_maps()) & set(split.maps(TRAINING))
    assert not set(split.maps(HELD_OUT)) & set(split.maps(TRAINING))


# -- playing, and being killed ---------------------------------------------------------------------


def test_games_are_played_by_processes_and_go_on_after_a_worker_is_killed(tmp_path: Path) -> None:
    store = Store.create(tmp_path, "league", SETTINGS)
    store.add([short(1), short(2), short(3)])
    players = LocalPlayers(tmp_path, ROOT / "bots.yaml", 1)
    watcher = Silent()
    killed: list[int] = []

    class Killer(Silent):
        """Kills the worker as soon as its first game is kept; it has the second in hand by then or is about to."""

        def finished(self, game: Game) -> None:
            watcher.finished(game)
            if len(watcher.games) == 1 and not killed:
                killed.extend(players.pids)
                os.kill(players.pids[0], signal.SIGKILL)

    try:
        assert run_games(store, players, None, Killer()) == 3
    finally:
        players.close()
    assert killed
    assert store.counts() == (3, 3)
    assert sorted(game.id for game in watcher.games) == [1, 2, 3]
    keys = {one.key for one in read_episodes(tmp_path / EPISODES)}
    assert keys == {f"{short(seed).game_id}/0" for seed in (1, 2, 3)}


_RUN = """
import sys
from pathlib import Path
from cherrypy_bot.learn.league.run import locked, run_games
from cherrypy_bot.learn.league.store import Store
from cherrypy_bot.learn.league.workers import LocalPlayers
from tests.learn.test_league import Silent
folder = Path(sys.argv[1])
with locked(folder):
    players = LocalPlayers(folder, Path(sys.argv[2]), 1)
    run_games(Store(folder), players, None, Silent())
    players.close()
"""


def test_nothing_finished_is_lost_when_the_league_itself_is_killed(tmp_path: Path) -> None:
    store = Store.create(tmp_path, "league", SETTINGS)
    store.add([short(seed) for seed in range(1, 5)])
    command = [sys.executable, "-c", _RUN, str(tmp_path), str(ROOT / "bots.yaml")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    patience = time.monotonic() + 120
    while store.counts()[0] < 1 and time.monotonic() < patience:
        time.sleep(0.05)
    with pytest.raises(LeagueError, match="another process plays"), locked(tmp_path):
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = {game.id: game.result for game in store.games() if game.result is not None}
    assert before
    subprocess.run(command, env=environment, check=True, timeout=200)
    after = {game.id: game.result for game in store.games()}
    assert all(after[number] == result for number, result in before.items())
    assert store.counts() == (4, 4)
    assert len(list(read_episodes(tmp_path / EPISODES))) == 4


class Hands:
    """Plays games at once, one at a time, and makes the clock go on by a second a game."""

    slots = 1

    def __init__(self, store: Store, clock: list[float]) -> None:
        self._store, self._clock, self._open = store, clock, list[int]()

    def submit(self, number: int) -> None:
        self._open.append(number)

    def wait(self, seconds: float) -> tuple[int, str] | None:
        number = self._open.pop(0)
        self._clock[0] += 1.0
        self._store.finish(number, WON)
        return number, ""

    def close(self) -> None:
        return


def test_no_game_begins_after_the_budget_and_no_more_than_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, clock = Store.create(tmp_path, "league", SETTINGS), [100.0]
    store.add(order(seed) for seed in range(20))
    monkeypatch.setattr("cherrypy_bot.learn.league.run.time.monotonic", lambda: clock[0])
    assert run_games(store, Hands(store, clock), None, Silent(), seconds=4.5) == 5
    assert run_games(store, Hands(store, clock), None, Silent(), games=3) == 3
    assert run_games(store, Hands(store, clock), None, Silent(), games=9, seconds=1.5) == 2
    assert store.counts() == (10, 20)
    assert run_games(store, Hands(store, clock), None, Silent()) == 10


def test_a_game_that_kills_every_process_is_given_up(tmp_path: Path) -> None:
    store = Store.create(tmp_path, "league", SETTINGS)
    store.add([order(1)])

    class Dying:
        slots = 1

        def submit(self, number: int) -> None:
            self.number = number

        def wait(self, seconds: float) -> tuple[int, str] | None:
            return self.number, "it died"

        def close(self) -> None:
            return

    assert run_games(store, Dying(), None, Silent()) == 1
    (game,) = store.games()
    assert game.result is not None
    assert game.result.void == "it died, 3 times"


def test_players_that_do_not_exist_void_their_game_with_the_reason(tmp_path: Path) -> None:
    store = Store.create(tmp_path, "league", SETTINGS)
    store.add([order(1)])
    players = LocalPlayers(tmp_path, ROOT / "bots.yaml", 1)
    try:
        run_games(store, players, None, Silent())
    finally:
        players.close()
    (game,) = store.games()
    assert game.result is not None
    assert "no bot is called 'x'" in game.result.void


def test_the_commands_play_show_and_refuse(tmp_path: Path) -> None:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cherrypy_bot", "league", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)

    out = str(tmp_path / "league")
    run = ("run", "--games", "2", "--workers", "1", "--race", "zerg", "--loop-limit", "1500", "--out", out, "--json")
    found = call(*run)
    assert found.returncode == 0, found.stderr
    plain = json.loads(found.stdout)
    assert (plain["played"], plain["finished"]) == (2, 2)
    assert call("show", "--out", out).stdout.count("zerg explore") >= 1
    assert any((tmp_path / "league" / "curves").iterdir())
    refused = call(*run[:-1], "--seed", "9")
    assert refused.returncode == 2
    assert refused.stderr.strip().endswith("was begun with another seed; use another --out")
    late = call("run", "--budget", "soon", "--out", out, "--loop-limit", "1500")
    assert late.returncode == 2
    assert "'soon' is no time" in late.stderr
    nobody = call("matrix", "--opponent", "nobody", "--out", str(tmp_path / "m"))
    assert nobody.returncode == 2
    assert "no scripted opponent called 'nobody'" in nobody.stderr
