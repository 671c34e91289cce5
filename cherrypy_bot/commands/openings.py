"""`cherrypy-bot sim openings`: real players' openings, played again on the embedded engine."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cherrypy_bot.sim.rules import DEFAULT_RULESET
from cherrypy_bot.sim.truth.openings import CHECKPOINTS, QUANTITIES, ROW_LOOPS, Outcome, play_openings, summary

NAMES = {
    "minerals": "minerals mined",
    "gas": "gas mined",
    "workers": "workers",
    "supply": "supply used",
    "supply_cap": "supply provided",
}

WIDTH = 96
"""Columns that the table of openings takes; on narrower terminals its lines wrap."""


def openings(console: Console, path: Path, map_name: str, *, as_json: bool) -> None:
    """Plays every opening of a folder; prints the tables, or one JSON object."""
    with console.status("playing") as status:
        outcomes = play_openings(path, map_name, lambda replay: status.update(f"playing {replay}"))
    if as_json:
        told = {"summary": summary(outcomes), "openings": [_as_json(outcome) for outcome in outcomes]}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    wide = Console(width=max(console.width, WIDTH))
    _print_openings(wide, outcomes)
    _print_summary(wide, outcomes)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    opening = outcome.opening
    first = outcome.first_difference
    return {
        "replay": opening.replay,
        "player": opening.player,
        "race": opening.race,
        "release": opening.release,
        "ruleset": opening.ruleset,
        "exact": opening.exact,
        "first_difference": None if first is None else {"loop": first[0], "item": first[1], "late_loops": first[2]},
        "not_started": outcome.never,
        "left_out": opening.left_out,
        "typical": {quantity: outcome.typical(quantity) for quantity in QUANTITIES},
        "rows": [{"loop": real.loop, "game": asdict(real), "engine": asdict(ours)} for real, ours in outcome.pairs()],
    }


def _print_openings(console: Console, outcomes: list[Outcome]) -> None:
    table = _table("engine less real game: minerals mined / supply used, at loop")
    table.add_column("opening", no_wrap=True)
    table.add_column("first late", no_wrap=True)
    for loop in CHECKPOINTS:
        table.add_column(f"{loop:,}", justify="right", no_wrap=True)
    for outcome in outcomes:
        first = outcome.first_difference
        late = "" if first is None else f"{first[0]} {first[1][:12]} +{first[2]}"
        table.add_row(Text(_title(outcome)), Text(late), *(_deltas(outcome, loop) for loop in CHECKPOINTS))
    console.print(table)
    console.print("first late: loop at which the real player started the first item that is late here, and by how much")
    older = sorted({o.opening.patch for o in outcomes if not o.opening.exact})
    if older:
        patches = ", ".join(".".join(map(str, patch)) for patch in older)
        console.print(f"* of patch {patches}, played with the rules of {DEFAULT_RULESET}", soft_wrap=True)
    for outcome in outcomes:
        for what, names in (("not started", outcome.never), ("left out, called off", outcome.opening.left_out)):
            if names:
                console.print(Text(f"{_title(outcome)}, {what}: {', '.join(names)}"), soft_wrap=True)


def _title(outcome: Outcome) -> str:
    """The replay's name without its release, and the initial of the player's race."""
    opening = outcome.opening
    name = opening.replay.removesuffix(".SC2Replay").removeprefix(f"{opening.release}_")
    return f"{name[:16]} {opening.race[0]}{'' if opening.exact else '*'}"


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))


def _deltas(outcome: Outcome, loop: int) -> str:
    """Differences at the last row up to a loop; empty after the end of the opening."""
    for real, ours in reversed(outcome.pairs()):
        if loop - ROW_LOOPS < real.loop <= loop:
            return f"{ours.minerals - real.minerals:+.0f}/{ours.supply - real.supply:+g}"
    return ""


def _print_summary(console: Console, outcomes: list[Outcome]) -> None:
    table = _table("medians over all openings; typical: median over an opening's rows, sign left out")
    table.add_column("")
    table.add_column("typical", justify="right")
    for loop in CHECKPOINTS:
        table.add_column(f"{loop:,}", justify="right")
    for quantity, medians in summary(outcomes).items():
        table.add_row(NAMES[quantity], *(_percent(name, share) for name, share in medians.items()))
    console.print(table)


def _percent(name: str, share: float | None) -> str:
    if share is None:
        return ""
    return f"{100 * share:.1f} %" if name == "typical" else f"{100 * share:+.1f} %"
