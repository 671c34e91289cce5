"""What every benchmark shares: the machine, the table, the JSON, and the comparison with the last record."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "out" / "benchmarks"
TABLE_WIDTH = 130
RECORDS = ROOT / "benchmarks" / "records.jsonl"


@dataclass(frozen=True)
class Row:
    """One measured quantity.

    Attributes:
        name: what was measured; the key under which records are compared.
        value: median of the runs.
        unit: unit of the value, as in "loops/s".
        lowest: least value of the runs.
        highest: greatest value of the runs.
        target: the value that must hold, as text ("at least 5,000"), empty where none is set.
        met: whether it holds, None where no target is set.
    """

    name: str
    value: float
    unit: str
    lowest: float
    highest: float
    target: str = ""
    met: bool | None = None


def measured(
    name: str, values: list[float], unit: str, *, at_least: float | None = None, at_most: float | None = None
) -> Row:
    """Median, extremes and verdict of repeated measurements of one quantity."""
    middle = statistics.median(values)
    target, met = "", None
    if at_least is not None:
        target, met = f"at least {at_least:,g}", middle >= at_least
    elif at_most is not None:
        target, met = f"at most {at_most:,g}", middle <= at_most
    return Row(name, middle, unit, min(values), max(values), target, met)


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def arguments(description: str) -> argparse.ArgumentParser:
    """The flags every benchmark takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=3, help="runs per row; the table shows their median")
    parser.add_argument("--record", action="store_true", help="append this run to benchmarks/records.jsonl")
    parser.add_argument("--json", action="store_true", help="print the JSON and no table")
    return parser


def machine() -> dict[str, Any]:
    """What the numbers depend on."""
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "versions": {package: importlib.metadata.version(package) for package in ("numpy", "numba", "burnysc2")},
    }


def publish(benchmark: str, rows: list[Row], host: dict[str, Any], options: argparse.Namespace) -> None:
    """Prints the rows, writes them to out/benchmarks, and records them where asked to."""
    result = {
        "benchmark": benchmark,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": host,
        "runs": options.runs,
        "rows": [asdict(row) for row in rows],
    }
    previous = _last_record(benchmark, str(host["cpu"]))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    written = OUTPUT / f"{benchmark}-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    written.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if options.record:
        with RECORDS.open("a", encoding="utf-8") as records:
            records.write(json.dumps(result) + "\n")
    if options.json:
        print(json.dumps(result))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=TABLE_WIDTH)
    console.print(_table(benchmark, rows, host, previous))
    console.print(f"written to {written.relative_to(ROOT)}")


def _table(benchmark: str, rows: list[Row], host: dict[str, Any], previous: dict[str, float]) -> Table:
    table = Table(title=f"{benchmark} on {host['cpu']}, {host['cores']} cores, load {host['load_before']}")
    table.add_column("what")
    for column in ("median", "range", "target", "last record"):
        table.add_column(column, justify="right")
    for row in rows:
        verdict = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[row.met]
        last = previous.get(row.name)
        change = f"{last:,.4g} ({row.value / last - 1:+.0%})" if last else ""
        table.add_row(
            row.name,
            f"{row.value:,.4g} {row.unit}",
            f"{row.lowest:,.4g} - {row.highest:,.4g}",
            f"{row.target} {verdict}".strip(),
            change,
        )
    return table


def _last_record(benchmark: str, cpu: str) -> dict[str, float]:
    """Values of the newest record of this benchmark on this kind of CPU; empty where there is none."""
    if not RECORDS.is_file():
        return {}
    found: dict[str, float] = {}
    for line in RECORDS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["benchmark"] == benchmark and record["machine"]["cpu"] == cpu:
            found = {row["name"]: row["value"] for row in record["rows"]}
    return found


def _cpu_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str | None:
    answer = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or None
