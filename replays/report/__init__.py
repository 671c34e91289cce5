"""Explains a game in one self-contained HTML page: no scripts, nothing loaded, everything from the file escaped.

`page` puts the page together, `charts` and `minimap` draw SVG, `style` holds the CSS.
"""

from __future__ import annotations

from pathlib import Path

from replays.errors import ReplayError, shown
from replays.model import ReplayData
from replays.report.page import render

__all__ = ["render", "write_report"]


def write_report(replay: ReplayData, output: Path) -> None:
    """Writes the page about a replay.

    Raises:
        ReplayError: where the file cannot be written.
    """
    page = render(replay)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ReplayError(f"{shown(output)}: it cannot be written ({error.strerror}); name another file") from error
