"""`cherrypy-bot sim conform`: the embedded engine's data and durations, compared with captures of the real game."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cherrypy_bot.sim.truth.conform import Conformance, Difference, Tally
from cherrypy_bot.sim.truth.conform import conform as compare
from cherrypy_bot.sim.truth.durations import TOLERANCE, Duration, compare_durations

SHOWN_DIFFERENCES = 200


def conform(console: Console, path: Path, ruleset: str, *, durations: bool, as_json: bool) -> None:
    """Compares a ruleset with captures; prints the tables, or one JSON object."""
    report = compare(path, ruleset)
    played: list[Duration] | None = None
    if durations:
        with console.status("playing") as status:
            played = compare_durations(path, lambda name: status.update(f"playing {name}"))
    if as_json:
        sys.stdout.write(json.dumps(_as_json(report, played)) + "\n")
        return
    _print_fields(console, path, report)
    if played is not None:
        _print_durations(console, played)


def _as_json(report: Conformance, played: list[Duration] | None) -> dict[str, Any]:
    out: dict[str, Any] = {
        "ruleset": report.ruleset,
        "share": report.share,
        "kinds": [_tally_json(t) for t in report.tallies],
        "differences": [_difference_json(d) for d in report.differences],
        "beyond_melee": [_tally_json(t) for t in report.beyond],
        "beyond_melee_differences": [_difference_json(d) for d in report.beyond_differences],
        "notes": report.notes,
    }
    if played is not None:
        out["durations"] = [
            {**asdict(d), "error": None if math.isnan(d.error) else d.error, "agrees": d.agrees} for d in played
        ]
    return out


def _tally_json(tally: Tally) -> dict[str, Any]:
    return {
        "kind": tally.kind,
        "entries": tally.entries,
        "fields": tally.fields,
        "equal": tally.equal,
        "different": tally.fields - tally.equal,
    }


def _difference_json(difference: Difference) -> dict[str, Any]:
    return asdict(difference)


def _print_fields(console: Console, path: Path, report: Conformance) -> None:
    table = Table(title=f"ruleset {report.ruleset} against {path}", title_justify="left", title_style="bold")
    table.add_column("fields of")
    for name in ("entries", "compared", "equal", "different"):
        table.add_column(name, justify="right")
    table.add_column("", justify="right")
    for tally in report.tallies:
        _add_tally(table, tally.kind, tally)
    total = Tally("all", *(sum(getattr(t, part) for t in report.tallies) for part in ("entries", "fields", "equal")))
    table.add_section()
    _add_tally(table, "all of melee", total)
    for tally in report.beyond:
        _add_tally(table, f"{tally.kind} beyond melee", tally)
    console.print(table)
    for note in report.notes:
        console.print(Text(note), soft_wrap=True)
    for difference in report.differences[:SHOWN_DIFFERENCES]:
        line = (
            f"{difference.kind} {difference.id} {difference.name}: {difference.field} is "
            f"{_value(difference.game)} in the game, {_value(difference.ours)} here"
        )
        console.print(Text(line + (f" ({difference.note})" if difference.note else "")), soft_wrap=True)
    left = len(report.differences) - SHOWN_DIFFERENCES
    if left > 0:
        console.print(f"and {left} more; --json lists them all")


def _value(value: Any) -> str:
    return "left out" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _add_tally(table: Table, name: str, tally: Tally) -> None:
    counts = (tally.entries, tally.fields, tally.equal, tally.fields - tally.equal)
    table.add_row(name, *(f"{count:,}" for count in counts), f"{100 * tally.share:.2f} %")


def _print_durations(console: Console, played: list[Duration]) -> None:
    table = Table(title="durations measured in replays, played here", title_justify="left", title_style="bold")
    table.add_column("measured as")
    for name in ("rows", "exact", f"within {100 * TOLERANCE:g} %", "different", "left out"):
        table.add_column(name, justify="right")
    for kind in [*dict.fromkeys(d.kind for d in played), "all"]:
        rows = [d for d in played if kind in (d.kind, "all")]
        told = [d for d in rows if not d.left_out]
        exact, near = sum(d.error == 0 for d in told), sum(d.agrees for d in told)
        if kind == "all":
            table.add_section()
        cells = (len(rows), exact, near, len(told) - near, len(rows) - len(told))
        table.add_row(kind, *(str(cell) for cell in cells))
    console.print(table)
    for reason, count in Counter(d.left_out for d in played if d.left_out).most_common():
        console.print(f"left out: {count} rows, {reason}", soft_wrap=True)
    for d in played:
        if not d.left_out and not d.agrees:
            line = f"{d.kind} {d.name} of {d.release}: {d.measured:g} loops in the game, {d.engine:g} here"
            console.print(Text(line), soft_wrap=True)
