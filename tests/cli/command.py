"""Runs `cherrypy-bot` in this process."""

from __future__ import annotations

import sys
from typing import NamedTuple

import pytest

from cherrypy_bot.cli import main


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Command:
    """Calls the entry point as the shell does and keeps exit code, stdout and stderr."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Outcome:
        self._monkeypatch.setattr(sys, "argv", ["cherrypy-bot", *arguments])
        self._monkeypatch.setenv("COLUMNS", "200")
        code = 0
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        captured = self._capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    def refused(self, *arguments: str) -> str:
        """The one line on stderr of a command that must end with exit code 2 and print nothing else."""
        outcome = self(*arguments)
        assert outcome.code == 2, outcome
        assert outcome.out == ""
        lines = outcome.err.splitlines()
        assert len(lines) == 1, outcome.err
        return lines[0]
