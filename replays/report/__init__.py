"""Explains a game in one self-contained HTML page: no scripts, nothing loaded, everything from the file escaped.

`page` puts the page together, `charts` and `minimap` draw SVG, `decisions` tells what a bot thought, `style` holds the
CSS.
"""

from __future__ import annotations

from pathlib import Path

from cherrypy_bot.core.trace_read import read_trace
from replays.errors import ReplayError, shown
from replays.model import ReplayData
from replays.report.decisions import decisions_of
from replays.report.page import render

__all__ = ["render", "write_report"]


def write_report(replay: ReplayData, output: Path, trace: Path | None = None) -> None:
    """Writes the page about a replay.

    Args:
        trace: of a bot that played in it: the page then says what it decided.

    Raises:
        ReplayError: where the file cannot be written, or the trace is of another match. TraceError: where it is none.
    """
    page = render(replay, decisions_of(read_trace(trace), replay) if trace is not None else None)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ReplayError(f"{shown(output)}: it cannot be written ({error.strerror}); name another file") from error
