"""An SC2PATH tree on which programs that this project did not write play whole games."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cherrypy_bot.sim.api.install import InstallError, install
from cherrypy_bot.sim.maps import load_map, shipped_maps

PROGRAM = Path(__file__).with_name("plain_bot.py")


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    return install(tmp_path_factory.mktemp("StarCraft II"))


def run(tree: Path, mode: str, folder: Path) -> str:
    """Output of the plain program, started in a folder of its own with our tree as the game."""
    environment = {**os.environ, "SC2PATH": str(tree)}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-P", str(PROGRAM), mode],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_a_plain_bot_plays_the_computer_to_a_result(tree, tmp_path):
    assert "result ['Victory']" in run(tree, "computer", tmp_path)


def test_two_plain_bots_play_each_other_over_two_processes(tree, tmp_path):
    output = run(tree, "duel", tmp_path)
    assert "result ['Victory', 'Defeat']" in output


def test_the_tree_holds_every_shipped_map_as_a_file(tree):
    for name in shipped_maps():
        assert load_map(str(tree / "Maps" / f"{name}.SC2Map")).name == name


def test_installing_again_updates_the_tree(tree):
    (tree / ".build.info").unlink()
    assert install(tree) == tree
    assert (tree / ".build.info").is_file()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "Versions").mkdir()
    with pytest.raises(InstallError, match="not empty"):
        install(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["Versions"]


def test_a_file_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InstallError, match="folder"):
        install(tmp_path / "file" / "tree")
