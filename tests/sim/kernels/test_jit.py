"""Where compiled kernels are kept, and whether they are there."""

from pathlib import Path

import pytest

from cherrypy_bot.sim.kernels import is_compiled, jit
from tests.sim.scenario import Scenario


def test_kernels_that_ran_are_compiled() -> None:
    """Who asks before a match is told the truth: no rehearsal and no warning where nothing is to compile."""
    Scenario().run(1)
    assert is_compiled()


def test_kernels_of_other_sources_are_not_these(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and one that a checkout at another place filled, do not count."""
    monkeypatch.setattr(jit, "CACHE_DIR", tmp_path)
    assert not is_compiled()
    elsewhere = tmp_path / "kernels_0123456789"
    elsewhere.mkdir()
    (elsewhere / "loop.run_loops-32.py311.nbi").touch()
    assert not is_compiled()
