"""Fixtures of the command line's tests."""

from __future__ import annotations

import pytest

from tests.cli.command import Command


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`cherrypy-bot`, callable with its arguments."""
    return Command(monkeypatch, capsys)
