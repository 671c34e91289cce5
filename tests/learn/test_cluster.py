"""The same games on a Ray cluster of two nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cherrypy_bot.learn.episodes import read_episodes
from cherrypy_bot.learn.league.cluster import RayPlayers, play_remote
from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import GameResult
from cherrypy_bot.learn.league.run import run_games
from cherrypy_bot.learn.league.store import EPISODES, Store
from cherrypy_bot.learn.league.workers import ROOT
from tests.learn.test_league import SETTINGS, Silent, order, short

CONFIG = ROOT / "bots.yaml"


def test_games_are_played_on_two_nodes_and_kept_here(tmp_path: Path) -> None:
    ray = pytest.importorskip("ray", reason="Ray is not installed (pip install 'cherrypy_bot[ray]')")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        cluster.add_node(num_cpus=1)
        store = Store.create(tmp_path, "league", SETTINGS)
        store.add([short(1), short(2), order(3)])
        players = RayPlayers(tmp_path, CONFIG, cluster.address, 8)
        assert players.slots == 2
        assert len(ray.nodes()) == 2
        try:
            assert run_games(store, players, None, Silent()) == 3
        finally:
            players.close()
    finally:
        cluster.shutdown()
    results = [game.result for game in store.games()]
    assert all(result is not None for result in results)
    assert "no bot is called 'x'" in str(results[2])
    keys = {one.key for one in read_episodes(tmp_path / EPISODES)}
    assert keys == {f"{short(seed).game_id}/0" for seed in (1, 2)}


def test_a_game_travels_as_text_and_comes_back_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    result, episodes = play_remote(short(1).to_json(), CONFIG.read_text(encoding="utf-8"))
    assert GameResult.from_json(result).kept == len(episodes) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


def test_without_ray_or_without_a_cluster_the_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(LeagueError, match=r"pip install 'cherrypy_bot\[ray\]'"):
        RayPlayers(tmp_path, CONFIG, "auto", 1)
