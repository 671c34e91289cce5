"""Compiling before the clock runs."""

import pytest

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim.api import rehearsal


def test_an_engine_that_was_never_compiled_plays_its_first_loops_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "is_compiled", lambda: False)
    assert rehearsal.compile_engine()


def test_a_compiled_engine_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "is_compiled", lambda: True)
    assert not rehearsal.compile_engine()
