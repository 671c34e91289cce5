"""Explains a game in one self-contained HTML page: no scripts, nothing loaded, everything from the file escaped.

`page` puts the page together, `charts` and `minimap` draw SVG, `decisions` tells what a bot thought, `style` holds the
CSS.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cherrypy_bot.core.trace_read import read_trace
from replays.errors import ReplayError, shown
from replays.model import ReplayData
from replays.report.decisions import decisions_of
from replays.report.page import render

__all__ = ["render", "report_page", "write_report"]


def report_page(replay: ReplayData, traces: Sequence[Path] = ()) -> str:
    """The page about a replay.

    Args:
        traces: of bots that played in it: the page then says what they decided.

    Raises:
        ReplayError: where a trace is of another match. TraceError: where it is none.
    """
    return render(replay, [decisions_of(read_trace(trace), replay) for trace in traces])


def write_report(replay: ReplayData, output: Path, traces: Sequence[Path] = ()) -> None:
    """Writes the page about a replay, see `report_page`; ReplayError also where the file cannot be written."""
    page = report_page(replay, traces)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ReplayError(f"{shown(output)}: it cannot be written ({error.strerror}); name another file") from error
