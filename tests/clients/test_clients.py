"""Clients that other people wrote play whole games, as far as they are installed."""

from pathlib import Path

import pytest

from cherrypy_bot.sim.api.install import install
from tests.clients.programs import PROGRAMS, Program, play


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    return install(tmp_path_factory.mktemp("clients") / "StarCraft II")


@pytest.mark.parametrize("kind", ["computer", "duel"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_client_of_another_package_plays_to_a_result(program: Program, kind: str, tree, tmp_path):
    if not program.interpreter.exists():
        pytest.skip(f"{program.name} is not installed; `python -m tests.clients.programs` does that")
    play(program, kind, tree, tmp_path)
