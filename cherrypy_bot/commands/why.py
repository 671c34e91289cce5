"""`cherrypy-bot why`: what a unit of ours was doing at some moment of a match, and which decisions led there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cherrypy_bot.commands.console import game_clock
from cherrypy_bot.commands.moments import loop_at
from cherrypy_bot.core.errors import ConfigError
from cherrypy_bot.core.explain import Explanation, explain, why
from cherrypy_bot.core.trace import Trace, read_trace
from cherrypy_bot.ladder.report import LOOPS_PER_SECOND


def run(console: Console, file: Path, unit: str | None, at: str | None, *, as_json: bool) -> None:
    """Explain one unit, or list the units there were, with their tags. TraceError, ConfigError on mistakes."""
    trace = read_trace(file)
    if trace.problem:
        sys.stderr.write(f"{trace.problem}\n")
    first, last = (trace.records[i]["loop"] if trace.records else 0 for i in (0, -1))
    loop = last if at is None else max(first, min(loop_at(at), last))
    if unit is not None and unit.isdecimal():
        found = why(trace, int(unit), loop)
        if not found.known:
            raise ConfigError(f"the trace knows no unit {unit} of ours by {_clock(loop)}; leave out --unit for a list")
        _show_one(console, found, as_json=as_json)
        return
    tags = _own_units(trace, loop, unit)
    if not tags:
        what = f"no {unit}" if unit else "no unit"
        raise ConfigError(f"there was {what} of ours at {_clock(loop)}; leave out --unit or give another --at")
    _show_all(console, explain(trace, tags, loop), loop, as_json=as_json)


def _own_units(trace: Trace, loop: int, kind: str | None) -> list[int]:
    """Tags of our units at a loop, of one type or of all, by type and tag."""
    seen = trace.units_at(loop)
    me = next((int(player) for player, facts in trace.players.items() if facts.get("me")), 1)
    named = [
        (_type_name(trace, int(kind_id)), int(tag))
        for tag, kind_id, owner in zip(seen.tags, seen.column("type"), seen.column("owner"), strict=True)
        if int(owner) == me
    ]
    return [tag for name, tag in sorted(named) if kind is None or name.lower() == kind.lower()]


def _type_name(trace: Trace, type_id: int) -> str:
    return str(trace.types.get(str(type_id), {}).get("name", type_id))


def _show_one(console: Console, found: Explanation, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(_facts(found)) + "\n")
        return
    for line in found.lines():
        console.print(escape(line), highlight=False, soft_wrap=True)


def _show_all(console: Console, units: list[Explanation], loop: int, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([_facts(found) for found in units]) + "\n")
        return
    table = Table("tag", "unit", "task", "last order", "decided by", title=f"our units at {_clock(loop)}")
    for found in units:
        task = f"{found.task.get('name', '')} ({found.task.get('by', '?')})" if found.task else "none"
        order = f"{found.ability_name} at {_clock(found.order_loop)}" if found.order is not None else ""
        table.add_row(str(found.tag), *(escape(text) for text in (found.kind, task, order, found.decided_by)))
    console.print(table)


def _facts(found: Explanation) -> dict[str, Any]:
    order = found.order
    return {
        "unit": found.tag,
        "type": found.kind,
        "loop": found.loop,
        "task": found.task,
        "order": None
        if order is None
        else {
            "loop": found.order_loop,
            "ability": order[1],
            "name": found.ability_name,
            "target": order[2],
            "queued": bool(order[3]),
        },
        "decided_by": found.decided_by,
        "chain": found.chain,
    }


def _clock(loop: int) -> str:
    return game_clock(loop / LOOPS_PER_SECOND)
