"""Frames a second of the map with many units, size of a long trace, and how long opening it takes, in Chromium.

    python -m tests.viewer.speed --units 400 --minutes 15

Prints a table and one JSON object. The trace is worse than a match: every unit moves in every step.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.viewer.browser import chromium_path, served
from tests.viewer.synthetic import write_crowd

_FRAMES = """(seconds) => new Promise((done) => {
  const times = [], work = [];
  const drawn = match.map.draw.bind(match.map);
  match.map.draw = (loop) => { const begun = performance.now(); drawn(loop); work.push(performance.now() - begun); };
  const end = performance.now() + seconds * 1000;
  const frame = (now) => {
    times.push(now);
    if (now < end) requestAnimationFrame(frame); else done({ times, work });
  };
  match.speed = 4;
  match.play(true);
  requestAnimationFrame(frame);
})"""


def measure(units: int, minutes: float, seconds: float) -> dict[str, Any]:
    """Open a trace of so many units, play it for `seconds`, and time the frames."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "crowd.world.cbtrace"
        write_crowd(path, units, int(minutes * 60 * 22.4))
        size = path.stat().st_size
        with served(path.parent) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{url}match?name=crowd")
            page.wait_for_selector(".map", timeout=60_000)
            opened = page.evaluate("match.openedMs")
            whole = page.evaluate(_FRAMES, seconds)
            page.evaluate("match.map.zoom(3)")
            near = page.evaluate(_FRAMES, seconds)
            browser.close()
    row: dict[str, Any] = {
        "units": units,
        "minutes": minutes,
        "trace_mb": round(size / 1e6, 2),
        "open_ms": round(opened),
    }
    for label, found in (("whole_map", whole), ("zoomed_in", near)):
        gaps = [after - before for before, after in zip(found["times"], found["times"][1:], strict=False)]
        row[label] = {
            "fps": round(1000 * len(gaps) / sum(gaps), 1),
            "frame_ms_median": round(statistics.median(gaps), 2),
            "frame_ms_p95": round(sorted(gaps)[int(0.95 * len(gaps))], 2),
            "draw_ms_median": round(statistics.median(found["work"]), 2),
        }
    return row


def main() -> None:
    """Measure as asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=400)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    row = measure(arguments.units, arguments.minutes, arguments.seconds)
    print(f"{row['units']} units, {row['minutes']:g} min: trace {row['trace_mb']} MB, opened in {row['open_ms']} ms")
    for label in ("whole_map", "zoomed_in"):
        found = row[label]
        print(
            f"  {label:10} {found['fps']:5.1f} fps, a frame every {found['frame_ms_median']} ms (95 %:"
            f" {found['frame_ms_p95']} ms), of which drawing takes {found['draw_ms_median']} ms"
        )
    print(json.dumps(row))


if __name__ == "__main__":
    main()
