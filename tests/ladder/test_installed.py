"""Finding a StarCraft II installation, and saying what to do where there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sc2 import paths as sc2_paths
from sc2.data import Difficulty, Race
from sc2.player import Bot, Computer

from cherrypy_bot.ladder.contender import Contender
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.installed import find_installation, missing_installation_message, play_installed
from cherrypy_bot.opponents.worker_rush import WorkerRush
from cherrypy_bot.sim.api.install import install

ROOT = Path(__file__).resolve().parents[2]


def installation_at(base: Path, builds: tuple[str, ...], maps: tuple[str, ...]) -> None:
    for build in builds:
        executable = base / "Versions" / build / sc2_paths.BINPATH[sc2_paths.PF]
        executable.parent.mkdir(parents=True)
        executable.touch()
    for name in maps:
        path = base / "Maps" / f"{name}.SC2Map"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_the_newest_build_under_sc2path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation_at(tmp_path, ("Base75689", "Base93333", "Base9999"), ("AcropolisLE", "LadderMaps/TorchesAIE_v4"))
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    found = find_installation()
    assert found.complete
    assert found.executable is not None
    assert found.executable.parent.name == "Base93333"
    assert found.maps == ("AcropolisLE", "TorchesAIE_v4")


def test_a_build_folder_without_the_game_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation_at(tmp_path, ("Base75689",), ())
    (tmp_path / "Versions" / "Base93333").mkdir()
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    executable = find_installation().executable
    assert executable is not None
    assert executable.parent.name == "Base75689"


def test_an_empty_sc2path_is_reported_with_what_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SC2PATH", str(tmp_path / "nowhere"))
    found = find_installation()
    assert not found.complete
    message = missing_installation_message(found)
    assert str(tmp_path / "nowhere") in message
    assert "no such folder" in message
    assert "--engine sim" in message


def test_without_sc2path_the_default_places_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SC2PATH", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sc2_paths, "BASEDIR", dict.fromkeys(sc2_paths.BASEDIR, "~/StarCraftII"))
    message = missing_installation_message(find_installation())
    assert "SC2PATH is not set" in message
    assert str(tmp_path / "StarCraftII") in message


def test_playing_without_the_game_says_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    with pytest.raises(MatchError, match="no StarCraft II installation") as caught:
        play(tmp_path, "AcropolisLE")
    assert "\n" not in str(caught.value)


def test_playing_on_a_map_that_is_not_installed_names_those_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation_at(tmp_path, ("Base93333",), ("AcropolisLE",))
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    with pytest.raises(MatchError, match=r"Nowhere is not installed.*AcropolisLE"):
        play(tmp_path, "Nowhere")


def test_a_game_that_is_installed_is_started_and_played(tmp_path: Path) -> None:
    """The tree of the engine is an installation like any other to this code."""
    environment = {**os.environ, "SC2PATH": str(install(tmp_path / "StarCraft II"))}
    config = ["--config", str(ROOT / "bots.yaml"), "--map", "OrchardLE", "--loop-limit", "600", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "cherrypy_bot.cli", "play", "worker_rush_zerg", "--engine", "sc2", *config],
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["engine"], report["map"]) == ("sc2", "OrchardLE")
    assert 560 <= report["loops"] <= 640
    assert set(report["results"].values()) == {"Tie"}
    assert Path(tmp_path, report["replay"]).stat().st_size > 0


def play(folder: Path, map_name: str) -> None:
    play_installed(
        (
            Contender("worker_rush_zerg", Bot(Race.Zerg, WorkerRush())),
            Contender("computer:terran:Easy", Computer(Race.Terran, Difficulty.Easy)),
        ),
        map_name,
        seed=1,
        realtime=False,
        game_step=4,
        replay=folder / "match.SC2Replay",
        loop_limit=1000,
    )
