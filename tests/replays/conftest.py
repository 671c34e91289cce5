"""Fixtures of the replays' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.replays.synthetic import Game


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """`cherrypy-bot` run in an empty folder, so that caches go there."""
    monkeypatch.chdir(tmp_path)
    return Command(monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three sound replays in it and below, and three that are not."""
    folder = tmp_path / "games"
    (folder / "more").mkdir(parents=True)
    zerg = Game("Zerg", "Terran", names=["Cid", "Ann"], results=[2, 1])
    pool = zerg.place(1, "SpawningPool", 403, done=1443)
    zerg.kill(pool, 4000, by=2)
    for name, game in (("a", Game()), ("b", zerg), ("more/c", Game("Terran", "Terran", names=["Ann", "Dan"]))):
        (folder / f"{name}.SC2Replay").write_bytes(game.replay())
    (folder / "empty.SC2Replay").write_bytes(b"")
    (folder / "cut.SC2Replay").write_bytes(Game().replay()[:1500])
    (folder / "wrong.sc2replay").write_bytes(b"PK\x03\x04")
    (folder / "notes.txt").write_text("no replay, not looked at")
    return folder
