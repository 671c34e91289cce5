"""`cherrypy-bot view` and `play --watch`, as a user meets them."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from cherrypy_bot.commands.view import LivePage
from cherrypy_bot.core.trace import TraceWriter
from tests.cli.command import Command


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "m.cbtrace"
    TraceWriter(path, {"bot": "cherry"}).close(result="Victory")
    return path


def test_a_match_is_exported_as_one_file(command: Command, trace: Path, tmp_path: Path) -> None:
    page = tmp_path / "deep" / "out.html"
    outcome = command("view", str(trace), "--export", str(page))
    assert outcome.code == 0, outcome.err
    assert "out.html" in outcome.out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("none.cbtrace",), "does not exist"),
        (("notes.txt",), "is no trace"),
        ((".", "--export", "x.html"), "name its trace"),
        (("m.cbtrace", "--export", "notes.txt/x.html"), "cannot be written"),
        (("m.cbtrace", "--host", "192.0.2.1", "--no-open"), "cannot listen at 192.0.2.1"),
    ],
)
def test_mistakes_end_with_one_line(
    command: Command,
    trace: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    (tmp_path / "notes.txt").write_text("no trace")
    monkeypatch.chdir(tmp_path)
    outcome = command("view", *arguments)
    assert outcome.code == 2
    assert sentence in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1


def test_without_traces_it_says_to_play_first(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = command("view")
    assert outcome.code == 2
    assert "play a match first" in outcome.err


def test_the_live_page_is_a_process_of_its_own_that_ends_with_the_match(trace: Path) -> None:
    with LivePage(trace.parent, "m") as page:
        assert page.url.endswith("/match?name=m")
        with urllib.request.urlopen(page.url, timeout=10) as answer:
            assert b"<title>" in answer.read()
        process = page._process
        assert process.poll() is None
    assert process.poll() is not None


def test_the_server_ends_with_whoever_started_it(trace: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cherrypy_bot.viewer", str(trace.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.stdin.close()
    assert process.wait(timeout=20) == 0
    process.stdout.close()
